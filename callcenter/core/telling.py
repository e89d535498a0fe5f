"""Announcements to waiting callers: the place in line, and how long it will take at most.

The site file says for each queue what is announced, when first, and how often it is checked again.
The wait is announced only if enough is known for an estimate (core/estimate.py). It is the upper
limit, which nine of ten do not exceed, rounded up: "about five minutes". Place and wait are
announced again only if they have become smaller, so nobody hears a number rise. A caller who moves
to another queue hears the numbers of that queue. An announcement costs no place in line: it stops
as soon as an operator is free.
"""

from heapq import heappop, heappush
from math import ceil

from callcenter.core import estimate, hearing, news, speech
from callcenter.core.facts import PromptKind, WaitTold
from callcenter.core.ids import CallId
from callcenter.core.site import QueueRules, Telling
from callcenter.core.speech import Language
from callcenter.core.state import Call, CallState, State
from callcenter.core.turn import Turn

MOST_MINUTES = 60
"""For a longer wait no number helps: it is called longer than usual."""

LONGER = MOST_MINUTES + 1
"""Stands for "longer than usual" in place of a number."""

STEPS = ((10, 1), (30, 5), (MOST_MINUTES, 10))
"""Up to this many minutes, numbers rise in steps of this many."""

LOST_SECONDS = 60.0
"""An announcement counts as over after this, if Asterisk does not tell its end."""

BUSY_SECONDS = 3.0
"""If something else plays, the next check comes after this."""

APART_SECONDS = 0.02
"""Many announcements are due at once after a connect. They are spaced by this, so that calls come
first."""


def spoken_minutes(at_most_seconds: float) -> int:
    """The announced number: whole minutes, then steps of five and ten, always rounded up."""
    minutes = max(1, ceil(at_most_seconds / 60.0 - 1e-9))
    for limit, step in STEPS:
        if minutes <= limit:
            return ceil(minutes / step) * step
    return LONGER


def words(language: Language, place: int, minutes: int) -> speech.Keys:
    """The prompts for these numbers; 0: not said."""
    keys: speech.Keys = speech.place(language, place) if place else ()
    if minutes == LONGER:
        return (*keys, "estimate_long")
    if minutes:
        keys += speech.estimate(language, 0, minutes if minutes > 1 else 0)
    return keys


def tell(turn: Turn, call: Call) -> None:
    """It is time for an announcement, if there is something new. News comes first."""
    if call.prompt is not None:
        return
    if owed := news.owed(turn.state, call):
        language = hearing.language(turn, call)
        news.begin(turn, call.leg, call.prompts + 1, owed, language)
        return
    rules = turn.rules(call)
    telling, when = rules.telling, due(call, rules, 0.0)
    if telling is None or when is None or when > turn.now + 1e-6:
        return
    place, minutes = _smaller(_known(turn, call, telling), call)
    if not (place or minutes):
        return
    keys = words(Language(hearing.language(turn, call)), place, minutes)
    told = WaitTold(at=turn.now, call=call.id, queue=call.queue, place=place, minutes=minutes)
    turn.tell(told)
    number = call.prompts + 1
    language = hearing.language(turn, call)
    hearing.begin(turn, call.leg, number, PromptKind.WAIT, keys, language, LOST_SECONDS)


def _known(turn: Turn, call: Call, telling: Telling) -> tuple[int, int]:
    """Place and minutes as they are now; 0: not wanted, or unknown."""
    place = turn.state.queues[call.queue].line.place_of(call.id) if telling.place else 0
    wait = estimate.of_caller(turn.state, call, turn.now) if telling.wait else None
    return place, spoken_minutes(wait.at_most_seconds) if wait else 0


def _smaller(known: tuple[int, int], call: Call) -> tuple[int, int]:
    """Those of the two that were not announced in this queue yet, or are smaller than the announced
    ones."""
    told = call.told
    if told is None or told.queue != call.queue:
        return known
    place, minutes = known
    return (
        place if not told.place or place < told.place else 0,
        minutes if not told.minutes or minutes < told.minutes else 0,
    )


def error_seconds(call: Call, now: float) -> float | None:
    """The last announced wait minus the time since then. None: no number was announced."""
    told = call.told
    if told is None or not 0 < told.minutes < LONGER:
        return None
    return told.minutes * 60.0 - (now - told.minutes_at)


def due(call: Call, rules: QueueRules, since: float) -> float | None:
    """The time of the next check, not before `since`. None: nothing is announced in this queue."""
    telling = rules.telling
    if telling is None:
        return None
    told = call.told
    if told is not None and told.queue == call.queue:
        return max(since, told.at + telling.every_seconds)
    return max(since, call.waits_here_since + telling.first_seconds)


class Tellings:
    """Which caller gets an announcement next, and when: timers of the engine. Callers who do not
    wait any more are skipped."""

    def __init__(self) -> None:
        self._due: dict[CallId, float] = {}
        self._heap: list[tuple[float, CallId]] = []

    def waits(self, state: State, call: Call, now: float) -> None:
        """A caller stands in line, perhaps again, perhaps in another queue."""
        is_owed = news.owed(state, call) is not None
        when = now if is_owed else due(call, state.queues[call.queue].rules, now)
        if when is None:
            self._due.pop(call.id, None)
        else:
            self.at(call.id, when)

    def at(self, call: CallId, when: float) -> None:
        """Check this caller at that time."""
        if self._due.get(call) != when:
            self._due[call] = when
            heappush(self._heap, (when, call))

    def all_of(self, calls: list[CallId], now: float) -> None:
        """News for many waiting callers: one after the other."""
        for number, call in enumerate(calls):
            self.at(call, now + APART_SECONDS * number)

    def looked(self, state: State, call: Call, now: float) -> None:
        """This caller was checked. Set the time of the next check. Another prompt may play."""
        rules = state.queues[call.queue].rules
        when = due(call, rules, 0.0)
        if news.owed(state, call):
            self.at(call.id, now + BUSY_SECONDS)
        elif when is not None and rules.telling is not None:
            busy = call.prompt is not None and call.prompt.kind is not PromptKind.WAIT
            again = now + (BUSY_SECONDS if busy else rules.telling.every_seconds)
            self.at(call.id, when if when > now else again)

    def begin_anew(self, state: State, now: float) -> None:
        """Start again after a connect, or with another site file."""
        self._due.clear()
        self._heap.clear()
        for call in state.calls.values():
            if call.state is _WAITING:
                self.waits(state, call, now + APART_SECONDS * len(self._due))

    def first(self, state: State) -> tuple[float, CallId] | None:
        """The next caller to check, and the time."""
        while self._heap:
            when, name = self._heap[0]
            if self._due.get(name) == when:
                call = state.calls.get(name)
                if call is not None and call.state is _WAITING and call.node not in state.lost:
                    return when, name
                del self._due[name]
            heappop(self._heap)
        return None

    def goes(self, call: CallId) -> None:
        """This caller is checked now."""
        del self._due[call]


_WAITING = CallState.WAITING
