"""Stories of callers whose own queue is no place to wait: nobody on duty, or too many before."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.site import QueueRules
from tests.legs import caller_leg
from tests.site import DAMRONG, GCC, NIGHT, rules, site
from tests.unit.core.story import Story

NEAR = rules(DAMRONG, neighbours=(GCC, NIGHT))


def moves(story: Story) -> list[tuple[str, str, str, str]]:
    """Who went from where to where, and why; at entry, too."""
    told: list[tuple[str, str, str, str]] = []
    for fact in story.told:
        if isinstance(fact, f.CallQueued) and fact.why:
            told.append((fact.call, fact.instead_of, fact.queue, fact.why))
        if isinstance(fact, f.CallMoved):
            told.append((fact.call, fact.left, fact.queue, fact.why))
    return told


def test_where_nobody_is_on_duty_the_first_neighbour_with_somebody_answers_at_once() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai", queues=(NIGHT,))
    story.calls("malee", age=7.0)
    assert story.rang() == [("somchai", "malee")]
    assert moves(story) == [("malee", DAMRONG, NIGHT, "no_staff")]
    story.answers("somchai")
    score = story.score("malee")
    assert (score.line, score.queue, score.wait_seconds) == ("1567", NIGHT, 7.0)


def test_the_neighbours_are_asked_in_the_order_of_the_site() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai", queues=(NIGHT,))
    story.logs_in("anan", queues=(GCC,))
    story.calls("malee")
    assert story.rang() == [("anan", "malee")]


def test_a_busy_queue_is_not_an_empty_one() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai")
    story.logs_in("anan", queues=(GCC,))
    story.calls("malee", "wipa")
    assert story.rang() == [("somchai", "malee")]
    assert story.in_line() == ["wipa"]


def test_who_is_on_lunch_is_on_duty() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai")
    story.pauses("somchai", "lunch")
    story.logs_in("anan", queues=(GCC,))
    story.calls("malee")
    assert story.in_line() == ["malee"]


def test_when_the_only_operator_lets_it_ring_the_caller_goes_to_the_neighbour() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai")
    story.logs_in("anan", queues=(GCC,))
    story.calls("malee")
    story.calls("wipa")
    story.after(15.0)
    assert story.does("somchai") is OperatorState.PAUSED
    assert story.has("anan") == "malee"
    assert story.in_line(GCC) == ["wipa"]
    assert [move[0] for move in moves(story)] == ["malee", "wipa"]


@pytest.mark.parametrize("last", ["logs out", "phone away", "goes home after the call"])
def test_when_the_last_operator_goes_everybody_in_line_goes_on(last: str) -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.logs_in("anan", queues=(GCC,))
    story.pauses("anan")
    story.calls("wipa", "chai")
    story.calls("boat", did="1111")
    if last == "goes home after the call":
        story.logs_out("somchai")
    else:
        story.leaves("malee")
        story.pauses("somchai")
        story.after(10.0)
        if last == "logs out":
            story.logs_out("somchai")
        else:
            story.resumes("somchai")
            story.picks_up("somchai")
            story.phone_ends("somchai")
            away = frozenset({"PJSIP/somchai"})
            story.happens(e.PhonesSeen(elsewhere=frozenset(), away=away))
            story.after(60.0)
    assert story.in_line() == []
    assert story.in_line(GCC) == ["wipa", "chai", "boat"], "in the order of their arrival"


def test_who_waits_where_nobody_is_goes_on_when_somebody_comes_to_the_neighbours() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.calls("malee")
    assert story.in_line() == ["malee"]
    story.after(30.0)
    story.logs_in("anan", queues=(GCC,))
    assert story.has("anan") == "malee"


def test_who_went_to_a_neighbour_that_goes_home_comes_back() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("anan", queues=(GCC,))
    story.pauses("anan")
    story.calls("malee")
    assert story.in_line(GCC) == ["malee"]
    story.logs_in("somchai")
    assert story.in_line(GCC) == ["malee"], "somebody is on duty there"
    story.logs_out("anan")
    assert story.has("somchai") == "malee"
    assert [move[1:3] for move in moves(story)] == [(DAMRONG, GCC), (GCC, DAMRONG)]


@pytest.mark.parametrize("restarts", [False, True])
def test_who_waits_at_a_queue_that_is_no_neighbour_any_more_comes_back(restarts: bool) -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("anan", queues=(GCC,))
    story.pauses("anan")
    story.calls("malee")
    assert story.in_line(GCC) == ["malee"]
    story.site = site(rules(DAMRONG), rules(NIGHT))
    story.happens(e.SiteChanged(site=story.site))
    if restarts:
        story.service_restarts()
        leg = e.LegSeen(
            leg=caller_leg("malee"),
            is_up=True,
            in_app=True,
            did="1567",
            caller="0812345678",
            age_seconds=1.0,
        )
        story.happens(e.SnapshotTaken(boot="1", legs=(leg,), bridges=()))
    story.logs_out("anan")
    assert story.in_line(GCC) == ["malee"], "nobody is on duty anywhere"
    story.logs_in("somchai")
    assert story.has("somchai") == "malee"


def test_a_neighbour_takes_no_more_than_its_limit() -> None:
    story = Story(NEAR, rules(GCC, waiting_limit=1), rules(NIGHT))
    story.logs_in("anan", queues=(GCC,))
    story.pauses("anan")
    story.calls("malee", "wipa")
    assert (story.in_line(GCC), story.in_line()) == (["malee"], ["wipa"])


def test_an_operator_who_logs_in_elsewhere_leaves_the_former_queue() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai")
    story.pauses("somchai")
    story.calls("malee")
    assert story.in_line() == ["malee"]
    story.logs_in("somchai", queues=(GCC,))
    assert story.has("somchai") == "malee"


def test_too_many_wait_so_that_a_new_caller_goes_to_the_overflow_queue() -> None:
    story = Story(rules(DAMRONG, overflow_queue=GCC, overflow_at_waiting=2))
    story.calls("malee", "wipa", "chai")
    assert (story.in_line(), story.in_line(GCC)) == (["malee", "wipa"], ["chai"])
    assert moves(story) == [("chai", DAMRONG, GCC, "length")]


BOTH_WAYS = (
    rules(DAMRONG, overflow_queue=GCC, overflow_at_waiting=3, max_wait_seconds=60.0),
    rules(GCC, overflow_queue=DAMRONG, max_wait_seconds=90.0, overflow_message=("own_sorry",)),
)


def _with_two_who_are_busy(*queues: QueueRules) -> Story:
    story = Story(*queues)
    for who, queue in (("somchai", DAMRONG), ("anan", GCC)):
        story.logs_in(who, queues=(queue,))
        story.pauses(who)
    return story


def test_two_hotlines_help_each_other_and_nobody_goes_round() -> None:
    story = _with_two_who_are_busy(*BOTH_WAYS)
    story.calls("malee")
    story.calls("wipa", did="1111")
    story.after(60.0)
    assert story.in_line(GCC) == ["malee", "wipa"], "by their arrival"
    story.after(30.0)
    assert (story.in_line(GCC), story.in_line()) == (["malee"], ["wipa"])
    story.after(60.0)
    assert moves(story) == [
        ("malee", DAMRONG, GCC, "max_wait"),
        ("wipa", GCC, DAMRONG, "max_wait"),
    ]
    assert story.outcomes() == {"malee": "overflow", "wipa": "overflow"}
    ways = [(x.lane, x.exit, x.keys) for x in story.ordered if isinstance(x, c.SendOut)]
    assert sorted(ways) == [
        ("malee", c.Exit.MESSAGE, ("own_sorry",)),
        ("wipa", c.Exit.MAX_WAIT, ()),
    ]
    assert (story.score("malee").reason, story.score("wipa").reason) == ("message", "max_wait")


def test_who_was_sent_over_because_many_waited_comes_back_once() -> None:
    story = _with_two_who_are_busy(*BOTH_WAYS)
    story.calls("malee", "wipa", "chai", "boat")
    assert moves(story) == [("boat", DAMRONG, GCC, "length")]
    story.leaves("malee")
    story.after(90.0)
    mine = [move[1:] for move in moves(story) if move[0] == "boat"]
    assert mine == [(DAMRONG, GCC, "length"), (GCC, DAMRONG, "max_wait")]
    story.after(60.0)
    assert story.outcomes()["boat"] == "overflow"


def test_where_both_are_full_a_new_caller_is_told_so() -> None:
    full = [replace(each, waiting_limit=1, overflow_at_waiting=1) for each in BOTH_WAYS]
    story = _with_two_who_are_busy(*full)
    story.calls("malee", "wipa", "chai")
    assert story.outcomes() == {"chai": "rejected"}


def test_who_is_given_back_by_an_operator_may_go_on_again() -> None:
    story = Story(*BOTH_WAYS)
    story.logs_in("somchai")
    story.pauses("somchai")
    story.logs_in("anan", queues=(GCC,))
    story.pauses("anan")
    story.calls("malee")
    story.after(60.0)
    assert story.in_line(GCC) == ["malee"]
    story.resumes("anan")
    story.answers("anan")
    story.happens(e.TransferAsked(operator=OperatorId("anan"), call=CallId("malee"), queue=DAMRONG))
    story.pauses("anan")
    assert story.in_line() == ["malee"]
    story.after(60.0)
    assert story.in_line(GCC) == ["malee"]


def test_over_a_restart_it_is_known_where_the_longest_wait_is_over() -> None:
    story = _with_two_who_are_busy(*BOTH_WAYS)
    story.calls("malee")
    story.after(60.0)
    story.service_restarts()
    leg = e.LegSeen(
        leg=caller_leg("malee"), is_up=True, in_app=True, did="1567", caller="", age_seconds=1.0
    )
    story.happens(e.SnapshotTaken(boot="1", legs=(leg,), bridges=()))
    assert story.in_line(GCC) == ["malee"]
    story.after(90.0)
    assert story.outcomes() == {"malee": "overflow"}
    story.happens(e.SnapshotTaken(boot="1", legs=(leg,), bridges=()))
    out = [x for x in story.ordered if isinstance(x, c.SendOut)][-1]
    assert (out.exit, out.keys) == (c.Exit.MESSAGE, ("own_sorry",)), "said again: it was lost"


def test_from_a_queue_with_operators_nobody_overflows_to_one_without() -> None:
    story = Story(rules(DAMRONG, overflow_queue=GCC, max_wait_seconds=60.0))
    story.logs_in("somchai")
    story.pauses("somchai")
    story.calls("malee")
    story.after(60.0)
    assert story.outcomes() == {"malee": "overflow"}
    assert [x.exit for x in story.ordered if isinstance(x, c.SendOut)] == [c.Exit.MAX_WAIT]


def test_overflow_passes_over_a_queue_with_nobody() -> None:
    story = Story(
        rules(DAMRONG, overflow_queue=GCC, max_wait_seconds=60.0),
        rules(GCC, overflow_queue=NIGHT),
        rules(NIGHT),
    )
    story.logs_in("somchai")
    story.pauses("somchai")
    story.logs_in("anan", queues=(NIGHT,))
    story.calls("malee")
    story.after(60.0)
    assert story.has("anan") == "malee"
    assert moves(story) == [("malee", DAMRONG, NIGHT, "max_wait")]


def test_a_restart_changes_nothing_of_it() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.calls("malee")
    story.service_restarts()
    leg = e.LegSeen(
        leg=caller_leg("malee"), is_up=True, in_app=True, did="1567", caller="", age_seconds=1.0
    )
    story.happens(e.SnapshotTaken(boot="1", legs=(leg,), bridges=()))
    story.logs_in("anan", queues=(GCC,))
    assert story.has("anan") == "malee"


def test_who_is_given_on_to_a_queue_with_nobody_goes_on_to_the_neighbours_of_that_queue() -> None:
    story = Story(rules(GCC, neighbours=(NIGHT,)), rules(NIGHT))
    story.logs_in("somchai")
    story.logs_in("anan", queues=(NIGHT,))
    story.calls("malee")
    story.answers("somchai")
    asked = e.TransferAsked(
        operator=OperatorId("somchai"), call=CallId("malee"), queue=GCC, to=None
    )
    story.happens(asked)
    assert story.has("anan") == "malee"
    assert moves(story) == [("malee", GCC, NIGHT, "no_staff")]


def test_whose_only_operator_dies_in_the_talk_goes_to_the_neighbour() -> None:
    story = Story(NEAR, rules(NIGHT))
    story.logs_in("somchai")
    story.logs_in("anan", queues=(GCC,))
    story.calls("malee")
    story.answers("somchai")
    story.happens(e.PhoneLost(endpoint="PJSIP/somchai"))
    assert story.has("anan") == "malee"
