"""The engine as the features see it: a state to read, an inbox to put events in, facts to hear.

Implemented by runtime/pump.py. Nobody can change the state in another way.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from callcenter.core.events import Event
from callcenter.core.facts import Fact
from callcenter.core.state import State

Listener = Callable[[Sequence[Fact]], None]
"""Told each step's facts, in order and at once. It must be quick, and never wait. What the engine
learned without a fact (a phone that registered) is told as a step without facts."""


class InboxFull(Exception):
    """More events than can be worked on. Of a person's request: try again in a second."""


class RunningEngine(Protocol):
    """What a person's request or a feature may do with the running engine."""

    @property
    def state(self) -> State:
        """Read only."""
        ...

    def now(self) -> float:
        """The engine's time in seconds (not a wall clock)."""
        ...

    def is_alive(self) -> bool:
        """Whether the work there is gets done; true when there is none, or no Asterisk."""
        ...

    async def put_and_wait(self, event: Event) -> Sequence[Fact]:
        """Put an event in the inbox; the facts of the step it caused. Raises InboxFull."""
        ...

    def subscribe(self, listener: Listener) -> None:
        """Tell the listener of every step from now on."""
        ...

    def put(self, event: Event) -> bool:
        """Put an event in the inbox and go on; False when it was full."""
        ...
