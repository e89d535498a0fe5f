"""Starts, watches and ends one child process, so that none is left behind or killed by mistake.

A child gets a session of its own: Ctrl-C at the terminal reaches only us, and we stop the children
in our order. A pid file names the process by its number *and* its start time, so a reused number is
never signalled.

The children are told to die with their parent through PR_SET_PDEATHSIG (`setpriv --pdeathsig`).
Linux sends that signal when the *thread* that started the child ends, so start children from the
main thread.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from callcenter.hosting.errors import HostingError

Say = Callable[[str], None]
"""Prints one line of progress for the person who waits."""


def quiet(_line: str) -> None:
    """A `Say` for callers that want no progress lines (tests)."""


def system_environment() -> dict[str, str]:
    """Our environment with /usr/sbin on the PATH, which users often lack: chroot, asterisk."""
    path = os.environ.get("PATH", "")
    return {**os.environ, "PATH": f"{path}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"}


def wait_until(
    condition: Callable[[], bool], *, limit_seconds: float, step_seconds: float = 0.02
) -> bool:
    """Check `condition` until it is true or the limit has passed; gives the result."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(step_seconds)
    return True


def start_child(
    command: Sequence[str],
    *,
    pid_file: Path,
    output: Path,
    environment: Mapping[str, str] | None = None,
    speaks: bool = False,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session. Its output is appended to a file, and its pid is written.

    A child that `speaks` keeps our standard output; its standard error goes to the file. It starts
    in `folder`, by default in ours.
    """
    with open(output, "ab", opener=no_link) as sink:
        try:
            child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=None if speaks else sink,
                stderr=sink,
                env=None if environment is None else dict(environment),
                start_new_session=True,
                cwd=folder,
            )
        except OSError as error:
            raise HostingError(f"cannot start {command[0]}: {error}") from error
    try:
        _write_down(child.pid, pid_file)
    except OSError as error:  # without the pid file the next start would not end the child
        child.kill()
        child.wait()
        raise HostingError(f"{pid_file} cannot be written: {error.strerror}") from error
    return child


def stop_child(
    child: subprocess.Popen[bytes],
    *,
    first: signal.Signals,
    patience_seconds: float,
    again_seconds: float | None = None,
) -> bool:
    """Ask the child to end with `first`. Kill it if that takes too long. Gives True if it ended
    itself.

    With `again_seconds` the signal is repeated, for a program that may miss one.
    """
    deadline = time.monotonic() + patience_seconds
    while child.poll() is None and time.monotonic() < deadline:
        child.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            left = max(deadline - time.monotonic(), 0)
            child.wait(timeout=left if again_seconds is None else min(left, again_seconds))
    if child.poll() is not None:
        return True
    child.kill()
    child.wait()
    return False


def end_leftover(
    pid_file: Path, *, first: signal.Signals, patience_seconds: float, say: Say = quiet
) -> bool:
    """End what an earlier start left behind (its parent was killed). Gives True if there was
    one."""
    left = _leftover(pid_file)
    if left is None:
        return False
    say(f"{pid_file.stem} of an earlier start still runs (process {left}): ending it")
    with contextlib.suppress(ProcessLookupError):
        os.kill(left, first)
    if not wait_until(lambda: _leftover(pid_file) is None, limit_seconds=patience_seconds):
        with contextlib.suppress(ProcessLookupError):
            os.kill(left, signal.SIGKILL)
        if not wait_until(lambda: _leftover(pid_file) is None, limit_seconds=5):
            raise HostingError(f"process {left} of an earlier start does not end; end it by hand")
    pid_file.unlink(missing_ok=True)
    return True


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log file, for an error message. Says so if there is none."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return f"({path} cannot be read)"
    return "\n".join(lines[-count:]) or f"({path} is empty)"


def _write_down(pid: int, pid_file: Path) -> None:
    being_written = pid_file.with_suffix(".new")
    with open(being_written, "w", opener=no_link) as file:
        file.write(f"{pid} {_start_ticks(pid)}\n")
    being_written.replace(pid_file)  # so that nobody reads a half-written file


def no_link(path: str, flags: int) -> int:
    """Refuse a link: the child may own the folder, and must not choose where we write."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)


def _leftover(pid_file: Path) -> int | None:
    try:
        number, ticks = pid_file.read_text().split()
    except (OSError, ValueError):
        return None
    pid = int(number)
    return pid if ticks != "gone" and _start_ticks(pid) == ticks else None


def _start_ticks(pid: int) -> str:
    """The start time of a process, in clock ticks since boot (proc(5), stat field 22), or "gone".

    A process is a zombie as soon as its first thread has ended. Until its other threads have ended
    (field 20), it keeps its ports.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "gone"
    return "gone" if fields[0] == "Z" and int(fields[17]) <= 1 else fields[19]
