"""Observes one Asterisk over ARI: its answers and its events, without our engine.

Events are kept as short tuples, the same for the fake and the real one, so that a whole script's
events can be compared as a multiset: the type, the leg, and the values on which we rely.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Self

import aiohttp
import msgspec
import pytest

from callcenter.ari import rest, wire
from callcenter.ari.asterisk import Access
from callcenter.ari.connection import Connection
from callcenter.ari.counters import Counters
from callcenter.ari.snapshot import EVENT_TYPES, ask, take_snapshot
from callcenter.core.commands import CloseDesk, HangUp, ToAsterisk
from callcenter.core.events import SnapshotTaken
from callcenter.core.ids import CallId
from callcenter.core.legs import channel_of, name_of
from tests.fake_asterisk.parts import NAMES
from tests.legs import desk_bridge, leg_named
from tests.people.until import until

APP = NAMES.app
Told = tuple[str | int | bool, ...]
NOTICES_SECONDS = 2.0  # it tells nobody; an application that still has channels stays listed
CONNECTS = 5


def short(event: wire.Event) -> Told:
    """An event as a tuple, without what differs between runs."""
    name = type(event).__name__
    match event:
        case wire.StasisStart(channel=channel, args=args):
            return (name, channel.id, *args)
        case wire.ChannelStateChange(channel=channel):
            return (name, channel.id, channel.state)
        case wire.ChannelHangupRequest(channel=channel, cause=cause, soft=soft):
            return (name, channel.id, cause, soft)
        case wire.ChannelDestroyed(channel=channel, cause=cause):
            return (name, channel.id, cause)
        case wire.Dial(peer=channel, dialstatus=status):
            return (name, channel.id, status)
        case wire.ChannelEnteredBridge(bridge=bridge, channel=channel):
            return (name, channel.id if channel else "", bridge.id)
        case wire.StasisEnd(channel=channel):
            return (name, channel.id)
        case wire.ChannelHold(channel=channel) | wire.ChannelUnhold(channel=channel):
            return (name, channel.id)
        case wire.ChannelDtmfReceived(channel=channel, digit=digit):
            return (name, channel.id, digit)
        case wire.PlaybackFinished(playback=playback):
            return (name, playback.id)
        case wire.RecordingStarted(recording=recording):
            return (name, recording.name)
        case (
            wire.RecordingFinished(recording=recording) | wire.RecordingFailed(recording=recording)
        ):
            return (name, recording.name)
        case wire.ApplicationReplaced():
            return (name,)


def carry_out(command: ToAsterisk) -> tuple[rest.Request, ...]:
    """The requests of one of our commands."""
    return rest.requests_of(command, NAMES)


def hang_up(leg: str, *, elsewhere: bool = False) -> rest.Request:
    """Our request to end a leg. `elsewhere`: another phone was answered."""
    return carry_out(HangUp(lane=CallId(leg), leg=leg_named(leg), elsewhere=elsewhere))[0]


def close_desk(bridge: str) -> rest.Request:
    """Our request to remove a bridge."""
    desk = desk_bridge("somchai")
    [close] = carry_out(CloseDesk(lane=desk, bridge=desk))
    return replace(close, path=f"/bridges/{bridge}")


class Observer:
    """One connected websocket. `async with Observer(access) as ari`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session = aiohttp.ClientSession(
            headers={"Authorization": aiohttp.encode_basic_auth(access.user, access.password)}
        )
        self._changed = asyncio.Event()
        self._connection: Connection | None = None
        self.told: Counter[Told] = Counter()
        self.statuses: dict[str, int] = {}  # the SIP status with which each leg ended
        self.counters = Counters()

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.disconnect()
        await self._session.close()

    async def connect(self) -> None:
        """Open the websocket, and open it again if Asterisk does not answer on it.

        Asterisk ends the previous websocket in a thread of its own. A new one that registers at
        that moment is kept but not activated (app_update() in res/stasis/app.c), and gets no
        events. The service notices it as we do: the first request has no answer.
        """
        for _ in range(CONNECTS):
            if await self._open():
                return
            await self.disconnect()
        pytest.fail(f"asterisk answered on none of {CONNECTS} connections")

    async def _open(self) -> bool:
        """One attempt. Gives False if it is not answered."""
        socket = await self._session.ws_connect(
            f"{self._access.url}/events",
            params={"app": APP},
            autoping=False,
            decode_text=False,
            timeout=aiohttp.ClientWSTimeout(ws_close=0.2),
        )
        self._connection = Connection(
            socket, self.counters, on_event=self._keep, on_over=lambda: None
        )
        return await self.status(rest.event_filter(APP, EVENT_TYPES)) != rest.NO_ANSWER

    async def disconnect(self) -> None:
        """Close the websocket. From now on events are lost."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def loses_the_connection(self) -> None:
        """Disconnect, and wait until Asterisk has noticed, which happens in a thread of its own."""
        await self.disconnect()
        await asyncio.sleep(NOTICES_SECONDS)

    async def send(self, request: rest.Request) -> rest.Response:
        """One REST call over the websocket."""
        assert self._connection is not None
        return await ask(self._connection.requests, request)

    async def status(self, request: rest.Request) -> int:
        """The status of one REST call."""
        return (await self.send(request)).status

    async def snapshot(self) -> SnapshotTaken:
        """All that Asterisk has."""
        assert self._connection is not None
        taken, _ = await take_snapshot(self._connection.requests, APP)
        return taken

    async def beat(self, age_seconds: int = -3600) -> None:
        """The service's heartbeat, valid for an hour (or as old as given)."""
        ping = await self.send(rest.read("/asterisk/ping"))
        now = wire.moment(msgspec.json.decode(ping.body, type=wire.AsteriskPing).timestamp)
        await self.send(rest.set_global("CALLCENTER_BEAT", str(int(now) - age_seconds)))

    async def clear_away(self) -> None:
        """End every channel and bridge, and wait until they are gone."""
        if self._connection is None:
            await self.connect()
        async with asyncio.timeout(30):
            while (left := await self.snapshot()).legs or left.bridges:
                for leg in left.legs:
                    await self.send(hang_up(channel_of(leg.leg)))
                for bridge in left.bridges:
                    await self.send(close_desk(name_of(bridge.bridge)))
                await asyncio.sleep(0.02)

    async def has_only(self, *legs: str) -> None:
        """Wait until only these legs are left. A leg outlives its StasisEnd and BYE by a moment."""

        async def so() -> bool:
            return {channel_of(leg.leg) for leg in (await self.snapshot()).legs} == set(legs)

        await until(so, within=30)

    async def wait_for(self, *wanted: Told) -> None:
        """Wait until all of these events came (a tuple may be only the beginning)."""
        async with asyncio.timeout(30):
            while not all(self._was_told(one) for one in wanted):
                self._changed.clear()
                await self._changed.wait()

    async def arrival(self, did: str) -> str:
        """Wait for a caller to enter the application; gives the channel's id."""
        async with asyncio.timeout(30):
            while True:
                for told in self.told:
                    if told[0] == "StasisStart" and told[2:] == (did,):
                        return str(told[1])
                self._changed.clear()
                await self._changed.wait()

    def about(self, leg: str) -> Counter[Told]:
        """All events about a leg. The tuples leave out the leg itself, and the progress of
        dialling, of which the fake tells less."""
        return Counter(
            {
                (told[0], *told[2:]): count
                for told, count in self.told.items()
                if len(told) > 1 and told[1] == leg and told[0] != "Dial"
            }
        )

    def _was_told(self, wanted: Told) -> bool:
        return any(told[: len(wanted)] == wanted for told in self.told)

    def _keep(self, event: wire.Event) -> None:
        self.told[short(event)] += 1
        if isinstance(event, wire.ChannelDestroyed):
            self.statuses[event.channel.id] = event.tech_cause
        self._changed.set()
