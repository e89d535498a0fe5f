"""Asks silent legs, by SIP, whether they are still there.

Silence alone proves nothing: a gateway suppresses it, a phone is on hold, a caller mutes the
handset. So Asterisk has no RTP time-out here (pjsip.conf). Every leg of ours is looked at each
`after_seconds`; when no packet has come since the last look, Asterisk sends a re-INVITE that
changes nothing. Any answer but 408 and 481 says that the leg lives, and it stays. Without an answer
Asterisk ends it after 32 s for the re-INVITE and 32 for its BYE (seen on 22.10.1), with cause 18.

A phone that was restarted has forgotten the talk, and its caller hears nothing. When it was away
for less time than Asterisk needs to notice, or while we did not look, nobody tells. So operators'
legs are looked at twice, `SOON_SECONDS` apart, when that may have happened: all of them after each
connect and after we stood still, those of one phone when it is back or registers anew. Callers'
legs are not: there are many, and nobody waits for them.

A phone that was started anew at another port is not where Asterisk asks its old leg. So when it
registers anew from another place and its leg is silent, it is lost, and is not asked.

Session timers would do the same, but for every call, and 22.10.1 hangs up on a phone that answers a
re-INVITE with 488 or 500 twice. A leg on hold is not asked: some phones take the offer for the end
of the hold. Its limit is `rtp_timeout_hold`.

The engine decides what the end of a leg means.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from operator import itemgetter

from callcenter.ari import rest, wire
from callcenter.ari.phone_watch import Ask, packets, statistics
from callcenter.ari.translate import ours
from callcenter.core.events import PhoneLost

SOON_SECONDS = 3.0
STOOD_SECONDS = 2.5
"""Nobody asked for this long who is to be looked at: we were stopped, or very busy."""
SILENT_SECONDS = 2.0
"""Between two looks that show silence, at least: when looks meet, no packet comes in between."""


@dataclass(slots=True)
class _Leg:
    due: float  # to be looked at next
    heard: int = -1  # packets at an earlier look
    heard_at: float = inf  # when that was
    held: bool = False
    moved: str = ""  # the endpoint, when its phone has registered anew from another place


class Silence:
    """The legs in our application, the next one to be looked at first. `after_seconds` 0: never."""

    def __init__(self, after_seconds: float) -> None:
        self._after_seconds = after_seconds
        self._legs: OrderedDict[str, _Leg] = OrderedDict()
        self._soon: deque[tuple[float, str]] = deque()  # looks besides
        self._asked_at = inf
        self._anew: dict[str, tuple[bool, frozenset[str]]] = {}
        """Phones that registered anew: whether from elsewhere, and all legs that were there."""

    def begin(self, legs: Iterable[str], now: float) -> None:
        """Begin with these legs, and no others."""
        self._legs.clear()
        self._soon.clear()
        for leg in legs:
            self._add(leg, now)
        self._asked_at = now
        self.soon(self._legs, now)

    def soon(self, legs: Iterable[str], now: float, moved: str = "") -> None:
        """Look at those that are operators' twice, now and in a moment. `moved`: their endpoint,
        when its phone has registered anew from another place."""
        operators = [leg for leg in legs if leg in self._legs and ours(leg) is not None]
        for leg in operators:
            self._legs[leg].heard = -1  # however short ago it was looked at
            self._legs[leg].moved = moved or self._legs[leg].moved
        others = [(due, leg) for due, leg in self._soon if leg not in operators]
        again = [(due, leg) for due in (now, now + SOON_SECONDS) for leg in operators]
        self._soon = deque(sorted(others + again, key=itemgetter(0)))

    def registers_anew(self, user: str, elsewhere: bool) -> None:
        """A phone was started a moment ago. Which legs are at it the next look at the phones tells;
        those that came since its registration are not meant: it knows of them."""
        self._anew[user] = elsewhere, frozenset(self._legs)

    def phones_seen(
        self, returned: Iterable[str], legs_at: Callable[[str], Iterable[str]], now: float
    ) -> None:
        """The phones were looked at: `returned` are legs of those that are back, `legs_at` tells
        the legs of a phone by its SIP user. Those that may have been restarted are listened to."""
        self.soon(returned, now)
        for user, (elsewhere, then) in self._anew.items():
            moved = f"PJSIP/{user}" if elsewhere else ""
            self.soon(then.intersection(legs_at(user)), now, moved)
        self._anew.clear()

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
        if now - self._asked_at > STOOD_SECONDS:
            self.soon(self._legs, now)
        self._asked_at = now
        return self._is_soon(now) or next((leg.due for leg in self._legs.values()), inf) <= now

    async def look(self, ask: Ask, clock: Callable[[], float]) -> PhoneLost | None:
        """Look at the next leg, and ask it when it was silent all the time, or say it is lost."""
        asked_at = clock()
        leg = self.next_leg(asked_at)
        heard = packets(await ask(statistics(leg)))
        if not self.is_silent(leg, heard, asked_at, clock()):
            return None
        known = self._legs.get(leg)
        if known is not None and known.moved:
            return PhoneLost(endpoint=known.moved)
        await ask(rest.ask_leg(leg))
        return None

    def next_leg(self, now: float) -> str:
        """Which leg is to be looked at; only when a look `is_due`."""
        if self._is_soon(now):
            return self._soon.popleft()[1]
        leg = next(iter(self._legs))
        self._legs[leg].due = now + self._after_seconds
        self._legs.move_to_end(leg)
        return leg

    def is_silent(self, leg: str, heard: int | None, asked_at: float, now: float) -> bool:
        """Whether no more packets were heard than at a look some time ago, so that it is asked.
        Answers that were held up may come all at once: they show nothing."""
        known = self._legs.get(leg)
        if known is None or heard is None:
            return False
        if heard == known.heard:
            return asked_at - known.heard_at >= SILENT_SECONDS and not known.held
        if known.heard >= 0:
            known.moved = ""  # the talk moved with it
        known.heard, known.heard_at = heard, now
        return False

    def _is_soon(self, now: float) -> bool:
        return bool(self._soon) and self._soon[0][0] <= now

    def _add(self, leg: str, now: float) -> None:
        if self._after_seconds:
            self._legs[leg] = _Leg(now + self._after_seconds)

    def _hold(self, leg: str, *, held: bool) -> None:
        if leg in self._legs:
            self._legs[leg].held = held
            self._legs[leg].heard = -1
