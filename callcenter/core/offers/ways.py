"""Which table an offer has: that of the way on which its operator is reached."""

from collections.abc import Mapping

from callcenter.core.facts import LineStage
from callcenter.core.offers import open_line, ring
from callcenter.core.offers.table import OfferCell, OnOffer, Table
from callcenter.core.state import Call, Offer, Operator, Way
from callcenter.core.turn import Turn

RULES: Mapping[Way, Table] = {Way.RING: ring.RULES, Way.OPEN_LINE: open_line.RULES}


def cell_of(offer: Offer, what: OnOffer) -> OfferCell:
    """What is done when this happens to the offer."""
    return RULES[offer.way][offer.state][what]


def begin(turn: Turn, operator: Operator, call: Call) -> None:
    """Offer the call to the operator: on the open line, if that is up."""
    way = open_line if operator.line is LineStage.SEATED else ring
    way.begin(turn, operator, call)
