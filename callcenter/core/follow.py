"""What follows from a fact at once: a timer, or a queue in which an offer has become possible.

`FOLLOW` gives for each kind of fact the function that is called after the fold.
"""

from collections.abc import Mapping

from callcenter.core import news, onward, outward
from callcenter.core.facts import (
    AsteriskConnected,
    CallbackAnswered,
    CallbackAsked,
    CallbackDue,
    CallbackMissed,
    CallbackRang,
    CallbackReached,
    CallbacksHeld,
    CallbackTried,
    CallerHeld,
    CallerTakenBack,
    CallMoved,
    CallQueued,
    CallReturned,
    CallScored,
    CallSetAside,
    CallTransferred,
    ChoiceMoved,
    ClosingChanged,
    ConsultAnswered,
    ConsultEnded,
    ConsultMade,
    Fact,
    JoiningBegun,
    LegGone,
    LegLetGo,
    ListeningChanged,
    ListeningEnded,
    MenuMoved,
    NeedsRelaxed,
    NewsBegun,
    NodeLost,
    NodesKnown,
    OfferAnswered,
    OfferEnded,
    OfferEnding,
    OfferMade,
    OperatorChanged,
    OperatorState,
    PartyJoined,
    PromptBegun,
    PromptEnded,
    RecordingChanged,
    RecordingEnded,
    SurveyEnded,
    SurveyMoved,
    TalkEnded,
    VoicemailEnded,
    VoicemailMoved,
)
from callcenter.core.ids import QueueName
from callcenter.core.outcome import OfferResult
from callcenter.core.overflow import has_staff, is_on_duty
from callcenter.core.state import NEVER, CallState
from callcenter.core.work import Follow, Work


def offer_goes_on(
    work: Work,
    fact: OfferMade
    | OfferAnswered
    | JoiningBegun
    | OfferEnding
    | ConsultMade
    | ConsultAnswered
    | CallerTakenBack
    | CallbackAnswered
    | CallbackTried,
) -> None:
    work.timers.add(fact.until, "offer", fact.call)


def offer_is_made(work: Work, fact: OfferMade) -> None:
    if fact.operator_first:
        work.look_at_callbacks = True
    offer_goes_on(work, fact)


def talk_is_held(work: Work, fact: ConsultMade | CallerTakenBack) -> None:
    offer_goes_on(work, fact)
    work.changed_talks.add(fact.call)


def talk_changes(work: Work, fact: ConsultEnded | CallerHeld | PartyJoined) -> None:
    work.changed_talks.add(fact.call)


def recording_changes(work: Work, fact: RecordingChanged) -> None:
    for due in (fact.until, fact.paused_until):
        if due:
            work.timers.add(due, "recording", fact.call)


def recording_ends(work: Work, fact: RecordingEnded) -> None:
    if fact.next_from:
        work.timers.add(fact.next_from, "recording", fact.call)


def caller_is_parked(work: Work, fact: CallbackAsked) -> None:
    work.look_at_callbacks = True
    work.timers.add_patience(fact.until, "patience", fact.call)
    if fact.due_at and fact.due_at > fact.at:
        work.timers.add(fact.due_at, "call", fact.call)
    onward.has_room(work, fact.queue)


def callback_is_tried(work: Work, fact: CallbackTried) -> None:
    work.look_at_callbacks = True
    offer_goes_on(work, fact)


def carrier_is_well(work: Work, fact: CallbackRang | CallbackAnswered) -> None:
    if work.state.callbacks_held == "carrier":
        work.look_at_callbacks = True
    if isinstance(fact, CallbackAnswered):
        offer_goes_on(work, fact)


def callback_is_back(work: Work, fact: CallbackReached | CallbackMissed | CallbackDue) -> None:
    work.look_at_callbacks = True
    if isinstance(fact, CallbackReached) and fact.offer is not None:
        work.timers.add(fact.until, "offer", fact.call)
    if work.state.callbacks_held == "carrier":  # and may be for longer now
        work.timers.add(outward.held_until(work.state), "callbacks", "")
    call = work.state.calls[fact.call]
    if call.state is CallState.RESTING:
        work.timers.add(call.until, "call", fact.call)
        return
    caller_queues(work, fact)
    if fact.queue in work.deserted:
        work.look_for_duty = True


def callbacks_are_held(work: Work, fact: CallbacksHeld) -> None:
    if not fact.why:
        work.look_everywhere()
    elif fact.why in ("per_hour", "carrier"):
        work.timers.add(outward.held_until(work.state), "callbacks", "")


def has_a_limit(
    work: Work, fact: PromptBegun | MenuMoved | SurveyMoved | VoicemailMoved | CallSetAside
) -> None:
    work.timers.add(fact.until, "call", fact.call)


def choice_moves(work: Work, fact: ChoiceMoved) -> None:
    if fact.until != NEVER:
        work.timers.add(fact.until, "call", fact.call)
    elif work.state.calls[fact.call].choice is None:
        work.rooms.waits(fact.call, fact.at)


def prompt_ends(work: Work, fact: PromptEnded) -> None:
    work.rooms.waits(fact.call, fact.at)


def caller_queues(
    work: Work,
    fact: CallQueued
    | CallMoved
    | CallReturned
    | CallTransferred
    | OfferEnded
    | CallbackReached
    | CallbackMissed
    | CallbackDue,
) -> None:
    call = work.state.calls[fact.call]
    if call.state in _IN_LINE:
        if call.state is _WAITING:
            work.rooms.waits(fact.call, fact.at)
            if work.state.news or work.state.queues[call.queue].rules.telling is not None:
                work.tellings.waits(work.state, call, fact.at)
            # a caller who was being offered when the callback was due is told now
            if call.callback_at != NEVER:
                work.timers.add_patience(call.callback_at, "callback", fact.call)
        work.timers.add_patience(call.patience_until, "patience", fact.call)
        if call.needs:
            work.timers.add_patience(call.relaxes_at, "relax", fact.call)
        if call.queue not in work.state.site.queues:
            work.removed.add(call.queue)
        if work.state.queues[call.queue].free:
            work.possible.add(call.queue)
        elif not has_staff(work.state, work.state.queues[call.queue]):
            work.deserted.add(call.queue)


def needs_relax(work: Work, fact: NeedsRelaxed) -> None:
    call = work.state.calls[fact.call]
    if call.needs:
        work.timers.add_patience(call.relaxes_at, "relax", fact.call)
    may_be_offered = call.state in _IN_LINE or call.rings_at < call.at_once
    if may_be_offered and work.state.queues[call.queue].free:
        work.possible.add(call.queue)


def caller_is_back(work: Work, fact: CallReturned | CallTransferred | OfferEnded) -> None:
    """Not called at admission: there the neighbours were asked already."""
    if type(fact) is OfferEnded:
        call = work.state.calls[fact.call]
        if fact.result is _TALK:
            work.changed_talks.add(fact.call)
        elif call.is_parked:  # its operator was to be there first
            work.look_at_callbacks = True
        elif call.rings_at < call.at_once and work.state.queues[fact.queue].free:
            work.possible.add(fact.queue)  # another phone may ring instead
    caller_queues(work, fact)
    if fact.queue in work.deserted:
        work.look_for_duty = True


def caller_moves(work: Work, fact: CallMoved) -> None:
    caller_queues(work, fact)
    if fact.left:
        onward.has_room(work, QueueName(fact.left))


def call_is_scored(work: Work, fact: CallScored) -> None:
    call_ends(work, fact)
    if fact.queue:
        onward.has_room(work, fact.queue)


def call_ends(work: Work, fact: CallScored | TalkEnded | SurveyEnded | VoicemailEnded) -> None:
    until = work.state.calls[fact.call].until
    if until != NEVER:
        work.timers.add(until, "call", fact.call)


def operator_changes(work: Work, fact: OperatorChanged) -> None:
    if fact.until:
        work.timers.add(fact.until, "operator", fact.operator)
    if fact.state is _AVAILABLE:
        for name in fact.queues:
            queue = work.state.queues[name]
            if len(queue.line) or queue.widening:
                work.possible.add(name)
    elif not is_on_duty(work.state.operators[fact.operator]):
        work.deserted.update(n for n in fact.queues if len(work.state.queues[n].line))
        work.look_for_duty = bool(work.deserted)


def nodes_change(work: Work, fact: AsteriskConnected | NodesKnown | NodeLost) -> None:
    work.timers.node_is_back()


def leg_is_let_go(work: Work, fact: LegLetGo) -> None:
    if fact.until != NEVER:
        work.timers.add(fact.until, "leg", fact.offer)


def leg_is_gone(work: Work, fact: LegGone | ListeningEnded) -> None:
    if type(fact) is ListeningEnded:
        work.changed_talks.add(fact.call)
    work.look_everywhere()


def listening_changes(work: Work, fact: ListeningChanged) -> None:
    work.changed_talks.add(fact.call)
    if fact.until:
        work.timers.add(fact.until, "listening", fact.supervisor)


def closing_changes(work: Work, fact: ClosingChanged) -> None:
    work.look_at_callbacks = True
    if fact.until is not None:
        work.timers.add(fact.until, "closing", "")


def news_begins(work: Work, fact: NewsBegun) -> None:
    if fact.until != NEVER:
        work.timers.add(fact.until, "news", fact.place)
    work.tellings.all_of(news.waiting_for(work.state, fact.place), fact.at)


_TALK = OfferResult.ANSWERED
_WAITING = CallState.WAITING
_IN_LINE = (_WAITING, CallState.PARKED)
_AVAILABLE = OperatorState.AVAILABLE

FOLLOW: Mapping[type[Fact], Follow] = {
    OfferMade: offer_is_made,
    OfferAnswered: offer_goes_on,
    JoiningBegun: offer_goes_on,
    OfferEnding: offer_goes_on,
    CallbackAsked: caller_is_parked,
    CallbackTried: callback_is_tried,
    CallbackRang: carrier_is_well,
    CallbackAnswered: carrier_is_well,
    CallbackReached: callback_is_back,
    CallbackMissed: callback_is_back,
    CallbackDue: callback_is_back,
    CallbacksHeld: callbacks_are_held,
    PromptBegun: has_a_limit,
    MenuMoved: has_a_limit,
    SurveyMoved: has_a_limit,
    VoicemailMoved: has_a_limit,
    ChoiceMoved: choice_moves,
    CallSetAside: has_a_limit,
    PromptEnded: prompt_ends,
    ConsultMade: talk_is_held,
    ConsultAnswered: offer_goes_on,
    ConsultEnded: talk_changes,
    CallerTakenBack: talk_is_held,
    CallerHeld: talk_changes,
    PartyJoined: talk_changes,
    RecordingChanged: recording_changes,
    RecordingEnded: recording_ends,
    CallQueued: caller_queues,
    CallMoved: caller_moves,
    NeedsRelaxed: needs_relax,
    CallReturned: caller_is_back,
    CallTransferred: caller_is_back,
    OfferEnded: caller_is_back,
    CallScored: call_is_scored,
    TalkEnded: call_ends,
    SurveyEnded: call_ends,
    VoicemailEnded: call_ends,
    OperatorChanged: operator_changes,
    AsteriskConnected: nodes_change,
    NodesKnown: nodes_change,
    NodeLost: nodes_change,
    LegLetGo: leg_is_let_go,
    LegGone: leg_is_gone,
    ListeningChanged: listening_changes,
    ListeningEnded: leg_is_gone,
    ClosingChanged: closing_changes,
    NewsBegun: news_begins,
}
