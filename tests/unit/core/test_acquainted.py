"""Who calls again is offered first to the operator of the last talk, if free."""

import pytest

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core import fold
from callcenter.core.ids import CallId
from callcenter.core.outcome import LegEnd
from callcenter.core.strategy import Strategy
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.story import Story

HOUR = 3600.0


def centre(seconds: float = HOUR, **more: object) -> Story:
    """Bee has been idle longer than Ann, who talked with Malee."""
    story = Story(rules(DAMRONG, last_operator_seconds=seconds, wrapup_seconds=0.0, **more))
    story.logs_in("ann")
    story.calls("malee")
    story.answers("ann")
    story.logs_in("bee")
    story.after(10.0)
    story.leaves("malee")
    assert list(story.engine.state.queues[DAMRONG].free) == ["bee", "ann"]
    return story


def again(story: Story, name: str = "again", number: str = "0812345678") -> None:
    story.happens(e.CallArrived(call=CallId(name), did="1567", caller=number, age_seconds=0.0))


def test_the_operator_of_the_last_talk_comes_before_who_is_idle_longer() -> None:
    story = centre()
    again(story, number="+66812345678")  # the same number, written otherwise
    assert story.has("ann") == "again"


@pytest.mark.parametrize("number", ["", "anonymous", "0898765432"])
def test_others_and_who_withholds_the_number_are_offered_as_ever(number: str) -> None:
    story = centre()
    again(story, number=number)
    assert story.has("bee") == "again"


@pytest.mark.parametrize(("later", "who"), [(HOUR - 20.0, "ann"), (HOUR, "bee")])
def test_it_counts_for_so_long_as_the_queue_says(later: float, who: str) -> None:
    story = centre()
    story.after(later)
    again(story)
    assert story.has(who) == "again"


def test_where_the_site_file_does_not_say_so_nothing_is_kept() -> None:
    story = centre(seconds=0.0)
    again(story)
    assert story.has("bee") == "again" and not story.engine.state.last_talks
    assert not any(isinstance(x, f.TalkRemembered) for x in story.told)


def test_nobody_waits_for_an_operator_who_is_busy() -> None:
    story = centre()
    story.pauses("ann")
    again(story)
    assert story.has("bee") == "again"


def test_who_did_not_take_the_call_is_not_tried_first_again() -> None:
    story = centre()
    again(story)
    story.phone_ends("ann", LegEnd.DECLINED)
    assert story.has("bee") == "again" and story.call("again").last_operator is None


def test_skills_come_first() -> None:
    story = centre()
    story.needs(("english", 2))
    again(story)
    assert story.has("ann") == "" == story.has("bee")


def test_by_lot_too() -> None:
    story = centre(strategy=Strategy.RANDOM)
    for number in range(5):
        again(story, f"again-{number}")
        assert story.has("ann") == f"again-{number}"
        story.leaves(f"again-{number}")


def test_an_operator_of_another_queue_is_not_tried() -> None:
    story = centre()
    story.logs_in("ann", queues=(GCC,))
    again(story)
    assert story.has("bee") == "again"


@pytest.mark.parametrize("from_all_facts", [True, False])
def test_a_restart_forgets_nobody(from_all_facts: bool) -> None:
    story = centre()
    story.service_restarts(from_all_facts=from_all_facts)
    story.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
    again(story)
    assert story.has("ann") == "again"


def test_the_oldest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "TALKS_LIMIT", 2)
    story = centre()
    story.logs_out("ann")
    for number in ("0811111111", "0822222222"):
        again(story, number, number)
        story.answers("bee")
        story.leaves(number)
    assert list(story.engine.state.last_talks) == ["0811111111", "0822222222"]
