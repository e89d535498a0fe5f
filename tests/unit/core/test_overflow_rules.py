"""Rules of a queue for new callers: what applies, what can be done, and in which order."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import estimate
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.ids import CallId
from callcenter.core.outcome import Diversion, Outcome
from callcenter.core.overflow_rule import OverflowRule, OverflowTo
from callcenter.core.site import CallbackRules
from tests.site import DAMRONG, GCC, NIGHT, rules
from tests.unit.core.story import Story
from tests.unit.core.test_estimate import WRAPUP_SECONDS, serves

BACK = OverflowRule(when=Diversion.LENGTH, to=OverflowTo.CALLBACK, over=1)
SORRY = OverflowRule(when=Diversion.LENGTH, to=OverflowTo.MESSAGE, over=2, message=("own_sorry",))
TO_GCC = OverflowRule(when=Diversion.LENGTH, to=OverflowTo.QUEUE, over=1, queue=GCC)
EMPTY = OverflowRule(when=Diversion.NO_STAFF, to=OverflowTo.QUEUE, queue=GCC)
EMPTY_SORRY = replace(SORRY, when=Diversion.NO_STAFF, over=0)


def queue(*followed: OverflowRule, **limits: object) -> Story:
    """Damrong with these rules; mobile numbers may be called back."""
    story = Story(rules(DAMRONG, overflow_rules=followed, **limits), rules(NIGHT))
    story.site = replace(story.site, callbacks=CallbackRules(prefixes=("08",)))
    story.happens(e.SiteChanged(site=story.site))
    return story


def calls_from(story: Story, call: str, number: str) -> None:
    story.happens(e.CallArrived(call=CallId(call), did="1567", caller=number, age_seconds=0.0))


def busy(story: Story) -> Story:
    """Dao is at work in Damrong, and talks."""
    story.logs_in("dao")
    calls_from(story, "first", "020000001")
    story.answers("dao")
    return story


def followed(story: Story) -> list[tuple[str, str, str, str]]:
    """Whom a rule was followed for: the queue, why, and what was done."""
    return [(x.call, x.queue, x.why, x.to) for x in story.told if isinstance(x, f.CallOverflowed)]


def test_a_long_line_offers_a_callback_at_once_and_who_waits_keeps_the_place() -> None:
    story = busy(queue(BACK))
    calls_from(story, "second", "0812345601")
    assert followed(story) == []
    calls_from(story, "third", "0812345602")
    assert followed(story) == [("third", DAMRONG, "length", "callback")]
    assert story.in_line() == ["second", "third"]
    story.after(0.0)
    assert story.call("third").callback_told
    assert not story.call("second").callback_told
    story.happens(e.KeyPressed(call=CallId("third"), key="2"))
    assert story.call("third").is_parked


def test_who_will_be_called_back_makes_the_line_no_longer() -> None:
    story = busy(queue(BACK, SORRY))
    calls_from(story, "second", "0812345601")
    calls_from(story, "third", "0812345602")
    story.after(0.0)
    story.happens(e.KeyPressed(call=CallId("third"), key="2"))
    calls_from(story, "landline", "020000002")
    assert story.in_line() == ["second", "third", "landline"]


def test_who_cannot_be_called_back_is_asked_of_the_next_rule() -> None:
    story = busy(queue(BACK, replace(SORRY, over=1)))
    calls_from(story, "second", "0812345601")
    calls_from(story, "landline", "020000002")
    assert followed(story) == [("landline", DAMRONG, "length", "message")]


def test_a_longer_line_ends_with_the_message_and_nobody_is_abandoned() -> None:
    story = busy(queue(BACK, SORRY))
    for number in range(2, 5):
        calls_from(story, f"caller-{number}", f"02000000{number}")
    assert followed(story) == [("caller-4", DAMRONG, "length", "message")]
    score = story.score("caller-4")
    assert (score.outcome, score.reason, score.queue) == (Outcome.OVERFLOW, "message", DAMRONG)
    assert score.queue_wait_seconds == 0.0
    (out,) = [x for x in story.ordered if isinstance(x, c.SendOut)]
    assert (out.lane, out.exit, out.keys) == ("caller-4", c.Exit.MESSAGE, ("own_sorry",))
    assert story.in_line() == ["caller-2", "caller-3"]
    story.leaves("caller-4")
    assert "caller-4" not in story.engine.state.calls


@pytest.mark.parametrize("rule", [SORRY, BACK])
@pytest.mark.parametrize("needs", [(), (("english", 1),)])
def test_an_urgent_caller_passes_the_line_and_its_length_does_not_matter(
    rule: OverflowRule, needs: tuple[tuple[str, int], ...]
) -> None:
    """Someone in danger does not hear that too many wait, who would all stand behind."""
    story = Story(rules(DAMRONG), rules(NIGHT), rules(GCC, overflow_rules=(replace(rule, over=2),)))
    callbacks = CallbackRules(prefixes=("08",))
    lines = {name: replace(line, needs=needs) for name, line in story.site.lines.items()}
    of_did = {did: line for line in lines.values() for did in line.dids}
    story.site = replace(story.site, callbacks=callbacks, lines=lines, line_of_did=of_did)
    story.happens(e.SiteChanged(site=story.site))
    for number in range(2):
        story.calls(f"usual-{number}", did="1111")
    story.happens(
        e.CallArrived(call=CallId("urgent"), did="1669", caller="0812345601", age_seconds=0.0)
    )
    assert (followed(story), story.in_line(GCC)[0]) == ([], "urgent")
    for number in range(1, 3):
        story.calls(f"urgent-{number}", did="1669")
    assert [call for call, *_ in followed(story)] == ["urgent-2"]


@pytest.mark.parametrize("there", ["staffed", "nobody", "full"])
def test_another_queue_takes_callers_if_somebody_is_there_and_it_has_room(there: str) -> None:
    story = queue(TO_GCC)
    if there == "full":
        story.site = replace(
            story.site, queues={**story.site.queues, GCC: rules(GCC, waiting_limit=1)}
        )
        story.happens(e.SiteChanged(site=story.site))
    if there != "nobody":
        story.logs_in("nok", queues=(GCC,))
        story.pauses("nok", "lunch")
    busy(story)
    if there == "full":
        story.calls("already", did="1111")
    calls_from(story, "second", "020000002")
    calls_from(story, "third", "020000003")
    stands = story.call("third").queue
    assert stands == (GCC if there == "staffed" else DAMRONG)
    assert bool(followed(story)) is (there == "staffed")


def test_where_nobody_is_on_duty_the_rules_come_after_the_neighbours() -> None:
    story = queue(EMPTY, neighbours=(NIGHT,))
    story.logs_in("nok", queues=(GCC,))
    calls_from(story, "first", "020000001")
    assert story.call("first").queue == GCC
    story.logs_in("fon", queues=(NIGHT,))
    calls_from(story, "second", "020000002")
    assert story.call("second").queue == NIGHT
    assert followed(story) == [("first", DAMRONG, "no_staff", "queue")]


def test_who_waits_goes_there_too_when_the_last_operator_goes() -> None:
    story = busy(queue(EMPTY, EMPTY_SORRY))
    calls_from(story, "second", "020000002")
    story.logs_in("nok", queues=(GCC,))
    story.pauses("nok", "lunch")
    story.logs_out("dao")
    story.leaves("first")
    assert story.call("second").queue == GCC


def test_the_message_is_for_new_callers_alone() -> None:
    """A phone that was not answered once is back in a moment: who waits is not sent away."""
    story = busy(queue(EMPTY_SORRY))
    calls_from(story, "second", "020000002")
    story.logs_out("dao")
    story.leaves("first")
    assert story.in_line() == ["second"]
    calls_from(story, "third", "020000003")
    assert story.score("third").reason == "message"


def test_who_has_an_old_place_is_not_sent_away() -> None:
    story = busy(queue(replace(SORRY, over=1), redial_seconds=300.0))
    calls_from(story, "second", "0812345602")
    story.after(10.0)
    story.leaves("second")
    calls_from(story, "other", "020000003")
    story.after(1.0)
    calls_from(story, "again", "0812345602")
    assert followed(story) == []
    assert story.in_line() == ["again", "other"]


def test_who_has_an_old_place_is_not_sent_away_where_nobody_is_on_duty() -> None:
    story = busy(queue(EMPTY_SORRY, redial_seconds=300.0))
    calls_from(story, "second", "0812345602")
    story.after(10.0)
    story.leaves("second")
    story.logs_out("dao")
    story.leaves("first")
    calls_from(story, "again", "0812345602")
    assert story.in_line() == ["again"]


def test_a_full_queue_offers_no_callback() -> None:
    story = busy(queue(BACK, waiting_limit=1))
    calls_from(story, "second", "0812345601")
    calls_from(story, "third", "0812345602")
    assert (story.score("third").outcome, followed(story)) == (Outcome.REJECTED, [])


def test_who_hung_up_before_and_was_told_of_later_is_counted_once() -> None:
    story = busy(queue(TO_GCC))
    story.logs_in("nok", queues=(GCC,))
    story.pauses("nok", "lunch")
    calls_from(story, "second", "020000002")
    story.after(5.0)
    story.happens(
        e.CallNeverBegan(call=CallId("gone"), did="1567", caller="020000009", age_seconds=3.0)
    )
    assert (story.score("gone").queue, story.score("gone").outcome) == (
        GCC,
        Outcome.ABANDONED_SHORT,
    )


def test_a_rule_on_the_expected_wait_needs_a_wait_that_is_known() -> None:
    story = busy(queue(replace(SORRY, when=Diversion.EXPECTED, over=1.0)))
    calls_from(story, "second", "020000002")
    assert followed(story) == []


def test_a_rule_on_the_length_passes_over_who_has_an_old_place_in_a_long_line() -> None:
    story = busy(queue(TO_GCC, redial_seconds=300.0))
    calls_from(story, "second", "0812345602")
    calls_from(story, "third", "0812345603")
    story.after(10.0)
    story.leaves("third")
    story.logs_in("nok", queues=(GCC,))
    story.pauses("nok", "lunch")
    calls_from(story, "again", "0812345603")
    assert (followed(story), story.in_line()) == ([], ["second", "again"])
    calls_from(story, "new", "0812345604")
    assert [call for call, *_ in followed(story)] == ["new"]


def test_a_queue_that_takes_no_messages_asks_the_next_rule() -> None:
    voicemail = OverflowRule(when=Diversion.LENGTH, to=OverflowTo.VOICEMAIL, over=1)
    story = busy(queue(voicemail, replace(SORRY, over=1)))
    calls_from(story, "second", "020000002")
    calls_from(story, "third", "020000003")
    assert followed(story) == [("third", DAMRONG, "length", "message")]


def long_waits(*followed: OverflowRule, operators: int = 1, there: bool = True) -> Story:
    """A call takes 100 s here, and as long there; all operators talk, and nobody waits."""
    limits = {"wrapup_seconds": WRAPUP_SECONDS, "max_wait_seconds": 3600.0}
    story = Story(rules(DAMRONG, overflow_rules=followed, **limits), rules(GCC, **limits))
    serves(story, 10, DAMRONG, "1567")
    serves(story, 10, GCC, "1111")
    for number in range(operators):
        story.logs_in(f"dao-{number}")
        story.calls(f"with dao-{number}")
        story.answers(f"dao-{number}")
    if there:
        story.logs_in("nok", queues=(GCC,))
        story.calls("with nok", did="1111")
        story.answers("nok")
    return story


def expected(story: Story) -> float:
    """How long the next new caller would wait."""
    found = estimate.if_it_stays(story.engine.state, DAMRONG, 0, story.now)
    assert found is not None
    return found.expected_seconds


TOO_LONG = replace(SORRY, when=Diversion.EXPECTED)
AWAY = OverflowRule(when=Diversion.EXPECTED, to=OverflowTo.QUEUE, over=50.0, queue=GCC)


def test_an_expected_wait_that_is_too_long_ends_with_the_message() -> None:
    story = long_waits(replace(TOO_LONG, over=150.0))
    calls_from(story, "first", "020000001")
    assert (followed(story), story.in_line()) == ([], ["first"])
    calls_from(story, "second", "020000002")
    assert followed(story) == [("second", DAMRONG, "expected", "message")]


def test_a_wait_that_is_just_as_long_as_allowed_is_not_too_long() -> None:
    wait = expected(long_waits(TOO_LONG))
    story = long_waits(replace(TOO_LONG, over=wait))
    calls_from(story, "first", "020000001")
    assert followed(story) == []
    story = long_waits(replace(TOO_LONG, over=wait - 0.001))
    calls_from(story, "first", "020000001")
    assert [call for call, *_ in followed(story)] == ["first"]


def test_who_needs_skills_has_no_expected_wait_and_stays() -> None:
    story = long_waits(replace(TOO_LONG, over=50.0))
    story.needs(("english", 1))
    calls_from(story, "first", "020000001")
    assert (followed(story), story.in_line()) == ([], ["first"])


@pytest.mark.parametrize("there", ["shorter", "as long", "unknown here", "nobody"])
def test_for_an_expected_wait_one_goes_where_it_is_shorter(there: str) -> None:
    story = long_waits(AWAY, there=there != "nobody")
    if there == "shorter":
        calls_from(story, "first", "020000001")
    before = len(followed(story))
    calls_from(story, "second", "020000002")
    assert len(followed(story)) - before == (there == "shorter")


@pytest.mark.parametrize("rule", [replace(TOO_LONG, over=50.0), AWAY])
def test_an_operator_who_is_free_answers_however_long_others_would_wait(rule: OverflowRule) -> None:
    story = long_waits(rule, operators=0)
    story.logs_in("dao")
    calls_from(story, "first", "020000001")
    assert (followed(story), story.has("dao")) == ([], "first")
    story.answers("dao")
    calls_from(story, "second", "020000002")
    assert (len(followed(story)), story.has("dao")) == (rule is not AWAY, "first")
