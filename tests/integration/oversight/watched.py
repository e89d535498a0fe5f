"""A process' metrics, served at /metrics by an event loop of its own, fed with a made-up day.

The real telemetry, its own text format, a real web server; only what the other parts of the
service would tell of themselves are plain numbers here.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from callcenter.ari.counters import BOUNDS_SECONDS, Counters
from callcenter.ari.guesses import Guesses
from callcenter.ari.refusals import COMBINATIONS
from callcenter.core.state import State
from callcenter.features import FEATURES as ALL_FEATURES
from callcenter.oversight.duty.board import people_now
from callcenter.oversight.duty.routes import PEOPLE
from callcenter.telemetry.metrics import Metrics
from callcenter.telemetry.series import describe
from callcenter.web.operators.verdicts import TALKS, Verdicts
from tests.integration.oversight.day import Day, shifts_of_the_day, site_of_the_day, telling
from tests.integration.oversight.desk_figures import DESKS
from tests.integration.oversight.recording_figures import RECORDINGS

PULSE_SECONDS = 0.2
FEATURES = {**DESKS, **RECORDINGS, TALKS: Verdicts().samples()}
"""What features tell of themselves; no talk in the browser was measured yet."""


@dataclass(slots=True)
class QuietRecorder:
    """A recorder that keeps up."""

    facts_behind: int = 0
    seconds_behind: float = 0.0
    stored_facts: int = 0
    dead_letters: int = 0
    missed_facts: int = 0
    contradicted: int = 0
    failures: int = 0


class QuietInbox(list[object]):
    """An inbox that never overflowed."""

    overflows = 0


@dataclass(slots=True)
class QuietPump:
    """A pump with nothing to do."""

    inbox: QuietInbox = field(default_factory=QuietInbox)
    steps: int = 0


@dataclass(slots=True)
class QuietTrunks:
    """Two trunks: one answers, of the other nobody knows."""

    up: dict[str, bool] = field(default_factory=lambda: {"tot": True})
    channels_in_use: dict[str, int] = field(default_factory=lambda: {"tot": 3, "nt": 1})


@dataclass(slots=True)
class QuietCapacity:
    """There is room."""

    legs: dict[str, int] = field(
        default_factory=lambda: {
            "callers": 4,
            "callers_limit": 3750,
            "all": 6,
            "all_limit": 5000,
        }
    )


@dataclass(slots=True)
class QuietHep:
    """Asterisk refused nobody yet, and nobody guessed."""

    guesses: Guesses = field(default_factory=Guesses)
    datagrams: dict[str, int] = field(default_factory=lambda: {"read": 1})
    refused: dict[tuple[str, str], int] = field(
        default_factory=lambda: dict.fromkeys(COMBINATIONS, 0)
    )

    def counted(self) -> dict[tuple[str, str], int]:
        """As the listener counts them."""
        return self.refused

    def attacked(self) -> int:
        """No account."""
        return 0


@dataclass(slots=True)
class QuietBans:
    """One address is banned."""

    made: int = 0

    def count(self) -> dict[bool, int]:
        """By hand."""
        return {True: 1, False: 0}


def name_quiet_parts(metrics: Metrics) -> Counters:
    """Whom the metrics ask; what is given back is what Asterisk's adapter counts."""
    counters = Counters()
    metrics.parts.asterisk = counters
    metrics.parts.bounds_seconds = BOUNDS_SECONDS
    metrics.parts.recorder = QuietRecorder()
    metrics.parts.pump = QuietPump()
    metrics.parts.trunks = QuietTrunks()
    metrics.parts.capacity = QuietCapacity()
    metrics.parts.hep = QuietHep()
    metrics.parts.bans = QuietBans()
    for series, samples in FEATURES.items():
        metrics.parts.features[series] = lambda samples=samples: samples  # type: ignore[misc]
    return counters


class Watched:
    """Use as a context; `do` runs something in the loop, as the pump would."""

    def __init__(self, port: int) -> None:
        site = site_of_the_day()
        state = State(site)
        self.metrics = Metrics(site, state, time.monotonic)
        self.counters = name_quiet_parts(self.metrics)
        shifts = shifts_of_the_day(datetime.now(UTC))
        self.metrics.parts.features[PEOPLE] = lambda: people_now(shifts, state, datetime.now(UTC))
        self.hep = QuietHep()
        self.metrics.parts.hep = self.hep
        self.day = Day(site, telling(state, self.metrics.fold), time.monotonic())
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="watched")

    def __enter__(self) -> "Watched":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def do(self, what: Callable[[], None]) -> None:
        """Run it in the loop, wait until it is done."""

        async def done() -> None:
            what()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(timeout=30)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/metrics", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._lag())]

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await self.metrics.render()
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _lag(self) -> None:
        await self.metrics.watch_loop()

    async def _beat(self) -> None:
        """Asterisk goes on telling things."""
        while True:
            self.counters.events["ChannelStateChange"] += 1
            self.counters.call_seconds.add(0.004)
            self.counters.event_at = self._loop.time()
            await asyncio.sleep(PULSE_SECONDS)


def known() -> dict[str, list[str]]:
    """Every series that telemetry and the features declare, as Prometheus stores it."""
    declared = [each for feature in ALL_FEATURES for each in feature.metrics]
    series: dict[str, list[str]] = {}
    for name, kind, labels, _help in describe(declared):
        if kind == "histogram":
            series[f"{name}_bucket"] = ["job", "instance", "le", *labels]
            series[f"{name}_sum"] = series[f"{name}_count"] = ["job", "instance", *labels]
        else:
            series[name] = ["job", "instance", *labels]
    return series
