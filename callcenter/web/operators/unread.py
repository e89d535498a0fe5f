"""How many floor messages each operator has not read. Shown with every operator.

They are counted here so that the live feed needs no database. The database is the authority.
"""

from collections.abc import Callable

from callcenter.core.ids import OperatorId
from callcenter.ports.floor_messages import FloorMessages


class Unread:
    """Call `look` after each change, and at the start."""

    def __init__(self, kept: FloorMessages) -> None:
        self.listeners: list[Callable[[], None]] = []  # called when a count has changed
        self._kept = kept
        self._counts: dict[OperatorId, int] = {}

    def of(self, operator: OperatorId) -> int:
        """The number of messages that this operator has not read."""
        return self._counts.get(operator, 0)

    async def look(self) -> None:
        """Count again. Raises DatabaseAwayError."""
        self._counts = dict(await self._kept.counts())
        for listener in self.listeners:
            listener()
