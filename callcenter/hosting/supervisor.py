"""Keeps several child processes running: starts them in order, restarts one that dies, stops them
in reverse order.

A part that dies is started again after 0.2 s. If it dies again and again, the pause grows up to 30
s, and the person is told. The supervisor never gives up: while the service is away, Asterisk's
lifeboat serves the callers, and stopping would end that, too.
"""

import subprocess
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callcenter.hosting.children import Say
from callcenter.hosting.errors import HostingError

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 30.0
INTENSITY_RESTARTS = 5
INTENSITY_SECONDS = 60.0
LOOK_SECONDS = 0.05

CANNOT_START = (HostingError, OSError, subprocess.SubprocessError)
"""Also raised if the disk is full. The running parts go on, and so do their calls."""


class Part(Protocol):
    """A child process of the stack."""

    name: str

    def start(self) -> object:
        """Start, and wait until it is usable. Raises HostingError if it does not get there."""

    def launch(self) -> None:
        """Start the process only."""

    def stop(self) -> None:
        """End it properly. Must be harmless if it never started."""

    def ended(self) -> bool:
        """Whether its process has ended."""


@dataclass(slots=True)
class Restarts:
    """The recent restarts of one part, and when it may be restarted again (monotonic seconds)."""

    times: deque[float] = field(default_factory=deque)
    not_before: float | None = None

    def plan(self, now: float) -> float:
        """The part has died. Gives the seconds to wait before it is started again."""
        while self.times and now - self.times[0] > INTENSITY_SECONDS:
            self.times.popleft()
        delay = min(FIRST_DELAY_SECONDS * 2.0 ** len(self.times), LONGEST_DELAY_SECONDS)
        self.times.append(now)
        self.not_before = now + delay
        return delay

    @property
    def too_many(self) -> bool:
        """Whether there were more than 5 in a minute: then a restart does not help."""
        return len(self.times) > INTENSITY_RESTARTS


class Supervisor:
    """The parts in the order in which they need each other."""

    def __init__(self, parts: Sequence[Part], say: Say) -> None:
        self._parts = list(parts)
        self._say = say
        self._restarts = {part.name: Restarts() for part in parts}

    def start(self) -> None:
        """Start all in order. Raises the HostingError of the first that does not start."""
        for part in self._parts:
            part.start()

    def start_if_possible(self, part: Part) -> None:
        """Start one more part that the others do not need. A failure is only reported."""
        try:
            part.start()
        except CANNOT_START as error:
            self._say(f"going on without {part.name}: {error}")
        else:
            self._parts.append(part)
            self._restarts[part.name] = Restarts()

    def watch(self) -> None:
        """Restart parts that die, until an exception (KeyboardInterrupt) comes."""
        while True:
            for part in self._parts:
                self.look_after(part, time.monotonic())
            time.sleep(LOOK_SECONDS)

    def look_after(self, part: Part, now: float) -> None:
        """Check one part: notice that it died, or start it again if it is time."""
        restarts = self._restarts[part.name]
        if not part.ended():
            return
        if restarts.not_before is None:
            self._announce(part, restarts, restarts.plan(now))
        elif now >= restarts.not_before:
            restarts.not_before = None
            self._relaunch(part)

    def stop(self) -> None:
        """Stop all in reverse order. One that cannot be stopped does not prevent the others."""
        for part in reversed(self._parts):
            if not part.ended():
                self._say(f"stopping {part.name}")
            part.stop()

    def _announce(self, part: Part, restarts: Restarts, delay: float) -> None:
        if restarts.too_many:
            self._say(
                f"{part.name} ended {len(restarts.times)} times in a minute: a restart does not "
                f"mend it; look into its log. Next try in {delay:.0f} s"
            )
        else:
            self._say(f"{part.name} ended; starting it again in {delay:.1f} s")

    def _relaunch(self, part: Part) -> None:
        try:
            part.launch()
        except CANNOT_START as error:
            self._say(f"{part.name} could not be started: {error}")
