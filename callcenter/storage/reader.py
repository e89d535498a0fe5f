"""Lends the record to those who only ask: one read-only statement in one short transaction.

Made by app.py for the features of `oversight/`, whose store modules bring their own SQL.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.storage.transactions import transaction


class ReaderOfPostgres:
    """Answers questions; a statement that would change something fails."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(
        self, statement: str, values: Mapping[str, object]
    ) -> Sequence[Mapping[str, Any]]:
        """The rows of a `select` with `:named` values. Raises DatabaseAwayError."""
        async with transaction(self._engine) as connection:
            await connection.execute(text("set transaction read only"))
            rows = await connection.execute(text(statement), dict(values))
            return [{str(name): value for name, value in row.items()} for row in rows.mappings()]
