"""The personal data in cases: implements `ports.personal_data.PersonalData`.

Two years after its end (a setting) a case loses the data of who complained, its files, its exact
place, what a letter tells of who complained, and the citizen's later messages (two years after each
message). Its number, facts, hand-overs and outcome stay, and so does every count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.desks.cases.file_store import FilesInPostgres
from callcenter.desks.cases.model import KIND, NoteKind
from callcenter.desks.cases.rules import REOPEN_DAYS
from callcenter.desks.cases.tables import case_files, case_notes, case_persons, cases
from callcenter.desks.cases.vault import Vault
from callcenter.desks.shared.document_tables import documents
from callcenter.desks.shared.letter_tables import letters
from callcenter.ports.personal_data import Held, Whose
from callcenter.storage.transactions import transaction

AT_ONCE = 1_000  # cases handled at once
CASES, FILES, MESSAGES = "cases", "case_files", "case_messages"
LEFT_OVER = "files_left_over"
BY = "retention"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CasePeople:
    """`days` is how long personal data stays after the end of a case; 0: for ever."""

    engine: AsyncEngine
    files: FilesInPostgres
    vault: Vault
    days: int

    @property
    def kept_days(self) -> Mapping[str, int]:
        return dict.fromkeys((CASES, FILES, MESSAGES), self.days)

    async def held_on(self, whose: Whose) -> Mapping[str, Sequence[Held]]:
        """The citizen's own data in cases. Other people named in a case are not told."""
        if whose.e164 is None:
            return {
                "cases": [],
                "case_persons": [],
                "case_messages": [],
                "case_files": [],
                "case_letters": [],
            }
        own = case_persons.c.e164 == whose.e164
        ids = select(case_persons.c.case).where(own)
        joined = documents.join(cases, cases.c.id == documents.c.id)
        number = documents.c.number.label("case_number")
        theirs = (
            select(number, documents, cases)
            .select_from(joined)
            .where(documents.c.id.in_(ids))
            .order_by(documents.c.created_at)
        )
        async with transaction(self.engine) as connection:
            return {
                "cases": await _rows(connection, theirs, _OF_CASE),
                "case_persons": await _rows(
                    connection, _of(case_persons, number).where(own), _OF_PERSON
                ),
                "case_messages": await _rows(
                    connection,
                    _of(case_notes, number)
                    .where(case_notes.c.case.in_(ids), case_notes.c.kind == "message")
                    .order_by(case_notes.c.id),
                    ("case_number", "at", "text"),
                ),
                "case_files": await _rows(
                    connection,
                    _of(case_files, number)
                    .where(case_files.c.case.in_(ids), case_files.c.stored_at.is_not(None))
                    .order_by(case_files.c.n),
                    ("case_number", "n", "name", "kind", "size", "sha256", "stored_at"),
                ),
                "case_letters": await _rows(connection, _letters(ids, number), _OF_LETTER),
            }

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        if not self.days:
            return {}
        old = self._old(now)
        there = and_(case_files.c.removed_at.is_(None), case_files.c.case.in_(_old_ids(old)))
        async with transaction(self.engine) as connection:
            many = await connection.scalar(select(func.count()).select_from(_BOTH).where(old))
            files = await connection.scalar(select(func.count()).where(there))
            said = select(func.count()).select_from(_WITH_NOTES).where(self._old_message(now))
            messages = await connection.scalar(said)
        return {CASES: int(many or 0), FILES: int(files or 0), MESSAGES: int(messages or 0)}

    async def forget(self, now: datetime) -> Mapping[str, int]:
        """Remove data in the database first, then on the disk. What a failure leaves there is
        swept."""
        found = {CASES: 0, FILES: 0, MESSAGES: 0, LEFT_OVER: 0}
        if self.days:
            async with transaction(self.engine) as connection:
                some = _old_ids(self._old(now)).limit(AT_ONCE).with_for_update(of=documents)
                ids = list(await connection.scalars(some))
                found[CASES] = len(ids)
                names = await _forget(connection, ids, now)
                said = select(case_notes.c.id).select_from(_WITH_NOTES)
                some = said.where(self._old_message(now)).limit(AT_ONCE)
                blank = update(case_notes).where(case_notes.c.id.in_(some)).values(text="")
                found[MESSAGES] = (await connection.execute(blank)).rowcount
            found[FILES] = len(names)
            try:
                await self.vault.remove(names)
            except OSError as error:
                log.warning("files of old cases are still on the disk", reason=error.strerror)
        if not found[CASES]:
            found[LEFT_OVER] = await self.vault.sweep(await self.files.known())
        return found

    def _before(self, now: datetime) -> datetime:
        """Not before the time in which the case can be opened again is over."""
        return now - timedelta(days=max(self.days, REOPEN_DAYS + 1))

    def _old(self, now: datetime) -> ColumnElement[bool]:
        return and_(
            documents.c.kind == KIND,
            documents.c.closed_at < self._before(now),
            cases.c.person_removed_at.is_(None),
        )

    def _old_message(self, now: datetime) -> ColumnElement[bool]:
        """A message may come years after the end of its case."""
        return and_(
            documents.c.closed_at < self._before(now),
            case_notes.c.kind == NoteKind.MESSAGE.value,
            case_notes.c.at < self._before(now),
            case_notes.c.text != "",
        )


_WITH_NOTES = case_notes.join(documents, documents.c.id == case_notes.c.case)
_BOTH = documents.join(cases, cases.c.id == documents.c.id)
_OF_CASE = (
    "case_number",
    "state",
    "channel",
    "area",
    "created_at",
    "closed_at",
    "type",
    "topic",
    "facts",
    "wish",
    "place_note",
    "answer",
    "citizen_informed_at",
    "citizen_informed_how",
    "citizen_why_not",
)
_OF_LETTER = ("case_number", "number", "day", "subject", "sender", "recipient", "due_at")
_OF_PERSON = ("case_number", "role", "name", "phone", "e164", "address", "anonymous")


def _old_ids(old: ColumnElement[bool]) -> Select[Any]:
    return select(documents.c.id).select_from(_BOTH).where(old)


async def _forget(connection: AsyncConnection, ids: Sequence[Any], now: datetime) -> list[Any]:
    """The names on the disk of the files that were removed with these cases."""
    if not ids:
        return []
    await connection.execute(delete(case_persons).where(case_persons.c.case.in_(ids)))
    gone = (
        update(case_files)
        .where(case_files.c.case.in_(ids), case_files.c.removed_at.is_(None))
        .values(name="", removed_at=now, removed_by=BY, removed_why="")
        .returning(case_files.c.id)
    )
    names = list(await connection.scalars(gone))
    told = and_(letters.c.document.in_(ids), letters.c.names_person)
    nameless = {"subject": "", "sender": "", "recipient": "", "forgotten_at": now}
    nameless |= {"from_unit": None, "to_unit": None}
    await connection.execute(update(letters).where(told).values(**nameless))
    blank = {"place_note": "", "citizen_informed_how": "", "citizen_why_not": ""}
    forgotten = update(cases).where(cases.c.id.in_(ids))
    await connection.execute(forgotten.values(**blank, person_removed_at=now))
    return names


def _letters(ids: Any, number: Any) -> Any:
    """Letters that tell who complains; the others are of the case."""
    of_case = select(number, letters).join(documents, documents.c.id == letters.c.document)
    theirs = of_case.where(letters.c.document.in_(ids), letters.c.names_person)
    return theirs.order_by(letters.c.n)


def _of(table: Any, number: Any) -> Any:
    return select(number, table).join(documents, documents.c.id == table.c.case)


async def _rows(connection: AsyncConnection, wanted: Any, names: Sequence[str]) -> list[Held]:
    rows = (await connection.execute(wanted)).mappings()
    return [
        {
            name: row[name].isoformat() if isinstance(row[name], date) else row[name]
            for name in names
        }
        for row in rows
    ]
