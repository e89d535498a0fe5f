"""Who waits in one queue, in which order.

Order: higher priority first, then earlier arrival, then earlier seen. A caller whose offer came to
nothing returns to the very place it had, however many others did the same meanwhile. An emergency
that brings 100,000 callers must not slow the answering of one.

How: the callers stand in one ascending sequence of keys, cut into pieces of at most two thousand.
Whoever comes, leaves or returns moves only the neighbours within one piece, wherever that is in the
line (many are seen a little out of order: greetings differ in length); the piece is found by
bisection. A place in line is the sizes of the pieces before it and the place within.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from math import inf

from callcenter.core.ids import CallId

_PIECE = 1000  # callers; a piece of more than twice as many is cut in two

Rank = tuple[float, int]  # arrival time in seconds, order of being seen
_Key = tuple[int, float, int]  # minus priority, and the rank


class Line:
    """All callers waiting in one queue (the word of the street: a line of people)."""

    __slots__ = ("_calls", "_key_of", "_keys", "_lasts")

    def __init__(self) -> None:
        self._key_of: dict[CallId, _Key] = {}
        self._keys: list[list[_Key]] = []  # pieces, none of them empty
        self._calls: list[list[CallId]] = []  # the same pieces: who has the key
        self._lasts: list[_Key] = []  # the last key of each piece

    def __len__(self) -> int:
        return len(self._key_of)

    def __contains__(self, call: CallId) -> bool:
        return call in self._key_of

    def __iter__(self) -> Iterator[CallId]:
        """In the order in which they will be answered."""
        for piece in self._calls:
            yield from piece

    def add(self, call: CallId, priority: int, rank: Rank) -> None:
        """Stand in line; a known rank gets its old place back."""
        key = self._key_of[call] = (-priority, *rank)
        lasts = self._lasts
        if not lasts:
            self._keys, self._calls, self._lasts = [[key]], [[call]], [key]
            return
        at = bisect_left(lasts, key)
        if at == len(lasts):  # the end of the line, as a rule
            at -= 1
            lasts[at] = key
            keys = self._keys[at]
            keys.append(key)
            self._calls[at].append(call)
        else:
            keys = self._keys[at]
            place = bisect_left(keys, key)
            keys.insert(place, key)
            self._calls[at].insert(place, call)
        if len(keys) > 2 * _PIECE:
            self._cut(at)

    def remove(self, call: CallId) -> None:
        """Leave the line; the place is kept for a return with the same rank."""
        key = self._key_of.pop(call)
        at = bisect_left(self._lasts, key)
        keys = self._keys[at]
        place = bisect_left(keys, key)
        del keys[place], self._calls[at][place]
        if not keys:
            del self._keys[at], self._calls[at], self._lasts[at]
        elif place == len(keys):
            self._lasts[at] = keys[-1]

    def first(self) -> tuple[int, Rank, CallId] | None:
        """Who is next: (priority, rank, call), or None when nobody waits."""
        if not self._keys:
            return None
        minus, arrived_at, seen = self._keys[0][0]
        return -minus, (arrived_at, seen), self._calls[0][0]

    def place_of(self, call: CallId) -> int:
        """The caller's place in line, 1 for the next to be answered."""
        key = self._key_of[call]
        at = bisect_left(self._lasts, key)
        before = sum(map(len, self._keys[:at])) if at else 0
        return before + bisect_left(self._keys[at], key) + 1

    def ahead_of(self, priority: int, rank: Rank) -> int:
        """How many stand before whoever has, or would have, this priority and rank."""
        lasts = self._lasts
        key = (-priority, *rank)
        if not lasts or key > lasts[-1]:
            return len(self._key_of)
        at = bisect_left(lasts, key)
        before = sum(map(len, self._keys[:at])) if at else 0
        return before + bisect_left(self._keys[at], key)

    def oldest(self, since: Callable[[CallId], float]) -> float | None:
        """The earliest `since` among those waiting, or None. It is a caller's arrival or later, so
        that of one priority nobody is looked at who arrived after the earliest found."""
        earliest, first = inf, None
        while (first := self._next_priority(first)) is not None:
            for key, call in self._onward(first):
                if key[0] != first[0] or key[1] >= earliest:
                    break
                earliest = min(earliest, since(call))
        return None if earliest == inf else earliest

    def _onward(self, key: _Key) -> Iterator[tuple[_Key, CallId]]:
        """Whoever has this key, and all behind."""
        at = bisect_left(self._lasts, key)
        place = bisect_left(self._keys[at], key)
        for keys, calls in zip(self._keys[at:], self._calls[at:], strict=True):
            yield from zip(keys[place:], calls[place:], strict=True)
            place = 0

    def _next_priority(self, key: _Key | None) -> _Key | None:
        """The first caller of the first priority, or of the one below that of `key`."""
        if not self._keys:
            return None
        if key is None:
            return self._keys[0][0]
        below = (key[0] + 1,)
        at = bisect_left(self._lasts, below)
        return self._keys[at][bisect_left(self._keys[at], below)] if at < len(self._keys) else None

    def _cut(self, at: int) -> None:
        keys, calls = self._keys[at], self._calls[at]
        self._keys[at : at + 1] = keys[:_PIECE], keys[_PIECE:]
        self._calls[at : at + 1] = calls[:_PIECE], calls[_PIECE:]
        self._lasts[at : at + 1] = keys[_PIECE - 1], keys[-1]
