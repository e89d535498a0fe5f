"""A call that ended before its caller acknowledged the answer: recorded, and nobody was rung."""

import pytest

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.ids import CallId
from callcenter.core.outcome import Loss
from tests.site import DAMRONG, rules
from tests.unit.core.story import Story


def never_began(did: str = "1567", loss: Loss | None = Loss.SIP_FAILED) -> e.CallNeverBegan:
    return e.CallNeverBegan(
        call=CallId("ghost"), did=did, caller="0812345678", age_seconds=16.0, loss=loss
    )


@pytest.mark.parametrize(
    ("event", "outcome", "reason"),
    [
        (never_began(), "failed", "sip_failed"),
        (never_began(loss=None), "abandoned", ""),
        (never_began(did="191"), "rejected", "unknown_number"),
    ],
)
def test_it_is_scored_once_and_nothing_is_asked_of_asterisk(
    event: e.CallNeverBegan, outcome: str, reason: str
) -> None:
    story = Story()
    story.logs_in("somchai")
    step = story.happens(event)
    (scored,) = [fact for fact in step.facts if isinstance(fact, f.CallScored)]
    assert (scored.outcome, scored.reason) == (outcome, reason)
    assert isinstance(step.facts[-1], f.CallEnded)
    assert not step.commands and not story.engine.state.calls
    assert not story.happens(event).facts, "it is over"


def test_in_a_full_queue_it_is_turned_away_as_others_are() -> None:
    story = Story(rules(DAMRONG, waiting_limit=0))
    step = story.happens(never_began())
    (scored,) = [fact for fact in step.facts if isinstance(fact, f.CallScored)]
    assert scored.reason == "queue_full" and not step.commands
