"""How fast a queue has moved lately: how much time its calls cost its operators, and how many
callers give up.

Folded from the facts (core/fold.py) and kept over a restart. core/estimate.py uses it. The sums
fade, so that what happened long ago counts little: they stand for about RECENT_TALKS talks and
RECENT_CALLS calls.
"""

from dataclasses import dataclass

RECENT_TALKS = 50
RECENT_CALLS = 200
ENOUGH_TALKS = 10
"""With fewer talks nothing is said about waits."""

_TALKS_KEPT, _CALLS_KEPT = 1 - 1 / RECENT_TALKS, 1 - 1 / RECENT_CALLS
# what remains of ENOUGH_TALKS talks after fading
_ENOUGH = RECENT_TALKS * (1.0 - _TALKS_KEPT**ENOUGH_TALKS) - 1e-6


@dataclass(slots=True, eq=False)
class Pace:
    """Fading sums of one queue."""

    talks: float = 0.0
    # seconds of its operators: ringing (also without an answer), talking, writing
    busy_seconds: float = 0.0
    answers: float = 0.0
    ring_seconds: float = 0.0  # from an answered offer to the talk
    gave_up: float = 0.0
    waited_seconds: float = 0.0  # seconds that all its callers waited

    @property
    def is_known(self) -> bool:
        """Whether enough talks were seen for an estimate."""
        return self.talks > _ENOUGH and self.busy_seconds > 0.0

    @property
    def seconds_a_call(self) -> float:
        """Seconds that a call costs an operator, from its offer until the operator is free for the
        next."""
        return self.busy_seconds / self.talks

    @property
    def pick_up_seconds(self) -> float:
        """Seconds from the offer to the talk."""
        return self.ring_seconds / self.answers if self.answers else 0.0

    @property
    def leaving_rate(self) -> float:
        """The share of waiting callers who give up in a second. It is the best guess for patience
        that does not depend on how long one has waited."""
        return self.gave_up / self.waited_seconds if self.waited_seconds else 0.0

    def talked(self) -> None:
        """A talk has ended."""
        self.talks = self.talks * _TALKS_KEPT + 1.0
        self.busy_seconds *= _TALKS_KEPT

    def worked(self, seconds: float) -> None:
        """An operator was busy with this queue for this long."""
        self.busy_seconds += seconds

    def picked_up(self, seconds: float) -> None:
        """An offer was answered after this long."""
        self.answers = self.answers * _TALKS_KEPT + 1.0
        self.ring_seconds = self.ring_seconds * _TALKS_KEPT + seconds

    def waited(self, seconds: float, *, gave_up: bool) -> None:
        """A caller stopped waiting after this long."""
        self.gave_up = self.gave_up * _CALLS_KEPT + gave_up
        self.waited_seconds = self.waited_seconds * _CALLS_KEPT + seconds
