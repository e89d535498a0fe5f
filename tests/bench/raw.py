"""A raw Asterisk for `variants.py`: no service, SIPp people, ARI spoken by hand.

The settings are the product's (dialplans/), the callers' number 7000 is ours, 8000 is app_queue at
its best and 9000 waits in the dial plan. There is no music: its sending costs the same everywhere.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import aiohttp

from tests.bench.crowd import Crowd, Ports
from tests.bench.lab import APP_QUEUE, EXTENSIONS
from tests.parts import PrivateAsterisk
from tests.people import until

SIP, HTTP, RTP = 16800, 16802, 40000
PEOPLE = Ports(operators=16810, callers=16811, operators_media=16820, callers_media=16840)
OURS, THEIRS, ALONE = "7000", "8000", "9000"
APP = "callcenter"
FOREVER_SECONDS = 100_000  # a beat so far ahead stays fresh without being repeated

Event = dict[str, Any]
Answer = tuple[int, str]
Body = Mapping[str, object] | None


class Socket:
    """One ARI websocket: events go to `listener`, requests are answered through futures."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse[Literal[True]]) -> None:
        self.listener: Callable[[Event], None] = lambda _event: None
        self._socket = socket
        self._asked: dict[str, asyncio.Future[Answer]] = {}
        self._number = 0
        self._reading = asyncio.create_task(self._read())

    async def ask(self, method: str, path: str, body: Body = None) -> Answer:
        """One request; its status and what was said."""
        self._number += 1
        number = str(self._number)
        told = {"type": "RESTRequest", "request_id": number, "method": method, "uri": path[1:]}
        if body is not None:
            told |= {"content_type": "application/json", "message_body": json.dumps(body)}
        self._asked[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(json.dumps(told))
        return await self._asked[number]

    async def close(self) -> None:
        """Read no more."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._socket.close()

    async def _read(self) -> None:
        async for message in self._socket:
            event = json.loads(message.data)
            if event["type"] != "RESTResponse":
                self.listener(event)
            else:
                answer = (event["status_code"], event.get("message_body", ""))
                self._asked.pop(event["request_id"]).set_result(answer)


class Raw:
    """`async with Raw(folder, operators=50) as raw:`; a fresh Asterisk and its people."""

    def __init__(self, folder: Path, *, operators: int = 0) -> None:
        self.operators = [f"o{number:04d}" for number in range(operators)]
        self.asterisk = PrivateAsterisk(
            folder, sip_port=SIP, http_port=HTTP, rtp_port_first=RTP, rtp_port_last=RTP + 5999
        )
        silent = folder / "lib" / "moh" / "no-music"
        silent.parent.mkdir(parents=True)
        silent.touch()
        self.crowd = Crowd(folder, self.asterisk.sip_target, PEOPLE)
        self.session = aiohttp.ClientSession(
            headers={"Authorization": aiohttp.encode_basic_auth(APP, self.asterisk.ari_password)},
        )

    @property
    def pid(self) -> int:
        """Asterisk's."""
        assert self.asterisk.process
        return self.asterisk.process.pid

    async def __aenter__(self) -> Self:
        contacts = {name: f"sip:{name}@127.0.0.1:{PEOPLE.operators}" for name in self.operators}
        self.asterisk.write_operators(contacts)
        self.asterisk.start()
        members = "".join(f"member => {self.asterisk.endpoint(name)}\n" for name in self.operators)
        (self.asterisk.config_directory / "queues.conf").write_text(APP_QUEUE + members)
        self.asterisk.console("queue reload all")
        for what in EXTENSIONS:
            self.asterisk.console(f"dialplan add extension {what} into from-trunk")
        beat = {"variable": "CALLCENTER_BEAT", "value": str(int(time.time()) + FOREVER_SECONDS)}
        async with self.session.post(f"{self.asterisk.ari_url}/asterisk/variable", json=beat) as r:
            r.raise_for_status()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.crowd.end()
        await self.session.close()
        self.asterisk.stop()

    async def socket(self, app: str = APP) -> Socket:
        """A websocket of this application."""
        url = f"{self.asterisk.ari_url}/events"
        return Socket(await self.session.ws_connect(url, params={"app": app}, max_msg_size=0))

    async def fill(self, number: str, callers: int) -> None:
        """So many callers wait; NeverTrue when they do not come."""
        self.crowd.callers_call(number, at_once=callers, rate=200)
        here = self.asterisk.channels
        await until(lambda: here() >= callers, within=60, every=0.25, but=here)
        await asyncio.sleep(2)

    async def callers_go(self) -> None:
        """Hang up on everybody."""
        self.crowd.no_more_callers()
        await until(self._nobody_left, within=60, every=0.5, but=self.asterisk.channels)
        self.crowd.callers_are_gone()

    def _nobody_left(self) -> bool:
        self.asterisk.console("channel request hangup all")
        return not self.asterisk.channels()


class Rooms:
    """Takes callers into Stasis(); with `seats`, into holding bridges of so many."""

    def __init__(self, raw: Raw, seats: int) -> None:
        self.refused = 0
        self._raw = raw
        self._seats = seats
        self._came = 0
        self._placing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._socket = await self._raw.socket()
        self._socket.listener = self._hear
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    def _hear(self, event: Event) -> None:
        if event["type"] == "StasisStart" and self._seats:
            placing = asyncio.create_task(self._place(event["channel"]["id"], self._came))
            self._came += 1
            self._placing.add(placing)
            placing.add_done_callback(self._placing.discard)

    async def _place(self, channel: str, place: int) -> None:
        room = f"/bridges/room{place // self._seats}"
        await self._socket.ask("POST", room, {"type": "holding"})  # there already: 409, or the same
        status, _ = await self._socket.ask("POST", f"{room}/addChannel", {"channel": [channel]})
        self.refused += status >= 300
