"""The operators as a group: who is there, how busy they are, and the results of offers.

Printed by files.py. No operator is named here. A person's own performance is in the database,
behind a role, and never in a metric's label.
"""

from callcenter.oversight.dashboards import queries as q
from callcenter.oversight.dashboards.page import QUEUE, Page, Row
from callcenter.oversight.dashboards.panels import (
    SECONDS,
    Look,
    bars,
    course,
    figure,
    now,
    number,
    share,
    timeline,
    trend,
)
from callcenter.oversight.dashboards.targets import BLUE, GREEN, NO_ANSWER, OCCUPANCY, RED
from callcenter.oversight.dashboards.words import NO_CALLS, NOBODY, NONE, Words

OFFERS = "hotline_operator_offers_total"
TALKS = "hotline_browser_talks_total"
TAKEN = f'result!~"caller_left|withdrawn|elsewhere",{q.QUEUE}'

PAGE = Page(
    uid="hotline-operators",
    title=Words("เจ้าหน้าที่", "Operators"),
    about=Words("ภาพรวมทุกคน ไม่มีรายบุคคล", "All of them together; nobody is named on this page"),
    variables=(QUEUE,),
    rows=(
        Row(
            title=Words("กำลังคน", "Staff"),
            panels=(
                figure(
                    Words("ปฏิบัติงานขณะนี้", "on duty now"),
                    Words(
                        "ว่าง สายดัง สนทนา หรือบันทึกงาน", "available, ringing, talking or wrapping up"
                    ),
                    now(f"queue:hotline_on_duty:sum{{{q.QUEUE}}}", "{{queue}}"),
                    look=Look(steps=[(None, RED), (1, GREEN)], empty=NOBODY),
                ),
                figure(
                    Words("พักอยู่", "paused now"),
                    Words("เข้าระบบแต่ไม่รับสาย", "logged in, not taking calls"),
                    now(q.operators("paused"), "{{queue}}"),
                    look=number(color=BLUE, empty=NOBODY),
                ),
                figure(
                    Words("สัดส่วนเวลาที่ติดงาน", "occupancy"),
                    Words(
                        "สนทนาและบันทึกงาน ÷ เวลาปฏิบัติงาน", "talking and wrapping up over time on duty"
                    ),
                    now(q.occupancy(), "{{queue}}"),
                    look=share(OCCUPANCY, NOBODY),
                ),
                figure(
                    Words("ไม่รับสายที่ดัง", "rang in vain"),
                    Words(
                        "ไม่นับเมื่อผู้โทรวางเอง ระบบถอนสาย หรือผู้อื่นรับสายก่อน",
                        "not counted when the caller left, we took it back, or another answered",
                    ),
                    now(
                        q.over(
                            q.increase(OFFERS, f'result="no_answer",{q.QUEUE}', "queue"),
                            q.increase(OFFERS, TAKEN, "queue"),
                        ),
                        "{{queue}}",
                    ),
                    look=share(NO_ANSWER),
                ),
                trend(
                    Words("สถานะตลอดช่วงเวลา", "states over time"),
                    Words("จำนวนเจ้าหน้าที่ในแต่ละสถานะ", "operators in each state"),
                    course(
                        f'sum by (state) (hotline_operators{{state!="offline",{q.QUEUE}}})',
                        "{{state}}",
                    ),
                    look=number(empty=NOBODY),
                    stacked=True,
                ),
                trend(
                    Words("สัดส่วนเวลาที่ติดงานตลอดช่วงเวลา", "occupancy over time"),
                    Words("ในชั่วโมงก่อนหน้า", "over the hour before"),
                    course(f"queue:hotline_occupancy:ratio1h{{{q.QUEUE}}}", "{{queue}}"),
                    look=share(OCCUPANCY, NOBODY),
                ),
                trend(
                    Words("ตารางเวรกับผู้ที่มา", "rostered and present"),
                    Words(
                        "ตามตารางเวร (จำนวนหรือรายชื่อ) กับผู้ที่เข้าระบบ (รวมผู้ที่พัก)",
                        "by the roster (numbers or names), and who is logged in, on a pause or not",
                    ),
                    course(
                        f"sum by (queue) (hotline_operators_rostered{{{q.QUEUE}}})",
                        "{{queue}} rostered",
                    ),
                    course(
                        q.operators("available|ringing|on_call|wrapup|paused")
                        + f" and on (queue) hotline_operators_rostered{{{q.QUEUE}}}",
                        "{{queue}} present",
                    ),
                    look=number(empty=NONE),
                    height=7,
                ),
                trend(
                    Words("ผู้มีชื่อในเวร", "people of the shift"),
                    Words(
                        "ตามตารางเวรรายชื่อ: มาแล้ว เพิ่งเริ่มเวร หรือสายเกิน 5 นาที",
                        "by the roster of names: present, just begun, or late by 5 minutes",
                    ),
                    course(
                        f"sum by (queue, standing) (hotline_duty_people{{{q.QUEUE}}})",
                        "{{queue}} {{standing}}",
                    ),
                    look=number(empty=NONE),
                    height=7,
                ),
                trend(
                    Words("นาทีที่ไม่มีผู้ใดปฏิบัติงาน", "minutes with nobody on duty"),
                    Words(
                        "ในเวลาทำการ ต่อช่วงของกราฟ; yes คือมีผู้อยู่ในตารางเวร",
                        "in opening hours, per step of the graph; yes: somebody was planned",
                    ),
                    course(
                        q.increase(
                            "hotline_queue_uncovered_seconds_total",
                            q.QUEUE,
                            "queue, planned",
                            q.COURSE,
                        )
                        + " / 60",
                        "{{queue}} {{planned}}",
                    ),
                    look=number(empty=NONE),
                    height=7,
                ),
                timeline(
                    Words("มีผู้ปฏิบัติงานหรือไม่", "somebody on duty"),
                    Words(
                        "ในเวลาทำการ (ไม่กำหนดคือ 24 ชั่วโมง) ต้องมีอย่างน้อยหนึ่งคนเสมอ",
                        "within the opening hours (without any: day and night) there must be one",
                    ),
                    course(f"queue:hotline_on_duty:sum{{{q.QUEUE}}} > bool 0", "{{queue}}"),
                    look=Look(
                        steps=[(None, RED), (1, GREEN)],
                        empty=NOBODY,
                        states={
                            "0": (NOBODY, RED),
                            "1": (Words("มีเจ้าหน้าที่", "staffed"), GREEN),
                        },
                    ),
                ),
                trend(
                    Words("รออยู่แต่ไม่มีใครว่าง", "waiting with nobody free"),
                    Words(
                        "จำนวนผู้รอในขณะที่ไม่มีเจ้าหน้าที่ว่าง",
                        "callers who wait while no operator is free",
                    ),
                    course(
                        f"sum by (queue) (hotline_queue_waiting{{{q.QUEUE}}})"
                        f" * on (queue) ({q.operators('available')} == bool 0)",
                        "{{queue}}",
                    ),
                    look=number(),
                    height=7,
                ),
            ),
        ),
        Row(
            title=Words("สายที่ส่งให้เจ้าหน้าที่", "Offers"),
            panels=(
                bars(
                    Words("ผลของการส่งสาย", "what came of offers"),
                    Words("แต่ละครั้งที่โทรศัพท์ดัง", "each time a phone rang"),
                    now(
                        q.increase(OFFERS, q.QUEUE, "queue, result") + " > 0",
                        "{{queue}} {{result}}",
                    ),
                    look=number(color=BLUE, empty=NO_CALLS),
                ),
                trend(
                    Words("ผลของการส่งสายตลอดช่วงเวลา", "offers over time"),
                    Words("จำนวนต่อช่วงของกราฟ", "how many per step of the graph"),
                    course(q.increase(OFFERS, q.QUEUE, "result", q.COURSE), "{{result}}"),
                    look=number(),
                    height=9,
                    stacked=True,
                ),
                trend(
                    Words("คุณภาพเสียงของโทรศัพท์ในเบราว์เซอร์", "sound of phones in the browser"),
                    Words(
                        "จำนวนการสนทนาตามผลที่วัดได้ ต่อช่วงของกราฟ",
                        "talks by what was measured of the line, per step of the graph",
                    ),
                    course(q.increase(TALKS, "", "verdict", q.COURSE), "{{verdict}}"),
                    look=number(),
                    height=9,
                    width=24,
                    stacked=True,
                ),
                figure(
                    Words("บันทึกงานเฉลี่ย", "mean wrap-up"),
                    Words("เวลาหลังวางสาย", "time after the call"),
                    now(q.mean("hotline_call_wrapup_seconds", q.QUEUE, "queue"), "{{queue}}"),
                    look=number(SECONDS, color=BLUE),
                    width=12,
                ),
                figure(
                    Words("สนทนาเฉลี่ย", "mean talk"),
                    Words("เวลาที่คุยกับผู้โทร", "time with the caller"),
                    now(q.mean("hotline_call_talk_seconds", q.QUEUE, "queue"), "{{queue}}"),
                    look=number(SECONDS, color=BLUE),
                    width=12,
                ),
            ),
        ),
    ),
)
