"""The Cabinet page: its four concerns by name, each with value, target, state and trend.

Printed by files.py. The letter of the Cabinet named them: too few staff and wrong answers, the
number cannot be reached, long waits, nobody answers. Staff belongs to queues, everything else to
lines. A percentage of fewer than 20 calls is shown as "few calls", with both counts beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.oversight.dashboards import queries as q
from callcenter.oversight.dashboards.page import Page, Row
from callcenter.oversight.dashboards.panels import (
    SHARE,
    STATE,
    Look,
    Placed,
    course,
    figure,
    note,
    now,
    number,
    share,
    trend,
)
from callcenter.oversight.dashboards.targets import (
    ADMITTED,
    ANSWERED,
    BLUE,
    CORRECT,
    COVERED,
    GREY,
    SERVICE_LEVEL_20,
    STARVED,
    THERE,
    Target,
)
from callcenter.oversight.dashboards.words import (
    FEW_CALLS,
    NO_CALLS,
    NOBODY,
    NOT_KNOWN,
    NOT_MEASURED,
    NOTHING,
    Words,
)

STARVED_TIME = f"avg_over_time(queue:hotline_starved:bool{{{q.QUEUE}}}{q.WINDOW})"
CAME = q.increase("hotline_calls_offered_total", q.QUEUE, "queue")
STOOD = f"sum by (queue) (max_over_time(hotline_queue_waiting{{{q.QUEUE}}}{q.WINDOW}))"
STARVED_WITH_CALLS = f"{STARVED_TIME} / ({CAME} + {STOOD} > bool 0.5)"
COVERED_TIME = f"avg_over_time(queue:hotline_covered:bool{{{q.QUEUE}}}{q.WINDOW})"
JUDGED = 'sum(hotline_quality_judged{aspect="correct",verdict=~"yes|no"})'
WRONG = f'sum(hotline_quality_judged{{aspect="correct",verdict="no"}}) / {JUDGED}'
RECEIVED = q.increase("hotline_calls_received_total", q.LINE)
REFUSED = q.increase("hotline_calls_rejected_total", f"{q.REFUSED},{q.LINE}")
# A service that was away reported nothing about Asterisk, so each failed scrape counts as away.
CONNECTED = (
    f"sum(sum_over_time(hotline_ari_connected{q.WINDOW}))"
    f' / sum(count_over_time(up{{job="callcenter"}}{q.WINDOW}))'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One value of a concern. `counted`: the number of calls of which it is a share, if it is one.
    `of_trunks`: it is about trunks, whose carriers may not be asked."""

    what: Words
    value: str
    target: Target
    legend: str
    empty: Words = NO_CALLS
    counted: str = ""
    of_trunks: bool = False
    width: int = 7
    height: int = 5

    def figure(self) -> Placed:
        """The value in the colour of its target."""
        about = Words(
            f"{self.what.thai} ในช่วงเวลาที่เลือก เป้าหมาย {self.target.name}",
            f"{self.what.english} over the chosen time, target {self.target.name}"
            f" ({self.target.basis})",
        )
        shown = now(self._guarded(self.value), self.legend)
        look = share(self.target, self.empty)
        return figure(self.what, about, shown, look=look, width=self.width, height=self.height)

    def state(self) -> str:
        """2, 1 or 0 for the panel of states; -1 for few calls."""
        return self._guarded(self.target.state(self.value))

    def _guarded(self, value: str) -> str:
        if self.of_trunks:
            return q.or_not_known(value)
        return q.of_enough(value, self.counted) if self.counted else value


def target_of(measure: Measure) -> Placed:
    """The target value."""
    target = measure.target
    return figure(
        Words("เป้าหมาย", "target"),
        Words(f"ที่มา: {target.basis}", f"basis: {target.basis}"),
        now(f"vector({target.good})", target.name),
        look=Look(unit=SHARE, steps=[(None, BLUE)], empty=NOTHING),
        width=3,
    )


def states_of(measures: Sequence[Measure]) -> Placed:
    """One word for each line, queue or part."""
    return figure(
        Words("สถานะ", "state"),
        Words(
            "ผ่าน = ถึงเป้าหมาย, เฝ้าระวัง = ใกล้เป้าหมาย, ไม่ผ่าน = ต่ำกว่าเกณฑ์, สายน้อย = ไม่ถึง 20 สาย",
            "met = target reached, watch = close to it, missed = below the limit, "
            "few calls = fewer than 20",
        ),
        *(now(measure.state(), measure.legend) for measure in measures),
        look=Look(steps=STATE.steps, states=STATE.states, empty=measures[0].empty),
        width=7,
    )


def counts_of(what: Words, part: str, whole: str) -> Placed:
    """Two counts by line: the part and the whole."""
    return figure(
        what,
        Words("จำนวนสายในช่วงเวลาที่เลือก", "calls over the chosen time"),
        now(q.of_how_many(part, whole), "{{line}}: จาก/of {{of}}"),
        look=number(color=GREY),
        width=7,
    )


def trend_of(record: str, legend: str, target: Target, *, width: int = 24) -> Placed:
    """The course of the value. Each point is for the day before it."""
    return trend(
        Words("แนวโน้ม", "trend"),
        Words(
            "แต่ละจุดคือ 24 ชั่วโมงก่อนหน้า; ช่องว่างคือไม่ถึง 20 สาย",
            "each point is the 24 hours before it; a gap is a day of fewer than 20 calls",
        ),
        course(record, legend),
        look=share(target, FEW_CALLS),
        width=width,
        height=6,
    )


STARVING = Measure(
    what=Words("มีผู้รอแต่ไม่มีใครว่าง", "callers waiting, nobody free"),
    value=STARVED_WITH_CALLS,
    target=STARVED,
    legend="{{queue}}",
)
STAFFED = Measure(
    what=Words("เวลาที่มีผู้ปฏิบัติงาน", "somebody on duty"),
    value=COVERED_TIME,
    target=COVERED,
    legend="{{queue}}: มีเวร/on duty",
    empty=NOBODY,
)
LET_IN = Measure(
    what=Words("สายที่เข้าได้", "calls let in"),
    value=q.admitted(),
    target=ADMITTED,
    legend="{{line}}",
    counted=RECEIVED,
)
LET_IN_OF_ALL = Measure(
    what=Words("เข้าได้จากทั้งหมด", "let in of all"),
    value=q.admitted_of_all(),
    target=ADMITTED,
    legend="ทุกสาย/all lines",
    counted=f"({q.calls_of_the_trunks()})",
    width=5,
    height=6,
)
TRUNK_UP = Measure(
    what=Words("วงจรใช้ได้", "trunk up"),
    value=q.trunk_up(),
    target=THERE,
    legend="วงจร/trunk {{trunk}}",
    empty=NOT_KNOWN,
    of_trunks=True,
    width=5,
    height=6,
)
SERVICE_THERE = Measure(
    what=Words("ระบบพร้อม", "system there"),
    value=CONNECTED,
    target=THERE,
    legend="Asterisk",
    empty=NOT_KNOWN,
    width=5,
    height=6,
)
IN_TIME = Measure(
    what=Words("รับสายภายใน 20 วินาที", "answered within 20 s"),
    value=q.service_level("hotline", 20),
    target=SERVICE_LEVEL_20,
    legend="{{line}}",
    counted=q.eligible(),
)
ANSWER_RATE = Measure(
    what=Words("สายที่มีผู้รับ", "calls answered"),
    value=q.over(q.ended("answered"), q.eligible()),
    target=ANSWERED,
    legend="{{line}}",
    counted=q.eligible(),
)
WAITED_LITTLE = q.increase(
    "hotline_call_wait_seconds_bucket", f'outcome="answered",le="20.0",{q.LINE}'
)

PAGE = Page(
    uid="hotline-cabinet",
    title=Words("สี่ข้อห่วงใยของคณะรัฐมนตรี", "The Cabinet's four concerns"),
    about=Words(
        "สี่ข้อตามหนังสือคณะรัฐมนตรี: ค่า เป้าหมาย สถานะ และแนวโน้ม แยกตามสายด่วน",
        "The four failures the Cabinet named: value, target, state and trend, by line",
    ),
    since="now-7d",
    rows=(
        Row(
            title=Words("1 บุคลากรไม่เพียงพอ และตอบไม่ถูกต้อง", "1 Too few staff, and wrong answers"),
            panels=(
                STARVING.figure(),
                target_of(STARVING),
                STAFFED.figure(),
                states_of((STARVING, STAFFED)),
                trend_of(
                    f"queue:hotline_starved:ratio1d{{{q.QUEUE}}}", "{{queue}}", STARVED, width=17
                ),
                figure(
                    Words("ตอบไม่ถูกต้อง", "wrong answers"),
                    Words(
                        "จากสายที่ผู้ควบคุมสุ่มตรวจใน 30 วัน; ถ้าไม่มีการตรวจ ไม่แสดงร้อยละ",
                        "of calls that supervisors judged, drawn by chance, of the last 30 days",
                    ),
                    now(q.of_enough(WRONG, JUDGED), "คำตอบ/answers"),
                    look=share(CORRECT, NOT_MEASURED),
                    width=4,
                    height=6,
                ),
                figure(
                    Words("ตรวจแล้ว", "judged"),
                    Words("จำนวนสายที่สุ่มตรวจใน 30 วัน", "calls judged, of the last 30 days"),
                    now(JUDGED, "สาย/calls"),
                    look=number(color=GREY, empty=NOT_MEASURED),
                    width=3,
                    height=6,
                ),
            ),
        ),
        Row(
            title=Words("2 โทรติดต่อตามหมายเลขที่แจ้งไว้ไม่ได้", "2 The number cannot be reached"),
            panels=(
                LET_IN.figure(),
                target_of(LET_IN),
                counts_of(Words("ไม่ให้เข้า", "not let in"), REFUSED, RECEIVED),
                states_of((LET_IN, LET_IN_OF_ALL, TRUNK_UP, SERVICE_THERE)),
                trend_of(
                    f"line:hotline_admitted:ratio1d{{{q.LINE}}}", "{{line}}", ADMITTED, width=9
                ),
                LET_IN_OF_ALL.figure(),
                TRUNK_UP.figure(),
                SERVICE_THERE.figure(),
            ),
        ),
        Row(
            title=Words("3 ต้องรอสายเป็นเวลานาน", "3 Long waits"),
            panels=(
                IN_TIME.figure(),
                target_of(IN_TIME),
                counts_of(Words("รับทันเวลา", "in time"), WAITED_LITTLE, q.eligible()),
                states_of((IN_TIME,)),
                trend_of(f"line:hotline_in_time:ratio1d{{{q.LINE}}}", "{{line}}", SERVICE_LEVEL_20),
            ),
        ),
        Row(
            title=Words("4 ไม่มีผู้รับสาย", "4 Nobody answers"),
            panels=(
                ANSWER_RATE.figure(),
                target_of(ANSWER_RATE),
                counts_of(Words("รับแล้ว", "answered"), q.ended("answered"), q.eligible()),
                states_of((ANSWER_RATE,)),
                trend_of(f"line:hotline_answered:ratio1d{{{q.LINE}}}", "{{line}}", ANSWERED),
            ),
        ),
        Row(
            title=Words("วิธีอ่าน", "How to read this"),
            panels=(
                note(
                    Words("นิยาม", "definitions"),
                    Words("ความหมายของตัวเลขในหน้านี้", "what the figures on this page mean"),
                    "ตัวหาร = สายที่เข้าคิวและสิ้นสุดแล้ว ไม่นับสายที่วางภายใน 5 วินาที · "
                    "เวลารอนับตั้งแต่สายเข้า · ไม่ถึง 20 สายไม่แสดงร้อยละ · วงจรและระบบที่ใช้ไม่ได้ "
                    "ทำให้สายมาไม่ถึงเรา จึงแสดงแยกจากสายที่เข้าได้ · สายที่ Asterisk "
                    "ปฏิเสธเอง "
                    "(เสียงหรือส่วนขยายที่ไม่มี ช่องเสียงเต็ม) ไม่ทราบเลขหมาย จึงนับรวมทุกสาย "
                    "และไม่ใช่ผู้โทรทั้งหมด: มีโทรสารและสายที่โทรซ้ำ · ตัวเลขทางการมาจากฐานข้อมูล\n\n"
                    "Denominator = calls that were queued and have ended, less those who hung up "
                    "within 5 seconds · waits count from arrival · no percentage of fewer than 20 "
                    "calls · while a trunk or the system is down calls do not reach us, so that "
                    "stands beside the calls let in; the worst of them is the state of concern 2 · "
                    "what Asterisk refused itself (sound or extensions it lacks, no port left) has "
                    "no line, so it counts for all lines together, and is not all people: a fax, "
                    "or one caller whose carrier tried again after 4 s · "
                    "official figures come from the database (this page counts a call when it "
                    "ends, reports when it arrived).",
                    height=5,
                ),
            ),
        ),
    ),
)
