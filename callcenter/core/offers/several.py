"""Several phones ring for one caller: the queue's strategy `ring_several`.

The call has one main offer (ring.py), and others *beside* it. Each rings for its own time and has a
result of its own. Who answers first has the caller: that offer becomes the main one, and in the
same step all others end as answered `elsewhere`. Their operators are available again at once, at
the old place of idleness. A second phone that was answered in the same moment is no offer of the
call any more. So it is hung up, and it was in no bridge: its operator hears no citizen.

If the main offer comes to nothing while others ring, one of these becomes the main one first. So
the caller is in line again only when the last phone is silent. What ends all of them together (the
caller left) is in ring.py.

Each waiting caller first gets one phone. Further phones ring only if operators are left for whom
nobody waits (assignment.py). An operator who becomes free is added to a call that already rings.
Rung alone are: the operator to whom the caller talked last, the one to whom the call is given or
who picks it up, a consulted colleague, and the operator of a callback. Open lines do not ring: one
that is free gets the caller at once, before all phones.
"""

from collections.abc import Mapping

from callcenter.core.change import changed
from callcenter.core.facts import OfferChosen, OfferMade, OperatorState
from callcenter.core.offers import ring, rules
from callcenter.core.offers.table import OfferCell, OnOffer, OnSeveral, SeveralTable, nothing, to
from callcenter.core.outcome import OfferResult
from callcenter.core.state import Call, Offer, OfferState
from callcenter.core.turn import Detail, Turn

# --- rules -----------------------------------------------------------------------------------


def add(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Ring this operator's phone, too."""
    assert detail.operator is not None
    operator, number = detail.operator, call.offers + 1
    this = call.offer_named(number)
    turn.tell(
        OfferMade(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=operator.id,
            queue=call.queue,
            number=number,
            until=turn.now + turn.rules(call).ring_seconds,
            beside=True,
        ),
        changed(turn.now, operator, OperatorState.RINGING, call=call.id),
    )
    rules.ring(turn, call, this, operator)


def choose(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """This offer is the call's main one from now on. All still ring."""
    assert detail.beside is not None
    turn.tell(OfferChosen(at=turn.now, offer=detail.beside.id, call=call.id))


def not_reached(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """That phone was busy, declined or unreachable. The others ring on."""
    assert detail.beside is not None
    ring.take_back(turn, call, detail.beside, rules.NOT_REACHED[detail.end])


def unreachable(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Asterisk could not ring that phone, or the phone is gone. The others ring on."""
    assert detail.beside is not None
    ring.take_back(turn, call, detail.beside, OfferResult.UNREACHABLE)


def rona(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Nobody answered that phone in its time: the operator is paused, the others ring on."""
    assert detail.beside is not None
    ring.take_back(turn, call, detail.beside, OfferResult.NO_ANSWER)


def withdraw(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """That operator logged out, or that phone is in another call. The others ring on."""
    assert detail.beside is not None
    ring.take_back(turn, call, detail.beside, OfferResult.WITHDRAWN)


RULES: SeveralTable = {
    OfferState.RINGING: {
        OnSeveral.ADDED: to(add),
        OnSeveral.CHOSEN: to(choose),
        OnSeveral.LEG_ENDED: to(not_reached),
        OnSeveral.PHONE_LOST: to(unreachable),
        OnSeveral.RING_FAILED: to(unreachable),
        OnSeveral.STATE_TIME: to(rona),
        OnSeveral.WITHDRAWN: to(withdraw),
    }
}

ONLY_ONE: OfferCell = nothing("cannot come: only while a call rings there are offers beside")

ENDS: Mapping[OnOffer, OnSeveral] = {
    OnOffer.LEG_ENDED: OnSeveral.LEG_ENDED,
    OnOffer.PHONE_LOST: OnSeveral.PHONE_LOST,
    OnOffer.RING_FAILED: OnSeveral.RING_FAILED,
    OnOffer.STATE_TIME: OnSeveral.STATE_TIME,
    OnOffer.WITHDRAWN: OnSeveral.WITHDRAWN,
}
"""What ends one of several offers, and not the others."""
