"""Mail that comes in for report rounds: a province answers the reminder with the form filled in.

What counts is the code of round and unit in the subject or in an address (mail_token.py), and that
the unit's own address sent it. Anything else is a stranger's: it is counted, and nothing of it is
kept. A form is read into the unit's draft; nothing is submitted by mail, a person does that. A mail
that says that one of ours could not be delivered marks that one. Nothing is answered, so no two
machines write to each other. Each mail is handled once, and left in the mailbox as read.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.errors import InvalidHeaderDefect, MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from enum import StrEnum
from typing import Any, cast

import structlog
from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.reports import form, json_in, sheet
from callcenter.desks.reports.drafting import Drafting
from callcenter.desks.reports.form import FormFault
from callcenter.desks.reports.mail_token import Meant, Tokens
from callcenter.desks.reports.mailbox import Mailbox, MailboxFault, Raw
from callcenter.desks.reports.model import Body, Report, Round
from callcenter.desks.reports.states import TABLE, ReportAction
from callcenter.desks.reports.store import ReportsInPostgres, StaleError
from callcenter.desks.reports.tables import mails_in
from callcenter.desks.shared.documents import DocumentEvent, NotNow
from callcenter.desks.shared.round_tables import outbox
from callcenter.desks.shared.sheet_rows import SheetFault
from callcenter.desks.shared.sheets import XLSX
from callcenter.desks.shared.units import Unit, Units
from callcenter.ports.people import Audit, AuditEntry, DatabaseAwayError
from callcenter.storage.transactions import transaction

LOOK_SECONDS = 60.0
TAKEN_FOR = timedelta(minutes=10)  # then another service may handle it: who took it has died
FILE_MOST = 10_000_000
PARTS_MOST = 50  # of one mail
WRITES_MOST = 10  # each that is lost was another's success
BY = "e-mail"  # who wrote into the draft
BOUNCED = "bounced"
# What the parser, a rule or a statement raises at a mail that it cannot work on.
FAULTS_OF_A_MAIL = (
    MessageError,
    SQLAlchemyError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,  # also too deep a recursion
    MemoryError,
)

log = structlog.get_logger(__name__)


FORMS = (".xlsx", ".csv", ".json")


class Kind(StrEnum):
    """What became of a mail. `fault` of the row says why it is `failed`."""

    TAKEN = "taken"  # is being handled
    DRAFT = "draft"  # the form is in the unit's draft
    FAILED = "failed"  # from the unit, and could not be read or written
    BOUNCE = "bounce"  # one of ours could not be delivered
    AUTOMATIC = "automatic"  # an answer that a machine wrote
    STRANGER = "stranger"  # not worked on
    AGAIN = "again"  # the same mail was there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a mail is, by what stands in it. `file`: name and content of the form."""

    kind: Kind
    message_id: str = ""
    sender: str = ""
    meant: Meant | None = None
    returned: str = ""  # the Message-ID of the mail of ours that came back
    file: tuple[str, bytes] | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A mail as lists show it."""

    id: int
    unit: str | None
    at: datetime
    kind: Kind
    fault: str
    details: tuple[str, ...]


def judge(raw: Raw, tokens: Tokens) -> Judged:
    """Nothing of it is trusted. Pure."""
    if raw.content is None:
        return Judged(kind=Kind.STRANGER, fault=raw.fault)
    try:
        message = message_from_bytes(raw.content, policy=default)
        return _judged(message, tokens)
    except FAULTS_OF_A_MAIL:
        return Judged(kind=Kind.STRANGER, fault="unreadable")


def _judged(message: EmailMessage, tokens: Tokens) -> Judged:
    message_id = _printable(str(message.get("Message-ID", "")))[:250]
    sender = _sender(message)
    known = Judged(kind=Kind.STRANGER, message_id=message_id, sender=sender)
    if (returned := _returned(message)) is not None:
        return replace(known, kind=Kind.BOUNCE, returned=returned)
    fields = [str(v) for name in ("To", "Delivered-To", "Cc") for v in message.get_all(name, [])]
    addresses = [address for _, address in getaddresses(fields[:20])]
    meant = tokens.find(str(message.get("Subject", "")), *addresses)
    if str(message.get("Auto-Submitted", "no")).strip().lower() != "no":
        return replace(known, kind=Kind.AUTOMATIC, meant=meant)
    if meant is None or not sender:
        return known
    file, fault = _form(message)
    kind = Kind.FAILED if file is None else Kind.DRAFT
    return replace(known, kind=kind, meant=meant, file=file, fault=fault)


def _sender(message: EmailMessage) -> str:
    """The one address of the one From; empty if two readers could see two senders in it, or if it
    has a letter that looks like none."""
    lines = message.get_all("From", [])
    if len(lines) != 1 or any(type(each) is InvalidHeaderDefect for each in lines[0].defects):
        return ""
    addresses = [each.addr_spec for each in lines[0].addresses]
    if len(addresses) != 1 or _printable(addresses[0]) != addresses[0]:
        return ""
    return str(addresses[0]).casefold()


def _printable(text: str) -> str:
    """Only what a Message-ID may have (RFC 5322): no database keeps the rest."""
    return "".join(letter for letter in text if "!" <= letter <= "~")


def _form(message: EmailMessage) -> tuple[tuple[str, bytes] | None, str]:
    """The one file that can be the form, or why there is none."""
    found: list[tuple[str, bytes]] = []
    for place, part in enumerate(message.walk()):
        if place >= PARTS_MOST:
            break
        name = (part.get_filename() or "").strip()
        if part.get_content_type() == XLSX and not name.lower().endswith(FORMS):
            name += ".xlsx"  # some programs write names that nobody else can read
        if part.is_multipart() or not name.lower().endswith(FORMS):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            found.append((name[:200], content))
    if not found:
        return None, "no_form"
    if len(found) > 1:
        return None, "several_forms"
    if len(found[0][1]) > FILE_MOST:
        return None, "too_large"
    return found[0], ""


def _returned(message: EmailMessage) -> str | None:
    """The Message-ID of what could not be delivered (RFC 3464); empty: it is not said. None: this
    is no such report."""
    if message.get_content_type() != "multipart/report":
        return None
    if str(message.get_param("report-type", "")).lower() != "delivery-status":
        return None
    failed, found = False, ""
    for place, part in enumerate(message.walk()):
        if place >= PARTS_MOST:
            break
        if part.get_content_type() == "message/delivery-status":
            failed = failed or re.search(r"(?im)^action:\s*failed", part.as_string()) is not None
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            inner = re.search(r"(?im)^message-id:\s*(<[^>\s]{3,250}>)", part.as_string())
            found = _printable(inner[1]) if inner else found
    return found if failed else None


class MailsIn:
    """What came, in PostgreSQL. Every method raises DatabaseAwayError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def last(self, validity: int) -> int:
        """The number of the last mail of this mailbox behind which none is handled; 0: none."""
        table = mails_in.c
        open_since = func.min(table.uid).filter(table.kind == Kind.TAKEN) - 1
        last = select(func.coalesce(open_since, func.max(table.uid), 0))
        async with transaction(self._engine) as connection:
            return int(await connection.scalar(last.where(table.validity == validity)) or 0)

    async def take(self, raw: Raw, now: datetime) -> int | None:
        """This mail, for one service alone; None: it was handled, or is being so."""
        table = mails_in.c
        row = {"validity": raw.validity, "uid": raw.uid, "at": now, "kind": Kind.TAKEN}
        values = {**row, "message_id": "", "fault": "", "details": []}
        new = upsert(mails_in).values(**values)
        taken = new.on_conflict_do_update(
            index_elements=["validity", "uid"],
            set_={"at": now},
            where=(table.kind == Kind.TAKEN) & (table.at < now - TAKEN_FOR),
        )
        async with transaction(self._engine) as connection:
            return cast(int | None, await connection.scalar(taken.returning(table.id)))

    async def is_known(self, message_id: str, but: int) -> bool:
        """Whether a mail of this id was handled before."""
        table = mails_in.c
        same = select(table.id).where(table.message_id == message_id, table.id != but).limit(1)
        async with transaction(self._engine) as connection:
            return (await connection.scalar(same)) is not None

    async def handled(self, mail: int, **values: Any) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(update(mails_in).where(mails_in.c.id == mail).values(**values))

    async def bounced(self, message_id: str) -> RowMapping | None:
        """Mark the mail of ours with this id as not delivered; its round and unit."""
        mine = update(outbox).where(outbox.c.message_id == message_id, outbox.c.message_id != "")
        marked = mine.values(state=BOUNCED, error="not delivered")
        async with transaction(self._engine) as connection:
            found = await connection.execute(marked.returning(outbox.c.round, outbox.c.unit))
            return found.mappings().first()

    async def of_round(self, number: int, limit: int = 500) -> list[Came]:
        """The latest first."""
        wanted = select(mails_in).where(mails_in.c.round == number)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(mails_in.c.id.desc()).limit(limit))
            return [
                Came(
                    id=row["id"],
                    unit=row["unit"],
                    at=row["at"],
                    kind=Kind(row["kind"]),
                    fault=row["fault"],
                    details=tuple(row["details"]),
                )
                for row in rows.mappings()
            ]

    async def counts(self) -> dict[str, int]:
        """How many there were of each kind."""
        wanted = select(mails_in.c.kind, func.count()).group_by(mails_in.c.kind)
        async with transaction(self._engine) as connection:
            return {str(row[0]): int(row[1]) for row in await connection.execute(wanted)}


class MailFault(Exception):
    """A unit's mail that could not be taken. `code` stands on the board, `details` beside it."""

    def __init__(self, code: str, details: Sequence[str] = ()) -> None:
        self.code, self.details = code, list(details)
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Looks into the mailbox, and does what is in it."""

    mailbox: Mailbox
    mails: MailsIn
    tokens: Tokens
    reports: ReportsInPostgres
    drafting: Drafting
    units: Callable[[], Awaitable[Units]]
    audit: Audit
    wall: Callable[[], datetime]

    async def run(self) -> None:
        """For ever, where there is a mailbox."""
        while self.mailbox.host:
            try:
                while await self.turn():
                    pass
            except MailboxFault as error:
                log.warning("mail cannot be read", reason=str(error))
            except (DatabaseAwayError, TimeoutError):
                log.warning("mail is left in its box", reason="the database is away")
            await asyncio.sleep(LOOK_SECONDS)

    async def turn(self) -> int:
        """Once; how many were handled. MailboxFault, DatabaseAwayError."""
        loop = asyncio.get_running_loop()

        def last(validity: int) -> int:
            return asyncio.run_coroutine_threadsafe(self.mails.last(validity), loop).result(30)

        found = await asyncio.to_thread(self.mailbox.new, last)
        done = []
        for raw in found:
            mail = await self.mails.take(raw, self.wall())
            if mail is not None:
                await self._handle_whatever_it_is(mail, raw)
                done.append(raw.uid)
        await asyncio.to_thread(self.mailbox.seen, done)
        return len(done)

    async def _handle_whatever_it_is(self, mail: int, raw: Raw) -> None:
        """One mail that we cannot work on does not hold up those behind it. A database that is away
        is not the mail's fault: then it is tried again. DatabaseAwayError."""
        try:
            await self._handle(mail, raw)
        except FAULTS_OF_A_MAIL as error:  # its text may name people: only its kind is logged
            log.error("a mail was left alone", reason=type(error).__name__)
            await self.mails.handled(mail, kind=Kind.STRANGER, fault="unreadable")

    async def _handle(self, mail: int, raw: Raw) -> None:
        judged = await asyncio.to_thread(judge, raw, self.tokens)
        if judged.message_id and await self.mails.is_known(judged.message_id, mail):
            judged = replace(judged, kind=Kind.AGAIN)
        values: dict[str, Any] = {"fault": judged.fault}
        match judged.kind:
            case Kind.BOUNCE:
                ours = await self.mails.bounced(judged.returned)
                values |= {"round": ours["round"], "unit": ours["unit"]} if ours else {}
                values["kind"] = Kind.BOUNCE if ours else Kind.STRANGER
            case Kind.DRAFT | Kind.FAILED | Kind.AUTOMATIC:
                values |= await self._of_unit(judged)
            case kind:
                values["kind"] = kind
        if values["kind"] is not Kind.STRANGER:
            values["message_id"] = judged.message_id
        await self.mails.handled(mail, **values)

    async def _of_unit(self, judged: Judged) -> dict[str, Any]:
        """What came of a mail that has a right code."""
        if judged.meant is None:
            return {"kind": Kind.STRANGER}
        found = await self._round_of(judged.meant)
        units = await self.units()
        unit = units.by_id.get(judged.meant.unit)
        if found is None or unit is None or not _is_from(unit, judged.sender):
            return {"kind": Kind.STRANGER, "fault": "wrong_sender"}
        values: dict[str, Any] = {"round": found.id, "unit": unit.id, "kind": judged.kind}
        if judged.kind is not Kind.DRAFT or judged.file is None:
            return values
        try:
            report = await self._write(found, unit, units, *judged.file)
        except MailFault as fault:
            log.info("a report by mail was not taken", fault=fault.code)
            failed = {"kind": Kind.FAILED, "fault": fault.code, "details": fault.details}
            return {**values, **failed}
        await self.audit.write(
            AuditEntry(
                at=self.wall(),
                who=BY,
                action="report.mailed_in",
                about=report.number,
                address="",
            )
        )
        return values

    async def _round_of(self, meant: Meant) -> Round | None:
        found = await self.reports.round(meant.round)
        if found is None:
            return None
        expected = {each.unit for each in await self.reports.expected(found.id)}
        return found if meant.unit in expected else None

    async def _write(
        self, of: Round, unit: Unit, units: Units, name: str, content: bytes
    ) -> Report:
        """Into the draft, as a person would type it. MailFault."""
        mark = sheet.Mark(of.id, unit.id)
        for _ in range(WRITES_MOST):  # somebody writes at the same time
            now = self.wall()
            report = await self._draft(of, unit, units, now)
            try:
                body = await asyncio.to_thread(_read_form, name, content, report.body, mark)
                form.check(body, report.system)
                TABLE.move(report.state, ReportAction.SAVE)
            except (SheetFault, FormFault) as error:
                raise MailFault(error.code, error.faults) from error
            except NotNow as error:
                raise MailFault("not_now", [error.state.value]) from error
            before = await self.reports.events(report)
            event = DocumentEvent(
                seq=len(before) + 1,
                at=now,
                actor=BY,
                unit=unit.id,
                action=ReportAction.SAVE.value,
                from_state=report.state.value,
                to_state=report.state.value,
                reason="",
                changes={"fields": sorted(set(body.numbers) | set(body.texts))},
            )
            kept = replace(report, body=body, version=report.version + 1)
            try:
                await self.reports.save(kept, event)
            except StaleError:
                continue
            return kept
        raise MailFault("report_changed")

    async def _draft(self, of: Round, unit: Unit, units: Units, now: datetime) -> Report:
        """The unit's report, begun if it is not there. MailFault."""
        report = await self.reports.report_of(of.id, unit.id)
        is_open = report is not None and report.open_until is not None and now <= report.open_until
        if of.published_at is not None and not is_open:
            raise MailFault("round_published")
        if report is not None:
            return report
        if now < of.opens_at:
            raise MailFault("not_open")
        try:
            return await self.drafting.begin(of, unit.id, units, BY)
        except TimeoutError as error:
            raise MailFault("count_too_long") from error


def _read_form(name: str, content: bytes, before: Body, mark: sheet.Mark) -> Body:
    """What a form says, over what is in the report. SheetFault."""
    if name.lower().endswith(".json"):
        return json_in.read(content, before, mark)
    return sheet.read(name, content, before, mark)


def _is_from(unit: Unit, sender: str) -> bool:
    return bool(unit.email) and sender == str(unit.email).casefold()
