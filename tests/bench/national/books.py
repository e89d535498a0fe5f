"""Books kept apart from the engine: is everybody served in order, does every call come out once?

A witness of world.py. Nothing here reads the engine's state; what happened to people is told by the
world, what was decided by the facts. The simulation's auditor (tests/simulation/auditor.py) looks
at everybody at each offer, which a line of thousands does not allow: here heads of heaps do.
Raises `Wrong` at the first thing that is not as it should be.
"""

from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass
from heapq import heappop, heappush

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Step
from callcenter.core.facts import OperatorState
from callcenter.core.ids import call_of_offer
from callcenter.core.legs import OfferLeg
from callcenter.core.outcome import OfferResult, Outcome

ROUNDING_SECONDS = 1e-6


class Wrong(AssertionError):
    """The engine, or this book-keeping, is wrong."""


@dataclass(slots=True)
class Entry:
    """One citizen: what truly happened, and what the facts say."""

    did: str
    arrived_at: float
    hung_up: bool = False
    joined: bool = False
    order: int = 0
    place: str = "unknown"  # waiting, offered, talking, leaving, ended
    queue: str = ""
    queue_since: float = 0.0
    stood: int = 0  # how often it came to stand in line: older entries of a heap are void
    offer: str = ""
    operator: str = ""
    outcome: Outcome | None = None


Standing = tuple[int, float, int, str, int]
"""Minus priority, arrival, order, call, `stood`: the head of a heap is who must be next."""


class Books:
    """Watches; ask `close()` at the end and `agree()` in between."""

    def __init__(self) -> None:
        self.calls: dict[str, Entry] = {}
        self.outcomes: Counter[Outcome] = Counter()
        self.received = self.offered = self.offers = 0
        self._lines: dict[str, list[Standing]] = defaultdict(list)
        self._waiting: Counter[str] = Counter()
        self._free: dict[str, OrderedDict[str, None]] = defaultdict(OrderedDict)
        self._going: dict[str, str] = {}  # legs that were hung up, and whose phones they are at
        self._desks: dict[str, f.OperatorChanged] = {}
        self._touched: set[str] = set()
        self._rules = {
            f.CallReceived: self._on_received,
            f.CallQueued: self._on_queued,
            f.CallMoved: self._on_queued,
            f.OfferMade: self._on_offer,
            f.OfferEnded: self._on_offer_ended,
            f.CallScored: self._on_scored,
            f.TalkEnded: self._on_talk_ended,
            f.CallEnded: self._on_ended,
            f.OperatorChanged: self._on_operator,
            f.StepFailed: self._on_failure,
        }

    @property
    def unscored(self) -> int:
        """Calls received whose outcome is not known."""
        return self.received - sum(self.outcomes.values())

    # --- what people go through ----------------------------------------------------------------

    def arrived(self, call: str, did: str, at: float) -> None:
        """A citizen's call began."""
        self.calls[call] = Entry(did, at)

    def hung_up(self, call: str) -> None:
        """By themselves."""
        self.calls[call].hung_up = True

    def joined(self, call: str) -> None:
        """With an operator."""
        self.calls[call].joined = True

    # --- what is told --------------------------------------------------------------------------

    def step(self, event: e.Event, done: Step, now: float) -> None:
        """One step of the engine."""
        self._phones_let_go(event, done)
        for fact in done.facts:
            if fact.at != now:
                raise Wrong(f"{fact} is not told at its time, {now}")
            if rule := self._rules.get(type(fact)):
                rule(fact)  # type: ignore[operator]
        while self._touched:
            queue = self._touched.pop()
            if self._waiting[queue] and self._longest_idle(queue):
                raise Wrong(f"somebody waits in {queue} while somebody is free")

    def _phones_let_go(self, event: e.Event, done: Step) -> None:
        """Nobody is offered a call while the leg of the last one is still at the phone."""
        for command in done.commands:
            if isinstance(command, c.HangUp) and isinstance(command.leg, OfferLeg):
                call = call_of_offer(command.leg.offer)
                self._going[command.leg.offer] = self.calls[call].operator
        if isinstance(event, e.OperatorLegEnded | e.RingFailed):
            operator = self._going.pop(event.offer, "")
            if operator in self._desks:
                self._touched.update(self._desks[operator].queues)

    def _longest_idle(self, queue: str) -> str:
        """Of who can be rung; "" when nobody can."""
        going = set(self._going.values())
        return next((name for name in self._free[queue] if name not in going), "")

    def _on_received(self, fact: f.CallReceived) -> None:
        entry = self.calls[fact.call]
        self.received += 1
        if entry.order:
            raise Wrong(f"{fact.call} was received twice")
        entry.order = self.received
        if abs(fact.arrived_at - entry.arrived_at) > ROUNDING_SECONDS:
            raise Wrong(f"{fact.call} arrived at {entry.arrived_at}, not {fact.arrived_at}")

    def _on_queued(self, fact: f.CallQueued | f.CallMoved) -> None:
        entry = self.calls[fact.call]
        if entry.outcome is not None:
            raise Wrong(f"{fact.call} is queued after its outcome")
        self.offered += isinstance(fact, f.CallQueued)
        self._leave_line(entry)
        entry.queue, entry.queue_since = fact.queue, fact.at
        self._stand(fact.call, entry)

    def _stand(self, call: str, entry: Entry) -> None:
        entry.place, entry.stood = "waiting", entry.stood + 1
        heappush(self._lines[entry.queue], (0, entry.arrived_at, entry.order, call, entry.stood))
        self._waiting[entry.queue] += 1
        self._touched.add(entry.queue)

    def _leave_line(self, entry: Entry) -> None:
        if entry.place == "waiting":
            entry.place = "between"
            self._waiting[entry.queue] -= 1

    def _head(self, queue: str) -> str:
        """Who must be next in a queue."""
        line = self._lines[queue]
        while line:
            *_, call, stood = line[0]
            entry = self.calls[call]
            if entry.place == "waiting" and entry.queue == queue and entry.stood == stood:
                return call
            heappop(line)
        return ""

    def _on_offer(self, fact: f.OfferMade) -> None:
        self.offers += 1
        entry, desk = self.calls[fact.call], self._desks[fact.operator]
        if desk.state is not OperatorState.AVAILABLE:
            raise Wrong(f"{fact.operator} is offered {fact.call} while {desk.state}")
        if entry.queue not in desk.queues:
            raise Wrong(f"{fact.operator} does not serve {entry.queue}")
        if self._head(entry.queue) != fact.call:
            raise Wrong(f"{fact.call} is served before {self._head(entry.queue)}")
        longest_idle = self._longest_idle(entry.queue)
        if longest_idle != fact.operator:
            raise Wrong(f"{longest_idle} has been idle longer than {fact.operator}")
        self._leave_line(entry)
        entry.place, entry.offer, entry.operator = "offered", fact.offer, fact.operator

    def _on_offer_ended(self, fact: f.OfferEnded) -> None:
        entry = self.calls[fact.call]
        if (entry.place, entry.offer) != ("offered", fact.offer):
            raise Wrong(f"{fact}, but {entry}")
        if fact.result is OfferResult.ANSWERED:
            entry.place = "talking"
        else:
            self._stand(fact.call, entry)

    def _on_scored(self, fact: f.CallScored) -> None:
        entry = self.calls[fact.call]
        if entry.outcome is not None:
            raise Wrong(f"{fact.call} has two outcomes")
        if abs(fact.wait_seconds - (fact.at - entry.arrived_at)) > ROUNDING_SECONDS:
            raise Wrong(f"{fact.call} waited {fact.at - entry.arrived_at}, not {fact.wait_seconds}")
        true = {
            Outcome.ANSWERED: entry.joined and entry.place == "talking",
            Outcome.ABANDONED: entry.hung_up and not entry.joined,
            Outcome.ABANDONED_SHORT: entry.hung_up and not entry.joined,
            Outcome.OVERFLOW: not entry.hung_up and entry.place == "waiting",
        }
        if not true.get(fact.outcome, False):
            raise Wrong(f"{fact} is not what happened: {entry}")
        entry.outcome = fact.outcome
        self.outcomes[fact.outcome] += 1
        if fact.outcome is not Outcome.ANSWERED:
            self._leave_line(entry)
            entry.place = "leaving"

    def _on_talk_ended(self, fact: f.TalkEnded) -> None:
        entry = self.calls[fact.call]
        if entry.place != "talking" or entry.operator != fact.operator:
            raise Wrong(f"{fact}, but {entry}")
        entry.place = "leaving"

    def _on_ended(self, fact: f.CallEnded) -> None:
        entry = self.calls[fact.call]
        if entry.place != "leaving" or entry.outcome is None:
            raise Wrong(f"{fact.call} ended while {entry.place} with outcome {entry.outcome}")
        entry.place = "ended"

    def _on_operator(self, fact: f.OperatorChanged) -> None:
        before = self._desks.get(fact.operator)
        self._desks[fact.operator] = fact
        if before is not None and before.state is fact.state and before.queues == fact.queues:
            return
        for queue in before.queues if before else ():
            self._free[queue].pop(fact.operator, None)
        if fact.state is OperatorState.AVAILABLE:
            for queue in fact.queues:
                self._free[queue][fact.operator] = None
                self._touched.add(queue)

    def _on_failure(self, fact: f.StepFailed) -> None:
        raise Wrong(f"a rule raised: {fact}")

    # --- from time to time, and at the end -------------------------------------------------------

    def agree(self, unscored: int) -> None:
        """The counting identities, and what the engine says is still open."""
        if self.received != self.offered:  # nobody is rejected on this day
            raise Wrong(f"{self.received} received, {self.offered} offered")
        if self.unscored != unscored or sum(self._waiting.values()) > unscored:
            raise Wrong(f"{self.unscored} are open, the engine says {unscored}")

    def close(self, people: int) -> None:
        """Everybody has gone: every citizen has one outcome and nothing is left over."""
        if len(self.calls) != people or self.received != people:
            raise Wrong(f"{people} called, {len(self.calls)} came, {self.received} received")
        for call, entry in self.calls.items():
            if entry.place != "ended" or entry.outcome is None:
                raise Wrong(f"{call} has not ended: {entry}")
        if sum(self.outcomes.values()) != people:
            raise Wrong(f"{self.outcomes} for {people} calls")
        if left := [
            o for o, desk in self._desks.items() if desk.state is not OperatorState.OFFLINE
        ]:
            raise Wrong(f"still there: {left[:5]}")
