"""What a site is: its lines and queues with their limits. Built by config.py, used by the engine.

A *line* is a published number as people know it (1567); a *DID* is what the trunk says was dialled
(several DIDs may be one line); a *queue* is where the line's callers wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callcenter.core.area_code import Areas, queue_of
from callcenter.core.hours import Hours, Roster
from callcenter.core.ids import LineName, QueueName
from callcenter.core.line import USUAL_AGING_SECONDS, Needs
from callcenter.core.menu import Menu
from callcenter.core.skills import USUAL_RELAX_SECONDS
from callcenter.core.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A published number. `dids` are digit strings as the trunk sends them."""

    name: LineName
    title: str
    dids: tuple[str, ...]
    queue: QueueName
    priority: int  # 0 (ordinary) to 9 (life in danger); a higher one is answered first
    language: str = "th"  # of what its callers hear
    notice: tuple[str, ...] = ()  # prompts that are heard to their end before an operator is
    greeting: tuple[str, ...] = ()  # prompts that stop as soon as an operator answers
    menu: Menu | None = None  # asked before the caller stands in line
    areas: Areas = field(default_factory=dict)  # queues of callers by how their number begins

    def own_queue(self, caller: str) -> QueueName:
        """Where a caller of this number belongs who has chosen nothing."""
        return queue_of(self.areas, caller) or self.queue

    record: bool = False  # its talks, of callers who heard the notice to its end
    survey: bool = False  # who was served is asked how it was
    needs: Needs = ()  # skills of an operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What who waits is told of the wait: the place in line, the time, or both; after so long, and
    then looked at so often."""

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
    neighbours: tuple[QueueName, ...] = ()  # who answers at once when nobody is on duty here
    roster: Roster | None = None  # how many operators are planned; None: not known
    hours: Hours | None = None  # when new callers are let in; None: always
    telling: Telling | None = None  # None: nothing is told
    overflow_at_expected_seconds: float = 0.0  # longer than that: new ones go on; 0: never
    overflow_at_waiting: int = 0  # so many wait here: new ones go to overflow_queue; 0: never
    overflow_message: tuple[str, ...] = ()  # prompts after the longest wait; none: the usual one
    record: bool = False  # the talks that come from here, of callers who heard a notice
    callback_after_seconds: float = 0.0  # of waiting, then a callback is offered; 0: never
    callback_above_seconds: float = 0.0  # of expected wait: offered at once; 0: never
    last_operator_seconds: float = 0.0  # whom a caller talked to is tried first; 0: nobody
    redial_seconds: float = 0.0  # who left and calls again within this has the old place; 0: nobody
    strategy: Strategy = Strategy.LONGEST_IDLE  # who of several free operators is offered a caller


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
    """Whom the service calls back, and how often. All times in seconds."""

    prefixes: tuple[str, ...] = ()  # with which a number must begin; none: nobody is called back
    hours: Hours | None = None  # in which citizens are called; None: at any
    at_once: int = 3
    per_hour: int = 60
    rings_of_a_number: int = 6  # in a day
    waiting_limit: int = 50  # callbacks of one queue
    tries: int = 3
    pause_seconds: float = 300.0  # after each try
    ring_seconds: float = 30.0
    key_seconds: float = 25.0  # from the answer to the key
    expires_seconds: float = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long an operator is left alone after an offer that did not reach them, in seconds."""

    declined_seconds: float = 10.0
    busy_seconds: float = 10.0
    unreachable_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseReason:
    """A word with which operators pause, in both languages; no decision asks for it."""

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
    """How talks are recorded where a line or a queue asks for it."""

    keep_days: int = 90  # then the purge takes them, unless somebody holds them
    pause_seconds: float = 120.0  # a pause for secrets ends by itself after this


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """Where calls come in. `name`: its endpoint's, without domain; no decision asks for it."""

    name: str
    channels: int  # that the carrier sold; 0: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The whole site. `lines`, `queues` and `trunks` are keyed by name, `line_of_did` by dialled
    digits."""

    lines: Mapping[LineName, Line]
    queues: Mapping[QueueName, QueueRules]
    pauses: Pauses = Pauses()
    callbacks: CallbackRules = CallbackRules()
    # Both legs must be in the bridge by then, or it is undone. Longer than it takes to notice a
    # dead connection (3.25 s): if only the confirmation was lost, nobody must be torn apart.
    bridge_seconds: float = 4.0
    hang_up_seconds: float = 5.0  # who was hung up on at an open line is out of it within this
    leave_seconds: float = 60.0  # a caller sent out is hung up at the latest after this
    withheld_number_hours: float = 0.0  # so long it is kept, for an emergency (web/withheld.py)
    listening_is_shown: bool = True  # operators see that a supervisor listens to them
    operators_raise: bool = True  # operators move waiting callers up; no decision asks for it
    # Who has waited so long more comes before somebody whose priority is one step higher.
    aging_seconds: float = USUAL_AGING_SECONDS
    # After each so long of waiting one level less of every skill is enough, at last anybody.
    relax_seconds: float = USUAL_RELAX_SECONDS
    recordings: RecordingRules = RecordingRules()
    line_of_did: Mapping[str, Line] = field(default_factory=dict)
    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    pause_reasons: tuple[PauseReason, ...] = USUAL_REASONS  # in the order of the file
