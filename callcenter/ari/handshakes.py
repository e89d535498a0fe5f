"""Callers who have not acknowledged the answer yet: nobody's phone is rung for them.

A call has begun when its ACK has come (RFC 3261, 13.3.1.4). Asterisk takes it for up at its own
200, gives it up 16 s later when no ACK came (64 * timer_t1, pjsip.conf), and tells neither by ARI
nor in the dial plan which it is. The copies of SIP (hep.py) do: the ACK that has the To tag of our
200. So a caller who enters the application is handed on when the ACK is known, which it is nearly
always by then (it came during the greeting), and waits here otherwise. The wait counts from the
arrival all the same.

A copy can be lost, a person must not be. Without the ACK, Asterisk repeats its 200 after timer_t1,
twice that, and so on up to each 4 s (seen on 22.10.1). When the repetition that is due is not seen,
the ACK has come; when no copy of a 200 is seen, there are none. Either way the caller is handed on.
Not so when Asterisk has repeated it for 16 s or more, and stops: then it has given the call up, and
waits as long again for the answer to its BYE, which one who is not there does not answer either.

A Call-ID that is no UTF-8 is known by its MD5: Asterisk cannot tell us of the caller's channel, who
comes again by another one, with that name for the Call-ID (extensions.conf, [again]).

Fed by hep.py, used by asterisk.py. Pure: time is an argument.
"""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from hashlib import md5

from callcenter.core.events import CallArrived
from callcenter.core.ids import CallId

FIRST_PAUSE_SECONDS = 0.5  # T1 of RFC 3261; in our pjsip.conf it is half of that
LONGEST_PAUSE_SECONDS = 4.0  # T2
GIVEN_UP_SECONDS = 16.0  # at the earliest, from the first 200 on: 64 * T1, in our pjsip.conf
GONE_SECONDS = 65.0
"""At the latest, twice 64 * T1 of RFC 3261: who is still there has acknowledged."""
LATE_SECONDS = 0.5  # that a repetition, or the first copy, may be
ANSWERS_KEPT = 10_000  # 100 calls a second with a greeting of over a minute
LOOK_SECONDS = 0.1
"""Between two looks whether somebody has waited long enough, while there is anybody."""


def _key(call_id: bytes) -> int:
    try:
        call_id.decode()
    except UnicodeDecodeError:
        call_id = md5(call_id, usedforsecurity=False).hexdigest().encode()
    return hash(call_id)


@dataclass(slots=True)
class _Answer:
    """Our 200 to one INVITE. `due`: its next repetition, unless the ACK comes."""

    tag: bytes
    first: float
    due: float
    pause: float = FIRST_PAUSE_SECONDS
    acknowledged: bool = False


@dataclass(slots=True)
class _Held:
    """Somebody who entered the application. `key`: of the Call-ID."""

    arrived: CallArrived
    key: int
    since: float


class Handshakes:
    """`copies`: whether there are any copies of SIP at all; without, nobody waits here."""

    def __init__(self, copies: Callable[[], bool] = lambda: False) -> None:
        self._copies = copies
        self._answers: OrderedDict[int, _Answer] = OrderedDict()
        self._held: dict[CallId, _Held] = {}
        self._calls: dict[int, set[CallId]] = {}
        self.hand_on: Callable[[CallArrived], None] = lambda _arrived: None
        """Called for who waited here and is there now."""
        self.read_now: Callable[[], None] = lambda: None
        """Reads the copies that have come, without waiting for more."""

    @property
    def are_awaited(self) -> bool:
        """Whether somebody waits for an ACK."""
        return bool(self._held)

    # --- what goes by on the wire ------------------------------------------------------------

    def answered(self, call_id: bytes, tag: bytes, now: float) -> None:
        """A 200 of ours to an INVITE went out, for the first time or again."""
        key = _key(call_id)
        known = self._answers.get(key)
        if known is None or known.tag != tag:
            self._answers[key] = _Answer(tag, now, now + FIRST_PAUSE_SECONDS)
            if len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        elif not known.acknowledged:
            known.pause = min(2 * known.pause, LONGEST_PAUSE_SECONDS)
            known.due = now + known.pause
            if known.due > known.first + GIVEN_UP_SECONDS:
                known.due = max(known.due, known.first + GONE_SECONDS)

    def acknowledged(self, call_id: bytes, tag: bytes, now: float) -> None:
        """An ACK came in: of a 200, or of a refusal, which has another tag."""
        key = _key(call_id)
        known = self._answers.get(key)
        if known is not None and known.tag == tag:
            known.acknowledged = True
            for call in sorted(self._calls.get(key, ())):
                self._release(call, now)

    # --- callers -----------------------------------------------------------------------------

    def holds(self, arrived: CallArrived, call_id: str, now: float) -> bool:
        """A caller entered the application: whether the ACK is waited for."""
        key = hash(call_id.encode())
        if not self._is_acknowledged(key):
            self.read_now()
        if self._is_acknowledged(key) or not call_id or not self._copies():
            return False
        self._held[arrived.call] = _Held(arrived, key, now)
        self._calls.setdefault(key, set()).add(arrived.call)
        return True

    def _is_acknowledged(self, key: int) -> bool:
        known = self._answers.get(key)
        return known is not None and known.acknowledged

    def __contains__(self, call: object) -> bool:
        """Whether this caller waits here."""
        return call in self._held

    def ended(self, call: CallId, now: float) -> CallArrived | None:
        """The call is over; who came and waited here until now, if so."""
        return self._taken(call, now)

    def missing(self, there: Container[str], now: float) -> list[CallArrived]:
        """Who waited here and is not among these any more."""
        return self._taken_all([call for call in self._held if call not in there], now)

    def look(self, now: float) -> None:
        """Hand on whose ACK must have come although no copy tells of it."""
        for call in [call for call, held in self._held.items() if self._is_sure(held, now)]:
            self._release(call, now)

    def _is_sure(self, held: _Held, now: float) -> bool:
        answer = self._answers.get(held.key)
        due = held.since if answer is None else answer.due
        return now > due + LATE_SECONDS

    def _release(self, call: CallId, now: float) -> None:
        if arrived := self._taken(call, now):
            self.hand_on(arrived)

    def _taken_all(self, calls: Iterable[CallId], now: float) -> list[CallArrived]:
        return [arrived for call in calls if (arrived := self._taken(call, now))]

    def _taken(self, call: CallId, now: float) -> CallArrived | None:
        held = self._held.pop(call, None)
        if held is None:
            return None
        calls = self._calls[held.key]
        calls.discard(call)
        if not calls:
            del self._calls[held.key]
        waited = now - held.since
        return replace(held.arrived, age_seconds=held.arrived.age_seconds + waited)
