"""Recordings that are not sealed yet, as the oversight of recordings needs them."""

from collections.abc import AsyncIterator
from typing import Protocol

from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import RecorderLeg


class SoundAwayError(Exception):
    """Asterisk does not give the sound now; it may later."""


class Sounds(Protocol):
    """Each side of a talk is one sound: A-law, 8,000 bytes a second, no header."""

    def node_of(self, call: CallId) -> NodeId:
        """The node that has the sound of a call."""
        ...

    async def kept(self) -> list[RecorderLeg]:
        """All recordings, also those that are being recorded now."""
        ...

    async def is_live(self, leg: RecorderLeg) -> bool:
        """Whether it is being recorded now."""
        ...

    def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        """The bytes of one recording. Nothing if it does not exist."""
        ...

    async def forget(self, leg: RecorderLeg) -> None:
        """Delete this recording."""
        ...
