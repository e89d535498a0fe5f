"""Who is not heard any more is asked, by SIP, whether they are still there.

Silence is no proof: a gateway suppresses it, a phone is on hold, a caller mutes the handset. So
Asterisk has no RTP time-out here (pjsip.conf). Every leg of ours is looked at each `after_seconds`;
when no packet has come since the last look, Asterisk sends a re-INVITE that changes nothing. Any
answer but 408 and 481 says that the leg lives, and it stays. Without one Asterisk ends it: 32 s
of asking and 32 for its BYE (seen on 22.10.1). It is told as its own doing (cause 18).

Session timers would ask without us, but everybody, and 22.10.1 hangs up on who answers a re-INVITE
with 488 or 500 twice. Who has announced hold is not asked: some phones take an offer for the end of
it. Their limit is `rtp_timeout_hold`.

What an end means is decided by the engine.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from callcenter.ari import rest, wire
from callcenter.ari.phone_watch import Ask, packets, statistics


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

    def begin(self, legs: Iterable[str], now: float) -> None:
        """These are there, and no others."""
        self._legs.clear()
        for leg in legs:
            self._add(leg, now)

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
        return next((leg.due for leg in self._legs.values()), inf) <= now

    async def look(self, ask: Ask, now: float) -> None:
        """Look at the next leg, and ask it when it was silent all the time."""
        leg = next(iter(self._legs))
        known = self._legs[leg]
        known.due = now + self._after_seconds
        self._legs.move_to_end(leg)
        heard = packets(await ask(statistics(leg)))
        if heard is None:
            return
        if heard == known.heard and not known.held and leg in self._legs:
            await ask(rest.ask_leg(leg))
        known.heard = heard

    def _add(self, leg: str, now: float) -> None:
        if self._after_seconds:
            self._legs[leg] = _Leg(now + self._after_seconds)

    def _hold(self, leg: str, *, held: bool) -> None:
        if leg in self._legs:
            self._legs[leg].held = held
            self._legs[leg].heard = -1
