"""The pulse: one wake-up of the event loop for everything that is done now and then.

Waking an idle process costs several times what is done then (0.15 ms of processor time; measured on
2 cores at 2.5 GHz). So the sign of life, the looks at the ledger and the connection, and the
measuring of the loop's lag share one wake-up. It is not a clock: pulses must not be counted to know
the time.
"""

import asyncio

PULSE_SECONDS = 0.97
"""Not a whole second: work that others do every second then falls at a different place between two
pulses each time, so that LoopWatch sees it."""


def seconds_to_pulse(now: float, after_seconds: float = 0.0) -> float:
    """From `now` (the loop's time) to the first pulse later than in `after_seconds`.

    In whole milliseconds, as uvloop's timers are, so that all wake at the same time.
    """
    period, at = round(PULSE_SECONDS * 1000), round((now + after_seconds) * 1000)
    return after_seconds + (period - at % period) / 1000


async def pulse(after_seconds: float = 0.0) -> None:
    """Sleep until the next pulse, or the first one later than in `after_seconds`."""
    await asyncio.sleep(seconds_to_pulse(asyncio.get_running_loop().time(), after_seconds))
