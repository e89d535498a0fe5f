"""The pulse: everyone wakes in the same millisecond."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from callcenter.runtime.pulse import PULSE_SECONDS, pulse, seconds_to_pulse
from tests.people.standstill import stood_still

NOW = st.integers(min_value=0, max_value=10**12).map(lambda milliseconds: milliseconds / 1000)


@given(NOW, st.sampled_from([0.0, 0.05, 10.0]))
def test_all_meet_at_a_pulse(now: float, after_seconds: float) -> None:
    seconds = seconds_to_pulse(now, after_seconds)
    assert after_seconds < seconds <= after_seconds + PULSE_SECONDS + 0.0005
    at = round((now + seconds) * 1000)
    assert at % round(PULSE_SECONDS * 1000) == 0


async def test_sleepers_of_different_times_wake_together() -> None:
    loop = asyncio.get_running_loop()
    woken: list[float] = []

    async def sleeper(begins_in_seconds: float) -> None:
        await asyncio.sleep(begins_in_seconds)
        await pulse(0.5)
        woken.append(loop.time())

    for _ in range(5):
        woken.clear()
        await pulse()
        began = time.monotonic()
        await asyncio.gather(*map(sleeper, (0.0, 0.1, 0.2)))
        if not stood_still(began):
            break
    assert max(woken) - min(woken) < 0.1
