"""The connection to a node: it is lost, comes back with a snapshot, or is given up. Also the node's
ledger of calls."""

from callcenter.core import listening as spy
from callcenter.core.call import OnCall
from callcenter.core.commands import HangUp
from callcenter.core.events import (
    AsteriskLost,
    CallArrived,
    CallerLeft,
    LedgerRead,
    LineEnded,
    NodeDied,
    NodeDrainAsked,
    NodesAre,
    OperatorLegEnded,
    OperatorLoggedIn,
    PhonesSeen,
    SnapshotTaken,
)
from callcenter.core.facts import (
    AsteriskConnected,
    AsteriskGone,
    LegGone,
    LegLetGo,
    LineStage,
    NodeDraining,
    NodeLost,
    NodesKnown,
    OperatorState,
)
from callcenter.core.handlers import operators, phones, recordings
from callcenter.core.handlers import strangers as strange
from callcenter.core.ids import NodeId
from callcenter.core.ledger import compare
from callcenter.core.legs import CallerLeg, back_number
from callcenter.core.outcome import LegEnd, Loss
from callcenter.core.reconcile import at_other_phones, reconcile, strange_talks
from callcenter.core.state import NEVER, LettingGo
from callcenter.core.work import Work


def snapshot_taken(work: Work, event: SnapshotTaken, now: float) -> None:
    for listening in list(work.state.listenings.values()):
        if listening.node == event.node:
            work.run(spy.forget, now, listening)
    strangers = list(strange_talks(work.state, event, now))
    unsure = [
        (call.id, call.prompt_number)
        for call in work.state.calls.values()
        if (call.prompt is not None or call.asks_for_case or call.leaves_message)
        and call.node == event.node
    ]
    strange.seen(work, event, strangers, now)
    work.rooms.begin_anew(work.state, event, now)
    work.tellings.begin_anew(work.state, now)
    events, commands = reconcile(work.state, event)
    adopted = sum(isinstance(e, CallArrived) for e in events)
    missing = sum(isinstance(e, CallerLeft | OperatorLegEnded | LineEnded) for e in events)
    work.commands += commands
    there = at_other_phones(work.state, event)
    for offer, leg in list(work.state.letting_go.items()):
        if leg.node == event.node and offer not in there:
            work.tell(LegGone(at=now, offer=offer))
    # their ends cannot be missed: another snapshot would come first
    for offer, endpoint in there.items():
        leg_there = LettingGo(endpoint, NEVER, event.node)
        if work.state.letting_go.get(offer) != leg_there:
            work.tell(
                LegLetGo(at=now, offer=offer, endpoint=endpoint, until=NEVER, node=event.node)
            )
    work.look_everywhere()  # a phone that was not rung may be free now
    phones.seen(work, PhonesSeen(elsewhere=event.elsewhere, away=event.away, node=event.node), now)
    for each in events:
        work.handle(each, now)  # if one fails, it is counted, and the others are still handled
    for name, number in unsure:
        held = work.state.calls.get(name)
        if held is not None and held.prompt_number == number:
            work.call(held, OnCall.UNSURE, now)
    recordings.seen(work, event, now)
    _end_what_was_given_up(work, event, now)
    connected = AsteriskConnected(
        at=now, boot=event.boot, adopted=adopted, missing=missing, node=event.node
    )
    work.tell(connected)
    for talk in strangers:
        work.tell(talk)


def _end_what_was_given_up(work: Work, event: SnapshotTaken, now: float) -> None:
    """Hang up callers of before who are in the dial plan (its greeting, or its lifeboat, which
    rings phones). The SIP edge ended these calls when the node was given up."""
    given_up_at = work.state.node(event.node).given_up_at
    if not given_up_at:
        return
    for seen in event.legs:
        began_at = now - seen.age_seconds
        if isinstance(seen.leg, CallerLeg) and not seen.in_app and began_at < given_up_at:
            work.order(HangUp(lane=seen.leg.call, leg=seen.leg))


def lost(work: Work, event: AsteriskLost, now: float) -> None:
    if event.node not in work.state.lost:
        work.tell(AsteriskGone(at=now, node=event.node))


def died(work: Work, event: NodeDied, now: float) -> None:
    if event.node in work.state.nodes and event.node in work.state.lost:
        _give_up(work, event.node, now)


def drain_asked(work: Work, event: NodeDrainAsked, now: float) -> None:
    node = work.state.nodes.get(event.node)
    if node is not None and node.draining is not event.on:
        work.tell(NodeDraining(at=now, on=event.on, node=event.node))


def nodes_are(work: Work, event: NodesAre, now: float) -> None:
    if tuple(work.state.nodes) == event.nodes:
        return
    for name in [name for name in work.state.nodes if name not in event.nodes]:
        _give_up(work, name, now)
    work.tell(NodesKnown(at=now, nodes=event.nodes))
    for operator in list(work.state.operators.values()):
        if operator.open_line and operator.state is not OperatorState.OFFLINE:
            again = OperatorLoggedIn(
                operator=operator.id,
                endpoint=operator.endpoint,
                queues=operator.queues,
                open_line=True,
                skills=operator.skills,
            )
            operators.logged_in(work, again, now)
    work.look_everywhere()


def _give_up(work: Work, node: NodeId, now: float) -> None:
    """End everything on this node. The commands that follow are lost, but then nothing is left that
    needs them."""
    state = work.state
    for listening in list(state.listenings.values()):
        if listening.node == node:
            work.run(spy.forget, now, listening)
    ended = 0
    for call in list(state.calls.values()):
        if call.node != node:
            continue
        if call.callback and call.is_parked:
            if call.is_called:
                tries = call.callback.tries
                work.handle(CallerLeft(call=call.id, back=tries, end=LegEnd.LOST), now)
            elif call.offer is not None:  # the operator is rung first
                lost_leg = OperatorLegEnded(offer=call.offer.id, end=LegEnd.LOST, node=node)
                work.handle(lost_leg, now)
            continue
        back = back_number(call.leg)
        work.handle(CallerLeft(call=call.id, loss=Loss.ASTERISK_LOST, back=back), now)
        ended += call.id not in state.calls
    for operator in list(state.operators.values()):
        if operator.line is not LineStage.DOWN and operator.line_node == node:
            work.handle(LineEnded(leg=operator.line_leg, end=LegEnd.LOST), now)
    for offer, leg in list(state.letting_go.items()):
        if leg.node == node:
            work.tell(LegGone(at=now, offer=offer))
    phones.seen(work, PhonesSeen(elsewhere=frozenset(), node=node), now)
    work.tell(NodeLost(at=now, calls=ended, node=node))
    work.look_everywhere()


def ledger_read(work: Work, event: LedgerRead, now: float) -> None:
    talk = work.state.strange_talks.get(event.call)
    work.run(compare, now, event)
    if talk is not None and talk.line and not talk.back:
        strange.over(work, event.call, talk, now)
