"""The survey: callers who were served are asked how it was, and press a key from 1 to 5.

It begins when the operator ends the talk on a line with `survey`, at the phone or at the console.
For the records the talk is over at that moment, and the operator wraps up. A caller who presses
nothing or hangs up ends as any caller does. Nobody is asked more than `PLAYS` times.
"""

from callcenter.core import hearing, leaving
from callcenter.core.facts import CallEnded, PromptKind, SurveyEnded, SurveyEnding, SurveyMoved
from callcenter.core.ids import OperatorId
from callcenter.core.menu import lost_seconds
from callcenter.core.state import Call
from callcenter.core.turn import Detail, Turn

QUESTION = ("survey_question",)
THANKS = ("survey_thanks",)
KEYS = frozenset("12345")
PLAYS = 2
SECONDS = 5.0
"""Time for a key after the question."""


def is_asked(turn: Turn, call: Call) -> bool:
    """Whether the caller gets the survey when the operator ends the talk."""
    line = hearing.line_of(turn, call)
    return line is not None and line.survey and turn.state.closing is None and call.loss is None


def begin(turn: Turn, call: Call, operator: OperatorId) -> None:
    """The talk with this operator is over. Play the first question."""
    _ask(turn, call, operator, 1)


# --- rules -----------------------------------------------------------------------------------


def press(turn: Turn, call: Call, detail: Detail) -> None:
    """A key from 1 to 5 is the answer. The first one counts."""
    assert call.survey is not None
    if call.survey.score or detail.key not in KEYS:
        return
    hearing.stop(turn, call)
    _play(turn, call, call.survey.operator, THANKS, call.survey.plays, int(detail.key))


def go_on(turn: Turn, call: Call, detail: Detail) -> None:
    """The question is over: wait for a key. If no key came, ask again. After the thanks, end."""
    held = call.survey
    assert held is not None
    played = call.prompt is not None
    hearing.over(turn, call)
    if held.score or (not played and held.plays >= PLAYS):
        _end(turn, call, SurveyEnding.ANSWERED if held.score else SurveyEnding.SILENT)
    elif played:
        _tell(turn, call, held.operator, held.plays, 0, turn.now + SECONDS)
    else:
        _ask(turn, call, held.operator, held.plays + 1)


def ask_again(turn: Turn, call: Call, detail: Detail) -> None:
    """It is unknown what plays. Play the question again, or end."""
    assert call.survey is not None
    hearing.stop(turn, call)
    if call.survey.score:
        _end(turn, call, SurveyEnding.ANSWERED)
    else:
        _ask(turn, call, call.survey.operator, call.survey.plays)


def hang_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller is gone, with or without an answer."""
    _tell_ended(turn, call, SurveyEnding.CUT if detail.loss else SurveyEnding.LEFT)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted, or a fault of ours. The caller was served, and is hung up."""
    hearing.cut(turn, call)
    _end(turn, call, SurveyEnding.CUT)


# --- pieces ----------------------------------------------------------------------------------


def _ask(turn: Turn, call: Call, operator: OperatorId, plays: int) -> None:
    _play(turn, call, operator, QUESTION, plays, 0)


def _play(
    turn: Turn, call: Call, operator: OperatorId, keys: tuple[str, ...], plays: int, score: int
) -> None:
    _tell(turn, call, operator, plays, score, turn.now + lost_seconds(keys))
    language = hearing.language(turn, call)
    hearing.begin(turn, call.leg, call.prompts + 1, PromptKind.SURVEY, keys, language)


def _tell(
    turn: Turn, call: Call, operator: OperatorId, plays: int, score: int, until: float
) -> None:
    turn.tell(
        SurveyMoved(
            at=turn.now, call=call.id, operator=operator, plays=plays, score=score, until=until
        )
    )


def _tell_ended(turn: Turn, call: Call, ending: SurveyEnding) -> None:
    held = call.survey
    assert held is not None
    turn.tell(
        SurveyEnded(
            at=turn.now,
            call=call.id,
            line=call.line,
            queue=call.queue,
            operator=held.operator,
            score=held.score,
            ending=SurveyEnding.ANSWERED if held.score else ending,
            seconds=turn.now - held.since,
        )
    )


def _end(turn: Turn, call: Call, ending: SurveyEnding) -> None:
    _tell_ended(turn, call, ending)
    leaving.hang_up_caller(turn, call)
