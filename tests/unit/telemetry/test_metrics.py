"""Facts become numbers: each counted once, under labels that were there before the first call."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from callcenter.core.facts import (
    AsteriskConnected,
    CallQueued,
    CallReceived,
    CallTransferred,
    Fact,
    LedgerChecked,
    MenuEnding,
    MenuLeft,
    OfferEnded,
    OperatorState,
    StepFailed,
    SurveyEnding,
)
from callcenter.core.ids import CallId, LineName, NodeId, OperatorId, QueueName
from callcenter.core.outcome import LegEnd, OfferResult, Outcome
from callcenter.core.site import Site
from callcenter.core.state import Carrier, Node, State
from callcenter.telemetry.combinations import menu_endings, menu_keys, standings
from callcenter.telemetry.metrics import Metrics, describe
from tests.facts import (
    QUEUE,
    answered_call,
    news_heard,
    offer_of,
    operator_changed,
    queued,
    received,
    scored,
    survey_ended,
)
from tests.site import DAMRONG, GCC, rules, site
from tests.unit.core.test_greeting_and_menu import MENU, spoken
from tests.unit.core.test_operator_first import First

Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass
class Floor:
    """What the engine would say of itself; the test says it."""

    site: Site
    connected: bool = True
    waiting: dict[str, int] = field(default_factory=dict)
    returned: dict[str, int] = field(default_factory=dict)
    oldest: dict[str, float] = field(default_factory=dict)
    unscored: int = 0
    closed: frozenset[QueueName] = frozenset()
    rostered: dict[QueueName, int] = field(default_factory=dict)
    helps: dict[OperatorId, float] = field(default_factory=dict)
    empty_seconds: dict[tuple[QueueName, bool], float] = field(default_factory=dict)
    nodes: dict[NodeId, Node] = field(default_factory=dict)

    def calls_by_node(self) -> dict[NodeId, list[str]]:
        return {name: ["a call"] * (number + 1) for number, name in enumerate(self.nodes)}

    def uncovered_seconds(self, now: float) -> dict[tuple[QueueName, bool], float]:
        return self.empty_seconds

    def queue_waiting(self, queue: QueueName) -> int:
        return self.waiting.get(queue, 0)

    def queue_returned(self, queue: QueueName) -> int:
        return self.returned.get(queue, 0)

    callbacks_held: str = ""
    carrier: Carrier = field(default_factory=Carrier)

    def parked_by_queue(self) -> Mapping[QueueName, int]:
        return {QueueName("damrong"): 2}

    def parked_for(self, now: float) -> Mapping[QueueName, float]:
        return {QueueName("damrong"): 40.0}

    def queue_parked(self, queue: QueueName) -> int:
        return 0

    late: dict[QueueName, tuple[float, int]] = field(default_factory=dict)

    def callbacks_waited(self, now: float) -> dict[QueueName, tuple[float, int]]:
        return self.late

    def oldest_wait_seconds(self, queue: QueueName, now: float) -> float:
        return now - self.oldest[queue] if queue in self.oldest else 0.0

    @property
    def queues(self) -> Mapping[QueueName, object]:
        return self.site.queues

    def operators_by_queue(self) -> Mapping[QueueName, Mapping[OperatorState, int]]:
        one = {**dict.fromkeys(OperatorState, 0), OperatorState.AVAILABLE: 3}
        return dict.fromkeys(self.queues, one)

    def calls_in_progress(self) -> int:
        return self.unscored


@pytest.fixture
def floor() -> Floor:
    """A floor with an overflow from one queue to the other."""
    return Floor(site(rules(DAMRONG, overflow_queue=GCC)))


@pytest.fixture
def metrics(floor: Floor) -> Metrics:
    """Metrics of that floor, at engine time 500."""
    return Metrics(floor.site, floor, lambda: 500.0)


def numbers(text: bytes) -> Numbers:
    """Every sample of a printed page."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


async def value(metrics: Metrics, name: str, **labels: str) -> float:
    """One number of the printed page; KeyError when it is not there."""
    return numbers(await metrics.render())[name, frozenset(labels.items())]


async def test_everything_is_there_at_nought_before_the_first_call(metrics: Metrics) -> None:
    page = numbers(await metrics.render())

    for line in ("1567", "1111", "045-614545", "1669", "unknown"):
        assert page["hotline_calls_received_total", frozenset({("line", line)})] == 0
    offered = {key for key in page if key[0] == "hotline_calls_offered_total"}
    assert offered == {
        ("hotline_calls_offered_total", frozenset({("line", line), ("queue", queue)}))
        for line, queue in [
            ("1567", "damrong"),
            ("1567", "gcc"),
            ("045-614545", "damrong"),
            ("045-614545", "gcc"),
            ("1111", "gcc"),
            ("1669", "gcc"),
        ]
    }
    assert len({key for key in page if key[0] == "hotline_calls_ended_total"}) == 6 * 6
    assert len({key for key in page if key[0] == "hotline_operator_offers_total"}) == 2 * 8


async def test_a_line_may_overflow_twice() -> None:
    """Somsri waits at 1567 until the last of three queues."""
    last = QueueName("last")
    floor = Floor(
        site(rules(DAMRONG, overflow_queue=GCC), rules(GCC, overflow_queue=last), rules(last))
    )
    page = numbers(await Metrics(floor.site, floor, lambda: 500.0).render())

    for queue in ("damrong", "gcc", "last"):
        labels = frozenset({("line", "1567"), ("queue", queue), ("outcome", "abandoned")})
        assert page["hotline_calls_ended_total", labels] == 0


async def test_no_call_makes_a_series_that_was_not_there(metrics: Metrics) -> None:
    before = numbers(await metrics.render()).keys()
    metrics.fold(list(answered_call("a", "op1", 100.0)))
    metrics.fold([received("b"), scored("b", 11.0, Outcome.REJECTED, queue="", reason="closed")])
    metrics.fold([received("c"), scored("c", 11.0, Outcome.IVR_ENDED, queue="")])
    for outcome in (Outcome.ABANDONED, Outcome.OVERFLOW, Outcome.FAILED, Outcome.CALLBACK):
        metrics.fold([received("d"), queued("d"), scored("d", 11.0, outcome)])

    assert numbers(await metrics.render()).keys() == before


async def test_an_expected_wait_is_held_against_the_real_one(metrics: Metrics) -> None:
    for call, expected, outcome in (
        ("a", 40.0, Outcome.ANSWERED),  # 25 s came: 15 s too much
        ("b", 5.0, Outcome.ANSWERED),  # 20 s too little
        ("c", 40.0, Outcome.ABANDONED),  # nobody knows
        ("d", None, Outcome.ANSWERED),  # nothing was expected
    ):
        metrics.fold([received(call), queued(call, expected=expected)])
        metrics.fold([scored(call, 35.0, outcome, wait=27.0)])

    async def up_to(edge: str) -> float:
        name = "hotline_wait_estimate_error_seconds_bucket"
        return await value(metrics, name, line="1567", le=edge)

    assert [await up_to(edge) for edge in ("-30.0", "-15.0", "5.0", "15.0", "+Inf")] == [
        *(0, 1, 1),
        *(2, 2),
    ]


async def test_a_wait_that_was_said_is_kept_late_or_left(metrics: Metrics) -> None:
    for call, error, outcome in (
        ("a", 0.0, Outcome.ANSWERED),
        ("b", -1.0, Outcome.ANSWERED),
        ("c", 30.0, Outcome.ABANDONED),
        ("d", None, Outcome.ANSWERED),
    ):
        metrics.fold([received(call), queued(call)])
        metrics.fold([scored(call, 35.0, outcome, told_error=error)])
    for result in ("kept", "late", "left"):
        assert await value(metrics, "hotline_waits_told_total", line="1567", result=result) == 1


async def test_who_hears_the_news_asks_for_more_and_leaves_is_counted(metrics: Metrics) -> None:
    for call, outcome in (("a", Outcome.ABANDONED), ("b", Outcome.ANSWERED), ("c", None)):
        metrics.fold([received(call), queued(call), news_heard(call)])
        if outcome is not None:
            metrics.fold([scored(call, 35.0, outcome)])
    metrics.fold([news_heard("c", more=True), scored("c", 35.0, Outcome.ABANDONED_SHORT)])
    metrics.fold([received("d"), queued("d"), scored("d", 35.0, Outcome.ABANDONED)])
    for what, count in (("heard", 3), ("more", 1), ("left", 2)):
        assert await value(metrics, "hotline_news_callers_total", line="1567", result=what) == count


async def test_an_answered_call_is_counted_in_each_of_its_places(metrics: Metrics) -> None:
    metrics.fold(list(answered_call("a", "op1", 100.0)))

    standing = {"line": "1567", "queue": "damrong"}
    assert await value(metrics, "hotline_calls_received_total", line="1567") == 1
    assert await value(metrics, "hotline_calls_offered_total", **standing) == 1
    answered = {**standing, "outcome": "answered"}
    assert await value(metrics, "hotline_calls_ended_total", **answered) == 1
    assert await value(metrics, "hotline_call_wait_seconds_sum", **answered) == 7.0
    assert await value(metrics, "hotline_call_wait_seconds_bucket", **answered, le="5.0") == 0
    assert await value(metrics, "hotline_call_wait_seconds_bucket", **answered, le="10.0") == 1
    assert await value(metrics, "hotline_call_talk_seconds_sum", **standing) == 30.0
    assert await value(metrics, "hotline_call_wrapup_seconds_sum", queue="damrong") == 10.0
    offered = {"queue": "damrong", "result": "answered"}
    assert await value(metrics, "hotline_operator_offers_total", **offered) == 1


async def test_what_callers_press_in_the_menu_is_counted_by_its_keys(metrics: Metrics) -> None:
    left = MenuLeft(
        at=20.0,
        call=CallId("a"),
        line=LineName("1567"),
        ending=MenuEnding.CHOSEN,
        says={"language": "en"},
        path=("language=2", "topic=*"),
        queue="",
        seconds=7.0,
    )
    metrics.fold([left])
    for step, key in (("language", "2"), ("topic", "*")):
        labels = {"line": "1567", "step": step, "key": key}
        assert await value(metrics, "hotline_menu_keys_total", **labels) == 1
    chosen = {"line": "1567", "ending": "chosen"}
    assert await value(metrics, "hotline_menu_seconds_sum", **chosen) == 7.0
    assert await value(metrics, "hotline_menu_seconds_bucket", **chosen, le="5.0") == 0


def test_a_menu_has_its_series_before_the_first_key() -> None:
    now = spoken(menu=MENU)
    assert list(menu_keys(now)) == [
        *(("1567", "language", key) for key in "120"),
        *(("1567", "topic", key) for key in "10"),
    ]
    assert ("1567", "nothing") in set(menu_endings(now))
    assert not list(menu_endings(site())) and not list(menu_keys(site()))
    assert ("1567", "gcc") in set(standings(now)), "where the menu leads"


@pytest.mark.parametrize(("to", "counted"), [("", "queue"), ("malee", "operator")])
async def test_a_caller_who_is_given_on_is_counted_where_they_came_from(
    metrics: Metrics, to: str, counted: str
) -> None:
    given = CallTransferred(
        at=120.0,
        call=CallId("a"),
        operator=OperatorId("op1"),
        from_queue=DAMRONG,
        queue=GCC,
        to_operator=to,
        number=1,
    )
    metrics.fold([given])
    name = "hotline_call_transfers_total"
    for kind in ("queue", "operator"):
        assert await value(metrics, name, queue=DAMRONG, to=kind) == (kind == counted)
        assert await value(metrics, name, queue=GCC, to=kind) == 0


async def test_every_threshold_of_a_service_level_is_an_edge_of_the_wait_buckets(
    metrics: Metrics,
) -> None:
    page = numbers(await metrics.render())
    edges = {
        dict(labels)["le"] for name, labels in page if name == "hotline_call_wait_seconds_bucket"
    }

    assert {"5.0", "10.0", "12.0", "15.0", "20.0", "30.0", "60.0", "300.0", "+Inf"} <= edges


async def test_a_caller_who_hangs_up_while_a_phone_rings_is_no_fault_of_the_operator(
    metrics: Metrics,
) -> None:
    ended = OfferEnded(
        at=12.0,
        offer=offer_of("a"),
        call=CallId("a"),
        operator=OperatorId("op1"),
        queue=QUEUE,
        result=OfferResult.CALLER_LEFT,
        ring_seconds=2.0,
    )
    metrics.fold([received("a"), queued("a"), ended, scored("a", 12.0, Outcome.ABANDONED)])

    counted = {"queue": "damrong", "result": "caller_left"}
    assert await value(metrics, "hotline_operator_offers_total", **counted) == 1
    lost = {"line": "1567", "queue": "damrong", "outcome": "abandoned"}
    assert await value(metrics, "hotline_calls_ended_total", **lost) == 1


async def test_the_time_in_which_operators_hear_ringing_is_measured(metrics: Metrics) -> None:
    told = First(pause_seconds=30.0)
    told.logs_in("som")
    told.after(4)  # the operator's own phone rings
    told.picks_up("som")
    told.after(7)
    told.ends("ada", end=LegEnd.BUSY)
    told.after(30)
    told.picks_up("som")
    told.after(5)
    told.picks_up_the_callback("ada", 2)
    told.after(3)
    told.presses("ada", back=2)
    metrics.fold(told.told)

    for result, seconds in (("missed", 7.0), ("reached", 8.0)):
        name, counted = "hotline_callback_ringing_seconds", {"queue": "damrong", "result": result}
        assert await value(metrics, f"{name}_count", **counted) == 1
        assert await value(metrics, f"{name}_sum", **counted) == seconds


async def test_wishes_during_wrap_up_do_not_end_it(metrics: Metrics) -> None:
    facts = list(answered_call("a", "op1", 100.0))
    wrapping, free = facts[9], facts[11]
    wished = operator_changed("op1", 138.0, OperatorState.WRAPUP, call="a")
    metrics.fold([*facts[:9], wrapping, wished, free])

    assert await value(metrics, "hotline_call_wrapup_seconds_count", queue="damrong") == 1
    assert await value(metrics, "hotline_call_wrapup_seconds_sum", queue="damrong") == 10.0


async def test_machinery_is_counted(metrics: Metrics) -> None:
    metrics.fold(
        [
            LedgerChecked(at=1.0, call=CallId("a"), known=True),
            LedgerChecked(at=1.0, call=CallId("b"), known=False),
            AsteriskConnected(at=1.0, boot="b", adopted=3, missing=2),
            StepFailed(at=1.0, event="CallArrived", error="KeyError", call=""),
        ]
    )

    assert await value(metrics, "hotline_ledger_calls_total", known="true") == 1
    assert await value(metrics, "hotline_ledger_calls_total", known="false") == 1
    assert await value(metrics, "hotline_snapshot_repairs_total", kind="adopted") == 3
    assert await value(metrics, "hotline_snapshot_repairs_total", kind="missing") == 2
    assert await value(metrics, "hotline_step_failures_total", event="CallArrived") == 1


async def test_who_hung_up_in_the_greeting_is_no_gap_in_the_record(metrics: Metrics) -> None:
    early = scored("a", 11.0, Outcome.IVR_ENDED, queue="")
    metrics.fold([received("a"), early, LedgerChecked(at=1.0, call=CallId("a"), known=False)])
    metrics.fold([LedgerChecked(at=1.0, call=CallId("b"), known=False)])

    assert await value(metrics, "hotline_ledger_calls_total", known="greeting") == 1
    assert await value(metrics, "hotline_ledger_calls_total", known="false") == 1
    assert await value(metrics, "hotline_ledger_calls_total", known="true") == 0


async def test_what_is_so_now_is_asked_at_the_scrape(metrics: Metrics, floor: Floor) -> None:
    floor.waiting["damrong"] = 4
    floor.oldest["damrong"] = 377.0
    floor.connected = False

    assert await value(metrics, "hotline_queue_waiting", queue="damrong") == 4
    assert await value(metrics, "hotline_queue_oldest_wait_seconds", queue="damrong") == 123.0
    assert await value(metrics, "hotline_queue_oldest_wait_seconds", queue="gcc") == 0
    floor.late = {DAMRONG: (700.0, 2)}
    assert await value(metrics, "hotline_callbacks_overdue", queue="damrong") == 2
    assert await value(metrics, "hotline_callbacks_overdue", queue="gcc") == 0
    oldest = "hotline_callback_oldest_wait_seconds"
    assert await value(metrics, oldest, queue="damrong") == 700.0
    assert await value(metrics, "hotline_operators", queue="gcc", state="available") == 3
    assert await value(metrics, "hotline_ari_connected") == 0


# --- the counting identities -------------------------------------------------------------------


async def test_identities_hold_through_a_calls_life(metrics: Metrics, floor: Floor) -> None:
    assert await value(metrics, "hotline_call_identity_mismatch") == 0
    metrics.fold([received("a"), queued("a")])
    floor.unscored, floor.waiting["damrong"] = 1, 1
    assert await value(metrics, "hotline_call_identity_mismatch") == 0
    metrics.fold([scored("a", 12.0, Outcome.ANSWERED)])
    floor.unscored, floor.waiting["damrong"] = 0, 0
    assert await value(metrics, "hotline_call_identity_mismatch") == 0
    metrics.fold([received("b"), scored("b", 11.0, Outcome.REJECTED, queue="", reason="closed")])
    assert await value(metrics, "hotline_call_identity_mismatch") == 0


async def test_parked_calls_and_how_long_the_first_is_parked(metrics: Metrics) -> None:
    assert await value(metrics, "hotline_calls_parked", queue="damrong") == 2
    assert await value(metrics, "hotline_parked_oldest_seconds", queue="damrong") == 40
    assert await value(metrics, "hotline_parked_oldest_seconds", queue="gcc") == 0


async def test_calls_open_at_start_are_no_mismatch(floor: Floor) -> None:
    floor.unscored, floor.waiting["damrong"] = 50, 50
    metrics = Metrics(floor.site, floor, lambda: 500.0)
    assert await value(metrics, "hotline_call_identity_mismatch") == 0

    metrics.fold([scored("old", 12.0, Outcome.ANSWERED)])
    floor.unscored, floor.waiting["damrong"] = 49, 49
    assert await value(metrics, "hotline_call_identity_mismatch") == 0


@pytest.mark.parametrize(
    "forgotten", [[received("a")], [received("a"), queued("a")], [queued("a")]]
)
async def test_a_call_that_the_engine_lost_is_a_mismatch(
    metrics: Metrics, forgotten: list[Fact]
) -> None:
    metrics.fold(forgotten)

    assert await value(metrics, "hotline_call_identity_mismatch") > 0


async def test_a_call_scored_twice_is_a_mismatch(metrics: Metrics) -> None:
    metrics.fold([*answered_call("a", "op1", 100.0), scored("a", 150.0, Outcome.ANSWERED)])

    assert await value(metrics, "hotline_call_identity_mismatch") == 2


# --- a changed site ----------------------------------------------------------------------------


async def test_a_changed_site_brings_its_series_and_keeps_the_old_counts(
    metrics: Metrics, floor: Floor
) -> None:
    metrics.fold(list(answered_call("a", "op1", 100.0)))
    former = floor.site
    new = replace(former.lines[LineName("1567")], name=LineName("1300"), queue=QueueName("new"))
    floor.site = replace(
        former,
        lines={new.name: new},
        queues={QueueName("new"): rules(QueueName("new"))},
    )

    assert await value(metrics, "hotline_calls_received_total", line="1300") == 0
    assert await value(metrics, "hotline_calls_received_total", line="1567") == 1
    assert await value(metrics, "hotline_queue_waiting", queue="new") == 0
    assert await value(metrics, "hotline_call_identity_mismatch") == 0


async def test_a_line_the_site_has_no_more_is_counted_under_its_old_name(metrics: Metrics) -> None:
    gone = CallReceived(
        at=1.0, call=CallId("a"), line=LineName("old"), did="1", caller="", arrived_at=1.0
    )
    there = CallQueued(at=1.0, call=CallId("a"), queue=DAMRONG, priority=0, waiting=1)
    metrics.fold([gone, there])

    assert await value(metrics, "hotline_calls_offered_total", line="old", queue="damrong") == 1


# --- the page ----------------------------------------------------------------------------------


async def test_the_page_says_what_the_library_would_say(metrics: Metrics) -> None:
    for number in range(20):
        metrics.fold(list(answered_call(f"call-{number}", f"op{number % 3}", 100.0 + number)))

    ours = await metrics.render()
    theirs = generate_latest(metrics.registry)

    assert numbers(ours) == numbers(theirs)
    assert sorted(line for line in ours.decode().splitlines() if line.startswith("#")) == sorted(
        line for line in theirs.decode().splitlines() if line.startswith("#")
    )


async def test_label_values_are_escaped(metrics: Metrics) -> None:
    odd = LineName('a"b\\c\nd')
    metrics.fold([replace(received("a"), line=odd)])

    assert await value(metrics, "hotline_calls_received_total", line=odd) == 1


async def test_every_declared_series_is_on_the_page_and_no_other(metrics: Metrics) -> None:
    page = (await metrics.render()).decode()
    printed = {line.split()[2]: line.split()[3] for line in page.splitlines() if "# TYPE" in line}

    assert printed == {name: kind for name, kind, _, _ in describe()}


def test_every_series_says_what_it_is() -> None:
    names = [name for name, _, _, _ in describe()]

    assert len(set(names)) == len(names)
    assert all(name.startswith("hotline_") for name in names)
    assert all(text.endswith(".") and len(text) > 15 for _, _, _, text in describe())


async def test_no_label_can_name_a_person(metrics: Metrics) -> None:
    metrics.fold(list(answered_call("call-17", "somchai", 100.0)))

    page = (await metrics.render()).decode()
    assert "somchai" not in page
    assert "0812345678" not in page
    assert "call-17" not in page
    allowed = {"line", "queue", "outcome", "reason", "state", "result", "known", "kind", "event"}
    allowed |= {"type", "operation", "place", "trunk", "stage", "status", "to", "mode"}
    allowed |= {"type", "operation", "place", "trunk", "stage", "status", "to"}
    allowed |= {"step", "key", "ending", "planned", "node"}
    assert {label for _, _, labels, _ in describe() for label in labels} <= allowed


async def test_surveys_are_counted_by_line_queue_and_what_came_of_them() -> None:
    made = site()
    asked = replace(made.line_of_did["1567"], survey=True)
    made = replace(made, lines={**made.lines, asked.name: asked})
    counted = Metrics(made, State(made), lambda: 0.0)
    standing = {"line": "1567", "queue": "damrong"}
    assert await value(counted, "hotline_surveys_total", **standing, result="5") == 0
    for score, ending in ((5, SurveyEnding.ANSWERED), (0, SurveyEnding.LEFT)):
        counted.fold([survey_ended("a", 200.0, score, ending)])
    assert await value(counted, "hotline_surveys_total", **standing, result="5") == 1
    assert await value(counted, "hotline_surveys_total", **standing, result="left") == 1


async def test_who_answers_callers_again_is_counted() -> None:
    made = site(rules(DAMRONG, last_operator_seconds=600.0))
    counted = Metrics(made, State(made), lambda: 0.0)
    name = "hotline_last_operator_calls_total"
    assert await value(counted, name, queue="damrong", result="same") == 0
    for call, last in (("a", "op1"), ("b", "op2"), ("c", "")):
        facts = list(answered_call(call, "op1", 100.0))
        facts[1] = replace(queued(call, 100.0), last_operator=OperatorId(last))
        counted.fold(facts)
    assert await value(counted, name, queue="damrong", result="same") == 1
    assert await value(counted, name, queue="damrong", result="other") == 1


async def test_each_node_is_told_by_its_name(floor: Floor, metrics: Metrics) -> None:
    floor.nodes = {NodeId("n1"): Node(connected=True), NodeId("n2"): Node(draining=True)}
    told = numbers(await metrics.render())
    assert {
        (name, dict(labels)["node"]): value
        for (name, labels), value in told.items()
        if name.startswith("hotline_node")
    } == {
        ("hotline_node_connected", "n1"): 1,
        ("hotline_node_connected", "n2"): 0,
        ("hotline_node_draining", "n1"): 0,
        ("hotline_node_draining", "n2"): 1,
        ("hotline_node_calls", "n1"): 1,
        ("hotline_node_calls", "n2"): 2,
    }
