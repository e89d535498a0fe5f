"""Units, grants and holidays in PostgreSQL. Every method raises DatabaseAwayError.

Nearly every request needs the units, and they seldom change. So they are cached for FRESH_SECONDS,
and read again after a change by this process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from time import monotonic

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.shared import tables
from callcenter.desks.shared.units import (
    DeskRole,
    Function,
    Grant,
    Standing,
    Unit,
    UnitLevel,
    Units,
)
from callcenter.storage.people_tables import accounts
from callcenter.storage.transactions import MANY_ROWS_SECONDS, transaction
from callcenter.thai_holidays import Holidays

FRESH_SECONDS = 5.0
SENT_AGAIN = timedelta(minutes=10)
"""The same grant from the same person within this time was sent twice, as after a broken
connection."""


class UnitsInPostgres:
    """Offices, who may do what there, and when they are closed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._units: tuple[float, Units] | None = None

    async def units(self) -> Units:
        """All units, also closed ones."""
        if self._units is None or monotonic() - self._units[0] > FRESH_SECONDS:
            async with transaction(self._engine) as connection:
                rows = await connection.execute(select(tables.units).order_by(tables.units.c.id))
                found = Units.of(_unit(row) for row in rows.mappings())
            self._units = (monotonic(), found)
        return self._units[1]

    async def add_units(self, units: Sequence[Unit]) -> int:
        """Add units; gives how many are new. Parents must come before their children."""
        if not units:
            return 0
        new = upsert(tables.units).on_conflict_do_nothing().returning(tables.units.c.id)
        async with transaction(self._engine, MANY_ROWS_SECONDS) as connection:
            added = len((await connection.execute(new, [_row(unit) for unit in units])).all())
        self._units = None
        return added

    async def change_unit(self, unit: Unit) -> bool:
        """Change a unit. Gives False if there is none with that id."""
        changed = update(tables.units).where(tables.units.c.id == unit.id).values(**_row(unit))
        async with transaction(self._engine) as connection:
            found = (await connection.execute(changed)).rowcount
        self._units = None
        return bool(found)

    async def grants(
        self, *, account: str | None = None, unit: str | None = None, limit: int = 1000
    ) -> list[Grant]:
        """Past and present grants, by id."""
        wanted = select(tables.grants).order_by(tables.grants.c.id).limit(limit)
        if account is not None:
            wanted = wanted.where(tables.grants.c.account == account)
        if unit is not None:
            wanted = wanted.where(tables.grants.c.unit == unit)
        async with transaction(self._engine) as connection:
            return [_grant(row) for row in (await connection.execute(wanted)).mappings()]

    async def give(self, grant: Grant, by: str, at: datetime) -> Grant | None:
        """Give a grant; gives it with its id. None if there is no such account. If the same grant
        is sent again, the existing one is given, so that ending it ends all."""
        table = tables.grants
        what = {
            "account": grant.account,
            "role": grant.role.value,
            "unit": grant.unit,
            "since": grant.since,
        }
        same = [table.c[name] == value for name, value in what.items()]
        known = select(table.c.id).where(*same, table.c.until.is_not_distinct_from(grant.until))
        given = insert(table).values(**what, until=grant.until, given_by=by, given_at=at)
        account = select(accounts.c.name).where(accounts.c.name == grant.account)
        async with transaction(self._engine) as connection:
            # If two give it at the same moment, the second waits here for the first.
            if await connection.scalar(account.with_for_update()) is None:
                return None
            number = await connection.scalar(known.order_by(table.c.id).limit(1))
            if number is None:
                number = await connection.scalar(given.returning(table.c.id))
            return replace(grant, id=number or 0)

    async def end_grant(self, grant: int, until: date) -> Grant | None:
        """The grant is valid until the day before `until`. Gives None if there is none."""
        changed = (
            update(tables.grants)
            .where(tables.grants.c.id == grant)
            .values(until=until)
            .returning(tables.grants)
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(changed)).mappings().first()
            return None if row is None else _grant(row)

    async def standing(self, account: str, day: date) -> Standing:
        """What the account may do on a day, at units that work on that day."""
        units, grants = await self.units(), await self.grants(account=account)
        if any(grant.unit not in units.by_id for grant in grants):
            self._units = None  # another service has added it since they were read
            units = await self.units()
        found = [
            grant
            for grant in grants
            if grant.counts_on(day) and units.by_id[grant.unit].works_on(day)
        ]
        return Standing(account, found, units)

    async def holidays(self) -> Holidays:
        """The calendar of holidays."""
        wanted = select(tables.holidays.c.day, tables.holidays.c.name_th).order_by("day")
        async with transaction(self._engine) as connection:
            years = list(await connection.scalars(select(tables.holiday_years.c.year)))
            days = [(row.day, row.name_th) for row in await connection.execute(wanted)]
        return Holidays(
            {year: {day: name for day, name in days if day.year == year} for year in years}
        )

    async def confirm_holidays(
        self, year: int, days: Mapping[date, str], by: str, at: datetime
    ) -> None:
        """Set the holidays of a year; other days of it are removed."""
        years = tables.holiday_years
        async with transaction(self._engine) as connection:
            who = {"confirmed_by": by, "confirmed_at": at}
            confirmed = upsert(years).values(year=year, **who)
            # The year's row is locked from here: another confirmation at the same moment waits.
            await connection.execute(
                confirmed.on_conflict_do_update(index_elements=["year"], set_=who)
            )
            await connection.execute(delete(tables.holidays).where(tables.holidays.c.year == year))
            if days:
                rows = [{"day": day, "year": year, "name_th": days[day]} for day in days]
                await connection.execute(insert(tables.holidays), rows)


def _row(unit: Unit) -> dict[str, object]:
    return {
        **asdict(unit),
        "level": unit.level.value,
        "functions": [function.value for function in unit.functions],
    }


def _unit(row: RowMapping) -> Unit:
    return Unit(
        **{
            **row,
            "level": UnitLevel(row["level"]),
            "functions": tuple(Function(word) for word in row["functions"]),
        }
    )


def _grant(row: RowMapping) -> Grant:
    return Grant(
        id=row["id"],
        account=row["account"],
        role=DeskRole(row["role"]),
        unit=row["unit"],
        since=row["since"],
        until=row["until"],
    )
