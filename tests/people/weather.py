"""A bad network for people's SIP: packets are lost, late, or out of order. From a seed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Weather:
    """`lost` is the share of lost packets in each direction. The others are delayed by a random
    time."""

    lost: float
    late_seconds: float
    chance: Random

    def carry(self, deliver: Callable[[], None]) -> None:
        """Carry one packet."""
        if self.chance.random() < self.lost:
            return
        late = self.chance.uniform(0, self.late_seconds)
        asyncio.get_running_loop().call_later(late, deliver)
