"""Numbers that callers withheld, kept apart from the record for an emergency.

The feature web/withheld.py asks through the protocols; ari/asterisk.py and storage/withheld.py
answer.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldNumber:
    """`kept_until` is the wall clock, aware."""

    call: CallId
    number: str = field(repr=False)
    kept_until: datetime


class WithheldNumbers(Protocol):
    """Where they are kept. Every method raises DatabaseAwayError."""

    async def keep(self, number: WithheldNumber) -> None:
        """Keep it until its time is over."""
        ...

    async def of(self, call: CallId, now: datetime) -> WithheldNumber | None:
        """The number of a call, unless its time is over."""
        ...

    async def forget(self, now: datetime) -> int:
        """Delete those whose time is over; how many these were."""
        ...


class Callers(Protocol):
    """Who knows a withheld number while the call is up."""

    async def withheld_number(self, call: CallId) -> str:
        """ "" where there is none, and when the call is over."""
        ...
