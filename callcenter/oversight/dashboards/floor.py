"""The live floor: who waits, since when, and who is there to answer. Printed by files.py."""

from callcenter.oversight.dashboards import queries as q
from callcenter.oversight.dashboards.page import Page, Row
from callcenter.oversight.dashboards.panels import (
    PER_MINUTE,
    SECONDS,
    Look,
    bars,
    course,
    figure,
    now,
    number,
    share,
    trend,
)
from callcenter.oversight.dashboards.targets import (
    AMBER,
    BLUE,
    GREEN,
    OLDEST_WAIT_SECONDS,
    SERVICE_LEVEL_20,
)
from callcenter.oversight.dashboards.words import NOBODY, NOTHING, Words

COUNTED = f"line:hotline_eligible:increase30m{{{q.LINE}}}"

PAGE = Page(
    uid="hotline-floor",
    title=Words("สถานการณ์ขณะนี้", "Live floor"),
    about=Words("ใครรออยู่ รอนานเท่าใด และมีใครรับสายได้บ้าง", "Who waits, how long, and who can answer"),
    since="now-1h",
    refresh="10s",
    rows=(
        Row(
            title=Words("ขณะนี้", "Now"),
            panels=(
                figure(
                    Words("สายที่รออยู่", "waiting now"),
                    Words("จำนวนผู้รอในแต่ละคิว", "callers in each queue"),
                    now(f"sum by (queue) (hotline_queue_waiting{{{q.QUEUE}}})", "{{queue}}"),
                    look=number(color=BLUE),
                ),
                figure(
                    Words("รอนานที่สุดขณะนี้", "longest wait now"),
                    Words(
                        "เวลาที่ผู้รอนานที่สุดรอมาแล้ว; 0 เมื่อไม่มีผู้รอ",
                        "how long the oldest caller has waited; 0 when nobody waits",
                    ),
                    now(
                        f"max by (queue) (hotline_queue_oldest_wait_seconds{{{q.QUEUE}}})",
                        "{{queue}}",
                    ),
                    look=number(SECONDS, target=OLDEST_WAIT_SECONDS),
                ),
                figure(
                    Words("เจ้าหน้าที่ว่าง", "operators free"),
                    Words("พร้อมรับสายทันที", "ready for a call at once"),
                    now(q.operators("available"), "{{queue}}"),
                    look=number(color=GREEN, empty=NOBODY),
                ),
                figure(
                    Words("รับใน 20 วินาที", "within 20 s"),
                    Words(
                        "นิยามของศูนย์นี้ ในครึ่งชั่วโมงที่ผ่านมา",
                        "this hotline's own formula over the last half hour",
                    ),
                    now(q.of_enough(f"sum by (line) ({q.recorded_level(20)})", COUNTED)),
                    look=share(SERVICE_LEVEL_20),
                ),
            ),
        ),
        Row(
            title=Words("เจ้าหน้าที่", "Operators"),
            panels=(
                bars(
                    Words("เจ้าหน้าที่ตามสถานะ", "operators by state"),
                    Words(
                        "ผู้ที่รับหลายคิวนับในทุกคิวของตน",
                        "who serves several queues is counted in each",
                    ),
                    now(
                        f"sum by (queue, state) (hotline_operators{{{q.QUEUE}}})",
                        "{{queue}} {{state}}",
                    ),
                    look=number(color=BLUE, empty=NOBODY),
                ),
                trend(
                    Words("เจ้าหน้าที่ตลอดช่วงเวลา", "operators over time"),
                    Words("จำนวนตามสถานะ", "how many in each state"),
                    course(
                        f'sum by (state) (hotline_operators{{state!="offline",{q.QUEUE}}})',
                        "{{state}}",
                    ),
                    look=number(empty=NOBODY),
                    height=9,
                    stacked=True,
                ),
            ),
        ),
        Row(
            title=Words("สายที่จอดและการขอความช่วยเหลือ", "Parked calls and help"),
            panels=(
                figure(
                    Words("สายที่จอดอยู่", "parked now"),
                    Words(
                        "ผู้โทรฟังเสียงเพลงจนกว่าจะมีผู้รับ",
                        "callers in a place, with music",
                    ),
                    now(f"sum by (queue) (hotline_calls_parked{{{q.QUEUE}}})", "{{queue}}"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("จอดนานที่สุด", "parked for longest"),
                    Words(
                        "เวลาที่สายซึ่งจอดนานที่สุดจอดมาแล้ว; 0 เมื่อไม่มี",
                        "how long the oldest parked call has been there; 0 when none is",
                    ),
                    now(
                        f"max by (queue) (hotline_parked_oldest_seconds{{{q.QUEUE}}})", "{{queue}}"
                    ),
                    look=number(SECONDS, target=OLDEST_WAIT_SECONDS, empty=NOTHING),
                ),
                figure(
                    Words("ขอความช่วยเหลืออยู่", "asking for help now"),
                    Words("เจ้าหน้าที่ที่รอหัวหน้าเวรช่วย", "operators who wait for a supervisor"),
                    now("sum(hotline_help_open)", "ขออยู่/asking"),
                    look=Look(steps=[(None, GREEN), (1, AMBER)], empty=NOTHING),
                ),
                figure(
                    Words("คำขอความช่วยเหลือ", "requests for help"),
                    Words(
                        "ในช่วงเวลาที่เลือก: มีผู้ช่วย ถอนคำขอ หรือเลิกงานไปก่อน",
                        "in the chosen time: answered, withdrawn, or the operator went home",
                    ),
                    now(q.increase("hotline_help_requests_total", "", "result"), "{{result}}"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                trend(
                    Words("สายที่จอดตลอดช่วงเวลา", "parked over time"),
                    Words("จำนวนในแต่ละคิว", "calls of each queue"),
                    course(f"sum by (queue) (hotline_calls_parked{{{q.QUEUE}}})", "{{queue}}"),
                    look=number(empty=NOTHING),
                    height=7,
                ),
                bars(
                    Words("สายที่จอดสิ้นสุดอย่างไร", "how parked calls went on"),
                    Words(
                        "มีผู้รับ ครบเวลา ผู้โทรวาง หรือสายหลุด",
                        "picked up, time spent, hung up, lost or cut",
                    ),
                    now(
                        q.increase("hotline_park_seconds_count", q.QUEUE, "result"),
                        "{{result}}",
                    ),
                    look=number(color=BLUE, empty=NOTHING),
                    height=7,
                ),
            ),
        ),
        Row(
            title=Words("สาย", "Calls"),
            panels=(
                trend(
                    Words("สายเข้าต่อนาที", "calls received per minute"),
                    Words("ทุกสายที่มาถึง รวมที่ไม่ได้เข้าคิว", "every call that reached us"),
                    course(q.per_minute("hotline_calls_received_total", q.LINE)),
                    look=number(PER_MINUTE),
                ),
                trend(
                    Words("ผลของสายต่อนาที", "outcomes per minute"),
                    Words(
                        "แต่ละสายมีผลเดียว นับเมื่อทราบผล",
                        "each call has one outcome, counted when it is known",
                    ),
                    course(
                        q.per_minute("hotline_calls_ended_total", q.BOTH, "outcome"), "{{outcome}}"
                    ),
                    look=number(PER_MINUTE),
                    stacked=True,
                ),
                trend(
                    Words("ผู้รอตลอดช่วงเวลา", "waiting over time"),
                    Words("จำนวนผู้รอในแต่ละคิว", "callers in each queue"),
                    course(f"sum by (queue) (hotline_queue_waiting{{{q.QUEUE}}})", "{{queue}}"),
                    look=number(empty=NOTHING),
                ),
                trend(
                    Words("รอนานที่สุดตลอดช่วงเวลา", "longest wait over time"),
                    Words(
                        "เห็นได้แม้ไม่มีสายใดได้รับ",
                        "seen even while nobody is answered",
                    ),
                    course(
                        f"max by (queue) (hotline_queue_oldest_wait_seconds{{{q.QUEUE}}})",
                        "{{queue}}",
                    ),
                    look=number(SECONDS, target=OLDEST_WAIT_SECONDS, empty=NOTHING),
                ),
            ),
        ),
    ),
)
