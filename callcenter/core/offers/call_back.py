"""The third way: an operator is kept free while a citizen is called back.

A caller who asked for a callback stands in line without a leg (*parked*). In their turn, the
operator who would have been rung is reserved, and the citizen's phone is rung through the trunk.
When somebody answers, a prompt asks for a key, because a machine presses none. With the key the
caller is in line with a leg again, at the very front, and the reserved operator is rung or joined
as for any other call (ring.py, open_line.py). Without a key the operator is free again. The next
attempt comes after a pause, and there are only a few attempts. In
operator_first.py the operator is rung first.
"""

from callcenter.core import hearing, leaving, outward
from callcenter.core import operator as desk
from callcenter.core.change import changed
from callcenter.core.commands import HangUp, RingCitizen, StopRinging
from callcenter.core.facts import (
    CallbackAnswered,
    CallbackMissed,
    CallbackRang,
    CallbackReached,
    CallbackTried,
    CallEnded,
    OperatorState,
    PromptKind,
)
from callcenter.core.ids import offer_id
from callcenter.core.legs import BackLeg, LineLeg
from callcenter.core.offers import rules
from callcenter.core.offers.table import BackTable, OfferCell, OnBack, OnOffer, Table, nothing, to
from callcenter.core.outcome import BackResult, LegEnd, OfferResult, Outcome
from callcenter.core.state import Call, CallState, Offer, OfferState, Operator
from callcenter.core.turn import Detail, Turn

PROMPTS = ("callback_here", "callback_ready", "menu_press", "number_1")
KEY = "1"
PLAYS = 3  # how often the prompts are played at most, in case a machine answered

_RESULTS = {
    LegEnd.ENDED: BackResult.NO_KEY,  # answered and hung up at the same moment
    LegEnd.BUSY: BackResult.BUSY,
    LegEnd.DECLINED: BackResult.DECLINED,
    LegEnd.NO_ANSWER: BackResult.NO_ANSWER,
    LegEnd.UNREACHABLE: BackResult.UNREACHABLE,
    LegEnd.LOST: BackResult.LOST,
}

_ANSWERED = {
    LegEnd.LOST: BackResult.LOST,
    LegEnd.REFUSED: BackResult.CARRIER,  # an answer without sound: nobody was reached
}
"""What it is if it was answered; everything else is an answer without a key."""


def begin(turn: Turn, operator: Operator, call: Call) -> None:
    """Reserve the operator, and ring the citizen."""
    assert call.callback is not None
    number, limits = call.callback.tries + 1, turn.state.site.callbacks
    leg = BackLeg(call=call.id, number=number, node=call.node)
    turn.tell(
        CallbackTried(
            at=turn.now,
            offer=offer_id(call.id, 0),
            call=call.id,
            operator=operator.id,
            queue=call.queue,
            number=number,
            until=turn.now + limits.ring_seconds,
        ),
        changed(turn.now, operator, OperatorState.RINGING, call=call.id),
    )
    turn.order(
        RingCitizen(
            lane=call.id,
            leg=leg,
            number=call.callback.number,
            caller_id=outward.published_number(turn.state.site, call),
        )
    )


# --- rules -----------------------------------------------------------------------------------


def rings(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The carrier has found the line."""
    assert call.callback is not None
    if not call.callback.rang:
        turn.tell(CallbackRang(at=turn.now, call=call.id))


def answer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A person or a machine answered. Play the prompt that asks for the key."""
    limits = turn.state.site.callbacks
    until = turn.now + limits.key_seconds
    turn.tell(CallbackAnswered(at=turn.now, call=call.id, until=until))
    _ask(turn, call, 1)


def answered_twice(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A snapshot told the answer again. The prompt may have been lost with the connection."""
    if call.prompt is None:
        _ask(turn, call, call.prompts + 1)


def ask_again(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The prompts are over, and no key was pressed. Play them again."""
    hearing.over(turn, call)
    assert call.callback is not None
    if call.callback.plays < PLAYS:
        _ask(turn, call, call.prompts + 1)


def _ask(turn: Turn, call: Call, number: int) -> None:
    said = hearing.language(turn, call)
    hearing.begin(turn, call.leg, max(number, call.prompts + 1), PromptKind.CHECK, PROMPTS, said)


def press(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A person pressed the key. The caller is in line again, with a leg, and the engine offers the
    call to the reserved operator in the same step."""
    if detail.key == KEY:
        hearing.stop(turn, call)
        turn.tell(CallbackReached(at=turn.now, call=call.id, queue=call.queue))


def ended(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The citizen's leg is gone: busy, refused, unreachable, or hung up without a key. If the cause
    is not a known answer of the line, or it was answered without sound, the carrier ended it."""
    if offer.state is OfferState.CHECKING:
        _missed(turn, call, _ANSWERED.get(detail.end, BackResult.NO_KEY))
    else:
        _missed(turn, call, _RESULTS.get(detail.end, BackResult.CARRIER))


def not_answered(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The phone rang long enough without an answer, or the carrier gave no answer at all."""
    assert call.callback is not None
    _hang_up(turn, call)
    _missed(turn, call, BackResult.NO_ANSWER if call.callback.rang else BackResult.CARRIER)


def no_key(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """No key was pressed: a machine, or a person who does not want to talk."""
    _hang_up(turn, call)
    _missed(turn, call, BackResult.NO_KEY)


def withdraw(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator is gone. Hang up the citizen, who is next in line after a pause."""
    break_off(turn, call, OfferResult.WITHDRAWN)


def cancel(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The callback is cancelled: a supervisor said so, or the citizen calls."""
    _hang_up(turn, call)
    _release(turn, call, BackResult.WITHDRAWN, 0.0)
    give_up(turn, call, detail.reason)


def fail(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A fault of ours: the operator is free, the callback is lost and counted."""
    _hang_up(turn, call)
    _release(turn, call, BackResult.WITHDRAWN, 0.0)
    lose(turn, call)


# --- pieces ----------------------------------------------------------------------------------


def give_up(turn: Turn, call: Call, why: str) -> None:
    """The callback failed for good, with this outcome."""
    leaving.score(turn, call, Outcome.CALLBACK, why)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def lose(turn: Turn, call: Call) -> None:
    """The callback is lost by a fault of ours."""
    leaving.score(turn, call, Outcome.FAILED, "error")
    turn.tell(CallEnded(at=turn.now, call=call.id))


def break_off(turn: Turn, call: Call, result: OfferResult) -> None:
    """The citizen is not to blame: the attempt costs no try. `result`: that of the operator who was
    reached first."""
    _hang_up(turn, call)
    _missed(turn, call, BackResult.WITHDRAWN, result)


def let_go(turn: Turn, call: Call, offer: Offer, operator: Operator, result: OfferResult) -> None:
    """End the offer of an operator who was reached first. The open line stays up."""
    if isinstance(offer.leg, LineLeg):
        turn.order(StopRinging(lane=call.id, leg=offer.leg))
    else:
        rules.hang_up(turn, call, offer.id, offer.leg, operator)
    rules.end(turn, call, offer, result)


def _hang_up(turn: Turn, call: Call) -> None:
    hearing.cut(turn, call)
    turn.order(HangUp(lane=call.id, leg=call.leg))


def _missed(
    turn: Turn, call: Call, result: BackResult, freed: OfferResult = OfferResult.CALLER_LEFT
) -> None:
    limits = turn.state.site.callbacks
    assert call.callback is not None
    spent = call.callback.spent + result.costs_a_try
    left = outward.rings_left(turn.state, call.callback.number, turn.now)
    pause = limits.pause_seconds
    if result is BackResult.CARRIER:
        left += not call.callback.rang  # no phone rang, so it does not count
        pause = outward.carrier_pause(call.callback.refusals + 1)
    last = spent >= limits.tries or left <= 0
    _release(turn, call, result, 0.0 if last else turn.now + pause, freed)
    if last:
        give_up(turn, call, "not_reached")


def _release(
    turn: Turn,
    call: Call,
    result: BackResult,
    rests_until: float,
    freed: OfferResult = OfferResult.CALLER_LEFT,
) -> None:
    operator, offer = turn.operator(call), call.offer
    assert call.callback is not None and offer is not None
    if offer.operator_first:
        let_go(turn, call, offer, operator, freed)
    turn.tell(
        CallbackMissed(
            at=turn.now,
            call=call.id,
            operator=operator.id,
            queue=call.queue,
            number=call.callback.tries,
            result=result,
            rests_until=rests_until,
        )
    )
    desk.after_offer(turn, operator, freed)


_E, _S, _C, _B = OnOffer, OfferState, CallState, OnBack
_NOT_RUNG: OfferCell = nothing("cannot come: the operator's phone is not rung yet")
_NOT_JOINED: OfferCell = nothing("cannot come: nobody is to be joined yet")
_BACK: OfferCell = nothing("cannot come: what ends the citizen's leg is told as such")

_EITHER = {
    _E.ANSWERED: _NOT_RUNG,
    _E.LEG_ENDED: _NOT_RUNG,
    _E.PHONE_LOST: _NOT_RUNG,
    _E.RING_FAILED: _NOT_RUNG,
    _E.PARTY_JOINED: _NOT_JOINED,
    _E.JOINED: _NOT_JOINED,
    _E.BRIDGE_FAILED: _NOT_JOINED,
    _E.WITHDRAWN: to(withdraw, _C.RESTING, _C.ENDED),
    _E.HANG_UP: rules.NO_TALK,
    _E.TRANSFER: rules.NO_TALK,
    _E.PARKED: rules.NO_TALK,
    _E.TAKEN_OVER: rules.NOBODY_LISTENS,
    _E.CALLER_LEFT: _BACK,
    _E.PRIORITY: rules.KEEPS_PLACE,
    _E.CLOSED: to(withdraw, _C.RESTING, _C.ENDED),
    _E.FAULT: to(fail, _C.ENDED),
}

RULES: Table = {
    _S.CALLING: {
        **_EITHER,
        _E.HEARD: nothing("cannot come: nothing plays to a phone that rings"),
        _E.STATE_TIME: to(not_answered, _C.RESTING, _C.ENDED),
    },
    _S.CHECKING: {
        **_EITHER,
        _E.HEARD: to(ask_again),
        _E.STATE_TIME: to(no_key, _C.RESTING, _C.ENDED),
    },
}

BACK: BackTable = {
    _S.CALLING: {
        _B.RINGS: to(rings),
        _B.ANSWERED: to(answer, _S.CHECKING),
        _B.ENDED: to(ended, _C.RESTING, _C.ENDED),
        _B.KEY: nothing("a key before the answer: nobody has heard what it is for"),
        _B.CANCELLED: to(cancel, _C.ENDED),
    },
    _S.CHECKING: {
        _B.RINGS: nothing("late: it was answered"),
        _B.ANSWERED: to(answered_twice),
        _B.ENDED: to(ended, _C.RESTING, _C.ENDED),
        _B.KEY: to(press, _S.CHECKING, _C.WAITING),
        _B.CANCELLED: to(cancel, _C.ENDED),
    },
}
"""The cells for the citizen's leg."""
