"""Calls that Asterisk refuses before the dial plan has begun, counted from the copies of SIP.

Pure: time is an argument. It keeps a hash of each Call-ID for as long as there is room, and no
number, name or address.

Some answers with a 4xx status are not refusals: a challenge (401, 407), the answer to CANCEL (487),
an answer within a dialog, and the 480 or 482 for a copy of an INVITE that came by another way. The
caller may also try again at once in another way (422, RFC 4028, or 488 with other codecs); then the
first answer is not counted.
"""

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from enum import StrEnum

TRY_AGAIN_SECONDS = 4.0  # enough for a machine to try again, much less than 64 * T1
CALLS_KEPT = 5_000  # enough, because an answer is seen milliseconds after its request
NO_REFUSALS = frozenset((401, 407, 487))
FOR_COPIES = frozenset((480, 482))


class RefusalKind(StrEnum):
    """The reason for a refusal, as far as the status tells it."""

    MEDIA = "media"
    EXTENSION = "extension"
    SESSION_TIMER = "session_timer"
    NUMBER = "number"
    FAILURE = "failure"
    OTHER = "other"


KIND_OF = {
    **dict.fromkeys((406, 415, 488, 606), RefusalKind.MEDIA),
    **dict.fromkeys((420, 421), RefusalKind.EXTENSION),
    422: RefusalKind.SESSION_TIMER,
    **dict.fromkeys((404, 410, 416, 484, 485, 604), RefusalKind.NUMBER),
}


def kind_of(status: int) -> RefusalKind:
    """The kind of a final answer with a status of 400 or more."""
    usual = RefusalKind.FAILURE if status // 100 == 5 else RefusalKind.OTHER
    return KIND_OF.get(status, usual)


COMBINATIONS = tuple(
    sorted({(f"{status // 100}xx", kind_of(status).value) for status in range(400, 700)})
)
"""Every possible (class, kind)."""


@dataclass(slots=True)
class _Call:
    """The last INVITE of a Call-ID."""

    number: int  # the number in its CSeq
    branch: bytes
    has_copies: bool = False
    refused: bool = False
    tries_again: bool = False


class Refusals:
    """Refusals since the process began."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._calls: OrderedDict[int, _Call] = OrderedDict()
        # refusals after which the caller may still try again
        self._waiting: deque[tuple[float, _Call, int]] = deque()

    def invited(self, call_id: bytes, number: int, branch: bytes, now: float) -> None:
        """An INVITE came in that begins a call and does not answer a challenge."""
        self._settle(now)
        key = hash(call_id)
        call = self._calls.get(key)
        if call is not None and number == call.number:
            call.has_copies |= branch != call.branch
            return
        if call is not None:
            call.tries_again = True
        self._calls[key] = _Call(number, branch)
        self._calls.move_to_end(key)
        if len(self._calls) > CALLS_KEPT:
            self._calls.popitem(last=False)

    def refused(self, call_id: bytes, number: int, status: int, now: float) -> None:
        """Asterisk refused an INVITE with this status. The same answer may come several times."""
        self._settle(now)
        call = self._calls.get(hash(call_id))
        if call is None or call.number != number or call.refused or status in NO_REFUSALS:
            return
        if call.has_copies and status in FOR_COPIES:
            return
        call.refused = True
        self._waiting.append((now + TRY_AGAIN_SECONDS, call, status))
        if len(self._waiting) > CALLS_KEPT:
            self._count(*self._waiting.popleft()[1:])

    def counted(self, now: float) -> dict[tuple[str, str], int]:
        """Numbers by class of status and kind, with those that are 0."""
        self._settle(now)
        return {labels: self._counts[labels] for labels in COMBINATIONS}

    def _settle(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            self._count(*self._waiting.popleft()[1:])

    def _count(self, call: _Call, status: int) -> None:
        if not call.tries_again:
            self._counts[f"{status // 100}xx", kind_of(status).value] += 1
