"""What was recorded and is not sealed yet, as the oversight of recordings needs it."""

from collections.abc import AsyncIterator
from typing import Protocol

from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import RecorderLeg


class SoundAwayError(Exception):
    """Asterisk does not give the sound now; later it may."""


class Sounds(Protocol):
    """Each side of a talk is one sound: A-law, 8,000 bytes a second, no header."""

    def node_of(self, call: CallId) -> NodeId:
        """Where the sound of a call is kept."""
        ...

    async def kept(self) -> list[RecorderLeg]:
        """Those that are there, also those that are being kept now."""
        ...

    async def is_live(self, leg: RecorderLeg) -> bool:
        """Whether it is being kept now."""
        ...

    def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        """The bytes of one; none where it is not there."""
        ...

    async def forget(self, leg: RecorderLeg) -> None:
        """Away with it."""
        ...
