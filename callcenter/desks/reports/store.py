"""Rounds and reports in PostgreSQL. Every method raises DatabaseAwayError.

A report is a document: its number, state, version and history are in the shared tables. A change is
written with the version from which it was made. If somebody else was faster, nothing is written.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import (
    ARRAY,
    RowMapping,
    Select,
    Text,
    and_,
    any_,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.desks.reports.consolidation import Consolidation
from callcenter.desks.reports.form import checksum
from callcenter.desks.reports.model import (
    KIND,
    Body,
    Counts,
    Expectation,
    Letter,
    Report,
    ReportState,
    Revision,
    Round,
    Submitted,
)
from callcenter.desks.reports.post import Mail, put_mail
from callcenter.desks.reports.tables import reports, unit_lines
from callcenter.desks.shared.document_tables import (
    document_events,
    documents,
    involvements,
    number_sequences,
)
from callcenter.desks.shared.documents import DocumentEvent
from callcenter.desks.shared.letter_store import letter_of, letter_row
from callcenter.desks.shared.letter_tables import letters
from callcenter.desks.shared.letters import OfficialLetter, checked
from callcenter.desks.shared.numbers import make_number
from callcenter.desks.shared.round_tables import editions, expectations, revisions, rounds
from callcenter.desks.shared.rounds import Submission
from callcenter.desks.shared.scope import Scope, in_scope
from callcenter.desks.shared.store import SENT_AGAIN
from callcenter.storage.transactions import transaction

_ALONE = text("lock table rounds in share row exclusive mode")
_NORMAL, _ENDED = 1, 2
_REPORT_COLUMNS = ("first_at", "submitted_at", "returned_at", "returned_why", "open_until")


class StaleError(Exception):
    """Somebody changed the report in the meantime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRound:
    """A round to be made."""

    name: str
    letter: Letter
    period_from: datetime
    period_before: datetime
    opens_at: datetime
    due_at: datetime
    form_version: int
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A published national table."""

    number: int
    at: datetime
    by: str
    sha256: str
    body: Consolidation


class ReportsInPostgres:
    """Keeps rounds and reports."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    # --- rounds ----------------------------------------------------------------------------------

    async def add_round(
        self, new: NewRound, units: Collection[str], by: str, at: datetime
    ) -> tuple[Round, bool]:
        """Add a round with its expected units; gives it, and whether it is new. If the same round
        is sent again, as after a broken connection, the existing one is given."""
        values = {**_round_values(new), "kind": KIND, "made_by": by, "made_at": at}
        async with transaction(self._engine) as connection:
            await connection.execute(_ALONE)
            if (known := await _sent_before(connection, new, units, by, at)) is not None:
                return known, False
            made = await connection.execute(insert(rounds).values(**values).returning(rounds))
            row = made.mappings().one()
            expected = [{"round": row["id"], "unit": unit, "excuse": ""} for unit in sorted(units)]
            await connection.execute(insert(expectations), expected)
            return _round(row), True

    async def change_round(self, number: int, new: NewRound, version: str) -> bool:
        """Change the due time, name, letter or address. Gives False if the version is not the
        latest any more."""
        one = select(rounds).where(rounds.c.id == number).with_for_update()
        changed = update(rounds).where(rounds.c.id == number).values(**_round_values(new))
        async with transaction(self._engine) as connection:
            before = _round((await connection.execute(one)).mappings().one())
            if version != version_of(before):
                return False
            await connection.execute(changed)
            return True

    async def letters(self, number: int) -> list[OfficialLetter]:
        """The letters about a round, in the order in which they were written down."""
        async with transaction(self._engine) as connection:
            return await _letters(connection, number)

    async def add_letter(self, number: int, letter: OfficialLetter, version: str) -> Round | None:
        """Keep a letter, and its deadline as the round's; gives the round before. None if the
        version is not the latest any more. Raises LetterFault."""
        one = select(rounds).where(rounds.c.id == number).with_for_update()
        async with transaction(self._engine) as connection:
            before = _round((await connection.execute(one)).mappings().one())
            if version != version_of(before):
                return None
            others = await _letters(connection, number)
            kept = replace(checked(letter, others), n=len(others) + 1)
            await connection.execute(insert(letters).values(letter_row(kept, round_number=number)))
            if kept.due_at is not None:
                due = update(rounds).where(rounds.c.id == number).values(due_at=kept.due_at)
                await connection.execute(due)
            return before

    async def round(self, number: int) -> Round | None:
        async with transaction(self._engine) as connection:
            found = await connection.execute(select(rounds).where(rounds.c.id == number))
            row = found.mappings().first()
            return None if row is None else _round(row)

    async def rounds(self, *, is_open: bool = False, limit: int = 200) -> list[Round]:
        """Rounds, the latest due first. `is_open`: only those not published yet."""
        wanted = select(rounds).where(rounds.c.kind == KIND)
        if is_open:
            wanted = wanted.where(rounds.c.published_at.is_(None))
        latest = wanted.order_by(rounds.c.due_at.desc(), rounds.c.id.desc()).limit(limit)
        async with transaction(self._engine) as connection:
            return [_round(row) for row in (await connection.execute(latest)).mappings()]

    async def expected(self, number: int) -> list[Expectation]:
        """The expected units of a round with the state of their reports, by area."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(_expected(number))
            return [_expectation(row) for row in rows.mappings()]

    async def expect(self, number: int, unit: str) -> bool:
        """Expect one more unit. Gives False if it was expected already."""
        row = upsert(expectations).values(round=number, unit=unit, excuse="")
        async with transaction(self._engine) as connection:
            return bool((await connection.execute(row.on_conflict_do_nothing())).rowcount)

    async def excuse(self, number: int, unit: str, by: str | None, why: str) -> bool:
        """Excuse a unit; with `by` None it must report after all. Gives False if it is not
        expected."""
        table = expectations
        one = and_(table.c.round == number, table.c.unit == unit)
        changed = update(table).where(one).values(excused_by=by, excuse=why)
        async with transaction(self._engine) as connection:
            return bool((await connection.execute(changed)).rowcount)

    async def lines_of(self, units: Collection[str]) -> list[str]:
        """The hotlines whose calls are counted for these units."""
        listed = any_(cast(sorted(units), ARRAY(Text)))
        wanted = select(unit_lines.c.line).where(unit_lines.c.unit == listed).distinct()
        async with transaction(self._engine) as connection:
            return sorted(await connection.scalars(wanted))

    async def set_lines(self, unit: str, lines: Sequence[str]) -> None:
        """Set the unit's lines; other lines are removed."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(unit_lines).where(unit_lines.c.unit == unit))
            if lines:
                rows = [{"unit": unit, "line": line} for line in lines]
                await connection.execute(insert(unit_lines), rows)

    # --- reports ---------------------------------------------------------------------------------

    async def start(
        self, of: Round, unit: str, area: str, buddhist_year: int, system: Counts, actor: str
    ) -> None:
        """Start the unit's report in the round, as a draft. An existing report stays as it is."""
        province, at = area[:2] or "00", system.counted_at
        row = upsert(number_sequences).values(area=province, year=buddhist_year, last=1)
        counted = row.on_conflict_do_update(
            index_elements=["area", "year"], set_={"last": number_sequences.c.last + 1}
        ).returning(number_sequences.c.last)
        try:
            async with transaction(self._engine) as connection:
                running = await connection.scalar(counted)
                report = Report(
                    id=uuid4(),
                    number=make_number(province, buddhist_year, running or 0),
                    round=of.id,
                    unit=unit,
                    area=area,
                    state=ReportState.DRAFT,
                    version=1,
                    body=Body(),
                    system=system,
                    first_at=None,
                    submitted_at=None,
                    returned_at=None,
                    returned_why="",
                    open_until=None,
                    revision=0,
                )
                event = DocumentEvent(
                    seq=1,
                    at=at,
                    actor=actor,
                    unit=unit,
                    action="start",
                    from_state=None,
                    to_state=ReportState.DRAFT.value,
                )
                await _insert(connection, report, of, event)
        except IntegrityError as error:
            if "uq_reports_round_unit" not in str(error.orig):
                raise

    async def save(
        self,
        report: Report,
        event: DocumentEvent,
        revision: Revision | None = None,
        mail: Mail | None = None,
    ) -> None:
        """Store the report, and with it its next revision and the mail about it: all or nothing.
        Raises StaleError."""
        unchanged = and_(documents.c.id == report.id, documents.c.version == report.version - 1)
        rank = _ENDED if report.state is ReportState.ACCEPTED else _NORMAL
        header = {"version": report.version, "state": report.state.value, "rank": rank}
        async with transaction(self._engine) as connection:
            changed = update(documents).where(unchanged).values(**header)
            if not (await connection.execute(changed)).rowcount:
                raise StaleError(report.number)
            values = _report_values(report)
            await connection.execute(
                update(reports).where(reports.c.id == report.id).values(**values)
            )
            await _add_event(connection, report, event)
            if revision is not None:
                row = {
                    "document": report.id,
                    "number": revision.number,
                    "at": revision.at,
                    "by": revision.by,
                    "sha256": revision.sha256,
                    "body": msgspec.to_builtins(revision.body),
                }
                await connection.execute(insert(revisions).values(**row))
            if mail is not None:
                await put_mail(connection, mail, event.at)

    async def report(self, number: str, scope: Scope) -> Report | None:
        """The report, if it is in the scope."""
        wanted = _reports().where(documents.c.number == number, in_scope(scope))
        async with transaction(self._engine) as connection:
            row = (await connection.execute(wanted)).mappings().first()
            return None if row is None else _report(row)

    async def report_of(self, round_number: int, unit: str) -> Report | None:
        """The unit's report in a round."""
        wanted = _reports().where(reports.c.round == round_number, reports.c.unit == unit)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(wanted)).mappings().first()
            return None if row is None else _report(row)

    async def events(self, report: Report) -> list[DocumentEvent]:
        """The history of a report."""
        wanted = select(document_events).where(document_events.c.document == report.id)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(document_events.c.seq))
            return [
                DocumentEvent(**{k: v for k, v in row.items() if k != "document"})
                for row in rows.mappings()
            ]

    async def revisions(self, report: Report) -> list[Revision]:
        """The submissions of a report, in order."""
        wanted = select(revisions).where(revisions.c.document == report.id)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(revisions.c.number))
            return [_revision(row) for row in rows.mappings()]

    async def last_submitted(self, of: Round, unit: str) -> tuple[str, Submitted] | None:
        """What the unit last submitted about an earlier period: the round's name and the report."""
        wanted = (
            select(rounds.c.name, revisions.c.body)
            .join(reports, reports.c.round == rounds.c.id)
            .join(documents, documents.c.id == reports.c.id)
            .join(revisions, revisions.c.document == reports.c.id)
            .where(
                reports.c.unit == unit,
                rounds.c.period_from < of.period_from,
                revisions.c.number == reports.c.revision,
                documents.c.state != ReportState.DRAFT.value,
            )
            .order_by(rounds.c.period_from.desc(), rounds.c.id.desc())
            .limit(1)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(wanted)).mappings().first()
        return None if row is None else (row["name"], msgspec.convert(row["body"], Submitted))

    # --- national --------------------------------------------------------------------------------

    async def submitted(self, number: int) -> dict[str, Submitted]:
        """For each unit of a round the latest revision of a submitted report."""
        wanted = (
            select(reports.c.unit, revisions.c.body)
            .join(documents, documents.c.id == reports.c.id)
            .join(
                revisions,
                and_(
                    revisions.c.document == reports.c.id,
                    revisions.c.number == reports.c.revision,
                ),
            )
            .where(reports.c.round == number, documents.c.state != ReportState.DRAFT.value)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(wanted)).mappings()
            return {row["unit"]: msgspec.convert(row["body"], Submitted) for row in rows}

    async def publish(
        self, number: int, body: Consolidation, by: str, at: datetime
    ) -> tuple[Edition, bool]:
        """Publish the next edition; gives it, and whether it is new. From then on the round is
        locked. If nothing has changed since the last edition, that one is given: somebody pressed
        twice."""
        latest = select(func.coalesce(func.max(editions.c.edition), 0) + 1)
        async with transaction(self._engine) as connection:
            one = select(rounds.c.id).where(rounds.c.id == number).with_for_update()
            await connection.execute(one)
            last = select(editions).where(editions.c.round == number)
            last = last.order_by(editions.c.edition.desc()).limit(1)
            if found := (await connection.execute(last)).mappings().first():
                before = _edition(found)
                if msgspec.structs.replace(before.body, made_at=body.made_at) == body:
                    return before, False
            edition = await connection.scalar(latest.where(editions.c.round == number))
            row = {
                "round": number,
                "edition": edition,
                "at": at,
                "by": by,
                "sha256": checksum(body),
                "body": msgspec.to_builtins(body),
            }
            await connection.execute(insert(editions).values(**row))
            first = func.coalesce(rounds.c.published_at, at)
            await connection.execute(
                update(rounds).where(rounds.c.id == number).values(published_at=first)
            )
            closed = update(reports).where(reports.c.round == number).values(open_until=None)
            await connection.execute(closed)
        made = Edition(number=edition or 1, at=at, by=by, sha256=checksum(body), body=body)
        return made, True

    async def edition(self, number: int, edition: int | None = None) -> Edition | None:
        """A published edition, by default the latest."""
        wanted = select(editions).where(editions.c.round == number)
        if edition is not None:
            wanted = wanted.where(editions.c.edition == edition)
        latest = wanted.order_by(editions.c.edition.desc()).limit(1)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(latest)).mappings().first()
        return None if row is None else _edition(row)


# --- rows ----------------------------------------------------------------------------------------


async def _sent_before(
    connection: AsyncConnection, new: NewRound, units: Collection[str], by: str, at: datetime
) -> Round | None:
    """The round that exists already, if the same one is sent again."""
    values = _round_values(new)
    if new.opens_at == at:
        values["opens_at"] = rounds.c.made_at  # both rounds open at once
    same = (rounds.c[name].is_not_distinct_from(value) for name, value in values.items())
    wanted = select(rounds).where(
        *same,
        rounds.c.kind == KIND,
        rounds.c.made_by == by,
        rounds.c.made_at > at - SENT_AGAIN,
        rounds.c.published_at.is_(None),
    )
    for row in (await connection.execute(wanted)).mappings().all():
        expected = select(expectations.c.unit).where(expectations.c.round == row["id"])
        if {*await connection.scalars(expected)} == {*units}:
            return _round(row)
    return None


def _edition(row: RowMapping) -> Edition:
    return Edition(
        number=row["edition"],
        at=row["at"],
        by=row["by"],
        sha256=row["sha256"],
        body=msgspec.convert(row["body"], Consolidation),
    )


async def _letters(connection: AsyncConnection, number: int) -> list[OfficialLetter]:
    wanted = select(letters).where(letters.c.round == number).order_by(letters.c.n)
    return [letter_of(row) for row in (await connection.execute(wanted)).mappings()]


def version_of(of: Round) -> str:
    """The version of what can be changed in a round. It differs after each change."""
    values = _round_values(of)
    return sha256(msgspec.json.encode(values, order="sorted")).hexdigest()[:16]


def _round_values(new: NewRound | Round) -> dict[str, Any]:
    values = {name: getattr(new, name) for name in NewRound.__slots__ if name != "letter"}
    return {
        **values,
        "letter_number": new.letter.number,
        "letter_date": new.letter.date,
        "letter_subject": new.letter.subject,
    }


def _round(row: RowMapping) -> Round:
    letter = Letter(
        number=row["letter_number"], date=row["letter_date"], subject=row["letter_subject"]
    )
    names = [name for name in Round.__slots__ if name != "letter"]
    return Round(letter=letter, **{name: row[name] for name in names})


def _expected(number: int) -> Select[Any]:
    join = and_(reports.c.round == expectations.c.round, reports.c.unit == expectations.c.unit)
    columns = (
        expectations.c.unit,
        expectations.c.excused_by,
        expectations.c.excuse,
        documents.c.number.label("report"),
        documents.c.state,
        reports.c.first_at,
        reports.c.returned_at,
        reports.c.revision,
    )
    return (
        select(*columns)
        .outerjoin(reports, join)
        .outerjoin(documents, documents.c.id == reports.c.id)
        .where(expectations.c.round == number)
        .order_by(expectations.c.unit)
    )


def _expectation(row: RowMapping) -> Expectation:
    state = ReportState(row["state"]) if row["state"] else None
    is_in = state not in (None, ReportState.DRAFT)
    return Expectation(
        unit=row["unit"],
        report=row["report"],
        state=state,
        excuse=row["excuse"],
        submission=Submission(
            is_excused=row["excused_by"] is not None,
            is_begun=state is not None,
            submitted_at=row["first_at"] if is_in else None,
            returned_at=row["returned_at"],
        ),
        revision=row["revision"] or 0,
    )


def _reports() -> Select[Any]:
    columns = (
        documents.c.id,
        documents.c.number,
        documents.c.area,
        documents.c.state,
        documents.c.version,
        *(column for column in reports.c if column.name != "id"),
    )
    return select(*columns).join(reports, reports.c.id == documents.c.id)


def _report(row: RowMapping) -> Report:
    system = row["system"]
    return Report(
        id=row["id"],
        number=row["number"],
        round=row["round"],
        unit=row["unit"],
        area=row["area"],
        state=ReportState(row["state"]),
        version=row["version"],
        body=msgspec.convert(row["body"], Body),
        system=None if system is None else msgspec.convert(system, Counts),
        revision=row["revision"],
        **{name: row[name] for name in _REPORT_COLUMNS},
    )


def _report_values(report: Report) -> dict[str, Any]:
    return {
        "body": msgspec.to_builtins(report.body),
        "system": None if report.system is None else msgspec.to_builtins(report.system),
        "revision": report.revision,
        **{name: getattr(report, name) for name in _REPORT_COLUMNS},
    }


async def _insert(
    connection: AsyncConnection, report: Report, of: Round, event: DocumentEvent
) -> None:
    header = {
        "id": report.id,
        "kind": KIND,
        "number": report.number,
        "unit": report.unit,
        "holder": report.unit,
        "area": report.area,
        "state": report.state.value,
        "urgency": "normal",
        "rank": _NORMAL,
        "due_at": of.due_at,
        "version": report.version,
        "channel": "round",
        "created_at": event.at,
        "created_by": event.actor,
    }
    await connection.execute(insert(documents).values(**header))
    row = {"id": report.id, "round": report.round, "unit": report.unit, **_report_values(report)}
    await connection.execute(insert(reports).values(**row))
    part = {"unit": report.unit, "document": report.id, "as_source": 0}
    await connection.execute(insert(involvements).values(**part))
    await _add_event(connection, report, event)


async def _add_event(connection: AsyncConnection, report: Report, event: DocumentEvent) -> None:
    row = {name: getattr(event, name) for name in DocumentEvent.__slots__}
    row["changes"] = dict(event.changes)
    last = select(func.coalesce(func.max(document_events.c.seq), 0) + 1)
    row["seq"] = last.where(document_events.c.document == report.id).scalar_subquery()
    await connection.execute(insert(document_events).values(document=report.id, **row))


def _revision(row: RowMapping) -> Revision:
    return Revision(
        number=row["number"],
        at=row["at"],
        by=row["by"],
        sha256=row["sha256"],
        body=msgspec.convert(row["body"], Submitted),
    )
