"""Legs and bridges by the short names that tests give them, all on the one node."""

from collections.abc import Iterable

from callcenter.core.ids import THE_NODE, CallId, OfferId, OperatorId
from callcenter.core.legs import (
    AnyBridge,
    BackLeg,
    CallerLeg,
    DeskBridge,
    Leg,
    LineLeg,
    OfferLeg,
    RecorderLeg,
    RoomBridge,
    Side,
    SnoopLeg,
    SpyLeg,
    StrangeLeg,
    bridge_of,
    channel_of,
    leg_of,
)


def leg_named(name: str) -> Leg:
    """By its channel's name; in tests a caller's may be any word."""
    found = leg_of(THE_NODE, name)
    return caller_leg(CallId(name)) if isinstance(found, StrangeLeg) else found


def caller_leg(call: str) -> CallerLeg:
    """The caller's own channel."""
    return CallerLeg(call=CallId(call), node=THE_NODE)


def call_of_leg(name: str) -> str:
    """The call of a citizen's leg: its own name, unless the service called."""
    found = leg_named(name)
    return found.call if isinstance(found, BackLeg) else name


def leg_of_offer(offer: OfferId) -> OfferLeg:
    """The operator's channel of an offer."""
    return OfferLeg(offer=offer, node=THE_NODE)


def line_leg(operator: str, number: int) -> LineLeg:
    """The `number`th open line of an operator."""
    return LineLeg(operator=OperatorId(operator), number=number, node=THE_NODE)


def spy_leg(supervisor: str, number: int) -> SpyLeg:
    """The channel of a supervisor's `number`th listening."""
    return SpyLeg(supervisor=OperatorId(supervisor), number=number, node=THE_NODE)


def snoop_leg(supervisor: str, number: int) -> SnoopLeg:
    """What they hear there."""
    return SnoopLeg(supervisor=OperatorId(supervisor), number=number, node=THE_NODE)


def recorder_leg(call: str, number: int, side: Side) -> RecorderLeg:
    """What keeps one side of a call's `number`th recording."""
    return RecorderLeg(call=CallId(call), number=number, side=side, node=THE_NODE)


def desk_bridge(operator: str) -> DeskBridge:
    """An operator's bridge."""
    return DeskBridge(operator=OperatorId(operator), node=THE_NODE)


def bridge_named(name: str) -> AnyBridge:
    """By its name in Asterisk."""
    return bridge_of(THE_NODE, name)


def room_bridge(number: int) -> RoomBridge:
    """Where callers wait who have waited long."""
    return RoomBridge(number=number, node=THE_NODE)


def names_of(legs: Iterable[Leg]) -> list[str]:
    """Their channels' names."""
    return [channel_of(each) for each in legs]


def is_line(channel: str) -> bool:
    """Whether a channel is an operator's open line."""
    return isinstance(leg_of(THE_NODE, channel), LineLeg)


def line_owner(channel: str) -> str:
    """Whose open line it is; empty: it is none."""
    leg = leg_of(THE_NODE, channel)
    return leg.operator if isinstance(leg, LineLeg) else ""


__all__ = [
    "bridge_named",
    "caller_leg",
    "channel_of",
    "desk_bridge",
    "is_line",
    "leg_named",
    "leg_of_offer",
    "line_leg",
    "line_owner",
    "names_of",
    "recorder_leg",
    "room_bridge",
    "snoop_leg",
    "spy_leg",
]
