"""Turns what a snapshot shows and we did not know into ordinary events.

Events are hints, the snapshot is the truth. After every (re)connect each call, offer, open line and
bridge of the node is compared with it. Callers whom we know and Asterisk does not have hung up
while we were away. Callers whom Asterisk has and we do not know are adopted, the oldest first. Legs
of ours that belong to no offer and to no open line are hung up, and so are strange ones. A talk of
which we know nothing (a lost journal, the service of another host) may finish: it is neither
adopted nor hung up.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

from callcenter.core import leaving
from callcenter.core.commands import (
    BackToMusic,
    Bridge,
    BringIn,
    CloseDesk,
    Command,
    Exit,
    HangUp,
    OpenDesk,
    SendOut,
    StopRinging,
)
from callcenter.core.events import (
    CallArrived,
    CallerLeft,
    CitizenAnswered,
    CitizenRings,
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
from callcenter.core.facts import LineStage, OperatorState, StrangersTalk
from callcenter.core.ids import OfferId, call_of_offer
from callcenter.core.legs import (
    AnyBridge,
    BackLeg,
    CallerLeg,
    CitizenLeg,
    DeskBridge,
    Leg,
    LineLeg,
    OfferLeg,
    OperatorLeg,
    RecorderLeg,
    RoomBridge,
    SnoopLeg,
    SpyLeg,
    StrangeLeg,
    back_number,
    channel_of,
)
from callcenter.core.offers import rules
from callcenter.core.outcome import LegEnd, Loss, Outcome
from callcenter.core.recording import is_ours
from callcenter.core.state import Call, CallState, Hears, OfferState, State, Way

Joined = dict[Leg, AnyBridge]
"""The bridge of each leg."""


def reconcile(state: State, snapshot: SnapshotTaken) -> tuple[list[Event], list[Command]]:
    """Events that bring our state up to the snapshot, and commands that bring Asterisk up to our
    state."""
    legs = {leg.leg: leg for leg in snapshot.legs}
    bridge_of: Joined = {
        leg: seen.bridge
        for seen in snapshot.bridges
        if not isinstance(seen.bridge, RoomBridge)  # callers in a room wait
        for leg in seen.legs
    }
    boot = state.node(snapshot.node).boot
    restarted = bool(boot) and boot != snapshot.boot
    others = _others(state, snapshot)
    at_phones: set[Leg] = {leg for _, leg in snapshot.at_phones}
    events = list(_missing(state, snapshot, legs, at_phones, restarted))
    events += _lines(state, snapshot, legs, bridge_of, restarted)
    events += _bridged(state, snapshot)
    events += _adopted(state, snapshot, bridge_of, others)
    commands = [*_repeated(state, legs), *_alone(state, legs, bridge_of, others)]
    commands += _strays(state, legs, others)
    commands += _desks(state, snapshot, others)
    commands += _silenced(state, snapshot)
    return events, [*commands, *_parted(state, legs, bridge_of)]


def strange_talks(state: State, snapshot: SnapshotTaken, now: float) -> Iterator[StrangersTalk]:
    """Talks of calls that we never saw, also if the caller has hung up by now. They are recorded
    when Asterisk's ledger tells their end (core/ledger.py)."""
    rung_at = {seen.leg: now - seen.age_seconds for seen in snapshot.legs}
    joined = {leg for bridge in snapshot.bridges for leg in bridge.legs}
    for caller, operator, bridge in _strange_pairs(state, snapshot):
        if isinstance(bridge, DeskBridge) and operator in rung_at:
            before = state.strange_talks.get(caller.call)
            on_line = isinstance(operator, LineLeg)  # an open line was there before the caller
            yield StrangersTalk(
                at=now,
                call=caller.call,
                operator=bridge.operator,
                began_at=max(rung_at[operator], rung_at[caller]) if on_line else rung_at[operator],
                line=channel_of(operator) if on_line else "",
                node=snapshot.node,
                back=back_number(caller) or (before.back if before else 0),
                over=caller not in joined,
            )


def _others(state: State, snapshot: SnapshotTaken) -> set[Leg]:
    """The legs of talks of calls that we never saw."""
    joined = {leg for bridge in snapshot.bridges for leg in bridge.legs}
    pairs = _strange_pairs(state, snapshot)
    return {leg for pair in pairs if pair[0] in joined for leg in pair[:2]}


def _strange_pairs(
    state: State, snapshot: SnapshotTaken
) -> Iterator[tuple[CitizenLeg, OfferLeg | LineLeg, AnyBridge]]:
    """For operators who were joined with a caller whom we do not know: both legs and their bridge.
    The caller is in the same bridge, or has left it. On an open line only callers who are still
    there are known."""
    there = {seen.leg for seen in snapshot.legs if isinstance(seen.leg, CitizenLeg)}
    for seen in snapshot.bridges:
        for leg in seen.legs:
            if isinstance(leg, LineLeg):
                strange = (each for each in seen.legs if each in there)
                for each in strange:
                    if isinstance(each, CitizenLeg) and not _is_known(state, each):
                        yield each, leg, seen.bridge
                continue
            if not isinstance(leg, OfferLeg):
                continue
            caller = _citizen_of(leg, seen.legs)
            if not _is_known(state, caller) and (caller in seen.legs or caller not in there):
                yield caller, leg, seen.bridge


def _citizen_of(operator: OfferLeg, legs: Iterable[Leg]) -> CitizenLeg:
    """The citizen with whom this leg of an operator is joined, who called or was called back."""
    call = call_of_offer(operator.offer)
    back = (leg for leg in legs if isinstance(leg, BackLeg) and leg.call == call)
    return next(back, CallerLeg(call=call, node=operator.node))


def _is_known(state: State, caller: CitizenLeg) -> bool:
    """A row of the ledger on a citizen who was called back is of the citizen's own first call,
    which ended before."""
    if isinstance(caller, BackLeg):
        return caller.call in state.calls or caller.call in state.recent
    return caller.call in state.calls or state.is_over(caller.call)


def _missing(
    state: State,
    snapshot: SnapshotTaken,
    legs: dict[Leg, LegSeen],
    at_phones: set[Leg],
    restarted: bool,
) -> Iterator[Event]:
    """Calls and legs that we know and Asterisk does not have. `at_phones` is checked last: a leg
    that is only there was asked for over an earlier connection and was made late."""
    for call in state.calls.values():
        if call.node != snapshot.node:
            continue
        if call.callback and call.is_parked:
            yield from _citizens_leg(call, call.callback.tries, legs)
            if call.offer is not None and call.offer.operator_first:
                yield from _operators_leg(call, call.offer.id, call.offer.leg, legs, at_phones)
            continue
        caller = legs.get(call.leg)
        if caller is None or not caller.in_app:
            loss = Loss.ASTERISK_LOST if restarted else None
            yield CallerLeft(call=call.id, loss=loss, back=back_number(call.leg))
            continue
        if call.offer is None or call.is_ending:
            continue
        if call.consult is not None:  # first, because a lost colleague must not get the caller
            yield from _operators_leg(call, call.consult.id, call.consult.leg, legs, at_phones)
        for offer in (call.offer, *call.beside):
            yield from _operators_leg(call, offer.id, offer.leg, legs, at_phones)


def _citizens_leg(call: Call, tries: int, legs: dict[Leg, LegSeen]) -> Iterator[Event]:
    """The leg of a citizen who is being called back. It was made and perhaps never dialled, and
    nobody would dial it any more."""
    leg = BackLeg(call=call.id, number=tries, node=call.node)
    seen = legs.get(leg)
    if not call.is_called:
        return
    if seen is None or seen.is_down:
        yield CallerLeft(call=call.id, back=tries, end=LegEnd.LOST)
    elif not seen.is_up:
        yield CitizenRings(leg=leg)
    elif seen.in_app:
        yield CitizenAnswered(leg=leg)


def _operators_leg(
    call: Call, offer: OfferId, name: OperatorLeg, legs: dict[Leg, LegSeen], at_phones: set[Leg]
) -> Iterator[Event]:
    operator = legs.get(name)
    if operator is None:
        gone = name not in at_phones
        yield OperatorLegEnded(offer=offer, end=LegEnd.LOST, gone=gone, node=call.node)
    elif operator.in_app and operator.is_up:
        yield OperatorAnswered(offer=offer, node=call.node)
    elif operator.is_down:  # made and perhaps never dialled: nobody would dial it any more
        yield OperatorLegEnded(offer=offer, end=LegEnd.LOST, gone=False, node=call.node)


def _lines(
    state: State,
    snapshot: SnapshotTaken,
    legs: dict[Leg, LegSeen],
    bridge_of: Joined,
    restarted: bool,
) -> Iterator[Event]:
    """What happened to the open lines. A line that nobody answered was perhaps never rung."""
    for operator in state.operators.values():
        if operator.line is LineStage.DOWN or operator.line_node != snapshot.node:
            continue
        name, rings = operator.line_leg, operator.line is LineStage.RINGING
        leg = legs.get(name)
        if leg is None or (rings and leg.is_down):
            lost = restarted or rings
            yield LineEnded(leg=name, end=LegEnd.LOST if lost else LegEnd.ENDED)
        elif leg.in_app and leg.is_up:
            if bridge_of.get(name) == operator.line_desk:
                continue  # told with the bridges
            call = state.calls.get(operator.call) if operator.call else None
            if call and call.asks(operator.id):
                continue  # brought to the colleague who consults, if it is not there (`_parted`)
            known = operator.line in (LineStage.RINGING, LineStage.ANSWERED, LineStage.LENT)
            yield LineAnswered(leg=name) if known else LineFailed(leg=name)
        elif not rings:
            yield LineFailed(leg=name)


def _bridged(state: State, snapshot: SnapshotTaken) -> Iterator[Event]:
    for bridge in snapshot.bridges:
        for leg in bridge.legs:
            yield LegEnteredBridge(leg=leg, bridge=bridge.bridge)


def _adopted(
    state: State, snapshot: SnapshotTaken, bridge_of: Joined, others: set[Leg]
) -> Iterator[Event]:
    """Callers whom we do not know. A caller in an operator's bridge without the operator has been
    served: the operator has gone."""
    for seen in sorted(snapshot.legs, key=lambda seen: -seen.age_seconds):
        leg = seen.leg
        if not seen.in_app or leg in others or not isinstance(leg, CallerLeg):
            continue
        if leg.call not in state.calls:
            desk = bridge_of.get(leg)
            yield CallArrived(
                call=leg.call,
                did=seen.did,
                caller=seen.caller,
                age_seconds=seen.age_seconds,
                node=leg.node,
                seen_later=True,
                alone_at=desk.operator if isinstance(desk, DeskBridge) else "",
            )


def _repeated(state: State, legs: dict[Leg, LegSeen]) -> Iterator[Command]:
    """Callers who must leave and are still here: the command was lost with the connection."""
    for call in state.calls.values():
        first = CallerLeg(call=call.id, node=call.node)
        own = legs.get(first)
        if call.callback is not None and own is not None and own.in_app:
            yield SendOut(lane=call.id, leg=first, exit=Exit.CALLBACK)
            continue
        leg = legs.get(call.leg)
        if (call.state is CallState.LEAVING or call.is_ending) and leg and leg.in_app:
            yield way_out(state, call)


def way_out(state: State, call: Call) -> Command:
    """How a scored call leaves: hung up after a conversation, otherwise with a message."""
    if call.last_words:
        words = call.last_words
        return SendOut(lane=call.id, leg=call.leg, exit=Exit.MESSAGE, keys=words)
    if call.outcome is Outcome.ANSWERED:
        return HangUp(lane=call.id, leg=call.leg)
    reasons = set(Exit)
    way = Exit(call.reason) if call.reason in reasons else Exit.ERROR
    keys = leaving.own_message(state, call) if way is Exit.MESSAGE else ()
    return SendOut(lane=call.id, leg=call.leg, exit=way, keys=keys)


def _alone(
    state: State, legs: dict[Leg, LegSeen], bridge_of: Joined, others: set[Leg]
) -> Iterator[Command]:
    """Waiting callers, and those in a survey, who are still in an operator's bridge, or who got no
    music after an operator answered: the command for music was lost. A caller whom we did not know
    waits, too. It is unknown whether they hear music, so it is started again."""
    for seen in legs.values():
        leg = seen.leg
        if not seen.in_app or leg in others or not isinstance(leg, CallerLeg | BackLeg):
            continue
        call, bridge = state.calls.get(leg.call), bridge_of.get(leg)
        if isinstance(leg, BackLeg) and (call is None or call.leg != leg or call.is_parked):
            continue
        waits = not state.is_over(leg.call) if call is None else _is_with_nobody(call, bridge)
        silent = call is None or bridge is not None or call.answered_at > 0
        if waits and silent:
            yield BackToMusic(lane=leg.call, caller=leg, bridge=bridge)


def _is_with_nobody(call: Call, bridge: AnyBridge | None) -> bool:
    """Whether the caller hears music, or a prompt, in a bridge in which nothing is left for the
    caller."""
    left = call.hears is Hears.PROMPT and call.offer is None and bridge is not None
    return left or call.hears is Hears.MUSIC


def _silenced(state: State, snapshot: SnapshotTaken) -> Iterator[Command]:
    """Open lines on which nobody is called back any more: the command to end the ringing may have
    been lost, and the next caller would not be heard."""
    for operator in state.operators.values():
        if operator.line is not LineStage.SEATED or operator.line_node != snapshot.node:
            continue
        if operator.call is None and rules.may_ring(state, operator):
            yield StopRinging(lane=operator.line_desk, leg=operator.line_leg)


def _parted(state: State, legs: dict[Leg, LegSeen], bridge_of: Joined) -> Iterator[Command]:
    """Caller, operator and colleague who should be in the operator's bridge and are not. Either the
    request was lost, or a late one of an earlier connection took them out."""
    for call in state.calls.values():
        leg, offer = legs.get(call.leg), call.offer
        asked = call.consult
        if asked and asked.answered_at and bridge_of.get(asked.leg) != call.desk:
            yield BringIn(lane=call.id, offer=asked.id, leg=asked.leg, bridge=call.desk)
        if offer is None or offer.state not in _JOINED or not (leg and leg.in_app):
            continue
        if call.owes_notice:  # joined when the notice is over
            continue
        one = offer.state is not OfferState.JOINING or offer.line is not None
        wanted = (call.leg,) if one else (call.leg, offer.leg)
        if offer.leg in legs and any(bridge_of.get(each) != call.desk for each in wanted):
            yield Bridge(
                lane=call.id,
                offer=offer.id,
                bridge=call.desk,
                caller=call.leg,
                operator=offer.leg,
                rings=call.callback is not None
                or rules.may_ring(state, state.operators[offer.operator]),
            )


def _strays(state: State, legs: dict[Leg, LegSeen], others: set[Leg]) -> Iterator[Command]:
    # supervisors who took over
    in_talks = {call.offer.spy for call in state.calls.values() if call.offer}
    present = {o.line_leg for o in state.operators.values() if o.line is not LineStage.DOWN}
    for seen in legs.values():
        match seen.leg:
            case LineLeg(operator=owner, node=node) as leg:
                if (leg not in present or seen.is_down) and leg not in others:  # never dialled
                    yield HangUp(lane=DeskBridge(operator=owner, node=node), leg=leg)
            case OfferLeg(offer=offer) as leg:
                call = state.calls.get(call_of_offer(offer))
                ours = call is not None and call.has_offer(offer)
                asked = call is not None and call.consult is not None and call.consult.id == offer
                if not (ours or asked or leg in others):
                    yield HangUp(lane=call_of_offer(offer), leg=leg)
            case SpyLeg(supervisor=supervisor, node=node) as leg:
                if leg not in in_talks:
                    yield HangUp(lane=DeskBridge(operator=supervisor, node=node), leg=leg)
            case SnoopLeg(supervisor=supervisor, node=node) as leg:
                yield HangUp(lane=DeskBridge(operator=supervisor, node=node), leg=leg)
            case RecorderLeg(call=name) as leg:
                recorded = state.calls.get(name)
                if recorded is None or not is_ours(recorded, leg):
                    yield HangUp(lane=leg, leg=leg)
            case StrangeLeg() as leg:
                if seen.in_app:
                    yield HangUp(lane=leg, leg=leg)
            case BackLeg(call=name) as leg:
                call = state.calls.get(name)
                if leg in others:
                    continue
                current = call is not None and call.leg == leg
                if not current or seen.is_down or (call and call.is_parked and not call.is_called):
                    yield HangUp(lane=name, leg=leg)
            case CallerLeg():
                pass
            case _:
                assert_never(seen.leg)


def at_other_phones(state: State, snapshot: SnapshotTaken) -> dict[OfferId, str]:
    """Legs of offers that are not the present offer of their phone: of an offer taken back, or of
    another service. Gives the phone of each, which must not be rung until the leg is gone."""
    down = {leg.leg for leg in snapshot.legs if leg.is_down}
    current: set[tuple[str, Leg]] = set()
    for call in state.calls.values():
        if call.offer is not None and call.offer.line is None and call.offer.way is not _RESERVED:
            endpoint = state.operators[call.offer.operator].endpoint
            current.add((endpoint, call.offer.leg))
        for beside in call.beside:
            current.add((state.operators[beside.operator].endpoint, beside.leg))
        if call.consult is not None:
            current.add((state.operators[call.consult.operator].endpoint, call.consult.leg))
    return {
        leg.offer: endpoint
        for endpoint, leg in snapshot.at_phones
        if isinstance(leg, OfferLeg) and ((endpoint, leg) not in current or leg in down)
    }


def _desks(state: State, snapshot: SnapshotTaken, others: set[Leg]) -> Iterator[Command]:
    there = {b.bridge: b.legs for b in snapshot.bridges if isinstance(b.bridge, DeskBridge)}
    wanted = {
        DeskBridge(operator=operator.id, node=snapshot.node): None
        for operator in state.operators.values()
        if operator.state is not OperatorState.OFFLINE
    }
    for desk in wanted:
        if desk not in there:
            yield OpenDesk(lane=desk, bridge=desk)
    for desk, legs in there.items():
        if desk not in wanted and others.isdisjoint(legs):
            yield CloseDesk(lane=desk, bridge=desk)


_RESERVED = Way.CALL_BACK
"""The operator is only kept free, and has no leg."""
_JOINED = (
    OfferState.JOINING,
    OfferState.TALKING,
    OfferState.RETAKING,
    OfferState.CONFERRING,
)
