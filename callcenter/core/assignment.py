"""Offers waiting callers to free operators, as long as there is a pair that fits.

In a queue that rings several operators at once, those who are then left over are rung, too, for
callers for whom a phone rings already. So nobody waits while another caller has two phones.
"""

from callcenter.core import outward
from callcenter.core.call import OnCall
from callcenter.core.facts import CallbacksHeld
from callcenter.core.offers.table import OnSeveral
from callcenter.core.routing import next_pair
from callcenter.core.state import Queue
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def assign(work: Work, now: float) -> None:
    if not work.state.connected:
        return
    if work.look_at_callbacks:  # a try may just have come to nothing, in this same step
        hold_callbacks(work, now)
    possible = sorted(work.possible)
    work.possible.clear()
    while pair := next_pair(work.state, possible, work.seed):
        operator, call = pair
        at_once = work.state.queues[call.queue].rules.ring_at_once
        if at_once > 1 and call.last_operator == operator.id:
            at_once = 1  # rung alone: that one is to have the caller
        work.call(call, _OFFER, now, Detail(operator=operator, at_once=at_once))
        if work.look_at_callbacks:
            hold_callbacks(work, now)
    for name in possible:
        if work.state.queues[name].widening:
            _widen(work, work.state.queues[name], now)


def _widen(work: Work, queue: Queue, now: float) -> None:
    """Ring more operators who are free, for callers for whom a phone rings already."""
    while queue.free and (pair := work.state.next_beside(queue)):
        operator, call = pair
        work.offer(call, _ADDED, now, Detail(operator=operator))


def hold_callbacks(work: Work, now: float) -> None:
    """Decide again whether citizens may be called back now, after something that matters for it."""
    work.look_at_callbacks = False
    why = outward.why_held(work.state, now)
    if why != work.state.callbacks_held:
        work.tell(CallbacksHeld(at=now, why=why))


_OFFER, _ADDED = OnCall.OFFER, OnSeveral.ADDED
