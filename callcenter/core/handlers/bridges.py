"""A leg entered a bridge. The kind of leg decides what that means."""

from typing import assert_never

from callcenter.core import listening as spy
from callcenter.core.commands import BackToMusic
from callcenter.core.conversation import Party
from callcenter.core.events import LegEnteredBridge
from callcenter.core.facts import ListenStage
from callcenter.core.handlers import find
from callcenter.core.legs import (
    BackLeg,
    CallerLeg,
    DeskBridge,
    LineLeg,
    OfferLeg,
    RecorderLeg,
    RoomBridge,
    SnoopLeg,
    SpyLeg,
    StrangeLeg,
)
from callcenter.core.offers.table import OnConsult, OnOffer
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.state import Call, CallState, OfferState
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def entered(work: Work, event: LegEnteredBridge, now: float) -> None:
    if isinstance(event.bridge, RoomBridge):
        return  # the caller still waits
    match event.leg:
        case LineLeg(operator=owner, node=node) as line:
            desk_there = DeskBridge(operator=owner, node=node)
            if event.bridge == desk_there and find.line(work.state, line):
                work.operator(Ask(operator=owner), OnOperator.LINE_SEATED, now)
            _line_entered(work, line, event, now)
        case OfferLeg(offer=offer):
            if call := find.current(work.state, offer):
                _entered(work, call, _OPERATOR, event, now)
            elif (call := find.asking(work.state, offer)) and event.bridge == call.desk:
                work.offer(call, OnConsult.JOINED, now)
        case SpyLeg() as leg:
            if call := find.taken_over(work.state, leg):
                _entered(work, call, _OPERATOR, event, now)
        case SnoopLeg(supervisor=supervisor) as leg:
            held = work.state.listenings.get(supervisor)
            joining = held and held.snoop == leg and held.stage is ListenStage.JOINING
            if held and joining and event.bridge == held.desk:
                work.run(spy.heard, now, held)
        case CallerLeg(call=name) | BackLeg(call=name) as leg:
            call = work.state.calls.get(name)
            if call is None or call.leg != leg or call.is_parked:
                return
            waits = call.state in _ALONE or (call.offer and call.offer.state is _RINGING)
            if (waits or call.is_held) and call.node not in work.state.lost:
                music = BackToMusic(lane=call.id, caller=leg, bridge=event.bridge)
                work.order(music)  # joined too late, and nobody else is in the bridge
            _entered(work, call, _CALLER, event, now)
        case RecorderLeg() | StrangeLeg():
            pass
        case _:
            assert_never(event.leg)


def _line_entered(work: Work, line: LineLeg, event: LegEnteredBridge, now: float) -> None:
    """An open line was brought to the colleague who is consulted, or came back from there with the
    caller."""
    operator = find.line(work.state, line)
    call = work.state.calls.get(operator.call) if operator and operator.call else None
    if call is None:
        return
    if call.consult and call.consult.line == line and event.bridge == call.desk:
        work.offer(call, OnConsult.JOINED, now)
    elif (offer := call.offer) and offer.line == line and offer.conversation:
        if _OPERATOR in offer.conversation.here:
            return  # a repeated event
        _entered(work, call, _OPERATOR, event, now)


def _entered(work: Work, call: Call, party: Party, event: LegEnteredBridge, now: float) -> None:
    """A leg of an offer entered a bridge. A late event, of an earlier attempt, is ignored."""
    offer = call.offer
    if offer is None or offer.state not in _BEING_JOINED or event.bridge != call.desk:
        return
    assert offer.conversation is not None
    if offer.state is _RETAKING and party is not _CALLER:
        return  # the leg entered the bridge again
    whole = offer.conversation.lacks_only(party)
    what = _JOINED if whole else _PARTY_JOINED
    work.offer(call, what, now, _OF_PARTY[party])


_OF_PARTY = {party: Detail(party=party) for party in Party}
_JOINED, _PARTY_JOINED = OnOffer.JOINED, OnOffer.PARTY_JOINED
_CALLER, _OPERATOR = Party.CALLER, Party.OPERATOR
_ALONE = (CallState.WAITING, CallState.SURVEY, CallState.SET_ASIDE)
"""Callers who have no operator, and must not be in an operator's bridge."""
_RINGING, _JOINING = OfferState.RINGING, OfferState.JOINING
_RETAKING = OfferState.RETAKING
_BEING_JOINED = (_JOINING, _RETAKING)
