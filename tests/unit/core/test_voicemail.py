"""The voicemail: who is asked for a message, how it ends, what the caller is told."""

from dataclasses import replace
from typing import Any

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.call import OnCall
from callcenter.core.ids import THE_NODE, CallId
from callcenter.core.legs import RecorderLeg, Side
from callcenter.core.outcome import Diversion, Loss, VoicemailEnding
from callcenter.core.overflow_rule import OverflowRule, OverflowTo
from callcenter.core.site import VoicemailRules
from callcenter.core.state import CallState, Hears
from callcenter.core.voicemail import SORRY, THANKS
from tests.legs import caller_leg
from tests.site import DAMRONG
from tests.unit.core.story import Story
from tests.unit.core.test_faults_of_ours import break_call_rule

KEYS = ("voicemail",)
LONGEST = 30.0
MALEE = CallId("malee")
LEG = RecorderLeg(call=MALEE, number=1, side=Side.CALLER, node=THE_NODE)
E_ = VoicemailEnding


def centre(**changes: Any) -> Story:
    """The queue of 1567 takes messages."""
    story = Story()
    rules = replace(story.site.queues[DAMRONG], voicemail=KEYS, **changes)
    story.site = replace(
        story.site,
        queues={**story.site.queues, DAMRONG: rules},
        voicemail=VoicemailRules(longest_seconds=LONGEST, silence_seconds=4.0),
    )
    story.happens(e.SiteChanged(site=story.site))
    return story


def closed() -> Story:
    """Malee calls outside the hours, and is asked for a message."""
    story = centre()
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG}), rostered={}))
    story.calls("malee")
    return story


def is_over(story: Story) -> None:
    prompt = story.call("malee").prompt
    assert prompt is not None
    story.happens(e.PromptPlayed(call=MALEE, number=prompt.number))


def speaks(story: Story) -> None:
    is_over(story)
    story.happens(e.RecordingStarted(leg=LEG))
    story.after(6.0)


def ended(story: Story) -> f.VoicemailEnded:
    (found,) = [x for x in story.told if isinstance(x, f.VoicemailEnded)]
    return found


def words(story: Story) -> tuple[str, ...]:
    *_, last = [x for x in story.ordered if isinstance(x, c.SendOut)]
    assert last.exit is c.Exit.MESSAGE
    return last.keys


def orders(story: Story, kind: type) -> list[Any]:
    return [x for x in story.ordered if isinstance(x, kind)]


def test_outside_the_hours_a_message_is_asked_for_recorded_and_thanked_for() -> None:
    story = closed()
    assert story.outcomes() == {"malee": "voicemail"}
    assert story.call("malee").state is CallState.VOICEMAIL
    assert [x.keys for x in orders(story, c.PlayPrompts)] == [KEYS]
    speaks(story)
    (record,) = orders(story, c.RecordMessage)
    assert (record.leg, record.longest_seconds, record.silence_seconds) == (LEG, LONGEST, 4.0)
    assert story.call("malee").hears is Hears.SILENCE
    story.happens(e.RecorderEnded(leg=LEG))
    assert orders(story, c.MeasureMessage) == [c.MeasureMessage(leg=LEG)]
    story.happens(e.MessageMeasured(leg=LEG, seconds=5.0))
    assert words(story) == THANKS
    told = ended(story)
    assert (told.ending, told.number, told.queue) == (E_.LEFT, 1, DAMRONG)
    assert told.seconds == pytest.approx(6.0)
    story.leaves("malee")
    assert story.outcomes() == {"malee": "voicemail"}


@pytest.mark.parametrize(
    ("seconds", "ending", "told"),
    [
        (0.0, E_.EMPTY, SORRY),
        (1.49, E_.EMPTY, SORRY),
        (1.5, E_.LEFT, THANKS),
        (None, E_.FAILED, SORRY),
    ],
)
def test_a_message_needs_a_second_and_a_half_of_voice(
    seconds: float | None, ending: VoicemailEnding, told: tuple[str, ...]
) -> None:
    story = closed()
    speaks(story)
    story.happens(e.RecorderEnded(leg=LEG))
    story.happens(e.MessageMeasured(leg=LEG, seconds=seconds))
    assert (ended(story).ending, words(story)) == (ending, told)


def test_a_full_disk_is_told_to_the_caller() -> None:
    story = closed()
    is_over(story)
    story.happens(e.RecorderEnded(leg=LEG, failed=True))
    assert (ended(story).ending, words(story)) == (E_.FAILED, SORRY)


def test_nobody_waits_for_ever_for_asterisk_or_for_the_measuring() -> None:
    story = closed()
    story.after(61.0)  # what is said first: its end was not told
    assert orders(story, c.RecordMessage)
    story.after(LONGEST + 14.0 - 1.0)
    assert not orders(story, c.MeasureMessage), "Asterisk may need a moment"
    story.after(2.0)
    assert orders(story, c.MeasureMessage)
    story.after(3.9)
    assert not orders(story, c.SendOut), "the sound is read and measured"
    story.after(2.0)
    assert (ended(story).ending, words(story)) == (E_.LEFT, THANKS)


def test_the_tone_comes_at_once_with_the_key() -> None:
    story = closed()
    story.happens(e.KeyPressed(call=MALEE, key="1"))
    assert not orders(story, c.RecordMessage)
    story.happens(e.KeyPressed(call=MALEE, key="#"))
    assert orders(story, c.StopPrompts) and orders(story, c.RecordMessage)


@pytest.mark.parametrize("loss", [None, Loss.SIP_FAILED])
def test_what_was_said_until_the_end_of_the_call_is_kept(loss: Loss | None) -> None:
    story = closed()
    speaks(story)
    story.happens(e.CallerLeft(call=MALEE, loss=loss))
    told = ended(story)
    assert (told.ending, told.number) == (E_.CUT if loss else E_.HUNG_UP, 1)
    assert told.seconds == pytest.approx(6.0)


def test_who_hangs_up_before_the_tone_has_left_no_message() -> None:
    story = closed()
    story.leaves("malee")
    assert (ended(story).ending, ended(story).number) == (E_.NO_MESSAGE, 0)
    assert story.outcomes() == {"malee": "voicemail"}


def test_after_the_longest_wait_it_is_overflow_and_never_abandoned() -> None:
    story = centre()
    story.calls("malee")
    story.after(story.site.queues[DAMRONG].max_wait_seconds + 1.0)
    assert story.call("malee").state is CallState.VOICEMAIL
    (scored,) = [x for x in story.told if isinstance(x, f.CallScored)]
    assert (scored.outcome, scored.reason, scored.queue) == ("overflow", "voicemail", DAMRONG)


def test_a_rule_asks_for_a_message_when_nobody_is_on_duty() -> None:
    rule = OverflowRule(when=Diversion.NO_STAFF, to=OverflowTo.VOICEMAIL)
    story = centre(overflow_rules=(rule,))
    story.calls("malee")
    assert story.call("malee").state is CallState.VOICEMAIL
    (scored,) = [x for x in story.told if isinstance(x, f.CallScored)]
    assert (scored.outcome, scored.reason) == ("overflow", "voicemail")


def test_a_queue_without_voicemail_tells_its_hours_as_ever() -> None:
    story = Story()
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG}), rostered={}))
    story.calls("malee")
    assert story.outcomes() == {"malee": "rejected"}


def reconnects(story: Story) -> None:
    story.happens(e.AsteriskLost())
    malee = e.LegSeen(
        leg=caller_leg("malee"), is_up=True, in_app=True, did="1567", caller="", age_seconds=9.0
    )
    story.happens(e.SnapshotTaken(boot="1", legs=(malee,), bridges=()))


def test_when_the_service_is_back_it_looks_how_far_the_recording_is() -> None:
    story = closed()
    speaks(story)
    reconnects(story)
    assert orders(story, c.AskMessage) == [c.AskMessage(lane=MALEE, leg=LEG)]
    story.happens(e.RecorderEnded(leg=LEG))
    story.happens(e.MessageMeasured(leg=LEG, seconds=5.0))
    reconnects(story)
    again = [x for x in orders(story, c.SendOut) if x.keys == THANKS]
    assert len(again) == 2, "the request may be lost"


def test_who_still_hears_what_is_said_hears_it_again_when_the_service_is_back() -> None:
    story = closed()
    reconnects(story)
    assert [x.keys for x in orders(story, c.PlayPrompts)] == [KEYS, KEYS]
    assert not orders(story, c.RecordMessage)


def test_the_tone_comes_if_the_queue_takes_no_messages_any_more() -> None:
    story = closed()
    rules = replace(story.site.queues[DAMRONG], voicemail=())
    story.site = replace(story.site, queues={**story.site.queues, DAMRONG: rules})
    story.happens(e.SiteChanged(site=story.site))
    reconnects(story)
    assert len(orders(story, c.PlayPrompts)) == 1
    assert len(orders(story, c.RecordMessage)) == 1


def test_it_is_measured_again_when_the_service_is_back() -> None:
    story = closed()
    speaks(story)
    story.happens(e.RecorderEnded(leg=LEG))
    reconnects(story)
    assert orders(story, c.MeasureMessage) == 2 * [c.MeasureMessage(leg=LEG)]


@pytest.mark.parametrize(("has_begun", "ending"), [(False, E_.NO_MESSAGE), (True, E_.CUT)])
def test_who_is_let_go_for_a_restart_is_told_so(has_begun: bool, ending: VoicemailEnding) -> None:
    story = closed()
    if has_begun:
        speaks(story)
    story.happens(e.ClosingAsked(seconds=0.0))
    story.after(1.0)
    assert ended(story).ending is ending
    assert [x.exit for x in orders(story, c.SendOut)] == [c.Exit.RESTART]


def test_after_a_fault_of_ours_the_caller_is_told_that_there_is_no_message() -> None:
    story = closed()
    speaks(story)
    with pytest.MonkeyPatch.context() as patch:
        break_call_rule(patch, CallState.VOICEMAIL, OnCall.RECORDED)
        story.happens(e.RecorderEnded(leg=LEG))
    assert (ended(story).ending, words(story)) == (E_.FAILED, SORRY)
