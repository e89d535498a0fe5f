"""Folds facts into rows. Pure.

`Fold` goes through a batch of facts and collects what changes: partial rows of calls and offers
(None = unchanged), intervals of operators' states that begin or end, and facts that change no row.
Stamps are seconds since 1970. They are made from the engine's time and the wall clock that the
journal noted with the fact. The database turns them into timestamps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from callcenter.core import facts as f
from callcenter.core.facts import Fact, OperatorState
from callcenter.core.ids import CallId, OfferId, OperatorId
from callcenter.core.outcome import EndedBy, OfferResult, Outcome, VoicemailEnding
from callcenter.runtime.record import Unreadable
from callcenter.storage.caller_number import caller_number
from callcenter.storage.recordings import Recorded, RecordedKind

LIFEBOAT_REASON = "lifeboat"  # CallScored.reason of a call that the lifeboat served


@dataclass(slots=True)
class CallChange:
    """The changes of one call in a batch. The names are those of the table `incoming_calls`."""

    call_id: CallId
    seen: float  # our first stamp of the call, used if its arrival is not known
    line: str | None = None
    did: str | None = None
    caller: str | None = None
    caller_class: str | None = None
    caller_e164: str | None = None
    queue: str | None = None
    priority: int | None = None
    arrived: float | None = None
    queued: float | None = None
    answered: float | None = None
    talk_ended: float | None = None
    ended: float | None = None
    outcome: str | None = None
    reason: str | None = None
    wait_seconds: float | None = None
    queue_wait_seconds: float | None = None
    talk_seconds: float | None = None
    place: int | None = None
    offers: int | None = None
    operator: str | None = None
    ended_by: str | None = None
    end_reason: str | None = None
    talks: int | None = None
    transfers: int | None = None
    expected_wait_seconds: float | None = None
    wait_at_most_seconds: float | None = None
    news: str | None = None
    news_more: bool | None = None
    told_place: int | None = None
    told_minutes: int | None = None
    told_error_seconds: float | None = None
    transfer_kind: str | None = None
    consults: int | None = None
    consult_seconds: float | None = None
    parks: int | None = None
    park_seconds: float | None = None
    language: str | None = None
    kind: str | None = None
    topic: str | None = None
    province: str | None = None
    menu_path: str | None = None
    menu_seconds: float | None = None
    overflow: str | None = None
    case_lookup: str | None = None
    callback_lookup: str | None = None
    redial_of: str | None = None
    first_arrived: float | None = None
    callback_asked: float | None = None
    callback_tries: int | None = None
    callback_result: str | None = None
    voicemail: str | None = None
    survey: str | None = None
    survey_score: int | None = None
    node: str | None = None
    via: str | None = None
    known_from_ledger: bool | None = None


@dataclass(slots=True)
class OfferChange:
    """The changes of one offer in a batch. The names are those of the table `incoming_offers`."""

    offer_id: OfferId
    call_id: CallId
    seen: float
    operator: str | None = None
    queue: str | None = None
    number: int | None = None
    made: float | None = None
    answered: float | None = None
    ended: float | None = None
    result: str | None = None
    ring_seconds: float | None = None


@dataclass(slots=True)
class StateChange:
    """An interval that begins in this batch. The names are those of `incoming_states`."""

    operator: OperatorId
    state: str
    reason: str
    call_id: str | None
    began: float
    began_engine_seconds: float
    ended: float | None = None
    seconds: float | None = None


class PresentState(NamedTuple):
    """What an operator has been doing since `began_engine_seconds`, according to the database."""

    state: str
    reason: str
    call_id: str | None
    # None: the interval is from another journal, which has another engine time
    began_engine_seconds: float | None


class Closing(NamedTuple):
    """The present state in the database ends at the stamp `ended`, after `seconds` if that is
    known."""

    operator: OperatorId
    ended: float
    seconds: float | None


class DeadLetter(NamedTuple):
    """A fact that no table can store as it is. `payload` is the fact in MessagePack."""

    seq: int
    kind: str
    payload: bytes
    error: str
    written: float


class Overheard(NamedTuple):
    """A supervisor listened to a talk in one mode, from one stamp to another. For the audit."""

    supervisor: str
    operator: str
    call_id: str
    mode: str
    began: float
    ended: float


class CoverGap(NamedTuple):
    """An open queue had nobody on duty from one stamp to another."""

    queue: str
    planned: bool
    began: float
    ended: float


class RangOut(NamedTuple):
    """A citizen was called back for this call, for the `number`th time. For the audit."""

    call_id: str
    number: int
    at: float


@dataclass(slots=True)
class Fold:
    """The changes of one batch. `present` is what the database has; the fold does not change it."""

    present: Mapping[OperatorId, PresentState]
    calls: dict[CallId, CallChange] = field(default_factory=dict)
    offers: dict[OfferId, OfferChange] = field(default_factory=dict)
    states: list[StateChange] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    overheard: list[Overheard] = field(default_factory=list)
    gaps: list[CoverGap] = field(default_factory=list)
    rang_out: list[RangOut] = field(default_factory=list)
    recordings: dict[tuple[CallId, int], Recorded] = field(default_factory=dict)
    began: dict[OperatorId, StateChange] = field(default_factory=dict)
    contradicted: int = 0  # calls for which the ledger contradicts this batch
    retold: CallChange | None = None  # a call recorded from the ledger; its end is still to come

    def add(self, seq: int, wall: float, fact: Fact | Unreadable) -> None:
        """Add one fact, which was written at `wall`, in seconds since 1970."""
        rule = _RULES.get(type(fact))
        if rule is not None:
            rule(self, fact, wall - fact.at)
        elif isinstance(fact, Unreadable):
            self.dead.append(DeadLetter(seq, fact.kind, fact.payload, fact.error, wall))

    def close(self) -> None:
        """End the batch."""
        if self.retold is not None:
            self.calls.setdefault(self.retold.call_id, self.retold)

    def present_after(self) -> dict[OperatorId, PresentState]:
        """The operators' present states once this batch is stored."""
        return {
            **self.present,
            **{
                operator: PresentState(s.state, s.reason, s.call_id, s.began_engine_seconds)
                for operator, s in self.began.items()
            },
        }

    def call(self, call: CallId, seen: float) -> CallChange:
        """The changes of a call; empty ones are made if there are none yet."""
        if self.retold is not None and self.retold.call_id == call:
            return self.retold
        change = self.calls.get(call)
        # what the service itself saw counts more than the ledger
        if change is None or change.known_from_ledger:
            change = self.calls[call] = CallChange(call, seen)
        return change

    def offer(self, offer: OfferId, call: CallId, seen: float) -> OfferChange:
        """The changes of an offer; empty ones are made if there are none yet."""
        change = self.offers.get(offer)
        if change is None:
            change = self.offers[offer] = OfferChange(offer, call, seen)
        return change


# --- one rule for each fact; `epoch` is the wall clock at engine time 0 -------------------------


def _received(fold: Fold, fact: f.CallReceived, epoch: float) -> None:
    if fact.from_ledger:
        fold.retold = CallChange(fact.call, epoch + fact.arrived_at, known_from_ledger=True)
    change = fold.call(fact.call, epoch + fact.arrived_at)
    change.line, change.did, change.caller = fact.line, fact.did, fact.caller
    change.caller_class, change.caller_e164 = caller_number(fact.caller)
    change.arrived = epoch + fact.arrived_at
    change.node = fact.node


def _queued(fold: Fold, fact: f.CallQueued, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.queue, change.priority, change.queued = fact.queue, fact.priority, epoch + fact.at
    change.expected_wait_seconds = fact.expected_seconds
    change.wait_at_most_seconds = fact.at_most_seconds
    if fact.redial_of and fact.first_arrived_at is not None:
        change.redial_of, change.first_arrived = fact.redial_of, epoch + fact.first_arrived_at


def _overflowed(fold: Fold, fact: f.CallOverflowed, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).overflow = f"{fact.why}={fact.to}"


def _wait_told(fold: Fold, fact: f.WaitTold, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.told_place = fact.place or change.told_place
    change.told_minutes = fact.minutes or change.told_minutes


def _news_heard(fold: Fold, fact: f.NewsHeard, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.news, change.news_more = fact.news, fact.more


def _callback_asked(fold: Fold, fact: f.CallbackAsked, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.callback_asked, change.callback_tries = epoch + fact.at, 0


def _callback_tried(fold: Fold, fact: f.CallbackTried, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).callback_tries = fact.number
    fold.rang_out.append(RangOut(fact.call, fact.number, epoch + fact.at))


def _menu_left(fold: Fold, fact: f.MenuLeft, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.language, change.kind = fact.says.get("language"), fact.says.get("kind")
    change.topic, change.province = fact.says.get("topic"), fact.says.get("province")
    change.menu_path, change.menu_seconds = " ".join(fact.path), fact.seconds


def _case_looked_up(fold: Fold, fact: f.CaseLookedUp, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).case_lookup = fact.word


def _callback_looked_up(fold: Fold, fact: f.CallbackLookedUp, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).callback_lookup = fact.word


def _moved(fold: Fold, fact: f.CallMoved, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).queue = fact.queue


def _prioritized(fold: Fold, fact: f.CallPrioritized, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).priority = fact.priority


def _offer_made(fold: Fold, fact: f.OfferMade, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).offers = fact.number
    change = fold.offer(fact.offer, fact.call, epoch + fact.at)
    change.operator, change.queue, change.number = fact.operator, fact.queue, fact.number
    change.made = epoch + fact.at


def _offer_answered(fold: Fold, fact: f.OfferAnswered, epoch: float) -> None:
    fold.offer(fact.offer, fact.call, epoch + fact.at).answered = epoch + fact.at


def _offer_ended(fold: Fold, fact: f.OfferEnded, epoch: float) -> None:
    change = fold.offer(fact.offer, fact.call, epoch + fact.at)
    change.operator, change.queue = fact.operator, fact.queue
    change.ended, change.result = epoch + fact.at, fact.result
    change.ring_seconds = fact.ring_seconds
    if fact.result is OfferResult.ANSWERED:
        fold.call(fact.call, epoch + fact.at).operator = fact.operator


def _scored(fold: Fold, fact: f.CallScored, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.line, change.queue = fact.line, fact.queue or change.queue
    change.outcome, change.reason = fact.outcome, fact.reason
    change.wait_seconds, change.place = fact.wait_seconds, fact.place
    change.queue_wait_seconds = fact.queue_wait_seconds if fact.queue else None
    change.told_error_seconds = fact.told_error_seconds
    if fact.outcome is Outcome.ANSWERED:
        change.answered = epoch + fact.at
    if fact.called_back:
        is_none = fact.outcome is Outcome.CALLBACK
        change.callback_result = fact.reason if is_none else fact.outcome
    if fact.reason == LIFEBOAT_REASON:
        change.via = "lifeboat"


def _talk_ended(fold: Fold, fact: f.TalkEnded, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.talk_ended, change.talks = epoch + fact.at, fact.number
    change.talk_seconds = fact.earlier_seconds + fact.talk_seconds
    change.operator, change.ended_by = fact.operator or change.operator, fact.ended_by
    change.end_reason = fact.reason


def _survey_ended(fold: Fold, fact: f.SurveyEnded, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.survey, change.survey_score = fact.ending, fact.score or None


def _voicemail_moved(fold: Fold, fact: f.VoicemailMoved, epoch: float) -> None:
    if fact.number and fact.stage is f.VoicemailStage.RECORDING:
        fold.recordings[fact.call, fact.number] = Recorded(
            *(fact.call, fact.number, fact.line, fact.queue, "", epoch + fact.at),
            kind=RecordedKind.MESSAGE,
        )


def _voicemail_ended(fold: Fold, fact: f.VoicemailEnded, epoch: float) -> None:
    ended = epoch + fact.at
    fold.call(fact.call, ended).voicemail = fact.ending
    if fact.number:
        fold.recordings[fact.call, fact.number] = Recorded(
            *(fact.call, fact.number, fact.line, fact.queue, "", ended - fact.seconds),
            ended=ended,
            ending=_ENDING.get(fact.ending, f.RecordingEnd.DONE),
            seconds=fact.seconds,
            paused_seconds=0.0,
            kind=RecordedKind.MESSAGE,
        )


_ENDING = {
    VoicemailEnding.CUT: f.RecordingEnd.CUT,
    VoicemailEnding.EMPTY: f.RecordingEnd.TOO_SHORT,
    VoicemailEnding.FAILED: f.RecordingEnd.FAILED,
}


def _transferred(fold: Fold, fact: f.CallTransferred, epoch: float) -> None:
    """The record keeps the queue that answered. The offers have the others."""
    change = fold.call(fact.call, epoch + fact.at)
    change.transfers, change.transfer_kind = fact.number, "attended" if fact.attended else "blind"


def _consult_ended(fold: Fold, fact: f.ConsultEnded, epoch: float) -> None:
    change = fold.call(fact.call, epoch + fact.at)
    change.consults = fact.number
    change.consult_seconds = fact.earlier_seconds + fact.held_seconds


def _set_aside_ended(fold: Fold, fact: f.SetAsideEnded, epoch: float) -> None:
    """Who hangs up while parked has ended the call, not the operator of the talk before."""
    change = fold.call(fact.call, epoch + fact.at)
    change.parks = fact.number
    change.park_seconds = fact.earlier_seconds + fact.seconds
    if by := _ENDED_BY.get(fact.how):
        change.ended_by, change.end_reason = by, fact.loss


_ENDED_BY = {f.AsideEnding.LEFT: EndedBy.CALLER, f.AsideEnding.LOST: EndedBy.LOST}


def _ended(fold: Fold, fact: f.CallEnded, epoch: float) -> None:
    fold.call(fact.call, epoch + fact.at).ended = epoch + fact.at


def _ledger_checked(fold: Fold, fact: f.LedgerChecked, epoch: float) -> None:
    """A call that only Asterisk saw is known when its ledger is read, long after the call. Its
    stamps are its arrival plus its durations. If this batch has more of the call than the ledger,
    the ledger adds nothing."""
    change, fold.retold = fold.retold or fold.calls.get(fact.call), None
    if fact.known or change is None or change.arrived is None:
        return
    change.known_from_ledger = True  # an older version of the program did not say so
    ours = fold.calls.setdefault(fact.call, change)
    if ours is not change:
        fold.contradicted += ours.outcome is not None and ours.outcome != change.outcome
    left = change.arrived + (change.wait_seconds or 0.0)
    change.queued = None if change.queued is None else change.arrived
    change.answered = None if change.answered is None else left
    change.talk_ended = None if change.talk_ended is None else left + (change.talk_seconds or 0.0)
    change.ended = left + (change.talk_seconds or 0.0)


def _operator_changed(fold: Fold, fact: f.OperatorChanged, epoch: float) -> None:
    state, call = fact.state, fact.call or None
    began = fold.began.get(fact.operator)
    before = began or fold.present.get(fact.operator)
    if before is None and fact.state is OperatorState.OFFLINE:
        return
    if before and (before.state, before.reason, before.call_id) == (state, fact.reason, call):
        return
    if before:
        since = before.began_engine_seconds
        seconds = None if since is None else max(0.0, fact.at - since)
        if began:
            began.ended, began.seconds = epoch + fact.at, seconds
        else:
            fold.closings.append(Closing(fact.operator, epoch + fact.at, seconds))
    change = StateChange(fact.operator, state, fact.reason, call, epoch + fact.at, fact.at)
    fold.states.append(change)
    fold.began[fact.operator] = change


def _listened(fold: Fold, fact: f.Listened, epoch: float) -> None:
    ended = epoch + fact.at
    began = ended - fact.seconds
    fold.overheard.append(
        Overheard(fact.supervisor, fact.operator, fact.call, fact.mode, began, ended)
    )


def _cover_back(fold: Fold, fact: f.CoverBack, epoch: float) -> None:
    ended = epoch + fact.at
    fold.gaps.append(CoverGap(fact.queue, fact.planned, ended - fact.seconds, ended))


def _recording_changed(fold: Fold, fact: f.RecordingChanged, epoch: float) -> None:
    fold.recordings[fact.call, fact.number] = Recorded(
        *(fact.call, fact.number, fact.line, fact.queue, fact.operator, epoch + fact.since)
    )


def _recording_ended(fold: Fold, fact: f.RecordingEnded, epoch: float) -> None:
    ended = epoch + fact.at
    fold.recordings[fact.call, fact.number] = Recorded(
        *(fact.call, fact.number, fact.line, fact.queue, fact.operator, ended - fact.seconds),
        ended=ended,
        ending=fact.end,
        seconds=fact.seconds,
        paused_seconds=fact.paused_seconds,
    )


_RULES: dict[type, Callable[[Fold, Any, float], None]] = {
    f.CallReceived: _received,
    f.CallQueued: _queued,
    f.WaitTold: _wait_told,
    f.NewsHeard: _news_heard,
    f.CallbackAsked: _callback_asked,
    f.CallbackTried: _callback_tried,
    f.MenuLeft: _menu_left,
    f.CaseLookedUp: _case_looked_up,
    f.CallbackLookedUp: _callback_looked_up,
    f.CallMoved: _moved,
    f.CallOverflowed: _overflowed,
    f.CallPrioritized: _prioritized,
    f.OfferMade: _offer_made,
    f.OfferAnswered: _offer_answered,
    f.OfferEnded: _offer_ended,
    f.CallScored: _scored,
    f.TalkEnded: _talk_ended,
    f.SurveyEnded: _survey_ended,
    f.VoicemailMoved: _voicemail_moved,
    f.VoicemailEnded: _voicemail_ended,
    f.CallTransferred: _transferred,
    f.ConsultEnded: _consult_ended,
    f.SetAsideEnded: _set_aside_ended,
    f.CallEnded: _ended,
    f.LedgerChecked: _ledger_checked,
    f.OperatorChanged: _operator_changed,
    f.Listened: _listened,
    f.CoverBack: _cover_back,
    f.RecordingChanged: _recording_changed,
    f.RecordingEnded: _recording_ended,
}
"""Facts about the machinery (Asterisk lost, a step failed) are for the metrics and change no
row."""
