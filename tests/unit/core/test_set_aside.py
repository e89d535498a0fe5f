"""Call park: a caller is set aside in a numbered place, and picked up there."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.call import OnCall
from callcenter.core.facts import AsideEnding, OperatorState
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.outcome import LegEnd, Loss
from callcenter.core.site import ParkRules
from callcenter.core.state import CallState, Hears
from tests.legs import caller_leg, desk_bridge
from tests.site import GCC, renamed
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story
from tests.unit.core.test_faults_of_ours import break_call_rule
from tests.unit.core.test_transfer import MALEE, SOMCHAI, talk


def parks(story: Story, by: str = SOMCHAI, call: str = MALEE) -> None:
    story.happens(e.ParkAsked(operator=OperatorId(by), call=CallId(call)))


def picks_up(story: Story, by: str, call: str = MALEE) -> None:
    story.happens(e.PickUpAsked(operator=OperatorId(by), call=CallId(call)))


def endings(story: Story) -> list[tuple[AsideEnding, str, float]]:
    told = [x for x in story.told if isinstance(x, f.SetAsideEnded)]
    return [(x.how, x.by, x.seconds) for x in told]


def allows(story: Story, park: ParkRules) -> None:
    story.site = replace(story.site, park=park)
    story.happens(e.SiteChanged(site=story.site))


@pytest.mark.parametrize("open_line", [False, True])
def test_a_parked_caller_hears_music_and_the_operator_is_free(open_line: bool) -> None:
    story = talk(open_line=open_line)
    parks(story)
    call = story.call(MALEE)
    assert call.state is CallState.SET_ASIDE
    assert call.aside is not None
    assert call.aside.place == 1
    assert call.hears is Hears.MUSIC
    assert story.in_line() == []
    assert story.does(SOMCHAI) is OperatorState.WRAPUP
    music = c.BackToMusic(lane=MALEE, caller=caller_leg(MALEE), bridge=desk_bridge(SOMCHAI))
    assert story.ordered[0] == music
    story.resumes(SOMCHAI)
    if open_line:
        story.line_is_seated(SOMCHAI)
    story.calls("wipa")
    assert story.has(SOMCHAI) == "wipa", "the next caller, not the parked one"


@pytest.mark.parametrize("doing", ["available", "on a pause", "in the wrap-up"])
def test_whoever_asks_gets_the_caller_at_once(doing: str) -> None:
    story = talk()
    if doing == "in the wrap-up":
        by = str(SOMCHAI)
    else:
        by = "anan"
        story.logs_in(by)
        if doing == "on a pause":
            story.pauses(by)
    parks(story)
    story.after(5.0)
    picks_up(story, by)
    assert story.rang()[-1] == (by, "malee")
    assert endings(story) == [(AsideEnding.PICKED_UP, by, 5.0)]
    story.answers(by)
    assert story.call(MALEE).state is CallState.ENGAGED
    story.leaves(MALEE)
    assert story.outcomes() == {"malee": "answered"}
    ended = [x for x in story.told if isinstance(x, f.TalkEnded)]
    assert [(x.operator, x.number, x.ended_by.value) for x in ended] == [
        ("somchai", 1, "operator"),
        (by, 2, "caller"),
    ]
    story.after(20.0)
    expected = OperatorState.PAUSED if doing == "on a pause" else OperatorState.AVAILABLE
    assert story.does(by) is expected, "as it was wished"


def test_the_seconds_of_all_its_places_are_added_up() -> None:
    story = talk()
    for seconds in (5.0, 7.0):
        parks(story)
        story.after(seconds)
        picks_up(story, SOMCHAI)
        story.answers(SOMCHAI)
    call = story.call(MALEE)
    assert (call.asides, call.aside_seconds) == (2, 12.0)


def test_by_an_open_line_the_caller_is_joined_without_a_ring() -> None:
    story = talk()
    story.sits_down_with_a_headset("anan")
    parks(story)
    picks_up(story, "anan")
    story.is_handed_over(MALEE)
    assert story.does("anan") is OperatorState.ON_CALL


def test_an_open_line_that_is_outside_in_the_wrap_up_comes_back_for_it() -> None:
    story = talk(open_line=True)
    parks(story)
    story.ordered.clear()
    picks_up(story, SOMCHAI)
    assert [type(x) for x in story.ordered] == [c.SeatLine, c.Bridge]
    story.line_is_seated(SOMCHAI)
    assert story.does(SOMCHAI) is OperatorState.RINGING
    story.is_handed_over(MALEE)
    assert story.does(SOMCHAI) is OperatorState.ON_CALL
    story.leaves(MALEE)
    story.calls("wipa")
    story.resumes(SOMCHAI)
    assert story.has(SOMCHAI) == "wipa"


@pytest.mark.parametrize(
    "why",
    ["another queue", "talks", "at home", "no open line", "line on its way", "phone away"],
)
def test_who_cannot_have_the_caller_changes_nothing(why: str) -> None:
    story = talk()
    match why:
        case "another queue":
            story.logs_in("anan", queues=(GCC,))
        case "talks":
            story.logs_in("anan")
            story.calls("wipa")
            story.answers("anan")
        case "at home":
            story.logs_in("anan")
            story.logs_out("anan")
        case "no open line":
            story.logs_in("anan", open_line=True)
        case "line on its way":
            story.logs_in("anan", open_line=True)
            story.line_is_answered("anan")
        case "phone away":
            story.logs_in("anan")
            away = frozenset({"PJSIP/anan"})
            story.happens(e.PhonesSeen(elsewhere=frozenset(), away=away))
    parks(story)
    before = picture(story.engine.state)
    picks_up(story, "anan")
    picks_up(story, "nobody")
    assert picture(story.engine.state) == before
    assert endings(story) == []
    assert not any(operator == "anan" and call == MALEE for operator, call in story.rang())


def test_who_parked_it_may_have_it_back_from_another_queue() -> None:
    story = talk()
    parks(story)
    story.logs_in(SOMCHAI, queues=(GCC,))
    story.after(10.0)
    picks_up(story, SOMCHAI)
    assert story.has(SOMCHAI) == "malee"


def test_nobody_comes_and_it_goes_back_to_who_parked_it() -> None:
    story = talk()
    story.logs_in("anan")  # has been idle for longer
    parks(story)
    story.after(119.9)
    assert story.call(MALEE).state is CallState.SET_ASIDE
    story.after(0.2)
    assert story.rang()[-1] == ("somchai", "malee")
    assert endings(story) == [(AsideEnding.TIME, "", 120.0)]
    story.phone_ends(SOMCHAI, LegEnd.BUSY)
    assert story.has("anan") == "malee", "else whoever is free"


def test_nobody_comes_and_nobody_is_free_so_it_is_the_first_in_line() -> None:
    story = talk(wrapup_seconds=600.0)
    story.calls("wipa")
    parks(story)
    story.after(120.0)
    assert story.in_line() == ["malee", "wipa"]
    assert story.call(MALEE).patience_until == story.now + 600.0


@pytest.mark.parametrize("loss", [None, Loss.ASTERISK_LOST])
def test_the_caller_hangs_up_in_the_place(loss: Loss | None) -> None:
    story = talk()
    parks(story)
    story.after(30.0)
    story.happens(e.CallerLeft(call=MALEE, loss=loss))
    assert MALEE not in story.engine.state.calls
    assert endings(story) == [(AsideEnding.LOST if loss else AsideEnding.LEFT, "", 30.0)]
    (ended,) = [x for x in story.told if isinstance(x, f.SetAsideEnded)]
    assert ended.loss == (loss or ""), "the record says what was lost"
    assert story.outcomes() == {"malee": "answered"}
    assert story.engine.state.aside == {}


def test_the_lowest_free_place_is_taken_and_where_there_is_none_the_talk_goes_on() -> None:
    story = talk()
    allows(story, ParkRules(places=2))
    story.logs_in("anan", "nok")
    for caller, by in (("wipa", "anan"), ("yupa", "nok")):
        story.calls(caller)
        story.answers(by)
    parks(story)
    parks(story, "anan", "wipa")
    parks(story, "nok", "yupa")
    assert story.engine.state.aside == {1: "malee", 2: "wipa"}
    assert story.does("nok") is OperatorState.ON_CALL
    story.leaves(MALEE)
    parks(story, "nok", "yupa")
    assert story.engine.state.aside == {1: "yupa", 2: "wipa"}


def test_where_the_site_says_so_calls_are_not_parked() -> None:
    story = talk()
    allows(story, ParkRules(seconds=0.0))
    parks(story)
    assert story.does(SOMCHAI) is OperatorState.ON_CALL


def test_only_ones_own_talk_is_parked() -> None:
    story = talk()
    story.logs_in("anan")
    parks(story, "anan")
    parks(story, SOMCHAI, "nobody")
    assert story.does(SOMCHAI) is OperatorState.ON_CALL


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_restart_keeps_the_place_and_its_time(from_all_facts: bool) -> None:
    story = talk(wrapup_seconds=600.0)
    parks(story)
    story.after(100.0)
    before = story.engine.state
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == as_restarted(before)
    assert story.engine.state.aside == {1: "malee"}
    seen = e.LegSeen(
        leg=caller_leg(MALEE), is_up=True, in_app=True, did="1567", caller="", age_seconds=190.0
    )
    story.ordered.clear()
    story.happens(e.SnapshotTaken(boot="1", legs=(seen,), bridges=()))
    music = [x for x in story.ordered if isinstance(x, c.BackToMusic)]
    assert [x.lane for x in music] == [MALEE]
    story.after(20.0)
    assert story.in_line() == ["malee"]


def test_asterisk_is_lost_meanwhile_and_the_time_is_over_when_it_is_back() -> None:
    story = talk(wrapup_seconds=600.0)
    parks(story)
    story.asterisk_is_lost()
    story.after(300.0)
    assert story.call(MALEE).state is CallState.SET_ASIDE
    picks_up(story, SOMCHAI)
    assert story.call(MALEE).state is CallState.SET_ASIDE, "the command would be lost"
    seen = e.LegSeen(
        leg=caller_leg(MALEE), is_up=True, in_app=True, did="1567", caller="", age_seconds=390.0
    )
    story.happens(e.SnapshotTaken(boot="1", legs=(seen,), bridges=()))
    story.after(0.1)
    assert story.in_line() == ["malee"]


def test_asterisk_is_restarted_and_the_caller_hears_so() -> None:
    story = talk()
    parks(story)
    story.happens(e.ClosingAsked(seconds=10.0))
    story.after(10.0)
    out = [x for x in story.ordered if isinstance(x, c.SendOut)]
    assert [(x.lane, x.exit) for x in out] == [("malee", c.Exit.RESTART)]
    assert [how for how, _, _ in endings(story)] == [AsideEnding.CUT]
    assert story.engine.state.aside == {}


def test_nothing_is_parked_while_asterisk_is_about_to_be_restarted() -> None:
    story = talk()
    story.happens(e.ClosingAsked(seconds=60.0))
    parks(story)
    assert story.does(SOMCHAI) is OperatorState.ON_CALL


def test_the_queue_is_removed_meanwhile_and_the_caller_is_served_elsewhere() -> None:
    story = talk(wrapup_seconds=0.0)
    parks(story)
    story.logs_out(SOMCHAI)
    story.happens(e.SiteChanged(site=renamed()))
    story.after(120.0)
    call = story.call(MALEE)
    assert call.state is CallState.WAITING
    assert call.queue in renamed().queues


def test_after_a_fault_of_ours_the_lifeboat_has_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    story = talk()
    parks(story)
    break_call_rule(monkeypatch, CallState.SET_ASIDE, OnCall.STATE_TIME)
    story.after(121.0)
    assert endings(story) == [(AsideEnding.CUT, "", 120.0)]
    assert [x.exit for x in story.ordered if isinstance(x, c.SendOut)] == [c.Exit.ERROR]
