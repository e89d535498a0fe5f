"""The case step of the menu: a number is typed, the state is told, and nobody is stuck there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.case_states import CaseAnswer, CaseWord, words
from callcenter.core.facts import MenuEnding
from callcenter.core.ids import CallId
from callcenter.core.menu import (
    CASE_PROMPT_SECONDS,
    RULES,
    CaseStep,
    Choice,
    Menu,
    MenuStep,
    OnMenu,
    Stage,
    StepName,
    longest_seconds,
)
from callcenter.core.outcome import Loss
from callcenter.core.speech import Language
from callcenter.core.state import CallState, Hears
from callcenter.prompts.catalogue import BY_KEY
from callcenter.prompts.catalogue import longest_seconds as of_prompt
from tests.legs import caller_leg
from tests.site import DAMRONG, GCC
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.test_greeting_and_menu import Told, seen, spoken

FIRST, CASE = StepName("first"), StepName("case")
NUMBER = "33640001233"
PROVINCE = CaseAnswer(word=CaseWord.PROVINCE, days=21)
WRONG = CaseAnswer(word=CaseWord.WRONG)
ANSWERS = {"right": PROVINCE, "wrong": WRONG, "away": CaseAnswer(word=CaseWord.AWAY)}
MENU = Menu(
    first=FIRST,
    steps={
        FIRST: MenuStep(
            prompts=("own_first",),
            choices={
                "1": Choice(),
                "8": Choice(step=CASE),
                "9": Choice(step=CASE, queue=GCC, says={"language": "en"}),
            },
        ),
        CASE: CaseStep(),
    },
)


class Asks(Told):
    """A call centre whose callers ask how far their case is."""

    def __init__(self, key: str = "8") -> None:
        super().__init__(menu=MENU)
        self.calls("malee")
        self.presses("malee", key)

    def asked(self) -> list[c.AskCaseState]:
        return [x for x in self.ordered if isinstance(x, c.AskCaseState)]

    def answer(self, answer: CaseAnswer, asked: int = 0) -> None:
        number = asked or self.asked()[-1].asked
        self.happens(e.CaseStateTold(call=CallId("malee"), asked=number, answer=answer))

    def hears(self) -> tuple[str, ...]:
        return self.played("malee").keys

    def stage(self) -> Stage:
        place = self.call("malee").place
        assert place is not None
        return place.stage

    def time_is_spent(self) -> None:
        self.now = self.call("malee").until
        self.happens(e.TimePassed())

    def looked_up(self) -> list[CaseWord]:
        return [x.word for x in self.told if isinstance(x, f.CaseLookedUp)]


def test_the_state_is_told_and_who_wants_no_more_is_thanked_and_served() -> None:
    story = Asks()
    assert (story.hears(), story.stage()) == (("case_number",), Stage.NUMBER)
    story.presses("malee", NUMBER[:1])
    assert type(story.ordered[-1]) is c.StopPrompts, "a digit stops the question"
    story.presses("malee", NUMBER[1:] + "#")
    [asked] = story.asked()
    assert (asked.number, asked.asked, asked.call) == (NUMBER, 1, "malee")
    assert story.call("malee").hears is Hears.MUSIC
    story.answer(PROVINCE)
    told = ("case_province", "case_for", "number_20", "number_et", "day", "case_after")
    assert (story.hears(), story.stage()) == (told, Stage.TELLING)
    story.is_over("malee")
    story.time_is_spent()
    assert story.hears() == ("goodbye",)
    story.is_over("malee")
    hung_up = c.HangUp(lane=CallId("malee"), leg=caller_leg("malee"))
    assert hung_up in story.ordered
    assert story.outcomes() == {"malee": "looked_up"}
    assert (story.call("malee").state, story.call("malee").hears) == (
        CallState.LEAVING,
        Hears.SILENCE,
    )
    assert story.left("malee").ending is MenuEnding.SERVED
    assert story.left("malee").path == ("first=8", "case=#"), "no digit of the number"
    story.leaves("malee")
    assert "malee" not in story.engine.state.calls


def test_who_hangs_up_after_being_told_has_looked_up_and_not_abandoned() -> None:
    story = Asks()
    story.presses("malee", NUMBER)
    story.answer(PROVINCE)
    story.leaves("malee")
    assert story.outcomes() == {"malee": "looked_up"}


@pytest.mark.parametrize("typed", ["", "3364", NUMBER])
def test_who_hangs_up_before_is_not_counted_so(typed: str) -> None:
    story = Asks()
    story.presses("malee", typed)
    story.leaves("malee")
    assert story.outcomes() == {"malee": "ivr_ended"}


def test_a_wrong_number_can_be_typed_again_twice_then_it_goes_to_the_queue() -> None:
    story = Asks()
    for number in (1, 2):
        story.presses("malee", "11111111111")
        story.answer(WRONG)
        assert story.hears() == ("case_wrong", "case_number"), number
        assert story.stage() is Stage.NUMBER
    story.presses("malee", "22222222222")
    story.answer(WRONG)
    assert (story.hears(), story.stage()) == (("case_wrong", "transfer"), Stage.SORRY)
    story.is_over("malee")
    assert (story.in_line(), story.call("malee").queue) == (["malee"], DAMRONG)
    assert story.left("malee").ending is MenuEnding.NOTHING
    assert story.looked_up() == [CaseWord.WRONG] * 3
    story.leaves("malee")
    assert story.outcomes()["malee"].startswith("abandoned"), "nothing was told"


@pytest.mark.parametrize("word", [CaseWord.AWAY, CaseWord.TOO_OFTEN])
def test_what_cannot_be_told_is_said_so_and_the_caller_goes_on(word: CaseWord) -> None:
    story = Asks()
    story.presses("malee", NUMBER)
    story.answer(CaseAnswer(word=word))
    assert story.hears() == (f"case_{word}", "transfer")
    story.presses("malee", "1#0")
    story.is_over("malee")
    assert story.in_line() == ["malee"]


def test_a_database_that_does_not_answer_costs_four_seconds() -> None:
    story = Asks()
    story.presses("malee", NUMBER)
    began = story.now
    story.time_is_spent()
    assert (story.now - began, story.hears()) == (4.0, ("case_away", "transfer"))
    story.answer(PROVINCE)
    assert story.stage() is Stage.SORRY, "the answer came too late"
    story.time_is_spent()
    assert story.in_line() == ["malee"]


def test_the_answer_to_an_earlier_number_is_none_to_this_one() -> None:
    story = Asks()
    story.presses("malee", "111#")
    story.answer(WRONG)
    story.presses("malee", NUMBER)
    story.answer(PROVINCE, asked=1)
    assert story.stage() is Stage.ASKED
    story.answer(PROVINCE, asked=2)
    assert story.stage() is Stage.TELLING


def test_zero_is_a_digit_while_typing_and_a_person_after() -> None:
    story = Asks()
    story.presses("malee", "00650000019")
    assert story.asked()[0].number == "00650000019"
    story.answer(PROVINCE)
    story.presses("malee", "0")
    assert (story.in_line(), story.left("malee").ending) == (["malee"], MenuEnding.PERSON)
    story.logs_in("somchai")
    story.answers("somchai")
    assert story.outcomes() == {"malee": "answered"}, "one outcome, that of the queue"


@pytest.mark.parametrize("typed", ["*", "3364*", NUMBER + "*"])
def test_a_star_leads_to_a_person(typed: str) -> None:
    story = Asks()
    story.presses("malee", typed)
    assert (story.in_line(), story.left("malee").ending) == (["malee"], MenuEnding.PERSON)


def test_another_number_can_be_asked_and_the_fourth_cannot() -> None:
    story = Asks()
    for _ in range(3):
        story.presses("malee", NUMBER + "#")
        story.answer(PROVINCE)
        story.presses("malee", "1")
    assert (story.hears(), story.stage()) == (("transfer",), Stage.SORRY)
    assert len(story.asked()) == 3


def test_the_key_that_ends_a_number_may_come_late_and_twice() -> None:
    """The eleventh digit ended it, and the answer was there before the # was."""
    story = Asks()
    story.presses("malee", "11111111111")
    story.answer(WRONG)
    story.presses("malee", "##")
    assert story.hears() == ("case_wrong", "case_number")
    assert (story.stage(), len(story.looked_up())) == (Stage.NUMBER, 1)
    story.is_over("malee")
    story.presses("malee", "#")
    assert (story.stage(), len(story.looked_up())) == (Stage.TYPING, 1)


def test_who_types_nothing_or_stops_half_way_has_typed_a_wrong_number() -> None:
    story = Asks()
    story.is_over("malee")
    story.time_is_spent()
    assert story.hears() == ("case_wrong", "case_number")
    story.presses("malee", "336")
    story.time_is_spent()
    assert story.asked()[0].number == "336"
    story.answer(WRONG)
    story.is_over("malee")
    story.time_is_spent()
    story.time_is_spent()
    assert story.in_line() == ["malee"]


def test_it_is_told_in_the_language_and_goes_to_the_queue_that_was_chosen() -> None:
    story = Asks("9")
    story.presses("malee", NUMBER)
    story.answer(PROVINCE)
    told = ("case_province", "case_for", "number_20", "number_1", "days", "case_after")
    assert (story.hears(), story.played("malee").language) == (told, "en")
    story.presses("malee", "0")
    assert story.call("malee").queue == GCC


@pytest.mark.parametrize("from_all_facts", [True, False])
@pytest.mark.parametrize("typed", ["", "336", NUMBER, NUMBER + "told"])
def test_a_restart_of_the_service_asks_again(typed: str, from_all_facts: bool) -> None:
    """At every stage: what played is begun again, and the number asked for again."""
    story = Asks()
    story.presses("malee", typed.removesuffix("told"))
    if typed.endswith("told"):
        story.answer(PROVINCE)
    stage, asked = story.stage(), len(story.asked())
    before = story.engine
    ordered = len(story.ordered)
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == as_restarted(before.state)
    story.happens(seen("malee"))
    assert story.stage() is stage
    orders = story.ordered[ordered:]
    match stage:
        case Stage.NUMBER:
            assert story.hears() == ("case_number",)
        case Stage.ASKED:
            assert len(story.asked()) == asked + 1
            story.answer(PROVINCE)
            assert story.stage() is Stage.TELLING
        case Stage.TELLING:
            assert story.hears()[-1] == "case_after" and orders
        case _:
            assert not [x for x in orders if isinstance(x, c.PlayPrompts)]


def test_asterisk_is_restarted_or_dies_after_the_state_was_told() -> None:
    story = Asks()
    story.presses("malee", NUMBER)
    story.answer(PROVINCE)
    story.happens(e.ClosingAsked(seconds=0.0))
    assert story.outcomes() == {"malee": "looked_up"}
    story = Asks()
    story.presses("malee", NUMBER)
    story.answer(PROVINCE)
    story.happens(e.CallerLeft(call=CallId("malee"), loss=Loss.ASTERISK_LOST))
    assert story.outcomes() == {"malee": "looked_up"}


def test_a_site_file_without_the_step_leads_to_the_queue() -> None:
    story = Asks()
    story.presses("malee", NUMBER)
    story.happens(
        e.SiteChanged(site=spoken(menu=Menu(first=FIRST, steps={FIRST: MENU.steps[FIRST]})))
    )
    story.answer(PROVINCE)
    assert story.in_line() == ["malee"]


def test_every_stage_has_a_rule_for_everything() -> None:
    assert {stage: set(row) for stage, row in RULES.items()} == {s: set(OnMenu) for s in Stage}


HAPPENS = st.one_of(
    st.sampled_from("0123456789*#").map(lambda key: ("key", key)),
    st.sampled_from(["played", "time", "right", "wrong", "away", "digits"]).map(lambda x: (x, "")),
)


@given(st.lists(HAPPENS, max_size=40))
def test_whatever_happens_the_cell_names_where_it_leads_and_it_ends_in_time(
    does: list[tuple[str, str]],
) -> None:
    story = Asks()
    began = story.now

    def in_menu() -> bool:
        call = story.engine.state.calls.get(CallId("malee"))
        return call is not None and call.state is CallState.MENU

    def happens(what: str, key: str) -> None:
        call = story.call("malee")
        stage = story.stage()
        match what:
            case "key":
                story.presses("malee", key)
                on = OnMenu.KEY
            case "digits":
                story.presses("malee", NUMBER)
                return
            case "played":
                if call.prompt is None:
                    return
                story.is_over("malee")
                on = OnMenu.PLAYED
            case "time":
                story.time_is_spent()
                on = OnMenu.TIME
            case _:
                if stage is not Stage.ASKED:
                    return
                story.answer(
                    {"right": PROVINCE, "wrong": WRONG}.get(what) or CaseAnswer(word=CaseWord.AWAY)
                )
                on = OnMenu.ANSWER
        place = story.engine.state.calls[CallId("malee")].place
        became = place.stage if place else None
        targets = RULES[stage][on].targets
        if became is not None and became is not stage:
            assert became in targets, (stage, on, became)
        if became is None:
            assert set(targets) & {Stage.ENDED, Stage.SERVED}, (stage, on)

    for what, key in does:
        if not in_menu():
            break
        happens(what, key)
    steps = 0
    while in_menu():
        assert (steps := steps + 1) < 60, "the menu does not end"
        story.time_is_spent()
    longest = longest_seconds(MENU, lambda key: 60.0)
    assert story.now - began <= longest
    assert len(story.asked()) <= 3


def test_what_is_told_fits_into_the_time_that_is_reckoned_for_it() -> None:
    """With the longest recordings that a pack may have; 2,222 days are the longest in words."""
    for language in Language:
        for word in CaseWord:
            for days in (0, 1, 21, 2222, 99_999):
                keys = words(language, CaseAnswer(word=word, days=days))
                assert all(BY_KEY[key].text(language) for key in keys), keys
                assert sum(map(of_prompt, (*keys, "case_after"))) <= CASE_PROMPT_SECONDS
