"""Who is free for one queue, in the order of its strategy, apart by skills.

Operators with the same skills are one sequence, in order: of those who are able to serve a call,
the first of each sequence are compared. So an offer looks at as many operators as there are
different sets of skills, whatever the number of operators.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import merge

from callcenter.core.ids import OperatorId
from callcenter.core.line import Needs
from callcenter.core.skills import Skills, can

Entry = tuple[float, int, OperatorId]  # the place by the strategy, the order of becoming free, who


class Free:
    """The free operators of a queue."""

    __slots__ = ("_entry_of", "kinds")

    def __init__(self) -> None:
        self._entry_of: dict[OperatorId, tuple[Skills, Entry]] = {}
        self.kinds: dict[Skills, list[Entry]] = {}
        """Those of the same skills, in order; none of them empty."""

    def __len__(self) -> int:
        return len(self._entry_of)

    def __contains__(self, operator: OperatorId) -> bool:
        return operator in self._entry_of

    def __iter__(self) -> Iterator[OperatorId]:
        """In order."""
        for _, _, operator in merge(*self.kinds.values()):
            yield operator

    def add(self, operator: OperatorId, skills: Skills, place: float, order: int) -> None:
        """Is free from now on."""
        entry = place, order, operator
        self._entry_of[operator] = skills, entry
        kind = self.kinds.get(skills)
        if kind is None:
            self.kinds[skills] = [entry]
        else:
            insort(kind, entry)

    def discard(self, operator: OperatorId) -> None:
        """Is free no more."""
        held = self._entry_of.pop(operator, None)
        if held is None:
            return
        skills, entry = held
        kind = self.kinds[skills]
        del kind[bisect_left(kind, entry)]
        if not kind:
            del self.kinds[skills]

    def clear(self) -> None:
        """Nobody is free."""
        self._entry_of.clear()
        self.kinds.clear()

    def able(self, needs: Needs) -> Iterator[list[Entry]]:
        """The sequences of those who are able to serve who needs this."""
        for skills, kind in self.kinds.items():
            if not needs or can(skills, needs):
                yield kind
