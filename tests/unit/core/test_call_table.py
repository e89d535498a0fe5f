"""Every state of a call × everything that can happen to it, written down apart from the code."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.call import RULES, Detail, OnCall
from callcenter.core.engine import Step
from callcenter.core.ids import CallId, OfferId, OperatorId
from callcenter.core.legs import OfferLeg
from callcenter.core.outcome import LegEnd
from callcenter.core.state import CallState
from callcenter.core.turn import Turn
from tests.legs import caller_leg, desk_bridge, leg_of_offer
from tests.site import renamed
from tests.unit.core.story import Story

# Columns: the call's state · what happens · what the call becomes · its outcome · what its operator
# does then · what Asterisk must do, in order · what is told, in order. "-" is nothing, "cannot" is
# something that has no way of happening in that state. Malee calls, Somchai is her operator, at a
# phone that rings: the time to leave a talk on an open line is test_open_line.py's.
EXPECTED = """
waiting     caller arrived          waiting     -          -          -                                             -
waiting     caller left             ended       abandoned  -          -                                             CallScored CallEnded
waiting     priority changed        waiting     -          -          -                                             CallPrioritized
waiting     an operator is free     offered     -          ringing    RingOperator                                  OperatorChanged OfferMade OperatorChanged
waiting     operator answered       waiting     -          -          HangUp:operator                               -
waiting     operator's leg ended    waiting     -          -          -                                             -
waiting     operator's phone lost   waiting     -          -          -                                             -
waiting     ringing failed          waiting     -          -          -                                             -
waiting     both legs bridged       waiting     -          -          -                                             -
waiting     bridging failed         waiting     -          -          -                                             -
waiting     time of this state spent   cannot
waiting     longest wait reached    leaving     overflow   -          SendOut:max_wait                              CallScored
waiting     operator logged out     waiting     -          offline    CloseDesk                                     OperatorChanged
waiting     queue not in the site any more   waiting   -   offline    -                                             CallMoved
waiting     operator hangs up at the desk   waiting   -    -          -                                             -
waiting     Asterisk is restarted now   leaving     failed     -          SendOut:restart                               CallScored
offered     caller arrived          offered     -          ringing    -                                             -
offered     caller left             ended       abandoned  available  HangUp:operator                               OfferEnded:caller_left OperatorChanged CallScored CallEnded
offered     priority changed        offered     -          ringing    -                                             CallPrioritized
offered     an operator is free     cannot
offered     operator answered       connecting  -          ringing    Bridge                                        OfferAnswered
offered     operator's leg ended    waiting     -          paused     HangUp:operator                               OfferEnded:busy OperatorChanged
offered     operator's phone lost   waiting     -          phone_away  HangUp:operator                               OfferEnded:unreachable OperatorChanged
offered     ringing failed          waiting     -          paused     HangUp:operator                               OfferEnded:unreachable OperatorChanged
offered     both legs bridged       offered     -          ringing    -                                             -
offered     bridging failed         offered     -          ringing    -                                             -
offered     time of this state spent   waiting  -          paused     HangUp:operator                               OfferEnded:no_answer OperatorChanged
offered     longest wait reached    cannot
offered     operator logged out     waiting     -          offline    HangUp:operator CloseDesk                     OperatorChanged OfferEnded:withdrawn OperatorChanged
offered     queue not in the site any more   cannot
offered     operator hangs up at the desk   offered   -    ringing    -                                             -
offered     Asterisk is restarted now   leaving     failed     available  HangUp:operator SendOut:restart               OfferEnded:withdrawn OperatorChanged CallScored
connecting  caller arrived          connecting  -          ringing    -                                             -
connecting  caller left             ended       abandoned  available  HangUp:operator                               OfferEnded:caller_left OperatorChanged CallScored CallEnded
connecting  priority changed        connecting  -          ringing    -                                             CallPrioritized
connecting  an operator is free     cannot
connecting  operator answered       connecting  -          ringing    -                                             -
connecting  operator's leg ended    waiting     -          paused     BackToMusic                                   OfferEnded:declined OperatorChanged
connecting  operator's phone lost   waiting     -          paused     BackToMusic                                   OfferEnded:unreachable OperatorChanged
connecting  ringing failed          connecting  -          ringing    -                                             -
connecting  both legs bridged       talking     answered   on_call    -                                             OfferEnded:answered CallScored OperatorChanged
connecting  bridging failed         waiting     -          paused     HangUp:operator BackToMusic OpenDesk          OfferEnded:withdrawn OperatorChanged
connecting  time of this state spent   waiting  -          paused     HangUp:operator BackToMusic OpenDesk          OfferEnded:withdrawn OperatorChanged
connecting  longest wait reached    cannot
connecting  operator logged out     connecting  -          ringing    -                                             OperatorChanged
connecting  queue not in the site any more   cannot
connecting  operator hangs up at the desk   connecting   -    ringing    -                                          -
connecting  Asterisk is restarted now   leaving     failed     available  HangUp:operator SendOut:restart               OfferEnded:withdrawn OperatorChanged CallScored
talking     caller arrived          talking     -          on_call    -                                             -
talking     caller left             ended       -          wrapup     HangUp:operator                               TalkEnded:caller OperatorChanged CallEnded
talking     priority changed        talking     -          on_call    -                                             -
talking     an operator is free     cannot
talking     operator answered       talking     -          on_call    -                                             -
talking     operator's leg ended    leaving     -          wrapup     HangUp:caller                                 TalkEnded:operator OperatorChanged
talking     operator's phone lost   waiting     -          paused     BackToMusic HangUp:operator                   TalkEnded:lost OperatorChanged CallReturned
talking     ringing failed          talking     -          on_call    -                                             -
talking     both legs bridged       talking     -          on_call    -                                             -
talking     bridging failed         talking     -          on_call    -                                             -
talking     time of this state spent   cannot
talking     longest wait reached    cannot
talking     operator logged out     talking     -          on_call    -                                             OperatorChanged
talking     queue not in the site any more   cannot
talking     operator hangs up at the desk   leaving   -    wrapup     HangUp:caller HangUp:operator                 TalkEnded:operator OperatorChanged
talking     Asterisk is restarted now   leaving     -          wrapup     HangUp:caller HangUp:operator                 TalkEnded:lost OperatorChanged
leaving     caller arrived          leaving     -          available  -                                             -
leaving     caller left             ended       -          available  -                                             CallEnded
leaving     priority changed        leaving     -          available  -                                             -
leaving     an operator is free     cannot
leaving     operator answered       leaving     -          available  HangUp:operator                               -
leaving     operator's leg ended    leaving     -          available  -                                             -
leaving     operator's phone lost   leaving     -          available  -                                             -
leaving     ringing failed          leaving     -          available  -                                             -
leaving     both legs bridged       leaving     -          available  -                                             -
leaving     bridging failed         leaving     -          available  -                                             -
leaving     time of this state spent   ended    -          available  HangUp:caller                                 CallEnded
leaving     longest wait reached    cannot
leaving     operator logged out     leaving     -          offline    CloseDesk                                     OperatorChanged
leaving     queue not in the site any more   cannot
leaving     operator hangs up at the desk   leaving   -    available  -                                             -
leaving     Asterisk is restarted now   leaving     -          available  -                                             -
ended       caller arrived          ended       -          available  SendOut:error                                 -
ended       caller left             ended       -          available  -                                             -
ended       priority changed        ended       -          available  -                                             -
ended       an operator is free     cannot
ended       operator answered       ended       -          available  HangUp:operator                               -
ended       operator's leg ended    ended       -          available  -                                             -
ended       operator's phone lost   ended       -          available  -                                             -
ended       ringing failed          ended       -          available  -                                             -
ended       both legs bridged       ended       -          available  -                                             -
ended       bridging failed         ended       -          available  -                                             -
ended       time of this state spent   cannot
ended       longest wait reached    cannot
ended       operator logged out     ended       -          offline    CloseDesk                                     OperatorChanged
ended       queue not in the site any more   cannot
ended       operator hangs up at the desk   ended   -      available  -                                             -
ended       Asterisk is restarted now   ended       -          available  -                                             -
"""  # noqa: E501 - a table is read along its lines

MALEE, SOMCHAI, OFFER = CallId("malee"), OperatorId("somchai"), OfferId("offer-1-malee")


def _cells() -> list[tuple[str, ...]]:
    lines = [line for line in EXPECTED.splitlines() if line.strip()]
    return [tuple(part.strip() for part in line.split("  ") if part.strip()) for line in lines]


CELLS = _cells()


def in_state(state: CallState) -> Story:
    """Malee's call in a state, reached as it is reached in life."""
    story = Story()
    story.logs_in(SOMCHAI)
    story.calls(MALEE)
    match state:
        case CallState.WAITING:  # Somchai let it ring and is paused
            story.after(15.0)
        case CallState.OFFERED:
            story.after(6.0)
        case CallState.CONNECTING:
            story.after(6.0)
            story.picks_up(SOMCHAI)
        case CallState.TALKING:
            story.answers(SOMCHAI)
        case CallState.LEAVING:  # Somchai hung up, wrapped up and is available again
            story.answers(SOMCHAI)
            story.phone_ends(SOMCHAI)
            story.after(10.0)
        case CallState.ENDED:
            story.answers(SOMCHAI)
            story.leaves(MALEE)
            story.after(10.0)
    return story


def let_happen(story: Story, what: OnCall) -> Step:
    """The thing itself, as an event or as time going by."""
    call = story.engine.state.calls.get(MALEE)
    match what:
        case OnCall.ARRIVED:
            return story.happens(e.CallArrived(call=MALEE, did="1567", caller="", age_seconds=0.0))
        case OnCall.LEFT:
            return story.leaves(MALEE)
        case OnCall.PRIORITY:
            return story.happens(e.PriorityChanged(call=MALEE, priority=3))
        case OnCall.OFFER:
            return story.resumes(SOMCHAI)
        case OnCall.ANSWERED:
            return story.happens(e.OperatorAnswered(offer=OFFER))
        case OnCall.LEG_ENDED:
            busy = call is not None and call.state is CallState.OFFERED
            end = LegEnd.BUSY if busy else LegEnd.ENDED
            if call is not None and call.state is CallState.CONNECTING:
                end = LegEnd.DECLINED
            return story.happens(e.OperatorLegEnded(offer=OFFER, end=end))
        case OnCall.PHONE_LOST if call is not None and call.state is CallState.OFFERED:
            away = frozenset({f"PJSIP/{SOMCHAI}"})
            return story.happens(e.PhonesSeen(elsewhere=frozenset(), away=away))
        case OnCall.PHONE_LOST if call is not None and call.state is CallState.CONNECTING:
            return story.happens(e.OperatorLegEnded(offer=OFFER, end=LegEnd.DIED))
        case OnCall.PHONE_LOST:
            return story.happens(e.PhoneLost(endpoint=f"PJSIP/{SOMCHAI}"))
        case OnCall.RING_FAILED:
            return story.happens(e.RingFailed(offer=OFFER))
        case OnCall.JOINED:
            desk = desk_bridge(SOMCHAI)
            story.happens(e.LegEnteredBridge(leg=caller_leg(MALEE), bridge=desk))
            return story.happens(e.LegEnteredBridge(leg=leg_of_offer(OFFER), bridge=desk))
        case OnCall.BRIDGE_FAILED:
            return story.happens(e.BridgeFailed(offer=OFFER))
        case OnCall.STATE_TIME:
            assert call is not None
            story.now = call.until
            return story.happens(e.TimePassed())
        case OnCall.PATIENCE:
            assert call is not None
            story.now = call.patience_until
            return story.happens(e.TimePassed())
        case OnCall.WITHDRAWN:
            return story.logs_out(SOMCHAI)
        case OnCall.QUEUE_GONE:
            story.logs_out(SOMCHAI)
            return story.happens(e.SiteChanged(site=renamed()))
        case OnCall.HANG_UP:
            return story.happens(e.HangUpAsked(operator=SOMCHAI))
        case OnCall.CLOSED:
            return story.happens(e.ClosingAsked(seconds=0.0))


def ordered(command: c.Command) -> str:
    """A command in the table's words."""
    match command:
        case c.HangUp():
            return f"HangUp:{'operator' if isinstance(command.leg, OfferLeg) else 'caller'}"
        case c.SendOut():
            return f"SendOut:{command.exit}"
        case _:
            return type(command).__name__


def told(fact: object) -> str:
    """A fact in the table's words."""
    name = type(fact).__name__
    detail = getattr(fact, "result", None) or getattr(fact, "ended_by", None)
    return f"{name}:{detail}" if detail else name


def test_the_table_has_every_cell_once() -> None:
    listed = [(cell[0], cell[1]) for cell in CELLS]
    assert sorted(listed) == sorted((s.value, h.value) for s in CallState for h in OnCall)


def test_the_code_has_a_rule_for_every_cell() -> None:
    assert {state: set(rules) for state, rules in RULES.items()} == {
        state: set(OnCall) for state in CallState
    }


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[2] != "cannot"], ids=lambda cell: f"{cell[0]}-{cell[1]}"
)
def test_what_happens_in_a_cell(cell: tuple[str, ...]) -> None:
    state, what, becomes, outcome, operator, commands, facts = cell
    story = in_state(CallState(state))
    done = let_happen(story, OnCall(what))
    call = story.engine.state.calls.get(MALEE)
    assert (call.state.value if call else "ended") == becomes
    scored = [fact.outcome.value for fact in done.facts if hasattr(fact, "outcome")]
    assert (scored or ["-"]) == [outcome]
    assert (" ".join(map(ordered, done.commands)) or "-") == commands
    assert (" ".join(map(told, done.facts)) or "-") == facts
    if operator != "-":
        assert story.does(SOMCHAI).value == operator


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[2] == "cannot"], ids=lambda cell: f"{cell[0]}-{cell[1]}"
)
def test_what_cannot_happen_does_nothing(cell: tuple[str, ...]) -> None:
    state = CallState(cell[0])
    story = in_state(state)
    call = story.engine.state.calls.get(MALEE)
    if call is not None:
        turn = Turn(story.engine.state, story.now)
        RULES[state][OnCall(cell[1])].rule(turn, call, Detail())
        assert (turn.facts, turn.commands) == ([], [])


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[2] != "cannot"], ids=lambda cell: f"{cell[0]}-{cell[1]}"
)
def test_after_any_cell_the_call_comes_to_its_end(cell: tuple[str, ...]) -> None:
    story = in_state(CallState(cell[0]))
    let_happen(story, OnCall(cell[1]))
    story.after(700.0)
    story.leaves(MALEE)
    story.after(100.0)
    assert list(story.outcomes()) == [MALEE]
    assert story.engine.state.calls == {}
    assert story.has(SOMCHAI) == ""


@pytest.mark.parametrize("state", CallState, ids=str)
def test_every_event_twice_changes_nothing_the_second_time_but_hangs_up_stale_legs(
    state: CallState,
) -> None:
    again = {OnCall.ARRIVED, OnCall.LEFT, OnCall.LEG_ENDED, OnCall.RING_FAILED, OnCall.JOINED}
    for what in again:
        story = in_state(state)
        let_happen(story, what)
        assert let_happen(story, what).facts == []
