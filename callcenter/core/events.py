"""What happened outside, in the past tense. Only events change the engine's state.

The ARI adapter sends what Asterisk saw, the web adapter what people did, and the pump that time has
passed. An event about an offer carries the offer's id, so that a late one is recognised. Events are
hints, and may come twice or late. `SnapshotTaken` is the truth.

An event from Asterisk says which node sent it: in its leg, or as `node`.
"""

from collections.abc import Mapping
from enum import StrEnum

from callcenter.core.case_states import CaseAnswer
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

    Without `did` the dial plan did not hand the call over: a phone that forwards its calls made
    Asterisk call there.

    `age_seconds` is how long ago the channel was created (the greeting is part of the wait).
    `caller` is the caller's number as the trunk gave it, cleaned, at most 64 characters.

    `seen_later`: a snapshot shows a caller whose arrival was not told. Another service, or this one
    with a lost journal, may have served them. `alone_at`: the operator in whose bridge the caller
    is alone, because the operator has gone.
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
    `back`: the number of the callback attempt if this is the leg of one, and `end` says how it
    ended."""

    call: CallId
    loss: Loss | None = None
    back: int = 0
    end: LegEnd = LegEnd.ENDED


@message
class CallerCut:
    """Asterisk is hanging up the caller, and the far end did not ask for it. Unless we did, no
    person caused the `CallerLeft` that follows."""

    call: CallId
    loss: Loss
    back: int = 0


@message
class CallerUntold:
    """A channel is in our application, and Asterisk can tell only its id. We would not be told of
    its end either, so we do not serve it."""

    call: CallId
    node: NodeId = THE_NODE


@message
class StrangerEntered:
    """A channel in our application that is neither ours nor a caller's."""

    leg: StrangeLeg


@message
class KeyPressed:
    """The caller pressed a key: 0 to 9, * or #. `back`: as in `CallerLeft`."""

    call: CallId
    key: str
    back: int = 0


@message
class CaseStateTold:
    """The answer to `AskCaseState`."""

    call: CallId
    asked: int
    answer: CaseAnswer


@message
class CitizenAnswered:
    """The phone of a citizen who is called back was answered, by a person or a machine."""

    leg: BackLeg


@message
class CitizenRings:
    """The carrier has found the line of a citizen who is called back: it rings, or the network
    plays progress sounds. May come more than once."""

    leg: BackLeg


@message
class CitizenRingFailed:
    """Asterisk did not ring a citizen who should be called back."""

    leg: BackLeg


@message
class CallbackCancelled:
    """An open callback is cancelled, by a supervisor or by the citizen's wish."""

    call: CallId


@message
class CallbackWanted:
    """A person at the console asks that an earlier caller is called back, in `after_seconds`; 0:
    when it is their turn. The callback is a call of its own, with a new name."""

    call: CallId
    line: LineName
    did: str
    caller: str
    queue: QueueName
    after_seconds: float
    node: NodeId = THE_NODE


@message
class CallbackHurried:
    """A supervisor wants a citizen to be called back now and not later."""

    call: CallId


@message
class PromptPlayed:
    """The `number`th playback to the caller is over: played to its end, or stopped. `failed`:
    Asterisk did not do everything that was asked, so perhaps no music follows."""

    call: CallId
    number: int
    failed: bool = False


@message
class CallNeverBegan:
    """A call ended that never arrived: its caller did not acknowledge the answer, and no operator
    was rung for it. The fields are those of CallArrived and CallerLeft."""

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
    """A supervisor switched a message on or off at `place` (`line/NAME` or `queue/NAME`). Without
    `prompts` it is switched off. `more`: the prompts for key 1. `seconds`: how long it stays on;
    None: until switched off."""

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
    """The operator's leg is over, for any reason. `gone`: Asterisk has no such leg any more. Until
    then its phone may still ring or be in the call."""

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
    """An operator's open line is gone, for any reason. After LOST it must be rung again."""

    leg: LineLeg
    end: LegEnd


@message
class LineFailed:
    """Asterisk did not ring an open line, or did not put it into its bridge."""

    leg: LineLeg


@message
class LegEnteredBridge:
    """Asterisk confirms that a leg (caller's or operator's) is in a bridge."""

    leg: Leg
    bridge: AnyBridge


# --- operators at their desks ----------------------------------------------------------------


@message
class OperatorLoggedIn:
    """An operator begins work at a phone (`endpoint`, such as PJSIP/op-somchai), for these queues.

    `open_line`: the phone is rung once and stays up, and callers are joined without ringing it.
    `paused`: the reason of a pause that begins at once, before any call. `skills`: with their
    levels, in order.
    """

    operator: OperatorId
    endpoint: str
    queues: tuple[QueueName, ...]
    open_line: bool = False
    paused: str = ""
    skills: Skills = ()


@message
class OperatorLoggedOut:
    """The operator goes home. A call in progress is finished first."""

    operator: OperatorId


@message
class OperatorPaused:
    """The operator wants no calls for a while. A call in progress is finished first."""

    operator: OperatorId
    reason: str


@message
class OperatorResumed:
    """The operator wants calls again. This also ends a wrap-up early."""

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
    """The operator ends the conversation from the console. `call` says which one, because on an
    open line the next may have begun milliseconds ago. None: the present one."""

    operator: OperatorId
    call: CallId | None = None


@message
class TransferAsked:
    """The operator transfers the caller to a queue, or to another operator (`to`). If `to` is not
    free or does not answer, the caller comes to the front of `queue`."""

    operator: OperatorId
    call: CallId
    queue: QueueName | None = None  # None: the queue that the call came from
    to: OperatorId | None = None


@message
class ParkAsked:
    """The operator sets the caller aside in a free place, and is free."""

    operator: OperatorId
    call: CallId


@message
class PickUpAsked:
    """An operator of the queue, or who parked it, wants this parked call."""

    operator: OperatorId
    call: CallId


@message
class ConsultAsked:
    """The operator consults a free colleague while the caller is on hold: `to`, or the next
    operator of `queue`."""

    operator: OperatorId
    call: CallId
    to: OperatorId | None = None
    queue: QueueName | None = None


class Decision(StrEnum):
    """How a consultation goes on."""

    COMPLETE = "complete"  # the caller goes to the colleague
    CONFER = "confer"  # the caller joins the two
    CANCEL = "cancel"  # the colleague is let go


@message
class ConsultDecided:
    """The operator who consults a colleague decides how it goes on."""

    operator: OperatorId
    call: CallId
    decision: Decision


# --- supervisors who listen ------------------------------------------------------------------


@message
class ListenAsked:
    """A supervisor at a phone (`endpoint`) wants to listen to this talk of an operator, or wants
    another mode."""

    supervisor: OperatorId
    endpoint: str
    operator: OperatorId
    call: CallId
    mode: ListenMode


@message
class ListenLeft:
    """The supervisor stopped listening, at the page."""

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
    """Asterisk did not ring a supervisor, or did not let them hear, or did not mute them; or the
    snoop channel of the operator's leg is gone."""

    leg: SpyLeg


@message
class SnoopStarted:
    """The snoop channel of the operator's leg exists and can be joined."""

    leg: SnoopLeg


# --- recordings ------------------------------------------------------------------------------


@message
class SnoopEnded:
    """The snoop channel that a supervisor hears is gone, or could not be made or joined."""

    leg: SnoopLeg


@message
class TapStarted:
    """The snoop channel of the caller's leg exists and can be recorded."""

    leg: RecorderLeg


@message
class RecordingStarted:
    """Asterisk records this side of a talk from now on."""

    leg: RecorderLeg


@message
class RecorderEnded:
    """Asterisk does not record this side any more, or never did: the disk is full, the longest time
    is over, or the channel is gone. `failed`: it could not be recorded."""

    leg: RecorderLeg
    failed: bool = False


@message
class MessageMeasured:
    """The answer to `MeasureMessage`: for so many seconds somebody is heard. None: there is no
    recording."""

    leg: RecorderLeg
    seconds: float | None


@message
class HoldPressed:
    """A phone has put the talk on hold, or has ended the hold, by the phone's own key or the
    page's. During the hold the other side hears Asterisk's music."""

    leg: CitizenLeg | OperatorLeg
    on: bool


@message
class RecordingPauseAsked:
    """The operator pauses the recording (`on`), or resumes it."""

    operator: OperatorId
    call: CallId
    on: bool


# --- the machinery ---------------------------------------------------------------------------


@message
class LegSeen:
    """One channel of a snapshot. `in_app`: it is inside our Stasis application right now.
    `is_down`: its phone does not ring yet, or was never called."""

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

    `boot` names this start of Asterisk. If it differs from the last one, every earlier leg was
    lost. `elsewhere` and `away`: as in PhonesSeen. `at_phones`: the legs made under our name, by
    this or an earlier service, each with its phone.
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
    """`elsewhere`: all phones (`PJSIP/op-somchai`) that are in a call that is not ours. It may be
    the lifeboat's, whose calls go on when the service is back. `away`: all phones that are known to
    be away, because they are not registered or do not answer OPTIONS. Told when one of the two
    changes."""

    elsewhere: frozenset[str]
    away: frozenset[str] = frozenset()
    node: NodeId = THE_NODE


@message
class PhoneLost:
    """A phone with a leg that is up is away, and sends no sound either: it is dead."""

    endpoint: str


@message
class NodesAre:
    """These are all Asterisks that are driven from now on (the installation's settings). Calls on
    any other node are over."""

    nodes: tuple[NodeId, ...]


@message
class NodeDrainAsked:
    """An administrator wants an Asterisk to get no new calls (`on`), or to get them again. Its
    present calls go on."""

    node: NodeId
    on: bool


@message
class NodeDied:
    """A lost Asterisk is dead, or nobody can reach it. Its calls are over, whatever it says when it
    is back. Told when the SIP edge has freed the phones of its calls."""

    node: NodeId


@message
class AsteriskLost:
    """The connection to Asterisk is down. Until it is back, none of its calls is offered, and none
    of their timers runs out."""

    node: NodeId = THE_NODE


@message
class RingFailed:
    """Asterisk did not ring the operator (refused, or no answer to the request)."""

    offer: OfferId


@message
class BridgeFailed:
    """Asterisk did not join caller and operator (refused, or no answer to the request)."""

    offer: OfferId


class Stage(StrEnum):
    """Where in the dial plan a call ended, according to Asterisk's own ledger (its CDR)."""

    GREETING = "greeting"  # hung up before the service was asked
    STASIS = "stasis"  # handed to the service
    LIFEBOAT = "lifeboat"  # served by Asterisk's own queue while the service was away


@message
class LedgerRead:
    """A finished call in Asterisk's own ledger. We know most of them already.

    `age_seconds`: how long ago it arrived. `call_seconds`: from arrival to end. `wait_seconds`:
    from arrival to the lifeboat operator's answer, or to the end. `answered`: an operator in the
    lifeboat answered, and `operator` says who. `recorded`: the outcome of the finished call in the
    record; empty if it has none.
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
    """Asterisk must be restarted. No new caller is let in. Callers who are there are served for
    this long, and then let go. A second event sets another limit."""

    seconds: float


@message
class ClosingOver:
    """Asterisk was restarted, or the restart was cancelled. Callers are let in again."""


@message
class SiteChanged:
    """A new site file, already checked, is in force."""

    site: Site


@message
class HoursSeen:
    """The queues outside their opening hours, and the number of planned operators for each queue
    with a roster. `quiet`: no citizen is called back at this hour. Told when one of these
    changes."""

    closed: frozenset[QueueName]
    rostered: Mapping[QueueName, int]
    uncovered: frozenset[QueueName] = frozenset()  # open queues with nobody on duty
    quiet: bool = False


@message
class CallbackHoursSeen:
    """The hours of the next day in which citizens are called back, by queue: the hour of the day,
    in how many seconds it begins, and whether that is tomorrow. Told every hour."""

    hours: Mapping[QueueName, tuple[tuple[int, float, bool], ...]]


@message
class TimePassed:
    """Time has passed and nothing else happened. Timers that are due run out."""


Event = (
    CallArrived
    | CallNeverBegan
    | CallerLeft
    | CallerUntold
    | StrangerEntered
    | CallerCut
    | KeyPressed
    | CaseStateTold
    | CitizenAnswered
    | CitizenRings
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
    | ParkAsked
    | PickUpAsked
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
    | MessageMeasured
    | HoldPressed
    | RecordingPauseAsked
    | SnapshotTaken
    | PhonesSeen
    | PhoneLost
    | AsteriskLost
    | NodesAre
    | NodeDied
    | NodeDrainAsked
    | RingFailed
    | BridgeFailed
    | LedgerRead
    | ClosingAsked
    | ClosingOver
    | SiteChanged
    | HoursSeen
    | CallbackHoursSeen
    | TimePassed
)
