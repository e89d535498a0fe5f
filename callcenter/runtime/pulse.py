"""The pulse: what has to be done or looked at now and then is done in one turn of the event loop.

To wake an idle process costs several times what it then does here (0.15 ms of processor time;
measured on 2 cores at 2.5 GHz), so the sign of life, the looks at the ledger, the rooms and the
connection, and the measuring of the loop's lag share one wake-up. It is no clock: nothing may count
pulses to know the time.
"""

import asyncio

PULSE_SECONDS = 0.97
"""Not a second: what others do every second or every ten is met in all its phases, so that
LoopWatch cannot be blind to it."""


def seconds_to_pulse(now: float, after_seconds: float = 0.0) -> float:
    """From `now` (the loop's time) to the first pulse later than in `after_seconds`.

    In whole milliseconds, as uvloop's timers are, so that all meet.
    """
    period, at = round(PULSE_SECONDS * 1000), round((now + after_seconds) * 1000)
    return after_seconds + (period - at % period) / 1000


async def pulse(after_seconds: float = 0.0) -> None:
    """Sleep until the next pulse, or the first one later than in `after_seconds`."""
    await asyncio.sleep(seconds_to_pulse(asyncio.get_running_loop().time(), after_seconds))
