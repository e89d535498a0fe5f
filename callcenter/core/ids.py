"""The names of things, as types, so that a call's id cannot be passed where an operator's is due.

`CallId` is the caller's channel id in Asterisk (its uniqueid, unique over restarts because it
starts with the system name and the boot second). Every other id is chosen here, before Asterisk
is asked for anything, so that a repeated request is recognised instead of carried out twice.
Channels and bridges are values (legs.py).
"""

from typing import NewType

CallId = NewType("CallId", str)
OperatorId = NewType("OperatorId", str)
QueueName = NewType("QueueName", str)
LineName = NewType("LineName", str)
OfferId = NewType("OfferId", str)
NodeId = NewType("NodeId", str)

THE_NODE = NodeId("asterisk")
"""Which Asterisk it is, as long as there is one."""

OFFER_MARK = "offer-"


def offer_id(call: CallId, number: int) -> OfferId:
    """The id of the `number`th offer of a call (1 is the first)."""
    return OfferId(f"{OFFER_MARK}{number}-{call}")


def call_of_offer(offer: OfferId) -> CallId:
    """The call an offer was made for."""
    _, _, numbered = offer.partition("-")
    return CallId(numbered.partition("-")[2])
