"""Cases in PostgreSQL. Every method raises DatabaseAwayError.

What a person reads is limited by a scope (shared/scope.py). A change is written with the version
from which it was made. If somebody else was faster, nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Numeric,
    RowMapping,
    Select,
    Text,
    and_,
    any_,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.desks.cases.limits import Limit, Limits, limits_of
from callcenter.desks.cases.model import (
    ENDED,
    KIND,
    Allegation,
    Case,
    CaseOutcome,
    CaseState,
    CaseType,
    Change,
    Conclusion,
    Note,
    NoteKind,
    Person,
    PersonRole,
    Urgency,
)
from callcenter.desks.cases.tables import (
    case_allegations,
    case_files,
    case_notes,
    case_persons,
    cases,
)
from callcenter.desks.shared.clocks import Clock, ClockRule, Counted
from callcenter.desks.shared.document_tables import (
    clock_rules,
    clocks,
    document_events,
    documents,
    hops,
    involvements,
    number_sequences,
)
from callcenter.desks.shared.documents import DocumentEvent
from callcenter.desks.shared.hops import Hop, HopState, Purpose
from callcenter.desks.shared.letter_store import letter_of, letter_row
from callcenter.desks.shared.letter_tables import letters
from callcenter.desks.shared.numbers import make_number
from callcenter.desks.shared.scope import Scope, in_scope
from callcenter.desks.shared.tables import units
from callcenter.storage.transactions import transaction

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_URGENT, _NORMAL, _ENDED = 0, 1, 2
SIMILAR_DAYS, SIMILAR_MOST = 30, 10
EXCERPT = 100  # letters
PAGE_SECONDS = 20.0  # for a file, which nobody watches being made
COUNT_SECONDS = 30.0  # nobody waits for the figures; 200,000 cases take two seconds
_NOT_FIELDS = ("id", "outcome", "person_removed_at")
_CASE_COLUMNS = [column for column in cases.c if column.name not in _NOT_FIELDS]


class StaleError(Exception):
    """Somebody changed the case in the meantime."""


class ReferenceKnownError(Exception):
    """A case with this reference of the source exists already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in a list."""

    number: str
    type: CaseType
    topic: str
    urgency: Urgency
    state: CaseState
    unit: str
    holder: str
    area: str
    people_concerned: int | None
    created_at: datetime
    due_at: datetime | None
    outcome: CaseOutcome | None
    version: int
    channel: str
    closed_at: datetime | None
    excerpt: str  # the beginning of the facts


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """A filter for cases, with urgent ones and those due first at the top. None: any. `after` is
    the number of the last one already seen."""

    holders: Sequence[str] | None = None
    holder: str | None = None
    unit: str | None = None
    state: CaseState | None = None
    type: CaseType | None = None
    topic: str | None = None
    area: str | None = None
    channel: str | None = None
    overdue_at: datetime | None = None
    is_open: bool | None = None
    after: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """How many open cases a unit has in a state, how many are overdue, and since when the oldest
    one exists."""

    holder: str
    state: CaseState
    cases: int
    people: int
    overdue: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The figures of all cases: open by state, overdue by step, closings by type and outcome."""

    open: Mapping[str, int]
    overdue: Mapping[str, int]
    closed: Mapping[tuple[str, str], int]
    reopened: int
    assigned: Mapping[tuple[str, ...], "Lasted"]
    hops: Mapping[tuple[str, ...], "Lasted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasted:
    """How many took at most as long as each bound, how many there are, and the sum of their
    durations."""

    within: tuple[int, ...]
    many: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A case with all its notes and history. `files`: their number."""

    case: Case
    events: Sequence[DocumentEvent]
    notes: Sequence[Note]
    files: int = 0


class CasesInPostgres:
    """Keeps cases, and finds them for people who may see them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    # --- writing ---------------------------------------------------------------------------------

    async def next_number(self, province: str, buddhist_year: int) -> str:
        """A number that was never used before. It is used up, whatever happens next."""
        row = upsert(number_sequences).values(area=province, year=buddhist_year, last=1)
        counted = row.on_conflict_do_update(
            index_elements=["area", "year"], set_={"last": number_sequences.c.last + 1}
        ).returning(number_sequences.c.last)
        async with transaction(self._engine) as connection:
            running = await connection.scalar(counted)
        return make_number(province, buddhist_year, running or 0)

    async def add(self, change: Change, persons: Sequence[Person]) -> None:
        """Add a case. Raises ReferenceKnownError."""
        case = change.case
        try:
            async with transaction(self._engine) as connection:
                header = {"id": case.id, "kind": KIND, "number": case.number, **_header(case)}
                await connection.execute(insert(documents).values(**header))
                await connection.execute(insert(cases).values(id=case.id, **_fields(case)))
                for person in persons:
                    row = {"case": case.id, **asdict(person), "role": person.role.value}
                    await connection.execute(insert(case_persons).values(**row))
                await _write_parts(connection, change)
        except IntegrityError as error:
            if "ix_cases_posted_reference" not in str(error.orig):
                raise
            raise ReferenceKnownError(case.source_reference) from error

    async def save(self, change: Change) -> None:
        """Store a change of a case as it was when it was read. Raises StaleError."""
        case = change.case
        unchanged = and_(documents.c.id == case.id, documents.c.version == case.version - 1)
        async with transaction(self._engine) as connection:
            if case.duplicate_of is not None:
                await _require_goes_on(connection, case.number, case.duplicate_of)
            header = update(documents).where(unchanged).values(**_header(case))
            if not (await connection.execute(header)).rowcount:
                raise StaleError(case.number)
            facts = update(cases).where(cases.c.id == case.id).values(**_fields(case))
            await connection.execute(facts)
            await _write_parts(connection, change)

    async def seen(self, case: Case, units: frozenset[str], at: datetime) -> None:
        """Note that somebody of the receiving unit has looked at the case."""
        unseen = and_(
            hops.c.document == case.id,
            hops.c.to_unit.in_(sorted(units)),
            hops.c.seen_at.is_(None),
            hops.c.state == HopState.SENT.value,
        )
        async with transaction(self._engine) as connection:
            await connection.execute(update(hops).where(unseen).values(seen_at=at))

    # --- reading ---------------------------------------------------------------------------------

    async def case(self, number: str, scope: Scope) -> Case | None:
        """The case, if it is in the scope."""
        async with transaction(self._engine) as connection:
            return await _read(connection, number, scope)

    async def told(self, number: str, scope: Scope) -> Told | None:
        """The case with its history and notes, if it is in the scope."""
        async with transaction(self._engine) as connection:
            case = await _read(connection, number, scope)
            if case is None:
                return None
            wanted = select(document_events).where(document_events.c.document == case.id)
            events = await connection.execute(wanted.order_by(document_events.c.seq))
            written = select(case_notes).where(case_notes.c.case == case.id)
            notes = await connection.execute(written.order_by(case_notes.c.id))
            there = and_(case_files.c.stored_at.is_not(None), case_files.c.removed_at.is_(None))
            files = select(func.count()).where(case_files.c.case == case.id, there)
            return Told(
                case=case,
                events=[_event(row) for row in events.mappings()],
                notes=[_note(row) for row in notes.mappings()],
                files=int(await connection.scalar(files) or 0),
            )

    async def persons(self, number: str, scope: Scope) -> Sequence[Person] | None:
        """Who complains. None if the case is outside the scope. The caller must have written the
        audit."""
        async with transaction(self._engine) as connection:
            case = await _read(connection, number, scope)
            if case is None:
                return None
            wanted = select(case_persons).where(case_persons.c.case == case.id)
            found = await connection.execute(wanted.order_by(case_persons.c.id))
            return [_person(row) for row in found.mappings()]

    async def lines(self, wanted: CaseFilter, scope: Scope) -> list[CaseLine]:
        """Cases that match the filter."""
        statement = list_statement(wanted, scope)
        async with transaction(self._engine) as connection:
            return [_line(row) for row in (await connection.execute(statement)).mappings()]

    async def by_number(
        self, wanted: CaseFilter, scope: Scope, after: str, limit: int
    ) -> list[CaseLine]:
        """Cases that match the filter, by number, after `after`. A number never changes, so no case
        comes twice, whatever happens in the meantime."""
        statement = by_number_statement(wanted, scope, after, limit)
        async with transaction(self._engine, PAGE_SECONDS) as connection:
            return [_line(row) for row in (await connection.execute(statement)).mappings()]

    async def of_number(self, number: str, scope: Scope) -> list[CaseLine]:
        """The case, and the case into which it was merged, if any."""
        theirs = select(cases.c.duplicate_of).join(documents, documents.c.id == cases.c.id)
        goes_on = theirs.where(documents.c.number == number, in_scope(scope)).scalar_subquery()
        async with transaction(self._engine) as connection:
            other = await connection.scalar(select(goes_on))
        numbers = [number] if other is None else [number, other]
        return await self._latest(documents.c.number.in_(numbers), scope, len(numbers))

    async def of_phone(self, e164: str, scope: Scope, limit: int) -> list[CaseLine]:
        """Cases of a person with this phone, latest first."""
        statement = phone_statement(e164, scope, limit)
        async with transaction(self._engine) as connection:
            return [_line(row) for row in (await connection.execute(statement)).mappings()]

    async def of_call(self, call: str, scope: Scope, limit: int) -> list[CaseLine]:
        """Cases that were made in a call, latest first."""
        return await self._latest(documents.c.call_id == call, scope, limit)

    async def of_reference(
        self, source: str, reference: str, scope: Scope, *, itself: bool
    ) -> Case | None:
        """The case with this reference of a source. `itself`: the source posted it here; otherwise
        also a reference that the person who took a case entered."""
        wanted = reference_statement(source, reference, scope, itself=itself)
        async with transaction(self._engine) as connection:
            number = await connection.scalar(wanted)
            return await _read(connection, number, scope) if number else None

    async def similar(self, case: Case, scope: Scope) -> list[CaseLine]:
        """Open cases of the topic in the same sub-district, not older than SIMILAR_DAYS."""
        return await self._latest(is_similar(case), scope, SIMILAR_MOST)

    async def ageing(self, scope: Scope, now: datetime) -> list[Ageing]:
        """The number of open cases by unit, those with the most overdue first."""
        overdue = func.count().filter(documents.c.due_at < now)
        statement = (
            select(
                documents.c.holder,
                documents.c.state,
                func.count().label("cases"),
                func.coalesce(func.sum(cases.c.people_concerned), 0).label("people"),
                overdue.label("overdue"),
                func.min(documents.c.created_at).label("oldest"),
            )
            .join(cases, cases.c.id == documents.c.id)
            .where(documents.c.kind == KIND, documents.c.rank != _ENDED, in_scope(scope))
            .group_by(documents.c.holder, documents.c.state)
            .order_by(overdue.desc(), func.min(documents.c.created_at), documents.c.holder)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(statement)).mappings()
            return [Ageing(**{**row, "state": CaseState(row["state"])}) for row in rows]

    async def counts(self, now: datetime, bounds: Sequence[float]) -> Counts:
        """The figures of all cases, without a scope: they have no name or place. `bounds`: the
        limits in seconds for counting durations."""
        is_late = and_(
            clocks.c.met_at.is_(None),
            clocks.c.ended_at.is_(None),
            clocks.c.paused_at.is_(None),
            clocks.c.due_at < now,
        )
        many = func.count()
        by_state = select(documents.c.state, many).where(documents.c.rank != _ENDED)
        late = select(clocks.c.name, func.count(clocks.c.document.distinct())).where(is_late)
        outcome = func.coalesce(cases.c.outcome, literal_column("'none'"))
        closings = select(cases.c.type, outcome, many).join(
            document_events, document_events.c.document == cases.c.id
        )
        closed = closings.where(document_events.c.action == "close")
        reopened = select(func.coalesce(func.sum(cases.c.reopened), 0))
        assigned = _lasted(clocks.c.met_at - clocks.c.started_at, bounds, documents.c.channel)
        assigned = assigned.join(documents, documents.c.id == clocks.c.document).where(
            clocks.c.name == Limit.ACKNOWLEDGE.value, clocks.c.met_at.is_not(None)
        )
        acts = and_(units.c.id == hops.c.to_unit, hops.c.purpose == Purpose.ACT.value)
        received = _lasted(hops.c.received_at - hops.c.sent_at, bounds, units.c.level)
        received = received.join(units, acts).where(hops.c.received_at.is_not(None))
        answered = _lasted(hops.c.ended_at - hops.c.sent_at, bounds, units.c.level)
        answered = answered.join(units, acts).where(hops.c.state == HopState.ANSWERED.value)
        async with transaction(self._engine, COUNT_SECONDS) as connection:
            states = await connection.execute(by_state.group_by(documents.c.state))
            steps = await connection.execute(late.group_by(clocks.c.name))
            ended = await connection.execute(closed.group_by(cases.c.type, outcome))
            took = await _took(connection, assigned, bounds)
            steps_took = {
                (*level, step): lasted
                for step, statement in (("receive", received), ("answer", answered))
                for level, lasted in (await _took(connection, statement, bounds)).items()
            }
            return Counts(
                assigned=took,
                hops=steps_took,
                open={str(row[0]): int(row[1]) for row in states},
                overdue={str(row[0]): int(row[1]) for row in steps},
                closed={(str(row[0]), str(row[1])): int(row[2]) for row in ended},
                reopened=int(await connection.scalar(reopened) or 0),
            )

    async def _latest(self, which: ColumnElement[bool], scope: Scope, limit: int) -> list[CaseLine]:
        statement = latest_statement(which, scope, limit)
        async with transaction(self._engine) as connection:
            return [_line(row) for row in (await connection.execute(statement)).mappings()]

    # --- time limits -----------------------------------------------------------------------------

    async def limits(self) -> Limits:
        """How long each step may take now."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(select(clock_rules))
            return limits_of(_rule(row) for row in rows.mappings())

    async def set_limit(self, rule: ClockRule, by: str, at: datetime) -> ClockRule:
        """Add a version of a limit; gives it with its number. Clocks that run already stay as they
        are."""
        urgency = _urgency(rule.urgent)
        same = and_(clock_rules.c.name == rule.name, clock_rules.c.urgency == urgency)
        latest = select(func.coalesce(func.max(clock_rules.c.version), 1) + 1).where(same)
        values = {
            "name": rule.name,
            "urgency": urgency,
            "version": latest.scalar_subquery(),
            "counted": rule.counted.value,
            "amount": rule.amount,
            "set_by": by,
            "set_at": at,
        }
        async with transaction(self._engine) as connection:
            await connection.execute(text("LOCK TABLE clock_rules IN SHARE ROW EXCLUSIVE MODE"))
            made = await connection.execute(
                insert(clock_rules).values(**values).returning(clock_rules)
            )
            return _rule(made.mappings().one())


def _lasted(time: Any, bounds: Sequence[float], by: ColumnElement[str]) -> Select[Any]:
    """Rows and their seconds, by the number of bounds that are at least as long. It reads each row
    once; a count for each bound would take five times as long."""
    seconds = func.extract("epoch", time)
    longer = func.width_bucket(-seconds, cast([-each for each in reversed(bounds)], ARRAY(Numeric)))
    return select(by, longer, func.count(), func.sum(seconds)).group_by(by, longer)


async def _took(
    connection: AsyncConnection, statement: Select[Any], bounds: Sequence[float]
) -> dict[tuple[str, ...], Lasted]:
    found = dict[tuple[str, ...], Lasted]()
    for by, longer, many, seconds in await connection.execute(statement):
        before = found.get((by,), Lasted(within=(0,) * len(bounds), many=0, seconds=0.0))
        within = [
            n + (many if len(bounds) - place <= longer else 0)
            for place, n in enumerate(before.within)
        ]
        found[(by,)] = Lasted(
            within=tuple(within),
            many=before.many + many,
            seconds=before.seconds + float(seconds),
        )
    return found


def list_statement(wanted: CaseFilter, scope: Scope) -> Select[Any]:
    """The query behind every list. A test checks its plan."""
    order = (documents.c.rank, documents.c.due_at, documents.c.number)
    conditions = _conditions(wanted)
    if wanted.after is not None:
        seen = and_(documents.c.number == wanted.after, in_scope(scope))
        mark = select(*order).where(seen).subquery()
        behind = select(literal(1)).where(tuple_(*order) > tuple_(*mark.c)).correlate(documents)
        conditions.append(behind.exists())
    return _lines(scope).where(*conditions).order_by(*order).limit(wanted.limit)


def by_number_statement(wanted: CaseFilter, scope: Scope, after: str, limit: int) -> Select[Any]:
    """The query behind a file."""
    behind = documents.c.number > after
    found = _lines(scope).where(*_conditions(wanted), behind)
    return found.order_by(documents.c.number).limit(limit)


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (documents.c.holder, wanted.holder),
        (documents.c.unit, wanted.unit),
        (documents.c.state, wanted.state),
        (cases.c.type, wanted.type),
        (cases.c.topic, wanted.topic),
        (documents.c.channel, wanted.channel),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.holders is not None:
        conditions.append(documents.c.holder == any_(cast(list(wanted.holders), ARRAY(Text))))
    if wanted.area:
        conditions.append(documents.c.area.startswith(wanted.area, autoescape=True))
    if wanted.overdue_at is not None:
        conditions += [documents.c.due_at < wanted.overdue_at, documents.c.rank != _ENDED]
    if wanted.is_open is not None:
        ended = documents.c.rank == _ENDED
        conditions.append(~ended if wanted.is_open else ended)
    return conditions


def phone_statement(e164: str, scope: Scope, limit: int) -> Select[Any]:
    """The query for the cases of a phone."""
    theirs = select(case_persons.c.case).where(case_persons.c.e164 == e164)
    return latest_statement(documents.c.id.in_(theirs), scope, limit)


def latest_statement(which: ColumnElement[bool], scope: Scope, limit: int) -> Select[Any]:
    """The query behind every search."""
    return _lines(scope).where(which).order_by(documents.c.created_at.desc()).limit(limit)


def reference_statement(source: str, reference: str, scope: Scope, *, itself: bool) -> Select[Any]:
    """The query for a source's reference."""
    return (
        select(documents.c.number)
        .join(cases, cases.c.id == documents.c.id)
        .where(cases.c.source_unit == source, cases.c.source_reference == reference)
        .where(cases.c.source_itself if itself else true(), in_scope(scope))
        .order_by(cases.c.source_itself.desc(), documents.c.created_at)
        .limit(1)
    )


def is_similar(case: Case) -> ColumnElement[bool]:
    """Open cases of the topic in the same sub-district, not older than SIMILAR_DAYS."""
    return and_(
        documents.c.area == case.area,
        cases.c.topic == case.topic,
        documents.c.id != case.id,
        documents.c.rank != _ENDED,
        documents.c.created_at > case.created_at - timedelta(days=SIMILAR_DAYS),
    )


def _lines(scope: Scope) -> Select[Any]:
    columns = (
        documents.c.number,
        cases.c.type,
        cases.c.topic,
        documents.c.urgency,
        documents.c.state,
        documents.c.unit,
        documents.c.holder,
        documents.c.area,
        cases.c.people_concerned,
        documents.c.created_at,
        documents.c.due_at,
        cases.c.outcome,
        documents.c.version,
        documents.c.channel,
        documents.c.closed_at,
        func.left(cases.c.facts, EXCERPT + 1).label("excerpt"),
    )
    joined = documents.join(cases, cases.c.id == documents.c.id)
    return select(*columns).select_from(joined).where(documents.c.kind == KIND, in_scope(scope))


async def _read(connection: AsyncConnection, number: str, scope: Scope) -> Case | None:
    joined = documents.join(cases, cases.c.id == documents.c.id)
    wanted = select(documents, *_CASE_COLUMNS).select_from(joined)
    found = await connection.execute(wanted.where(documents.c.number == number, in_scope(scope)))
    row = found.mappings().first()
    if row is None:
        return None
    parts = {
        table.name: (
            await connection.execute(select(table).where(key == row["id"]).order_by(table.c.n))
        )
        .mappings()
        .all()
        for table, key in (
            (hops, hops.c.document),
            (clocks, clocks.c.document),
            (case_allegations, case_allegations.c.case),
            (letters, letters.c.document),
        )
    }
    return _case(row, parts)


async def _require_goes_on(connection: AsyncConnection, number: str, other: str) -> None:
    """Raises StaleError if the case that should go on has ended. Both cases are locked, always in
    the same order: if two cases are merged into each other at the same time, one goes on."""
    both = (
        select(documents.c.number, documents.c.state)
        .where(documents.c.number.in_([number, other]))
        .order_by(documents.c.number)
        .with_for_update()
    )
    states = {row.number: CaseState(row.state) for row in await connection.execute(both)}
    if states.get(other) in ENDED:
        raise StaleError(number)


async def _write_parts(connection: AsyncConnection, change: Change) -> None:
    """Write the parts of a case that have rows of their own. Its row is locked by now."""
    case, event = change.case, change.event
    values = {"document": case.id, **asdict(event), "changes": dict(event.changes)}
    await connection.execute(insert(document_events).values(**values))
    for hop in case.hops:
        await _upsert(connection, hops, {"document": case.id, **asdict(hop)})
    for n, clock in enumerate(case.clocks, start=1):
        await _upsert(connection, clocks, {"document": case.id, "n": n, **asdict(clock)})
    for allegation in case.allegations:
        row = {"case": case.id, **asdict(allegation)}
        await _upsert(connection, case_allegations, row)
    for note in change.notes:
        await connection.execute(insert(case_notes).values(case=case.id, **asdict(note)))
    for letter in case.letters:
        row = letter_row(letter, document=case.id)
        known = upsert(letters).values(**row).on_conflict_do_nothing()
        await connection.execute(known)
    for unit, as_source in _taking_part(case):
        row = {"unit": unit, "document": case.id, "as_source": as_source}
        await connection.execute(upsert(involvements).values(**row).on_conflict_do_nothing())


async def _upsert(connection: AsyncConnection, table: Any, row: Mapping[str, Any]) -> None:
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    statement = upsert(table).values(**row)
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def _taking_part(case: Case) -> set[tuple[str, int]]:
    """The units that may see it. The sender of a hand-over is among them already."""
    units = {(case.unit, 0), *((hop.to_unit, 0) for hop in case.hops)}
    return units | {(case.source_unit, 1)} if case.source_unit else units


def _header(case: Case) -> dict[str, Any]:
    ended = case.state in ENDED
    urgent = case.urgency is Urgency.URGENT
    return {
        "unit": case.unit,
        "holder": case.holder,
        "area": case.area,
        "state": case.state.value,
        "urgency": case.urgency.value,
        "rank": _ENDED if ended else _URGENT if urgent else _NORMAL,
        "due_at": case.next_due or NEVER,
        "version": case.version,
        "channel": case.channel,
        "call_id": case.call,
        "created_at": case.created_at,
        "created_by": case.created_by,
        "closed_at": case.closed_at,
    }


def _fields(case: Case) -> dict[str, Any]:
    kept = {column.name: getattr(case, column.name) for column in _CASE_COLUMNS}
    return {**kept, "outcome": case.outcome}


def _case(row: RowMapping, parts: Mapping[str, Sequence[RowMapping]]) -> Case:
    own = {field.name for field in fields(Case)}
    values = {name: value for name, value in row.items() if name in own}
    return Case(
        **{
            **values,
            "call": row["call_id"],
            "type": CaseType(row["type"]),
            "urgency": Urgency(row["urgency"]),
            "state": CaseState(row["state"]),
            "hops": tuple(_hop(each) for each in parts["hops"]),
            "clocks": tuple(_clock(each) for each in parts["clocks"]),
            "allegations": tuple(_allegation(each) for each in parts["case_allegations"]),
            "letters": tuple(letter_of(each) for each in parts["letters"]),
        }
    )


def _without(row: RowMapping, *names: str) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if name not in names}


def _hop(row: RowMapping) -> Hop:
    values = _without(row, "document")
    return Hop(**{**values, "purpose": Purpose(row["purpose"]), "state": HopState(row["state"])})


def _clock(row: RowMapping) -> Clock:
    return Clock(**_without(row, "document", "n"))


def _allegation(row: RowMapping) -> Allegation:
    conclusion = Conclusion(row["conclusion"]) if row["conclusion"] else None
    return Allegation(**{**_without(row, "case"), "conclusion": conclusion})


def _event(row: RowMapping) -> DocumentEvent:
    return DocumentEvent(**_without(row, "document"))


def _note(row: RowMapping) -> Note:
    return Note(**{**_without(row, "id", "case"), "kind": NoteKind(row["kind"])})


def _person(row: RowMapping) -> Person:
    return Person(**{**_without(row, "id", "case"), "role": PersonRole(row["role"])})


def _line(row: RowMapping) -> CaseLine:
    due: datetime = row["due_at"]
    return CaseLine(
        **{
            **row,
            "type": CaseType(row["type"]),
            "urgency": Urgency(row["urgency"]),
            "state": CaseState(row["state"]),
            "outcome": CaseOutcome(row["outcome"]) if row["outcome"] else None,
            "due_at": None if due == NEVER else due,
        }
    )


def _urgency(urgent: bool) -> str:
    return (Urgency.URGENT if urgent else Urgency.NORMAL).value


def _rule(row: RowMapping) -> ClockRule:
    return ClockRule(
        name=row["name"],
        urgent=row["urgency"] == Urgency.URGENT.value,
        version=row["version"],
        counted=Counted(row["counted"]),
        amount=row["amount"],
    )
