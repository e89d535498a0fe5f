"""The parts under load, and what is noted while they suffer. A fault is given this."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from tests.faults.crowd import OPERATORS, Crowd
from tests.hotline import Hotline
from tests.hotline.hotline import EDGE
from tests.people import OperatorPhone

RTP_PORTS: dict[str, Any] = {"rtp_port_first": 28000, "rtp_port_last": 28999}


class Lab:
    """A hotline with its crowd. `undo` holds what ends with the present strike."""

    def __init__(self, seed: str, operators: int = OPERATORS, *, edge: bool = False) -> None:
        self.hotline = Hotline(edge=edge or EDGE, **RTP_PORTS)
        self.crowd = Crowd(self.hotline, seed, operators)
        self.undo = AsyncExitStack()
        self.finally_undo: list[Callable[[], object]] = []  # when the hotline has closed
        self.outages: list[tuple[float, float]] = []
        self.lame: list[tuple[float, float]] = []  # of those, when a phone is answered in vain
        self.recoveries: list[float] = []
        self.broken: list[str] = []  # promises of this very fault that were not kept
        self.strangers_call = False  # operators also talk with people whom nobody asks afterwards
        self.last_orphans_seconds = 15.0  # how long channels may be there after everybody has gone
        self.clock_was_set = False  # times of day overlap, though what they tell of does not
        self.mark = 0.0  # an instant that the strike leaves for the heal
        self.dead_phones: list[OperatorPhone] = []
        self.away: set[str] = set()  # operators who are not expected to be available
