"""Virtual time: what will happen, and when. Everything in a play hangs on one of these."""

from collections.abc import Callable
from heapq import heappop, heappush

Effect = Callable[[], object]


class Schedule:
    """A heap of effects. Two for the same instant happen in the order they were asked for."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._due: list[tuple[float, int, Effect]] = []
        self._order = 0

    def after(self, seconds: float, effect: Effect) -> None:
        """Let something happen `seconds` from now (at least 0)."""
        self.at(self.now + max(0.0, seconds), effect)

    def at(self, when: float, effect: Effect) -> None:
        """Let something happen at an instant; at once when that is over."""
        self._order += 1
        heappush(self._due, (max(when, self.now), self._order, effect))

    def run(self, until: float) -> None:
        """Let everything happen until an instant, then be there."""
        due = self._due
        while due and due[0][0] <= until:
            self.now, _, effect = heappop(due)
            effect()
        self.now = until
