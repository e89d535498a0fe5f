"""Recordings: their legs, their pauses, and changes of who hears whom."""

from collections.abc import Callable

from callcenter.core import recording as recordings
from callcenter.core.call import OnCall
from callcenter.core.commands import HangUp
from callcenter.core.events import (
    HoldPressed,
    MessageMeasured,
    RecorderEnded,
    RecordingPauseAsked,
    RecordingStarted,
    SnapshotTaken,
    TapStarted,
)
from callcenter.core.facts import LegHeld, RecordingEnd, RecordingStage, StepFailed
from callcenter.core.handlers import find
from callcenter.core.legs import (
    BackLeg,
    CallerLeg,
    CitizenLeg,
    Leg,
    LineLeg,
    OfferLeg,
    OperatorLeg,
    RecorderLeg,
    SpyLeg,
    channel_of,
)
from callcenter.core.state import Call, Recording
from callcenter.core.turn import Detail, Turn
from callcenter.core.work import Work


def _recorded(work: Work, leg: RecorderLeg, stage: RecordingStage | None = None) -> Call | None:
    """The call whose present recording has this leg. If a stage is given, the recording must be in
    it."""
    call = work.state.calls.get(leg.call)
    if call is None or call.recording is None or not recordings.is_ours(call, leg):
        return None
    return call if stage in (None, call.recording.stage) else None


def _do(
    work: Work, rule: Callable[..., None], call: Call | None, now: float, *more: object
) -> None:
    """Run a rule of the recording. If it fails, the recording is lost and the fault is counted, but
    the talk goes on."""
    if call is not None and call.recording is not None:
        work.run(rule, now, call, call.recording, *more)


def tap_started(work: Work, event: TapStarted, now: float) -> None:
    if call := _recorded(work, event.leg, RecordingStage.TAPPING):
        _do(work, recordings.tapped, call, now, event.leg.side)
    elif _recorded(work, event.leg) is None:
        work.order(HangUp(lane=event.leg, leg=event.leg))


def started(work: Work, event: RecordingStarted, now: float) -> None:
    call = _recorded(work, event.leg, RecordingStage.STARTING)
    _do(work, recordings.started, call, now, event.leg.side)


def ended(work: Work, event: RecorderEnded, now: float) -> None:
    message = _message(work, event.leg)
    if message is not None:
        work.call(message, OnCall.RECORDED, now, Detail(failed=event.failed))
        return
    call = _recorded(work, event.leg)
    if call is None or call.recording is None or call.node in work.state.lost:
        return
    _do(work, recordings.cut, call, now)


def measured(work: Work, event: MessageMeasured, now: float) -> None:
    message = _message(work, event.leg)
    if message is not None:
        work.call(message, OnCall.MEASURED, now, Detail(seconds=event.seconds))


def _message(work: Work, leg: RecorderLeg) -> Call | None:
    """The call whose caller leaves the message of this name."""
    call = work.state.calls.get(leg.call)
    held = call.voicemail if call else None
    return call if held and held.number == leg.number else None


def hold_pressed(work: Work, event: HoldPressed, now: float) -> None:
    """A phone put the talk on hold by its own key, or took it back. Some phones say so with every
    re-INVITE; only a change is told."""
    call, leg = _call_at(work, event.leg), channel_of(event.leg)
    if call is not None and (leg in call.held_legs) is not event.on:
        work.tell(LegHeld(at=now, call=call.id, leg=leg, on=event.on))
        work.changed_talks.add(call.id)


def _call_at(work: Work, leg: CitizenLeg | OperatorLeg) -> Call | None:
    """The call in which this leg is now, the citizen's or the operator's."""
    state = work.state
    match leg:
        case CallerLeg(call=name) | BackLeg(call=name):
            call = state.calls.get(name)
            return call if call and call.leg == leg else None
        case LineLeg():
            operator = find.line(state, leg)
            return state.calls.get(operator.call) if operator and operator.call else None
        case OfferLeg(offer=offer):
            return find.current(state, offer)
        case SpyLeg():
            return find.taken_over(state, leg)


def pause_asked(work: Work, event: RecordingPauseAsked, now: float) -> None:
    call = work.state.calls.get(event.call)
    if call is None or call.operator != event.operator:
        return
    if call.recording is not None:
        _do(work, recordings.pause if event.on else recordings.resume, call, now)
    elif recordings.is_between(work.state, call, now):
        work.run(recordings.keep_pause, now, call, on=event.on)


def time_is_over(work: Work, call: Call, held: Recording, now: float) -> None:
    if held.until <= now:
        _do(work, _failed_recording, call, now)
    else:
        _do(work, recordings.resume, call, now)


def seen(work: Work, event: SnapshotTaken, now: float) -> None:
    there: set[Leg] = {seen.leg for seen in event.legs if seen.in_app}
    for call in list(work.state.calls.values()):
        if call.node != event.node:
            continue
        if call.recording is not None:
            _do(work, recordings.seen_again, call, now, there)
        if call.noticed and call.talks_now:
            work.changed_talks.add(call.id)


def look(work: Work, now: float) -> None:
    """Adapt the recordings to talks in which who hears whom has changed."""
    changed_talks, work.changed_talks = work.changed_talks, set()
    for name in sorted(changed_talks):
        call = work.state.calls.get(name)
        if call is None or not (call.noticed or call.recording):
            continue
        turn = Turn(work.state, now)
        try:
            recordings.look(turn, call)
        except Exception as error:  # noqa: BLE001 - the supervisor of rules, counted
            turn = Turn(work.state, now)
            told = type(error).__name__
            turn.tell(StepFailed(at=now, event="recording", error=told, call=call.id))
        work.take(turn)


def _failed_recording(turn: Turn, call: Call, held: Recording) -> None:
    """Asterisk did not begin the recording in time."""
    recordings.end(turn, call, RecordingEnd.FAILED, is_followed=False)
