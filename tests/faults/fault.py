"""A fault as a value: what is done to the lab, how it is undone, and what it may cost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.lab import Lab

Act = Callable[["Lab", Random], Awaitable[None]]
"""Done to the lab; what is left to chance is drawn from the run's seed."""


async def nothing(_lab: "Lab", _chance: Random) -> None:
    """It heals by itself."""


def as_ever(_lab: "Lab") -> None:
    """The lab is made as it always is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a fault may cost at most, all its strikes together; None: whatever it is."""

    cut: int | None = 0
    lost: int | None = 0
    records_lost: int | None = 0
    contradicted: int | None = 0
    double_rings: int | None = 0
    recovery_seconds: float | None = 5.0
    orphans: int | None = 0
    stuck: int | None = 0
    silent: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`strikes` at a random phase of the load, `heals` after `lasts_seconds` (drawn between two).

    `sound_goes_on`: whoever picks up during the strike hears the caller, and the other way round.
    `edge`: a SIP edge is before Asterisk.
    `prepares` changes the lab before its parts start; `needs_root` is for what the kernel gives
    to nobody else.
    """

    name: str
    says: str
    strikes: Act
    heals: Act = nothing
    prepares: Callable[["Lab"], None] = as_ever
    lasts_seconds: tuple[float, float] = (0.0, 0.0)
    bounds: Bounds = Bounds()
    sound_goes_on: bool = False
    edge: bool = False
    needs_root: bool = False
