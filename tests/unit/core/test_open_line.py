"""Stories of an open line: a phone that is rung once and stays up, call after call."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import LineStage, OperatorState
from callcenter.core.ids import CallId, OfferId, OperatorId
from callcenter.core.legs import channel_of
from callcenter.core.offers.table import OnOffer
from callcenter.core.open_line import RING_SECONDS
from callcenter.core.outcome import EndedBy, LegEnd
from callcenter.core.state import CallState, OfferState, Way
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer, line_leg
from tests.site import DAMRONG, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story
from tests.unit.core.test_faults_of_ours import break_offer_rule
from tests.unit.core.test_restart import comes_back, desk, seen

SOMCHAI = OperatorId("somchai")
DESK = desk_bridge(SOMCHAI)


def does(story: Story, name: str) -> OfferState | None:
    """Where the offer of a call is."""
    offer = story.call(name).offer
    return offer.state if offer else None


def ready(*, wrapup_seconds: float = 0.0) -> Story:
    """Somchai with a headset on, available; nothing ordered yet."""
    story = Story(rules(DAMRONG, wrapup_seconds=wrapup_seconds))
    story.sits_down_with_a_headset("somchai")
    story.ordered.clear()
    return story


def talks(*, wrapup_seconds: float = 0.0) -> Story:
    """Somchai talks with Malee on his line; nothing ordered yet."""
    story = ready(wrapup_seconds=wrapup_seconds)
    story.calls("malee")
    story.is_handed_over("malee")
    story.ordered.clear()
    return story


def stands(story: Story) -> tuple[str, str, str]:
    """What Somchai does, why, and where the line is."""
    somchai = story.operator("somchai")
    return somchai.state.value, somchai.reason, somchai.line.value


def ordered(story: Story) -> list[str]:
    """The commands so far by name, with the leg where there is one."""
    return [
        f"{type(x).__name__} {channel_of(x.leg)}" if hasattr(x, "leg") else type(x).__name__
        for x in story.ordered
    ]


def ended_by(story: Story) -> list[EndedBy]:
    """Who ended the talks, in order."""
    return [x.ended_by for x in story.told if isinstance(x, f.TalkEnded)]


# --- opening it --------------------------------------------------------------------------------


def test_the_phone_is_rung_at_log_in_and_calls_come_when_the_line_is_in_the_bridge() -> None:
    story = Story()
    story.calls("malee")
    story.logs_in("somchai", open_line=True)
    assert ordered(story) == ["OpenDesk", "RingLine line-1-somchai"]
    assert stands(story) == ("paused", "line", "ringing")
    story.line_is_answered("somchai")
    assert ordered(story)[2:] == ["SeatLine line-1-somchai"]
    assert stands(story) == ("paused", "line", "answered")
    assert story.rang() == []
    story.line_is_seated("somchai")
    assert story.has("somchai") == "malee"
    assert {
        x.lane for x in story.ordered[:3] if not isinstance(x, c.AskCaseState | c.MeasureMessage)
    } == {DESK}


def test_nothing_that_is_shown_on_the_phone_is_a_callers() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    ring = story.ordered[-1]
    assert isinstance(ring, c.RingLine)
    assert (ring.endpoint, ring.caller_id) == ("PJSIP/somchai", '"open line" <line>')


@pytest.mark.parametrize(
    "end", [LegEnd.BUSY, LegEnd.DECLINED, LegEnd.UNREACHABLE, LegEnd.NO_ANSWER, LegEnd.ENDED]
)
def test_a_phone_that_is_not_answered_is_rung_again_when_the_operator_says_so(end: LegEnd) -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.line_ends("somchai", end)
    assert stands(story) == ("paused", "line", "down")
    story.after(3600.0)
    assert len(story.ordered) == 2
    story.resumes("somchai")
    assert ordered(story)[2:] == ["RingLine line-2-somchai"]
    assert stands(story) == ("paused", "line", "ringing")


def test_ringing_for_a_line_ends_by_itself() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.after(RING_SECONDS)
    assert ordered(story)[2:] == ["HangUp line-1-somchai"]
    assert stands(story) == ("paused", "line", "down")


def test_a_line_that_does_not_come_into_the_bridge_is_hung_up() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.line_is_answered("somchai")
    story.after(story.site.bridge_seconds)
    assert ordered(story)[3:] == ["HangUp line-1-somchai"]
    assert stands(story) == ("paused", "line", "down")


@pytest.mark.parametrize("answered", [False, True])
def test_a_line_that_asterisk_refuses_is_hung_up_in_case(answered: bool) -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    if answered:
        story.line_is_answered("somchai")
    story.ordered.clear()
    story.happens(e.LineFailed(leg=story.line_of("somchai")))
    assert ordered(story) == ["HangUp line-1-somchai"]
    assert stands(story) == ("paused", "line", "down")


def test_an_earlier_line_that_answers_late_is_hung_up() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.line_ends("somchai", LegEnd.NO_ANSWER)
    story.resumes("somchai")
    done = story.happens(e.LineAnswered(leg=line_leg(SOMCHAI, 1)))
    assert done.commands == [c.HangUp(lane=DESK, leg=line_leg(SOMCHAI, 1))]
    story.happens(e.LineEnded(leg=line_leg(SOMCHAI, 1), end=LegEnd.ENDED))
    assert stands(story) == ("paused", "line", "ringing")


def test_a_pause_while_the_line_is_being_opened_is_kept() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.pauses("somchai")
    story.line_is_answered("somchai")
    story.line_is_seated("somchai")
    assert stands(story) == ("paused", "lunch", "answered")
    story.resumes("somchai")
    story.line_is_seated("somchai")
    assert stands(story) == ("available", "", "seated")


def test_resumed_again_while_it_rings_rings_no_second_time() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.pauses("somchai")
    story.resumes("somchai")
    story.resumes("somchai")
    assert ordered(story) == ["OpenDesk", "RingLine line-1-somchai"]


# --- calls on it -------------------------------------------------------------------------------


def test_a_caller_is_handed_over_without_ringing_anybody() -> None:
    story = ready()
    done = story.happens(
        e.CallArrived(call=CallId("malee"), did="1567", caller="0812345678", age_seconds=0.0)
    )
    assert done.commands == [
        c.Bridge(
            lane=CallId("malee"),
            offer=story.offer_to("somchai"),
            bridge=DESK,
            caller=caller_leg("malee"),
            operator=line_leg(SOMCHAI, 1),
        )
    ]
    assert does(story, "malee") is OfferState.JOINING
    assert story.outcomes() == {}
    story.is_handed_over("malee")
    assert story.outcomes() == {"malee": "answered"}
    assert story.does("somchai") is OperatorState.ON_CALL


def test_one_caller_after_the_other_and_nothing_to_do_between_them() -> None:
    story = talks()
    story.calls("wipa", "chai")
    for leaves, comes in (("malee", "wipa"), ("wipa", "chai")):
        done = story.leaves(leaves)
        assert [type(x) for x in done.commands] == [c.Bridge]
        story.is_handed_over(comes)
    assert ended_by(story) == [EndedBy.CALLER, EndedBy.CALLER]
    assert story.results("somchai") == ["answered"] * 3


def test_wrap_up_and_pause_are_as_always_and_keep_the_line() -> None:
    story = talks(wrapup_seconds=10.0)
    story.pauses("somchai")
    story.leaves("malee")
    assert stands(story) == ("wrapup", "", "seated")
    story.after(10.0)
    assert stands(story) == ("paused", "lunch", "seated")
    assert story.ordered == []


def test_who_is_ended_from_the_console_leaves_before_the_next_is_joined() -> None:
    story = talks()
    story.calls("wipa")
    done = story.happens(e.HangUpAsked(operator=SOMCHAI))
    assert done.commands == [c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))]
    assert does(story, "malee") is OfferState.ENDING
    done = story.leaves("malee")
    assert [type(x) for x in done.commands] == [c.Bridge]
    assert ended_by(story) == [EndedBy.OPERATOR]


def test_a_hang_up_meant_for_who_has_just_left_does_not_end_the_next_talk() -> None:
    story = talks()
    story.calls("wipa")
    story.leaves("malee")
    story.is_handed_over("wipa")
    done = story.happens(e.HangUpAsked(operator=SOMCHAI, call=CallId("malee")))
    assert (done.commands, story.call("wipa").is_ending) == ([], False)
    done = story.happens(e.HangUpAsked(operator=SOMCHAI, call=CallId("wipa")))
    assert done.commands == [c.HangUp(lane=CallId("wipa"), leg=caller_leg("wipa"))]


def test_a_hang_up_that_was_lost_is_repeated() -> None:
    story = talks()
    story.happens(e.HangUpAsked(operator=SOMCHAI))
    story.asterisk_is_lost()
    commands = comes_back(
        story,
        seen("malee"),
        seen("line-1-somchai"),
        bridges=(desk("somchai", "line-1-somchai", "malee"),),
    )
    assert commands == [c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))]


def test_a_line_that_drops_in_a_talk_ends_it_and_is_rung_when_the_operator_says_so() -> None:
    story = talks()
    story.calls("wipa")
    done = story.line_ends("somchai")
    assert done.commands == [c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))]
    story.leaves("malee")
    assert stands(story) == ("paused", "line", "down")
    assert ended_by(story) == [EndedBy.OPERATOR]
    assert story.in_line() == ["wipa"]
    story.resumes("somchai")
    assert ordered(story)[-1] == "RingLine line-2-somchai"


def test_a_line_that_drops_while_nobody_talks() -> None:
    story = ready()
    story.line_ends("somchai")
    assert stands(story) == ("paused", "line", "down")
    assert story.ordered == []


def test_a_line_that_drops_in_a_pause_is_rung_after_it() -> None:
    story = ready()
    story.pauses("somchai")
    story.line_ends("somchai")
    assert stands(story) == ("paused", "lunch", "down")
    story.resumes("somchai")
    assert ordered(story) == ["RingLine line-2-somchai"]


def test_a_line_that_drops_at_the_hand_over_gives_the_caller_back() -> None:
    story = ready()
    story.calls("malee")
    story.ordered.clear()
    story.line_ends("somchai")
    assert story.in_line() == ["malee"]
    assert ordered(story) == ["BackToMusic", "OpenDesk"]
    assert stands(story) == ("paused", "line", "down")
    assert story.results("somchai") == ["declined"]


@pytest.mark.parametrize("late", [False, True])
def test_a_hand_over_that_fails_empties_the_bridge_and_seats_the_line_anew(late: bool) -> None:
    story = ready()
    story.calls("malee")
    story.ordered.clear()
    if late:
        story.after(story.site.bridge_seconds)
    else:
        story.happens(e.BridgeFailed(offer=story.offer_to("somchai")))
    assert ordered(story) == ["BackToMusic", "CloseDesk"]
    assert stands(story) == ("paused", "bridge_failed", "answered")
    story.after(story.site.pauses.unreachable_seconds)
    assert ordered(story)[2:] == ["SeatLine line-1-somchai"]
    assert story.in_line() == ["malee"]
    story.line_is_seated("somchai")
    assert story.has("somchai") == "malee"


def test_a_line_that_enters_the_bridge_that_is_closed_under_it_is_seated_when_it_is_wanted() -> (
    None
):
    """The command to join came late, and the line was told as seated where no bridge was left."""
    story = ready()
    story.calls("malee")
    story.after(story.site.bridge_seconds)
    story.ordered.clear()
    story.line_is_seated("somchai")
    assert stands(story) == ("paused", "bridge_failed", "answered")
    story.after(story.site.pauses.unreachable_seconds)
    assert ordered(story) == ["SeatLine line-1-somchai"]
    assert stands(story) == ("paused", "line", "answered")
    story.line_is_seated("somchai")
    assert story.has("somchai") == "malee"


def test_a_caller_who_leaves_at_the_hand_over_leaves_the_line_alone() -> None:
    story = ready()
    story.calls("malee")
    story.ordered.clear()
    story.leaves("malee")
    assert story.ordered == []
    assert stands(story) == ("available", "", "seated")


def test_a_talk_whose_end_we_cannot_handle_is_ended_and_the_next_meets_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = talks(wrapup_seconds=10.0)
    break_offer_rule(monkeypatch, Way.OPEN_LINE, OfferState.TALKING, OnOffer.HANG_UP)
    story.happens(e.HangUpAsked(operator=SOMCHAI))
    assert ordered(story) == ["HangUp malee", "CloseDesk"]
    story.after(10.0)
    assert ordered(story)[2:] == ["SeatLine line-1-somchai"]
    story.line_is_seated("somchai")
    assert stands(story) == ("available", "", "seated")


def test_a_hand_over_we_cannot_handle_takes_the_caller_to_the_lifeboat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = ready()
    story.calls("malee")
    story.ordered.clear()
    break_offer_rule(monkeypatch, Way.OPEN_LINE, OfferState.JOINING, OnOffer.JOINED)
    story.is_handed_over("malee")
    assert story.outcomes() == {"malee": "failed"}
    assert ordered(story) == ["BackToMusic", "CloseDesk", "SendOut malee"]


# --- going home, changing the phone ------------------------------------------------------------


def test_log_out_hangs_the_line_up_and_closes_the_desk() -> None:
    story = ready()
    story.logs_out("somchai")
    assert ordered(story) == ["HangUp line-1-somchai", "CloseDesk"]
    assert stands(story) == ("offline", "", "down")


def test_log_out_during_a_talk_comes_true_after_it() -> None:
    story = talks()
    story.logs_out("somchai")
    assert story.ordered == []
    story.leaves("malee")
    assert ordered(story) == ["HangUp line-1-somchai", "CloseDesk"]


def test_a_log_in_without_a_line_closes_it() -> None:
    story = ready()
    story.logs_in("somchai")
    assert ordered(story) == ["OpenDesk", "HangUp line-1-somchai"]
    assert stands(story) == ("available", "", "down")
    story.calls("malee")
    assert isinstance(story.ordered[-1], c.RingOperator)


def test_a_log_in_at_another_phone_rings_that_one() -> None:
    story = ready()
    story.logs_in("somchai", open_line=True, phone="desk-7")
    assert ordered(story) == ["OpenDesk", "HangUp line-1-somchai", "RingLine line-2-somchai"]
    ring = story.ordered[-1]
    assert isinstance(ring, c.RingLine)
    assert ring.endpoint == "PJSIP/desk-7"


def test_the_same_log_in_again_keeps_the_line() -> None:
    story = ready()
    story.logs_in("somchai", open_line=True)
    assert ordered(story) == ["OpenDesk"]
    assert stands(story) == ("available", "", "seated")


def test_a_log_in_that_changes_the_line_during_a_talk_comes_true_after_it() -> None:
    story = talks()
    story.logs_in("somchai")
    assert stands(story) == ("on_call", "", "stale")
    story.leaves("malee")
    assert ordered(story) == ["OpenDesk", "HangUp line-1-somchai"]
    assert stands(story) == ("available", "", "down")


def test_a_stale_line_that_drops_in_the_talk_pauses_nobody() -> None:
    story = talks()
    story.logs_in("somchai")
    story.line_ends("somchai")
    story.leaves("malee")
    assert stands(story) == ("available", "", "down")


def test_a_line_asked_for_during_an_ordinary_call_is_rung_after_it() -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=0.0))
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.logs_in("somchai", open_line=True)
    story.ordered.clear()
    story.leaves("malee")
    assert ordered(story) == ["HangUp offer-1-malee", "RingLine line-1-somchai"]


# --- restarts ----------------------------------------------------------------------------------

HERE = (seen("malee", age=7.0), seen("line-1-somchai"))
TOGETHER = (desk("somchai", "line-1-somchai", "malee"),)


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_talk_goes_on_over_a_restart_of_the_service(from_all_facts: bool) -> None:
    story = talks()
    before = as_restarted(story.engine.state)
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == before
    assert comes_back(story, *HERE, bridges=TOGETHER) == []
    story.calls("wipa")
    done = story.leaves("malee")
    assert [type(x) for x in done.commands] == [c.Bridge]


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_hand_over_nobody_heard_of_is_caught_up(from_all_facts: bool) -> None:
    story = ready()
    story.calls("malee")
    story.service_restarts(from_all_facts=from_all_facts)
    assert comes_back(story, *HERE, bridges=TOGETHER) == []
    assert story.outcomes() == {"malee": "answered"}


def test_a_line_that_dropped_meanwhile_ends_the_talk() -> None:
    story = talks()
    story.service_restarts()
    commands = comes_back(story, seen("malee"), bridges=(desk("somchai", "malee"),))
    assert commands == [c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))] * 2
    story.leaves("malee")
    assert stands(story) == ("paused", "line", "down")
    assert ended_by(story) == [EndedBy.OPERATOR]


def test_a_line_that_dropped_and_then_the_service_was_killed() -> None:
    story = talks()
    story.line_ends("somchai")
    story.service_restarts()
    commands = comes_back(story, seen("malee"), bridges=(desk("somchai", "malee"),))
    assert commands == [c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))]
    story.leaves("malee")
    assert ended_by(story) == [EndedBy.OPERATOR]


def test_after_a_restart_of_asterisk_the_lines_are_rung_by_themselves() -> None:
    story = ready()
    story.sits_down_with_a_headset("wirat")
    story.pauses("wirat")
    story.asterisk_is_lost()
    story.ordered.clear()
    comes_back(story, boot="2")
    assert ordered(story) == ["OpenDesk", "OpenDesk", "RingLine line-2-somchai"]
    story.line_is_answered("somchai")
    story.line_is_seated("somchai")
    assert stands(story) == ("available", "", "seated")
    story.resumes("wirat")
    assert ordered(story)[-1] == "RingLine line-2-wirat"


def test_a_talk_that_asterisk_lost_is_wrapped_up_before_the_line_is_rung() -> None:
    story = talks(wrapup_seconds=10.0)
    story.asterisk_is_lost()
    comes_back(story, boot="2")
    assert stands(story) == ("wrapup", "", "down")
    assert ended_by(story) == [EndedBy.LOST]
    story.after(10.0)
    assert stands(story) == ("paused", "line", "ringing")


def test_a_log_in_while_asterisk_is_away_rings_when_it_is_back() -> None:
    story = Story()
    story.asterisk_is_lost()
    story.logs_in("somchai", open_line=True)
    story.ordered.clear()
    comes_back(story)
    assert ordered(story) == ["OpenDesk", "RingLine line-2-somchai"]


def test_a_line_answered_while_nobody_listened_is_seated() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.asterisk_is_lost()
    commands = comes_back(story, seen("line-1-somchai"), bridges=(desk("somchai"),))
    assert [type(x) for x in commands] == [c.SeatLine]
    story.asterisk_is_lost()
    comes_back(story, seen("line-1-somchai"), bridges=(desk("somchai", "line-1-somchai"),))
    assert stands(story) == ("available", "", "seated")


def test_a_line_that_still_rings_is_left_ringing() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.asterisk_is_lost()
    ringing = seen("line-1-somchai", up=False, in_app=False)
    assert comes_back(story, ringing, bridges=(desk("somchai"),)) == []


def test_a_seated_line_that_is_outside_its_bridge_is_given_up() -> None:
    story = ready()
    story.asterisk_is_lost()
    commands = comes_back(story, seen("line-1-somchai"), bridges=(desk("somchai"),))
    assert commands == [c.HangUp(lane=DESK, leg=line_leg(SOMCHAI, 1))]
    assert stands(story) == ("paused", "line", "down")


def test_an_unknown_line_is_hung_up_and_never_a_caller() -> None:
    story = ready()
    story.asterisk_is_lost()
    legs = (seen("line-1-somchai"), seen("line-9-somchai"), seen("line-1-nobody"))
    commands = comes_back(story, *legs, bridges=(desk("somchai", "line-1-somchai"),))
    assert commands == [
        c.HangUp(lane=DESK, leg=line_leg("somchai", 9)),
        c.HangUp(lane=desk_bridge("nobody"), leg=line_leg("nobody", 1)),
    ]
    assert story.engine.state.calls == {}


def test_a_stranger_at_the_desk_of_a_line_is_let_finish_before_anybody_is_joined() -> None:
    story = ready()
    story.calls("wipa")
    story.leaves("wipa")
    story.asterisk_is_lost()
    commands = comes_back(
        story,
        seen("malee", age=7.0, did="1567"),
        seen("line-1-somchai"),
        bridges=(desk("somchai", "line-1-somchai", "malee"),),
    )
    story.calls("ploy")
    assert (commands, story.in_line()) == ([], ["ploy"])
    assert stands(story) == ("paused", "line", "down")


# --- the names ---------------------------------------------------------------------------------


def test_a_line_is_named_after_its_operator_whatever_the_name() -> None:
    for name in ("somchai", "line-2-x", "a-b-c"):
        assert leg_named(channel_of(line_leg(name, 12))) == line_leg(name, 12)
    assert leg_named("offer-1-malee") == leg_of_offer(OfferId("offer-1-malee"))


def test_facts_of_an_earlier_version_have_no_line() -> None:
    story = Story()
    story.logs_in("somchai")
    somchai = story.told[-1]
    assert isinstance(somchai, f.OperatorChanged)
    assert (somchai.open_line, somchai.line) == (False, LineStage.DOWN)


def test_who_does_not_leave_when_hung_up_on_is_put_out_of_the_desk_and_the_operator_is_free() -> (
    None
):
    story = talks()
    story.happens(e.HangUpAsked(operator=SOMCHAI))
    story.ordered.clear()
    story.after(5.0)
    assert ended_by(story) == [EndedBy.OPERATOR]
    assert "HangUp malee" in ordered(story)
    assert "CloseDesk" in ordered(story)
    assert story.call("malee").state is CallState.LEAVING


def test_a_seat_whose_answer_got_lost_is_a_seat() -> None:
    story = talks()
    done = story.happens(e.LineFailed(leg=story.line_of("somchai")))
    assert (done.commands, stands(story)) == ([], ("on_call", "", "seated"))


def test_a_caller_who_talks_and_is_not_at_the_desk_is_brought_back() -> None:
    story = talks()
    story.asterisk_is_lost()
    commands = comes_back(
        story, seen("malee"), seen("line-1-somchai"), bridges=(desk("somchai", "line-1-somchai"),)
    )
    [back] = commands
    assert isinstance(back, c.Bridge)
    assert (back.caller, back.operator, back.bridge) == (
        caller_leg("malee"),
        line_leg("somchai", 1),
        DESK,
    )


def test_a_caller_joined_too_late_hears_music_again() -> None:
    story = ready()
    story.calls("malee")
    story.after(4.5)  # nobody was joined, and it was undone
    assert story.call("malee").state is CallState.WAITING
    done = story.happens(e.LegEnteredBridge(leg=caller_leg("malee"), bridge=DESK))
    assert done.commands == [
        c.BackToMusic(lane=CallId("malee"), caller=caller_leg("malee"), bridge=DESK)
    ]


def holds(story: Story, *, on: bool) -> None:
    story.happens(e.HoldPressed(leg=story.operator("somchai").line_leg, on=on))


@pytest.mark.parametrize("in_a_talk", [False, True])
def test_nobody_is_joined_with_a_line_that_its_phone_has_on_hold(in_a_talk: bool) -> None:
    """The next caller would hear nothing: Asterisk tells a hold only to who is there."""
    story = ready()
    if in_a_talk:
        story.calls("wipa")
        story.is_handed_over("wipa")
    holds(story, on=True)
    if in_a_talk:
        assert story.has("somchai") == "wipa", "who talks on it hears music, and stays"
        story.leaves("wipa")
    story.calls("malee")
    assert stands(story) == ("paused", "line_held", "seated")
    assert story.in_line() == ["malee"]
    story.pauses("somchai")
    assert stands(story) == ("paused", "lunch", "seated"), "a wish of one's own comes first"
    story.resumes("somchai")
    assert story.has("somchai") == "malee", "who says so has taken it back, or will"


def test_the_end_of_the_hold_brings_the_next_caller() -> None:
    story = ready()
    holds(story, on=True)
    assert story.happens(e.HoldPressed(leg=line_leg("somchai", 1), on=True)).facts == []
    story.calls("malee")
    story.service_restarts()
    assert stands(story) == ("paused", "line_held", "seated"), "the journal knows it"
    comes_back(
        story, seen("malee"), seen("line-1-somchai"), bridges=(desk("somchai", "line-1-somchai"),)
    )
    assert stands(story) == ("paused", "line_held", "seated")
    holds(story, on=False)
    assert story.has("somchai") == "malee"


def test_a_line_that_is_rung_anew_is_not_on_hold() -> None:
    story = ready()
    holds(story, on=True)
    story.line_ends("somchai", LegEnd.LOST)
    assert stands(story) == ("paused", "line", "ringing")
    story.line_is_answered("somchai")
    story.line_is_seated("somchai")
    assert stands(story) == ("available", "", "seated")


def test_a_parked_caller_is_not_picked_up_on_a_line_that_is_on_hold() -> None:
    story = talks()
    malee = CallId("malee")
    story.happens(e.ParkAsked(operator=SOMCHAI, call=malee))
    holds(story, on=True)
    story.line_is_seated("somchai")
    assert stands(story) == ("paused", "line_held", "seated")
    story.happens(e.PickUpAsked(operator=SOMCHAI, call=malee))
    assert story.call("malee").aside is not None
    story.after(200.0)
    assert story.in_line() == ["malee"], "nobody else is there: first in line"
    holds(story, on=False)
    assert story.has("somchai") == "malee"


def at_the_line(state: OfferState) -> Story:
    """Malee is being joined with Somchai's open line; or he has hung up, and she is not gone."""
    story = Story()
    story.sits_down_with_a_headset("somchai")
    story.calls("malee")
    if state is OfferState.ENDING:
        story.is_handed_over("malee")
        story.happens(e.HangUpAsked(operator=OperatorId("somchai")))
    offer = story.call("malee").offer
    assert offer is not None and offer.state is state
    story.ordered.clear()
    return story


def test_who_is_moved_up_while_being_joined_keeps_it_for_the_line() -> None:
    story = at_the_line(OfferState.JOINING)
    story.happens(e.PriorityChanged(call=CallId("malee"), priority=7))
    assert story.call("malee").priority == 7


@pytest.mark.parametrize("state", [OfferState.JOINING, OfferState.ENDING])
@pytest.mark.parametrize("what", ["the phone dies", "Asterisk is restarted", "a fault of ours"])
def test_what_may_happen_at_the_beginning_and_the_end_of_a_talk(
    state: OfferState, what: str
) -> None:
    story = at_the_line(state)
    if what == "the phone dies":
        story.happens(e.PhoneLost(endpoint="PJSIP/somchai"))
    elif what == "Asterisk is restarted":
        story.happens(e.ClosingAsked(seconds=0.0))
    else:
        work = story.engine.work
        work.take(work.to_lifeboat(story.call("malee"), "test", ValueError(), story.now))
        story.ordered += work.commands
    if what == "the phone dies" and state is OfferState.JOINING:
        assert story.in_line() == ["malee"], "she keeps the place"
    else:
        assert story.call("malee").state is CallState.LEAVING
        lets_go = (x for x in story.ordered if isinstance(x, c.HangUp | c.SendOut))
        assert any(x.lane == "malee" for x in lets_go), "she is let go, or sent on"
    assert not story.has("somchai") or story.does("somchai") is OperatorState.WRAPUP


def test_a_second_press_of_the_button_hangs_up_once_more() -> None:
    """The first request may have been lost."""
    story = at_the_line(OfferState.ENDING)
    story.happens(e.HangUpAsked(operator=OperatorId("somchai")))
    assert c.HangUp(lane=CallId("malee"), leg=caller_leg("malee")) in story.ordered
