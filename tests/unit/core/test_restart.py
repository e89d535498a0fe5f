"""Stories of a service that is killed and comes back, and of an Asterisk that does."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.facts import LineStage, OperatorState
from callcenter.core.ids import THE_NODE, CallId, OfferId, OperatorId
from callcenter.core.invariants import broken
from callcenter.core.legs import LineLeg, OfferLeg, channel_of
from callcenter.core.outcome import EndedBy, LegEnd
from callcenter.core.restore import restore
from callcenter.core.state import State
from tests.kept import kept
from tests.legs import bridge_named, caller_leg, desk_bridge, leg_named, names_of
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story


def seen(
    leg: str, *, up: bool = True, in_app: bool = True, did: str = "", age: float = 0.0
) -> e.LegSeen:
    """A channel in a snapshot."""
    return e.LegSeen(
        leg=leg_named(leg), is_up=up, in_app=in_app, did=did, caller="0812345678", age_seconds=age
    )


def desk(operator: str, *legs: str) -> e.BridgeSeen:
    """An operator's bridge in a snapshot."""
    return e.BridgeSeen(
        bridge=desk_bridge(OperatorId(operator)), legs=tuple(leg_named(leg) for leg in legs)
    )


def comes_back(
    story: Story, *legs: e.LegSeen, bridges: tuple[e.BridgeSeen, ...] = (), boot: str = "1"
) -> list[c.Command]:
    """Asterisk is connected again, and this is all it has."""
    return story.happens(e.SnapshotTaken(boot=boot, legs=legs, bridges=bridges)).commands


def busy_centre() -> Story:
    """Somchai talks with Malee, Wirat's phone rings for Wipa, Chai and Nok wait, Dao wraps up."""
    story = Story(rules(DAMRONG, overflow_queue=GCC))
    story.logs_in("dao", "somchai", "wirat")
    story.calls("ploy")
    story.answers("dao")
    story.calls("malee")
    story.answers("somchai")
    story.after(4.0)
    story.calls("wipa", "chai", "nok")
    story.leaves("ploy")
    story.after(3.0)
    return story


EVERYBODY = (
    seen("malee", age=7.0),
    seen("offer-1-malee"),
    seen("wipa", age=3.0),
    seen("offer-1-wipa", up=False, in_app=False),
    seen("chai", age=3.0),
    seen("nok", age=3.0),
)
DESKS = (desk("somchai", "malee", "offer-1-malee"), desk("wirat"), desk("dao"))


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_restart_gives_the_same_state(from_all_facts: bool) -> None:
    story = busy_centre()
    before = as_restarted(story.engine.state)
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == before


def test_a_snapshot_and_the_facts_after_it_give_the_same_state() -> None:
    story = busy_centre()
    head, told = kept(story.engine), len(story.told)
    story.answers("wirat")
    story.leaves("malee")
    story.calls("pim")
    story.after(10.0)
    again = State(story.site)
    assert restore(again, [*head, *story.told[told:]]) == 0
    assert picture(again) == picture(story.engine.state)


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_nobody_notices_a_restart(from_all_facts: bool) -> None:
    story = busy_centre()
    story.service_restarts(from_all_facts=from_all_facts)
    assert comes_back(story, *EVERYBODY, bridges=DESKS) == []
    assert story.in_line() == ["chai", "nok"]
    assert story.call("nok").arrived_at == 1004.0
    assert (story.does("somchai"), story.has("wirat")) == ("on_call", "wipa")
    story.answers("wirat")
    story.leaves("malee")
    story.after(10.0)
    assert (story.has("dao"), story.has("somchai")) == ("chai", "nok")
    assert story.outcomes() == {"ploy": "answered", "malee": "answered", "wipa": "answered"}


def test_nothing_runs_out_while_the_service_is_away_and_afterwards_the_first_are_served() -> None:
    story = busy_centre()
    story.service_restarts()
    assert story.engine.next_deadline() is None
    story.now += 700.0
    comes_back(story, *EVERYBODY, bridges=DESKS)
    assert story.outcomes() == {"ploy": "answered", "malee": "answered"}
    story.after(0.0)  # now it does: Dao's wrap-up, Wirat's ringing, everybody's patience
    assert story.has("dao") == "chai"
    assert story.operator("wirat").reason == "rona"


def test_who_hung_up_meanwhile_is_ended_and_the_operator_is_free() -> None:
    story = busy_centre()
    story.service_restarts()
    comes_back(
        story,
        *(leg for leg in EVERYBODY if leg.leg not in (caller_leg("wipa"), caller_leg("chai"))),
        bridges=DESKS,
    )
    assert story.outcomes()["wipa"] == "abandoned_short"
    assert story.outcomes()["chai"] == "abandoned_short"
    assert c.HangUp(lane=story.call("nok").id, leg=caller_leg("nok")) not in story.ordered
    assert story.has("wirat") == "nok"


def test_a_caller_who_went_on_in_the_dialplan_is_not_ours_any_more() -> None:
    story = busy_centre()
    story.asterisk_is_lost()
    legs = [leg for leg in EVERYBODY if leg.leg != caller_leg("chai")]
    comes_back(story, *legs, seen("chai", in_app=False), bridges=DESKS)
    assert "chai" not in story.engine.state.calls


@pytest.mark.parametrize("heard", [False, True])
def test_an_answer_nobody_heard_or_a_join_nobody_carried_out_is_caught_up(heard: bool) -> None:
    story = busy_centre()
    if heard:
        story.picks_up("wirat")
    story.asterisk_is_lost()
    legs = [leg for leg in EVERYBODY if leg.leg != leg_named("offer-1-wipa")]
    commands = comes_back(story, *legs, seen("offer-1-wipa"), bridges=DESKS)
    assert [type(x) for x in commands] == [c.Bridge]
    story.is_joined("wirat")
    assert story.outcomes()["wipa"] == "answered"


def test_a_bridge_nobody_confirmed_is_caught_up() -> None:
    story = busy_centre()
    story.picks_up("wirat")
    story.asterisk_is_lost()
    legs = [leg for leg in EVERYBODY if leg.leg != leg_named("offer-1-wipa")]
    joined = (DESKS[0], desk("wirat", "wipa", "offer-1-wipa"), DESKS[2])
    assert comes_back(story, *legs, seen("offer-1-wipa"), bridges=joined) == []
    assert story.outcomes()["wipa"] == "answered"
    assert story.does("wirat") is OperatorState.ON_CALL


def test_a_lost_operator_leg_gives_the_caller_back_to_the_front() -> None:
    story = busy_centre()
    story.asterisk_is_lost()
    comes_back(
        story, *(leg for leg in EVERYBODY if leg.leg != leg_named("offer-1-wipa")), bridges=DESKS
    )
    assert story.results("wirat") == ["withdrawn"]
    assert story.has("wirat") == "wipa", "not the phone's fault: no pause"


def test_an_operator_who_hung_up_meanwhile_ends_the_talk() -> None:
    story = busy_centre()
    story.asterisk_is_lost()
    legs = [leg for leg in EVERYBODY if leg.leg != leg_named("offer-1-malee")]
    commands = comes_back(story, *legs, bridges=(desk("somchai", "malee"), *DESKS[1:]))
    assert c.HangUp(lane=story.call("malee").id, leg=caller_leg("malee")) in commands
    assert story.does("somchai") is OperatorState.WRAPUP


def test_strangers_are_adopted_oldest_first_and_stand_where_their_arrival_belongs() -> None:
    story = busy_centre()
    story.service_restarts()
    strangers = (
        seen("tik", did="1567", age=1.0),
        seen("oy", did="1111", age=50.0),
        seen("lek", did="1567", age=60.0),
        seen("dialplan", did="1567", age=70.0, in_app=False),
    )
    comes_back(story, *strangers, *EVERYBODY, bridges=DESKS)
    received = [x.call for x in story.told if isinstance(x, f.CallReceived)]
    assert received[-3:] == ["lek", "oy", "tik"]
    assert story.in_line() == ["lek", "chai", "nok", "tik"]
    assert story.in_line(GCC) == ["oy"]
    assert story.call("lek").arrived_at == story.now - 60.0


def test_stray_operator_legs_are_hung_up() -> None:
    story = busy_centre()
    story.service_restarts()
    commands = comes_back(
        story, *EVERYBODY, seen("offer-7-malee"), seen("offer-1-longgone"), bridges=DESKS
    )
    hung_up = [x.leg for x in commands if isinstance(x, c.HangUp)]
    assert names_of(hung_up) == ["offer-7-malee", "offer-1-longgone"]


def test_a_desk_that_is_missing_is_made_again() -> None:
    story = busy_centre()
    commands = comes_back(story, *EVERYBODY, bridges=DESKS[:2])
    assert commands == [c.OpenDesk(lane=desk_bridge("dao"), bridge=desk_bridge("dao"))]


def test_a_desk_of_nobody_is_removed() -> None:
    story = busy_centre()
    story.after(10.0)
    story.logs_in("tawan")
    story.logs_out("tawan")
    foreign = e.BridgeSeen(bridge=bridge_named("somebody-elses"), legs=())
    bridges = (*DESKS, desk("tawan"), desk("neverheardof"), foreign)
    story.asterisk_is_lost()
    legs = [leg for leg in EVERYBODY if leg.leg != leg_named("offer-1-wipa")]
    commands = comes_back(story, *legs, bridges=bridges)
    closed = [x.bridge for x in commands if isinstance(x, c.CloseDesk)]
    assert closed == [desk_bridge("tawan"), desk_bridge("neverheardof")]


def test_a_waiting_caller_left_alone_at_a_desk_hears_music_again() -> None:
    """The order to take the caller out of the bridge was lost with the connection."""
    story = busy_centre()
    story.asterisk_is_lost()
    alone = (DESKS[0], DESKS[1], desk("dao", "chai"))
    commands = comes_back(story, *EVERYBODY, bridges=alone)
    assert commands == [
        c.BackToMusic(
            lane=story.call("chai").id, caller=caller_leg("chai"), bridge=desk_bridge("dao")
        )
    ]


@pytest.mark.parametrize("rings_again", [False, True])
@pytest.mark.parametrize("from_all_facts", [None, False, True])
def test_a_caller_in_silence_since_an_operator_picked_up_hears_music_again(
    from_all_facts: bool | None, rings_again: bool
) -> None:
    """The order to play it was lost: with the connection, or with the service."""
    story = Story()
    story.logs_in("somchai", "wirat") if rings_again else story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    story.phone_ends("somchai")
    if from_all_facts is None:
        story.asterisk_is_lost()
    else:
        story.service_restarts(from_all_facts=from_all_facts)
    legs = [seen("malee"), *([seen("offer-2-malee", up=False, in_app=False)] * rings_again)]
    commands = comes_back(story, *legs, bridges=(desk("somchai"), desk("wirat")))
    music = c.BackToMusic(lane=CallId("malee"), caller=caller_leg("malee"), bridge=None)
    assert [x for x in commands if isinstance(x, c.BackToMusic)] == [music]
    assert (story.call("malee").offer is not None) is rings_again


def test_an_adopted_caller_hears_music_whatever_was_heard_before() -> None:
    """An operator had picked up, and died with the service and its journal: in no bridge, and in
    silence."""
    story = Story()
    commands = comes_back(story, seen("malee", did="1567"))
    assert commands == [
        c.BackToMusic(lane=CallId("malee"), caller=caller_leg("malee"), bridge=None)
    ]
    assert comes_back(story, seen("malee", did="1567")) == []


def test_a_stranger_at_a_desk_is_taken_out_and_waits_with_music() -> None:
    story = Story()
    story.logs_in("somchai")
    stranger = seen("malee", did="1567")
    commands = comes_back(story, stranger, bridges=(desk("somchai", "malee"),))
    assert [type(x) for x in commands] == [c.BackToMusic, c.RingOperator]
    assert commands[0] == c.BackToMusic(
        lane=CallId("malee"), caller=caller_leg("malee"), bridge=desk_bridge("somchai")
    )


TALK = (seen("malee", did="1567"), seen("offer-1-malee"))
THEIR_DESK = desk("somchai", "malee", "offer-1-malee")


def test_two_who_talk_and_of_whom_the_journal_knows_nothing_are_let_finish() -> None:
    """The journal is lost, or another host has taken over: that cuts no conversation."""
    story = Story()
    waiting = seen("wipa", did="1567")
    commands = comes_back(story, *TALK, waiting, bridges=(THEIR_DESK,))
    wipa = c.BackToMusic(lane=CallId("wipa"), caller=caller_leg("wipa"), bridge=None)
    assert commands == [wipa]
    assert story.in_line() == ["wipa"]
    commands = comes_back(story, *TALK, waiting, bridges=(THEIR_DESK,))
    assert commands == []

    ended = story.happens(e.OperatorLegEnded(offer=OfferId("offer-1-malee"), end=LegEnd.ENDED))
    assert ended.commands == [c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))]


def test_who_is_left_over_of_an_unknown_talk_is_not_kept() -> None:
    story = Story()
    commands = comes_back(story, TALK[1], bridges=(desk("somchai", "offer-1-malee"),))
    assert [type(x) for x in commands] == [c.HangUp, c.CloseDesk]


def test_a_call_we_ended_is_no_unknown_talk() -> None:
    """Only the orders to hang up were lost."""
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.leaves("malee")
    commands = comes_back(story, *TALK, bridges=(THEIR_DESK,))
    assert c.HangUp(lane=CallId("malee"), leg=leg_named("offer-1-malee")) in commands


def test_a_ring_on_its_way_when_the_snapshot_was_taken_is_not_left_ringing() -> None:
    """Else the next offer finds the phone busy with an offer that is nobody's any more."""
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    commands = comes_back(story, seen("malee"), bridges=(desk("somchai"),))
    rung = [(type(x), x.leg) for x in commands if isinstance(x, c.HangUp | c.RingOperator)]
    assert rung == [
        (c.HangUp, leg_named("offer-1-malee")),
        (c.RingOperator, leg_named("offer-2-malee")),
    ]


def test_who_should_have_left_is_told_again() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.phone_ends("somchai")
    story.calls("wipa", did="999")
    commands = comes_back(story, seen("malee"), seen("wipa"), bridges=(desk("somchai"),))
    assert commands == [
        c.HangUp(lane=story.call("malee").id, leg=caller_leg("malee")),
        c.SendOut(lane=story.call("wipa").id, leg=caller_leg("wipa"), exit=c.Exit.UNKNOWN_NUMBER),
    ]


def test_asterisk_itself_restarted_and_every_call_has_one_outcome() -> None:
    story = busy_centre()
    story.asterisk_is_lost()
    story.now += 5.0
    comes_back(story, boot="2")
    assert story.engine.state.calls == {}
    assert story.outcomes() == {
        "ploy": "answered",
        "malee": "answered",
        "wipa": "failed",
        "chai": "failed",
        "nok": "failed",
    }
    assert story.score("chai").reason == "asterisk_lost"
    ended = [x.ended_by for x in story.told if isinstance(x, f.TalkEnded) and x.call == "malee"]
    assert ended == [EndedBy.LOST]
    story.after(10.0)
    assert {story.does(x).value for x in ("dao", "somchai", "wirat")} == {"available"}


def test_operators_need_no_new_log_in_after_asterisk_restarted() -> None:
    story = busy_centre()
    story.asterisk_is_lost()
    commands = comes_back(story, boot="2")
    opened = {x.bridge for x in commands if isinstance(x, c.OpenDesk)}
    assert opened == {desk_bridge(name) for name in ("dao", "somchai", "wirat")}
    story.calls("tik")
    assert story.has("wirat") == "tik"


def test_no_offer_is_made_while_asterisk_is_away_and_no_timer_runs() -> None:
    story = Story()
    story.calls("malee")
    story.asterisk_is_lost()
    story.logs_in("somchai")
    story.after(5000.0)
    assert (story.rang(), story.outcomes()) == ([], {})
    comes_back(story, seen("malee"), bridges=())
    assert story.has("somchai") == "malee"


def test_losing_asterisk_twice_is_told_once() -> None:
    story = Story()
    story.asterisk_is_lost()
    story.asterisk_is_lost()
    assert sum(isinstance(x, f.AsteriskGone) for x in story.told) == 1


def test_the_snapshot_tells_how_much_had_to_be_repaired() -> None:
    story = busy_centre()
    story.service_restarts()
    comes_back(
        story,
        *(leg for leg in EVERYBODY if leg.leg != caller_leg("chai")),
        seen("tik", did="1567"),
        bridges=DESKS,
    )
    told = [x for x in story.told if isinstance(x, f.AsteriskConnected)][-1]
    assert (told.adopted, told.missing) == (1, 1)


def test_a_second_snapshot_on_top_of_the_first_changes_nothing() -> None:
    story = busy_centre()
    before = picture(story.engine.state)
    assert comes_back(story, *EVERYBODY, bridges=DESKS) == []
    assert picture(story.engine.state) == before


def test_a_restart_with_nothing_due_waits_for_nothing() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.service_restarts()
    comes_back(
        story,
        seen("malee"),
        seen("offer-1-malee"),
        bridges=(desk("somchai", "malee", "offer-1-malee"),),
    )
    assert story.engine.next_deadline() is None


def test_the_offers_of_a_call_go_on_being_numbered_after_a_restart() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.after(15.0)
    story.service_restarts()
    comes_back(story, seen("malee"), bridges=(desk("somchai"),))
    story.resumes("somchai")
    assert story.offer_to("somchai") == "offer-2-malee"


def test_who_left_for_the_lifeboat_before_the_restart_is_not_counted_again() -> None:
    story = Story()
    story.calls("malee", did="999")
    story.leaves("malee")
    story.service_restarts()
    commands = comes_back(story, seen("malee", did="999"))
    assert [type(x) for x in commands] == [c.SendOut]
    assert list(story.outcomes()) == ["malee"]


@pytest.mark.parametrize("missing", [1, 2, 5])
def test_a_journal_that_lacks_facts_keeps_nobody_from_starting_nor_ringing_for_ever(
    missing: int,
) -> None:
    """Written by a later version, or on a disk that was full for long."""
    story = busy_centre()
    story.picks_up("wirat")
    story.answers("wirat")
    story.phone_ends("somchai")
    story.calls("tik", did="999")
    story.leaves("chai")
    for left_out in range(len(story.told)):
        engine = Engine(story.site)
        engine.restore(story.told[:left_out] + story.told[left_out + missing :])
        assert broken(engine.state) == [], story.told[left_out : left_out + missing]
        engine.step(e.SnapshotTaken(boot="1", legs=EVERYBODY, bridges=DESKS), story.now)
        assert broken(engine.state) == []


# --- the journal is lost ---------------------------------------------------------------------


def lost_journal() -> Story:
    """A service that knows nothing any more, with one operator who has just come."""
    story = Story()
    story.logs_in("somchai")
    return story


def test_names_of_a_lost_journal_are_not_used_again() -> None:
    """The former service rang as offer-1-malee, and its leg and row may be there still."""
    story = lost_journal()
    comes_back(story, seen("malee", did="1567", age=12.5))
    assert story.offer_to("somchai") == OfferId("offer-12501-malee")
    [made] = [fact for fact in story.told if isinstance(fact, f.OfferMade)]
    assert made.number == 1, "the first that this service knows of"
    story.service_restarts()
    comes_back(story, seen("malee", did="1567", age=13.0), seen(made.offer, up=False, in_app=False))
    story.phone_ends("somchai", LegEnd.BUSY)
    story.logs_in("wirat")
    assert story.offer_to("wirat") == OfferId("offer-12502-malee")


def test_who_is_told_of_as_ever_is_numbered_from_the_start() -> None:
    story = lost_journal()
    story.calls("malee", age=3.0)
    assert story.offer_to("somchai") == OfferId("offer-1-malee")


def test_who_is_left_alone_at_a_desk_was_answered_and_is_in_line_again() -> None:
    """Their talk ended while nobody was there who knew of it; the ledger must not say otherwise."""
    story = Story()
    story.logs_in("somchai")
    story.pauses("somchai")
    done = comes_back(story, seen("malee", did="1567", age=50.0), bridges=(desk("wirat", "malee"),))
    assert (
        c.BackToMusic(lane=CallId("malee"), caller=caller_leg("malee"), bridge=desk_bridge("wirat"))
        in done
    )
    assert story.in_line() == ["malee"]
    story.leaves("malee")
    [score] = [fact for fact in story.told if isinstance(fact, f.CallScored)]
    [talk] = [fact for fact in story.told if isinstance(fact, f.TalkEnded)]
    assert (score.outcome.value, score.wait_seconds, talk.operator) == ("answered", 50.0, "wirat")


def test_whose_operator_alone_is_still_there_was_answered() -> None:
    """The caller hung up while nobody was there who knew of the talk."""
    story = Story()
    leg = seen("offer-1-malee", age=10.0)
    done = comes_back(story, leg, bridges=(desk("somchai", "offer-1-malee"),))
    assert c.HangUp(lane=CallId("malee"), leg=leg_named("offer-1-malee")) in done
    story.now += 1.0
    ended = e.LedgerRead(
        call=CallId("malee"),
        did="1567",
        caller="0812345678",
        stage=e.Stage.STASIS,
        answered=False,
        age_seconds=40.0,
        wait_seconds=35.0,
        call_seconds=35.0,
    )
    story.happens(ended)
    score = story.score("malee")
    assert (score.outcome.value, score.wait_seconds) == ("answered", 29.0)


ON_LINE = (
    seen("line-2-somchai", age=500.0),
    seen("malee", did="1567", age=50.0),
)
AT_HIS_DESK = desk("somchai", "line-2-somchai", "malee")
LINE = leg_named("line-2-somchai")


def on_his_line() -> Story:
    """A service that knows nothing, and Somchai who talks with Malee on his open line."""
    story = Story()
    assert comes_back(story, *ON_LINE, bridges=(AT_HIS_DESK,)) == []
    assert comes_back(story, *ON_LINE, bridges=(AT_HIS_DESK,)) == []
    assert story.in_line() == []
    return story


def line_state(story: Story) -> tuple[str, str, str]:
    somchai = story.operator("somchai")
    return somchai.state.value, somchai.reason, somchai.line.value


def test_a_talk_on_an_open_line_of_which_the_journal_knows_nothing_is_let_finish() -> None:
    story = on_his_line()
    left = story.happens(e.CallerLeft(call=CallId("malee")))
    assert left.commands == [c.HangUp(lane=desk_bridge("somchai"), leg=LINE)]
    assert story.engine.state.strange_talks[CallId("malee")].line_leg is None
    story.now += 1.0
    story.happens(
        e.LedgerRead(
            call=CallId("malee"),
            did="1567",
            caller="0812345678",
            stage=e.Stage.STASIS,
            answered=False,
            age_seconds=51.0,
            wait_seconds=50.0,
            call_seconds=50.0,
        )
    )
    assert story.score("malee").outcome.value == "answered"


def test_the_operator_hangs_up_an_open_line_of_which_the_journal_knows_nothing() -> None:
    story = on_his_line()
    assert isinstance(LINE, LineLeg)
    ended = story.happens(e.LineEnded(leg=LINE, end=LegEnd.ENDED))
    assert ended.commands == [c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))]
    assert story.happens(e.CallerLeft(call=CallId("malee"))).commands == []


@pytest.mark.parametrize("how", ["event", "snapshot", "ledger"])
def test_who_comes_to_work_in_such_a_talk_has_a_line_when_it_is_over(how: str) -> None:
    story = on_his_line()
    story.calls("wipa")
    story.ordered.clear()
    story.logs_in("somchai", open_line=True)
    story.resumes("somchai")
    assert line_state(story) == ("paused", "line", "down")
    assert [type(x) for x in story.ordered] == [c.OpenDesk]
    assert story.in_line() == ["wipa"]
    story.ordered.clear()
    match how:
        case "event":
            story.happens(e.CallerLeft(call=CallId("malee")))
        case "snapshot":
            comes_back(story, ON_LINE[0], seen("wipa"), bridges=(desk("somchai"),))
        case _:
            ended = e.LedgerRead(
                call=CallId("malee"),
                did="1567",
                caller="0812345678",
                stage=e.Stage.STASIS,
                answered=False,
                age_seconds=51.0,
                wait_seconds=50.0,
                call_seconds=50.0,
            )
            story.happens(ended)
    told = [x for x in story.ordered if isinstance(x, c.HangUp | c.RingLine)]
    assert [channel_of(x.leg) for x in told[:2]] == ["line-2-somchai", "line-3-somchai"]
    assert line_state(story) == ("paused", "line", "ringing")


@pytest.mark.parametrize("pause", ["", "lunch"])
def test_a_line_that_an_old_journal_has_for_free_is_not_where_another_caller_is_joined(
    pause: str,
) -> None:
    """The newest part of the journal is lost: he was free then, and has a caller now."""
    story = Story()
    story.sits_down_with_a_headset("somchai")
    if pause:
        story.pauses("somchai", pause)
    story.asterisk_is_lost()
    line, malee = seen("line-1-somchai", age=500.0), seen("malee", did="1567", age=50.0)
    comes_back(story, line, malee, bridges=(desk("somchai", "line-1-somchai", "malee"),))
    story.calls("wipa")
    assert (story.in_line(), story.operator("somchai").line) == (["wipa"], LineStage.DOWN)
    story.ordered.clear()
    story.happens(e.CallerLeft(call=CallId("malee")))
    if pause:
        assert line_state(story) == ("paused", "lunch", "down")
        story.resumes("somchai")
    assert line_state(story) == ("paused", "line", "ringing")
    assert [type(x) for x in story.ordered] == [c.HangUp, c.RingLine]


BACK = leg_named("back-2-malee")
CALLED_BACK = seen("back-2-malee", age=30.0)
OFFER = OfferId("offer-1-malee")
SOMCHAI_HANGS_UP = e.OperatorLegEnded(offer=OFFER, end=LegEnd.ENDED)
HER_FIRST_CALL = e.LedgerRead(
    call=CallId("malee"),
    did="1567",
    caller="0812345678",
    stage=e.Stage.STASIS,
    answered=False,
    age_seconds=300.0,
    wait_seconds=60.0,
    call_seconds=60.0,
)


@pytest.mark.parametrize("operators", ["offer-1-malee", "line-2-somchai"])
@pytest.mark.parametrize("row_first", [False, True])
@pytest.mark.parametrize("who", ["citizen", "operator"])
def test_who_was_called_back_by_a_service_that_cannot_tell_any_more_talks_on(
    operators: str, row_first: bool, who: str
) -> None:
    story = Story()
    operators_leg = leg_named(operators)
    on_line = isinstance(operators_leg, LineLeg)
    asterisk = e.SnapshotTaken(
        boot="1",
        legs=(seen(operators, age=20.0), CALLED_BACK),
        bridges=(desk("somchai", operators, "back-2-malee"),),
    )
    assert story.happens(asterisk).commands == []
    if row_first:
        assert story.happens(HER_FIRST_CALL).commands == []
        assert CallId("malee") in story.engine.state.strange_talks, "they talk on"
    assert story.happens(asterisk).commands == []
    if on_line:
        story.logs_in("somchai", open_line=True)
        story.calls("wipa")
        assert story.in_line() == ["wipa"], "nobody else is joined there"
    assert story.happens(e.CallerLeft(call=CallId("malee"))).commands == [], "her first leg"
    if who == "citizen":
        if not on_line:
            phone = frozenset({("PJSIP/somchai", OfferLeg(offer=OFFER, node=THE_NODE))})
            story.engine.step(replace(asterisk, at_phones=phone), story.now)
        done = story.engine.step(e.CallerLeft(call=CallId("malee"), back=2), story.now)
        assert operators_leg in [x.leg for x in done.commands if isinstance(x, c.HangUp)]
    else:
        if isinstance(operators_leg, LineLeg):
            done = story.happens(e.LineEnded(leg=operators_leg, end=LegEnd.ENDED))
        else:
            done = story.happens(SOMCHAI_HANGS_UP)
        assert BACK in [x.leg for x in done.commands if isinstance(x, c.HangUp)]
    assert not story.engine.state.is_in_strange_talk(OperatorId("somchai"), THE_NODE)
    if not row_first:
        story.happens(HER_FIRST_CALL)
    score = story.score("malee")
    assert (score.outcome.value, score.called_back) == ("answered", True)
    assert score.wait_seconds == pytest.approx(280.0), "from her first call to his phone"
    assert story.engine.state.strange_talks == {}


def test_one_who_was_called_back_and_is_with_nobody_is_let_go() -> None:
    story = Story()
    done = comes_back(story, CALLED_BACK, bridges=(desk("somchai", "back-2-malee"),))
    assert c.HangUp(lane=CallId("malee"), leg=BACK) in done


@pytest.mark.parametrize(
    ("citizen", "operators"),
    [
        ("malee", "offer-1-malee"),
        ("malee", "line-2-somchai"),
        ("back-2-malee", "offer-1-malee"),
        ("back-2-malee", "line-2-somchai"),
    ],
)
@pytest.mark.parametrize("who", ["citizen", "operator", "both, unseen"])
def test_who_logs_out_in_such_a_talk_talks_on(citizen: str, operators: str, who: str) -> None:
    """The bridge is closed when they have talked."""
    story = Story()
    story.logs_in("somchai", open_line=operators.startswith("line"))
    story.asterisk_is_lost()
    legs = (seen(operators, age=20.0), seen(citizen, did="1567", age=30.0))
    comes_back(story, *legs, bridges=(desk("somchai", operators, citizen),))
    closes = c.CloseDesk(lane=desk_bridge("somchai"), bridge=desk_bridge("somchai"))
    story.ordered.clear()
    story.logs_out("somchai")
    assert story.does("somchai") == "offline"
    touched = {leg_named(operators), leg_named(citizen)}
    hung_up = {x.leg for x in story.ordered if isinstance(x, c.HangUp)}
    assert closes not in story.ordered and not touched & hung_up
    operators_leg = leg_named(operators)
    match who:
        case "citizen":
            back = 2 if citizen.startswith("back") else 0
            story.happens(e.CallerLeft(call=CallId("malee"), back=back))
        case "operator" if isinstance(operators_leg, LineLeg):
            story.happens(e.LineEnded(leg=operators_leg, end=LegEnd.ENDED))
        case "operator":
            story.happens(SOMCHAI_HANGS_UP)
        case _:
            comes_back(story, bridges=(desk("somchai"),))
    assert closes in story.ordered


def test_who_logs_out_otherwise_leaves_no_bridge() -> None:
    story = on_his_line()
    story.logs_in("wirat")
    done = story.logs_out("wirat")
    assert [type(x) for x in done.commands] == [c.CloseDesk]
