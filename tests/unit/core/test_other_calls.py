"""Phones in a call that is not ours (the lifeboat's): nobody is rung who talks."""

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.facts import OperatorState
from tests.legs import desk_bridge, leg_of_offer, line_leg
from tests.unit.core.story import Story


def sees(story: Story, *names: str) -> None:
    story.happens(e.PhonesSeen(elsewhere=frozenset(f"PJSIP/{name}" for name in names)))


def stands(story: Story, name: str) -> tuple[str, str]:
    return story.does(name).value, story.operator(name).reason


def test_the_snapshot_keeps_a_caller_from_who_talks_in_the_lifeboat() -> None:
    story = Story()
    story.logs_in("somchai")
    story.asterisk_is_lost()
    story.calls("malee")
    story.service_restarts()
    here = e.LegSeen(
        leg=story.call("malee").leg,
        is_up=True,
        in_app=True,
        did="1567",
        caller="",
        age_seconds=1.0,
    )
    talks = frozenset({"PJSIP/somchai"})
    story.happens(e.SnapshotTaken(boot="1", legs=(here,), bridges=(), elsewhere=talks))
    assert stands(story, "somchai") == ("paused", "other_call")
    assert story.rang() == []
    sees(story)
    assert story.rang() == [("somchai", "malee")]


def test_nothing_an_operator_does_meanwhile_makes_the_phone_ring() -> None:
    story = Story()
    story.logs_in("somchai")
    sees(story, "somchai")
    story.calls("malee")
    story.resumes("somchai")
    story.logs_in("somchai")
    story.pauses("somchai")
    assert stands(story, "somchai") == ("paused", "lunch")
    story.resumes("somchai")
    assert stands(story, "somchai") == ("paused", "other_call")
    story.logs_out("somchai")
    assert story.does("somchai") is OperatorState.OFFLINE
    story.logs_in("somchai")
    assert (stands(story, "somchai"), story.rang()) == (("paused", "other_call"), [])
    sees(story)
    assert story.has("somchai") == "malee"


def test_a_pause_asked_for_stays_when_the_other_call_ends() -> None:
    story = Story()
    story.logs_in("somchai")
    sees(story, "somchai")
    story.pauses("somchai")
    sees(story)
    assert stands(story, "somchai") == ("paused", "lunch")


def test_after_a_restart_the_pause_ends_with_the_call() -> None:
    story = Story()
    story.logs_in("somchai")
    sees(story, "somchai")
    story.service_restarts()
    story.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
    assert story.does("somchai") is OperatorState.AVAILABLE


def test_an_open_line_is_not_rung_at_a_phone_that_talks() -> None:
    story = Story()
    sees(story, "somchai")
    story.logs_in("somchai", open_line=True)
    assert stands(story, "somchai") == ("paused", "other_call")
    sees(story)
    assert stands(story, "somchai") == ("paused", "line")
    story.line_is_answered("somchai")
    story.line_is_seated("somchai")
    assert story.does("somchai") is OperatorState.AVAILABLE


def test_an_open_line_that_comes_up_meanwhile_makes_nobody_available() -> None:
    story = Story()
    story.logs_in("somchai", open_line=True)
    sees(story, "somchai")
    line = story.operator("somchai")
    leg = line_leg(line.id, line.line_number)
    story.happens(e.LineAnswered(leg=leg))
    story.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge(line.id)))
    assert stands(story, "somchai") == ("paused", "other_call")
    sees(story)
    assert story.does("somchai") is OperatorState.AVAILABLE


def test_who_talks_in_the_lifeboat_counts_as_on_a_call() -> None:
    story = Story()
    story.logs_in("somchai")
    sees(story, "somchai", "trunk")
    (queue,) = story.operator("somchai").queues
    counts = story.engine.state.operators_by_queue()[queue]
    assert (counts[OperatorState.ON_CALL], counts[OperatorState.PAUSED]) == (1, 0)


def test_what_has_not_changed_is_not_told_again() -> None:
    story = Story()
    story.logs_in("somchai")
    sees(story, "somchai")
    changes = story.engine.state.changes
    sees(story, "somchai", "trunk")
    sees(story, "somchai")
    assert story.engine.state.changes == changes


def test_a_phone_that_is_rung_into_another_call_is_let_be_and_is_not_rona() -> None:
    """The lifeboat rang it a moment before; whoever talks there cannot hear ours."""
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    offer = story.offer_to("somchai")
    sees(story, "somchai")
    assert stands(story, "somchai") == ("paused", "other_call")
    assert story.results("somchai") == ["withdrawn"]
    assert story.ordered[-1] == c.HangUp(lane=story.call("malee").id, leg=leg_of_offer(offer))
    story.logs_in("nok")
    assert story.has("nok") == "malee"
    sees(story)
    assert story.does("somchai") is OperatorState.AVAILABLE


def test_a_phone_that_was_answered_is_not_taken_from_the_caller() -> None:
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    sees(story, "somchai")
    story.is_joined("somchai")
    assert story.has("somchai") == "malee"
