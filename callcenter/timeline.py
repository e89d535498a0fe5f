"""When each phase of the start was over, for the log line that shows how long the start took.

`callcenter serve` begins it before anything is imported, so it uses only the standard library. The
clock starts with the process, not with Python: the interpreter's own start is counted, too.
"""

import os
import time
from pathlib import Path


class Timeline:
    """Phases in sequence. Each lasts from the end of the previous one."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, int] = {}
        self._began = self._last = time.monotonic() - process_age_seconds()
        self.over("interpreter")

    def over(self, phase: str) -> None:
        """Note that the phase is over now."""
        now = time.monotonic()
        self.milliseconds[phase] = round((now - self._last) * 1000)
        self._last = now

    def total(self) -> int:
        """Milliseconds from the start of the process to the end of the last phase."""
        return round((self._last - self._began) * 1000)


def process_age_seconds() -> float:
    """How long this process has existed, to 10 ms. 0 if the system does not tell (proc(5))."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(") ")[2].split()
        began = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - began)
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0
