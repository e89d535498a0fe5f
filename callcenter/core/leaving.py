"""The end of a call: it is scored once, when its outcome is known, and sent out."""

from callcenter.core import hearing, redial, telling
from callcenter.core.commands import Exit, HangUp, SendOut
from callcenter.core.facts import CallEnded, CallScored
from callcenter.core.outcome import Loss, Outcome, outcome_of_leaving
from callcenter.core.state import Call, State
from callcenter.core.turn import Turn


def score(turn: Turn, call: Call, outcome: Outcome, reason: str = "", place: int = 0) -> None:
    """Tell the call's only outcome. `place`: the caller's place in line if they left unanswered."""
    chosen = call.callback.chosen_seconds(turn.now) if call.callback else 0.0
    turn.tell(
        CallScored(
            at=turn.now,
            call=call.id,
            line=call.line,
            queue=call.queue,
            outcome=outcome,
            reason=reason,
            wait_seconds=turn.now - call.arrived_at - chosen,
            queue_wait_seconds=turn.now - call.queued_at - chosen,
            place=place,
            told_error_seconds=None if call.callback else telling.error_seconds(call, turn.now),
            called_back=call.callback is not None,
        )
    )


def abandon(turn: Turn, call: Call, loss: Loss | None, place: int) -> None:
    """The caller is gone before anybody answered. With a loss, no person hung up."""
    if call.outcome is None:  # a caller who was answered before is not scored twice
        redial.keep_place(turn, call)
        short = turn.rules(call).short_abandon_seconds
        left = outcome_of_leaving(turn.now - call.arrived_at, short)
        score(turn, call, Outcome.FAILED if loss else left, loss or "", place)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def send_out(turn: Turn, call: Call, why: Exit, outcome: Outcome, place: int = 0) -> None:
    """Send the caller out, because nobody here serves them any more. A caller who was answered
    before has an outcome already."""
    hearing.cut(turn, call)
    if call.outcome is None:
        score(turn, call, outcome, why.value, place)
    else:
        turn.tell(CallEnded(at=turn.now, call=call.id))
    keys = own_message(turn.state, call) if why is Exit.MESSAGE else ()
    turn.order(SendOut(lane=call.id, leg=call.leg, exit=why, keys=keys))


def own_message(state: State, call: Call) -> tuple[str, ...]:
    """The queue's own message for a caller who reached the longest wait and can go to no other
    queue."""
    return state.queue(call.queue).rules.overflow_message


def fail(turn: Turn, call: Call) -> None:
    """A bug of ours: we lose the call, and it goes on in the lifeboat."""
    send_out(turn, call, Exit.ERROR, Outcome.FAILED)


def hang_up_caller(turn: Turn, call: Call) -> None:
    """Hang up the caller: the conversation is over."""
    turn.order(HangUp(lane=call.id, leg=call.leg))
