"""What the snapshot says that we did not know, as ordinary events.

Events are hints, the snapshot is the truth: after every (re)connect each call, offer, open line and
desk is held against it. Callers we know and Asterisk does not have hung up while we were away;
callers Asterisk has and we do not are adopted, the oldest first; legs of ours that belong to no
offer and are nobody's open line are hung up. Two who talk and of whom we know nothing (a lost
journal, the service of another host) are let finish: neither adopted nor hung up.
"""

from collections.abc import Iterator

from callcenter.core.commands import (
    BackToMusic,
    Bridge,
    CloseDesk,
    Command,
    Exit,
    HangUp,
    OpenDesk,
    SendOut,
)
from callcenter.core.events import (
    CallArrived,
    CallerLeft,
    Event,
    LegEnteredBridge,
    LegSeen,
    LineAnswered,
    LineEnded,
    LineFailed,
    OperatorAnswered,
    OperatorLegEnded,
    SnapshotTaken,
)
from callcenter.core.facts import LineStage, OperatorState
from callcenter.core.ids import (
    BridgeId,
    CallId,
    LegId,
    call_of_offer,
    caller_leg,
    desk_bridge,
    is_caller,
    leg_of_offer,
    offer_of_leg,
    operator_of_bridge,
    operator_of_line,
)
from callcenter.core.open_line import leg_of
from callcenter.core.outcome import LegEnd, Loss, Outcome
from callcenter.core.state import Call, CallState, State

Joined = dict[LegId, BridgeId]
"""In which bridge a leg is."""


def reconcile(state: State, snapshot: SnapshotTaken) -> tuple[list[Event], list[Command]]:
    """Events that bring the state up to the snapshot, and commands that bring Asterisk up to us."""
    legs = {leg.leg: leg for leg in snapshot.legs}
    bridge_of = {leg: seen.bridge for seen in snapshot.bridges for leg in seen.legs}
    restarted = bool(state.boot) and state.boot != snapshot.boot
    others = _others(state, snapshot)
    at_phones = {leg for _, leg in snapshot.at_phones}
    events = list(_missing(state, legs, at_phones, restarted))
    events += _lines(state, legs, bridge_of, restarted)
    events += _bridged(state, snapshot)
    events += _adopted(state, snapshot, others)
    commands = [*_repeated(state, legs), *_alone(state, legs, bridge_of, others)]
    commands += _strays(state, legs, others)
    commands += _desks(state, snapshot, others)
    return events, [*commands, *_parted(state, legs, bridge_of)]


def _others(state: State, snapshot: SnapshotTaken) -> set[LegId]:
    """The legs of two who are joined at a desk, and whose call we never saw."""
    found: set[LegId] = set()
    for seen in snapshot.bridges:
        for leg in seen.legs:
            offer = offer_of_leg(leg)
            call = call_of_offer(offer) if offer else None
            if call is None or call in state.calls or state.is_over(call):
                continue
            if caller_leg(call) in seen.legs:
                found |= {leg, caller_leg(call)}
    return found


def _missing(
    state: State, legs: dict[LegId, LegSeen], at_phones: set[LegId], restarted: bool
) -> Iterator[Event]:
    """`at_phones` are looked at last: a leg that is only there was asked for over the connection
    before, and came late."""
    for call in state.calls.values():
        caller = legs.get(caller_leg(call.id))
        if caller is None or not caller.in_app:
            yield CallerLeft(call=call.id, loss=Loss.ASTERISK_LOST if restarted else None)
            continue
        if call.offer is None:
            continue
        name = call.open_line or leg_of_offer(call.offer)
        operator = legs.get(name)
        if operator is None:
            gone = name not in at_phones
            yield OperatorLegEnded(offer=call.offer, end=LegEnd.LOST, gone=gone)
        elif operator.in_app and operator.is_up:
            yield OperatorAnswered(offer=call.offer)
        elif operator.is_down:  # made, and perhaps never dialled: nobody would do it any more
            yield OperatorLegEnded(offer=call.offer, end=LegEnd.LOST, gone=False)


def _lines(
    state: State, legs: dict[LegId, LegSeen], bridge_of: Joined, restarted: bool
) -> Iterator[Event]:
    """What became of the open lines. One that nobody answered may never have been rung."""
    for operator in state.operators.values():
        if operator.line is LineStage.DOWN:
            continue
        name, rings = leg_of(operator), operator.line is LineStage.RINGING
        leg = legs.get(name)
        if leg is None or (rings and leg.is_down):
            lost = restarted or rings
            yield LineEnded(leg=name, end=LegEnd.LOST if lost else LegEnd.ENDED)
        elif leg.in_app and leg.is_up:
            if bridge_of.get(name) == desk_bridge(operator.id):
                continue  # told with the bridges
            known = operator.line in (LineStage.RINGING, LineStage.ANSWERED)
            yield LineAnswered(leg=name) if known else LineFailed(leg=name)
        elif not rings:
            yield LineFailed(leg=name)


def _bridged(state: State, snapshot: SnapshotTaken) -> Iterator[Event]:
    for bridge in snapshot.bridges:
        for leg in bridge.legs:
            yield LegEnteredBridge(leg=leg, bridge=bridge.bridge)


def _adopted(state: State, snapshot: SnapshotTaken, others: set[LegId]) -> Iterator[Event]:
    strangers = [
        leg
        for leg in snapshot.legs
        if leg.in_app and is_caller(leg.leg) and CallId(leg.leg) not in state.calls
        if leg.leg not in others
    ]
    for leg in sorted(strangers, key=lambda leg: -leg.age_seconds):
        yield CallArrived(
            call=CallId(leg.leg), did=leg.did, caller=leg.caller, age_seconds=leg.age_seconds
        )


def _repeated(state: State, legs: dict[LegId, LegSeen]) -> Iterator[Command]:
    """Callers on their way out who are still here: the command was lost with the connection."""
    for call in state.calls.values():
        leg = legs.get(caller_leg(call.id))
        if (call.state is CallState.LEAVING or call.ended_here) and leg and leg.in_app:
            yield way_out(call)


def way_out(call: Call) -> Command:
    """How a scored call leaves: hung up after a conversation, else with a message."""
    leg = caller_leg(call.id)
    if call.outcome is Outcome.ANSWERED:
        return HangUp(lane=call.id, leg=leg)
    reasons = set(Exit)
    way = Exit(call.reason) if call.reason in reasons else Exit.ERROR
    return SendOut(lane=call.id, leg=leg, exit=way)


def _alone(
    state: State, legs: dict[LegId, LegSeen], bridge_of: Joined, others: set[LegId]
) -> Iterator[Command]:
    """Waiting callers still at a desk, or in silence since an operator picked up: the command to
    give them music again was lost. A stranger at a desk will wait too."""
    for seen in legs.values():
        call, bridge = state.calls.get(CallId(seen.leg)), bridge_of.get(seen.leg)
        waits = call is None or call.state in (CallState.WAITING, CallState.OFFERED)
        silent = bridge is not None or (call is not None and call.answered_at > 0)
        ours = seen.in_app and is_caller(seen.leg) and seen.leg not in others
        if ours and waits and silent:
            yield BackToMusic(lane=CallId(seen.leg), caller=seen.leg, bridge=bridge)


def _parted(state: State, legs: dict[LegId, LegSeen], bridge_of: Joined) -> Iterator[Command]:
    """Two who talk, or are being joined, and are not at the desk: the request was lost, or one of
    an earlier connection came late."""
    for call in state.calls.values():
        leg = legs.get(caller_leg(call.id))
        if call.state not in _JOINED or call.ended_here or not (leg and leg.in_app):
            continue
        assert call.offer is not None and call.operator is not None
        desk = desk_bridge(call.operator)
        operator = call.open_line or leg_of_offer(call.offer)
        one = call.state is CallState.TALKING or call.open_line is not None
        wanted = (leg.leg,) if one else (leg.leg, operator)
        if operator in legs and any(bridge_of.get(each) != desk for each in wanted):
            yield Bridge(
                lane=call.id,
                offer=call.offer,
                bridge=desk,
                caller=leg.leg,
                operator=operator,
            )


def _strays(state: State, legs: dict[LegId, LegSeen], others: set[LegId]) -> Iterator[Command]:
    present = {leg_of(o) for o in state.operators.values() if o.line is not LineStage.DOWN}
    present -= {leg.leg for leg in legs.values() if leg.is_down}  # perhaps never dialled
    for leg in legs.values():
        offer = offer_of_leg(leg.leg)
        if (owner := operator_of_line(leg.leg)) and leg.leg not in present:
            yield HangUp(lane=desk_bridge(owner), leg=leg.leg)
        if offer is None or leg.leg in others:
            continue
        call = state.calls.get(call_of_offer(offer))
        if call is None or call.offer != offer:
            yield HangUp(lane=call_of_offer(offer), leg=leg.leg)


def at_other_phones(state: State, snapshot: SnapshotTaken) -> dict[LegId, str]:
    """Legs of offers that are not of the offer their phone is rung for, or talks on: of an offer
    taken back, or of another service. Gives the phone of each, which is not to be rung meanwhile.
    """
    down = {leg.leg for leg in snapshot.legs if leg.is_down}
    current: set[tuple[str, LegId]] = set()
    for call in state.calls.values():
        if call.offer is not None and call.operator is not None and call.open_line is None:
            endpoint = state.operators[call.operator].endpoint
            current.add((endpoint, leg_of_offer(call.offer)))
    return {
        leg: endpoint
        for endpoint, leg in snapshot.at_phones
        if offer_of_leg(leg) and ((endpoint, leg) not in current or leg in down)
    }


def _desks(state: State, snapshot: SnapshotTaken, others: set[LegId]) -> Iterator[Command]:
    there = {b.bridge: b.legs for b in snapshot.bridges if operator_of_bridge(b.bridge)}
    wanted = {
        desk_bridge(operator.id): None
        for operator in state.operators.values()
        if operator.state is not OperatorState.OFFLINE
    }
    for desk in wanted:
        if desk not in there:
            yield OpenDesk(lane=desk, bridge=desk)
    for desk, legs in there.items():
        if desk not in wanted and others.isdisjoint(legs):
            yield CloseDesk(lane=desk, bridge=desk)


_JOINED = (CallState.CONNECTING, CallState.TALKING)
