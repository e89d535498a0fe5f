"""Answers in PostgreSQL. Every method raises DatabaseAwayError.

A search reads the folded text of every answer. With 10,000 answers of 2,000 letters that is faster
than people type. An index of trigrams (pg_trgm) would not help: in a database with the locale C, as
the embedded one has, it sees no Thai letters.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    case,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.desks.answers.model import Answer, AnswerState, Miss, Use, Version, Wording
from callcenter.desks.answers.rules import folded, searched
from callcenter.desks.answers.tables import answer_misses, answer_uses, answer_versions, answers
from callcenter.desks.shared.store import SENT_AGAIN
from callcenter.desks.shared.thai import local
from callcenter.storage.transactions import transaction

RECENT = timedelta(days=90)
_ALONE = text("lock table answers in share row exclusive mode")
MISSES_MOST = 5000  # rows; more are counted, not listed


class StaleError(Exception):
    """Somebody wrote a version in the meantime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFilter:
    """Filters for answers. None: any. `after`: the id of the last one already seen."""

    unit: str | None = None
    topic: str | None = None
    state: AnswerState | None = None
    after: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The figures of the answer base."""

    states: dict[str, int]
    uses: int
    misses: int


class AnswersInPostgres:
    """Keeps answers, finds them, and counts uses and misses."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    # --- writing ---------------------------------------------------------------------------------

    async def add(self, unit: str, wording: Wording, by: str, at: datetime) -> tuple[Answer, bool]:
        """Add an answer, in force from now; gives it, and whether it is new. If the same answer is
        sent again, as after a broken connection, the existing one is given."""
        row = {"unit": unit, "version": 1, "withdrawn_why": "", **_folded(wording)}
        async with transaction(self._engine) as connection:
            await connection.execute(_ALONE)
            if (known := await _sent_before(connection, unit, wording, by, at)) is not None:
                return await _one(connection, known), False
            number = await connection.scalar(insert(answers).values(**row).returning(answers.c.id))
            await _write(connection, int(number or 0), 1, wording, by, at)
            return await _one(connection, int(number or 0)), True

    async def write(
        self, answer: Answer, wording: Wording, by: str, at: datetime, unit: str | None = None
    ) -> Answer:
        """Add a version, in force from now. A withdrawn answer is valid again. Raises
        StaleError."""
        number = answer.latest + 1
        values: dict[str, Any] = {"version": number, "withdrawn_at": None, "withdrawn_by": None}
        values |= {"withdrawn_why": "", "unit": unit or answer.unit, **_folded(wording)}
        async with transaction(self._engine) as connection:
            await _change(connection, answer, values)
            await _write(connection, answer.id, number, wording, by, at)
            return await _one(connection, answer.id)

    async def withdraw(self, answer: Answer, why: str, by: str, at: datetime) -> Answer:
        """Withdraw the answer. Raises StaleError."""
        values = {"withdrawn_at": at, "withdrawn_by": by, "withdrawn_why": why}
        async with transaction(self._engine) as connection:
            await _change(connection, answer, values)
            return await _one(connection, answer.id)

    async def use(self, use: Use) -> None:
        """Count that somebody put it into a note."""
        async with transaction(self._engine) as connection:
            await connection.execute(insert(answer_uses).values(**asdict(use)))

    async def miss(self, text: str, at: datetime) -> None:
        """Count a search that found nothing."""
        table = answer_misses
        row = {"searched": folded(text), "text": text, "times": 1, "first_at": at, "last_at": at}
        again = {"times": table.c.times + 1, "last_at": at, "text": text}
        async with transaction(self._engine) as connection:
            if (
                await connection.scalar(select(func.count()).select_from(table)) or 0
            ) < MISSES_MOST:
                missed = upsert(table).values(**row)
                await connection.execute(
                    missed.on_conflict_do_update(index_elements=["searched"], set_=again)
                )

    async def settle(self, miss: int) -> bool:
        """Remove a miss: its answer was written, or will not be. Gives False if there is no such
        miss."""
        gone = delete(answer_misses).where(answer_misses.c.id == miss)
        async with transaction(self._engine) as connection:
            return bool((await connection.execute(gone)).rowcount)

    # --- reading ---------------------------------------------------------------------------------

    async def answer(
        self, number: int, *, at: datetime | None = None, version: int | None = None
    ) -> Answer | None:
        """The answer as it is now, as it was at a moment, or one version of it."""
        wanted = _answers().where(answers.c.id == number)
        if version is not None:
            wanted = wanted.where(answer_versions.c.version == version)
        elif at is not None:
            wanted = wanted.where(answer_versions.c.since <= at)
        latest_first = wanted.order_by(answer_versions.c.version.desc()).limit(1)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(latest_first)).mappings().first()
            return None if row is None else _answer(row)

    async def versions(self, number: int) -> list[Version]:
        """All versions, the latest first."""
        wanted = _answers().where(answers.c.id == number)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(answer_versions.c.version.desc()))
            return [_answer(row).version for row in rows.mappings()]

    async def search(self, looked_for: Sequence[str], at: datetime, limit: int) -> list[Answer]:
        """Answers that contain every term. First come those with it in the title, then those that
        are up to date, then those used most in recent time."""
        where = [func.strpos(answers.c.searched, term) > 0 for term in looked_for]
        in_title = and_(*(func.strpos(answers.c.searched_title, t) > 0 for t in looked_for))
        statement = (
            _latest()
            .where(*where, answers.c.withdrawn_at.is_(None))
            .order_by(
                case((in_title, 0), else_=1),
                case((_is_due(at), 1), else_=0),
                _uses(at - RECENT).desc(),
                answers.c.id,
            )
            .limit(limit)
        )
        async with transaction(self._engine) as connection:
            return [_answer(row) for row in (await connection.execute(statement)).mappings()]

    async def answers(self, wanted: AnswerFilter, at: datetime) -> list[Answer]:
        """Answers by id."""
        conditions: list[ColumnElement[bool]] = [answers.c.id > wanted.after]
        if wanted.unit is not None:
            conditions.append(answers.c.unit == wanted.unit)
        if wanted.topic is not None:
            conditions.append(answer_versions.c.topic == wanted.topic)
        if wanted.state is not None:
            conditions.append(_is(wanted.state, at))
        statement = _latest().where(*conditions).order_by(answers.c.id).limit(wanted.limit)
        async with transaction(self._engine) as connection:
            return [_answer(row) for row in (await connection.execute(statement)).mappings()]

    async def uses_in(self, call: str) -> list[Use]:
        """The answers that were put into the note of a call, in order."""
        wanted = select(answer_uses).where(answer_uses.c.call == call).order_by(answer_uses.c.id)
        async with transaction(self._engine) as connection:
            return [
                Use(**{name: value for name, value in row.items() if name != "id"})
                for row in (await connection.execute(wanted.limit(200))).mappings()
            ]

    async def misses(self, limit: int) -> list[Miss]:
        """The most frequent misses."""
        table = answer_misses
        wanted = select(table.c.id, table.c.text, table.c.times, table.c.first_at, table.c.last_at)
        order = (table.c.times.desc(), table.c.last_at.desc(), table.c.id)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(*order).limit(limit))
            return [Miss(**row) for row in rows.mappings()]

    async def counts(self, at: datetime) -> Counts:
        """The figures for Prometheus."""
        async with transaction(self._engine) as connection:
            states = {
                state.value: await connection.scalar(
                    select(func.count()).select_from(_latest().where(_is(state, at)).subquery())
                )
                or 0
                for state in AnswerState
            }
            uses = await connection.scalar(select(func.count()).select_from(answer_uses))
            missed = await connection.scalar(select(func.count()).select_from(answer_misses))
            return Counts(states=states, uses=uses or 0, misses=missed or 0)


def _is(state: AnswerState, at: datetime) -> ColumnElement[bool]:
    withdrawn = answers.c.withdrawn_at.is_not(None)
    match state:
        case AnswerState.WITHDRAWN:
            return withdrawn
        case AnswerState.REVIEW_DUE:
            return and_(~withdrawn, _is_due(at))
        case AnswerState.IN_FORCE:
            return and_(~withdrawn, ~_is_due(at))


def _is_due(at: datetime) -> ColumnElement[bool]:
    return answer_versions.c.review_by < local(at).date()


def _uses(since: datetime | None = None) -> Any:
    counted = select(func.count()).select_from(answer_uses)
    counted = counted.where(answer_uses.c.answer == answers.c.id)
    if since is not None:
        counted = counted.where(answer_uses.c.at >= since)
    return counted.correlate(answers).scalar_subquery()


def _answers() -> Select[Any]:
    """Every version of every answer."""
    columns = (
        answers.c.id,
        answers.c.unit,
        answers.c.version.label("latest"),
        answers.c.withdrawn_at,
        answers.c.withdrawn_why,
        _uses().label("uses"),
        *(column for column in answer_versions.c if column.name != "answer"),
    )
    return select(*columns).join(answer_versions, answer_versions.c.answer == answers.c.id)


def _latest() -> Select[Any]:
    return _answers().where(answer_versions.c.version == answers.c.version)


def _folded(wording: Wording) -> dict[str, str]:
    return {"searched_title": folded(wording.title), "searched": searched(wording)}


async def _one(connection: AsyncConnection, number: int) -> Answer:
    found = await connection.execute(_latest().where(answers.c.id == number))
    return _answer(found.mappings().one())


async def _change(connection: AsyncConnection, answer: Answer, values: dict[str, Any]) -> None:
    unchanged = and_(answers.c.id == answer.id, answers.c.version == answer.latest)
    if values.get("withdrawn_at") is not None:
        unchanged = and_(unchanged, answers.c.withdrawn_at.is_(None))
    if not (await connection.execute(update(answers).where(unchanged).values(**values))).rowcount:
        raise StaleError(str(answer.id))


async def _sent_before(
    connection: AsyncConnection, unit: str, wording: Wording, by: str, at: datetime
) -> int | None:
    versions = answer_versions.c
    same = (versions[name] == value for name, value in _columns(wording).items())
    known = (
        select(answers.c.id)
        .join(answer_versions, and_(versions.answer == answers.c.id, versions.version == 1))
        .where(answers.c.unit == unit, answers.c.version == 1, answers.c.withdrawn_at.is_(None))
        .where(versions.written_by == by, versions.since > at - SENT_AGAIN, *same)
    )
    return await connection.scalar(known.limit(1))


async def _write(
    connection: AsyncConnection, answer: int, number: int, wording: Wording, by: str, at: datetime
) -> None:
    row = {"answer": answer, "version": number, "since": at, "written_by": by}
    await connection.execute(insert(answer_versions).values(**row, **_columns(wording)))


def _columns(wording: Wording) -> dict[str, Any]:
    return {**asdict(wording), "keywords": [*wording.keywords]}


def _answer(row: RowMapping) -> Answer:
    wording = Wording(
        title=row["title"],
        text=row["text"],
        keywords=tuple(row["keywords"]),
        source=row["source"],
        topic=row["topic"],
        review_by=row["review_by"],
    )
    return Answer(
        id=row["id"],
        unit=row["unit"],
        version=Version(
            number=row["version"],
            since=row["since"],
            written_by=row["written_by"],
            wording=wording,
        ),
        latest=row["latest"],
        withdrawn_at=row["withdrawn_at"],
        withdrawn_why=row["withdrawn_why"],
        uses=row["uses"],
    )
