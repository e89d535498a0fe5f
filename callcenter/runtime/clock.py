"""The engine's time: seconds that only ever go forward, also over a restart and a reboot.

`now()` is CLOCK_MONOTONIC plus a constant shift. The header of every journal segment keeps the
shift and the boot it belongs to. A restart on the same boot takes the shift over. After a reboot
CLOCK_MONOTONIC starts at 0 again, and a new shift makes time go on where the journal stops. Only
then are two wall clocks subtracted: a step forward of the wall clock between them counts as time, a
step backward counts as none. This module never sleeps and never decides anything.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # random(4): one value per boot of the kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMark:
    """One instant on both clocks. `shift_seconds` is valid for this boot only.

    `at` is engine time in seconds, `wall` seconds since 1970 (UTC).
    """

    boot: str
    shift_seconds: float
    at: float
    wall: float


class Clock:
    """Engine time and wall time, both in seconds. `resumed_clock` makes one; tests make a new
    one."""

    def __init__(
        self,
        *,
        boot: str = "",
        shift_seconds: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._boot = boot
        self._shift_seconds = shift_seconds
        self._monotonic = monotonic
        self._wall = wall

    def now(self) -> float:
        """Engine time, the only time for durations and timers."""
        return self._monotonic() + self._shift_seconds

    def wall(self) -> float:
        """The wall clock, for people and stamps only."""
        return self._wall()

    def mark(self) -> TimeMark:
        """This instant, from which a later process goes on."""
        return TimeMark(
            boot=self._boot, shift_seconds=self._shift_seconds, at=self.now(), wall=self.wall()
        )


def resumed_clock(
    mark: TimeMark | None,
    *,
    boot: str | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> Clock:
    """A clock that goes on from `mark`. A new one if there is no mark."""
    here = read_boot() if boot is None else boot
    shift = 0.0 if mark is None else _shift_seconds(mark, here, monotonic(), wall())
    return Clock(boot=here, shift_seconds=shift, monotonic=monotonic, wall=wall)


def read_boot() -> str:
    """The id of this boot. Empty if the kernel does not tell it; an empty id equals no other."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _shift_seconds(mark: TimeMark, boot: str, monotonic: float, wall: float) -> float:
    same_boot = boot != "" and boot == mark.boot
    # otherwise the time namespace was restored
    if same_boot and monotonic + mark.shift_seconds >= mark.at:
        return mark.shift_seconds
    return mark.at + max(0.0, wall - mark.wall) - monotonic
