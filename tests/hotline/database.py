"""PostgreSQL with its possible faults: stopped, or frozen together with all its backends."""

import os
import signal
from pathlib import Path

from tests.parts import PrivatePostgres


class Database(PrivatePostgres):
    """`stop()` and `start()` are inherited. `freezes()` acts like a disk that hangs."""

    def freezes(self) -> None:
        """SIGSTOP for every process: connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaws(self) -> None:
        """Everything goes on where it was."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            os.kill(one, number)
