"""Finds an offer's table by the way on which its operator is reached."""

from collections.abc import Mapping

from callcenter.core.facts import LineStage
from callcenter.core.offers import (
    call_back,
    consult,
    open_line,
    operator_first,
    ring,
    several,
)
from callcenter.core.offers.table import (
    BackTable,
    OfferCell,
    OnBack,
    OnConsult,
    OnOffer,
    OnSeveral,
    Table,
    nothing,
)
from callcenter.core.state import Call, Offer, Operator, Way
from callcenter.core.turn import Turn

RULES: Mapping[Way, Table] = {
    Way.RING: ring.RULES,
    Way.OPEN_LINE: open_line.RULES,
    Way.CALL_BACK: call_back.RULES,
    Way.OPERATOR_FIRST: operator_first.RULES,
}

BACK: Mapping[Way, BackTable] = {
    Way.CALL_BACK: call_back.BACK,
    Way.OPERATOR_FIRST: operator_first.BACK,
}
"""The cells for the citizen's leg."""

_NO_TALK: OfferCell = nothing("only who talks with a caller asks a colleague")
_NOT_CALLED: OfferCell = nothing("told late: the citizen is not called any more")


def cell_of(offer: Offer, what: OnOffer | OnConsult | OnSeveral | OnBack) -> OfferCell:
    """The cell for what happened to the offer."""
    if isinstance(what, OnSeveral):
        here = several.RULES.get(offer.state)
        return here[what] if here and offer.way is Way.RING else several.ONLY_ONE
    if isinstance(what, OnConsult):
        row = consult.RULES.get(offer.state)
        return row[what] if row else _NO_TALK
    if isinstance(what, OnBack):
        called = BACK.get(offer.way)
        return called[offer.state][what] if called else _NOT_CALLED
    return RULES[offer.way][offer.state][what]


def begin(turn: Turn, operator: Operator, call: Call, at_once: int = 1) -> None:
    """Offer the call to the operator, on the open line if it is up. A caller without a leg is
    called back: first, or when the operator is there. `at_once`: at how many phones the call may
    ring; this one is the first."""
    if call.is_parked:
        first = operator_first if turn.rules(call).operator_first else call_back
        first.begin(turn, operator, call)
        return
    if operator.line is LineStage.SEATED:
        open_line.begin(turn, operator, call)
    elif operator.line is LineStage.ANSWERED:  # not available, and picks up a parked call
        open_line.begin_outside(turn, operator, call)
    else:
        ring.begin(turn, operator, call, at_once)
