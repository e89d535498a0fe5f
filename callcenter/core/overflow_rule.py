"""One rule of a queue: when a new caller does not simply wait there, and what happens instead.

The rules of a queue are tried in their order for each new caller (overflow.py). The first one that
applies, and can be done, is followed; where none can be, the caller waits.
"""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.ids import QueueName
from callcenter.core.outcome import Diversion


class OverflowTo(StrEnum):
    """What a rule does with the caller."""

    QUEUE = "queue"  # on to another queue, also that of another hotline; the arrival is kept
    MESSAGE = "message"  # out, with prompts of the queue's own
    CALLBACK = "callback"  # stands in line here, and hears at once that a callback can be had


OVERFLOW_WHEN = (Diversion.LENGTH, Diversion.EXPECTED, Diversion.NO_STAFF)
"""More callers than that would be in line, the wait would be longer than that, nobody is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverflowRule:
    """`over`: so many callers, or so many seconds; of no meaning when nobody is there."""

    when: Diversion
    to: OverflowTo
    over: float = 0.0
    queue: QueueName | None = None  # of QUEUE
    message: tuple[str, ...] = ()  # of MESSAGE: prompts
