"""The connection to a node: lost, made again with a snapshot, and the ledger of calls it wrote."""

from callcenter.core import listening as spy
from callcenter.core.call import OnCall
from callcenter.core.events import (
    AsteriskLost,
    CallArrived,
    CallerLeft,
    LedgerRead,
    LineEnded,
    OperatorLegEnded,
    PhonesSeen,
    SnapshotTaken,
)
from callcenter.core.facts import AsteriskConnected, AsteriskGone, LegGone, LegLetGo
from callcenter.core.handlers import phones, recordings
from callcenter.core.handlers import strangers as strange
from callcenter.core.ledger import compare
from callcenter.core.reconcile import at_other_phones, reconcile, strange_talks
from callcenter.core.state import NEVER, LettingGo
from callcenter.core.work import Work


def snapshot_taken(work: Work, event: SnapshotTaken, now: float) -> None:
    for listening in list(work.state.listenings.values()):
        if listening.node == event.node:
            work.run(spy.forget, now, listening)
    strangers = list(strange_talks(work.state, event, now))
    unsure = [
        (call.id, call.prompt.number)
        for call in work.state.calls.values()
        if call.prompt is not None and call.node == event.node
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
    for offer, endpoint in there.items():  # another snapshot comes before an end is missed
        leg_there = LettingGo(endpoint, NEVER, event.node)
        if work.state.letting_go.get(offer) != leg_there:
            work.tell(
                LegLetGo(at=now, offer=offer, endpoint=endpoint, until=NEVER, node=event.node)
            )
    work.look_everywhere()  # a phone that was held may be free now
    phones.seen(work, PhonesSeen(elsewhere=event.elsewhere, away=event.away, node=event.node), now)
    for each in events:
        work.handle(each, now)  # one that fails is counted, and the others are not to blame
    for name, number in unsure:
        held = work.state.calls.get(name)
        if held is not None and held.prompt and held.prompt.number == number:
            work.call(held, OnCall.UNSURE, now)
    recordings.seen(work, event, now)
    connected = AsteriskConnected(
        at=now, boot=event.boot, adopted=adopted, missing=missing, node=event.node
    )
    work.tell(connected)
    for talk in strangers:
        work.tell(talk)


def lost(work: Work, event: AsteriskLost, now: float) -> None:
    if event.node not in work.state.lost:
        work.tell(AsteriskGone(at=now, node=event.node))


def ledger_read(work: Work, event: LedgerRead, now: float) -> None:
    talk = work.state.strange_talks.get(event.call)
    work.run(compare, now, event)
    if talk is not None and talk.line:
        strange.over(work, event.call, talk, now)
