"""How late an event reaches us: callers who came one after the other stay in that order.

Asterisk stamps what it says. When this process was held up, many events are worked on in one
moment, and without this all those callers would seem to have come just now. The two clocks differ
by a constant nobody knows, so the quickest message of the last minutes stands for "not late": a
clock that is set or drifts is believed again after two windows. Fed by connection.py with every
message, asked by asterisk.py for whoever arrives.
"""

from math import inf

from callcenter.ari import wire

WINDOW_SECONDS = 60.0
"""The quickest of this window and of the one before counts. The sign of life alone is answered
once a second."""

LATEST_SECONDS = 60.0
"""What seems to be later than this is a clock that was set."""


class Lateness:
    """Of one connection's messages."""

    def __init__(self) -> None:
        self._began = -inf
        self._least = self._least_before = inf

    def of(self, timestamp: str, now: float) -> float:
        """Seconds from Asterisk's `timestamp` to `now` (the loop's time), beyond the usual."""
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
