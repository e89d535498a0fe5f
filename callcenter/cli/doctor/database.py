"""PostgreSQL: whether it answers, and its tables belong to this version of the program."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from callcenter.cli.doctor.finding import Finding, fail, ok, warn
from callcenter.config import Settings
from callcenter.hosting.postgres import Postgres
from callcenter.storage import migrate
from callcenter.storage.months import COUNTED, Months, Standing
from callcenter.storage.pooler import UNNAMED, is_pooled
from callcenter.thai_holidays import holidays_of, unconfirmed

ANSWER_SECONDS = 5.0
DAYS_AHEAD = 31  # the next month has its tables

_OPEN_LINES = text("select count(*) from operators where open_line and removed_at is null")
_CONFIRMED = text("select year from holiday_years")
THAILAND = timezone(timedelta(hours=7))
_UNCHECKED = text(
    "select conrelid::regclass || '.' || replace(conname, 'ck_' || conrelid::regclass || '_', '') "
    "from pg_constraint where contype = 'c' and not convalidated "
    "and not exists (select from pg_inherits where inhrelid = conrelid) order by 1"
)


def look(settings: Settings) -> Iterator[Finding]:
    """The database in the settings, or the embedded one in the data directory."""
    url, advice = url_of(settings)
    if url is None:
        yield warn("database", "there is no embedded database yet", advice)
        return
    try:
        yield from asyncio.run(examine(url, several_nodes=settings.nodes_file is not None))
    except (OSError, SQLAlchemyError, TimeoutError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        yield fail("database", f"does not answer ({reason}); calls are still served", advice)


def url_of(settings: Settings) -> tuple[str | None, str]:
    """The database's URL, and what to do if it does not answer. None: there is none yet."""
    if settings.database_url is not None:
        advice = "see that PostgreSQL runs, and that CALLCENTER_DATABASE_URL is right"
        return settings.database_url.get_secret_value(), advice
    embedded = Postgres(directory=settings.data_dir / "postgres")
    if not (embedded.directory / "data").is_dir():
        return None, "`make run` makes and starts one"
    advice = f"`make run` starts it; its log is {embedded.directory / 'postgres.log'}"
    return embedded.url, advice


async def examine(url: str, *, several_nodes: bool = False) -> list[Finding]:
    """The findings about the database at `url`. Raises SQLAlchemyError, OSError or TimeoutError."""
    engine = create_async_engine(url, connect_args={"timeout": ANSWER_SECONDS, **UNNAMED})
    try:
        async with asyncio.timeout(2 * ANSWER_SECONDS), engine.connect() as connection:
            found = await _of(connection)
            found += _months(await Months(engine).standing(datetime.now(UTC)))
            return found + (await _open_lines(connection) if several_nodes else [])
    finally:
        await engine.dispose()


async def _of(connection: AsyncConnection) -> list[Finding]:
    version = connection.dialect.server_version_info or ()
    found = [ok("database", f"PostgreSQL {'.'.join(map(str, version))} answers")]
    if await is_pooled((await connection.get_raw_connection()).driver_connection):
        found.append(ok("database", "a pooler is in front of it: records are stored more slowly"))
    present, newest = await connection.run_sync(_revisions)
    if present == newest:
        found.append(ok("database", f"its tables are those of this version ({newest})"))
    else:
        advice = "start the service: it brings the tables up to its version"
        what = f"its tables are of version {present or 'none'}, this program's of {newest}"
        found.append(warn("database", what, advice))
    if broken := list(await connection.scalars(_UNCHECKED)):
        what = f"records say what cannot be ({', '.join(broken)}); new ones are checked"
        advice = "they were so before the check was made; `\\d calls` in psql shows the rule"
        found.append(warn("database", what, advice))
    return found + await _holidays(connection)


def _months(standing: Sequence[Standing]) -> list[Finding]:
    """Whether the next month's tables are there, and whether each row is in its month."""
    found = []
    advice = "the service sees to it every hour; `callcenter database keep` does it now"
    for each in standing:
        if each.days_ahead < DAYS_AHEAD:
            what = f"{each.table}: the next month has no table; its rows go to {each.table}_default"
            found.append(warn("database", what, advice))
        if each.without_month:
            many = f"{each.without_month}{' or more' if each.without_month >= COUNTED else ''}"
            what = f"{each.table}: {many} rows have no month yet; they are kept and found"
            found.append(warn("database", what, advice))
    if standing and not found:
        days = min(each.days_ahead for each in standing)
        found.append(ok("database", f"calls and offers have tables for the next {days:.0f} days"))
    return found


async def _open_lines(connection: AsyncConnection) -> list[Finding]:
    """Operators whose card wants what several Asterisks cannot do."""
    if not await connection.scalar(text("select to_regclass('operators') is not null")):
        return []
    many = await connection.scalar(_OPEN_LINES)
    if not many:
        return []
    what = (
        f"cards of operators with an open line: {many}. It is for one Asterisk alone: with several "
        "nodes their phones ring for each call"
    )
    advice = "`callcenter operator change NAME --no-open-line`, or set one node"
    return [warn("nodes", what, advice)]


async def _holidays(connection: AsyncConnection) -> list[Finding]:
    """Years whose holidays should be confirmed by now, and are only computed."""
    if not await connection.scalar(text("select to_regclass('holiday_years') is not null")):
        return []
    confirmed = set(await connection.scalars(_CONFIRMED))
    return holidays(datetime.now(THAILAND).date(), confirmed)


def holidays(today: date, confirmed: set[int]) -> list[Finding]:
    """What is to be said about holidays on a day."""
    found = []
    for year in unconfirmed(today, confirmed):
        days = ", ".join(f"{day:%d.%m.}" for day in holidays_of(year))
        what = f"the holidays of {year} are only computed, not confirmed as announced: {days}"
        advice = (
            f"compare them with the Cabinet's announcement, then `callcenter duty confirm-holidays "
            f"{year}` (a calendar file, or --as-computed), or Administration, Holidays"
        )
        found.append(warn("holidays", what, advice))
    return found or [ok("holidays", "are confirmed as far as they should be")]


def _revisions(connection: Connection) -> tuple[str | None, str | None]:
    present = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(migrate.settings(connection))
    return present, scripts.get_current_head()
