"""How many messages to the floor each operator has not read: shown with every operator.

Counted here so that the live feed asks no database; what counts is in the database.
"""

from collections.abc import Callable

from callcenter.core.ids import OperatorId
from callcenter.ports.floor_messages import FloorMessages


class Unread:
    """`look` after each change, and at the start."""

    def __init__(self, kept: FloorMessages) -> None:
        self.listeners: list[Callable[[], None]] = []  # called when a count is another one
        self._kept = kept
        self._counts: dict[OperatorId, int] = {}

    def of(self, operator: OperatorId) -> int:
        """How many this operator has not read."""
        return self._counts.get(operator, 0)

    async def look(self) -> None:
        """Count anew. Raises DatabaseAwayError."""
        self._counts = dict(await self._kept.counts())
        for listener in self.listeners:
            listener()
