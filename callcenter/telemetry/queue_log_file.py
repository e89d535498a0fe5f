"""Writes the queue_log file without delaying calls.

A listener of the pump makes the lines and returns. A task appends them twice a second in a thread.
The file is opened each time, so that logrotate may rename or truncate it at any moment. While the
file cannot be written (no directory, no room), up to LINES_MOST lines wait. More lines are left
out, and the log counts them.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import structlog

from callcenter.core.facts import Fact
from callcenter.telemetry.queue_log import QueueLog

WRITE_SECONDS = 0.5
LINES_MOST = 200_000  # 20 MB: half an hour of a hundred calls a second
READABLE_BY_THE_GROUP = 0o640

log = structlog.get_logger(__name__)


class QueueLogFile:
    """Give `listen` to the pump, run `run`, and call `close` at the end."""

    def __init__(self, path: Path, queue_log: QueueLog) -> None:
        self._path = path
        self._queue_log = queue_log
        self._lines: list[str] = []
        self._held = b""  # lines that were taken and are not all written
        self._failing = False
        self.lost = 0

    def listen(self, facts: Sequence[Fact]) -> None:
        """Take the lines of one step. A fault here costs lines, but no call."""
        try:
            self._lines += self._queue_log.lines(facts)
        except Exception as error:  # noqa: BLE001 - a listener that raises would stop the engine
            log.error("queue_log: facts that make no lines", error=type(error).__name__)
        if len(self._lines) > LINES_MOST:
            self.lost += len(self._lines) - LINES_MOST
            del self._lines[LINES_MOST:]

    async def run(self) -> None:
        """Write the lines there are, until cancelled."""
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.write()

    async def write(self) -> None:
        """Append the lines there are. Lines that cannot be written wait."""
        if not self._held:
            self._held = "".join(self._lines).encode()
            self._lines.clear()
        if not self._held:
            return
        writing = asyncio.create_task(asyncio.to_thread(self._append, self._held))
        try:
            written, complaint = await asyncio.shield(writing)
        except asyncio.CancelledError:  # the thread goes on, and what it wrote is not written again
            written, _ = await writing
            self._held = self._held[written:]
            raise
        self._held = self._held[written:]
        self._complain(complaint)

    async def close(self) -> None:
        """Write the last lines."""
        await self.write()
        await self.write()  # lines that came while the first ones were written

    def _append(self, lines: bytes) -> tuple[int, str]:
        """How many bytes were written, and what prevented the rest."""
        written = 0
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            opened = os.open(self._path, flags, READABLE_BY_THE_GROUP)
            try:
                while written < len(lines):
                    written += os.write(opened, lines[written:])
            finally:
                os.close(opened)
        except OSError as error:
            return written, error.strerror or type(error).__name__
        return written, ""

    def _complain(self, complaint: str) -> None:
        if complaint and not self._failing:
            log.error("queue_log cannot be written; its lines wait", error=complaint)
        elif not complaint and self._failing:
            log.warning("queue_log is written again", lines_lost=self.lost)
            self.lost = 0
        self._failing = bool(complaint)
