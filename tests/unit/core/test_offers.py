"""Stories of offers: rung and not answered, declined, taken back, answered, and come too late."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, OfferId
from callcenter.core.outcome import LegEnd
from tests.legs import caller_leg, desk_bridge, leg_named
from tests.site import DAMRONG, rules
from tests.unit.core.story import Story

SOMCHAIS_DESK = desk_bridge("somchai")


def test_nobody_answers_and_the_caller_is_back_at_the_very_front() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    story.after(15.0)
    assert story.in_line() == ["malee", "wipa"]
    assert (story.does("somchai"), story.operator("somchai").reason) == ("paused", "rona")
    assert story.results("somchai") == ["no_answer"]
    story.logs_in("wirat")
    assert story.has("wirat") == "malee"


def test_two_who_were_not_answered_keep_their_order() -> None:
    story = Story()
    story.logs_in("somchai", "wirat")
    story.calls("malee", "wipa", "chai")
    story.after(15.0)
    assert story.in_line() == ["malee", "wipa", "chai"]


def test_who_did_not_answer_stays_paused_until_they_say_so() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.after(500.0)
    assert story.does("somchai") is OperatorState.PAUSED
    story.resumes("somchai")
    assert story.has("somchai") == "malee"


def test_who_did_not_answer_and_wanted_to_go_home_goes_home() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.pauses("somchai")
    story.after(15.0)
    assert (story.does("somchai"), story.operator("somchai").reason) == ("paused", "rona")


@pytest.mark.parametrize(
    ("end", "result", "seconds"),
    [
        (LegEnd.DECLINED, "declined", 10.0),
        (LegEnd.BUSY, "busy", 10.0),
        (LegEnd.UNREACHABLE, "unreachable", 5.0),
        (LegEnd.ENDED, "unreachable", 5.0),
    ],
)
def test_a_short_pause_ends_by_itself_and_the_caller_comes_again(
    end: LegEnd, result: str, seconds: float
) -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    story.phone_ends("somchai", end)
    assert (story.does("somchai"), story.operator("somchai").reason) == ("paused", result)
    assert story.in_line() == ["malee", "wipa"]
    story.after(seconds - 0.1)
    assert story.does("somchai") is OperatorState.PAUSED
    story.after(0.1)
    assert story.has("somchai") == "malee"
    assert story.results("somchai") == [result]


def test_asterisk_gives_up_ringing_before_us_and_that_is_no_answer_too() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.phone_ends("somchai", LegEnd.NO_ANSWER)
    assert story.operator("somchai").reason == "rona"


def test_the_next_operator_is_rung_at_once_when_one_declines() -> None:
    story = Story()
    story.logs_in("somchai", "wirat")
    story.calls("malee")
    story.phone_ends("somchai", LegEnd.DECLINED)
    assert story.has("wirat") == "malee"
    assert story.offer_to("wirat") == "offer-2-malee"


def test_asterisk_would_not_ring_and_should_it_ring_after_all_it_is_hung_up() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    offer = story.offer_to("somchai")
    done = story.happens(e.RingFailed(offer=offer))
    assert [type(x) for x in done.commands] == [c.HangUp]
    late = story.happens(e.OperatorAnswered(offer=offer))
    assert late.facts == []
    assert [type(x) for x in late.commands] == [c.HangUp]


def test_an_answer_that_comes_after_the_offer_was_taken_back_is_hung_up() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    late = story.offer_to("somchai")
    story.after(15.0)
    story.logs_in("wirat")
    done = story.happens(e.OperatorAnswered(offer=late))
    assert done == ([c.HangUp(lane=story.call("malee").id, leg=leg_named(late))], [])
    assert story.has("wirat") == "malee"


def test_an_answer_for_a_call_nobody_knows_is_hung_up() -> None:
    story = Story()
    done = story.happens(e.OperatorAnswered(offer=OfferId("offer-3-asterisk-17.4")))
    leg = leg_named("offer-3-asterisk-17.4")
    assert done == ([c.HangUp(lane=CallId("asterisk-17.4"), leg=leg)], [])


def test_the_late_end_of_an_old_offer_does_not_touch_the_new_one() -> None:
    story = Story()
    story.logs_in("somchai", "wirat")
    story.calls("malee")
    old = story.offer_to("somchai")
    story.phone_ends("somchai", LegEnd.DECLINED)
    story.happens(e.OperatorLegEnded(offer=old, end=LegEnd.ENDED))
    story.happens(e.BridgeFailed(offer=old))
    story.happens(e.RingFailed(offer=old))
    assert story.has("wirat") == "malee"


def test_a_call_is_answered_only_when_both_legs_are_in_the_bridge() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.after(3.0)
    story.picks_up("somchai")
    assert story.outcomes() == {}
    desk = story.ordered[-1]
    assert isinstance(desk, c.Bridge)
    assert desk.operator is not None
    story.happens(e.LegEnteredBridge(leg=desk.operator, bridge=desk.bridge))
    assert story.outcomes() == {}
    story.after(1.0)
    story.happens(e.LegEnteredBridge(leg=desk.caller, bridge=desk.bridge))
    assert story.outcomes() == {"malee": "answered"}
    assert story.score("malee").wait_seconds == 4.0


def test_another_bridge_does_not_count() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    for leg in ("malee", story.offer_to("somchai")):
        story.happens(e.LegEnteredBridge(leg=leg_named(leg), bridge=desk_bridge("wirat")))
    assert story.outcomes() == {}


def test_the_caller_seen_in_the_bridge_before_the_answer_does_not_count() -> None:
    """A late event of an earlier try at the same desk must not stand for the present one."""
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.happens(e.LegEnteredBridge(leg=caller_leg("malee"), bridge=SOMCHAIS_DESK))
    story.picks_up("somchai")
    story.happens(e.LegEnteredBridge(leg=leg_named("offer-1-malee"), bridge=SOMCHAIS_DESK))
    assert story.outcomes() == {}


def test_asterisk_says_yes_but_does_not_join_and_the_caller_hears_music_again() -> None:
    story = Story()
    story.logs_in("somchai", "wirat")
    story.calls("malee", "wipa", "chai")
    story.picks_up("somchai")
    story.ordered.clear()
    story.after(story.site.bridge_seconds)
    assert [type(x) for x in story.ordered] == [c.HangUp, c.BackToMusic, c.OpenDesk]
    assert story.in_line() == ["malee", "chai"]
    assert story.operator("somchai").reason == "bridge_failed"
    story.after(5.0)
    assert story.has("somchai") == "malee"
    assert story.offer_to("somchai") == "offer-2-malee"


def test_the_operator_hangs_up_in_the_very_instant_of_answer() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    done = story.phone_ends("somchai")
    assert [type(x) for x in done.commands] == [c.BackToMusic]
    assert story.in_line() == ["malee"]


@pytest.mark.parametrize("instant", ["waiting", "ringing", "answered", "joined"])
def test_a_caller_who_hangs_up_at_any_instant_frees_the_operator_at_once(instant: str) -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=0.0))
    if instant != "waiting":
        story.logs_in("somchai")
    story.calls("malee")
    if instant == "answered":
        story.picks_up("somchai")
    if instant == "joined":
        story.answers("somchai")
    story.calls("wipa")
    story.leaves("malee")
    if instant == "waiting":
        story.logs_in("somchai")
    assert story.has("somchai") == "wipa"
    expected = "answered" if instant == "joined" else "abandoned_short"
    assert story.outcomes() == {"malee": expected}


def test_wrap_up_keeps_calls_away_until_its_time_is_over() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    story.answers("somchai")
    story.after(30.0)
    story.leaves("malee")
    assert (story.does("somchai"), story.has("somchai")) == ("wrapup", "malee")
    story.after(9.9)
    assert story.in_line() == ["wipa"]
    story.after(0.1)
    assert story.has("somchai") == "wipa"


def test_wrap_up_can_be_ended_early() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    story.answers("somchai")
    story.phone_ends("somchai")
    story.resumes("somchai")
    assert story.has("somchai") == "wipa"


def test_a_pause_asked_for_while_talking_comes_after_the_wrap_up() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    story.answers("somchai")
    story.pauses("somchai", "lunch")
    assert story.does("somchai") is OperatorState.ON_CALL
    story.leaves("malee")
    assert story.does("somchai") is OperatorState.WRAPUP
    story.after(10.0)
    assert (story.does("somchai"), story.operator("somchai").reason) == ("paused", "lunch")
    assert story.in_line() == ["wipa"]


def test_a_log_out_while_ringing_takes_the_offer_back() -> None:
    story = Story()
    story.logs_in("somchai", "wirat")
    story.calls("malee")
    story.logs_out("somchai")
    assert story.does("somchai") is OperatorState.OFFLINE
    assert story.has("wirat") == "malee"
    assert story.results("somchai") == ["withdrawn"]


def test_a_log_out_while_talking_waits_for_the_end_of_the_talk() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.logs_out("somchai")
    assert story.does("somchai") is OperatorState.ON_CALL
    story.leaves("malee")
    story.after(10.0)
    assert story.does("somchai") is OperatorState.OFFLINE
    assert isinstance(story.ordered[-1], c.CloseDesk)


def test_the_operator_ends_the_talk_from_the_console() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    done = story.happens(e.HangUpAsked(operator=story.operator("somchai").id))
    assert {x.leg for x in done.commands if isinstance(x, c.HangUp)} == {
        leg_named("malee"),
        leg_named("offer-1-malee"),
    }
    assert story.outcomes() == {"malee": "answered"}


def test_nobody_is_rung_twice_at_once() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa", "chai")
    assert story.rang() == [("somchai", "malee")]
