"""A bug of ours: that one call goes to the lifeboat, and nobody else notices."""

from typing import Any, NoReturn

import pytest

from callcenter.core import call as calls
from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core import leaving
from callcenter.core import operator as desk
from callcenter.core.call import OnCall
from callcenter.core.cell import Cell
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId
from callcenter.core.offers import ring, ways
from callcenter.core.offers.table import OnOffer
from callcenter.core.operator import OnOperator
from callcenter.core.state import CallState, OfferState, Way
from tests.legs import leg_of_offer
from tests.site import DAMRONG, rules
from tests.unit.core.story import Story


def _breaks(*_: Any) -> NoReturn:
    raise ZeroDivisionError("a bug")


def break_call_rule(patch: pytest.MonkeyPatch, state: CallState, what: OnCall) -> None:
    """From now on the rule of this cell raises."""
    patch.setattr(
        calls, "RULES", {**calls.RULES, state: {**calls.RULES[state], what: Cell(_breaks)}}
    )


def break_offer_rule(patch: pytest.MonkeyPatch, way: Way, state: OfferState, what: OnOffer) -> None:
    """From now on the rule of this cell of an offer's table raises."""
    table = ways.RULES[way]
    broken = {**table, state: {**table[state], what: Cell(_breaks)}}
    patch.setattr(ways, "RULES", {**ways.RULES, way: broken})


def failed(story: Story) -> list[tuple[str, str, str]]:
    """What was told of our bugs: (event, error, call)."""
    return [(x.event, x.error, x.call) for x in story.told if isinstance(x, f.StepFailed)]


def test_a_waiting_call_goes_to_the_lifeboat(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.calls("malee", "wipa")
    break_call_rule(monkeypatch, CallState.WAITING, OnCall.PRIORITY)
    done = story.happens(e.PriorityChanged(call=CallId("malee"), priority=3))
    assert [(type(x), getattr(x, "exit", "")) for x in done.commands] == [(c.SendOut, "error")]
    assert failed(story) == [("PRIORITY", "ZeroDivisionError", "malee")]
    assert story.outcomes() == {"malee": "failed"}
    assert story.in_line() == ["wipa"]


@pytest.mark.parametrize("answered", [False, True])
def test_a_ringing_call_goes_to_the_lifeboat_and_the_operator_is_free(
    monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee", "wipa")
    offer = story.offer_to("somchai")
    if answered:
        story.picks_up("somchai")
    state = OfferState.JOINING if answered else OfferState.RINGING
    break_offer_rule(monkeypatch, Way.RING, state, OnOffer.STATE_TIME)
    story.after(16.0)
    assert story.outcomes()["malee"] == "failed"
    assert story.has("somchai") == "wipa"
    assert leg_of_offer(offer) in {x.leg for x in story.ordered if isinstance(x, c.HangUp)}
    assert failed(story)[0] == ("STATE_TIME", "ZeroDivisionError", "malee")


def test_a_talk_whose_end_we_cannot_handle_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    break_offer_rule(monkeypatch, Way.RING, OfferState.TALKING, OnOffer.LEG_ENDED)
    story.phone_ends("somchai")
    assert story.does("somchai") is OperatorState.WRAPUP
    assert story.outcomes() == {"malee": "answered"}
    story.after(100.0)
    assert story.engine.state.calls == {}


def test_a_call_we_cannot_let_in_goes_to_the_lifeboat(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    with monkeypatch.context() as patch:
        patch.setattr(calls, "admit", _breaks)
        story.calls("malee")
    assert [(type(x), getattr(x, "exit", "")) for x in story.ordered] == [(c.SendOut, "error")]
    story.calls("wipa")
    assert story.in_line() == ["wipa"]


def test_an_offer_we_cannot_make_takes_that_caller_to_the_lifeboat_and_serves_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story()
    story.calls("malee", "wipa")
    whole = ring.begin

    def breaks_for_malee(turn: Any, operator: Any, call: Any, at_once: int) -> None:
        if call.id == "malee":
            raise ZeroDivisionError("a bug")
        whole(turn, operator, call, at_once)

    monkeypatch.setattr(ring, "begin", breaks_for_malee)
    story.logs_in("somchai")
    assert story.has("somchai") == "wipa"
    assert story.outcomes() == {"malee": "failed"}
    assert failed(story) == [("OFFER", "ZeroDivisionError", "malee")]


def test_a_desk_event_we_cannot_handle_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.logs_in("somchai", "wirat")
    table = {**desk.RULES[OperatorState.AVAILABLE], OnOperator.PAUSED: Cell(_breaks)}
    monkeypatch.setattr(desk, "RULES", {**desk.RULES, OperatorState.AVAILABLE: table})
    story.pauses("somchai")
    assert story.does("somchai") is OperatorState.AVAILABLE
    assert failed(story) == [("OperatorPaused", "ZeroDivisionError", "")]
    story.calls("malee", "wipa")
    assert (story.has("somchai"), story.has("wirat")) == ("malee", "wipa")


def test_a_wrap_up_whose_end_we_cannot_handle_can_be_ended_by_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=10.0))
    story.logs_in("somchai", "wirat")
    story.calls("malee")
    story.answers("somchai")
    story.leaves("malee")
    table = {**desk.RULES[OperatorState.WRAPUP], OnOperator.TIME_SPENT: Cell(_breaks)}
    monkeypatch.setattr(desk, "RULES", {**desk.RULES, OperatorState.WRAPUP: table})
    story.after(500.0)
    assert failed(story) == [("TimePassed", "ZeroDivisionError", "")]
    story.calls("wipa")
    assert story.has("wirat") == "wipa"
    story.resumes("somchai")
    assert story.does("somchai") is OperatorState.AVAILABLE


def test_one_bad_call_of_a_snapshot_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story()
    story.calls("malee", "wipa")
    cell = calls.RULES[CallState.WAITING][OnCall.LEFT]

    def breaks_for_malee(turn: Any, call: Any, detail: Any) -> None:
        if call.id == "malee":
            raise ZeroDivisionError("a bug")
        cell.rule(turn, call, detail)

    table = {**calls.RULES[CallState.WAITING], OnCall.LEFT: Cell(breaks_for_malee, cell.targets)}
    monkeypatch.setattr(calls, "RULES", {**calls.RULES, CallState.WAITING: table})
    story.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
    assert story.outcomes() == {"malee": "failed", "wipa": "abandoned_short"}
    assert story.engine.state.connected


def test_the_safe_way_out_is_broken_too_and_still_nobody_else_notices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story()
    story.calls("malee", "wipa")
    break_call_rule(monkeypatch, CallState.WAITING, OnCall.PRIORITY)
    monkeypatch.setattr(leaving, "fail", _breaks)
    story.happens(e.PriorityChanged(call=CallId("malee"), priority=3))
    assert failed(story) == [("PriorityChanged", "ZeroDivisionError", "")]
    story.logs_in("somchai")
    assert story.has("somchai") == "malee"
