"""When to call back: the caller chooses by keys, where the site file lets callers choose.

After key 2 the caller hears: 1 as soon as it is their turn, 2 at an hour. The hour is typed as two
digits, and said back. Only an hour in which citizens are called can be chosen (`CallbackHours`).
Whoever presses nothing, types no such hour again and again, or hangs up meanwhile is called back in
their turn. Nobody loses the place in line by this: the caller still stands there, and a free
operator ends the questions.
"""

from callcenter.core import hearing, outward, speech
from callcenter.core.commands import Exit, SendOut
from callcenter.core.facts import (
    CallbackAsked,
    CallbackHow,
    ChoiceMoved,
    ChoiceStage,
    PromptKind,
)
from callcenter.core.speech import Language
from callcenter.core.state import NEVER, Call, Choice
from callcenter.core.turn import Detail, Turn

SOON, HOUR = "1", "2"
"""Keys: as soon as it is their turn, and at an hour. The first one also says that it is right."""

SECONDS = 6.0
"""For a key, after the question."""

PLAYS = 3
"""Questions for an hour, at most."""

OR_SOON = ("callback_in_turn", "menu_press", "number_1")
OR_HOUR = ("callback_choose", "menu_press", "number_2")
NOT_THEN = ("callback_not_then",)
TYPE_IT = ("callback_hour",)


def is_asked(turn: Turn, call: Call) -> bool:
    """Whether the caller can choose an hour."""
    may = turn.state.site.callbacks.choose_hour
    return may and any(at > turn.now for _, at, _ in turn.state.callback_hours.get(call.queue, ()))


def begin(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller wants to be called back: when?"""
    if detail.in_room and call.prompt is None:
        hearing.leave_room(turn, call)
    hearing.stop(turn, call)
    _ask(turn, call, Choice(ChoiceStage.WHEN), (*OR_SOON, *OR_HOUR))


def press(turn: Turn, call: Call, choice: Choice, detail: Detail) -> None:
    """A key. One that means nothing is passed over."""
    key = detail.key
    if choice.stage is ChoiceStage.HOUR:
        if key in "0123456789":
            _digit(turn, call, choice, key)
    elif key == SOON and choice.stage is ChoiceStage.WHEN:
        take(turn, call, CallbackHow.TURN)
    elif key == SOON:
        at = _at(turn, call, choice.typed)
        take(turn, call, CallbackHow.HOUR if at else CallbackHow.TURN, at)
    elif key == HOUR:
        hearing.stop(turn, call)
        _type(turn, call, choice.plays, ())


def go_on(turn: Turn, call: Call, choice: Choice) -> None:
    """A question is over: now a key. No key came: in their turn."""
    if call.prompt is None:
        take(turn, call, CallbackHow.SILENT)
        return
    hearing.over(turn, call)
    _move(turn, call, choice, turn.now + SECONDS)


def ask_again(turn: Turn, call: Call, choice: Choice) -> None:
    """Nobody knows what plays: the question once more."""
    hearing.stop(turn, call)
    if choice.stage is ChoiceStage.RIGHT:
        _say_back(turn, call, choice)
    elif choice.stage is ChoiceStage.HOUR:
        _type(turn, call, choice.plays, ())
    else:
        _ask(turn, call, choice, (*OR_SOON, *OR_HOUR))


def take(
    turn: Turn, call: Call, how: CallbackHow, due_at: float = 0.0, *, gone: bool = False
) -> bool:
    """The place is kept, and the leg is let go, if it is not `gone`. Whether the caller can still
    be called back: who cannot any more waits on."""
    if not outward.may_ask(turn.state, call, turn.now):
        if call.choice is not None and not gone:
            hearing.stop(turn, call)
            _move(turn, call, Choice(ChoiceStage.OVER), NEVER)
        return False
    if not gone:
        hearing.stop(turn, call)
    until = max(turn.now, due_at) + turn.state.site.callbacks.expires_seconds
    asked = CallbackAsked(
        at=turn.now, call=call.id, queue=call.queue, until=until, due_at=due_at, how=how
    )
    turn.tell(asked)
    if not gone:
        turn.order(SendOut(lane=call.id, leg=call.leg, exit=Exit.CALLBACK))
    return True


def _digit(turn: Turn, call: Call, choice: Choice, key: str) -> None:
    hearing.stop(turn, call)
    typed = Choice(ChoiceStage.HOUR, choice.typed + key, choice.plays)
    if len(typed.typed) == 1:
        _move(turn, call, typed, turn.now + SECONDS)
    elif _at(turn, call, typed.typed):
        _say_back(turn, call, typed)
    else:
        _type(turn, call, choice.plays, NOT_THEN)


def _type(turn: Turn, call: Call, plays: int, before: tuple[str, ...]) -> None:
    if plays >= PLAYS:
        take(turn, call, CallbackHow.SILENT)
    else:
        _ask(turn, call, Choice(ChoiceStage.HOUR, "", plays + 1), (*before, *TYPE_IT))


def _say_back(turn: Turn, call: Call, choice: Choice) -> None:
    language = Language(hearing.language(turn, call))
    hour = int(choice.typed)
    tomorrow = any(of == hour and late for of, _, late in _hours(turn, call))
    day = "callback_tomorrow" if tomorrow else "callback_today"
    said = ("callback_at", day, *speech.clock(language, hour, 0))
    right = ("callback_right", "menu_press", "number_1")
    _ask(turn, call, Choice(ChoiceStage.RIGHT, choice.typed, choice.plays), said + right + OR_HOUR)


def _hours(turn: Turn, call: Call) -> tuple[tuple[int, float, bool], ...]:
    return turn.state.callback_hours.get(call.queue, ())


def _at(turn: Turn, call: Call, typed: str) -> float:
    """When that hour begins next; 0: nobody is called then."""
    found = (at for hour, at, _ in _hours(turn, call) if hour == int(typed) and at > turn.now)
    return next(found, 0.0)


def _ask(turn: Turn, call: Call, choice: Choice, keys: tuple[str, ...]) -> None:
    _move(turn, call, choice, NEVER)
    said = hearing.language(turn, call)
    hearing.begin(turn, call.leg, call.prompts + 1, PromptKind.CHOICE, keys, said)


def _move(turn: Turn, call: Call, choice: Choice, until: float) -> None:
    turn.tell(
        ChoiceMoved(
            at=turn.now,
            call=call.id,
            stage=choice.stage,
            typed=choice.typed,
            plays=choice.plays,
            until=until,
        )
    )
