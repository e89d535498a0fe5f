"""Trunks: whether citizens can reach the published numbers. Printed by files.py.

This is the view from inside: the trunks' states, their free channels, our own refusals. Only a call
from outside can show whether a number rings there.
"""

from callcenter.oversight.dashboards import queries as q
from callcenter.oversight.dashboards.page import LINE, TRUNK, Page, Row
from callcenter.oversight.dashboards.panels import (
    NO_SHARE,
    PER_MINUTE,
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
from callcenter.oversight.dashboards.targets import (
    ADMITTED,
    BLUE,
    GREEN,
    NONE_AT_ALL,
    RED,
    THERE,
    TRUNK_USE,
)
from callcenter.oversight.dashboards.words import NONE, NOT_KNOWN, NOTHING, Words

NOT_ASKED = Words("ไม่ทราบ: ไม่ได้สอบถามผู้ให้บริการ", "not known: the carrier is not asked")
CHOSEN = 'trunk=~"$trunk"'
UP = Look(
    steps=[(None, RED), (1, GREEN)],
    empty=NOT_ASKED,
    states={
        "0": (Words("ใช้ไม่ได้", "down"), RED),
        "1": (Words("ใช้ได้", "up"), GREEN),
        **NO_SHARE,
    },
)
IN_USE = f'hotline_trunk_channels{{kind="in_use",{CHOSEN}}}'
LIMIT = f'hotline_trunk_channels{{kind="limit",{CHOSEN}}} > 0'

PAGE = Page(
    uid="hotline-trunks",
    title=Words("วงจรและการติดต่อ", "Trunks and reachability"),
    about=Words(
        "ประชาชนโทรเข้าหมายเลขที่ประกาศไว้ได้หรือไม่ เท่าที่เห็นจากภายใน",
        "Whether citizens get through to the published numbers, as far as it is seen from inside",
    ),
    variables=(LINE, TRUNK),
    rows=(
        Row(
            title=Words("วงจร", "Trunks"),
            panels=(
                figure(
                    Words("สถานะขณะนี้", "state now"),
                    Words(
                        "ผู้ให้บริการตอบ Asterisk หรือไม่ (CALLCENTER_TRUNK_CONTACTS)",
                        "whether the carrier answers Asterisk (CALLCENTER_TRUNK_CONTACTS)",
                    ),
                    now(q.or_not_known(f"hotline_trunk_up{{{CHOSEN}}}", CHOSEN), "{{trunk}}"),
                    look=UP,
                ),
                figure(
                    Words("ช่องสัญญาณที่ใช้", "channels in use"),
                    Words("จำนวนสายที่กำลังใช้วงจร", "calls on the trunk now"),
                    now(IN_USE, "{{trunk}}"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("สัดส่วนที่ใช้", "share in use"),
                    Words(
                        "เมื่อเต็ม ผู้โทรได้ยินสัญญาณไม่ว่างและไม่มีใครนับได้",
                        "when full, callers hear busy and nobody counts them",
                    ),
                    now(f"{IN_USE} / on (instance, trunk) ({LIMIT})", "{{trunk}}"),
                    look=share(TRUNK_USE, Words("ไม่ทราบจำนวนช่อง", "limit not known")),
                ),
                figure(
                    Words("พร้อมใช้ในช่วงที่เลือก", "availability"),
                    Words(
                        "สัดส่วนเวลาที่วงจรใช้ได้ในช่วงที่เลือก", "share of the chosen time the trunk was up"
                    ),
                    now(q.or_not_known(q.trunk_up(CHOSEN), CHOSEN), "{{trunk}}"),
                    look=share(THERE, NOT_ASKED),
                ),
                timeline(
                    Words("สถานะตลอดช่วงเวลา", "state over time"),
                    Words("เขียวใช้ได้ แดงใช้ไม่ได้", "green up, red down"),
                    course(f"hotline_trunk_up{{{CHOSEN}}}", "{{trunk}}"),
                    look=UP,
                ),
                trend(
                    Words("ช่องสัญญาณตลอดช่วงเวลา", "channels over time"),
                    Words("ที่ใช้ และที่มีถ้าทราบ", "in use, and the limit where it is known"),
                    course(IN_USE, "{{trunk}} {{kind}}"),
                    course(LIMIT, "{{trunk}} {{kind}}"),
                    look=number(empty=NOTHING),
                    height=7,
                ),
            ),
        ),
        Row(
            title=Words("ช่องเสียงของ Asterisk", "Room in Asterisk"),
            panels=(
                figure(
                    Words("ผู้โทรขณะนี้ต่อที่รับได้", "callers, of those there is room for"),
                    Words(
                        "เมื่อเต็ม ผู้โทรรายใหม่ถูกปฏิเสธ รวมถึงสายที่ไม่มีใครตอบรับ",
                        "when full, new callers are refused; calls that nobody acknowledges count",
                    ),
                    now(
                        'hotline_asterisk_legs{kind="callers"} / on (instance) '
                        'hotline_asterisk_legs{kind="callers_limit"}',
                        "{{instance}}",
                    ),
                    look=share(TRUNK_USE, NOT_KNOWN),
                    width=8,
                ),
                trend(
                    Words("ช่องเสียงตลอดช่วงเวลา", "legs over time"),
                    Words(
                        "ผู้โทร ทั้งหมดรวมเจ้าหน้าที่ และที่รับได้",
                        "callers, all with operators, and how many there may be",
                    ),
                    course("hotline_asterisk_legs", "{{kind}}"),
                    look=number(empty=NOTHING),
                    width=16,
                    height=5,
                ),
            ),
        ),
        Row(
            title=Words("การรับเข้า", "Admission"),
            panels=(
                figure(
                    Words("สายที่เข้าได้", "calls let in"),
                    Words(
                        "ที่เหลือคือสายที่คิวเต็ม",
                        "the rest found the queue full",
                    ),
                    now(q.admitted()),
                    look=share(ADMITTED),
                ),
                figure(
                    Words("หมายเลขที่ไม่ได้ประกาศ", "unknown numbers"),
                    Words(
                        "สายที่โทรถึงหมายเลขซึ่งไม่อยู่ในแฟ้มตั้งค่า: อาจตั้งค่าวงจรผิด",
                        "calls to a number the site file does not know: it or the trunk is wrong",
                    ),
                    now(
                        "sum(increase(hotline_calls_rejected_total"
                        '{reason="unknown_number"}[$__range]))',
                        "unknown",
                    ),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                ),
                bars(
                    Words("Asterisk ปฏิเสธก่อนถึงระบบ", "refused by Asterisk itself, by kind"),
                    Words(
                        "สายที่ไม่อยู่ในจำนวนอื่นใด เพราะโทรไม่ติด",
                        "these are in no other count: their callers did not get through",
                    ),
                    now(
                        "sum by (kind, status) (increase(hotline_trunk_refused_total"
                        "[$__range])) > 0",
                        "{{kind}} {{status}}",
                    ),
                    look=number(color=RED, empty=NONE),
                    height=5,
                ),
                bars(
                    Words("ไม่ให้เข้า ตามเหตุผล", "not let in, by reason"),
                    Words("จำนวนในช่วงที่เลือก", "how many over the chosen time"),
                    now(
                        q.increase("hotline_calls_rejected_total", q.LINE, "line, reason") + " > 0",
                        "{{line}} {{reason}}",
                    ),
                    look=number(color=BLUE, empty=NONE),
                    height=5,
                ),
                trend(
                    Words("สายเข้าต่อนาที", "calls received per minute"),
                    Words(
                        "เส้นราบที่ศูนย์ในเวลาที่ควรมีสาย คือสัญญาณว่าหมายเลขอาจโทรไม่ติด",
                        "flat zero at a time that should have calls hints that the number is dead",
                    ),
                    course(q.per_minute("hotline_calls_received_total", q.LINE)),
                    look=number(PER_MINUTE),
                    width=24,
                ),
            ),
        ),
    ),
)
