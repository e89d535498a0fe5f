"""Rooms: holding bridges for callers who wait long.

A caller in Stasis() wakes a thread of Asterisk five times a second for nothing (MAX_WAIT_MS,
res/res_stasis.c), which costs 0.09 ms of processor time a second each. In a holding bridge this
never happens. Going there costs two requests and a thread's stack, so only callers who have waited
for some time go. The music belongs to the channel and goes along. No state says who is in a room: a
caller who is joined with an operator leaves it by that, and a caller who is put there twice is
there once.
"""

from collections import OrderedDict
from math import inf

from callcenter.core.events import SnapshotTaken
from callcenter.core.ids import CallId
from callcenter.core.legs import RoomBridge
from callcenter.core.state import Call, CallState, State

SEATS = 8
"""Every event of a bridge lists all channels in it. When 1000 waiting callers were cut off at once,
one of Asterisk's task queues had a length of 4,200 with 32 seats, 640 with 8, and 670 without
rooms."""

ROOMS = 128
"""Rooms are made when they are first needed, and stay. If more than 1,024 callers arrive one after
the other and all wait, some share a room with more than seven others."""

SEAT_SECONDS = 0.01
"""The least time between two callers who go to a room, because calls come first. Fifty at once held
up the ring of a phone for 18 to 43 ms (p99). On the machines we know no Asterisk accepts 100 new
calls a second, so nobody is left behind."""


def room_of(call: Call) -> RoomBridge:
    """The room of a call. Eight callers who came one after the other share a room."""
    _, seen = call.rank
    return RoomBridge(number=seen // SEATS % ROOMS, node=call.node)


class Going:
    """Which caller goes to a room next, and when. These are timers of the engine, the earliest
    first. With `after_seconds` 0 nobody ever goes."""

    def __init__(self, after_seconds: float) -> None:
        self._after_seconds = after_seconds
        self._due: OrderedDict[CallId, float] = OrderedDict()  # the earliest first
        self._last_due = -inf

    def waits(self, call: CallId, since: float) -> None:
        """A caller stands in line, perhaps again."""
        if self._after_seconds and call not in self._due:
            self._last_due = max(since + self._after_seconds, self._last_due + SEAT_SECONDS)
            self._due[call] = self._last_due

    def may_have(self, call: Call, now: float) -> bool:
        """Whether this caller in line may be in a room now."""
        return 0.0 < self._after_seconds <= now - call.queued_at

    def begin_anew(self, state: State, taken: SnapshotTaken, now: float) -> None:
        """Asterisk has told who is in a room. Each other waiting caller goes when it is time."""
        self._due.clear()
        self._last_due = -inf
        in_rooms = {
            leg
            for seen in taken.bridges
            if isinstance(seen.bridge, RoomBridge)
            for leg in seen.legs
        }
        waiting = [call for call in state.calls.values() if call.state is _WAITING]
        for call in sorted(waiting, key=lambda call: call.queued_at):
            if call.leg not in in_rooms:
                self.waits(call.id, max(call.queued_at, now - self._after_seconds))

    def first(self, state: State) -> tuple[float, CallId] | None:
        """The next caller and the time. Callers who do not wait any more are skipped."""
        while self._due:
            name, due = next(iter(self._due.items()))
            call = state.calls.get(name)
            if call is not None and call.state is _WAITING and call.node not in state.lost:
                return due, name
            del self._due[name]
        return None

    def goes(self, call: CallId) -> None:
        """This caller goes to a room now."""
        del self._due[call]


_WAITING = CallState.WAITING
