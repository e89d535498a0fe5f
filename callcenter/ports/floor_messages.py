"""Supervisors' messages to the floor, and who has read them.

A message is for people at work, not about callers. It is kept for KEPT.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from callcenter.core.ids import OperatorId

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorMessage:
    """One message. `readers`: its receivers, and when each of them read it."""

    id: int
    sent_at: datetime
    sender: str
    to: str  # "all", "queue NAME" or "operator NAME"
    text: str = field(repr=False)
    readers: Mapping[OperatorId, datetime | None] = field(default_factory=dict)


class FloorMessages(Protocol):
    """Where the messages are kept. Every method raises DatabaseAwayError."""

    async def send(
        self, sender: str, to: str, text: str, readers: Sequence[OperatorId], at: datetime
    ) -> FloorMessage:
        """Store a new message. Messages older than KEPT are deleted."""
        ...

    async def recent(self, limit: int) -> Sequence[FloorMessage]:
        """The latest messages with their readers."""
        ...

    async def unread(self, operator: OperatorId) -> Sequence[FloorMessage]:
        """The messages that this operator has not read, oldest first, without the other readers."""
        ...

    async def counts(self) -> Mapping[OperatorId, int]:
        """The number of unread messages of each operator. Operators with none are left out."""
        ...

    async def read(self, message: int, operator: OperatorId, at: datetime) -> bool:
        """Mark the message as read. Gives False if it was not for this operator."""
        ...
