"""A talk that is recorded: from the join to the end, and nothing while nobody may be heard."""

from dataclasses import replace

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.conversation import Party
from callcenter.core.engine import Step
from callcenter.core.events import Decision
from callcenter.core.facts import RecordingEnd, RecordingStage
from callcenter.core.ids import THE_NODE, CallId, OfferId, OperatorId
from callcenter.core.legs import CallerLeg, Leg, LineLeg, OfferLeg, RecorderLeg, Side
from callcenter.core.outcome import Loss
from callcenter.core.recording import AGAIN_SECONDS, PARTS_MOST, START_SECONDS, is_held_by_phone
from callcenter.core.site import RecordingRules
from callcenter.core.state import Recording
from tests.legs import caller_leg, desk_bridge, leg_of_offer, recorder_leg
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story
from tests.unit.core.test_greeting_and_menu import NOTICE, spoken

LEK, MALEE, NOK = CallId("lek"), OperatorId("malee"), OperatorId("nok")
CALLER, OPERATOR, CONSULTED, RECORDER = (
    Party.CALLER,
    Party.OPERATOR,
    Party.CONSULTED,
    Party.RECORDER,
)
SIDES = (Side.CALLER, Side.OPERATOR)
PAUSE_SECONDS = 60.0


class Recorded(Story):
    """Lek calls a line whose talks are recorded; Malee is her operator, Nok a colleague."""

    def __init__(self, *, line: bool = True, queue: bool = False, notice: bool = True) -> None:
        super().__init__(rules(DAMRONG, record=queue), rules(GCC))
        said = spoken(record=line, notice=NOTICE if notice else ())
        said = replace(said, queues=self.site.queues)
        self.site = replace(said, recordings=RecordingRules(pause_seconds=PAUSE_SECONDS))
        self.happens(e.SiteChanged(site=self.site))
        self.calls(LEK)
        if notice:
            self.happens(e.PromptPlayed(call=LEK, number=1))
        self.logs_in(MALEE)
        self.logs_in(NOK, queues=(GCC,))

    def begins(self) -> "Recorded":
        """They talk, and it is recorded."""
        self.answers(MALEE)
        self.is_kept()
        return self

    def is_kept(self, number: int = 1) -> None:
        for side in SIDES:
            self.happens(e.TapStarted(leg=self.leg(side, number)))
        for side in SIDES:
            self.happens(e.RecordingStarted(leg=self.leg(side, number)))

    def leg(self, side: Side = Side.CALLER, number: int = 1) -> RecorderLeg:
        return recorder_leg(LEK, number, side)

    def asks_for_pause(self, *, on: bool = True, who: OperatorId = MALEE) -> Step:
        return self.happens(e.RecordingPauseAsked(operator=who, call=LEK, on=on))

    def asks_nok(self) -> Step:
        return self.happens(e.ConsultAsked(operator=MALEE, call=LEK, to=NOK))

    def nok_is_there(self) -> None:
        asked = OfferId(f"offer-2-{LEK}")
        self.happens(e.OperatorAnswered(offer=asked))
        self.enters(leg_of_offer(asked))

    def enters(self, leg: Leg) -> Step:
        return self.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge(MALEE)))

    @property
    def recording(self) -> Recording | None:
        return self.call(LEK).recording

    def heard(self) -> set[Party]:
        """Who is heard in it."""
        offer = self.call(LEK).offer
        assert offer is not None and offer.conversation is not None
        return set(offer.conversation.heard_by(RECORDER))

    def ends(self) -> list[tuple[int, RecordingEnd]]:
        return [(x.number, x.end) for x in self.told if isinstance(x, f.RecordingEnded)]

    def silences(self) -> list[bool]:
        """What was ordered of it so far, once for both sides."""
        ordered = [x for x in self.ordered if isinstance(x, c.Silence)]
        assert [x.on for x in ordered[::2]] == [x.on for x in ordered[1::2]]
        return [x.on for x in ordered[::2]]


def test_it_begins_when_they_hear_each_other_both_sides_at_once_and_ends_with_the_talk() -> None:
    story = Recorded()
    story.picks_up(MALEE)
    assert not any(isinstance(x, c.Tap) for x in story.ordered)
    story.is_joined(MALEE)
    taps = [x for x in story.ordered if isinstance(x, c.Tap)]
    assert taps == [
        c.Tap(lane=story.leg(side), leg=story.leg(side), of=caller_leg(LEK)) for side in SIDES
    ]
    assert story.happens(e.TapStarted(leg=story.leg(Side.OPERATOR))).commands == []
    done = story.happens(e.TapStarted(leg=story.leg(Side.CALLER)))
    assert done.commands == [c.Record(lane=story.leg(s), leg=story.leg(s)) for s in SIDES]
    story.happens(e.RecordingStarted(leg=story.leg(Side.CALLER)))
    assert story.heard() == set()
    story.happens(e.RecordingStarted(leg=story.leg(Side.OPERATOR)))
    assert story.heard() == {CALLER, OPERATOR}
    story.after(30.0)
    done = story.leaves(LEK)
    kinds = [type(fact) for fact in done.facts]
    assert kinds.index(f.RecordingEnded) < kinds.index(f.TalkEnded)
    [ended] = [fact for fact in done.facts if isinstance(fact, f.RecordingEnded)]
    assert (ended.end, ended.seconds, ended.paused_seconds) == (RecordingEnd.DONE, 30.0, 0.0)
    assert (ended.line, ended.queue, ended.operator) == ("1567", DAMRONG, MALEE)
    for side in SIDES:
        assert c.HangUp(lane=story.leg(side), leg=story.leg(side)) in done.commands


@pytest.mark.parametrize(
    ("how", "is_recorded"),
    [
        ({}, True),
        ({"line": False, "queue": True}, True),
        ({"line": False}, False),
        ({"notice": False}, False),
        ({"notice": False, "queue": True}, False),
    ],
    ids=lambda value: str(value),
)
def test_only_who_heard_the_notice_is_recorded_and_only_where_the_site_says_so(
    how: dict[str, bool], is_recorded: bool
) -> None:
    story = Recorded(**how)
    story.answers(MALEE)
    assert (story.recording is not None) is is_recorded


def test_a_notice_that_is_stopped_is_not_heard() -> None:
    story = Recorded()
    call = story.call(LEK)
    assert call.noticed
    story.calls("dam")
    story.after(0.1)
    assert not story.call("dam").noticed


def test_on_hold_nothing_is_kept_and_a_colleague_only_when_the_caller_is_there() -> None:
    story = Recorded().begins()
    story.asks_nok()
    assert (story.recording, story.ends()) == (None, [(1, RecordingEnd.DONE)])
    story.nok_is_there()
    story.after(3.0)
    story.happens(e.ConsultDecided(operator=MALEE, call=LEK, decision=Decision.CONFER))
    assert story.recording is None
    story.enters(caller_leg(LEK))
    story.is_kept(2)
    assert story.heard() == {CALLER, OPERATOR, CONSULTED}
    story.happens(e.ConsultDecided(operator=MALEE, call=LEK, decision=Decision.CANCEL))
    story.after(AGAIN_SECONDS)
    story.is_kept(3)
    assert story.heard() == {CALLER, OPERATOR}


def test_the_next_one_waits_until_the_one_before_is_gone() -> None:
    story = Recorded().begins()
    story.asks_nok()
    story.after(0.1)
    story.happens(e.ConsultDecided(operator=MALEE, call=LEK, decision=Decision.CANCEL))
    story.enters(caller_leg(LEK))
    story.after(AGAIN_SECONDS - 0.15)
    assert story.recording is None
    story.after(0.1)
    assert story.recording is not None and story.recording.number == 2


def test_given_to_the_colleague_the_talk_with_them_is_a_recording_of_its_own() -> None:
    story = Recorded().begins()
    story.asks_nok()
    story.nok_is_there()
    story.happens(e.ConsultDecided(operator=MALEE, call=LEK, decision=Decision.COMPLETE))
    assert story.ends() == [(1, RecordingEnd.DONE)] and story.recording is None
    offer = story.call(LEK).offer
    assert offer is not None
    for leg in (caller_leg(LEK), offer.leg):
        story.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge(NOK)))
    story.after(AGAIN_SECONDS)
    assert story.recording is not None
    assert (story.recording.number, story.recording.operator) == (2, NOK)


def test_a_pause_is_silent_ends_by_the_button_or_by_itself_and_its_time_is_told() -> None:
    story = Recorded().begins()
    story.after(10.0)
    assert [type(x) for x in story.asks_for_pause().commands] == [c.Silence, c.Silence]
    assert story.heard() == set()
    assert story.asks_for_pause().commands == []  # pressed twice
    story.after(5.0)
    story.asks_for_pause(on=False)
    assert story.heard() == {CALLER, OPERATOR}
    story.asks_for_pause()
    story.after(PAUSE_SECONDS - 0.1)
    assert story.heard() == set()
    story.after(0.2)
    assert story.heard() == {CALLER, OPERATOR}
    assert story.silences() == [True, False, True, False]
    story.leaves(LEK)
    [ended] = [x for x in story.told if isinstance(x, f.RecordingEnded)]
    assert ended.paused_seconds == pytest.approx(5.0 + PAUSE_SECONDS)


def test_nobody_but_their_operator_pauses_it() -> None:
    story = Recorded().begins()
    story.asks_for_pause(who=NOK)
    assert story.heard() == {CALLER, OPERATOR} and story.silences() == []


@pytest.mark.parametrize("again", [False, True])
def test_what_is_pressed_on_hold_counts_when_the_next_one_begins(again: bool) -> None:
    story = Recorded().begins()
    story.asks_for_pause()
    story.asks_nok()
    story.asks_for_pause(on=False)
    story.nok_is_there()
    story.after(1.0)
    if again:
        story.asks_for_pause()
        story.asks_for_pause()  # pressed twice
    story.happens(e.ConsultDecided(operator=MALEE, call=LEK, decision=Decision.CONFER))
    story.enters(caller_leg(LEK))
    story.is_kept(2)
    assert story.heard() == (set() if again else {CALLER, OPERATOR, CONSULTED})
    story.after(PAUSE_SECONDS)
    assert story.heard() == {CALLER, OPERATOR, CONSULTED}


def test_a_pause_that_ends_on_hold_is_over() -> None:
    story = Recorded().begins()
    story.asks_for_pause()
    story.asks_nok()
    story.nok_is_there()
    story.after(PAUSE_SECONDS + 1.0)
    story.happens(e.ConsultDecided(operator=MALEE, call=LEK, decision=Decision.CONFER))
    story.enters(caller_leg(LEK))
    story.is_kept(2)
    assert story.heard() == {CALLER, OPERATOR, CONSULTED}


def test_paused_before_it_runs_it_is_silent_from_the_beginning() -> None:
    story = Recorded()
    story.answers(MALEE)
    story.asks_for_pause()
    story.after(1.0)
    assert story.silences() == []
    story.is_kept()
    assert (story.heard(), story.silences()) == (set(), [True])


def test_what_asterisk_cannot_begin_costs_the_recording_and_never_the_talk() -> None:
    story = Recorded()
    story.answers(MALEE)
    story.happens(e.TapStarted(leg=story.leg()))
    story.after(START_SECONDS + 0.1)
    assert story.ends() == [(1, RecordingEnd.FAILED)] and story.recording is None
    assert story.does(MALEE) == "on_call"
    story.leaves(LEK)
    assert story.outcomes()[LEK] == "answered"


def test_refused_at_once_it_is_not_tried_for_ever() -> None:
    story = Recorded()
    story.answers(MALEE)
    story.happens(e.RecorderEnded(leg=story.leg()))
    assert story.ends() == [(1, RecordingEnd.FAILED)] and story.recording is None


def test_cut_in_mid_talk_another_follows_but_not_where_it_was_cut_at_once() -> None:
    story = Recorded().begins()
    story.after(20.0)
    done = story.happens(e.RecorderEnded(leg=story.leg(Side.OPERATOR)))
    assert [type(x) for x in done.commands] == [c.HangUp, c.HangUp]
    story.after(AGAIN_SECONDS)
    story.is_kept(2)
    assert story.heard() == {CALLER, OPERATOR}
    story.happens(e.RecorderEnded(leg=story.leg(Side.OPERATOR)))  # told late, of the first
    assert story.recording is not None and story.recording.number == 2
    story.after(1.0)
    story.happens(e.RecorderEnded(leg=story.leg(Side.CALLER, 2)))
    assert story.ends() == [(1, RecordingEnd.CUT), (2, RecordingEnd.CUT)]
    assert story.recording is None


def test_the_callers_leg_goes_and_takes_it_along() -> None:
    story = Recorded().begins()
    story.after(20.0)
    story.happens(e.CallerCut(call=LEK, loss=Loss.RTP_TIMEOUT))
    story.happens(e.RecorderEnded(leg=story.leg()))
    assert story.recording is not None
    story.leaves(LEK)
    assert story.ends() == [(1, RecordingEnd.DONE)]


def test_a_call_has_so_many_recordings_and_no_more() -> None:
    story = Recorded().begins()
    for number in range(1, PARTS_MOST + 1):
        story.after(20.0)
        story.happens(e.RecorderEnded(leg=story.leg(Side.CALLER, number)))
        story.after(AGAIN_SECONDS)
        if number < PARTS_MOST:
            story.is_kept(number + 1)
    assert story.recording is None and story.does(MALEE) == "on_call"


def test_what_comes_late_is_hung_up() -> None:
    story = Recorded()
    story.answers(MALEE)
    story.leaves(LEK)
    assert story.ends() == [(1, RecordingEnd.TOO_SHORT)]
    done = story.happens(e.TapStarted(leg=story.leg()))
    assert done.commands == [c.HangUp(lane=story.leg(), leg=story.leg())]


def seen(story: Recorded, *, recorded: bool, in_app: bool = True) -> e.SnapshotTaken:
    """What Asterisk has when it is connected again."""
    offer = story.call(LEK).offer
    assert offer is not None
    legs: list[Leg] = [caller_leg(LEK), offer.leg]
    legs += [story.leg(side) for side in SIDES] if recorded else []
    return e.SnapshotTaken(
        boot="1",
        legs=tuple(
            e.LegSeen(
                leg=leg,
                is_up=True,
                in_app=in_app or not isinstance(leg, RecorderLeg),
                did="1567" if leg == caller_leg(LEK) else "",
                caller="",
                age_seconds=9.0,
            )
            for leg in legs
        ),
        bridges=(e.BridgeSeen(bridge=desk_bridge(MALEE), legs=(caller_leg(LEK), offer.leg)),),
    )


@pytest.mark.parametrize("killed", [False, True], ids=["cut", "service killed"])
@pytest.mark.parametrize("paused", [False, True], ids=["heard", "paused"])
def test_connected_again_it_goes_on_and_is_as_silent_as_before(killed: bool, paused: bool) -> None:
    story = Recorded().begins()
    if paused:
        story.asks_for_pause()
    story.asterisk_is_lost()
    if killed:
        story.service_restarts()
    done = story.happens(seen(story, recorded=True))
    ordered = [x for x in done.commands if isinstance(x, c.Silence | c.HangUp | c.Tap)]
    assert ordered == [c.Silence(lane=story.leg(s), leg=story.leg(s), on=paused) for s in SIDES]
    assert story.heard() == (set() if paused else {CALLER, OPERATOR})
    story.after(PAUSE_SECONDS + 1)
    assert story.heard() == {CALLER, OPERATOR}


def test_gone_when_it_is_connected_again_a_second_one_begins_and_the_record_says_so() -> None:
    story = Recorded().begins()
    story.asks_for_pause()
    story.after(3.0)
    story.asterisk_is_lost()
    story.service_restarts()
    story.happens(seen(story, recorded=False))
    assert story.ends() == [(1, RecordingEnd.AWAY)]
    story.after(AGAIN_SECONDS)
    assert [x.leg for x in story.ordered if isinstance(x, c.Tap)][-2:] == [
        story.leg(side, 2) for side in SIDES
    ]
    story.is_kept(2)
    assert story.heard() == set()  # the pause goes on
    story.after(PAUSE_SECONDS)
    assert story.heard() == {CALLER, OPERATOR}
    story.leaves(LEK)
    paused = [x.paused_seconds for x in story.told if isinstance(x, f.RecordingEnded)]
    assert paused == pytest.approx([3.0, PAUSE_SECONDS - 3.0 - AGAIN_SECONDS])


def test_a_pause_is_over_with_the_talk() -> None:
    story = Recorded().begins()
    story.asks_for_pause()
    story.after(3.0)
    story.happens(e.TransferAsked(operator=MALEE, call=LEK, queue=GCC))
    story.answers(NOK)
    story.after(AGAIN_SECONDS)
    story.is_kept(2)
    assert story.heard() == {CALLER, OPERATOR}


def test_legs_of_no_recording_are_hung_up() -> None:
    story = Recorded()
    story.answers(MALEE)
    story.asterisk_is_lost()
    done = story.happens(seen(story, recorded=True))
    first = [story.leg(side) for side in SIDES]
    assert [x.leg for x in done.commands if isinstance(x, c.HangUp)] == first
    story.after(AGAIN_SECONDS)
    assert story.recording is not None and story.recording.number == 2
    left = recorder_leg("nobody", 1, Side.CALLER)
    stray = e.LegSeen(leg=left, is_up=True, in_app=True, did="", caller="", age_seconds=9.0)
    snapshot = seen(story, recorded=False)
    done = story.happens(replace(snapshot, legs=(*snapshot.legs, stray)))
    assert c.HangUp(lane=left, leg=left) in done.commands


def test_a_restart_keeps_all_that_is_known_of_it() -> None:
    story = Recorded().begins()
    story.asks_for_pause()
    story.after(5.0)
    before = as_restarted(story.engine.state)
    story.service_restarts()
    assert picture(story.engine.state) == before
    held = story.recording
    assert held is not None
    assert (held.stage, held.silent, held.is_paused) == (RecordingStage.RUNNING, True, True)
    story.service_restarts(from_all_facts=True)
    assert story.recording == held


class TestHeldByAKeyOfThePhone:
    """Who hears the music may speak as if nobody listened: nothing is kept until it is over."""

    @pytest.mark.parametrize("whose", [caller_leg(LEK), leg_of_offer(OfferId(f"offer-1-{LEK}"))])
    def test_the_recording_ends_and_another_follows(self, whose: CallerLeg | OfferLeg) -> None:
        story = Recorded().begins()
        story.after(5.0)
        story.happens(e.HoldPressed(leg=whose, on=True))
        assert (story.ends(), story.recording) == ([(1, RecordingEnd.DONE)], None)
        story.after(AGAIN_SECONDS + 20.0)
        assert story.recording is None
        story.happens(e.HoldPressed(leg=whose, on=False))
        story.is_kept(2)
        assert story.heard() == {CALLER, OPERATOR}

    def test_taken_back_at_once_it_waits_for_the_one_before_to_be_gone(self) -> None:
        story = Recorded().begins()
        leg = leg_of_offer(OfferId(f"offer-1-{LEK}"))
        story.happens(e.HoldPressed(leg=leg, on=True))
        story.happens(e.HoldPressed(leg=leg, on=False))
        assert story.recording is None
        story.after(AGAIN_SECONDS)
        assert story.recording is not None

    def test_what_is_told_again_is_no_fact(self) -> None:
        """A phone may send the same hold a hundred times a second."""
        story = Recorded().begins()
        leg = leg_of_offer(OfferId(f"offer-1-{LEK}"))
        assert story.happens(e.HoldPressed(leg=leg, on=False)).facts == []
        story.happens(e.HoldPressed(leg=leg, on=True))
        assert story.happens(e.HoldPressed(leg=leg, on=True)).facts == []

    def test_before_the_talk_is_recorded_none_is_begun(self) -> None:
        story = Recorded()
        story.picks_up(MALEE)
        story.happens(e.HoldPressed(leg=leg_of_offer(OfferId(f"offer-1-{LEK}")), on=True))
        story.is_joined(MALEE)
        assert story.recording is None

    def test_a_pause_that_is_asked_for_meanwhile_is_kept(self) -> None:
        story = Recorded().begins()
        leg = leg_of_offer(OfferId(f"offer-1-{LEK}"))
        story.happens(e.HoldPressed(leg=leg, on=True))
        story.asks_for_pause()
        story.after(AGAIN_SECONDS)
        story.happens(e.HoldPressed(leg=leg, on=False))
        story.is_kept(2)
        assert story.heard() == set()

    def test_a_leg_that_is_not_in_the_talk_changes_nothing(self) -> None:
        story = Recorded().begins()
        for leg in (caller_leg("nobody"), leg_of_offer(OfferId(f"offer-9-{LEK}"))):
            assert story.happens(e.HoldPressed(leg=leg, on=True)).facts == []
        line = LineLeg(operator=MALEE, number=7, node=THE_NODE)
        assert story.happens(e.HoldPressed(leg=line, on=True)).facts == []
        assert story.recording is not None

    @pytest.mark.parametrize("all_facts", [True, False])
    def test_it_is_known_after_a_restart(self, all_facts: bool) -> None:
        story = Recorded().begins()
        for leg in (caller_leg(LEK), leg_of_offer(OfferId(f"offer-1-{LEK}"))):
            story.happens(e.HoldPressed(leg=leg, on=True))
        story.service_restarts(from_all_facts=all_facts)
        assert is_held_by_phone(story.call(LEK))
        story.happens(e.HoldPressed(leg=caller_leg(LEK), on=False))
        assert is_held_by_phone(story.call(LEK))
