"""The recordings that Asterisk keeps until they are sealed: list them, read them, delete them.

This uses HTTP and not the events' websocket: an hour of sound is 29 MB a side, and calls must not
wait behind it. So Asterisk may be on another host, and the service needs no right to its files.
"""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import aiohttp
import msgspec

from callcenter.ari.asterisk import Access
from callcenter.ari.rest import SOUND_FORMAT
from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import RecorderLeg, channel_of, recorder_of
from callcenter.ports.sounds import SoundAwayError

ASK_SECONDS = 10.0
READ_SECONDS = 120.0  # longest time without a byte: the disk may be busy
PIECE_BYTES = 1 << 16


class _Stored(msgspec.Struct):
    """`StoredRecording` of ARI."""

    name: str
    format: str


class AsteriskSounds:
    """The recordings of one Asterisk (ports/sounds.py). It keeps no connection open."""

    def __init__(self, access: Access) -> None:
        plain = f"{access.user}:{access.password}".encode()
        self._headers = {"Authorization": "Basic " + base64.b64encode(plain).decode()}
        self._url = f"{access.url}/recordings"
        self._node = access.node

    def node_of(self, call: CallId) -> NodeId:
        """The only node there is."""
        return self._node

    async def kept(self) -> list[RecorderLeg]:
        """Every side of a talk that has a recording, also one that is being recorded now."""
        async with self._answer("GET", "/stored") as answer:
            body = await answer.read()
        try:
            stored = msgspec.json.decode(body, type=list[_Stored])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:  # the folder has other files too
            raise SoundAwayError("asterisk's list of recordings cannot be read") from error
        found = (recorder_of(self._node, one.name) for one in stored if one.format == SOUND_FORMAT)
        return [leg for leg in found if leg is not None]

    async def is_live(self, leg: RecorderLeg) -> bool:
        """Whether Asterisk still writes to it."""
        async with self._answer("GET", f"/live/{_quoted(leg)}") as answer:
            return answer.status == 200

    async def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        """The sound of one side: A-law, 8,000 bytes a second. Nothing if there is no recording."""
        async with self._answer("GET", f"/stored/{_quoted(leg)}/file") as answer:
            if answer.status == 404:
                return
            async for piece in answer.content.iter_chunked(PIECE_BYTES):
                yield piece

    async def forget(self, leg: RecorderLeg) -> None:
        """Delete this recording. It is no error if it is gone already."""
        async with self._answer("DELETE", f"/stored/{_quoted(leg)}"):
            pass

    @asynccontextmanager
    async def _answer(self, method: str, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=ASK_SECONDS, sock_read=READ_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers, timeout=limits) as session,
                session.request(method, self._url + path) as answer,
            ):
                if answer.status >= 400 and answer.status != 404:
                    raise SoundAwayError(f"asterisk answers {answer.status}")
                yield answer
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise SoundAwayError(str(error) or type(error).__name__) from error


def _quoted(leg: RecorderLeg) -> str:
    return quote(channel_of(leg), safe="")
