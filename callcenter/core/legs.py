"""Channels and bridges of Asterisk as values: the kind of each, and its node.

Only `leg_of` and `bridge_of` parse a name from Asterisk. Only `channel_of` and `name_of` make a
name for Asterisk. All other code uses the type. (The fact `OfferMade` names an open line by its
channel, as older journals do.) A new kind of leg needs a class here, a line in each of these
functions, and a case wherever mypy then finds one missing.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

from callcenter.core.ids import OFFER_MARK, CallId, NodeId, OfferId, OperatorId
from callcenter.core.message import message

# --- legs ------------------------------------------------------------------------------------


@message
class CallerLeg:
    """The caller's own channel. Asterisk chose its name, which is the call's id."""

    call: CallId
    node: NodeId


@message
class OfferLeg:
    """An operator's channel that was made for one offer. It has the offer's id."""

    offer: OfferId
    node: NodeId


@message
class LineLeg:
    """The `number`th open line of an operator: rung once, and kept for many calls."""

    operator: OperatorId
    number: int
    node: NodeId


@message
class BackLeg:
    """The channel of the `number`th attempt to call a citizen back for this call."""

    call: CallId
    number: int
    node: NodeId


@message
class SpyLeg:
    """A supervisor's channel for the `number`th listening. After a take-over it is the operator's
    channel."""

    supervisor: OperatorId
    number: int
    node: NodeId


@message
class SnoopLeg:
    """Asterisk's snoop channel of an operator's leg (`POST /channels/{id}/snoop`). Through it a
    supervisor hears that leg and can speak there. It has no phone."""

    supervisor: OperatorId
    number: int
    node: NodeId


class Side(StrEnum):
    """One half of a recording: what the caller says, or what the caller hears."""

    CALLER = "caller"
    OPERATOR = "operator"  # the operator, and everyone else whom the caller hears in the talk


@message
class RecorderLeg:
    """Asterisk's snoop channel of the caller's leg that records one side of a talk, for the
    `number`th recording of the call. Asterisk keeps the sound under the channel's name."""

    call: CallId
    number: int
    side: Side
    node: NodeId


@message
class StrangeLeg:
    """A channel whose name is neither one of ours nor one that Asterisk gives to a caller.

    Another program made it, or another version of this one. Nobody waits there, and it is never
    served.
    """

    channel: str
    node: NodeId


OperatorLeg = OfferLeg | LineLeg | SpyLeg
"""A leg at a phone that we ring."""
MadeLeg = OperatorLeg | BackLeg
"""A leg that we make and dial."""
CitizenLeg = CallerLeg | BackLeg
"""The leg of the citizen: their own call, or our call to them."""
Leg = CitizenLeg | OperatorLeg | SnoopLeg | RecorderLeg | StrangeLeg

_LINE_MARK = "line-"
_LINE = re.compile(r"line-([0-9]+)-(.+)")
_BACK_MARK = "back-"
_BACK = re.compile(r"back-([0-9]+)-(.+)")
_SPY_MARK, _SNOOP_MARK = "spy-", "snoop-"
_LISTENER = re.compile(r"(spy|snoop)-([0-9]+)-(.+)")
_RECORDER_MARK = "rec-"
_RECORDER = re.compile(r"rec-([0-9]+)-(caller|operator)-(.+)")
_UNIQUE_ID = re.compile(r"(?:.*-)?[0-9]+\.[0-9]+")
"""Asterisk's own name for a channel: system name, second of creation, running number."""


def leg_of(node: NodeId, channel: str) -> Leg:
    """The leg of a node's channel, by its name."""
    if channel.startswith(OFFER_MARK):
        return OfferLeg(offer=OfferId(channel), node=node)
    if line := _LINE.fullmatch(channel):
        return LineLeg(operator=OperatorId(line[2]), number=int(line[1]), node=node)
    if back := _BACK.fullmatch(channel):
        return BackLeg(call=CallId(back[2]), number=int(back[1]), node=node)
    if listener := _LISTENER.fullmatch(channel):
        kind = SpyLeg if listener[1] == "spy" else SnoopLeg
        return kind(supervisor=OperatorId(listener[3]), number=int(listener[2]), node=node)
    if recorder := recorder_of(node, channel):
        return recorder
    if _UNIQUE_ID.fullmatch(channel):
        return CallerLeg(call=CallId(channel), node=node)
    return StrangeLeg(channel=channel, node=node)


def recorder_of(node: NodeId, name: str) -> RecorderLeg | None:
    """The recorder of this channel or recording. None if the name is not a recorder's."""
    found = _RECORDER.fullmatch(name)
    if found is None:
        return None
    return RecorderLeg(call=CallId(found[3]), number=int(found[1]), side=Side(found[2]), node=node)


def channel_of(leg: Leg) -> str:
    """The name of a leg's channel."""
    match leg:
        case CallerLeg(call=call):
            return call
        case OfferLeg(offer=offer):
            return offer
        case LineLeg(operator=operator, number=number):
            return f"{_LINE_MARK}{number}-{operator}"
        case BackLeg(call=call, number=number):
            return f"{_BACK_MARK}{number}-{call}"
        case SpyLeg(supervisor=supervisor, number=number):
            return f"{_SPY_MARK}{number}-{supervisor}"
        case SnoopLeg(supervisor=supervisor, number=number):
            return f"{_SNOOP_MARK}{number}-{supervisor}"
        case RecorderLeg(call=call, number=number, side=side):
            return f"{_RECORDER_MARK}{number}-{side}-{call}"
        case StrangeLeg(channel=channel):
            return channel
        case _:
            assert_never(leg)


# --- bridges ---------------------------------------------------------------------------------


@message
class DeskBridge:
    """The bridge in which an operator's calls are joined. It exists while the operator is logged
    in."""

    operator: OperatorId
    node: NodeId


@lru_cache(maxsize=10_000)
def desk_of(operator: OperatorId, node: NodeId) -> DeskBridge:
    """An operator's bridge on a node. Cached, because it is used often."""
    return DeskBridge(operator=operator, node=node)


@message
class RoomBridge:
    """The bridge for callers who have waited long (core/rooms.py)."""

    number: int
    node: NodeId


@message
class StrangeBridge:
    """A bridge that is not ours."""

    name: str
    node: NodeId


AnyBridge = DeskBridge | RoomBridge | StrangeBridge


def back_number(leg: CitizenLeg) -> int:
    """The number of the callback attempt; 0: the citizen's own call."""
    return leg.number if isinstance(leg, BackLeg) else 0


Lane = CallId | DeskBridge | RecorderLeg | StrangeLeg
"""Commands of one lane are carried out in order. A lane is that of a call, of an operator's bridge,
of one side of a recording, or of a strange leg."""

_DESK_MARK, _ROOM_MARK = "desk-", "room-"
_ROOM = re.compile(r"room-([0-9]+)")


def bridge_of(node: NodeId, name: str) -> AnyBridge:
    """The bridge of a node, by its name."""
    if name.startswith(_DESK_MARK):
        return DeskBridge(operator=OperatorId(name.removeprefix(_DESK_MARK)), node=node)
    if room := _ROOM.fullmatch(name):
        return RoomBridge(number=int(room[1]), node=node)
    return StrangeBridge(name=name, node=node)


def name_of(bridge: AnyBridge) -> str:
    """The name of a bridge."""
    match bridge:
        case DeskBridge(operator=operator):
            return f"{_DESK_MARK}{operator}"
        case RoomBridge(number=number):
            return f"{_ROOM_MARK}{number}"
        case StrangeBridge(name=name):
            return name
        case _:
            assert_never(bridge)
