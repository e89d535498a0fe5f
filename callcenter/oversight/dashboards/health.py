"""Health of the service and of its tie to Asterisk, and whether the figures can be trusted.

Printed by files.py.
"""

from callcenter.oversight.dashboards.page import Page, Row
from callcenter.oversight.dashboards.panels import (
    PER_MINUTE,
    SECONDS,
    Look,
    course,
    figure,
    now,
    number,
    share,
    timeline,
    trend,
)
from callcenter.oversight.dashboards.targets import (
    BEHIND_SECONDS,
    BLUE,
    GREEN,
    NONE_AT_ALL,
    RECORDED,
    RED,
)
from callcenter.oversight.dashboards.words import NOTHING, Words

JOB = 'job="callcenter"'
LEDGER = 'increase(hotline_ledger_calls_total{known!="greeting"}[$__range])'
KNOWN = 'increase(hotline_ledger_calls_total{known="true"}[$__range])'
NO_ALERTS = Words("ไม่มีการแจ้งเตือน", "no alerts")
TIED = Look(
    steps=[(None, RED), (1, GREEN)],
    empty=NOTHING,
    states={"0": (Words("ขาด", "away"), RED), "1": (Words("ปกติ", "there"), GREEN)},
)

PAGE = Page(
    uid="hotline-health",
    title=Words("สุขภาพของระบบ", "Health of service and Asterisk"),
    about=Words(
        "บริการ Asterisk และความน่าเชื่อถือของตัวเลข",
        "The service, Asterisk, and whether the figures can be trusted",
    ),
    variables=(),
    rows=(
        Row(
            title=Words("ขณะนี้", "Now"),
            panels=(
                figure(
                    Words("บริการ", "service"),
                    Words("Prometheus อ่านค่าจากบริการได้", "Prometheus can read from the service"),
                    now(f"up{{{JOB}}}", "{{instance}}"),
                    look=TIED,
                ),
                figure(
                    Words("Asterisk", "Asterisk"),
                    Words("บริการเชื่อมต่อ Asterisk อยู่", "the service is connected to Asterisk"),
                    now("min(hotline_ari_connected)", "ARI"),
                    look=TIED,
                ),
                figure(
                    Words("เหตุการณ์ล่าสุดเมื่อ", "last event ago"),
                    Words("ตั้งแต่ Asterisk ส่งเหตุการณ์ครั้งสุดท้าย", "since Asterisk last sent an event"),
                    # An event can come between the question and its answer.
                    now(
                        "clamp_min(time() - max(hotline_ari_last_event_timestamp_seconds), 0)",
                        "ARI",
                    ),
                    look=number(SECONDS, color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("การแจ้งเตือนที่ทำงานอยู่", "alerts firing"),
                    Words(
                        "ไม่รวมสัญญาณยืนยันว่าระบบแจ้งเตือนทำงาน", "less the watchdog, which always fires"
                    ),
                    now(
                        'count by (severity) (ALERTS{alertstate="firing",severity!="none"})',
                        "{{severity}}",
                    ),
                    look=Look(steps=[(None, GREEN), (1, RED)], empty=NO_ALERTS),
                ),
                timeline(
                    Words("ตลอดช่วงเวลา", "over time"),
                    Words("แดงคือช่วงที่ขาดหาย", "red is a time without"),
                    course(f"min(up{{{JOB}}})", "service"),
                    course("min(hotline_ari_connected)", "Asterisk"),
                    look=TIED,
                    width=24,
                    height=5,
                ),
            ),
        ),
        Row(
            title=Words("เชื่อตัวเลขได้หรือไม่", "Can the figures be trusted"),
            panels=(
                figure(
                    Words("ยอดสายไม่ลงรอย", "counts that disagree"),
                    Words(
                        "สายเข้า = ผลรวมของทุกผล; ต้องเป็นศูนย์",
                        "received must equal the sum of what became of the calls",
                    ),
                    now("max(hotline_call_identity_mismatch)", "mismatch"),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                ),
                figure(
                    Words("สายที่มีบันทึกครบ", "complete records"),
                    Words(
                        "สายในบัญชีของ Asterisk ที่บริการมีบันทึกอยู่แล้ว",
                        "calls that reached us by Asterisk's own ledger, of which we had a record",
                    ),
                    now(f"sum({KNOWN}) / sum({LEDGER})", "known"),
                    look=share(RECORDED),
                ),
                figure(
                    Words("ยังไม่ลงฐานข้อมูล", "not in the database yet"),
                    Words("ข้อเท็จจริงแรกที่รอมานานเท่าใด", "how long the first fact has waited"),
                    now("max(hotline_record_behind_seconds)", "behind"),
                    look=number(SECONDS, target=BEHIND_SECONDS, empty=NOTHING),
                ),
                figure(
                    Words("บันทึกไม่สำเร็จ", "writes that failed"),
                    Words(
                        "ในช่วงที่เลือก; ข้อมูลถูกเก็บไว้และลองใหม่",
                        "over the chosen time; what failed is kept and tried again",
                    ),
                    now(
                        "sum by (place) (increase(hotline_log_write_errors_total[$__range]))",
                        "{{place}}",
                    ),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                ),
            ),
        ),
        Row(
            title=Words("ความเร็ว", "Speed"),
            panels=(
                trend(
                    Words("วงรอบเหตุการณ์ช้า", "event loop lag"),
                    Words("99% ของการปลุกช้ากว่ากำหนดไม่เกินนี้", "99 % of wake-ups were late by at most"),
                    course(
                        "histogram_quantile(0.99, sum by (le) "
                        "(rate(hotline_event_loop_lag_seconds_bucket[$__rate_interval])))",
                        "99 %",
                    ),
                    look=number(SECONDS, empty=NOTHING),
                    width=8,
                ),
                trend(
                    Words("คำขอถึง Asterisk", "requests to Asterisk"),
                    Words("95% ได้คำตอบภายในเวลานี้", "95 % were answered within"),
                    course(
                        "histogram_quantile(0.95, sum by (le) "
                        "(rate(hotline_ari_request_seconds_bucket[$__rate_interval])))",
                        "95 %",
                    ),
                    look=number(SECONDS, empty=NOTHING),
                    width=8,
                ),
                trend(
                    Words("เหตุการณ์ที่รอ", "events that wait"),
                    Words("เหตุการณ์ที่รอตัดสินใจ ควรใกล้ศูนย์", "waiting for the engine; near nought"),
                    course("max(hotline_inbox_events)", "inbox"),
                    look=number(empty=NOTHING),
                    width=8,
                ),
                trend(
                    Words("เหตุการณ์ต่อนาที", "events per minute"),
                    Words("ที่ Asterisk ส่งมา ตามชนิด", "that Asterisk sent, by type"),
                    course(
                        "60 * sum by (type) (rate(hotline_ari_events_total[$__rate_interval]))",
                        "{{type}}",
                    ),
                    look=number(PER_MINUTE, empty=NOTHING),
                    width=8,
                ),
                trend(
                    Words("เวลาที่ใช้อ่านค่า", "scrape duration"),
                    Words("Prometheus อ่านค่าจากบริการนานเท่าใด", "how long Prometheus takes to read"),
                    course(f"scrape_duration_seconds{{{JOB}}}", "{{instance}}"),
                    look=number(SECONDS, empty=NOTHING),
                    width=8,
                ),
                trend(
                    Words("ขาดการติดต่อ", "connections lost"),
                    Words("การเชื่อมต่อ Asterisk ที่ขาดไป", "connections to Asterisk that were lost"),
                    course("sum(increase(hotline_ari_losses_total[$__rate_interval]))", "lost"),
                    look=number(empty=NOTHING),
                    width=8,
                ),
            ),
        ),
        Row(
            title=Words("การเดารหัสผ่านโทรศัพท์", "Who guesses passwords of phones"),
            panels=(
                figure(
                    Words("ที่อยู่ที่ถูกระงับขณะนี้", "addresses banned now"),
                    Words(
                        "Asterisk ไม่รับสิ่งใดจากที่อยู่เหล่านี้ (callcenter ban list)",
                        "Asterisk refuses all that comes from them (callcenter ban list)",
                    ),
                    now("sum by (kind) (hotline_sip_banned_addresses)", "{{kind}}"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("โทรศัพท์ที่ถูกรุมเดา", "phones attacked by many"),
                    Words(
                        "บัญชีโทรศัพท์ที่มีหลายที่อยู่เดารหัสผ่านภายในสิบนาที",
                        "phones at whose password many addresses guess",
                    ),
                    now("max(hotline_sip_attacked_accounts)", "phones"),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                ),
                trend(
                    Words("การเดาต่อนาที", "guesses per minute"),
                    Words(
                        "รหัสผ่านที่ส่งมาจากที่อยู่ซึ่งไม่มีโทรศัพท์ลงทะเบียน",
                        "passwords sent from addresses at which no phone is registered",
                    ),
                    course(
                        "60 * sum(rate(hotline_sip_guesses_total[$__rate_interval]))", "guesses"
                    ),
                    look=number(PER_MINUTE, empty=NOTHING),
                    width=12,
                    height=5,
                ),
            ),
        ),
    ),
)
