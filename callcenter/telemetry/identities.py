"""Checks the counting identities while the service runs.

received = rejected + ivr_ended + looked_up + voicemail + ended + still unscored;
offered = ended + still waiting.

The last term of each line is what the engine has now. The others are the printed counters. Calls
that were open when this process began are not in its counters, so their number is kept. Pure.
"""

from callcenter.telemetry.fold import FactFold
from callcenter.telemetry.sources import LiveState


class Identities:
    """The counters of this process, and the calls that were open when it began."""

    def __init__(self, live: LiveState, counted: FactFold) -> None:
        self._counted = counted
        self._unscored_at_start = live.calls_in_progress()
        self._waiting_at_start = _waiting(live)

    def mismatch(self, live: LiveState) -> int:
        """By how many calls the identities do not add up; 0 is right."""
        counted = self._counted
        never_offered = (counted.rejected, counted.ivr_ended, counted.looked_up, counted.voicemail)
        scored = sum(each.total for each in never_offered) + counted.ended.total
        unscored = self._unscored_at_start + counted.received.total - scored
        waiting = self._waiting_at_start + counted.offered.total - counted.ended.total
        return abs(unscored - live.calls_in_progress()) + abs(waiting - _waiting(live))


def _waiting(live: LiveState) -> int:
    """Waiting callers in every queue, also in queues removed from the site, where people may still
    wait."""
    return sum(live.queue_waiting(queue) for queue in live.queues)
