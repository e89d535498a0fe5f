"""Whatever the site and whoever is on duty: no call goes round, and everybody ends at a place."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.core.outcome import Diversion
from callcenter.core.overflow import has_staff
from callcenter.core.overflow_rule import OVERFLOW_WHEN, OverflowRule, OverflowTo
from callcenter.core.site import Line, QueueRules, Site
from tests.site import rules

NAMES = tuple(QueueName(f"province-{number}") for number in range(6))
HOURS = 3600.0


@st.composite
def _overflow_rules(draw: st.DrawFn, others: tuple[QueueName, ...]) -> OverflowRule:
    """For new callers: onward only, or where nobody is on duty anywhere."""
    when = draw(st.sampled_from(OVERFLOW_WHEN))
    to = draw(st.sampled_from(list(OverflowTo)))
    ways = NAMES if when is Diversion.NO_STAFF else others
    if to is OverflowTo.QUEUE and not ways:
        to = OverflowTo.MESSAGE
    return OverflowRule(
        when=when,
        to=to,
        over={Diversion.LENGTH: 1.0, Diversion.EXPECTED: 10.0}.get(when, 0.0),
        queue=draw(st.sampled_from(ways)) if to is OverflowTo.QUEUE else None,
        message=("own_sorry",) if to is OverflowTo.MESSAGE else (),
    )


@st.composite
def _rules(draw: st.DrawFn, place: int) -> QueueRules:
    """Neighbours in every direction, also of each other; overflow without a circle, but of two."""
    name, later = NAMES[place], NAMES[place + 1 :]
    neighbours = st.lists(st.sampled_from([n for n in NAMES if n != name]), max_size=5, unique=True)
    overflow = draw(st.sampled_from([None, *later]))
    return rules(
        name,
        neighbours=tuple(draw(neighbours)),
        overflow_queue=overflow,
        overflow_at_waiting=draw(st.sampled_from([0, 1, 2])) if overflow else 0,
        overflow_at_expected_seconds=draw(st.sampled_from([0.0, 10.0])) if overflow else 0.0,
        overflow_rules=tuple(draw(st.lists(_overflow_rules(later), max_size=3))),
        waiting_limit=draw(st.integers(1, 4)),
        max_wait_seconds=draw(st.sampled_from([30.0, 60.0, 300.0])),
    )


@st.composite
def _sites(draw: st.DrawFn) -> Site:
    queues = [draw(_rules(place)) for place in range(len(NAMES))]
    if draw(st.booleans()):  # the last two help each other
        for place, other in ((-1, -2), (-2, -1)):
            queues[place] = replace(queues[place], overflow_queue=NAMES[other])
    lines = [
        Line(
            name=LineName(name),
            title=name,
            dids=(f"{place}{place}",),
            queue=name,
            priority=0,
            areas=draw(st.dictionaries(st.sampled_from(["045", "0456"]), st.sampled_from(NAMES))),
        )
        for place, name in enumerate(NAMES)
    ]
    return Site(
        lines={line.name: line for line in lines},
        queues={queue.name: queue for queue in queues},
        line_of_did={line.dids[0]: line for line in lines},
    )


@given(
    site=_sites(),
    staffed=st.lists(st.sampled_from(NAMES), max_size=4),
    callers=st.lists(st.sampled_from(range(len(NAMES))), min_size=1, max_size=12),
    gone=st.integers(0, 4),
)
def test_no_call_goes_round_and_everybody_ends_at_a_place(
    site: Site, staffed: list[QueueName], callers: list[int], gone: int
) -> None:
    engine = Engine(site)
    told: list[f.Fact] = []

    def happens(event: e.Event, now: float) -> None:
        told.extend(engine.step(event, now).facts)

    happens(e.SnapshotTaken(boot="1", legs=(), bridges=()), 0.0)
    for number, queue in enumerate(staffed):  # on duty, and nobody ever answers
        name = OperatorId(f"op{number}")
        happens(e.OperatorLoggedIn(operator=name, endpoint=name, queues=(queue,)), 0.0)
        happens(e.OperatorPaused(operator=name, reason="lunch"), 0.0)
    for number, line in enumerate(callers):
        call = CallId(f"call-{number}")
        happens(
            e.CallArrived(
                call=call, did=f"{line}{line}", caller=("", "045614545")[line % 2], age_seconds=0.0
            ),
            1.0,
        )
    for number in range(min(gone, len(staffed))):
        happens(e.OperatorLoggedOut(operator=OperatorId(f"op{number}")), 2.0)
    _nobody_stays_alone(engine)
    while (due := engine.next_deadline()) is not None and due < HOURS:
        happens(e.TimePassed(), due)

    for number in range(len(callers)):
        call = CallId(f"call-{number}")
        scores = [x for x in told if isinstance(x, f.CallScored) and x.call == call]
        assert len(scores) == 1, "everybody ends at a place, once"
        stood = [
            x.queue for x in told if isinstance(x, f.CallQueued | f.CallMoved) and x.call == call
        ]
        later = [x for x in told if isinstance(x, f.CallMoved) and x.call == call and x.at > 2.0]
        assert len(stood) <= len(NAMES) + 2
        places = [x.queue for x in later]
        assert len(places) == len(set(places)), f"{call} went round: {stood}"


def _nobody_stays_alone(engine: Engine) -> None:
    """Who waits where nobody is on duty has no neighbour with somebody and room."""
    state = engine.state
    for call in state.calls.values():
        if not call.queue or has_staff(state, state.queues[call.queue]) or call.outcome:
            continue
        own = state.site.lines[call.line].own_queue(call.caller)
        for name in (own, *state.site.queues[own].stand_ins):
            queue = state.queues[name]
            full = queue.present >= queue.rules.waiting_limit
            assert name == call.queue or full or not has_staff(state, queue)


def test_a_site_with_hours_closed_everywhere_tells_the_caller() -> None:
    """At entry: nobody is let in where it is closed, and its neighbours too."""
    name, other = NAMES[:2]
    line = Line(name=LineName("a"), title="a", dids=("11",), queue=name, priority=0)
    site = Site(
        lines={line.name: line},
        queues={name: rules(name, neighbours=(other,)), other: rules(other)},
        line_of_did={"11": line},
    )
    engine = Engine(replace(site))
    engine.step(e.HoursSeen(closed=frozenset({name, other}), rostered={}), 0.5)
    step = engine.step(
        e.CallArrived(call=CallId("malee"), did="11", caller="", age_seconds=0.0), 1.0
    )
    assert [x.reason for x in step.facts if isinstance(x, f.CallScored)] == ["closed"]
