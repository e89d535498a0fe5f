"""The Cabinet page: its four concerns by name, each with value, target, state and trend, per line.

Printed by files.py. The letter of the Cabinet named them: too few staff, the number cannot be
reached, long waits, nobody answers. Staff belongs to queues, everything else to lines.
"""

from callcenter.oversight.dashboards import queries as q
from callcenter.oversight.dashboards.page import Page, Row
from callcenter.oversight.dashboards.panels import (
    SHARE,
    STATE,
    Look,
    Placed,
    Query,
    course,
    figure,
    note,
    now,
    share,
    trend,
)
from callcenter.oversight.dashboards.targets import (
    ADMITTED,
    ANSWERED,
    BLUE,
    SERVICE_LEVEL_20,
    STARVED,
    Target,
)
from callcenter.oversight.dashboards.words import NO_CALLS, NOBODY, Words

STARVED_TIME = f"avg_over_time(queue:hotline_starved:bool{{{q.QUEUE}}}{q.WINDOW})"
REJECTED = q.increase(
    "hotline_calls_rejected_total",
    f'reason=~"queue_full|no_operators|error",{q.LINE}',
)
REACHED = f"1 - {q.over(REJECTED, q.increase('hotline_calls_received_total', q.LINE))}"
IN_TIME = q.service_level("hotline", 20)
ANSWER_RATE = q.over(q.ended("answered"), q.eligible())


def concern(
    title: Words,
    what: Words,
    value: str,
    target: Target,
    course_of_it: tuple[Query, ...],
    *,
    legend: str = "{{line}}",
    empty: Words = NO_CALLS,
) -> Row:
    """The four panels that every concern has."""
    about = Words(
        f"{what.thai} ในช่วงเวลาที่เลือก", f"{what.english} over the chosen time ({target.basis})"
    )
    state = Look(steps=STATE.steps, states=STATE.states, empty=empty)
    panels: list[Placed] = [
        figure(what, about, now(value, legend), look=share(target, empty), width=6, height=6),
        figure(
            Words(f"เป้าหมาย {target.name}", f"target {target.name}"),
            Words(f"ที่มา: {target.basis}", f"basis: {target.basis}"),
            now(f"vector({target.good})", target.name),
            look=Look(unit=SHARE, steps=[(None, BLUE)], empty=empty),
            width=3,
            height=6,
        ),
        figure(
            Words("สถานะ", "state"),
            Words(
                "ผ่าน = ถึงเป้าหมาย, เฝ้าระวัง = ใกล้เป้าหมาย, ไม่ผ่าน = ต่ำกว่าเกณฑ์",
                "met = target reached, watch = close to it, missed = below the limit",
            ),
            now(target.state(value), legend),
            look=state,
            width=6,
            height=6,
        ),
        trend(
            Words("แนวโน้ม", "trend"),
            Words(
                "ค่าที่บันทึกทุก 15 วินาทีจากช่วงเวลาก่อนหน้า; ช่องว่างคือไม่มีสาย",
                "recorded every 15 seconds over the time before it; a gap is a time without calls",
            ),
            *course_of_it,
            look=share(target, empty),
            width=9,
            height=6,
        ),
    ]
    return Row(title=title, panels=panels)


PAGE = Page(
    uid="hotline-cabinet",
    title=Words("สี่ข้อห่วงใยของคณะรัฐมนตรี", "The Cabinet's four concerns"),
    about=Words(
        "สี่ข้อตามหนังสือคณะรัฐมนตรี: ค่า เป้าหมาย สถานะ และแนวโน้ม แยกตามสายด่วน",
        "The four failures the Cabinet named: value, target, state and trend, by line",
    ),
    since="now-24h",
    rows=(
        concern(
            Words("1 บุคลากรไม่เพียงพอ", "1 Too few staff"),
            Words("เวลาที่มีผู้รอแต่ไม่มีใครว่าง", "time with callers waiting, nobody free"),
            STARVED_TIME,
            STARVED,
            (course(f"queue:hotline_starved:ratio1h{{{q.QUEUE}}}", "{{queue}}"),),
            legend="{{queue}}",
            empty=NOBODY,
        ),
        concern(
            Words("2 โทรติดต่อตามหมายเลขที่แจ้งไว้ไม่ได้", "2 The number cannot be reached"),
            Words("สายที่เข้าได้", "calls let in"),
            REACHED,
            ADMITTED,
            (course(f"1 - line:hotline_rejected:ratio15m{{{q.LINE}}}"),),
        ),
        concern(
            Words("3 ต้องรอสายเป็นเวลานาน", "3 Long waits"),
            Words("รับสายภายใน 20 วินาที", "answered within 20 s"),
            IN_TIME,
            SERVICE_LEVEL_20,
            (course(q.recorded_level(20), "{{line}} ≤ 20 s"),),
        ),
        concern(
            Words("4 ไม่มีผู้รับสาย", "4 Nobody answers"),
            Words("สายที่มีผู้รับ", "calls answered"),
            ANSWER_RATE,
            ANSWERED,
            (course(f"line:hotline_answered:ratio1h{{{q.LINE}}}"),),
        ),
        Row(
            title=Words("วิธีอ่าน", "How to read this"),
            panels=(
                note(
                    Words("นิยาม", "definitions"),
                    Words("ความหมายของตัวเลขในหน้านี้", "what the figures on this page mean"),
                    "ตัวหาร = สายที่เข้าคิวและสิ้นสุดแล้ว ไม่นับสายที่วางภายใน 5 วินาที · "
                    "เวลารอนับตั้งแต่สายเข้า · ความถูกต้องของคำตอบยังไม่มีการวัด · "
                    "ตัวเลขทางการมาจากฐานข้อมูล\n\n"
                    "Denominator = calls that were queued and have ended, less those who hung up "
                    "within 5 seconds · waits count from arrival · whether answers are correct is "
                    "not measured yet · official figures come from the database (this page counts "
                    "a call when it ends, reports when it arrived).",
                ),
            ),
        ),
    ),
)
