"""The counting identities hold over the real engine, whatever happens and however often it starts
anew: a mismatch on the page is always a fault, never a false alarm."""

from collections.abc import Sequence

import pytest

from callcenter.core.engine import Engine
from callcenter.core.events import (
    CallArrived,
    CallerLeft,
    OperatorLoggedIn,
    OperatorPaused,
    SnapshotTaken,
)
from callcenter.core.facts import CallQueued, CallReceived, CallScored, Fact
from callcenter.core.ids import CallId, OperatorId
from callcenter.telemetry.metrics import Metrics
from tests.kept import kept
from tests.moody_world import MoodyWorld
from tests.site import DAMRONG, renamed, site
from tests.unit.telemetry.test_metrics import numbers


class Watcher:
    """Metrics of the present engine, looked at after every step."""

    def watch(self, engine: Engine) -> None:
        """Metrics that begin now."""
        self.engine = engine
        self.metrics = Metrics(engine.state.site, engine.state, lambda: 0.0)

    def look(self, facts: Sequence[Fact]) -> None:
        """Count, and compare."""
        self.metrics.fold(facts)
        assert self.metrics.mismatch == 0, facts


class Careless(Watcher):
    """Forgets, or counts twice, one fact of a kind after the thirtieth of that kind."""

    def __init__(self, kind: type[Fact], times: int) -> None:
        self.kind, self.times, self.seen = kind, times, 0

    def look(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self.seen += isinstance(fact, self.kind)
            wrong = isinstance(fact, self.kind) and self.seen == 30
            self.metrics.fold([fact] * (self.times if wrong else 1))


@pytest.mark.parametrize("kind", [CallReceived, CallQueued, CallScored])
@pytest.mark.parametrize("times", [0, 2])
async def test_one_call_miscounted_is_published_until_the_process_ends(
    kind: type[Fact], times: int
) -> None:
    """In a living centre, by the page that Prometheus reads."""
    careless = Careless(kind, times)
    world = MoodyWorld(7, watch=careless.watch, tell=careless.look)
    told = []
    for _ in range(400):
        world.live(1)
        told.append((careless.seen >= 30, careless.metrics.mismatch))

    assert {seen for seen, _ in told} == {False, True}
    assert all((mismatch > 0) == seen for seen, mismatch in told)
    page = numbers(await careless.metrics.render())
    assert page["hotline_call_identity_mismatch", frozenset()] == told[-1][1]


@pytest.mark.parametrize("counter", ["received", "rejected", "offered", "ended"])
def test_a_counter_that_is_not_moved_is_noticed(
    counter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The identities are about the counters that are printed, not about other ones beside them."""
    watcher = Careless(CallReceived, 1)
    world = MoodyWorld(7, watch=watcher.watch, tell=watcher.look)
    monkeypatch.setattr(getattr(watcher.metrics._fold, counter), "count", lambda *labels: None)
    world.live(200)

    assert watcher.metrics.mismatch > 0


@pytest.mark.parametrize("seed", range(30))
def test_counts_and_engine_agree_after_every_step(seed: int) -> None:
    watcher = Watcher()
    world = MoodyWorld(seed, watch=watcher.watch, tell=watcher.look)
    world.live(400, restarts=0.01)

    assert world.number > 50


async def test_who_waits_in_a_queue_that_the_site_has_no_more_is_seen_and_is_no_mismatch() -> None:
    """It was taken out while the service was stopped; its operators serve it till they log out."""
    before = Engine(site())
    before.step(SnapshotTaken(boot="1", legs=(), bridges=()), 0.0)
    log_in = OperatorLoggedIn(operator=OperatorId("s"), endpoint="PJSIP/s", queues=(DAMRONG,))
    before.step(log_in, 0.0)
    before.step(OperatorPaused(operator=OperatorId("s"), reason="lunch"), 0.0)
    before.step(CallArrived(call=CallId("c1"), did="1567", caller="", age_seconds=0.0), 0.0)
    engine = Engine(renamed())
    engine.restore(kept(before))
    metrics = Metrics(engine.state.site, engine.state, lambda: 9.0)
    page = numbers(await metrics.render())
    of_it = frozenset({("queue", DAMRONG)})
    assert page["hotline_queue_waiting", of_it] == 1
    assert page["hotline_queue_oldest_wait_seconds", of_it] == 9.0
    metrics.fold(engine.step(CallerLeft(call=CallId("c1")), 9.0).facts)
    assert metrics.mismatch == 0
    assert ("hotline_queue_waiting", of_it) not in numbers(await metrics.render())
