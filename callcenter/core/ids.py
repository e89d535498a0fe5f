"""Ids as types, so that a call's id cannot be passed in place of an operator's.

`CallId` is the caller's channel id in Asterisk (its uniqueid, which is unique over restarts because
it starts with the system name and the boot second). Every other id is chosen here before Asterisk
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
"""The name of the node if there is only one."""

OFFER_MARK = "offer-"


PROMPT_MARK = "prompt-"


def offer_id(call: CallId, number: int) -> OfferId:
    """The id of the `number`th offer of a call (1 is the first)."""
    return OfferId(f"{OFFER_MARK}{number}-{call}")


def call_of_offer(offer: OfferId) -> CallId:
    """The call for which an offer was made."""
    _, _, numbered = offer.partition("-")
    return CallId(numbered.partition("-")[2])


def prompt_name(call: CallId, number: int) -> str:
    """Asterisk's name for the `number`th playback to a call's caller (1 is the first)."""
    return f"{PROMPT_MARK}{number}-{call}"


def prompt_of(name: str) -> tuple[CallId, int] | None:
    """The call and number of this playback. None if it is not ours."""
    number, _, call = name.removeprefix(PROMPT_MARK).partition("-")
    ours = name.startswith(PROMPT_MARK) and number.isdecimal() and call != ""
    return (CallId(call), int(number)) if ours else None
