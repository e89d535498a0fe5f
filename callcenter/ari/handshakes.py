"""Callers who have not acknowledged the answer yet. No operator's phone is rung for them.

A call is established when its ACK has come (RFC 3261, 13.3.1.4). Asterisk takes a call for up when
it sends its own 200. If no ACK comes, it gives the call up 16 s later (64 * timer_t1, pjsip.conf).
Neither ARI nor the dial plan tells which of the two it is. The copies of SIP (hep.py) do: they show
the ACK with the To tag of our 200. A caller who enters the application is handed on as soon as the
ACK is known. Nearly always it is known by then, because it came during the greeting. Otherwise the
caller waits here. The waiting time counts from the arrival all the same.

A copy can be lost, but no caller may be lost. Without an ACK, Asterisk repeats its 200 after
timer_t1, then after twice that, and so on up to every 4 s (seen on 22.10.1). If a repetition is due
and is not seen, the ACK has come. If no copy of a 200 is seen, Asterisk sends no copies. In both
cases the caller is handed on. There is one exception: if Asterisk stops after repeating for 16 s or
more, it has given the call up. Then it waits as long again for the answer to its BYE, which a
caller who is gone does not send either.

A Call-ID that is not UTF-8 is known by its MD5. Asterisk cannot describe such a caller's channel to
us, so the caller comes again by another channel, which has that MD5 as its Call-ID
(extensions.conf, [again]).

Fed by hep.py, used by asterisk.py. Pure: time is an argument.
"""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from hashlib import md5

from callcenter.core.events import CallArrived
from callcenter.core.ids import CallId

FIRST_PAUSE_SECONDS = 0.5  # T1 of RFC 3261; our pjsip.conf sets half of that
LONGEST_PAUSE_SECONDS = 4.0  # T2
GIVEN_UP_SECONDS = 16.0  # earliest time after the first 200; 64 * T1 of our pjsip.conf
GONE_SECONDS = 65.0
"""Twice 64 * T1 of RFC 3261. A caller who is still there after this has acknowledged."""
LATE_SECONDS = 0.5  # how late a repetition, or the first copy, may be
ANSWERS_KEPT = 10_000  # enough for 100 calls a second with a greeting of over a minute
LOOK_SECONDS = 0.1
"""Time between two checks for callers who have waited long enough, while there are any."""


def _key(call_id: bytes) -> int:
    try:
        call_id.decode()
    except UnicodeDecodeError:
        call_id = md5(call_id, usedforsecurity=False).hexdigest().encode()
    return hash(call_id)


@dataclass(slots=True)
class _Answer:
    """Our 200 to one INVITE. `due` is the time of its next repetition if no ACK comes."""

    tag: bytes
    first: float
    due: float
    pause: float = FIRST_PAUSE_SECONDS
    acknowledged: bool = False


@dataclass(slots=True)
class _Held:
    """A caller who entered the application and waits. `key` is the hash of the Call-ID."""

    arrived: CallArrived
    key: int
    since: float


class Handshakes:
    """`copies` says whether Asterisk sends copies of SIP at all. Without copies nobody waits
    here."""

    def __init__(self, copies: Callable[[], bool] = lambda: False) -> None:
        self._copies = copies
        self._answers: OrderedDict[int, _Answer] = OrderedDict()
        self._held: dict[CallId, _Held] = {}
        self._calls: dict[int, set[CallId]] = {}
        self.hand_on: Callable[[CallArrived], None] = lambda _arrived: None
        """Called with a caller who waited here and whose ACK has come."""
        self.read_now: Callable[[], None] = lambda: None
        """Reads the copies that have arrived, without waiting for more."""

    @property
    def are_awaited(self) -> bool:
        """Whether any caller waits for an ACK."""
        return bool(self._held)

    # --- what is seen in the copies of SIP -----------------------------------------------------

    def answered(self, call_id: bytes, tag: bytes, now: float) -> None:
        """A 200 of ours to an INVITE was sent, for the first time or again."""
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
        """An ACK arrived. It may also belong to a refusal, which has another tag."""
        key = _key(call_id)
        known = self._answers.get(key)
        if known is not None and known.tag == tag:
            known.acknowledged = True
            for call in sorted(self._calls.get(key, ())):
                self._release(call, now)

    # --- callers -----------------------------------------------------------------------------

    def holds(self, arrived: CallArrived, call_id: str, now: float) -> bool:
        """A caller entered the application. Gives whether the caller must wait here for the ACK."""
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
        """The call is over. Gives the caller if they waited here until now."""
        return self._taken(call, now)

    def missing(self, there: Container[str], now: float) -> list[CallArrived]:
        """Gives the callers who waited here and whose channels are not among `there`."""
        return self._taken_all([call for call in self._held if call not in there], now)

    def look(self, now: float) -> None:
        """Hand on the callers whose ACK must have come although no copy shows it."""
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
