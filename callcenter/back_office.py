"""The parts for people and records: the API, PostgreSQL, the recorder, the phones' files.

Built in a thread when the first calls are under way. These modules are two thirds of all code read
at a start, and no caller waits for them. Nothing here decides about a call, and calls go on if any
of it is slow or away.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.ari.bans import Bans
from callcenter.ari.console import AsteriskConsole
from callcenter.ari.edge_phones import EdgePhones, EdgeRpc
from callcenter.ari.nodes import Nodes, SoundsOfAll
from callcenter.ari.phone_files import PhoneFiles
from callcenter.config import Settings
from callcenter.core.events import OperatorLoggedIn
from callcenter.core.facts import Fact, OperatorState
from callcenter.core.ids import CallId, NodeId
from callcenter.features import Shared, case_states, mounted, shared
from callcenter.ports.engine import Listener, RunningEngine
from callcenter.ports.pauses import ServicePause
from callcenter.ports.people import DatabaseAwayError
from callcenter.ports.phones import PhonesError, endpoint
from callcenter.runtime.duty import KnownDuty
from callcenter.runtime.holidays import KnownHolidays
from callcenter.runtime.journal import Journal
from callcenter.runtime.nodes import NodePlace
from callcenter.runtime.pulse import pulse
from callcenter.runtime.restart import Restart
from callcenter.storage.migrate import NewerDatabaseError, upgrade
from callcenter.storage.pooler import UNNAMED
from callcenter.storage.recorder import Recorder
from callcenter.telemetry.metrics import Metrics
from callcenter.web import server
from callcenter.web.accounts import first_administrator
from callcenter.web.feature import Mounted
from callcenter.web.health import Probes
from callcenter.web.server import Serving

DATABASE_RETRY_SECONDS = 1.0
DATABASE_CONNECT_SECONDS = 5.0
DATABASE_COMMAND_SECONDS = 600.0
"""Long, because a migration may build an index on years of calls. Requests have shorter limits of
their own (storage/transactions.py, storage/reader.py)."""
PHONES_RETRY_SECONDS = 2.0  # a person may stand at a phone that cannot register yet
PHONES_PAUSE_SECONDS = 60.0  # the longest pause while Asterisk refuses: then a person must help
FEATURE_RETRY_SECONDS = 10.0  # pause after a fault in a feature's background work
HOLIDAYS_SECONDS = 30.0  # pause between two reads of the confirmed holidays
DATABASE_CONNECTIONS = 5  # for people's requests; the recorder has its own

_OFFLINE = OperatorState.OFFLINE

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallParts:
    """What the back office needs from the parts that take calls."""

    settings: Settings
    database_url: str
    command_line_token: str
    journal: Journal
    engine: RunningEngine
    nodes: Nodes
    places: Sequence[NodePlace]  # places of the nodes, in the same order
    metrics: Metrics
    bans: Bans
    edge: EdgeRpc | None  # if there is a SIP edge
    is_left: Callable[[NodeId], bool]  # whether a drained node has no call at the edge
    holidays: KnownHolidays
    duty: KnownDuty
    needed: Mapping[str, Callable[[], str]]  # complaints of parts that the service needs
    wanted: Mapping[str, Callable[[], str]]  # complaints of the other parts
    say: Callable[[str], None]  # tells the person who started the service something


class BackOffice:
    """Built in a thread; `open`, `run` and `close` are for the event loop."""

    def __init__(self, calls: CallParts) -> None:
        self._calls = calls
        self._refused = ""  # why the database cannot be used although it answers
        self._database = _database(calls.database_url)
        self._recorder = Recorder(calls.journal, calls.database_url)
        self._phones = _phones(calls)
        node = calls.nodes.first.access.node
        console = AsteriskConsole(calls.places[0].config, calls.nodes.first.request, node)
        self._restart = Restart(calls.engine, console, node)
        self._shared = shared(
            settings=calls.settings,
            database=self._database,
            engine=calls.engine,
            phones=self._phones,
            callers=calls.nodes,
            bans=calls.bans,
            is_left=calls.is_left,
            sounds=SoundsOfAll([asterisk.access for asterisk in calls.nodes.each]),
            command_line_token=calls.command_line_token,
            restart=self._restart,
            duty=calls.duty,
        )
        self.case_states = case_states(self._shared)
        self._serving = self._all_served(calls, self._shared)
        self._runner = server.runner(self._serving)

    def _all_served(self, calls: CallParts, shared: Shared) -> Serving:
        return Serving(
            settings=calls.settings,
            common=shared.common,
            logins=shared.logins,
            probes=self._probes(calls),
            features=mounted(shared),
        )

    def _probes(self, calls: CallParts) -> Probes:
        return Probes(
            engine=calls.engine,
            metrics=calls.metrics.render,
            metrics_token_file=calls.settings.metrics_token_file,
            needed=calls.needed,
            wanted={
                "database": lambda: self._refused or self._recorder.complaint(),
                "journal": calls.journal.complaint,
                "restart": self._restart.complaint,
                **calls.wanted,
            },
        )

    async def outcomes(self, calls: Sequence[CallId]) -> Mapping[CallId, str]:
        """The outcomes of finished calls in the record. Raises DatabaseAwayError."""
        return await self._shared.records.outcomes(calls)

    async def open(self, listening: Sequence[socket.socket]) -> None:
        """Answer requests at these sockets."""
        self._calls.metrics.parts.recorder = self._recorder
        self._calls.metrics.parts.api = self._serving.failures
        for feature in self._serving.features:
            self._calls.metrics.parts.features.update(feature.metrics)
            for listener in feature.listeners:
                self._calls.engine.subscribe(self._harmless(listener))
        await server.serve(self._runner, listening)

    def _harmless(self, listener: Listener) -> Listener:
        """A fault of a feature's listener is logged and counted, and calls go on."""

        def tell(facts: Sequence[Fact]) -> None:
            try:
                listener(facts)
            except Exception as error:
                self._serving.failures.count += 1
                log.exception("a feature's listener failed", fault=type(error).__name__)

        return tell

    async def run(self) -> None:
        """Run until cancelled: tables, the first administrator and the phones as soon as the
        database is there, then the records."""
        while not await self._prepared():  # noqa: ASYNC110 - it is tried, not waited for
            await asyncio.sleep(DATABASE_RETRY_SECONDS)
        running = (self._kept_running(feature) for feature in self._serving.features)
        await asyncio.gather(
            self._tell_phones(), self._recorder.run(), self._keep_holidays(), *running
        )

    async def _keep_holidays(self) -> None:
        """Tell the opening hours the confirmed holidays, soon after a change. Runs for ever."""
        while True:
            try:
                confirmed = await self._shared.units.holidays()
                if await asyncio.to_thread(self._calls.holidays.take, confirmed):
                    log.info("confirmed holidays", years=sorted(confirmed.confirmed))
            except DatabaseAwayError:
                pass  # the last ones stay in use
            except OSError as error:
                log.warning("holidays are not kept for a restart", reason=error.strerror)
            await asyncio.sleep(HOLIDAYS_SECONDS)

    async def _kept_running(self, feature: Mounted) -> None:
        """Run a feature's background work. After a fault of its own it starts again."""
        while feature.feature.run is not None:
            try:
                await feature.run()
            except Exception as error:
                self._serving.failures.count += 1
                log.exception("a feature stopped in the background", fault=type(error).__name__)
            await asyncio.sleep(FEATURE_RETRY_SECONDS)

    async def close(self) -> None:
        """Stop answering, and give the recorder a moment to store the journal's facts. The rest is
        stored after the next start."""
        await self._runner.cleanup()
        for feature in self._serving.features:
            await feature.close()
        await self._restart.close()
        self._shared.logins.passwords.close()
        if not self._refused:
            await self._store_the_rest()
        await self._database.dispose()

    async def _store_the_rest(self) -> None:
        recording = asyncio.create_task(self._recorder.run())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._calls.settings.stop_seconds):
                await self._recorder.caught_up_or_failed()
        recording.cancel()
        with suppress(asyncio.CancelledError):
            await recording

    # --- the database, behind everything else ------------------------------------------------

    async def _prepared(self) -> bool:
        try:
            await upgrade(self._database)
            await self._welcome()
            await self._bring_operators_back()
        except NewerDatabaseError as error:
            self._refused = str(error)
            log.error("the records wait in the journal", what_to_do=self._refused)
            return False
        except (SQLAlchemyError, DatabaseAwayError, OSError, TimeoutError) as error:
            self._refused = ""
            log.warning("the database is not there yet", reason=type(error).__name__)
            return False
        self._refused = ""
        return True

    async def _bring_operators_back(self) -> None:
        """Log operators in again from the record if the journal is incomplete: it is new, damaged
        or restored, or its disk was full. Operators whom the engine has heard of since are not
        changed."""
        journal, engine = self._calls.journal, self._calls.engine
        stored = await self._shared.records.position(journal.name)
        if not (journal.is_incomplete or stored >= journal.opened_seq):
            return
        cards = await self._shared.roster.cards()
        for operator, state, reason in await self._shared.records.at_work():
            known, card = engine.state.operators.get(operator), cards.get(operator)
            told = known and (known.wish is not _OFFLINE or known.since > journal.opened_at)
            if told or card is None:
                continue
            is_paused = state == OperatorState.PAUSED and not _passes(reason)
            await engine.put_and_wait(
                OperatorLoggedIn(
                    operator=operator,
                    endpoint=endpoint(operator),
                    queues=card.queues,
                    open_line=card.open_line,
                    skills=card.skills,
                    paused=reason if is_paused else "",
                )
            )
            log.warning("an operator's state was taken from the record", state=state)

    async def _tell_phones(self) -> None:
        """Tell Asterisk about the phones at the start, and again after each failure. Runs for
        ever."""
        reason, pause = await self._publish_phones(""), PHONES_RETRY_SECONDS
        while True:
            await pulse(pause)
            if (self._phones.behind or reason) and self._calls.nodes.connected:
                reason = await self._publish_phones(reason)
                pause = min(2 * pause, PHONES_PAUSE_SECONDS)
            else:
                pause = PHONES_RETRY_SECONDS

    async def _publish_phones(self, said: str) -> str:
        """Publish the phones; gives why Asterisk could not be told, or "". `said` is the reason
        that was logged last."""
        try:
            await self._shared.roster.publish()
        except (PhonesError, SQLAlchemyError) as error:
            reason = str(error) if isinstance(error, PhonesError) else type(error).__name__
            if reason != said:
                log.warning("asterisk was not told about the phones", reason=reason)
            return reason
        return ""

    async def _welcome(self) -> None:
        passwords = self._shared.logins.passwords
        first = await first_administrator(self._shared.accounts, passwords, datetime.now(UTC))
        if first:
            self._calls.say(
                f"first administrator: admin   one-time password: {first}\n"
                "  (shown once; it is good for choosing your own)"
            )


def _phones(calls: CallParts) -> PhoneFiles | EdgePhones:
    settings = calls.settings
    files = [
        PhoneFiles(
            place.config,
            asterisk.request,
            asterisk.domain,
            asterisk.phones.phones_are,
            settings.edge,
        )
        for place, asterisk in zip(calls.places, calls.nodes.each, strict=True)
    ]
    if calls.edge is None:
        return files[0]
    return EdgePhones(calls.edge, settings.edge_tables_path, files)


def _passes(reason: str) -> bool:
    return reason in tuple(ServicePause) and ServicePause(reason).passes


def _database(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=DATABASE_CONNECTIONS,
        max_overflow=0,
        pool_timeout=DATABASE_CONNECT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,  # an error message must not contain a caller's number
        connect_args={
            "timeout": DATABASE_CONNECT_SECONDS,
            "command_timeout": DATABASE_COMMAND_SECONDS,
            **UNNAMED,
        },
    )
