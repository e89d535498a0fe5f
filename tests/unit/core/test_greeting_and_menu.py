"""What callers are told before an operator answers: it costs nobody a turn, and ends for all."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.facts import MenuEnding, PromptKind
from callcenter.core.ids import CallId, LineName
from callcenter.core.menu import LOST_SECONDS, Choice, Menu, MenuStep, StepName
from callcenter.core.outcome import LegEnd, Loss
from callcenter.core.site import Line, Site
from callcenter.core.state import CallState, Hears, OfferState
from tests.legs import caller_leg
from tests.site import DAMRONG, GCC, site
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story

NOTICE, GREETING, LANGUAGES = ("recording_notice",), ("greeting",), ("own_languages",)
LANGUAGE, TOPIC = StepName("language"), StepName("topic")
MENU = Menu(
    first=LANGUAGE,
    steps={
        LANGUAGE: MenuStep(
            prompts=LANGUAGES,
            choices={
                "1": Choice(step=TOPIC, says={"language": "th"}),
                "2": Choice(queue=GCC, says={"language": "en"}),
            },
        ),
        TOPIC: MenuStep(prompts=("own_topics",), choices={"1": Choice(says={"topic": "flood"})}),
    },
)


def spoken(**changes: object) -> Site:
    """The site, with prompts on line 1567."""
    now = site()
    line: Line = replace(now.lines[LineName("1567")], **changes)  # type: ignore[arg-type]
    return replace(
        now,
        lines={**now.lines, line.name: line},
        line_of_did={**now.line_of_did, "1567": line},
    )


class Told(Story):
    """A call centre that speaks."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.site = spoken(**changes)
        self.happens(e.SiteChanged(site=self.site))

    def played(self, name: str) -> c.PlayPrompts:
        """What was begun last."""
        return [x for x in self.ordered if isinstance(x, c.PlayPrompts) and x.lane == name][-1]

    def is_over(self, name: str) -> list[c.Command]:
        """Asterisk tells that what plays is over."""
        prompt = self.call(name).prompt
        assert prompt is not None
        done = self.happens(e.PromptPlayed(call=CallId(name), number=prompt.number))
        return done.commands

    def presses(self, name: str, keys: str) -> list[c.Command]:
        """Keys of the phone; what the last one led to."""
        commands: list[c.Command] = []
        for key in keys:
            commands = self.happens(e.KeyPressed(call=CallId(name), key=key)).commands
        return commands

    def left(self, name: str) -> f.MenuLeft:
        """How the caller left the menu."""
        return next(x for x in self.told if isinstance(x, f.MenuLeft) and x.call == name)


def kinds(commands: list[c.Command]) -> list[str]:
    return [type(command).__name__ for command in commands]


# --- the greeting ------------------------------------------------------------------------------


def test_who_is_greeted_stands_in_line_and_is_offered_already() -> None:
    story = Told(greeting=GREETING)
    story.calls("malee")
    assert (story.in_line(), story.call("malee").hears) == (["malee"], Hears.PROMPT)
    story.logs_in("somchai")
    assert story.has("somchai") == "malee"
    assert story.call("malee").hears is Hears.PROMPT, "while the phone rings"


def test_the_greeting_stops_when_the_operator_answers() -> None:
    story = Told(greeting=GREETING)
    story.logs_in("somchai")
    story.calls("malee")
    assert kinds(story.picks_up("somchai").commands) == ["StopPrompts", "Bridge"]
    story.is_joined("somchai")
    assert story.outcomes() == {"malee": "answered"}


def test_on_an_open_line_the_greeting_stops_at_once() -> None:
    story = Told(greeting=GREETING)
    story.calls("malee")
    story.sits_down_with_a_headset("somchai")
    orders = [x for x in kinds(story.ordered) if x in ("StopPrompts", "Bridge")]
    assert orders == ["StopPrompts", "Bridge"]


def test_a_greeting_that_is_over_is_followed_by_music() -> None:
    story = Told(greeting=GREETING)
    story.calls("malee")
    assert story.is_over("malee") == []
    assert story.call("malee").hears is Hears.MUSIC
    story.logs_in("somchai")
    assert kinds(story.picks_up("somchai").commands) == ["Bridge"]


def test_who_hangs_up_in_the_greeting_has_abandoned_the_line() -> None:
    story = Told(greeting=GREETING)
    story.calls("malee")
    story.after(6.0)
    story.leaves("malee")
    assert story.outcomes() == {"malee": "abandoned"}


def test_a_line_without_prompts_is_as_it_was() -> None:
    story = Told()
    story.calls("malee")
    assert story.ordered == [] and story.call("malee").hears is Hears.MUSIC


def test_a_phone_that_rings_in_vain_leaves_the_greeting_alone() -> None:
    story = Told(greeting=GREETING)
    story.logs_in("somchai")
    story.calls("malee")
    story.phone_ends("somchai", LegEnd.BUSY)
    assert (story.in_line(), story.call("malee").hears) == (["malee"], Hears.PROMPT)


def test_a_greeting_whose_end_is_never_told_is_ended_and_holds_nobody() -> None:
    story = Told(greeting=GREETING)
    story.calls("malee")
    story.after(61.0)
    assert kinds(story.ordered)[-1] == "StopPrompts"
    assert story.call("malee").hears is Hears.MUSIC


def test_a_word_that_comes_late_is_of_another_playback() -> None:
    story = Told(notice=NOTICE, greeting=GREETING)
    story.calls("malee")
    story.is_over("malee")
    story.happens(e.PromptPlayed(call=CallId("malee"), number=1))
    assert story.call("malee").hears is Hears.PROMPT


def test_after_a_prompt_that_failed_there_is_music_again_and_none_into_a_talk() -> None:
    story = Told(greeting=GREETING)
    story.calls("malee")
    failed = e.PromptPlayed(call=CallId("malee"), number=1, failed=True)
    assert kinds(story.happens(failed).commands) == ["BackToMusic"]
    story.calls("nok")
    story.logs_in("somchai")
    story.answers("somchai")
    assert story.happens(failed).commands == []


def test_who_waits_too_long_is_told_so_and_not_into_the_greeting() -> None:
    story = Told(greeting=GREETING)
    story.happens(e.ClosingAsked(seconds=30.0))
    story.happens(e.ClosingOver())
    story.calls("malee")
    done = story.happens(e.ClosingAsked(seconds=0.0))
    assert kinds(done.commands) == ["StopPrompts", "SendOut"]


# --- the recording notice ----------------------------------------------------------------------


def test_the_notice_comes_first_and_the_greeting_after_it() -> None:
    story = Told(notice=NOTICE, greeting=GREETING)
    story.calls("malee")
    assert story.played("malee").keys == NOTICE
    story.is_over("malee")
    assert story.played("malee").keys == GREETING


def test_the_notice_is_heard_to_its_end_before_the_two_are_joined() -> None:
    story = Told(notice=NOTICE, greeting=GREETING)
    story.logs_in("somchai")
    story.calls("malee")
    assert story.picks_up("somchai").commands == []
    assert story.call("malee").hears is Hears.PROMPT
    story.after(9.0)  # more than joining may take
    assert kinds(story.is_over("malee")) == ["Bridge"], "and no greeting"
    story.is_joined("somchai")
    assert story.outcomes() == {"malee": "answered"}


@pytest.mark.parametrize("answered", [False, True])
def test_a_notice_whose_end_asterisk_does_not_tell_counts_as_over(answered: bool) -> None:
    story = Told(notice=NOTICE)
    story.logs_in("somchai")
    story.calls("malee")
    if answered:
        story.after(2.0)
        story.picks_up("somchai")
    story.after(LOST_SECONDS - 3.0)
    assert story.call("malee").owes_notice is True
    story.after(4.0)
    joined = [x for x in story.ordered if isinstance(x, c.Bridge)]
    assert len(joined) == (1 if answered else 0)
    assert story.call("malee").owes_notice is False


def test_on_an_open_line_the_notice_is_heard_to_its_end_too() -> None:
    story = Told(notice=NOTICE)
    story.sits_down_with_a_headset("somchai")
    story.calls("malee")
    assert "Bridge" not in kinds(story.ordered)
    story.after(9.0)
    assert kinds(story.is_over("malee")) == ["Bridge"]
    story.is_handed_over("malee")
    assert story.outcomes() == {"malee": "answered"}


def test_after_the_notice_joining_has_its_own_limit() -> None:
    story = Told(notice=NOTICE)
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    story.is_over("malee")
    story.after(4.5)
    assert story.call("malee").state is CallState.WAITING
    assert story.results("somchai") == ["withdrawn"]


def test_an_operator_who_hangs_up_during_the_notice_leaves_it_alone() -> None:
    story = Told(notice=NOTICE)
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    story.phone_ends("somchai")
    assert (story.in_line(), story.call("malee").hears) == (["malee"], Hears.PROMPT)
    story.is_over("malee")
    assert story.call("malee").hears is Hears.MUSIC


def test_a_caller_who_hangs_up_during_the_notice_frees_the_operator() -> None:
    story = Told(notice=NOTICE)
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    story.leaves("malee")
    assert story.outcomes() == {"malee": "abandoned_short"}
    assert story.has("somchai") == ""


def test_a_new_connection_cuts_no_notice_short_and_joins_nobody_in_it() -> None:
    story = Told(notice=NOTICE)
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    story.asterisk_is_lost()
    offer = story.call("malee").offer
    assert offer is not None
    done = story.happens(seen("malee", offer.leg))
    assert "Bridge" not in kinds(done.commands)
    assert kinds(done.commands)[-2:] == ["StopPrompts", "PlayPrompts"]
    assert story.played("malee").number == 2
    assert kinds(story.is_over("malee")) == ["Bridge"]


@pytest.mark.parametrize("from_all_facts", [True, False])
def test_who_is_joined_although_the_notice_plays_talks_and_is_kept(from_all_facts: bool) -> None:
    """A join that was ordered before the connection was lost is carried out late."""
    story = Told(notice=NOTICE)
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    assert kinds(story.ordered)[-1] == "StopPrompts"
    assert story.outcomes() == {"malee": "answered"}
    before = as_restarted(story.engine.state)
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == before


def seen(caller: str, *others: object) -> e.SnapshotTaken:
    """Asterisk has this caller in the application, and these legs."""
    legs = tuple(
        e.LegSeen(leg=leg, is_up=True, in_app=True, did="1567", caller="", age_seconds=1.0)  # type: ignore[arg-type]
        for leg in (caller_leg(caller), *others)
    )
    return e.SnapshotTaken(boot="1", legs=legs, bridges=())


# --- the menu ----------------------------------------------------------------------------------


def test_who_is_in_the_menu_stands_in_no_line() -> None:
    story = Told(menu=MENU, greeting=GREETING)
    story.logs_in("somchai")
    story.calls("malee")
    assert (story.in_line(), story.has("somchai")) == ([], "")
    assert story.played("malee").keys == (*GREETING, *LANGUAGES)
    assert story.call("malee").state is CallState.MENU


def test_the_notice_comes_before_the_menu_and_no_key_cuts_it_short() -> None:
    story = Told(menu=MENU, notice=NOTICE)
    story.calls("malee")
    assert story.presses("malee", "12") == []
    story.is_over("malee")
    assert story.played("malee").keys == LANGUAGES


def test_keys_lead_to_a_queue_with_what_they_say() -> None:
    story = Told(menu=MENU)
    story.logs_in("somchai", queues=(GCC,))
    story.calls("malee", age=2.0)
    commands = story.presses("malee", "2")
    assert kinds(commands) == ["StopPrompts", "SpeakLanguage", "RingOperator"]
    assert story.has("somchai") == "malee"
    left = story.left("malee")
    assert (left.ending, left.queue, left.path) == (MenuEnding.CHOSEN, GCC, ("language=2",))
    assert left.says == {"language": "en"} == story.call("malee").says
    assert story.call("malee").rank[0] == story.now - 2.0, "the place is that of the arrival"


def test_a_key_leads_to_the_next_question() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    assert kinds(story.presses("malee", "1")) == ["StopPrompts", "PlayPrompts"]
    story.presses("malee", "1")
    assert story.in_line() == ["malee"]
    assert story.left("malee").says == {"language": "th", "topic": "flood"}
    assert story.left("malee").path == ("language=1", "topic=1")


def test_who_presses_nothing_comes_to_the_queue_of_the_line() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    for _ in range(2):
        story.is_over("malee")
        assert story.call("malee").hears is Hears.MUSIC
        story.after(5.0)
    assert story.in_line() == ["malee"]
    assert story.left("malee").ending is MenuEnding.NOTHING
    assert story.left("malee").seconds == 10.0


def test_who_presses_nought_comes_to_a_person() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    story.presses("malee", "0")
    assert (story.in_line(), story.left("malee").ending) == (["malee"], MenuEnding.PERSON)


def test_who_hangs_up_in_the_menu_was_never_offered_and_is_no_abandoned_call() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    story.after(6.0)
    story.leaves("malee")
    score = story.score("malee")
    assert (score.outcome, score.queue, score.reason) == ("ivr_ended", "", "")
    assert score.wait_seconds == 6.0
    assert story.left("malee").ending is MenuEnding.LEFT
    assert not any(isinstance(fact, f.CallQueued) for fact in story.told)


def test_a_call_that_asterisk_lost_in_the_menu_says_so() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    story.happens(e.CallerLeft(call=CallId("malee"), loss=Loss.ASTERISK_LOST))
    assert story.score("malee").reason == Loss.ASTERISK_LOST


def test_a_restart_of_asterisk_lets_go_who_is_in_the_menu() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    done = story.happens(e.ClosingAsked(seconds=0.0))
    assert kinds(done.commands) == ["StopPrompts", "SendOut"]
    assert story.outcomes() == {"malee": "rejected"}


def test_a_fault_of_ours_in_the_menu_leads_to_the_lifeboat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Told(menu=MENU)
    story.calls("malee")

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("callcenter.core.asking.move", broken)
    done = story.happens(e.KeyPressed(call=CallId("malee"), key="1"))
    assert kinds(done.commands) == ["StopPrompts", "SendOut"]
    assert story.outcomes() == {"malee": "failed"}
    assert story.engine.state.unscored == 0


def test_who_chose_a_queue_belongs_there() -> None:
    """Nobody is on duty in the chosen queue: neighbours are those of that one."""
    now = Told(menu=MENU)
    near = replace(now.site.queues[GCC], neighbours=(DAMRONG,))
    now.site = replace(now.site, queues={**now.site.queues, GCC: near})
    now.happens(e.SiteChanged(site=now.site))
    now.logs_in("somchai", queues=(DAMRONG,))
    now.calls("malee")
    now.presses("malee", "2")
    assert now.has("somchai") == "malee"
    assert now.call("malee").queue == DAMRONG


def test_where_every_queue_is_full_nobody_is_asked_first() -> None:
    now = Told(menu=MENU)
    full = {name: replace(q, waiting_limit=0) for name, q in now.site.queues.items()}
    now.happens(e.SiteChanged(site=replace(now.site, queues=full)))
    now.calls("malee")
    assert now.outcomes() == {"malee": "rejected"}


def test_a_menu_that_the_site_has_no_more_leads_to_the_queue() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    story.happens(e.SiteChanged(site=spoken()))
    story.presses("malee", "1")
    assert story.in_line() == ["malee"]


def test_a_call_that_never_began_was_not_offered_where_there_is_a_menu() -> None:
    story = Told(menu=MENU)
    story.happens(e.CallNeverBegan(call=CallId("malee"), did="1567", caller="", age_seconds=1.0))
    assert story.outcomes() == {"malee": "ivr_ended"}


def test_who_presses_only_keys_that_mean_nothing_has_chosen_nothing() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    for _ in range(2):
        story.is_over("malee")
        story.presses("malee", "7")
    assert (story.in_line(), story.left("malee").ending) == (["malee"], MenuEnding.NOTHING)


def test_a_queue_that_was_chosen_and_is_in_the_site_no_more_is_that_of_the_line() -> None:
    asks_more = Choice(step=TOPIC, queue=GCC)
    asked = MENU.steps[LANGUAGE]
    assert isinstance(asked, MenuStep)
    language = replace(asked, choices={"1": asks_more})
    story = Told(menu=replace(MENU, steps={**MENU.steps, LANGUAGE: language}))
    story.calls("malee")
    story.presses("malee", "1")
    left = {name: rules for name, rules in story.site.queues.items() if name != GCC}
    story.happens(e.SiteChanged(site=replace(story.site, queues=left)))
    story.presses("malee", "1")
    assert (story.in_line(), story.call("malee").queue) == (["malee"], DAMRONG)


# --- a new connection to Asterisk --------------------------------------------------------------


def connected_anew(story: Told, name: str = "malee") -> list[c.Command]:
    """The connection was lost and is back: nobody knows what plays."""
    story.asterisk_is_lost()
    return story.happens(seen(name)).commands


def test_a_question_that_played_is_asked_again_and_not_the_notice() -> None:
    story = Told(menu=MENU, notice=NOTICE)
    story.calls("malee")
    story.is_over("malee")
    assert kinds(connected_anew(story))[-2:] == ["StopPrompts", "PlayPrompts"]
    assert story.played("malee").keys == LANGUAGES


def test_a_question_that_was_over_is_not_asked_again() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    story.is_over("malee")
    assert "PlayPrompts" not in kinds(connected_anew(story))
    story.presses("malee", "2")
    assert story.call("malee").queue == GCC


def test_a_notice_that_the_site_has_no_more_is_followed_by_the_question() -> None:
    story = Told(menu=MENU, notice=NOTICE)
    story.calls("malee")
    story.happens(e.SiteChanged(site=spoken(menu=MENU)))
    assert kinds(connected_anew(story))[-2:] == ["StopPrompts", "PlayPrompts"]
    assert story.played("malee").keys == LANGUAGES


@pytest.mark.parametrize(
    "left", [None, replace(MENU, first=TOPIC, steps={TOPIC: MENU.steps[TOPIC]})]
)
def test_a_question_that_the_site_has_no_more_leads_to_the_queue(left: Menu | None) -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    story.happens(e.SiteChanged(site=spoken(menu=left)))
    connected_anew(story)
    assert (story.in_line(), story.left("malee").ending) == (["malee"], MenuEnding.NOTHING)


def test_who_is_in_the_menu_of_a_line_that_is_no_more_is_told_so() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    dids = {did: line for did, line in story.site.line_of_did.items() if did != "1567"}
    story.happens(e.SiteChanged(site=replace(story.site, line_of_did=dids)))
    connected_anew(story)
    assert story.outcomes() == {"malee": "rejected"}


# --- a restart of the service ------------------------------------------------------------------


@pytest.mark.parametrize("from_all_facts", [True, False])
@pytest.mark.parametrize(
    "changes",
    [{"greeting": GREETING}, {"notice": NOTICE}, {"menu": MENU}, {"menu": MENU, "notice": NOTICE}],
    ids=str,
)
def test_a_restart_brings_back_what_plays(
    changes: Mapping[str, object], from_all_facts: bool
) -> None:
    story = Told(**changes)
    story.calls("malee")
    if "menu" in changes and "notice" not in changes:
        story.presses("malee", "1")
    before: Engine = story.engine
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == as_restarted(before.state)
    story.happens(seen("malee"))
    call = story.call("malee")
    if "notice" in changes:
        assert call.prompt is not None and call.prompt.kind is PromptKind.NOTICE
    elif "menu" in changes:
        assert story.played("malee").keys == ("own_topics",)
    else:
        assert (story.ordered[-1].__class__, call.hears) == (c.StopPrompts, Hears.MUSIC)


def test_after_a_restart_nobody_stays_in_the_menu() -> None:
    story = Told(menu=MENU)
    story.calls("malee")
    story.is_over("malee")
    story.service_restarts()
    story.happens(seen("malee"))
    story.after(130.0)
    assert story.in_line() == ["malee"]


def test_who_is_new_to_us_hears_the_notice_once() -> None:
    story = Told(notice=NOTICE)
    done = story.happens(seen("malee"))
    assert kinds(done.commands) == ["BackToMusic", "PlayPrompts"]


def test_the_offer_is_joining_while_the_notice_plays() -> None:
    story = Told(notice=NOTICE)
    story.logs_in("somchai")
    story.calls("malee")
    story.picks_up("somchai")
    offer = story.call("malee").offer
    assert offer is not None and offer.state is OfferState.JOINING


def test_the_greeting_follows_the_notice_while_the_phone_rings() -> None:
    story = Told(notice=NOTICE, greeting=GREETING)
    story.logs_in("somchai")
    story.calls("malee")
    story.is_over("malee")
    assert story.has("somchai") == "malee"
    assert story.played("malee").keys == GREETING
