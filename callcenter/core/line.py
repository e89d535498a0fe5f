"""Who waits in one queue, in which order.

Order: by *turn*, which is the arrival less `aging_seconds` for each step of priority; then earlier
seen. So whoever has a priority one step lower, and has waited `aging_seconds` more, comes first:
nobody starves, however many urgent callers come. The order of two callers never changes by
itself, so time costs nothing. A caller whose offer came to nothing returns to the very place it
had, however many others did the same meanwhile. An emergency that brings 100,000 callers must not
slow the answering of one.

How: the callers of one priority and the same needs are a *group*: one ascending sequence of keys,
cut into pieces of at most two thousand. Whoever comes, leaves or returns moves only the neighbours
within one piece, wherever that is in the line (many are seen a little out of order: greetings
differ in length); the piece is found by bisection. A place in line is the sizes of the pieces
before it and the place within, in each group. There are as many groups as kinds of callers who wait
at the moment, whatever the number of callers.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from heapq import merge
from math import inf

from callcenter.core.ids import CallId

_PIECE = 1000  # callers; a piece of more than twice as many is cut in two
USUAL_AGING_SECONDS = 300.0
"""A caller who has waited five minutes more comes before one whose priority is one step higher."""

Rank = tuple[float, int]  # arrival time in seconds, order of being seen
Key = tuple[float, int]  # the turn in seconds, order of being seen
Needs = tuple[tuple[str, int], ...]  # skills and their levels, in order


class Group:
    """The callers of one line who have the same priority and the same needs, in order."""

    __slots__ = ("_calls", "_keys", "_lasts", "needs", "priority")

    def __init__(self, priority: int, needs: Needs, key: Key, call: CallId) -> None:
        self.priority = priority
        self.needs = needs
        self._keys: list[list[Key]] = [[key]]  # pieces, none of them empty
        self._calls: list[list[CallId]] = [[call]]  # the same pieces: who has the key
        self._lasts: list[Key] = [key]  # the last key of each piece

    def __iter__(self) -> Iterator[tuple[Key, CallId]]:
        """In order."""
        for keys, calls in zip(self._keys, self._calls, strict=True):
            yield from zip(keys, calls, strict=True)

    def __bool__(self) -> bool:
        return bool(self._lasts)

    @property
    def first(self) -> tuple[Key, CallId]:
        """Who is next of them."""
        return self._keys[0][0], self._calls[0][0]

    def add(self, key: Key, call: CallId) -> None:
        lasts = self._lasts
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

    def remove(self, key: Key) -> None:
        at = bisect_left(self._lasts, key)
        keys = self._keys[at]
        place = bisect_left(keys, key)
        del keys[place], self._calls[at][place]
        if not keys:
            del self._keys[at], self._calls[at], self._lasts[at]
        elif place == len(keys):
            self._lasts[at] = keys[-1]

    def before(self, key: Key) -> int:
        """How many have an earlier key."""
        at = bisect_left(self._lasts, key)
        before = sum(map(len, self._keys[:at])) if at else 0
        return before + bisect_left(self._keys[at], key) if at < len(self._keys) else before

    def _cut(self, at: int) -> None:
        keys, calls = self._keys[at], self._calls[at]
        self._keys[at : at + 1] = keys[:_PIECE], keys[_PIECE:]
        self._calls[at : at + 1] = calls[:_PIECE], calls[_PIECE:]
        self._lasts[at : at + 1] = keys[_PIECE - 1], keys[-1]


class Line:
    """All callers waiting in one queue (the word of the street: a line of people)."""

    __slots__ = ("_aging", "_groups", "_stand", "groups")

    def __init__(self, aging_seconds: float = USUAL_AGING_SECONDS) -> None:
        self._aging = aging_seconds
        self._stand: dict[CallId, tuple[Key, Group]] = {}
        self._groups: dict[tuple[int, Needs], Group] = {}  # none of them empty
        self.groups = self._groups.values()
        """The kinds of callers who wait, in no order."""

    def __len__(self) -> int:
        return len(self._stand)

    def __contains__(self, call: CallId) -> bool:
        return call in self._stand

    def __iter__(self) -> Iterator[CallId]:
        """In the order in which they will be answered, as far as anybody can answer all."""
        for _, call in merge(*self._groups.values()):
            yield call

    def key(self, priority: int, rank: Rank) -> Key:
        """Where somebody with this priority and rank stands."""
        return rank[0] - priority * self._aging, rank[1]

    def add(self, call: CallId, priority: int, rank: Rank, needs: Needs = ()) -> None:
        """Stand in line; a known rank gets its old place back."""
        key = rank[0] - priority * self._aging, rank[1]
        kind = priority, needs
        group = self._groups.get(kind)
        if group is None:
            group = self._groups[kind] = Group(priority, needs, key, call)
        else:
            group.add(key, call)
        self._stand[call] = key, group

    def remove(self, call: CallId) -> None:
        """Leave the line; the place is kept for a return with the same rank."""
        key, group = self._stand.pop(call)
        group.remove(key)
        if not group:
            del self._groups[group.priority, group.needs]

    def first(self) -> tuple[Key, CallId] | None:
        """Who is next, or None when nobody waits."""
        if not self._groups:
            return None
        if len(self._groups) == 1:
            (only,) = self._groups.values()
            return only.first
        return min(group.first for group in self._groups.values())

    def place_of(self, call: CallId) -> int:
        """The caller's place in line, 1 for the next to be answered."""
        return self._before(self._stand[call][0]) + 1

    def ahead_of(self, priority: int, rank: Rank) -> int:
        """How many stand before whoever has, or would have, this priority and rank."""
        return self._before(self.key(priority, rank))

    def oldest(self, since: Callable[[CallId], float]) -> float | None:
        """The earliest `since` among those waiting, or None. It is a caller's arrival or later, so
        that of one group nobody is looked at who arrived after the earliest found."""
        earliest = inf
        for group in self._groups.values():
            aged = group.priority * self._aging
            for key, call in group:
                if key[0] + aged >= earliest:
                    break
                earliest = min(earliest, since(call))
        return None if earliest == inf else earliest

    def _before(self, key: Key) -> int:
        before = 0
        for group in self._groups.values():
            before += group.before(key)
        return before
