"""What is now true in our world and worth keeping.

The state of the engine is a fold over these facts; so are the rows, the metrics and the live
screens. Nothing else may count or record. Some facts matter to the state alone. `at` is the
engine's time in seconds (monotonic); the journal adds the wall clock.
"""

from enum import StrEnum

from callcenter.core.conversation import Party
from callcenter.core.ids import (
    THE_NODE,
    CallId,
    LineName,
    NodeId,
    OfferId,
    OperatorId,
    QueueName,
)
from callcenter.core.legs import Side
from callcenter.core.line import Needs
from callcenter.core.menu import Place
from callcenter.core.message import message
from callcenter.core.outcome import BackResult, ConsultResult, EndedBy, Loss, OfferResult, Outcome
from callcenter.core.skills import Skills


class OperatorState(StrEnum):
    """What an operator is doing; the words are those of the metric `hotline_operators`."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    RINGING = "ringing"
    ON_CALL = "on_call"
    WRAPUP = "wrapup"
    PAUSED = "paused"
    PHONE_AWAY = "phone_away"  # wants calls, and the phone is known not to be there


class LineStage(StrEnum):
    """Where an operator's open line is."""

    DOWN = "down"  # there is none
    RINGING = "ringing"
    ANSWERED = "answered"  # up, and not in the operator's bridge (yet)
    SEATED = "seated"  # in the operator's bridge: callers can be joined
    LENT = "lent"  # up, and in the bridge of a colleague who asks, or on its way there or back
    STALE = "stale"  # in use by a call, and hung up after it: another phone or mode was chosen


class PromptKind(StrEnum):
    """What a caller hears before an operator answers."""

    NOTICE = "notice"  # that calls are recorded: always heard to its end
    GREETING = "greeting"  # stops when an operator answers
    QUESTION = "question"  # of the menu
    NEWS = "news"  # on a matter for which many call: stops when an operator answers
    WAIT = "wait"  # place in line and time: stops when an operator is free
    CALLBACK = "callback"  # that a callback can be had
    CHECK = "check"  # to press a key, of who is called back
    SURVEY = "survey"  # how it was, after the talk


class MenuEnding(StrEnum):
    """How a caller left the menu."""

    CHOSEN = "chosen"  # by the keys of the steps
    PERSON = "person"  # pressed 0
    NOTHING = "nothing"  # pressed nothing, or nothing that had a meaning
    LEFT = "left"  # hung up
    CUT = "cut"  # ended by us, or by Asterisk


class SurveyEnding(StrEnum):
    """How the survey after a talk came out."""

    ANSWERED = "answered"  # with a key from 1 to 5
    SILENT = "silent"  # pressed nothing that had a meaning
    LEFT = "left"  # hung up without an answer
    CUT = "cut"  # ended by us, or by Asterisk


class ListenMode(StrEnum):
    """What a supervisor wants of a talk."""

    LISTEN = "listen"  # hears both, and is heard by nobody
    WHISPER = "whisper"  # the operator hears them, too
    BARGE = "barge"  # all hear each other
    TAKE_OVER = "take_over"  # goes on with the caller in the operator's place


class ListenStage(StrEnum):
    """How far a supervisor is who wants to listen."""

    RINGING = "ringing"  # the supervisor's phone
    JOINING = "joining"  # it was answered
    LISTENING = "listening"
    LEAVING = "leaving"  # hears nobody any more; the leg is not gone yet


class RecordingStage(StrEnum):
    """How far a recording is."""

    TAPPING = "tapping"  # Asterisk is asked for what the caller says and hears
    STARTING = "starting"  # it was asked to keep both
    RUNNING = "running"  # both are kept


class RecordingEnd(StrEnum):
    """How a recording ended."""

    DONE = "done"  # with the talk
    CUT = "cut"  # Asterisk ended it in mid-talk, which goes on
    AWAY = "away"  # it was over when Asterisk was connected again
    FAILED = "failed"  # it never began: Asterisk would not
    TOO_SHORT = "too_short"  # the talk was over before it began


# --- calls -----------------------------------------------------------------------------------


@message
class CallReceived:
    """A call reached us. `arrived_at` is when its channel was created, at most `at`.

    `line` is "unknown" when nobody published the dialled number. `from_ledger`: it is over, and
    what the same step tells of it is made up from Asterisk's ledger. `numbers_from`: the offers,
    playbacks and recordings of the call are numbered on from here, because others before us may
    have made some, of which nothing is known here.
    """

    at: float
    call: CallId
    line: LineName
    did: str
    caller: str
    arrived_at: float
    from_ledger: bool = False
    node: NodeId = THE_NODE
    numbers_from: int = 0


@message
class CallQueued:
    """The call stands in a queue from now on ("offered" in the counting identities). `why`: the
    Diversion, if it is not the queue of its line, `instead_of` which it stands here; else empty.
    `expected_seconds` is how long it will wait, `at_most_seconds` what nine of ten do not exceed;
    None: not known, or an operator is free (core/estimate.py). `redial_of`: the call whose kept
    place the caller returns to; `first_arrived_at`: since when that place is theirs (redial.py).
    `needs`: what the call needs of an operator, one level less after each `relax_seconds` more of
    waiting (skills.py). `last_operator`: whom the caller talked to last (acquainted.py)."""

    at: float
    call: CallId
    queue: QueueName
    priority: int
    waiting: int  # callers in the queue, this one included
    instead_of: QueueName | str = ""
    why: str = ""
    expected_seconds: float | None = None
    at_most_seconds: float | None = None
    redial_of: CallId | str = ""
    first_arrived_at: float | None = None  # None: the arrival
    callback_at: float | None = None  # when a callback is offered, if the caller still waits
    needs: Needs = ()
    relax_seconds: float = 0.0
    last_operator: OperatorId | str = ""


@message
class NeedsRelaxed:
    """The caller waited for skills for some time: from now on this is enough. Empty: anybody."""

    at: float
    call: CallId
    needs: Needs


@message
class PlaceKept:
    """The caller left unanswered. Who calls this queue again from the same number before `until`
    stands at the old place."""

    at: float
    call: CallId
    queue: QueueName
    until: float


@message
class TalkRemembered:
    """Caller and operator talk: who calls again from the same number before `until` is offered to
    this operator first, if free."""

    at: float
    call: CallId
    operator: OperatorId
    until: float


@message
class CallbackAsked:
    """The caller wants to be called back: the place in line is kept without the leg, which is let
    go. Until `until`, then it is given up. `due_at`: not before that time, which was chosen; 0:
    when it is their turn."""

    at: float
    call: CallId
    queue: QueueName
    until: float
    due_at: float = 0.0


@message
class CallbackTried:
    """It is the caller's turn: an operator is kept free, and the citizen is rung, the `number`th
    time, until `until`. `offer` names that the operator is reserved."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueName
    number: int
    until: float


@message
class CallbackAnswered:
    """Somebody, or a machine, has answered, and is asked for a key until `until`."""

    at: float
    call: CallId
    until: float


@message
class CallbackReached:
    """The key was pressed: the citizen stands in line with a leg again."""

    at: float
    call: CallId
    queue: QueueName


@message
class CallbackMissed:
    """The citizen was not reached, and the operator is free again. `rests_until`: then it is tried
    again; 0: the place in line is taken again at once, or a `CallScored` follows."""

    at: float
    call: CallId
    operator: OperatorId
    queue: QueueName
    number: int
    result: BackResult
    rests_until: float


@message
class CallbackDue:
    """The pause after a try is over: the caller stands in line again, without a leg."""

    at: float
    call: CallId
    queue: QueueName


@message
class CallbacksHeld:
    """Nobody is called back from now on, and why; "": citizens are called when it is their turn."""

    at: float
    why: str


@message
class QuietHours:
    """Whether it is an hour in which no citizen is called."""

    at: float
    quiet: bool


@message
class PromptBegun:
    """Prompts begin to play to the caller, as the `number`th playback of the call. `until`: they
    are taken to be over then, if nobody tells."""

    at: float
    call: CallId
    number: int
    kind: PromptKind
    until: float


@message
class PromptEnded:
    """They are over. `heard`: to their end, or so it is taken to be; else they were stopped."""

    at: float
    call: CallId
    number: int
    heard: bool


@message
class WaitTold:
    """The caller is told how long it takes: the place in line (0: not said), and in how many
    minutes at most (0: not said; core/telling.py: LONGER, longer than usual, without a number)."""

    at: float
    call: CallId
    queue: QueueName
    place: int
    minutes: int


@message
class NewsHeard:
    """The caller begins to hear the news that is on at `place`, or (`more`) asked for more of it.
    `number`: of the news; `news`: its first prompt."""

    at: float
    call: CallId
    place: str
    number: int
    more: bool
    news: str


@message
class MenuEntered:
    """The caller comes into the menu of the line, and stands in no queue yet."""

    at: float
    call: CallId


@message
class MenuMoved:
    """Where in the menu the caller is, until time is spent there (`until`)."""

    at: float
    call: CallId
    place: Place
    until: float


@message
class MenuLeft:
    """The caller is in the menu no more. `says`: what the keys said of the matter (language, kind,
    topic, province); `path`: which keys, as `step=key`; `queue`: where they lead, else empty (the
    line's own); `seconds` since `MenuEntered`."""

    at: float
    call: CallId
    line: LineName
    ending: MenuEnding
    says: dict[str, str]
    path: tuple[str, ...]
    queue: QueueName | str
    seconds: float


@message
class CallMoved:
    """The call goes on in another queue than where it waited, which it `left`, keeping its arrival
    time. `why`: the Diversion."""

    at: float
    call: CallId
    queue: QueueName
    left: QueueName | str = ""
    why: str = ""


@message
class CallPrioritized:
    """The call's priority was changed while it waited."""

    at: float
    call: CallId
    priority: int


@message
class OfferMade:
    """An operator's phone is made to ring for the call. `until` is when ringing stops.

    `line` names the channel of the operator's open line when the offer is made on it, or of the leg
    of a supervisor who listened and takes over: nothing rings then.
    """

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueName
    number: int  # 1 for the call's first offer
    until: float
    line: str = ""


@message
class OfferAnswered:
    """The operator picked up; the legs are being joined. `until` is when that is given up."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class JoiningBegun:
    """The operator answered during the recording notice, and the caller has heard it now: the legs
    are being joined. `until` is when that is given up."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class PartyJoined:
    """One of those who are being joined is in the bridge. Of the last one of an offer `OfferEnded`
    tells; of a colleague who was asked, and of a caller who was on hold, this alone."""

    at: float
    offer: OfferId
    call: CallId
    party: Party


@message
class OfferEnding:
    """The operator ended a talk on an open line: it is over when the caller has left the bridge,
    `until` at the latest."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class OfferEnded:
    """The offer came out one way or another. Not answered: the caller stands in line again,
    in the old place, unless a `CallScored` says otherwise in the same step."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueName
    result: OfferResult
    ring_seconds: float


@message
class CallCut:
    """Asterisk is hanging up on the caller, and nobody asked for it. `CallEnded` follows a moment
    later."""

    at: float
    call: CallId
    loss: Loss


@message
class CallScored:
    """The call's one outcome, at the moment it is known. For `answered`, both legs are bridged.

    `reason` is empty, or a Rejection, or what overflowed, or of what failed: a Loss or `error`.
    `queue` is empty when the call was never queued. `wait_seconds` runs from arrival,
    `queue_wait_seconds` from queueing. `place` is the caller's place in line when it left
    unanswered (1 is next), else 0. `told_error_seconds`: the wait that the caller was told last,
    minus how long it took from then on; None: no number was said.
    """

    at: float
    call: CallId
    line: LineName
    queue: QueueName
    outcome: Outcome
    reason: str
    wait_seconds: float
    queue_wait_seconds: float
    place: int
    told_error_seconds: float | None = None
    called_back: bool = False  # had asked for a callback


@message
class TalkEnded:
    """Caller and operator are no longer joined. `reason`: the Loss when `ended_by` is lost and it
    is known, else empty. `number` is 1 for the call's first talk, `earlier_seconds` how long those
    before lasted."""

    at: float
    call: CallId
    line: LineName
    queue: QueueName
    operator: OperatorId
    talk_seconds: float
    ended_by: EndedBy
    reason: str = ""
    number: int = 1
    earlier_seconds: float = 0.0


@message
class SurveyMoved:
    """The operator ended the talk, and the caller is asked how it was: the question was begun
    `plays` times, `score` is the key, 0: none yet. Until `until`, then time is spent."""

    at: float
    call: CallId
    operator: OperatorId
    plays: int
    score: int
    until: float


@message
class SurveyEnded:
    """The survey is over, `seconds` after the talk. `score`: 1 to 5, 0: no answer; `operator` and
    `queue`: of the talk."""

    at: float
    call: CallId
    line: LineName
    queue: QueueName
    operator: OperatorId
    score: int
    ending: SurveyEnding
    seconds: float


@message
class CallReturned:
    """The talk ended by no fault of the caller's: who stands in line again, at the old place. The
    call keeps its outcome, and is not waiting as far as the counting identities go."""

    at: float
    call: CallId
    queue: QueueName


@message
class CallTransferred:
    """The operator gave the caller on, who stands in line in `queue` at the place of the arrival.
    `to_operator` is who was asked for, else empty: is offered the call at once, if free. `number`
    is 1 for the call's first transfer. `attended`: the two operators talked first, and the call is
    the colleague's at once. The call keeps its outcome, as one that returned does."""

    at: float
    call: CallId
    operator: OperatorId
    from_queue: QueueName
    queue: QueueName
    to_operator: OperatorId | str
    number: int
    attended: bool = False


@message
class ConsultMade:
    """The operator asks a colleague, whose phone is made to ring: the caller is on hold. `number`
    counts with the call's offers, `until` is when ringing stops. `line`: the channel of the
    colleague's open line, which is brought in without a ring."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    asked: OperatorId
    number: int
    until: float
    line: str = ""


@message
class ConsultAnswered:
    """The colleague picked up, and is being joined with the operator, until `until` at most. Of the
    join `PartyJoined` tells."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class ConsultEnded:
    """The colleague is asked no more. `held_seconds`: how long the caller was on hold for it;
    `number` is 1 for the call's first consult, `earlier_seconds` of those before."""

    at: float
    offer: OfferId
    call: CallId
    queue: QueueName
    operator: OperatorId
    asked: OperatorId
    result: ConsultResult
    held_seconds: float
    number: int
    earlier_seconds: float


@message
class CallerTakenBack:
    """The caller is on hold no more, and is being joined again with who talks there, until `until`
    at most. Of the join `PartyJoined` tells."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class CallerHeld:
    """The caller could not be joined with the two operators, and is on hold again."""

    at: float
    offer: OfferId
    call: CallId


@message
class CallEnded:
    """The caller's leg is gone; nothing more comes of this call."""

    at: float
    call: CallId


@message
class StrangersTalk:
    """Two talk, of whom no fact tells: the journal that did is lost, or another service's. Their
    record is made when Asterisk's ledger tells of the end. `began_at`: when the operator's phone
    was rung. `line`: the channel of the operator's open line, if they talk on one; "": on none, or
    not any more."""

    at: float
    call: CallId
    operator: OperatorId
    began_at: float
    line: str = ""
    node: NodeId = THE_NODE


@message
class LedgerChecked:
    """Asterisk's ledger has this call; `known` tells whether we had a record of it already.

    `contradicts`: the record says otherwise than the ledger. The record stays as it is.
    """

    at: float
    call: CallId
    known: bool
    contradicts: bool = False


# --- operators -------------------------------------------------------------------------------


@message
class OperatorChanged:
    """All there is to know of an operator from now on.

    `state` is what the operator does, `reason` why (a pause reason, else empty). `wish` is what the
    operator asked for (available, paused or offline), which comes true when the present call is
    over. `until` is when wrap-up or a short pause ends by itself, 0 when it does not.
    `call` is the call rung for, talked with or wrapped up, else empty. `open_line`: this operator
    works on an open line; `line` is where it is, `line_number` how many there have been,
    `line_node` on which node it is rung. `skills`: with their levels, 1 to 5.
    """

    at: float
    operator: OperatorId
    state: OperatorState
    reason: str
    wish: OperatorState
    wish_reason: str
    endpoint: str
    queues: tuple[QueueName, ...]
    until: float
    call: CallId | str
    open_line: bool = False
    line: LineStage = LineStage.DOWN
    line_number: int = 0
    line_node: NodeId = THE_NODE
    skills: Skills = ()


@message
class LegLetGo:
    """This leg at an operator's phone must end, or somebody else ends it. Until it is gone, at most
    until `until`, no caller is offered there. `until` is infinite where the next snapshot of
    Asterisk will tell."""

    at: float
    offer: OfferId
    endpoint: str
    until: float
    node: NodeId = THE_NODE


@message
class LegGone:
    """The leg of an offer is gone; its phone can be rung again."""

    at: float
    offer: OfferId


@message
class LineCut:
    """The operator's open line ended because Asterisk is restarted. It is rung again after that."""

    at: float
    operator: OperatorId


@message
class PhonesChanged:
    """Which phones are from now on in a call that is not ours (`elsewhere`), or no longer (`free`);
    which are known to be away, or are there again (`back`)."""

    at: float
    elsewhere: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    node: NodeId = THE_NODE


# --- supervisors who listen --------------------------------------------------------------------


@message
class ListeningChanged:
    """All there is to know from now on of a supervisor who listens to a talk of `operator`.

    `endpoint` is the supervisor's phone, `number` counts all listenings. `until`: the stage's
    deadline, 0 when it has none. `since`: when they began to hear in this mode, 0 before. `ears`:
    the number of the channel of what they hear; 0: the same as `number`.
    """

    at: float
    supervisor: OperatorId
    operator: OperatorId
    call: CallId
    endpoint: str
    number: int
    mode: ListenMode
    stage: ListenStage
    until: float
    since: float
    node: NodeId = THE_NODE
    ears: int = 0


@message
class Listened:
    """A supervisor heard a talk in one mode for so long, until now; of `take_over`, that the talk
    goes on with them. For the audit and the metrics; the state does not change by it."""

    at: float
    supervisor: OperatorId
    operator: OperatorId
    call: CallId
    mode: ListenMode
    seconds: float


@message
class ListeningEnded:
    """The supervisor's leg is gone, or is the leg of the call's operator now."""

    at: float
    supervisor: OperatorId
    call: CallId


# --- recordings --------------------------------------------------------------------------------


@message
class RecordingChanged:
    """All there is to know from now on of the recording of a talk; `number` is 1 for the call's
    first. `until`: the stage's deadline, 0 when it has none. `since`: when both sides were begun to
    be kept, or asked for. `ready`: which sides have come as far as the stage asks for. `silent`:
    nobody is heard in it now. `paused_until`: of the operator's pause, 0 when there is none.
    `hears`: whom the caller hears as long as it is this recording."""

    at: float
    call: CallId
    number: int
    line: LineName
    queue: QueueName
    operator: OperatorId
    stage: RecordingStage
    until: float
    since: float
    ready: tuple[Side, ...] = ()
    silent: bool = False
    paused_until: float = 0.0
    paused_seconds: float = 0.0
    paused_since: float = 0.0
    hears: tuple[Party, ...] = ()


@message
class LegHeld:
    """One of the two has the talk on hold by their phone, or has taken it back. `leg`: the channel
    of that phone."""

    at: float
    call: CallId
    leg: str
    on: bool


@message
class RecordingPauseKept:
    """The operator paused, or went on, while no recording ran (the caller is on hold): so begins
    the next one. `until`: the pause ends by itself; 0: there is none."""

    at: float
    call: CallId
    until: float


@message
class RecordingEnded:
    """The recording is over, whatever became of it: `seconds` from its beginning, of which
    `paused_seconds` are silent because the operator said so. `next_from`: if the talk goes on,
    another one can begin then."""

    at: float
    call: CallId
    number: int
    line: LineName
    queue: QueueName
    operator: OperatorId
    end: RecordingEnd
    seconds: float
    paused_seconds: float
    next_from: float = 0.0


# --- operators who ask for help ----------------------------------------------------------------


class HelpAnswer(StrEnum):
    """How a request for help ended."""

    ANSWERED = "answered"  # a supervisor heard the talk, wrote, or said so
    WITHDRAWN = "withdrawn"  # by the operator
    LEFT = "left"  # the operator went home


@message
class HelpAsked:
    """An operator asks a supervisor for help."""

    at: float
    operator: OperatorId


@message
class HelpEnded:
    """The request is over; `seconds`: how long it stood, `by`: who answered or withdrew it."""

    at: float
    operator: OperatorId
    how: HelpAnswer
    by: OperatorId
    seconds: float


# --- queues ------------------------------------------------------------------------------------


@message
class QueueOpened:
    """The queue's opening hours have begun: its lines' callers are let in."""

    at: float
    queue: QueueName


@message
class QueueClosed:
    """The queue's opening hours are over: who waits there is still served, and nobody is let in."""

    at: float
    queue: QueueName


@message
class QueueRostered:
    """From now on so many operators are planned for the queue; 0 also without a roster."""

    at: float
    queue: QueueName
    operators: int


@message
class CoverLost:
    """The queue is open, and nobody is on duty. `planned`: somebody should be."""

    at: float
    queue: QueueName
    planned: bool


@message
class CoverBack:
    """Somebody is on duty again, or the queue is closed, or the plan is another one: that was
    `seconds` without anybody."""

    at: float
    queue: QueueName
    planned: bool
    seconds: float


@message
class NewsBegun:
    """From now on callers hear this message, until then. `place`: `line/NAME` or `queue/NAME`;
    `number` counts all there ever were."""

    at: float
    place: str
    number: int
    prompts: tuple[str, ...]
    more: tuple[str, ...]
    until: float


@message
class NewsEnded:
    """The message is off: switched off, replaced, or its time is over."""

    at: float
    place: str
    number: int


# --- the machinery ---------------------------------------------------------------------------


@message
class AsteriskConnected:
    """A snapshot was taken and reconciled. Counts of what had to be repaired."""

    at: float
    boot: str  # which start of Asterisk this is
    adopted: int  # legs Asterisk had and we did not know
    missing: int  # legs we knew and Asterisk no longer had
    node: NodeId = THE_NODE


@message
class AsteriskGone:
    """The connection to Asterisk is down."""

    at: float
    node: NodeId = THE_NODE


@message
class NodesKnown:
    """These are the Asterisks that are driven; of others nothing is known any more."""

    at: float
    nodes: tuple[NodeId, ...]


@message
class NodeLost:
    """An Asterisk was given up: so many of its calls ended with it."""

    at: float
    calls: int
    node: NodeId


@message
class ServiceStarted:
    """A new process has read the journal: it is connected to no Asterisk, and nobody has asked it
    for a restart of one."""

    at: float


@message
class SiteTaken:
    """A site file is in force from now on. Of its limits, those that the fold counts with: the
    longest wait of each queue, and how long a caller who was sent out may stay."""

    at: float
    longest_waits: tuple[tuple[QueueName, float], ...]
    leave_seconds: float


@message
class ClosingChanged:
    """Asterisk is to be restarted: nobody new is let in, and at `until` all are let go. None: that
    is over."""

    at: float
    until: float | None


@message
class StepFailed:
    """A bug of ours: a rule raised. The call went to the lifeboat, the others were left alone."""

    at: float
    event: str
    error: str
    call: CallId | str


Fact = (
    CallReceived
    | CallQueued
    | PlaceKept
    | TalkRemembered
    | CallbackAsked
    | CallbackTried
    | CallbackAnswered
    | CallbackReached
    | CallbackMissed
    | CallbackDue
    | CallbacksHeld
    | QuietHours
    | PromptBegun
    | PromptEnded
    | WaitTold
    | NewsHeard
    | MenuEntered
    | MenuMoved
    | MenuLeft
    | CallMoved
    | CallPrioritized
    | NeedsRelaxed
    | OfferMade
    | OfferAnswered
    | JoiningBegun
    | PartyJoined
    | OfferEnded
    | OfferEnding
    | CallCut
    | CallScored
    | TalkEnded
    | SurveyMoved
    | SurveyEnded
    | CallReturned
    | CallTransferred
    | ConsultMade
    | ConsultAnswered
    | ConsultEnded
    | CallerTakenBack
    | CallerHeld
    | CallEnded
    | StrangersTalk
    | LedgerChecked
    | OperatorChanged
    | LegLetGo
    | LegGone
    | LineCut
    | ListeningChanged
    | Listened
    | ListeningEnded
    | RecordingChanged
    | LegHeld
    | RecordingPauseKept
    | RecordingEnded
    | HelpAsked
    | HelpEnded
    | PhonesChanged
    | QueueOpened
    | QueueClosed
    | QueueRostered
    | CoverLost
    | CoverBack
    | NewsBegun
    | NewsEnded
    | AsteriskConnected
    | AsteriskGone
    | NodesKnown
    | NodeLost
    | ServiceStarted
    | SiteTaken
    | ClosingChanged
    | StepFailed
)
