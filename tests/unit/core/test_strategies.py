"""Which of several free operators is offered the next caller, by the queue's strategy."""

from collections import Counter
from dataclasses import replace

import pytest

from callcenter.core import events as e
from callcenter.core.engine import Engine
from callcenter.core.ids import OperatorId
from callcenter.core.strategy import Strategy, draw
from tests.site import DAMRONG, rules, site
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story


def a_day(strategy: Strategy) -> Story:
    return Story(rules(DAMRONG, strategy=strategy, wrapup_seconds=0.0))


def serves(story: Story, caller: str, seconds: float = 10.0) -> str:
    """A caller comes and is served; by whom."""
    story.calls(caller)
    (name,) = (o.id for o in story.engine.state.operators.values() if o.call == caller)
    story.answers(name)
    story.after(seconds)
    story.leaves(caller)
    return name


def pauses_and_is_back(story: Story, name: str) -> None:
    story.happens(e.OperatorPaused(operator=OperatorId(name), reason="lunch"))
    story.happens(e.OperatorResumed(operator=OperatorId(name)))


def test_the_fewest_calls_come_first_and_the_longest_idle_of_equals() -> None:
    story = a_day(Strategy.FEWEST_CALLS)
    story.logs_in("a", "b", "c")
    assert [serves(story, f"{n}") for n in range(3)] == ["a", "b", "c"]
    pauses_and_is_back(story, "a")  # idle for the shortest time now, and with as few as anybody
    assert [serves(story, f"more {n}") for n in range(3)] == ["b", "c", "a"]
    story.logs_in("late")
    assert story.operator("late").calls == 2, "as many as the colleagues have"
    assert serves(story, "next") == "b"


def test_the_least_occupied_comes_first() -> None:
    story = a_day(Strategy.LEAST_OCCUPIED)
    story.logs_in("a", "b")
    assert serves(story, "long", 300.0) == "a"
    assert serves(story, "short", 60.0) == "b"
    assert [serves(story, f"{n}", 60.0) for n in range(4)] == ["b"] * 4, "a's long talk weighs more"
    assert serves(story, "then", 1.0) == "a"


def test_round_robin_does_not_mind_pauses() -> None:
    story = a_day(Strategy.ROUND_ROBIN)
    story.logs_in("a", "b", "c")
    assert serves(story, "1") == "a"
    pauses_and_is_back(story, "b")
    assert [serves(story, f"{n}") for n in range(2, 6)] == ["c", "b", "a", "c"]


def test_an_offer_that_came_to_nothing_is_a_turn_too() -> None:
    story = a_day(Strategy.ROUND_ROBIN)
    story.logs_in("a", "b")
    story.calls("1")
    story.after(16.0)  # a did not answer, and is paused; b rings
    assert story.has("b") == "1"
    story.answers("b")
    story.leaves("1")
    story.happens(e.OperatorResumed(operator=OperatorId("a")))
    assert serves(story, "2") == "a"


def test_the_highest_level_comes_first_whoever_is_idle() -> None:
    story = a_day(Strategy.LEVEL)
    for name, level in (("learner", 1), ("expert", 5), ("old hand", 5), ("nobody", 0)):
        skills = ((DAMRONG, level),) if level else ()
        story.happens(
            e.OperatorLoggedIn(
                operator=OperatorId(name),
                endpoint=f"PJSIP/{name}",
                queues=(DAMRONG,),
                skills=skills,
            )
        )
    assert [serves(story, f"{n}") for n in range(3)] == ["expert", "old hand", "expert"]
    story.calls("a", "b", "c", "d")
    who = [story.has(x) for x in ("old hand", "expert", "learner", "nobody")]
    assert who == ["a", "b", "c", "d"]


def test_by_lot_is_the_same_again_for_the_same_seed_and_even() -> None:
    def days(seed: int) -> list[str]:
        story = a_day(Strategy.RANDOM)
        story.engine = Engine(story.site, seed=seed)
        story.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        story.logs_in("a", "b", "c", "d")
        return [serves(story, f"{n}", 1.0) for n in range(400)]

    first = days(1)
    assert first == days(1)
    assert first != days(2)
    assert all(70 < many < 130 for many in Counter(first).values())


def test_draws_are_even() -> None:
    many = Counter(draw(7, number, 10) for number in range(10_000))
    assert set(many) == {*range(10)}
    assert all(900 < count < 1_100 for count in many.values())


def test_a_phone_that_cannot_be_rung_is_no_lot() -> None:
    story = a_day(Strategy.RANDOM)
    story.logs_in("a", "b")
    story.legs_go_at_once = False
    story.calls("1")
    (first,) = (o.id for o in story.engine.state.operators.values() if o.call == "1")
    story.answers(first)
    story.leaves("1")  # the first one's leg is not gone yet
    story.calls("2")
    assert story.has("a" if first == "b" else "b") == "2"


@pytest.mark.parametrize("strategy", Strategy)
def test_another_strategy_counts_at_once_and_a_restart_knows_it(strategy: Strategy) -> None:
    story = a_day(Strategy.LONGEST_IDLE)
    story.logs_in("a", "b", "c")
    for number in range(5):
        serves(story, f"{number}", 20.0 * (number + 1))
    changed = site(replace(story.site.queues[DAMRONG], strategy=strategy))
    story.happens(e.SiteChanged(site=changed))
    story.site = changed
    before = as_restarted(story.engine.state)
    story.service_restarts()
    assert picture(story.engine.state) == before
