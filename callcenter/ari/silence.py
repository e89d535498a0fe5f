"""Asks silent legs, by SIP, whether they are still there.

Silence alone proves nothing: a gateway suppresses it, a phone is on hold, a caller mutes the
handset. So Asterisk has no RTP time-out here (pjsip.conf). Every leg of ours is looked at each
`after_seconds`; when no packet has come since the last look, Asterisk sends a re-INVITE that
changes nothing. Any answer but 408 and 481 says that the leg lives, and it stays. Without an answer
Asterisk ends it after 32 s for the re-INVITE and 32 for its BYE (seen on 22.10.1), with cause 18.

A phone that lost its power and has it again while we were not connected has forgotten the talk, and
is not away any more: its caller hears nothing. So after each connect the operators' legs are looked
at twice, `SOON_SECONDS` apart. Callers' legs are not: there are many, and nobody waits for them.

Session timers would do the same, but for every call, and 22.10.1 hangs up on a phone that answers a
re-INVITE with 488 or 500 twice. A leg on hold is not asked: some phones take the offer for the end
of the hold. Its limit is `rtp_timeout_hold`.

The engine decides what the end of a leg means.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from callcenter.ari import rest, wire
from callcenter.ari.phone_watch import Ask, packets, statistics
from callcenter.ari.translate import ours

SOON_SECONDS = 3.0


@dataclass(slots=True)
class _Leg:
    due: float  # to be looked at next
    heard: int = -1  # packets at the last look
    held: bool = False


class Silence:
    """The legs in our application, the next one to be looked at first. `after_seconds` 0: never."""

    def __init__(self, after_seconds: float) -> None:
        self._after_seconds = after_seconds
        self._legs: OrderedDict[str, _Leg] = OrderedDict()
        self._soon: deque[tuple[float, str]] = deque()  # looks besides, after a connect

    def begin(self, legs: Iterable[str], now: float) -> None:
        """Begin with these legs, and no others."""
        self._legs.clear()
        self._soon.clear()
        for leg in legs:
            self._add(leg, now)
        operators = [leg for leg in self._legs if ours(leg) is not None]
        for due in (now, now + SOON_SECONDS):
            self._soon.extend((due, leg) for leg in operators)

    def hear(self, event: wire.Event, now: float) -> None:
        """Take note of an event."""
        match event:
            case wire.StasisStart(channel=channel):
                self._add(channel.id, now)
            case wire.StasisEnd(channel=channel) | wire.ChannelDestroyed(channel=channel):
                self._legs.pop(channel.id, None)
            case wire.ChannelHold(channel=channel):
                self._hold(channel.id, held=True)
            case wire.ChannelUnhold(channel=channel):
                self._hold(channel.id, held=False)
            case _:
                pass

    def is_due(self, now: float) -> bool:
        """Whether it is time to look at somebody."""
        return self._is_soon(now) or next((leg.due for leg in self._legs.values()), inf) <= now

    async def look(self, ask: Ask, now: float) -> None:
        """Look at the next leg, and ask it when it was silent all the time."""
        leg = self.next_leg(now)
        if self.is_silent(leg, packets(await ask(statistics(leg)))):
            await ask(rest.ask_leg(leg))

    def next_leg(self, now: float) -> str:
        """Which leg is to be looked at; only when a look `is_due`."""
        if self._is_soon(now):
            return self._soon.popleft()[1]
        leg = next(iter(self._legs))
        self._legs[leg].due = now + self._after_seconds
        self._legs.move_to_end(leg)
        return leg

    def is_silent(self, leg: str, heard: int | None) -> bool:
        """Whether as many packets were heard as at the last look, so that the leg is asked."""
        known = self._legs.get(leg)
        if known is None or heard is None:
            return False
        silent = heard == known.heard and not known.held
        known.heard = heard
        return silent

    def _is_soon(self, now: float) -> bool:
        return bool(self._soon) and self._soon[0][0] <= now

    def _add(self, leg: str, now: float) -> None:
        if self._after_seconds:
            self._legs[leg] = _Leg(now + self._after_seconds)

    def _hold(self, leg: str, *, held: bool) -> None:
        if leg in self._legs:
            self._legs[leg].held = held
            self._legs[leg].heard = -1
