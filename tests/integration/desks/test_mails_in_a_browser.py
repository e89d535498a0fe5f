"""What a round's page says of the mails that came in, at the pages: a real IMAP server, PostgreSQL
and Chromium."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.desks.reports.post import Mail
from tests.browser import LAPTOP, TABLET, Browser, Screen
from tests.integration.desks.dovecot import delivered, dovecot
from tests.integration.desks.office import Office
from tests.integration.desks.test_mail_in import (
    FORM,
    P33,
    bounce,
    code_of,
    filled,
    mail,
    number,
    reading,
)
from tests.integration.desks.test_prang_ku_in_a_browser import PHONE, browser, sits_down
from tests.integration.desks.test_reports_api import country, parts_of

__all__ = ["browser", "country", "number"]
PORTS = itertools.cycle(range(17650, 17690))
OURS = "<hotline-7@moi.example>"
WIDE = "document.documentElement.scrollWidth"


@pytest.fixture
def port() -> Iterator[int]:
    port = next(PORTS)
    with dovecot(port):
        yield port


async def a_reminder_went_out(office: Office, number: int) -> None:
    outbox, now = parts_of(office).outbox, office.house.hands.wall()
    reminder = Mail(
        key="reminder", round=number, unit="p33", recipient=P33, subject="เตือนครั้งที่ 1", text="x"
    )
    await outbox.put([reminder], now)
    taken = await outbox.take(now, now)
    assert taken is not None
    await outbox.sent(taken[0]["id"], OURS, now)


async def told(screen: Screen) -> list[str]:
    """The mails that came in, as they stand there."""
    lines = screen.page.locator("details h3 + ul > li")
    await lines.first.wait_for()
    return [" ".join(text.split()) for text in await lines.all_inner_texts()]


async def opens_the_mails(screen: Screen, number: int, title: str) -> None:
    await screen.opens(f"/desks.html#/reports/{number}")
    await screen.page.reload()
    await screen.page.get_by_text(title, exact=True).click()


@pytest.mark.timeout(300)
async def test_what_came_in_by_mail_is_on_the_rounds_page_with_the_reason(
    country: Office, port: int, number: int, browser: Browser, tmp_path: Path
) -> None:
    country.at("2022-03-13T13:00", still=True)
    ministry = await browser.screen(language="en")
    await sits_down(ministry, country, "central", "2022-03-13T13:00", then="")
    await opens_the_mails(ministry, number, "Mails")
    await ministry.sees("No answer has come in by mail.")

    await a_reminder_went_out(country, number)
    code = code_of(country, number)
    delivered(
        port,
        mail(code, FORM),
        mail(code, ("a.xlsx", filled(admission_open="มาก", cases_open=-4.5))),
        mail(code, ("a.xlsx", filled(admission_received=1, admission_ended=2))),
        mail(code, ("a.csv", b"one,two\r\n")),
        mail(code),
        mail(code, FORM, Auto_Submitted="auto-replied"),
        mail(code, FORM, sender="thief@evil.example"),
        bounce(OURS),
    )
    assert await reading(country, port).turn() == 8

    await opens_the_mails(ministry, number, "Mails")
    when = "Si Sa Ket 13 Mar 2022, 13:00"
    assert await told(ministry) == [
        f"! one of ours was not delivered {when}",
        f"automatic answer {when}",
        f"! could not be taken {when} · no form (XLSX, CSV, JSON) is attached",
        f"! could not be taken {when} · the file is not the form: no row of the form is in it",
        f"! could not be taken {when} · the numbers contradict each other: "
        "Admission to hospital: Ended = 2; Admission to hospital: Received = 1",
        f"! could not be taken {when} · a number cannot be read: Admission to hospital: Open: มาก",
        f"form read into the draft {when}",
    ]
    await ministry.sees("not delivered")
    assert "thief" not in await ministry.page.inner_text("body")
    assert await ministry.barriers() == []
    await ministry.pictures(tmp_path, "mails-in", (LAPTOP, TABLET, PHONE), whole=True)

    phone = await browser.screen(size=PHONE)
    await sits_down(phone, country, "central", "2022-03-13T13:05", then="")
    await opens_the_mails(phone, number, "อีเมล")
    assert (await told(phone))[3:5] == [
        "! นำเข้าไม่ได้ ศรีสะเกษ ๑๓ มี.ค. ๒๕๖๕ ๑๓.๐๐ น. · ไฟล์ไม่ใช่แบบรายงาน: ไม่พบรายการของแบบรายงาน",
        "! นำเข้าไม่ได้ ศรีสะเกษ ๑๓ มี.ค. ๒๕๖๕ ๑๓.๐๐ น. · ตัวเลขขัดแย้งกัน: "
        "การรับผู้ติดเชื้อเข้ารักษา: ยุติ = ๒; การรับผู้ติดเชื้อเข้ารักษา: รับเรื่อง = ๑",
    ]
    assert await phone.barriers() == []
    assert await phone.page.evaluate(WIDE) == PHONE["width"]
    for screen in (ministry, phone):
        assert screen.complaints == []


@pytest.mark.timeout(300)
async def test_who_only_reads_a_round_is_shown_no_mails(
    country: Office, number: int, browser: Browser
) -> None:
    province = await browser.screen(language="en")
    await sits_down(province, country, "wichai", "2022-03-13T13:00", then="")
    await province.opens(f"/desks.html#/reports/{number}")
    await province.page.reload()
    await province.sees("Your report")
    assert await province.page.get_by_text("Mails", exact=True).count() == 0
