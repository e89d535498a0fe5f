"""One short transaction for a person's request, with the database's failures as our own errors.

A person waits at most ANSWER_SECONDS for a database that hangs, and MANY_ROWS_SECONDS if hundreds
of rows are written at once (a report has a limit of its own). An error that is our own fault (a bad
statement) is raised unchanged.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.ports.people import DatabaseAwayError

ANSWER_SECONDS = 5.0  # far longer than a look-up or a change takes
MANY_ROWS_SECONDS = 30.0  # a busy database that is at work is not taken for one that hangs

_AWAY = ("08", "53", "57", "25006", "42P01", "42703")
"""SQLSTATE (PostgreSQL documentation, appendix A): connection, resources, shutting down, standby,
and a table or column that the migrations have not made yet."""
_STOPPED = "57014"  # query_canceled, by `statement_timeout`


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, answer_seconds: float = ANSWER_SECONDS
) -> AsyncIterator[AsyncConnection]:
    """A connection whose statements are committed together at the end. Raises DatabaseAwayError."""
    try:
        async with asyncio.timeout(answer_seconds), engine.begin() as connection:
            yield connection
    except (TimeoutError, PoolTimeout, OSError) as error:
        raise DatabaseAwayError("PostgreSQL does not answer") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:  # errors while connecting
        raise DatabaseAwayError(f"PostgreSQL lets nobody in ({type(error).__name__})") from error
    except DBAPIError as error:
        if not _is_away(error):
            raise
        raise DatabaseAwayError("PostgreSQL lost the connection or cannot work") from error


def was_stopped(error: DatabaseAwayError) -> bool:
    """Whether the database answers and only stopped a statement that took too long."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and _state(cause) == _STOPPED


def _is_away(error: DBAPIError) -> bool:
    state = _state(error)
    return error.connection_invalidated or state is None or state.startswith(_AWAY)


def _state(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return None if state is None else str(state)
