"""The connection to one Asterisk: events come out, commands go in, and it reconnects by itself.

`put` is the pump's inbox, `submit` is what the pump calls. After every (re)connect the engine gets
a `SnapshotTaken`, then the events that came while it was taken, then events as they happen. When
the connection is lost, the engine gets `AsteriskLost`. This module never decides about a call and
keeps no state of one: the next snapshot shows what it missed.
"""

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf

import aiohttp
import msgspec
import structlog

from callcenter.ari import playback, rest, site_variables, wire
from callcenter.ari.beat import FRESH_SECONDS, VARIABLE, beat, sign_of_life
from callcenter.ari.capacity import Capacity
from callcenter.ari.connection import Connection
from callcenter.ari.counters import Counters
from callcenter.ari.errors import AriError, AsteriskTooOld, ConnectionLost, Replaced
from callcenter.ari.executor import Executor
from callcenter.ari.handshakes import LOOK_SECONDS, Handshakes
from callcenter.ari.phone_watch import PhoneWatch, Reaches, Seen
from callcenter.ari.refusal import Refusal
from callcenter.ari.silence import Silence
from callcenter.ari.snapshot import ask, take_snapshot
from callcenter.ari.succession import until_nobody_serves
from callcenter.ari.translate import made_by_us, translate
from callcenter.ari.transport import Socket, Transport
from callcenter.ari.trunks import Trunks
from callcenter.ari.untold import Untold
from callcenter.core.commands import RingLine, RingOperator, RingSpy, ToAsterisk
from callcenter.core.events import (
    AsteriskLost,
    CallArrived,
    CallerCut,
    CallerLeft,
    CallerUntold,
    CallNeverBegan,
    Event,
    SnapshotTaken,
)
from callcenter.core.ids import THE_NODE, CallId, NodeId
from callcenter.core.legs import CallerLeg, Leg, MadeLeg, channel_of
from callcenter.core.outcome import Loss
from callcenter.ports.phones import hidden_domain
from callcenter.runtime.pulse import pulse

CONNECT_SECONDS = 3.0
CLOSE_SECONDS = 0.2
MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024  # enough for the list of 50,000 channels
EARLY_LIMIT = 100_000  # events kept while a snapshot is taken

BACKOFF_FIRST_SECONDS = 0.1
BACKOFF_LAST_SECONDS = 5.0
STEADY_SECONDS = 5.0
"""If a connection lived this long, the first attempts to reconnect are quick again."""

GHOST_SECONDS = 60.0
"""An attempt that we gave up may still reach a slow Asterisk (a stopped process, a full queue)
after the attempt that succeeded. It then takes our application, as a second service would. After a
connection of this length no such attempt is under way any more."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The address of ARI, and the user and password for it. `url` ends in /ari. The password is
    never in a URL."""

    url: str
    user: str
    password: str = field(repr=False)
    app: str = "callcenter"
    silence_seconds: float = 0.0  # see ari/silence.py; with 0 no leg is asked
    edge: bool = False  # phones are behind a SIP edge
    node: NodeId = THE_NODE  # the name of the node whose events this connection tells

    @property
    def names(self) -> rest.Names:
        """Our names in Asterisk."""
        return rest.Names(app=self.app, domain=hidden_domain(self.password))


class Asterisk:
    """The connection to one Asterisk. `put` returns False when the inbox is full."""

    def __init__(
        self,
        access: Access,
        put: Callable[[Event], bool],
        *,
        pump_is_alive: Callable[[], bool] = lambda: True,
        trunk_names: Callable[[], Collection[str]] = tuple,
        variables: Callable[[], Mapping[str, str]] = dict,
        handshakes: Handshakes | None = None,
        booted: Callable[[str], Awaitable[object]] | None = None,
        reaches_phones: Reaches | None = None,
        counters: Counters | None = None,
    ) -> None:
        """`booted` is called with Asterisk's own start time after Asterisk was restarted, before
        the new snapshot is handed over. `reaches_phones` says whether the SIP edge reaches the
        phones. `counters` are shared by all nodes."""
        self.counters = counters or Counters()
        self.trunks = Trunks(trunk_names, access.names.domain)
        self.capacity = Capacity(trunk_names)
        self.refusal = Refusal()
        self._variables = variables
        self._access = access
        self._put = put
        self._booted = booted
        self._boot = ""
        self._pump_is_alive = pump_is_alive
        self._untold = Untold(access.app, access.node)
        self._handshakes = handshakes or Handshakes()
        self._handshakes.hand_on = self._hear
        self._next_look: asyncio.TimerHandle | None = None
        self.phones = PhoneWatch(edge=access.edge, node=access.node, reaches_phones=reaches_phones)
        self._silence = Silence(access.silence_seconds)
        self._executor = Executor(access.names, self._hand_over, self.counters, _later)
        self._connection: Connection | None = None
        self._transport: Transport | None = None
        # events that wait until the snapshot is handed over
        self._early: list[wire.Event] | None = None
        self._sign_at = -inf  # when Asterisk got our last heartbeat
        self._loss_untold = False
        self._ghosts = 0  # attempts that we gave up and that Asterisk may still accept

    @property
    def access(self) -> Access:
        """The address of ARI."""
        return self._access

    @property
    def domain(self) -> str:
        """The domain in the names of the phones' endpoints."""
        return self._access.names.domain

    @property
    def connected(self) -> bool:
        """Whether a snapshot was handed over and the connection still stands."""
        return self._executor.is_open

    @property
    def idle(self) -> bool:
        """Whether no command is under way or waiting."""
        return self._executor.idle

    def submit(self, commands: Sequence[ToAsterisk]) -> None:
        """Carry out commands; returns at once. Without a connection they are dropped."""
        now = asyncio.get_running_loop().time()
        stood_still = now - self._sign_at > FRESH_SECONDS
        if stood_still and self._connection is not None and any(map(_rings, commands)):
            # The last heartbeat is old, so the lifeboat may have called a phone. Reconnect and look
            # at the phones before one is rung.
            self._connection.fail(ConnectionLost("the last sign of life is too old"))
        self._executor.submit(commands)

    async def request(self, request: rest.Request) -> rest.Response:
        """One REST request. The status is NO_ANSWER if there is no connection or no answer."""
        if self._transport is None:
            return rest.Response(status=rest.NO_ANSWER)
        return await ask(self._transport, request)

    async def withheld_number(self, call: CallId) -> str:
        """The number that the caller of this call withheld, if the dial plan was told to keep it
        (site_variables.py). "" if there is none, or if the call is over."""
        answer = await self.request(rest.read_variable(call, "WITHHELD"))
        if answer.status != 200:
            return ""
        return msgspec.json.decode(answer.body, type=wire.Variable).value

    async def run(self) -> None:
        """Connect again and again, until cancelled. Raises Replaced and AsteriskTooOld, because
        trying again does not help then."""
        loop = asyncio.get_running_loop()
        delay = BACKOFF_FIRST_SECONDS
        while True:
            await self._tell_loss()
            began_at = loop.time()
            try:
                await self._live()
            except Replaced:
                if not self._ghosts or loop.time() - began_at > GHOST_SECONDS:
                    raise
                self._ghosts -= 1  # each given-up attempt can take our application once
                delay = BACKOFF_FIRST_SECONDS  # Asterisk is there
                log.warning("replaced by an earlier attempt of our own", ghosts=self._ghosts)
            except AsteriskTooOld:
                raise
            except (AriError, aiohttp.ClientError, OSError, TimeoutError) as error:
                log.warning("no connection to asterisk", reason=_reason(error))
            if loop.time() - began_at > STEADY_SECONDS:
                delay = BACKOFF_FIRST_SECONDS
            if loop.time() - began_at > GHOST_SECONDS:
                self._ghosts = 0
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # jitter
            delay = min(delay * 2, BACKOFF_LAST_SECONDS)

    async def nobody_serves(self) -> None:
        """Wait until no other service renews the heartbeat. Used after Replaced."""
        async with self._session() as session:
            await until_nobody_serves(partial(self._last_sign, session))

    async def _last_sign(self, session: aiohttp.ClientSession) -> str | None:
        """Read the last heartbeat over a connection of its own, which does not take over the
        application."""
        try:
            async with (
                asyncio.timeout(CONNECT_SECONDS),
                session.get(
                    f"{self._access.url}/asterisk/variable", params={"variable": VARIABLE}
                ) as answer,
            ):
                return await answer.text() if answer.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None

    # --- one connection ----------------------------------------------------------------------

    async def _live(self) -> None:
        """From connect to loss. Always ends with an exception."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(self._session())
            socket = await self._open_socket(session)
            self._early = []
            connection = Connection(
                socket, self.counters, on_event=self._on_event, on_over=self._on_over
            )
            self._connection = connection
            self._transport = connection.requests
            stack.push_async_callback(self._let_go, connection)
            seen = await self._begin(connection, self._transport)
            beating = asyncio.create_task(beat(self._sign))
            stack.callback(beating.cancel)
            watching = asyncio.create_task(self.trunks.watch(self.request))
            stack.callback(watching.cancel)
            counting = asyncio.create_task(self.capacity.watch(self.request))
            stack.callback(counting.cancel)
            trying = asyncio.create_task(self.refusal.watch(self.request))
            stack.callback(trying.cancel)
            telling = asyncio.create_task(site_variables.tell(self.request, self._variables))
            stack.callback(telling.cancel)
            looking = asyncio.create_task(
                self.phones.watch(self.request, self._hand_over, seen, self._looked)
            )
            stack.callback(looking.cancel)
            missing = asyncio.create_task(self._untold.watch(self.request, self._hear))
            stack.callback(missing.cancel)
            listening = asyncio.create_task(self._listen())
            stack.callback(listening.cancel)
            await connection.over()

    def _session(self) -> aiohttp.ClientSession:
        plain = f"{self._access.user}:{self._access.password}".encode()
        return aiohttp.ClientSession(
            headers={"Authorization": "Basic " + base64.b64encode(plain).decode()}
        )

    async def _open_socket(self, session: aiohttp.ClientSession) -> Socket:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await session.ws_connect(
                    f"{self._access.url}/events",
                    params={"app": self._access.app, "subscribeAll": "false"},
                    autoping=False,
                    max_msg_size=MESSAGE_LIMIT_BYTES,
                    decode_text=False,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
        except TimeoutError:
            self._ghosts += 1
            raise

    async def _begin(self, connection: Connection, transport: Transport) -> Seen:
        """Hand over the snapshot, and the events that came while it was taken. Gives the state of
        the phones."""
        try:
            snapshot, seen = await take_snapshot(
                transport, self._access.app, self.phones, self._sign, self._access.node
            )
        except ConnectionLost:
            if connection.is_over:
                await connection.over()  # raises the real reason
            raise
        if connection.is_over:
            await connection.over()
        folder = await ask(transport, playback.read_folder())
        if connection.is_over:
            await connection.over()
        if self._booted is not None and snapshot.boot != self._boot:
            await self._booted(snapshot.boot)
            self._boot = snapshot.boot
            if connection.is_over:
                await connection.over()
        self._executor.open(transport, playback.folder_of(folder))
        self.counters.connects += 1
        self._untold.begin(channel_of(seen.leg) for seen in snapshot.legs if seen.in_app)
        now = asyncio.get_running_loop().time()
        snapshot = self._without_held(snapshot, now)
        up = [seen for seen in snapshot.legs if seen.in_app and seen.is_up]
        self._silence.begin((channel_of(seen.leg) for seen in up), now)
        self._hand_over(snapshot)
        early, self._early = self._early or [], None
        for event in early:
            self._on_event(event)
        log.info("connected to asterisk", legs=len(snapshot.legs))
        return seen

    async def _sign(self) -> None:
        """Send a heartbeat, as long as the pump handles events."""
        now = asyncio.get_running_loop().time()
        if self._pump_is_alive() and await sign_of_life(self.request):
            self._sign_at = now

    async def _listen(self) -> None:
        """Check silent legs, one after the other, so that calls come first."""
        loop = asyncio.get_running_loop()
        while True:
            await pulse()
            while self._silence.is_due(loop.time()):
                if lost := await self._silence.look(self.request, loop.time):
                    self._hand_over(lost)

    def phone_registers_anew(self, user: str, elsewhere: bool) -> None:
        """A phone was restarted a moment ago. It knows nothing of a talk that it had before."""
        self._silence.registers_anew(user, elsewhere)

    def _looked(self, returned: Iterable[str]) -> None:
        """The phones were looked at. The legs of phones that may have been restarted are
        checked."""
        self._silence.phones_seen(returned, self.phones.legs_at, asyncio.get_running_loop().time())

    async def _let_go(self, connection: Connection) -> None:
        await connection.close()
        self._connection = self._transport = None

    def _on_over(self) -> None:
        """The connection is given up. Stop acting and tell the engine at once."""
        if self._executor.is_open:
            self._executor.close()
            self.counters.losses += 1
            self._loss_untold = not self._put(AsteriskLost(node=self._access.node))

    async def _tell_loss(self) -> None:
        """Tell the loss again if the inbox was full: the engine must know it before it gets a new
        snapshot."""
        while self._loss_untold:
            self._loss_untold = not self._put(AsteriskLost(node=self._access.node))
            await asyncio.sleep(0.01)

    # --- events ------------------------------------------------------------------------------

    def _made_by_us(self, channel: wire.Channel) -> MadeLeg | None:
        """The leg, if we asked for it and it is not dialled yet."""
        return made_by_us(channel.id, self._access.node) if channel.state == "Down" else None

    def _on_event(self, event: wire.Event) -> None:
        if self._early is None:
            now = asyncio.get_running_loop().time()
            late = 0.0
            if self._connection is not None and isinstance(event, wire.StasisStart):
                made = self._made_by_us(event.channel)
                if made is not None:  # a caller's channel never reaches this: it rings or is up
                    self._executor.entered(made)
                late = self._connection.lateness.of(event.timestamp, now)
            self._silence.hear(event, now)
            self.phones.hear(event)
            told = translate(event, late, self._access.node)
            if told is not None and not self._is_held(event, told, now):
                self._hear(told)
        elif len(self._early) < EARLY_LIMIT:
            self._early.append(event)
        elif self._connection is not None:
            self.counters.overflows += 1
            self._connection.fail(ConnectionLost("too much happened while the snapshot was taken"))

    def _is_held(self, event: wire.Event, told: Event, now: float) -> bool:
        """Nothing is told of a caller who has not acknowledged the answer. If such a call ends,
        everything is told at once."""
        match event, told:
            case wire.StasisStart(channel=channel, args=args), CallArrived(call=call):
                # the name for the Call-ID: [again]
                call_id = channel.protocol_id or "".join(args[1:2])
                if not told.did or not self._handshakes.holds(told, call_id, now):
                    return False
                self._untold.told(call)
                self._look_at_held()
                return True
            case _, CallerLeft(call=call, loss=loss):
                if arrived := self._handshakes.ended(call, now):
                    self._hand_over(_never_began(arrived, loss))
                    return True
            case _, CallerCut(call=call):
                return call in self._handshakes
            case _:
                pass
        return False

    def _look_at_held(self) -> None:
        """Check the callers who wait for an ACK, now and as long as there are any."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        self._handshakes.look(asyncio.get_running_loop().time())
        if self._handshakes.are_awaited:
            loop = asyncio.get_running_loop()
            self._next_look = loop.call_later(LOOK_SECONDS, self._look_at_held)

    def _without_held(self, taken: SnapshotTaken, now: float) -> SnapshotTaken:
        """The snapshot without callers who wait for an ACK. Callers who waited before the
        connection was lost and are gone are told as ended."""
        there = {channel_of(seen.leg) for seen in taken.legs if seen.in_app}
        for arrived in self._handshakes.missing(there, now):
            self._hand_over(_never_began(arrived, Loss.SIP_FAILED))
        legs = tuple(seen for seen in taken.legs if not self._waits_for_ack(seen.leg))
        return replace(taken, legs=legs)

    def _waits_for_ack(self, leg: Leg) -> bool:
        return isinstance(leg, CallerLeg) and leg.call in self._handshakes

    def _hear(self, event: Event) -> None:
        """Tell the engine of an event."""
        if isinstance(event, CallArrived):
            self._untold.told(event.call)
        elif isinstance(event, CallerUntold):
            self.counters.untold += 1
            log.warning("a caller of whom asterisk cannot tell comes again by another channel")
        self._hand_over(event)

    def _hand_over(self, event: Event) -> None:
        if not self._put(event) and self._connection is not None:
            self.counters.overflows += 1
            self._connection.fail(ConnectionLost("the inbox is full; a new snapshot will tell all"))


def _never_began(arrived: CallArrived, loss: Loss | None) -> CallNeverBegan:
    return CallNeverBegan(
        call=arrived.call,
        did=arrived.did,
        caller=arrived.caller,
        age_seconds=arrived.age_seconds,
        loss=loss,
        node=arrived.node,
    )


def _rings(command: ToAsterisk) -> bool:
    return isinstance(command, RingOperator | RingLine | RingSpy)


def _later(seconds: float, call: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(seconds, call)


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.WSServerHandshakeError) and error.status == 401:
        return "asterisk refuses the user or the password (ari.conf)"
    return str(error) or type(error).__name__
