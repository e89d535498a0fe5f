"""Which window of the console is an operator's phone, and what it says of its line. The service
decides, and there is at most one.

Every view of an operator shows it, so that all windows see it. This module knows nothing of SIP. A
restart forgets it, and then the first window that connects is the phone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from callcenter.core.ids import CallId, OperatorId
from callcenter.ports.quality import Verdict

KEPT_SECONDS = 10.0
"""A window whose connection broke is still the phone for this long, because it reconnects by
itself."""


class Socket(Protocol):
    """The connection of a window."""

    def end(self, *, phone_goes: bool) -> None:
        """Another connection is the phone now: of the same window, or of another one
        (`phone_goes`)."""
        ...


@dataclass(slots=True)
class _Window:
    name: str
    socket: Socket | None
    until: float  # on the monotonic clock; for ever while it is connected


class Windows:
    """For each operator the window that is the phone."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        # called when another window becomes the phone, or its line changes
        self.listeners: list[Callable[[], None]] = []
        self._now = monotonic
        self._windows: dict[OperatorId, _Window] = {}
        self._lines: dict[OperatorId, tuple[CallId, Verdict]] = {}

    def phone_of(self, operator: OperatorId) -> str | None:
        """The name of the window, or None."""
        window = self._windows.get(operator)
        return window.name if window is not None and self._now() < window.until else None

    def claim(self, operator: OperatorId, name: str, *, take: bool) -> bool:
        """This window wants to be the phone. Gives False if another one is, and `take` was not
        given."""
        holder = self.phone_of(operator)
        if holder not in (None, name):
            if not take:
                return False
            self.free(operator)
        if holder != name:
            until = self._now() + KEPT_SECONDS
            self._windows[operator] = _Window(name=name, socket=None, until=until)
            self.tell()
        return True

    def enter(self, operator: OperatorId, name: str, socket: Socket) -> bool:
        """A window connects. Gives False if another one is the phone. Its own earlier connection
        ends."""
        if not self.claim(operator, name, take=False):
            return False
        window = self._windows[operator]
        earlier, window.socket, window.until = window.socket, socket, math.inf
        if earlier is not None:
            earlier.end(phone_goes=False)
        return True

    def leave(self, operator: OperatorId, socket: Socket, *, on_purpose: bool) -> bool:
        """A connection is over. Gives True if it was the phone's. `on_purpose`: the page was
        closed, and any window may be the phone now."""
        window = self._windows.get(operator)
        if window is None or window.socket is not socket:
            return False
        if on_purpose:
            del self._windows[operator]
        else:
            window.socket, window.until = None, self._now() + KEPT_SECONDS
        self.tell()
        return True

    def line_is(self, operator: OperatorId, call: CallId, verdict: Verdict) -> None:
        """The phone says how the line of its present call is."""
        if self._lines.get(operator) != (call, verdict):
            self._lines[operator] = call, verdict
            self.tell()

    def line_of(self, operator: OperatorId, call: CallId | None) -> Verdict | None:
        """What the phone said last of this call. None: nothing, or there is no call."""
        of, verdict = self._lines.get(operator, (None, None))
        return verdict if of == call else None

    def tell(self) -> None:
        """Tell the listeners to look again."""
        for listener in self.listeners:
            listener()

    @property
    def connected(self) -> int:
        """The number of connected phones."""
        return sum(window.socket is not None for window in self._windows.values())

    def all(self) -> list[OperatorId]:
        """Operators who have a window that is the phone, or was a moment ago."""
        return list(self._windows)

    def free(self, operator: OperatorId) -> None:
        """No window is the phone."""
        window = self._windows.pop(operator, None)
        if window is not None and window.socket is not None:
            window.socket.end(phone_goes=True)
        self.tell()
