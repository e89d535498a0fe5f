"""What one rule decides: facts and commands, collected here and not yet applied.

A rule reads the state and writes to its turn. The facts are applied only after the rule has
finished, so a rule that raises has changed nothing.
"""

from callcenter.core.case_states import CaseAnswer
from callcenter.core.commands import Command
from callcenter.core.conversation import Party
from callcenter.core.facts import Fact
from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.outcome import LegEnd, Loss
from callcenter.core.site import QueueRules
from callcenter.core.state import Call, Listening, Offer, Operator, State


class Turn:
    """The present state, the time, and the decisions."""

    __slots__ = ("commands", "facts", "now", "state")

    def __init__(self, state: State, now: float) -> None:
        self.state = state
        self.now = now
        self.facts: list[Fact] = []
        self.commands: list[Command] = []

    def tell(self, *facts: Fact) -> None:
        """Add facts that will be applied."""
        self.facts += facts

    def order(self, *commands: Command) -> None:
        """Add commands for Asterisk, in this order."""
        self.commands += commands

    def rules(self, call: Call) -> QueueRules:
        """The limits of the queue in which a call stands."""
        return self.state.queues[call.queue].rules

    def operator(self, call: Call) -> Operator:
        """The operator to whom a call is offered, or who talks with the caller."""
        assert call.offer is not None
        return self.state.operators[call.offer.operator]


class Detail:
    """The details of what happened to a call or an offer, if there are any."""

    __slots__ = (
        *("answer", "asked", "at_once", "beside", "end", "key", "listening", "loss", "operator"),
        *("failed", "in_room", "party", "place", "priority", "queue", "reason", "seconds", "to"),
    )

    def __init__(
        self,
        *,
        loss: Loss | None = None,
        key: str = "",
        end: LegEnd = LegEnd.ENDED,
        priority: int = 0,
        operator: Operator | None = None,
        party: Party | None = None,
        queue: QueueName | None = None,
        to: OperatorId | None = None,
        listening: Listening | None = None,
        reason: str = "",
        in_room: bool = False,
        answer: CaseAnswer | None = None,
        asked: int = 0,
        place: int = 0,
        failed: bool = False,
        seconds: float | None = None,
        at_once: int = 1,
        beside: Offer | None = None,
    ) -> None:
        self.loss = loss
        self.key = key
        self.end = end
        self.priority = priority
        self.operator = operator
        self.party = party
        self.queue = queue
        self.to = to
        self.listening = listening
        self.reason = reason
        self.in_room = in_room
        self.answer = answer
        self.asked = asked
        self.place = place
        self.failed = failed
        self.seconds = seconds
        self.at_once = at_once
        self.beside = beside
