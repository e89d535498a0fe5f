"""One overflow rule of a queue: when a new caller does not simply wait there, and what happens
instead.

The rules of a queue are tried in their order for each new caller (overflow.py). The first rule that
applies and is possible is followed. If there is none, the caller waits.
"""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.ids import QueueName
from callcenter.core.outcome import Diversion


class OverflowTo(StrEnum):
    """What a rule does with the caller."""

    QUEUE = "queue"  # to another queue, also that of another hotline; the arrival is kept
    MESSAGE = "message"  # hears prompts of the queue's own, and is sent out
    CALLBACK = "callback"  # waits in line here, and is offered a callback at once
    VOICEMAIL = "voicemail"  # is asked for a message


OVERFLOW_WHEN = (Diversion.LENGTH, Diversion.EXPECTED, Diversion.NO_STAFF)
"""More callers in line than the limit, a longer wait than the limit, or nobody on duty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverflowRule:
    """`over`: a number of callers or of seconds. Not used if nobody is on duty."""

    when: Diversion
    to: OverflowTo
    over: float = 0.0
    queue: QueueName | None = None  # of QUEUE
    message: tuple[str, ...] = ()  # the prompts of MESSAGE
