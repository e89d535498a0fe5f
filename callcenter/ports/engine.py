"""The engine as the features see it: a state to read, an inbox for events, and facts to listen to.

Implemented by runtime/pump.py. Nobody can change the state in another way.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from callcenter.core.events import Event
from callcenter.core.facts import Fact
from callcenter.core.state import State

Listener = Callable[[Sequence[Fact]], None]
"""Called with each step's facts, in order and at once. It must be quick and never wait. What the
engine learned without a fact (a phone that registered) is told as a step without facts."""


class InboxFull(Exception):
    """There are more events than can be handled. A person should try again in a second."""


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
        """Whether waiting work gets done. True if there is none, or no Asterisk."""
        ...

    async def put_and_wait(self, event: Event) -> Sequence[Fact]:
        """Put an event in the inbox and wait; gives the facts of its step. Raises InboxFull."""
        ...

    def subscribe(self, listener: Listener) -> None:
        """Call the listener after every step from now on."""
        ...

    def put(self, event: Event) -> bool:
        """Put an event in the inbox without waiting. Gives False if it was full."""
        ...
