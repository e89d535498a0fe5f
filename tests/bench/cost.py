"""What a queue costs: processor time and memory of processes, as the kernel counts them.

Read from /proc before and after a block by `blocks.py`. Times are those of all threads, in
nanosecond steps (`schedstat`), not in the 10 ms ticks of `stat`, because an idle queue costs less
than a tick.
"""

import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

Parts = Mapping[str, list[int]]
"""Process ids by the part they belong to: asterisk, service, postgres."""


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time used so far by these processes and by their children that have ended."""
    return sum(_threads(pid) + _ended_children(pid) for pid in pids)


def _threads(pid: int) -> float:
    ticks = _stat(pid)
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


def _ended_children(pid: int) -> float:
    ticks = _stat(pid)
    return (int(ticks[13]) + int(ticks[14])) / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except FileNotFoundError:
        return ["0"] * 20


def memory_bytes(pids: Iterable[int]) -> int:
    """Proportional set size: what is shared is divided among those who share it."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for process in found:
        found += [int(child) for child in _children(process).split()]
    return found


def _children(pid: int) -> str:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return path.read_text() if path.exists() else ""


def machine() -> str:
    """What this was measured on, in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((x.partition(": ")[2] for x in lines if x.startswith("model name")), "processor")
    return f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release()}"
