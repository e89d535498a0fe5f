"""What events mean when they are late, of another leg or of another node: each was broken once."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import entry, estimate
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.area_code import queue_of
from callcenter.core.facts import LineStage, ListenStage, OperatorState
from callcenter.core.ids import THE_NODE, CallId, OperatorId, QueueName
from callcenter.core.legs import LineLeg, Side
from callcenter.core.listening import LET_GO_SECONDS
from callcenter.core.menu import Choice, Menu, MenuStep
from callcenter.core.offers import call_back
from callcenter.core.outcome import BackResult, LegEnd, Loss
from callcenter.core.recording import AGAIN_SECONDS
from callcenter.core.state import CallState, Hears, OfferState
from callcenter.core.turn import Turn
from tests.legs import caller_leg, desk_bridge, leg_of_offer, spy_leg
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.story import Story
from tests.unit.core.test_callback import Back
from tests.unit.core.test_consult import ASKED, asks, talk
from tests.unit.core.test_estimate import centre as estimated
from tests.unit.core.test_listening import Floor
from tests.unit.core.test_news import centre, heard, switched_on
from tests.unit.core.test_nodes import OTHER, two_nodes
from tests.unit.core.test_recording import Recorded
from tests.unit.core.test_skills import FIRST, Skilled


def faults(story: Story) -> list[f.StepFailed]:
    return [fact for fact in story.told if isinstance(fact, f.StepFailed)]


def played(story: Story, call: str) -> list[tuple[str, ...]]:
    return [x.keys for x in story.ordered if isinstance(x, c.PlayPrompts) and x.lane == call]


# --- citizens who are called back ----------------------------------------------------------------


def test_a_citizen_who_says_nothing_is_asked_three_times_and_no_more() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.picks_up_the_callback("ada")
    for times in (1, 2, 3):
        assert played(told, "ada").count(call_back.PROMPTS) == times
        prompt = told.call("ada").prompt
        assert prompt is not None
        told.happens(e.PromptPlayed(call=CallId("ada"), number=prompt.number))
    assert played(told, "ada").count(call_back.PROMPTS) == 3
    assert told.call("ada").prompt is None


def test_a_citizen_who_cannot_be_rung_is_missed_and_the_operator_free() -> None:
    told = Back()
    told.asks("ada")
    told.happens(e.CitizenRingFailed(leg=told.leg("ada")))
    assert told.missed() == [], "nobody was being called"
    told.logs_in("som")
    told.happens(e.CitizenRingFailed(leg=told.leg("ada", 2)))
    told.happens(e.CitizenRingFailed(leg=told.leg("nobody")))
    assert (told.missed(), told.does("som")) == ([], OperatorState.RINGING)
    told.happens(e.CitizenRingFailed(leg=told.leg("ada")))
    assert told.missed() == [BackResult.CARRIER]
    assert told.does("som") is OperatorState.AVAILABLE
    assert faults(told) == []


def test_the_answer_of_a_citizen_of_whom_nothing_is_known_is_hung_up() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.picks_up_the_callback("ada", 2)
    told.picks_up_the_callback("nobody")
    hung_up = [x.leg for x in told.ordered if isinstance(x, c.HangUp)]
    assert hung_up == [told.leg("ada", 2), told.leg("nobody")]
    offer = told.call("ada").offer
    assert offer is not None and offer.state is OfferState.CALLING
    told.picks_up_the_callback("ada")
    assert told.call("ada").hears is Hears.PROMPT
    assert [x.leg for x in told.ordered if isinstance(x, c.HangUp)] == hung_up


def test_a_callback_that_is_due_again_goes_on_to_where_somebody_is_on_duty() -> None:
    told = Back()
    site = told.site
    queue = replace(site.queues[DAMRONG], neighbours=(GCC,))
    told.site = replace(site, queues={DAMRONG: queue, GCC: rules(GCC)})
    told.happens(e.SiteChanged(site=told.site))
    told.asks("ada")
    told.logs_in("som")
    told.ends("ada", end=LegEnd.DECLINED)
    assert told.call("ada").state is CallState.RESTING
    told.logs_in("dao", queues=(GCC,))
    told.pauses("dao")
    told.logs_out("som")
    told.after(told.call("ada").until - told.now)
    assert (told.call("ada").state, told.call("ada").queue) == (CallState.PARKED, GCC)


def test_of_a_long_wait_a_callback_is_offered_at_once() -> None:
    told = Back()
    queue = replace(told.site.queues[DAMRONG], callback_above_seconds=60.0)
    told.site = replace(told.site, queues={DAMRONG: queue})
    told.happens(e.SiteChanged(site=told.site))

    def at(expected: float | None) -> float | None:
        wait = None if expected is None else estimate.Estimate(expected, 2 * expected)
        return entry._callback_at(Turn(told.engine.state, 1000.0), DAMRONG, wait, None)

    assert [at(None), at(59.9), at(60.0)] == [1060.0, 1060.0, 1000.0]


# --- bridges -------------------------------------------------------------------------------------


def test_an_open_line_counts_in_its_own_bridge_alone_and_an_earlier_line_not_at_all() -> None:
    story = Story()
    story.logs_in("som", open_line=True)
    story.line_is_answered("som")
    line = story.line_of("som")
    story.happens(e.LegEnteredBridge(leg=line, bridge=desk_bridge("dao")))
    earlier = LineLeg(operator=OperatorId("som"), number=line.number + 7, node=THE_NODE)
    story.happens(e.LegEnteredBridge(leg=earlier, bridge=desk_bridge("som")))
    assert story.operator("som").line is LineStage.ANSWERED
    story.line_is_seated("som")
    assert story.operator("som").line is LineStage.SEATED


def test_a_colleague_who_is_asked_is_there_when_in_the_operators_bridge() -> None:
    story = talk()
    asks(story)
    story.happens(e.OperatorAnswered(offer=ASKED))
    story.happens(e.LegEnteredBridge(leg=leg_of_offer(ASKED), bridge=desk_bridge("nok")))
    offer = story.call("malee").offer
    assert offer is not None and offer.state is OfferState.ASKING
    story.happens(e.LegEnteredBridge(leg=leg_of_offer(ASKED), bridge=desk_bridge("somchai")))
    offer = story.call("malee").offer
    assert offer is not None and offer.state is OfferState.CONSULTING


def test_a_supervisor_hears_when_the_snoop_is_in_the_supervisors_bridge() -> None:
    floor = Floor()
    floor.asks()
    ears = floor.ears
    floor.happens(e.LegEnteredBridge(leg=ears, bridge=desk_bridge("suda")))
    assert floor.stage() is ListenStage.RINGING, "not picked up yet"
    floor.happens(e.SpyAnswered(leg=floor.spy))
    floor.happens(e.SnoopStarted(leg=ears))
    floor.happens(e.LegEnteredBridge(leg=ears, bridge=desk_bridge("malee")))
    other = replace(ears, number=ears.number + 7)
    floor.happens(e.LegEnteredBridge(leg=other, bridge=desk_bridge("suda")))
    assert floor.stage() is ListenStage.JOINING
    floor.happens(e.LegEnteredBridge(leg=ears, bridge=desk_bridge("suda")))
    assert floor.stage() is ListenStage.LISTENING


def test_a_caller_who_is_joined_late_has_music_again_and_a_talk_is_left_alone() -> None:
    story = Story()
    story.calls("malee")
    story.happens(e.LegEnteredBridge(leg=caller_leg("malee"), bridge=desk_bridge("som")))
    music = [x for x in story.ordered if isinstance(x, c.BackToMusic)]
    assert [x.bridge for x in music] == [desk_bridge("som")]
    story.logs_in("som")
    story.happens(e.LegEnteredBridge(leg=caller_leg("malee"), bridge=desk_bridge("som")))
    assert len([x for x in story.ordered if isinstance(x, c.BackToMusic)]) == 2, "it rings"
    story.answers("som")
    story.happens(e.LegEnteredBridge(leg=caller_leg("malee"), bridge=desk_bridge("som")))
    assert len([x for x in story.ordered if isinstance(x, c.BackToMusic)]) == 2


# --- snapshots of one node and of another --------------------------------------------------------


def test_a_phone_held_by_one_node_is_not_free_because_another_node_is_connected() -> None:
    story = two_nodes()
    story.logs_in("som")
    story.calls("malee")
    story.legs_go_at_once = False
    story.leaves("malee")
    assert len(story.engine.state.letting_go) == 1
    story.happens(e.SnapshotTaken(boot="7", legs=(), bridges=(), node=OTHER))
    assert len(story.engine.state.letting_go) == 1
    story.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
    assert len(story.engine.state.letting_go) == 0


def test_who_left_in_a_prompt_while_we_were_away_is_no_fault_of_ours() -> None:
    story = centre(greeting=("greeting",))
    story.calls("malee")
    story.happens(e.SnapshotTaken(boot="1", legs=(), bridges=()))
    assert (list(story.outcomes()), faults(story)) == (["malee"], [])


def test_what_plays_on_one_node_is_not_repeated_because_another_is_connected() -> None:
    story = centre(greeting=("greeting",), notice=("notice",))
    story.happens(e.SnapshotTaken(boot="7", legs=(), bridges=(), node=OTHER))
    story.calls("malee")
    before = played(story, "malee")
    story.happens(e.SnapshotTaken(boot="7", legs=(), bridges=(), node=OTHER))
    assert played(story, "malee") == before == [("notice",)]


# --- news and what is told -----------------------------------------------------------------------


def test_news_that_nobody_hears_ends_when_its_time_is_over() -> None:
    story = centre()
    switched_on(story, seconds=60.0)
    assert story.engine.next_deadline() == story.now + 60.0
    story.after(61.0)
    assert story.engine.state.news == {}


def test_many_who_wait_hear_news_one_after_the_other() -> None:
    story = centre()
    story.calls("malee", "wipa")
    switched_on(story)
    story.after(0.015)
    assert (len(heard(story, "malee")), heard(story, "wipa")) == (1, [])
    story.after(0.006)
    assert len(heard(story, "wipa")) == 1


def test_news_that_waits_for_what_plays_is_looked_at_again_in_three_seconds() -> None:
    story = centre(greeting=("greeting",))
    story.calls("malee")
    switched_on(story)
    story.after(0.1)
    due = story.engine.next_deadline()
    assert due is not None and due - story.now > 2.5


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "queue"),
    [("045614545", GCC), ("061234567", None), ("0456145451", None), ("", None)],
)
def test_only_a_fixed_line_number_of_nine_digits_names_a_place(
    caller: str, queue: str | None
) -> None:
    assert queue_of({"0456": GCC, "06": DAMRONG}, caller) == queue


# --- estimates: where it is known, and where the caller goes on to ------


def test_who_waits_here_in_time_is_told_what_it_takes_here() -> None:
    """The queue has another to go on to, and is quick enough: nothing of the other is told."""
    story = estimated("dao", "wirat")
    alone = estimate.if_it_stays(story.engine.state, DAMRONG, 0, story.now)
    queue = replace(story.site.queues[DAMRONG], overflow_queue=GCC)
    story.site = replace(story.site, queues={**story.site.queues, DAMRONG: queue})
    story.happens(e.SiteChanged(site=story.site))
    assert alone is not None
    assert estimate.for_newcomer(story.engine.state, DAMRONG, 0, story.now) == alone


@pytest.mark.parametrize("off", [-0.001, 0.0, 0.001])
def test_at_the_very_limit_the_wait_is_still_that_of_this_queue(off: float) -> None:
    story = estimated("dao", "wirat")
    served = replace(story.site.queues[DAMRONG], overflow_queue=GCC)
    story.site = replace(story.site, queues={**story.site.queues, DAMRONG: served})
    story.happens(e.SiteChanged(site=story.site))
    state = story.engine.state
    queue, stand = state.queues[DAMRONG], (0, (story.now, state.seen + 1))
    here = estimate._here(state, queue, stand)
    assert here is not None
    state.paces[GCC] = state.paces[DAMRONG]
    state.queues[GCC].serving = 1  # one operator there: another number than here
    there = estimate._after(state, GCC, stand, here.at_most_seconds + off)
    found = estimate._estimate(state, queue, stand, here.at_most_seconds + off)
    assert there is not None and there.at_most_seconds != here.at_most_seconds
    if off < 0.0:
        assert found == (here.expected_seconds, there.at_most_seconds)
    else:
        assert found == here
    late = estimate._estimate(state, queue, stand, here.expected_seconds + off)
    then = estimate._after(state, GCC, stand, here.expected_seconds + off)
    assert late is not None and then is not None
    is_late = off < 0.0
    assert late.expected_seconds == (then.expected_seconds if is_late else here.expected_seconds)


def test_one_of_two_queues_of_which_nothing_is_known_is_left_out() -> None:
    story = estimated("dao")
    served = replace(story.site.queues[DAMRONG], overflow_queue=GCC)
    story.site = replace(story.site, queues={**story.site.queues, DAMRONG: served})
    story.happens(e.SiteChanged(site=story.site))
    state = story.engine.state
    queue, stand = state.queues[DAMRONG], (0, (story.now, state.seen + 1))
    here = estimate._here(state, queue, stand)
    assert here is not None and estimate._here(state, state.queues[GCC], stand) is None
    assert estimate._estimate(state, queue, stand, 1.0) == here
    state.paces[GCC] = state.paces.pop(DAMRONG)
    state.queues[GCC].serving = 1
    there = estimate._after(state, GCC, stand, 1.0)
    assert estimate._here(state, queue, stand) is None and there is not None
    assert estimate._estimate(state, queue, stand, 1.0) == there


def test_a_queue_that_is_not_there_is_not_gone_on_to() -> None:
    story = estimated("dao")
    state = story.engine.state
    queue, stand = state.queues[DAMRONG], (0, (story.now, state.seen + 1))
    here = estimate._here(state, queue, stand)
    queue.rules = replace(queue.rules, overflow_queue=QueueName("nowhere"))
    assert here is not None
    assert estimate._estimate(state, queue, stand, 1.0) == here


# --- recordings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "follows"), [(1.9, False), (2.0, True)])
def test_a_recording_that_ran_two_seconds_is_followed_by_another(
    seconds: float, follows: bool
) -> None:
    story = Recorded().begins()
    story.after(seconds)
    story.happens(e.RecorderEnded(leg=story.leg(Side.OPERATOR)))
    story.after(AGAIN_SECONDS)
    assert (story.recording is not None) is follows


def test_after_ten_recordings_of_a_call_there_is_still_another() -> None:
    story = Recorded().begins()
    for number in range(1, 11):
        story.after(20.0)
        story.happens(e.RecorderEnded(leg=story.leg(Side.CALLER, number)))
        story.after(AGAIN_SECONDS)
        story.is_kept(number + 1)
    assert story.recording is not None and story.recording.number == 11


# --- who is free ---------------------------------------------------------------------------------


def test_while_a_phone_is_held_who_needs_a_skill_gets_an_operator_who_has_it() -> None:
    story = Skilled()
    story.comes("thai")
    story.calls("b", did="045614545")
    story.legs_go_at_once = False
    story.leaves("b")
    story.comes("other")
    story.calls("a")
    assert (story.in_line(), len(story.engine.state.letting_go)) == (["a"], 1)
    story.comes("both", english=1)
    assert (story.has("both"), story.has("other")) == ("a", "")


def test_a_phone_is_held_until_its_time_is_over_and_no_shorter() -> None:
    story = Story()
    story.logs_in("som")
    story.calls("malee")
    story.legs_go_at_once = False
    story.leaves("malee")
    story.now += 1.0
    story.happens(e.TimePassed())
    assert len(story.engine.state.letting_go) == 1
    story.after(LET_GO_SECONDS)
    assert len(story.engine.state.letting_go) == 0


# --- what is told late, of nobody, or twice ------


def test_a_caller_who_is_cut_is_noted_once_and_only_on_the_present_leg() -> None:
    story = Back()
    story.arrives("ada")
    cut = e.CallerCut(call=CallId("ada"), loss=Loss.RTP_TIMEOUT)
    assert story.happens(replace(cut, back=7)).facts == []
    assert story.happens(replace(cut, call=CallId("nobody"))).facts == []
    assert [type(x) for x in story.happens(cut).facts] == [f.CallCut]
    story.asks("ben")
    assert story.happens(replace(cut, call=CallId("ben"))).facts == []
    assert faults(story) == []


def test_who_is_on_the_way_out_is_not_cut() -> None:
    story = Story(rules(DAMRONG, max_wait_seconds=60.0))
    story.calls("malee")
    story.after(61.0)
    assert story.call("malee").state is CallState.LEAVING
    assert story.happens(e.CallerCut(call=CallId("malee"), loss=Loss.RTP_TIMEOUT)).facts == []


def test_a_caller_who_left_leaves_once() -> None:
    story = Story()
    story.logs_in("som")
    story.calls("malee")
    story.legs_go_at_once = False
    assert [type(x) for x in story.leaves("malee").commands] == [c.HangUp]
    again = story.happens(e.CallerLeft(call=CallId("malee")))
    assert (again.commands, again.facts) == ([], [])


def test_a_line_that_dies_is_cut_by_the_restart_only_when_there_is_one() -> None:
    story = Story()
    story.sits_down_with_a_headset("som", "dao", "nok")
    story.line_ends("som", LegEnd.DIED)
    story.happens(e.ClosingAsked(seconds=600.0))
    story.line_ends("dao")
    assert [x for x in story.told if isinstance(x, f.LineCut)] == []
    story.line_ends("nok", LegEnd.DIED)
    assert [x.operator for x in story.told if isinstance(x, f.LineCut)] == ["nok"]


def test_what_nobody_we_know_asks_for_is_no_fault_and_changes_nothing() -> None:
    floor = Floor()
    nobody, lek, malee = OperatorId("nobody"), CallId("lek"), OperatorId("malee")
    for event in (
        e.HangUpAsked(operator=nobody),
        e.TransferAsked(operator=nobody, call=lek, queue=None),
        e.TransferAsked(operator=malee, call=CallId("gone"), queue=None),
        e.TransferAsked(operator=malee, call=lek, queue=None, to=nobody),
        e.ListenAsked(
            supervisor=OperatorId("suda"),
            endpoint="PJSIP/suda",
            operator=malee,
            call=CallId("gone"),
            mode=f.ListenMode.LISTEN,
        ),
        e.SpyEnded(leg=spy_leg("nobody", 1), end=LegEnd.ENDED, gone=True),
    ):
        done = floor.happens(event)
        assert (done.commands, done.facts) == ([], []), event


def test_a_caller_is_given_to_a_colleague_who_is_free_and_to_nobody_else() -> None:
    floor = Floor()
    give = e.TransferAsked(
        operator=OperatorId("malee"), call=CallId("lek"), queue=None, to=OperatorId("nok")
    )
    floor.logs_in("nok")
    floor.pauses("nok")
    assert floor.happens(give).facts == []
    floor.resumes("nok")
    floor.happens(give)
    assert floor.has("nok") == "lek"


def test_a_supervisor_who_listens_to_one_does_not_speak_to_another() -> None:
    floor = Floor()
    floor.logs_in("nok")
    floor.calls("wipa")
    floor.answers("nok")
    floor.hears()
    floor.asks(f.ListenMode.BARGE, whom="nok")
    assert floor.listening is not None
    assert (floor.listening.mode, floor.listening.operator) == (f.ListenMode.LISTEN, "malee")


def test_a_supervisor_who_picks_up_twice_is_joined_once() -> None:
    floor = Floor()
    floor.asks()
    spy = floor.spy
    assert len(floor.happens(e.SpyAnswered(leg=spy)).commands) == 3
    assert floor.happens(e.SpyAnswered(leg=spy)).commands == []


def test_a_citizen_who_is_there_and_answers_again_is_not_hung_up() -> None:
    told = Back()
    told.asks("ada")
    told.logs_in("som")
    told.picks_up_the_callback("ada")
    told.presses("ada", back=1)
    told.picks_up_the_callback("ada")
    assert [x for x in told.ordered if isinstance(x, c.HangUp)] == []


def test_the_first_leg_of_who_is_parked_gets_no_music_in_a_bridge() -> None:
    told = Back()
    told.asks("ada")
    told.happens(e.LegEnteredBridge(leg=caller_leg("ada"), bridge=desk_bridge("som")))
    assert [x for x in told.ordered if isinstance(x, c.BackToMusic)] == []
    told.logs_in("som")
    told.happens(e.LegEnteredBridge(leg=told.leg("ada"), bridge=desk_bridge("som")))
    assert [x for x in told.ordered if isinstance(x, c.BackToMusic)] == []


def test_callbacks_that_are_too_many_for_this_hour_go_on_by_themselves() -> None:
    told = Back(per_hour=1)
    told.asks("ada")
    told.asks("ben")
    told.logs_in("som", "dao")
    assert told.rung() == ["0811111111"] and told.engine.state.callbacks_held == "per_hour"
    told.picks_up_the_callback("ada")
    due = [at for at, kind, _ in told.engine.work.timers._few if kind == "callbacks"]
    assert due and told.now < due[0] <= told.now + 3600.0


def test_a_key_that_leads_to_a_queue_that_is_not_there_leads_to_the_lines_own() -> None:
    story = Skilled(needs=())
    step = MenuStep(prompts=("own_a",), choices={"1": Choice(queue=QueueName("nowhere"))})
    story.asks(Menu(first=FIRST, steps={FIRST: step}))
    story.calls("malee")
    story.happens(e.KeyPressed(call=CallId("malee"), key="1"))
    assert (story.in_line(), faults(story)) == (["malee"], [])


# --- broken once, and noticed by nobody ----------------------------------------------------------


def test_a_caller_of_whom_nothing_is_known_enters_a_bridge_and_it_is_no_fault() -> None:
    story = Story()
    done = story.happens(e.LegEnteredBridge(leg=caller_leg("gone"), bridge=desk_bridge("som")))
    assert (done.commands, done.facts) == ([], [])


def test_a_line_that_ends_while_nobody_talks_is_no_fault() -> None:
    story = Story()
    story.sits_down_with_a_headset("som")
    story.line_ends("som")
    assert faults(story) == []


def test_a_supervisor_who_listens_does_not_speak_in_another_call_of_the_same_operator() -> None:
    floor = Floor()
    floor.hears()
    done = floor.happens(
        e.ListenAsked(
            supervisor=OperatorId("suda"),
            endpoint="PJSIP/suda",
            operator=OperatorId("malee"),
            call=CallId("the one before"),
            mode=f.ListenMode.BARGE,
        )
    )
    assert (done.commands, done.facts) == ([], [])


def test_a_supervisor_who_picks_up_too_late_is_hung_up_and_who_took_over_is_not() -> None:
    floor = Floor()
    stale = spy_leg("suda", 7)
    done = floor.happens(e.SpyAnswered(leg=stale))
    assert done.commands == [c.HangUp(lane=desk_bridge("suda"), leg=stale)]
    floor.hears()
    floor.asks(f.ListenMode.TAKE_OVER)
    assert floor.listening is None
    assert floor.happens(e.SpyAnswered(leg=floor.spy)).commands == []


def test_a_leg_of_who_took_over_that_ends_is_gone_when_that_is_told() -> None:
    floor = Floor()
    floor.hears()
    floor.asks(f.ListenMode.TAKE_OVER)
    for leg in (floor.spy, caller_leg("lek")):
        floor.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge("suda")))
    floor.legs_go_at_once = False
    floor.leaves("lek")
    floor.happens(e.SpyEnded(leg=floor.spy, end=LegEnd.ENDED, gone=False))
    assert floor.engine.state.letting_go != {}
    floor.happens(e.SpyEnded(leg=floor.spy, end=LegEnd.ENDED, gone=True))
    assert floor.engine.state.letting_go == {}
