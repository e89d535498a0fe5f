"""Hours of full work: does the service grow, does the dispatch get slower, is the loop held?

A line that is never empty keeps all operators talking; there are as many as keep six tenths of two
cores of an AMD EPYC busy, the people's SIPp included. In every window the wire is listened to for a
while, and the service's memory is read. What was run is in the row: two hours are the goal's. Drift
is told by the middle window of each half, because a shared machine that stands still for a moment
is one window's, and the slowest window is told beside it.
"""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

from tests.bench import scenarios
from tests.bench.blocks import Block, say, stand_in_line, watch
from tests.bench.cost import memory_bytes
from tests.bench.figures import quantile, slope
from tests.bench.lab import OURS, Lab
from tests.bench.table import Options, Row, milliseconds

OPERATORS, WAITING = 180, 100
WINDOW_SECONDS, LISTEN_SECONDS = 60.0, 30.0
WARM_SHARE = 0.2  # of the windows: caches fill, the journal's first segment
LAG = "hotline_event_loop_lag_seconds_bucket"

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What was seen `at` so many seconds from the beginning."""

    at: float
    p99_seconds: float
    memory: int
    block: Block


async def soak(options: Options) -> list[Row]:
    """E19, as long as asked for."""
    windows: list[Window] = []
    async with Lab(OPERATORS) as lab:
        lab.crowd.operators_work(scenarios.talk(1.0, spread=0.5))
        await stand_in_line(lab, OURS, OPERATORS + WAITING)
        began = time.monotonic()
        while (at := time.monotonic() - began) < options.soak_seconds:
            windows.append(await _window(lab, at))
            await asyncio.sleep(max(0.0, at + WINDOW_SECONDS - (time.monotonic() - began)))
        lag = await _lag_p99(lab)
        await lab.callers_go()
    steady = windows[int(len(windows) * WARM_SHARE) :]
    options.raw["soak"] = [[w.at, w.p99_seconds, w.memory, w.block.cpu] for w in windows]
    return _rows(steady, lag, options)


async def _window(lab: Lab, at: float) -> Window:
    seen = await watch(lab, OURS, LISTEN_SECONDS)
    say(seen)
    assert lab.service.process is not None
    return Window(
        at=at,
        p99_seconds=quantile(seen.story.free_to_invite(), 0.99),
        memory=memory_bytes([lab.service.process.pid]),
        block=seen,
    )


async def _lag_p99(lab: Lab) -> float:
    """The upper bound of the histogram's bucket that holds the 99th percentile."""
    buckets = sorted(
        (float(dict(labels)["le"]), count)
        for (name, labels), count in (await lab.api.metrics()).items()
        if name == LAG
    )
    return next(bound for bound, count in buckets if count >= 0.99 * buckets[-1][1])


def _rows(windows: list[Window], lag: float, options: Options) -> list[Row]:
    hours = [w.at / 3600 for w in windows]
    growth = slope(hours, [w.memory / MEGABYTE for w in windows])
    p99 = [w.p99_seconds for w in windows]
    half = len(p99) // 2
    if not half:
        raise RuntimeError(f"{options.soak_seconds:g} s are too short to see a drift: 180 or more")
    drift = median(p99[-half:]) / median(p99[:half]) - 1
    calls = sum(len(w.block.story.answered) for w in windows)
    seconds = sum(w.block.seconds for w in windows)
    busy = sum(w.block.cpu_in_all + w.block.crowd_cpu for w in windows) / seconds
    run = f"{options.soak_seconds / 60:.0f} min at {calls / seconds:.0f} calls/s, {busy:.2f} cores"
    return [
        Row(
            what=f"soak ({run}): growth of the service",
            goal="≤ 0.2 MB/h",
            ours=f"{growth:+.2f} MB/h",
            reached=growth <= 0.2,
        ),
        Row(
            what="… drift of free → INVITE p99, second half beside first",
            goal="≤ 5 %",
            ours=f"{drift:+.1%} (of {milliseconds(median(p99))}, once {milliseconds(max(p99))})",
            reached=drift <= 0.05,
        ),
        Row(
            what="… event loop late, p99",
            goal="≤ 5 ms",
            ours=f"≤ {milliseconds(lag)}",
            reached=lag <= 0.005,
        ),
    ]
