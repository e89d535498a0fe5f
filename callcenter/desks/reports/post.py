"""Mail: reminders to units that have not submitted, and submitted reports to the round's address.

Everything goes through the outbox, so a mail server that is away never holds up a submission. A
mail is tried for 24 hours at growing intervals; its files can be downloaded in the meantime. Each
mail is reserved before it is sent, so that two services at once do not both send it. A subject
never has a person's name or number.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol

import aiosmtplib
import structlog
from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.desks.reports import sheet
from callcenter.desks.reports.mail_token import Meant, Tokens
from callcenter.desks.reports.model import Expectation, Round
from callcenter.desks.shared.round_tables import outbox, outbox_files
from callcenter.desks.shared.rounds import (
    Expected,
    Reminder,
    RoundState,
    expected_state,
    reminder_at,
    round_state,
)
from callcenter.desks.shared.sheets import XLSX
from callcenter.desks.shared.thai import local, written_moment
from callcenter.desks.shared.units import Unit, Units
from callcenter.ports.people import DatabaseAwayError
from callcenter.storage.transactions import transaction

TURN_SECONDS = 30.0
SEND_SECONDS = 60.0
# after this another service may send it: the one that reserved it must have died
TAKEN_FOR = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
TRIED_FOR = timedelta(hours=24)
AT_ONCE = 20  # mails sent in one turn
QUEUED, SENT, FAILED = "queued", "sent", "failed"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An attachment."""

    name: str
    type: str
    sha256: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to be sent, once for each `key`."""

    key: str
    round: int
    unit: str
    recipient: str
    subject: str
    text: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail in a list."""

    id: int
    round: int
    unit: str
    recipient: str
    subject: str
    state: str
    tries: int
    made_at: datetime
    sent_at: datetime | None
    message_id: str
    error: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The mail server. `security`: none, starttls or tls. `host` empty: there is no server."""

    host: str
    port: int
    security: str
    user: str
    password: Callable[[], str]
    sender: str
    reply_to: str = ""  # where answers are read; empty: the sender

    async def send(self, message: EmailMessage, recipient: str) -> None:
        """Send to this one recipient. Raises aiosmtplib.SMTPException and OSError."""
        async with asyncio.timeout(SEND_SECONDS):
            await aiosmtplib.send(
                message,
                recipients=[recipient],
                hostname=self.host,
                port=self.port,
                use_tls=self.security == "tls",
                start_tls=self.security == "starttls",
                username=self.user or None,
                password=self.password() if self.user else None,
                timeout=SEND_SECONDS,
            )


class Rounds(Protocol):
    """What reminders need (store.py)."""

    async def rounds(self, *, is_open: bool = False, limit: int = 200) -> list[Round]: ...

    async def expected(self, number: int) -> list[Expectation]: ...


class Outbox:
    """Mail to be sent, in PostgreSQL. Every method raises DatabaseAwayError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, mails: Sequence[Mail], at: datetime) -> int:
        """Add mails; gives how many are new. A mail whose key exists already is left out."""
        new = 0
        async with transaction(self._engine) as connection:
            for mail in mails:
                new += await put_mail(connection, mail, at)
        return new

    async def take(self, now: datetime, until: datetime) -> tuple[RowMapping, list[File]] | None:
        """Reserve the oldest mail that is due now. Nobody else gets it before `until`."""
        oldest = (
            select(outbox.c.id)
            .where(outbox.c.state == QUEUED, outbox.c.next_at <= now)
            .order_by(outbox.c.next_at, outbox.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        taken = update(outbox).where(outbox.c.id == oldest.scalar_subquery())
        async with transaction(self._engine) as connection:
            found = await connection.execute(taken.values(next_at=until).returning(*outbox.c))
            row = found.mappings().first()
            return None if row is None else (row, await _files(connection, row["id"]))

    async def sent(self, mail: int, message_id: str, at: datetime) -> None:
        await self._change(mail, state=SENT, sent_at=at, message_id=message_id, error="")

    async def not_sent(self, row: RowMapping, error: str, now: datetime) -> None:
        """Note a failure. The mail is tried again later, for 24 hours in all."""
        pause = min(FIRST_PAUSE * 2 ** min(row["tries"], 10), LONGEST_PAUSE)
        over = now - row["made_at"] >= TRIED_FOR
        await self._change(
            row["id"],
            state=FAILED if over else QUEUED,
            tries=row["tries"] + 1,
            next_at=now + pause,
            error=error[:200],
        )

    async def again(self, mail: int, now: datetime) -> None:
        """Try a mail again, for another 24 hours, because a person asked for it."""
        await self._change(mail, state=QUEUED, made_at=now, next_at=now, tries=0)

    async def of_round(self, number: int, limit: int = 500) -> list[Posted]:
        """The mails of a round, latest first."""
        files = (
            select(func.array_agg(outbox_files.c.name))
            .where(outbox_files.c.mail == outbox.c.id)
            .scalar_subquery()
        )
        wanted = select(outbox, files.label("files")).where(outbox.c.round == number)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(outbox.c.id.desc()).limit(limit))
            return [_posted(row) for row in rows.mappings()]

    async def counts(self) -> dict[str, int]:
        """The number of mails by state."""
        wanted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        async with transaction(self._engine) as connection:
            return {str(row[0]): int(row[1]) for row in await connection.execute(wanted)}

    async def _change(self, mail: int, **values: Any) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(update(outbox).where(outbox.c.id == mail).values(**values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Sends the mails of the outbox, and adds the reminders."""

    rounds: Rounds
    outbox: Outbox
    units: Callable[[], Awaitable[Units]]
    server: MailServer
    wall: Callable[[], datetime]
    answers: Tokens | None = None  # None: no mail is read, and nobody is asked to answer by mail

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            try:
                await self.turn(self.wall())
            except (DatabaseAwayError, TimeoutError):
                log.warning("mail waits", reason="the database is away")
            await asyncio.sleep(TURN_SECONDS)

    async def turn(self, now: datetime) -> None:
        """Add due reminders and send due mails once."""
        units = await self.units()
        for each in await self.rounds.rounds(is_open=True):
            if reminder_at(each.due_at, now) is None:
                continue
            expected = await self.rounds.expected(each.id)
            await self.outbox.put(reminders(each, expected, units, now, self.answers), now)
        if not self.server.host:
            return
        for _ in range(AT_ONCE):
            taken = await self.outbox.take(now, self.wall() + TAKEN_FOR)
            if taken is None:
                return
            await self._send(*taken)

    async def _send(self, row: RowMapping, files: list[File]) -> None:
        """Send one mail. A mail that cannot be written or sent never holds up others."""
        try:
            message = written(row, files, self.server.sender, self.wall(), self.server.reply_to)
            await self.server.send(message, row["recipient"])
        except Exception as error:  # noqa: BLE001 - its text may name people, its kind is logged
            log.warning("a mail was not sent", reason=type(error).__name__, tries=row["tries"] + 1)
            await self.outbox.not_sent(row, type(error).__name__, self.wall())
            return
        await self.outbox.sent(row["id"], str(message["Message-ID"]), self.wall())


def reminders(
    of: Round,
    expected: Sequence[Expectation],
    units: Units,
    now: datetime,
    answers: Tokens | None = None,
) -> list[Mail]:
    """Reminders to units that have not submitted and have an address. After the due time also to
    the unit above. The unit itself gets the form and its code, if `answers` are read."""
    reminder = reminder_at(of.due_at, now)
    if reminder is None or round_state(of.opens_at, of.due_at, of.published_at, now) not in (
        RoundState.OPEN,
        RoundState.PAST_DUE,
    ):
        return []
    mails = []
    for each in expected:
        state = expected_state(of.due_at, each.submission, now)
        if state not in (Expected.WAITING, Expected.DRAFT, Expected.MISSING):
            continue
        unit = units.by_id[each.unit]
        told = [unit]
        if reminder is Reminder.OVERDUE and unit.parent is not None:
            told.append(units.by_id[unit.parent])
        mails += [
            Mail(
                # A changed due time makes another reminder.
                key=f"{of.id}/{unit.id}/{reminder}/{of.due_at.isoformat()}/{to.id}",
                round=of.id,
                unit=unit.id,
                recipient=to.email,
                subject=_SUBJECTS[reminder].format(name=of.name) + _code(of, unit, to, answers),
                text=f"{unit.name_th} ยังไม่ได้ส่งรายงาน {of.name}\n"
                f"กำหนดส่ง {written_moment(of.due_at)}\n{_how(unit, to, answers)}",
                files=_form(of, unit, to, answers),
            )
            for to in told
            if to.email
        ]
    return mails


def _code(of: Round, unit: Unit, to: Unit, answers: Tokens | None) -> str:
    if answers is None or to is not unit:
        return ""
    return f" [{answers.of(Meant(of.id, unit.id))}]"


def _how(unit: Unit, to: Unit, answers: Tokens | None) -> str:
    if answers is None or to is not unit:
        return ""
    return (
        "\nท่านสามารถกรอกแบบรายงานที่แนบมา แล้วตอบกลับอีเมลฉบับนี้โดยไม่แก้ไขหัวเรื่อง ระบบจะบันทึกเป็นร่างรายงาน "
        "กรุณาตรวจสอบและกดส่งรายงานในระบบอีกครั้ง\n"
    )


def _form(of: Round, unit: Unit, to: Unit, answers: Tokens | None) -> tuple[File, ...]:
    if answers is None or to is not unit:
        return ()
    body = sheet.blank(of.name, unit.name_th, None, sheet.Mark(of.id, unit.id))
    digest = hashlib.sha256(body).hexdigest()
    return (File(name=f"form-{of.id}.xlsx", type=XLSX, sha256=digest, body=body),)


_SUBJECTS = {
    Reminder.DAY_BEFORE: "เตือนครั้งที่ 1: {name}",
    Reminder.HOURS_BEFORE: "เตือนครั้งที่ 2: {name}",
    Reminder.OVERDUE: "เลยกำหนดส่ง: {name}",
}


def written(
    row: RowMapping, files: Sequence[File], sender: str, now: datetime, reply_to: str = ""
) -> EmailMessage:
    """The mail as it is sent. Its Message-ID is the same at every attempt: if a server accepted it
    without saying so, it gets the mail twice, but the reader sees one. Raises ValueError if the
    address is invalid."""
    message = EmailMessage()
    message["From"] = sender
    if reply_to:
        message["Reply-To"] = reply_to
    # one address: a list of addresses is a ValueError
    message["To"] = Address(addr_spec=row["recipient"])
    # on one line, whatever characters a name has
    message["Subject"] = " ".join(row["subject"].split())
    message["Date"] = format_datetime(local(now))
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<hotline-{row['id']}-{row['made_at']:%Y%m%d%H%M%S}@{domain}>"
    message.set_content(row["text"], cte="base64")
    for file in files:
        kind, _, subtype = file.type.partition(";")[0].partition("/")
        message.add_attachment(file.body, maintype=kind, subtype=subtype, filename=file.name)
    return message


async def put_mail(connection: AsyncConnection, mail: Mail, at: datetime) -> int:
    """Add the mail to the outbox, in the connection's transaction. Gives 0 if it was there
    already."""
    row = {
        name: getattr(mail, name)
        for name in ("key", "round", "unit", "recipient", "subject", "text")
    }
    more = {
        "state": QUEUED,
        "tries": 0,
        "made_at": at,
        "next_at": at,
        "message_id": "",
        "error": "",
    }
    new = upsert(outbox).values(**row, **more).on_conflict_do_nothing().returning(outbox.c.id)
    number = await connection.scalar(new)
    if number is None:
        return 0
    for file in mail.files:
        values = {"mail": number, "name": file.name, "type": file.type}
        values |= {"sha256": file.sha256, "body": file.body}
        await connection.execute(insert(outbox_files).values(**values))
    return 1


async def _files(connection: AsyncConnection, mail: int) -> list[File]:
    wanted = select(outbox_files).where(outbox_files.c.mail == mail).order_by(outbox_files.c.name)
    return [
        File(name=row["name"], type=row["type"], sha256=row["sha256"], body=row["body"])
        for row in (await connection.execute(wanted)).mappings()
    ]


def _posted(row: RowMapping) -> Posted:
    names = [name for name in Posted.__slots__ if name != "files"]
    return Posted(files=tuple(row["files"] or ()), **{name: row[name] for name in names})
