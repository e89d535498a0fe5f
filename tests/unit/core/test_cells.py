"""The cells say where they lead: what other tests do not walk, and that leaving them is seen."""

import pytest

from callcenter.core import call as calls
from callcenter.core import events as e
from callcenter.core import operator as desk
from callcenter.core.cell import Cell
from callcenter.core.facts import OperatorState
from callcenter.core.offers import ring, ways
from callcenter.core.offers.table import OnOffer, ignore
from callcenter.core.operator import OnOperator
from callcenter.core.outcome import LegEnd
from callcenter.core.state import CallState, OfferState, Way
from tests.cells import OffTheTable
from tests.site import DAMRONG, rules
from tests.unit.core.story import Story

SOMCHAIS = frozenset({"PJSIP/somchai"})


def test_every_cell_in_which_nothing_is_done_says_why() -> None:
    for state, row in calls.RULES.items():
        for what, cell in row.items():
            assert (cell.rule is calls.ignore) is bool(cell.why), (state, what)
            assert not (cell.why and cell.targets), (state, what)
    for offers in ways.RULES.values():
        for of, cells in offers.items():
            for what_of, each in cells.items():
                assert (each.rule is ignore) is bool(each.why), (of, what_of)
                assert not (each.why and each.targets), (of, what_of)
    for does, of_operator in desk.RULES.items():
        for happens, one in of_operator.items():
            assert (one.rule is desk.ignore) is bool(one.why), (does, happens)


def test_a_rule_that_leads_where_its_cell_does_not_say_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story()
    story.logs_in("somchai")
    row = ring.RULES[OfferState.RINGING]
    wrong = {**row, OnOffer.STATE_TIME: Cell(ring.rona, (CallState.LEAVING,))}
    table = {**ring.RULES, OfferState.RINGING: wrong}
    monkeypatch.setattr(ways, "RULES", {**ways.RULES, Way.RING: table})
    story.calls("malee")
    with pytest.raises(OffTheTable, match="time of this state spent: waiting"):
        story.after(15.0)


def test_an_operator_who_is_led_where_no_cell_says_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.logs_in("somchai")
    row = {**desk.RULES[OperatorState.AVAILABLE], OnOperator.PAUSED: Cell(desk.pause)}
    monkeypatch.setattr(desk, "RULES", {**desk.RULES, OperatorState.AVAILABLE: row})
    with pytest.raises(OffTheTable, match="paused: paused"):
        story.pauses("somchai")


def test_who_is_free_and_logs_in_again_at_a_phone_that_is_away_waits_for_it() -> None:
    story = Story()
    story.logs_in("somchai")
    story.happens(e.PhonesSeen(elsewhere=frozenset(), away=frozenset({"PJSIP/other"})))
    story.logs_in("somchai", phone="other")
    assert story.does("somchai") is OperatorState.PHONE_AWAY


@pytest.mark.parametrize(
    ("seen", "does"),
    [
        (e.PhonesSeen(elsewhere=SOMCHAIS), OperatorState.PAUSED),
        (e.PhonesSeen(elsewhere=frozenset(), away=SOMCHAIS), OperatorState.PHONE_AWAY),
    ],
)
@pytest.mark.parametrize("wrapup_seconds", [0.0, 10.0])
def test_after_a_call_the_phone_may_be_away_or_elsewhere(
    seen: e.PhonesSeen, does: OperatorState, wrapup_seconds: float
) -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=wrapup_seconds))
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.happens(seen)
    story.leaves("malee")
    if wrapup_seconds:
        assert story.does("somchai") is OperatorState.WRAPUP
        story.resumes("somchai")
    assert story.does("somchai") is does


@pytest.mark.parametrize("ends", [False, True])
def test_an_open_line_whose_phone_is_away_by_then(ends: bool) -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    story.happens(e.PhonesSeen(elsewhere=frozenset(), away=SOMCHAIS))
    assert story.does("somchai") is OperatorState.PAUSED
    if ends:
        story.line_ends("somchai", LegEnd.LOST)
    else:
        story.line_is_answered("somchai")
        story.line_is_seated("somchai")
    assert story.does("somchai") is OperatorState.PHONE_AWAY


def test_a_seated_line_that_is_lost_while_the_phone_is_away() -> None:
    story = Story()
    story.sits_down_with_a_headset("somchai")
    story.happens(e.PhonesSeen(elsewhere=frozenset(), away=SOMCHAIS))
    story.line_ends("somchai", LegEnd.LOST)
    assert story.does("somchai") is OperatorState.PHONE_AWAY
