"""The engine as the web adapter sees it: a state to read, an inbox to put events in.

Implemented by pump.py. It never lets anyone change the state otherwise.
"""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.events import Event
from callcenter.core.facts import Fact
from callcenter.core.state import State


class Desk(Protocol):
    """What a person's request may do with the running engine."""

    @property
    def state(self) -> State:
        """Read only."""
        ...

    def now(self) -> float:
        """The engine's time in seconds (not a wall clock)."""
        ...

    def is_alive(self) -> bool:
        """Whether what is to be done is being done; with nothing to do, or no Asterisk, it is."""
        ...

    async def put_and_wait(self, event: Event) -> Sequence[Fact]:
        """Put an event in the inbox; the facts of the step it caused. Raises pump.InboxFull."""
        ...

    def put(self, event: Event) -> bool:
        """Put an event in the inbox and go on; False when it was full."""
        ...
