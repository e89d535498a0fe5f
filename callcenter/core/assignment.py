"""Offers waiting callers to free operators, as long as there is a pair that fits."""

from callcenter.core import outward
from callcenter.core.call import OnCall
from callcenter.core.facts import CallbacksHeld
from callcenter.core.routing import next_pair
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
        work.call(call, _OFFER, now, Detail(operator=operator))
        if work.look_at_callbacks:
            hold_callbacks(work, now)


def hold_callbacks(work: Work, now: float) -> None:
    """Decide again whether citizens may be called back now, after something that matters for it."""
    work.look_at_callbacks = False
    why = outward.why_held(work.state, now)
    if why != work.state.callbacks_held:
        work.tell(CallbacksHeld(at=now, why=why))


_OFFER = OnCall.OFFER
