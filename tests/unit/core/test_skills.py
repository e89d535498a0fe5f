"""Calls that need skills: who gets them, and how the needs relax, whoever rings meanwhile."""

from dataclasses import replace

import pytest

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.line import Needs
from callcenter.core.menu import Choice, Menu, MenuStep, StepName
from callcenter.core.skills import Skills, can, ordered, relaxed, together
from callcenter.core.state import CallState
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story

ENGLISH: Needs = (("english", 1),)
FIRST = StepName("first")
MENU = Menu(
    first=FIRST,
    steps={
        FIRST: MenuStep(
            prompts=("own_languages",),
            choices={"1": Choice(), "2": Choice(needs=(("english", 2),), queue=GCC)},
        )
    },
)


class Skilled(Story):
    """Callers of 1567 need `needs`; 045-614545, in the same queue, needs nothing."""

    def __init__(self, needs: Needs = ENGLISH, **changes: object) -> None:
        super().__init__(rules(DAMRONG, **changes))
        self.needs(*needs)

    def asks(self, menu: Menu) -> None:
        """Callers of 1567 are asked first."""
        line = replace(self.site.line_of_did["1567"], menu=menu)
        self.site = replace(
            self.site,
            lines={**self.site.lines, line.name: line},
            line_of_did={**self.site.line_of_did, "1567": line},
        )
        self.happens(e.SiteChanged(site=self.site))

    def comes(self, name: str, **levels: int) -> None:
        """An operator with these skills."""
        self.logs_in(name, queues=(DAMRONG, GCC), skills=ordered(levels))

    def relaxed(self, name: str) -> list[tuple[float, Needs]]:
        """When a call's needs became less, and what they were then."""
        told = [x for x in self.told if isinstance(x, f.NeedsRelaxed) and x.call == name]
        return [(x.at - 1000.0, x.needs) for x in told]


def test_who_has_the_skill_gets_the_call_though_another_is_idle_longer() -> None:
    story = Skilled()
    story.comes("thai")
    story.comes("both", english=1)
    story.calls("a")
    assert (story.has("both"), story.has("thai")) == ("a", "")
    story.calls("b", did="045614545")
    assert story.has("thai") == "b", "who needs nothing gets anybody"


def test_who_needs_nothing_does_not_wait_behind_who_needs_a_skill() -> None:
    story = Skilled()
    story.comes("thai")
    story.calls("a")
    assert story.in_line() == ["a"]
    story.calls("b", did="045614545")
    assert story.has("thai") == "b"


def test_each_level_relaxes_in_its_time_and_at_last_anybody_is_rung() -> None:
    story = Skilled((("english", 3), ("law", 1)))
    story.comes("thai")
    story.comes("some", english=2)
    story.calls("a")
    story.after(29.9)
    assert (story.has("thai"), story.has("some")) == ("", "")
    story.after(0.2)
    assert story.has("some") == "a", "a level less of each after 30 seconds"
    assert story.relaxed("a") == [(30.0, (("english", 2),))]
    story.after(14.0)
    story.logs_out("some")
    story.after(100.0)
    assert story.relaxed("a")[1:] == [(60.0, (("english", 1),)), (90.0, ())]
    assert ("thai", "a") in story.rang()


def test_nobody_is_left_idle_because_the_phone_of_a_skilled_one_rings() -> None:
    """The trap: app_queue rings the skilled one again and again, and others look on."""
    story = Skilled(ring_seconds=60.0)
    story.comes("thai")
    story.comes("skilled", english=1)
    story.calls("a", "b")
    assert (story.has("skilled"), story.has("thai")) == ("a", ""), "rings, and is not answered"
    story.after(29.0)
    assert story.in_line() == ["b"]
    story.after(1.0)
    assert (story.has("skilled"), story.has("thai")) == ("a", "b"), "b waited long enough"


def test_time_counts_while_a_phone_rings_too() -> None:
    story = Skilled(ring_seconds=40.0)
    story.comes("thai")
    story.comes("skilled", english=1)
    story.calls("a")
    story.after(40.0)  # rang, and nobody answered
    assert story.rang() == [("skilled", "a"), ("thai", "a")]
    assert story.relaxed("a") == [(30.0, ())]


def test_keys_of_the_menu_ask_for_skills_together_with_the_line() -> None:
    story = Skilled((("english", 1), ("law", 1)))
    story.asks(MENU)
    story.comes("lawyer", law=1, english=1)
    story.comes("both", law=1, english=2)
    story.calls("a")
    story.happens(e.KeyPressed(call=story.call("a").id, key="2"))
    assert story.call("a").needs == (("english", 2), ("law", 1))
    assert story.has("both") == "a"


def test_what_is_needed_counts_again_after_a_talk_that_was_lost() -> None:
    story = Skilled()
    story.comes("skilled", english=1)
    story.comes("thai")
    story.calls("a")
    story.answers("skilled")
    story.after(100.0)
    assert story.relaxed("a") == [], "who talks does not wait"
    story.happens(e.PhoneLost(endpoint="PJSIP/skilled"))
    assert story.call("a").state is CallState.WAITING
    story.after(29.0)
    assert story.in_line() == ["a"]
    story.after(1.0)
    assert story.has("thai") == "a"


def test_skills_that_change_at_a_log_in_count_at_once() -> None:
    story = Skilled()
    story.comes("a", english=1)
    story.comes("a")
    story.calls("1")
    assert story.in_line() == ["1"]
    story.comes("a", english=1)
    assert story.has("a") == "1"


def test_who_needs_skills_is_told_no_time_and_others_are_not_told_theirs() -> None:
    story = Skilled()
    story.comes("thai")
    story.calls("a")
    story.calls("b", did="045614545")
    queued = [x for x in story.told if isinstance(x, f.CallQueued)]
    assert [x.expected_seconds for x in queued] == [None, None]
    assert [(x.needs, x.relax_seconds) for x in queued] == [(ENGLISH, 30.0), ((), 0.0)]


@pytest.mark.parametrize("seconds", [0.0, 10.0, 31.0, 61.0])
@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_restart_knows_what_is_needed_and_until_when(
    seconds: float, from_all_facts: bool
) -> None:
    story = Skilled((("english", 2),))
    story.comes("thai")
    story.calls("a")
    story.after(seconds)
    before = as_restarted(story.engine.state)
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == before
    if seconds < 60.0:
        timers = [timer for timer in story.engine.work.timers._patience if timer[1] == "relax"]
        assert [timer[0] for timer in timers] == [1060.0 if seconds > 30.0 else 1030.0]


@pytest.mark.parametrize(
    ("skills", "needs", "right"),
    [
        ((), (), True),
        ((("english", 1),), (), True),
        ((), ENGLISH, False),
        ((("english", 5),), ENGLISH, True),
        ((("english", 2), ("law", 1)), (("english", 2), ("law", 2)), False),
    ],
)
def test_who_can_serve_what(skills: Skills, needs: Needs, right: bool) -> None:
    assert can(skills, needs) is right


def test_needs_together_and_relaxed() -> None:
    assert together(((("b", 1),), (("a", 2), ("b", 3)))) == (("a", 2), ("b", 3))
    assert relaxed((("a", 2), ("b", 1))) == (("a", 1),)
    assert relaxed(()) == ()
