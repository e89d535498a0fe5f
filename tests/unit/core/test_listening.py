"""A supervisor who listens: rung, heard by whom the mode says, and let go with the talk."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.conversation import Party
from callcenter.core.engine import Step
from callcenter.core.facts import ListenMode as M
from callcenter.core.facts import ListenStage, OperatorState
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.legs import Leg, SnoopLeg, SpyLeg
from callcenter.core.outcome import LegEnd, OfferResult
from callcenter.core.state import Listening
from tests.legs import caller_leg, desk_bridge, leg_of_offer, snoop_leg, spy_leg
from tests.unit.core.story import Story

S = ListenStage
CALLER, OPERATOR, SUPERVISOR = Party.CALLER, Party.OPERATOR, Party.SUPERVISOR
SUDA = OperatorId("suda")


class Floor(Story):
    """Lek talks with Malee; Suda is a supervisor with a phone, and not at work as an operator."""

    def __init__(self) -> None:
        super().__init__()
        self.logs_in("malee")
        self.calls("lek")
        self.answers("malee")

    def asks(self, mode: M = M.LISTEN, who: str = "suda", whom: str = "malee") -> Step:
        operator = self.engine.state.operators.get(OperatorId(whom))
        call = (operator and operator.call) or CallId("lek")
        return self.happens(
            e.ListenAsked(
                supervisor=OperatorId(who),
                endpoint=f"PJSIP/{who}",
                operator=OperatorId(whom),
                call=call,
                mode=mode,
            )
        )

    def hears(self, mode: M = M.LISTEN) -> None:
        """Suda asks, picks up, and hears the talk."""
        self.asks(mode)
        self.happens(e.SpyAnswered(leg=self.spy))
        self.happens(e.SnoopStarted(leg=self.ears))
        self.happens(e.LegEnteredBridge(leg=self.ears, bridge=desk_bridge("suda")))

    def is_gone(self) -> Step:
        return self.happens(e.SpyEnded(leg=self.spy, end=LegEnd.ENDED))

    @property
    def listening(self) -> Listening | None:
        return self.engine.state.listenings.get(SUDA)

    def stage(self) -> ListenStage | None:
        return None if self.listening is None else self.listening.stage

    @property
    def spy(self) -> SpyLeg:
        held = self.listening
        return held.leg if held else spy_leg("suda", self.engine.state.listened)

    @property
    def ears(self) -> SnoopLeg:
        held = self.listening
        return held.snoop if held else snoop_leg("suda", self.engine.state.listened)

    def heard_by(self, party: Party) -> set[Party]:
        offer = self.call("lek").offer
        assert offer is not None and offer.conversation is not None
        return set(offer.conversation.heard_by(party))


def test_the_phone_rings_and_nobody_is_heard_before_asterisk_throws_away_what_is_said() -> None:
    floor = Floor()
    rung = floor.asks().commands
    assert [type(one) for one in rung] == [c.OpenDesk, c.RingSpy]
    joined = floor.happens(e.SpyAnswered(leg=floor.spy)).commands
    own = desk_bridge("suda")
    offer = floor.call("lek").offer
    assert offer is not None
    assert joined == [
        c.Mute(lane=own, leg=floor.spy, on=True),
        c.SeatSpy(lane=own, leg=floor.spy, bridge=own),
        c.Snoop(lane=own, leg=floor.ears, of=leg_of_offer(offer.id)),
    ]
    floor.happens(e.SnoopStarted(leg=floor.ears))
    assert floor.ordered[-1] == c.SeatSpy(lane=own, leg=floor.ears, bridge=own)
    assert SUPERVISOR not in floor.heard_by(CALLER) | floor.heard_by(OPERATOR)


@pytest.mark.parametrize(
    ("mode", "who"),
    [(M.LISTEN, set()), (M.WHISPER, {OPERATOR}), (M.BARGE, {OPERATOR, CALLER})],
)
@pytest.mark.parametrize("was", [None, M.LISTEN, M.WHISPER, M.BARGE])
def test_who_hears_the_supervisor_in_each_mode(mode: M, who: set[Party], was: M | None) -> None:
    floor = Floor()
    floor.hears(was or mode)
    if was is not None:
        floor.asks(mode)
    assert {p for p in (CALLER, OPERATOR) if SUPERVISOR in floor.heard_by(p)} == who
    assert floor.heard_by(SUPERVISOR) == {CALLER, OPERATOR}
    assert CALLER in floor.heard_by(OPERATOR) and OPERATOR in floor.heard_by(CALLER)


def test_who_comes_back_from_barging_in_is_silenced_before_anything_else() -> None:
    floor = Floor()
    floor.hears(M.BARGE)
    own, offer = desk_bridge("suda"), floor.call("lek").offer
    assert offer is not None
    assert floor.asks(M.LISTEN).commands == [
        c.Mute(lane=own, leg=floor.spy, on=True),
        c.SeatSpy(lane=own, leg=floor.spy, bridge=own),
        c.Snoop(lane=own, leg=snoop_leg("suda", 2), of=leg_of_offer(offer.id)),
    ]


def test_who_barges_in_hears_by_their_own_leg_and_has_other_ears_afterwards() -> None:
    floor = Floor()
    floor.hears()
    first = floor.ears
    assert c.HangUp(lane=desk_bridge("suda"), leg=first) in floor.asks(M.BARGE).commands
    floor.happens(e.SnoopEnded(leg=first))
    assert floor.stage() is S.LISTENING
    floor.asks(M.WHISPER)
    assert floor.ears == snoop_leg("suda", 2)
    done = floor.happens(e.SnoopStarted(leg=floor.ears))
    own = desk_bridge("suda")
    assert done.commands == [c.SeatSpy(lane=own, leg=floor.ears, bridge=own)]
    late = floor.happens(e.SnoopStarted(leg=first))
    assert late.commands == [c.HangUp(lane=own, leg=first)]
    floor.happens(e.ListenLeft(supervisor=SUDA))
    assert c.HangUp(lane=own, leg=snoop_leg("suda", 2)) in floor.ordered
    floor.is_gone()
    floor.hears()
    assert floor.spy.number == 3


def test_who_hears_nothing_any_more_is_let_go() -> None:
    floor = Floor()
    floor.hears()
    floor.happens(e.SnoopEnded(leg=floor.ears))
    assert floor.stage() is S.LEAVING


def test_where_the_other_ears_cannot_be_had_the_listening_ends() -> None:
    floor = Floor()
    floor.hears(M.BARGE)
    floor.asks(M.LISTEN)
    floor.happens(e.SnoopEnded(leg=snoop_leg("suda", 2)))
    assert floor.stage() is S.LEAVING


def test_each_mode_is_told_with_how_long_it_lasted() -> None:
    floor = Floor()
    floor.hears()
    floor.after(3)
    floor.asks(M.WHISPER)
    floor.after(2)
    floor.is_gone()
    told = [fact for fact in floor.told if isinstance(fact, f.Listened)]
    assert [(one.mode, one.seconds) for one in told] == [(M.LISTEN, 3.0), (M.WHISPER, 2.0)]
    assert all((one.supervisor, one.operator, one.call) == ("suda", "malee", "lek") for one in told)
    assert floor.listening is None


@pytest.mark.parametrize("end", list(LegEnd))
def test_a_supervisor_whose_phone_rings_out_declines_or_dies_changes_nothing(end: LegEnd) -> None:
    for heard in (False, True):
        floor = Floor()
        (floor.hears if heard else floor.asks)()
        before = floor.call("lek").offer
        done = floor.happens(e.SpyEnded(leg=floor.spy, end=end))
        assert floor.listening is None
        assert floor.call("lek").offer is before and floor.call("lek").talks_now
        assert not [x for x in done.commands if getattr(x, "lane", "") == "lek"]
        assert SUPERVISOR not in floor.heard_by(OPERATOR)


def test_nobody_rings_for_ever_and_what_cannot_be_joined_is_let_go() -> None:
    for picks_up in (False, True):
        floor = Floor()
        floor.asks()
        if picks_up:
            floor.happens(e.SpyAnswered(leg=floor.spy))
        floor.after(31)
        assert c.HangUp(lane=desk_bridge("suda"), leg=floor.spy) in floor.ordered
        floor.after(5)
        assert floor.listening is None
        assert floor.call("lek").talks_now


def test_where_asterisk_would_not_silence_somebody_they_hear_nothing() -> None:
    floor = Floor()
    floor.asks()
    floor.happens(e.SpyAnswered(leg=floor.spy))
    done = floor.happens(e.SpyFailed(leg=floor.spy))
    assert c.HangUp(lane=desk_bridge("suda"), leg=floor.spy) in done.commands


@pytest.mark.parametrize("how", ["caller", "operator", "transfer", "phone lost", "restart"])
def test_the_listening_ends_with_the_talk_and_nobody_hears_the_next_caller(how: str) -> None:
    floor = Floor()
    floor.logs_in("dao")
    floor.hears(M.BARGE)
    floor.calls("nok", "pim")  # Nok gets Dao, Pim waits
    floor.answers("dao")
    match how:
        case "caller":
            floor.leaves("lek")
        case "operator":
            floor.happens(e.HangUpAsked(operator=OperatorId("malee")))
        case "transfer":
            floor.happens(e.TransferAsked(operator=OperatorId("malee"), call=CallId("lek")))
        case "phone lost":
            floor.happens(e.PhoneLost(endpoint="PJSIP/malee"))
        case "restart":
            floor.happens(e.ClosingAsked(seconds=0.0))
    held = floor.listening
    assert held is not None and held.stage is S.LEAVING
    assert c.HangUp(lane=desk_bridge("suda"), leg=floor.spy) in floor.ordered
    floor.resumes("malee")
    assert floor.operator("malee").state is not OperatorState.RINGING, "somebody may still listen"
    floor.is_gone()
    if how != "restart":
        assert floor.operator("malee").state is OperatorState.RINGING


def test_on_an_open_line_the_next_caller_waits_until_the_supervisor_is_gone() -> None:
    floor = Floor()
    floor.sits_down_with_a_headset("dao")
    floor.calls("nok", "pim")
    floor.is_handed_over("nok")
    floor.asks(whom="dao")
    floor.happens(e.SpyAnswered(leg=floor.spy))
    floor.leaves("nok")
    floor.resumes("dao")
    assert floor.call("pim").offer is None
    floor.is_gone()
    assert floor.call("pim").operator == "dao"


def test_one_listens_to_a_talk_and_only_who_is_not_in_a_call() -> None:
    floor = Floor()
    floor.logs_in("dao")
    floor.calls("nok")
    floor.answers("dao")
    assert floor.asks(who="dao") == ([], []), "talks"
    assert floor.asks(who="malee") == ([], []), "with themself"
    floor.sits_down_with_a_headset("noi")
    assert floor.asks(who="noi") == ([], []), "an open line has the phone"
    floor.hears()
    assert floor.asks(who="somsri") == ([], []), "Suda listens already"
    assert floor.asks(whom="dao") == ([], []), "one after the other"


def test_who_listens_is_offered_no_call() -> None:
    floor = Floor()
    floor.logs_in("suda")
    floor.hears()
    floor.calls("nok")
    assert floor.call("nok").offer is None
    floor.happens(e.ListenLeft(supervisor=SUDA))
    assert floor.call("nok").offer is None
    floor.is_gone()
    assert floor.call("nok").operator == "suda"


def test_who_logs_out_listens_no_more_because_the_bridge_is_closed() -> None:
    floor = Floor()
    floor.logs_in("suda")
    floor.hears()
    floor.logs_out("suda")
    assert floor.listening is not None and floor.listening.stage is S.LEAVING


@pytest.mark.parametrize("open_line", [False, True])
@pytest.mark.parametrize("before", [None, M.LISTEN, M.WHISPER, M.BARGE])
@pytest.mark.parametrize("at_work", [False, True])
def test_a_supervisor_takes_over_and_the_operator_wraps_up(
    open_line: bool, before: M | None, at_work: bool
) -> None:
    floor = Floor()
    name, operator = "lek", "malee"
    if open_line:
        floor.sits_down_with_a_headset("dao")
        floor.calls("nok")
        floor.is_handed_over("nok")
        name, operator = "nok", "dao"
    if at_work:
        floor.logs_in("suda")
    floor.asks(before or M.TAKE_OVER, whom=operator)
    floor.happens(e.SpyAnswered(leg=floor.spy))
    if before is not None:
        floor.happens(e.SnoopStarted(leg=floor.ears))
        floor.happens(e.LegEnteredBridge(leg=floor.ears, bridge=desk_bridge("suda")))
        floor.asks(M.TAKE_OVER, whom=operator)
    call = floor.call(name)
    assert floor.listening is None
    assert floor.operator(operator).state is OperatorState.WRAPUP
    assert floor.operator("suda").state is OperatorState.RINGING
    for leg in (floor.spy, caller_leg(name)):
        floor.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge("suda")))
    assert call.talks_now and call.operator == "suda"
    assert floor.operator("suda").state is OperatorState.ON_CALL
    moved = [fact for fact in floor.told if isinstance(fact, f.CallTransferred)]
    assert [(one.operator, one.to_operator) for one in moved] == [(operator, "suda")]
    floor.happens(e.SpyEnded(leg=floor.spy, end=LegEnd.ENDED, gone=False))
    floor.happens(e.SpyEnded(leg=floor.spy, end=LegEnd.ENDED))
    ended = [fact for fact in floor.told if isinstance(fact, f.TalkEnded)]
    assert [one.operator for one in ended] == [operator, "suda"]
    floor.after(60)
    rests = OperatorState.AVAILABLE if at_work else OperatorState.OFFLINE
    assert floor.operator("suda").state is rests


@pytest.mark.parametrize("how", ["caller", "button", "transfer"])
def test_the_leg_of_who_took_over_is_hung_up_with_the_talk(how: str) -> None:
    floor = Floor()
    floor.hears()
    floor.asks(M.TAKE_OVER)
    for leg in (floor.spy, caller_leg("lek")):
        floor.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge("suda")))
    floor.legs_go_at_once = False
    match how:
        case "caller":
            floor.leaves("lek")
        case "button":
            floor.happens(e.HangUpAsked(operator=SUDA))
        case "transfer":
            floor.resumes("malee")
            floor.happens(e.TransferAsked(operator=SUDA, call=CallId("lek")))
    assert c.HangUp(lane=CallId("lek"), leg=floor.spy) in floor.ordered
    floor.happens(e.SpyEnded(leg=floor.spy, end=LegEnd.ENDED))
    assert floor.engine.state.letting_go == {}


def test_who_took_over_and_could_not_be_joined_is_free_and_the_caller_is_first_in_line() -> None:
    floor = Floor()
    floor.hears(M.WHISPER)
    floor.asks(M.TAKE_OVER)
    floor.after(10)
    results = [fact.result for fact in floor.told if isinstance(fact, f.OfferEnded)]
    assert results == [OfferResult.ANSWERED, OfferResult.WITHDRAWN]
    assert floor.operator("suda").state is OperatorState.OFFLINE
    assert floor.call("lek").waits or floor.call("lek").operator == "malee"


@pytest.mark.parametrize("taken_over", [False, True])
def test_after_a_restart_of_the_service_nobody_is_left_in_a_talk(taken_over: bool) -> None:
    floor = Floor()
    floor.hears(M.BARGE)
    if taken_over:
        floor.asks(M.TAKE_OVER)
        for leg in (floor.spy, caller_leg("lek")):
            floor.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge("suda")))
    floor.service_restarts()
    legs: list[Leg] = [floor.spy, floor.ears, caller_leg("lek")]
    offer = floor.call("lek").offer
    assert offer is not None
    legs += [offer.leg] if not taken_over else []
    seen = tuple(
        e.LegSeen(leg=leg, is_up=True, in_app=True, did="1567", caller="", age_seconds=9.0)
        for leg in legs
    )
    desk = desk_bridge(offer.operator)
    there = e.BridgeSeen(bridge=desk, legs=(caller_leg("lek"), offer.leg))
    done = floor.happens(e.SnapshotTaken(boot="1", legs=seen, bridges=(there,)))
    hung_up = {one.leg for one in done.commands if isinstance(one, c.HangUp)}
    assert hung_up == {floor.ears} | (set() if taken_over else {floor.spy})
    assert floor.listening is None and floor.call("lek").talks_now
    assert SUPERVISOR not in floor.heard_by(OPERATOR)


def test_a_supervisor_who_does_not_pick_up_is_rung_for_half_a_minute() -> None:
    floor = Floor()
    floor.asks()
    floor.after(29.0)
    assert floor.stage() is S.RINGING
    floor.after(2.0)
    assert floor.stage() is S.LEAVING


def test_a_leg_that_was_hung_up_is_waited_for_five_seconds() -> None:
    floor = Floor()
    floor.hears()
    floor.happens(e.ListenLeft(supervisor=SUDA))
    floor.after(4.0)
    assert floor.stage() is S.LEAVING
    floor.after(2.0)
    assert floor.stage() is None


def test_whom_one_listens_to_is_the_operator_of_that_call() -> None:
    floor = Floor()
    floor.logs_in("dao")
    floor.calls("nok")
    floor.answers("dao")
    asked = e.ListenAsked(
        supervisor=SUDA,
        endpoint="PJSIP/suda",
        operator=OperatorId("dao"),
        call=CallId("lek"),
        mode=M.LISTEN,
    )
    assert floor.happens(asked) == ([], []), "that talk is over, or another's"


def test_from_listening_to_whispering_nothing_moves() -> None:
    floor = Floor()
    floor.hears()
    ears = floor.ears
    own = desk_bridge("suda")
    assert floor.asks(M.WHISPER).commands == [c.Mute(lane=own, leg=floor.spy, on=False)]
    assert floor.ears == ears
    assert floor.asks(M.LISTEN).commands == [c.Mute(lane=own, leg=floor.spy, on=True)]
    assert floor.ears == ears


@pytest.mark.parametrize("at_work", [False, True])
def test_the_bridge_of_who_listened_is_closed_unless_they_are_at_work(at_work: bool) -> None:
    floor = Floor()
    if at_work:
        floor.logs_in("suda")
    floor.hears()
    done = floor.is_gone()
    own = desk_bridge("suda")
    assert (c.CloseDesk(lane=own, bridge=own) in done.commands) is not at_work


def test_who_logs_in_with_an_open_line_meanwhile_cannot_take_over() -> None:
    floor = Floor()
    floor.hears()
    floor.logs_in("suda", open_line=True)
    floor.asks(M.TAKE_OVER)
    assert floor.call("lek").operator == "malee"
    assert floor.stage() is S.LISTENING
