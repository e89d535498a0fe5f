"""The callback step of the menu: the number that calls hears the state of its callback."""

from dataclasses import replace
from typing import Any

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.callback_lookup import ASKS_OF_A_NUMBER, HOUR_SECONDS
from callcenter.core.callback_states import CallbackAnswer, CallbackWord, words
from callcenter.core.engine import Engine
from callcenter.core.ids import CallId, LineName
from callcenter.core.menu import (
    CallbackStep,
    Choice,
    Menu,
    MenuStep,
    Stage,
    StepName,
    longest_seconds,
    wrong_with,
)
from callcenter.core.outcome import LegEnd
from callcenter.core.speech import Language
from callcenter.core.state import CallState
from callcenter.prompts.catalogue import BY_KEY
from callcenter.prompts.catalogue import longest_seconds as of_prompt
from tests.site import GCC
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.test_callback import NUMBERS, Back
from tests.unit.core.test_greeting_and_menu import seen

FIRST, STATE = StepName("first"), StepName("state")
MENU = Menu(
    first=FIRST,
    steps={
        FIRST: MenuStep(prompts=("own_first",), choices={"1": Choice(), "7": Choice(step=STATE)}),
        STATE: CallbackStep(),
    },
)
WAITING, CANCELLED = CallbackWord.WAITING, CallbackWord.CANCELLED


class Asks(Back):
    """1111 has a menu that tells of callbacks; they are asked for at 1567."""

    def __init__(self, **limits: Any) -> None:
        super().__init__(**limits)
        line = replace(self.site.lines[LineName("1111")], menu=MENU)
        self.site = replace(
            self.site,
            lines={**self.site.lines, line.name: line},
            line_of_did={**self.site.line_of_did, "1111": line},
        )
        self.engine = Engine(self.site)
        self.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        self.again = 0

    def asks_about(self, name: str = "ada", number: str | None = None) -> str:
        """The citizen calls and presses 7."""
        self.again += 1
        call = f"{name}-{self.again}"
        caller = NUMBERS[name] if number is None else number
        arrived = e.CallArrived(call=CallId(call), did="1111", caller=caller, age_seconds=0.0)
        self.happens(arrived)
        self.key(call, "7")
        return call

    def key(self, call: str, key: str) -> None:
        self.happens(e.KeyPressed(call=CallId(call), key=key))

    def is_over(self, call: str) -> None:
        prompt = self.call(call).prompt
        assert prompt is not None
        self.happens(e.PromptPlayed(call=CallId(call), number=prompt.number))

    def hears(self, call: str) -> tuple[str, ...]:
        return [x for x in self.ordered if isinstance(x, c.PlayPrompts) and x.lane == call][-1].keys

    def said(self) -> list[CallbackWord]:
        return [x.word for x in self.told if isinstance(x, f.CallbackLookedUp)]


def test_a_callback_that_waits_is_told_and_who_wants_no_more_is_served() -> None:
    story = Asks()
    story.asks("ada")
    call = story.asks_about()
    said = ("callback_is_waiting", "callback_after", "menu_press", "number_9", "callback_person")
    assert story.hears(call) == said
    story.is_over(call)
    story.now = story.call(call).until
    story.happens(e.TimePassed())
    assert story.hears(call) == ("goodbye",)
    story.is_over(call)
    assert story.outcomes() == {call: "looked_up"}
    assert story.in_line() == ["ada"], "the callback is as it was"


def test_who_hangs_up_when_it_was_told_has_abandoned_nothing() -> None:
    story = Asks()
    story.asks("ada")
    call = story.asks_about()
    story.leaves(call)
    assert (story.outcomes(), story.said()) == ({call: "looked_up"}, [WAITING])


def test_key_9_cancels_it_once_and_that_is_told_later_too() -> None:
    story = Asks()
    story.asks("ada")
    call = story.asks_about()
    story.key(call, "9")
    assert story.outcomes() == {"ada": "callback"}
    assert story.in_line() == []
    assert story.hears(call) == ("callback_is_cancelled", "callback_person")
    story.key(call, "9")
    assert story.said() == [WAITING, CANCELLED], "there is nothing to cancel any more"
    story.leaves(call)
    later = story.asks_about()
    assert story.hears(later)[0] == "callback_is_cancelled"
    story.after(86_400.0 - story.now % 1)
    story.asks("ben")  # whatever ends later forgets what is older than a day
    story.key(story.asks_about("ben"), "9")
    assert NUMBERS["ada"] not in story.engine.state.callbacks_over


def test_key_0_leads_to_an_operator() -> None:
    story = Asks()
    story.asks("ada")
    call = story.asks_about()
    story.key(call, "0")
    assert story.call(call).state is CallState.WAITING
    assert story.call(call).queue == GCC
    left = next(x for x in story.told if isinstance(x, f.MenuLeft))
    assert (left.ending, left.path) == (f.MenuEnding.PERSON, ("first=7", "state=0"))


@pytest.mark.parametrize("number", ["0822222222", "", "anonymous", "1567"])
def test_a_number_without_a_callback_goes_on_to_the_queue(number: str) -> None:
    story = Asks()
    story.asks("ada")
    call = story.asks_about(number=number)
    assert story.hears(call) == ("callback_is_none", "transfer")
    story.key(call, "9")
    story.is_over(call)
    assert story.call(call).state is CallState.WAITING
    assert story.said() == [CallbackWord.NONE]
    assert story.in_line() == ["ada"], "nobody else's is cancelled"


def test_attempts_are_counted_and_the_next_one_is_said() -> None:
    story = Asks(pause_seconds=300)
    story.asks("ada")
    story.logs_in("som")
    first = story.asks_about()
    assert story.hears(first)[0] == "callback_is_calling"
    story.leaves(first)
    story.rings("ada")
    story.ends("ada", end=LegEnd.BUSY)
    story.after(10)
    told = ("callback_is_again", "callback_within", "number_5", "minute")
    assert story.hears(story.asks_about())[:6] == (*told, "callback_tried", "number_1")


def test_while_it_is_called_9_hangs_up_on_the_ringing_phone() -> None:
    story = Asks()
    story.asks("ada")
    story.logs_in("som")
    call = story.asks_about()
    story.key(call, "9")
    hung_up = [x.leg for x in story.ordered if isinstance(x, c.HangUp)]
    assert story.leg("ada") in hung_up
    assert story.outcomes() == {"ada": "callback"}
    assert story.said() == [CallbackWord.CALLING, CANCELLED]


def test_a_forged_number_is_told_ten_times_in_an_hour() -> None:
    story = Asks()
    story.asks("ada")
    for _ in range(ASKS_OF_A_NUMBER):
        story.leaves(story.asks_about())
    call = story.asks_about()
    assert story.hears(call) == ("callback_is_too_often", "transfer")
    story.leaves(call)
    assert story.outcomes()[call] == "ivr_ended"
    story.after(HOUR_SECONDS)
    assert story.hears(story.asks_about())[0] == "callback_is_waiting"


def test_outside_the_hours_it_is_said_so() -> None:
    story = Asks()
    story.asks("ada")
    story.happens(e.HoursSeen(closed=frozenset(), rostered={}, quiet=True))
    assert story.hears(story.asks_about())[0] == "callback_is_hours"


def test_a_restart_tells_it_again() -> None:
    story = Asks()
    story.asks("ada")
    call = story.asks_about()
    before, ordered = story.engine, len(story.ordered)
    story.service_restarts()
    assert picture(story.engine.state) == as_restarted(before.state)
    story.happens(seen(call))
    assert story.hears(call)[0] == "callback_is_waiting"
    assert [x for x in story.ordered[ordered:] if isinstance(x, c.PlayPrompts)]
    place = story.call(call).place
    assert place is not None and (place.stage, place.cancels) == (Stage.TELLING, True)


def test_every_word_can_be_said_in_both_languages() -> None:
    for word in CallbackWord:
        for language in Language:
            for extra in ({}, {"tries": 2}, {"minutes": 61}, {"clock": (14, 30), "tomorrow": True}):
                keys = words(language, CallbackAnswer(word=word, **extra))
                assert all(BY_KEY[key].text(language) for key in keys), keys


def test_it_is_no_first_step_and_ends_in_time() -> None:
    first = Menu(first=STATE, steps={STATE: CallbackStep()})
    [wrong] = wrong_with(first, frozenset())
    assert "cannot be the first" in wrong
    assert not list(wrong_with(MENU, frozenset()))
    assert longest_seconds(MENU, of_prompt) < 300
