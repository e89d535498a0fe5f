"""What the engine knows: calls, operators and queues. Only `apply` (facts) changes it.

Code that shows something (web, metrics) reads it and never writes. The site is configuration: rules
read it, facts do not.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from callcenter.core.conversation import Conversation, Party
from callcenter.core.facts import (
    ChoiceStage,
    LineStage,
    ListenMode,
    ListenStage,
    OperatorState,
    PromptKind,
    RecordingStage,
    VoicemailStage,
)
from callcenter.core.free import Entry, Free
from callcenter.core.ids import (
    THE_NODE,
    CallId,
    LineName,
    NodeId,
    OfferId,
    OperatorId,
    QueueName,
    offer_id,
)
from callcenter.core.legs import (
    BackLeg,
    CallerLeg,
    CitizenLeg,
    DeskBridge,
    LineLeg,
    OfferLeg,
    OperatorLeg,
    RecorderLeg,
    Side,
    SnoopLeg,
    SpyLeg,
    desk_of,
    leg_of,
)
from callcenter.core.line import Group, Key, Line, Needs, Rank
from callcenter.core.menu import Place, Stage
from callcenter.core.message import message
from callcenter.core.outcome import ConsultResult, Loss, Outcome
from callcenter.core.pace import Pace
from callcenter.core.places import KeptPlace
from callcenter.core.site import QueueRules, Site, forgotten_queue
from callcenter.core.skills import Skills, can
from callcenter.core.strategy import PHONE, PLACE, Strategy, draw

UNKNOWN_LINE = LineName("unknown")
RECENT_CALLS = 5_000
"""Ended calls that are remembered, so that Asterisk's ledger can be compared. The same number is
remembered separately of calls that only the ledger told of: after a long absence those would push
ours out before their rows come."""
NEVER = float("inf")
NO_QUEUE = QueueName("")


class CallState(StrEnum):
    """The life of a call. core/call.py has the table of its changes."""

    MENU = "menu"  # is in the menu, and stands in no line yet
    WAITING = "waiting"  # stands in line
    ENGAGED = "engaged"  # has an offer: an operator's phone rings, or they talk
    PARKED = "parked"  # stands in line without a leg, and will be called back
    RESTING = "resting"  # the same after an attempt: stands in line again later
    SURVEY = "survey"  # was served, and is in the survey
    VOICEMAIL = "voicemail"  # is scored, and is asked for a message
    SET_ASIDE = "set_aside"  # was talked with, and hears music until somebody picks the call up
    LEAVING = "leaving"  # scored, and leaving
    ENDED = "ended"  # the leg is gone, or we never knew it


class OfferState(StrEnum):
    """The life of an offer. core/offers has the tables, one for each way."""

    OPERATOR_RINGS = "operator_rings"  # the operator's phone rings; then the citizen is called back
    CALLING = "calling"  # the operator is reserved, or on the phone, and the citizen's phone rings
    CHECKING = "checking"  # the same, but answered: the citizen is asked for a key
    RINGING = "ringing"  # the operator's phone rings; the caller's place in line is kept
    JOINING = "joining"  # the operator answered, and the legs are being joined
    TALKING = "talking"
    # the operator consults a colleague, who is not there yet; the caller is on hold
    ASKING = "asking"
    CONSULTING = "consulting"  # operator and colleague talk; the caller is on hold
    RETAKING = "retaking"  # the caller is not on hold any more, and is being joined again
    CONFERRING = "conferring"  # caller, operator and colleague talk
    ENDING = "ending"  # the operator ended it; the caller has not left the open line's bridge yet


class Way(StrEnum):
    """How an operator is reached."""

    RING = "ring"
    OPEN_LINE = "open_line"
    CALL_BACK = "call_back"  # the citizen is called first, then one of the other ways is used
    # a citizen is called back when the operator is there; joined, it is one of the first two ways
    OPERATOR_FIRST = "operator_first"


class Hears(StrEnum):
    """What a caller hears, as far as we decide it."""

    MUSIC = "music"
    PROMPT = "prompt"  # the recording notice, the greeting, or a question of the menu
    SILENCE = "silence"
    NOTHING = "nothing"  # has no leg
    OPERATOR = "operator"
    MESSAGE = "message"  # the dial plan's message on the way out


@dataclass(slots=True)
class Offer:
    """One operator for one caller. `until` is the present state's deadline, in engine seconds.
    `line` is the operator's leg if it is an open line; `spy` if it is that of a supervisor who took
    over. `conversation` exists from the answer on."""

    id: OfferId
    operator: OperatorId
    node: NodeId
    until: float
    line: LineLeg | None = None
    state: OfferState = OfferState.RINGING
    conversation: Conversation | None = None
    spy: SpyLeg | None = None
    back: int = 0  # number of the callback attempt; 0: none
    operator_first: bool = False  # the citizen is called back when the operator is there
    made_at: float = 0.0

    @property
    def way(self) -> Way:
        """How the operator is reached."""
        if self.operator_first:
            return _OPERATOR_FIRST
        if self.back:
            return _CALL_BACK
        return _RING if self.line is None else _OPEN_LINE

    @property
    def leg(self) -> OperatorLeg:
        """The leg on which the operator is, or will be."""
        return self.line or self.spy or OfferLeg(offer=self.id, node=self.node)


@dataclass(slots=True)
class Callback:
    """The callback that a caller asked for. `reached`: the citizen is on the phone again."""

    number: str
    asked_at: float
    tries: int = 0
    plays: int = 0  # how often the prompts were played in this attempt
    reached: bool = False
    spent: int = 0  # attempts that reached the citizen's line
    rang: bool = False  # the carrier has found the line in this attempt
    refusals: int = 0  # refusals by the carrier in a row
    due_at: float = 0.0  # the chosen time; 0: when it is the caller's turn

    def chosen_seconds(self, now: float) -> float:
        """For how long until now the citizen wished not to be called. This does not count as
        waiting."""
        return max(0.0, min(now, self.due_at) - self.asked_at) if self.due_at else 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What a caller is asked who chooses when to be called back, and what was typed so far."""

    stage: ChoiceStage
    typed: str = ""
    plays: int = 0  # of the question for the hour


@dataclass(slots=True)
class Carrier:
    """How often in a row the carrier refused to call a citizen or did not answer, for which calls
    (the first few), and when it did so last."""

    refusals: int = 0
    calls: tuple[CallId, ...] = ()
    refused_at: float = 0.0


@dataclass(slots=True)
class Survey:
    """A caller in the survey: the operator of the talk, since when, how often asked, and the
    key."""

    operator: OperatorId
    since: float
    plays: int = 0
    score: int = 0


@dataclass(slots=True)
class Voicemail:
    """A caller who is asked for a message of this queue's voicemail. `number`: of the recording,
    begun at `since`; 0: there is none yet."""

    queue: QueueName
    stage: VoicemailStage
    since: float
    number: int = 0


@dataclass(slots=True)
class Aside:
    """A parked call: in which place, who parked it, since when."""

    place: int
    operator: OperatorId
    since: float


@dataclass(frozen=True, slots=True)
class LastTalk:
    """The operator to whom somebody talked last. Remembered until `until`, in engine seconds."""

    operator: OperatorId
    until: float


@dataclass(frozen=True, slots=True)
class Rung:
    """How often a number was called back in the day, or asked in the hour, that began at
    `since`."""

    since: float
    times: int


@dataclass(frozen=True, slots=True)
class CallbackOver:
    """How the last callback to a number ended: its outcome and reason, when, and after how many
    attempts that reached the citizen's line."""

    outcome: Outcome
    reason: str
    at: float
    tries: int


@dataclass(slots=True)
class Prompt:
    """What plays to a caller, and its number among the call's playbacks."""

    number: int
    kind: PromptKind


@dataclass(slots=True)
class News:
    """A message that is on: place, prompts, until when (engine seconds). Also how many callers
    began to hear it, asked for more, or left unanswered after hearing it."""

    place: str
    number: int
    prompts: tuple[str, ...]
    more: tuple[str, ...]
    since: float
    until: float
    heard: int = 0
    asked: int = 0
    left: int = 0


@dataclass(slots=True)
class Told:
    """The last announcement of the wait in a queue; 0: not said. Times in engine seconds."""

    queue: QueueName
    at: float
    place: int = 0
    minutes: int = 0
    minutes_at: float = 0.0


@dataclass(slots=True)
class Consult:
    """A colleague whom the operator consults during a talk. Times in engine seconds. `answered_at`,
    `held_since`: 0 if not. `held_seconds`: the earlier time on hold."""

    id: OfferId
    operator: OperatorId
    node: NodeId
    held_since: float
    held_seconds: float = 0.0
    answered_at: float = 0.0
    # the colleague's open line; None: a leg is made for the consultation
    line: LineLeg | None = None

    @property
    def leg(self) -> OfferLeg | LineLeg:
        """The leg on which the colleague is, or will be."""
        return self.line or OfferLeg(offer=self.id, node=self.node)


@dataclass(slots=True)
class Recording:
    """A talk that is recorded; the fields are those of the fact RecordingChanged."""

    number: int
    operator: OperatorId
    stage: RecordingStage
    until: float  # the deadline of the stage
    since: float  # when it was asked for or, if RUNNING, when both sides began to be recorded
    ready: tuple[Side, ...] = ()  # the sides that have reached the stage
    silent: bool = False  # silence is recorded now
    paused_until: float = NEVER  # end of the operator's pause; NEVER: there is none
    paused_seconds: float = 0.0  # seconds in pauses that are over
    paused_since: float = 0.0
    hears: tuple[Party, ...] = ()  # whom the caller hears during this recording

    @property
    def is_paused(self) -> bool:
        """Whether the operator has paused it."""
        return self.paused_until != NEVER


@dataclass(slots=True, eq=False)
class Call:
    """One caller. Times are in engine seconds. `until` is the present state's deadline."""

    id: CallId
    line: LineName
    did: str
    caller: str
    arrived_at: float
    rank: Rank
    waits_since: float  # the arrival, or the last return after a talk
    needs: Needs = ()  # what the call needs of an operator, now
    relax_seconds: float = 0.0  # after each such time of waiting one level less is enough
    relaxes_at: float = NEVER
    node: NodeId = THE_NODE
    queue: QueueName = NO_QUEUE
    queued_at: float = 0.0
    priority: int = 0
    state: CallState = CallState.LEAVING
    offers: int = 0
    # its offers and recordings are numbered from here: an earlier service made the ones before
    numbers_from: int = 0
    offer: Offer | None = None
    beside: tuple[Offer, ...] = ()  # further phones that ring at the same time, the oldest first
    at_once: int = 1  # at how many phones it may ring, while it rings
    offered_at: float = 0.0
    answered_at: float = 0.0  # answered by an operator, not yet joined; the music stops here
    connected_at: float = 0.0
    outcome: Outcome | None = None
    reason: str = ""
    until: float = NEVER
    patience_until: float = NEVER
    talks: int = 0  # that have ended
    talked_seconds: float = 0.0  # seconds in these talks
    transfers: int = 0
    consult: Consult | None = None
    consults: int = 0  # that have ended
    consulted: OperatorId | None = None  # the colleague who was consulted last in this talk
    consult_result: ConsultResult | None = None  # the result of that, when it is over
    consult_seconds: float = 0.0  # seconds on hold for these
    loss: Loss | None = None  # Asterisk is hanging up the caller, and nobody asked for it
    prompt: Prompt | None = None  # plays now
    prompts: int = 0  # how many playbacks there were
    told: Told | None = None  # the announced wait
    news: tuple[int, ...] = ()  # numbers of the news that the caller heard, in order
    news_place: str = ""  # the place of the last one
    heard_more: tuple[int, ...] = ()  # numbers of the news of which the caller heard more
    waits_here_since: float = 0.0  # in the present queue
    # queues in which the longest wait was over, and which the caller left
    spent: tuple[QueueName, ...] = ()
    menu_since: float = 0.0
    place: Place | None = None  # place in the menu; None: not in the menu
    says: dict[str, str] = field(default_factory=dict)  # what the caller chose in the menu
    chosen_queue: QueueName | str = ""  # chosen in the menu, instead of the line's own
    noticed: bool = False  # whether the caller heard the recording notice to its end
    recording: Recording | None = None
    recordings: int = 0  # how many were begun
    # the next one begins not before this, when the last one is gone from Asterisk
    record_from: float = 0.0
    paused_until: float = NEVER  # of a pause in which a recording ended, but not the talk
    held_legs: tuple[str, ...] = ()  # channels on which a phone has put this call on hold
    # the operator to whom the caller talked last, who is tried first
    last_operator: OperatorId | None = None
    redial_of: CallId | None = None  # the call whose place in line this caller got
    survey: Survey | None = None
    voicemail: Voicemail | None = None
    last_words: tuple[str, ...] = ()  # after the voicemail; with these the caller is sent out
    aside: Aside | None = None
    asides: int = 0  # how often it was parked, without the present time
    aside_seconds: float = 0.0  # in these
    callback: Callback | None = None
    callback_at: float = NEVER  # when a callback is offered, if the caller still waits then
    callback_told: bool = False
    choice: Choice | None = None  # of when to be called back

    @property
    def leg(self) -> CitizenLeg:
        """The caller's leg: their own call, or our last call to them."""
        if self.callback is not None and self.callback.tries:
            return BackLeg(call=self.id, number=self.callback.tries, node=self.node)
        return CallerLeg(call=self.id, node=self.node)

    @property
    def is_parked(self) -> bool:
        """Whether the caller will be called back, and is not on the phone again yet."""
        return self.callback is not None and not self.callback.reached

    @property
    def is_called(self) -> bool:
        """Whether the citizen is being called back now."""
        return self.offer is not None and self.offer.back > 0

    @property
    def is_tried(self) -> bool:
        """Whether an attempt to call the citizen back goes on. The citizen is called, or will be
        when the operator has answered."""
        return self.offer is not None and self.is_parked

    @property
    def operator(self) -> OperatorId | None:
        """The operator to whom the call is offered, or who talks with the caller."""
        return self.offer.operator if self.offer else None

    @property
    def desk(self) -> DeskBridge:
        """The bridge of the operator of the present offer."""
        assert self.offer is not None
        return desk_of(self.offer.operator, self.node)

    @property
    def asks_for_case(self) -> bool:
        """Whether the state of a case is being found out for the caller."""
        return self.place is not None and self.place.stage is _ASKED

    @property
    def leaves_message(self) -> bool:
        """Whether the caller's message is being recorded, or was a moment ago."""
        return self.voicemail is not None and self.voicemail.number > 0

    @property
    def prompt_number(self) -> int:
        """Of what plays; 0: nothing does."""
        return self.prompt.number if self.prompt else 0

    @property
    def owes_notice(self) -> bool:
        """Whether the recording notice plays, which must not be cut short."""
        return self.prompt is not None and self.prompt.kind is PromptKind.NOTICE

    @property
    def waits(self) -> bool:
        """Whether the caller stands in line, or will again if the offer fails."""
        if self.offer is None:
            return self.state in _IN_LINE or self.state is _RESTING
        return self.offer.state in _NO_TALK_YET

    @property
    def has_returned(self) -> bool:
        """Whether the caller was answered once, and waits again."""
        return self.outcome is _ANSWERED and self.waits

    @property
    def is_held(self) -> bool:
        """Whether the caller is on hold in a talk."""
        talk = self.offer.conversation if self.offer else None
        return talk is not None and Party.CALLER in talk.held

    def offer_named(self, number: int) -> OfferId:
        """The id of the `number`th offer."""
        return offer_id(self.id, self.numbers_from + number)

    def recorder(self, number: int, side: Side) -> RecorderLeg:
        """The leg that records one side of the `number`th recording."""
        return RecorderLeg(call=self.id, number=number, side=side, node=self.node)

    def rings_beside(self, operator: OperatorId) -> bool:
        """Whether the call also rings at this operator's phone, beside its main offer."""
        return any(offer.operator == operator for offer in self.beside)

    def has_offer(self, offer: OfferId) -> bool:
        """Whether this is the call's main offer, or one beside it."""
        if self.offer is not None and self.offer.id == offer:
            return True
        return any(beside.id == offer for beside in self.beside)

    @property
    def rings_at(self) -> int:
        """At how many phones of operators the call rings with the strategy `ring_several`."""
        return 1 + len(self.beside)

    def asks(self, operator: OperatorId) -> bool:
        """Whether this is the colleague whom the call's operator consults."""
        return self.consult is not None and self.consult.operator == operator

    @property
    def talks_now(self) -> bool:
        """Whether caller and operator are joined."""
        return self.offer is not None and self.offer.state not in _NO_TALK_YET

    @property
    def is_ending(self) -> bool:
        """Whether the operator ended the talk on an open line, and the caller has not left yet."""
        return self.offer is not None and self.offer.state is _ENDING

    @property
    def hears(self) -> Hears:
        """What the caller hears."""
        if self.prompt is not None:
            return Hears.PROMPT
        if self.is_parked and (self.offer is None or self.offer.state is not _CHECKING):
            return Hears.NOTHING
        if self.offer is None:
            if self.state in (_WAITING, _MENU, _SURVEY, _SET_ASIDE):
                return Hears.MUSIC
            if self.voicemail is not None:
                recorded = self.voicemail.stage is VoicemailStage.RECORDING
                return Hears.SILENCE if recorded else Hears.MUSIC
            return Hears.SILENCE if self.outcome in _WAS_SERVED else Hears.MESSAGE
        talk = self.offer.conversation
        if talk is None or Party.CALLER in talk.held:
            return Hears.MUSIC
        return Hears.OPERATOR if talk.heard_by(Party.CALLER) else Hears.SILENCE


@dataclass(slots=True, eq=False)
class Operator:
    """One operator at a phone. The fields are those of the fact OperatorChanged, except the last
    ten, which follow from other facts, most of them for the strategies (core/strategy.py).

    An operator who was never seen before is offline.
    """

    id: OperatorId
    state: OperatorState = OperatorState.OFFLINE
    reason: str = ""
    wish: OperatorState = OperatorState.OFFLINE
    wish_reason: str = ""
    endpoint: str = ""
    queues: tuple[QueueName, ...] = ()
    since: float = 0.0
    until: float = NEVER
    call: CallId | None = None
    order: int = 0  # a counter of changes of all operators: the lowest has been idle longest
    open_line: bool = False
    line: LineStage = LineStage.DOWN
    line_number: int = 0
    line_node: NodeId = THE_NODE
    line_held: bool = False  # the phone has the present open line on hold
    skills: Skills = ()
    serves: QueueName = NO_QUEUE  # the queue of the last offer
    # answered since the log-in; an operator who comes later begins with the colleagues' fewest
    calls: int = 0
    answered_at: float = 0.0  # when the last of these was answered
    load: float = 0.0  # the share of time with callers, as of `load_at`
    load_at: float = 0.0
    turn: int = 0  # rises with each offer: the lowest had the last offer longest ago
    idle: int = 0  # `order` before the present offer
    stays_idle: bool = False  # the offer ended as if it had not been: `order` is that again
    rang_elsewhere: bool = False  # the phone rang just before, and a colleague answered another one

    @property
    def has_line_held(self) -> bool:
        """Whether there is an open line on which a caller would hear nothing now."""
        return self.line_held and self.open_line and self.line in _LINE_IS_UP

    @property
    def line_leg(self) -> LineLeg:
        """The present open line."""
        return LineLeg(operator=self.id, number=self.line_number, node=self.line_node)

    @property
    def line_desk(self) -> DeskBridge:
        """The bridge in which the open line is."""
        return desk_of(self.id, self.line_node)


@dataclass(slots=True, eq=False)
class Listening:
    """A supervisor who listens to a talk of an operator. The fields are those of the fact
    ListeningChanged. The supervisor's leg and the snoop are joined in the supervisor's own bridge.
    A supervisor who barges in is in the operator's bridge."""

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

    @property
    def leg(self) -> SpyLeg:
        """The supervisor's leg."""
        return SpyLeg(supervisor=self.supervisor, number=self.number, node=self.node)

    @property
    def snoop(self) -> SnoopLeg:
        """The snoop channel that the supervisor hears. After a barge-in they hear by their own leg
        instead."""
        number = self.ears or self.number
        return SnoopLeg(supervisor=self.supervisor, number=number, node=self.node)

    @property
    def hears_by_own_leg(self) -> bool:
        """Whether the supervisor barges in, so that there is no snoop."""
        return self.stage is ListenStage.LISTENING and self.mode is ListenMode.BARGE

    @property
    def desk(self) -> DeskBridge:
        """The supervisor's own bridge."""
        return desk_of(self.supervisor, self.node)

    @property
    def operators_desk(self) -> DeskBridge:
        """The bridge in which caller and operator talk."""
        return desk_of(self.operator, self.node)


@dataclass(slots=True, eq=False)
class Queue:
    """The callers in line of a queue, and its free operators in the order of its strategy."""

    rules: QueueRules
    line: Line = field(default_factory=Line)
    free: Free = field(default_factory=Free)
    # operators who serve it and are not offline
    staff: set[OperatorId] = field(default_factory=set)
    present: int = 0  # waiting, offered and connecting callers whom no operator has answered
    # the same for callers who were answered before, and whose operator's phone was lost
    returned: int = 0
    parked: int = 0  # of the present callers, those without a leg, who will be called back
    # calls that ring, and may ring at more phones (strategy `ring_several`)
    widening: dict[CallId, None] = field(default_factory=dict)
    serving: int = 0  # of the staff, those who take calls or are in one
    # of those, how many also serve another queue, by that queue
    beside: dict[QueueName, int] = field(default_factory=dict)

    @property
    def on_the_phone(self) -> int:
        """Of the present callers, those on the phone. Callbacks take no room."""
        return self.present - self.parked


@dataclass(frozen=True, slots=True)
class LettingGo:
    """A leg at an operator's phone that must end, by our command or otherwise. Until it is gone, or
    until `until`, the phone is not rung."""

    endpoint: str
    until: float
    node: NodeId
    elsewhere: bool = False  # another phone was answered


@dataclass(frozen=True, slots=True)
class StrangeTalk:
    """A talk that no fact tells of: the journal that had it is lost, or belongs to another service.
    `began_at`: when the operator's phone was rung, in the engine's time."""

    operator: OperatorId
    began_at: float
    line: str = ""  # the channel of the open line on which they talk
    node: NodeId = THE_NODE
    back: int = 0  # the number of our call to the citizen; 0: the citizen called
    over: bool = False  # they have talked; only the record is expected

    def citizen(self, call: CallId) -> CitizenLeg:
        """The citizen's leg."""
        if self.back:
            return BackLeg(call=call, number=self.back, node=self.node)
        return CallerLeg(call=call, node=self.node)

    @property
    def line_leg(self) -> LineLeg | None:
        """The operator's open line, if they talk on one."""
        leg = leg_of(self.node, self.line) if self.line else None
        return leg if isinstance(leg, LineLeg) else None


@dataclass(slots=True, eq=False)
class Node:
    """One Asterisk. `boot` is the start of it with which we last spoke. `elsewhere` are endpoints
    in a call there that is not ours; `away` are those whose phone is known to be away.
    `draining`: it gets no new calls. `given_up_at`: calls there that began before this were ended
    for good; 0: never."""

    connected: bool = False
    boot: str = ""
    draining: bool = False
    given_up_at: float = 0.0
    elsewhere: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()


@message
class Uncovered:
    """An open queue has had nobody on duty since `since`. `planned`: somebody should be."""

    since: float
    planned: bool


@dataclass(slots=True, eq=False)
class State:
    """The whole state. It also answers the questions of screens and metrics.

    A restart brings back what the constructor takes (core/snapshot.py), except the site, which is
    configuration and not a fact. The other fields follow from these.
    """

    site: Site
    longest_waits: dict[QueueName, float] = field(default_factory=dict)
    leave_seconds: float = 0.0  # a caller who was sent out is hung up after this
    nodes: dict[NodeId, Node] = field(default_factory=lambda: {THE_NODE: Node()})
    letting_go: dict[OfferId, LettingGo] = field(default_factory=dict)
    strange_talks: dict[CallId, StrangeTalk] = field(default_factory=dict)
    """Also those that have ended in the meantime."""
    closing: float | None = None  # nobody is let in; at this time all are let go
    # operators whose lines ended with Asterisk's restart
    cut_lines: set[OperatorId] = field(default_factory=set)
    calls: dict[CallId, Call] = field(default_factory=dict)
    operators: dict[OperatorId, Operator] = field(default_factory=dict)
    recent: OrderedDict[CallId, None] = field(default_factory=OrderedDict)
    from_ledger: OrderedDict[CallId, None] = field(default_factory=OrderedDict)
    """Ended calls that were never ours."""
    rostered: dict[QueueName, int] = field(default_factory=dict)  # operators planned now
    closed: frozenset[QueueName] = frozenset()  # queues outside their hours: nobody new is let in
    uncovered: dict[QueueName, Uncovered] = field(default_factory=dict)  # nobody is on duty now
    absent_seconds: dict[QueueName, float] = field(default_factory=dict)
    """Past seconds with nobody on duty although somebody was planned."""
    unplanned_seconds: dict[QueueName, float] = field(default_factory=dict)
    """Past seconds with nobody on duty and nobody planned."""
    paces: dict[QueueName, Pace] = field(default_factory=dict)  # how fast each queue moves
    callback_hours: dict[QueueName, tuple[tuple[int, float, bool], ...]] = field(
        default_factory=dict
    )
    """By queue: the hours that callers can choose to be called back."""
    callbacks_held: str = "off"  # why nobody is called back; "": citizens are called back
    quiet: bool = False  # an hour in which nobody is called back
    carrier: Carrier = field(default_factory=Carrier)
    # times of the attempts to call back in the last hour
    rings: list[float] = field(default_factory=list)
    rung_numbers: OrderedDict[str, Rung] = field(default_factory=OrderedDict)
    callbacks_over: OrderedDict[str, CallbackOver] = field(default_factory=OrderedDict)
    """The last ended callbacks by number, the oldest first."""
    callback_asks: OrderedDict[str, Rung] = field(default_factory=OrderedDict)
    """How often a number asked about its callback in the hour since then, the oldest first."""
    kept_places: OrderedDict[str, KeptPlace] = field(default_factory=OrderedDict)
    """Places of callers who left unanswered, by `place_name`, the oldest first."""
    last_talks: OrderedDict[str, LastTalk] = field(default_factory=OrderedDict)
    """The last talks by the caller's number, the oldest first (core/acquainted.py)."""
    listenings: dict[OperatorId, Listening] = field(default_factory=dict)  # by the supervisor
    listened: int = 0  # how many there have been
    # the operators who ask for help, and since when
    helps: dict[OperatorId, float] = field(default_factory=dict)
    news: dict[str, News] = field(default_factory=dict)  # by place
    news_count: int = 0  # how many there have been
    changes: int = 0  # changes of operators
    seen: int = 0  # calls ever seen; decides between two that arrived at the same instant

    connected: bool = field(init=False, default=False)  # at least one node is connected
    lost: frozenset[NodeId] = field(init=False)  # nodes that are not connected
    elsewhere: frozenset[str] = field(init=False, default=frozenset())  # of all nodes
    away: frozenset[str] = field(init=False, default=frozenset())
    callbacks: dict[str, CallId] = field(init=False, default_factory=dict)
    """Open callbacks by number."""
    # citizens who are called now, or whose operator is rung first
    calling: set[CallId] = field(init=False, default_factory=set)
    aside: dict[int, CallId] = field(init=False, default_factory=dict)  # by place
    queues: dict[QueueName, Queue] = field(init=False)
    unscored: int = field(init=False, default=0)  # received calls whose outcome is not known yet
    feeders: dict[QueueName, tuple[QueueName, ...]] = field(init=False)
    """For each queue the queues from which callers come after the longest wait."""

    def __post_init__(self) -> None:
        """Work out the fields that follow from the others."""
        self.lost = frozenset(self.nodes)
        self.queues = {name: self._new(rules) for name, rules in self.site.queues.items()}
        self._note_feeders()
        if not self.longest_waits:
            waits = self.site.queues.values()
            self.longest_waits = {rules.name: rules.max_wait_seconds for rules in waits}
            self.leave_seconds = self.site.leave_seconds

    def configure(self, site: Site) -> None:
        """Use this site from now on. Queues that it does not have any more keep their rules."""
        aged_otherwise = site.aging_seconds != self.site.aging_seconds
        self.site = site
        for name, rules in site.queues.items():
            queue = self.queue(name)
            served_otherwise = rules.strategy is not queue.rules.strategy
            queue.rules = rules
            if served_otherwise:
                self._stand_by_again(queue)
        if aged_otherwise:
            for queue in self.queues.values():
                self._line_up_again(queue)
        self._note_feeders()

    def _new(self, rules: QueueRules) -> Queue:
        return Queue(rules, Line(self.site.aging_seconds))

    def stand_by(self, operator: Operator, queue: Queue) -> None:
        """The operator is free for a queue from now on."""
        rules = queue.rules
        usual = rules.strategy is _LONGEST_IDLE  # members of the enumeration are slow to look up
        place = 0.0 if usual else PLACE[rules.strategy](operator, rules.name)
        queue.free.add(operator.id, operator.skills, place, operator.order)

    def _stand_by_again(self, queue: Queue) -> None:
        free = list(queue.free)
        queue.free.clear()
        for operator in free:
            self.stand_by(self.operators[operator], queue)

    def _line_up_again(self, queue: Queue) -> None:
        waiting, queue.line = list(queue.line), Line(self.site.aging_seconds)
        for call in map(self.calls.__getitem__, waiting):
            queue.line.add(call.id, call.priority, call.rank, call.needs)

    def _note_feeders(self) -> None:
        self.feeders = {}
        for name, rules in self.site.queues.items():
            if onward := rules.overflow_queue:
                self.feeders[onward] = (*self.feeders.get(onward, ()), name)

    def queue(self, name: QueueName) -> Queue:
        """A queue by name, also one that a changed site file no longer has."""
        held = self.queues.get(name)
        if held is None:
            held = self.queues[name] = self._new(forgotten_queue(name))
        return held

    def pace(self, name: QueueName) -> Pace:
        """The pace of a queue, which the fold changes."""
        held = self.paces.get(name)
        if held is None:
            held = self.paces[name] = Pace()
        return held

    def serve(self, names: tuple[QueueName, ...], by: int) -> None:
        """One operator more or fewer takes the calls of these queues."""
        for name in names:
            queue = self.queue(name)
            queue.serving += by
            if len(names) == 1:
                continue
            for other in names:
                if other != name:
                    many = queue.beside[other] = queue.beside.get(other, 0) + by
                    if not many:
                        del queue.beside[other]

    def node(self, name: NodeId) -> Node:
        """A node by name. A node that was never seen before is not connected."""
        return self.nodes.get(name) or Node()

    def nodes_changed(self) -> None:
        """Work out again what is asked of all nodes together."""
        self.lost = frozenset(name for name, node in self.nodes.items() if not node.connected)
        self.connected = len(self.lost) < len(self.nodes)
        self.elsewhere = frozenset().union(*(node.elsewhere for node in self.nodes.values()))
        self.away = frozenset().union(*(node.away for node in self.nodes.values()))

    def first_waiting(self, queue: Queue, group: Group) -> tuple[Key, CallId] | None:
        """The next caller of a group in a queue. Callers of a lost node keep their place, and are
        skipped until it is back."""
        if not (self.lost or queue.parked):
            return group.first
        held = self.callbacks_held != "" or queue.rules.name in self.closed
        for key, name in group:  # there are few parked callers (`CallbackRules.waiting_limit`)
            call = self.calls[name]
            passed_over = held and call.state is _PARKED
            if call.node not in self.lost and not passed_over:
                return key, name
        return None

    def first_free(self, queue: Queue, needs: Needs) -> OperatorId | None:
        """The first operator of a queue, by its strategy, who can serve a caller with these needs.
        A phone that still has a leg that must end is left out: it would ring while it rings
        already, or during a talk."""
        best = None
        if not self.letting_go and not self.listenings:
            for skills, kind in queue.free.kinds.items():
                if (best is None or kind[0] < best) and (not needs or can(skills, needs)):
                    best = kind[0]
            return None if best is None else best[2]
        held = self._held_phones()
        for kind in queue.free.able(needs):
            for entry in kind:
                if self._is_reached(self.operators[entry[2]], held):
                    if best is None or entry < best:
                        best = entry
                    break
        return None if best is None else best[2]

    def next_beside(self, queue: Queue) -> tuple[Operator, Call] | None:
        """The next operator whose phone is to ring beside others, and for which call: the one that
        rings at the fewest phones, and of these the first in line."""
        if queue.rules.strategy is not _RING_SEVERAL:
            return None
        line, found = queue.line, None
        for name in queue.widening:
            call = self.calls[name]
            order = call.rings_at, line.key(call.priority, call.rank)
            if (found is None or order < found[0]) and call.node not in self.lost:
                operator = self._free_phone(queue, call.needs)
                if operator is not None:
                    found = order, operator, call
        return None if found is None else (self.operators[found[1]], found[2])

    def _free_phone(self, queue: Queue, needs: Needs) -> OperatorId | None:
        """The operator without an open line who has been idle longest and can serve a caller with
        these needs."""
        held = self._held_phones()
        best: Entry | None = None
        for kind in queue.free.able(needs):
            for entry in islice(kind, bisect_left(kind, _FIRST_PHONE), None):
                if self._is_reached(self.operators[entry[2]], held):
                    if best is None or entry < best:
                        best = entry
                    break
        return None if best is None else best[2]

    def acquainted(self, queue: Queue, call: Call) -> OperatorId | None:
        """The operator to whom the caller talked last, if the call can be offered to them now."""
        last = call.last_operator
        if last is None or last not in queue.free:
            return None
        operator = self.operators[last]
        able = not call.needs or can(operator.skills, call.needs)
        return last if able and self.is_free(operator) else None

    def drawn(self, queue: Queue, needs: Needs, seed: int) -> OperatorId | None:
        """A random operator among those who can serve a caller with these needs."""
        kinds = list(queue.free.able(needs))
        if not self.letting_go and not self.listenings:
            number = draw(seed, self.changes, sum(map(len, kinds)))
            for kind in kinds:
                if number < len(kind):
                    return kind[number][2]
                number -= len(kind)
        held = self._held_phones()
        there = [
            entry[2]
            for kind in kinds
            for entry in kind
            if self._is_reached(self.operators[entry[2]], held)
        ]
        return there[draw(seed, self.changes, len(there))] if there else None

    def is_in_strange_talk(self, operator: OperatorId, node: NodeId) -> bool:
        """Whether the operator is in a talk there that no fact tells of."""
        return any(
            talk.operator == operator and talk.node == node and not talk.over
            for talk in self.strange_talks.values()
        )

    def strange_line(self, operator: OperatorId) -> LineLeg | None:
        """The open line on which an operator talks with a caller of whom no fact tells."""
        for talk in self.strange_talks.values():
            if talk.operator == operator and (leg := talk.line_leg):
                return leg
        return None

    def is_free(self, operator: Operator) -> bool:
        """Whether this operator can be offered a call now."""
        if operator.state is not OperatorState.AVAILABLE:
            return False
        return self._is_reached(operator, self._held_phones())

    def can_be_reached(self, operator: Operator) -> bool:
        """Whether a caller could be joined with this operator now, available or not."""
        if operator.endpoint in self.away or operator.endpoint in self.elsewhere:
            return False
        if operator.open_line and operator.line not in _UP:
            return False
        return self._is_reached(operator, self._held_phones())

    def _held_phones(self) -> set[str]:
        return {leg.endpoint for leg in self.letting_go.values()}

    def _is_reached(self, operator: Operator, held: set[str]) -> bool:
        """Whether the operator can be offered a call. Not if they listen, or if somebody still
        listens to them: a supervisor must not hear the next caller."""
        for each in self.listenings.values():
            if operator.id == each.operator or operator.endpoint == each.endpoint:
                return False
        return operator.endpoint not in held or operator.line in _UP

    def listener_of(self, operator: OperatorId) -> Listening | None:
        """The supervisor who listens to an operator."""
        found = (each for each in self.listenings.values() if each.operator == operator)
        return next(found, None)

    def talk_of(self, listening: Listening) -> Call | None:
        """The talk that a supervisor listens to, while caller and operator talk."""
        call = self.calls.get(listening.call)
        if call is None or call.offer is None or call.offer.state is not OfferState.TALKING:
            return None
        return call if call.offer.operator == listening.operator else None

    def is_over(self, call: CallId) -> bool:
        """Whether a call is known to have ended."""
        return call in self.recent or call in self.from_ledger

    def remembers(self, call: CallId) -> bool:
        """Whether the call exists, or ended not long ago."""
        return call in self.calls or self.is_over(call)

    def queue_waiting(self, queue: QueueName) -> int:
        """Callers in the queue whom no operator has answered yet."""
        return self.queues[queue].present

    def uncovered_seconds(self, now: float) -> Mapping[tuple[QueueName, bool], float]:
        """How long queues have had nobody on duty until now, by queue and by whether somebody was
        planned."""
        sums = {
            (name, planned): seconds
            for planned, kept in ((True, self.absent_seconds), (False, self.unplanned_seconds))
            for name, seconds in kept.items()
        }
        for name, gap in self.uncovered.items():
            key = name, gap.planned
            sums[key] = sums.get(key, 0.0) + max(0.0, now - gap.since)
        return sums

    def queue_returned(self, queue: QueueName) -> int:
        """Callers who wait in the queue again: the phone of their operator was lost."""
        return self.queues[queue].returned

    def parked_by_queue(self) -> Mapping[QueueName, int]:
        """How many calls of each queue are in a parking place."""
        counts = dict.fromkeys(self.queues, 0)
        for call in self.aside.values():
            counts[self.calls[call].queue] += 1
        return counts

    def parked_for(self, now: float) -> Mapping[QueueName, float]:
        """For each queue with calls in a parking place: how long the first has been there."""
        longest: dict[QueueName, float] = {}
        for call in (self.calls[name] for name in self.aside.values()):
            if call.aside is not None:
                seconds = max(0.0, now - call.aside.since)
                longest[call.queue] = max(seconds, longest.get(call.queue, 0.0))
        return longest

    def queue_parked(self, queue: QueueName) -> int:
        """Callers without a leg who will be called back."""
        return self.queues[queue].parked

    def callbacks_waited(self, now: float) -> Mapping[QueueName, tuple[float, int]]:
        """For each queue with callbacks: how long the first caller has waited for it, and how many
        have waited longer than the longest wait on the phone. It counts from the request, or from
        the chosen time."""
        found: dict[QueueName, tuple[float, int]] = {}
        for call in map(self.calls.get, self.callbacks.values()):
            if call is None or call.callback is None:
                continue
            waited = max(0.0, now - max(call.callback.asked_at, call.callback.due_at))
            oldest, late = found.get(call.queue, (0.0, 0))
            late += waited > self.queues[call.queue].rules.max_wait_seconds
            found[call.queue] = max(oldest, waited), late
        return found

    def oldest_wait_seconds(self, queue: QueueName, now: float) -> float:
        """The longest wait in a queue in seconds; 0 if nobody waits.

        It counts from the arrival, or from the return of a caller whose operator's phone was lost,
        because the talk was no wait. It looks at the heads of the line and at one call for each
        ringing operator, not at every caller.
        """
        held = self.queues[queue]
        oldest = held.line.oldest(self._waits_since)
        begun = [] if oldest is None else [oldest]
        for operator in held.staff:
            call = self.calls.get(self.operators[operator].call or CallId(""))
            if call and call.queue == queue and call.offer and call.waits:
                begun.append(call.waits_since)
        return max(0.0, now - min(begun)) if begun else 0.0

    def _waits_since(self, name: CallId) -> float:
        call = self.calls[name]
        return NEVER if call.state is _PARKED else call.waits_since

    def operators_by_queue(self) -> Mapping[QueueName, Mapping[OperatorState, int]]:
        """How many operators of each queue are in each state. An operator in a lifeboat call counts
        as on a call.

        Looks once at each operator, whatever the number of queues.
        """
        counts = {name: dict.fromkeys(OperatorState, 0) for name in self.queues}
        for operator in self.operators.values():
            talks = operator.state is _PAUSED and operator.endpoint in self.elsewhere
            state = OperatorState.ON_CALL if talks else operator.state
            for name in operator.queues:
                # an offline operator may have served a queue that does not exist any more
                if name in counts:
                    counts[name][state] += 1
        return counts

    def calls_by_node(self) -> dict[NodeId, list[Call]]:
        """The calls of each node, without callbacks, which have no leg."""
        found: dict[NodeId, list[Call]] = {name: [] for name in self.nodes}
        for call in self.calls.values():
            if call.is_tried or not call.is_parked:
                found.setdefault(call.node, []).append(call)
        return found

    def calls_in_progress(self) -> int:
        """The number of calls received and not yet scored."""
        return self.unscored


def at_work(state: OperatorState) -> bool:
    """Whether an operator in this state takes calls, or is in one."""
    return state in _AT_WORK


_WAITING, _MENU, _ENDING = CallState.WAITING, CallState.MENU, OfferState.ENDING
_PARKED, _RESTING = CallState.PARKED, CallState.RESTING
_UP = (LineStage.SEATED, LineStage.ANSWERED)
_LINE_IS_UP = (*_UP, LineStage.LENT)
_SURVEY, _SET_ASIDE = CallState.SURVEY, CallState.SET_ASIDE
_IN_LINE = (_WAITING, _PARKED)
_CHECKING, _CALL_BACK = OfferState.CHECKING, Way.CALL_BACK
_OPERATOR_FIRST = Way.OPERATOR_FIRST
_NO_TALK_YET = (
    *(OfferState.OPERATOR_RINGS, OfferState.CALLING, OfferState.CHECKING),
    *(OfferState.RINGING, OfferState.JOINING),
)
_ASKED = Stage.ASKED
_WAS_SERVED = (Outcome.ANSWERED, Outcome.LOOKED_UP)  # and is hung up on
_ANSWERED = Outcome.ANSWERED
_LONGEST_IDLE, _RING_SEVERAL = Strategy.LONGEST_IDLE, Strategy.RING_SEVERAL
_FIRST_PHONE: Entry = (PHONE, -1, OperatorId(""))
_RING, _OPEN_LINE = Way.RING, Way.OPEN_LINE
_PAUSED = OperatorState.PAUSED
_AT_WORK = (
    OperatorState.AVAILABLE,
    OperatorState.RINGING,
    OperatorState.ON_CALL,
    OperatorState.WRAPUP,
)
