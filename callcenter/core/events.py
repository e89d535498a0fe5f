"""What happened outside, in the past tense: the only thing that makes the engine move.

Sent by the ARI adapter (what Asterisk saw), the web adapter (what people did at their desks) and
the pump (time went by). An event about an offer carries the offer's id, so that a late one is
recognised. Events are hints and may come twice or late; `SnapshotTaken` is the truth.

What Asterisk tells says which node told it: in its leg, or as `node`.
"""

from collections.abc import Mapping
from enum import StrEnum

from callcenter.core.facts import HelpAnswer, ListenMode
from callcenter.core.ids import (
    THE_NODE,
    CallId,
    LineName,
    NodeId,
    OfferId,
    OperatorId,
    QueueName,
)
from callcenter.core.legs import (
    AnyBridge,
    BackLeg,
    CitizenLeg,
    Leg,
    LineLeg,
    OperatorLeg,
    RecorderLeg,
    SnoopLeg,
    SpyLeg,
    StrangeLeg,
)
from callcenter.core.message import message
from callcenter.core.outcome import LegEnd, Loss, Outcome
from callcenter.core.site import Site
from callcenter.core.skills import Skills

# --- callers ---------------------------------------------------------------------------------


@message
class CallArrived:
    """A caller's channel entered our Stasis application.

    Without `did` nobody handed it over: a phone that forwards its calls had Asterisk call there.

    `age_seconds` is how long ago the channel was created (the greeting is part of the wait);
    `caller` is the caller's number as the trunk gave it, cleaned, never longer than 64 characters.

    `seen_later`: a snapshot shows the caller, nobody told of the arrival; another service, or this
    one with a journal that is lost, may have served them. `alone_at`: at whose desk the caller is
    without the operator, who has gone.
    """

    call: CallId
    did: str
    caller: str
    age_seconds: float
    node: NodeId = THE_NODE
    seen_later: bool = False
    alone_at: OperatorId | str = ""


@message
class CallerLeft:
    """The caller's channel hung up or left our application. With a `loss`, no person did that.
    `back`: it is the leg on which they were called back the `back`th time, and how it ended."""

    call: CallId
    loss: Loss | None = None
    back: int = 0
    end: LegEnd = LegEnd.ENDED


@message
class CallerCut:
    """Asterisk is hanging up on the caller, and the far end did not ask for it. Unless we did, no
    person caused the `CallerLeft` that follows."""

    call: CallId
    loss: Loss
    back: int = 0


@message
class CallerUntold:
    """A channel is in our application of which Asterisk can tell nothing but its id. We would not
    hear of its end either, so we do not serve it."""

    call: CallId
    node: NodeId = THE_NODE


@message
class StrangerEntered:
    """A channel is in our application that is neither ours nor a caller's."""

    leg: StrangeLeg


@message
class KeyPressed:
    """The caller pressed a key of the phone: 0 to 9, * or #. `back`: as in `CallerLeft`."""

    call: CallId
    key: str
    back: int = 0


@message
class CitizenAnswered:
    """The phone of a citizen who is called back was answered, by a person or a machine."""

    leg: BackLeg


@message
class CitizenRingFailed:
    """Asterisk would not ring a citizen who is to be called back."""

    leg: BackLeg


@message
class CallbackCancelled:
    """A supervisor, or the citizen's wish, ends a callback that has not come about."""

    call: CallId


@message
class CallbackWanted:
    """Somebody at the console asks that a caller is called back, who was on the phone before, in
    `after_seconds`; 0: when it is their turn. It is a call of its own, with a new name."""

    call: CallId
    line: LineName
    did: str
    caller: str
    queue: QueueName
    after_seconds: float
    node: NodeId = THE_NODE


@message
class CallbackHurried:
    """A supervisor wants a citizen to be called now who would be called later."""

    call: CallId


@message
class PromptPlayed:
    """The `number`th playback to the caller is over: heard to its end, or stopped. `failed`:
    Asterisk did not do all that was asked for, so perhaps there is no music after it."""

    call: CallId
    number: int
    failed: bool = False


@message
class CallNeverBegan:
    """A call is over that never arrived: its caller did not acknowledge the answer, and nobody was
    to be rung for it. The fields are those of CallArrived and CallerLeft."""

    call: CallId
    did: str
    caller: str
    age_seconds: float
    loss: Loss | None = None
    node: NodeId = THE_NODE


@message
class PriorityChanged:
    """A supervisor moved a waiting caller up or down (0 to 9)."""

    call: CallId
    priority: int


@message
class NewsSwitched:
    """A supervisor switched a message on or off at `place` (`line/NAME` or `queue/NAME`). No
    `prompts`: off. `more`: what key 1 brings. `seconds`: then it is off; None: until switched off.
    """

    place: str
    prompts: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    seconds: float | None = None


# --- offers ----------------------------------------------------------------------------------


@message
class OperatorAnswered:
    """The operator's leg is up and in our application."""

    offer: OfferId
    node: NodeId = THE_NODE


@message
class OperatorLegEnded:
    """The operator's leg is over, whatever the reason. `gone`: Asterisk has no such leg any more;
    until then its phone may still ring or be in the call."""

    offer: OfferId
    end: LegEnd
    gone: bool = True
    node: NodeId = THE_NODE


@message
class LineAnswered:
    """An operator's open line is up and in our application."""

    leg: LineLeg


@message
class LineEnded:
    """An operator's open line is gone, whatever the reason. LOST: it is to be rung again."""

    leg: LineLeg
    end: LegEnd


@message
class LineFailed:
    """Asterisk would not ring an open line, or not put it into its bridge."""

    leg: LineLeg


@message
class LegEnteredBridge:
    """Asterisk confirms that a leg (caller's or operator's) is in a bridge."""

    leg: Leg
    bridge: AnyBridge


# --- operators at their desks ----------------------------------------------------------------


@message
class OperatorLoggedIn:
    """An operator is at a phone (`endpoint`, such as PJSIP/op-somchai), for these queues.

    `open_line`: the phone is rung once and stays up; callers are joined without ringing it.
    `paused`: the reason of a pause that goes on at once; no call comes before it. `skills`: with
    their levels, in order.
    """

    operator: OperatorId
    endpoint: str
    queues: tuple[QueueName, ...]
    open_line: bool = False
    paused: str = ""
    skills: Skills = ()


@message
class OperatorLoggedOut:
    """The operator goes home; a call in progress is finished first."""

    operator: OperatorId


@message
class OperatorPaused:
    """The operator wants no calls for a while; a call in progress is finished first."""

    operator: OperatorId
    reason: str


@message
class OperatorResumed:
    """The operator wants calls again; also ends a wrap-up early."""

    operator: OperatorId


@message
class HelpWanted:
    """The operator asks a supervisor for help."""

    operator: OperatorId


@message
class HelpOver:
    """The request is withdrawn by the operator, or answered by a supervisor."""

    operator: OperatorId
    by: OperatorId
    how: HelpAnswer


@message
class HangUpAsked:
    """The operator ends the conversation from the console. `call` names which one: on an open line
    the next may have begun milliseconds ago. None: whichever there is."""

    operator: OperatorId
    call: CallId | None = None


@message
class TransferAsked:
    """The operator gives the caller on to a queue, or to another operator (`to`); to whom, and to
    whose queue's front the caller comes back, when `to` is not free or does not answer."""

    operator: OperatorId
    call: CallId
    queue: QueueName | None = None  # None: the one that the call came from
    to: OperatorId | None = None


@message
class ConsultAsked:
    """The operator asks a colleague who is free, while the caller is on hold: `to`, or whoever is
    the next of `queue`."""

    operator: OperatorId
    call: CallId
    to: OperatorId | None = None
    queue: QueueName | None = None


class Decision(StrEnum):
    """What comes of it that a colleague was asked."""

    COMPLETE = "complete"  # the caller is the colleague's
    CONFER = "confer"  # the caller is taken in as the third
    CANCEL = "cancel"  # the colleague is let go


@message
class ConsultDecided:
    """The operator who asked a colleague says how it goes on."""

    operator: OperatorId
    call: CallId
    decision: Decision


# --- supervisors who listen ------------------------------------------------------------------


@message
class ListenAsked:
    """A supervisor at a phone (`endpoint`) wants to hear this talk of an operator, or wants another
    mode."""

    supervisor: OperatorId
    endpoint: str
    operator: OperatorId
    call: CallId
    mode: ListenMode


@message
class ListenLeft:
    """The supervisor wants to hear no more, and said so at the page."""

    supervisor: OperatorId


@message
class SpyAnswered:
    """The supervisor's leg is up and in our application."""

    leg: SpyLeg


@message
class SpyEnded:
    """The supervisor's leg is over. `gone`: Asterisk has no such leg any more."""

    leg: SpyLeg
    end: LegEnd
    gone: bool = True


@message
class SpyFailed:
    """Asterisk would not ring a supervisor, not let them hear, or not silence them; or what it made
    of the operator's leg is gone."""

    leg: SpyLeg


@message
class SnoopStarted:
    """What Asterisk made of the operator's leg is there and can be joined."""

    leg: SnoopLeg


# --- recordings ------------------------------------------------------------------------------


@message
class SnoopEnded:
    """What a supervisor hears is gone, or could not be made or joined."""

    leg: SnoopLeg


@message
class TapStarted:
    """What Asterisk made of the caller's leg is there and can be kept."""

    leg: RecorderLeg


@message
class RecordingStarted:
    """Asterisk keeps this side of a talk from now on."""

    leg: RecorderLeg


@message
class RecorderEnded:
    """Asterisk does not keep this side any more, or never would: the disk is full, the longest time
    is over, or the channel is gone."""

    leg: RecorderLeg


@message
class HoldPressed:
    """Whose phone this is has put the talk on hold there, or has taken it back: by the phone's own
    key, or the page's. The other side hears Asterisk's music meanwhile."""

    leg: CitizenLeg | OperatorLeg
    on: bool


@message
class RecordingPauseAsked:
    """The operator wants nothing kept for a while (`on`), or no longer so."""

    operator: OperatorId
    call: CallId
    on: bool


# --- the machinery ---------------------------------------------------------------------------


@message
class LegSeen:
    """One channel of a snapshot. `in_app`: it is inside our Stasis application right now.
    `is_down`: its phone has not said that it rings, or was never called."""

    leg: Leg
    is_up: bool
    in_app: bool
    did: str
    caller: str
    age_seconds: float
    is_down: bool = False


@message
class BridgeSeen:
    """One bridge of a snapshot and the legs in it."""

    bridge: AnyBridge
    legs: tuple[Leg, ...]


@message
class SnapshotTaken:
    """Asterisk is connected, and this is all it has. Taken on every (re)connect.

    `boot` names this start of Asterisk: when it differs from the last, every earlier leg was lost.
    `elsewhere` and `away`: as in PhonesSeen. `at_phones`: the legs that we made, of whatever
    service under our name, each with its phone.
    """

    boot: str
    legs: tuple[LegSeen, ...]
    bridges: tuple[BridgeSeen, ...]
    elsewhere: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    at_phones: frozenset[tuple[str, OperatorLeg]] = frozenset()
    node: NodeId = THE_NODE


@message
class PhonesSeen:
    """These phones (`PJSIP/op-somchai`), and no others, are in a call that is not ours: in the
    lifeboat's, which goes on when the service is back. And these are known to be away: not
    registered, or without an answer to OPTIONS. Told when it is otherwise than before."""

    elsewhere: frozenset[str]
    away: frozenset[str] = frozenset()
    node: NodeId = THE_NODE


@message
class PhoneLost:
    """A phone with a leg that is up is away, and sends no sound either: it is dead."""

    endpoint: str


@message
class NodesAre:
    """These Asterisks, and no others, are driven from now on (the installation's settings). Calls
    of one that is none of them any more are over."""

    nodes: tuple[NodeId, ...]


@message
class NodeDied:
    """A lost Asterisk is dead, or cannot be reached by anybody: its calls are over, whatever it
    says when it is back. Told when the SIP edge has freed the phones of its calls."""

    node: NodeId


@message
class AsteriskLost:
    """The connection to Asterisk is down: none of its calls is offered, and no timer of theirs
    runs out meanwhile."""

    node: NodeId = THE_NODE


@message
class RingFailed:
    """Asterisk would not ring the operator (refused, or no answer to the request)."""

    offer: OfferId


@message
class BridgeFailed:
    """Asterisk would not join caller and operator (refused, or no answer to the request)."""

    offer: OfferId


class Stage(StrEnum):
    """Where in the dialplan a call ended, as Asterisk's own ledger (its CDR) says."""

    GREETING = "greeting"  # hung up before the service was asked
    STASIS = "stasis"  # was handed to the service
    LIFEBOAT = "lifeboat"  # was served by Asterisk's own queue while the service was away


@message
class LedgerRead:
    """A finished call as Asterisk's own ledger tells it; most are known to us already.

    `age_seconds`: how long ago it arrived; `call_seconds`: arrival to end; `wait_seconds`: arrival
    to the lifeboat operator's answer, or to the end; `answered`: an operator in the lifeboat did,
    and `operator` says who. `recorded`: the outcome of the finished call in the record; empty when
    it has none.
    """

    call: CallId
    did: str
    caller: str
    stage: Stage
    answered: bool
    age_seconds: float
    wait_seconds: float
    call_seconds: float
    operator: OperatorId = OperatorId("")
    recorded: Outcome | str = ""


@message
class ClosingAsked:
    """Asterisk is to be restarted: nobody new is let in; who is there is served for so long, and
    let go then. A second one sets another limit."""

    seconds: float


@message
class ClosingOver:
    """Asterisk was restarted, or is not to be any more: callers are let in again."""


@message
class SiteChanged:
    """A new, already checked site file is in force."""

    site: Site


@message
class HoursSeen:
    """Which queues are outside their opening hours now, and how many operators are rostered for
    each that has a roster; `quiet`: no citizen is called back at this hour. Told when one of these
    has changed."""

    closed: frozenset[QueueName]
    rostered: Mapping[QueueName, int]
    uncovered: frozenset[QueueName] = frozenset()  # open, and nobody is on duty
    quiet: bool = False


@message
class TimePassed:
    """Nothing happened but time: timers that are due run out."""


Event = (
    CallArrived
    | CallNeverBegan
    | CallerLeft
    | CallerUntold
    | StrangerEntered
    | CallerCut
    | KeyPressed
    | CitizenAnswered
    | CitizenRingFailed
    | CallbackCancelled
    | CallbackWanted
    | CallbackHurried
    | PromptPlayed
    | PriorityChanged
    | NewsSwitched
    | OperatorAnswered
    | OperatorLegEnded
    | LineAnswered
    | LineEnded
    | LineFailed
    | LegEnteredBridge
    | OperatorLoggedIn
    | OperatorLoggedOut
    | OperatorPaused
    | HelpWanted
    | HelpOver
    | OperatorResumed
    | HangUpAsked
    | TransferAsked
    | ConsultAsked
    | ConsultDecided
    | ListenAsked
    | ListenLeft
    | SpyAnswered
    | SpyEnded
    | SpyFailed
    | SnoopStarted
    | SnoopEnded
    | TapStarted
    | RecordingStarted
    | RecorderEnded
    | HoldPressed
    | RecordingPauseAsked
    | SnapshotTaken
    | PhonesSeen
    | PhoneLost
    | AsteriskLost
    | NodesAre
    | NodeDied
    | RingFailed
    | BridgeFailed
    | LedgerRead
    | ClosingAsked
    | ClosingOver
    | SiteChanged
    | HoursSeen
    | TimePassed
)
