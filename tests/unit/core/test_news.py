"""The message of the day: who hears it, where, once, how more of it is had, when it is off."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.ids import CallId
from callcenter.core.news import PRESS_FOR_MORE
from callcenter.core.outcome import LegEnd
from callcenter.core.site import Telling
from callcenter.core.state import Hears
from tests.kept import kept
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.story import Story
from tests.unit.core.test_greeting_and_menu import MENU, spoken

FLOOD, MORE = ("own_flood",), ("own_flood_more",)
LINE = "line/1567"


def centre(**line: object) -> Story:
    story = Story()
    story.site = spoken(**line)
    story.happens(e.SiteChanged(site=story.site))
    return story


def switched_on(story: Story, place: str = LINE, **how: object) -> None:
    story.happens(e.NewsSwitched(place=place, prompts=FLOOD, **how))  # type: ignore[arg-type]


def heard(story: Story, name: str = "malee") -> list[tuple[str, ...]]:
    """What was played to a caller, in order."""
    return [x.keys for x in story.ordered if isinstance(x, c.PlayPrompts) and x.lane == name]


def is_over(story: Story, name: str = "malee") -> None:
    prompt = story.call(name).prompt
    assert prompt is not None
    story.happens(e.PromptPlayed(call=CallId(name), number=prompt.number))


def presses(story: Story, key: str, name: str = "malee") -> None:
    story.happens(e.KeyPressed(call=CallId(name), key=key))


def test_a_new_caller_hears_it_in_the_place_of_the_greeting() -> None:
    story = centre(greeting=("greeting",))
    switched_on(story)
    story.calls("malee")
    assert heard(story) == [FLOOD] and story.in_line() == ["malee"]
    is_over(story)
    assert story.call("malee").hears is Hears.MUSIC
    story.calls("boat", did="1111")
    assert heard(story, "boat") == []


def test_the_notice_comes_first_and_the_news_after_it() -> None:
    story = centre(notice=("recording_notice",), greeting=("greeting",))
    switched_on(story)
    story.calls("malee")
    is_over(story)
    is_over(story)
    assert heard(story) == [("recording_notice",), FLOOD]


def test_who_waits_already_hears_it_once_one_after_the_other() -> None:
    story = centre()
    story.calls("malee", "wipa", "chai")
    switched_on(story)
    story.after(0.0)
    assert [bool(heard(story, name)) for name in ("malee", "wipa", "chai")] == [True, False, False]
    story.after(0.05)
    for name in ("malee", "wipa", "chai"):
        is_over(story, name)
    story.after(300.0)
    assert [heard(story, name) for name in ("malee", "wipa", "chai")] == [[FLOOD]] * 3


def test_it_waits_for_what_plays() -> None:
    story = centre(greeting=("greeting",))
    story.calls("malee")
    switched_on(story)
    story.after(1.0)
    assert heard(story) == [("greeting",)]
    is_over(story)
    story.after(3.0)
    assert heard(story) == [("greeting",), FLOOD]


def test_behind_a_menu_it_is_heard_in_the_queue() -> None:
    story = centre(menu=MENU)
    switched_on(story)
    story.calls("malee")
    assert heard(story) == [("own_languages",)]
    presses(story, "0")
    story.after(0.0)
    assert heard(story)[-1] == FLOOD and story.in_line() == ["malee"]


def test_of_a_queue_it_is_for_all_lines_and_a_lines_own_comes_first() -> None:
    story = centre()
    switched_on(story, f"queue/{DAMRONG}")
    story.happens(e.NewsSwitched(place="line/045-614545", prompts=("own_fire",)))
    story.calls("malee")
    story.calls("wipa", did="045614545")
    story.calls("boat", did="1111")
    assert (heard(story), heard(story, "wipa")) == ([FLOOD], [("own_fire",)])
    assert heard(story, "boat") == []


def test_key_1_brings_more_once_and_other_keys_nothing() -> None:
    story = centre()
    switched_on(story, more=MORE)
    story.calls("malee")
    assert heard(story) == [(*FLOOD, PRESS_FOR_MORE)]
    presses(story, "2")
    presses(story, "1")
    assert heard(story)[1:] == [MORE] and isinstance(story.ordered[-2], c.StopPrompts)
    is_over(story)
    presses(story, "1")
    assert len(heard(story)) == 2
    news = story.engine.state.news[LINE]
    assert (news.heard, news.asked, news.left) == (1, 1, 0)


def test_key_1_means_nothing_where_there_is_no_more_and_to_who_heard_nothing() -> None:
    story = centre()
    story.calls("malee")
    presses(story, "1")
    switched_on(story)
    story.after(0.0)
    presses(story, "1")
    assert heard(story) == [FLOOD]


def test_an_operator_who_answers_stops_it() -> None:
    story = centre()
    switched_on(story)
    story.logs_in("somchai")
    story.calls("malee")
    assert story.call("malee").hears is Hears.PROMPT, "while the phone rings"
    done = story.picks_up("somchai")
    assert [type(x).__name__ for x in done.commands] == ["StopPrompts", "Bridge"]


def test_who_leaves_after_it_is_counted_and_who_is_answered_is_not() -> None:
    story = centre()
    switched_on(story)
    story.calls("malee", "wipa")
    story.after(6.0)
    story.leaves("malee")
    story.logs_in("somchai")
    story.answers("somchai")
    story.leaves("wipa")
    news = story.engine.state.news[LINE]
    assert (news.heard, news.left) == (2, 1)


def test_who_has_talked_hears_it_no_more() -> None:
    story = centre()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    switched_on(story)
    story.happens(e.PhoneLost(endpoint="PJSIP/somchai"))
    story.after(30.0)
    assert heard(story) == [] and story.in_line() == ["malee"]


def test_it_ends_when_its_time_is_over_and_when_it_is_switched_off() -> None:
    story = centre()
    switched_on(story, seconds=60.0)
    story.after(59.9)
    story.calls("malee")
    story.after(0.1)
    story.calls("wipa")
    switched_on(story)
    story.happens(e.NewsSwitched(place=LINE))
    story.happens(e.NewsSwitched(place=LINE))
    story.calls("chai")
    assert (heard(story), heard(story, "chai")) == ([FLOOD], [])
    assert [
        type(x) for x in story.told if "News" in type(x).__name__ and not hasattr(x, "call")
    ] == [
        f.NewsBegun,
        f.NewsEnded,
    ] * 2


def test_another_message_replaces_it_and_is_heard_by_who_heard_the_first() -> None:
    story = centre()
    switched_on(story)
    story.calls("malee")
    is_over(story)
    story.happens(e.NewsSwitched(place=LINE, prompts=("own_second",)))
    story.after(0.0)
    assert heard(story) == [FLOOD, ("own_second",)]


def test_a_lines_own_in_between_does_not_bring_the_queues_again() -> None:
    story = centre()
    switched_on(story, f"queue/{DAMRONG}")
    story.calls("malee")
    is_over(story)
    story.happens(e.NewsSwitched(place=LINE, prompts=("own_fire",)))
    story.after(0.0)
    is_over(story)
    story.happens(e.NewsSwitched(place=LINE))
    story.logs_in("somchai")
    story.phone_ends("somchai", LegEnd.BUSY)  # in line again, and looked at
    story.after(100.0)
    assert heard(story) == [FLOOD, ("own_fire",)]


def test_the_wait_is_not_told_earlier_for_it() -> None:
    telling = Telling(place=True, wait=False, first_seconds=20.0)
    story = Story(rules(DAMRONG, telling=telling))
    switched_on(story)
    story.calls("malee")
    is_over(story)
    story.after(19.0)
    assert heard(story) == [FLOOD]
    story.after(1.5)
    assert heard(story) == [FLOOD, ("place_next",)]


@pytest.mark.parametrize("seconds", [None, 100.0])
def test_a_restart_forgets_nothing_of_it(seconds: float | None) -> None:
    story = centre()
    switched_on(story, seconds=seconds, more=MORE)
    story.calls("malee")
    is_over(story)
    before = story.engine
    story.engine = Engine(story.site)
    story.engine.restore(kept(before))
    leg = story.call("malee").leg
    seen = e.LegSeen(leg=leg, is_up=True, in_app=True, did="1567", caller="", age_seconds=9.0)
    story.happens(e.SnapshotTaken(boot="1", legs=(seen,), bridges=()))
    story.after(10.0)
    story.calls("wipa")
    assert len(heard(story)) == len(heard(story, "wipa")) == 1
    presses(story, "1")
    assert heard(story)[-1] == MORE
    story.after(100.0)
    assert (LINE in story.engine.state.news) is (seconds is None)


def test_news_of_a_line_that_the_site_has_no_more_harms_nobody() -> None:
    story = centre()
    switched_on(story)
    lines = {name: line for name, line in story.site.lines.items() if name != "1567"}
    dids = {did: line for did, line in story.site.line_of_did.items() if did != "1567"}
    story.site = replace(story.site, lines=lines, line_of_did=dids)
    story.happens(e.SiteChanged(site=story.site))
    story.calls("boat", did="1111")
    story.happens(e.NewsSwitched(place=LINE))
    assert story.engine.state.news == {} and GCC in story.engine.state.queues
