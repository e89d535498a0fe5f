"""Finds out what a caller is told of their callback, by the number that calls. Pure.

Nobody can type another number, and a withheld number has no callback. A number is told ten times in
an hour at most, because numbers can be forged.
"""

from math import ceil

from callcenter.core import estimate, telling
from callcenter.core.callback_states import CallbackAnswer, CallbackWord
from callcenter.core.outcome import Outcome
from callcenter.core.places import number_of
from callcenter.core.state import Call, CallbackOver, State

HOUR_SECONDS = 3600.0
ASKS_OF_A_NUMBER = 10
"""In an hour."""

_ENDED = {
    "cancelled": CallbackWord.CANCELLED,
    "not_reached": CallbackWord.NOT_REACHED,
    "expired": CallbackWord.EXPIRED,
    "claimed": CallbackWord.NONE,  # by a call that took its place in line
}


def pending(state: State, caller: str) -> Call | None:
    """The open callback to this number."""
    name = state.callbacks.get(number_of(caller)) if state.callbacks else None
    return state.calls.get(name) if name else None


def of_number(state: State, caller: str, now: float) -> CallbackAnswer:
    """What is answered to a caller of this number."""
    number = number_of(caller)
    if not number:
        return CallbackAnswer(word=CallbackWord.NONE)
    asked = state.callback_asks.get(number)
    if asked and asked.times >= ASKS_OF_A_NUMBER and now - asked.since < HOUR_SECONDS:
        return CallbackAnswer(word=CallbackWord.TOO_OFTEN)
    call = pending(state, caller)
    if call is not None and call.callback is not None:
        return _of_open(state, call, now)
    over = state.callbacks_over.get(number)
    return _of_over(over) if over is not None else CallbackAnswer(word=CallbackWord.NONE)


def _of_open(state: State, call: Call, now: float) -> CallbackAnswer:
    assert call.callback is not None
    tries = call.callback.spent
    if call.is_tried:
        return CallbackAnswer(word=CallbackWord.CALLING, tries=tries)
    if call.callback.due_at > now:
        clock, tomorrow = _clock(state, call, call.callback.due_at)
        return CallbackAnswer(word=CallbackWord.LATER, clock=clock, tomorrow=tomorrow)
    if state.callbacks_held == "hours" or call.queue in state.closed:
        first = next((at for _, at, _ in _hours(state, call) if at > now), 0.0)
        clock, tomorrow = _clock(state, call, first)
        return CallbackAnswer(word=CallbackWord.HOURS, tries=tries, clock=clock, tomorrow=tomorrow)
    if call.until > now and call.id not in state.queue(call.queue).line:  # rests
        minutes = ceil((call.until - now) / 60.0)
        return CallbackAnswer(word=CallbackWord.AGAIN, tries=tries, minutes=minutes)
    wait = estimate.of_caller(state, call, now)
    minutes = telling.spoken_minutes(wait.at_most_seconds) if wait else 0
    minutes = minutes if minutes <= telling.MOST_MINUTES else 0
    return CallbackAnswer(word=CallbackWord.WAITING, tries=tries, minutes=minutes)


def _of_over(over: CallbackOver) -> CallbackAnswer:
    if over.outcome is Outcome.CALLBACK:
        word = _ENDED.get(over.reason, CallbackWord.EXPIRED)
    elif over.outcome is Outcome.FAILED:
        word = CallbackWord.EXPIRED
    else:
        word = CallbackWord.DONE
    return CallbackAnswer(word=word, tries=over.tries)


def _hours(state: State, call: Call) -> tuple[tuple[int, float, bool], ...]:
    return state.callback_hours.get(call.queue, ())


def _clock(state: State, call: Call, due_at: float) -> tuple[tuple[int, int] | None, bool]:
    """The time of day of an engine time, by the hours that can be chosen; None: it is not known."""
    for hour, at, tomorrow in _hours(state, call):
        if -60.0 <= due_at - at < HOUR_SECONDS - 60.0:
            return (hour, max(0, round((due_at - at) / 60.0))), tomorrow
    return None, False
