"""Stories of callers who wait: the order in which they are served, and how waiting ends."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId
from tests.legs import caller_leg, leg_named
from tests.site import DAMRONG, GCC, NIGHT, renamed, rules
from tests.unit.core.story import Story


def test_callers_are_served_first_in_first_out() -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=0.0))
    story.calls("malee", "wipa", "chai")
    story.logs_in("somchai")
    for caller in ("malee", "wipa", "chai"):
        assert story.has("somchai") == caller
        story.answers("somchai")
        story.leaves(caller)
    assert story.outcomes() == dict.fromkeys(("malee", "wipa", "chai"), "answered")


def test_the_greeting_is_part_of_the_wait() -> None:
    story = Story()
    story.calls("malee", age=2.0)
    story.calls("wipa", age=9.0)
    assert story.in_line() == ["wipa", "malee"]
    story.after(1.0)
    story.leaves("wipa")
    assert story.score("wipa").wait_seconds == 10.0
    assert story.score("wipa").queue_wait_seconds == 1.0


def test_a_higher_priority_is_served_first() -> None:
    story = Story()
    story.calls("malee", did="1111")
    story.calls("boat", did="1669")
    story.logs_in("somchai", queues=(GCC,))
    assert story.has("somchai") == "boat"


def test_a_supervisor_moves_a_caller_up_and_the_arrival_still_counts_among_equals() -> None:
    story = Story()
    story.calls("malee", "wipa", "chai", did="1111")
    story.calls("boat", did="1669")
    story.happens(e.PriorityChanged(call=CallId("chai"), priority=5))
    assert story.in_line(GCC) == ["chai", "boat", "malee", "wipa"]
    story.happens(e.PriorityChanged(call=CallId("chai"), priority=0))
    assert story.in_line(GCC) == ["boat", "malee", "wipa", "chai"]


def test_nobody_starves_behind_urgent_callers() -> None:
    """An urgent caller every 20 s, and one operator who talks for 20 s: who called first is served
    when as much time is over as five steps of priority weigh, and one talk more at most."""
    story = Story(rules(GCC, wrapup_seconds=0.0, max_wait_seconds=7200.0))
    aging = story.site.aging_seconds
    story.logs_in("somchai", queues=(GCC,))
    story.calls("boat", did="1669")
    story.answers("somchai")
    story.calls("malee", did="1111")
    arrived = story.now
    for number in range(200):
        story.calls(f"urgent {number}", did="1669")
        story.after(20.0)
        present = story.has("somchai")
        assert present is not None
        if present == "malee":
            break
        story.leaves(present)
        if story.has("somchai") != present:
            story.answers("somchai")
    waited = story.now - arrived
    assert 5 * aging - 20.0 <= waited <= 5 * aging + 40.0


def test_another_weight_of_priority_counts_at_once_for_who_waits() -> None:
    story = Story()
    story.calls("malee", did="1111")
    story.after(200.0)
    story.calls("boat", did="1669")
    assert story.in_line(GCC) == ["boat", "malee"]
    story.happens(e.SiteChanged(site=replace(story.site, aging_seconds=30.0)))
    assert story.in_line(GCC) == ["malee", "boat"]


def test_the_longest_idle_operator_gets_the_call() -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=0.0))
    story.logs_in("somchai", "wirat", "nok")
    story.calls("one")
    assert story.has("somchai") == "one"
    story.answers("somchai")
    story.leaves("one")  # Somchai is now the one who has been idle for the shortest time
    story.calls("two", "three", "four")
    assert [story.has(x) for x in ("wirat", "nok", "somchai")] == ["two", "three", "four"]


def test_when_several_are_free_at_once_the_caller_who_is_next_gets_the_longest_idle() -> None:
    story = Story()
    story.asterisk_is_lost()
    story.logs_in("somchai", queues=(GCC,))
    story.logs_in("wirat", queues=(DAMRONG, GCC))
    story.calls("malee", did="1567")
    story.calls("boat", did="1669")
    legs = tuple(
        e.LegSeen(leg=leg_named(x), is_up=True, in_app=True, did="", caller="", age_seconds=0.0)
        for x in ("malee", "boat")
    )
    story.happens(e.SnapshotTaken(boot="1", legs=legs, bridges=()))
    assert (story.has("somchai"), story.has("wirat")) == ("boat", "malee")


def test_a_pause_in_between_ends_the_idleness() -> None:
    story = Story()
    story.logs_in("somchai", "wirat")
    story.pauses("somchai")
    story.resumes("somchai")
    story.calls("malee")
    assert (story.has("wirat"), story.has("somchai")) == ("malee", "")


def test_an_operator_of_two_queues_takes_the_earliest_arrival_of_both() -> None:
    story = Story()
    story.calls("malee", did="1111", age=5.0)
    story.calls("wipa", did="1567", age=9.0)
    story.logs_in("somchai", queues=(GCC, DAMRONG))
    assert story.has("somchai") == "wipa"


def test_an_operator_serves_no_queue_but_their_own() -> None:
    story = Story()
    story.calls("malee", did="1111")
    story.logs_in("somchai", queues=(DAMRONG,))
    assert story.does("somchai") is OperatorState.AVAILABLE
    assert story.in_line(GCC) == ["malee"]


def test_nobody_waits_while_somebody_is_free() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    assert story.rang() == [("somchai", "malee")]
    ring = story.ordered[-1]
    assert isinstance(ring, c.RingOperator)
    assert (ring.endpoint, ring.caller_id) == ("PJSIP/somchai", '"1567" <1567>')


def test_a_number_nobody_published_is_turned_away_with_a_message() -> None:
    story = Story()
    story.calls("malee", did="999")
    assert story.outcomes() == {"malee": "rejected"}
    assert story.score("malee").reason == "unknown_number"
    assert story.ordered[-1] == c.SendOut(
        lane=CallId("malee"), leg=caller_leg("malee"), exit=c.Exit.UNKNOWN_NUMBER
    )


def test_a_full_queue_turns_the_next_caller_away_and_lets_the_one_after_a_leaver_in() -> None:
    story = Story(rules(DAMRONG, waiting_limit=2))
    story.calls("malee", "wipa", "chai")
    assert story.outcomes() == {"chai": "rejected"}
    assert story.score("chai").reason == "queue_full"
    story.leaves("malee")
    story.calls("nok")
    assert story.in_line() == ["wipa", "nok"]


def test_who_is_rung_for_still_counts_as_waiting_for_the_limit() -> None:
    story = Story(rules(DAMRONG, waiting_limit=1))
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    assert story.outcomes() == {"wipa": "rejected"}
    story.answers("somchai")
    story.calls("chai")
    assert story.in_line() == ["chai"]


def test_the_longest_wait_leads_to_the_next_queue_and_then_out_with_a_message() -> None:
    story = Story(rules(DAMRONG, max_wait_seconds=60.0, overflow_queue=GCC))
    story.calls("malee")
    story.after(60.0)
    assert (story.in_line(DAMRONG), story.in_line(GCC)) == ([], ["malee"])
    assert story.call("malee").arrived_at == 1000.0
    story.after(600.0)
    assert story.outcomes() == {"malee": "overflow"}
    assert story.score("malee").reason == "max_wait"
    assert story.score("malee").wait_seconds == 660.0
    assert isinstance(story.ordered[-1], c.SendOut)


def test_the_arrival_keeps_counting_in_the_next_queue() -> None:
    story = Story(rules(DAMRONG, max_wait_seconds=60.0, overflow_queue=GCC))
    story.calls("malee")
    story.after(30.0)
    story.calls("wipa", did="1111")
    story.after(30.0)
    assert story.in_line(GCC) == ["malee", "wipa"]
    story.logs_in("somchai", queues=(GCC,))
    assert story.has("somchai") == "malee"


def test_a_full_next_queue_leads_out_with_a_message() -> None:
    story = Story(
        rules(DAMRONG, max_wait_seconds=60.0, overflow_queue=GCC), rules(GCC, waiting_limit=1)
    )
    story.calls("wipa", did="1111")
    story.calls("malee")
    story.after(60.0)
    assert story.outcomes() == {"malee": "overflow"}


def test_patience_does_not_run_out_while_a_phone_rings_but_right_after() -> None:
    story = Story(rules(DAMRONG, max_wait_seconds=60.0))
    story.calls("malee")
    story.after(55.0)
    story.logs_in("somchai")
    story.after(14.0)
    assert story.does("somchai") is OperatorState.RINGING
    story.after(1.0)
    assert story.outcomes() == {"malee": "overflow"}
    assert story.score("malee").wait_seconds == 70.0


def test_after_the_longest_wait_a_free_operator_still_comes_before_the_message() -> None:
    story = Story(rules(DAMRONG, max_wait_seconds=60.0))
    story.calls("malee")
    story.after(55.0)
    story.logs_in("somchai")
    story.calls("wipa")
    story.logs_in("nok", queues=(GCC,))
    story.after(10.0)
    story.logs_in("wirat")
    story.leaves("wipa")
    assert story.does("wirat") is OperatorState.AVAILABLE
    story.after(5.0)  # Somchai lets it ring; Wirat is there
    assert story.has("wirat") == "malee"
    assert story.outcomes() == {"wipa": "abandoned"}


@pytest.mark.parametrize(("seconds", "outcome"), [(4.9, "abandoned_short"), (5.0, "abandoned")])
def test_leaving_the_line_early_is_a_misdial_and_later_is_not(seconds: float, outcome: str) -> None:
    story = Story()
    story.calls("malee")
    story.after(seconds)
    story.leaves("malee")
    assert story.outcomes() == {"malee": outcome}
    assert story.score("malee").wait_seconds == pytest.approx(seconds)


def test_who_leaves_says_from_which_place() -> None:
    story = Story()
    story.calls("malee", "wipa", "chai")
    story.leaves("chai")
    story.leaves("malee")
    story.leaves("wipa")
    assert [story.score(x).place for x in ("chai", "malee", "wipa")] == [3, 1, 1]


def test_who_was_sent_out_and_stays_is_hung_up_in_the_end() -> None:
    story = Story()
    story.calls("malee", did="999")
    story.after(60.0)
    assert story.ordered[-1] == c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))
    assert story.engine.state.calls == {}


def test_the_oldest_wait_counts_whoever_rings_too() -> None:
    story = Story()
    story.calls("malee")
    story.after(10.0)
    story.calls("wipa")
    story.after(5.0)
    state = story.engine.state
    assert state.oldest_wait_seconds(DAMRONG, story.now) == 15.0
    story.logs_in("somchai")
    assert state.oldest_wait_seconds(DAMRONG, story.now) == 15.0
    story.answers("somchai")
    assert state.oldest_wait_seconds(DAMRONG, story.now) == 5.0
    story.leaves("wipa")
    assert state.oldest_wait_seconds(DAMRONG, story.now) == 0.0


def test_new_limits_of_a_changed_site_file_hold_from_now_on() -> None:
    story = Story(rules(DAMRONG, waiting_limit=2))
    story.calls("malee", "wipa")
    changed = Story(rules(DAMRONG, waiting_limit=3)).site
    story.happens(e.SiteChanged(site=changed))
    story.calls("chai", "nok")
    assert story.in_line() == ["malee", "wipa", "chai"]
    assert story.outcomes() == {"nok": "rejected"}


def test_who_waits_in_a_queue_that_is_no_more_goes_on_in_line_in_the_new_one() -> None:
    story = Story()
    story.calls("malee", "wipa")
    story.happens(e.SiteChanged(site=renamed()))
    story.calls("chai")
    assert story.in_line(NIGHT) == ["malee", "wipa", "chai"]
    story.logs_in("somchai", queues=(NIGHT,))
    assert story.has("somchai") == "malee"


def test_who_still_serves_a_queue_that_is_no_more_serves_its_callers() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa", "chai")
    story.answers("somchai")
    story.happens(e.SiteChanged(site=renamed()))
    assert story.in_line() == ["wipa", "chai"]
    story.leaves("malee")
    story.after(10.0)
    assert story.has("somchai") == "wipa"
    story.answers("somchai")
    story.logs_out("somchai")
    story.leaves("wipa")
    story.after(10.0)
    assert story.in_line(NIGHT) == ["chai"]


def test_a_queue_renamed_while_the_service_was_away_strands_nobody() -> None:
    story = Story()
    story.calls("malee", "wipa")
    story.site = renamed()
    story.service_restarts()
    legs = tuple(
        e.LegSeen(leg=leg_named(n), is_up=True, in_app=True, did="1567", caller="", age_seconds=5.0)
        for n in ("malee", "wipa")
    )
    story.happens(e.SnapshotTaken(boot="1", legs=legs, bridges=()))
    assert story.in_line(NIGHT) == ["malee", "wipa"]


def test_who_overflows_into_a_queue_that_is_no_more_either_goes_on_from_there() -> None:
    story = Story(rules(DAMRONG, max_wait_seconds=60.0, overflow_queue=GCC))
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.calls("wipa")
    gone = renamed()
    gone = replace(gone, queues={NIGHT: gone.queues[NIGHT]})
    story.happens(e.SiteChanged(site=gone))
    assert story.in_line() == ["wipa"]
    story.after(60.0)
    assert (story.in_line(), story.in_line(GCC), story.in_line(NIGHT)) == ([], [], ["wipa"])


def test_who_dialled_a_number_that_is_no_more_either_waits_for_as_long_as_the_queue_allows() -> (
    None
):
    story = Story(rules(DAMRONG, max_wait_seconds=60.0))
    story.calls("malee")
    story.happens(e.SiteChanged(site=replace(renamed(), line_of_did={})))
    assert story.in_line() == ["malee"]
    story.after(60.0)
    assert story.outcomes() == {"malee": "overflow"}


def test_a_leg_that_nobody_handed_over_is_no_caller_and_is_hung_up() -> None:
    story = Story()
    story.calls("forwarded", did="")
    assert story.ordered == [c.HangUp(lane=CallId("forwarded"), leg=leg_named("forwarded"))]
    assert story.engine.state.calls == {}
    assert not [fact for fact in story.told if isinstance(fact, f.CallReceived)]


def test_a_caller_of_whom_asterisk_cannot_tell_is_sent_to_the_lifeboat_for_good() -> None:
    story = Story()
    story.happens(e.CallerUntold(call=CallId("malee")))
    assert story.ordered == [
        c.SendOut(lane=CallId("malee"), leg=caller_leg("malee"), exit=c.Exit.UNTOLD)
    ]
    assert not story.outcomes()  # the record is made from Asterisk's ledger


def test_a_caller_who_is_in_line_is_never_untold() -> None:
    story = Story()
    story.calls("malee")
    ordered = list(story.ordered)
    story.happens(e.CallerUntold(call=CallId("malee")))
    assert story.ordered == ordered


@pytest.mark.parametrize("rings", [True, False])
def test_who_wished_to_pause_and_comes_back_before_the_call_is_over_takes_the_next_one(
    rings: bool,
) -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    if not rings:
        story.answers("somchai")
    story.pauses("somchai")
    assert story.operator("somchai").wish is OperatorState.PAUSED
    story.resumes("somchai")
    assert story.operator("somchai").wish is not OperatorState.PAUSED
    if rings:
        story.answers("somchai")
    story.leaves("malee")
    story.after(60.0)
    assert story.rang()[-1] == ("somchai", "wipa")
