"""Books kept apart from the engine, from what people went through and from the facts told.

Nothing here is taken from the engine's code or state. Whatever is not as it should be raises
`Wrong` at once, with a sentence. While something is broken, and for ten seconds after, only what
must hold always is asked; see `calm`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp

from callcenter.ari.phone_watch import HELD_SECONDS
from callcenter.ari.translate import ours
from callcenter.core import commands as c
from callcenter.core import facts as f
from callcenter.core.callback_lookup import ASKS_OF_A_NUMBER
from callcenter.core.callback_states import NO_STATE as NOT_TOLD
from callcenter.core.callback_states import OPEN, CallbackWord
from callcenter.core.case_states import NO_STATE, CaseWord
from callcenter.core.engine import Step
from callcenter.core.facts import OperatorState
from callcenter.core.ids import OfferId, QueueName
from callcenter.core.legs import OfferLeg, channel_of
from callcenter.core.menu import CaseStep, longest_seconds
from callcenter.core.outcome import (
    BackResult,
    Diversion,
    EndedBy,
    Loss,
    OfferResult,
    Outcome,
    VoicemailEnding,
)
from callcenter.core.overflow_rule import OverflowTo
from callcenter.core.state import LettingGo
from callcenter.core.strategy import Strategy
from tests.fake_asterisk.parts import Channel, Row
from tests.legs import call_of_leg, is_line, line_owner
from tests.simulation.carrier import CarrierBook, pause_after
from tests.simulation.exchange import Exchange
from tests.simulation.recorders import Recorders
from tests.simulation.schedule import Schedule
from tests.simulation.script import Script

TRIES = CaseStep().tries
_IN_PEACE = (CallbackWord.WAITING, CallbackWord.HOURS)
_RESTS = (CallbackWord.AGAIN, CallbackWord.LATER, CallbackWord.HOURS)
TOLD_OF = {
    "parked": _IN_PEACE,
    "resting": _RESTS,
    "called": (CallbackWord.CALLING,),
    "rung_first": (CallbackWord.CALLING,),
}
"""What can be told of a callback, by where it is."""
RESTING = (
    OperatorState.OFFLINE,
    OperatorState.AVAILABLE,
    OperatorState.PAUSED,
    OperatorState.PHONE_AWAY,
)
BLAMED = ("rona", "declined", "busy", "unreachable")
BUSY = (OperatorState.RINGING, OperatorState.ON_CALL, OperatorState.WRAPUP)
TO_BE_CALLED = ("parked", "rung_first", "called", "resting")
TRIED = ("rung_first", "called")
ON_ITS_WAY_SECONDS = 0.1
QUIET_SECONDS = 10.0  # after the last fault all must be well again within this
SILENT_SECONDS = 5.0  # longest time a caller hears nothing
STUCK_SECONDS = 2.5  # longest time a phone does something else than is thought of its operator
PHONE_LOST_SECONDS = 15.0
"""Longest time a caller is left with a phone that died. It may be back in the moment in which it is
found to be away (9.5 s), and is then listened to for a while. One that had the talk on hold is
listened to for `HELD_SECONDS` longer: it sent no sound before."""
LEAVE_SECONDS = 65.0  # longest time a caller stays who was told to leave
TOGETHER_SECONDS = 0.2  # two who were joined for so long have talked
PROMPT_SECONDS = 0.05  # from "somebody is free" to the phone's ringing
ROUNDING_SECONDS = 0.005  # Asterisk's timestamps have milliseconds


PICKS_UP = (OperatorState.AVAILABLE, OperatorState.PAUSED, OperatorState.WRAPUP)
MUSIC = ("waiting", "aside")
"""Where a caller with an outcome hears music."""


class Wrong(AssertionError):
    """The engine, or this book-keeping, is wrong."""


@dataclass(slots=True)
class Citizen:
    """What one caller went through. Times are the play's seconds; 0 when it did not happen."""

    leg: str
    did: str
    number: str
    arrived_at: float
    faults_before: int
    hung_up_at: float = 0.0  # by themselves
    cut_off_at: float = 0.0  # by the other end
    together_since: float = 0.0
    was_together: bool = False  # if only for an instant
    talked: bool = False
    crashed: bool = False  # was on the line when Asterisk was killed
    silent_since: float = 0.0
    hears_wrong_since: float = 0.0
    row: bool = False
    heard_notice: bool = False  # to its end
    keys: str = ""  # pressed


@dataclass(slots=True)
class Entry:
    """One call by the facts."""

    order: int
    arrived_at: float
    stands_since: float  # the arrival, or that of the call whose place this one has
    queue: str = ""
    priority: int = 0
    since: float = 0.0  # in this queue
    place: str = "new"
    """new, menu, waiting, offered, talking, aside, survey, voicemail, leaving, ended; parked,
    called or resting: to be called back"""
    menu_since: float = 0.0
    lookups: int = 0  # numbers of cases that were answered
    found: int = 0  # states of cases and of callbacks that were told
    own: str = ""  # the queue that the caller chose
    operator: str = ""
    offer: str = ""
    outcome: Outcome | None = None
    wait_seconds: float = 0.0
    talk_seconds: float = 0.0
    talks: int = 0
    ended_by: EndedBy | None = None  # the last talk
    survey_since: float = 0.0
    voicemail_since: float = 0.0
    reason: str = ""  # of the outcome
    scored_at: float = -1.0
    aside: tuple[int, float] = (0, 0.0)  # in which place the call is parked, and since when
    was_aside_until: float = -1.0
    keys_before: int = 0  # that were pressed before the survey
    given_on: bool = False  # by an operator, to another queue or operator
    asked_for: str = ""  # the operator whom the caller was given on to
    asked_at: float = 0.0
    colleague: str = ""  # whom the operator asks
    consult: str = ""  # the leg for that
    colleague_is_there: bool = False
    apart_since: float = 0.0  # the two operators, who should talk
    was_held: bool = False  # when the last talk ended
    handed_over_at: float = -1.0
    news: set[tuple[int, bool]] = field(default_factory=set)  # the numbers of what was heard
    told: dict[str, tuple[int, int]] = field(default_factory=dict)  # by queue: place, minutes
    waited_out: set[str] = field(default_factory=set)  # queues where the longest wait was over
    needs: dict[str, int] = field(default_factory=dict)  # of an operator, now
    needs_since: float = 0.0  # just this
    asked_back: float = 0.0  # when a callback was asked for
    hour_chosen: bool = False  # for it
    tries: int = 0  # to call back
    spent: int = 0  # of these, those that were not our own doing
    kept_free: tuple[str, float] = ("", 0.0)  # the operator, when the citizen was reached
    missed_at: float = -1.0  # when the last try ended
    operator_is_there: bool = False  # and hears ringing, while the citizen is called
    reached: bool = False  # the citizen who was called back is on the phone
    claimed_at: float = -1.0  # by a call of the citizen's own
    last_operator: str = ""  # whom the caller talked to last, and who has not refused
    beside: dict[str, str] = field(default_factory=dict)
    """Further phones that ring for the caller: the operators by offer."""
    alone: bool = False  # nobody else is to be rung: the operator was asked for
    answered: tuple[str, float] = ("", 0.0)  # the offer that was answered last, and when
    rule: str = ""  # of the queue, that was followed: what became of the caller


@dataclass(slots=True)
class History:
    """What an operator did, for the strategies."""

    answered: int = 0  # since the log-in
    offered_at: int = 0  # the number of the last offer
    busy: list[tuple[float, float]] = field(default_factory=list)  # spans with callers
    idle: int = 0  # the number of becoming free
    elsewhere_at: float = -1.0  # when another phone was answered than this one, which rang

    def occupied(self, now: float) -> float:
        """The share of time with callers: each second counts e times less half an hour later."""
        return sum(exp((b - now) / 1800.0) - exp((a - now) / 1800.0) for a, b in self.busy)


@dataclass(slots=True)
class Desk:
    """One operator by the facts."""

    state: OperatorState
    queues: tuple[str, ...]
    since: float
    busy_with: str = ""
    wrong_since: float = 0.0
    open_line: bool = False
    on_duty: bool = False
    history: History = field(default_factory=History)
    skills: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Books:
    """All entries."""

    calls: dict[str, Entry] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    waiting: dict[str, dict[str, Entry]] = field(default_factory=dict)
    free: dict[str, dict[str, int]] = field(default_factory=dict)
    """By queue, with the number of becoming free."""
    frees: int = 0
    present: Counter[str] = field(default_factory=Counter)  # in a queue, and not answered yet
    talks: dict[str, tuple[str, float]] = field(default_factory=dict)
    """By number, with whom the caller talked last, and until when that counts."""
    kept: dict[tuple[str, str], tuple[str, float, float]] = field(default_factory=dict)
    """Places in line that are kept, by queue and number: whose, since when, until when."""
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    offers: Counter[OfferResult] = field(default_factory=Counter)


class Auditor:
    """Watches a play."""

    def __init__(self, schedule: Schedule, exchange: Exchange, script: Script) -> None:
        self.books = Books()
        self.citizens: dict[str, Citizen] = {}
        self.faults = 0
        self._letting_go: dict[OfferId, str] = {}
        self._ringing: dict[str, Entry] = {}  # where several phones may ring
        self._elsewhere: set[str] = set()  # offers that ended like that
        self._hung_up: set[str] = set()  # of these
        self.rung_beside = 0
        self.races = 0  # second phones that were answered
        self._were_over: set[OfferId] = set()  # of these, at the last look
        self.connected = False
        self._is_closed = False
        self._schedule = schedule
        self._exchange = exchange
        self._script = script
        self._relax_seconds = script.site.relax_seconds
        self._troubled_until = 0.0
        self._died_at: dict[str, float] = {}  # phones
        self._lives_since: dict[str, float] = {}  # phones that had died
        self._held: set[str] = set()
        self.recorders = Recorders(exchange.kept, self._must)
        self.returned = 0
        self.asked = 0
        self.case_answers: Mapping[tuple[str, int], CaseWord] = {}  # what the database says
        self.looked_up: Counter[CaseWord] = Counter()
        self.callbacks_told: Counter[CallbackWord] = Counter()
        self.callback_asks: Counter[str] = Counter()  # by number
        self.redials = 0
        self.told = 0
        self.went_on = 0  # for an expected wait
        self.by_rule: Counter[str] = Counter()  # new callers, by what a rule did
        self.relaxed = 0  # needs of skills
        self.heard_news = 0
        self.same_again = 0  # operators whom callers talked to before
        self.surveys: Counter[f.SurveyEnding] = Counter()
        self.voicemails: Counter[VoicemailEnding] = Counter()
        self.measured: Mapping[tuple[str, int], float | None] = {}  # seconds of messages
        self._asked_for_message: set[str] = set()
        self._to_voicemail: list[str] = []  # calls that were scored for it in this step
        self._left_alone: list[str] = []  # calls whose operator ended the talk in this step
        self._news: dict[str, f.NewsBegun] = {}
        self.transferred = 0
        self.aside: Counter[f.AsideEnding] = Counter()
        self.consults = 0
        self._rung: dict[str, float] = {}  # legs that ring or rang
        self.is_quiet = False  # nobody may be called
        self.hours: dict[int, float] = {}  # that can be chosen to be called back, when they begin
        self.choices: Counter[str] = Counter()
        self.called_back = 0  # rings
        self.operators_first = 0  # calls for an operator who was there before
        self.reached = 0
        self._cancelled: set[str] = set()
        self.carrier = CarrierBook()
        self._received = 0
        self._offers = 0
        self._crashed_at = -1.0
        self._to_ring: list[tuple[float, str, int]] = []

    @property
    def now(self) -> float:
        """The play's seconds."""
        return self._schedule.now

    @property
    def calm(self) -> bool:
        """Nothing is broken, nor was ten seconds ago."""
        return self.now > self._troubled_until

    def trouble(self, seconds: float) -> None:
        """Something is broken for so long."""
        self.faults += 1
        self._troubled_until = max(self._troubled_until, self.now + seconds + QUIET_SECONDS)

    def _one_of_several_is_joined(self, callers: list[str], legs: list[str]) -> None:
        """Of phones that were answered in the same moment only the first hears the citizen."""
        for call in callers:
            entry = self._entry(call)
            rung = [leg for leg in legs if isinstance(ours(leg), OfferLeg)]
            strange = set(rung) - {entry.offer, entry.consult} if entry else set()
            strange = {leg for leg in strange if self._exchange.channels[leg].place == "stasis"}
            if entry and self.calm and entry.place in ("offered", "talking"):
                self._must(not strange, "{} hears {}, and is {}", call, strange, entry)

    def _was_calm(self, citizen: Citizen) -> bool:
        return self.calm and citizen.faults_before == self.faults

    def _must(self, true: bool, sentence: str, *things: object) -> None:
        if not true:
            raise Wrong(sentence.format(*things))

    # --- what people go through --------------------------------------------------------------

    def arrives(self, leg: str, did: str, number: str) -> None:
        """A citizen's call."""
        before = self.faults if self.calm else -1
        self.citizens[leg] = Citizen(leg, did, number, self.now, before)

    def hangs_up(self, leg: str) -> None:
        """A citizen puts the phone down."""
        self._apart(leg, by_people=True)
        self.citizens[leg].hung_up_at = self.now

    def presses(self, leg: str, key: str) -> None:
        """A citizen presses a key."""
        self.citizens[leg].keys += key

    def holds(self, leg: str, on: bool) -> None:
        """A phone's key for hold: a citizen's, named by the call, or that of an operator's leg."""
        (self._held.add if on else self._held.discard)(leg)

    def cancels(self, call: str) -> None:
        """A supervisor wants nobody to be called back any more."""
        self._cancelled.add(call)

    def rings(self, leg: str, endpoint: str) -> None:
        """A phone rings."""
        self._must(leg not in self._rung, "{} rings again", leg)
        self._rung[leg] = self.now
        if (call := call_of_leg(leg)) != leg:
            self._citizen_is_rung(call, leg, endpoint)

    def _citizen_is_rung(self, call: str, leg: str, endpoint: str) -> None:
        """Only who asked for it, at the number that the call came from, when it is allowed."""
        citizen, rules = self.citizens[call], self._script.site.callbacks
        at = (endpoint, f"PJSIP/{citizen.number}@outward")
        self._must(at[0] == at[1], "{} is rung instead of {}", *at)
        self._must(citizen.number.startswith(rules.prefixes), "{} is not listed", citizen)
        entry = self.books.calls[call]
        self._must(entry.asked_back > 0, "{} is rung, and asked for nothing", call)
        if self.calm:
            # the INVITE was on its way when the operator hung up, and a CANCEL follows
            just_ended = self.now - entry.missed_at < ON_ITS_WAY_SECONDS
            called = entry.place == "called" or just_ended
            self._must(called, "{} is rung while {}", call, entry.place)
            self._must(not self.is_quiet, "{} is rung in quiet hours", call)
        rung = [x for x in self._exchange.channels.values() if call_of_leg(x.id) != x.id]
        twice = [x.id for x in rung if call_of_leg(x.id) == call and x.id != leg and not x.ending]
        self._must(not (self.calm and twice), "{} is rung while {} are there", leg, twice)
        self.called_back += 1
        self.citizens[leg] = citizen
        citizen.hung_up_at = citizen.cut_off_at = citizen.silent_since = 0.0
        citizen.hears_wrong_since = citizen.together_since = 0.0

    def _entry(self, leg: str) -> Entry | None:
        """Of the call that a citizen's leg belongs to."""
        return self.books.calls.get(call_of_leg(leg))

    def silenced(self, leg: str) -> None:
        """A phone stops."""

    def hung_up(self, leg: str) -> None:
        """Somebody was cut off."""
        citizen = self.citizens.get(leg)
        if citizen is None:
            return
        entry = self._entry(leg)
        if entry is not None and self._is_let_go(leg, entry):
            return
        citizen.cut_off_at = self.now
        scored = entry is not None and entry.outcome is not None
        self._must(scored or citizen.crashed, "{} was hung up on without an outcome", leg)

    def _is_let_go(self, leg: str, entry: Entry) -> bool:
        """Who asked to be called back, or was called and pressed no key."""
        if call_of_leg(leg) == leg:
            return entry.asked_back > 0
        return entry.place in TO_BE_CALLED and not entry.outcome

    def hears_music(self, leg: str) -> None:
        """Music was begun for a caller."""
        self.citizens[leg].silent_since = 0.0

    def asterisk_dies(self) -> None:
        """Just before kill -9."""
        self._crashed_at = self.now
        for leg in self._exchange.channels:
            if leg in self.citizens:
                self.citizens[leg].crashed = True

    def joined(self, legs: list[str], left: str) -> None:
        """Who is together; whoever left is not any more."""
        callers = [leg for leg in legs if leg in self.citizens]
        # Who has hung up hears nobody, though Asterisk needs a moment to take the leg away.
        on_line = any(is_line(leg) for leg in legs)
        hear = [leg for leg in callers if not self.citizens[leg].hung_up_at]
        if not on_line:  # where a phone has to ring between the two
            hear = [leg for leg in hear if not self.citizens[leg].cut_off_at]
        if self.calm or on_line:
            self._must(len(hear) <= 1, "{} are together in one bridge", hear)
        if self.calm:
            self._no_others_line(hear, legs)
        self._one_of_several_is_joined(hear, legs)
        for leg in callers:
            if len(legs) > 1 and not self.citizens[leg].together_since:
                self._has_heard_the_notice(self.citizens[leg])
                self.citizens[leg].together_since = self.now
                self.citizens[leg].was_together = True
            elif len(legs) < 2:
                self._apart(leg, by_people=True)
        if left in self.citizens:
            self._apart(left, by_people=False)

    def heard(self, leg: str, media: list[str]) -> None:
        """Recordings were heard to their end."""
        if leg in self.citizens and media[0].endswith("/recording_notice"):
            self.citizens[leg].heard_notice = True

    def _has_heard_the_notice(self, citizen: Citizen) -> None:
        line = self._script.site.line_of_did[citizen.did]
        if line.notice and self._was_calm(citizen):
            self._must(citizen.heard_notice, "{} talks without having heard the notice", citizen)

    def _apart(self, leg: str, *, by_people: bool) -> None:
        citizen = self.citizens[leg]
        if not citizen.together_since:
            return
        seconds, citizen.together_since = self.now - citizen.together_since, 0.0
        if seconds < TOGETHER_SECONDS:
            return
        citizen.talked = True
        entry = self._entry(leg)
        answered = entry is not None and entry.outcome is Outcome.ANSWERED
        if not (by_people or answered or citizen.crashed or citizen.hung_up_at):
            raise Wrong(f"{leg} was taken out of a talk of {seconds:.3f} s")

    def row(self, row: Row) -> None:
        """The ledger has the call."""
        self.citizens[row.leg].row = True

    # --- what is told ------------------------------------------------------------------------

    def step(self, done: Step, letting_go: Mapping[OfferId, LettingGo]) -> None:
        """One step of the engine. `letting_go`: whom it offers nobody, because of these legs."""
        self._letting_go = {leg: one.endpoint for leg, one in letting_go.items()}
        for fact in done.facts:
            self._fact(fact)
        self._who_is_left_is_asked()
        self._who_is_sent_there_is_asked()
        for command in done.commands:
            if isinstance(command, c.RingOperator):
                self._to_ring.append((self.now + PROMPT_SECONDS, command.offer, self.faults))
            if isinstance(command, c.SendOut) and command.exit is c.Exit.CLOSED:
                answered = self.books.calls[command.lane].outcome is Outcome.ANSWERED
                self._must(not answered, "{} was answered, and is told of hours", command.lane)
            if isinstance(command, c.HangUp) and command.elsewhere:
                leg = channel_of(command.leg)
                self._must(leg in self._elsewhere, "{}: nobody answered", command)
                self._hung_up.add(leg)
        left = self._elsewhere - self._hung_up
        self._must(not left, "{} ring on, or show a missed call", left)
        if self.connected:
            self._nobody_waits_for_a_free_operator()
        self._nobody_waits_alone()

    def closes(self) -> None:
        """All queues: they take nobody any more."""
        self._is_closed = True

    def _nobody_waits_alone(self) -> None:
        """Where nobody is on duty nobody waits whom the neighbours would take."""
        if self._is_closed:
            return
        staffed = {q for desk in self.books.desks.values() if desk.on_duty for q in desk.queues}
        site = self._script.site
        for queue, waiting in self.books.waiting.items():
            if not waiting or queue in staffed:
                continue
            for call, entry in waiting.items():
                line = site.line_of_did[self.citizens[call].did]
                own = self._own_queue(call, entry) or line.queue
                own = QueueName(queue) if entry.given_on else own
                for name in {own, *site.queues[own].neighbours} & staffed:
                    full = self.books.present[name] >= site.queues[name].waiting_limit
                    self._must(full, "{} waits alone in {} instead of {}", call, queue, name)

    def _nobody_waits_for_a_free_operator(self) -> None:
        for queue, waiting in self.books.waiting.items():
            there = self._can_be_rung(queue) if waiting else []
            for call, entry in waiting.items() if there else ():
                late = self.calm and self.now - entry.needs_since > self._relax_seconds + 1.0
                self._must(not (entry.needs and late), "{} still needs {}", call, entry.needs)
                if any(self._is_able(name, entry) for name in there):
                    raise Wrong(f"{call} waits in {queue} while somebody is free")

        self._nobody_is_forgotten()
        self._all_phones_ring()

    def _nobody_is_forgotten(self) -> None:
        """Whose turn it is, and who may be called, is called when somebody is free."""
        rules = self._script.site.callbacks
        parked = [x for x in self.books.calls.items() if x[1].place == "parked"]
        if not parked or not self.calm or self.is_quiet or self._is_closed:
            return
        called = sum(entry.place in TRIED for entry in self.books.calls.values())
        hour = self.carrier.of_last_hour(self.now)
        if called >= rules.at_once or hour >= rules.per_hour:
            return
        if self.now < self.carrier.held_until() + 0.5:
            return
        for call, entry in parked:
            able = [one for one in self._can_be_rung(entry.queue) if self._is_able(one, entry)]
            self._must(not able, "{} is not called back, and {} are free", call, able)

    def _can_be_rung(self, queue: str) -> list[str]:
        """Who is free, longest idle first."""
        held = set(self._letting_go.values())
        free = self.books.free.get(queue, {})
        return [
            name
            for name in sorted(free, key=free.__getitem__)
            if f"PJSIP/{name}" not in held or self.books.desks[name].open_line
        ]

    def _is_able(self, operator: str, entry: Entry) -> bool:
        """Whether the operator has what the call needs at this time."""
        skills = self.books.desks[operator].skills
        return all(skills.get(name, 0) >= level for name, level in entry.needs.items())

    def _on_relaxed(self, fact: f.NeedsRelaxed) -> None:
        """One level less of everything, and not before its time."""
        entry = self.books.calls[fact.call]
        stands = (*("waiting", "offered"), *TO_BE_CALLED)
        self._must(entry.place in stands, "{} while {}", fact, entry.place)
        early = self.now - entry.needs_since < self._relax_seconds - 1e-6
        self._must(not early, "{} since {}", fact, entry.needs_since)
        entry.needs = {name: level - 1 for name, level in entry.needs.items() if level > 1}
        entry.needs_since = self.now
        self._must(dict(fact.needs) == entry.needs, "{} and not {}", fact, entry.needs)
        self.relaxed += 1

    def _is_the_right_one(self, fact: f.OfferMade, entry: Entry) -> None:
        """By the queue's strategy: nobody stands before them; of equals the longest idle is it."""
        there = [name for name in self._can_be_rung(entry.queue) if self._is_able(name, entry)]
        strategy = self._script.site.queues[QueueName(entry.queue)].strategy
        self._must(fact.operator in there, "{} cannot be rung: {}", fact.operator, there)
        if strategy is Strategy.RANDOM:
            return
        if entry.last_operator in there:
            same = fact.operator == entry.last_operator
            self._must(same, "{} and not to {}", fact, entry.last_operator)
            self.same_again += 1
            return
        places = [self._place(strategy, name, entry.queue) for name in there]
        mine = places[there.index(fact.operator)]
        best = min(places)
        self._must(mine <= best + 1e-9, "{} by {}: {} {}", fact.operator, strategy, there, places)
        if strategy is not Strategy.LEAST_OCCUPIED:  # whose places are never quite the same
            first = there[places.index(best)]
            self._must(first == fact.operator, "{} is idle longer than {}", first, fact.operator)

    def _place(self, strategy: Strategy, name: str, queue: str) -> float:
        desk = self.books.desks[name]
        match strategy:
            case Strategy.FEWEST_CALLS:
                return desk.history.answered
            case Strategy.LEAST_OCCUPIED:
                return desk.history.occupied(self.now)
            case Strategy.ROUND_ROBIN:
                return desk.history.offered_at
            case Strategy.LEVEL:
                return -desk.skills.get(queue, 0)
            case Strategy.RING_SEVERAL:
                return 0.0 if desk.open_line else 1.0
            case _:
                return 0.0

    def _legs_that_are_gone_hold_nobody(self) -> None:
        over = {leg for leg in self._letting_go if leg not in self._exchange.channels}
        stale = sorted(over & self._were_over)
        self._must(not (self.calm and stale), "{} are gone, and still keep operators free", stale)
        self._were_over = over

    def _fact(self, fact: f.Fact) -> None:
        self._must(abs(fact.at - self.now) < 1e-9, "{} is not told at its time", fact)
        match fact:
            case f.CallReceived():
                self._on_received(fact)
            case f.CallQueued() | f.CallMoved():
                self._on_queued(fact)
            case f.MenuEntered():
                entry = self.books.calls[fact.call]
                self._must(entry.place == "new", "{} is asked while {}", fact.call, entry.place)
                entry.place, entry.menu_since = "menu", self.now
            case f.MenuLeft():
                entry = self.books.calls[fact.call]
                self._must(entry.place == "menu", "{} but {}", fact, entry.place)
                entry.place, entry.own = "new", fact.queue
                self.asked += 1
            case f.CaseLookedUp():
                self._on_looked_up(fact)
            case f.CallbackLookedUp():
                self._on_callback_looked_up(fact)
            case f.WaitTold():
                self._on_told(fact)
            case f.NewsBegun():
                self._news[fact.place] = fact
            case f.NewsEnded():
                self._must(self._news.pop(fact.place).number == fact.number, "{} was not on", fact)
            case f.CallOverflowed():
                self._on_overflowed(fact)
            case f.NewsHeard():
                self._on_news(fact)
            case f.TalkRemembered():
                self._on_remembered(fact)
            case f.NeedsRelaxed():
                self._on_relaxed(fact)
            case f.CallPrioritized():
                self.books.calls[fact.call].priority = fact.priority
            case f.CallbackAsked():
                self._on_asked_back(fact)
            case f.CallbackTried():
                self._on_tried(fact)
            case f.CallbackReached():
                self._on_reached(fact)
            case f.CallbackRang():
                self.carrier.rings(fact.call)
            case f.CallbackAnswered():
                self.carrier.is_well()
            case f.CallbackMissed():
                self._on_missed(fact)
            case f.CallbackDue():
                entry = self.books.calls[fact.call]
                self._must(entry.place == "resting", "{} while {}", fact, entry.place)
                entry.place = "parked"
            case f.OfferMade():
                self._on_offer(fact)
            case f.OfferChosen():
                entry = self.books.calls[fact.call]
                rings = entry.place == "offered" and fact.offer in entry.beside
                self._must(rings, "{} but {}", fact, entry)
                chosen = entry.beside.pop(fact.offer)
                entry.beside[entry.offer] = entry.operator
                entry.offer, entry.operator = fact.offer, chosen
            case f.OfferAnswered():
                entry = self.books.calls[fact.call]
                self._must(entry.offer == fact.offer, "{} of another offer", fact)
                entry.answered = fact.offer, self.now
                self._ringing.pop(fact.call, None)
            case f.CallSetAside():
                self._on_set_aside(fact)
            case f.SetAsideEnded():
                self._on_set_aside_ended(fact)
            case f.ConsultMade():
                self._on_consult(fact)
            case f.ConsultAnswered() | f.ConsultEnded():
                self._on_consult_going_on(fact)
            case f.CallerTakenBack() | f.CallerHeld():
                self._on_held(fact)
            case f.PartyJoined() if self.books.calls[fact.call].place in ("held", "retaking"):
                self._on_joined(fact)
            case f.PartyJoined() | f.OfferEnding():
                entry = self.books.calls[fact.call]
                self._must(entry.offer == fact.offer, "{} of another offer", fact)
            case f.OfferEnded():
                self._on_offer_ended(fact)
            case f.CallScored():
                self._on_scored(fact)
            case f.TalkEnded():
                self._on_talk_ended(fact)
            case f.SurveyMoved():
                self._on_survey(fact)
            case f.SurveyEnded():
                self._on_survey_ended(fact)
            case f.VoicemailMoved():
                self._on_voicemail(fact)
            case f.VoicemailEnded():
                self._on_voicemail_ended(fact)
            case f.CallReturned():
                self._on_returned(fact)
                self.books.calls[fact.call].needs_since = self.now
            case f.CallTransferred():
                self._on_transferred(fact)
                self.books.calls[fact.call].needs_since = self.now
            case f.CallEnded():
                self._on_ended(fact)
            case f.RecordingChanged() | f.RecordingPauseKept() | f.RecordingEnded():
                self.recorders.fact(fact)
            case f.OperatorChanged():
                self._on_operator(fact)
            case f.AsteriskConnected():
                self.connected = True
            case f.AsteriskGone():
                self.connected = False
            case f.StepFailed():
                raise Wrong(f"a rule raised: {fact}")
            case f.LedgerChecked():
                self._must(fact.call in self.books.calls, "{} has no record", fact.call)

    def _on_received(self, fact: f.CallReceived) -> None:
        self._must(fact.call not in self.books.calls, "{} was received twice", fact.call)
        self._received += 1
        self.books.calls[fact.call] = Entry(self._received, fact.arrived_at, fact.arrived_at)
        citizen = self.citizens[fact.call]
        self._must(fact.arrived_at <= fact.at, "{} arrived in the future", fact.call)
        if self._was_calm(citizen):
            off = abs(fact.arrived_at - citizen.arrived_at)
            self._must(off < ROUNDING_SECONDS, "{}: arrival is {:.3f} s off", fact.call, off)

    def _on_asked_back(self, fact: f.CallbackAsked) -> None:
        """Out of the line, at the same place; nobody has two that are open."""
        entry, number = self.books.calls[fact.call], self.citizens[fact.call].number
        self._must(entry.place == "waiting", "{} while {}", fact, entry.place)
        others = [
            call
            for call, other in self.books.calls.items()
            if other.asked_back
            and other.outcome is None
            and not other.reached
            and self.citizens[call].number == number
        ]
        self._must(not others, "{}, and {} is open", fact, others)
        self.books.present[entry.queue] -= 1
        self._stand(fact.call, entry, "resting" if fact.due_at > self.now else "parked")
        entry.asked_back = self.now
        entry.hour_chosen = fact.due_at > 0.0
        self.choices[fact.how] += 1
        self._chose(fact)

    def _chose(self, fact: f.CallbackAsked) -> None:
        """What the keys said: an hour that was typed, and that can be; or nothing."""
        keys = self.citizens[fact.call].keys
        if fact.how is f.CallbackHow.HOUR:
            hours = [of for of, at in self.hours.items() if abs(at - fact.due_at) < 1e-6]
            typed = any(f"{of:02d}" in keys for of in hours)
            self._must(typed and keys.endswith("1"), "{} of {}: typed {}", fact, hours, keys)
        else:
            self._must(fact.due_at == 0.0, "{} chose no hour", fact)
        may = self._script.site.callbacks.choose_hour
        self._must(may or fact.how is f.CallbackHow.ASKED, "{}: nobody may choose", fact)

    def _on_tried(self, fact: f.CallbackTried) -> None:
        """In their turn, and somebody is kept free for it."""
        entry, desk = self.books.calls[fact.call], self.books.desks[fact.operator]
        self._must(fact.number == entry.tries + 1, "{} after {} tries", fact, entry.tries)
        if entry.place == "rung_first":  # the answer may be seen by a snapshot
            ours = entry.offer, entry.operator
            self._must(ours == (fact.offer, fact.operator), "{} but {}", fact, ours)
            leg = self._exchange.channels.get(fact.offer)
            there = desk.open_line or (leg is not None and leg.state == "Up")
            self._must(there or not self.calm, "{}, and {} is not there", fact, fact.operator)
            self.operators_first += 1
            entry.operator_is_there = True
        else:
            self._must(entry.place == "parked", "{} while {}", fact, entry.place)
            free = desk.state is OperatorState.AVAILABLE and not desk.busy_with
            self._must(free, "{} is kept free while {}", fact.operator, desk.state)
            self._must(self.connected, "a call without a connection")
            self._may_be_called(fact, fact.call)
            self._nobody_stands_before(fact.call, fact.operator, entry, desk)
        held = self.carrier.held_until()
        self._must(self.now >= held, "{}, and the carrier is left alone until {}", fact, held)
        self._is_not_too_often(fact.call, self.citizens[fact.call].number)
        entry.tries, entry.place, entry.operator = fact.number, "called", fact.operator
        desk.busy_with = fact.call

    def _may_be_called(self, fact: f.CallbackTried | f.OfferMade, call: str) -> None:
        others = self.books.calls.items()
        called = sum(other.place in TRIED for name, other in others if name != call)
        limit = self._script.site.callbacks.at_once
        self._must(called < limit, "{} while {} are called", fact, called)

    def _is_not_too_often(self, call: str, number: str) -> None:
        rules = self._script.site.callbacks
        self.carrier.begins(self.now, call, number)
        hour = self.carrier.of_last_hour(self.now)
        self._must(hour <= rules.per_hour, "{} are called in an hour", hour)
        same = self.carrier.rings_of(number)
        self._must(same <= rules.rings_of_a_number, "{} is called {} times", number, same)

    def _on_reached(self, fact: f.CallbackReached) -> None:
        entry = self.books.calls[fact.call]
        self._must(entry.place == "called", "{} while {}", fact, entry.place)
        entry.since = self.now
        self.books.present[entry.queue] += 1
        self.reached += 1
        entry.reached = True
        if fact.offer is not None:
            self._must(entry.offer == fact.offer, "{} of another offer", fact)
            entry.place = "offered"
            return
        self.books.desks[entry.operator].busy_with = ""
        entry.kept_free = entry.operator, self.now
        self._stand(fact.call, entry, "waiting")

    def _on_missed(self, fact: f.CallbackMissed) -> None:
        entry = self.books.calls[fact.call]
        meant = (entry.place, entry.operator, entry.tries)
        told = ("called", fact.operator, fact.number)
        self._must(meant == told, "{} but {}", fact, meant)
        entry.missed_at = self.now
        self.books.desks[fact.operator].busy_with = ""
        self.carrier.misses(self.now, fact)
        self._costs_a_try_if_it_rang(fact, entry)
        entry.place = "resting" if fact.rests_until else "parked"

    def _costs_a_try_if_it_rang(self, fact: f.CallbackMissed, entry: Entry) -> None:
        """A try is one that reached the citizen's line. A number that there is not costs one, too;
        what the carrier or we did costs none."""
        leg = f"back-{fact.number}-{fact.call}"
        rang = leg in self._rung
        match fact.result:
            case BackResult.CARRIER:
                self._must(not (rang and self.calm), "{}, and it rang", fact)
                pause = pause_after(self.carrier.in_a_row[fact.call])
                again = fact.rests_until in (0.0, self.now + pause)
                self._must(again, "{} is not tried again after {}", fact, pause)
            case BackResult.WITHDRAWN | BackResult.LOST:
                pass
            case BackResult.UNREACHABLE:
                entry.spent += 1
            case _:
                self._must(rang, "{} costs a try, and nothing rang", fact)
                entry.spent += 1

    def _came_to_nothing(self, fact: f.CallScored, entry: Entry) -> bool:
        """Why a callback was given up, as it was."""
        rules, number = self._script.site.callbacks, self.citizens[fact.call].number
        match fact.reason:
            case "cancelled":
                return fact.call in self._cancelled or self._is_cancelled_by_key(number)
            case "expired":
                return self.now - entry.asked_back >= rules.expires_seconds - 1e-6
            case "not_reached":
                rung = self.carrier.rings_of(number)
                return entry.spent >= rules.tries or rung >= rules.rings_of_a_number
            case "claimed":
                entry.claimed_at = self.now
                return True
            case _:
                return False

    def _is_cancelled_by_key(self, number: str) -> bool:
        """The same number is in the menu, and has pressed 9 after it was told of the callback."""
        return any(
            entry.place == "menu" and entry.found and "9" in self.citizens[call].keys
            for call, entry in self.books.calls.items()
            if self.citizens[call].number == number
        )

    def _on_callback_looked_up(self, fact: f.CallbackLookedUp) -> None:
        """What is told is what is done for this number: an open callback is never denied, and none
        is promised that does not exist."""
        asking, number = self.books.calls[fact.call], self.citizens[fact.call].number
        self._must(asking.place == "menu", "{} while {}", fact, asking.place)
        self.callbacks_told[fact.word] += 1
        asking.found += fact.word not in NOT_TOLD
        places = [
            entry.place
            for call, entry in self.books.calls.items()
            if self.citizens[call].number == number
            and entry.asked_back
            and entry.outcome is None
            and not entry.reached
        ]
        if fact.word is CallbackWord.TOO_OFTEN:
            self._must(self.callback_asks[number] >= ASKS_OF_A_NUMBER, "{}: not so often", fact)
        elif not places:
            self._must(fact.word not in OPEN, "{}, and nothing is open", fact)
        else:
            may = {word for place in places for word in TOLD_OF[place]}
            self._must(fact.word in may, "{} while the callback is {}", fact, places)
        self.callback_asks[number] += 1

    def _on_news(self, fact: f.NewsHeard) -> None:
        """What is on there, once, and to who waits there."""
        entry, on = self.books.calls[fact.call], self._news[fact.place]
        self._must(on.number == fact.number, "{} but {} is on", fact, on)
        self._must(entry.place == "waiting", "{} hears news while {}", fact.call, entry.place)
        again = (fact.number, fact.more) in entry.news
        self._must(not again, "{} is heard again", fact)
        self._must(
            fact.place in (f"queue/{entry.queue}", f"line/{self._line(fact.call)}"), "{}", fact
        )
        entry.news.add((fact.number, fact.more))
        self.heard_news += 1

    def _line(self, call: str) -> str:
        return self._script.site.line_of_did[self.citizens[call].did].name

    def _on_told(self, fact: f.WaitTold) -> None:
        """True at that moment, and never more than before."""
        entry = self.books.calls[fact.call]
        self._must(entry.place == "waiting", "{} is told while {}", fact.call, entry.place)
        self._must(entry.queue == fact.queue, "{} but stands in {}", fact, entry.queue)
        parked = [e for e in self.books.calls.values() if e.place == "parked"]
        waiting = [*self.books.waiting[fact.queue].values(), *parked]
        waiting = [e for e in waiting if e.queue == fact.queue]
        aging = self._script.site.aging_seconds
        first = (entry.stands_since - entry.priority * aging, entry.order)
        ahead = [e for e in waiting if (e.stands_since - e.priority * aging, e.order) < first]
        self._must(fact.place in (0, len(ahead) + 1), "{}: {} stand before", fact, len(ahead))
        place, minutes = entry.told.get(fact.queue, (0, 0))
        self._must(not place or fact.place < place, "{} after the place {}", fact, place)
        self._must(not minutes or fact.minutes < minutes, "{} after {} minutes", fact, minutes)
        # Who heard of another queue's line in between, and is back, hears of this one anew.
        entry.told = {fact.queue: (fact.place or place, fact.minutes or minutes)}
        self.told += 1

    def _on_queued(self, fact: f.CallQueued | f.CallMoved) -> None:
        entry = self.books.calls[fact.call]
        if isinstance(fact, f.CallMoved) and entry.place == "parked":
            entry.queue = fact.queue
            return
        again = isinstance(fact, f.CallMoved) and entry.outcome is Outcome.ANSWERED
        self._must(entry.outcome is None or again, "{} is queued after its outcome", fact.call)
        self._stand(fact.call, entry, "")
        if not again:
            self.books.present[entry.queue] -= 1
            self.books.present[fact.queue] += 1
        if isinstance(fact, f.CallMoved) and fact.why == Diversion.MAX_WAIT:
            self._goes_on_once(fact, entry)
        entry.queue, entry.since = fact.queue, self.now
        if isinstance(fact, f.CallQueued):
            entry.priority = fact.priority
            entry.waited_out.clear()
            self._asks_for_skills(fact, entry)
            self._knows_who_it_was(fact, entry)
            self._in_their_own_queue(fact, entry)
            self._at_the_old_place(fact, entry)
            if fact.why == Diversion.EXPECTED:
                self._goes_on_for_a_long_wait(fact)
        self._stand(fact.call, entry, "waiting")

    def _on_overflowed(self, fact: f.CallOverflowed) -> None:
        """A rule of that queue says so, for a new caller, and it is as the rule says."""
        entry, books = self.books.calls[fact.call], self.books
        rules = [
            rule
            for rule in self._script.site.queues[fact.queue].overflow_rules
            if (rule.when, rule.to) == (fact.why, fact.to)
        ]
        staffed = {q for desk in books.desks.values() if desk.on_duty for q in desk.queues}
        self._must(bool(rules), "{}: its queue has no such rule", fact)
        self._must(entry.since == self.now, "{}: not when the caller came", fact)
        if fact.why == Diversion.NO_STAFF:
            self._must(fact.queue not in staffed, "{}, and somebody is on duty", fact)
        if fact.why == Diversion.LENGTH:
            others = books.present[fact.queue] - (entry.queue == fact.queue)
            least = min(rule.over for rule in rules)
            self._must(others >= least, "{}, and {} are in line", fact, others)
        if fact.to == OverflowTo.QUEUE:
            right = entry.queue in {rule.queue for rule in rules} & staffed
            self._must(right, "{}, and stands in {}", fact, entry.queue)
        else:
            self._must(entry.queue == fact.queue, "{}, and stands in {}", fact, entry.queue)
        if fact.to == OverflowTo.CALLBACK:
            number, allowed = self.citizens[fact.call].number, self._script.site.callbacks.prefixes
            can = bool(allowed) and number.startswith(allowed)
            self._must(can, "{}, and nobody may call {}", fact, number)
        entry.rule = fact.to
        self.by_rule[fact.to] += 1

    def _goes_on_once(self, fact: f.CallMoved, entry: Entry) -> None:
        """After the longest wait, and never to where it was over before."""
        self._must(fact.queue not in entry.waited_out, "{} for the second time", fact)
        entry.waited_out.add(fact.left)

    def _on_remembered(self, fact: f.TalkRemembered) -> None:
        """Of who talks now, in a queue that remembers it."""
        entry = self.books.calls[fact.call]
        ours = (entry.place, entry.operator)
        self._must(ours == ("talking", fact.operator), "{} but {}", fact, ours)
        seconds = self._script.site.queues[QueueName(entry.queue)].last_operator_seconds
        self._must(seconds > 0 and fact.until == self.now + seconds, "{}: {}", fact, seconds)
        self.books.talks[self.citizens[fact.call].number] = (fact.operator, fact.until)

    def _in_their_own_queue(self, fact: f.CallQueued, entry: Entry) -> None:
        """That of the key, or of the area, or of the line; or another in its stead."""
        own = self._own_queue(fact.call, entry)
        right = own is None or self._comes_from_ledger(fact.call)
        right = right or own == (fact.instead_of or fact.queue)
        self._must(right, "{}, and belongs to {}", fact, own)

    def _knows_who_it_was(self, fact: f.CallQueued, entry: Entry) -> None:
        """By the number, in time, in a queue that remembers it."""
        rules = self._script.site.queues.get(fact.queue)
        number = self.citizens[fact.call].number
        operator, until = self.books.talks.get(number, ("", 0.0))
        known = rules is not None and rules.last_operator_seconds > 0 and self.now < until
        meant = operator if known else ""
        from_ledger = not fact.last_operator and self._comes_from_ledger(fact.call)
        right = from_ledger or fact.last_operator == meant
        self._must(right, "{} and not {}", fact, meant)
        entry.last_operator = fact.last_operator

    def _asks_for_skills(self, fact: f.CallQueued, entry: Entry) -> None:
        """What the line asks for; nothing for who stood in no line, and was served elsewhere."""
        line = self._script.site.line_of_did.get(self.citizens[fact.call].did)
        entry.needs, entry.needs_since = dict(fact.needs), self.now
        asked = dict(line.needs) if line else {}
        never_stood = not fact.needs and self._comes_from_ledger(fact.call)
        self._must(never_stood or entry.needs == asked, "{} and not {}", fact, asked)

    def _goes_on_for_a_long_wait(self, fact: f.CallQueued) -> None:
        """Only to where the site sends callers, where somebody is on duty, and from a queue where
        somebody waits or is served."""
        rules = self._script.site.queues[QueueName(fact.instead_of)]
        if fact.queue in rules.rule_queues(Diversion.EXPECTED):
            return  # _on_overflowed
        self._must(rules.overflow_at_expected_seconds > 0, "{}: its queue does not say so", fact)
        staffed = {q for desk in self.books.desks.values() if desk.on_duty for q in desk.queues}
        self._must(fact.queue in staffed, "{}: nobody is on duty there", fact)
        way, onward = set[str](), rules.overflow_queue
        while onward is not None and onward not in way:
            way.add(onward)
            onward = self._script.site.queues[onward].overflow_queue
        self._must(fact.queue in way, "{}: the site does not send callers there", fact)
        self.went_on += 1

    def _own_queue(self, call: str, entry: Entry) -> QueueName | None:
        line = self._script.site.line_of_did.get(self.citizens[call].did)
        if line is None or entry.own:
            return QueueName(entry.own) if line else None
        number = self.citizens[call].number
        fixed = len(number) == 9 and not number.startswith(("06", "08", "09"))
        begins = [begin for begin in line.areas if fixed and number.startswith(begin)]
        return line.areas[max(begins, key=len)] if begins else line.queue

    def _at_the_old_place(self, fact: f.CallQueued, entry: Entry) -> None:
        """Who left this queue and calls again in time has the place; nobody else has it."""
        own, number = self._own_queue(fact.call, entry), self.citizens[fact.call].number
        claimed = self.books.calls.get(fact.redial_of)
        if claimed is not None and claimed.claimed_at == self.now:
            self._claims(fact, entry, claimed)
            self.books.kept.pop((own or "", number), None)
            return
        kept = self.books.kept.get((own or "", number))
        is_kept = kept is not None and self.now < kept[2]
        if kept is None or not is_kept:
            self._must(not fact.redial_of, "{} has a place that nobody left", fact)
        elif fact.redial_of or not self._comes_from_ledger(fact.call):
            self._must(fact.redial_of == kept[0], "{} has not the place of {}", fact, kept[0])
            entry.stands_since = min(kept[1], entry.arrived_at)
            same = fact.first_arrived_at == entry.stands_since
            self._must(same, "{}, and not {}", fact, entry.stands_since)
            del self.books.kept[own or "", number]
            self.redials += 1

    def _claims(self, fact: f.CallQueued, entry: Entry, claimed: Entry) -> None:
        """The citizen calls who was to be called back, and has that place."""
        same = self.citizens[fact.call].number == self.citizens[fact.redial_of].number
        self._must(same, "{} has the place of somebody else", fact)
        entry.stands_since = min(claimed.stands_since, entry.arrived_at)
        since = (fact.first_arrived_at, entry.stands_since)
        self._must(since[0] == since[1], "{}, and not {}", *since)
        self.redials += 1

    def _comes_from_ledger(self, call: str) -> bool:
        return self.citizens[call].row

    def _keep_the_place(self, fact: f.CallScored, entry: Entry) -> None:
        """Of who hung up or was cut off in line."""
        gone = fact.outcome in (Outcome.ABANDONED, Outcome.ABANDONED_SHORT) or (
            fact.outcome is Outcome.FAILED and fact.reason in list(Loss)
        )
        own = self._own_queue(fact.call, entry)
        if not gone or not fact.place or own is None or fact.reason == Loss.RESTART:
            return
        rules = self._script.site.queues[own]
        longest = rules.max_wait_seconds + rules.redial_seconds
        if rules.redial_seconds and self.now - entry.stands_since <= longest:
            number, until = self.citizens[fact.call].number, self.now + rules.redial_seconds
            before = self.books.kept.get((own, number))
            if before is None or before[2] <= self.now or entry.stands_since < before[1]:
                self.books.kept[own, number] = (fact.call, entry.stands_since, until)

    def _stand(self, call: str, entry: Entry, place: str) -> None:
        """Leave the line, or stand in it when `place` is waiting."""
        self._ringing.pop(call, None)
        if place == "offered" and self._most_at_once(entry) > 1:
            self._ringing[call] = entry
        if entry.place == "waiting":
            del self.books.waiting[entry.queue][call]
        entry.place = place
        if place == "waiting":
            self.books.waiting.setdefault(entry.queue, {})[call] = entry

    def _on_offer(self, fact: f.OfferMade) -> None:
        entry, desk = self.books.calls[fact.call], self.books.desks[fact.operator]
        if fact.beside:
            self._on_offer_beside(fact, entry, desk)
            return
        stands = "parked" if fact.operator_first else "waiting"
        self._must(entry.place == stands, "{} is offered while {}", fact, entry.place)
        if fact.operator_first:
            rules = self._script.site.queues[QueueName(entry.queue)]
            self._must(rules.operator_first, "{} is rung before the citizen", fact)
            self._may_be_called(fact, fact.call)
        if entry.kept_free == (fact.operator, self.now):
            self._must(desk.state is OperatorState.RINGING, "{} was kept for {}", desk, fact.call)
        elif entry.handed_over_at == self.now:
            self._must(desk.state is OperatorState.ON_CALL, "{} is handed {}", desk, fact.call)
            entry.handed_over_at = -1.0
        else:
            picks_up = entry.was_aside_until == self.now and entry.asked_for == fact.operator
            rests = PICKS_UP if picks_up else (OperatorState.AVAILABLE,)
            free = desk.state in rests and not desk.busy_with
            self._must(free, "{} is offered {} while {}", fact.operator, fact.call, desk.state)
            self._must(self.connected, "an offer without a connection")
        meant = (fact.operator, self.now)
        entry.alone = fact.operator == entry.last_operator or desk.open_line
        if meant not in ((entry.asked_for, entry.asked_at), entry.kept_free):
            self._is_their_turn(fact, entry, desk)
        else:
            entry.alone = True
        entry.alone = entry.alone or fact.operator_first
        most = self._most_at_once(entry)
        self._must(fact.at_once == (1 if entry.alone else most), "{}: {}", fact, entry)
        self._offers += 1
        desk.history.offered_at = self._offers
        self._stand(fact.call, entry, "rung_first" if fact.operator_first else "offered")
        entry.offer, entry.operator, desk.busy_with = fact.offer, fact.operator, fact.call

    def _most_at_once(self, entry: Entry) -> int:
        rules = self._script.site.queues[QueueName(entry.queue)]
        return rules.ring_at_once if rules.strategy is Strategy.RING_SEVERAL else 1

    def _on_offer_beside(self, fact: f.OfferMade, entry: Entry, desk: Desk) -> None:
        """The phone of the operator who is idle longest, for the caller with the fewest, when
        nobody waits whom they could serve."""
        well = entry.place == "offered" and self.connected and not entry.alone
        self._must(well, "{} while {}", fact, entry)
        most = self._most_at_once(entry)
        self._must(1 + len(entry.beside) < most, "{}: {} may ring", fact, most)
        free = desk.state is OperatorState.AVAILABLE and not (desk.busy_with or desk.open_line)
        self._must(free and entry.queue in desk.queues, "{} while {}", fact, desk)
        for queue in desk.queues:
            for call, other in self.books.waiting.get(queue, {}).items():
                self._must(not self._is_able(fact.operator, other), "{}, {} waits", fact, call)
        there = self._phones_for(entry)
        self._must(there[:1] == [fact.operator], "{} and not {}", fact, there)
        for other in self._may_ring_at_more(entry.queue):
            if self._is_able(fact.operator, other):
                self._must(len(entry.beside) <= len(other.beside), "{}: {}", fact, other)
        self._offers += 1
        self.rung_beside += 1
        desk.history.offered_at = self._offers
        entry.beside[fact.offer], desk.busy_with = fact.operator, fact.call

    def _phones_for(self, entry: Entry) -> list[str]:
        """Free operators without an open line who could be rung for this caller."""
        desks = self.books.desks
        there = self._can_be_rung(entry.queue)
        return [x for x in there if self._is_able(x, entry) and not desks[x].open_line]

    def _may_ring_at_more(self, queue: str) -> list[Entry]:
        """Callers for whom more phones may ring than do."""
        return [
            entry
            for entry in self._ringing.values()
            if entry.queue == queue
            and not entry.alone
            and 1 + len(entry.beside) < self._most_at_once(entry)
        ]

    def _all_phones_ring(self) -> None:
        """Nobody is free while a caller may ring at one more phone."""
        for entry in list(self._ringing.values()):
            if not entry.alone and 1 + len(entry.beside) < self._most_at_once(entry):
                idle = self._phones_for(entry)
                self._must(not idle, "{} could ring for {}", idle, entry)

    def _on_beside_ended(self, fact: f.OfferEnded, entry: Entry) -> None:
        ours = entry.beside.pop(fact.offer)
        self._must(ours == fact.operator, "{} but {}", fact, ours)
        self._must(fact.ring_seconds >= 0, "{} rang for a negative time", fact)
        self.books.offers[fact.result] += 1
        self.books.desks[fact.operator].busy_with = ""
        answered = entry.answered == (entry.offer, self.now)
        elsewhere = fact.result is OfferResult.ELSEWHERE
        self._must(elsewhere is answered, "{}, and answered was {}", fact, entry.answered)
        if elsewhere:
            self.books.desks[fact.operator].history.elsewhere_at = self.now
            self._elsewhere.add(fact.offer)
        elif fact.operator == entry.last_operator:
            entry.last_operator = ""

    def _is_their_turn(self, fact: f.OfferMade, entry: Entry, desk: Desk) -> None:
        self._nobody_stands_before(fact.call, fact.operator, entry, desk)
        self._is_the_right_one(fact, entry)

    def _nobody_stands_before(self, ours_is: str, operator: str, entry: Entry, desk: Desk) -> None:
        self._must(entry.queue in desk.queues, "{} does not serve {}", operator, entry.queue)
        aging = self._script.site.aging_seconds
        for queue in desk.queues:
            for call, other in self.books.waiting.get(queue, {}).items():
                if not self._is_able(operator, other):
                    continue
                first = (other.stands_since - other.priority * aging, other.order)
                ours = (entry.stands_since - entry.priority * aging, entry.order)
                self._must(ours <= first, "{} is served before {}", ours_is, call)

    def _on_offer_ended(self, fact: f.OfferEnded) -> None:
        entry = self.books.calls[fact.call]
        if fact.offer in entry.beside:
            self._on_beside_ended(fact, entry)
            return
        self._must(not entry.beside, "{} while {} ring", fact, entry.beside)
        self._must(fact.result is not OfferResult.ELSEWHERE, "{} of the main offer", fact)
        ours = (entry.place, entry.offer, entry.operator)
        place = entry.place if entry.place in TRIED else "offered"
        self._must(ours == (place, fact.offer, fact.operator), "{} but {}", fact, ours)
        self._must(fact.ring_seconds >= 0, "{} rang for a negative time", fact)
        self.books.offers[fact.result] += 1
        entry.operator_is_there = False
        if fact.result is OfferResult.ANSWERED:
            self._ringing.pop(fact.call, None)
            entry.place = "talking"
            self.books.desks[fact.operator].history.answered += 1
        else:
            self.books.desks[fact.operator].busy_with = ""
            if fact.operator == entry.last_operator:
                entry.last_operator = ""
            if entry.place == "rung_first":
                entry.place = "parked"
            elif entry.place == "offered":  # else the citizen was not reached: CallbackMissed
                self._stand(fact.call, entry, "waiting")

    def _on_scored(self, fact: f.CallScored) -> None:
        entry, citizen = self.books.calls[fact.call], self.citizens[fact.call]
        self._must(entry.outcome is None, "{} is scored twice", fact.call)
        self._must(fact.wait_seconds >= 0 <= fact.queue_wait_seconds, "{} is negative", fact)
        entry.outcome, entry.wait_seconds = fact.outcome, fact.wait_seconds
        entry.reason, entry.scored_at = fact.reason, self.now
        if fact.outcome is Outcome.VOICEMAIL or fact.reason == "voicemail":
            self._to_voicemail.append(fact.call)
        self.books.outcomes[fact.outcome] += 1
        if entry.place not in TO_BE_CALLED:
            self.books.present[entry.queue] -= 1
        self._is_true(fact, entry, citizen)
        self._keep_the_place(fact, entry)
        if fact.outcome is not Outcome.ANSWERED:
            self._stand(fact.call, entry, "leaving")
        # The time until a chosen hour does not count as waiting.
        if self._was_calm(citizen) and not citizen.row and not entry.hour_chosen:
            off = abs(fact.wait_seconds - (self.now - citizen.arrived_at))
            self._must(off < 2 * ROUNDING_SECONDS, "{}: wait is {:.3f} s off", fact.call, off)

    def _is_true(self, fact: f.CallScored, entry: Entry, citizen: Citizen) -> None:
        """The outcome is what the caller went through."""
        rules = self._script.site.queues.get(fact.queue)
        match fact.outcome:
            case Outcome.ANSWERED:
                true = citizen.was_together
            case Outcome.ABANDONED | Outcome.ABANDONED_SHORT | Outcome.IVR_ENDED:
                true = citizen.hung_up_at > 0 or (bool(fact.reason) and citizen.crashed)
                short = rules is not None and fact.wait_seconds < rules.short_abandon_seconds
                if fact.outcome is not Outcome.IVR_ENDED:
                    true = true and short is (fact.outcome is Outcome.ABANDONED_SHORT)
                true = true and not (fact.outcome is Outcome.IVR_ENDED and entry.found)
            case Outcome.LOOKED_UP:
                true = entry.found > 0
            case Outcome.OVERFLOW:
                assert rules is not None
                waited = self.now - entry.since >= rules.max_wait_seconds - 1e-6
                true = waited or (self._is_closed and fact.reason in ("closed", "voicemail"))
                own = "message" if rules.overflow_message else "max_wait"
                if rules.voicemail:
                    true = true and fact.reason == "voicemail"
                else:
                    true = true and fact.reason in ("closed", own)
                if entry.rule == OverflowTo.VOICEMAIL:
                    true = fact.reason == "voicemail" and entry.since == self.now
                if entry.rule == OverflowTo.MESSAGE:
                    true = fact.reason == "message" and entry.since == self.now
            case Outcome.FAILED:  # or hung up while nobody was connected, and then came the crash
                true = citizen.crashed or 0 < citizen.hung_up_at <= self._crashed_at
            case Outcome.CALLBACK:
                true = self._came_to_nothing(fact, entry)
            case Outcome.VOICEMAIL:
                true = fact.reason in ("queue_full", "chosen")
                true = true or (self._is_closed and fact.reason == "closed")
            case Outcome.REJECTED:
                true = fact.reason in ("queue_full", "unknown_number", "service_away", "lifeboat")
                true = true or (self._is_closed and fact.reason == "closed")
            case _:
                true = False
        self._must(true, "{} is not what happened: {}", fact, citizen)
        if self._was_calm(citizen) and citizen.talked:
            self._must(fact.outcome is Outcome.ANSWERED, "{} talked, but {}", citizen, fact)

    def _on_talk_ended(self, fact: f.TalkEnded) -> None:
        entry, citizen = self.books.calls[fact.call], self.citizens[fact.call]
        self._must(entry.outcome is Outcome.ANSWERED, "{} without an answer", fact)
        self._must(fact.talk_seconds >= 0, "{} is negative", fact)
        if fact.operator:
            self.books.desks[fact.operator].busy_with = ""
        self._must(fact.number == entry.talks + 1, "{} is not talk {}", fact, entry.talks + 1)
        self._must(abs(fact.earlier_seconds - entry.talk_seconds) < 1e-6, "{} but {}", fact, entry)
        self._must(not entry.colleague, "{}, and {} is asked", fact, entry.colleague)
        entry.was_held = entry.place in ("held", "retaking")
        entry.talks, entry.place, entry.ended_by = fact.number, "leaving", fact.ended_by
        if fact.ended_by is EndedBy.OPERATOR and fact.operator:
            self._left_alone.append(fact.call)
        entry.talk_seconds += fact.talk_seconds
        whole, parts = self.now - citizen.arrived_at, entry.wait_seconds + entry.talk_seconds
        if citizen.faults_before == self.faults:
            self._must(parts <= whole + ROUNDING_SECONDS, "{}: {} > {}", fact.call, parts, whole)

    def _is_surveyed(self, call: str) -> bool:
        line = self._script.site.line_of_did.get(self.citizens[call].did)
        return line is not None and line.survey

    def _who_is_left_is_asked(self) -> None:
        """On a line with a survey, whoever is served there is asked how it was."""
        for call in self._left_alone:
            left = self.books.calls[call].place == "leaving" and self._is_surveyed(call)
            self._must(not left, "{} was served, and is not asked how it was", call)
        self._left_alone.clear()

    def _on_survey(self, fact: f.SurveyMoved) -> None:
        """In the moment in which the operator ended the talk; the score is a key that was pressed
        after that."""
        entry, citizen = self.books.calls[fact.call], self.citizens[fact.call]
        if entry.place == "leaving":
            begins = (fact.plays, fact.score, entry.ended_by) == (1, 0, EndedBy.OPERATOR)
            self._must(begins and fact.call in self._left_alone, "{} after {}", fact, entry)
            self._must(self._is_surveyed(fact.call), "{}: the line has no survey", fact)
            entry.place, entry.survey_since = "survey", self.now
            entry.keys_before = len(citizen.keys)
        self._must(entry.place == "survey" and fact.plays in (1, 2), "{} but {}", fact, entry)
        self._must(fact.operator == entry.operator, "{} but {}", fact, entry)
        # Of a service that stood, both come at once: the key was pressed when nobody looked.
        pressed = citizen.keys[entry.keys_before if self._was_calm(citizen) else 0 :]
        self._must(not fact.score or str(fact.score) in pressed, "{}: {}", fact, pressed)

    def _on_looked_up(self, fact: f.CaseLookedUp) -> None:
        """What is told is what the database said of this number, or that nobody can say."""
        entry = self.books.calls[fact.call]
        entry.lookups += 1
        self._must(entry.place == "menu" and entry.lookups <= TRIES, "{}: {}", fact, entry)
        said = self.case_answers.get((fact.call, entry.lookups))
        true = fact.word in (said, CaseWord.AWAY) or (said is None and fact.word is CaseWord.WRONG)
        self._must(true, "{}, but the database says {}", fact, said)
        entry.found += fact.word not in NO_STATE
        self.looked_up[fact.word] += 1

    def _on_survey_ended(self, fact: f.SurveyEnded) -> None:
        entry, citizen = self.books.calls[fact.call], self.citizens[fact.call]
        self._must(entry.place == "survey", "{} but {}", fact, entry)
        self._must(bool(fact.score) is (fact.ending is f.SurveyEnding.ANSWERED), "{}", fact)
        if fact.ending is f.SurveyEnding.LEFT:
            gone = citizen.hung_up_at or citizen.crashed
            self._must(bool(gone), "{}: {} has not hung up", fact, citizen)
        if self._was_calm(citizen) and fact.ending is not f.SurveyEnding.ANSWERED:
            pressed = citizen.keys[entry.keys_before : -1]  # the last is perhaps not told yet
            self._must(not set(pressed) & set("12345"), "{} though {}", fact, pressed)
        entry.place = "leaving"
        self.surveys[fact.ending] += 1

    def _who_is_sent_there_is_asked(self) -> None:
        """Who is scored for the voicemail is there in the same step, or was never here."""
        for call in self._to_voicemail:
            self._must(call in self._asked_for_message, "{} is not asked for a message", call)
        self._to_voicemail.clear()

    def _on_voicemail(self, fact: f.VoicemailMoved) -> None:
        """Of a queue that takes messages; what is said first, then a recording of its own."""
        entry = self.books.calls[fact.call]
        rules = self._script.site.queues[fact.queue]
        if entry.place == "leaving":
            begins = (fact.stage, fact.number) == (f.VoicemailStage.PROMPT, 0)
            self._must(begins and entry.scored_at == self.now, "{} after {}", fact, entry)
            self._must(bool(rules.voicemail), "{}: that queue takes none", fact)
            entry.place, entry.voicemail_since = "voicemail", self.now
            self._asked_for_message.add(fact.call)
        self._must(entry.place == "voicemail", "{} but {}", fact, entry)
        recorded = fact.stage is not f.VoicemailStage.PROMPT
        self._must(recorded is (fact.number > 0), "{}", fact)

    def _on_voicemail_ended(self, fact: f.VoicemailEnded) -> None:
        """What is told is what happened: who is thanked has left something that can be heard, as
        far as anybody knows, and what was said until then is kept of who hung up."""
        entry, citizen = self.books.calls[fact.call], self.citizens[fact.call]
        self._must(entry.place == "voicemail", "{} but {}", fact, entry)
        kept = self._exchange.kept.get(f"rec-{fact.number}-caller-{fact.call}")
        measured = self.measured.get((fact.call, fact.number))
        gone = bool(citizen.hung_up_at or citizen.crashed)
        match fact.ending:
            case VoicemailEnding.LEFT:
                knows = (fact.call, fact.number) in self.measured and self._was_calm(citizen)
                self._must(not knows or (measured or 0.0) >= 1.5, "{}: {}", fact, measured)
                self._must(kept is not None or not self._was_calm(citizen), "{}: no sound", fact)
            case VoicemailEnding.EMPTY:
                true = measured is not None and measured < 1.5
                self._must(true, "{}: {} s", fact, measured)
            case VoicemailEnding.FAILED:
                full = kept is None or kept.ended == kept.began or not self._was_calm(citizen)
                self._must(full, "{}, and there is {}", fact, kept)
            case VoicemailEnding.HUNG_UP | VoicemailEnding.CUT:
                self._must(gone and fact.number > 0, "{}: {}", fact, citizen)
                self._must(kept is not None or not self._was_calm(citizen), "{}: no sound", fact)
            case VoicemailEnding.NO_MESSAGE:
                self._must(gone and not fact.number, "{}: {}", fact, citizen)
        entry.place = "leaving"
        self.voicemails[fact.ending] += 1

    def _nobody_leaves_a_message_for_long(self) -> None:
        """What is said first, the longest message with the time until its end is known, and what
        is heard in it."""
        longest = self._script.site.voicemail.longest_seconds + 5.0 + 2.0
        longest += self._exchange.timing.prompt + 1.0
        for call, entry in self.books.calls.items():
            if entry.place == "voicemail" and self._was_calm(self.citizens[call]):
                asked = self.now - entry.voicemail_since
                self._must(asked <= longest, "{} leaves a message for {:.1f} s", call, asked)

    def _nobody_is_asked_for_long(self) -> None:
        """Two questions, and some seconds for a key after each, and thanks."""
        longest = 2 * (self._exchange.timing.prompt + 5.0) + self._exchange.timing.prompt + 1.0
        for call, entry in self.books.calls.items():
            if entry.place == "survey" and self._was_calm(self.citizens[call]):
                asked = self.now - entry.survey_since
                self._must(asked <= longest, "{} is asked for {:.1f} s", call, asked)

    def _on_returned(self, fact: f.CallReturned) -> None:
        """Only when a phone died, or a leg was lost with it, or when the operator left who had put
        the caller on hold, or from a parking place; and at the old place."""
        entry = self.books.calls[fact.call]
        self._must(entry.place == "leaving", "{} returns while {}", fact.call, entry.place)
        died = self._died_at.get(f"PJSIP/{entry.operator}", -1.0)
        alone = died >= 0 or entry.was_held or entry.was_aside_until == self.now
        self._must(alone, "{} returns, and no phone of {} died", fact.call, entry.operator)
        entry.queue, entry.since = fact.queue, self.now
        self._stand(fact.call, entry, "waiting")
        self.returned += 1

    def _on_transferred(self, fact: f.CallTransferred) -> None:
        """Only out of a talk with this operator; who was asked for may be offered the call now."""
        entry = self.books.calls[fact.call]
        ours = (entry.place, entry.operator, entry.queue)
        meant = ("leaving", fact.operator, fact.from_queue)
        self._must(ours == meant, "{} but {}", fact, ours)
        entry.queue, entry.since = fact.queue, self.now
        entry.asked_for, entry.asked_at = fact.to_operator, self.now
        entry.given_on = True
        entry.waited_out.clear()
        if fact.attended:
            entry.handed_over_at = self.now
        self._stand(fact.call, entry, "waiting")
        self.transferred += 1

    def _on_set_aside(self, fact: f.CallSetAside) -> None:
        """Only out of a talk with this operator, and nobody else is in that place."""
        entry, rules = self.books.calls[fact.call], self._script.site.park
        ours = (entry.place, entry.operator, entry.queue)
        meant = ("leaving", fact.operator, fact.queue)
        self._must(ours == meant and self.connected, "{} but {}", fact, ours)
        self._must(1 <= fact.place <= rules.places, "{}: there is no such place", fact)
        there = [e.aside[0] for e in self.books.calls.values() if e.place == "aside"]
        self._must(fact.place not in there, "{}, and somebody is there", fact)
        entry.place, entry.aside = "aside", (fact.place, self.now)
        entry.last_operator = fact.operator

    def _on_set_aside_ended(self, fact: f.SetAsideEnded) -> None:
        """As it was: who asked for the caller, or the time, or who hung up."""
        entry, citizen = self.books.calls[fact.call], self.citizens[fact.call]
        place, since = entry.aside
        self._must((entry.place, place) == ("aside", fact.place), "{} but {}", fact, entry)
        self._must(abs(fact.seconds - (self.now - since)) < 1e-6, "{} since {}", fact, since)
        match fact.how:
            case f.AsideEnding.PICKED_UP:
                desk = self.books.desks[fact.by]
                mine = entry.queue in desk.queues or fact.by == fact.operator
                self._must(mine and desk.state in PICKS_UP, "{} while {}", fact, desk)
                entry.asked_for, entry.asked_at = str(fact.by), self.now
            case f.AsideEnding.TIME:
                whole = fact.seconds >= self._script.site.park.seconds - 1e-6
                self._must(whole, "{} is too soon", fact)
            case f.AsideEnding.LEFT | f.AsideEnding.LOST:
                gone = citizen.hung_up_at > 0 or citizen.crashed
                self._must(gone, "{}: {} has not hung up", fact, citizen)
            case f.AsideEnding.CUT:
                raise Wrong(f"{fact}: nobody asked for that")
        entry.place, entry.was_aside_until = "leaving", self.now
        self.aside[fact.how] += 1

    def _nobody_is_parked_for_long(self) -> None:
        longest = self._script.site.park.seconds + 1.0
        for call, entry in self.books.calls.items():
            if entry.place == "aside" and self.calm:
                since = max(entry.aside[1], self._troubled_until - QUIET_SECONDS)
                self._must(self.now - since <= longest, "{} is parked for ever", call)

    def _on_consult(self, fact: f.ConsultMade) -> None:
        """Only out of a talk, and somebody who is free."""
        entry, desk = self.books.calls[fact.call], self.books.desks[fact.asked]
        ours = (entry.place, entry.operator, entry.colleague)
        self._must(ours == ("talking", fact.operator, ""), "{} but {}", fact, ours)
        free = desk.state is OperatorState.AVAILABLE and not desk.busy_with
        self._must(free, "{} is asked while {}", fact.asked, desk)
        entry.place, entry.colleague, entry.consult = "held", fact.asked, fact.offer
        desk.busy_with = fact.call
        self.consults += 1

    def _on_consult_going_on(self, fact: f.ConsultAnswered | f.ConsultEnded) -> None:
        entry = self.books.calls[fact.call]
        self._must(entry.consult == fact.offer, "{} of another consult", fact)
        if isinstance(fact, f.ConsultEnded):
            self._must(fact.held_seconds >= 0, "{} is negative", fact)
            self.books.desks[entry.colleague].busy_with = ""
            entry.colleague, entry.consult, entry.colleague_is_there = "", "", False

    def _on_held(self, fact: f.CallerTakenBack | f.CallerHeld) -> None:
        entry = self.books.calls[fact.call]
        back = isinstance(fact, f.CallerTakenBack)
        self._must(entry.place == ("held" if back else "retaking"), "{} but {}", fact, entry)
        entry.place = "retaking" if back else "held"

    def _on_joined(self, fact: f.PartyJoined) -> None:
        """The colleague with the operator, or the caller with who talks there."""
        entry = self.books.calls[fact.call]
        if fact.offer == entry.consult:
            entry.colleague_is_there = True
            return
        self._must((entry.place, entry.offer) == ("retaking", fact.offer), "{} but {}", fact, entry)
        entry.place = "talking"

    def phone_dies(self, endpoint: str) -> None:
        """A phone loses its power."""
        self._died_at[endpoint] = self.now

    def phone_lives(self, endpoint: str) -> None:
        """A phone has its power back. What was sent to it before is lost: it does not ring."""
        self._lives_since[endpoint] = self.now

    def _on_ended(self, fact: f.CallEnded) -> None:
        entry = self.books.calls[fact.call]
        self._must(entry.outcome is not None, "{} ended without an outcome", fact.call)
        again = entry.place == "waiting" and entry.outcome is Outcome.ANSWERED
        if again:  # gave up waiting again
            self._stand(fact.call, entry, "leaving")
        self._must(entry.place == "leaving", "{} ended while {}", fact.call, entry.place)
        entry.place = "ended"

    def _on_operator(self, fact: f.OperatorChanged) -> None:
        before = self.books.desks.get(fact.operator)
        known = before is not None
        self._is_nobodys_fault(fact, before)
        queues = tuple(map(str, fact.queues))
        busy = before.busy_with if before else ""
        stays = known and before is not None and before.state is fact.state
        if not (stays and before is not None and before.queues == queues):
            for free in self.books.free.values():
                free.pop(fact.operator, None)
            history = before.history if before else History()
            self._note_history(history, before, fact)
            self.books.desks[fact.operator] = Desk(fact.state, queues, self.now, busy)
            self.books.desks[fact.operator].history = history
            if fact.state is OperatorState.AVAILABLE:
                self._must(not busy, "{} is available with {}", fact.operator, busy)
                if fact.open_line:
                    self._line_is_seated(fact.operator)
                if history.elsewhere_at != self.now:  # else as if it had not rung
                    self.books.frees += 1
                    history.idle = self.books.frees
                for queue in queues:
                    self.books.free.setdefault(queue, {})[fact.operator] = history.idle

        self.books.desks[fact.operator].open_line = fact.open_line
        self.books.desks[fact.operator].skills = dict(fact.skills)
        there = fact.state not in (OperatorState.OFFLINE, OperatorState.PHONE_AWAY)
        if fact.state is OperatorState.PAUSED:
            there = fact.reason not in ("rona", "phone_lost", "line")
        elif fact.wish is OperatorState.OFFLINE:
            there = False
        self.books.desks[fact.operator].on_duty = there

    def _is_nobodys_fault(self, fact: f.OperatorChanged, before: Desk | None) -> None:
        """Whose ring was answered elsewhere does what they wished, and has no wrap-up."""
        rang = before is not None and before.state is OperatorState.RINGING
        if rang and before and before.history.elsewhere_at == self.now:
            blamed = fact.state is OperatorState.WRAPUP or fact.reason in BLAMED
            self._must(not blamed, "{} for a ring answered elsewhere", fact)

    def _note_history(self, history: History, before: Desk | None, fact: f.OperatorChanged) -> None:
        if before is not None and before.state in BUSY:
            history.busy.append((before.since, self.now))
        if before is None or before.state is OperatorState.OFFLINE:
            colleagues = [
                desk.history.answered
                for name, desk in self.books.desks.items()
                if name != fact.operator
                and desk.state is not OperatorState.OFFLINE
                and set(desk.queues) & set(fact.queues)
            ]
            history.answered = min(colleagues, default=0)

    def _no_others_line(self, callers: list[str], legs: list[str]) -> None:
        """With a caller is the open line of the operator, or of the colleague who is asked, and no
        other: who was asked in a talk before does not stay behind."""
        owners = {line_owner(leg) for leg in legs if is_line(leg)}
        for call in callers:
            entry = self.books.calls.get(call)
            if entry is not None:
                strangers = owners - {entry.operator, entry.colleague}
                self._must(not strangers, "{} hears {}, and is {}", call, strangers, entry)

    def _line_is_seated(self, name: str) -> None:
        """Who is available on an open line has it in the bridge, and nobody else is there."""
        inside = self._exchange.bridges.get(f"desk-{name}", [])
        here = [leg for leg in inside if leg not in self.citizens]
        if self.calm:
            self._must(len(here) == 1, "{} is available, the bridge has {}", name, inside)

    # --- from time to time -------------------------------------------------------------------

    def look_around(self) -> None:
        """Once a second: what everybody can see and hear."""
        self._phones_rang()
        self._nobody_stays_in_the_menu()
        self._nobody_is_asked_for_long()
        self._nobody_leaves_a_message_for_long()
        self._nobody_is_parked_for_long()
        self._legs_that_are_gone_hold_nobody()
        for channel in self._exchange.channels.values():
            if channel.id in self.citizens:
                self._look_at_caller(channel, self.citizens[channel.id])
        for name, desk in self.books.desks.items():
            self._look_at_desk(name, desk)
        self._look_at_recordings()
        for call, entry in self.books.calls.items():
            if entry.colleague_is_there:
                self._look_at_the_two(call, entry)
        for queue, waiting in self.books.waiting.items():
            longest = self._script.site.queues[QueueName(queue)].max_wait_seconds
            for call, entry in waiting.items():
                late = self.calm and self.now - entry.since > longest + 1.0
                self._must(not late, "{} waits longer than {} allows", call, queue)

    def _look_at_recordings(self) -> None:
        """What is kept of those whose calls saw no fault; of others, that nothing stays on."""
        for call, entry in self.books.calls.items():
            citizen = self.citizens[call]
            if entry.place == "ended" and not self.recorders.live(call):
                continue
            if not self.calm or (not self._was_calm(citizen) and entry.place != "ended"):
                self.recorders.forgive(call)
                continue
            line = self._script.site.line_of_did.get(citizen.did)
            self.recorders.look(
                call,
                self.now,
                recorded=line is not None
                and line.record
                and citizen.heard_notice
                and entry.place == "talking"
                and not self._is_held(call, entry),
            )

    def _is_held(self, call: str, entry: Entry) -> bool:
        endpoint, channels = f"PJSIP/{entry.operator}", self._exchange.channels
        return call in self._held or any(
            leg in self._held and leg in channels and channels[leg].endpoint == endpoint
            for leg in self._held
        )

    def _nobody_stays_in_the_menu(self) -> None:
        """Longer than the menu's own sum of all that can be heard and waited for."""
        each = self._exchange.timing.prompt
        for call, entry in self.books.calls.items():
            if entry.place != "menu" or not self._was_calm(self.citizens[call]):
                continue
            line = self._script.site.line_of_did[self.citizens[call].did]
            assert line.menu is not None
            around = len(line.notice) + len(line.greeting)
            longest = longest_seconds(line.menu, lambda key: each) + around * each + 1.0
            stays = self.now - entry.menu_since
            self._must(stays <= longest, "{} is in the menu for {:.1f} s", call, stays)

    def _phones_rang(self) -> None:
        while self._to_ring and self._to_ring[0][0] <= self.now:
            by, leg, faults = self._to_ring.pop(0)
            channel = self._exchange.channels.get(leg)
            if self.calm and faults == self.faults and channel is not None:
                if self._was_dead(channel.endpoint, by - PROMPT_SECONDS):
                    continue
                rang_at = self._rung.get(leg, self.now)
                self._must(rang_at <= by, "{} was not rung promptly", leg)

    def _was_dead(self, endpoint: str, since: float) -> bool:
        """Whether a phone had no power at some time since then."""
        return endpoint in self._exchange.dead or self._lives_since.get(endpoint, -1.0) >= since

    def _look_at_caller(self, channel: Channel, citizen: Citizen) -> None:
        mates = self._exchange.bridges[channel.bridge] if channel.bridge else []
        dead = [leg for leg in mates if leg != channel.id and self._is_dead_for_long(leg)]
        if self.calm and dead:
            raise Wrong(f"{channel.id} is left with a phone that died: {dead}")
        is_joined = channel.bridge and channel.bridge not in self._exchange.rooms
        hears = len(mates) > 1 if is_joined else channel.music or channel.playing or channel.message
        entry = self._entry(channel.id)
        self._look_who_is_heard(channel, citizen, mates if is_joined else [], entry)
        known = entry is not None and entry.place != "ended"
        rings = channel.state != "Up"
        if channel.place != "stasis" or (hears and known) or channel.ending or rings:
            citizen.silent_since = 0.0
            return
        citizen.silent_since = citizen.silent_since or self.now
        leaving = entry is not None and entry.outcome is not None and entry.place not in MUSIC
        limit = LEAVE_SECONDS if leaving else SILENT_SECONDS
        since = max(citizen.silent_since, self._troubled_until - QUIET_SECONDS)
        if self.calm and self.now - since > limit:
            raise Wrong(f"{channel.id} is stranded: {channel}, {entry}")

    def _look_who_is_heard(
        self, channel: Channel, citizen: Citizen, mates: list[str], entry: Entry | None
    ) -> None:
        """Who talks hears the operator of the call and a colleague who was taken in, and nobody
        else; who does not, or is on hold, hears nobody."""
        others = [self._exchange.channels.get(leg) for leg in mates if leg != channel.id]
        heard = {other.endpoint or other.id for other in others if other and not other.ending}
        talks = entry is not None and entry.place == "talking"
        meant = {f"PJSIP/{entry.operator}"} if entry and talks else set()
        if entry and talks and entry.colleague_is_there:
            meant.add(f"PJSIP/{entry.colleague}")
        if heard == meant or channel.place != "stasis" or channel.ending or citizen.hung_up_at:
            citizen.hears_wrong_since = 0.0
            return
        citizen.hears_wrong_since = citizen.hears_wrong_since or self.now
        since = max(citizen.hears_wrong_since, self._troubled_until - QUIET_SECONDS)
        if self.calm and self.now - since > STUCK_SECONDS:
            raise Wrong(f"{channel.id} hears {heard}, and should hear {meant}: {entry}")

    def _look_at_the_two(self, call: str, entry: Entry) -> None:
        """Operator and colleague hear each other."""
        at = {x.endpoint: x for x in self._exchange.channels.values() if x.bridge and x.endpoint}
        two = [at.get(f"PJSIP/{name}") for name in (entry.operator, entry.colleague)]
        together = two[0] and two[1] and two[0].bridge == two[1].bridge
        entry.apart_since = 0.0 if together else entry.apart_since or self.now
        since = max(entry.apart_since, self._troubled_until - QUIET_SECONDS)
        dead = any(x is None or x.is_dead for x in two)
        if not together and not dead and self.calm and self.now - since > STUCK_SECONDS:
            raise Wrong(f"{call}: {entry} do not hear each other: {two}")

    def _is_dead_for_long(self, leg: str) -> bool:
        channel = self._exchange.channels.get(leg)
        if channel is None or not channel.is_dead or channel.endpoint not in self._died_at:
            return False
        since = max(self._died_at[channel.endpoint], self._troubled_until - QUIET_SECONDS)
        more = HELD_SECONDS if leg in self._held else 0.0
        return self.now - since > PHONE_LOST_SECONDS + more

    def _look_at_desk(self, name: str, desk: Desk) -> None:
        """What the desk is thought to do must be what its phone does."""
        legs = [x for x in self._exchange.channels.values() if x.endpoint == f"PJSIP/{name}"]
        ringing = [leg for leg in legs if leg.place == "dialing" and not leg.ending]
        rules = [self._script.site.queues[q] for q in self._script.site.queues]
        match desk.state:
            case OperatorState.ON_CALL:
                well = any(leg.place == "stasis" for leg in legs)
                well = well and not any(leg.playing for leg in legs)
            case OperatorState.RINGING if self._is_kept_free(desk):
                well = len(legs) <= 1  # the open line, if it is up
            case OperatorState.RINGING:
                well = bool(legs)
            case OperatorState.AVAILABLE if desk.open_line:
                well = len(legs) == 1 and legs[0].bridge == f"desk-{name}"
                well = well and not legs[0].playing
            case OperatorState.PAUSED if desk.open_line:
                well = len(legs) < 2
            case OperatorState.WRAPUP:
                longest = max(rule.wrapup_seconds for rule in rules)
                well = self.now - desk.since <= longest + 1.0
            case OperatorState.PHONE_AWAY:
                well = all(self._is_listened_to(leg) for leg in legs)
            case _:
                well = not legs
        well = well and len(ringing) < 2
        desk.wrong_since = 0.0 if well else desk.wrong_since or self.now
        since = max(desk.wrong_since, self._troubled_until - QUIET_SECONDS)
        if not well and self.calm and self.now - since > STUCK_SECONDS:
            raise Wrong(f"{name} is stuck: {desk}, phone: {legs}")

    def _is_listened_to(self, leg: Channel) -> bool:
        """Its phone died while it had the talk on hold, and that is not known yet."""
        return leg.is_dead and leg.id in self._held and not self._is_dead_for_long(leg.id)

    def _is_kept_free(self, desk: Desk) -> bool:
        """For a citizen who is called back now."""
        entry = self.books.calls.get(desk.busy_with)
        return entry is not None and entry.place == "called" and not entry.operator_is_there

    # --- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Everybody has gone: every call has one outcome, nothing is left over."""
        for leg, citizen in self.citizens.items():
            entry = self._entry(leg)
            if entry is None:
                self._must(citizen.crashed, "{} has no record", citizen)
            else:
                self._must(entry.outcome is not None, "{} has no outcome: {}", citizen, entry)
                self._must(entry.place == "ended", "{} has not ended: {}", citizen, entry)
        self.recorders.close(lambda call: self._was_calm(self.citizens[call]))
        total = sum(self.books.outcomes.values())
        self._must(
            total == len(self.books.calls), "{} outcomes of {}", total, len(self.books.calls)
        )
        for name, desk in self.books.desks.items():
            self._must(desk.state in RESTING, "{} is still {}", name, desk.state)
        left = [x for x in self._exchange.channels.values() if not self._is_open_line(x)]
        self._must(not left, "left over: {}", left)

    def _is_open_line(self, channel: Channel) -> bool:
        """Whether it is an open line between the callers, or one that is being opened."""
        name = channel.endpoint.removeprefix("PJSIP/")
        desk = self.books.desks.get(name)
        if desk is None or not desk.open_line:
            return False
        return channel.bridge == f"desk-{name}" or desk.state is OperatorState.PAUSED
