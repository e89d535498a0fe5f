"""Every state of a call × everything that can happen to it, written down apart from the code."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.call import RULES, OnCall
from callcenter.core.case_states import CaseAnswer, CaseWord
from callcenter.core.engine import Step
from callcenter.core.ids import THE_NODE, CallId, OfferId, OperatorId
from callcenter.core.legs import OfferLeg, RecorderLeg, Side, SnoopLeg
from callcenter.core.offers import consult, ring, ways
from callcenter.core.offers.table import OnOffer
from callcenter.core.outcome import LegEnd
from callcenter.core.site import Telling
from callcenter.core.state import Call, CallState, OfferState
from callcenter.core.turn import Detail, Turn
from tests.legs import caller_leg, desk_bridge, leg_of_offer, spy_leg
from tests.site import DAMRONG, GCC, renamed, rules, site
from tests.unit.core.story import Story
from tests.unit.core.test_faults_of_ours import break_call_rule

# Columns: the call's state, or that of its offer · what happens · what it becomes · the outcome ·
# what the operator does then · what Asterisk must do, in order · what is told, in order. "-" is
# nothing, "cannot" is something that has no way of happening in that state. Malee calls, Somchai is
# her operator, at a phone that rings: the open line's table is walked in test_open_line.py.
EXPECTED = """
waiting     caller arrived          waiting     -          -          -                                             -
waiting     caller left             ended       abandoned  -          -                                             CallScored CallEnded
waiting     priority changed        waiting     -          -          -                                             CallPrioritized
waiting     an operator is free     ringing     -          ringing    RingOperator                                  OperatorChanged OfferMade OperatorChanged
waiting     operator answered       waiting     -          -          HangUp:operator                               -
waiting     operator's leg ended    waiting     -          -          -                                             -
waiting     operator's phone lost   waiting     -          -          -                                             -
waiting     ringing failed          waiting     -          -          -                                             -
waiting     both legs bridged       waiting     -          -          -                                             -
waiting     bridging failed         waiting     -          -          -                                             -
waiting     time of this state spent   cannot
waiting     longest wait reached    leaving     overflow   -          SendOut:max_wait                              CallScored
waiting     has waited for some time   waiting  -          paused     EnterRoom                                     -
waiting     time to say how long it takes   waiting   -    paused     PlayPrompts                                   WaitTold PromptBegun
waiting     has waited for skills   waiting     -          paused     -                                             NeedsRelaxed
waiting     operator logged out     waiting     -          offline    CloseDesk                                     OperatorChanged
waiting     queue not in the site any more   waiting   -   offline    -                                             CallMoved
waiting     nobody is on duty any more   waiting   -   paused     -                                             CallMoved
waiting     operator hangs up at the desk   waiting   -    -          -                                             -
waiting     Asterisk is restarted now   leaving     failed     -          SendOut:restart                               CallScored
waiting     a fault of ours         leaving     failed     -          SendOut:error                                 StepFailed CallScored
ringing     caller arrived          ringing     -          ringing    -                                             -
ringing     caller left             ended       abandoned  available  HangUp:operator                               OfferEnded:caller_left OperatorChanged CallScored CallEnded
ringing     priority changed        ringing     -          ringing    -                                             CallPrioritized
ringing     an operator is free     cannot
ringing     operator answered       joining     -          ringing    Bridge                                        OfferAnswered
ringing     operator's leg ended    waiting     -          paused     HangUp:operator                               OfferEnded:busy OperatorChanged
ringing     operator's phone lost   waiting     -          phone_away  HangUp:operator                               OfferEnded:unreachable OperatorChanged
ringing     ringing failed          waiting     -          paused     HangUp:operator                               OfferEnded:unreachable OperatorChanged
ringing     one leg bridged         ringing     -          ringing    BackToMusic                                   -
ringing     both legs bridged       ringing     -          ringing    -                                             -
ringing     bridging failed         ringing     -          ringing    -                                             -
ringing     time of this state spent   waiting  -          paused     HangUp:operator                               OfferEnded:no_answer OperatorChanged
ringing     longest wait reached    cannot
ringing     has waited for some time   cannot
ringing     time to say how long it takes   cannot
ringing     operator logged out     waiting     -          offline    HangUp:operator CloseDesk                     OperatorChanged OfferEnded:withdrawn OperatorChanged
ringing     queue not in the site any more   cannot
ringing     nobody is on duty any more   cannot
ringing     operator hangs up at the desk   ringing   -    ringing    -                                             -
ringing     operator gives the caller on   ringing   -     ringing    -                                             -
ringing     a supervisor takes over   ringing   -          ringing    -                                             -
ringing     Asterisk is restarted now   leaving     failed     available  HangUp:operator SendOut:restart               OfferEnded:withdrawn OperatorChanged CallScored
ringing     a fault of ours         leaving     failed     available  HangUp:operator SendOut:error                 StepFailed OfferEnded:withdrawn OperatorChanged CallScored
joining     caller arrived          joining     -          ringing    -                                             -
joining     caller left             ended       abandoned  available  HangUp:operator                               OfferEnded:caller_left OperatorChanged CallScored CallEnded
joining     priority changed        joining     -          ringing    -                                             CallPrioritized
joining     an operator is free     cannot
joining     operator answered       joining     -          ringing    -                                             -
joining     operator's leg ended    waiting     -          paused     BackToMusic                                   OfferEnded:declined OperatorChanged
joining     operator's phone lost   waiting     -          paused     BackToMusic                                   OfferEnded:unreachable OperatorChanged
joining     ringing failed          joining     -          ringing    -                                             -
joining     one leg bridged         joining     -          ringing    -                                             PartyJoined
joining     both legs bridged       talking     answered   on_call    -                                             OfferEnded:answered CallScored OperatorChanged
joining     bridging failed         waiting     -          paused     HangUp:operator BackToMusic OpenDesk          OfferEnded:withdrawn OperatorChanged
joining     time of this state spent   waiting  -          paused     HangUp:operator BackToMusic OpenDesk          OfferEnded:withdrawn OperatorChanged
joining     longest wait reached    cannot
joining     has waited for some time   cannot
joining     time to say how long it takes   cannot
joining     operator logged out     joining     -          ringing    -                                             OperatorChanged
joining     queue not in the site any more   cannot
joining     nobody is on duty any more   cannot
joining     operator hangs up at the desk   joining      -    ringing    -                                          -
joining     operator gives the caller on   joining   -     ringing    -                                             -
joining     a supervisor takes over   joining   -          ringing    -                                             -
joining     Asterisk is restarted now   leaving     failed     available  HangUp:operator SendOut:restart               OfferEnded:withdrawn OperatorChanged CallScored
joining     a fault of ours         leaving     failed     available  HangUp:operator SendOut:error                 StepFailed OfferEnded:withdrawn OperatorChanged CallScored
talking     caller arrived          talking     -          on_call    -                                             -
talking     caller left             ended       -          wrapup     HangUp:operator                               TalkEnded:caller OperatorChanged CallEnded
talking     priority changed        talking     -          on_call    -                                             -
talking     an operator is free     cannot
talking     operator answered       talking     -          on_call    -                                             -
talking     operator's leg ended    leaving     -          wrapup     HangUp:caller                                 TalkEnded:operator OperatorChanged
talking     operator's phone lost   waiting     -          paused     BackToMusic HangUp:operator                   TalkEnded:lost OperatorChanged CallReturned
talking     ringing failed          talking     -          on_call    -                                             -
talking     one leg bridged         talking     -          on_call    -                                             -
talking     both legs bridged       talking     -          on_call    -                                             -
talking     bridging failed         talking     -          on_call    -                                             -
talking     time of this state spent   cannot
talking     longest wait reached    cannot
talking     has waited for some time   cannot
talking     operator logged out     talking     -          on_call    -                                             OperatorChanged
talking     queue not in the site any more   cannot
talking     nobody is on duty any more   cannot
talking     operator hangs up at the desk   leaving   -    wrapup     HangUp:caller HangUp:operator                 TalkEnded:operator OperatorChanged
talking     operator gives the caller on   waiting   -     wrapup     BackToMusic HangUp:operator                   TalkEnded:operator OperatorChanged CallTransferred
talking     a supervisor takes over   joining   -          wrapup     HangUp:snoop Mute Bridge HangUp:operator          TalkEnded:operator OperatorChanged CallTransferred Listened ListeningEnded OfferMade OfferAnswered OperatorChanged
talking     Asterisk is restarted now   leaving     -          wrapup     HangUp:caller HangUp:operator                 TalkEnded:lost OperatorChanged
talking     a fault of ours         leaving     -          wrapup     HangUp:caller HangUp:operator                 StepFailed TalkEnded:operator OperatorChanged
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
leaving     has waited for some time   cannot
leaving     time to say how long it takes   cannot
leaving     has waited for skills   cannot
leaving     operator logged out     leaving     -          offline    CloseDesk                                     OperatorChanged
leaving     queue not in the site any more   cannot
leaving     nobody is on duty any more   cannot
leaving     operator hangs up at the desk   leaving   -    available  -                                             -
leaving     Asterisk is restarted now   leaving     -          available  -                                             -
leaving     a fault of ours         leaving     -          available  -                                             StepFailed
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
ended       nobody is on duty any more   cannot
ended       has waited for some time   cannot
ended       time to say how long it takes   cannot
ended       has waited for skills   cannot
ended       operator hangs up at the desk   ended   -      available  -                                             -
ended       Asterisk is restarted now   ended       -          available  -                                             -
ended       a fault of ours         cannot
waiting     a callback can be offered   cannot
waiting     callback given up       waiting     -          -          -                                             -
waiting     a supervisor wants it now       waiting     -          -          -                                             -
leaving     a callback can be offered   cannot
leaving     callback given up       leaving     -          available  -                                             -
leaving     a supervisor wants it now       leaving     -          available  -                                             -
ended       a callback can be offered   cannot
ended       callback given up       ended       -          available  -                                             -
ended       a supervisor wants it now       ended       -          available  -                                             -
waiting     key pressed             waiting     -          -          -                                             -
waiting     prompt is over          cannot
waiting     what plays is not known any more   cannot
ringing     key pressed             ringing     -          ringing    -                                             -
ringing     a prompt is over        cannot
joining     key pressed             joining     -          ringing    -                                             -
joining     a prompt is over        cannot
talking     key pressed             talking     -          on_call    -                                             -
talking     a prompt is over        cannot
leaving     key pressed             leaving     -          available  -                                             -
leaving     prompt is over          cannot
leaving     what plays is not known any more   cannot
ended       key pressed             ended       -          available  -                                             -
ended       prompt is over          cannot
ended       what plays is not known any more   cannot
waiting     state of a case is known   waiting   -         -          -                                             -
waiting     message is recorded        waiting   -         -          -                                             -
waiting     sound of the message is known  waiting   -         -          -                                             -
leaving     state of a case is known   leaving   -         available  -                                             -
leaving     message is recorded        leaving   -         available  -                                             -
leaving     sound of the message is known  leaving   -         available  -                                             -
ended       state of a case is known   ended     -         available  -                                             -
ended       message is recorded        ended     -         available  -                                             -
ended       sound of the message is known  ended     -         available  -                                             -
waiting     an operator picks up the parked call   waiting   -   -   -   -
leaving     an operator picks up the parked call   leaving   -   available   -   -
ended     an operator picks up the parked call   ended   -   available   -   -
ringing     operator parks the call   ringing   -   ringing   -   -
joining     operator parks the call   joining   -   ringing   -   -
talking     operator parks the call   set_aside   -   wrapup   BackToMusic HangUp:operator   TalkEnded:operator OperatorChanged CallSetAside
"""  # noqa: E501 - a table is read along its lines

MALEE, SOMCHAI, OFFER = CallId("malee"), OperatorId("somchai"), OfferId("offer-1-malee")


def _cells() -> list[tuple[str, ...]]:
    lines = [line for line in EXPECTED.splitlines() if line.strip()]
    return [tuple(part.strip() for part in line.split("  ") if part.strip()) for line in lines]


CELLS = _cells()
MESSAGE = RecorderLeg(call=MALEE, number=1, side=Side.CALLER, node=THE_NODE)


def stage(call: Call | None) -> str:
    """The call's state, or that of its offer."""
    if call is None:
        return CallState.ENDED
    return call.offer.state if call.offer else call.state


def in_state(state: str, what: str = "") -> Story:
    """Malee's call in a state, reached as it is reached in life."""
    told = Telling(place=True, wait=True) if what == OnCall.TELL else None
    room_after = 20.0 if what == OnCall.LONG_WAIT else 0.0
    story = Story(rules(DAMRONG, telling=told), room_after_seconds=room_after)
    if what == OnCall.RELAX:
        story.needs(("english", 1))
    story.logs_in(SOMCHAI, skills=(("english", 1),))
    story.calls(MALEE)
    match state:
        case CallState.WAITING:  # Somchai let it ring and is paused
            story.after(15.0)
        case OfferState.RINGING:
            story.after(6.0)
        case OfferState.JOINING:
            story.after(6.0)
            story.picks_up(SOMCHAI)
        case OfferState.TALKING:
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


def let_happen(story: Story, what: str) -> Step:
    """The thing itself, as an event or as time going by."""
    call = story.engine.state.calls.get(MALEE)
    match what:
        case OnCall.ARRIVED:
            return story.happens(e.CallArrived(call=MALEE, did="1567", caller="", age_seconds=0.0))
        case OnCall.LEFT:
            return story.leaves(MALEE)
        case OnCall.PRIORITY:
            return story.happens(e.PriorityChanged(call=MALEE, priority=3))
        case OnCall.KEY:
            return story.happens(e.KeyPressed(call=MALEE, key="1"))
        case OnCall.CASE:
            answer = CaseAnswer(word=CaseWord.CLOSED)
            return story.happens(e.CaseStateTold(call=MALEE, asked=1, answer=answer))
        case OnCall.RECORDED:
            return story.happens(e.RecorderEnded(leg=MESSAGE))
        case OnCall.MEASURED:
            return story.happens(e.MessageMeasured(leg=MESSAGE, seconds=3.0))
        case OnCall.CANCELLED:
            return story.happens(e.CallbackCancelled(call=MALEE))
        case OnCall.HURRIED:
            return story.happens(e.CallbackHurried(call=MALEE))
        case OnCall.OFFER:
            return story.resumes(SOMCHAI)
        case OnOffer.ANSWERED:
            return story.happens(e.OperatorAnswered(offer=OFFER))
        case OnOffer.LEG_ENDED:
            busy = stage(call) == OfferState.RINGING
            end = LegEnd.BUSY if busy else LegEnd.ENDED
            if stage(call) == OfferState.JOINING:
                end = LegEnd.DECLINED
            return story.happens(e.OperatorLegEnded(offer=OFFER, end=end))
        case OnOffer.PHONE_LOST if stage(call) == OfferState.RINGING:
            away = frozenset({f"PJSIP/{SOMCHAI}"})
            return story.happens(e.PhonesSeen(elsewhere=frozenset(), away=away))
        case OnOffer.PHONE_LOST if stage(call) == OfferState.JOINING:
            return story.happens(e.OperatorLegEnded(offer=OFFER, end=LegEnd.DIED))
        case OnOffer.PHONE_LOST:
            return story.happens(e.PhoneLost(endpoint=f"PJSIP/{SOMCHAI}"))
        case OnOffer.RING_FAILED:
            return story.happens(e.RingFailed(offer=OFFER))
        case OnOffer.JOINED:
            desk = desk_bridge(SOMCHAI)
            story.happens(e.LegEnteredBridge(leg=caller_leg(MALEE), bridge=desk))
            return story.happens(e.LegEnteredBridge(leg=leg_of_offer(OFFER), bridge=desk))
        case OnOffer.PARTY_JOINED:
            leg = caller_leg(MALEE)
            return story.happens(e.LegEnteredBridge(leg=leg, bridge=desk_bridge(SOMCHAI)))
        case OnOffer.BRIDGE_FAILED:
            return story.happens(e.BridgeFailed(offer=OFFER))
        case OnCall.STATE_TIME:
            assert call is not None
            story.now = call.offer.until if call.offer else call.until
            return story.happens(e.TimePassed())
        case OnCall.PATIENCE:
            assert call is not None
            story.now = call.patience_until
            return story.happens(e.TimePassed())
        case OnOffer.WITHDRAWN:
            return story.logs_out(SOMCHAI)
        case OnCall.LONG_WAIT | OnCall.TELL | OnCall.RELAX:
            deadline = story.engine.next_deadline()
            assert deadline is not None
            story.now = deadline
            return story.happens(e.TimePassed())
        case OnCall.QUEUE_GONE:
            story.logs_out(SOMCHAI)
            return story.happens(e.SiteChanged(site=renamed()))
        case OnCall.NOBODY:  # who let it ring is not there; Wipa of the neighbours is
            story.logs_in("wipa", queues=(GCC,))
            story.pauses("wipa")
            near = rules(DAMRONG, neighbours=(GCC,))
            return story.happens(e.SiteChanged(site=site(near)))
        case OnOffer.HANG_UP:
            return story.happens(e.HangUpAsked(operator=SOMCHAI))
        case OnOffer.TRANSFER:
            return story.happens(e.TransferAsked(operator=SOMCHAI, call=MALEE))
        case OnOffer.PARKED:
            return story.happens(e.ParkAsked(operator=SOMCHAI, call=MALEE))
        case OnCall.PICKED_UP:
            return story.happens(e.PickUpAsked(operator=SOMCHAI, call=MALEE))
        case OnOffer.TAKEN_OVER:
            asked = e.ListenAsked(
                supervisor=OperatorId("suda"),
                endpoint="PJSIP/suda",
                operator=SOMCHAI,
                call=MALEE,
                mode=f.ListenMode.TAKE_OVER,
            )
            rung = story.happens(asked)
            return story.happens(e.SpyAnswered(leg=spy_leg("suda", 1))) if rung.commands else rung
        case OnCall.CLOSED:
            return story.happens(e.ClosingAsked(seconds=0.0))
        case OnCall.FAULT:
            assert call is not None
            with broken_at_the_next_priority(story):
                return story.happens(e.PriorityChanged(call=MALEE, priority=3))
        case _:
            raise AssertionError(what)


@contextmanager
def broken_at_the_next_priority(story: Story) -> Iterator[None]:
    """The rules for a changed priority raise."""
    call = story.call(MALEE)
    with pytest.MonkeyPatch.context() as patch:
        break_call_rule(patch, call.state, OnCall.PRIORITY)
        yield


def ordered(command: c.Command) -> str:
    """A command in the table's words."""
    match command:
        case c.HangUp(leg=SnoopLeg()):
            return "HangUp:snoop"
        case c.HangUp():
            return f"HangUp:{'operator' if isinstance(command.leg, OfferLeg) else 'caller'}"
        case c.SendOut():
            return f"SendOut:{command.exit}"
        case _:
            return type(command).__name__


AROUND = (f.SiteTaken, f.ClosingChanged, f.PhonesChanged, f.LegLetGo, f.LegGone)
"""Not of a call or its operator: what happened around them, and legs on their way out."""


def told(fact: object) -> str:
    """A fact in the table's words."""
    name = type(fact).__name__
    detail = getattr(fact, "result", None) or getattr(fact, "ended_by", None)
    return f"{name}:{detail}" if detail else name


def test_the_table_has_every_cell_once() -> None:
    listed = [(cell[0], cell[1]) for cell in CELLS]
    assert len(set(listed)) == len(listed)
    alone = (CallState.WAITING, CallState.LEAVING, CallState.ENDED)
    by_call = {(s.value, h.value) for s in alone for h in OnCall}
    alike = {s for s in ring.RULES if s not in consult.ROWS}  # the others: test_consult.py
    by_offer = {(s.value, h.value) for s in alike for h in OnOffer}
    assert by_call | by_offer <= set(listed)


def test_the_code_has_a_rule_for_every_cell() -> None:
    assert {state: set(rules) for state, rules in RULES.items()} == {
        state: set(OnCall) for state in CallState
    }
    for table in ways.RULES.values():
        assert all(set(row) == set(OnOffer) for row in table.values())
    assert {state for table in ways.RULES.values() for state in table} == set(OfferState)


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[2] != "cannot"], ids=lambda cell: f"{cell[0]}-{cell[1]}"
)
def test_what_happens_in_a_cell(cell: tuple[str, ...]) -> None:
    state, what, becomes, outcome, operator, commands, facts = cell
    story = in_state(state, what)
    done = let_happen(story, what)
    assert stage(story.engine.state.calls.get(MALEE)) == becomes
    scored = [fact.outcome.value for fact in done.facts if hasattr(fact, "outcome")]
    assert (scored or ["-"]) == [outcome]
    assert (" ".join(map(ordered, done.commands)) or "-") == commands
    of_them = [fact for fact in done.facts if not isinstance(fact, AROUND)]
    assert (" ".join(map(told, of_them)) or "-") == facts
    if operator != "-":
        assert story.does(SOMCHAI).value == operator


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[2] == "cannot"], ids=lambda cell: f"{cell[0]}-{cell[1]}"
)
def test_what_cannot_happen_does_nothing(cell: tuple[str, ...]) -> None:
    story = in_state(cell[0])
    call = story.engine.state.calls.get(MALEE)
    if call is not None:
        turn = Turn(story.engine.state, story.now)
        if call.offer and cell[1] in set(OnOffer):
            ways.cell_of(call.offer, OnOffer(cell[1])).rule(turn, call, call.offer, Detail())
        else:
            RULES[call.state][OnCall(cell[1])].rule(turn, call, Detail())
        assert (turn.facts, turn.commands) == ([], [])


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c[2] != "cannot"], ids=lambda cell: f"{cell[0]}-{cell[1]}"
)
def test_after_any_cell_the_call_comes_to_its_end(cell: tuple[str, ...]) -> None:
    story = in_state(cell[0])
    let_happen(story, cell[1])
    story.after(700.0)
    story.leaves(MALEE)
    story.after(100.0)
    assert list(story.outcomes()) == [MALEE]
    assert story.engine.state.calls == {}
    assert story.has(SOMCHAI) == ""


@pytest.mark.parametrize("state", sorted({cell[0] for cell in CELLS}))
def test_every_event_twice_changes_nothing_the_second_time_but_hangs_up_stale_legs(
    state: str,
) -> None:
    again = {OnCall.ARRIVED, OnCall.LEFT, OnOffer.LEG_ENDED, OnOffer.RING_FAILED, OnOffer.JOINED}
    for what in again:
        story = in_state(state)
        let_happen(story, what)
        assert let_happen(story, what).facts == []
