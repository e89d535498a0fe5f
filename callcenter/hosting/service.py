"""The service as a child process: `python -m callcenter serve`, ready when /readyz says 200.

The service's standard output is for the person who started it (the first administrator's one-time
password). Its log, on standard error, goes to a file. A service that hangs is killed, and the
supervisor starts it again: killing it is always safe.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from callcenter.hosting.children import (
    Say,
    end_leftover,
    last_lines,
    quiet,
    start_child,
    stop_child,
    wait_until,
)
from callcenter.hosting.direct import DIRECT
from callcenter.hosting.errors import HostingError
from callcenter.hosting.ports import refuse_taken_port
from callcenter.hosting.service_user import ROOT, ServiceUser

SERVE = (sys.executable, "-m", "callcenter", "serve")

LOOK_SECONDS = 5.0
"""Seconds between two checks that it lives, and for an answer to a check. A busy disk or a machine
short of memory makes it stall for a second or two."""

SILENT_LOOKS = 3
"""After this many checks without an answer it counts as hanging. The lifeboat takes the callers
after five seconds (extensions.conf), so a longer wait costs no call."""

START_SECONDS = 120.0
"""Time until the first answer: a long journal is read before it. Checked twice a second."""


@dataclass(slots=True, kw_only=True)
class Service:
    """Our own process. `url` is its address for this host."""

    url: str
    directory: Path
    environment: Mapping[str, str]
    command: Sequence[str] = SERVE
    user: ServiceUser | None = None  # the user to which root changes for it
    name: str = "the service"
    say: Say = quiet
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _let_be: threading.Event = field(default_factory=threading.Event, init=False)

    def start(self, *, limit_seconds: float = 30) -> None:
        """Start, and return when it is ready. Raises HostingError with the end of its log if it is
        not."""
        started = time.monotonic()
        self.launch()
        if not wait_until(lambda: self.ended() or self.ready(), limit_seconds=limit_seconds):
            self.stop()
            raise HostingError(
                f"the service was not ready in {limit_seconds:.0f} s ({self._log}):\n"
                f"{last_lines(self._log)}"
            )
        if self.ended():
            raise HostingError(f"the service ended while starting:\n{last_lines(self._log)}")
        self.say(f"the service is ready at {self.url} ({time.monotonic() - started:.1f} s)")

    def launch(self) -> None:
        """Start the process, without waiting until it is ready."""
        self.clear_the_way()
        before, environment = self._as_whom()
        self.process = start_child(
            [*before, *self.command],
            pid_file=self._pid_file,
            output=self._log,
            environment=environment,
            speaks=True,
            folder=ROOT if self.user else None,
        )
        self._let_be.set()  # ends the watcher of the previous process
        self._let_be = threading.Event()
        threading.Thread(
            target=self._watch, args=(self.process, self._let_be), name="watcher", daemon=True
        ).start()

    def _as_whom(self) -> tuple[Sequence[str], Mapping[str, str]]:
        """The beginning of the command line, and the environment. Files that a command of root has
        left in the data folder are handed over first."""
        if self.user is None:
            return ["setpriv", "--pdeathsig=TERM", "--"], self.environment
        self.user.hand_over()
        return self.user.enter(), self.user.environment(self.environment)

    def clear_the_way(self) -> None:
        """End what an earlier start left. Raises HostingError if another program has the port."""
        end_leftover(self._pid_file, first=signal.SIGTERM, patience_seconds=15, say=self.say)
        refuse_taken_port(self.url, "CALLCENTER_WEB_PORT")

    def stop(self) -> None:
        """SIGTERM: it stops cleanly, and calls go on. Killed after 20 s."""
        self._let_be.set()
        if self.process is not None:
            stop_child(self.process, first=signal.SIGTERM, patience_seconds=20)

    def ended(self) -> bool:
        """Whether there is no process, or none any more."""
        return self.process is None or self.process.poll() is not None

    def ready(self) -> bool:
        """Whether GET /readyz answers 200: database, Asterisk and engine are all there."""
        return self._says_yes("/readyz", within=2)

    def _says_yes(self, path: str, *, within: float) -> bool:
        try:
            with DIRECT.open(self.url + path, timeout=within) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError, HTTPException):
            return False

    def _watch(self, process: subprocess.Popen[bytes], let_be: threading.Event) -> None:
        """Runs in a thread of its own, so that a hanging service does not delay the other parts."""
        answered, silent, silent_since = False, 0, time.monotonic()
        while process.poll() is None:
            next_look = time.monotonic() + (LOOK_SECONDS if answered else 0.5)
            if self._says_yes("/healthz", within=LOOK_SECONDS):
                answered, silent, silent_since = True, 0, time.monotonic()
            else:
                silent += 1
            if let_be.wait(max(0.0, next_look - time.monotonic())):
                return
            seconds = time.monotonic() - silent_since
            if silent >= SILENT_LOOKS if answered else seconds >= START_SECONDS:
                self.say(f"{self.name} hangs: no sign of life for {seconds:.0f} s; killing it")
                process.kill()
                return

    @property
    def _pid_file(self) -> Path:
        return self.directory / "service.pid"

    @property
    def _log(self) -> Path:
        return self.directory / "service.log"


def without(environment: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The environment without some variables."""
    return {name: value for name, value in environment.items() if name not in names}
