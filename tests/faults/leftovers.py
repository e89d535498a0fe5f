"""What a campaign before has left behind: a run on top of it would judge its damage.

Asterisk, PostgreSQL and the service are started below /tmp/hotline-…; whoever was started by a test
that is there no more is nobody's, and holds ports, processor and memory.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OF_A_HOTLINE = re.compile(rb"/tmp/hotline-[a-z0-9_]+/")


@dataclass(frozen=True, slots=True)
class Leftover:
    """A process of a hotline whose test has ended."""

    pid: int
    program: str

    def __str__(self) -> str:
        return f"{self.program} (process {self.pid})"


def left_over(proc: Path = Path("/proc")) -> list[Leftover]:
    """Those in our network namespace: in another one they are in nobody's way."""
    return [
        Leftover(pid, program)
        for pid, program in _of_hotlines(proc)
        if not _is_ours(proc, _parent(proc, pid))
    ]


def refusal(found: list[Leftover]) -> str:
    """Why nothing is begun, and what to do; empty when there is nothing in the way."""
    if not found:
        return ""
    what, pids = ", ".join(map(str, found)), " ".join(str(one.pid) for one in found)
    return f"an earlier run has left {what}: end that first (kill {pids})"


def _of_hotlines(proc: Path) -> Iterator[tuple[int, str]]:
    own = _namespace(proc, "self")
    for folder in proc.iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            told = command + (folder / "environ").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        program = command.split(b"\0")[0].rpartition(b"/")[2].decode(errors="replace")
        if OF_A_HOTLINE.search(told) and _namespace(proc, folder.name) == own and command:
            yield int(folder.name), program


def _is_ours(proc: Path, pid: int) -> bool:
    """Whether a test, or another part of a hotline with a test above it, started it."""
    while pid > 1:
        try:
            command = (proc / str(pid) / "cmdline").read_bytes()
        except OSError:
            return False
        if b"pytest" in command or b"tests." in command or pid == os.getpid():
            return True
        pid = _parent(proc, pid)
    return False


def _parent(proc: Path, pid: int) -> int:
    try:
        return int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _namespace(proc: Path, pid: str) -> str:
    try:
        return str((proc / pid / "ns/net").readlink())
    except OSError:
        return ""
