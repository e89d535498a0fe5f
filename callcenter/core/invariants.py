"""What must be true after every step. Tests and the simulation check it after each step; a start
checks what the journal gave.

Each check is a sentence. `broken(state)` returns the sentences that are not true.
"""

from collections import Counter
from collections.abc import Iterator

from callcenter.core.conversation import Party
from callcenter.core.facts import (
    LineStage,
    ListenMode,
    ListenStage,
    OperatorState,
    PromptKind,
    RecordingStage,
    VoicemailStage,
)
from callcenter.core.offers import ways
from callcenter.core.open_line import LINE
from callcenter.core.outcome import Outcome
from callcenter.core.recording import is_held_by_phone
from callcenter.core.state import (
    NEVER,
    Call,
    CallState,
    Consult,
    Offer,
    OfferState,
    Operator,
    State,
    Way,
    at_work,
)

_NO_TIME = (OfferState.TALKING, OfferState.CONSULTING, OfferState.CONFERRING)
_MUST_ASK = (OfferState.ASKING, OfferState.CONSULTING, OfferState.CONFERRING)
_ASKS = (*_MUST_ASK, OfferState.RETAKING)
_BEFORE_THE_ANSWER = (
    *(OfferState.OPERATOR_RINGS, OfferState.CALLING, OfferState.CHECKING),
    OfferState.RINGING,
)
_HAS_TIME = (
    *(CallState.LEAVING, CallState.MENU, CallState.RESTING),
    *(CallState.SURVEY, CallState.SET_ASIDE, CallState.VOICEMAIL),
)
_BOTH = frozenset({Party.CALLER, Party.OPERATOR})


def broken(state: State) -> list[str]:
    """Every invariant that is broken, as a sentence. Empty when all is well."""
    return [
        *_calls(state),
        *_operators(state),
        *_queues(state),
        *_nobody_waits_for_a_free_operator(state),
        *_listenings(state),
        *_recordings(state),
        *_helps(state),
    ]


def _calls(state: State) -> Iterator[str]:
    for call in state.calls.values():
        yield from wrong_with_call(state, call)


def wrong_with_call(state: State, call: Call) -> Iterator[str]:
    """Broken invariants of one call."""
    in_line = bool(call.queue) and call.id in state.queue(call.queue).line
    if in_line is not (call.state in (CallState.WAITING, CallState.PARKED)):
        yield f"{call.id}: in line {in_line} but {call.state}"
    if (call.offer is not None) is not (call.state is CallState.ENGAGED):
        yield f"{call.id}: {call.state} with operator {call.operator}"
    if (call.outcome is Outcome.ANSWERED) is not (call.connected_at > 0):
        yield f"{call.id}: outcome {call.outcome} but connected at {call.connected_at}"
    unscored = call.waits or call.state is CallState.MENU
    if (call.outcome is None) is not unscored and not (call.waits and call.talks):
        yield f"{call.id}: {call.state} with outcome {call.outcome}"
    if bool(call.needs) is not (call.relaxes_at != NEVER):
        yield f"{call.id}: needs {call.needs}, less at {call.relaxes_at}"
    if call.talks and call.outcome is not Outcome.ANSWERED:
        yield f"{call.id}: {call.talks} talks and the outcome {call.outcome}"
    limited = call.state in _HAS_TIME or call.prompt is not None or call.choice is not None
    if call.choice is not None and call.state is not CallState.WAITING:
        yield f"{call.id}: {call.state}, and is asked for a time"
    if (call.until != NEVER) is not limited:
        yield f"{call.id}: {call.state} until {call.until}"
    if call.state is CallState.MENU and call.queue:
        yield f"{call.id}: in the menu, and in queue {call.queue}"
    if call.prompt is not None and (call.talks_now or call.state is CallState.LEAVING):
        yield f"{call.id}: {call.state}, and {call.prompt.kind} plays"
    if call.prompt is not None and call.prompt.kind is PromptKind.WAIT and call.offer:
        yield f"{call.id}: is told how long it takes, while {call.offer.operator} is there"
    if (call.survey is not None) is not (call.state is CallState.SURVEY):
        yield f"{call.id}: {call.state}, and the survey is {call.survey}"
    if call.survey and not call.talks:
        yield f"{call.id}: is asked how it was, and nobody has talked with them"
    if (call.voicemail is not None) is not (call.state is CallState.VOICEMAIL):
        yield f"{call.id}: {call.state}, and the voicemail is {call.voicemail}"
    if call.voicemail and (call.voicemail.number > 0) is (
        call.voicemail.stage is VoicemailStage.PROMPT
    ):
        yield f"{call.id}: the voicemail is {call.voicemail}"
    yield from _wrong_with_aside(state, call)
    yield from _wrong_with_callback(state, call)
    if call.offer:
        yield from _wrong_with_offer(state, call, call.offer)
    yield from _wrong_with_several(state, call)
    if call.consult:
        yield from _wrong_with_consult(state, call, call.consult)


def _wrong_with_aside(state: State, call: Call) -> Iterator[str]:
    """A parked call was talked with, and has a place of its own."""
    if (call.aside is not None) is not (call.state is CallState.SET_ASIDE):
        yield f"{call.id}: {call.state}, and parked {call.aside}"
    if call.aside and not call.talks:
        yield f"{call.id}: is parked, and nobody has talked with them"
    if call.aside and state.aside.get(call.aside.place) != call.id:
        yield f"{call.id}: is parked where {state.aside.get(call.aside.place)} is"


def _wrong_with_callback(state: State, call: Call) -> Iterator[str]:
    """A caller who will be called back has no leg, and no other callback exists for that number."""
    without_leg = call.state in (CallState.PARKED, CallState.RESTING) or call.is_tried
    if without_leg is not (call.is_parked and call.state is not CallState.LEAVING):
        yield f"{call.id}: {call.state}, and the callback is {call.callback}"
    if call.callback and call.is_parked and state.callbacks.get(call.callback.number) != call.id:
        yield f"{call.id}: is to be called back, and another call is with the same number"
    if call.is_tried is not (call.id in state.calling):
        yield f"{call.id}: is called {call.is_tried}, and counted {call.id in state.calling}"
    if call.offer and (call.offer.back or call.offer.operator_first) and not call.is_parked:
        yield f"{call.id}: is not to be called back, and the offer is {call.offer}"
    if call.offer and call.callback and call.offer.back not in (0, call.callback.tries):
        yield f"{call.id}: attempt {call.offer.back}, and {call.callback.tries} were counted"


def _wrong_with_offer(state: State, call: Call, offer: Offer) -> Iterator[str]:
    operator = state.operators.get(offer.operator)
    expected = OperatorState.RINGING if call.waits else OperatorState.ON_CALL
    if operator is None or operator.call != call.id or operator.state is not expected:
        does = operator.state if operator else "nobody"
        yield f"{call.id}: {offer.state}, but {offer.operator} is {does}"
    if (offer.until == NEVER) is not (offer.state in _NO_TIME):
        yield f"{call.id}: {offer.state} until {offer.until}"
    if offer.state not in ways.RULES[offer.way]:
        yield f"{call.id}: {offer.state} by {offer.way}"
    if offer.state in _MUST_ASK and call.consult is None:
        yield f"{call.id}: {offer.state}, and asks nobody"
    yield from _wrong_hearing(call, offer)


def _wrong_with_several(state: State, call: Call) -> Iterator[str]:
    """Several phones ring only while nobody has answered. Each is of another operator, who rings
    for this call, and not at more phones than were allowed."""
    rings = call.offer is not None and call.offer.state is OfferState.RINGING
    if (call.beside or call.at_once > 1) and not rings:
        yield f"{call.id}: {call.state}, and may ring at {call.at_once} phones: {call.beside}"
    if call.rings_at > call.at_once:
        yield f"{call.id}: rings at {call.rings_at} phones, and may at {call.at_once}"
    for beside in call.beside:
        operator = state.operators.get(beside.operator)
        if operator is None or (operator.call, operator.state) != (call.id, OperatorState.RINGING):
            yield f"{call.id}: rings beside at {beside.operator}, who is {operator}"
        if (beside.state, beside.way) != (OfferState.RINGING, Way.RING) or beside.conversation:
            yield f"{call.id}: rings beside by {beside}"
        if beside.until == NEVER:
            yield f"{call.id}: rings beside for ever"
    named = {call.operator, *(beside.operator for beside in call.beside)}
    if call.beside and len(named) != call.rings_at:
        yield f"{call.id}: rings twice at one phone: {named}"
    if (call.rings_at < call.at_once) is not (
        bool(call.queue) and call.id in state.queue(call.queue).widening
    ):
        yield f"{call.id}: rings at {call.rings_at} of {call.at_once} phones, counted otherwise"


def _wrong_with_consult(state: State, call: Call, consult: Consult) -> Iterator[str]:
    """A colleague is consulted only in a talk, and is ringing or on that call."""
    if call.offer is None or call.offer.state not in _ASKS:
        yield f"{call.id}: asks {consult.operator} while {call.offer}"
        return
    there = consult_is_there(call)
    expected = OperatorState.ON_CALL if there else OperatorState.RINGING
    operator = state.operators.get(consult.operator)
    if operator is None or operator.call != call.id or operator.state is not expected:
        yield f"{call.id}: asks {consult.operator}, who is {operator}"
    if call.is_held is not (consult.held_since > 0):
        yield f"{call.id}: on hold {call.is_held}, since {consult.held_since}"


def consult_is_there(call: Call) -> bool:
    """Whether the colleague is in the bridge with the operator."""
    talk = call.offer.conversation if call.offer else None
    return talk is not None and Party.CONSULTED in talk.here


def _wrong_hearing(call: Call, offer: Offer) -> Iterator[str]:
    """Who hears whom. Before both are in the bridge nobody hears anybody; then caller and operator
    hear each other. With a colleague, the two operators hear each other alone until the caller
    joins."""
    talk = offer.conversation
    if (talk is None) is not (offer.state in _BEFORE_THE_ANSWER):
        yield f"{call.id}: {offer.state} with the conversation {talk}"
        return
    if talk is None:
        return
    if not talk.here | talk.held <= talk.parties >= _BOTH:
        yield f"{call.id}: {talk} has somebody who takes no part"
    heard = [talk.heard_by(party) for party in (Party.CALLER, Party.OPERATOR)]
    if offer.state in (OfferState.ASKING, OfferState.CONSULTING, OfferState.RETAKING):
        if any(Party.CALLER in talk.heard_by(party) for party in Party) or heard[0]:
            yield f"{call.id}: {offer.state}, and the caller is heard or hears: {talk}"
        if (offer.state is OfferState.RETAKING) is (Party.CALLER in talk.held):
            yield f"{call.id}: {offer.state}, and on hold: {talk}"
        if offer.state is OfferState.CONSULTING and Party.CONSULTED not in heard[1]:
            yield f"{call.id}: {offer.state}, and they do not hear each other: {talk}"
    elif (offer.state is OfferState.CONFERRING) is not (Party.CONSULTED in heard[0]):
        yield f"{call.id}: {offer.state}, and hears {heard[0]}"
    elif call.talks_now and not talk.held - {Party.RECORDER}:
        if Party.OPERATOR not in heard[0] or Party.CALLER not in heard[1]:
            yield f"{call.id}: {offer.state}, and they do not hear each other: {talk}"
    elif not call.talks_now and any(heard):
        yield f"{call.id}: {offer.state}, and they hear each other: {talk}"


def _operators(state: State) -> Iterator[str]:
    for operator in state.operators.values():
        yield from wrong_with_operator(state, operator)


def wrong_with_operator(state: State, operator: Operator) -> Iterator[str]:
    """Broken invariants of one operator."""
    if operator.state in (OperatorState.RINGING, OperatorState.ON_CALL):
        call = state.calls.get(operator.call) if operator.call else None
        if call is None or not (
            call.operator == operator.id or call.asks(operator.id) or call.rings_beside(operator.id)
        ):
            yield f"{operator.id}: {operator.state} for a call that is not theirs"
    if operator.state is OperatorState.WRAPUP and operator.until == NEVER:
        yield f"{operator.id}: wraps up for ever"
    yield from _wrong_with_line(state, operator)
    free = operator.state is OperatorState.AVAILABLE
    for name in operator.queues:
        if (operator.id in state.queue(name).free) is not free:
            yield f"{operator.id}: {operator.state}, but wrong in the free list of {name}"


_COMES = (LineStage.RINGING, LineStage.ANSWERED, LineStage.LENT)


def _wrong_with_line(state: State, operator: Operator) -> Iterator[str]:
    line, does = operator.line, operator.state
    if does is OperatorState.OFFLINE and line is not LineStage.DOWN:
        yield f"{operator.id}: offline, and the open line is {line}"
    if does is OperatorState.AVAILABLE and operator.open_line is not (line is LineStage.SEATED):
        yield f"{operator.id}: available, open line {operator.open_line}, and it is {line}"
    if line is not LineStage.DOWN and not (operator.open_line or line is LineStage.STALE):
        yield f"{operator.id}: has an open line and wants none: {line}"
    opens = does is OperatorState.PAUSED and operator.reason == LINE
    if opens and (operator.wish is OperatorState.AVAILABLE) is not (operator.until != NEVER):
        yield f"{operator.id}: waits for the line until {operator.until}, wish {operator.wish}"
    if opens and operator.until != NEVER and line not in _COMES:
        yield f"{operator.id}: waits for a line that is {line}"
    call = state.calls.get(operator.call) if operator.call else None
    talks_on = call.offer.line if call and call.offer else None
    if call and talks_on and call.operator == operator.id:
        ends = line is LineStage.DOWN  # until the caller has left
        there = {LineStage.SEATED, LineStage.STALE}
        if call.offer and call.offer.state is OfferState.JOINING:
            # the colleague gets the caller, and the line comes back for that
            there.add(LineStage.LENT)
        here = line in there and talks_on == operator.line_leg
        if not (here or ends):
            yield f"{operator.id}: talks on {talks_on}, and the open line is {line}"


def _queues(state: State) -> Iterator[str]:
    for name, queue in state.queues.items():
        present = sum(1 for c in state.calls.values() if c.queue == name and c.outcome is None)
        if queue.present != present:
            yield f"queue {name}: counts {queue.present} callers, has {present}"
        returned = sum(1 for c in state.calls.values() if c.queue == name and c.has_returned)
        parked = sum(1 for c in state.calls.values() if c.queue == name and c.is_parked)
        if queue.parked != parked:
            yield f"queue {name}: counts {queue.parked} to call back, has {parked}"
        if queue.returned != returned:
            yield f"queue {name}: counts {queue.returned} who are back, has {returned}"
        aging = state.site.aging_seconds
        waiting = [state.calls[c] for c in queue.line]
        order = [(c.rank[0] - c.priority * aging, c.rank[1]) for c in waiting]
        if order != sorted(order):
            yield f"queue {name}: not in the order of arrival and priority"
        places = [queue.line.place_of(c) for c in queue.line]
        if places != list(range(1, len(places) + 1)):
            yield f"queue {name}: places {places}"
        serving = [o for o in state.operators.values() if name in o.queues and at_work(o.state)]
        beside = Counter(q for o in serving for q in o.queues if q != name)
        if (queue.serving, queue.beside) != (len(serving), beside):
            yield f"queue {name}: counts {queue.serving} at work, {queue.beside} also elsewhere"
    if state.unscored != sum(1 for c in state.calls.values() if c.outcome is None):
        yield "the number of unscored calls is wrong"


def _nobody_waits_for_a_free_operator(state: State) -> Iterator[str]:
    if state.connected:
        for name, queue in state.queues.items():
            for group in queue.line.groups:
                waits = state.first_waiting(queue, group) is not None
                if waits and state.first_free(queue, group.needs) is not None:
                    yield f"queue {name}: somebody waits while somebody is free"
            if found := state.next_beside(queue):
                yield f"queue {name}: {found[1].id} could ring at the phone of {found[0].id}, too"


def _helps(state: State) -> Iterator[str]:
    """Only an operator at work asks for help, because only their page shows the answer."""
    for name in state.helps:
        operator = state.operators.get(name)
        if operator is None or operator.state is OperatorState.OFFLINE:
            yield f"{name}: asks for help, and is not at work"


def _listenings(state: State) -> Iterator[str]:
    """A supervisor hears only the talk that they asked for. The caller hears the supervisor only
    after a barge-in."""
    heard = set()
    for name, held in state.listenings.items():
        call = state.talk_of(held)
        talk = call.offer.conversation if call and call.offer else None
        if held.stage is not ListenStage.LEAVING and talk is None:
            yield f"{name}: {held.stage} to {held.call}, which {held.operator} does not talk with"
        if held.stage is ListenStage.LISTENING and talk is not None:
            heard.add(held.call)
            if not {Party.CALLER, Party.OPERATOR} - talk.held <= talk.heard_by(Party.SUPERVISOR):
                yield f"{name}: listens, and does not hear {talk}"
            if (Party.SUPERVISOR in talk.heard_by(Party.CALLER)) is not (
                held.mode is ListenMode.BARGE and Party.CALLER not in talk.held
            ):
                yield f"{name}: {held.mode}, and the caller hears {talk.heard_by(Party.CALLER)}"
            if Party.SUPERVISOR in talk.heard_by(Party.OPERATOR) and held.mode is ListenMode.LISTEN:
                yield f"{name}: only listens, and the operator hears them"
    for call in state.calls.values():
        talk = call.offer.conversation if call.offer else None
        if talk and Party.SUPERVISOR in talk.here and call.id not in heard:
            yield f"{call.id}: somebody listens of whom nothing is known"
        if call.offer and not call.talks_now and state.listener_of(call.offer.operator):
            yield f"{call.id}: is offered to {call.offer.operator}, to whom somebody listens"


def _recordings(state: State) -> Iterator[str]:
    """A talk is recorded only if the caller heard the notice, and only while they talk. Recorded is
    what the caller hears and says, but nothing while the caller is on hold or the operator has
    paused the recording."""
    for call in state.calls.values():
        held = call.recording
        talk = call.offer.conversation if call.offer else None
        runs = held is not None and held.stage is RecordingStage.RUNNING
        if held is not None and not (call.noticed and call.talks_now):
            yield f"{call.id}: is recorded, noticed {call.noticed}, {call.state}"
        if held is not None and is_held_by_phone(call):
            yield f"{call.id}: is recorded, and a phone has the talk on hold"
        if held is not None and held.operator != call.operator:
            yield f"{call.id}: recorded with {held.operator}, and talks with {call.operator}"
        if talk is None:
            continue
        if runs is not (Party.RECORDER in talk.here):
            yield f"{call.id}: recording {held}, and here are {talk.here}"
        heard, hears = talk.heard_by(Party.RECORDER), talk.heard_by(Party.CALLER)
        if held is not None and runs:
            silent = held.is_paused
            if bool(heard) is silent or held.silent is not silent:
                yield f"{call.id}: silent {silent}, and the recorder hears {heard} of {talk}"
            if heard and not hears - {Party.SUPERVISOR} <= heard:
                yield f"{call.id}: the caller hears {hears}, and the recorder {heard}"
            if tuple(sorted(hears)) != held.hears:
                yield f"{call.id}: the caller hears {hears}, and it was begun with {held.hears}"
        elif heard:
            yield f"{call.id}: nothing is recorded, and {heard} is heard"
