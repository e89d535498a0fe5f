"""What telemetry reads from the other parts at a scrape. They implement it.

`LiveState` is the engine's state, the others are plain numbers that the parts keep themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from callcenter.core.facts import OperatorState
from callcenter.core.ids import NodeId, OperatorId, QueueName
from callcenter.core.site import Site
from callcenter.core.state import Carrier


class NodeState(Protocol):
    """One Asterisk."""

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""

    @property
    def draining(self) -> bool:
        """Whether it gets no new calls."""


class LiveState(Protocol):
    """The engine's state, now."""

    @property
    def site(self) -> Site:
        """The site in force. It is another object after a change."""

    @property
    def connected(self) -> bool:
        """Whether Asterisk is connected."""

    @property
    def queues(self) -> Mapping[QueueName, object]:
        """All queues that the engine knows, also those removed from the site."""

    @property
    def closed(self) -> frozenset[QueueName]:
        """The queues outside their opening hours."""

    @property
    def rostered(self) -> Mapping[QueueName, int]:
        """How many operators are planned now, for each queue with a roster."""

    def uncovered_seconds(self, now: float) -> Mapping[tuple[QueueName, bool], float]:
        """How long open queues had nobody on duty, by queue and by whether somebody was planned
        then."""

    @property
    def helps(self) -> Mapping[OperatorId, float]:
        """The operators who ask for help, and since when."""

    def parked_by_queue(self) -> Mapping[QueueName, int]:
        """How many calls of each queue are parked."""

    def parked_for(self, now: float) -> Mapping[QueueName, float]:
        """For each queue with parked calls: how long the first has been parked."""

    def queue_waiting(self, queue: QueueName) -> int:
        """Callers queued and not yet scored, those with a ringing operator included."""

    def queue_returned(self, queue: QueueName) -> int:
        """Callers who wait again because their operator's phone was lost."""

    def queue_parked(self, queue: QueueName) -> int:
        """Callers who will be called back."""

    @property
    def callbacks_held(self) -> str:
        """Why nobody is called back; "" when citizens are called."""

    @property
    def carrier(self) -> Carrier:
        """How often in a row the carrier refused to call a citizen."""

    def callbacks_waited(self, now: float) -> Mapping[QueueName, tuple[float, int]]:
        """For each queue with callbacks: the longest wait for one, and how many wait for longer
        than is allowed in line."""

    def oldest_wait_seconds(self, queue: QueueName, now: float) -> float:
        """How long the first waiting caller has waited since arrival; 0 if nobody waits."""

    def operators_by_queue(self) -> Mapping[QueueName, Mapping[OperatorState, int]]:
        """How many operators of each queue are in each state."""

    @property
    def nodes(self) -> Mapping[NodeId, NodeState]:
        """The Asterisks that are driven."""

    def calls_by_node(self) -> Mapping[NodeId, Sequence[object]]:
        """The calls of each."""

    def calls_in_progress(self) -> int:
        """Calls received and not yet scored."""


class Distribution(Protocol):
    """Durations counted by bound; the last count is for those beyond every bound."""

    @property
    def counts(self) -> Sequence[int]:
        """One count for each bound, and one for longer durations."""

    @property
    def total_seconds(self) -> float:
        """The sum."""


class AsteriskCounts(Protocol):
    """What the ARI adapter counts (its `Counters`)."""

    @property
    def events(self) -> Mapping[str, int]:
        """Events by type."""

    @property
    def unknown_types(self) -> Mapping[str, int]:
        """Events of types not in use."""

    @property
    def malformed(self) -> int:
        """Messages that could not be decoded."""

    @property
    def untold(self) -> int:
        """Callers that Asterisk could not describe; the lifeboat served them."""

    @property
    def calls(self) -> Mapping[Any, int]:
        """REST requests by (operation, verdict), both text."""

    @property
    def call_seconds(self) -> Distribution:
        """How long answers took."""

    @property
    def commands_dropped(self) -> int:
        """Commands dropped because there was no connection."""

    @property
    def connects(self) -> int:
        """Connections that came up."""

    @property
    def losses(self) -> int:
        """Connections lost."""

    @property
    def overflows(self) -> int:
        """Connections lost because we read too slowly."""

    @property
    def event_at(self) -> float:
        """Event loop time (CLOCK_MONOTONIC) of the last event; 0 before the first."""


class TrunkStates(Protocol):
    """What the ARI adapter knows of the trunks (its `Trunks`)."""

    @property
    def up(self) -> Mapping[str, bool]:
        """Whether the carrier answers, by trunk. Trunks that are not asked are left out."""

    @property
    def channels_in_use(self) -> Mapping[str, int]:
        """Calls on each trunk. Trunks that are unknown are left out."""


class LegCounts(Protocol):
    """Legs in Asterisk and the room for them (the ARI adapter's `Capacity`)."""

    @property
    def legs(self) -> Mapping[str, int]:
        """The number of legs by kind. Unknown numbers are left out."""


class GuessCounts(Protocol):
    """The number of password guesses (the adapter's `Guesses`)."""

    @property
    def count(self) -> int:
        """Guesses."""


class BanCounts(Protocol):
    """The addresses that are banned (the ARI adapter's `Bans`)."""

    @property
    def made(self) -> int:
        """Times an address was banned for guessing."""

    def count(self) -> Mapping[bool, int]:
        """Bans in force, by whether a person made them."""


class HepCounts(Protocol):
    """What the listener to Asterisk's copies of SIP counts (its `Hep`)."""

    @property
    def datagrams(self) -> Mapping[str, int]:
        """Copies by what was done with them."""

    @property
    def guesses(self) -> GuessCounts:
        """Guesses of passwords."""

    def attacked(self) -> int:
        """Accounts that are under attack from many addresses."""

    def counted(self) -> Mapping[tuple[str, str], int]:
        """Refused calls by class of status and kind, with those at 0."""


class ApiCounts(Protocol):
    """What the API counts (its `Failures`)."""

    @property
    def count(self) -> int:
        """Requests that failed by a bug of ours."""


class RecorderCounts(Protocol):
    """What the recorder reports of itself."""

    @property
    def facts_behind(self) -> int:
        """Facts not stored yet."""

    @property
    def seconds_behind(self) -> float:
        """How long the first of them has waited."""

    @property
    def stored_facts(self) -> int:
        """Facts stored by this process."""

    @property
    def dead_letters(self) -> int:
        """Facts set aside."""

    @property
    def missed_facts(self) -> int:
        """Facts that are neither in the journal nor in the tables."""

    @property
    def contradicted(self) -> int:
        """Calls that were reported again with another outcome than the stored one."""

    @property
    def failures(self) -> int:
        """Attempts that failed."""


class Waiting(Protocol):
    """The pump's inbox."""

    @property
    def overflows(self) -> int:
        """Events refused."""

    def __len__(self) -> int:
        """Events that wait."""


class PumpCounts(Protocol):
    """What the pump reports of itself."""

    @property
    def inbox(self) -> Waiting:
        """Events that wait."""

    @property
    def steps(self) -> int:
        """Events handled."""


Now = Callable[[], float]
"""Engine time in seconds."""
