"""Voicemail: a caller whom nobody can serve now leaves a message, which becomes a task.

It is asked for by the site: outside the hours of a queue or when it is full, after the longest
wait, by a rule for new callers, or by a key of the menu. The caller is scored when it begins, and
never as abandoned. They hear what the queue says before the tone. Then Asterisk records their own
channel, until #, silence, the longest time, or until they hang up. Asterisk does that alone, so the
message is kept although this service may be away meanwhile. When Asterisk tells the end, it is
looked whether anything can be heard (`MeasureMessage`), and the caller is told the result.

The sound is sealed and kept as that of a talk is (oversight/recordings).
"""

from callcenter.core import hearing, leaving
from callcenter.core.commands import (
    AskMessage,
    Exit,
    MeasureMessage,
    RecordMessage,
    SendOut,
)
from callcenter.core.facts import (
    CallEnded,
    PromptKind,
    VoicemailEnded,
    VoicemailMoved,
    VoicemailStage,
)
from callcenter.core.ids import CallId, LineName, QueueName
from callcenter.core.legs import CitizenLeg, RecorderLeg, Side
from callcenter.core.menu import lost_seconds
from callcenter.core.outcome import Outcome, VoicemailEnding
from callcenter.core.state import Call, State, Voicemail
from callcenter.core.turn import Detail, Turn

REASON = "voicemail"
"""The reason of `overflow`, if the caller was asked for a message."""

CHOSEN = "chosen"
"""The reason of the outcome `voicemail`, if the caller wished to leave a message. Otherwise it is
why they were not let in."""

KEY = "#"
THANKS = ("voicemail_thanks",)
SORRY = ("voicemail_failed",)

SHORTEST_SECONDS = 1.5
"""If nobody is heard for so long, it is no message."""

SLACK_SECONDS = 15.0
"""A recording counts as over so long after its longest time, if Asterisk does not tell its end."""

CHECK_SECONDS = 5.0
"""It is waited for so long for what can be heard. After that the caller is thanked."""

S, E = VoicemailStage, VoicemailEnding


def is_taken(state: State, queue: QueueName) -> bool:
    """Whether this queue takes messages now."""
    rules = state.site.queues.get(queue)
    return rules is not None and bool(rules.voicemail) and state.closing is None


def begin(
    turn: Turn, leg: CitizenLeg, line: LineName, queue: QueueName, number: int, language: str
) -> None:
    """The caller, who is scored in this turn, is asked for a message. `number`: of the playback."""
    keys = turn.state.site.queues[queue].voicemail
    until = turn.now + lost_seconds(keys)
    _tell(turn, leg, line, Voicemail(queue, S.PROMPT, turn.now), until)
    hearing.begin(turn, leg, number, PromptKind.VOICEMAIL, keys, language)


def never_left(turn: Turn, call: CallId, asked: VoicemailMoved) -> VoicemailEnded:
    """A caller who was gone before they could be asked for a message."""
    return VoicemailEnded(
        at=turn.now,
        call=call,
        line=asked.line,
        queue=asked.queue,
        number=0,
        ending=VoicemailEnding.NO_MESSAGE,
        seconds=0.0,
    )


def from_line(turn: Turn, call: Call, detail: Detail, place: int) -> None:
    """The caller stands in line and is served there no more. They are asked for a message."""
    if detail.in_room:
        hearing.leave_room(turn, call)
    hearing.cut(turn, call)
    leaving.score(turn, call, Outcome.OVERFLOW, REASON, place)
    language = hearing.language(turn, call)
    begin(turn, call.leg, call.line, call.queue, call.prompts + 1, language)


# --- rules -----------------------------------------------------------------------------------


def press(turn: Turn, call: Call, detail: Detail) -> None:
    """Who knows what is said presses # for the tone."""
    held = _held(call)
    if held.stage is S.PROMPT and detail.key == KEY:
        hearing.stop(turn, call)
        _record(turn, call, held)


def go_on(turn: Turn, call: Call, detail: Detail) -> None:
    """What is said is over: now the tone. Or the time of the present stage is spent."""
    held = _held(call)
    if held.stage is S.PROMPT:
        hearing.over(turn, call)
        _record(turn, call, held)
    elif held.stage is S.RECORDING:
        _check(turn, call, held)
    else:
        _send_out(turn, call, E.LEFT)


def recorded(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk has ended the recording, or could not begin it."""
    held = _held(call)
    if held.stage is not S.RECORDING:
        return
    if detail.failed:
        _send_out(turn, call, E.FAILED)
    else:
        _check(turn, call, held)


def measured(turn: Turn, call: Call, detail: Detail) -> None:
    """It is known what can be heard."""
    if _held(call).stage is not S.CHECKING:
        return
    if detail.seconds is None:
        _send_out(turn, call, E.FAILED)
    else:
        _send_out(turn, call, E.LEFT if detail.seconds >= SHORTEST_SECONDS else E.EMPTY)


def look_again(turn: Turn, call: Call, detail: Detail) -> None:
    """This service was away. Say again what is said before the tone, or find out how far the
    recording is."""
    held = _held(call)
    if held.stage is S.PROMPT:
        hearing.stop(turn, call)
        if not is_taken(turn.state, held.queue):  # another site file
            _record(turn, call, held)
            return
        language = hearing.language(turn, call)
        begin(turn, call.leg, call.line, held.queue, call.prompts + 1, language)
    elif held.stage is S.RECORDING:
        turn.order(AskMessage(lane=call.id, leg=leg_of(call, held.number)))
    else:
        _check(turn, call, held)


def hang_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller is gone. What was said until then is kept."""
    held = _held(call)
    if held.stage is S.CHECKING:
        ending = E.LEFT
    elif held.stage is S.RECORDING:
        ending = E.CUT if detail.loss else E.HUNG_UP
    else:
        ending = E.NO_MESSAGE
    _tell_ended(turn, call, ending, ())
    turn.tell(CallEnded(at=turn.now, call=call.id))


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted. The caller is told so."""
    hearing.cut(turn, call)
    _tell_ended(turn, call, E.CUT if call.leaves_message else E.NO_MESSAGE, ())
    turn.order(SendOut(lane=call.id, leg=call.leg, exit=Exit.RESTART))


def fail(turn: Turn, call: Call, detail: Detail) -> None:
    """A fault of ours: the caller is told that there is no message."""
    hearing.cut(turn, call)
    _send_out(turn, call, E.FAILED)


# --- pieces ----------------------------------------------------------------------------------


def leg_of(call: Call, number: int) -> RecorderLeg:
    """The name of the recording. There is no channel of that name."""
    return call.recorder(number, Side.CALLER)


def _held(call: Call) -> Voicemail:
    assert call.voicemail is not None
    return call.voicemail


def _record(turn: Turn, call: Call, held: Voicemail) -> None:
    rules = turn.state.site.voicemail
    number = max(call.recordings, call.numbers_from) + 1
    until = turn.now + rules.longest_seconds + SLACK_SECONDS
    begun = Voicemail(held.queue, S.RECORDING, turn.now, number)
    _tell(turn, call.leg, call.line, begun, until)
    turn.order(
        RecordMessage(
            lane=call.id,
            caller=call.leg,
            leg=leg_of(call, number),
            longest_seconds=rules.longest_seconds,
            silence_seconds=rules.silence_seconds,
        )
    )


def _check(turn: Turn, call: Call, held: Voicemail) -> None:
    over = Voicemail(held.queue, S.CHECKING, held.since, held.number)
    _tell(turn, call.leg, call.line, over, turn.now + CHECK_SECONDS)
    turn.order(MeasureMessage(leg=leg_of(call, held.number)))


def _tell(turn: Turn, leg: CitizenLeg, line: LineName, held: Voicemail, until: float) -> None:
    turn.tell(
        VoicemailMoved(
            at=turn.now,
            call=leg.call,
            line=line,
            queue=held.queue,
            stage=held.stage,
            number=held.number,
            until=until,
        )
    )


def _send_out(turn: Turn, call: Call, ending: VoicemailEnding) -> None:
    words = THANKS if ending is E.LEFT else SORRY
    _tell_ended(turn, call, ending, words)
    turn.order(SendOut(lane=call.id, leg=call.leg, exit=Exit.MESSAGE, keys=words))


def _tell_ended(turn: Turn, call: Call, ending: VoicemailEnding, words: tuple[str, ...]) -> None:
    held = _held(call)
    turn.tell(
        VoicemailEnded(
            at=turn.now,
            call=call.id,
            line=call.line,
            queue=held.queue,
            number=held.number,
            ending=ending,
            seconds=turn.now - held.since if held.number else 0.0,
            words=words,
        )
    )
