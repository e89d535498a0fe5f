"""Operators as people see them: the card together with the engine's state."""

import math
from enum import StrEnum

import msgspec

from callcenter.core.facts import ListenMode, ListenStage, OperatorState
from callcenter.core.ids import OperatorId
from callcenter.core.outcome import ConsultResult
from callcenter.core.recording import is_between, is_wanted, paused_until
from callcenter.core.state import NEVER, OfferState, Operator, State
from callcenter.ports.engine import RunningEngine
from callcenter.ports.people import OperatorCard
from callcenter.ports.phones import endpoint, sip_user
from callcenter.ports.quality import Verdict
from callcenter.web.operators.unread import Unread
from callcenter.web.operators.windows import Windows


class PhoneView(StrEnum):
    """Whether an operator's phone can be reached."""

    REGISTERED = "registered"  # registered, and it answers
    FIXED = "fixed"  # rung at its contact; not known to be away
    AWAY = "away"  # not registered, or it does not answer
    UNKNOWN = "unknown"  # Asterisk is not connected


class ConsultStage(StrEnum):
    """The stage of consulting a colleague."""

    RINGING = "ringing"  # the caller hears music from here on
    TALKING = "talking"  # the two operators talk
    CONFERENCE = "conference"  # all three talk
    OVER = "over"  # the caller is with the operator again; `result` says why


class RecordingShown(StrEnum):
    """Whether a talk is recorded."""

    ON = "on"
    PAUSED = "paused"  # by the operator
    FAILED = "failed"  # it should be recorded, but is not


class CallbackStage(StrEnum):
    """How far a callback is while its operator is kept for it."""

    OPERATOR = "operator"  # the operator's phone rings; then the citizen is called
    CALLING = "calling"  # the citizen is called, and the operator hears ringing
    CHECKING = "checking"  # somebody or a machine answered, and is asked for a key
    RESERVED = "reserved"  # the operator is only kept free, and is rung when the key is pressed


class ConsultView(msgspec.Struct):
    """A colleague is consulted in a talk. Both operators see the same. `result` is set when it is
    over."""

    asks: str
    colleague: str
    stage: ConsultStage
    result: ConsultResult | None


class OperatorView(msgspec.Struct):
    """An operator, now.

    `queues` are those served at present if logged in, otherwise those of the card. `wish` is what
    comes after the present call. `state_seconds`: time in this state. `until_seconds`: wrap-up or a
    short pause ends by itself after that. `call`: the call that rings, is in progress or is wrapped
    up. `open_line`: whether the phone stays up between calls; at present if logged in, otherwise as
    on the card. `skills`, with their levels, likewise. `browser`: the phone is the console's page;
    `window` says which window it is at present. `consult`: a colleague is consulted in the present
    talk, or this is that colleague. `listened`: how a supervisor takes part in the talk, if the
    site shows it ([calls] listening_is_shown); otherwise null. `help`: the operator has asked a
    supervisor for help, for `help_seconds`. `unread`: floor messages that were not read yet.
    `recording`: whether the present talk is recorded; null if it must not be.
    `recording_paused_seconds`: the pause ends by itself after that. `callback`: how far a callback
    is for which this operator is kept; null when the two are joined, and for any other call.
    `rang_elsewhere`: the phone rang just before, with those of others, and a colleague answered
    first.
    `quality`: how the line of the present call is, as the browser's phone measures; null: unknown.
    """

    operator: str
    name: str
    state: OperatorState
    reason: str
    wish: OperatorState
    queues: list[str]
    state_seconds: float
    until_seconds: float | None
    call: str | None
    open_line: bool
    skills: dict[str, int]
    sip_user: str
    has_contact: bool
    phone: PhoneView
    browser: bool
    window: str | None
    consult: ConsultView | None
    listened: ListenMode | None
    help: bool
    help_seconds: float
    unread: int
    recording: RecordingShown | None
    recording_paused_seconds: float | None
    callback: CallbackStage | None
    rang_elsewhere: bool
    quality: Verdict | None


class OperatorList(msgspec.Struct):
    """All operators who have a phone, by id."""

    operators: list[OperatorView]


def view(
    card: OperatorCard, engine: RunningEngine, windows: Windows, unread: Unread
) -> OperatorView:
    """One operator, now."""
    found = engine.state.operators.get(card.operator)
    if found is None or found.state is OperatorState.OFFLINE:
        return _offline(card, engine, windows, unread)
    now = engine.now()
    asked_at = engine.state.helps.get(card.operator)
    return OperatorView(
        operator=card.operator,
        name=card.name,
        state=found.state,
        reason=found.reason,
        wish=found.wish,
        queues=list(found.queues),
        state_seconds=round(max(0.0, now - found.since), 1),
        until_seconds=_remaining(found, now),
        call=found.call or None,
        open_line=found.open_line,
        skills=dict(found.skills),
        sip_user=sip_user(card.operator),
        has_contact=card.contact is not None,
        phone=_phone(card, engine),
        browser=card.browser_secret is not None,
        window=windows.phone_of(card.operator),
        consult=_consult(found, engine),
        listened=_listened(card, engine.state),
        help=asked_at is not None,
        help_seconds=0.0 if asked_at is None else round(max(0.0, now - asked_at), 1),
        unread=unread.of(card.operator),
        recording=recording_of(engine.state, card.operator, now),
        recording_paused_seconds=_paused_for(engine.state, card.operator, now),
        callback=callback_of(engine.state, card.operator),
        rang_elsewhere=found.rang_elsewhere,
        quality=windows.line_of(card.operator, found.call or None),
    )


def _consult(operator: Operator, engine: RunningEngine) -> ConsultView | None:
    call = engine.state.calls.get(operator.call) if operator.call else None
    if call is None or call.offer is None or call.consulted is None:
        return None
    stage = _STAGES.get(call.offer.state, ConsultStage.TALKING)
    return ConsultView(
        asks=call.offer.operator,
        colleague=call.consulted,
        stage=ConsultStage.OVER if call.consult is None else stage,
        result=call.consult_result,
    )


def _listened(card: OperatorCard, state: State) -> ListenMode | None:
    held = state.listener_of(card.operator) if state.site.listening_is_shown else None
    return held.mode if held and held.stage is ListenStage.LISTENING else None


def recording_of(state: State, operator: OperatorId, now: float) -> RecordingShown | None:
    """Whether the operator's present talk is recorded. On hold: whether it will be."""
    found = state.operators.get(operator)
    call = state.calls.get(found.call) if found and found.call else None
    if call is None or not call.talks_now:
        return None
    if call.recording is None and not is_between(state, call, now):
        return RecordingShown.FAILED if is_wanted(state, call) else None
    return RecordingShown.ON if paused_until(call, now) == NEVER else RecordingShown.PAUSED


def callback_of(state: State, operator: OperatorId) -> CallbackStage | None:
    """How far the callback is for which this operator is kept."""
    found = state.operators.get(operator)
    call = state.calls.get(found.call) if found and found.call else None
    if call is None or call.offer is None or not call.is_tried:
        return None
    if not call.offer.operator_first:
        return CallbackStage.RESERVED
    return _CALLBACK_STAGES[call.offer.state]


def _paused_for(state: State, operator: OperatorId, now: float) -> float | None:
    found = state.operators.get(operator)
    call = state.calls.get(found.call) if found and found.call else None
    until = paused_until(call, now) if call and call.talks_now else NEVER
    return None if until == NEVER else round(max(0.0, until - now), 1)


def _phone(card: OperatorCard, engine: RunningEngine) -> PhoneView:
    if not engine.state.connected:
        return PhoneView.UNKNOWN
    if endpoint(card.operator) in engine.state.away:
        return PhoneView.AWAY
    fixed = card.contact is not None and card.browser_secret is None
    return PhoneView.FIXED if fixed else PhoneView.REGISTERED


def _remaining(operator: Operator, now: float) -> float | None:
    ends = operator.until not in (0.0, math.inf)
    return round(max(0.0, operator.until - now), 1) if ends else None


def _offline(
    card: OperatorCard, engine: RunningEngine, windows: Windows, unread: Unread
) -> OperatorView:
    return OperatorView(
        operator=card.operator,
        name=card.name,
        state=OperatorState.OFFLINE,
        reason="",
        wish=OperatorState.OFFLINE,
        queues=list(card.queues),
        state_seconds=0.0,
        until_seconds=None,
        call=None,
        open_line=card.open_line,
        skills=dict(card.skills),
        sip_user=sip_user(card.operator),
        has_contact=card.contact is not None,
        phone=_phone(card, engine),
        browser=card.browser_secret is not None,
        window=windows.phone_of(card.operator),
        consult=None,
        listened=None,
        help=False,
        help_seconds=0.0,
        unread=unread.of(card.operator),
        recording=None,
        recording_paused_seconds=None,
        callback=None,
        rang_elsewhere=False,
        quality=None,
    )


_CALLBACK_STAGES = {
    OfferState.OPERATOR_RINGS: CallbackStage.OPERATOR,
    OfferState.CALLING: CallbackStage.CALLING,
    OfferState.CHECKING: CallbackStage.CHECKING,
}
_STAGES = {
    OfferState.ASKING: ConsultStage.RINGING,
    OfferState.CONFERRING: ConsultStage.CONFERENCE,
}
