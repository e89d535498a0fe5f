"""Which table an offer has: that of the way on which its operator is reached."""

from collections.abc import Mapping

from callcenter.core.facts import LineStage
from callcenter.core.offers import consult, open_line, ring
from callcenter.core.offers.table import OfferCell, OnConsult, OnOffer, Table, nothing
from callcenter.core.state import Call, Offer, Operator, Way
from callcenter.core.turn import Turn

RULES: Mapping[Way, Table] = {Way.RING: ring.RULES, Way.OPEN_LINE: open_line.RULES}


_NO_TALK: OfferCell = nothing("only who talks with a caller asks a colleague")


def cell_of(offer: Offer, what: OnOffer | OnConsult) -> OfferCell:
    """What is done when this happens to the offer."""
    if isinstance(what, OnConsult):
        row = consult.RULES.get(offer.state)
        return row[what] if row else _NO_TALK
    return RULES[offer.way][offer.state][what]


def begin(turn: Turn, operator: Operator, call: Call) -> None:
    """Offer the call to the operator: on the open line, if that is up."""
    way = open_line if operator.line is LineStage.SEATED else ring
    way.begin(turn, operator, call)
