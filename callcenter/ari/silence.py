"""Asks silent legs, by SIP, whether they are still there.

Silence alone proves nothing: a gateway suppresses it, a phone is on hold, a caller mutes the
handset. So Asterisk has no RTP time-out here (pjsip.conf). Every leg of ours is checked each
`after_seconds`. If no packet has come since the last check, Asterisk sends a re-INVITE that changes
nothing. Any answer but 408 and 481 means that the leg lives, and it stays. Without an answer
Asterisk ends the leg, with cause 18, after 32 s for the re-INVITE and 32 s for its BYE (seen on
22.10.1).

A phone that was restarted has forgotten the talk, and its caller hears nothing. If it was away for
less time than Asterisk needs to notice, or while we did not look, nobody tells us. So operators'
legs are checked twice, `SOON_SECONDS` apart, when that may have happened: all of them after each
connect and after our process was stopped; those of one phone when it is back or registers anew.
Callers' legs are not checked this way: there are many, and a silent one keeps nobody waiting.

A phone that was restarted at another port cannot be asked at the address of its old leg. So if it
registers anew from another place and its old leg is silent, the leg is lost and is not asked.

Session timers would do the same for every call, but 22.10.1 hangs up on a phone that answers a
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
"""If `is_due` was not asked for this long, our process was stopped or very busy."""
SILENT_SECONDS = 2.0
"""The shortest time between two checks that can show silence: if they are too close, no packet
comes between them."""


@dataclass(slots=True)
class _Leg:
    due: float  # when it must be checked next
    heard: int = -1  # packets at an earlier check
    heard_at: float = inf  # when `heard` was read
    held: bool = False
    moved: str = ""  # its endpoint, if the phone has registered anew from another place


class Silence:
    """The legs in our application, with the next check first. With `after_seconds` 0 no leg is
    checked."""

    def __init__(self, after_seconds: float) -> None:
        self._after_seconds = after_seconds
        self._legs: OrderedDict[str, _Leg] = OrderedDict()
        self._soon: deque[tuple[float, str]] = deque()  # additional checks
        self._asked_at = inf
        self._anew: dict[str, tuple[bool, frozenset[str]]] = {}
        """Phones that registered anew: whether from another place, and all legs that they had
        then."""

    def begin(self, legs: Iterable[str], now: float) -> None:
        """Start with these legs, and no others."""
        self._legs.clear()
        self._soon.clear()
        for leg in legs:
            self._add(leg, now)
        self._asked_at = now
        self.soon(self._legs, now)

    def soon(self, legs: Iterable[str], now: float, moved: str = "") -> None:
        """Check the operators' legs among these twice, now and in a moment. `moved` is their
        endpoint if its phone has registered anew from another place."""
        operators = [leg for leg in legs if leg in self._legs and ours(leg) is not None]
        for leg in operators:
            self._legs[leg].heard = -1  # forget the last check, however recent it was
            self._legs[leg].moved = moved or self._legs[leg].moved
        others = [(due, leg) for due, leg in self._soon if leg not in operators]
        again = [(due, leg) for due in (now, now + SOON_SECONDS) for leg in operators]
        self._soon = deque(sorted(others + again, key=itemgetter(0)))

    def registers_anew(self, user: str, elsewhere: bool) -> None:
        """A phone was restarted a moment ago. The next look at the phones tells which legs it had.
        Legs that came after its registration are left out: the phone knows them."""
        self._anew[user] = elsewhere, frozenset(self._legs)

    def phones_seen(
        self, returned: Iterable[str], legs_at: Callable[[str], Iterable[str]], now: float
    ) -> None:
        """The phones were looked at. `returned` are legs of those that are back; `legs_at` gives
        the legs of a phone by its SIP user. The legs of phones that may have been restarted are
        checked soon."""
        self.soon(returned, now)
        for user, (elsewhere, then) in self._anew.items():
            moved = f"PJSIP/{user}" if elsewhere else ""
            self.soon(then.intersection(legs_at(user)), now, moved)
        self._anew.clear()

    def hear(self, event: wire.Event, now: float) -> None:
        """Follow the legs by an event."""
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
        """Whether a leg must be checked now."""
        if now - self._asked_at > STOOD_SECONDS:
            self.soon(self._legs, now)
        self._asked_at = now
        return self._is_soon(now) or next((leg.due for leg in self._legs.values()), inf) <= now

    async def look(self, ask: Ask, clock: Callable[[], float]) -> PhoneLost | None:
        """Check the next leg. If it was silent all the time, ask its phone, or report it as
        lost."""
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
        """The leg to check. Only valid when a check `is_due`."""
        if self._is_soon(now):
            return self._soon.popleft()[1]
        leg = next(iter(self._legs))
        self._legs[leg].due = now + self._after_seconds
        self._legs.move_to_end(leg)
        return leg

    def is_silent(self, leg: str, heard: int | None, asked_at: float, now: float) -> bool:
        """Whether no more packets were heard than at an earlier check, long enough ago. Answers
        that were held up may come all at once; they show nothing."""
        known = self._legs.get(leg)
        if known is None:
            return False
        if heard is None:  # the answer was lost: one more check instead
            self._again(leg, now)
            return False
        if heard == known.heard:
            if asked_at - known.heard_at >= SILENT_SECONDS:
                return not known.held
            if all(other != leg for _, other in self._soon):
                self._again(leg, now)
            return False
        if known.heard >= 0:
            known.moved = ""  # sound comes: the talk moved with the phone
        known.heard, known.heard_at = heard, now
        return False

    def _again(self, leg: str, now: float) -> None:
        """This check showed nothing: one more, if it was of an operator's leg. Without it a
        restarted phone would be found only by the next regular check."""
        if ours(leg) is not None:
            self._soon.append((now + SOON_SECONDS, leg))

    def _is_soon(self, now: float) -> bool:
        return bool(self._soon) and self._soon[0][0] <= now

    def _add(self, leg: str, now: float) -> None:
        if self._after_seconds:
            self._legs[leg] = _Leg(now + self._after_seconds)

    def _hold(self, leg: str, *, held: bool) -> None:
        if leg in self._legs:
            self._legs[leg].held = held
            self._legs[leg].heard = -1
