"""The months of calls and offers: each month's rows are a table of their own (a partition).

    months = Months(engine)
    await months.make_ahead(now)        # this month and the next ones
    await months.move_one()             # rows of a month that had no table yet
    await months.drop_older(now, kept)  # whole months, without what must be kept

A month begins at midnight in Thailand. A row whose month has no table goes to the default
partition, so none is ever refused. The tables of before version 0064 are this default partition
at first, and their rows are moved month by month, the latest first.

Each step is one transaction. Reports are read during the copy. They wait while the new table is
attached: PostgreSQL then reads the default partition once. Records wait in the journal during the
whole step.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.storage.statements import ONE_AT_A_TIME
from callcenter.storage.transactions import transaction

THAILAND: Final = timezone(timedelta(hours=7))
AHEAD = 3  # months made ahead: nobody need look at them for a quarter of a year
STEP_SECONDS = 3_600.0  # the longest step: a month of a big country
LOCK_SECONDS = 5  # waiting for a report to end; meanwhile new ones wait behind us
COUNTED = 100_000  # rows of the default partition are counted up to this

MONTH_OF: Final = {"calls": "arrived_at", "offers": "made_at"}
"""The partitioned tables, and the column that says the month. Calls first: offers follow them."""

_CHECKS = """
select conname, pg_get_constraintdef(oid) from pg_constraint
where conrelid = cast(cast(:table as text) as regclass) and contype = 'c'
"""
_TABLES = """
select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = to_regclass(cast(:table as text)) order by 1
"""
_HELD = """
select r.call_id from recordings r
where r.state in ('running', 'ended', 'kept') or r.held_at is not null and r.purged_at is null
union all
select d.call_id from documents d where d.call_id is not null and d.closed_at is null
"""
"""Calls whose sound is still kept, by the site's days or because somebody holds it, and calls of a
case that is not closed. Their rows are kept for as long."""
_OF_CALLS: Final = (
    ("call_notes", "call"),
    ("call_quality", "call"),
    ("withheld_numbers", "call_id"),
)
"""Rows that say something about a call, and go with it."""


class BusyError(Exception):
    """Something else (a long report, the recorder) had the tables for too long. Try again later."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month in Thailand."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """The month of a moment."""
        there = moment.astimezone(THAILAND)
        return cls(there.year, there.month)

    def after(self, months: int = 1) -> "Month":
        """So many months later."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.month, 1, tzinfo=THAILAND)

    @property
    def first(self) -> date:
        """Its first day."""
        return self.begins.date()

    def table(self, parent: str) -> str:
        """The name of its table."""
        return f"{parent}_{self.year:04}_{self.month:02}"

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


class Standing(NamedTuple):
    """Of one partitioned table: its months, how many rows have no month yet (at most COUNTED), and
    how many days from now on have a table without a gap."""

    table: str
    months: Sequence[Month]
    without_month: int
    days_ahead: float


class Moved(NamedTuple):
    """Rows that were moved from the default partition to their month."""

    table: str
    month: Month
    rows: int


class Dropped(NamedTuple):
    """A month whose time was over: how many rows went, and how many are kept because the sound of
    a call is. Without kept rows the table is gone."""

    table: str
    month: Month
    rows: int
    kept: int


class Months:
    """The partitions of the record. Raises DatabaseAwayError and BusyError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def standing(self, now: datetime) -> Sequence[Standing]:
        """How each table stands. Empty before the migration."""
        found = []
        async with transaction(self._engine) as connection:
            for table in MONTH_OF:
                made = await _months(connection, table)
                if not made and not await _has_default(connection, table):
                    continue
                counted = (
                    f"select count(*) from (select from {table}_default limit {COUNTED}) as counted"
                )
                loose = await connection.scalar(text(counted))
                found.append(Standing(table, made, int(loose or 0), _days_ahead(made, now)))
        return found

    async def make_ahead(self, now: datetime) -> Sequence[Moved]:
        """Make the tables of this month and the next ones. Rows of theirs that came earlier are
        moved there."""
        made = []
        this = Month.of(now)
        for table in MONTH_OF:
            for month in (this.after(n) for n in range(AHEAD + 1)):
                async with self._step() as connection:
                    if month not in await _months(connection, table):
                        made.append(await _make(connection, table, month))
        return made

    async def move_one(self) -> Moved | None:
        """Move the latest month that has rows in the default partition. None: there is none."""
        for table, at in MONTH_OF.items():
            async with self._step() as connection:
                latest = await connection.scalar(text(f"select max({at}) from {table}_default"))
                if latest is not None:
                    return await _make(connection, table, Month.of(latest))
        return None

    async def drop_older(self, now: datetime, kept: int) -> Sequence[Dropped]:
        """Remove the months that ended `kept` months before this one. 0: keep all."""
        dropped = list[Dropped]()
        if not kept:
            return dropped
        oldest = Month.of(now).after(-kept)
        for table in MONTH_OF:
            async with self._step() as connection:
                old = [month for month in await _months(connection, table) if month < oldest]
            for month in old:
                async with self._step() as connection:
                    gone = await _drop(connection, table, month)
                if gone.rows or not gone.kept:
                    dropped.append(gone)
        return dropped

    async def analyse(self) -> None:
        """Let the planner know how the months together look: PostgreSQL itself counts each month
        alone."""
        async with transaction(self._engine, STEP_SECONDS) as connection:
            for table in MONTH_OF:
                await connection.execute(text(f"analyze {table}"))

    @asynccontextmanager
    async def _step(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, alone with the tables: the recorder neither inserts nor changes a
        row."""
        try:
            async with transaction(self._engine, STEP_SECONDS) as connection:
                await connection.execute(text(f"set local lock_timeout = '{LOCK_SECONDS}s'"))
                await connection.execute(text(ONE_AT_A_TIME.rstrip(";")))
                yield connection
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in ("55P03", "40P01"):
                raise
            raise BusyError("calls and offers are in use") from error


def month_named(name: str, parent: str) -> Month | None:
    """The month of a table's name."""
    found = re.fullmatch(rf"{parent}_(\d{{4}})_(0[1-9]|1[0-2])", name)
    return Month(int(found[1]), int(found[2])) if found else None


async def _months(connection: AsyncConnection, table: str) -> Sequence[Month]:
    names = await connection.scalars(text(_TABLES), {"table": table})
    return sorted(month for name in names if (month := month_named(name, table)))


async def _has_default(connection: AsyncConnection, table: str) -> bool:
    wanted = text("select to_regclass(cast(:name as text)) is not null")
    return bool(await connection.scalar(wanted, {"name": f"{table}_default"}))


def _days_ahead(months: Sequence[Month], now: datetime) -> float:
    month = Month.of(now)
    if month not in months:
        return 0.0
    while month in months:
        month = month.after()
    return (month.begins - now).total_seconds() / 86_400


async def _make(connection: AsyncConnection, table: str, month: Month) -> Moved:
    """Make the month's table from the rows of the default partition, and attach it."""
    default, name, at = f"{table}_default", month.table(table), MONTH_OF[table]
    begins, ends = (each.begins.isoformat() for each in (month, month.after()))
    its = f"{at} >= '{begins}' and {at} < '{ends}'"

    async def run(statement: str) -> int:
        return (await connection.exec_driver_sql(statement)).rowcount

    await run(f"create table {name} (like {table} including defaults including indexes)")
    rows = await run(f"insert into {name} select * from {default} where {its}")
    await run(f"delete from {default} where {its}")
    checks = await connection.execute(text(_CHECKS), {"table": table})
    # After the rows: one of before a check was made may contradict it.
    await run(
        f"alter table {name} " + ", ".join(f"add constraint {check} {how}" for check, how in checks)
    )
    await run(
        f"alter table {table} attach partition {name} for values from ('{begins}') to ('{ends}')"
    )
    if rows and not await connection.scalar(text(f"select exists (select from {default})")):
        await run(f"truncate {default}")
    return Moved(table, month, rows)


async def _drop(connection: AsyncConnection, table: str, month: Month) -> Dropped:
    name = month.table(table)
    held = f"call_id in ({_HELD})" if table == "calls" else "call_id in (select call_id from calls)"
    kept = int(await connection.scalar(text(f"select count(*) from {name} where {held}")) or 0)
    rows = int(await connection.scalar(text(f"select count(*) from {name}")) or 0) - kept
    if table == "calls":
        for other, column in _OF_CALLS:
            gone = f"select call_id from {name} where not {held}"
            await connection.exec_driver_sql(f"delete from {other} where {column} in ({gone})")
    if kept:
        await connection.exec_driver_sql(f"delete from {name} where not {held}")
    else:
        await connection.exec_driver_sql(f"drop table {name}")
    return Dropped(table, month, rows, kept)
