"""The metrics: facts come in, Prometheus's text comes out. The one module for others to import.

    metrics = Metrics(site, engine.state, clock.now)     # after the replay
    pump.subscribe(metrics.fold)
    metrics.parts.recorder = recorder                    # and the other parts, when they are built
    task_group.create_task(metrics.watch_loop())
    body = await metrics.render()                        # GET /metrics

It counts facts and asks the others for what is so now; it decides nothing, keeps nothing over a
restart, and never holds the event loop for more than a millisecond or so.
"""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, metrics

from callcenter.core.facts import Fact
from callcenter.core.site import Site
from callcenter.telemetry import series as s
from callcenter.telemetry.exposition import printed
from callcenter.telemetry.families import HistogramFamily
from callcenter.telemetry.fold import FactFold
from callcenter.telemetry.identities import Identities
from callcenter.telemetry.loop_watch import LoopWatch
from callcenter.telemetry.readings import Parts, Reader
from callcenter.telemetry.series import describe
from callcenter.telemetry.sources import LiveState, Now

__all__ = ["CONTENT_TYPE", "Metrics", "Parts", "describe"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """All series of this process. Make it when the state is rebuilt and before the first new fact:
    the calls that are open then are the start of the counting identities."""

    def __init__(self, site: Site, live: LiveState, now: Now) -> None:
        metrics.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.parts = Parts()
        self._live = live
        self._site = site
        self._fold = FactFold(self.registry)
        self._fold.prepare(site)
        self._identities = Identities(live, self._fold)
        self._lag = HistogramFamily(s.LOOP_LAG, self.registry)
        self._reader = Reader(live, now, self._identities, self.parts)
        self.registry.register(self._reader)

    def fold(self, facts: Sequence[Fact]) -> None:
        """Count the facts of one step, right after the step."""
        if self._live.site is not self._site:
            self._take_in(self._live.site)
        for fact in facts:
            self._fold.add(fact)

    async def render(self) -> bytes:
        """The text for Prometheus (see CONTENT_TYPE)."""
        if self._live.site is not self._site:
            self._take_in(self._live.site)
        families = [*self._fold.families, self._lag]
        return await printed(self._reader.read(), self._reader.distribution(), families)

    @property
    def mismatch(self) -> int:
        """By how many calls the counts and the engine disagree now; 0 is right."""
        return self._identities.mismatch(self._live)

    async def watch_loop(self) -> None:
        """Measure the event loop's lag until cancelled."""
        await LoopWatch(self._lag).run()

    def _take_in(self, site: Site) -> None:
        """Add the label combinations of a changed site. Those of the old site stay until a
        restart."""
        self._site = site
        self._fold.prepare(site)
