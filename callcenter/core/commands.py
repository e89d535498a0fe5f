"""What Asterisk must do. The engine returns commands, and the ARI adapter carries them out.

Commands of one `lane` are carried out in order. Lanes do not wait for each other. The node of a
command is that of its leg or bridge. A command whose leg or bridge is already gone is done, not
failed. Some failures come back as events: `RingOperator` as `RingFailed`, `Bridge` and `BringIn` as
`BridgeFailed`, `RingLine` and `SeatLine` as `LineFailed`, a command for a supervisor who listens as
`SpyFailed`, and a command for a recording as `RecorderEnded`. The others need no answer: the next
snapshot repairs them. Two commands are not for Asterisk: the database answers
`AskCaseState`, by the event `CaseStateTold`; another fetches the sound of a message and measures
it: `MeasureMessage`, by `MessageMeasured`.
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
    """The exits of the dial plan to which a caller is sent (context `callcenter-out`)."""

    QUEUE_FULL = "queue_full"
    NO_OPERATORS = "no_operators"
    CLOSED = "closed"
    UNKNOWN_NUMBER = "unknown_number"
    MAX_WAIT = "max_wait"
    MESSAGE = "message"  # also after the longest wait, if the queue has a message of its own
    RESTART = "restart"  # Asterisk is to be restarted
    ERROR = "error"  # our fault: to the lifeboat
    CALLBACK = "callback"  # the caller will be called back
    # Asterisk cannot tell us of this channel, so the caller comes again by another one
    UNTOLD = "untold"


@message
class RingOperator:
    """Ring an operator's phone. The new leg has the given id and enters our application.

    The phone shows `caller_id`, as `"title" <line>`: never the caller's name or number. It rings
    until the engine hangs up, whose own timer ends the ringing.
    """

    lane: CallId
    offer: OfferId
    leg: OfferLeg
    endpoint: str
    caller_id: str


@message
class RingCitizen:
    """Call a citizen back through the trunk. The new leg has the given id and enters our
    application. `number` has digits only (core/outward.py). The citizen's phone shows `caller_id`.
    It rings until the engine hangs up."""

    lane: CallId
    leg: BackLeg
    number: str
    caller_id: str


@message
class Bridge:
    """Stop the caller's music and join both legs in the operator's bridge. An open line that is
    already there is joined again, so that its phone hears of a new source. `rings`: the operator
    may hear ringing, which is stopped first."""

    lane: CallId
    offer: OfferId
    bridge: DeskBridge
    caller: CitizenLeg
    operator: OperatorLeg
    rings: bool = False


@message
class BringIn:
    """Put the colleague's leg into the bridge of the operator who consults."""

    lane: CallId
    offer: OfferId
    leg: OfferLeg | LineLeg
    bridge: DeskBridge


@message
class BackToMusic:
    """Take the caller out of a bridge in which they could not be joined (None: of no bridge), and
    play music."""

    lane: CallId
    caller: CitizenLeg
    bridge: AnyBridge | None


@message
class PlayPrompts:
    """Play these prompts to the caller, one after the other, as the `number`th playback of the
    call, and then music. `language` is the language of the recordings."""

    lane: CallId
    caller: CitizenLeg
    number: int
    keys: tuple[str, ...]
    language: str


@message
class StopPrompts:
    """End this playback and play music. It is no failure if the playback is over already."""

    lane: CallId
    caller: CitizenLeg
    number: int


@message
class PlayRinging:
    """Play these prompts to an operator whose citizen is called back, and then ringing for so many
    seconds. Ordered once: a second one would play after the first."""

    lane: CallId
    leg: OperatorLeg
    keys: tuple[str, ...]
    language: str
    seconds: float


@message
class StopRinging:
    """End what `PlayRinging` plays to this leg."""

    lane: CallId | DeskBridge
    leg: OperatorLeg


@message
class SpeakLanguage:
    """From now on the dial plan speaks this language to the caller."""

    lane: CallId
    caller: CitizenLeg
    language: str


@message
class EnterRoom:
    """Put a waiting caller into a room. The room is made if needed."""

    lane: CallId
    caller: CitizenLeg
    room: RoomBridge


@message
class HangUp:
    """End a leg. `elsewhere`: another phone was answered, so this one shows no missed call."""

    lane: Lane
    leg: Leg
    elsewhere: bool = False


@message
class SendOut:
    """Give the caller back to the dial plan, which tells them why and hangs up. `keys`: the prompts
    of the exit `message`."""

    lane: CallId
    leg: CitizenLeg
    exit: Exit
    keys: tuple[str, ...] = ()


@message
class OpenDesk:
    """Make the operator's bridge. A repetition is harmless."""

    lane: DeskBridge
    bridge: DeskBridge


@message
class CloseDesk:
    """Remove the operator's bridge."""

    lane: DeskBridge
    bridge: DeskBridge


@message
class RingLine:
    """Ring an operator's phone for an open line. The new leg has the given id, enters our
    application, and has no caller."""

    lane: DeskBridge
    leg: LineLeg
    endpoint: str
    caller_id: str


@message
class SeatLine:
    """Put an answered open line into the operator's bridge, where it stays. `out_of`: the bridge of
    a colleague who consulted this operator. The lane is then that of the call, after the command
    that brought the line there."""

    lane: CallId | DeskBridge
    leg: LineLeg
    bridge: DeskBridge
    out_of: DeskBridge | None = None


@message
class RingSpy:
    """Ring the phone of a supervisor who wants to listen. The new leg has the given id, enters our
    application, and has no caller."""

    lane: DeskBridge
    leg: SpyLeg
    endpoint: str
    caller_id: str


@message
class Snoop:
    """Make a snoop channel in Asterisk of what the operator's leg hears and says. A leg that is
    joined with it is heard only by the operator."""

    lane: DeskBridge
    leg: SnoopLeg
    of: OperatorLeg


@message
class Mute:
    """Mute what a supervisor says, or (`on` False) stop muting it."""

    lane: DeskBridge
    leg: SpyLeg
    on: bool


@message
class SeatSpy:
    """Put a supervisor, or the snoop channel, into a bridge. It leaves the bridge it is in."""

    lane: DeskBridge
    leg: SpyLeg | SnoopLeg
    bridge: DeskBridge


@message
class Tap:
    """Make a snoop channel of what the caller says, or of what the caller hears. It enters our
    application, and nobody hears it."""

    lane: RecorderLeg
    leg: RecorderLeg
    of: CitizenLeg


@message
class Record:
    """Record such a channel in Asterisk, under its name, until it is hung up."""

    lane: RecorderLeg
    leg: RecorderLeg


@message
class Silence:
    """From now on record silence instead of the sound, or (`on` False) no longer."""

    lane: RecorderLeg
    leg: RecorderLeg
    on: bool


@message
class AskCaseState:
    """Find out how far the case with this number is, as it was typed. `asked`: the how manieth
    number of the call; `caller`: who asks, so that nobody tries all numbers."""

    call: CallId
    asked: int
    number: str
    caller: str


@message
class RecordMessage:
    """Play a tone to the caller, and record what they say under the name of `leg`, until #, until
    nothing is heard for `silence_seconds`, for at most `longest_seconds`, and then play music. A
    failure comes back as `RecorderEnded`."""

    lane: CallId
    caller: CitizenLeg
    leg: RecorderLeg
    longest_seconds: float
    silence_seconds: float


@message
class AskMessage:
    """Look whether the message is being recorded. If not, the answer is `RecorderEnded`."""

    lane: CallId
    leg: RecorderLeg


@message
class MeasureMessage:
    """Find out for how long somebody is heard in a message that was recorded."""

    leg: RecorderLeg


ToAsterisk = (
    RingOperator
    | RingCitizen
    | Bridge
    | BringIn
    | BackToMusic
    | PlayPrompts
    | StopPrompts
    | PlayRinging
    | StopRinging
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
    | RecordMessage
    | AskMessage
)

Command = ToAsterisk | AskCaseState | MeasureMessage


def node_of(command: ToAsterisk) -> NodeId:
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
