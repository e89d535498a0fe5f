"""Records a talk: what the caller says, and what the caller hears, each on its own side.

A talk is recorded if the caller heard the notice of the line to its end, and the site asks for it
by line or by queue. It begins when caller and operator hear each other. The recorder hears what the
caller hears and says, and no more. Whenever the people whom the caller hears change, the recording
ends and another begins. While the caller is on hold there is none, so that neither music nor the
talk between operator and colleague is recorded. There is none either while the phone of one of the
two has the talk on hold: a person who hears music may speak as if nobody listened. A recording with
a colleague begins when the caller joins the conference, and one with a supervisor when the
supervisor barges in. So each recording has one operator. During a pause for secrets the recorder
hears nobody, and silence is recorded for that time.

Another recording must begin because the recorder's sound passes through a translator of Asterisk.
Debian's translator drops packets if their sequence number went back (dialplans/README.md), and one
side would be silent for minutes. The translator goes with the recorder's channels, so the next
recording waits until they are gone.

Asterisk makes two channels of the caller's leg (`Tap`). It records each (`Record`) when both exist,
so that the two sides begin together. Whatever goes wrong here costs the recording and never the
talk: no command of a recording is in the lane of the call. A recording that Asterisk ends during
the talk is followed by another, and so is one that is gone when Asterisk is connected again.
"""

from dataclasses import replace

from callcenter.core.commands import HangUp, Record, Silence, Tap
from callcenter.core.conversation import Conversation, Party
from callcenter.core.facts import (
    RecordingChanged,
    RecordingEnd,
    RecordingEnded,
    RecordingPauseKept,
    RecordingStage,
)
from callcenter.core.legs import Leg, RecorderLeg, Side, channel_of
from callcenter.core.state import NEVER, Call, OfferState, Recording, State
from callcenter.core.turn import Turn

START_SECONDS = 10.0
"""Time from the request until both sides are recorded. A snoop and a recording take about 20 ms
each."""

STEADY_SECONDS = 2.0
"""A recording that was cut sooner is not followed by another: the disk is full, or Asterisk cannot
record."""

PARTS_MOST = 50
"""The most recordings of one call that this service makes, in all its talks together."""

AGAIN_SECONDS = 0.5
"""Time from the end of one recording until another begins, when the channels of the first are
gone."""

SIDES = (Side.CALLER, Side.OPERATOR)
S, E = RecordingStage, RecordingEnd


def is_wanted(state: State, call: Call) -> bool:
    """Whether the talks of this call should be recorded."""
    if not call.noticed:
        return False
    line, queue = state.site.line_of_did.get(call.did), state.site.queues.get(call.queue)
    return (line is not None and line.record) or (queue is not None and queue.record)


def talk_of(call: Call) -> Conversation | None:
    """The conversation of a call in which two people talk, or talked a moment ago."""
    return call.offer.conversation if call.offer and call.offer.state in _TALKS else None


def look(turn: Turn, call: Call) -> None:
    """The conversation may have changed. Begin, change or end the recording accordingly."""
    held, hears = call.recording, _hears(call)
    if held is not None and hears != held.hears:
        end(turn, call, E.DONE)
    elif held is None and hears and turn.now >= call.record_from:
        away = call.node in turn.state.lost or _has_most(call)
        if not away and is_wanted(turn.state, call):
            _begin(turn, call)


def _has_most(call: Call) -> bool:
    return call.recordings - call.numbers_from >= PARTS_MOST


def _begin(turn: Turn, call: Call) -> None:
    assert call.operator is not None
    number = max(call.recordings, call.numbers_from) + 1
    is_paused = paused_until(call, turn.now) != NEVER  # paused in the last recording, or since then
    begun = Recording(
        number=number,
        operator=call.operator,
        stage=S.TAPPING,
        until=turn.now + START_SECONDS,
        since=turn.now,
        paused_until=call.paused_until if is_paused else NEVER,
        silent=is_paused,
        hears=_hears(call),
    )
    _tell(turn, call, begun)
    for side in SIDES:
        leg = call.recorder(number, side)
        turn.order(Tap(lane=leg, leg=leg, of=call.leg))


def tapped(turn: Turn, call: Call, held: Recording, side: Side) -> None:
    """The channel of one side exists. When both exist, recording begins."""
    ready = _with(held.ready, side)
    if len(ready) < len(SIDES):
        _tell(turn, call, replace(held, ready=ready))
        return
    _tell(turn, call, replace(held, stage=S.STARTING, ready=()))
    for each in SIDES:
        leg = call.recorder(held.number, each)
        turn.order(Record(lane=leg, leg=leg))


def started(turn: Turn, call: Call, held: Recording, side: Side) -> None:
    """One side is being recorded."""
    ready = _with(held.ready, side)
    if len(ready) < len(SIDES):
        _tell(turn, call, replace(held, ready=ready))
        return
    running = replace(held, stage=S.RUNNING, ready=ready, until=NEVER, since=turn.now)
    if running.is_paused:  # nothing was recorded before
        running = replace(running, paused_since=turn.now)
    _tell(turn, call, running)
    if held.silent:
        _order_silence(turn, call, held.number, on=True)


def pause(turn: Turn, call: Call, held: Recording) -> None:
    """Pause: nothing of the secrets is recorded. The pause ends by itself after a while."""
    if not held.is_paused:
        until = turn.now + turn.state.site.recordings.pause_seconds
        _silence(turn, call, replace(held, paused_until=until, paused_since=turn.now, silent=True))


def resume(turn: Turn, call: Call, held: Recording) -> None:
    """The pause is over."""
    if held.is_paused:
        _silence(turn, call, replace(_resumed(held, turn.now), silent=False))


def is_between(state: State, call: Call, now: float) -> bool:
    """Whether there is no recording only because the caller is on hold, or because the next one is
    about to begin."""
    waits = (
        call.recording is None
        and call.talks_now
        and call.recordings - call.numbers_from < PARTS_MOST
    )
    return waits and is_wanted(state, call) and (not _hears(call) or now < call.record_from)


def paused_until(call: Call, now: float) -> float:
    """The time at which the operator's pause ends by itself; NEVER: there is no pause."""
    if call.recording is not None:
        return call.recording.paused_until
    return call.paused_until if now < call.paused_until else NEVER


def keep_pause(turn: Turn, call: Call, *, on: bool) -> None:
    """The operator paused or resumed while no recording runs."""
    if on is (paused_until(call, turn.now) == NEVER):
        until = turn.now + turn.state.site.recordings.pause_seconds if on else 0.0
        turn.tell(RecordingPauseKept(at=turn.now, call=call.id, until=until))


def cut(turn: Turn, call: Call, held: Recording) -> None:
    """One of the two sides is gone, and the talk goes on."""
    if call.loss is not None:
        return  # the caller's leg ends, too: the talk is over in a moment
    runs = held.stage is S.RUNNING
    is_followed = runs and turn.now - held.since >= STEADY_SECONDS
    end(turn, call, E.CUT if runs else E.FAILED, is_followed=is_followed)


def seen_again(turn: Turn, call: Call, held: Recording, there: set[Leg]) -> None:
    """Asterisk is connected again. If both sides are still recorded, the recording goes on.
    Asterisk is told again whether to record silence."""
    legs = [call.recorder(held.number, side) for side in SIDES]
    if held.stage is S.RUNNING and all(leg in there for leg in legs):
        _order_silence(turn, call, held.number, on=held.silent)
    else:
        end(turn, call, E.AWAY)


def is_ours(call: Call, leg: RecorderLeg) -> bool:
    """Whether this leg records one side of the present recording."""
    held = call.recording
    return held is not None and leg == call.recorder(held.number, leg.side)


def end(turn: Turn, call: Call, how: RecordingEnd, *, is_followed: bool = True) -> None:
    """End the recording. Another one can begin if they talk on."""
    held = call.recording
    if held is None:
        return
    runs = held.stage is S.RUNNING
    if how is E.DONE and not runs:
        how = E.TOO_SHORT
    over = _resumed(held, turn.now)
    turn.tell(
        RecordingEnded(
            at=turn.now,
            call=call.id,
            number=held.number,
            line=call.line,
            queue=call.queue,
            operator=held.operator,
            end=how,
            seconds=turn.now - held.since if runs else 0.0,
            paused_seconds=over.paused_seconds if runs else 0.0,
            next_from=turn.now + AGAIN_SECONDS if is_followed else 0.0,
        )
    )
    for side in SIDES:
        leg = call.recorder(held.number, side)
        turn.order(HangUp(lane=leg, leg=leg))


def _silence(turn: Turn, call: Call, after: Recording) -> None:
    _tell(turn, call, after)
    if after.stage is S.RUNNING:
        _order_silence(turn, call, after.number, on=after.silent)


def _hears(call: Call) -> tuple[Party, ...]:
    """The parties that the caller hears in the talk."""
    talk = talk_of(call)
    if talk is None or is_held_by_phone(call):
        return ()
    return tuple(sorted(talk.heard_by(Party.CALLER)))


def is_held_by_phone(call: Call) -> bool:
    """Whether the phone of one of the two has the talk on hold."""
    if not call.held_legs or call.offer is None:
        return False
    return any(channel_of(leg) in call.held_legs for leg in (call.leg, call.offer.leg))


def _order_silence(turn: Turn, call: Call, number: int, *, on: bool) -> None:
    for side in SIDES:
        leg = call.recorder(number, side)
        turn.order(Silence(lane=leg, leg=leg, on=on))


def _resumed(held: Recording, now: float) -> Recording:
    if not held.is_paused:
        return held
    paused = held.paused_seconds + (now - held.paused_since if held.stage is S.RUNNING else 0.0)
    return replace(held, paused_until=NEVER, paused_since=0.0, paused_seconds=paused)


def _with(ready: tuple[Side, ...], side: Side) -> tuple[Side, ...]:
    return tuple(each for each in SIDES if each in ready or each is side)


def _tell(turn: Turn, call: Call, held: Recording) -> None:
    turn.tell(
        RecordingChanged(
            at=turn.now,
            call=call.id,
            number=held.number,
            line=call.line,
            queue=call.queue,
            operator=held.operator,
            stage=held.stage,
            until=0.0 if held.until == NEVER else held.until,
            since=held.since,
            ready=held.ready,
            silent=held.silent,
            paused_until=held.paused_until if held.is_paused else 0.0,
            paused_seconds=held.paused_seconds,
            paused_since=held.paused_since,
            hears=held.hears,
        )
    )


_TALKS = (
    OfferState.TALKING,
    OfferState.ASKING,
    OfferState.CONSULTING,
    OfferState.RETAKING,
    OfferState.CONFERRING,
    OfferState.ENDING,
)
