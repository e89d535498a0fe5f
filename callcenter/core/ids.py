"""The names of things, as types, so that a call's id cannot be passed where an operator's is due.

`CallId` is the caller's channel id in Asterisk (its uniqueid, unique over restarts because it
starts with the system name and the boot second). Every other id is chosen here, before Asterisk
is asked for anything, so that a repeated request is recognised instead of carried out twice.
"""

from typing import NewType

CallId = NewType("CallId", str)
OperatorId = NewType("OperatorId", str)
QueueName = NewType("QueueName", str)
LineName = NewType("LineName", str)
LegId = NewType("LegId", str)
BridgeId = NewType("BridgeId", str)
OfferId = NewType("OfferId", str)

_OFFER_MARK = "offer-"
_DESK_MARK = "desk-"
_LINE_MARK = "line-"


def offer_id(call: CallId, number: int) -> OfferId:
    """The id of the `number`th offer of a call (1 is the first)."""
    return OfferId(f"{_OFFER_MARK}{number}-{call}")


def leg_of_offer(offer: OfferId) -> LegId:
    """The operator's channel carries the id of the offer that made it ring."""
    return LegId(offer)


def offer_of_leg(leg: str) -> OfferId | None:
    """The offer a channel belongs to, or None when the channel is not an operator's leg."""
    return OfferId(leg) if leg.startswith(_OFFER_MARK) else None


def call_of_offer(offer: OfferId) -> CallId:
    """The call an offer was made for."""
    return CallId(offer.removeprefix(_OFFER_MARK).partition("-")[2])


def line_leg(operator: OperatorId, number: int) -> LegId:
    """The `number`th open line of an operator: rung once, and kept for many calls."""
    return LegId(f"{_LINE_MARK}{number}-{operator}")


def operator_of_line(leg: str) -> OperatorId | None:
    """Whose open line a channel is, or None when it is none; `line_leg` says whether it is the
    present one or an earlier one."""
    if not leg.startswith(_LINE_MARK):
        return None
    return OperatorId(leg.removeprefix(_LINE_MARK).partition("-")[2])


def is_caller(leg: str) -> bool:
    """Whether a channel in our application is none that we made."""
    return not leg.startswith((_OFFER_MARK, _LINE_MARK))


def caller_leg(call: CallId) -> LegId:
    """The caller's own channel."""
    return LegId(call)


def desk_bridge(operator: OperatorId) -> BridgeId:
    """The bridge an operator's calls are joined in; it lives while the operator is logged in."""
    return BridgeId(f"{_DESK_MARK}{operator}")


def operator_of_bridge(bridge: str) -> OperatorId | None:
    """The operator whose desk a bridge is, or None when the bridge is not one of ours."""
    return OperatorId(bridge.removeprefix(_DESK_MARK)) if bridge.startswith(_DESK_MARK) else None
