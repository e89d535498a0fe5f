"""What a waiting caller is told: when, in which words, when again, and when it stops."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.ids import CallId
from callcenter.core.site import Telling
from callcenter.core.speech import Language
from callcenter.core.state import Hears
from callcenter.core.telling import LONGER, spoken_minutes, words
from tests.kept import kept
from tests.site import DAMRONG, GCC, rules, site
from tests.unit.core.story import Story
from tests.unit.core.test_estimate import A_CALL_SECONDS, WRAPUP_SECONDS, serves
from tests.unit.core.test_greeting_and_menu import spoken

BOTH = Telling(place=True, wait=True, first_seconds=20.0, every_seconds=60.0)


def centre(telling: Telling | None, *operators: str, talks: int = 10) -> Story:
    """Enough calls were served; now these operators talk."""
    limits = {"wrapup_seconds": WRAPUP_SECONDS, "max_wait_seconds": 3600.0}
    story = Story(rules(DAMRONG, telling=telling, **limits), rules(GCC, telling=telling, **limits))
    serves(story, talks, DAMRONG, "1567")
    story.logs_in(*operators)
    for operator in operators:
        story.calls(f"with {operator}")
        story.answers(operator)
    return story


def told(story: Story, call: str = "malee") -> list[tuple[int, int]]:
    """Place and minutes, each time."""
    facts = [x for x in story.told if isinstance(x, f.WaitTold) and x.call == call]
    return [(fact.place, fact.minutes) for fact in facts]


def is_over(story: Story, call: str = "malee") -> None:
    """What plays has been heard."""
    prompt = story.call(call).prompt
    assert prompt is not None
    story.happens(e.PromptPlayed(call=CallId(call), number=prompt.number))


# --- when, and what ----------------------------------------------------------------------------


def test_who_waits_is_told_the_place_and_the_time_in_words_of_the_line() -> None:
    story = centre(BOTH, "dao")
    story.calls("wipa", "malee")
    story.after(19.9)
    assert told(story) == [] and story.call("malee").hears is Hears.MUSIC
    story.after(0.2)
    (played,) = [x for x in story.ordered if isinstance(x, c.PlayPrompts) and x.lane == "malee"]
    assert story.call("malee").hears is Hears.PROMPT
    (place, minutes) = told(story)[0]
    assert place == 2 and 2 * A_CALL_SECONDS / 60 < minutes < 12
    assert played.keys[:4] == ("place", "number_2", "place_end", "estimate")
    assert (played.keys[-1], played.language) == ("minute", "th")
    is_over(story)
    assert story.call("malee").hears is Hears.MUSIC


def test_nothing_is_told_where_the_site_does_not_say_so() -> None:
    story = centre(None, "dao")
    story.calls("malee")
    story.after(3000.0)
    assert told(story) == [] and not any(isinstance(x, c.PlayPrompts) for x in story.ordered)


def test_without_enough_data_the_place_alone_is_told_and_the_wait_when_it_is_known() -> None:
    story = centre(BOTH, "dao", talks=9)
    story.calls("wipa", "malee")
    story.after(21.0)
    assert told(story) == [(2, 0)]
    is_over(story)
    story.leaves("with dao")  # the tenth talk
    story.after(WRAPUP_SECONDS)
    story.answers("dao")
    story.after(60.0)
    place, minutes = told(story)[-1]
    assert place == 1 and minutes > 0


def test_only_the_wait_is_told_where_only_that_is_asked_for() -> None:
    story = centre(Telling(place=False, wait=True), "dao", talks=9)
    story.calls("malee")
    story.after(500.0)
    assert told(story) == []
    story = centre(Telling(place=False, wait=True), "dao")
    story.calls("malee")
    story.after(21.0)
    ((place, minutes),) = told(story)
    assert place == 0 and minutes > 0


# --- again -------------------------------------------------------------------------------------


def test_what_is_the_same_or_worse_is_not_told_again() -> None:
    story = centre(BOTH, "dao")
    story.calls("malee")
    story.after(21.0)
    assert len(told(story)) == 1
    is_over(story)
    story.calls("boat", did="1567")
    story.happens(e.PriorityChanged(call=CallId("boat"), priority=9))  # before her now
    story.after(600.0)
    assert len(told(story)) == 1


def test_a_smaller_number_is_told_at_the_next_look() -> None:
    story = centre(BOTH, "dao")
    story.calls("wipa", "malee")
    story.after(21.0)
    is_over(story, "wipa")
    is_over(story)
    story.leaves("wipa")
    story.after(58.9)
    assert len(told(story)) == 1
    story.after(1.0)
    first, second = told(story)
    assert second[0] == 1 < first[0] and 0 < second[1] < first[1]


def test_in_another_queue_its_own_numbers_are_told() -> None:
    """They may be larger: that is another line."""
    story = centre(BOTH, "dao")
    story.logs_in("nok", queues=(GCC,))
    story.pauses("nok")
    story.calls("malee")
    story.after(21.0)
    is_over(story)
    story.calls("early", "earlier", did="1111", age=500.0)
    onward = rules(DAMRONG, max_wait_seconds=100.0, overflow_queue=GCC, telling=BOTH)
    story.happens(e.SiteChanged(site=site(onward, rules(GCC, telling=BOTH))))
    story.calls("wipa")
    story.after(100.0)
    assert story.call("wipa").queue == GCC
    story.after(20.0)
    assert [place for place, _ in told(story, "wipa")] == [2, 3]


# --- it costs nobody a turn --------------------------------------------------------------------


def test_it_stops_when_an_operator_is_free_and_the_phone_rings() -> None:
    story = centre(BOTH, "dao")
    story.calls("malee")
    story.after(21.0)
    assert story.call("malee").hears is Hears.PROMPT
    story.logs_in("nok")
    orders = [type(x).__name__ for x in story.ordered if getattr(x, "lane", "") == "malee"]
    assert orders[-2:] == ["StopPrompts", "RingOperator"]
    assert story.call("malee").hears is Hears.MUSIC


def test_on_an_open_line_it_stops_and_they_are_joined_at_once() -> None:
    story = centre(BOTH, "dao")
    story.calls("malee")
    story.after(21.0)
    story.sits_down_with_a_headset("nok")
    orders = [type(x).__name__ for x in story.ordered if getattr(x, "lane", "") == "malee"]
    assert orders[-2:] == ["StopPrompts", "Bridge"]


def test_nothing_is_told_over_a_greeting() -> None:
    story = Story(rules(DAMRONG, telling=Telling(place=True, wait=True, first_seconds=5.0)))
    greeted = spoken(greeting=("greeting",))
    story.happens(e.SiteChanged(site=replace(greeted, queues=story.site.queues)))
    story.calls("malee")
    story.after(10.0)
    assert told(story) == []
    is_over(story)
    story.after(3.1)
    assert told(story) == [(1, 0)]


def test_a_restart_forgets_neither_what_was_told_nor_when_to_look_again() -> None:
    story = centre(BOTH, "dao")
    story.calls("wipa", "malee")
    story.after(21.0)
    is_over(story, "wipa")
    is_over(story)
    before = story.engine
    story.engine = Engine(story.site)
    story.engine.restore(kept(before))
    legs = tuple(
        e.LegSeen(leg=call.leg, is_up=True, in_app=True, did="1567", caller="", age_seconds=9.0)
        for call in before.state.calls.values()
    )
    story.happens(e.SnapshotTaken(boot="1", legs=legs, bridges=()))
    story.after(300.0)
    assert told(story)[0] == (2, told(story)[0][1])
    assert [place for place, _ in told(story)] in ([2], [2, 1])


# --- how well it was kept ----------------------------------------------------------------------


def test_the_error_is_what_was_said_minus_what_came() -> None:
    story = centre(BOTH, "dao")
    story.calls("malee")
    story.after(20.0)
    is_over(story)
    story.after(100.0)
    ((_, minutes),) = told(story)
    story.logs_in("nok")
    story.answers("nok")
    (scored,) = [x for x in story.told if isinstance(x, f.CallScored) and x.call == "malee"]
    assert scored.told_error_seconds == pytest.approx(minutes * 60.0 - 100.0)


def test_who_was_told_no_number_has_no_error() -> None:
    story = centre(Telling(place=True, wait=False), "dao")
    story.calls("malee")
    story.after(30.0)
    story.leaves("malee")
    (scored,) = [x for x in story.told if isinstance(x, f.CallScored) and x.call == "malee"]
    assert told(story) == [(1, 0)] and scored.told_error_seconds is None


# --- the words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        *((1, 1), (60, 1), (60.1, 2), (299, 5), (600, 10), (601, 15), (1500.1, 30), (1801, 40)),
        *((3600, 60), (3601, LONGER), (90_000, LONGER)),
    ],
)
def test_a_wait_is_rounded_up_to_a_number_that_is_easily_said(seconds: float, minutes: int) -> None:
    assert spoken_minutes(seconds) == minutes


def test_the_words_are_those_of_each_language() -> None:
    assert words(Language.ENGLISH, 0, 5) == ("estimate", "number_5", "minutes")
    assert words(Language.THAI, 21, 1)[-1] == "estimate_under_a_minute"
    assert words(Language.THAI, 21, 1)[1:3] == ("number_20", "number_et")
    assert words(Language.THAI, 1, 0) == ("place_next",)
    assert words(Language.ENGLISH, 0, LONGER) == ("estimate_long",)
