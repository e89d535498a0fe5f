"""A province answers by mail: a real IMAP server (Dovecot), PostgreSQL, and the API."""

import asyncio
import io
import itertools
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from callcenter.cli.doctor import mail as doctor
from callcenter.config import Settings
from callcenter.desks.reports import sheet
from callcenter.desks.reports.mail_in import Incoming
from callcenter.desks.reports.mail_token import Meant
from callcenter.desks.reports.mailbox import Mailbox, MailboxFault
from callcenter.desks.reports.post import Mail, reminders
from callcenter.desks.shared import sheet_rows
from tests.integration.desks.dovecot import PASSWORD, USER, delivered, dovecot, unread
from tests.integration.desks.office import Office
from tests.integration.desks.test_files_api import audit
from tests.integration.desks.test_reports_api import begun, country, do, made, parts_of

__all__ = ["country"]
PORTS = itertools.cycle(range(17600, 17650))
P33 = "p33@moi.example"
IDS = itertools.count(1)


@pytest.fixture
def port() -> Iterator[int]:
    port = next(PORTS)
    with dovecot(port):
        yield port


@pytest.fixture
async def number(country: Office) -> int:
    """A round of Sisaket and Ubon, whose addresses are known."""
    store = country.house.shared.units
    for unit in (await store.units()).by_id.values():
        if unit.id in ("p33", "p34"):
            changed = {name: getattr(unit, name) for name in type(unit).__slots__}
            changed["email"] = f"{unit.id.upper()}@moi.example"
            await store.change_unit(type(unit)(**changed))
    return int((await made(country, units=["p33", "p34"]))["round"])


def reading(office: Office, port: int) -> Incoming:
    box = Mailbox(
        host="127.0.0.1",
        port=port,
        security="none",
        user=USER,
        password=lambda: PASSWORD.replace(" ", "_"),
        folder="INBOX",
    )
    return replace(parts_of(office).incoming, mailbox=box)


def filled(**cells: object) -> bytes:
    """The form as it is sent out, with these cells filled in; a tuple has the reason, too."""
    book = openpyxl.load_workbook(io.BytesIO(sheet.blank("รอบ", "ศรีสะเกษ", None)))
    for row in book.active.iter_rows(min_row=5):
        value = cells.pop(str(row[0].value).replace(".", "_"), None)
        if isinstance(value, tuple):
            row[2].value, row[3].value = value
        elif value is not None:
            row[2].value = value
    assert not cells
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mail(
    code: str,
    *files: tuple[str, bytes],
    sender: str = P33,
    to: str = "reports@moi.example",
    **headers: str,
) -> bytes:
    """A mail as a province's program writes it."""
    message = EmailMessage()
    message["From"] = f"ศูนย์ดำรงธรรม <{sender}>"
    message["To"] = to
    message["Subject"] = f"Re: เตือนครั้งที่ 1 [{code}]"
    message["Message-ID"] = f"<{next(IDS)}@province.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content("ส่งแบบรายงานตามแนบ")
    for name, body in files:
        message.add_attachment(body, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes(policy=SMTP)


def code_of(office: Office, number: int, unit: str = "p33") -> str:
    return parts_of(office).incoming.tokens.of(Meant(number, unit))


async def came(office: Office, number: int) -> list[dict[str, Any]]:
    answer = await office.get("central", f"report-rounds/{number}/incoming-mails")
    assert answer.status == 200, answer.body
    return list(answer.body["mails"])


async def report_of(office: Office, number: int) -> dict[str, Any]:
    return await begun(office, "admin33", number, "p33")


def values(report: dict[str, Any]) -> dict[str, float]:
    return {n["field"]: n["value"] for n in report["numbers"] if n["from"] == "typed"}


async def test_a_form_that_comes_back_by_mail_is_the_units_draft_once(
    country: Office, port: int, number: int
) -> None:
    xlsx = filled(
        admission_received=3,
        admission_ended="๒",
        admission_open=1,
        received=("1,200", "นับมือ"),
        text_obstacles="สายไม่พอ",
        text_publicity="ไม่มี",
        signed_reporter="นายวิชัย",
    )
    delivered(port, mail(code_of(country, number), ("แบบรายงาน.xlsx", xlsx), ("logo.png", b"x")))
    incoming = reading(country, port)
    assert await incoming.turn() == 1
    assert (await incoming.turn(), unread(port)) == (0, 0)

    report = await report_of(country, number)
    assert (report["state"], report["revision"]) == ("draft", 0), "nobody has submitted it"
    assert values(report) == {
        "admission_received": 3,
        "admission_ended": 2,
        "admission_open": 1,
        "received": 1200,
    }
    assert report["texts"]["obstacles"]["text"] == "สายไม่พอ"
    assert (report["nil"], report["signed"]["reporter"]) == (["publicity"], "นายวิชัย")
    assert [each["actor"] for each in report["history"]] == ["e-mail", "e-mail"]
    [entry] = await came(country, number)
    assert (entry["kind"], entry["unit"], entry["fault"]) == ("draft", "p33", "")
    assert [each["about"] for each in await audit(country, "report.mailed_in")] == [
        report["report"]
    ]
    sent = await do(country, "wichai", report["report"], "submit")
    assert (sent.status, sent.body["state"]) == (200, "submitted"), sent.body


async def test_csv_of_an_old_spreadsheet_is_read_and_what_is_blank_stays(
    country: Office, port: int, number: int
) -> None:
    lines = sheet.blank_csv().decode("utf-8-sig").split("\r\n")
    lines = [
        line.replace(",,,", ",๑๒,,", 1) if "admission_open" in line else line for line in lines
    ]
    lines[0] = "อะไรก็ได้"
    content = "\r\n".join(lines).encode("cp874")
    report = await report_of(country, number)
    await do(country, "admin33", report["report"], "save", numbers={"cases_open": {"value": 7}})
    code = code_of(country, number)
    delivered(port, mail("x", ("form.csv", content), to=f"reports+{code}@moi.example"))
    await reading(country, port).turn()
    assert values(await report_of(country, number)) == {"admission_open": 12, "cases_open": 7}


FORM = ("form.xlsx", filled(admission_open=1))


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ((), "no_form"),
        ((("a.txt", b"x"),), "no_form"),
        ((FORM, ("b.csv", b"x")), "several_forms"),
        ((("a.xlsx", b"PK\x03\x04 no zip"),), "sheet_fault"),
        ((("a.csv", b"one,two\r\n"),), "sheet_fault"),
        ((("a.xlsx", filled(admission_open="มาก")),), "number_fault"),
        ((("a.xlsx", filled(admission_open=-1)),), "number_fault"),
        ((("a.xlsx", filled(admission_open="nan")),), "number_fault"),
        ((("a.xlsx", filled(admission_received=1, admission_ended=2)),), "adds_up"),
    ],
)
async def test_a_mail_of_the_unit_that_cannot_be_taken_is_on_the_board_with_the_reason(
    country: Office,
    port: int,
    number: int,
    files: tuple[tuple[str, bytes], ...],
    fault: str,
) -> None:
    delivered(port, mail(code_of(country, number), *files))
    assert await reading(country, port).turn() == 1
    [entry] = await came(country, number)
    assert (entry["kind"], entry["fault"], entry["unit"]) == ("failed", fault, "p33")
    assert values(await report_of(country, number)) == {}


async def test_a_strangers_mail_is_not_worked_on_and_nothing_of_it_is_kept(
    country: Office, port: int, number: int
) -> None:
    code, other = code_of(country, number), code_of(country, number, "p34")
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    delivered(
        port,
        mail(wrong, FORM),
        mail(other, FORM),  # the code of Ubon, from Sisaket
        mail(code, FORM, sender="p33@moi.example.evil"),
        mail(code, FORM, sender="thief@evil.example"),
        mail("", FORM),
        b"\xff\xfe no mail at all \x00",
        b"From: x@y\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n" * 500,
        mail(code, FORM, From="@@@ <"),
    )
    assert await reading(country, port).turn() == 8
    assert await came(country, number) == []
    assert values(await report_of(country, number)) == {}
    assert await parts_of(country).incoming.mails.counts() == {"stranger": 8}
    async with country.house.shared.database.connect() as connection:
        kept = await connection.exec_driver_sql("select * from mails_in")
        told = str(kept.all())
    assert all(each not in told for each in ("evil", "province.example", "แบบ"))


@pytest.mark.parametrize("fault", [None, AttributeError, AssertionError, MemoryError])
async def test_a_mail_that_cannot_be_worked_on_does_not_hold_up_those_behind_it(
    country: Office,
    port: int,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    fault: type[Exception] | None,
) -> None:
    code = code_of(country, number)
    ill = mail(code, ("a.csv", sheet.blank_csv())).replace(b"Message-ID: <", b"Message-ID: <ill")
    delivered(port, ill)
    delivered(port, mail(code, ("form.xlsx", filled(admission_received=3))))
    incoming = reading(country, port)
    known = type(incoming.mails).is_known

    async def breaks(self: Any, message_id: str, but: int) -> bool:
        if fault is not None and "ill" in message_id:
            raise fault
        return await known(self, "\0" if "ill" in message_id else message_id, but)

    monkeypatch.setattr(type(incoming.mails), "is_known", breaks)
    assert await incoming.turn() == 2
    assert await incoming.turn() == 0
    assert values(await report_of(country, number)) == {"admission_received": 3}


async def test_what_is_too_large_is_never_fetched(
    country: Office, port: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.desks.reports.mailbox.LARGEST_BYTES", 5_000)
    delivered(port, mail(code_of(country, number), ("a.csv", b"x" * 20_000)))
    incoming = reading(country, port)
    [raw] = await asyncio.to_thread(incoming.mailbox.new, lambda validity: 0)
    assert raw.content is None
    assert await incoming.turn() == 1
    assert await incoming.mails.counts() == {"stranger": 1}


async def test_a_small_file_that_unpacks_to_a_large_one_is_refused(
    country: Office, port: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_rows, "UNPACKED_MOST", 1_000)
    delivered(port, mail(code_of(country, number), FORM))
    await reading(country, port).turn()
    assert [each["fault"] for each in await came(country, number)] == ["too_large"]


async def test_a_mail_of_ours_that_could_not_be_delivered_is_marked(
    country: Office, port: int, number: int
) -> None:
    outbox = parts_of(country).outbox
    now = country.house.hands.wall()
    reminder = Mail(key="k", round=number, unit="p33", recipient=P33, subject="เตือน", text="x")
    await outbox.put([reminder], now)
    taken = await outbox.take(now, now)
    assert taken is not None
    await outbox.sent(taken[0]["id"], "<hotline-1@moi.example>", now)
    delivered(port, bounce("<hotline-1@moi.example>"), bounce("<other@moi.example>"))
    await reading(country, port).turn()
    [entry] = await came(country, number)
    assert (entry["kind"], entry["unit"]) == ("bounce", "p33")
    [sent] = (await country.get("central", f"report-rounds/{number}/mails")).body["mails"]
    assert sent["state"] == "bounced"
    assert await parts_of(country).incoming.mails.counts() == {"bounce": 1, "stranger": 1}


def bounce(message_id: str, action: str = "failed") -> bytes:
    """As RFC 3464 has it."""
    return (
        "From: MAILER-DAEMON@moi.example\r\nTo: hotline@moi.example\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; "
        'boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n--b\r\n'
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; moi.example\r\n\r\n"
        f"Final-Recipient: rfc822; p33@moi.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n"
        "Subject: x\r\n\r\n--b--\r\n"
    ).encode()


async def test_an_automatic_answer_is_listed_and_a_copy_is_not_taken_twice(
    country: Office, port: int, number: int
) -> None:
    code = code_of(country, number)
    once = mail(code, FORM)
    delivered(port, mail(code, FORM, Auto_Submitted="auto-replied"), once, once)
    await reading(country, port).turn()
    assert [each["kind"] for each in await came(country, number)] == ["draft", "automatic"]
    assert await parts_of(country).incoming.mails.counts() == {
        "again": 1,
        "automatic": 1,
        "draft": 1,
    }
    assert len((await report_of(country, number))["history"]) == 2


async def test_two_services_handle_each_mail_once(country: Office, port: int, number: int) -> None:
    code = code_of(country, number)
    delivered(port, *(mail(code, FORM) for _ in range(6)))
    done = await asyncio.gather(*(reading(country, port).turn() for _ in range(3)))
    assert sum(done) == 6
    assert len((await report_of(country, number))["history"]) == 7


async def test_what_a_service_took_that_died_is_handled_by_another(
    country: Office, port: int, number: int
) -> None:
    code = code_of(country, number)
    delivered(port, mail(code, FORM), mail(code, FORM))
    incoming = reading(country, port)
    first, _ = await asyncio.to_thread(incoming.mailbox.new, lambda validity: 0)
    assert await incoming.mails.take(first, country.house.hands.wall()) is not None
    assert await incoming.turn() == 1, "the other one"
    assert await incoming.turn() == 0
    country.house.hands.moved_seconds += 700
    assert await incoming.turn() == 1
    assert [each["kind"] for each in await came(country, number)] == ["draft", "draft"]


async def test_an_accepted_report_is_not_written_by_mail(
    country: Office, port: int, number: int
) -> None:
    report = await report_of(country, number)
    numbers = {f"admission_{n}": {"value": 0} for n in ("received", "ended", "open")}
    signed = {"reporter": "วิชัย", "position": "", "phone": "", "approver": ""}
    await do(country, "admin33", report["report"], "save", numbers=numbers, signed=signed)
    assert (await do(country, "wichai", report["report"], "submit")).status == 200
    assert (await do(country, "central", report["report"], "accept")).status == 200
    delivered(port, mail(code_of(country, number), FORM))
    await reading(country, port).turn()
    [entry] = await came(country, number)
    assert (entry["fault"], entry["details"]) == ("not_now", ["accepted"])


async def test_only_the_ministry_sees_what_came_in(country: Office, port: int, number: int) -> None:
    for by in ("wichai", "nok", "viewer"):
        answer = await country.get(by, f"report-rounds/{number}/incoming-mails")
        assert answer.status in (403, 404), (by, answer.body)


async def test_what_is_reminded_by_mail_is_answered_by_mail(
    country: Office, port: int, number: int
) -> None:
    """The code and the form that the unit got are those that come back; the ministry gets none."""
    parts = parts_of(country)
    due = country.at("2022-03-14T12:00:01")
    [of] = await parts.reports.rounds(is_open=True)
    units = await country.house.shared.units.units()
    expected = await parts.reports.expected(number)
    without = reminders(of, expected, units, due)
    assert all(not each.files and "[" not in each.subject for each in without)
    mails = {
        each.recipient: each for each in reminders(of, expected, units, due, parts.incoming.tokens)
    }
    mine = mails["P33@moi.example"]
    [form] = mine.files
    book = openpyxl.load_workbook(io.BytesIO(form.body))
    [cell] = [row[2] for row in book.active.iter_rows() if row[0].value == "cases_open"]
    cell.value = 4
    out = io.BytesIO()
    book.save(out)
    delivered(port, mail("", (form.name, out.getvalue()), Subject=f"ตอบ: {mine.subject}"))
    await reading(country, port).turn()
    assert values(await report_of(country, number)) == {"cases_open": 4}


async def test_a_mailbox_that_is_away_or_refuses_is_said_so(
    country: Office, port: int, tmp_path: Path
) -> None:
    incoming = reading(country, port)
    wrong = replace(incoming, mailbox=replace(incoming.mailbox, password=lambda: "wrong"))
    with pytest.raises(MailboxFault):
        await wrong.turn()
    away = replace(incoming, mailbox=replace(incoming.mailbox, port=17699))
    with pytest.raises(MailboxFault):
        await away.turn()
    file = tmp_path / "password"
    file.write_text(PASSWORD.replace(" ", "_"))
    known = {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none"}
    settings = Settings(**known, imap_user=USER, imap_password_file=file)  # type: ignore[arg-type]
    delivered(port, mail("x"))
    [found] = await asyncio.to_thread(lambda: list(doctor.look(settings)))
    assert found.what == "INBOX can be read, 1 mails are in it"
    file.write_text("wrong")
    [found] = await asyncio.to_thread(lambda: list(doctor.look(settings)))
    assert "cannot be read" in found.what
    assert list(doctor.look(Settings())) == []
