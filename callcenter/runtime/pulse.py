"""The pulse: one wake-up of the event loop for all periodic work.

Waking an idle process costs several times as much as the work itself (0.15 ms of processor time;
measured on 2 cores at 2.5 GHz). So the heartbeat, the checks of the ledger and of the connection,
and the measuring of the loop's lag share one wake-up. The pulse is not a clock: never count pulses
to know the time.
"""

import asyncio

PULSE_SECONDS = 0.97
"""Not a whole second. Work that others do every second then falls at a different time between two
pulses, so that LoopWatch sees it."""


def seconds_to_pulse(now: float, after_seconds: float = 0.0) -> float:
    """Seconds from `now` (the loop's time) to the first pulse that is more than `after_seconds`
    away.

    In whole milliseconds like uvloop's timers, so that all tasks wake at the same time.
    """
    period, at = round(PULSE_SECONDS * 1000), round((now + after_seconds) * 1000)
    return after_seconds + (period - at % period) / 1000


async def pulse(after_seconds: float = 0.0) -> None:
    """Sleep until the next pulse, or until the first one that is more than `after_seconds` away."""
    await asyncio.sleep(seconds_to_pulse(asyncio.get_running_loop().time(), after_seconds))
