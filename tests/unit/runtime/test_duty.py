"""The plan of named people over a restart, and its place beside the site's numbers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.hours import Hours, Roster, Shift
from callcenter.core.ids import OperatorId
from callcenter.runtime.duty import KnownDuty
from callcenter.runtime.hours import OpeningHours
from tests.site import DAMRONG, GCC, rules, site

NOW = datetime(2026, 11, 30, 13, tzinfo=UTC)  # 20:00 in Thailand
HOUR = timedelta(hours=1)


def test_a_restart_finds_the_plan_without_the_database(tmp_path: Path) -> None:
    known, told = KnownDuty(tmp_path / "duty.json"), []
    known.listeners.append(lambda: told.append(1))
    spells = [
        (GCC, NOW, NOW + HOUR),
        (GCC, NOW, NOW + 2 * HOUR),
        (DAMRONG, NOW + HOUR, NOW + 2 * HOUR),
    ]
    known.take(spells)
    known.keep()
    known.take(reversed(spells))
    assert len(told) == 1, "nothing has changed"
    again = KnownDuty(tmp_path / "duty.json")
    assert again.named(NOW) == {GCC: 2, DAMRONG: 0}
    assert again.named(NOW + HOUR) == {GCC: 1, DAMRONG: 1}
    (tmp_path / "duty.json").write_text('[["gcc", "no moment", 1]]')
    assert KnownDuty(tmp_path / "duty.json").named(NOW) == {}


class World:
    """An engine and a clock."""

    def __init__(self, known: KnownDuty) -> None:
        day = Hours(week=(((8 * 60, 22 * 60),),) * 7)
        two = Roster(week=((Shift(spans=((0, 24 * 60),), people=2),),) * 7)
        self.engine = Engine(site(rules(DAMRONG, hours=day), rules(GCC, roster=two)))
        self.engine.step(e.SnapshotTaken(boot="1", legs=(), bridges=()), 0.0)
        self.now, self.facts = NOW, list[f.Fact]()
        self.hours = OpeningHours(
            self.engine.state,
            self._put,
            wall=lambda: self.now,
            holidays=lambda year: {},
            named=known.named,
        )
        known.listeners.append(self.hours.plan_changed)

    def _put(self, event: e.Event) -> bool:
        self.step(event)
        return True

    def step(self, event: e.Event) -> None:
        self.facts += self.engine.step(event, (self.now - NOW).total_seconds()).facts

    def look(self, seconds: float = 0.0) -> list[f.Fact]:
        """What came of a look so long after the beginning."""
        self.now = NOW + timedelta(seconds=seconds)
        self.facts.clear()
        self.hours.look()
        return list(self.facts)

    def log_in(self, name: str, *queues: str) -> None:
        operator = OperatorId(name)
        self.step(
            e.OperatorLoggedIn(operator=operator, endpoint=f"PJSIP/{name}", queues=queues)  # type: ignore[arg-type]
        )


def test_the_greater_of_numbers_and_names_is_the_plan(tmp_path: Path) -> None:
    known = KnownDuty(tmp_path / "duty.json")
    world = World(known)
    world.look()
    assert world.engine.state.rostered == {GCC: 2}
    known.take([(GCC, NOW, NOW + HOUR)] * 3 + [(DAMRONG, NOW, NOW + HOUR)])
    world.look(1)
    assert world.engine.state.rostered == {GCC: 3, DAMRONG: 1}
    world.look(3600)
    assert world.engine.state.rostered == {GCC: 2, DAMRONG: 0}


def test_how_long_nobody_was_there_is_a_fact_with_or_without_a_plan(tmp_path: Path) -> None:
    known = KnownDuty(tmp_path / "duty.json")
    world = World(known)
    lost = [x for x in world.look() if isinstance(x, f.CoverLost)]
    assert [(x.queue, x.planned) for x in lost] == [(DAMRONG, False), (GCC, True)]
    assert world.look(1) == []
    world.log_in("somchai", GCC)
    [back] = world.look(60)
    assert back == f.CoverBack(at=60.0, queue=GCC, planned=True, seconds=60.0)
    known.take([(DAMRONG, NOW + timedelta(seconds=120), NOW + HOUR)])
    found = [x for x in world.look(120) if isinstance(x, f.CoverBack | f.CoverLost)]
    assert found == [
        f.CoverBack(at=120.0, queue=DAMRONG, planned=False, seconds=120.0),
        f.CoverLost(at=120.0, queue=DAMRONG, planned=True),
    ]
    assert world.engine.state.uncovered_seconds(150.0) == {
        (GCC, True): 60.0,
        (DAMRONG, False): 120.0,
        (DAMRONG, True): 30.0,
    }
    closed = [x for x in world.look(7_200) if isinstance(x, f.CoverBack)]  # 22:00
    assert [(x.queue, x.seconds) for x in closed] == [(DAMRONG, 7_080.0 - 0.0)] or closed
    assert world.engine.state.uncovered == {}
