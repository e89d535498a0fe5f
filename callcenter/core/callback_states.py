"""What a caller who asks in the menu is told of their callback: whether it waits, about when it
comes, how often it was tried, and how it ended. Pure.

callback_lookup.py finds it out.
"""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core import speech

AFTER_OPEN = ("callback_after", "menu_press", "number_9", "callback_person")
"""What can be done about a callback that is still to come."""
AFTER = ("callback_person",)
CANCEL_KEY = "9"


class CallbackWord(StrEnum):
    """What can be answered. The last two are no state of a callback."""

    WAITING = "waiting"  # stands in line, and is called in turn
    LATER = "later"  # at the time that the caller chose
    AGAIN = "again"  # was tried; the next attempt comes after a pause
    HOURS = "hours"  # nobody is called at this time of day
    CALLING = "calling"  # the number is being called now
    CANCELLED = "cancelled"
    NOT_REACHED = "not_reached"  # was tried as often as allowed
    EXPIRED = "expired"  # could not be done in time, or was lost by us
    DONE = "done"  # the citizen was called back
    NONE = "none"  # there is no callback to this number, or it is withheld
    TOO_OFTEN = "too_often"  # the number that calls has asked too often


OPEN = frozenset(
    (
        *(CallbackWord.WAITING, CallbackWord.LATER, CallbackWord.AGAIN),
        *(CallbackWord.HOURS, CallbackWord.CALLING),
    )
)
NO_STATE = (CallbackWord.NONE, CallbackWord.TOO_OFTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAnswer:
    """`tries`: attempts that reached the citizen's line. `minutes`: until the next attempt, at
    most; 0: not known. `clock`: the hour and minute at which it comes; `tomorrow`: on the next
    day."""

    word: CallbackWord
    tries: int = 0
    minutes: int = 0
    clock: tuple[int, int] | None = None
    tomorrow: bool = False

    @property
    def is_state(self) -> bool:
        """Whether a callback was found."""
        return self.word not in NO_STATE

    @property
    def is_open(self) -> bool:
        """Whether the callback is still to come, and can be cancelled."""
        return self.word in OPEN


CANCELLED = CallbackAnswer(word=CallbackWord.CANCELLED)


def words(language: speech.Language, answer: CallbackAnswer) -> speech.Keys:
    """What is played to tell it."""
    keys: speech.Keys = (f"callback_is_{answer.word}",)
    if answer.clock is not None:
        day = "callback_tomorrow" if answer.tomorrow else "callback_today"
        keys += ("callback_at", day, *speech.clock(language, *answer.clock))
    elif answer.minutes:
        keys += ("callback_within", *speech.minutes(language, answer.minutes))
    if answer.tries and answer.word is not CallbackWord.DONE:
        keys += ("callback_tried", *speech.times(language, answer.tries))
    return keys
