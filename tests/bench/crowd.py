"""Callers and operators of a block: SIPp processes, started, told to stop, ended by their pid."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench import scenarios
from tests.bench.cost import cpu_seconds

OPERATORS_PORT, CALLERS_PORT = 15810, 15811
CALLS_A_SECOND_LIMIT = 500
"""One SIPp process is trusted up to here; beyond it its own repeats look like somebody's loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the SIPp processes are. One lab at a time can have the same."""

    operators: int = OPERATORS_PORT
    callers: int = CALLERS_PORT
    operators_media: int = 33000
    callers_media: int = 34000


class Crowd:
    """All SIPp processes of a lab. `directory` takes the scenarios."""

    def __init__(self, directory: Path, asterisk: str, ports: Ports | None = None) -> None:
        self._directory = directory
        self._asterisk = asterisk
        self._ports = ports or Ports()
        self._operators: subprocess.Popen[bytes] | None = None
        self._callers: subprocess.Popen[bytes] | None = None

    def operators_work(self, pause: str) -> None:
        """All operators' phones, one SIPp; `pause` is a conversation (scenarios.talk)."""
        self.operators_go()
        scenario = scenarios.write(self._directory, "operators", scenarios.operator(pause))
        self._operators = self._play(scenario, self._ports.operators, self._ports.operators_media)

    def operators_go(self) -> None:
        """Their phones are dead."""
        _end(self._operators)
        self._operators = None

    def callers_call(
        self, number: str, *, at_once: int, rate: float, most: int = 10_000_000
    ) -> None:
        """Keep `at_once` callers in the line, new ones coming at `rate` a second."""
        if rate > CALLS_A_SECOND_LIMIT:
            raise ValueError(f"{rate} calls a second are too many for one SIPp process")
        scenario = scenarios.write(self._directory, "caller", scenarios.CALLER)
        more = ["-s", number, "-r", f"{rate:g}", "-l", str(at_once), "-m", str(most)]
        self._callers = self._play(
            scenario, self._ports.callers, self._ports.callers_media, *more, self._asterisk
        )

    def no_more_callers(self) -> None:
        """Those who called go on, nobody else calls."""
        if self._callers is not None:
            self._callers.send_signal(signal.SIGUSR1)

    def callers_are_gone(self) -> None:
        """End the callers' SIPp, which should have nobody left."""
        _end(self._callers)
        self._callers = None

    @property
    def callers_call_still(self) -> bool:
        """Whether the callers' SIPp runs; it ends by itself when it cannot go on."""
        return self._callers is not None and self._callers.poll() is None

    def cpu_seconds(self) -> float:
        """What the crowd itself has cost so far."""
        running = (one for one in (self._operators, self._callers) if one is not None)
        return cpu_seconds(one.pid for one in running)

    def end(self) -> None:
        """Everybody goes."""
        self.callers_are_gone()
        self.operators_go()

    def _play(
        self, scenario: Path, port: int, media_port: int, *more: str
    ) -> subprocess.Popen[bytes]:
        here = ["-i", "127.0.0.1", "-p", str(port), "-mp", str(media_port)]
        habits = ["-nostdin", "-timer_resol", "1", "-default_behaviors", "all,-abortunexp"]
        return subprocess.Popen(
            ["sipp", "-sf", str(scenario), *here, *habits, "-buff_size", "4194304", *more],
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()
