"""Queue details: the outcomes of the calls, their waits, and every formula of service level.

Printed by files.py.
"""

from callcenter.oversight.dashboards import queries as q
from callcenter.oversight.dashboards.page import Page, Row
from callcenter.oversight.dashboards.panels import (
    NO_SHARE,
    SECONDS,
    SHARE,
    Look,
    bars,
    course,
    figure,
    note,
    now,
    number,
    share,
    trend,
)
from callcenter.oversight.dashboards.targets import (
    ABANDONED,
    ANSWERED,
    ASA_SECONDS,
    BLUE,
    NONE_AT_ALL,
    SERVICE_LEVEL_60,
    WAIT_95_SECONDS,
    WAITED_5_MINUTES,
)
from callcenter.oversight.dashboards.words import NONE, Words
from callcenter.oversight.service_level.rules import FORMULAS

WAIT = "hotline_call_wait_seconds"
ESTIMATE_ERROR = "hotline_wait_estimate_error_seconds"
ANSWERED_ONLY = f'outcome="answered",{q.BOTH}'
HUNG_UP = "abandoned|abandoned_short"
HUNG_UP_EARLY = f'outcome=~"{HUNG_UP}",le="30.0",{q.BOTH}'
NHS_LOST = f"({q.ended(HUNG_UP, matchers=q.BOTH)} - {q.increase(f'{WAIT}_bucket', HUNG_UP_EARLY)})"
IN_5_MINUTES = f'le="300.0",{q.BOTH}'
WAITED_LONG = (
    f"({q.increase(f'{WAIT}_count', q.BOTH)} - {q.increase(f'{WAIT}_bucket', IN_5_MINUTES)})"
)
COUNTED = q.eligible(matchers=q.BOTH)

_calls = Row(
    title=Words("สายในช่วงเวลาที่เลือก", "Calls over the chosen time"),
    panels=(
        figure(
            Words("สายเข้า", "received"),
            Words(
                "ทุกสายที่มาถึงสายด่วน ไม่ว่าคิวใด", "every call that reached the line, whatever its queue"
            ),
            now(q.increase("hotline_calls_received_total", q.LINE)),
            look=number(color=BLUE),
            width=4,
        ),
        figure(
            Words("เข้าคิว", "offered"),
            Words("สายที่เข้าคิวนี้เป็นคิวแรก", "calls whose first queue it was"),
            now(q.increase("hotline_calls_offered_total", q.BOTH)),
            look=number(color=BLUE),
            width=4,
        ),
        figure(
            Words("อัตรารับสาย", "answer rate"),
            Words("รับแล้ว ÷ สายที่นับ", "answered over eligible calls"),
            now(q.over(q.ended("answered", matchers=q.BOTH), COUNTED)),
            look=share(ANSWERED),
            width=4,
        ),
        figure(
            Words("วางก่อนรับ", "abandonment"),
            Words(
                "วางสายหลังรอเกิน 5 วินาที ÷ สายที่นับ",
                "gave up after more than 5 s, over eligible calls",
            ),
            now(q.over(q.ended("abandoned", matchers=q.BOTH), COUNTED)),
            look=share(ABANDONED),
            width=4,
        ),
        figure(
            Words("วางหลัง 30 วิ", "after 30 s"),
            Words(
                "นิยามของ NHS 111: วางหลัง 30 วินาที ÷ สายที่เข้าคิวและสิ้นสุดแล้ว",
                "as NHS 111 counts: gave up after 30 s, over calls offered that have ended",
            ),
            now(q.over(NHS_LOST, q.increase("hotline_calls_ended_total", q.BOTH))),
            look=share(ABANDONED),
            width=4,
        ),
        figure(
            Words("หลุดโดยระบบ", "lost by us"),
            Words("สายที่ระบบทำหลุด ต้องเป็นศูนย์", "calls the system lost; must be none"),
            now(q.ended("failed", matchers=q.BOTH)),
            look=number(target=NONE_AT_ALL),
            width=4,
        ),
        trend(
            Words("ผลของสาย", "outcomes"),
            Words("จำนวนต่อช่วงของกราฟ", "how many per step of the graph"),
            course(
                q.increase("hotline_calls_ended_total", q.BOTH, "outcome", q.COURSE), "{{outcome}}"
            ),
            look=number(),
            stacked=True,
        ),
        bars(
            Words("สายที่ไม่ได้เข้าคิว", "not let in, by reason"),
            Words("จำนวนตามเหตุผล", "how many, by reason"),
            now(
                q.increase("hotline_calls_rejected_total", q.LINE, "line, reason") + " > 0",
                "{{line}} {{reason}}",
            ),
            look=number(color=BLUE, empty=NONE),
            height=8,
        ),
        bars(
            Words("สายหลุดเอง ตามสาเหตุ", "cut off, by cause"),
            Words(
                "สายที่ไม่มีใครวาง: ขณะรอ (waiting) หรือสนทนา (talking)",
                "calls that no person ended, waiting or talking",
            ),
            now(
                q.increase("hotline_calls_lost_total", q.QUEUE, "queue, stage, reason") + " > 0",
                "{{queue}} {{stage}} {{reason}}",
            ),
            look=number(target=NONE_AT_ALL, empty=NONE),
            width=24,
            height=5,
        ),
    ),
)

_waits = Row(
    title=Words("เวลารอ", "Waits"),
    panels=(
        figure(
            Words("รอเฉลี่ยก่อนรับ", "mean wait (ASA)"),
            Words("ของสายที่รับ นับตั้งแต่สายเข้า", "average speed of answer, from arrival"),
            now(q.mean(WAIT, ANSWERED_ONLY)),
            look=number(SECONDS, target=ASA_SECONDS),
        ),
        figure(
            Words("95% รอไม่เกิน", "95 % waited at most"),
            Words(
                "รวมสายที่วางก่อนรับ; ระหว่างขอบช่วงเป็นค่าประมาณ",
                "those who gave up included; estimated between bucket edges",
            ),
            now(q.quantile(0.95, WAIT, q.BOTH)),
            look=number(SECONDS, target=WAIT_95_SECONDS),
        ),
        figure(
            Words("รับภายใน 60 วินาที", "answered within 60 s"),
            Words("นิยามของศูนย์นี้", "this hotline's own formula"),
            now(q.service_level("hotline", 60, matchers=q.BOTH)),
            look=share(SERVICE_LEVEL_60),
        ),
        figure(
            Words("รอเกิน 5 นาที", "waited over 5 minutes"),
            Words("ไม่ว่าผลเป็นอย่างไร ÷ สายที่นับ", "whatever came of the call, over eligible calls"),
            now(q.of_enough(q.over(WAITED_LONG, COUNTED), COUNTED)),
            look=share(WAITED_5_MINUTES),
        ),
        bars(
            Words("รอเท่าใดจึงรับ", "answered within"),
            Words("จำนวนสะสมของสายที่รับภายในเวลานั้น", "calls answered within that time, adding up"),
            now(
                "sort("
                + q.increase(
                    f"{WAIT}_bucket",
                    f'outcome="answered",le=~"5.0|10.0|20.0|30.0|60.0|120.0|300.0",{q.BOTH}',
                    "le",
                )
                + ")",
                "≤ {{le}} s",
            ),
            look=number(color=BLUE),
            height=8,
        ),
        trend(
            Words("รับภายในเวลาที่กำหนด", "answered in time"),
            Words(
                "นิยามของศูนย์นี้ ครึ่งชั่วโมงก่อนหน้า ที่ 12, 20 และ 60 วินาที ทุกคิวของสายด่วน",
                "this hotline's own formula over the half hour before, at 12, 20 and 60 s; "
                "of the line, in whatever queue",
            ),
            course(q.recorded_level(12), "{{line}} ≤ 12 s"),
            course(q.recorded_level(20), "{{line}} ≤ 20 s"),
            course(q.recorded_level(60), "{{line}} ≤ 60 s"),
            look=Look(unit=SHARE),
        ),
        trend(
            Words("ที่คาดไว้ลบที่รอจริง", "expected minus real wait"),
            Words(
                "ของสายที่ต้องรอและได้รับ: ค่ากลาง และช่วงที่ 80% ของสายอยู่; ต่ำกว่าศูนย์ = รอนานกว่าที่คาด",
                "of callers who had to wait and were answered: the median, and between which 80 % "
                "are; below zero they waited longer than expected",
            ),
            *(
                course(
                    q.quantile(share, ESTIMATE_ERROR, q.LINE, window=q.COURSE),
                    f"{{{{line}}}} {name}",
                )
                for share, name in ((0.1, "10 %"), (0.5, "50 %"), (0.9, "90 %"))
            ),
            look=number(SECONDS),
        ),
        bars(
            Words("เวลารอที่แจ้งผู้โทร", "the wait that callers were told"),
            Words(
                "kept = รับภายในเวลาที่แจ้ง, late = ช้ากว่าที่แจ้ง, left = ไม่ได้รับ",
                "kept: answered within the time that was said; late: after it; left: not answered",
            ),
            now(
                q.increase("hotline_waits_told_total", q.LINE, "line, result") + " > 0",
                "{{line}} {{result}}",
            ),
            look=number(color=BLUE, empty=NONE),
            width=24,
            height=5,
        ),
    ),
)

_news = Row(
    title=Words("ข้อความแจ้งเหตุ", "The message of the day"),
    panels=(
        trend(
            Words("ผู้โทรที่ได้ฟัง", "callers who heard it"),
            Words(
                "heard = ได้ฟัง, more = กด 1 ฟังต่อ, left = วางสายหลังได้ฟัง; จำนวนต่อช่วงของกราฟ",
                "heard; more: pressed 1; left: hung up unanswered after it; per step of the graph",
            ),
            course(
                q.increase("hotline_news_callers_total", q.LINE, "line, result", q.COURSE),
                "{{line}} {{result}}",
            ),
            look=number(),
        ),
        figure(
            Words("วางสายหลังได้ฟัง", "left after it"),
            Words(
                "ส่วนของผู้ที่ได้ฟังซึ่งไม่ต้องคุยกับเจ้าหน้าที่",
                "of those who heard it, the share that needed no operator",
            ),
            now(
                q.over(
                    q.increase("hotline_news_callers_total", f'result="left",{q.LINE}'),
                    q.increase("hotline_news_callers_total", f'result="heard",{q.LINE}'),
                )
            ),
            look=Look(unit=SHARE, empty=NONE),
        ),
    ),
)

_callbacks = Row(
    title=Words("การโทรกลับ", "Callbacks"),
    panels=(
        trend(
            Words("ผลของการโทรกลับ", "what came of callbacks"),
            Words(
                "answered = ได้คุย, claimed = โทรเข้ามาเอง, not_reached = ติดต่อไม่ได้; ต่อช่วงของกราฟ",
                "answered; claimed: called by themselves; not_reached; …; per step of the graph",
            ),
            course(
                q.increase("hotline_callbacks_ended_total", q.QUEUE, "queue, result", q.COURSE),
                "{{queue}} {{result}}",
            ),
            look=number(),
        ),
        figure(
            Words("โทรกลับสำเร็จ", "called back"),
            Words(
                "ส่วนที่ได้คุยกับเจ้าหน้าที่ ไม่นับผู้ที่โทรเข้ามาเอง",
                "the share that talked with an operator, of those who did not call by themselves",
            ),
            now(
                q.over(
                    q.increase(
                        "hotline_callbacks_ended_total", f'result="answered",{q.QUEUE}', "queue"
                    ),
                    q.increase(
                        "hotline_callbacks_ended_total", f'result!="claimed",{q.QUEUE}', "queue"
                    ),
                ),
                "{{queue}}",
            ),
            look=Look(unit=SHARE, empty=NONE),
        ),
        trend(
            Words("เวลาที่เลือก", "when they want it"),
            Words(
                "turn = เมื่อถึงลำดับ, hour = เลือกเวลา, silent = ไม่เลือก, left = วางสายก่อน",
                "turn, hour: by keys; silent: no key; left: hung up; asked: had no choice",
            ),
            course(
                q.increase("hotline_callback_choices_total", q.QUEUE, "queue, kind", q.COURSE)
                + " > 0",
                "{{queue}} {{kind}}",
            ),
            look=number(empty=NONE),
        ),
        trend(
            Words("การโทรออกหาประชาชน", "tries to reach them"),
            Words(
                "reached = กดปุ่มรับ, no_key = มีผู้รับแต่ไม่กด, no_answer, busy, …; ต่อช่วงของกราฟ",
                "reached: pressed the key; no_key: perhaps a machine; no_answer, busy, …; per step",
            ),
            course(
                q.increase("hotline_callback_tries_total", q.QUEUE, "queue, result", q.COURSE)
                + " > 0",
                "{{queue}} {{result}}",
            ),
            look=number(empty=NONE),
        ),
        trend(
            Words("เจ้าหน้าที่ฟังสัญญาณรอสาย", "operators heard ringing"),
            Words(
                "เฉพาะคิวที่เรียกเจ้าหน้าที่ก่อน: เฉลี่ยต่อครั้ง, reached = ได้คุย, missed = เสียเวลาเปล่า",
                "where operators are rung first: the mean of a try; reached: joined; missed: lost",
            ),
            course(
                q.mean("hotline_callback_ringing_seconds", q.QUEUE, "queue, result", q.COURSE),
                "{{queue}} {{result}}",
            ),
            look=Look(unit=SECONDS, empty=NONE),
        ),
        trend(
            Words("เลิกพยายาม", "given up"),
            Words(
                "not_reached = โทรครบจำนวนครั้ง, expired = นานเกินไป, cancelled = หัวหน้ายกเลิก",
                "not_reached: after the last try; expired: too late; cancelled by a supervisor",
            ),
            course(
                q.increase(
                    "hotline_callbacks_ended_total",
                    f'result=~"not_reached|expired|cancelled",{q.QUEUE}',
                    "queue, result",
                    q.COURSE,
                )
                + " > 0",
                "{{queue}} {{result}}",
            ),
            look=number(empty=NONE),
        ),
        trend(
            Words("รอให้โทรกลับ", "wait to be called"),
            Words(
                "ทั้งหมด และที่รอนานกว่าเวลารอสูงสุดของคิว",
                "all, and those who have waited for longer than the queue's longest wait",
            ),
            course(f"sum by (queue) (hotline_callbacks_open{{{q.QUEUE}}})", "{{queue}}"),
            course(
                f"sum by (queue) (hotline_callbacks_overdue{{{q.QUEUE}}})",
                "{{queue}} เกินเวลา / overdue",
            ),
            look=number(empty=NONE),
        ),
        trend(
            Words("รอให้โทรกลับนานที่สุด", "the longest wait to be called"),
            Words("นับจากที่ขอ หรือเวลาที่เลือก", "since the request, or the chosen time"),
            course(
                f"max by (queue) (hotline_callback_oldest_wait_seconds{{{q.QUEUE}}})", "{{queue}}"
            ),
            look=Look(unit=SECONDS, empty=NONE),
        ),
    ),
)

_overflow = Row(
    title=Words("ส่งต่อและข้อความเมื่อรอนาน", "Overflow"),
    panels=(
        trend(
            Words("ไปรอที่คิวอื่น", "on to other queues"),
            Words(
                "no_staff = ไม่มีเจ้าหน้าที่, closed = นอกเวลา, length = รอหลายสาย, "
                "expected = คาดว่ารอนาน, max_wait = รอครบเวลา; ต่อช่วงของกราฟ",
                "by queue and reason: nobody on duty, closed, a long line, a long expected wait, "
                "the longest wait; per step of the graph",
            ),
            course(
                q.increase("hotline_calls_diverted_total", q.QUEUE, "queue, reason", q.COURSE)
                + " > 0",
                "{{queue}} {{reason}}",
            ),
            look=number(empty=NONE),
        ),
        trend(
            Words("ตามกฎของคิว", "by rules of the queue"),
            Words(
                "ผู้โทรรายใหม่: เหตุผลและสิ่งที่ทำ (queue, message, callback); ต่อช่วงของกราฟ",
                "new callers: the reason, and what was done (another queue, a message, a callback "
                "offered); per step of the graph",
            ),
            course(
                q.increase("hotline_overflow_rules_total", q.QUEUE, "queue, reason, to", q.COURSE)
                + " > 0",
                "{{queue}} {{reason}} {{to}}",
            ),
            look=number(empty=NONE),
        ),
        trend(
            Words("ได้ฟังข้อความของคิว", "heard the queue's message"),
            Words(
                "ฟังข้อความของหน่วยงานแล้ววางสาย ไม่นับเป็นสายที่ผู้โทรวางก่อน; ต่อช่วงของกราฟ",
                "were told so and let go, and are not counted as abandoned; per step of the graph",
            ),
            course(
                q.increase("hotline_overflow_messages_total", q.QUEUE, "queue", q.COURSE),
                "{{queue}}",
            ),
            look=number(empty=NONE),
        ),
    ),
)

_voicemail = Row(
    title=Words("ข้อความที่ผู้โทรฝากไว้", "Voicemail"),
    panels=(
        bars(
            Words("ผู้โทรที่ได้รับการขอให้ฝากข้อความ", "asked for a message"),
            Words(
                "left = ฝากแล้ว, hung_up = วางสายขณะฝาก, cut = สายหลุดขณะฝาก (สองอย่างนี้เก็บเสียงไว้), "
                "empty = ไม่มีเสียงพูด, failed = บันทึกไม่ได้, no_message = วางสายก่อนสัญญาณ",
                "left; hung_up, cut: while it was recorded, and what was said is kept; empty: "
                "nothing was heard; failed: could not be recorded; no_message: hung up before the "
                "tone",
            ),
            now(
                q.increase("hotline_voicemails_total", q.QUEUE, "queue, result") + " > 0",
                "{{queue}} {{result}}",
            ),
            look=number(color=BLUE, empty=NONE),
            height=8,
        ),
        trend(
            Words("ข้อความที่ยังไม่เสร็จ", "messages that are not done"),
            Words(
                "new = ยังไม่มีผู้รับไปดำเนินการ, taken = เจ้าหน้าที่รับไปแล้ว",
                "new: nobody has taken it; taken: an operator has",
            ),
            course(
                f"sum by (queue, state) (hotline_voicemail_tasks{{{q.QUEUE}}})",
                "{{queue}} {{state}}",
            ),
            look=number(empty=NONE),
        ),
        figure(
            Words("ข้อความใหม่ขณะนี้", "new messages now"),
            Words("ยังไม่มีเจ้าหน้าที่รับไปดำเนินการ", "nobody has taken these"),
            now(
                f'sum by (queue) (hotline_voicemail_tasks{{state="new",{q.QUEUE}}})',
                "{{queue}}",
            ),
            look=number(color=BLUE, empty=NONE),
            width=12,
        ),
        figure(
            Words("ข้อความเก่าที่สุดที่ยังไม่เสร็จ", "oldest message that is not done"),
            Words(
                "นับจากเวลาที่ฝาก รวมเวลาที่คิวปิด; 0 = ไม่มีข้อความค้าง",
                "since it was left, with the hours in which the queue is closed; 0: there is none",
            ),
            now(
                f"max by (queue) (hotline_voicemail_oldest_seconds{{{q.QUEUE}}})",
                "{{queue}}",
            ),
            look=number(SECONDS, color=BLUE, empty=NONE),
            width=12,
        ),
    ),
)

_menu = Row(
    title=Words("เมนู", "The menu"),
    panels=(
        bars(
            Words("ปุ่มที่ผู้โทรเลือก", "what callers chose"),
            Words(
                "จำนวนครั้งที่กดแต่ละปุ่มในแต่ละขั้น; 0 = ขอคุยกับเจ้าหน้าที่",
                "how often each key of each step was pressed; 0 is a wish for a person",
            ),
            now(
                q.increase("hotline_menu_keys_total", q.LINE, "line, step, key") + " > 0",
                "{{line}} {{step}} {{key}}",
            ),
            look=number(color=BLUE, empty=NONE),
            height=8,
        ),
        bars(
            Words("ออกจากเมนูอย่างไร", "how they left it"),
            Words(
                "chosen = เลือกแล้ว, person = กด 0, nothing = ไม่กด, served = ฟังสถานะเรื่องแล้ว, "
                "left = วางสาย, cut = สายหลุด",
                "person: pressed 0; nothing: pressed nothing that had a meaning; served: told how "
                "far a case is; left: hung up; cut: by us or by Asterisk",
            ),
            now(
                q.increase("hotline_menu_seconds_count", q.LINE, "line, ending") + " > 0",
                "{{line}} {{ending}}",
            ),
            look=number(color=BLUE, empty=NONE),
            height=8,
        ),
        bars(
            Words("สอบถามสถานะเรื่อง", "asked how far a case is"),
            Words(
                "คำตอบต่อหมายเลขเรื่องที่กด; wrong = หมายเลขไม่ถูกต้อง, away = ตรวจสอบไม่ได้, "
                "too_often = ถามเกินกำหนด",
                "what was answered to the numbers that were typed; away: the database did not "
                "answer in time; too_often: that telephone has asked too often",
            ),
            now(
                q.increase("hotline_case_lookups_total", q.LINE, "line, result") + " > 0",
                "{{line}} {{result}}",
            ),
            look=number(color=BLUE, empty=NONE),
            height=8,
        ),
        bars(
            Words("สอบถามสถานะการโทรกลับ", "asked about a callback"),
            Words(
                "คำตอบต่อหมายเลขที่โทรเข้ามา; waiting = อยู่ในลำดับ, later = นัดเวลาไว้, "
                "again = จะโทรอีกครั้ง, hours = นอกเวลาโทรกลับ, none = ไม่มีการโทรกลับ, "
                "too_often = ถามเกินกำหนด",
                "what was answered to the number that called; again: was tried and will be again; "
                "hours: nobody is called at this time; none: no callback, or a withheld number",
            ),
            now(
                q.increase("hotline_callback_lookups_total", q.LINE, "line, result") + " > 0",
                "{{line}} {{result}}",
            ),
            look=number(color=BLUE, empty=NONE),
            height=8,
        ),
        trend(
            Words("เวลาในเมนู", "time in the menu"),
            Words("ค่ากลาง และ 90% ไม่เกิน", "the median, and what 90 % do not exceed"),
            *(
                course(
                    q.quantile(share, "hotline_menu_seconds", q.LINE, window=q.COURSE),
                    f"{{{{line}}}} {name}",
                )
                for share, name in ((0.5, "50 %"), (0.9, "90 %"))
            ),
            look=number(SECONDS),
            height=5,
        ),
    ),
)

_formulas = Row(
    title=Words("ระดับบริการตามทุกนิยามที่เผยแพร่", "Service level by every published formula"),
    panels=tuple(
        figure(
            Words(
                f"{formula.title_th} ≤ {formula.threshold_seconds} วิ",
                f"{formula.title_en} ≤ {formula.threshold_seconds} s",
            ),
            Words(
                f"นิยามรุ่น {formula.version} นับเวลารอตั้งแต่สายเข้า",
                f"{formula.name} v{formula.version}, waits from arrival. {formula.source}",
            ),
            now(q.service_level(formula.name, formula.threshold_seconds, matchers=q.BOTH)),
            look=Look(unit=SHARE, steps=[(None, BLUE)]),
            width=12,
            height=4,
        )
        for formula in FORMULAS
    ),
)

_talk = Row(
    title=Words("การสนทนา", "Conversations"),
    panels=(
        figure(
            Words("สนทนาเฉลี่ย", "mean talk"),
            Words("เวลาที่ผู้โทรคุยกับเจ้าหน้าที่", "time caller and operator were joined"),
            now(q.mean("hotline_call_talk_seconds", q.BOTH)),
            look=number(SECONDS, color=BLUE),
        ),
        figure(
            Words("บันทึกงานเฉลี่ย", "mean wrap-up"),
            Words("เวลาหลังวางสาย", "time after the call"),
            now(q.mean("hotline_call_wrapup_seconds", q.QUEUE, "queue"), "{{queue}}"),
            look=number(SECONDS, color=BLUE),
        ),
        trend(
            Words("สนทนาเฉลี่ยตลอดช่วงเวลา", "mean talk over time"),
            Words("ตามคิว", "by queue"),
            course(q.mean("hotline_call_talk_seconds", q.BOTH, "queue", q.COURSE), "{{queue}}"),
            look=number(SECONDS),
            height=5,
        ),
    ),
)

SURVEYS = "hotline_surveys_total"
SURVEYED = q.increase(SURVEYS, q.BOTH)
SURVEY_ANSWERS = q.increase(SURVEYS, f'result=~"1|2|3|4|5",{q.BOTH}')
SURVEY_POINTS = " + ".join(
    f"{score} * " + q.increase(SURVEYS, f'result="{score}",{q.BOTH}') for score in range(1, 6)
)

_surveys = Row(
    title=Words("ความพึงพอใจ", "What callers said"),
    panels=(
        figure(
            Words("ถามหลังการสนทนา", "asked after the talk"),
            Words(
                "ผู้โทรที่ได้รับการเชิญให้ประเมินเมื่อเจ้าหน้าที่วางสาย",
                "callers who were asked how it was when the operator had ended the talk",
            ),
            now(SURVEYED),
            look=number(color=BLUE, empty=NONE),
        ),
        figure(
            Words("อัตราการตอบ", "answered the survey"),
            Words(
                "ส่วนของผู้ที่ถูกถามซึ่งกด 1 ถึง 5; น้อยกว่า 20 คนไม่แสดงอัตรา",
                "of those asked, the share that pressed 1 to 5; not shown of fewer than 20",
            ),
            now(q.of_enough(q.over(SURVEY_ANSWERS, SURVEYED), SURVEYED)),
            look=Look(unit=SHARE, empty=NONE, states=NO_SHARE),
        ),
        figure(
            Words("คะแนนเฉลี่ย", "mean score"),
            Words(
                "1 น้อยที่สุด ถึง 5 มากที่สุด; มีผู้ตอบน้อยกว่า 20 คนไม่แสดง",
                "1 very poor to 5 very good; not shown of fewer than 20 answers",
            ),
            now(q.of_enough(q.over(f"({SURVEY_POINTS})", SURVEY_ANSWERS), SURVEY_ANSWERS)),
            look=Look(empty=NONE, states=NO_SHARE),
        ),
        bars(
            Words("ผลการประเมิน", "what they pressed"),
            Words(
                "1 ถึง 5 = คะแนน, silent = ไม่กด, left = วางสาย, cut = สายหลุด; ตามกลุ่มเจ้าหน้าที่ของคิว",
                "1 to 5; silent: pressed nothing; left: hung up; cut: by us or by Asterisk; "
                "by the queue whose operators served them",
            ),
            now(
                q.increase(SURVEYS, q.BOTH, "queue, result") + " > 0",
                "{{queue}} {{result}}",
            ),
            look=number(color=BLUE, empty=NONE),
            width=24,
            height=8,
        ),
    ),
)

_moved = Row(
    title=Words("วิธีอ่าน", "How to read this"),
    panels=(
        note(
            Words("สายที่ย้ายคิว", "moved calls"),
            Words("สายที่ย้ายคิวนับในคิวใด", "in which queue a moved call counts"),
            "สายที่รอนานจนถูกย้ายคิว นับว่าเข้าคิวแรก แต่ผล เวลารอ และการสนทนานับในคิวสุดท้าย "
            "เลือกคิวเดียวจึงอาจเห็นสายเข้าคิวกับผลไม่เท่ากัน\n\n"
            "A call that waited too long and was moved is offered in its first queue; its outcome, "
            "wait and talk count in its last. With one queue chosen, offered and outcomes may "
            "differ by those.",
        ),
    ),
)

PAGE = Page(
    uid="hotline-queue",
    title=Words("รายละเอียดคิว", "Queue detail"),
    about=Words(
        "สายเป็นอย่างไร รอนานเท่าใด และระดับบริการตามทุกนิยาม",
        "What became of the calls, how long they waited, and every formula of service level",
    ),
    rows=(
        *(_calls, _waits, _overflow, _news, _callbacks, _voicemail),
        *(_menu, _formulas, _talk, _surveys, _moved),
    ),
)
