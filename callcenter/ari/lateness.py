"""How late an event reaches us. Callers who came one after the other stay in that order.

Asterisk stamps its events. If this process was held up, it handles many events at one moment, and
all those callers would seem to have arrived just now. The two clocks differ by an unknown constant,
so the quickest message of the last minutes counts as "not late". If a clock was set or drifted, the
result is right again after two windows.
"""

from math import inf

from callcenter.ari import wire

WINDOW_SECONDS = 60.0
"""The quickest message of this window and of the one before counts. The heartbeat alone brings one
answer a second."""

LATEST_SECONDS = 60.0
"""A message that seems later than this means that a clock was set."""


class Lateness:
    """How late the messages of one connection are."""

    def __init__(self) -> None:
        self._began = -inf
        self._least = self._least_before = inf

    def of(self, timestamp: str, now: float) -> float:
        """Seconds from Asterisk's `timestamp` to `now` (the loop's time), minus the usual delay."""
        try:
            lag = now - wire.moment(timestamp)
        except ValueError:
            return 0.0
        if now - self._began >= WINDOW_SECONDS:
            recent = now - self._began < 2 * WINDOW_SECONDS
            self._least_before = self._least if recent else inf
            self._began, self._least = now, inf
        self._least = min(self._least, lag)
        late = lag - min(self._least, self._least_before)
        return late if late <= LATEST_SECONDS else 0.0
