"""The hotline itself: its parts, its people, and what must be true when a story is over."""

import asyncio
import itertools
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from callcenter.core.ids import NodeId
from callcenter.hosting.secrets_file import secret_file
from callcenter.runtime.edge import edge_key
from callcenter.runtime.nodes import NodePlace, nodes_text
from tests.hotline.api import Api
from tests.hotline.database import Database
from tests.hotline.records import Records, Row
from tests.hotline.service import ServiceProcess
from tests.hotline.site import SiteFile
from tests.hotline.slot import Slot
from tests.hotline.wire_cutter import WireCutter
from tests.parts import PrivateAsterisk, PrivateEdge
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import Habit

ROOM_AFTER_SECONDS = 5
"""A caller who waits this long goes to a holding bridge (core/rooms.py)."""

EDGE = os.environ.get("HOTLINE_EDGE", "") == "yes"
"""All stories can run with a SIP edge in front of Asterisk: HOTLINE_EDGE=yes."""

_numbers = itertools.count(1)

QUICK_LIFEBOAT = {
    "lifeboat_retries": 1,
    "lifeboat_retry_seconds": 1,
    "lifeboat_turn_seconds": 5,
}


class Hotline:
    """An async context. Everything runs inside, and nothing is left behind."""

    def __init__(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        edge: bool = EDGE,
        nodes: int = 1,
        **asterisk: Any,
    ) -> None:
        """`nodes`: if more than one, they are named n1, n2, ... and are behind an edge. `asterisk`
        is the first."""
        edge = edge or nodes > 1
        self.slot = slot = Slot.claim()
        self.directory = Path(tempfile.mkdtemp(prefix="hotline-", dir="/tmp"))
        self.directory.chmod(0o755)
        self.sip = ("127.0.0.1", slot.sip)
        self.database = Database(self.directory / "pg")
        passed_on = {**QUICK_LIFEBOAT, **asterisk}
        if nodes > 1:
            passed_on = {"ari_password": secrets.token_urlsafe(24), **passed_on}
        self.nodes = [self._node(number, nodes, edge, passed_on) for number in range(1, nodes + 1)]
        self.asterisk = self.nodes[0]
        self.edge = _edge(self.directory, slot, self.nodes) if edge else None
        self.wire = WireCutter(slot.http + 1, slot.http)
        self.site = SiteFile()
        self.site_path = self.directory / "site.toml"
        self.queue_log = self.directory / "queue_log"
        url = f"http://127.0.0.1:{slot.web}"
        data = self.directory / "data"
        settings = {**self._settings(slot, data), **self._edge_told(), **(settings or {})}
        self.service = ServiceProcess(self.directory, url, settings)
        self.api = Api(url, data / "secrets" / "cli-token")
        self.records = Records(self.database.url, *(node.ledger for node in self.nodes))
        self.callers: list[Caller] = []
        self.phones: dict[str, OperatorPhone] = {}
        self.words: set[str] = set()  # numbers and names that must not be in any log
        # Asterisk names its phones op-<account>; our logs name nobody
        self.accounts: set[str] = set()

    # --- opening and closing

    async def __aenter__(self) -> Self:
        self.site_path.write_text(self.site.text())
        try:
            await self._opens()
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        return self

    async def _opens(self) -> None:
        self.database.start()
        for node in self.nodes:
            node.start()
        if self.edge is not None:
            self.edge.start()
        self.wire.start()
        await self.service.starts()
        await self.api.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.api.__aexit__(kind, error, trace)
        self.everyone_goes()
        self.service.put_away()
        self.wire.stop()
        if self.edge is not None:
            self.edge.stop()
        for node in self.nodes:
            node.stop()
        self.database.stop()
        self.slot.free()
        if kind is None:
            shutil.rmtree(self.directory, ignore_errors=True)

    async def rules(self, queue: str, **changes: float | str | tuple[str, ...]) -> None:
        """Set other limits for a queue, by the site file and a reload."""
        self.site.change(queue, **changes)
        await self._reload()

    async def says(self, line: str, text: str, menus: str = "") -> None:
        """Set what callers of a line hear first, and a menu, by the site file and a reload."""
        self.site.said[line] = text
        self.site.menus += menus
        await self._reload()

    async def weighs_priority(self, aging_seconds: float) -> None:
        """A caller who has waited this much longer comes before one whose priority is one step
        higher."""
        self.site.aging_seconds = aging_seconds
        await self._reload()

    async def relaxes(self, relax_seconds: float) -> None:
        """After each such time of waiting one level less of every skill is enough."""
        self.site.relax_seconds = relax_seconds
        await self._reload()

    async def parks_for(self, park_seconds: float) -> None:
        """So long a parked call stays in its place."""
        self.site.park_seconds = park_seconds
        await self._reload()

    async def keeps_withheld_numbers(self, hours: float) -> None:
        """From now on withheld numbers are kept for this long, and Asterisk knows it."""
        self.site.withheld_number_hours = hours
        await self._reload()
        wanted = "WITHHELD_KEPT=1" if hours else "WITHHELD_KEPT=\n"
        await until(
            lambda: wanted in self.asterisk.console("dialplan show globals") + "\n", within=15
        )

    async def _reload(self) -> None:
        if self.site_path.read_text() != self.site.text():
            self.site_path.write_text(self.site.text())
            await self.api.ask("POST", "/site/reload")

    # --- people

    def caller(self, number: str = "", **how: Any) -> Caller:
        """A caller with a number of their own."""
        caller = Caller(number=number or f"08{next(_numbers):08d}", **how)
        self.callers.append(caller)
        self.words.add(caller.number)
        return caller

    async def calls(self, did: str, number: str = "", **how: Any) -> Caller:
        """A caller who calls, and hears that the hotline answers."""
        caller = await self.caller(number, **how).dials(did, at=self.sip)
        return await caller.is_answered()

    async def operator(
        self,
        name: str,
        *,
        queues: Sequence[str] = ("damrong",),
        habit: Habit | None = None,
        logged_in: bool = True,
        registers: bool = True,
        open_line: bool = False,
        account: bool = False,
        answers_options: bool = True,
        skills: Mapping[str, int] | None = None,
    ) -> OperatorPhone:
        """Add an operator who plugs a phone in and begins to work."""
        phone = OperatorPhone(name, habit=habit, answers_options=answers_options)
        self.phones[name] = phone
        await phone.plugged_in(at=self.sip)
        card: dict[str, Any] = {
            "operator": name,
            "name": f"{name.title()} Jaidee",
            "queues": list(queues),
            "account": account,
            "open_line": open_line,
            "skills": dict(skills or {}),
        }
        if not registers:
            card["contact"] = phone.contact
        answer = await self.api.ask("POST", "/operators", card)
        self.words.add(f"{name.title()} Jaidee")
        self.accounts.add(name)
        phone.password = answer["one_time_password"] or ""
        if registers:
            phone.secret = answer["sip_secret"]
            await phone.registers_now()
        if logged_in:
            await self.log_in(name)
            await until(lambda: self._is_known(name), within=5)
        return phone

    async def _is_known(self, name: str) -> bool:
        """Whether Asterisk knows the registration. It tells it a moment after it answered it."""
        return await self.api.state(name) != "phone_away"

    async def log_in(self, name: str, *queues: str) -> None:
        """The operator begins to work, for the queues of the card or for these."""
        body = {"queues": list(queues)} if queues else {}
        await self.api.ask("POST", f"/operators/{name}/log-in", body)

    async def log_out(self, name: str) -> None:
        """The operator goes home."""
        await self.api.ask("POST", f"/operators/{name}/log-out")

    async def pause(self, name: str, reason: str = "lunch") -> None:
        """The operator wants no calls."""
        await self.api.ask("POST", f"/operators/{name}/pause", {"reason": reason})

    async def resume(self, name: str) -> None:
        """The operator wants calls again."""
        await self.api.ask("POST", f"/operators/{name}/resume")

    def _is_heard(self) -> bool:
        """Whether Asterisk has the service's connection. Its application stays listed as inactive
        as long as there is a bridge in which one of its channels was: rooms and operators' bridges
        stay (22.10.1)."""
        sessions = self.asterisk.console("ari show websocket sessions")
        assert "Connection ID" in sessions, sessions
        return "callcenter" in sessions.split()

    async def service_is_gone(self) -> None:
        """The service is killed, and Asterisk has noticed it. A caller who comes before that is
        still handed to the service, and waits there until it is back."""
        await self.service.kills()
        await until(lambda: not self._is_heard(), within=10)

    def everyone_goes(self) -> None:
        """All sockets are closed, whatever goes on."""
        for caller in self.callers:
            caller.close()
        for phone in self.phones.values():
            phone.close()

    # --- results of calls

    async def record(self, caller: Caller, *, within: float = 5) -> Row:
        """The only finished record of a caller's call."""

        async def finished() -> Row | None:
            rows = await self.records.calls(caller.number)
            assert len(rows) <= 1, f"one call, {len(rows)} records: {rows}"
            return rows[0] if rows and rows[0]["ended_at"] else None

        return await until(finished, within=within)

    async def in_line(self, queue: str, *callers: Caller, within: float = 5) -> list[Row]:
        """Wait until exactly these callers wait, in this order. (The music begins before the
        service knows of a caller.)"""
        line: list[Row] = []

        async def so() -> bool:
            line[:] = await self.api.waiting(queue)
            return [call["caller"] for call in line] == [caller.number for caller in callers]

        await until(so, within=within, but=lambda: f"{len(line)} wait")
        return line

    async def phones_are_kept(self) -> None:
        """Wait until Asterisk has written the registrations to its disk: a kill loses those of the
        last second.

        A registration that is added after them is written together with them.
        """
        book, asked_at = self.asterisk.directory / "lib/astdb.sqlite3", time.time()
        unfinished = book.with_name("astdb.sqlite3-journal")
        await asyncio.to_thread(self.asterisk.console, "database put stories phones kept")
        await until(lambda: book.stat().st_mtime > asked_at and not unfinished.exists(), within=10)

    async def quiet(self, within: float = 10) -> None:
        """Wait until Asterisk has no channel, and each of its calls has a finished record."""
        await until(self._no_channels, within=within, but=self.shown)
        await until(self._same_as_asterisk, within=within, but=self._difference)

        async def all_ended() -> bool:
            stored = await self.api.metric("hotline_record_behind_facts") == 0
            return stored and await self.records.open_calls() == 0

        await until(all_ended, within=within, but=self.service.last_words)

    async def everyone_leaves(self) -> None:
        """The end of a story: all hang up, operators go home, and the records are checked."""
        await self.service.is_whole()
        for caller in self.callers:
            caller.hang_up()
        for phone in self.phones.values():
            phone.hang_up()
        await self.quiet()
        for name in self.phones:
            await self.api.ask("DELETE", f"/operators/{name}")
        self.everyone_goes()
        self.callers.clear()
        self.phones.clear()
        self.site.put_back()
        await self._reload()
        await self.require_books()

    async def require_books(self) -> None:
        """Check what must hold after every story: the identities, one record for each call, no
        names."""
        await self.records.require_identities()
        mismatch = await self.api.metric("hotline_call_identity_mismatch")
        assert mismatch == 0, f"the service's own counts are off by {mismatch:g} calls"
        await until(self._same_as_asterisk, within=10, but=self._difference)
        self.require_anonymous_logs()

    def require_anonymous_logs(self) -> None:
        """No log may have a number or a name of callers or operators."""
        ours = (self.service.log, self.service.spoken)
        for log in (*ours, *(node.directory / "log/messages" for node in self.nodes)):
            text = log.read_text(errors="replace") if log.exists() else ""
            unsaid = self.words | self.accounts if log in ours else self.words
            told = sorted(
                w for w in unsaid if w and re.search(rf"(?<!\w){re.escape(w)}(?!\w)", text)
            )
            assert not told, f"{log.name} tells {told[:5]}"

    async def _no_channels(self) -> bool:
        for node in self.nodes:
            if not node.ended() and await asyncio.to_thread(node.channels) > 0:
                return False
        return True

    def shown(self) -> str:
        """The channels and bridges of each node, and what the service did last."""
        asked = ("core show channels verbose", "ari show app callcenter", "bridge show all")
        there = [
            f"{node.settings.name}:\n{node.console(each)}"
            for node in self.nodes
            if not node.ended()
            for each in asked
        ]
        return "\n".join((*there, self.service.last_words()))

    async def _same_as_asterisk(self) -> bool:
        self._why = ""
        try:
            await self.records.require_same_calls_as_asterisk()
        except AssertionError as error:
            self._why = str(error)
            return False
        return True

    def _difference(self) -> str:
        return self._why

    def _edge_told(self) -> dict[str, str]:
        if self.edge is None:
            return {}
        return {
            "CALLCENTER_EDGE": self.asterisk.settings.edge,
            "CALLCENTER_EDGE_RPC_URL": self.edge.rpc_url,
            "CALLCENTER_EDGE_WS_URL": f"http://127.0.0.1:{self.edge.settings.ws_port}",
            "CALLCENTER_EDGE_TABLES": str(self.edge.tables),
        }

    def _settings(self, slot: Slot, data: Path) -> dict[str, str]:
        password = secret_file(data / "secrets", "ari-password")
        password.write_text(self.asterisk.ari_password)
        settings = {
            "DATA_DIR": str(data),
            "DATABASE_URL": self.database.url,
            "SITE_FILE": str(self.site_path),
            "WEB_PORT": str(slot.web),
            "ARI_URL": f"http://127.0.0.1:{self.wire.port}/ari",
            "ARI_PASSWORD_FILE": str(password),
            "ASTERISK_CONFIG_DIR": str(self.asterisk.config_directory),
            "ASTERISK_LEDGER": str(self.asterisk.ledger),
            "ROOM_AFTER_SECONDS": str(ROOM_AFTER_SECONDS),
            "QUEUE_LOG": str(self.queue_log),
        }
        if len(self.nodes) > 1:
            self.directory.joinpath("nodes.toml").write_text(nodes_text(self._places()))
            settings["NODES_FILE"] = str(self.directory / "nodes.toml")
        return {f"CALLCENTER_{name}": value for name, value in settings.items()}

    def _node(
        self, number: int, nodes: int, edge: bool, settings: Mapping[str, Any]
    ) -> PrivateAsterisk:
        slot = self.slot
        share = 200 // nodes
        own: dict[str, Any] = {
            "rtp_port_first": slot.rtp + (number - 1) * share,
            "rtp_port_last": slot.rtp + number * share - 1,
        }
        if edge:
            own |= {
                "sip_address": node_address(number),
                "rtp_address": "127.0.0.1",
                "edge": f"{EDGE_ADDRESS}:{slot.sip}",
            }
        if nodes > 1:
            own |= {"name": f"n{number}"}
        if number > 1:
            own |= {"http_address": node_address(number)}
        return PrivateAsterisk(
            self.directory / ("asterisk" if number == 1 else f"asterisk-n{number}"),
            sip_port=slot.sip,
            http_port=slot.http,
            hep_port=slot.web,
            **{**own, **settings},
        )

    def _places(self) -> list[NodePlace]:
        """The places of the nodes. The first one is reached over the connection that can be cut."""
        first = f"http://127.0.0.1:{self.wire.port}/ari"
        return [
            NodePlace(
                name=NodeId(f"n{number}"),
                ari=first if number == 1 else node.ari_url,
                sip=f"{node_address(number)}:{self.slot.sip}",
                config=node.config_directory,
                ledger=node.ledger,
            )
            for number, node in enumerate(self.nodes, 1)
        ]


EDGE_ADDRESS = "127.0.1.1"


def node_address(number: int) -> str:
    """The SIP address of the first, second, ... node."""
    return f"127.0.1.{10 + number}"


def _edge(directory: Path, slot: Slot, nodes: Sequence[PrivateAsterisk]) -> PrivateEdge:
    return PrivateEdge(
        directory / "edge",
        key=edge_key(nodes[0].ari_password),
        out_port=slot.sip,
        in_address=EDGE_ADDRESS,
        in_port=slot.sip,
        ws_port=slot.edge_ws,
        rpc_port=slot.edge_rpc,
        nodes=tuple((node.settings.sip_address, slot.sip) for node in nodes),
    )


def now() -> float:
    """The clock of the stories."""
    return time.monotonic()
