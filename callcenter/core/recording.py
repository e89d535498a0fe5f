"""A talk that is recorded: what the caller says, and what the caller hears, each on its own side.

Recorded is the talk of a caller who heard the notice of the line to its end, where the site asks
for it by line or by queue. It begins when caller and operator hear each other and ends with their
talk, so that each talk of a call is a recording of its own, with one operator. The recorder hears
what the caller hears and says, and no more: while the caller is on hold it hears nobody, so that
neither music nor what operator and colleague say among themselves is kept; a colleague is heard
when the caller is taken in, a supervisor where they barge in. During a pause for secrets it hears
nobody either. The time that passes meanwhile is kept as silence.

Asterisk makes two channels of the caller's leg (`Tap`), and keeps the sound of each (`Record`) when
both are there, so that the two sides begin together. Whatever goes wrong here costs the recording
and never the talk: no command of a recording is in the lane of the call. One that Asterisk ends in
mid-talk is followed by another, and so is one that is gone when Asterisk is connected again.
"""

from dataclasses import replace

from callcenter.core.commands import HangUp, Record, Silence, Tap
from callcenter.core.conversation import Conversation, Party
from callcenter.core.facts import RecordingChanged, RecordingEnd, RecordingEnded, RecordingStage
from callcenter.core.legs import Leg, RecorderLeg, Side
from callcenter.core.state import NEVER, Call, OfferState, Recording, State
from callcenter.core.turn import Turn

START_SECONDS = 10.0
"""From the request until both sides are kept; a snoop and a recording take some 20 ms each."""

STEADY_SECONDS = 2.0
"""One that was cut sooner is not followed by another: the disk is full, or Asterisk cannot."""

PARTS_MOST = 20
"""Recordings of one call, all its talks together."""

SIDES = (Side.CALLER, Side.OPERATOR)
S, E = RecordingStage, RecordingEnd


def is_wanted(state: State, call: Call) -> bool:
    """Whether the talks of this call are to be recorded."""
    if not call.noticed:
        return False
    line, queue = state.site.line_of_did.get(call.did), state.site.queues.get(call.queue)
    return (line is not None and line.record) or (queue is not None and queue.record)


def talk_of(call: Call) -> Conversation | None:
    """The conversation of a call in which two talk, or talked a moment ago."""
    return call.offer.conversation if call.offer and call.offer.state in _TALKS else None


def look(turn: Turn, call: Call) -> None:
    """The conversation may have changed: what does that mean for the recording?"""
    held, talk = call.recording, talk_of(call)
    if held is None:
        if talk is not None and call.recordings < PARTS_MOST and is_wanted(turn.state, call):
            _begin(turn, call)
    elif talk is None:
        end(turn, call, E.DONE)
    else:
        _silence(turn, call, held)


def _begin(turn: Turn, call: Call) -> None:
    assert call.operator is not None
    number = call.recordings + 1
    is_paused = turn.now < call.paused_until < NEVER  # when the one before was cut
    begun = Recording(
        number=number,
        operator=call.operator,
        stage=S.TAPPING,
        until=turn.now + START_SECONDS,
        since=turn.now,
        paused_until=call.paused_until if is_paused else NEVER,
    )
    _tell(turn, call, replace(begun, silent=_is_silent(call, begun)))
    for side in SIDES:
        leg = call.recorder(number, side)
        turn.order(Tap(lane=leg, leg=leg, of=call.leg))


def tapped(turn: Turn, call: Call, held: Recording, side: Side) -> None:
    """What goes one way can be kept; when both can, it begins."""
    ready = _with(held.ready, side)
    if len(ready) < len(SIDES):
        _tell(turn, call, replace(held, ready=ready))
        return
    _tell(turn, call, replace(held, stage=S.STARTING, ready=()))
    for each in SIDES:
        leg = call.recorder(held.number, each)
        turn.order(Record(lane=leg, leg=leg))


def started(turn: Turn, call: Call, held: Recording, side: Side) -> None:
    """One side is being kept."""
    ready = _with(held.ready, side)
    if len(ready) < len(SIDES):
        _tell(turn, call, replace(held, ready=ready))
        return
    running = replace(held, stage=S.RUNNING, ready=ready, until=NEVER, since=turn.now)
    if running.is_paused:  # nothing was kept before
        running = replace(running, paused_since=turn.now)
    _tell(turn, call, running)
    if held.silent:
        _order_silence(turn, call, held.number, on=True)


def pause(turn: Turn, call: Call, held: Recording) -> None:
    """Secrets come: nothing of them is kept. It goes on by itself after a while."""
    if not held.is_paused:
        until = turn.now + turn.state.site.recordings.pause_seconds
        _silence(turn, call, replace(held, paused_until=until, paused_since=turn.now), told=held)


def resume(turn: Turn, call: Call, held: Recording) -> None:
    """The pause is over."""
    if held.is_paused:
        _silence(turn, call, _resumed(held, turn.now), told=held)


def cut(turn: Turn, call: Call, held: Recording) -> None:
    """One of the two sides is gone, and the talk goes on."""
    if call.loss is not None:
        return  # the caller's leg is going, too: the talk is over in a moment
    end(turn, call, E.CUT if held.stage is S.RUNNING else E.FAILED)


def is_followed(held: Recording, now: float) -> bool:
    """Whether another recording is begun after this one, which Asterisk ended."""
    return held.stage is S.RUNNING and now - held.since >= STEADY_SECONDS


def seen_again(turn: Turn, call: Call, held: Recording, there: set[Leg]) -> None:
    """Asterisk is connected anew. If both sides are being kept it goes on; whether it was silent is
    said again."""
    legs = [call.recorder(held.number, side) for side in SIDES]
    if held.stage is S.RUNNING and all(leg in there for leg in legs):
        _order_silence(turn, call, held.number, on=held.silent)
    else:
        end(turn, call, E.AWAY)


def is_ours(call: Call, leg: RecorderLeg) -> bool:
    """Whether this leg keeps one side of the present recording."""
    held = call.recording
    return held is not None and leg == call.recorder(held.number, leg.side)


def end(turn: Turn, call: Call, how: RecordingEnd) -> None:
    """Nothing more is kept."""
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
        )
    )
    for side in SIDES:
        leg = call.recorder(held.number, side)
        turn.order(HangUp(lane=leg, leg=leg))


def _silence(turn: Turn, call: Call, held: Recording, told: Recording | None = None) -> None:
    """`told`: as it was told of before; None: as it is."""
    before = told or held
    after = replace(held, silent=_is_silent(call, held))
    if after != before:
        _tell(turn, call, after)
    if after.silent is not before.silent and after.stage is S.RUNNING:
        _order_silence(turn, call, after.number, on=after.silent)


def _is_silent(call: Call, held: Recording) -> bool:
    talk = talk_of(call)
    return held.is_paused or talk is None or not talk.heard_by(Party.CALLER)


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
