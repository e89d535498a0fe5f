"""Rooms: holding bridges in which those wait who wait long.

A caller in Stasis() wakes a thread of Asterisk five times a second for nothing (MAX_WAIT_MS,
res/res_stasis.c), 0.08 ms of processor time a second each; in a holding bridge never. Going there
costs a request and a thread's stack, so only who has waited `after_seconds` goes. The music is the
channel's own and goes along.

The engine knows nothing of rooms: they are taken out of the snapshot, and their events are not
handed on. Pure: time is an argument.
"""

from collections import Counter
from dataclasses import replace
from math import inf

from callcenter.core.commands import BackToMusic, Bridge, Command, HangUp, PlayPrompts, SendOut
from callcenter.core.events import (
    CallArrived,
    CallerLeft,
    Event,
    LegEnteredBridge,
    PromptPlayed,
    SnapshotTaken,
)
from callcenter.core.ids import THE_NODE, CallId
from callcenter.core.legs import CallerLeg, Leg, RoomBridge
from callcenter.core.message import message

SEATS = 8
"""Every event of a bridge lists all who are in it: when 1000 waiting callers were cut off at once,
one of Asterisk's task queues was 4,200 deep with 32 seats, 640 with 8, 670 without rooms."""

SEAT_SECONDS = 0.005
"""From one caller's going there to the next one's, at least: calls come first. Fifty at a pulse
held up the ring of a phone for 18 to 43 ms (p99). No Asterisk takes 200 new calls a second on the
machines we know, so nobody is left behind."""


@message
class EnterRoom:
    """Put a waiting caller into a room; `is_new`: the room has to be made."""

    lane: CallId
    leg: CallerLeg
    room: RoomBridge
    is_new: bool


class Rooms:
    """Who waits, since when, and in which room. `after_seconds` 0: nobody ever goes to a room."""

    def __init__(self, after_seconds: float = 0.0) -> None:
        self._after_seconds = after_seconds
        self._since: dict[CallId, float] = {}  # waiting in no room, the longest first
        self._room_of: dict[CallId, RoomBridge] = {}  # in a room, or on the way there
        self._present: Counter[RoomBridge] = Counter()
        self._made: set[RoomBridge] = set()
        self.is_busy = False
        """Somebody is on the way there: the next one waits for Asterisk's answer."""

    # --- what is seen ------------------------------------------------------------------------

    def hear(self, event: Event, now: float) -> bool:
        """Take note of an event; False when it is about a room alone."""
        match event:
            case CallArrived(call=call):
                if self._after_seconds and call not in self._room_of:
                    self._since.setdefault(call, now)
            case PromptPlayed(call=call):
                if self._after_seconds and call not in self._room_of:
                    self._since[call] = now
            case CallerLeft(call=call):
                self._forget(call)
            case LegEnteredBridge(leg=leg, bridge=bridge):
                if isinstance(bridge, RoomBridge):
                    return False
                self._forget_leg(leg)  # also by a request that an earlier connection made
            case _:
                pass
        return True

    def see(self, taken: SnapshotTaken, now: float) -> SnapshotTaken:
        """Begin anew from what Asterisk has; gives the snapshot without the rooms."""
        for known in (self._since, self._room_of, self._present, self._made):
            known.clear()
        self.is_busy = False
        at_desks: set[Leg] = set()
        for seen in taken.bridges:
            if isinstance(seen.bridge, RoomBridge):
                self._made.add(seen.bridge)
                for leg in seen.legs:
                    if isinstance(leg, CallerLeg):
                        self._room_of[leg.call] = seen.bridge
                self._present[seen.bridge] = len(seen.legs)
            else:
                at_desks.update(seen.legs)
        if self._after_seconds:
            for each in sorted(taken.legs, key=lambda each: -each.age_seconds):
                leg = each.leg
                if not each.in_app or leg in at_desks or not isinstance(leg, CallerLeg):
                    continue
                if leg.call not in self._room_of:
                    self._since[leg.call] = now - each.age_seconds
        others = tuple(seen for seen in taken.bridges if not isinstance(seen.bridge, RoomBridge))
        return replace(taken, bridges=others)

    # --- what is done ------------------------------------------------------------------------

    def follow(self, command: Command, now: float) -> None:
        """Whoever goes to a desk or out waits no more; whoever comes back waits anew."""
        match command:
            case BackToMusic(caller=caller):
                self._forget(caller.call)
                if self._after_seconds:
                    self._since[caller.call] = now
            case PlayPrompts(caller=caller):  # in a bridge, prompts go another way: not there yet
                self._forget(caller.call)
            case Bridge(caller=leg) | SendOut(leg=leg) | HangUp(leg=leg):
                self._forget_leg(leg)
            case _:
                pass

    def is_due(self, now: float) -> bool:
        """Whether somebody has waited long enough."""
        return now - next(iter(self._since.values()), inf) >= self._after_seconds

    def enter(self) -> EnterRoom:
        """The one who has waited longest goes there. Raises StopIteration when nobody waits."""
        call = next(iter(self._since))
        del self._since[call]
        room = self._with_a_seat()
        self._room_of[call] = room
        self._present[room] += 1
        self.is_busy = True
        leg = CallerLeg(call=call, node=room.node)
        return EnterRoom(lane=call, leg=leg, room=room, is_new=room not in self._made)

    def done(self, command: EnterRoom, *, failed: bool) -> None:
        """Asterisk has answered. Whom it would not put there stays where they are."""
        self.is_busy = False
        if not failed:
            self._made.add(command.room)
            return
        self._made.discard(command.room)
        if self._room_of.get(command.lane) == command.room:
            self._forget(command.lane)

    def _with_a_seat(self) -> RoomBridge:
        number = 0
        while self._present[room := RoomBridge(number=number, node=THE_NODE)] >= SEATS:
            number += 1
        return room

    def _forget_leg(self, leg: Leg) -> None:
        if isinstance(leg, CallerLeg):
            self._forget(leg.call)

    def _forget(self, call: CallId) -> None:
        self._since.pop(call, None)
        room = self._room_of.pop(call, None)
        if room is not None:
            self._present[room] -= 1
