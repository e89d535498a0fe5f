"""The menu: whatever a caller does or leaves undone, they end in the queue, and in time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.ids import QueueName
from callcenter.core.menu import (
    LOST_SECONDS,
    RULES,
    Choice,
    Menu,
    MenuStep,
    Moved,
    OnMenu,
    Place,
    Play,
    Stage,
    StepName,
    Stop,
    drawing,
    enter,
    longest_seconds,
    move,
    wrong_with,
)

LANGUAGE, KIND, TOPIC = map(StepName, ("language", "kind", "topic"))
ENGLISH = QueueName("english")
MENU = Menu(
    first=LANGUAGE,
    steps={
        LANGUAGE: MenuStep(
            prompts=("menu.language",),
            choices={
                "1": Choice(step=KIND, says={"language": "th"}),
                "2": Choice(queue=ENGLISH, says={"language": "en"}),
            },
        ),
        KIND: MenuStep(
            prompts=("menu.kind",),
            choices={
                "1": Choice(step=TOPIC, says={"kind": "complaint"}),
                "2": Choice(says={"kind": "question"}),
            },
            barge_in=False,
        ),
        TOPIC: MenuStep(
            prompts=("menu.topic",), choices={"1": Choice(says={"topic": "flood"})}, plays=1
        ),
    },
)
QUEUES = frozenset({ENGLISH})


class Caller:
    """A caller in the menu, who hears and presses."""

    def __init__(self, menu: Menu = MENU) -> None:
        self.menu = menu
        self.heard: list[str] = []
        self.plays = ""
        self._take(enter(menu))

    def _take(self, moved: Moved) -> None:
        self.place = moved.place
        for order in moved.orders:
            match order:
                case Play(prompts=(prompt,)):
                    assert not self.plays, f"{prompt} into {self.plays}"
                    self.plays = prompt
                    self.heard.append(prompt)
                case Stop():
                    assert self.plays, "nothing plays"
                    self.plays = ""

    def happens(self, what: OnMenu, key: str = "") -> None:
        before = self.place
        if what is OnMenu.PLAYED or (what is OnMenu.TIME and before.stage is Stage.PLAYING):
            self.plays = ""
        self._take(move(self.menu, before, what, key))
        targets = RULES[before.stage][what].targets or (before.stage,)
        assert self.place.stage in (*targets, before.stage)

    def presses(self, key: str) -> None:
        self.happens(OnMenu.KEY, key)


def test_who_presses_the_keys_says_what_it_is_about_and_waits_in_the_queue() -> None:
    caller = Caller()
    caller.presses("1")  # while the prompt plays
    caller.happens(OnMenu.PLAYED)
    caller.presses("1")
    caller.presses("1")
    assert caller.heard == ["menu.language", "menu.kind", "menu.topic"]
    assert caller.place.stage is Stage.ENDED
    assert caller.place.says == {"language": "th", "kind": "complaint", "topic": "flood"}
    assert (caller.place.queue, caller.plays, caller.place.seconds) == (None, "", None)


def test_a_key_may_lead_to_a_queue_of_its_own() -> None:
    caller = Caller()
    caller.presses("2")
    assert (caller.place.stage, caller.place.queue) == (Stage.ENDED, ENGLISH)


def test_who_presses_nothing_hears_the_question_as_often_as_the_step_says() -> None:
    caller = Caller()
    for _ in range(2):
        caller.happens(OnMenu.PLAYED)
        assert caller.place.seconds == 5.0
        caller.happens(OnMenu.TIME)
    assert caller.heard == ["menu.language"] * 2
    assert caller.place.stage is Stage.ENDED


def test_a_key_that_means_nothing_has_the_question_asked_again_and_then_no_more() -> None:
    caller = Caller()
    caller.presses("9")
    assert (caller.heard, caller.place.played) == (["menu.language"] * 2, 2)
    caller.presses("8")
    assert caller.place.stage is Stage.ENDED


def test_a_prompt_that_must_be_heard_goes_on_whatever_is_pressed() -> None:
    caller = Caller()
    caller.presses("1")
    for key in "1290":
        caller.presses(key)
    assert (caller.place.step, caller.plays) == (KIND, "menu.kind")


def test_a_prompt_whose_end_is_not_heard_holds_nobody() -> None:
    caller = Caller()
    assert caller.place.seconds == LOST_SECONDS
    caller.happens(OnMenu.TIME)
    assert caller.place.stage is Stage.LISTENING


def test_nought_leads_to_a_person_from_every_step() -> None:
    for step in MENU.steps:
        place = Place(step=step, stage=Stage.LISTENING)
        assert move(MENU, place, OnMenu.KEY, "0").place.stage is Stage.ENDED


def test_the_table_is_total() -> None:
    assert all(set(row) == set(OnMenu) for row in RULES.values())
    assert set(RULES) == set(Stage)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"first": "start"}, "there is no step start"),
        ({TOPIC: {}}, "step topic has no keys: nobody could answer it"),
        ({TOPIC: {"0": Choice()}}, "step topic: '0' is no key; 0 always leads to a person"),
        ({TOPIC: {"1": Choice(step=StepName("x"))}}, "step topic, key 1: there is no step x"),
        (
            {TOPIC: {"1": Choice(queue=QueueName("x"))}},
            "step topic, key 1: there is no queue x",
        ),
        (
            {KIND: {"1": Choice(step=TOPIC, queue=ENGLISH)}},
            "step kind, key 1: leads to a step and to a queue; leave one out",
        ),
        (
            {TOPIC: {"1": Choice(step=KIND)}},
            "callers would go round for ever (kind -> topic -> kind)",
        ),
        ({KIND: {"2": Choice()}}, "no key leads to step topic"),
    ],
)
def test_dead_ends_and_circles_are_told(changes: dict[str, object], told: str) -> None:
    assert list(wrong_with(MENU, QUEUES)) == []
    menu = MENU
    for name, value in changes.items():
        if name == "first":
            menu = replace(menu, first=StepName(str(value)))
        else:
            step = replace(menu.steps[StepName(name)], choices=value)  # type: ignore[arg-type]
            menu = replace(menu, steps={**menu.steps, StepName(name): step})
    assert told in list(wrong_with(menu, QUEUES))


def test_the_picture_has_every_key() -> None:
    picture = drawing(MENU)
    for line in (
        '    step-language -- "1: language=th" --> step-kind',
        '    step-language -- "2: language=en" --> queue-english',
        '    step-topic -. "0, or nothing pressed after 1 plays" .-> queue-own',
    ):
        assert line in picture


# --- whatever the menu -------------------------------------------------------------------------


@st.composite
def menus(draw: st.DrawFn) -> Menu:
    """Steps that lead on to later ones only."""
    names = [StepName(f"step{number}") for number in range(draw(st.integers(1, 5)))]
    steps: dict[StepName, MenuStep] = {}
    for place, name in enumerate(names):
        later = [None, *names[place + 1 :]]
        keys = draw(st.sets(st.sampled_from("123*#"), min_size=1))
        steps[name] = MenuStep(
            prompts=(f"menu.{name}",),
            choices={key: Choice(step=draw(st.sampled_from(later))) for key in sorted(keys)},
            seconds=draw(st.floats(0.5, 10)),
            plays=draw(st.integers(1, 3)),
            barge_in=draw(st.booleans()),
        )
    return Menu(first=names[0], steps=steps)


@given(menu=menus(), does=st.lists(st.tuples(st.sampled_from(OnMenu), st.sampled_from("01289*#"))))
def test_whatever_happens_nothing_plays_into_another_prompt_and_time_ends_it(
    menu: Menu, does: list[tuple[OnMenu, str]]
) -> None:
    caller = Caller(menu)
    for what, key in does:
        late = what is OnMenu.PLAYED and caller.place.stage is not Stage.PLAYING
        if late:
            assert move(menu, caller.place, what).place == caller.place
            continue
        caller.happens(what, key)
    questions = [step for step in menu.steps.values() if isinstance(step, MenuStep)]
    left = sum(step.plays for step in questions) * 2
    while caller.place.stage is not Stage.ENDED:
        assert caller.place.seconds is not None, "there is a limit to everything"
        assert left > 0, "the menu does not end"
        caller.happens(OnMenu.TIME)
        left -= 1
    assert not caller.plays


@given(menu=menus(), keys=st.lists(st.sampled_from(["", "*", "1", "2", "3", "9"])))
def test_nobody_is_in_the_menu_longer_than_it_says(menu: Menu, keys: list[str]) -> None:
    """Who presses a key ("" is none) does so in the last moment; prompts last three seconds."""
    caller, spent, pressed = Caller(menu), 0.0, iter(keys)
    while caller.place.stage is not Stage.ENDED:
        if caller.place.stage is Stage.PLAYING:
            spent += 3.0
            caller.happens(OnMenu.PLAYED)
        else:
            spent += caller.place.seconds or 0.0
            key = next(pressed, "")
            caller.happens(OnMenu.KEY if key else OnMenu.TIME, key)
    assert spent <= longest_seconds(menu, lambda prompt: 3.0) + 1e-6
