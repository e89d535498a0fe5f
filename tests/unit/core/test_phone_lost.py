"""Phones that are not there: nobody is rung at one that is away, and one that dies in a talk does
not cost the caller the call."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.ids import CallId, QueueName
from callcenter.core.outcome import EndedBy, LegEnd, Loss
from callcenter.core.state import CallState
from tests.legs import caller_leg, desk_bridge, leg_named
from tests.site import DAMRONG, renamed, rules
from tests.unit.core.story import Story


def away(story: Story, *names: str) -> None:
    """These phones, and no others, are known not to be there."""
    phones = frozenset(f"PJSIP/{name}" for name in names)
    story.happens(e.PhonesSeen(elsewhere=frozenset(), away=phones))


def dies(story: Story, name: str) -> None:
    """No sound comes, nothing is answered."""
    story.happens(e.PhoneLost(endpoint=f"PJSIP/{name}"))


def talk() -> Story:
    """Malee talks with Somchai for 30 s; Chai and Nok wait behind her."""
    story = Story()
    story.logs_in("somchai")
    story.calls("malee")
    story.answers("somchai")
    story.after(2.0)
    story.calls("chai", "nok")
    story.after(28.0)
    story.ordered.clear()
    return story


def talks(story: Story, call: str) -> list[tuple[str, str, float, int, float]]:
    return [
        (x.ended_by.value, x.reason, x.talk_seconds, x.number, x.earlier_seconds)
        for x in story.told
        if isinstance(x, f.TalkEnded) and x.call == call
    ]


# --- a phone that is away ----------------------------------------------------------------------


def test_nobody_is_rung_at_a_phone_that_is_away_and_is_when_it_is_back() -> None:
    story = Story()
    away(story, "somchai")
    story.logs_in("somchai")
    story.calls("malee")
    story.after(60.0)
    assert (story.does("somchai"), story.rang()) == ("phone_away", [])
    away(story)
    assert (story.does("somchai"), story.rang()) == ("ringing", [("somchai", "malee")])


def test_who_wants_a_pause_has_one_whether_the_phone_is_there_or_not() -> None:
    story = Story()
    story.logs_in("somchai")
    away(story, "somchai")
    story.pauses("somchai")
    assert (story.does("somchai"), story.operator("somchai").reason) == ("paused", "lunch")
    story.resumes("somchai")
    assert story.does("somchai") == "phone_away"


def test_a_phone_that_goes_away_while_it_rings_is_not_waited_for() -> None:
    story = Story()
    story.logs_in("somchai", "wipa")
    story.calls("malee")
    story.after(3.0)
    away(story, "somchai")
    assert story.results("somchai") == ["unreachable"]
    assert story.rang() == [("somchai", "malee"), ("wipa", "malee")]
    assert story.does("somchai") == "phone_away"


def test_a_phone_that_goes_away_in_a_talk_is_not_lost_while_it_is_heard() -> None:
    story = talk()
    away(story, "somchai")
    assert (story.does("somchai"), story.ordered) == ("on_call", [])
    story.leaves("malee")
    story.after(60.0)
    assert story.does("somchai") == "phone_away"  # after the wrap-up, and nobody was rung
    assert story.in_line() == ["chai", "nok"]


def test_after_a_restart_the_snapshot_tells_which_phones_are_away() -> None:
    story = Story()
    away(story, "somchai")
    story.logs_in("somchai", "wipa")
    story.service_restarts()
    assert story.does("somchai") == "phone_away"
    gone = frozenset({"PJSIP/wipa"})
    story.happens(e.SnapshotTaken(boot="1", legs=(), bridges=(), away=gone))
    assert (story.does("somchai"), story.does("wipa")) == ("available", "phone_away")


# --- a phone that dies in a talk ---------------------------------------------------------------


def test_who_loses_the_operator_hears_music_and_is_the_first_in_line() -> None:
    story = talk()
    desk = desk_bridge("somchai")
    dies(story, "somchai")
    assert story.in_line() == ["malee", "chai", "nok"]
    assert story.ordered == [
        c.BackToMusic(lane=CallId("malee"), caller=caller_leg("malee"), bridge=desk),
        c.HangUp(lane=CallId("malee"), leg=leg_named("offer-1-malee")),
    ]
    assert talks(story, "malee") == [("lost", "phone_lost", 30.0, 1, 0.0)]
    assert story.operator("somchai").reason == "phone_lost"
    story.after(600.0)
    assert story.does("somchai") == "paused"  # until he says that all is well


def test_the_call_is_answered_once_and_a_further_talk_is_a_further_talk() -> None:
    story = talk()
    dies(story, "somchai")
    story.logs_in("wipa")
    assert story.rang()[-1] == ("wipa", "malee")
    story.answers("wipa")
    story.after(45.0)
    story.phone_ends("wipa")
    story.leaves("malee")
    assert story.outcomes()["malee"] == "answered"
    assert story.score("malee").wait_seconds == 0.0  # the first answer
    assert talks(story, "malee") == [
        ("lost", "phone_lost", 30.0, 1, 0.0),
        ("operator", "", 45.0, 2, 30.0),
    ]
    assert story.results("wipa") == ["answered"]


def test_who_gives_up_waiting_again_is_not_scored_twice() -> None:
    story = talk()
    dies(story, "somchai")
    story.leaves("malee")
    assert story.in_line() == ["chai", "nok"]
    assert story.outcomes() == {"malee": "answered"}
    assert CallId("malee") not in story.engine.state.calls


def test_who_waits_again_as_long_as_the_queue_allows_is_told_so() -> None:
    story = talk()
    dies(story, "somchai")
    story.leaves("chai")
    story.leaves("nok")
    story.after(1000.0)
    out = c.SendOut(lane=CallId("malee"), leg=caller_leg("malee"), exit=c.Exit.MAX_WAIT)
    assert out in story.ordered
    assert story.engine.state.calls == {}
    assert story.outcomes()["malee"] == "answered"


def test_who_waits_again_goes_on_when_the_queue_is_gone() -> None:
    story = talk()
    dies(story, "somchai")
    story.logs_out("somchai")
    story.happens(e.SiteChanged(site=renamed()))
    queues = {call: story.call(call).queue for call in ("malee", "chai", "nok")}
    assert set(queues.values()) != {DAMRONG}
    assert len(set(queues.values())) == 1
    assert story.in_line(QueueName(queues["malee"]))[0] == "malee"


def test_the_next_phone_may_die_too() -> None:
    story = talk()
    dies(story, "somchai")
    story.logs_in("wipa")
    story.answers("wipa")
    story.after(10.0)
    story.phone_ends("wipa", LegEnd.DIED)
    assert story.in_line()[0] == "malee"
    assert talks(story, "malee")[1:] == [("lost", "phone_lost", 10.0, 2, 30.0)]


def test_who_waits_again_counts_as_waiting_again_and_not_as_unanswered() -> None:
    story = talk()
    queue = story.engine.state.queues[DAMRONG]
    assert (queue.present, queue.returned) == (2, 0)
    dies(story, "somchai")
    assert (queue.present, queue.returned) == (2, 1)
    story.logs_in("wipa")
    story.answers("wipa")
    assert (queue.present, queue.returned) == (2, 0)


def test_who_is_back_waits_since_the_return_and_the_talk_is_no_wait() -> None:
    story = talk()
    dies(story, "somchai")
    story.after(5.0)
    oldest = story.engine.state.oldest_wait_seconds
    assert oldest(DAMRONG, story.now) == 33.0  # chai, who came two seconds after malee's answer
    story.leaves("chai")
    story.leaves("nok")
    assert oldest(DAMRONG, story.now) == 5.0
    story.logs_in("wipa")
    assert oldest(DAMRONG, story.now) == 5.0  # while the phone rings
    story.service_restarts()
    assert oldest(DAMRONG, story.now) == pytest.approx(5.0)


@pytest.mark.parametrize("from_all_facts", [False, True])
@pytest.mark.parametrize("further", ["waits", "rings", "connects", "talks", "leaves"])
def test_a_restart_knows_who_waits_again(from_all_facts: bool, further: str) -> None:
    story = talk()
    dies(story, "somchai")
    story.after(5.0)
    if further != "waits":
        story.logs_in("wipa")
    if further == "connects":
        story.picks_up("wipa")
    if further in ("talks", "leaves"):
        story.answers("wipa")
        story.after(7.0)
    if further == "leaves":
        story.phone_ends("wipa")
    before = story.call("malee")
    story.service_restarts(from_all_facts=from_all_facts)
    after = story.call("malee")
    waits = before.state is CallState.WAITING
    kept = ["state", "outcome", "talks", "talked_seconds", "offers", "offer"]
    kept += ["patience_until"] if waits else []
    kept += ["waits_since"] if further != "leaves" else []
    for known in kept:
        assert getattr(after, known) == getattr(before, known), known
    assert story.engine.state.queues[DAMRONG].returned == (
        further in ("waits", "rings", "connects")
    )


def test_a_leg_lost_in_a_gap_whose_phone_is_away_is_a_phone_that_died() -> None:
    story = talk()
    story.asterisk_is_lost()
    seen = tuple(
        e.LegSeen(
            leg=leg_named(x), is_up=True, in_app=True, did="1567", caller="", age_seconds=40.0
        )
        for x in ("malee", "chai", "nok")
    )
    gone = frozenset({"PJSIP/somchai"})
    story.happens(e.SnapshotTaken(boot="1", legs=seen, bridges=(), away=gone))
    assert story.in_line() == ["malee", "chai", "nok"]
    assert story.operator("somchai").reason == "phone_lost"


def test_the_phone_of_an_open_line_dies() -> None:
    story = Story()
    story.sits_down_with_a_headset("somchai")
    story.calls("malee")
    story.is_handed_over("malee")
    story.after(20.0)
    line = story.line_of("somchai")
    story.ordered.clear()
    dies(story, "somchai")
    assert story.in_line() == ["malee"]
    assert [type(x).__name__ for x in story.ordered] == ["BackToMusic", "HangUp"]
    assert story.ordered[-1].leg == line  # type: ignore[union-attr]
    assert (story.operator("somchai").reason, story.operator("somchai").line) == (
        "phone_lost",
        "down",
    )


def test_an_open_line_without_a_caller_whose_phone_died_is_not_handed_the_next() -> None:
    story = Story()
    story.sits_down_with_a_headset("somchai")
    dies(story, "somchai")
    story.calls("malee")
    assert story.in_line() == ["malee"]
    assert story.operator("somchai").line == "down"


def test_a_talk_the_operator_had_ended_is_over_when_the_phone_dies() -> None:
    story = Story()
    story.sits_down_with_a_headset("somchai")
    story.calls("malee")
    story.is_handed_over("malee")
    story.happens(e.HangUpAsked(operator=story.operator("somchai").id))
    dies(story, "somchai")
    story.leaves("malee")
    assert talks(story, "malee")[0][0] == EndedBy.OPERATOR


# --- what no person ended ----------------------------------------------------------------------


@pytest.mark.parametrize("loss", Loss)
def test_a_waiting_caller_whom_a_machine_cut_off_did_not_abandon(loss: Loss) -> None:
    story = Story(rules(DAMRONG))
    story.calls("malee")
    story.after(60.0)
    story.happens(e.CallerLeft(call=CallId("malee"), loss=loss))
    assert (story.score("malee").outcome, story.score("malee").reason) == ("failed", loss)


def test_a_talk_that_a_machine_ended_was_ended_by_nobody() -> None:
    story = talk()
    story.happens(e.CallerLeft(call=CallId("malee"), loss=Loss.SIP_FAILED))
    assert talks(story, "malee")[0][:2] == ("lost", "sip_failed")
    assert story.does("somchai") == "wrapup"


def test_asterisk_hangs_up_by_itself_on_who_waits() -> None:
    story = Story()
    story.calls("malee")
    story.happens(e.CallerCut(call=CallId("malee"), loss=Loss.RTP_TIMEOUT))
    story.leaves("malee")
    assert (story.score("malee").outcome, story.score("malee").reason) == ("failed", "rtp_timeout")


def test_asterisk_hangs_up_because_we_asked_for_it() -> None:
    story = talk()
    story.phone_ends("somchai")
    story.happens(e.CallerCut(call=CallId("malee"), loss=Loss.CUT_OFF))
    story.leaves("malee")
    assert talks(story, "malee")[0][:2] == ("operator", "")
