"""What came of the day: each call's story, line and desks by the second, the engine's work.

A witness of world.py. Requests, bytes and rows are those of the real adapters: `requests_of`
(callcenter/ari), the journal's records (callcenter/runtime) and the recorder's fold
(callcenter/storage), a batch a second.
"""

from collections import Counter
from dataclasses import dataclass, field

from callcenter.ari.rest import requests_of
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.commands import AskCaseState, MeasureMessage, RingLine, RingOperator
from callcenter.core.engine import Step
from callcenter.core.facts import OperatorState
from callcenter.core.outcome import Outcome
from callcenter.oversight.service_level.model import ScoredCall
from callcenter.runtime.record import encode_fact
from callcenter.storage.rows import Fold
from tests.bench.national.country import DAY_SECONDS, HOUR
from tests.fake_asterisk.parts import NAMES

SECONDS = int(DAY_SECONDS + HOUR)
BUSY = (OperatorState.RINGING, OperatorState.ON_CALL, OperatorState.WRAPUP)
WALL = 1_795_000_000.0  # when the day begins, seconds since 1970: only its size matters


@dataclass(slots=True)
class Story:
    """One call. Times in seconds of the day; `at` is when it reached the engine."""

    at: float
    line: str
    queue: str = ""
    outcome: Outcome = Outcome.FAILED
    wait_seconds: float = 0.0
    queue_wait_seconds: float = 0.0
    line_seconds: float = 0.0  # in line, until the first phone rang or until it left
    talk_seconds: float = 0.0

    def scored(self) -> ScoredCall:
        """As the service level formulas want it."""
        return ScoredCall(
            outcome=self.outcome,
            reason="",
            wait_seconds=self.wait_seconds,
            queue_wait_seconds=self.queue_wait_seconds,
        )


def _zeros() -> list[int]:
    return [0] * SECONDS


@dataclass(slots=True)
class BySecond:
    """One number for each second of the day. The first five happened in it, the others hold."""

    steps: list[int] = field(default_factory=_zeros)
    facts: list[int] = field(default_factory=_zeros)
    requests: list[int] = field(default_factory=_zeros)
    rows: list[int] = field(default_factory=_zeros)
    arrivals: list[int] = field(default_factory=_zeros)
    answered: list[int] = field(default_factory=_zeros)
    waiting: list[int] = field(default_factory=_zeros)  # most in this second
    talking: list[int] = field(default_factory=_zeros)
    callers: list[int] = field(default_factory=_zeros)  # on the line, their messages included
    busy: list[int] = field(default_factory=_zeros)
    on_duty: list[int] = field(default_factory=_zeros)  # logged in and not on a break


class Course:
    """Watches; `seconds` and `stories` are read afterwards."""

    def __init__(self, greeting_seconds: float) -> None:
        self.seconds = BySecond()
        self.stories: dict[str, Story] = {}
        self.journal_bytes = self.facts = self.steps = self.rows = 0
        self.longest_line = (0, 0.0)  # callers, when
        self.duty_seconds: Counter[tuple[str, int]] = Counter()  # by queue and hour of the day
        self.busy_seconds: Counter[tuple[str, int]] = Counter()
        self._greeting = greeting_seconds
        self._offered_at: dict[str, float] = {}
        self._desks: dict[str, tuple[OperatorState, str, float]] = {}
        self._now_waiting = self._now_talking = self._now_callers = 0
        self._now_busy = self._now_duty = 0
        self._second = 0
        self._fold = Fold({})
        self._present = self._fold.present

    def arrived(self, call: str, did: str, at: float) -> None:
        """A citizen's call began."""
        self.stories[call] = Story(at + self._greeting, did)
        self._now_callers += 1

    def hung_up(self, call: str) -> None:
        """Told by the facts as well."""

    def joined(self, call: str) -> None:
        """Told by the facts as well."""

    def step(self, event: e.Event, done: Step, now: float) -> None:
        """One step of the engine."""
        second = int(now)
        if second != self._second:
            self._close_second(second)
        by = self.seconds
        by.steps[second] += 1
        by.facts[second] += len(done.facts)
        for command in done.commands:
            assert not isinstance(command, AskCaseState | MeasureMessage), (
                "the nation's lines have no such menu"
            )
            by.requests[second] += len(requests_of(command, NAMES))
            by.requests[second] += isinstance(command, RingOperator | RingLine)  # the dial
        by.arrivals[second] += isinstance(event, e.CallArrived)
        self.steps += 1
        for fact in done.facts:
            self.facts += 1
            self.journal_bytes += len(encode_fact(self.facts, WALL + now, fact))
            self._fold.add(self.facts, WALL + now, fact)
            self._take(fact, second)
        if done.facts:
            self._look(second)

    def _close_second(self, second: int) -> None:
        """The recorder has its turn; the levels hold until something happens."""
        fold = self._fold
        stored = len(fold.calls) + len(fold.offers) + len(fold.states) + len(fold.closings)
        self.seconds.rows[self._second] = stored
        self.rows += len(fold.states)  # one that is new for each; the others are counted once
        self._present = fold.present_after() if fold.began else self._present
        self._fold = Fold(self._present)
        for between in range(self._second + 1, min(second, SECONDS - 1) + 1):
            self._look(between)
        self._second = second

    def _look(self, second: int) -> None:
        by = self.seconds
        by.talking[second] = max(by.talking[second], self._now_talking)
        by.callers[second] = max(by.callers[second], self._now_callers)
        by.busy[second] = self._now_busy
        by.on_duty[second] = self._now_duty
        if self._now_waiting > by.waiting[second]:
            by.waiting[second] = self._now_waiting
            if self._now_waiting > self.longest_line[0]:
                self.longest_line = (self._now_waiting, float(second))

    def _take(self, fact: f.Fact, second: int) -> None:
        match fact:
            case f.CallReceived():
                self.rows += 1
                self._now_waiting += 1
            case f.CallQueued():
                self.stories[fact.call].queue = fact.queue
            case f.CallMoved():
                self.stories[fact.call].queue = fact.queue
            case f.OfferMade():
                self.rows += 1
                self._offered_at.setdefault(fact.call, fact.at)
            case f.CallScored():
                self._score(fact, second)
            case f.TalkEnded():
                self._now_talking -= 1
                self.stories[fact.call].talk_seconds = fact.talk_seconds
            case f.CallEnded():
                self._now_callers -= 1
            case f.OperatorChanged():
                self._change(fact)
            case _:
                pass

    def _score(self, fact: f.CallScored, second: int) -> None:
        story = self.stories[fact.call]
        story.outcome, story.wait_seconds = fact.outcome, fact.wait_seconds
        story.queue_wait_seconds = fact.queue_wait_seconds
        if fact.outcome is Outcome.ANSWERED:
            self._now_talking += 1
            self.seconds.answered[second] += 1
        story.line_seconds = self._offered_at.pop(fact.call, fact.at) - story.at
        self._now_waiting -= 1

    def _change(self, fact: f.OperatorChanged) -> None:
        state, queue, since = self._desks.get(fact.operator, (OperatorState.OFFLINE, "", 0.0))
        if state is fact.state:
            return
        queue = queue or fact.queues[0]
        away = (OperatorState.OFFLINE, OperatorState.PAUSED)
        if state not in away:
            self._spend(queue, since, fact.at, busy=state in BUSY)
        self._now_busy += (fact.state in BUSY) - (state in BUSY)
        self._now_duty += (fact.state not in away) - (state not in away)
        self._desks[fact.operator] = (fact.state, queue, fact.at)

    def _spend(self, queue: str, since: float, until: float, *, busy: bool) -> None:
        """Split among the hours it lies in."""
        while since < until:
            hour = int(since // HOUR)
            part = min(until, (hour + 1) * HOUR) - since
            self.duty_seconds[queue, hour] += part  # type: ignore[assignment]
            if busy:
                self.busy_seconds[queue, hour] += part  # type: ignore[assignment]
            since += part
