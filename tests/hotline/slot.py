"""Ports that nobody else uses, so that two test runs on one machine do not conflict."""

import fcntl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

SLOTS = 10
NETWORK = Path("/proc/self/ns/net").stat().st_ino
"""Two networks on one machine (containers, namespaces) have the same ports without a conflict."""


@dataclass(slots=True)
class Slot:
    """One set of ports, ours until `free()`. It is claimed by a lock that the kernel releases."""

    number: int
    _lock: IO[str]

    @classmethod
    def claim(cls) -> Self:
        """The first set that is free."""
        for number in range(SLOTS):
            lock = (Path(tempfile.gettempdir()) / f"hotline-slot-{NETWORK}-{number}.lock").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
            else:
                return cls(number, lock)
        raise RuntimeError(
            f"all {SLOTS} sets of ports are in use: wait until other tests have ended"
        )

    def free(self) -> None:
        """Release the ports."""
        self._lock.close()

    @property
    def sip(self) -> int:
        """SIP, of 15400 to 15409."""
        return 15400 + self.number

    @property
    def http(self) -> int:
        """Asterisk's web server, of 18480 to 18498; the wire cutter listens one above it."""
        return 18480 + 2 * self.number

    @property
    def web(self) -> int:
        """The service, of 18460 to 18469."""
        return 18460 + self.number

    @property
    def rtp(self) -> int:
        """The first of 200 ports, below 24000."""
        return 22000 + 200 * self.number

    @property
    def edge_ws(self) -> int:
        """Browsers' SIP at the edge, of 16060 to 16069."""
        return 16060 + self.number

    @property
    def edge_rpc(self) -> int:
        """Commands to the edge, of 16070 to 16079."""
        return 16070 + self.number

    @property
    def carrier_sip(self) -> int:
        """SIP of a carrier's switch, of 15410 to 15419."""
        return 15410 + self.number

    @property
    def carrier_rtp(self) -> int:
        """The first of 100 ports, below 25000."""
        return 24000 + 100 * self.number
