"""Every timer of the engine: when it is due, its kind, and its call or operator.

Two heaps hold them. One has the limits of waiting callers, an entry for each. The other has all the
rest, which are few. An entry that is no longer the deadline of its call or operator is skipped. The
times when callers go to a room, and when they get announcements, are kept in rooms.py and
telling.py.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from callcenter.core import outward
from callcenter.core.facts import LineStage
from callcenter.core.ids import CallId, NodeId, OfferId, OperatorId
from callcenter.core.rooms import Going
from callcenter.core.state import NEVER, CallState, State
from callcenter.core.telling import Tellings

Timer = tuple[float, str, str]
"""When it is due, its kind, and its owner (for an offer: its call)."""


class Timers:
    """Finds the next timer. Timers of a lost node are kept until the node is back, because their
    commands would be lost."""

    def __init__(self, state: State, rooms: Going, tellings: Tellings) -> None:
        self._state = state
        self._rooms = rooms
        self._tellings = tellings
        self._few: list[Timer] = []  # a heap
        self._patience: list[Timer] = []  # another heap
        self._frozen: list[Timer] = []  # due timers of a lost node

    def add(self, due: float, kind: str, who: str) -> None:
        """Add a timer of which there are few."""
        heappush(self._few, (due, kind, who))

    def add_patience(self, due: float, kind: str, who: str) -> None:
        """Add a timer that every waiting caller has."""
        heappush(self._patience, (due, kind, who))

    def begin_anew(self) -> None:
        """Make all timers again from the state."""
        timers = [timer for timer in self.of_state() if timer[0] != NEVER]
        self._few = [timer for timer in timers if timer[1] not in _OF_MANY]
        self._patience = [timer for timer in timers if timer[1] in _OF_MANY]
        heapify(self._few)
        heapify(self._patience)

    def node_is_back(self) -> None:
        """The timers that came due in the meantime are due now."""
        for timer in self._frozen:
            heappush(self._heap_of(timer), timer)
        self._frozen.clear()

    def next(self) -> Timer | None:
        """The first timer that is still valid and not of a lost node. Most callers are answered
        before their limit, so such an entry is checked only when it comes first."""
        timer = self._first(self._few)
        if self._patience and (timer is None or self._patience[0] < timer):
            patience = self._first(self._patience)
            if timer is None or (patience is not None and patience < timer):
                timer = patience
        room = self._rooms.first(self._state)
        if room is not None and (timer is None or room[0] < timer[0]):
            due, call = room
            timer = due, "room", call
        told = self._tellings.first(self._state)
        if told is not None and (timer is None or told[0] < timer[0]):
            due, call = told
            return due, "tell", call
        return timer

    def drop(self, timer: Timer) -> None:
        """Remove this timer, because it is handled now."""
        if timer[1] == "room":
            self._rooms.goes(CallId(timer[2]))
        elif timer[1] == "tell":
            self._tellings.goes(CallId(timer[2]))
        else:
            heappop(self._heap_of(timer))

    def of_state(self) -> Iterator[Timer]:
        """Every deadline in the state, also those that never come."""
        for call in self._state.calls.values():
            yield call.until, "call", call.id
            yield call.patience_until, "patience", call.id
            yield call.relaxes_at, "relax", call.id
            if not call.callback_told:
                yield call.callback_at, "callback", call.id
            if call.offer:
                yield call.offer.until, "offer", call.id
            for beside in call.beside:
                yield beside.until, "offer", call.id
            if call.recording:
                yield call.recording.until, "recording", call.id
                yield call.recording.paused_until, "recording", call.id
            elif call.record_from:
                yield call.record_from, "recording", call.id
        for operator in self._state.operators.values():
            yield operator.until, "operator", operator.id
        for offer, leg in self._state.letting_go.items():
            yield leg.until, "leg", offer
        for news_on in self._state.news.values():
            yield news_on.until, "news", news_on.place
        for listening in self._state.listenings.values():
            yield listening.until, "listening", listening.supervisor
        if self._state.callbacks_held in ("per_hour", "carrier"):
            yield outward.held_until(self._state), "callbacks", ""

    def _first(self, heap: list[Timer]) -> Timer | None:
        """The first valid timer of a heap. Timers of lost nodes are moved aside until the node is
        back."""
        while heap:
            timer = heap[0]
            if self.is_valid(*timer):
                if not self._state.lost or self._node_of(*timer) not in self._state.lost:
                    return timer
                self._frozen.append(timer)
            heappop(heap)
        return None

    def _heap_of(self, timer: Timer) -> list[Timer]:
        return self._patience if timer[1] in _OF_MANY else self._few

    def _node_of(self, due: float, kind: str, who: str) -> NodeId | None:
        """The node to which a timer's command would go. Wrap-up and short pauses need none."""
        if kind == "operator":
            operator = self._state.operators[OperatorId(who)]
            return None if operator.line is LineStage.DOWN else operator.line_node
        if kind == "listening":
            return self._state.listenings[OperatorId(who)].node
        if kind == "news":
            return None
        if kind == "leg":
            return self._state.letting_go[OfferId(who)].node
        if kind == "callbacks":
            return None
        return self._state.calls[CallId(who)].node

    def is_valid(self, due: float, kind: str, who: str) -> bool:
        """Whether this is still the deadline of its owner."""
        if kind == "operator":
            operator = self._state.operators.get(OperatorId(who))
            return operator is not None and operator.until == due
        if kind == "closing":
            return self._state.closing == due
        if kind == "news":
            held_news = self._state.news.get(who)
            return held_news is not None and held_news.until == due
        if kind == "callbacks":
            why = self._state.callbacks_held
            asked_again = why == "carrier" and due == outward.carrier_held_until(self._state)
            return asked_again or why == "per_hour"
        if kind == "listening":
            listening = self._state.listenings.get(OperatorId(who))
            return listening is not None and listening.until == due
        if kind == "leg":
            held = self._state.letting_go.get(OfferId(who))
            return held is not None and held.until == due
        call = self._state.calls.get(CallId(who))
        if call is None:
            return False
        if kind == "recording":
            held_recording = call.recording
            if held_recording is None:
                return call.record_from == due
            return due in (held_recording.until, held_recording.paused_until)
        if kind == "offer":
            if call.offer is not None and call.offer.until == due:
                return True
            return any(beside.until == due for beside in call.beside)
        if kind == "patience":
            return call.patience_until == due and call.state in _HAS_PATIENCE
        if kind == "relax":
            return call.relaxes_at == due and call.waits
        if kind == "callback":
            return call.callback_at == due and call.state is _WAITING and not call.callback_told
        return call.until == due


_OF_MANY = ("patience", "callback", "relax")  # the timers of which there are many
_WAITING = CallState.WAITING
_HAS_PATIENCE = (_WAITING, CallState.PARKED, CallState.RESTING)
