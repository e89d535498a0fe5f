"""callcenter database …: what PostgreSQL has, asked of PostgreSQL itself. Works without the
service."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.cli.common import answered_as_json, console, settings, table
from callcenter.cli.doctor.database import ANSWER_SECONDS, url_of
from callcenter.cli.errors import CommandError
from callcenter.ports.people import DatabaseAwayError
from callcenter.storage.months import BusyError, Month, Months, Moved
from callcenter.storage.pooler import UNNAMED

app = typer.Typer(help="PostgreSQL: the months of its records.", no_args_is_help=True)
A = TypeVar("A")


@app.command("months")
def months() -> None:
    """List the months of calls and offers, and rows that have no month yet."""
    found = _asked(lambda engine: Months(engine).standing(datetime.now(UTC)))
    shown = [
        {
            "table": each.table,
            "months": [str(month) for month in each.months],
            "days_ahead": round(each.days_ahead, 1),
            "rows_without_month": each.without_month,
        }
        for each in found
    ]
    if answered_as_json(shown):
        return
    rows = [
        (
            each.table,
            len(each.months),
            _span(each.months),
            round(each.days_ahead),
            each.without_month,
        )
        for each in found
    ]
    names = ("table", "months#", "from … to", "days ahead#", "rows without month#")
    console().print(table(names, rows))


@app.command("keep")
def keep() -> None:
    """Make the next months now, and move rows that have no month. The service does this every hour
    by itself. Both may do it at the same time."""

    async def work(engine: AsyncEngine) -> int:
        kept, total = Months(engine), 0
        for made in await kept.make_ahead(datetime.now(UTC)):
            typer.echo(f"{made.table} {made.month}: made, {made.rows} rows moved there")
            total += made.rows
        began = monotonic()
        while (moved := await kept.move_one()) is not None:
            typer.echo(_told(moved, monotonic() - began))
            total, began = total + moved.rows, monotonic()
        if total:
            await kept.analyse()
        return total

    total = _asked(work)
    typer.echo(f"every row has a month; {total} were moved")


def _told(moved: Moved, seconds: float) -> str:
    return f"{moved.table} {moved.month}: {moved.rows} rows moved ({seconds:.1f} s)"


def _span(months: Sequence[Month]) -> str:
    return f"{months[0]} … {months[-1]}" if months else "none"


def _asked(work: Callable[[AsyncEngine], Awaitable[A]]) -> A:
    """The answer of the database in the settings, or of the embedded one."""
    url, advice = url_of(settings())
    if url is None:
        raise CommandError(f"there is no embedded database yet: {advice}")

    async def ask() -> A:
        engine = create_async_engine(url, connect_args={"timeout": ANSWER_SECONDS, **UNNAMED})
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(ask())
    except BusyError as error:
        raise CommandError(f"{error}: try again when no long report runs") from error
    except (OSError, SQLAlchemyError, TimeoutError, DatabaseAwayError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise CommandError(f"the database does not answer ({reason}): {advice}") from error
