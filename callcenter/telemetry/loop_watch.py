"""Watches the event loop: measures how late it wakes sleeping tasks, and logs what blocks it.

A task that sleeps from pulse to pulse measures the lag. (The alert's p99 over five minutes has 300
samples.) A thread checks that the task has woken at all. If it has not for a second, the thread
logs the loop's stack, because the blocked loop cannot. This module never stops anything.
"""

import asyncio
import sys
import threading
import time
import traceback

import structlog

from callcenter.runtime.pulse import seconds_to_pulse
from callcenter.telemetry.families import HistogramFamily

ALARM_SECONDS = 1.0
FRAMES = 8  # frames of the stack, the innermost ones

log = structlog.get_logger(__name__)


class LoopWatch:
    """Measures one event loop while `run` runs."""

    def __init__(self, lag: HistogramFamily) -> None:
        self._lag = lag.child()
        self._due = time.monotonic()  # when the loop should wake the task
        self._over = threading.Event()

    async def run(self) -> None:
        """Runs until cancelled."""
        loop, thread = asyncio.get_running_loop(), threading.get_ident()
        watcher = threading.Thread(
            target=self._watch, args=(thread,), name="loop watch", daemon=True
        )
        self._over.clear()
        self._due = loop.time()
        watcher.start()
        try:
            while True:
                sleep_seconds = seconds_to_pulse(loop.time())
                self._due = loop.time() + sleep_seconds
                await asyncio.sleep(sleep_seconds)
                self._lag.observe(max(0.0, loop.time() - self._due))
        finally:
            self._over.set()

    def _watch(self, thread: int) -> None:
        """Runs in the thread. It sleeps until the next wake-up would be too late, and logs one line
        for each incident."""
        wait_seconds, told = ALARM_SECONDS, 0.0
        while not self._over.wait(wait_seconds):
            due = self._due
            wait_seconds = due + ALARM_SECONDS - time.monotonic()
            if wait_seconds <= 0:
                if due != told:
                    log.error("the event loop is blocked", stack=stack_of(thread))
                wait_seconds, told = ALARM_SECONDS, due


def stack_of(thread: int) -> list[str]:
    """The stack of a thread, innermost frame last: file, line and function, no values."""
    frame = sys._current_frames().get(thread)
    summary = traceback.extract_stack(frame)[-FRAMES:] if frame else []
    return [f"{entry.filename}:{entry.lineno} {entry.name}" for entry in summary]
