"""Asterisk is to be restarted: nobody new, those who are there for a while, then nobody."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.ids import CallId
from callcenter.core.outcome import LegEnd
from tests.unit.core.story import Story


def sent_out(story: Story, name: str) -> list[str]:
    return [o.exit for o in story.ordered if isinstance(o, c.SendOut) and o.lane == name]


def scores(story: Story, name: str) -> list[tuple[str, str]]:
    found = [fact for fact in story.told if isinstance(fact, f.CallScored) and fact.call == name]
    return [(fact.outcome, fact.reason) for fact in found]


def test_who_is_new_is_told_and_not_let_in() -> None:
    story = Story()
    story.happens(e.ClosingAsked(seconds=60.0))
    story.calls("malee")
    assert scores(story, "malee") == [("rejected", "restart")]
    assert sent_out(story, "malee") == ["restart"]


def test_who_waits_is_served_until_the_limit_and_told_then() -> None:
    story = Story()
    story.calls("malee", "somsri")
    story.happens(e.ClosingAsked(seconds=60.0))
    story.after(58.0)
    story.logs_in("somchai")
    assert story.has("somchai") == "malee"
    story.after(3.0)
    assert scores(story, "malee") == [("failed", "restart")]
    assert scores(story, "somsri") == [("failed", "restart")]
    assert sent_out(story, "malee") == sent_out(story, "somsri") == ["restart"]
    assert story.operator("somchai").state is f.OperatorState.AVAILABLE, "nobody is offered"


@pytest.mark.parametrize("open_line", [False, True])
def test_a_talk_ends_in_peace_or_at_the_limit(open_line: bool) -> None:
    story = Story()
    if open_line:
        story.sits_down_with_a_headset("somchai")
        story.calls("malee")
        story.is_handed_over("malee")
    else:
        story.logs_in("somchai")
        story.calls("malee")
        story.answers("somchai")
    story.happens(e.ClosingAsked(seconds=60.0))
    story.after(59.0)
    assert not [fact for fact in story.told if isinstance(fact, f.TalkEnded)]
    story.after(2.0)
    (ended,) = [fact for fact in story.told if isinstance(fact, f.TalkEnded)]
    assert (ended.ended_by, ended.reason) == ("lost", "restart")
    assert scores(story, "malee") == [("answered", "")]


def test_at_once_is_a_limit_of_nothing() -> None:
    story = Story()
    story.calls("malee")
    story.happens(e.ClosingAsked(seconds=0.0))
    assert scores(story, "malee") == [("failed", "restart")]


def test_a_shorter_limit_holds_and_the_longer_one_is_forgotten() -> None:
    story = Story()
    story.calls("malee")
    story.happens(e.ClosingAsked(seconds=600.0))
    story.happens(e.ClosingAsked(seconds=10.0))
    story.after(11.0)
    assert scores(story, "malee") == [("failed", "restart")]


def test_when_it_is_off_everybody_waits_on_and_is_let_in() -> None:
    story = Story()
    story.calls("malee")
    story.happens(e.ClosingAsked(seconds=60.0))
    story.happens(e.ClosingOver())
    story.after(100.0)
    story.calls("somsri")
    assert scores(story, "malee") == scores(story, "somsri") == []


def test_an_open_line_that_ends_by_the_restart_is_rung_again_by_itself() -> None:
    story = Story()
    story.sits_down_with_a_headset("somchai")
    story.happens(e.ClosingAsked(seconds=0.0))
    story.line_ends("somchai", LegEnd.DIED)
    story.asterisk_is_lost()
    story.happens(e.SnapshotTaken(boot="2", legs=(), bridges=()))
    story.happens(e.ClosingOver())
    story.line_is_answered("somchai")
    story.line_is_seated("somchai")
    assert story.does("somchai") is f.OperatorState.AVAILABLE


def test_a_call_adopted_while_closed_is_let_go() -> None:
    story = Story()
    story.happens(e.ClosingAsked(seconds=0.0))
    story.happens(e.CallArrived(call=CallId("late"), did="1567", caller="", age_seconds=3.0))
    assert sent_out(story, "late") == ["restart"]
