"""The terms of the offers' tables: what can happen to an offer, and what a cell is."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from callcenter.core.cell import Cell
from callcenter.core.state import Call, CallState, Offer, OfferState
from callcenter.core.turn import Detail, Turn


class OnOffer(StrEnum):
    """What can happen to an offer."""

    ANSWERED = "operator answered"
    LEG_ENDED = "operator's leg ended"
    PHONE_LOST = "operator's phone lost"
    RING_FAILED = "ringing failed"
    PARTY_JOINED = "one leg bridged"
    JOINED = "both legs bridged"
    BRIDGE_FAILED = "bridging failed"
    HEARD = "a prompt is over"
    STATE_TIME = "time of this state spent"  # ringing, joining or ending took too long
    WITHDRAWN = "operator logged out"  # or the phone is in another call
    HANG_UP = "operator hangs up at the desk"
    TRANSFER = "operator gives the caller on"
    PARKED = "operator parks the call"
    TAKEN_OVER = "a supervisor takes over"
    CALLER_LEFT = "caller left"
    PRIORITY = "priority changed"
    CLOSED = "Asterisk is restarted now"
    FAULT = "a fault of ours"


class OnConsult(StrEnum):
    """What can happen while an operator consults a colleague."""

    ASKED = "operator asks a colleague"
    ANSWERED = "colleague answered"
    JOINED = "colleague bridged"
    GONE = "colleague's leg ended"  # or it never rang, or could not be bridged
    COMPLETED = "operator gives the caller to the colleague"
    CONFERRED = "operator takes the caller in, too"
    CANCELLED = "operator lets the colleague go"


class OnSeveral(StrEnum):
    """What can happen while a call may ring at several phones. `Detail.beside` is the offer to
    which it happens; it is not the call's main one."""

    ADDED = "another operator is free"  # Detail.operator
    CHOSEN = "becomes the call's main offer"
    LEG_ENDED = "a leg beside ended"
    PHONE_LOST = "a phone beside lost"
    RING_FAILED = "ringing beside failed"
    STATE_TIME = "time of an offer beside spent"
    WITHDRAWN = "an operator beside logged out"  # or the phone is in another call


class OnBack(StrEnum):
    """What can happen while a citizen is called back."""

    RINGS = "citizen's phone rings"
    ANSWERED = "citizen's phone answered"
    ENDED = "citizen's leg ended"  # or was never made
    KEY = "citizen presses a key"
    CANCELLED = "callback given up"


Rule = Callable[[Turn, Call, Offer, Detail], None]
OfferCell = Cell[Rule, OfferState | CallState]
"""A cell leads to another state of the offer, or to the state of the call after the offer."""
Row = Mapping[OnOffer, OfferCell]
Table = Mapping[OfferState, Row]
ConsultTable = Mapping[OfferState, Mapping[OnConsult, OfferCell]]
SeveralTable = Mapping[OfferState, Mapping[OnSeveral, OfferCell]]
BackTable = Mapping[OfferState, Mapping[OnBack, OfferCell]]


def ignore(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Do nothing. The cell says why."""


def to(rule: Rule, *targets: OfferState | CallState) -> OfferCell:
    """A cell: the rule, and the states to which it may lead. Without targets the state stays."""
    return Cell(rule, targets)


def nothing(why: str) -> OfferCell:
    """A cell that does nothing, with the reason."""
    return Cell(ignore, (), why)
