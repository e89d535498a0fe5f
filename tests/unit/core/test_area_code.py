"""The province of a caller by the area code of a fixed line."""

from dataclasses import replace

import pytest

from callcenter.core import facts as f
from callcenter.core.area_code import queue_of
from callcenter.core.engine import Engine
from callcenter.core.events import CallArrived, HoursSeen, OperatorLoggedIn, SnapshotTaken
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.site import Site
from tests.site import DAMRONG, GCC, NIGHT, rules, site

AREAS = {"045": GCC, "0456": NIGHT, "02": DAMRONG}


@pytest.mark.parametrize(
    ("caller", "queue"),
    [
        ("045614545", NIGHT),
        ("+6645614545", NIGHT),
        ("6645614545", NIGHT),
        ("045-614-545", NIGHT),
        ("๐๔๕๖๑๔๕๔๕", NIGHT),
        ("045312345", GCC),
        ("022345678", DAMRONG),
        ("0812345678", None),
        ("0212345678", None),  # ten digits: no number of Bangkok has them
        ("04561454", None),
        ("053123456", None),
        ("0456145450", None),
        ("+14155550100", None),
        ("+44561454", None),
        ("1567", None),
        ("anonymous", None),
        ("", None),
    ],
)
def test_the_longest_beginning_of_a_fixed_line_number_counts(caller: str, queue: str) -> None:
    assert queue_of(AREAS, caller) == queue
    assert queue_of({}, caller) is None


def by_area(**night: object) -> Site:
    """1567 belongs to `damrong`, but from 0456 to `night`, whose neighbour is `gcc`."""
    now = site(rules(NIGHT, neighbours=(GCC,), **night))
    lines = {
        name: replace(line, areas=AREAS) if name == "1567" else line
        for name, line in now.lines.items()
    }
    return replace(now, lines=lines, line_of_did={d: x for x in lines.values() for d in x.dids})


def arrives(engine: Engine, caller: str, at: float = 1.0) -> list[f.Fact]:
    event = CallArrived(call=CallId(f"c{at}"), did="1567", caller=caller, age_seconds=0.0)
    return [x for x in engine.step(event, at).facts if isinstance(x, f.CallQueued | f.CallScored)]


@pytest.fixture
def engine() -> Engine:
    made = Engine(by_area())
    made.step(SnapshotTaken(boot="1", legs=(), bridges=()), 0.0)
    for queue in (DAMRONG, GCC, NIGHT):
        log_in(made, f"of-{queue}", queue)
    return made


def log_in(engine: Engine, name: str, queue: str) -> None:
    operator = OperatorId(name)
    engine.step(
        OperatorLoggedIn(operator=operator, endpoint=f"PJSIP/{name}", queues=(queue,)),  # type: ignore[arg-type]
        0.5,
    )


def test_a_caller_comes_to_the_queue_of_the_province(engine: Engine) -> None:
    [queued] = arrives(engine, "045614545")
    assert isinstance(queued, f.CallQueued) and queued.queue == NIGHT and not queued.instead_of
    [other] = arrives(engine, "0812345678", 2.0)
    assert isinstance(other, f.CallQueued) and other.queue == DAMRONG


def test_a_closed_province_is_answered_by_its_own_neighbour(engine: Engine) -> None:
    engine.step(HoursSeen(closed=frozenset({NIGHT}), rostered={}), 0.6)
    [queued] = arrives(engine, "045614545")
    assert isinstance(queued, f.CallQueued)
    assert (queued.queue, queued.instead_of, queued.why) == (GCC, NIGHT, "closed")


def test_a_province_with_nobody_on_duty_is_answered_by_its_own_neighbour() -> None:
    engine = Engine(by_area())
    engine.step(SnapshotTaken(boot="1", legs=(), bridges=()), 0.0)
    log_in(engine, "of-gcc", GCC)
    [queued] = arrives(engine, "045614545")
    assert isinstance(queued, f.CallQueued)
    assert (queued.queue, queued.instead_of, queued.why) == (GCC, NIGHT, "no_staff")
