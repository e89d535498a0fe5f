"""Calls only Asterisk saw get the record their stage tells; calls of ours are merely checked."""

from dataclasses import replace

import pytest

from callcenter.core import facts as f
from callcenter.core.events import LedgerRead, Stage, TimePassed
from callcenter.core.ids import CallId
from callcenter.core.state import RECENT_CALLS
from tests.unit.core.story import Story
from tests.unit.core.test_restart import comes_back, desk, seen


def row(
    call: str,
    stage: Stage,
    *,
    did: str = "1567",
    answered: bool = False,
    wait: float = 20.0,
    length: float = 80.0,
) -> LedgerRead:
    """A finished call in Asterisk's ledger, 100 seconds old."""
    return LedgerRead(
        call=CallId(call),
        did=did,
        caller="0812345678",
        stage=stage,
        answered=answered,
        age_seconds=100.0,
        wait_seconds=wait,
        call_seconds=length,
    )


def test_two_whom_a_snapshot_showed_talking_were_an_answered_call() -> None:
    """The journal that knew of them is lost; who ended meanwhile is in the ledger only."""
    story = Story()
    talking = (seen("malee", did="1567", age=50.0), seen("offer-1-malee", age=30.0))
    their_desk = desk("somchai", "malee", "offer-1-malee")
    comes_back(story, *talking, bridges=(their_desk,))
    comes_back(story)  # it is over, and the ledger is not read yet
    story.happens(row("malee", Stage.STASIS, length=80.0))

    score = story.score("malee")
    assert (score.outcome.value, score.wait_seconds) == ("answered", 70.0)
    [talk] = [fact for fact in story.told if isinstance(fact, f.TalkEnded)]
    assert (talk.operator, talk.talk_seconds) == ("somchai", 10.0)

    story.happens(row("malee", Stage.STASIS, length=80.0))
    assert len([fact for fact in story.told if isinstance(fact, f.CallScored)]) == 1


def test_a_talk_that_ended_with_asterisk_is_waited_for_no_longer() -> None:
    story = Story()
    talking = (seen("malee", did="1567", age=50.0), seen("offer-1-malee", age=30.0))
    comes_back(story, *talking, bridges=(desk("somchai", "malee", "offer-1-malee"),))
    comes_back(story, boot="another")
    assert story.engine.state.strange_talks == {}


@pytest.mark.parametrize(
    ("ledger", "outcome", "reason", "queued"),
    [
        (row("x", Stage.GREETING), "ivr_ended", "", False),
        (row("x", Stage.GREETING, did="999"), "ivr_ended", "", False),
        (row("x", Stage.STASIS), "abandoned", "service_away", True),
        (row("x", Stage.LIFEBOAT), "abandoned", "lifeboat", True),
        (row("x", Stage.LIFEBOAT, wait=3.0), "abandoned_short", "lifeboat", True),
        (row("x", Stage.LIFEBOAT, answered=True), "answered", "lifeboat", True),
        (row("x", Stage.LIFEBOAT, did="999"), "rejected", "unknown_number", False),
        (row("x", Stage.LIFEBOAT, did="999", answered=True), "rejected", "unknown_number", False),
    ],
)
def test_a_call_we_never_saw_gets_its_record(
    ledger: LedgerRead, outcome: str, reason: str, queued: bool
) -> None:
    story = Story()
    done = story.happens(ledger)
    score = story.score("x")
    assert (score.outcome.value, score.reason) == (outcome, reason)
    assert score.wait_seconds == ledger.wait_seconds
    assert any(isinstance(x, f.CallQueued) for x in done.facts) is queued
    assert done.commands == []
    assert story.engine.state.calls == {}
    received = done.facts[0]
    assert isinstance(received, f.CallReceived)
    assert received.arrived_at == 900.0
    assert done.facts[-1] == f.LedgerChecked(at=1000.0, call=CallId("x"), known=False)


def test_the_talk_of_the_lifeboat_is_recorded_too() -> None:
    story = Story()
    done = story.happens(row("x", Stage.LIFEBOAT, answered=True))
    talk = next(x for x in done.facts if isinstance(x, f.TalkEnded))
    assert (talk.talk_seconds, talk.operator) == (60.0, "")


def test_a_ledger_that_is_read_while_operators_are_free_rings_nobody() -> None:
    story = Story()
    story.logs_in("somchai")
    story.happens(row("x", Stage.LIFEBOAT, answered=True))
    assert story.rang() == []


def test_a_call_in_progress_is_known() -> None:
    story = Story()
    story.calls("malee")
    done = story.happens(row("malee", Stage.STASIS))
    assert done.facts == [f.LedgerChecked(at=1000.0, call=CallId("malee"), known=True)]


def test_a_call_that_ended_is_known_also_after_a_restart() -> None:
    story = Story()
    story.calls("malee")
    story.leaves("malee")
    story.service_restarts()
    story.happens(TimePassed())
    done = story.happens(row("malee", Stage.STASIS))
    assert done.facts == [f.LedgerChecked(at=1000.0, call=CallId("malee"), known=True)]


@pytest.mark.parametrize(
    ("ledger", "recorded", "contradicts"),
    [
        (row("x", Stage.STASIS), "answered", False),
        (row("x", Stage.STASIS), "abandoned", False),
        (row("x", Stage.LIFEBOAT, answered=True), "answered", False),
        (row("x", Stage.LIFEBOAT, answered=True), "abandoned", True),
        (row("x", Stage.GREETING), "ivr_ended", False),
    ],
)
def test_a_call_that_the_record_has_is_compared_and_nothing_is_made_up(
    ledger: LedgerRead, recorded: str, contradicts: bool
) -> None:
    """A new data folder remembers nothing: what the record says stays."""
    story = Story()
    done = story.happens(replace(ledger, recorded=recorded))
    checked = f.LedgerChecked(at=1000.0, call=CallId("x"), known=True, contradicts=contradicts)
    assert done.facts == [checked]
    assert story.happens(ledger).facts == [replace(checked, contradicts=False)], "asked once"


def test_the_same_row_read_twice_is_recorded_once() -> None:
    story = Story()
    story.happens(row("x", Stage.LIFEBOAT))
    again = story.happens(row("x", Stage.LIFEBOAT))
    assert again.facts == [f.LedgerChecked(at=1000.0, call=CallId("x"), known=True)]


def test_a_call_of_which_the_ledger_told_does_not_begin_again() -> None:
    story = Story()
    story.happens(row("x", Stage.LIFEBOAT))
    story.calls("x")
    assert story.engine.state.calls == {}
    assert len([fact for fact in story.told if isinstance(fact, f.CallReceived)]) == 1


def test_the_memory_of_ended_calls_has_a_limit() -> None:
    story = Story()
    for number in range(RECENT_CALLS + 10):
        story.engine.step(row(f"call-{number}", Stage.GREETING), story.now)
    assert len(story.engine.state.from_ledger) == RECENT_CALLS
    assert CallId("call-9") not in story.engine.state.from_ledger


def test_the_rows_of_a_long_absence_do_not_make_us_forget_our_own_calls() -> None:
    story = Story()
    story.calls("malee")
    story.leaves("malee")
    for number in range(RECENT_CALLS + 10):
        story.engine.step(row(f"call-{number}", Stage.LIFEBOAT), story.now)
    story.service_restarts()
    story.happens(TimePassed())
    done = story.happens(row("malee", Stage.STASIS))
    assert done.facts == [f.LedgerChecked(at=1000.0, call=CallId("malee"), known=True)]
