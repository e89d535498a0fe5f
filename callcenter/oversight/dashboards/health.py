"""The health of the service and of its connection to Asterisk, and whether the figures can be
trusted.

Printed by files.py.
"""

from callcenter.oversight.dashboards.page import Page, Row
from callcenter.oversight.dashboards.panels import (
    BYTES,
    PER_MINUTE,
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
from callcenter.oversight.dashboards.targets import (
    AMBER,
    BEHIND_SECONDS,
    BLUE,
    GREEN,
    MONTHS_AHEAD,
    NONE_AT_ALL,
    PURGE_LAG,
    RECORDED,
    RED,
    WEBHOOK_BEHIND_SECONDS,
)
from callcenter.oversight.dashboards.words import NOTHING, Words

JOB = 'job="callcenter"'
LEDGER = 'increase(hotline_ledger_calls_total{known!="greeting"}[$__range])'
KNOWN = 'increase(hotline_ledger_calls_total{known="true"}[$__range])'
NO_ALERTS = Words("ไม่มีการแจ้งเตือน", "no alerts")
ROOM_STEPS = ((None, RED), (500_000_000, AMBER), (5_000_000_000, GREEN))
"""In bytes: enough for 8 hours and for 86 hours of talk."""
TIED = Look(
    steps=[(None, RED), (1, GREEN)],
    empty=NOTHING,
    states={"0": (Words("ขาด", "away"), RED), "1": (Words("ปกติ", "there"), GREEN)},
)
NODE = "max by (node) (hotline_node_connected * (2 - hotline_node_draining))"
OF_A_NODE = Look(
    steps=[(None, RED), (1, AMBER), (2, GREEN)],
    empty=NOTHING,
    states={
        "0": (Words("ขาดการติดต่อ", "lost"), RED),
        "1": (Words("งดรับสายใหม่", "drained"), AMBER),
        "2": (Words("รับสาย", "takes calls"), GREEN),
    },
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
                    # clamp_min, because an event may come between the scrape and the query.
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
            title=Words("เครื่อง Asterisk แต่ละเครื่อง", "Each Asterisk (node)"),
            panels=(
                figure(
                    Words("สถานะของแต่ละเครื่อง", "state of each node"),
                    Words(
                        "ขาดการติดต่อ งดรับสายใหม่ หรือรับสาย (callcenter node list)",
                        "lost, drained, or takes calls (callcenter node list)",
                    ),
                    now(NODE, "{{node}}"),
                    look=OF_A_NODE,
                ),
                bars(
                    Words("สายในแต่ละเครื่อง", "calls on each node"),
                    Words("จำนวนสายขณะนี้ ทั้งที่รอและที่สนทนา", "calls now, waiting and talking"),
                    now("sum by (node) (hotline_node_calls)", "{{node}}"),
                    look=number(color=BLUE, empty=NOTHING),
                    width=6,
                    height=5,
                ),
                timeline(
                    Words("สถานะของแต่ละเครื่องตลอดช่วงเวลา", "nodes over time"),
                    Words("แดงคือขาดการติดต่อ เหลืองคืองดรับสายใหม่", "red is lost, yellow is drained"),
                    course(NODE, "{{node}}"),
                    look=OF_A_NODE,
                    height=5,
                ),
                trend(
                    Words("สายในแต่ละเครื่องตลอดช่วงเวลา", "calls on nodes over time"),
                    Words("จำนวนสาย ทั้งที่รอและที่สนทนา", "calls, waiting and talking"),
                    course("sum by (node) (hotline_node_calls)", "{{node}}"),
                    look=number(empty=NOTHING),
                    width=24,
                    height=6,
                    stacked=True,
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
            title=Words("เสียงสนทนาที่บันทึก", "Recorded talks"),
            panels=(
                figure(
                    Words("กำลังบันทึก", "recorded now"),
                    Words(
                        "การสนทนาที่กำลังบันทึกอยู่ (silent: หยุดบันทึกชั่วคราว)",
                        "talks that are recorded at this moment (silent: paused for secrets)",
                    ),
                    now("sum by (state) (hotline_recordings_now)", "ขณะนี้/now {{state}}"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("รอเข้ารหัส", "waiting to be sealed"),
                    Words(
                        "จบแล้วแต่ยังไม่ได้เข้ารหัส ถ้าค้างเกินหนึ่งชั่วโมงเสียงจะถูกทิ้ง",
                        "over and not sealed; after an hour of that the sound is given up",
                    ),
                    now("max(hotline_recordings_waiting)", "waiting"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("ไม่มีเสียง", "without sound"),
                    Words("ในช่วงที่เลือก ตามสาเหตุ", "over the chosen time, by cause"),
                    now(
                        "sum by (why) (increase(hotline_recordings_failed_total[$__range]))",
                        "{{why}}",
                    ),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                ),
                figure(
                    Words("เสียงขาดบางส่วน", "cut short"),
                    Words(
                        "ในช่วงที่เลือก: เสียงสั้นกว่าการสนทนา",
                        "over the chosen time: less sound than the talk was long",
                    ),
                    now("sum(increase(hotline_recordings_short_total[$__range]))", "short"),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                ),
                figure(
                    Words("เก็บไว้ทั้งหมด", "stored"),
                    Words(
                        "เสียงที่เก็บไว้ และในจำนวนนั้นที่ถูกสั่งระงับการลบ",
                        "recordings with sound, and of these the ones that are held",
                    ),
                    now("sum by (kind) (hotline_recordings_stored)", "{{kind}}"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("ขนาดรวม", "bytes stored"),
                    Words("เสียงที่เข้ารหัสแล้ว", "of sealed sound"),
                    now("sum(hotline_recordings_stored_bytes)", "stored"),
                    look=number(BYTES, color=BLUE, empty=NOTHING),
                    width=4,
                ),
                figure(
                    Words("ที่ว่าง", "room left"),
                    Words(
                        "เหนือส่วนที่ต้องเหลือไว้; 0 คือเก็บเพิ่มไม่ได้",
                        "above what has to stay free; at 0 nothing more is sealed",
                    ),
                    now("min(hotline_recordings_free_bytes)", "free"),
                    look=Look(unit=BYTES, steps=ROOM_STEPS, empty=NOTHING),
                    width=4,
                ),
                figure(
                    Words("เสียงเก่าที่สุด", "oldest"),
                    Words("อายุของเสียงเก่าที่สุดที่ไม่ถูกระงับการลบ", "age of the oldest that nobody holds"),
                    now("max(hotline_recordings_oldest_seconds)", "oldest"),
                    look=number(SECONDS, color=BLUE, empty=NOTHING),
                    width=5,
                ),
                figure(
                    Words("เลยกำหนดลบ", "purge lag"),
                    Words(
                        "เสียงที่ควรลบแล้วแต่ยังอยู่ เลยกำหนดมานานเท่าใด",
                        "how long ago the oldest that is still there should have been removed",
                    ),
                    now("max(hotline_recordings_purge_lag_seconds)", "lag"),
                    look=number(SECONDS, target=PURGE_LAG, empty=NOTHING),
                    width=5,
                ),
                trend(
                    Words("เก็บแล้ว ไม่มีเสียง ฟัง ลบ", "kept, failed, heard, removed"),
                    Words("ต่อนาที", "a minute"),
                    course(
                        "60 * sum(rate(hotline_recordings_kept_total[$__rate_interval]))",
                        "เก็บ/kept",
                    ),
                    course(
                        "60 * sum(rate(hotline_recordings_failed_total[$__rate_interval]))",
                        "ไม่มีเสียง/failed",
                    ),
                    course(
                        "60 * sum(rate(hotline_recordings_played_total[$__rate_interval]))",
                        "ฟัง/heard",
                    ),
                    course(
                        "60 * sum(rate(hotline_recordings_purged_total[$__rate_interval]))",
                        "ลบ/removed",
                    ),
                    look=number(PER_MINUTE, empty=NOTHING),
                    width=24,
                    height=5,
                ),
            ),
        ),
        Row(
            title=Words("การแจ้งระบบอื่น", "Webhooks"),
            panels=(
                figure(
                    Words("ข้อความถึงระบบอื่น", "messages to other programs"),
                    Words(
                        "รอส่ง ส่งแล้ว และเลิกส่ง (เก็บไว้ 3 วันและ 30 วัน)",
                        "queued, sent (kept for 3 days), given up (30 days)",
                    ),
                    now("sum by (state) (hotline_webhook_deliveries)", "{{state}}"),
                    look=number(color=BLUE, empty=NOTHING),
                ),
                figure(
                    Words("ค้างส่งนานที่สุด", "behind"),
                    Words(
                        "ข้อความแรกที่ยังส่งไม่ได้รอมานานเท่าใด; 0 เมื่อไม่มี",
                        "how long the first that is not sent has waited; 0 when none is",
                    ),
                    now("max(hotline_webhook_behind_seconds)", "ค้าง/behind"),
                    look=number(SECONDS, target=WEBHOOK_BEHIND_SECONDS, empty=NOTHING),
                ),
                trend(
                    Words("การส่งต่อนาที", "tries to send them"),
                    Words("ส่งได้ ส่งไม่ได้ หรือเลิกส่ง", "sent, failed, or given up, a minute"),
                    course(
                        "60 * sum by (result) "
                        "(rate(hotline_webhook_tries_total[$__rate_interval]))",
                        "{{result}}",
                    ),
                    course(
                        "60 * sum(rate(hotline_webhook_dropped_total[$__rate_interval]))",
                        "ทิ้ง/dropped",
                    ),
                    look=number(PER_MINUTE, empty=NOTHING),
                    height=5,
                ),
            ),
        ),
        Row(
            title=Words("การลบข้อมูลส่วนบุคคลตามกำหนด", "Personal data whose time is over"),
            panels=(
                figure(
                    Words("ลบแล้ว", "forgotten"),
                    Words(
                        "ลบในช่วงที่เลือก ตามชนิดของข้อมูล", "in the chosen time, by kind: rows and files"
                    ),
                    now(
                        "sum by (kind) (increase(hotline_retention_removed_total[$__range]))",
                        "{{kind}}",
                    ),
                    look=number(color=BLUE, empty=NOTHING),
                    width=12,
                    height=6,
                ),
                figure(
                    Words("เกินกำหนดแต่ยังอยู่", "kept too long"),
                    Words(
                        "ข้อมูลที่ยังอยู่ทั้งที่เลยกำหนดลบเกิน ๓๖ ชั่วโมง ตามชนิดของข้อมูล",
                        "still there 36 hours after its time was over, by kind",
                    ),
                    now("sum by (kind) (hotline_retention_overdue)", "{{kind}}"),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                    width=8,
                    height=6,
                ),
                figure(
                    Words("ตรวจครั้งล่าสุด", "last run"),
                    Words(
                        "เวลาที่ผ่านไปตั้งแต่ระบบตรวจและลบเสร็จครั้งล่าสุด (ทุกวัน)",
                        "time since a run that forgets came to its end; there is one every day",
                    ),
                    now(
                        "time() - (max(hotline_retention_last_run_timestamp_seconds) > 0)",
                        "ผ่านมา/ago",
                    ),
                    look=number(SECONDS, target=PURGE_LAG, empty=NOTHING),
                    width=4,
                    height=6,
                ),
            ),
        ),
        Row(
            title=Words("ตารางรายเดือนในฐานข้อมูล", "Months in the database"),
            panels=(
                figure(
                    Words("เตรียมไว้ล่วงหน้า", "made ahead"),
                    Words(
                        "ระยะเวลาต่อจากนี้ที่มีตารางรายเดือนรองรับแล้ว",
                        "the time from now on that has tables of their month",
                    ),
                    now("min by (table) (hotline_months_ahead_seconds)", "{{table}}"),
                    look=number(SECONDS, target=MONTHS_AHEAD, empty=NOTHING),
                    width=12,
                    height=5,
                ),
                figure(
                    Words("ยังไม่ได้แยกตามเดือน", "without a month"),
                    Words(
                        "แถวข้อมูลที่ยังไม่อยู่ในตารางของเดือน (นับถึง 100,000)",
                        "rows that are in no month's table (counted up to 100,000)",
                    ),
                    now("max by (table) (hotline_months_default_rows)", "{{table}}"),
                    look=number(target=NONE_AT_ALL, empty=NOTHING),
                    width=12,
                    height=5,
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
