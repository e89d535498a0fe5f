"""Rooms: holding bridges in which those wait who wait long.

A caller in Stasis() wakes a thread of Asterisk five times a second for nothing (MAX_WAIT_MS,
res/res_stasis.c), 0.09 ms of processor time a second each; in a holding bridge never. Going there
costs two requests and a thread's stack, so only who has waited for some time goes. The music is the
channel's own and goes along. No state says who is in a room: whoever is joined with an operator
leaves it by that, and who is put there twice is there once.
"""

from collections import OrderedDict
from math import inf

from callcenter.core.events import SnapshotTaken
from callcenter.core.ids import CallId
from callcenter.core.legs import RoomBridge
from callcenter.core.state import Call, CallState, State

SEATS = 8
"""Every event of a bridge lists all who are in it: when 1000 waiting callers were cut off at once,
one of Asterisk's task queues was 4,200 deep with 32 seats, 640 with 8, 670 without rooms."""

ROOMS = 128
"""They are made when they are first needed, and stay. Of more than 1,024 who come one after the
other and all wait, some share a room with more than seven."""

SEAT_SECONDS = 0.01
"""From one caller's going there to the next one's, at least: calls come first. Fifty at once held
up the ring of a phone for 18 to 43 ms (p99). No Asterisk takes 100 new calls a second on the
machines we know, so nobody is left behind."""


def room_of(call: Call) -> RoomBridge:
    """Eight who came one after the other have a room together."""
    _, seen = call.rank
    return RoomBridge(number=seen // SEATS % ROOMS, node=call.node)


class Going:
    """Who goes to a room next, and when: timers of the engine, the first one first.
    `after_seconds` 0: nobody ever goes."""

    def __init__(self, after_seconds: float) -> None:
        self._after_seconds = after_seconds
        self._due: OrderedDict[CallId, float] = OrderedDict()  # the first one first
        self._last_due = -inf

    def waits(self, call: CallId, since: float) -> None:
        """A caller stands in line, perhaps again."""
        if self._after_seconds and call not in self._due:
            self._last_due = max(since + self._after_seconds, self._last_due + SEAT_SECONDS)
            self._due[call] = self._last_due

    def may_have(self, call: Call, now: float) -> bool:
        """Whether this caller in line may be in a room."""
        return 0.0 < self._after_seconds <= now - call.queued_at

    def begin_anew(self, state: State, taken: SnapshotTaken, now: float) -> None:
        """Asterisk has told who is in a room; of the others who wait, each goes when it is time."""
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
        """Who goes next, and when; whoever waits no more is passed over."""
        while self._due:
            name, due = next(iter(self._due.items()))
            call = state.calls.get(name)
            if call is not None and call.state is _WAITING and call.node not in state.lost:
                return due, name
            del self._due[name]
        return None

    def goes(self, call: CallId) -> None:
        """This one is on the way."""
        del self._due[call]


_WAITING = CallState.WAITING
