"""What supervisors write to the floor, and who has read it.

A message is for people at work, not about callers; it is kept for KEPT.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from callcenter.core.ids import OperatorId

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorMessage:
    """One message. `readers`: to whom it went, and when each of them read it."""

    id: int
    sent_at: datetime
    sender: str
    to: str  # "all", "queue NAME" or "operator NAME"
    text: str = field(repr=False)
    readers: Mapping[OperatorId, datetime | None] = field(default_factory=dict)


class FloorMessages(Protocol):
    """Where they are kept. Every method raises DatabaseAwayError."""

    async def send(
        self, sender: str, to: str, text: str, readers: Sequence[OperatorId], at: datetime
    ) -> FloorMessage:
        """Keep a new one; those older than KEPT go."""
        ...

    async def recent(self, limit: int) -> Sequence[FloorMessage]:
        """The latest, with their readers."""
        ...

    async def unread(self, operator: OperatorId) -> Sequence[FloorMessage]:
        """Those that this operator has not read, the oldest first; without the other readers."""
        ...

    async def counts(self) -> Mapping[OperatorId, int]:
        """How many each operator has not read; those who have read all are not in it."""
        ...

    async def read(self, message: int, operator: OperatorId, at: datetime) -> bool:
        """It was read. False: it did not go to this operator."""
        ...
