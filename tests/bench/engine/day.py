"""A busy day for one engine: so many callers wait, operators take one call after the other.

Told is what Asterisk tells of such calls: arrival, answer, both legs in the bridge, the end of
either leg twice; one caller in twenty gives up in line, one phone in fifty is not answered.
"""

from collections import deque
from collections.abc import Callable

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.engine import Engine
from callcenter.core.ids import CallId, OfferId, OperatorId, QueueName
from callcenter.core.line import Line
from callcenter.core.outcome import LegEnd
from callcenter.core.site import QueueRules
from tests.legs import caller_leg, leg_of_offer
from tests.site import DAMRONG, GCC, rules, site

OPERATORS = 50
BOTH: tuple[QueueName, ...] = (DAMRONG, GCC)


def wide(name: QueueName) -> QueueRules:
    """Nobody is turned away or sent on, whatever the benchmark's size."""
    return rules(name, waiting_limit=10**9, max_wait_seconds=1e6, wrapup_seconds=5.0)


class Day:
    """One engine in the middle of its work, with `waiting` callers in line."""

    def __init__(
        self, waiting: int, operators: int = OPERATORS, line: Callable[[], Line] = Line
    ) -> None:
        self.engine = Engine(site(wide(DAMRONG), wide(GCC)))
        for queue in self.engine.state.queues.values():
            queue.line = line()
        self.step = self.engine.step  # whoever measures puts something around it
        self.now = 1000.0
        self.steps = 0
        self.answered = 0
        self._rings: deque[c.RingOperator] = deque()
        self._number = 0
        self._step(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        for _ in range(waiting):
            self.now += 0.001
            self.arrive()
        for number in range(operators):
            name = OperatorId(f"operator{number}")
            self._step(e.OperatorLoggedIn(operator=name, endpoint=f"PJSIP/{name}", queues=BOTH))

    def arrive(self) -> None:
        """One more caller, to one of three lines."""
        self._number += 1
        did = ("1567", "1111", "045614545")[self._number % 3]
        call = CallId(f"asterisk-1795000000.{self._number}")
        self._step(e.CallArrived(call=call, did=did, caller="0812345678", age_seconds=3.0))

    def go_on(self, calls: int) -> None:
        """Serve so many, and let as many arrive."""
        for _ in range(calls):
            self.arrive()
            if self._number % 20 == 0:
                last = CallId(f"asterisk-1795000000.{self._number}")
                self._step(e.CallerLeft(call=last))
                self._step(e.CallerLeft(call=last))
                self.arrive()
            while not self._rings:
                self._time_passes()
            ring = self._rings.popleft()
            if self._number % 50 == 0:
                self._step(e.OperatorLegEnded(offer=ring.offer, end=LegEnd.DECLINED))
            else:
                self._answer(ring.offer, ring.lane)

    def _answer(self, offer: OfferId, call: CallId) -> None:
        operator_leg = leg_of_offer(offer)
        bridge = self._answered(offer)
        self._step(e.LegEnteredBridge(leg=caller_leg(call), bridge=bridge.bridge))
        self._step(e.LegEnteredBridge(leg=operator_leg, bridge=bridge.bridge))
        self.now += 0.02
        self.answered += 1
        if self._number % 2:
            self._step(e.CallerLeft(call=call))
            self._step(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED))
        else:
            self._step(e.OperatorLegEnded(offer=offer, end=LegEnd.ENDED))
            self._step(e.CallerLeft(call=call))
        self._step(e.CallerLeft(call=call))
        due = self.engine.next_deadline()
        if due is not None and due <= self.now:
            self._step(e.TimePassed())

    def _answered(self, offer: OfferId) -> c.Bridge:
        for command in self._step(e.OperatorAnswered(offer=offer)):
            if isinstance(command, c.Bridge):
                return command
        raise AssertionError(f"{offer} was answered and not bridged")

    def _time_passes(self) -> None:
        due = self.engine.next_deadline()
        assert due is not None, "nobody rings and nothing is due"
        self.now = max(self.now, due)
        self._step(e.TimePassed())

    def _step(self, event: e.Event) -> list[c.Command]:
        self.steps += 1
        done = self.step(event, self.now)
        for command in done.commands:
            if isinstance(command, c.RingOperator):
                self._rings.append(command)
        return done.commands
