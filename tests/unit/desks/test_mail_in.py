"""What stands in a mail is trusted by nobody: codes, forms, returned mail."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desks.reports import sheet
from callcenter.desks.reports.mail_in import Kind, judge
from callcenter.desks.reports.mail_token import Meant, Tokens
from callcenter.desks.reports.mailbox import Raw
from callcenter.desks.reports.model import Body, Field, Section, Typed, Written
from callcenter.desks.shared.sheet_rows import SheetFault
from callcenter.desks.shared.sheets import XLSX

TOKENS = Tokens(lambda: "the secret of this test")
MEANT = Meant(12, "p33")


def test_a_code_is_found_in_a_subject_or_an_address_however_it_is_written() -> None:
    code = TOKENS.of(MEANT)
    for text in (f"Re: Fwd: เตือน [{code}]", f"reports+{code.lower()}@moi.example", f"x{code}y"):
        assert TOKENS.find("nothing", text) == MEANT


@pytest.mark.parametrize(
    "change",
    [lambda c: c.replace("p33", "p34"), lambda c: c.replace("R12", "R13"), lambda c: c[:-1]],
)
def test_a_code_of_another_unit_round_or_installation_is_none(change: object) -> None:
    code = TOKENS.of(MEANT)
    assert TOKENS.find(change(code)) is None  # type: ignore[operator]
    assert Tokens(lambda: "another").find(code) is None
    assert TOKENS.find("x" * 2000 + code) is None, "nobody reads on for ever"


def raw(content: bytes) -> Raw:
    return Raw(validity=1, uid=1, content=content)


@given(st.binary(max_size=2000))
def test_whatever_bytes_come_are_a_strangers(content: bytes) -> None:
    assert judge(raw(content), TOKENS).kind in (Kind.STRANGER, Kind.AUTOMATIC)


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_a_header_has_the_database_can_keep(
    name: bytes, sender: bytes, ours: bytes
) -> None:
    """A NUL in a Message-ID would be refused there each time, and mail behind it would wait."""
    lines = [b"Message-ID: <\0" + name + b">", b"From: <\0" + sender + b"@b.example>"]
    kind = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x"
    failed = b"--x\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n"
    back = b"--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <\0" + ours + b"@b>\r\n--x--"
    for content in (
        b"\r\n".join([*lines, b"", b""]),
        b"\r\n".join([*lines, kind, b"", failed, back]),
    ):
        judged = judge(raw(content), TOKENS)
        kept = judged.message_id + judged.sender + judged.returned
        assert kept.isascii() and (kept.isprintable() or not kept)


def test_control_characters_of_a_cell_are_left_out() -> None:
    body = sheet.read("x.csv", b'text.obstacles,x,"a\0b\x1b[2J\nc",\r\n', Body())
    assert body.texts[Section.OBSTACLES].text == "ab[2J\nc"


ADDRESS = "p33@moi.example"


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        ("ศูนย์ <P33@moi.example>", ADDRESS),
        ('"ศูนย์, ศรีสะเกษ" <p33@moi.example>', ADDRESS),
        ("=?utf-8?b?4LiB?= <p33@moi.example>", ADDRESS),
        ("p33@moi.example (ศูนย์)", ADDRESS),
        ('"p33@moi.example" <thief@evil.example>', "thief@evil.example"),
        ("p33@moi.example <thief@evil.example>", ""),
        ("<p33@moi.example> <thief@evil.example>", ""),
        ("p33@moi.example, thief@evil.example", ""),
        ("p33@moi.example\r\nFrom: thief@evil.example", ""),
        ("p33@moiก.example", ""),
        ("p33@moi\u200b.example", ""),
        ("p33ก@moi.example", ""),
        ("", ""),
    ],
)
def test_who_sent_it_is_one_address_or_nobody(line: str, sender: str) -> None:
    """An address with a letter more is another one, and its owner need not forge it."""
    content = f"From: {line}\r\nSubject: {TOKENS.of(MEANT)}\r\n\r\nx".encode()
    judged = judge(raw(content), TOKENS)
    assert judged.sender == sender
    assert (judged.kind is Kind.FAILED) == bool(sender)


def test_a_spreadsheet_whose_name_nobody_can_read_is_the_form() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = ADDRESS, TOKENS.of(MEANT)
    message.set_content("x")
    kind, _, subtype = XLSX.partition("/")
    message.add_attachment(b"x", maintype=kind, subtype=subtype)
    assert judge(raw(message.as_bytes(policy=SMTP)), TOKENS).file == (".xlsx", b"x")


@given(st.text(max_size=60), st.text(max_size=60), st.binary(max_size=300))
def test_whatever_is_attached_is_judged(subject: str, name: str, body: bytes) -> None:
    message = EmailMessage()
    message["From"] = "a@b.example"
    message["Subject"] = " ".join(f"{TOKENS.of(MEANT)} {subject}".split())
    message.set_content("x")
    message.add_attachment(body, maintype="application", subtype="zip", filename=f"{name!r}.csv")
    assert judge(raw(message.as_bytes(policy=SMTP)), TOKENS).kind in (Kind.DRAFT, Kind.FAILED)


def test_a_blank_form_says_nothing_and_a_filled_one_only_what_was_filled() -> None:
    before = Body(
        numbers={Field.CASES_OPEN: Typed(value=7)},
        texts={Section.OBSTACLES: Written(text="เดิม")},
        nil=(Section.PUBLICITY,),
    )
    assert sheet.read("a.csv", sheet.blank_csv(), before) == before
    assert sheet.read("a.xlsx", sheet.blank("รอบ", "หน่วย", None), before) == before
    lines = ['received,x,"1,200",นับมือ', "text.publicity,x,วิทยุ", "nothing.known,x,9"]
    read = sheet.read("a.csv", "\r\n".join(lines).encode(), before)
    assert read.numbers == {**before.numbers, Field.RECEIVED: Typed(value=1200, why="นับมือ")}
    assert (read.texts[Section.PUBLICITY].text, read.nil) == ("วิทยุ", ())


@given(st.binary(max_size=400))
def test_whatever_file_it_is_it_is_read_or_refused(content: bytes) -> None:
    for name in ("a.xlsx", "a.csv"):
        try:
            sheet.read(name, content, Body())
        except SheetFault as fault:
            assert fault.faults
