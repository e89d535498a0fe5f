"""A call centre without Asterisk, for tests of the API: the real engine, pump, database and server.

Callers come by events (`house.caller("…")`), people by HTTP (`house.person("somchai")`). Nothing is
mocked: only the phones' file is kept in a list, and the clocks can be moved by hand.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry, Counter, generate_latest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ari import rest
from callcenter.ari.bans import Bans
from callcenter.config import Settings
from callcenter.core.commands import Command
from callcenter.core.engine import Engine
from callcenter.core.events import AsteriskLost, CallArrived, SnapshotTaken
from callcenter.core.facts import Fact
from callcenter.core.ids import THE_NODE, CallId, NodeId
from callcenter.core.legs import RecorderLeg
from callcenter.features import Shared, mounted, shared
from callcenter.ports.people import Account, Role
from callcenter.ports.phones import Phone, PhonesError
from callcenter.ports.sounds import Sounds
from callcenter.runtime.clock import Clock
from callcenter.runtime.pump import Pump
from callcenter.runtime.restart import Restart
from callcenter.web import server
from callcenter.web.health import Probes
from callcenter.web.listening import listen
from callcenter.web.server import Serving
from tests.site import site

# Twenty for each process that runs tests beside others.
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = itertools.cycle(range(18600 + 20 * _PROCESS, 18620 + 20 * _PROCESS))
TOKEN = "the-command-line-of-this-test"
PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


class Hands:
    """The hands of both clocks, moved by the test. `still`: the wall clock stands there."""

    def __init__(self) -> None:
        self.moved_seconds = 0.0
        self.still: datetime | None = None

    def wall(self) -> datetime:
        if self.still is not None:
            return self.still
        return datetime.now(UTC) + timedelta(seconds=self.moved_seconds)

    def monotonic(self) -> float:
        return monotonic() + self.moved_seconds


class Callers:
    """Numbers that callers withheld and Asterisk knows, by call."""

    def __init__(self) -> None:
        self.withheld: dict[CallId, str] = {}

    async def withheld_number(self, call: CallId) -> str:
        return self.withheld.get(call, "")


class PhoneFile:
    """What Asterisk was told of phones, latest last."""

    def __init__(self) -> None:
        self.told: list[Sequence[Phone]] = []
        self.broken = False
        self.told_anew = 0

    async def publish(self, phones: Sequence[Phone], *, anew: bool = False) -> None:
        if self.broken:
            raise PhonesError("the disk is full")
        self.told_anew += anew
        self.told.append(phones)


async def nobody_reads(request: rest.Request) -> rest.Response:
    """There is no Asterisk."""
    return rest.Response(status=rest.NO_ANSWER)


class Drawer:
    """Facts and commands go nowhere: there is no Asterisk."""

    def append(self, facts: Sequence[Fact], wall: float | None = None) -> int:
        return len(facts)

    def perform(self, commands: Sequence[Command]) -> None: ...


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.body["code"])


@dataclass(slots=True)
class House:
    """Everything that runs."""

    shared: Shared
    serving: Serving
    pump: Pump
    hands: Hands
    phones: PhoneFile
    callers: Callers
    http: aiohttp.ClientSession
    url: str
    directory: Path
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        by: str | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """One request; `by` is whose token goes with it."""
        sent = dict(headers or {})
        if by is not None:
            sent["Authorization"] = f"Bearer {self.tokens[by]}"
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        options: dict[str, Any] = {"data": raw} if raw is not None else {}
        if body is not None:
            options = {"json": body}
        async with self.http.request(method, self.url + path, headers=sent, **options) as response:
            text = await response.read()
            is_json = "json" in response.content_type
            parsed = (
                await response.json(content_type=None)
                if text and is_json
                else text.decode(errors="replace")
            )
            return Answer(response.status, response.headers, parsed)

    async def person(self, name: str, role: Role = Role.OPERATOR) -> str:
        """An account with a password of its own, logged in; its token."""
        await self.account(name, role)
        answer = await self.log_in(name)
        assert answer.status == 201, answer.body
        self.tokens[name] = answer.body["token"]
        return self.tokens[name]

    async def account(self, name: str, role: Role, *, must_change: bool = False) -> None:
        """An account whose password is PASSWORD."""
        now = self.hands.wall()
        account = Account(
            name=name,
            role=role,
            disabled=False,
            must_change=must_change,
            password_hash=QUICK.hash(PASSWORD),
            added_at=now,
            password_at=now,
        )
        assert await self.shared.accounts.add_account(account)

    async def log_in(self, name: str, password: str = PASSWORD) -> Answer:
        """POST /sessions."""
        return await self.ask("POST", "/api/v1/sessions", {"name": name, "password": password})

    async def operator(self, name: str, **more: object) -> Answer:
        """An operator with a phone and no account."""
        body = {"operator": name, "name": f"คุณ {name}", "account": False, **more}
        answer = await self.ask("POST", "/api/v1/operators", body, by="command-line")
        assert answer.status == 201, answer.body
        return answer

    async def caller(self, call: str, did: str = "1567", number: str = "0812345678") -> None:
        """Somebody calls."""
        event = CallArrived(call=CallId(call), did=did, caller=number, age_seconds=0.0)
        await self.pump.put_and_wait(event)


class Host:
    """An Asterisk that restarts when it is told to."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self.left: int | None = 0
        self.boots = 1

    async def callers(self) -> int | None:
        return self.left

    async def restart(self) -> None:
        self.boots += 1
        await self._pump.put_and_wait(AsteriskLost())
        await self._pump.put_and_wait(SnapshotTaken(boot=str(self.boots), legs=(), bridges=()))


class SoundsOfNobody:
    """An Asterisk that has recorded nothing."""

    def node_of(self, call: CallId) -> NodeId:
        return THE_NODE

    async def kept(self) -> list[RecorderLeg]:
        return []

    async def is_live(self, leg: RecorderLeg) -> bool:
        return False

    async def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        return
        yield b""

    async def forget(self, leg: RecorderLeg) -> None:
        pass


@asynccontextmanager
async def opened(engine: AsyncEngine, directory: Path, **settings: Any) -> AsyncIterator[House]:
    """The house, open for business. `sounds` among the settings: what Asterisk has recorded."""
    sounds: Sounds = settings.pop("sounds", SoundsOfNobody())
    port = next(PORTS)
    drawer, hands, phones, callers = Drawer(), Hands(), PhoneFile(), Callers()
    clock = Clock(monotonic=hands.monotonic)
    pump = Pump(Engine(site()), clock, drawer, inbox_limit=100, perform=drawer.perform)
    registry = CollectorRegistry()
    Counter("hotline_test", "A series of this test", registry=registry)
    parts = shared(
        settings=Settings(
            data_dir=directory, site_file=directory / "site.toml", web_port=port, **settings
        ),
        database=engine,
        engine=pump,
        phones=phones,
        callers=callers,
        bans=Bans(directory, nobody_reads, lambda: False, wall=lambda: hands.wall().timestamp()),
        sounds=sounds,
        restart=Restart(pump, Host(pump), THE_NODE),
        command_line_token=TOKEN,
        hasher=QUICK,
        wall=hands.wall,
        monotonic=hands.monotonic,
    )
    running = asyncio.create_task(pump.run())
    serving = Serving(
        settings=parts.settings,
        common=parts.common,
        logins=parts.logins,
        probes=Probes(
            engine=pump,
            metrics=lambda: asyncio.to_thread(generate_latest, registry),
            metrics_token_file=parts.settings.metrics_token_file,
        ),
        features=mounted(parts),
    )
    for feature in serving.features:
        for listener in feature.listeners:
            pump.subscribe(listener)
    runner = server.runner(serving)
    await server.serve(runner, listen(parts.settings.web_address, port))
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        await pump.put_and_wait(SnapshotTaken(boot="1", legs=(), bridges=()))
        yield House(
            parts,
            serving,
            pump,
            hands,
            phones,
            callers,
            http,
            url,
            directory,
            {"command-line": TOKEN},
        )
    await runner.cleanup()
    parts.logins.passwords.close()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    for feature in serving.features:
        await feature.close()
