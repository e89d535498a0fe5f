"""Who would wait too long goes on at entry, where it is shorter, and keeps the arrival."""

from dataclasses import replace

import pytest

from callcenter.core import estimate
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.ids import QueueName
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.story import Story
from tests.unit.core.test_estimate import WRAPUP_SECONDS, serves

LIMITS = {"wrapup_seconds": WRAPUP_SECONDS, "max_wait_seconds": 3600.0}


def centre(seconds: float, *, talks: int = 10, there: int = 0) -> Story:
    """Dao talks, and a call takes 100 s; `there` are the callers of the other queue's operator."""
    story = Story(
        rules(DAMRONG, overflow_queue=GCC, overflow_at_expected_seconds=seconds, **LIMITS),
        rules(GCC, **LIMITS),
    )
    serves(story, talks, DAMRONG, "1567")
    serves(story, 10, GCC, "1111")
    story.logs_in("dao")
    story.calls("with dao")
    story.answers("dao")
    if there:
        story.logs_in("nok", queues=(GCC,))
        story.calls(*(f"there-{number}" for number in range(there)), did="1111")
        story.answers("nok")
    return story


def stands(story: Story, call: str) -> tuple[QueueName, str]:
    """In which queue, and why."""
    (fact,) = [x for x in story.told if isinstance(x, f.CallQueued) and x.call == call]
    return fact.queue, fact.why


def test_who_would_wait_too_long_goes_to_the_next_queue_and_keeps_the_arrival() -> None:
    story = centre(250.0, there=1)
    story.calls("first", "second", "third", age=3.0)
    assert [stands(story, name) for name in ("first", "second", "third")] == [
        (DAMRONG, ""),
        (DAMRONG, ""),
        (GCC, "expected"),
    ]
    assert story.call("third").rank[0] == story.now - 3.0


def test_a_free_operator_there_is_the_shortest_wait() -> None:
    story = centre(50.0)
    story.logs_in("nok", queues=(GCC,))
    story.calls("malee")
    assert stands(story, "malee") == (GCC, "expected")
    assert story.has("nok") == "malee"


@pytest.mark.parametrize("why", ["longer there", "nobody there", "not known", "off"])
def test_nobody_goes_on_for_nothing(why: str) -> None:
    story = centre(
        0.0 if why == "off" else 50.0,
        talks=9 if why == "not known" else 10,
        there={"longer there": 5, "nobody there": 0}.get(why, 1),
    )
    story.calls("malee")
    assert stands(story, "malee") == (DAMRONG, "")


def test_who_is_urgent_would_not_wait_so_long() -> None:
    story = centre(150.0, there=1)
    story.calls("first", "second")
    assert stands(story, "second")[0] == GCC


def test_an_operator_who_is_free_here_answers_however_long_others_would_wait() -> None:
    story = centre(50.0)
    story.logs_in("nok", queues=(GCC,))
    story.leaves("with dao")
    story.after(WRAPUP_SECONDS)
    story.calls("malee")
    assert stands(story, "malee") == (DAMRONG, "")
    assert story.has("dao") == "malee"


def test_a_queue_that_is_full_or_closed_takes_nobody() -> None:
    for full in (True, False):
        story = centre(50.0, there=1)
        if full:
            limited = replace(story.site.queues[GCC], waiting_limit=1)
            story.site = replace(story.site, queues={**story.site.queues, GCC: limited})
            story.happens(e.SiteChanged(site=story.site))
            story.calls("there", did="1111")
        else:
            story.happens(e.HoursSeen(closed=frozenset({GCC}), rostered={}))
        story.calls("first", "second", "third")
        assert {stands(story, name)[0] for name in ("first", "second", "third")} == {DAMRONG}


def test_a_wait_that_is_just_as_long_as_allowed_is_not_too_long() -> None:
    story = centre(1.0)
    story.logs_in("nok", queues=(GCC,))
    here = estimate.if_it_stays(story.engine.state, DAMRONG, 0, story.now)
    assert here is not None
    for seconds, queue in ((here.expected_seconds, DAMRONG), (here.expected_seconds - 0.001, GCC)):
        story = centre(seconds)
        story.logs_in("nok", queues=(GCC,))
        story.calls("malee")
        assert stands(story, "malee")[0] == queue
