"""The callers who wait in one queue, and their order.

They are ordered by their *turn*: the arrival minus `aging_seconds` for each step of priority. Ties
go to the caller who was seen first. So a caller whose priority is one step lower, and who has
waited `aging_seconds` longer, comes first. Nobody waits for ever, however many urgent callers come.
The order of two callers never changes by itself, so the passing of time costs nothing. A caller
whose offer failed gets exactly the old place, however many others did the same in the meantime. An
emergency that brings 100,000 callers must not slow the answering of one.

How: the callers with the same priority and the same needs are a *group*. It is one ascending
sequence of keys, cut into pieces of at most two thousand. A caller who comes, leaves or returns
moves only the neighbours within one piece, anywhere in the line. (Many are seen a little out of
order, because greetings differ in length.) The piece is found by bisection. A place in line is the
sum of the sizes of the earlier pieces and the place within its piece, over all groups. There are as
many groups as kinds of waiting callers, whatever the number of callers.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from heapq import merge
from math import inf

from callcenter.core.ids import CallId

_PIECE = 1000  # callers; a piece of more than twice this size is cut in two
USUAL_AGING_SECONDS = 300.0
"""A caller who has waited five minutes longer comes before one whose priority is one step
higher."""

Rank = tuple[float, int]  # arrival time in seconds, order of being seen
Key = tuple[float, int]  # the turn in seconds, then the order of being seen
Needs = tuple[tuple[str, int], ...]  # skills and their levels, in order


class Group:
    """The callers of one line who have the same priority and the same needs, in order."""

    __slots__ = ("_calls", "_keys", "_lasts", "needs", "priority")

    def __init__(self, priority: int, needs: Needs, key: Key, call: CallId) -> None:
        self.priority = priority
        self.needs = needs
        self._keys: list[list[Key]] = [[key]]  # pieces of keys; none is empty
        self._calls: list[list[CallId]] = [[call]]  # the callers of these keys, in the same pieces
        self._lasts: list[Key] = [key]  # the last key of each piece

    def __iter__(self) -> Iterator[tuple[Key, CallId]]:
        """All callers in order."""
        for keys, calls in zip(self._keys, self._calls, strict=True):
            yield from zip(keys, calls, strict=True)

    def __bool__(self) -> bool:
        return bool(self._lasts)

    @property
    def first(self) -> tuple[Key, CallId]:
        """The next caller of this group."""
        return self._keys[0][0], self._calls[0][0]

    def add(self, key: Key, call: CallId) -> None:
        lasts = self._lasts
        at = bisect_left(lasts, key)
        if at == len(lasts):  # the end of the line, which is the usual case
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
        """The number of callers with an earlier key."""
        at = bisect_left(self._lasts, key)
        before = sum(map(len, self._keys[:at])) if at else 0
        return before + bisect_left(self._keys[at], key) if at < len(self._keys) else before

    def _cut(self, at: int) -> None:
        keys, calls = self._keys[at], self._calls[at]
        self._keys[at : at + 1] = keys[:_PIECE], keys[_PIECE:]
        self._calls[at : at + 1] = calls[:_PIECE], calls[_PIECE:]
        self._lasts[at : at + 1] = keys[_PIECE - 1], keys[-1]


class Line:
    """All callers waiting in one queue (a line of people)."""

    __slots__ = ("_aging", "_groups", "_stand", "groups")

    def __init__(self, aging_seconds: float = USUAL_AGING_SECONDS) -> None:
        self._aging = aging_seconds
        self._stand: dict[CallId, tuple[Key, Group]] = {}
        self._groups: dict[tuple[int, Needs], Group] = {}  # no group is empty
        self.groups = self._groups.values()
        """The groups, in no order."""

    def __len__(self) -> int:
        return len(self._stand)

    def __contains__(self, call: CallId) -> bool:
        return call in self._stand

    def __iter__(self) -> Iterator[CallId]:
        """The callers in the order in which they will be answered, if every operator can answer
        all."""
        for _, call in merge(*self._groups.values()):
            yield call

    def key(self, priority: int, rank: Rank) -> Key:
        """The key of this priority and rank."""
        return rank[0] - priority * self._aging, rank[1]

    def add(self, call: CallId, priority: int, rank: Rank, needs: Needs = ()) -> None:
        """Add a caller to the line. A known rank gets its old place back."""
        key = rank[0] - priority * self._aging, rank[1]
        kind = priority, needs
        group = self._groups.get(kind)
        if group is None:
            group = self._groups[kind] = Group(priority, needs, key, call)
        else:
            group.add(key, call)
        self._stand[call] = key, group

    def remove(self, call: CallId) -> None:
        """Remove a caller. The place is kept for a return with the same rank."""
        key, group = self._stand.pop(call)
        group.remove(key)
        if not group:
            del self._groups[group.priority, group.needs]

    def first(self) -> tuple[Key, CallId] | None:
        """The next caller, or None if nobody waits."""
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
        """How many stand before a caller who has, or would have, this priority and rank."""
        return self._before(self.key(priority, rank))

    def oldest(self, since: Callable[[CallId], float]) -> float | None:
        """The earliest `since` among those waiting, or None. `since` is never before a caller's
        arrival, so in each group no caller is looked at who arrived after the earliest one
        found."""
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
