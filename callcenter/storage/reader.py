"""Read-only access to the record for reports: one statement in one short transaction.

A report may take longer than other requests, but it may use only a few of the shared connections.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import DatabaseAwayError
from callcenter.storage.transactions import ANSWER_SECONDS, transaction, was_stopped

REPORT_SECONDS = 50.0  # a proxy in front usually waits 60 s
AT_ONCE = 2  # reports at the same time, of the five connections there are


class ReaderOfPostgres:
    """Runs queries. A statement that would change something fails."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def read(
        self, statement: str, values: Mapping[str, object]
    ) -> Sequence[Mapping[str, Any]]:
        """The rows of a `select` with `:named` values. Raises DatabaseAwayError. Raises
        TimeoutError if the database answers but needs longer than REPORT_SECONDS."""
        async with asyncio.timeout(REPORT_SECONDS):
            await self._turn.acquire()
        try:
            async with transaction(self._engine) as connection:  # checks that the database answers
                await connection.execute(text("select 1"))
            return await self._rows(statement, values)
        except DatabaseAwayError as error:
            if was_stopped(error):
                raise TimeoutError(f"no answer in {REPORT_SECONDS:g} s") from error
            raise
        finally:
            self._turn.release()

    async def _rows(
        self, statement: str, values: Mapping[str, object]
    ) -> Sequence[Mapping[str, Any]]:
        """PostgreSQL itself enforces the time limit, so that a slow query can be told from a dead
        server."""
        limit = f"set local statement_timeout = {int(1000 * REPORT_SECONDS)}"
        async with transaction(self._engine, REPORT_SECONDS + ANSWER_SECONDS) as connection:
            await connection.execute(text("set transaction read only"))
            await connection.execute(text(limit))
            rows = await connection.execute(text(statement), dict(values))
            return [{str(name): value for name, value in row.items()} for row in rows.mappings()]
