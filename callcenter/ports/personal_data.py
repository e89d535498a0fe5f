"""The personal data in the parts of the service: exported on request, and removed in time.

PDPA section 30: a person may ask what is kept about them. Section 37 (3): what is no longer needed
is deleted. Each part is responsible for its own tables and files; oversight/privacy asks them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Held = Mapping[str, str | int | float | bool | None]
"""One item of data, by the names of its fields. Times are text (ISO 8601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The person. `number`: as it was typed. `e164` None: the number has no such form."""

    number: str = field(repr=False)
    e164: str | None = field(repr=False)


class PersonalData(Protocol):
    """One part. Every method raises people.DatabaseAwayError."""

    @property
    def kept_days(self) -> Mapping[str, int]:
        """How long each kind is kept, in days; 0: for ever."""
        ...

    async def held_on(self, whose: Whose) -> Mapping[str, Sequence[Held]]:
        """Everything kept about a number, by kind."""
        ...

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        """How much of each kind was kept too long."""
        ...

    async def forget(self, now: datetime) -> Mapping[str, int]:
        """Remove a part of the overdue data in a short time; gives how much of each kind. All
        zeros: nothing is left."""
        ...
