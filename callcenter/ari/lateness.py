"""How late an event reaches us: callers who came one after the other stay in that order.

Asterisk stamps an event when it happens. When this process was held up, many are worked on in one
moment, and without this all of them would seem to have come just now. Used by asterisk.py for
whoever arrives. The two clocks differ by a constant nobody knows; the quickest event ever seen
stands for "not late". A step of either clock begins anew.
"""

from math import inf

from callcenter.ari import wire

LATEST_SECONDS = 60.0
"""No event is later than this: before that the connection would have been given up."""


class Lateness:
    """Of one connection's events."""

    def __init__(self) -> None:
        self._least = inf

    def of(self, timestamp: str, now: float) -> float:
        """Seconds from Asterisk's `timestamp` to `now` (the loop's time), beyond the usual."""
        try:
            lag = now - wire.moment(timestamp)
        except ValueError:
            return 0.0
        if not 0.0 <= lag - self._least <= LATEST_SECONDS:
            self._least = lag
        return lag - self._least
