"""A bad wire for people's SIP: packets are lost, late, and come in another order. From a seed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Weather:
    """`lost` is a share of the packets, in each direction; the others are up to so late."""

    lost: float
    late_seconds: float
    chance: Random

    def carry(self, deliver: Callable[[], None]) -> None:
        """One packet."""
        if self.chance.random() < self.lost:
            return
        late = self.chance.uniform(0, self.late_seconds)
        asyncio.get_running_loop().call_later(late, deliver)
