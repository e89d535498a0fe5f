"""Bulletins in PostgreSQL. Every method raises DatabaseAwayError."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, Select, and_, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.cases.bulletins import Counted, Figures, moments
from callcenter.desks.cases.model import KIND, Channel
from callcenter.desks.cases.tables import bulletins, cases
from callcenter.desks.shared.document_tables import documents
from callcenter.desks.shared.scope import Scope, in_scope
from callcenter.storage.transactions import transaction


class IssueTakenError(Exception):
    """The unit already has an issue with this number or a later one."""


class BulletinChangedError(Exception):
    """Somebody changed or published the issue in the meantime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """One issue. If `published_at` is set, it cannot be changed."""

    unit: str
    issue: int
    day: date
    subject: str
    first: date
    last: date
    background: str
    results: str
    benefit: str
    contacts: str
    votes: int | None
    figures: Figures
    version: int
    created_by: str
    published_at: datetime | None = None


class BulletinsInPostgres:
    """Keeps issues, and counts the cases of a period."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def count(self, units: frozenset[str], first: date, last: date) -> list[Counted]:
        """The cases in which the units take part and that were made on these days of Bangkok."""
        statement = count_statement(units, first, last)
        async with transaction(self._engine) as connection:
            return [
                Counted(channel=Channel(row[0]), outcome=row[1], cases=row[2], people=row[3])
                for row in await connection.execute(statement)
            ]

    async def add(self, bulletin: Bulletin, issue: int | None) -> Bulletin:
        """Add the unit's next issue, or one with a given later number. Raises IssueTakenError."""
        last = select(func.coalesce(func.max(bulletins.c.issue), 0))
        async with transaction(self._engine) as connection:
            await connection.execute(text("LOCK TABLE bulletins IN SHARE ROW EXCLUSIVE MODE"))
            used = await connection.scalar(last.where(bulletins.c.unit == bulletin.unit)) or 0
            if issue is not None and issue <= used:
                raise IssueTakenError(issue)
            made = replace(bulletin, issue=issue or used + 1)
            await connection.execute(insert(bulletins).values(**_row(made)))
        return made

    async def of(self, unit: str, issue: int) -> Bulletin | None:
        """One issue."""
        wanted = select(bulletins).where(bulletins.c.unit == unit, bulletins.c.issue == issue)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(wanted)).mappings().first()
        return None if row is None else _bulletin(row)

    async def all(self, units: frozenset[str] | None) -> list[Bulletin]:
        """The issues of some units, or of all; latest first."""
        wanted = select(bulletins).order_by(bulletins.c.day.desc(), bulletins.c.issue.desc())
        if units is not None:
            wanted = wanted.where(bulletins.c.unit.in_(sorted(units)))
        async with transaction(self._engine) as connection:
            return [_bulletin(row) for row in (await connection.execute(wanted)).mappings()]

    async def save(self, bulletin: Bulletin) -> None:
        """Store the issue, which was made from the version before. Raises BulletinChangedError."""
        before = and_(
            bulletins.c.unit == bulletin.unit,
            bulletins.c.issue == bulletin.issue,
            bulletins.c.version == bulletin.version - 1,
            bulletins.c.published_at.is_(None),
        )
        async with transaction(self._engine) as connection:
            statement = update(bulletins).where(before).values(**_row(bulletin))
            if not (await connection.execute(statement)).rowcount:
                raise BulletinChangedError(bulletin.issue)


def count_statement(units: frozenset[str], first: date, last: date) -> Select[Any]:
    """The query for the figures of a period."""
    begin, end = moments(first, last)
    theirs = in_scope(Scope(everything=False, units=units, sources=frozenset()))
    people = func.coalesce(func.sum(cases.c.people_concerned), 0)
    return (
        select(documents.c.channel, cases.c.outcome, func.count(), people)
        .join(cases, cases.c.id == documents.c.id)
        .where(documents.c.kind == KIND, theirs)
        .where(documents.c.created_at >= begin, documents.c.created_at < end)
        .group_by(documents.c.channel, cases.c.outcome)
        .order_by(documents.c.channel, cases.c.outcome)
    )


def _row(bulletin: Bulletin) -> dict[str, Any]:
    kept = {column.name: getattr(bulletin, column.name) for column in bulletins.c}
    return {**kept, "figures": msgspec.to_builtins(bulletin.figures)}


def _bulletin(row: RowMapping) -> Bulletin:
    values = {str(name): value for name, value in row.items()}
    return Bulletin(**{**values, "figures": msgspec.convert(row["figures"], Figures)})
