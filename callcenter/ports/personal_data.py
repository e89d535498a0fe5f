"""What the parts of the service keep of people: told on request, and forgotten in time.

PDPA section 30: a person may ask what is held on them. Section 37 (3): what is no longer needed is
deleted. Each part answers for its own tables and files; oversight/privacy asks them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Held = Mapping[str, str | int | float | bool | None]
"""One thing that is held, by the names of its fields. Times are text (ISO 8601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Of whom it is asked. `number`: as it was typed. `e164` None: a number without one."""

    number: str = field(repr=False)
    e164: str | None = field(repr=False)


class PersonalData(Protocol):
    """One part. Every method raises people.DatabaseAwayError."""

    @property
    def kept_days(self) -> Mapping[str, int]:
        """How long each kind is kept; 0: for ever."""
        ...

    async def held_on(self, whose: Whose) -> Mapping[str, Sequence[Held]]:
        """All that is held on a number, by what it is."""
        ...

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        """How much of each kind is kept too long."""
        ...

    async def forget(self, now: datetime) -> Mapping[str, int]:
        """Forget a part of what is overdue, in one short piece of work; how much of each kind it
        was. All zeros: nothing is left."""
        ...
