"""The state as a fold over the facts. `apply` is the only code that changes a `State`.

The engine applies each fact that it has just decided; a restart applies those of the journal. Both
give the same state, because there is no other way to change it.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from callcenter.core import facts as f
from callcenter.core import outward
from callcenter.core.conversation import (
    BEGUN,
    BEGUN_ON_LINE,
    NOBODY,
    SPEAK,
    TALK,
    Conversation,
    Party,
)
from callcenter.core.facts import (
    Fact,
    ListenMode,
    ListenStage,
    OperatorState,
    PromptKind,
    RecordingStage,
)
from callcenter.core.ids import CallId, NodeId, OperatorId, QueueName
from callcenter.core.legs import LineLeg, SpyLeg, leg_of
from callcenter.core.outcome import BackResult, Diversion, OfferResult, Outcome
from callcenter.core.places import PLACES_LIMIT, TALKS_LIMIT, KeptPlace, number_of, place_name
from callcenter.core.site import forgotten_queue
from callcenter.core.state import (
    NEVER,
    RECENT_CALLS,
    Aside,
    Call,
    Callback,
    CallbackOver,
    CallState,
    Carrier,
    Choice,
    Consult,
    LastTalk,
    LettingGo,
    Listening,
    News,
    Node,
    Offer,
    OfferState,
    Operator,
    Prompt,
    Recording,
    Rung,
    State,
    StrangeTalk,
    Survey,
    Told,
    Uncovered,
    Voicemail,
    at_work,
)
from callcenter.core.strategy import load_after

# Looked up once: getting a member of an enumeration takes longer than most of the work here.
_WAITING, _ENGAGED, _LEAVING = CallState.WAITING, CallState.ENGAGED, CallState.LEAVING
_MENU = CallState.MENU
_PARKED, _RESTING = CallState.PARKED, CallState.RESTING
_CALLING, _CHECKING = OfferState.CALLING, OfferState.CHECKING
_OPERATOR_RINGS = OfferState.OPERATOR_RINGS
_JOINING, _TALKING, _ENDING = OfferState.JOINING, OfferState.TALKING, OfferState.ENDING
_ANSWERED, _OFFER_ANSWERED = Outcome.ANSWERED, OfferResult.ANSWERED
_ELSEWHERE = OfferResult.ELSEWHERE
_ASKING, _CONSULTING = OfferState.ASKING, OfferState.CONSULTING
_RETAKING, _CONFERRING = OfferState.RETAKING, OfferState.CONFERRING
_AVAILABLE, _OFFLINE = OperatorState.AVAILABLE, OperatorState.OFFLINE
_NO_LINE_YET = (f.LineStage.DOWN, f.LineStage.RINGING)
_BUSY = (OperatorState.RINGING, OperatorState.ON_CALL, OperatorState.WRAPUP)
_MAX_WAIT = Diversion.MAX_WAIT
_GAVE_UP = (Outcome.ABANDONED, Outcome.ABANDONED_SHORT)


def apply(state: State, fact: Fact) -> None:
    """Apply a fact to the state. Never fails for a fact that the engine decided. A call that is
    engaged without an offer (a journal that lost facts) breaks an invariant, and restore.py lets it
    go."""
    APPLY[type(fact)](state, fact)


def _received(state: State, fact: f.CallReceived) -> None:
    state.seen += 1
    state.unscored += 1
    state.calls[fact.call] = Call(
        id=fact.call,
        line=fact.line,
        did=fact.did,
        caller=fact.caller,
        arrived_at=fact.arrived_at,
        rank=(fact.arrived_at, state.seen),
        waits_since=fact.arrived_at,
        node=fact.node,
        numbers_from=fact.numbers_from,
    )


def _queued(state: State, fact: f.CallQueued) -> None:
    call, queue = state.calls[fact.call], state.queue(fact.queue)
    call.queue, call.queued_at, call.priority = fact.queue, fact.at, fact.priority
    call.waits_here_since = fact.at
    call.patience_until = fact.at + _longest_wait(state, fact.queue)
    queue.present += 1
    call.callback_at = NEVER if fact.callback_at is None else fact.callback_at
    call.needs, call.relax_seconds = fact.needs, fact.relax_seconds
    if fact.last_operator:
        call.last_operator = OperatorId(fact.last_operator)
    call.relaxes_at = fact.at + fact.relax_seconds if fact.needs else NEVER
    if fact.redial_of and fact.first_arrived_at is not None:
        call.rank = (fact.first_arrived_at, call.rank[1])
        call.redial_of = CallId(fact.redial_of)
        own = QueueName(fact.instead_of or fact.queue)
        state.kept_places.pop(place_name(own, call.caller), None)
    _stand_in_line(state, call)


def _place_kept(state: State, fact: f.PlaceKept) -> None:
    call, kept = state.calls[fact.call], state.kept_places
    name = place_name(fact.queue, call.caller)
    before = kept.get(name)
    if before is None or before.until <= fact.at or call.rank[0] < before.first_arrived_at:
        kept[name] = KeptPlace(call.id, call.rank[0], fact.until)
        kept.move_to_end(name)
    while len(kept) > PLACES_LIMIT or next(iter(kept.values())).until <= fact.at:
        kept.popitem(last=False)


def _talk_remembered(state: State, fact: f.TalkRemembered) -> None:
    call, talks = state.calls[fact.call], state.last_talks
    number = number_of(call.caller)
    talks[number] = LastTalk(fact.operator, fact.until)
    talks.move_to_end(number)
    while len(talks) > TALKS_LIMIT or next(iter(talks.values())).until <= fact.at:
        talks.popitem(last=False)


RUNG_LIMIT = 20_000
"""Numbers for which the attempts to call back are counted: 150 bytes each. The oldest is removed
first."""


def _callback_asked(state: State, fact: f.CallbackAsked) -> None:
    call = state.calls[fact.call]
    call.callback = Callback(number_of(call.caller), fact.at, due_at=fact.due_at)
    call.state, call.until, call.patience_until = _PARKED, NEVER, fact.until
    call.choice = call.prompt = None
    if fact.due_at and fact.due_at > fact.at:
        state.queue(call.queue).line.remove(call.id)
        call.state, call.until = _RESTING, fact.due_at
    state.queue(call.queue).parked += 1
    state.callbacks[call.callback.number] = call.id


def _choice_moved(state: State, fact: f.ChoiceMoved) -> None:
    call = state.calls[fact.call]
    over = fact.stage is f.ChoiceStage.OVER
    call.choice = None if over else Choice(fact.stage, fact.typed, fact.plays)
    call.until = fact.until


def _callback_hours(state: State, fact: f.CallbackHours) -> None:
    if fact.hours:
        state.callback_hours[fact.queue] = fact.hours
    else:
        state.callback_hours.pop(fact.queue, None)


def _callback_tried(state: State, fact: f.CallbackTried) -> None:
    call = state.calls[fact.call]
    if call.offer is not None and call.offer.id == fact.offer:  # the operator is on the phone
        offer = call.offer
        offer.state, offer.until, offer.back = _CALLING, fact.until, fact.number
    else:
        state.queues[call.queue].line.remove(call.id)
        call.state, call.offered_at = _ENGAGED, fact.at
        call.offer = Offer(
            id=fact.offer,
            operator=fact.operator,
            node=call.node,
            until=fact.until,
            state=_CALLING,
            back=fact.number,
        )
    state.calling.add(call.id)
    state.rings = [*(at for at in state.rings if at > fact.at - 3600.0), fact.at]
    if call.callback:
        call.callback.tries, call.callback.plays, call.callback.rang = fact.number, 0, False
        _count_ring(state, call.callback.number, fact.at)
    if operator := state.operators.get(fact.operator):
        operator.serves = call.queue


def _count_ring(state: State, number: str, at: float) -> None:
    _count_in(state.rung_numbers, number, at, 86_400.0, RUNG_LIMIT)


def _count_in(
    counts: OrderedDict[str, Rung], number: str, at: float, seconds: float, most: int
) -> None:
    """Count once more in a span of so many seconds, which begins with the first time."""
    rung = counts.get(number)
    if rung is None or at - rung.since >= seconds:
        counts[number] = Rung(at, 1)
        counts.move_to_end(number)
    else:
        counts[number] = Rung(rung.since, rung.times + 1)
    while len(counts) > most or at - next(iter(counts.values())).since >= seconds:
        counts.popitem(last=False)


def _uncount_ring(state: State, number: str) -> None:
    rung = state.rung_numbers.get(number)
    if rung is not None and rung.times > 1:
        state.rung_numbers[number] = Rung(rung.since, rung.times - 1)
    elif rung is not None:
        del state.rung_numbers[number]


def _callback_rang(state: State, fact: f.CallbackRang) -> None:
    _carrier_is_well(state)
    if callback := state.calls[fact.call].callback:
        callback.rang = True


def _carrier_is_well(state: State) -> None:
    if state.carrier.refusals:
        state.carrier = Carrier()


def _carrier_refused(state: State, fact: f.CallbackMissed, callback: Callback) -> None:
    """The carrier refused, perhaps after it first said that the line rings: then the ring
    counts."""
    callback.refusals += 1
    if not callback.rang:
        _uncount_ring(state, callback.number)
    calls = state.carrier.calls
    if fact.call not in calls and len(calls) < outward.CARRIER_CALLS:
        calls = (*calls, fact.call)
    state.carrier = Carrier(state.carrier.refusals + 1, calls, fact.at)


def _callback_answered(state: State, fact: f.CallbackAnswered) -> None:
    _carrier_is_well(state)
    if offer := state.calls[fact.call].offer:
        offer.state, offer.until = _CHECKING, fact.until


def _callback_reached(state: State, fact: f.CallbackReached) -> None:
    call = state.calls[fact.call]
    _on_the_phone(state, call)
    state.calling.discard(call.id)
    if call.callback:
        call.callback.reached = True
    call.patience_until = fact.at + _longest_wait(state, call.queue)
    if fact.offer is not None:
        _is_joined_now(state, call, fact.until)
    else:
        call.offer = None
        _stand_in_line(state, call)


def _is_joined_now(state: State, call: Call, until: float) -> None:
    """The operator has answered before, and the offer goes on as any other one."""
    if (offer := call.offer) is None:
        return
    offer.operator_first, offer.back = False, 0
    offer.state, offer.until = _JOINING, until
    offer.conversation = _begun(state, offer)


def _callback_missed(state: State, fact: f.CallbackMissed) -> None:
    call = state.calls[fact.call]
    state.calling.discard(call.id)
    call.offer, call.prompt, call.until = None, None, NEVER
    line = state.queue(call.queue).line
    if call.id in line:  # since the end of the offer, in the same step
        line.remove(call.id)
    if call.callback and fact.result is BackResult.CARRIER:
        _carrier_refused(state, fact, call.callback)
    elif call.callback:
        call.callback.spent += fact.result.costs_a_try
        call.callback.refusals = 0
    if fact.result.costs_a_try:
        _carrier_is_well(state)
    if fact.rests_until:
        call.state, call.until = _RESTING, fact.rests_until
    else:
        _stand_in_line(state, call)


def _callback_due(state: State, fact: f.CallbackDue) -> None:
    call = state.calls[fact.call]
    call.until = NEVER
    _stand_in_line(state, call)


def _on_the_phone(state: State, call: Call) -> None:
    """The caller is on the phone again, and must not be called back any more."""
    if call.callback and call.is_parked:
        state.queue(call.queue).parked -= 1
        state.callbacks.pop(call.callback.number, None)


def _callbacks_held(state: State, fact: f.CallbacksHeld) -> None:
    state.callbacks_held = fact.why


def _quiet_hours(state: State, fact: f.QuietHours) -> None:
    state.quiet = fact.quiet


def _prompt_begun(state: State, fact: f.PromptBegun) -> None:
    call = state.calls[fact.call]
    call.prompt, call.prompts = Prompt(fact.number, fact.kind), fact.number
    call.callback_told = call.callback_told or fact.kind is f.PromptKind.CALLBACK
    if call.callback and fact.kind is f.PromptKind.CHECK:
        call.callback.plays += 1
    call.until = fact.until


def _prompt_ended(state: State, fact: f.PromptEnded) -> None:
    call = state.calls[fact.call]
    if fact.heard and call.prompt is not None and call.prompt.kind is PromptKind.NOTICE:
        call.noticed = True
    call.prompt = None
    if call.state is not _LEAVING:
        call.until = NEVER  # in the menu another fact of the same step sets the time limit


def _news_heard(state: State, fact: f.NewsHeard) -> None:
    call = state.calls[fact.call]
    if fact.more:
        call.heard_more = (*call.heard_more, fact.number)
    else:
        call.news, call.news_place = (*call.news, fact.number), fact.place
    held = state.news.get(fact.place)
    if held is not None and held.number == fact.number:
        held.asked += fact.more
        held.heard += not fact.more


def _left_after_news(state: State, call: Call) -> None:
    held = state.news.get(call.news_place)
    if held is not None and held.number == call.news[-1]:
        held.left += 1


def _news_begun(state: State, fact: f.NewsBegun) -> None:
    state.news_count = max(state.news_count, fact.number)
    state.news[fact.place] = News(
        place=fact.place,
        number=fact.number,
        prompts=fact.prompts,
        more=fact.more,
        since=fact.at,
        until=fact.until,
    )


def _news_ended(state: State, fact: f.NewsEnded) -> None:
    state.news.pop(fact.place, None)


def _wait_told(state: State, fact: f.WaitTold) -> None:
    call = state.calls[fact.call]
    if call.told is None or call.told.queue != fact.queue:
        call.told = Told(fact.queue, fact.at)
    told = call.told
    told.at, told.place = fact.at, fact.place or told.place
    if fact.minutes:
        told.minutes, told.minutes_at = fact.minutes, fact.at


def _menu_entered(state: State, fact: f.MenuEntered) -> None:
    call = state.calls[fact.call]
    call.state, call.menu_since = _MENU, fact.at


def _menu_moved(state: State, fact: f.MenuMoved) -> None:
    call = state.calls[fact.call]
    call.state, call.place, call.until = _MENU, fact.place, fact.until


def _menu_left(state: State, fact: f.MenuLeft) -> None:
    """The next fact says where the caller goes."""
    call = state.calls[fact.call]
    call.place, call.until = None, NEVER
    call.says, call.chosen_queue = fact.says, fact.queue


def _case_looked_up(state: State, fact: f.CaseLookedUp) -> None:
    """For records and figures; nothing changes by it: the place that follows has the answer."""


CALLBACKS_OVER_LIMIT = 20_000
"""Ended callbacks, and numbers that asked for theirs, that are remembered: 200 bytes each. The
oldest is removed first."""


def _callback_looked_up(state: State, fact: f.CallbackLookedUp) -> None:
    if number := number_of(state.calls[fact.call].caller):
        _count_in(state.callback_asks, number, fact.at, 3_600.0, CALLBACKS_OVER_LIMIT)


def _callback_over(state: State, callback: Callback, fact: f.CallScored) -> None:
    """The citizen can ask about it for a day."""
    over, number = state.callbacks_over, callback.number
    over[number] = CallbackOver(fact.outcome, fact.reason, fact.at, callback.spent)
    over.move_to_end(number)
    while len(over) > CALLBACKS_OVER_LIMIT or (
        fact.at - next(iter(over.values())).at >= outward.DAY_SECONDS
    ):
        over.popitem(last=False)


def _moved(state: State, fact: f.CallMoved) -> None:
    call = state.calls[fact.call]
    state.queue(call.queue).line.remove(call.id)
    _count(state, call, -1)
    call.queue, call.waits_here_since = fact.queue, fact.at
    if fact.why == _MAX_WAIT and fact.left not in call.spent:
        call.spent = (*call.spent, QueueName(fact.left))
    if not call.is_parked:
        call.patience_until = fact.at + _longest_wait(state, fact.queue)
    _count(state, call, +1)
    _stand_in_line(state, call)


def _longest_wait(state: State, queue: QueueName) -> float:
    """The longest wait of this queue. If no site file told of it, that of a queue removed from the
    site."""
    wait = state.longest_waits.get(queue)
    return forgotten_queue(queue).max_wait_seconds if wait is None else wait


def _count(state: State, call: Call, by: int) -> None:
    """One caller more or fewer waits, for the first time or again."""
    queue = state.queue(call.queue)
    queue.parked += by * call.is_parked
    if call.outcome is None:
        queue.present += by
    else:
        queue.returned += by


def _needs_relaxed(state: State, fact: f.NeedsRelaxed) -> None:
    call = state.calls[fact.call]
    line = state.queue(call.queue).line
    stands = call.id in line
    if stands:
        line.remove(call.id)
    call.needs = fact.needs
    call.relaxes_at = fact.at + call.relax_seconds if fact.needs else NEVER
    if stands:
        line.add(call.id, call.priority, call.rank, call.needs)


def _prioritized(state: State, fact: f.CallPrioritized) -> None:
    call = state.calls[fact.call]
    call.priority = fact.priority
    line = state.queue(call.queue).line
    if call.id in line:
        line.remove(call.id)
        line.add(call.id, call.priority, call.rank, call.needs)


def _offer_made(state: State, fact: f.OfferMade) -> None:
    call = state.calls[fact.call]
    if operator := state.operators.get(fact.operator):
        operator.serves, operator.turn = call.queue, state.changes + 1
        operator.idle = operator.order
    if fact.beside:
        _rings_beside(state, call, fact)
        return
    state.queues[call.queue].line.remove(call.id)
    line = leg_of(call.node, fact.line) if fact.line else None
    call.offer = Offer(
        id=fact.offer,
        operator=fact.operator,
        node=call.node,
        until=fact.until,
        line=line if isinstance(line, LineLeg) else None,
        spy=line if isinstance(line, SpyLeg) else None,
        made_at=fact.at,
    )
    if fact.at_once > 1:
        call.at_once = fact.at_once
        state.queues[call.queue].widening[call.id] = None
    if fact.operator_first:
        call.offer.state, call.offer.operator_first = _OPERATOR_RINGS, True
        state.calling.add(call.id)
    call.state, call.offers, call.offered_at = _ENGAGED, fact.number, fact.at
    _choice_is_over(call)


def _rings_beside(state: State, call: Call, fact: f.OfferMade) -> None:
    call.offers = fact.number
    offer = Offer(
        id=fact.offer,
        operator=fact.operator,
        node=call.node,
        until=fact.until,
        made_at=fact.at,
    )
    call.beside = (*call.beside, offer)
    _may_ring_at_more(state, call)


def _may_ring_at_more(state: State, call: Call) -> None:
    """Note whether the call may ring at more phones than now."""
    widening = state.queues[call.queue].widening
    if call.rings_at < call.at_once:
        widening[call.id] = None
    else:
        widening.pop(call.id, None)


def _rings_no_more(state: State, call: Call) -> None:
    call.at_once, call.beside = 1, ()
    state.queues[call.queue].widening.pop(call.id, None)


def _offer_chosen(state: State, fact: f.OfferChosen) -> None:
    call = state.calls[fact.call]
    chosen = next((offer for offer in call.beside if offer.id == fact.offer), None)
    if chosen is None or call.offer is None:
        return
    others = (call.offer, *(offer for offer in call.beside if offer is not chosen))
    call.offer, call.beside, call.offered_at = chosen, others, chosen.made_at


def _offer_answered(state: State, fact: f.OfferAnswered) -> None:
    call = state.calls[fact.call]
    call.state, call.answered_at = _ENGAGED, fact.at
    if call.at_once > 1:
        call.at_once = 1
        state.queues[call.queue].widening.pop(call.id, None)
    if (offer := call.offer) and not offer.operator_first:
        offer.state, offer.until = _JOINING, fact.until
        offer.conversation = _begun(state, offer)


def _begun(state: State, offer: Offer) -> Conversation:
    operator = state.operators.get(offer.operator)
    # otherwise the line is on its way back
    there = operator is None or operator.line is f.LineStage.SEATED
    return BEGUN_ON_LINE if offer.line is not None and there else BEGUN


def _joining_begun(state: State, fact: f.JoiningBegun) -> None:
    if offer := state.calls[fact.call].offer:
        offer.until = fact.until


def _party_joined(state: State, fact: f.PartyJoined) -> None:
    call = state.calls[fact.call]
    offer = call.offer
    if not offer or not offer.conversation:
        return
    offer.conversation = offer.conversation.joined(fact.party)
    if offer.state is _ASKING:
        offer.state, offer.until = _CONSULTING, NEVER
    elif offer.state is _RETAKING:
        offer.state, offer.until = _CONFERRING if call.consult else _TALKING, NEVER


def _consult_made(state: State, fact: f.ConsultMade) -> None:
    call = state.calls[fact.call]
    call.offers, call.consulted, call.consult_result = fact.number, fact.asked, None
    line = leg_of(call.node, fact.line) if fact.line else None
    call.consult = Consult(
        id=fact.offer,
        operator=fact.asked,
        node=call.node,
        held_since=fact.at,
        line=line if isinstance(line, LineLeg) else None,
    )
    if (offer := call.offer) and offer.conversation:
        offer.state, offer.until = _ASKING, fact.until
        offer.conversation = offer.conversation.alone_again().holding(Party.CALLER)


def _consult_answered(state: State, fact: f.ConsultAnswered) -> None:
    call = state.calls[fact.call]
    if call.consult:
        call.consult.answered_at = fact.at
    if (offer := call.offer) and offer.conversation:
        offer.until = fact.until
        offer.conversation = offer.conversation.awaiting(Party.CONSULTED)


def _consult_ended(state: State, fact: f.ConsultEnded) -> None:
    call = state.calls[fact.call]
    call.consult, call.consults, call.consult_result = None, fact.number, fact.result
    call.consult_seconds = fact.earlier_seconds + fact.held_seconds
    if (offer := call.offer) and offer.conversation:
        offer.conversation = offer.conversation.left(Party.CONSULTED)
        if offer.state is _CONFERRING:
            offer.state = _TALKING


def _caller_taken_back(state: State, fact: f.CallerTakenBack) -> None:
    call = state.calls[fact.call]
    if consult := call.consult:
        consult.held_seconds += fact.at - consult.held_since
        consult.held_since = 0.0
    if (offer := call.offer) and offer.conversation:
        offer.state, offer.until = _RETAKING, fact.until
        offer.conversation = offer.conversation.awaiting(Party.CALLER)


def _caller_held(state: State, fact: f.CallerHeld) -> None:
    call = state.calls[fact.call]
    if consult := call.consult:
        consult.held_since = fact.at
    if (offer := call.offer) and offer.conversation:
        offer.state, offer.until = _CONSULTING, NEVER
        offer.conversation = offer.conversation.joined(Party.CALLER).holding(Party.CALLER)


def _offer_ended(state: State, fact: f.OfferEnded) -> None:
    call = state.calls[fact.call]
    if call.beside and (call.offer is None or call.offer.id != fact.offer):
        _beside_ended(state, call, fact)
        return
    if fact.result is not _OFFER_ANSWERED:
        if call.at_once > 1:
            _rings_no_more(state, call)
        call.offer = None
        state.calling.discard(call.id)
        if fact.operator == call.last_operator:
            call.last_operator = None
        _stand_in_line(state, call)
        return
    state.pace(fact.queue).picked_up(fact.ring_seconds)
    if call.outcome is not None:
        _count(state, call, -1)
    call.state, call.connected_at = _ENGAGED, fact.at
    operator = state.operators.get(fact.operator)
    # otherwise a restart reads the fact a second time
    if operator and fact.at > operator.answered_at:
        operator.calls, operator.answered_at = operator.calls + 1, fact.at
    if offer := call.offer:
        offer.state, offer.until, offer.conversation = _TALKING, NEVER, TALK


def _beside_ended(state: State, call: Call, fact: f.OfferEnded) -> None:
    call.beside = tuple(offer for offer in call.beside if offer.id != fact.offer)
    _may_ring_at_more(state, call)
    operator = state.operators.get(fact.operator)
    if fact.result is _ELSEWHERE:
        if operator is not None:
            operator.stays_idle = True
    elif fact.operator == call.last_operator:
        call.last_operator = None


def _offer_ending(state: State, fact: f.OfferEnding) -> None:
    if offer := state.calls[fact.call].offer:
        offer.state, offer.until = _ENDING, fact.until


def _stand_in_line(state: State, call: Call) -> None:
    call.state = _PARKED if call.is_parked else _WAITING
    if call.prompt is None:
        call.until = NEVER
    state.queues[call.queue].line.add(call.id, call.priority, call.rank, call.needs)


def _cut(state: State, fact: f.CallCut) -> None:
    state.calls[fact.call].loss = fact.loss


def _scored(state: State, fact: f.CallScored) -> None:
    call = state.calls[fact.call]
    call.outcome, call.reason = fact.outcome, fact.reason
    if fact.outcome is _ANSWERED and not call.connected_at:
        call.connected_at = fact.at  # nobody here saw with whom
    state.unscored -= 1
    if call.queue:
        queue = state.queues[call.queue]
        queue.present -= 1
        gave_up = fact.outcome in _GAVE_UP
        if gave_up and call.news:
            _left_after_news(state, call)
        state.pace(call.queue).waited(fact.queue_wait_seconds, gave_up=gave_up)
        if call.state in (_WAITING, _PARKED):
            queue.line.remove(call.id)
        _on_the_phone(state, call)
        if call.callback:
            _callback_over(state, call.callback, fact)
    if fact.outcome is not _ANSWERED:
        _leave(state, call, fact.at)


def _talk_ended(state: State, fact: f.TalkEnded) -> None:
    call = state.calls[fact.call]
    call.offer, call.consulted, call.consult_result = None, None, None
    call.paused_until = NEVER
    state.pace(fact.queue).talked()
    call.talks, call.talked_seconds = fact.number, fact.earlier_seconds + fact.talk_seconds
    _leave(state, call, fact.at)


def _survey_moved(state: State, fact: f.SurveyMoved) -> None:
    call = state.calls[fact.call]
    if call.survey is None:
        call.survey = Survey(fact.operator, fact.at)
    call.survey.plays, call.survey.score = fact.plays, fact.score
    call.state, call.until = CallState.SURVEY, fact.until


def _survey_ended(state: State, fact: f.SurveyEnded) -> None:
    call = state.calls[fact.call]
    call.survey = None
    _leave(state, call, fact.at)


def _voicemail_moved(state: State, fact: f.VoicemailMoved) -> None:
    call = state.calls[fact.call]
    held = call.voicemail
    if held is None:
        call.voicemail = held = Voicemail(fact.queue, fact.stage, fact.at)
    if fact.number != held.number:
        held.since, call.recordings = fact.at, fact.number
    held.stage, held.number = fact.stage, fact.number
    call.state, call.until = CallState.VOICEMAIL, fact.until


def _voicemail_ended(state: State, fact: f.VoicemailEnded) -> None:
    call = state.calls[fact.call]
    call.voicemail, call.last_words = None, fact.words
    _leave(state, call, fact.at)


def _returned(state: State, fact: f.CallReturned) -> None:
    _wait_again(state, fact)


def _wait_again(state: State, fact: f.CallReturned | f.CallTransferred) -> None:
    call = state.calls[fact.call]
    call.queue, call.waits_since, call.waits_here_since = fact.queue, fact.at, fact.at
    call.patience_until = fact.at + _longest_wait(state, fact.queue)
    if call.needs:
        call.relaxes_at = fact.at + call.relax_seconds
    _count(state, call, +1)
    _stand_in_line(state, call)


def _transferred(state: State, fact: f.CallTransferred) -> None:
    """An operator chose the destination, so queues that were used up before may be used again."""
    call = state.calls[fact.call]
    call.transfers, call.spent = fact.number, ()
    _wait_again(state, fact)


def _choice_is_over(call: Call) -> None:
    """Somebody is free, or the caller goes."""
    if call.choice is not None:
        call.choice = None
        if call.prompt is None:
            call.until = NEVER


def _set_aside(state: State, fact: f.CallSetAside) -> None:
    call = state.calls[fact.call]
    call.aside = Aside(fact.place, fact.operator, fact.at)
    call.state, call.until, call.last_operator = CallState.SET_ASIDE, fact.until, fact.operator
    state.aside[fact.place] = call.id


def _set_aside_ended(state: State, fact: f.SetAsideEnded) -> None:
    call = state.calls[fact.call]
    call.aside, call.asides = None, fact.number
    call.aside_seconds = fact.earlier_seconds + fact.seconds
    state.aside.pop(fact.place, None)
    _leave(state, call, fact.at)


def _leave(state: State, call: Call, at: float) -> None:
    call.choice = None
    call.state, call.until = _LEAVING, at + state.leave_seconds
    call.prompt = None


def _ended(state: State, fact: f.CallEnded) -> None:
    call = state.calls.pop(fact.call)
    if call.has_returned:
        _count(state, call, -1)
        if call.state is _WAITING:
            state.queues[call.queue].line.remove(call.id)
    _remember(state.recent, fact.call)


def _strangers_talk(state: State, fact: f.StrangersTalk) -> None:
    if fact.over and fact.call in state.from_ledger:  # it is recorded already
        state.strange_talks.pop(fact.call, None)
        return
    state.strange_talks[fact.call] = StrangeTalk(
        fact.operator, fact.began_at, fact.line, fact.node, fact.back, fact.over
    )


def _ledger_checked(state: State, fact: f.LedgerChecked) -> None:
    talk = state.strange_talks.get(fact.call)
    if talk and (talk.over or not talk.back):  # otherwise it is the row of the citizen's first call
        del state.strange_talks[fact.call]
    if fact.known and fact.call not in state.from_ledger:
        _remember(state.recent, fact.call)
        return
    state.recent.pop(fact.call, None)
    _remember(state.from_ledger, fact.call)


def _remember(ended: OrderedDict[CallId, None], call: CallId) -> None:
    ended[call] = None
    while len(ended) > RECENT_CALLS:
        ended.popitem(last=False)


def _operator_changed(state: State, fact: f.OperatorChanged) -> None:
    state.changes += 1
    operator = state.operators.get(fact.operator)
    if operator is None:
        operator = state.operators[fact.operator] = Operator(id=fact.operator)
    moves = operator.state is not fact.state or operator.queues != fact.queues
    if moves:
        busy = operator.state in _BUSY
        if busy and operator.serves and not operator.stays_idle:
            state.pace(operator.serves).worked(max(0.0, fact.at - operator.since))
        if fact.at > operator.load_at:  # otherwise a restart reads the fact a second time
            seconds = fact.at - operator.load_at
            if busy or operator.load:
                operator.load = load_after(operator.load, seconds, busy=busy)
            if operator.state is _OFFLINE:
                operator.calls = _fewest_calls(state, fact.queues)
            operator.load_at = fact.at
        operator.since, operator.order = fact.at, state.changes
        operator.rang_elsewhere = operator.stays_idle
        if operator.stays_idle:
            operator.stays_idle = False
            if fact.state is _AVAILABLE:
                operator.order = operator.idle
        _count_staff(state, operator, fact)
    if operator.state is _AVAILABLE and (
        moves or operator.skills != fact.skills or operator.open_line is not fact.open_line
    ):
        for name in operator.queues:
            state.queues[name].free.discard(operator.id)
    operator.skills = fact.skills
    operator.state, operator.reason = fact.state, fact.reason
    operator.wish, operator.wish_reason = fact.wish, fact.wish_reason
    operator.endpoint, operator.queues = fact.endpoint, fact.queues
    operator.until = fact.until or NEVER
    operator.call = CallId(fact.call) if fact.call else None
    operator.open_line, operator.line = fact.open_line, fact.line
    if fact.line in _NO_LINE_YET:
        operator.line_held = False
    operator.line_number, operator.line_node = fact.line_number, fact.line_node
    if fact.state is _AVAILABLE:
        for name in fact.queues:
            queue = state.queues[name]
            if operator.id not in queue.free:
                state.stand_by(operator, queue)


def _fewest_calls(state: State, queues: tuple[QueueName, ...]) -> int:
    """The smallest number of calls among the operators of these queues. An operator who begins late
    starts with it. Otherwise they would get one caller after the other until they had as many as
    the colleagues."""
    there = {name for queue in queues for name in state.queue(queue).staff}
    return min((state.operators[name].calls for name in there), default=0)


def _count_staff(state: State, operator: Operator, fact: f.OperatorChanged) -> None:
    """Update the number of operators in each queue."""
    before, after = at_work(operator.state), at_work(fact.state)
    if before is not after or (before and operator.queues != fact.queues):
        if before:
            state.serve(operator.queues, -1)
        if after:
            state.serve(fact.queues, +1)
    same_staff = operator.state is not _OFFLINE and fact.state is not _OFFLINE
    if not same_staff or operator.queues != fact.queues:
        for name in operator.queues:
            state.queue(name).staff.discard(operator.id)
        if fact.state is not _OFFLINE:
            for name in fact.queues:
                state.queue(name).staff.add(operator.id)


def _opened(state: State, fact: f.QueueOpened) -> None:
    state.closed -= {fact.queue}


def _closed(state: State, fact: f.QueueClosed) -> None:
    state.closed |= {fact.queue}


def _let_go(state: State, fact: f.LegLetGo) -> None:
    state.letting_go[fact.offer] = LettingGo(fact.endpoint, fact.until, fact.node, fact.elsewhere)


def _leg_gone(state: State, fact: f.LegGone) -> None:
    state.letting_go.pop(fact.offer, None)


def _line_cut(state: State, fact: f.LineCut) -> None:
    state.cut_lines.add(fact.operator)


HEAR_SUPERVISOR = {
    ListenMode.LISTEN: NOBODY,
    ListenMode.WHISPER: frozenset({Party.OPERATOR}),
    ListenMode.BARGE: SPEAK,
    ListenMode.TAKE_OVER: NOBODY,  # until the supervisor takes the operator's place
}


def _listening_changed(state: State, fact: f.ListeningChanged) -> None:
    state.listened = max(state.listened, fact.number, fact.ears)
    held = state.listenings[fact.supervisor] = Listening(
        supervisor=fact.supervisor,
        operator=fact.operator,
        call=fact.call,
        endpoint=fact.endpoint,
        number=fact.number,
        mode=fact.mode,
        stage=fact.stage,
        until=fact.until or NEVER,
        since=fact.since,
        node=fact.node,
        ears=fact.ears,
    )
    call = state.talk_of(held)
    if call and call.offer and call.offer.conversation:
        talk = call.offer.conversation
        hears = fact.stage is ListenStage.LISTENING
        there = talk.overheard(HEAR_SUPERVISOR[fact.mode])
        call.offer.conversation = there if hears else talk.alone_again()


def _listened(state: State, fact: f.Listened) -> None:
    """For the audit; nothing changes by it."""


def _listening_ended(state: State, fact: f.ListeningEnded) -> None:
    held = state.listenings.pop(fact.supervisor, None)
    call = state.talk_of(held) if held else None
    if call and call.offer and call.offer.conversation:
        call.offer.conversation = call.offer.conversation.alone_again()


def _recording_changed(state: State, fact: f.RecordingChanged) -> None:
    call = state.calls[fact.call]
    call.recordings = max(call.recordings, fact.number)
    call.recording = Recording(
        number=fact.number,
        operator=fact.operator,
        stage=fact.stage,
        until=fact.until or NEVER,
        since=fact.since,
        ready=fact.ready,
        silent=fact.silent,
        paused_until=fact.paused_until or NEVER,
        paused_seconds=fact.paused_seconds,
        paused_since=fact.paused_since,
        hears=fact.hears,
    )
    if fact.stage is RecordingStage.RUNNING and (offer := call.offer) and offer.conversation:
        offer.conversation = offer.conversation.recorded(silent=fact.silent)


def _leg_held(state: State, fact: f.LegHeld) -> None:
    call = state.calls[fact.call]
    others = tuple(leg for leg in call.held_legs if leg != fact.leg)
    call.held_legs = (*others, fact.leg) if fact.on else others


def _line_held(state: State, fact: f.LineHeld) -> None:
    state.operators[fact.operator].line_held = fact.on


def _recording_pause_kept(state: State, fact: f.RecordingPauseKept) -> None:
    state.calls[fact.call].paused_until = fact.until or NEVER


def _recording_ended(state: State, fact: f.RecordingEnded) -> None:
    call = state.calls[fact.call]
    call.paused_until = call.recording.paused_until if call.recording else NEVER
    call.recording, call.record_from = None, fact.next_from
    if (offer := call.offer) and offer.conversation:
        offer.conversation = offer.conversation.unrecorded()


def _help_asked(state: State, fact: f.HelpAsked) -> None:
    state.helps[fact.operator] = fact.at


def _help_ended(state: State, fact: f.HelpEnded) -> None:
    state.helps.pop(fact.operator, None)


def _phones_changed(state: State, fact: f.PhonesChanged) -> None:
    node = _node(state, fact.node)
    node.elsewhere = (node.elsewhere | set(fact.elsewhere)) - set(fact.free)
    node.away = (node.away | set(fact.away)) - set(fact.back)
    state.nodes_changed()


def _node(state: State, name: NodeId) -> Node:
    return state.nodes.setdefault(name, Node())


def _rostered(state: State, fact: f.QueueRostered) -> None:
    state.rostered[fact.queue] = fact.operators


def _cover_lost(state: State, fact: f.CoverLost) -> None:
    state.uncovered[fact.queue] = Uncovered(since=fact.at, planned=fact.planned)


def _cover_back(state: State, fact: f.CoverBack) -> None:
    state.uncovered.pop(fact.queue, None)
    sums = state.absent_seconds if fact.planned else state.unplanned_seconds
    sums[fact.queue] = sums.get(fact.queue, 0.0) + fact.seconds


def _connected(state: State, fact: f.AsteriskConnected) -> None:
    node = _node(state, fact.node)
    if node.boot != fact.boot:
        _forget_strange_talks(state, fact.node)
    node.connected, node.boot = True, fact.boot
    state.nodes_changed()


def _gone(state: State, fact: f.AsteriskGone) -> None:
    _node(state, fact.node).connected = False
    state.nodes_changed()


def _forget_strange_talks(state: State, node: NodeId) -> None:
    """Asterisk's ledger has no row for calls that ended with the node."""
    for call in [call for call, talk in state.strange_talks.items() if talk.node == node]:
        del state.strange_talks[call]


def _nodes_known(state: State, fact: f.NodesKnown) -> None:
    gone = state.nodes.keys() - fact.nodes
    state.nodes = {name: state.node(name) for name in fact.nodes}
    state.nodes_changed()
    for name in sorted(gone):
        _call_back_elsewhere(state, name)


def _node_lost(state: State, fact: f.NodeLost) -> None:
    _forget_strange_talks(state, fact.node)
    _node(state, fact.node).given_up_at = fact.at
    _call_back_elsewhere(state, fact.node)


def _node_draining(state: State, fact: f.NodeDraining) -> None:
    _node(state, fact.node).draining = fact.on


def _call_back_elsewhere(state: State, node: NodeId) -> None:
    """Parked callers of this node, who have a place in line but no leg, are called back from
    another node."""
    others = [name for name in state.nodes if name != node]
    there = next((name for name in others if name not in state.lost), others[0] if others else node)
    for call in state.calls.values():
        if call.node == node and call.is_parked and not call.is_tried:
            call.node = there


def _started(state: State, fact: f.ServiceStarted) -> None:
    for node in state.nodes.values():
        node.connected = False
    state.nodes_changed()
    _close(state, None)


def _site_taken(state: State, fact: f.SiteTaken) -> None:
    state.longest_waits.update(fact.longest_waits)
    state.leave_seconds = fact.leave_seconds


def _closing_changed(state: State, fact: f.ClosingChanged) -> None:
    _close(state, fact.until)


def _close(state: State, until: float | None) -> None:
    state.closing = until
    if until is None:
        state.cut_lines.clear()


def _overflowed(state: State, fact: f.CallOverflowed) -> None:
    """Worth counting; nothing changes by it: the fact before it says where the caller stands."""


def _step_failed(state: State, fact: f.StepFailed) -> None:
    """Worth counting; nothing changes by it."""


APPLY: dict[type, Callable[[State, Any], None]] = {
    f.CallReceived: _received,
    f.CallQueued: _queued,
    f.PlaceKept: _place_kept,
    f.TalkRemembered: _talk_remembered,
    f.CallbackAsked: _callback_asked,
    f.ChoiceMoved: _choice_moved,
    f.CallbackHours: _callback_hours,
    f.CallbackTried: _callback_tried,
    f.CallbackRang: _callback_rang,
    f.CallbackAnswered: _callback_answered,
    f.CallbackReached: _callback_reached,
    f.CallbackMissed: _callback_missed,
    f.CallbackDue: _callback_due,
    f.CallbacksHeld: _callbacks_held,
    f.QuietHours: _quiet_hours,
    f.PromptBegun: _prompt_begun,
    f.PromptEnded: _prompt_ended,
    f.WaitTold: _wait_told,
    f.NewsHeard: _news_heard,
    f.MenuEntered: _menu_entered,
    f.MenuMoved: _menu_moved,
    f.MenuLeft: _menu_left,
    f.CaseLookedUp: _case_looked_up,
    f.CallbackLookedUp: _callback_looked_up,
    f.CallMoved: _moved,
    f.CallOverflowed: _overflowed,
    f.CallPrioritized: _prioritized,
    f.NeedsRelaxed: _needs_relaxed,
    f.OfferMade: _offer_made,
    f.OfferChosen: _offer_chosen,
    f.OfferAnswered: _offer_answered,
    f.JoiningBegun: _joining_begun,
    f.PartyJoined: _party_joined,
    f.OfferEnded: _offer_ended,
    f.OfferEnding: _offer_ending,
    f.CallCut: _cut,
    f.CallScored: _scored,
    f.TalkEnded: _talk_ended,
    f.SurveyMoved: _survey_moved,
    f.SurveyEnded: _survey_ended,
    f.VoicemailMoved: _voicemail_moved,
    f.VoicemailEnded: _voicemail_ended,
    f.CallReturned: _returned,
    f.CallTransferred: _transferred,
    f.CallSetAside: _set_aside,
    f.SetAsideEnded: _set_aside_ended,
    f.ConsultMade: _consult_made,
    f.ConsultAnswered: _consult_answered,
    f.ConsultEnded: _consult_ended,
    f.CallerTakenBack: _caller_taken_back,
    f.CallerHeld: _caller_held,
    f.CallEnded: _ended,
    f.StrangersTalk: _strangers_talk,
    f.LedgerChecked: _ledger_checked,
    f.OperatorChanged: _operator_changed,
    f.QueueOpened: _opened,
    f.QueueClosed: _closed,
    f.LegLetGo: _let_go,
    f.LegGone: _leg_gone,
    f.LineCut: _line_cut,
    f.ListeningChanged: _listening_changed,
    f.Listened: _listened,
    f.ListeningEnded: _listening_ended,
    f.RecordingChanged: _recording_changed,
    f.LegHeld: _leg_held,
    f.LineHeld: _line_held,
    f.RecordingPauseKept: _recording_pause_kept,
    f.RecordingEnded: _recording_ended,
    f.HelpAsked: _help_asked,
    f.HelpEnded: _help_ended,
    f.PhonesChanged: _phones_changed,
    f.QueueRostered: _rostered,
    f.CoverLost: _cover_lost,
    f.CoverBack: _cover_back,
    f.NewsBegun: _news_begun,
    f.NewsEnded: _news_ended,
    f.AsteriskConnected: _connected,
    f.AsteriskGone: _gone,
    f.NodesKnown: _nodes_known,
    f.NodeLost: _node_lost,
    f.NodeDraining: _node_draining,
    f.ServiceStarted: _started,
    f.SiteTaken: _site_taken,
    f.ClosingChanged: _closing_changed,
    f.StepFailed: _step_failed,
}
