"""The free operators of one queue, in the order of its strategy, grouped by skills.

Operators with the same skills are one ordered sequence. Only the first operator of each sequence
that can serve a call is compared. So an offer looks at as many operators as there are different
sets of skills, whatever the number of operators.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import merge

from callcenter.core.ids import OperatorId
from callcenter.core.line import Needs
from callcenter.core.skills import Skills, can

# The rank by the strategy, the order of becoming free, and the operator.
Entry = tuple[float, int, OperatorId]


class Free:
    """The free operators of a queue."""

    __slots__ = ("_entry_of", "kinds")

    def __init__(self) -> None:
        self._entry_of: dict[OperatorId, tuple[Skills, Entry]] = {}
        self.kinds: dict[Skills, list[Entry]] = {}
        """Operators with the same skills, in order. No sequence is empty."""

    def __len__(self) -> int:
        return len(self._entry_of)

    def __contains__(self, operator: OperatorId) -> bool:
        return operator in self._entry_of

    def __iter__(self) -> Iterator[OperatorId]:
        """All free operators in order."""
        for _, _, operator in merge(*self.kinds.values()):
            yield operator

    def add(self, operator: OperatorId, skills: Skills, place: float, order: int) -> None:
        """This operator is free from now on."""
        entry = place, order, operator
        self._entry_of[operator] = skills, entry
        kind = self.kinds.get(skills)
        if kind is None:
            self.kinds[skills] = [entry]
        else:
            insort(kind, entry)

    def discard(self, operator: OperatorId) -> None:
        """This operator is not free any more."""
        held = self._entry_of.pop(operator, None)
        if held is None:
            return
        skills, entry = held
        kind = self.kinds[skills]
        del kind[bisect_left(kind, entry)]
        if not kind:
            del self.kinds[skills]

    def clear(self) -> None:
        """No operator is free any more."""
        self._entry_of.clear()
        self.kinds.clear()

    def able(self, needs: Needs) -> Iterator[list[Entry]]:
        """The sequences of operators who can serve a caller with these needs."""
        for skills, kind in self.kinds.items():
            if not needs or can(skills, needs):
                yield kind
