"""Channels and bridges of Asterisk as values: what each of them is, and on which node.

`leg_of` and `bridge_of` are the only places where a name from Asterisk is taken apart; `channel_of`
and `name_of` are the only ones where a name for Asterisk is made. Everything in between asks for
the type. (The fact `OfferMade` names an open line by its channel, as older journals do.) A new kind
of leg is a class here, a line in each of these functions, and a case wherever mypy then finds that
one is missing.
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
    """An operator's channel that was made for one offer, and carries the offer's id."""

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
    """The channel on which a citizen is called back, the `number`th time for this call."""

    call: CallId
    number: int
    node: NodeId


@message
class SpyLeg:
    """A supervisor's channel for the `number`th listening; after taking over, the operator's."""

    supervisor: OperatorId
    number: int
    node: NodeId


@message
class SnoopLeg:
    """What Asterisk makes of an operator's leg so that a supervisor hears it, and can speak there:
    no phone is at its end (`POST /channels/{id}/snoop`)."""

    supervisor: OperatorId
    number: int
    node: NodeId


class Side(StrEnum):
    """Which half of a recording: what the caller says, or what the caller hears."""

    CALLER = "caller"
    OPERATOR = "operator"  # and whoever else the caller hears in the talk


@message
class RecorderLeg:
    """What Asterisk makes of the caller's leg to record one side of a talk, for the `number`th
    recording of the call. Its sound is kept there under the name of the channel."""

    call: CallId
    number: int
    side: Side
    node: NodeId


@message
class StrangeLeg:
    """A channel that carries none of our marks and no name that Asterisk gives to a caller.

    Another program made it, or another version of this one. Nobody waits there: it is never served.
    """

    channel: str
    node: NodeId


OperatorLeg = OfferLeg | LineLeg | SpyLeg
"""At a phone that we ring."""
MadeLeg = OperatorLeg | BackLeg
"""One that we make and dial."""
CitizenLeg = CallerLeg | BackLeg
"""On which the citizen is: their own call, or ours to them."""
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
"""Asterisk's own name for a channel: system name, second of its making, running number."""


def leg_of(node: NodeId, channel: str) -> Leg:
    """What a channel of a node is, by its name."""
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
    """Which recorder's channel or sound this name is; None when it is none."""
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
    """Where an operator's calls are joined; it is there while the operator is logged in."""

    operator: OperatorId
    node: NodeId


@lru_cache(maxsize=10_000)
def desk_of(operator: OperatorId, node: NodeId) -> DeskBridge:
    """An operator's bridge on a node: asked for often, so that each is made once."""
    return DeskBridge(operator=operator, node=node)


@message
class RoomBridge:
    """Where callers wait who have waited long (core/rooms.py)."""

    number: int
    node: NodeId


@message
class StrangeBridge:
    """A bridge that is not ours."""

    name: str
    node: NodeId


AnyBridge = DeskBridge | RoomBridge | StrangeBridge


def back_number(leg: CitizenLeg) -> int:
    """Which of the calls back to the citizen this is; 0: the citizen's own call."""
    return leg.number if isinstance(leg, BackLeg) else 0


Lane = CallId | DeskBridge | RecorderLeg | StrangeLeg
"""Commands of one lane are carried out in order: those of a call, of a desk, of one side of a
recording, of a strange leg."""

_DESK_MARK, _ROOM_MARK = "desk-", "room-"
_ROOM = re.compile(r"room-([0-9]+)")


def bridge_of(node: NodeId, name: str) -> AnyBridge:
    """What a bridge of a node is, by its name."""
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
