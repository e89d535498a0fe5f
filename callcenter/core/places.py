"""Kept places in line, by the caller's number.

A caller who left the line unanswered, or was cut off there, and soon calls the same queue again,
stands where they would be if they had never left: the first arrival counts, not the second. The
number is the one from the trunk. For a withheld or a short number nothing is kept, because it could
be anybody's.
"""

import re
from dataclasses import dataclass

from callcenter.core.dialled import SIGNIFICANT, normal_form
from callcenter.core.ids import CallId, QueueName

TALKS_LIMIT = 20_000
"""Talks remembered at once, for callers who call again: 150 bytes each. The oldest is removed
first."""

PLACES_LIMIT = 20_000
"""Places kept at once: 200 bytes each. The oldest is removed first."""

_ONES_OWN = re.compile(rf"0{SIGNIFICANT}|\+[1-9][0-9]{{6,14}}")


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """A place that is kept until `until`, in engine seconds. `call` is the call that had it."""

    call: CallId
    first_arrived_at: float
    until: float


def number_of(caller: str) -> str:
    """The number under which a place is kept, in its normal form; empty if there is none."""
    number = normal_form(caller)
    return number if _ONES_OWN.fullmatch(number) else ""


def place_name(queue: QueueName, caller: str) -> str:
    """The key under which a place in the line of a queue is kept."""
    return f"{queue}/{number_of(caller)}"
