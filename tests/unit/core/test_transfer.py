"""An operator gives the caller on: to a queue, or to another operator."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.core.site import QueueRules
from callcenter.core.state import Hears
from tests.legs import caller_leg, desk_bridge
from tests.site import DAMRONG, GCC, NIGHT, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story

MALEE, SOMCHAI = CallId("malee"), OperatorId("somchai")


def talk(
    *, open_line: bool = False, wrapup_seconds: float = 10.0, gcc: QueueRules | None = None
) -> Story:
    """Somchai has talked with Malee for a minute, who had waited for ten seconds."""
    story = Story(rules(DAMRONG, wrapup_seconds=wrapup_seconds), gcc or rules(GCC), rules(NIGHT))
    story.calls(MALEE)
    story.after(10.0)
    if open_line:
        story.sits_down_with_a_headset(SOMCHAI)
        story.is_handed_over(MALEE)
    else:
        story.logs_in(SOMCHAI)
        story.answers(SOMCHAI)
    story.after(60.0)
    story.ordered.clear()
    return story


def gives_on(story: Story, *, queue: QueueName | None = None, to: str = "") -> None:
    """Somchai gives Malee on."""
    asked = OperatorId(to) if to else None
    story.happens(e.TransferAsked(operator=SOMCHAI, call=MALEE, queue=queue, to=asked))


def somebody_is_on_duty_in_gcc(story: Story) -> None:
    """At lunch, so that nothing rings yet."""
    story.logs_in("anan", queues=(GCC,))
    story.pauses("anan")
    story.ordered.clear()


def transfers(story: Story) -> list[tuple[str, str, str, int]]:
    """What was told of them: from and to."""
    facts = [x for x in story.told if isinstance(x, f.CallTransferred)]
    return [(x.from_queue, x.queue, x.to_operator, x.number) for x in facts]


@pytest.mark.parametrize("open_line", [False, True])
def test_to_a_queue_the_caller_hears_music_and_keeps_the_arrival(open_line: bool) -> None:
    story = talk(open_line=open_line)
    somebody_is_on_duty_in_gcc(story)
    story.calls("wipa", did="1111")
    gives_on(story, queue=GCC)
    assert story.call(MALEE).hears is Hears.MUSIC
    assert story.in_line(GCC) == ["malee", "wipa"], "who arrived first is first"
    assert story.does(SOMCHAI) is OperatorState.WRAPUP
    assert transfers(story) == [("damrong", "gcc", "", 1)]
    music = c.BackToMusic(lane=MALEE, caller=caller_leg(MALEE), bridge=desk_bridge(SOMCHAI))
    assert story.ordered[0] == music
    story.logs_in("nok", queues=(GCC,))
    story.answers("nok")
    assert story.has("nok") == "malee"
    assert story.outcomes() == {"malee": "answered"}, "a call is scored once"
    story.leaves(MALEE)
    ended = [x for x in story.told if isinstance(x, f.TalkEnded)]
    assert [(x.queue, x.operator, x.number) for x in ended] == [
        ("damrong", "somchai", 1),
        ("gcc", "nok", 2),
    ]


def test_an_open_line_is_emptied_before_the_next_caller_is_joined_there() -> None:
    story = talk(open_line=True, wrapup_seconds=0.0)
    somebody_is_on_duty_in_gcc(story)
    story.calls("wipa")
    gives_on(story, queue=GCC)
    assert [type(x) for x in story.ordered] == [
        c.BackToMusic,
        c.CloseDesk,
        c.SeatLine,
    ]
    assert story.has(SOMCHAI) == ""
    story.line_is_seated(SOMCHAI)
    assert story.has(SOMCHAI) == "wipa"


def test_to_an_operator_who_is_free_the_phone_rings_at_once() -> None:
    story = talk()
    story.logs_in("wirat", "nok", queues=(GCC,))
    gives_on(story, to="nok")
    assert story.rang()[-1] == ("nok", "malee"), "not the longest idle one, nor of this queue"
    story.answers("nok")
    assert story.does("nok") is OperatorState.ON_CALL
    assert transfers(story) == [("damrong", "damrong", "nok", 1)]


@pytest.mark.parametrize("why", ["rings too long", "declines"])
def test_who_was_asked_does_not_answer_and_the_caller_is_at_the_front_again(why: str) -> None:
    story = talk(wrapup_seconds=300.0)
    story.logs_in("nok", queues=(GCC,))
    story.calls("wipa")
    gives_on(story, to="nok")
    if why == "rings too long":
        story.after(15.0)
    else:
        story.phone_ends("nok")
    assert story.in_line(DAMRONG) == ["malee", "wipa"]
    assert story.call(MALEE).offer is None
    story.logs_in("anong")
    assert story.has("anong") == "malee"


@pytest.mark.parametrize("why", ["busy", "paused", "unknown", "phone held", "oneself"])
def test_to_an_operator_who_cannot_be_rung_the_talk_goes_on(why: str) -> None:
    story = talk(wrapup_seconds=0.0)
    story.logs_in("nok", queues=(GCC,))
    if why in ("busy", "phone held"):
        story.calls("other", did="1111")
    if why == "phone held":
        story.legs_go_at_once = False
        story.leaves("other")
    if why == "paused":
        story.pauses("nok")
    story.ordered.clear()
    gives_on(story, to={"unknown": "nobody", "oneself": SOMCHAI}.get(why, "nok"))
    assert (story.ordered, transfers(story)) == ([], [])
    assert (story.has(SOMCHAI), story.call(MALEE).hears) == ("malee", Hears.OPERATOR)


@pytest.mark.parametrize("why", ["closed", "nobody on duty", "own, and the operator goes home"])
def test_to_a_queue_where_nobody_would_answer_the_talk_goes_on(why: str) -> None:
    story = talk()
    if why == "closed":
        story.happens(e.HoursSeen(closed=frozenset({GCC}), rostered={}))
    if why == "own, and the operator goes home":
        story.logs_out(SOMCHAI)
    gives_on(story, queue=DAMRONG if why.startswith("own") else GCC)
    assert (story.ordered, transfers(story)) == ([], [])
    assert (story.has(SOMCHAI), story.call(MALEE).hears) == ("malee", Hears.OPERATOR)


def test_to_a_closed_queue_whose_neighbour_is_open_the_neighbour_answers() -> None:
    story = talk(gcc=rules(GCC, neighbours=(NIGHT,)))
    story.logs_in("nok", queues=(NIGHT,))
    story.happens(e.HoursSeen(closed=frozenset({GCC}), rostered={}))
    gives_on(story, queue=GCC)
    assert story.has("nok") == "malee"


@pytest.mark.parametrize("why", ["the colleague does not answer", "the phone is lost"])
def test_after_hours_who_has_talked_is_never_told_of_hours(why: str) -> None:
    """The other one may be back at once. Who comes now is told."""
    story = talk()
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG, GCC, NIGHT}), rostered={}))
    if why == "the phone is lost":
        story.happens(e.PhoneLost(endpoint=f"PJSIP/{SOMCHAI}"))
    else:
        story.logs_in("nok", queues=(DAMRONG,))
        gives_on(story, to="nok")
        story.logs_out(SOMCHAI)
        story.after(60.0)
    assert story.call(MALEE).hears is Hears.MUSIC
    assert not [x for x in story.ordered if isinstance(x, c.SendOut)]
    story.calls("wipa")
    assert story.score("wipa").reason == "closed"
    returning = SOMCHAI if why == "the phone is lost" else OperatorId("nok")
    story.resumes(returning)
    assert story.has(returning) == MALEE


def test_after_hours_nobody_waits_longer_than_the_queue_allows() -> None:
    story = talk()
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG, GCC, NIGHT}), rostered={}))
    story.happens(e.PhoneLost(endpoint=f"PJSIP/{SOMCHAI}"))
    story.after(rules(DAMRONG).max_wait_seconds + 1.0)
    assert [x.exit for x in story.ordered if isinstance(x, c.SendOut)] == [c.Exit.MAX_WAIT]


@pytest.mark.parametrize("when", ["rings", "is over", "of another", "to a queue there is not"])
def test_only_who_talks_with_the_caller_gives_them_on(when: str) -> None:
    story = Story(rules(DAMRONG), rules(GCC))
    story.logs_in(SOMCHAI)
    story.calls(MALEE)
    if when != "rings":
        story.answers(SOMCHAI)
    if when == "is over":
        story.phone_ends(SOMCHAI)
    operator = OperatorId("wirat") if when == "of another" else SOMCHAI
    queue = QueueName("no-such") if when == "to a queue there is not" else GCC
    done = story.happens(e.TransferAsked(operator=operator, call=MALEE, queue=queue))
    assert (done.facts, done.commands) == ([], [])


@pytest.mark.parametrize("who", ["wirat", "nobody"])
def test_who_does_not_talk_with_the_caller_gives_nobody_on_to_where_somebody_is(who: str) -> None:
    story = talk()
    somebody_is_on_duty_in_gcc(story)
    story.logs_in("wirat")
    done = story.happens(e.TransferAsked(operator=OperatorId(who), call=MALEE, queue=GCC))
    assert (done.facts, done.commands) == ([], [])


@pytest.mark.parametrize("from_all_facts", [False, True])
def test_a_restart_knows_who_was_given_on(from_all_facts: bool) -> None:
    story = talk()
    somebody_is_on_duty_in_gcc(story)
    gives_on(story, queue=GCC)
    before = as_restarted(story.engine.state)
    story.service_restarts(from_all_facts=from_all_facts)
    assert picture(story.engine.state) == before
    assert story.call(MALEE).transfers == 1


def test_who_waits_again_waits_from_the_transfer_on_and_not_for_ever() -> None:
    story = talk()
    somebody_is_on_duty_in_gcc(story)
    gives_on(story, queue=GCC)
    story.after(5.0)
    assert story.engine.state.oldest_wait_seconds(GCC, story.now) == 5.0
    assert (story.engine.state.queue_waiting(GCC), story.engine.state.queue_returned(GCC)) == (0, 1)
    story.after(3600.0)
    assert any(isinstance(x, c.SendOut) and x.exit is c.Exit.MAX_WAIT for x in story.ordered)
