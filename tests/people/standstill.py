"""Times in which this machine stood still: what nobody could hear or say then is no fault.

A thread reads the clock every 20 ms and notes when it slept too long. `ear.py` and stories that
measure durations use it. It excuses only what it has seen.
"""

import threading
import time

LOOK_SECONDS, NOTICED_SECONDS = 0.02, 0.1

_stood: list[tuple[float, float]] = []


def stood_still(since: float, until: float | None = None) -> float:
    """Seconds of standstill between two times of time.monotonic(); until now if not given."""
    end = time.monotonic() if until is None else until
    return sum(max(0.0, min(b, end) - max(a, since)) for a, b in tuple(_stood))


def _watch() -> None:
    before = time.monotonic()
    while True:
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        if now - before > LOOK_SECONDS + NOTICED_SECONDS:
            _stood.append((before + LOOK_SECONDS, now))
        before = now


threading.Thread(target=_watch, name="standstill", daemon=True).start()
