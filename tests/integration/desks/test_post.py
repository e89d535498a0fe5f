"""The outbox and the mail server: what goes out, once, to whom, and over which kind of line."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from callcenter.desks.reports.post import SENT, TAKEN_FOR, Mail, MailServer, Outbox, Post
from tests.integration.desks.office import Office
from tests.integration.desks.test_reports_api import made, parts_of

# aiosmtpd warns of a server that takes passwords over a line in the clear: one of those is tried.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
PORT = 26020
PASSWORD = "only for the mail server of this test"


class Took:
    """What a mail server took, and from whom."""

    def __init__(self, waits_seconds: float = 0.0) -> None:
        self.waits_seconds = waits_seconds
        self.mails: list[Envelope] = []
        self.sessions: list[Session] = []
        self.asked: list[object] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.waits_seconds)
        self.mails.append(envelope)
        self.sessions.append(session)
        return "250 taken"

    def who(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        self.asked.append(given)
        right = LoginPassword(b"hotline", PASSWORD.encode())
        return AuthResult(success=given == right, handled=False)


@contextmanager
def mail_server(took: Took, port: int = PORT, **how: Any) -> Iterator[Took]:
    controller = Controller(took, hostname="127.0.0.1", port=port, **how)
    try:
        controller.start()
        yield took
    finally:
        controller.stop()


def posting(office: Office, port: int = PORT) -> Post:
    """What sends, of one service."""
    return Post(
        rounds=parts_of(office).reports,
        outbox=parts_of(office).outbox,
        units=office.house.shared.units.units,
        server=handing_in(port),
        wall=office.house.hands.wall,
    )


def handing_in(port: int = PORT, security: str = "none", user: str = "") -> MailServer:
    return MailServer(
        host="127.0.0.1",
        port=port,
        security=security,
        user=user,
        password=lambda: PASSWORD,
        sender="Hotline <hotline@moi.example>",
    )


async def waits(office: Office, number: int, **other: Any) -> Outbox:
    """A mail in the outbox."""
    mail = Mail(
        key=other.pop("key", "one"),
        round=number,
        unit="p33",
        recipient=other.pop("recipient", "p33@moi.example"),
        subject=other.pop("subject", "รายงาน"),
        text="x",
    )
    outbox = parts_of(office).outbox
    assert await outbox.put([mail], office.house.hands.wall()) == 1
    return outbox


@pytest.fixture
async def number(office: Office) -> int:
    """A round that is due in a month."""
    due = (office.house.hands.wall() + timedelta(days=30)).isoformat()
    return int((await made(office, due=due, units=["p33"]))["round"])


async def test_two_services_that_send_at_once_send_each_mail_once(
    office: Office, number: int
) -> None:
    for key in ("a", "b"):
        await waits(office, number, key=key, recipient=f"{key}@moi.example")
    posts = [posting(office) for _ in range(4)]
    with mail_server(Took(waits_seconds=0.5)) as took:
        await asyncio.gather(*(post.turn(office.house.hands.wall()) for post in posts))
    assert sorted(mail.rcpt_tos[0] for mail in took.mails) == ["a@moi.example", "b@moi.example"]
    assert await posts[0].outbox.counts() == {SENT: 2}


async def test_what_was_taken_by_one_that_died_is_sent_by_another(
    office: Office, number: int
) -> None:
    outbox = await waits(office, number)
    now = office.house.hands.wall()
    assert await outbox.take(now, now + TAKEN_FOR) is not None
    assert await outbox.take(now, now + TAKEN_FOR) is None
    with mail_server(Took()) as took:
        await posting(office).turn(office.house.hands.wall())
        assert took.mails == []
        office.house.hands.moved_seconds += TAKEN_FOR.total_seconds() + 1
        await posting(office).turn(office.house.hands.wall())
    assert len(took.mails) == 1


async def test_a_name_of_several_lines_is_one_line_of_a_mail(office: Office, number: int) -> None:
    names = ("รายงาน\u2028Bcc: thief@evil.example", "a\x85b", "ก\u2029ข", "behind them")
    for name in names:
        await waits(office, number, key=name, subject=f"เตือน: {name}")
    with mail_server(Took()) as took:
        await posting(office).turn(office.house.hands.wall())
    assert [mail.rcpt_tos for mail in took.mails] == [["p33@moi.example"]] * len(names)
    assert all(b"\nBcc" not in (mail.content or b"") for mail in took.mails)


async def test_an_address_that_is_a_list_or_none_gets_nothing_and_holds_up_nothing(
    office: Office, number: int
) -> None:
    unit = {"level": "province", "name_th": "ศูนย์", "name_en": "Centre"}
    bad = ("a,b@c.example", "a<b>@c.example", "a:;@c.example", '"@c.example', "(@c.example")
    for address in bad:
        refused = await office.ask("PUT", "command-line", "units/p33", {**unit, "email": address})
        assert (refused.status, refused.code) == (422, "invalid"), refused.body
        # One that was kept before addresses were looked at:
        await waits(office, number, key=address, recipient=address)
    await waits(office, number, key="behind them")
    with mail_server(Took()) as took:
        await posting(office).turn(office.house.hands.wall())
    assert [mail.rcpt_tos for mail in took.mails] == [["p33@moi.example"]]
    assert await parts_of(office).outbox.counts() == {SENT: 1, "queued": len(bad)}


# --- the line to the mail server -----------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of the name 127.0.0.1, signed by itself; and its key."""
    folder = tmp_path_factory.mktemp("mail")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=mail.test", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "30"]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> SSLContext:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def a_mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "x"
    message.set_content("x")
    return message


def how_it_listens(security: str, context: SSLContext) -> dict[str, Any]:
    if security == "tls":
        return {"ssl_context": context, "auth_require_tls": False}
    if security == "starttls":
        return {"tls_context": context, "require_starttls": True}
    return {"auth_require_tls": False}


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_a_mail_server_that_asks_for_a_password_gets_it(
    tls: SSLContext,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    took = Took()
    how = how_it_listens(security, tls)
    with mail_server(took, authenticator=took.who, auth_required=True, **how):
        await handing_in(security=security, user="hotline").send(a_mail(), "c@d.example")
        assert took.mails[0].rcpt_tos == ["c@d.example"]
        assert (took.sessions[0].ssl is not None) == (security == "starttls")
        with pytest.raises(aiosmtplib.SMTPException):  # nobody logs in without a user
            await handing_in(security=security).send(a_mail(), "c@d.example")
        with pytest.raises(aiosmtplib.SMTPException):
            await handing_in(security=security, user="stranger").send(a_mail(), "c@d.example")
    assert len(took.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_server_that_nobody_vouches_for_gets_neither_password_nor_mail(
    tls: SSLContext, security: str
) -> None:
    took = Took()
    how = how_it_listens(security, tls)
    with (
        mail_server(took, authenticator=took.who, auth_required=True, **how),
        pytest.raises((aiosmtplib.SMTPException, OSError)),
    ):
        await handing_in(security=security, user="hotline").send(a_mail(), "c@d.example")
    assert took.asked == [] and took.mails == []


async def test_a_mail_server_without_starttls_gets_no_password() -> None:
    took = Took()
    with (
        mail_server(took, authenticator=took.who, auth_require_tls=False),
        pytest.raises(aiosmtplib.SMTPException),
    ):
        await handing_in(security="starttls", user="hotline").send(a_mail(), "c@d.example")
    assert took.asked == [] and took.mails == []
