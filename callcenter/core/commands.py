"""What Asterisk must do, in the imperative. Returned by the engine, carried out by the ARI adapter.

Commands of one `lane` are carried out in order; lanes do not wait for each other. The node that a
command is for is that of its leg or bridge. A command whose
leg or bridge is already gone is done, not failed. A failed `RingOperator` comes back as the event
`RingFailed`, a failed `Bridge` or `BringIn` as `BridgeFailed`, a failed `RingLine` or `SeatLine` as
`LineFailed`, one of a supervisor who listens as `SpyFailed`, one of a recording as
`RecorderEnded`; the others need no answer, the next snapshot repairs them.
"""

from enum import StrEnum

from callcenter.core.ids import CallId, NodeId, OfferId
from callcenter.core.legs import (
    AnyBridge,
    BackLeg,
    CitizenLeg,
    DeskBridge,
    Lane,
    Leg,
    LineLeg,
    OfferLeg,
    OperatorLeg,
    RecorderLeg,
    RoomBridge,
    SnoopLeg,
    SpyLeg,
)
from callcenter.core.message import message


class Exit(StrEnum):
    """Where a caller is sent to in the dialplan (context `callcenter-out`)."""

    QUEUE_FULL = "queue_full"
    NO_OPERATORS = "no_operators"
    CLOSED = "closed"
    UNKNOWN_NUMBER = "unknown_number"
    MAX_WAIT = "max_wait"
    MESSAGE = "message"  # the longest wait, too: the queue has a message of its own
    RESTART = "restart"  # Asterisk is to be restarted
    ERROR = "error"  # our fault: on to the lifeboat
    CALLBACK = "callback"  # will be called back
    UNTOLD = "untold"  # Asterisk cannot tell us of this channel: the caller comes again by another


@message
class RingOperator:
    """Ring an operator's phone; the new leg has the given id and enters our application.

    `caller_id` is what the phone shows, `"title" <line>`: never the caller's name or number.
    It rings until the engine hangs up: its own timer ends the ringing.
    """

    lane: CallId
    offer: OfferId
    leg: OfferLeg
    endpoint: str
    caller_id: str


@message
class RingCitizen:
    """Call a citizen back through the trunk: the new leg has the given id and enters our
    application. `number` is of digits alone (core/outward.py); `caller_id` is what the citizen's
    phone shows. It rings until the engine hangs up.
    """

    lane: CallId
    leg: BackLeg
    number: str
    caller_id: str


@message
class Bridge:
    """Stop the caller's music and join both legs in the operator's bridge. An open line that is
    there already goes in anew, so that its phone hears of a new source."""

    lane: CallId
    offer: OfferId
    bridge: DeskBridge
    caller: CitizenLeg
    operator: OperatorLeg


@message
class BringIn:
    """Put the colleague's leg into the bridge where the operator is who asks."""

    lane: CallId
    offer: OfferId
    leg: OfferLeg | LineLeg
    bridge: DeskBridge


@message
class BackToMusic:
    """Take the caller out of a bridge that did not work out (None: of none), and play music."""

    lane: CallId
    caller: CitizenLeg
    bridge: AnyBridge | None


@message
class PlayPrompts:
    """Play these prompts to the caller, one after the other, as the `number`th playback of the
    call, and music after them. `language` is that of the recordings."""

    lane: CallId
    caller: CitizenLeg
    number: int
    keys: tuple[str, ...]
    language: str


@message
class StopPrompts:
    """End this playback; there is music instead. One that is over already is no failure."""

    lane: CallId
    caller: CitizenLeg
    number: int


@message
class SpeakLanguage:
    """From now on the caller hears what the dialplan says in this language."""

    lane: CallId
    caller: CitizenLeg
    language: str


@message
class EnterRoom:
    """Put a waiting caller into a room, and make the room if it is not there."""

    lane: CallId
    caller: CitizenLeg
    room: RoomBridge


@message
class HangUp:
    """End a leg."""

    lane: Lane
    leg: Leg


@message
class SendOut:
    """Give the caller back to the dialplan, to hear why and be hung up there. `keys`: the prompts
    of the exit `message`."""

    lane: CallId
    leg: CitizenLeg
    exit: Exit
    keys: tuple[str, ...] = ()


@message
class OpenDesk:
    """Make the operator's bridge (a repeat is harmless)."""

    lane: DeskBridge
    bridge: DeskBridge


@message
class CloseDesk:
    """Remove the operator's bridge."""

    lane: DeskBridge
    bridge: DeskBridge


@message
class RingLine:
    """Ring an operator's phone for an open line: the new leg has the given id, enters our
    application, and is for no caller."""

    lane: DeskBridge
    leg: LineLeg
    endpoint: str
    caller_id: str


@message
class SeatLine:
    """Put an open line that was answered into the operator's bridge, where it stays. `out_of`: the
    bridge of a colleague who asked; in the lane of that call, after the line was brought there."""

    lane: CallId | DeskBridge
    leg: LineLeg
    bridge: DeskBridge
    out_of: DeskBridge | None = None


@message
class RingSpy:
    """Ring the phone of a supervisor who wants to listen: the new leg has the given id, enters our
    application, and is for no caller."""

    lane: DeskBridge
    leg: SpyLeg
    endpoint: str
    caller_id: str


@message
class Snoop:
    """Have Asterisk make a channel of what the operator's leg hears and says; whoever is joined
    with it is heard by the operator alone."""

    lane: DeskBridge
    leg: SnoopLeg
    of: OperatorLeg


@message
class Mute:
    """What a supervisor says is thrown away in Asterisk from now on, or (`on` False) no longer."""

    lane: DeskBridge
    leg: SpyLeg
    on: bool


@message
class SeatSpy:
    """Put a supervisor, or what they hear, into a bridge; they leave the one they are in."""

    lane: DeskBridge
    leg: SpyLeg | SnoopLeg
    bridge: DeskBridge


@message
class Tap:
    """Have Asterisk make a channel of what the caller says, or of what the caller hears; it enters
    our application, and nobody hears it."""

    lane: RecorderLeg
    leg: RecorderLeg
    of: CitizenLeg


@message
class Record:
    """Keep the sound of such a channel in Asterisk, under its name, until it is hung up."""

    lane: RecorderLeg
    leg: RecorderLeg


@message
class Silence:
    """From now on silence is kept in place of the sound, or (`on` False) no longer."""

    lane: RecorderLeg
    leg: RecorderLeg
    on: bool


Command = (
    RingOperator
    | RingCitizen
    | Bridge
    | BringIn
    | BackToMusic
    | PlayPrompts
    | StopPrompts
    | SpeakLanguage
    | EnterRoom
    | HangUp
    | SendOut
    | OpenDesk
    | CloseDesk
    | RingLine
    | SeatLine
    | RingSpy
    | Snoop
    | Mute
    | SeatSpy
    | Tap
    | Record
    | Silence
)


def node_of(command: Command) -> NodeId:
    """The Asterisk that a command is for."""
    match command:
        case OpenDesk() | CloseDesk():
            return command.bridge.node
        case (
            Bridge() | BackToMusic() | PlayPrompts() | StopPrompts() | SpeakLanguage() | EnterRoom()
        ):
            return command.caller.node
        case _:
            return command.leg.node
