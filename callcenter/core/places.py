"""Kept places in line, by the caller's number.

Who left the line unanswered, or was cut off there, and calls the same queue again soon stands where
they would be had they never left: the first arrival counts, not the second. The number is what the
trunk said; a withheld or a short one keeps nothing, because it could be anybody's.
"""

import re
from dataclasses import dataclass

from callcenter.core.dialled import SIGNIFICANT, normal_form
from callcenter.core.ids import CallId, QueueName

TALKS_LIMIT = 20_000
"""Talks remembered at once, for who calls again: 150 bytes each. The oldest goes first."""

PLACES_LIMIT = 20_000
"""Places kept at once: 200 bytes each. The oldest goes first."""

_ONES_OWN = re.compile(rf"0{SIGNIFICANT}|\+[1-9][0-9]{{6,14}}")


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """A place that is kept until `until`, in engine seconds. `call` is whose it was."""

    call: CallId
    first_arrived_at: float
    until: float


def number_of(caller: str) -> str:
    """The number that a place is kept by, in its normal form; empty when there is none."""
    number = normal_form(caller)
    return number if _ONES_OWN.fullmatch(number) else ""


def place_name(queue: QueueName, caller: str) -> str:
    """Under which name a place in the line of a queue is kept."""
    return f"{queue}/{number_of(caller)}"
