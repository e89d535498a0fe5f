"""Numbers that callers withheld, kept apart from the record, for emergencies.

The feature web/withheld.py uses the protocols; ari/asterisk.py and storage/withheld.py implement
them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldNumber:
    """`kept_until` is on the wall clock, aware."""

    call: CallId
    number: str = field(repr=False)
    kept_until: datetime


class WithheldNumbers(Protocol):
    """Where the numbers are kept. Every method raises DatabaseAwayError."""

    async def keep(self, number: WithheldNumber) -> None:
        """Store the number until its time is over."""
        ...

    async def of(self, call: CallId, now: datetime) -> WithheldNumber | None:
        """The number of a call, unless its time is over."""
        ...

    async def forget(self, now: datetime) -> int:
        """Delete numbers whose time is over; gives how many."""
        ...


class Callers(Protocol):
    """Gives a withheld number while the call is up."""

    async def withheld_number(self, call: CallId) -> str:
        """The number. "" if there is none, or if the call is over."""
        ...
