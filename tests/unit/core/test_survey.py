"""The survey after a talk: who is asked, which keys count, how it ends, what the record says."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.call import OnCall
from callcenter.core.facts import OperatorState, SurveyEnding
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.outcome import EndedBy, LegEnd, Loss
from callcenter.core.state import CallState, Hears
from callcenter.core.survey import PLAYS, QUESTION, SECONDS, THANKS
from tests.unit.core.story import Story
from tests.unit.core.test_faults_of_ours import break_call_rule


def centre(survey: bool = True) -> Story:
    story = Story()
    line = replace(story.site.line_of_did["1567"], survey=survey)
    story.site = replace(
        story.site,
        lines={**story.site.lines, line.name: line},
        line_of_did={**story.site.line_of_did, "1567": line},
    )
    story.happens(e.SiteChanged(site=story.site))
    return story


def served(story: Story, *, headset: bool = False) -> None:
    """Malee talks with Ann for a minute."""
    if headset:
        story.sits_down_with_a_headset("ann")
    else:
        story.logs_in("ann")
    story.calls("malee")
    if headset:
        story.is_handed_over("malee")
    else:
        story.answers("ann")
    story.after(60.0)


def heard(story: Story) -> list[tuple[str, ...]]:
    return [x.keys for x in story.ordered if isinstance(x, c.PlayPrompts)]


def is_over(story: Story) -> None:
    prompt = story.call("malee").prompt
    assert prompt is not None
    story.happens(e.PromptPlayed(call=CallId("malee"), number=prompt.number))


def presses(story: Story, key: str) -> None:
    story.happens(e.KeyPressed(call=CallId("malee"), key=key))


def ended(story: Story) -> f.SurveyEnded:
    (found,) = [x for x in story.told if isinstance(x, f.SurveyEnded)]
    return found


def talk(story: Story) -> f.TalkEnded:
    (found,) = [x for x in story.told if isinstance(x, f.TalkEnded)]
    return found


def hung_up(story: Story) -> bool:
    return any(isinstance(x, c.HangUp) and x.leg == story.call("malee").leg for x in story.ordered)


@pytest.mark.parametrize("at_the_desk", [True, False])
@pytest.mark.parametrize("headset", [True, False])
def test_who_is_left_by_the_operator_is_asked_and_answers(at_the_desk: bool, headset: bool) -> None:
    story = centre()
    served(story, headset=headset)
    if at_the_desk:
        story.happens(e.HangUpAsked(operator=OperatorId("ann")))
    elif headset:
        story.line_ends("ann")
    else:
        story.phone_ends("ann")
    assert heard(story) == [QUESTION] and story.call("malee").state is CallState.SURVEY
    assert any(isinstance(x, c.BackToMusic) for x in story.ordered) and not hung_up(story)
    story.after(2.0)
    presses(story, "4")
    assert heard(story) == [QUESTION, THANKS]
    is_over(story)
    assert hung_up(story) and story.call("malee").state is CallState.LEAVING
    told = ended(story)
    assert (told.score, told.ending, told.operator) == (4, SurveyEnding.ANSWERED, "ann")
    assert told.seconds == pytest.approx(2.0)
    assert talk(story).talk_seconds == pytest.approx(60.0)
    assert talk(story).ended_by is EndedBy.OPERATOR
    story.leaves("malee")
    assert story.outcomes() == {"malee": "answered"}


def test_the_operator_wraps_up_while_the_caller_is_asked_and_the_next_one_is_served() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    assert story.does("ann") is OperatorState.WRAPUP
    story.resumes("ann")
    story.calls("boat")
    story.answers("ann")
    assert story.has("ann") == "boat" and story.call("malee").state is CallState.SURVEY


def test_without_a_survey_the_caller_is_hung_up_on_as_ever() -> None:
    story = centre(survey=False)
    served(story)
    story.phone_ends("ann")
    assert heard(story) == [] and hung_up(story)


def test_who_presses_nothing_is_asked_twice_and_then_let_go() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    for _ in range(PLAYS):
        is_over(story)
        assert story.call("malee").hears is Hears.MUSIC
        story.after(SECONDS)
    assert heard(story) == [QUESTION] * PLAYS and hung_up(story)
    told = ended(story)
    assert (told.score, told.ending) == (0, SurveyEnding.SILENT)


def test_the_first_key_with_a_meaning_counts() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    for key in "079#25":
        presses(story, key)
    is_over(story)
    assert ended(story).score == 2


def test_who_hangs_up_without_an_answer_has_none() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    story.leaves("malee")
    assert (ended(story).score, ended(story).ending) == (0, SurveyEnding.LEFT)
    assert "malee" not in story.engine.state.calls


def test_who_hangs_up_in_the_thanks_has_answered() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    presses(story, "5")
    story.leaves("malee")
    assert (ended(story).score, ended(story).ending) == (5, SurveyEnding.ANSWERED)


def test_who_hangs_up_first_in_the_talk_is_asked_nothing() -> None:
    story = centre()
    served(story)
    story.leaves("malee")
    assert heard(story) == [] and talk(story).ended_by is EndedBy.CALLER


def test_who_loses_the_operators_phone_is_asked_nothing_and_waits() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann", LegEnd.DIED)
    assert heard(story) == [] and story.in_line() == ["malee"]


def test_an_asterisk_that_hangs_up_cuts_the_survey() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    story.happens(e.CallerLeft(call=CallId("malee"), loss=Loss.ASTERISK_LOST))
    assert ended(story).ending is SurveyEnding.CUT


def test_a_restart_of_asterisk_lets_go_who_is_asked() -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    story.happens(e.ClosingAsked(seconds=10.0))
    story.after(10.0)
    assert ended(story).ending is SurveyEnding.CUT and hung_up(story)


@pytest.mark.parametrize("from_all_facts", [True, False])
def test_a_service_that_is_killed_meanwhile_asks_again(from_all_facts: bool) -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    leg = story.call("malee").leg
    story.service_restarts(from_all_facts=from_all_facts)
    story.happens(
        e.SnapshotTaken(
            boot="1",
            legs=(
                e.LegSeen(
                    leg=leg, in_app=True, is_up=True, did="1567", caller="", age_seconds=60.0
                ),
            ),
            bridges=(),
        )
    )
    assert heard(story) == [QUESTION, QUESTION]
    presses(story, "1")
    is_over(story)
    assert ended(story).score == 1


def test_who_is_still_at_the_operators_desk_after_a_reconnect_leaves_it() -> None:
    """The command that took the caller out was lost with the connection: the next caller of the
    operator would come in."""
    story = centre()
    served(story)
    leg, desk = story.call("malee").leg, story.call("malee").desk
    story.phone_ends("ann")
    story.asterisk_is_lost()
    before = len(story.ordered)
    story.happens(
        e.SnapshotTaken(
            boot="1",
            legs=(
                e.LegSeen(
                    leg=leg, in_app=True, is_up=True, did="1567", caller="", age_seconds=60.0
                ),
            ),
            bridges=(e.BridgeSeen(bridge=desk, legs=(leg,)),),
        )
    )
    assert c.BackToMusic(lane=CallId("malee"), caller=leg, bridge=desk) in story.ordered[before:]
    assert heard(story) == [QUESTION, QUESTION]


def test_after_a_fault_of_ours_the_caller_is_hung_up_on_and_the_talk_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = centre()
    served(story)
    story.phone_ends("ann")
    break_call_rule(monkeypatch, CallState.SURVEY, OnCall.KEY)
    presses(story, "4")
    assert hung_up(story) and story.call("malee").state is CallState.LEAVING
    assert (ended(story).score, ended(story).ending) == (0, SurveyEnding.CUT)
    story.leaves("malee")
    assert story.outcomes() == {"malee": "answered"}
