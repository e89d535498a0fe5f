"""The desks: citizens' matters, the answer base, and the provinces' reports.

Printed by files.py. Everything here is counted in the database at most once a minute. Official
figures are the reports themselves.
"""

from callcenter.oversight.dashboards import queries as q
from callcenter.oversight.dashboards.page import Page, Row
from callcenter.oversight.dashboards.panels import (
    SECONDS,
    Look,
    course,
    figure,
    now,
    number,
    trend,
)
from callcenter.oversight.dashboards.targets import BLUE, GREEN, GREY, NONE_AT_ALL, RED
from callcenter.oversight.dashboards.words import NOTHING, Words

COUNTED = NOTHING
ASSIGNED = "hotline_case_assign_seconds_bucket"
ROUND_STATES = 'state=~"waiting|draft|missing"'
LEFT = Look(unit=SECONDS, steps=((None, RED), (7200, GREY), (86_400, GREEN)), empty=NOTHING)

PAGE = Page(
    uid="hotline-desks",
    title=Words("งานเรื่องร้องเรียน คำตอบ และรายงาน", "Cases, answers and report rounds"),
    about=Words(
        "เรื่องที่รับไว้ คำตอบที่ใช้ตอบประชาชน และรายงานจากจังหวัด",
        "Matters that citizens brought, what callers are told, and what provinces report",
    ),
    variables=(),
    since="now-7d",
    rows=(
        Row(
            title=Words("เรื่อง", "Cases"),
            panels=(
                figure(
                    Words("เรื่องที่ยังไม่ยุติ", "open cases"),
                    Words("ตามขั้นตอน", "by the step they are at"),
                    now("sum by (stage) (hotline_cases_open)", "{{stage}}"),
                    look=number(color=BLUE, empty=COUNTED),
                    width=10,
                    height=6,
                ),
                figure(
                    Words("เกินกำหนด", "overdue"),
                    Words(
                        "เรื่องที่เลยกำหนดของขั้นตอนนั้น", "cases whose deadline of that step has passed"
                    ),
                    now("sum by (stage) (hotline_cases_overdue)", "{{stage}}"),
                    look=number(target=NONE_AT_ALL, empty=COUNTED),
                    width=10,
                    height=6,
                ),
                figure(
                    Words("เปิดใหม่", "reopened"),
                    Words("เรื่องที่ยุติแล้วเปิดใหม่ในช่วงเวลาที่เลือก", "closed and opened again"),
                    now("sum(increase(hotline_cases_reopened_total[$__range]))", "เรื่อง/cases"),
                    look=number(color=GREY, empty=COUNTED),
                    width=4,
                    height=6,
                ),
                trend(
                    Words("เรื่องที่ยังไม่ยุติ", "open cases over time"),
                    Words("จำนวนตามขั้นตอน", "how many at each step"),
                    course("sum by (stage) (hotline_cases_open)", "{{stage}}"),
                    look=number(color=BLUE, empty=COUNTED),
                    stacked=True,
                ),
                trend(
                    Words("ยุติแล้ว", "closed"),
                    Words("ในช่วงเวลาที่เลือก ตามผล", "in the chosen time, by outcome"),
                    course(
                        "sum by (outcome) (increase(hotline_cases_closed_total[$__rate_interval]))",
                        "ผล/outcome {{outcome}}",
                    ),
                    look=number(color=BLUE, empty=COUNTED),
                    stacked=True,
                ),
                trend(
                    Words("รับเรื่องแล้วเริ่มดำเนินการภายใน", "until a case was taken up"),
                    Words(
                        "ตั้งแต่รับเรื่องจนส่งต่อ รับไว้ดำเนินการ หรือตอบ ของทุกเรื่องในระบบ",
                        "from its creation until it was handed on, taken or answered; of all cases",
                    ),
                    *(
                        course(
                            f"histogram_quantile({share}, sum by (le) ({ASSIGNED}))",
                            f"{share:.0%}",
                        )
                        for share in (0.5, 0.9)
                    ),
                    look=number(SECONDS, empty=COUNTED),
                ),
                trend(
                    Words("การส่งต่อใช้เวลา", "how long hand-overs took"),
                    Words(
                        "๙๐% ลงรับ (receive) และตอบ (answer) ภายในเวลานี้ ตามระดับ ของทุกเรื่อง",
                        "90 % were received, and answered, within this time; of all cases",
                    ),
                    course(
                        "histogram_quantile(0.9, "
                        "sum by (level, step, le) (hotline_case_hop_seconds_bucket))",
                        "{{level}} {{step}}",
                    ),
                    look=number(SECONDS, empty=COUNTED),
                ),
            ),
        ),
        Row(
            title=Words("คำตอบ", "Answers"),
            panels=(
                figure(
                    Words("คำตอบในระบบ", "answers"),
                    Words(
                        "review_due = เลยวันทบทวน อาจไม่ถูกต้องแล้ว",
                        "review_due: past their date, they may be out of date",
                    ),
                    now("sum by (state) (hotline_answers)", "คำตอบ/answers {{state}}"),
                    look=number(color=BLUE, empty=COUNTED),
                    width=8,
                ),
                figure(
                    Words("ค้นไม่พบ", "not found"),
                    Words(
                        "คำค้นที่ยังไม่มีคำตอบ", "what was looked for and is in no answer, to be written"
                    ),
                    now("sum(hotline_answer_misses)", "คำค้น/searches"),
                    look=number(target=NONE_AT_ALL, empty=COUNTED),
                    width=4,
                ),
                trend(
                    Words("การค้นหา", "searches"),
                    Words("พบหรือไม่พบ และใช้ในบันทึก", "found or not, and put into a note"),
                    course(
                        q.increase("hotline_answer_searches_total", "", "found", q.COURSE),
                        "พบ/found {{found}}",
                    ),
                    course("sum(increase(hotline_answer_uses_total[$__rate_interval]))", "ใช้/used"),
                    look=number(color=BLUE, empty=COUNTED),
                    height=5,
                ),
            ),
        ),
        Row(
            title=Words("รายงานจากจังหวัด", "Report rounds"),
            panels=(
                figure(
                    Words("ยังไม่ได้ส่ง", "not submitted"),
                    Words(
                        "หน่วยที่ยังไม่ได้ส่งรายงานของแต่ละรอบ",
                        "units of each round that have not submitted",
                    ),
                    now(
                        f"sum by (round) (hotline_report_units{{{ROUND_STATES}}})",
                        "รอบ/round {{round}}",
                    ),
                    look=number(target=NONE_AT_ALL, empty=COUNTED),
                ),
                figure(
                    Words("เวลาที่เหลือ", "time left"),
                    Words("ถึงกำหนดส่ง", "until the reports are due; negative: since then"),
                    now(
                        "max by (round) (hotline_report_due_timestamp_seconds) - time()",
                        "รอบ/round {{round}}",
                    ),
                    look=LEFT,
                ),
                trend(
                    Words("สถานะรายงาน", "reports by state"),
                    Words("จำนวนหน่วย", "units"),
                    course(
                        "sum by (round, state) (hotline_report_units)",
                        "รอบ/round {{round}} {{state}}",
                    ),
                    look=number(color=BLUE, empty=COUNTED),
                    height=5,
                ),
                figure(
                    Words("จดหมาย", "mail"),
                    Words("รอส่ง ส่งแล้ว ส่งไม่ได้", "queued, sent, or given up after 24 hours"),
                    now("sum by (state) (hotline_mails)", "จดหมาย/mail {{state}}"),
                    look=number(color=GREY, empty=COUNTED),
                    width=12,
                    height=4,
                ),
            ),
        ),
    ),
)
