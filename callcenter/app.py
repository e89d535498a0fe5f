"""Builds the service, starts its parts in order, drains them and stops. It knows all other modules.

Calls come first. The engine and Asterisk are up before the rest (back_office.py: the API, the
database, the records) is even read from disk, and they go on if the database is away. If a part
fails for good, the process ends. Its supervisor starts it again, and nothing is lost by that.
"""

import asyncio
import gc
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog

from callcenter.ari.asterisk import Access, Asterisk
from callcenter.ari.bans import Bans, Reader
from callcenter.ari.counters import BOUNDS_SECONDS, Counters
from callcenter.ari.edge_bans import EdgeBans
from callcenter.ari.edge_phones import EdgeRpc
from callcenter.ari.errors import Replaced
from callcenter.ari.hep import Hep
from callcenter.ari.ledger_reader import Ledger
from callcenter.ari.node_watch import NodeWatch
from callcenter.ari.nodes import Nodes, SoundsOfAll
from callcenter.ari.rest import Operation, Verdict
from callcenter.ari.site_variables import site_variables
from callcenter.config import Settings, SettingsError, load_site
from callcenter.config.nodes_file import load_nodes
from callcenter.config.settings import QueueLogNumbers
from callcenter.core.commands import AskCaseState, Command, MeasureMessage
from callcenter.core.engine import Engine
from callcenter.core.events import NodesAre
from callcenter.core.ids import THE_NODE, CallId, NodeId
from callcenter.core.state import State
from callcenter.hosting import systemd
from callcenter.hosting.secrets_file import secret_file
from callcenter.ports.people import DatabaseAwayError
from callcenter.runtime.case_desk import CaseDesk
from callcenter.runtime.duty import KnownDuty
from callcenter.runtime.edge import edge_key
from callcenter.runtime.hep import hep_key
from callcenter.runtime.holidays import KnownHolidays
from callcenter.runtime.hours import OpeningHours
from callcenter.runtime.journal import Journal
from callcenter.runtime.message_desk import MessageDesk
from callcenter.runtime.nodes import NodePlace
from callcenter.runtime.pump import Pump
from callcenter.telemetry.metrics import Metrics, Parts
from callcenter.telemetry.queue_log import QueueLog
from callcenter.telemetry.queue_log_file import QueueLogFile
from callcenter.timeline import Timeline
from callcenter.web.listening import listen
from callcenter.web.masking import masked

if TYPE_CHECKING:
    from callcenter.back_office import BackOffice

HEAD_START_SECONDS = 1.0
"""The longest time that calls have for themselves before the back office is read from disk. It ends
earlier if all commands after Asterisk's snapshot are sent."""

LOOK_SECONDS = 0.01  # pause between two checks for that

SWITCH_SECONDS = 0.0005
"""How long the thread that builds the back office may hold Python's lock at a time, instead of the
usual 5 ms, because the event loop waits for it."""

log = structlog.get_logger(__name__)


async def serve(settings: Settings, say: Callable[[str], None], timeline: Timeline) -> None:
    """Run the service until SIGTERM or Ctrl-C. It returns normally after a clean stop.

    `say` tells the person who started it something (the first administrator's one-time password,
    once). Raises SettingsError, SiteFileError, JournalInUse or OSError if it cannot start.
    """
    centre = CallCentre(settings, say, timeline)
    with _stop_signals() as stop:
        await centre.run(stop)


class CallCentre:
    """Every part that takes calls, made in the order of their dependencies."""

    def __init__(self, settings: Settings, say: Callable[[str], None], timeline: Timeline) -> None:
        if settings.database_url is None:
            raise SettingsError(
                "CALLCENTER_DATABASE_URL: not set; `callcenter run` starts a database of its own"
            )
        self._command_line_token = (
            secret_file(settings.secrets_dir, "cli-token").read_text().strip()
        )
        self._database_url = settings.database_url.get_secret_value()
        self._places = load_nodes(settings)
        site = load_site(settings.site_file)
        self._settings = settings
        self._say = say
        self._timeline = timeline
        self._fenced = ""  # why this instance may not act any more
        self._office: BackOffice | None = None
        self._journal = Journal.open(
            settings.data_dir / "journal", spare_root=settings.journal_spare_dir
        )
        self._engine = Engine(
            site, room_after_seconds=settings.room_after_seconds, seed=secrets.randbits(64)
        )
        if unfit := self._engine.restore(self._journal.replay()):
            log.error("the journal has facts that fit nothing; the snapshot repairs", facts=unfit)
        timeline.over("journal")
        self._metrics = Metrics(site, self._engine.state, self._journal.clock.now)
        self._pump = Pump(
            self._engine,
            self._journal.clock,
            self._journal,
            inbox_limit=settings.inbox_limit,
            perform=self._perform,
        )
        self._pump.subscribe(self._metrics.fold)
        self._case_desk = CaseDesk(
            self._pump.put, lambda: self._office.case_states if self._office else None
        )
        self._queue_log = _queue_log(settings, self._engine.state, self._journal.clock.wall)
        if self._queue_log is not None:
            self._pump.subscribe(self._queue_log.listen)
        self._pump.put(NodesAre(nodes=tuple(place.name for place in self._places)))
        password = settings.ari_password_path.read_text().strip()
        self._counters = Counters()
        self._hep = Hep(
            settings.web_port,
            hep_key(password),
            told=lambda: self._counters.events["StasisStart"],
            ban=lambda network: self._bans.ban_guesser(network),
            registers_anew=lambda user, elsewhere: self._nodes.phone_registers_anew(
                user, elsewhere
            ),
        )
        self._edge = EdgeRpc(settings.edge_rpc_url, edge_key(password)) if settings.edge else None
        self._nodes = Nodes(
            [self._asterisk(place, password) for place in self._places], self._node_of_call
        )
        self._message_desk = MessageDesk(
            self._pump.put, SoundsOfAll([asterisk.access for asterisk in self._nodes.each])
        )
        self._watch = (
            NodeWatch(self._nodes, self._places, self._edge, self._pump.put, self._is_drained)
            if self._edge and len(self._places) > 1
            else None
        )
        self._bans = Bans(
            self._places[0].config,
            self._nodes.first.request,
            lambda: self._nodes.first.connected,
            trunk_names=lambda: self._engine.state.site.trunks,
            has_phones=self._hep.has_phones,
            others=[
                Reader(place.config, node.request, partial(getattr, node, "connected"))
                for place, node in zip(self._places[1:], self._nodes.each[1:], strict=True)
            ],
            edge=EdgeBans(self._edge, settings.edge_tables_path).tell if self._edge else None,
        )
        self._ledgers = [self._ledger(place) for place in self._places]
        self._holidays = KnownHolidays(settings.data_dir / "holidays.json")
        self._duty = KnownDuty(settings.data_dir / "duty.json")
        self._hours = OpeningHours(
            self._engine.state,
            self._pump.put,
            holidays=self._holidays.of,
            named=self._duty.named,
        )
        self._duty.listeners.append(self._hours.plan_changed)
        self._name_parts(self._metrics.parts)

    def _asterisk(self, place: NodePlace, password: str) -> Asterisk:
        return Asterisk(
            _access(self._settings, place, password),
            self._pump.put,
            pump_is_alive=self._pump.is_alive,
            trunk_names=lambda: self._engine.state.site.trunks,
            variables=lambda: site_variables(self._engine.state.site),
            handshakes=self._hep.handshakes(),
            booted=partial(self._edge.free, node=place.sip) if self._edge else None,
            reaches_phones=self._edge.reaches_phones if self._edge else None,
            counters=self._counters,
        )

    def _ledger(self, place: NodePlace) -> Ledger:
        name = "ledger-place" if place.name == THE_NODE else f"ledger-place-{place.name}"
        return Ledger(
            place.ledger,
            self._settings.data_dir / name,
            self._pump.put,
            self._pump.worked_off,
            remembers=self._engine.state.remembers,
            outcomes=self._outcomes,
            may_read=lambda: self._nodes[place.name].connected and self._office is not None,
            from_the_start=self._journal.is_incomplete,
        )

    def _node_of_call(self, call: CallId) -> NodeId | None:
        held = self._engine.state.calls.get(call)
        return held.node if held else None

    def _is_drained(self, node: NodeId) -> bool:
        return self._engine.state.node(node).draining

    def _name_parts(self, parts: Parts) -> None:
        """The parts that the metrics may read. The recorder is added when it exists."""
        parts.journal = self._journal
        parts.pump = self._pump
        parts.asterisk = self._counters
        parts.trunks = self._nodes.trunks
        parts.capacity = self._nodes.capacity
        parts.hep = self._hep
        parts.bans = self._bans
        parts.requests = [(o.value, v.value) for o in Operation for v in Verdict]
        parts.bounds_seconds = BOUNDS_SECONDS

    def _perform(self, commands: Sequence[Command]) -> None:
        self._nodes.submit(
            [c for c in commands if not isinstance(c, AskCaseState | MeasureMessage)]
        )
        for command in commands:
            if isinstance(command, AskCaseState):
                self._case_desk.ask(command)
            elif isinstance(command, MeasureMessage):
                self._message_desk.measure(command)

    async def _outcomes(self, calls: Sequence[CallId]) -> Mapping[CallId, str]:
        """The outcomes of these calls in the record. Raises DatabaseAwayError."""
        if self._office is None:
            raise DatabaseAwayError("the database has not been asked yet")
        return await self._office.outcomes(calls)

    def _engine_complaint(self) -> str:
        if self._pump.is_alive():
            return ""
        return "The engine works on no events: callers are served by Asterisk's own lifeboat queue."

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, or until a part fails for good (its error is raised)."""
        listening = listen(self._settings.web_address, self._settings.web_port)
        self._journal.start(self._engine.snapshot)
        self._timeline.over("parts")
        log.info("started", calls=len(self._engine.state.calls))
        try:
            await _together(
                stop,
                self._journal.run(),
                self._pump.run(),
                self._metrics.watch_loop(),
                *(self._speak_with(asterisk) for asterisk in self._nodes.each),
                self._hep.run(),
                self._bans.run(),
                *(ledger.run() for ledger in self._ledgers),
                self._hours.run(),
                self._run_office(listening),
                *([self._queue_log.run()] if self._queue_log else []),
                *([self._edge.watch()] if self._edge else []),
                *([self._watch.run()] if self._watch else []),
            )
        finally:
            await self._case_desk.close()
            await self._message_desk.close()
            await self._close_office()
            if self._queue_log is not None:
                await self._queue_log.close()
            for place in listening:
                place.close()
            await self._journal.close()
        log.info("stopped")

    async def _close_office(self) -> None:
        """Store the last facts, too. The recorder stores only synced facts, so the journal goes on
        syncing."""
        if self._office is None:
            return
        syncing = asyncio.create_task(self._journal.run())
        try:
            await self._office.close()
        finally:
            syncing.cancel()
            await asyncio.gather(syncing, return_exceptions=True)

    async def _speak_with(self, asterisk: Asterisk) -> None:
        """Run the connection for ever. If another instance has taken over, wait until it is gone.
        Connecting at once would take the application back, the other would do the same, and callers
        would suffer."""
        while True:
            try:
                await asterisk.run()
            except Replaced as error:
                self._fenced = str(error)
                log.error("another instance has taken over", what_to_do=self._fenced)
                await asterisk.nobody_serves()
                self._fenced = ""
                log.warning("the other instance is gone: this one serves again")

    # --- people and records, behind everything else --------------------------------------------

    async def _run_office(self, listening: Sequence[socket.socket]) -> None:
        await self._calls_first()
        with _short_turns():
            self._office = await asyncio.to_thread(self._make_office)
        await self._office.open(listening)
        self._timeline.over("back_office")
        collect_seldom()
        log.info("open", milliseconds=self._timeline.milliseconds, total=self._timeline.total())
        await asyncio.gather(self._office.run(), systemd.keep_telling(self._pump.is_alive))

    async def _calls_first(self) -> None:
        """Wait until all commands after Asterisk's snapshot are sent, but not for long: Asterisk
        may be away or busy with thousands of calls, and people wait for the API."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEAD_START_SECONDS):
                while not self._nodes.connected:  # noqa: ASYNC110 - it is away for long at times
                    await asyncio.sleep(LOOK_SECONDS)
                self._timeline.over("asterisk")
                while len(self._pump.inbox) or not self._nodes.idle:  # noqa: ASYNC110 - short
                    await asyncio.sleep(LOOK_SECONDS)
        self._timeline.over("first_commands")

    def _make_office(self) -> "BackOffice":
        from callcenter.back_office import BackOffice, CallParts

        return BackOffice(
            CallParts(
                settings=self._settings,
                database_url=self._database_url,
                command_line_token=self._command_line_token,
                journal=self._journal,
                engine=self._pump,
                nodes=self._nodes,
                places=self._places,
                metrics=self._metrics,
                bans=self._bans,
                edge=self._edge,
                is_left=self._watch.is_left if self._watch else lambda node: True,
                holidays=self._holidays,
                duty=self._duty,
                needed={
                    "engine": self._engine_complaint,
                    "application": lambda: self._fenced,
                    "calls": self._nodes.refusal,
                },
                wanted={
                    "refusals": self._hep.complaint,
                    "edge": lambda: self._edge.complaint if self._edge else "",
                },
                say=self._say,
            )
        )


def collect_seldom() -> None:
    """Exclude the objects of the start from garbage collection, which saves pauses of 50 ms.

    The rest is collected seldom. Facts and calls make no cycles, and at the default threshold of
    700 objects collection took a seventh of all processor time at 100 calls/s. It was off until now
    (cli/serve.py).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@contextmanager
def _short_turns() -> Iterator[None]:
    """While this is active, another Python thread gives way to the event loop soon."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _access(settings: Settings, place: NodePlace, password: str) -> Access:
    return Access(
        url=place.ari,
        user=settings.ari_user,
        password=password,
        silence_seconds=settings.silence_seconds,
        edge=bool(settings.edge),
        node=place.name,
    )


def _queue_log(settings: Settings, state: State, wall: Callable[[], float]) -> QueueLogFile | None:
    if settings.queue_log is None:
        return None
    shown: Mapping[QueueLogNumbers, Callable[[str], str]] = {
        QueueLogNumbers.NONE: lambda caller: "",
        QueueLogNumbers.MASKED: masked,
        QueueLogNumbers.FULL: lambda caller: caller,
    }
    queue_log = QueueLog(state, wall, shown[settings.queue_log_numbers])
    return QueueLogFile(settings.queue_log, queue_log)


async def _together(stop: asyncio.Event, *parts: Coroutine[object, object, None]) -> None:
    """Run all parts until `stop`. If one ends by itself, its error ends all."""
    tasks = [asyncio.create_task(part) for part in parts]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*tasks, stopping):
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
