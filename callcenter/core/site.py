"""A site: its lines and queues with their limits. Made by config/, used by the engine.

A *line* is a published number as people know it (1567). A *DID* is the dialled number as the trunk
gives it (several DIDs may belong to one line). A *queue* is where the line's callers wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callcenter.core.area_code import Areas, queue_of
from callcenter.core.hours import Hours, Roster
from callcenter.core.ids import LineName, QueueName
from callcenter.core.line import USUAL_AGING_SECONDS, Needs
from callcenter.core.menu import Menu
from callcenter.core.outcome import Diversion
from callcenter.core.overflow_rule import OverflowRule
from callcenter.core.skills import USUAL_RELAX_SECONDS
from callcenter.core.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A published number. `dids` are digit strings as the trunk sends them."""

    name: LineName
    title: str
    dids: tuple[str, ...]
    queue: QueueName
    priority: int  # 0 (ordinary) to 9 (life in danger); higher ones are answered first
    language: str = "th"  # the language of what its callers hear
    # prompts that are played to their end before an operator is joined
    notice: tuple[str, ...] = ()
    greeting: tuple[str, ...] = ()  # prompts that stop as soon as an operator answers
    menu: Menu | None = None  # played before the caller stands in line
    areas: Areas = field(default_factory=dict)  # queues of callers by the beginning of their number

    def own_queue(self, caller: str) -> QueueName:
        """The queue of a caller with this number who has chosen nothing."""
        return queue_of(self.areas, caller) or self.queue

    record: bool = False  # record its talks, if the caller heard the notice to its end
    survey: bool = False  # callers who were served get a survey
    needs: Needs = ()  # skills that the operator needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What waiting callers are told: the place in line, the time, or both; when first, and how
    often it is checked again."""

    place: bool
    wait: bool
    first_seconds: float = 20.0
    every_seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRules:
    """The limits of one queue. All times in seconds."""

    name: QueueName
    title: str
    waiting_limit: int
    max_wait_seconds: float
    overflow_queue: QueueName | None
    ring_seconds: float
    wrapup_seconds: float
    short_abandon_seconds: float
    neighbours: tuple[QueueName, ...] = ()  # answer at once if nobody is on duty here
    roster: Roster | None = None  # the number of planned operators; None: unknown
    hours: Hours | None = None  # when new callers are let in; None: always
    telling: Telling | None = None  # None: nothing is announced
    # expected wait above which new callers go on; 0: never
    overflow_at_expected_seconds: float = 0.0
    # number of waiting callers at which new ones go to overflow_queue; 0: never
    overflow_at_waiting: int = 0
    overflow_message: tuple[str, ...] = ()  # prompts after the longest wait; none: the usual one
    voicemail: tuple[str, ...] = ()  # what is said before the tone; none: no voicemail
    # for new callers; the first rule that is possible is followed
    overflow_rules: tuple[OverflowRule, ...] = ()
    record: bool = False  # record the talks of this queue, if the caller heard a notice
    callback_after_seconds: float = 0.0  # wait after which a callback is offered; 0: never
    callback_above_seconds: float = 0.0  # expected wait above which it is offered at once; 0: never
    operator_first: bool = False  # in callbacks the operator is rung first, and then the citizen
    # for how long the last operator of a caller is tried first; 0: not at all
    last_operator_seconds: float = 0.0
    # a caller who left and calls again within this time gets the old place; 0: never
    redial_seconds: float = 0.0
    # which of several free operators is offered a caller
    strategy: Strategy = Strategy.LONGEST_IDLE
    ring_at_once: int = 1  # at how many phones a caller rings at the same time

    @property
    def stand_ins(self) -> tuple[QueueName, ...]:
        """The queues that answer if nobody is on duty here: the neighbours, then those of the
        rules."""
        if not self.overflow_rules:
            return self.neighbours
        named = self.rule_queues(Diversion.NO_STAFF)
        return (*self.neighbours, *(name for name in named if name not in self.neighbours))

    def rule_queues(self, *when: Diversion) -> tuple[QueueName, ...]:
        """The queues to which its rules send new callers for these reasons; for any reason if none
        is given."""
        return tuple(
            dict.fromkeys(
                rule.queue
                for rule in self.overflow_rules
                if rule.queue is not None and (not when or rule.when in when)
            )
        )


def forgotten_queue(name: QueueName) -> QueueRules:
    """Rules for a queue that the journal knows and the site file no longer does."""
    return QueueRules(
        name=name,
        title=name,
        waiting_limit=0,
        max_wait_seconds=3600.0,
        overflow_queue=None,
        ring_seconds=15.0,
        wrapup_seconds=0.0,
        short_abandon_seconds=5.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRules:
    """The rules for calling citizens back. All times in seconds."""

    prefixes: tuple[str, ...] = ()  # allowed beginnings of a number; none: nobody is called back
    hours: Hours | None = None  # hours in which citizens are called; None: always
    at_once: int = 3
    per_hour: int = 60
    rings_of_a_number: int = 6  # attempts in a day
    waiting_limit: int = 50  # open callbacks of one queue
    tries: int = 3
    pause_seconds: float = 300.0  # after each attempt
    ring_seconds: float = 30.0
    key_seconds: float = 25.0  # from the answer until the key
    expires_seconds: float = 86_400.0
    choose_hour: bool = False  # callers may choose an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long an operator gets no calls after an offer that did not reach them, in seconds."""

    declined_seconds: float = 10.0
    busy_seconds: float = 10.0
    unreachable_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseReason:
    """A word with which operators pause, in both languages. No decision uses it."""

    name: str
    th: str
    en: str


USUAL_REASONS = (
    PauseReason(name="break", th="พัก", en="break"),
    PauseReason(name="lunch", th="พักกลางวัน", en="lunch"),
    PauseReason(name="meeting", th="ประชุม", en="meeting"),
    PauseReason(name="training", th="อบรม", en="training"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRules:
    """How talks are recorded, if a line or a queue asks for it."""

    keep_days: int = 90  # then the recording is purged, unless somebody holds it
    pause_seconds: float = 120.0  # a pause for secrets ends by itself after this


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailRules:
    """How callers leave messages, if a queue takes some. All times in seconds."""

    longest_seconds: float = 120.0
    silence_seconds: float = 5.0  # after which a message ends


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkRules:
    """How long a parked call stays in its place, and how many places there are."""

    seconds: float = 120.0  # then it is back in line; 0: calls are not parked
    places: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """Where calls come in. `name`: that of its endpoint, without domain. No decision uses it."""

    name: str
    channels: int  # calls that the contract with the carrier allows; 0: unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The whole site. `lines`, `queues` and `trunks` are keyed by name, `line_of_did` by dialled
    digits."""

    lines: Mapping[LineName, Line]
    queues: Mapping[QueueName, QueueRules]
    pauses: Pauses = Pauses()
    callbacks: CallbackRules = CallbackRules()
    # If both legs are not in the bridge by then, the join is undone. Longer than it takes to notice
    # a dead connection (3.25 s): if only the confirmation was lost, a talk must not be broken.
    bridge_seconds: float = 4.0
    # a caller who was hung up at an open line has left it within this time
    hang_up_seconds: float = 5.0
    leave_seconds: float = 60.0  # a caller who was sent out is hung up after this at the latest
    # how long a withheld number is kept, for an emergency (web/withheld.py)
    withheld_number_hours: float = 0.0
    listening_is_shown: bool = True  # whether operators see that a supervisor listens to them
    # whether operators may move waiting callers up; no decision uses it
    operators_raise: bool = True
    # A caller who has waited this much longer comes before one whose priority is one step higher.
    aging_seconds: float = USUAL_AGING_SECONDS
    # After each such time of waiting, one level less of every skill is enough, and in the end any
    # operator.
    relax_seconds: float = USUAL_RELAX_SECONDS
    recordings: RecordingRules = RecordingRules()
    park: ParkRules = ParkRules()
    voicemail: VoicemailRules = VoicemailRules()
    line_of_did: Mapping[str, Line] = field(default_factory=dict)
    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    pause_reasons: tuple[PauseReason, ...] = USUAL_REASONS  # in the order of the file
