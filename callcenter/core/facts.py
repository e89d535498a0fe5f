"""What is now true in our world and worth keeping.

The engine's state is a fold over these facts. So are the rows, the metrics and the live screens.
Nothing else may count or record. Some facts matter only to the state. `at` is the engine's time in
seconds (monotonic). The journal adds the wall clock.
"""

from enum import StrEnum

from callcenter.core.callback_states import CallbackWord
from callcenter.core.case_states import CaseWord
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
from callcenter.core.outcome import (
    BackResult,
    ConsultResult,
    EndedBy,
    Loss,
    OfferResult,
    Outcome,
    VoicemailEnding,
)
from callcenter.core.skills import Skills


class OperatorState(StrEnum):
    """What an operator is doing. The words are those of the metric `hotline_operators`."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    RINGING = "ringing"
    ON_CALL = "on_call"
    WRAPUP = "wrapup"
    PAUSED = "paused"
    PHONE_AWAY = "phone_away"  # wants calls, but the phone is known to be away


class LineStage(StrEnum):
    """The stage of an operator's open line."""

    DOWN = "down"  # there is no line
    RINGING = "ringing"
    ANSWERED = "answered"  # up, but not in the operator's bridge (yet)
    SEATED = "seated"  # in the operator's bridge: callers can be joined
    LENT = "lent"  # up, and in the bridge of a colleague who consults, or on its way there or back
    # in use by a call, and hung up after it, because another phone or mode was chosen
    STALE = "stale"


class PromptKind(StrEnum):
    """What a caller hears before an operator answers."""

    NOTICE = "notice"  # calls are recorded; always played to its end
    GREETING = "greeting"  # stops when an operator answers
    QUESTION = "question"  # a question of the menu
    NEWS = "news"  # about a matter for which many call; stops when an operator answers
    WAIT = "wait"  # place in line and time; stops when an operator is free
    CALLBACK = "callback"  # a callback is offered
    CHOICE = "choice"  # when to be called back
    CHECK = "check"  # a citizen who is called back must press a key
    SURVEY = "survey"  # the survey after the talk
    VOICEMAIL = "voicemail"  # what is heard before the tone


class ChoiceStage(StrEnum):
    """What a caller is asked who wants to be called back."""

    WHEN = "when"  # in their turn, or at an hour
    HOUR = "hour"  # two digits
    RIGHT = "right"  # the hour was said back
    OVER = "over"  # cannot be called back any more, and waits on


class CallbackHow(StrEnum):
    """How it came that a caller is to be called back at that time."""

    ASKED = "asked"  # could not choose, or somebody at the console asked for it
    TURN = "turn"  # chose: as soon as it is their turn
    HOUR = "hour"  # chose an hour
    SILENT = "silent"  # chose nothing: in their turn
    LEFT = "left"  # hung up before the choice: in their turn


class AsideEnding(StrEnum):
    """How a caller left the place of a parked call."""

    PICKED_UP = "picked_up"  # by an operator
    TIME = "time"  # nobody came: in line again
    LEFT = "left"  # hung up
    LOST = "lost"  # Asterisk hung up
    CUT = "cut"  # by us: Asterisk is restarted, or a fault


class VoicemailStage(StrEnum):
    """The stage of a caller who is asked for a message."""

    PROMPT = "prompt"  # hears what is said before the tone
    RECORDING = "recording"  # Asterisk records the message, from the tone on
    CHECKING = "checking"  # it is looked whether the message can be heard


class MenuEnding(StrEnum):
    """How a caller left the menu."""

    CHOSEN = "chosen"  # chose with the keys of the steps
    PERSON = "person"  # pressed 0
    NOTHING = "nothing"  # pressed nothing, or no valid key
    SERVED = "served"  # was told the state of a case, and wanted no more
    LEFT = "left"  # hung up
    CUT = "cut"  # ended by us, or by Asterisk


class SurveyEnding(StrEnum):
    """The result of the survey after a talk."""

    ANSWERED = "answered"  # pressed a key from 1 to 5
    SILENT = "silent"  # pressed no valid key
    LEFT = "left"  # hung up without an answer
    CUT = "cut"  # ended by us, or by Asterisk


class ListenMode(StrEnum):
    """How a supervisor takes part in a talk."""

    LISTEN = "listen"  # hears both, and nobody hears them
    WHISPER = "whisper"  # the operator hears them, too
    BARGE = "barge"  # all hear each other
    TAKE_OVER = "take_over"  # replaces the operator in the talk with the caller


class ListenStage(StrEnum):
    """The stage of a supervisor who wants to listen."""

    RINGING = "ringing"  # the supervisor's phone rings
    JOINING = "joining"  # the phone was answered
    LISTENING = "listening"
    LEAVING = "leaving"  # hears nobody any more, but the leg still exists


class RecordingStage(StrEnum):
    """The stage of a recording."""

    TAPPING = "tapping"  # Asterisk is asked for channels of what the caller says and hears
    STARTING = "starting"  # Asterisk was asked to record both
    RUNNING = "running"  # both are recorded


class RecordingEnd(StrEnum):
    """How a recording ended."""

    DONE = "done"  # ended with the talk
    CUT = "cut"  # Asterisk ended it during the talk, which goes on
    AWAY = "away"  # it was over when Asterisk was connected again
    FAILED = "failed"  # Asterisk never began it
    TOO_SHORT = "too_short"  # the talk was over before it began


# --- calls -----------------------------------------------------------------------------------


@message
class CallReceived:
    """A call arrived. `arrived_at` is when its channel was created, at most `at`.

    `line` is "unknown" if the dialled number is not published. `from_ledger`: the call is over, and
    the same step tells what Asterisk's ledger says of it. `numbers_from`: offers, playbacks and
    recordings of the call are numbered from here on, because an earlier service may have made some
    that are unknown here.
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
    Diversion, if this is not the queue of its line (which is `instead_of`); otherwise empty.
    `expected_seconds` is the expected wait, `at_most_seconds` the limit for nine of ten callers;
    None: unknown, or an operator is free (core/estimate.py). `redial_of`: the call whose kept place
    the caller gets; `first_arrived_at`: since when that place is theirs (redial.py). `needs`: the
    skills that the call needs, one level lower after each `relax_seconds` of waiting (skills.py).
    `last_operator`: the operator to whom the caller talked last (acquainted.py)."""

    at: float
    call: CallId
    queue: QueueName
    priority: int
    waiting: int  # callers in the queue, including this one
    instead_of: QueueName | str = ""
    why: str = ""
    expected_seconds: float | None = None
    at_most_seconds: float | None = None
    redial_of: CallId | str = ""
    first_arrived_at: float | None = None  # None: since the arrival
    callback_at: float | None = None  # when a callback is offered, if the caller still waits then
    needs: Needs = ()
    relax_seconds: float = 0.0
    last_operator: OperatorId | str = ""


@message
class CallOverflowed:
    """An overflow rule was followed for a new caller. `why` is the Diversion, `to` the OverflowTo.
    It comes right after the CallQueued."""

    at: float
    call: CallId
    queue: QueueName  # whose rule it is
    why: str
    to: str


@message
class NeedsRelaxed:
    """The caller waited for skills for some time. From now on these needs are enough. Empty: any
    operator."""

    at: float
    call: CallId
    needs: Needs


@message
class PlaceKept:
    """The caller left unanswered. A caller with the same number who calls this queue again before
    `until` gets the old place."""

    at: float
    call: CallId
    queue: QueueName
    until: float


@message
class TalkRemembered:
    """Caller and operator talk. A caller with the same number who calls again before `until` is
    offered to this operator first, if the operator is free."""

    at: float
    call: CallId
    operator: OperatorId
    until: float


@message
class CallbackAsked:
    """The caller wants to be called back. The place in line is kept without the leg, which is hung
    up. At `until` the callback is given up. `due_at`: not before this chosen time; 0: when it is
    the caller's turn."""

    at: float
    call: CallId
    queue: QueueName
    until: float
    due_at: float = 0.0
    how: CallbackHow = CallbackHow.ASKED


@message
class ChoiceMoved:
    """The caller is asked when to be called back: what is asked now, the digits so far, and how
    often the hour was asked for. Until `until`, then time is spent."""

    at: float
    call: CallId
    stage: ChoiceStage
    typed: str
    plays: int
    until: float


@message
class CallbackHours:
    """The hours that callers of a queue can choose to be called back, from now on: the hour of the
    day, when it begins (engine seconds), and whether that is tomorrow."""

    at: float
    queue: QueueName
    hours: tuple[tuple[int, float, bool], ...]


@message
class CallbackTried:
    """It is the caller's turn. An operator is kept free, and the citizen is rung for the `number`th
    time, until `until`. `offer` is the operator's reservation, or the offer of an operator who was
    reached first and hears ringing meanwhile."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueName
    number: int
    until: float


@message
class CallbackRang:
    """The carrier has found the line of the citizen who is called."""

    at: float
    call: CallId


@message
class CallbackAnswered:
    """A person or a machine has answered, and is asked for a key until `until`."""

    at: float
    call: CallId
    until: float


@message
class CallbackReached:
    """The key was pressed. The citizen stands in line with a leg again. With an `offer` its
    operator is on the phone already, and the two are being joined until `until`."""

    at: float
    call: CallId
    queue: QueueName
    offer: OfferId | None = None
    until: float = 0.0


@message
class CallbackMissed:
    """The citizen was not reached, and the operator is free again. `rests_until`: the time of the
    next attempt; 0: the caller is in line again at once, or a `CallScored` follows."""

    at: float
    call: CallId
    operator: OperatorId
    queue: QueueName
    number: int
    result: BackResult
    rests_until: float


@message
class CallbackDue:
    """The pause after an attempt is over. The caller stands in line again, without a leg."""

    at: float
    call: CallId
    queue: QueueName


@message
class CallbacksHeld:
    """Nobody is called back from now on, for this reason. "": citizens are called back in turn."""

    at: float
    why: str


@message
class QuietHours:
    """Whether this is an hour in which no citizen is called."""

    at: float
    quiet: bool


@message
class PromptBegun:
    """Prompts begin to play to the caller, as the `number`th playback of the call. `until`: if
    Asterisk does not tell their end, they count as over then."""

    at: float
    call: CallId
    number: int
    kind: PromptKind
    until: float


@message
class PromptEnded:
    """The prompts are over. `heard`: played to their end, or assumed so; otherwise they were
    stopped."""

    at: float
    call: CallId
    number: int
    heard: bool


@message
class WaitTold:
    """The wait is announced to the caller: the place in line (0: not said), and the minutes at most
    (0: not said; LONGER of core/telling.py: longer than usual, without a number)."""

    at: float
    call: CallId
    queue: QueueName
    place: int
    minutes: int


@message
class NewsHeard:
    """The caller begins to hear the news that is on at `place`, or (`more`) asked for more of it.
    `number` is that of the news, `news` its first prompt."""

    at: float
    call: CallId
    place: str
    number: int
    more: bool
    news: str


@message
class MenuEntered:
    """The caller enters the menu of the line, and stands in no queue yet."""

    at: float
    call: CallId


@message
class MenuMoved:
    """The caller's step in the menu, and its time limit (`until`)."""

    at: float
    call: CallId
    place: Place
    until: float


@message
class MenuLeft:
    """The caller left the menu. `says`: what the caller chose (language, kind, topic, province).
    `path`: the keys pressed, as `step=key`. `queue`: the chosen queue, otherwise empty (the line's
    own). `seconds` since `MenuEntered`."""

    at: float
    call: CallId
    line: LineName
    ending: MenuEnding
    says: dict[str, str]
    path: tuple[str, ...]
    queue: QueueName | str
    seconds: float


@message
class CallbackLookedUp:
    """The caller asked in the menu about the callback to their number: what was answered."""

    at: float
    call: CallId
    line: LineName
    word: CallbackWord


@message
class CaseLookedUp:
    """The caller asked in the menu how far a case is: what was answered."""

    at: float
    call: CallId
    line: LineName
    word: CaseWord


@message
class CallMoved:
    """The call moves from the queue that it `left` to another one, and keeps its arrival time.
    `why`: the Diversion."""

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
    """An operator's phone is rung for the call. `until` is when ringing stops.

    `line` names the channel of the operator's open line, if the offer is made on it, or the leg of
    a supervisor who listened and takes over. Then nothing rings. `operator_first`: the citizen is
    called back when the operator has answered. `at_once`: at how many phones the call may ring at
    the same time. `beside`: this phone rings beside others, for which the call has offers already.
    """

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueName
    number: int  # 1 for the call's first offer
    until: float
    line: str = ""
    operator_first: bool = False
    at_once: int = 1
    beside: bool = False


@message
class OfferChosen:
    """Several phones ring for the call. This offer is its main one from now on: it was answered
    first, or the one before came to nothing while others still ring."""

    at: float
    offer: OfferId
    call: CallId


@message
class OfferAnswered:
    """The operator picked up, and the legs are being joined. `until` is when that is given up."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class JoiningBegun:
    """The operator answered during the recording notice, and the caller has heard it to the end.
    The legs are being joined. `until` is when that is given up."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class PartyJoined:
    """One of the parties that are being joined is in the bridge. For the last party of an offer
    there is `OfferEnded` instead. For a consulted colleague, and for a caller who was on hold,
    there is only this fact."""

    at: float
    offer: OfferId
    call: CallId
    party: Party


@message
class OfferEnding:
    """The operator ended a talk on an open line. The talk is over when the caller has left the
    bridge, at `until` at the latest."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class OfferEnded:
    """The offer ended with this result. If it was not answered, the caller stands in line again, in
    the old place, unless a `CallScored` of the same step says otherwise. For an offer beside the
    call's main one nothing changes for the caller."""

    at: float
    offer: OfferId
    call: CallId
    operator: OperatorId
    queue: QueueName
    result: OfferResult
    ring_seconds: float


@message
class CallCut:
    """Asterisk is hanging up the caller, and nobody asked for it. `CallEnded` follows a moment
    later."""

    at: float
    call: CallId
    loss: Loss


@message
class CallScored:
    """The call's only outcome, told when it is known. For `answered`, both legs are bridged.

    `reason` is empty, or a Rejection, or what overflowed, or for a failure a Loss or `error`.
    `queue` is empty if the call was never queued. `wait_seconds` runs from arrival,
    `queue_wait_seconds` from queueing. `place` is the caller's place in line when they left
    unanswered (1 is next), otherwise 0. `told_error_seconds`: the last announced wait minus the
    real wait from then on; None: no number was announced.
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
    called_back: bool = False  # whether the caller had asked for a callback


@message
class TalkEnded:
    """Caller and operator are not joined any more. `reason`: the Loss if `ended_by` is lost and it
    is known, otherwise empty. `number` is 1 for the call's first talk. `earlier_seconds`: how long
    earlier talks lasted."""

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
    """The operator ended the talk, and the caller is in the survey. The question was begun `plays`
    times. `score` is the key pressed, 0: none yet. The time limit is `until`."""

    at: float
    call: CallId
    operator: OperatorId
    plays: int
    score: int
    until: float


@message
class SurveyEnded:
    """The survey is over, `seconds` after the talk. `score`: 1 to 5, 0: no answer. `operator` and
    `queue` are those of the talk."""

    at: float
    call: CallId
    line: LineName
    queue: QueueName
    operator: OperatorId
    score: int
    ending: SurveyEnding
    seconds: float


@message
class VoicemailMoved:
    """The caller, who is scored already, is asked for a message of the queue's voicemail.
    `number` is that of the recording; 0: there is none yet. The time limit is `until`."""

    at: float
    call: CallId
    line: LineName
    queue: QueueName
    stage: VoicemailStage
    number: int
    until: float


@message
class VoicemailEnded:
    """The caller is asked for no message any more, `seconds` after the recording was begun.
    `number` is that of the recording; 0: there was none. `words`: the prompts with which the caller
    is sent out; none: has left already, or hears another message."""

    at: float
    call: CallId
    line: LineName
    queue: QueueName
    number: int
    ending: VoicemailEnding
    seconds: float
    words: tuple[str, ...] = ()


@message
class CallReturned:
    """The talk ended, but not by the caller, who stands in line again at the old place. The call
    keeps its outcome, and does not count as waiting in the counting identities."""

    at: float
    call: CallId
    queue: QueueName


@message
class CallTransferred:
    """The operator transferred the caller, who stands in line in `queue` at the place of the
    arrival. `to_operator`: the wanted operator, who is offered the call at once if free; otherwise
    empty. `number` is 1 for the call's first transfer. `attended`: the two operators talked first,
    and the colleague has the call at once. The call keeps its outcome, as after `CallReturned`."""

    at: float
    call: CallId
    operator: OperatorId
    from_queue: QueueName
    queue: QueueName
    to_operator: OperatorId | str
    number: int
    attended: bool = False


@message
class CallSetAside:
    """The operator parked the call: the talk is over for now, and the caller hears music in this
    place, until `until` at most (core/set_aside.py). The call keeps its outcome."""

    at: float
    call: CallId
    queue: QueueName
    operator: OperatorId
    place: int
    until: float


@message
class SetAsideEnded:
    """The caller is in the place no more, after `seconds` there. `operator` parked the call, `by`
    picked it up. `number` is 1 for the first time, `earlier_seconds` how long those before lasted.
    What becomes of the call says the fact that follows."""

    at: float
    call: CallId
    queue: QueueName
    operator: OperatorId
    place: int
    how: AsideEnding
    by: OperatorId | str
    seconds: float
    number: int
    earlier_seconds: float
    loss: str = ""


@message
class ConsultMade:
    """The operator consults a colleague, whose phone is rung. The caller is on hold. `number`
    counts with the call's offers. `until` is when ringing stops. `line`: the channel of the
    colleague's open line, which is brought in without ringing."""

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
    """The colleague picked up, and is being joined with the operator, until `until` at most.
    `PartyJoined` tells the join."""

    at: float
    offer: OfferId
    call: CallId
    until: float


@message
class ConsultEnded:
    """The consultation is over. `held_seconds`: how long the caller was on hold for it. `number` is
    1 for the call's first consultation. `earlier_seconds`: the time on hold in earlier ones."""

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
    """The caller is not on hold any more, and is being joined again with the others, until `until`
    at most. `PartyJoined` tells the join."""

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
    """The caller's leg is gone. Nothing more follows for this call."""

    at: float
    call: CallId


@message
class StrangersTalk:
    """A talk that no other fact tells of: the journal that had it is lost, or belongs to another
    service. It is recorded when Asterisk's ledger tells its end. `began_at`: when the operator's
    phone was rung. `line`: the channel of the operator's open line if they talk on one; "" if not,
    or not any more. `back`: the number of our call to the citizen; 0 if the citizen called. `over`:
    they have talked, and only the record is expected."""

    at: float
    call: CallId
    operator: OperatorId
    began_at: float
    line: str = ""
    node: NodeId = THE_NODE
    back: int = 0
    over: bool = False


@message
class LedgerChecked:
    """Asterisk's ledger has this call. `known`: we had a record of it already.

    `contradicts`: the record differs from the ledger. The record stays as it is.
    """

    at: float
    call: CallId
    known: bool
    contradicts: bool = False


# --- operators -------------------------------------------------------------------------------


@message
class OperatorChanged:
    """Everything about an operator from now on.

    `state` is what the operator does, `reason` why (a pause reason, otherwise empty). `wish` is
    what the operator asked for (available, paused or offline); it takes effect when the present
    call is over. `until` is when wrap-up or a short pause ends by itself, 0 if it does not. `call`
    is the call that rings, is in progress or is wrapped up, otherwise empty. `open_line`: this
    operator works on an open line. `line` is its stage, `line_number` how many there have been,
    `line_node` the node on which it is rung. `skills`: with their levels, 1 to 5.
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
    """This leg at an operator's phone must end, by our command or otherwise. Until it is gone, or
    until `until`, no caller is offered to that phone. `until` is infinite if the next snapshot of
    Asterisk will tell. `elsewhere`: another phone was answered."""

    at: float
    offer: OfferId
    endpoint: str
    until: float
    node: NodeId = THE_NODE
    elsewhere: bool = False


@message
class LegGone:
    """The leg of an offer is gone. Its phone can be rung again."""

    at: float
    offer: OfferId


@message
class LineCut:
    """The operator's open line ended because Asterisk is restarted. It is rung again afterwards."""

    at: float
    operator: OperatorId


@message
class PhonesChanged:
    """Phones that are in a call that is not ours from now on (`elsewhere`), or not any more
    (`free`). Phones that are known to be away, or are back (`back`)."""

    at: float
    elsewhere: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    node: NodeId = THE_NODE


# --- supervisors who listen --------------------------------------------------------------------


@message
class ListeningChanged:
    """Everything from now on about a supervisor who listens to a talk of `operator`.

    `endpoint` is the supervisor's phone. `number` counts all listenings. `until`: the deadline of
    the stage, 0 if there is none. `since`: when they began to hear in this mode, 0 before. `ears`:
    the number of the snoop channel that they hear; 0: the same as `number`.
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
    """A supervisor listened to a talk in one mode for this long, until now. For `take_over`: the
    talk goes on with the supervisor. For the audit and the metrics only; it does not change the
    state."""

    at: float
    supervisor: OperatorId
    operator: OperatorId
    call: CallId
    mode: ListenMode
    seconds: float


@message
class ListeningEnded:
    """The supervisor's leg is gone, or has become the leg of the call's operator."""

    at: float
    supervisor: OperatorId
    call: CallId


# --- recordings --------------------------------------------------------------------------------


@message
class RecordingChanged:
    """Everything from now on about the recording of a talk. `number` is 1 for the call's first
    recording. `until`: the deadline of the stage, 0 if there is none. `since`: when recording of
    both sides began, or was asked for. `ready`: the sides that have reached the stage. `silent`:
    silence is recorded now. `paused_until`: the end of the operator's pause, 0 if there is none.
    `hears`: whom the caller hears during this recording."""

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
    """The phone of one of the two has put the talk on hold, or has ended the hold. `leg`: the
    channel of that phone."""

    at: float
    call: CallId
    leg: str
    on: bool


@message
class LineHeld:
    """The phone of an operator has put the open line on hold, or has ended the hold. Also between
    two talks."""

    at: float
    operator: OperatorId
    on: bool


@message
class RecordingPauseKept:
    """The operator paused or resumed while no recording ran (the caller is on hold). The next
    recording begins like that. `until`: when the pause ends by itself; 0: there is none."""

    at: float
    call: CallId
    until: float


@message
class RecordingEnded:
    """The recording is over, whatever its result: `seconds` from its beginning, of which
    `paused_seconds` are silent because of the operator's pauses. `next_from`: if the talk goes on,
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

    ANSWERED = "answered"  # a supervisor listened to the talk, wrote, or marked it as answered
    WITHDRAWN = "withdrawn"  # by the operator
    LEFT = "left"  # the operator went home


@message
class HelpAsked:
    """An operator asks a supervisor for help."""

    at: float
    operator: OperatorId


@message
class HelpEnded:
    """The request is over. `seconds`: how long it lasted. `by`: who answered or withdrew it."""

    at: float
    operator: OperatorId
    how: HelpAnswer
    by: OperatorId
    seconds: float


# --- queues ------------------------------------------------------------------------------------


@message
class QueueOpened:
    """The queue's opening hours have begun. Its lines' callers are let in."""

    at: float
    queue: QueueName


@message
class QueueClosed:
    """The queue's opening hours are over. Waiting callers are still served, but nobody else is let
    in."""

    at: float
    queue: QueueName


@message
class QueueRostered:
    """From now on this many operators are planned for the queue. Also 0 without a roster."""

    at: float
    queue: QueueName
    operators: int


@message
class CoverLost:
    """The queue is open and nobody is on duty. `planned`: somebody should be."""

    at: float
    queue: QueueName
    planned: bool


@message
class CoverBack:
    """Somebody is on duty again, or the queue is closed, or the plan has changed. Nobody was on
    duty for `seconds`."""

    at: float
    queue: QueueName
    planned: bool
    seconds: float


@message
class NewsBegun:
    """From now on callers hear this message, until `until`. `place`: `line/NAME` or `queue/NAME`.
    `number` counts all messages ever."""

    at: float
    place: str
    number: int
    prompts: tuple[str, ...]
    more: tuple[str, ...]
    until: float


@message
class NewsEnded:
    """The message is off: it was switched off or replaced, or its time is over."""

    at: float
    place: str
    number: int


# --- the machinery ---------------------------------------------------------------------------


@message
class AsteriskConnected:
    """A snapshot was taken and reconciled. The numbers say what had to be repaired."""

    at: float
    boot: str  # which start of Asterisk this is
    adopted: int  # legs that Asterisk had and we did not know
    missing: int  # legs that we knew and Asterisk no longer had
    node: NodeId = THE_NODE


@message
class AsteriskGone:
    """The connection to Asterisk is down."""

    at: float
    node: NodeId = THE_NODE


@message
class NodesKnown:
    """These are the nodes that are driven. Other nodes are forgotten."""

    at: float
    nodes: tuple[NodeId, ...]


@message
class NodeDraining:
    """From now on the SIP edge gives this Asterisk no new calls. With `on` False it does again."""

    at: float
    on: bool
    node: NodeId


@message
class NodeLost:
    """An Asterisk was given up. This many of its calls ended with it."""

    at: float
    calls: int
    node: NodeId


@message
class ServiceStarted:
    """A new process has read the journal. It is connected to no Asterisk, and no restart of
    Asterisk is asked for."""

    at: float


@message
class SiteTaken:
    """A site file is in force from now on. This has the limits that the fold uses: the longest wait
    of each queue, and how long a caller who was sent out may stay."""

    at: float
    longest_waits: tuple[tuple[QueueName, float], ...]
    leave_seconds: float


@message
class ClosingChanged:
    """Asterisk must be restarted. No new caller is let in, and at `until` all are let go. None: the
    restart is over or cancelled."""

    at: float
    until: float | None


@message
class StepFailed:
    """A bug of ours: a rule raised. The call went to the lifeboat, and no other call was
    affected."""

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
    | CallbackRang
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
    | CaseLookedUp
    | CallbackLookedUp
    | CallMoved
    | ChoiceMoved
    | CallbackHours
    | CallOverflowed
    | CallPrioritized
    | NeedsRelaxed
    | OfferMade
    | OfferChosen
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
    | VoicemailMoved
    | VoicemailEnded
    | CallReturned
    | CallTransferred
    | CallSetAside
    | SetAsideEnded
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
    | LineHeld
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
    | NodeDraining
    | ServiceStarted
    | SiteTaken
    | ClosingChanged
    | StepFailed
)
