"""The menu as a state of a call: callers of a line with a menu go through it before the queue.

They hear the recording notice (to its end), then the greeting and the first question together, and
press keys. menu.py says what follows. They do not stand in line yet. So a caller who hangs up here
counts as `ivr_ended`, not as an abandoned call, or as `looked_up`, if the state of a case or of a
callback was told before. Each moment has a limit: a caller who does nothing gets into the queue of
the line, at the place of the arrival.
"""

from dataclasses import replace
from typing import assert_never

from callcenter.core import (
    callback_lookup,
    callback_states,
    case_states,
    entry,
    hearing,
    leaving,
    voicemail,
)
from callcenter.core.case_states import CaseAnswer
from callcenter.core.commands import AskCaseState, Exit, SendOut, SpeakLanguage
from callcenter.core.facts import (
    CallbackLookedUp,
    CallEnded,
    CallQueued,
    CallScored,
    CaseLookedUp,
    MenuEnding,
    MenuEntered,
    MenuLeft,
    MenuMoved,
    PromptKind,
)
from callcenter.core.hearing import LANGUAGE
from callcenter.core.legs import CallerLeg, CitizenLeg
from callcenter.core.menu import (
    PERSON,
    Ask,
    CallbackStep,
    CaseStep,
    Look,
    Menu,
    Moved,
    OnMenu,
    Place,
    Play,
    Stage,
    Stop,
    Tell,
    again,
    enter,
    is_place_of,
    looked,
    lost_seconds,
    move,
)
from callcenter.core.outcome import Outcome, Rejection
from callcenter.core.site import Line
from callcenter.core.speech import Language
from callcenter.core.state import Call
from callcenter.core.turn import Detail, Turn


def begin(turn: Turn, leg: CallerLeg, line: Line, menu: Menu) -> None:
    """A new caller of a line with a menu begins the menu."""
    turn.tell(MenuEntered(at=turn.now, call=leg.call))
    if line.notice:
        hearing.begin(turn, leg, 1, PromptKind.NOTICE, line.notice, line.language)
    else:
        _ask(turn, leg, enter(menu), 1, line.language, line.greeting)


# --- rules -----------------------------------------------------------------------------------


def press(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller pressed a key. During the notice it is ignored."""
    if call.place is not None:
        _happens(turn, call, OnMenu.KEY, detail.key)


def played(turn: Turn, call: Call, detail: Detail) -> None:
    """The notice or the question is over."""
    _happens(turn, call, OnMenu.PLAYED)


def time_spent(turn: Turn, call: Call, detail: Detail) -> None:
    """No key came, or Asterisk did not tell that the prompt is over."""
    _happens(turn, call, OnMenu.TIME)


def answered(turn: Turn, call: Call, detail: Detail) -> None:
    """How far the case is that the caller asks for, or why that cannot be said."""
    place, answer = call.place, detail.answer
    if answer is None or place is None or place.stage is not Stage.ASKED:
        return
    if place.asked == detail.asked:
        _happens(turn, call, OnMenu.ANSWER, answer=answer)


def ask_again(turn: Turn, call: Call, detail: Detail) -> None:
    """It is unknown what plays. Play the notice or the question again."""
    line, menu = _line(turn, call)
    if line is None or menu is None or (call.place and not is_place_of(menu, call.place)):
        _leave(turn, call, call.place, MenuEnding.NOTHING)
    elif call.place is None and line.notice:
        hearing.repeat(turn, call)
    elif call.place is None:
        hearing.stop(turn, call)
        _begin_asking(turn, call, line, menu)
    elif (moved := again(menu, call.place)).orders:
        hearing.stop(turn, call)
        _take(turn, call, moved, hearing.language(turn, call))


def hang_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller hung up, and was never offered to a queue."""
    ending = MenuEnding.CUT if detail.loss else MenuEnding.LEFT
    _tell_left(turn, call, call.place, ending)
    _score(turn, call, call.place, detail.loss or "")
    turn.tell(CallEnded(at=turn.now, call=call.id))


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted. The caller is told so."""
    hearing.cut(turn, call)
    _tell_left(turn, call, call.place, MenuEnding.CUT)
    if call.place and call.place.found:
        _score(turn, call, call.place, Exit.RESTART.value)
        turn.order(SendOut(lane=call.id, leg=call.leg, exit=Exit.RESTART))
        return
    entry.reject(turn, call.leg, call.line, call.arrived_at, Rejection.RESTART)


def fail(turn: Turn, call: Call, detail: Detail) -> None:
    """A fault of ours: send the caller to the lifeboat. It counts as a call that was offered and
    lost."""
    hearing.cut(turn, call)
    _tell_left(turn, call, call.place, MenuEnding.CUT)
    line, _ = _line(turn, call)
    queue = line.queue if line else next(iter(turn.state.site.queues))
    waiting, priority = turn.state.queue(queue).present + 1, line.priority if line else 0
    turn.tell(
        CallQueued(at=turn.now, call=call.id, queue=queue, priority=priority, waiting=waiting),
        CallScored(
            at=turn.now,
            call=call.id,
            line=call.line,
            queue=queue,
            outcome=Outcome.FAILED,
            reason=Exit.ERROR.value,
            wait_seconds=turn.now - call.arrived_at,
            queue_wait_seconds=0.0,
            place=0,
        ),
    )
    turn.order(SendOut(lane=call.id, leg=call.leg, exit=Exit.ERROR))


# --- pieces ----------------------------------------------------------------------------------


def _line(turn: Turn, call: Call) -> tuple[Line | None, Menu | None]:
    line = hearing.line_of(turn, call)
    return line, line.menu if line else None


def _happens(
    turn: Turn, call: Call, what: OnMenu, key: str = "", answer: CaseAnswer | None = None
) -> None:
    line, menu = _line(turn, call)
    if line is None or menu is None or (call.place and not is_place_of(menu, call.place)):
        _leave(turn, call, call.place, MenuEnding.NOTHING)  # the site has no such menu any more
        return
    if what is not OnMenu.KEY:
        hearing.over(turn, call)
    if call.place is None:
        _begin_asking(turn, call, line, menu)
        return
    before = replace(call.place, answer=answer) if answer else call.place
    moved = move(menu, before, what, key)
    if moved.place.answer is not None and moved.place.answer is not call.place.answer:
        word = moved.place.answer.word
        turn.tell(CaseLookedUp(at=turn.now, call=call.id, line=call.line, word=word))
    if moved.place.stage is Stage.SERVED:
        _serve(turn, call, moved.place)
    elif moved.place.stage is Stage.ENDED:
        _leave(turn, call, moved.place, _ending(menu, call.place, what, key))
    elif moved.place != call.place or moved.orders:
        if what is OnMenu.KEY:
            hearing.stop(turn, call)
        _turn_to_language(turn, call, moved.place)
        _take(turn, call, moved, _language(moved.place, line))


def _begin_asking(turn: Turn, call: Call, line: Line, menu: Menu) -> None:
    _ask(turn, call.leg, enter(menu), call.prompts + 1, line.language, line.greeting)


def _take(turn: Turn, call: Call, moved: Moved, language: str) -> None:
    """The caller is there now, and what follows is done."""
    place = moved.place
    seconds = place.seconds or 0.0
    for order in moved.orders:
        match order:
            case Play():
                _ask(turn, call.leg, moved, call.prompts + 1, language)
                return
            case Tell(prompts=prompts):
                assert place.answer is not None
                keys = (*case_states.words(Language(language), place.answer), *prompts)
                number = call.prompts + 1
                hearing.begin(turn, call.leg, number, PromptKind.QUESTION, keys, language, seconds)
            case Ask():
                _ask_state(turn, call, place)
            case Look(cancel=cancel):
                place = _tell_callback(turn, call, place, language, cancel=cancel)
                seconds = place.seconds or 0.0
            case Stop():
                pass  # by `_happens`
            case _:
                assert_never(order)
    turn.tell(MenuMoved(at=turn.now, call=call.id, place=place, until=turn.now + seconds))


def _tell_callback(turn: Turn, call: Call, place: Place, language: str, *, cancel: bool) -> Place:
    """Tell the state of the callback to the caller's number, which is cancelled before if the
    caller wants that."""
    state = turn.state
    pending = callback_lookup.pending(state, call.caller) if cancel else None
    if pending is not None:
        entry.end_callback(turn, pending, "cancelled")
        answer = callback_states.CANCELLED
    else:
        answer = callback_lookup.of_number(state, call.caller, turn.now)
    turn.tell(CallbackLookedUp(at=turn.now, call=call.id, line=call.line, word=answer.word))
    place = looked(place, is_state=answer.is_state, is_open=answer.is_open)
    keys = callback_states.words(Language(language), answer)
    after = callback_states.AFTER_OPEN if answer.is_open else callback_states.AFTER
    keys += after if answer.is_state else ("transfer",)
    seconds = place.seconds or 0.0
    hearing.begin(turn, call.leg, call.prompts + 1, PromptKind.QUESTION, keys, language, seconds)
    return place


def _ask_state(turn: Turn, call: Call, place: Place) -> None:
    turn.order(
        AskCaseState(call=call.id, asked=place.asked, number=place.digits, caller=call.caller)
    )


def _ask(
    turn: Turn,
    leg: CitizenLeg,
    moved: Moved,
    number: int,
    language: str,
    greeting: tuple[str, ...] = (),
) -> None:
    """The caller is there now, and hears these prompts."""
    seconds = moved.place.seconds or 0.0
    for order in moved.orders:
        if isinstance(order, Play):
            keys = (*greeting, *order.prompts)
            seconds = lost_seconds(keys) if greeting else seconds
            hearing.begin(turn, leg, number, PromptKind.QUESTION, keys, language, seconds)
    turn.tell(MenuMoved(at=turn.now, call=leg.call, place=moved.place, until=turn.now + seconds))


def _ending(menu: Menu, place: Place, what: OnMenu, key: str) -> MenuEnding:
    step = menu.steps[place.step]
    if isinstance(step, CaseStep | CallbackStep):
        return MenuEnding.PERSON if what is OnMenu.KEY else MenuEnding.NOTHING
    if what is OnMenu.KEY and key == PERSON:
        return MenuEnding.PERSON
    chosen = what is OnMenu.KEY and key in step.choices
    return MenuEnding.CHOSEN if chosen else MenuEnding.NOTHING


def _serve(turn: Turn, call: Call, place: Place) -> None:
    """All was said: the caller is hung up on."""
    _tell_left(turn, call, place, MenuEnding.SERVED)
    _score(turn, call, place, "")
    leaving.hang_up_caller(turn, call)


def _score(turn: Turn, call: Call, place: Place | None, why: str) -> None:
    outcome = Outcome.LOOKED_UP if place and place.found else Outcome.IVR_ENDED
    entry.never_offered(turn, call.leg, call.line, call.arrived_at, outcome, why)


def _leave(turn: Turn, call: Call, place: Place | None, ending: MenuEnding) -> None:
    """Send the caller to the queue that was chosen, or that of the caller's area, or that of the
    line."""
    hearing.stop(turn, call)
    if place is not None:
        _turn_to_language(turn, call, place)
    _tell_left(turn, call, place, ending)
    line, _ = _line(turn, call)
    if line is None:
        entry.reject(turn, call.leg, call.line, call.arrived_at, Rejection.UNKNOWN_NUMBER)
        return
    chosen = place.queue if place else None
    if chosen is None or chosen not in turn.state.site.queues:
        chosen = line.own_queue(call.caller)
    priority = max(line.priority, place.priority if place else 0)
    needs = place.needs if place else ()
    language = _language(place, line) if place else ""
    if place and place.voicemail and voicemail.is_taken(turn.state, chosen):
        arrived_at, why = call.arrived_at, voicemail.CHOSEN
        entry.take_message(turn, call.leg, line, chosen, arrived_at, why, language)
        return
    entry.let_in(
        *(turn, call.leg, line, chosen, call.arrived_at, priority, call.caller, needs),
        language=language,
    )


def _tell_left(turn: Turn, call: Call, place: Place | None, ending: MenuEnding) -> None:
    turn.tell(
        MenuLeft(
            at=turn.now,
            call=call.id,
            line=call.line,
            ending=ending,
            says=place.says if place else {},
            path=place.path if place else (),
            queue=(place.queue if place else None) or "",
            seconds=turn.now - call.menu_since,
        )
    )


def _language(place: Place, line: Line) -> str:
    return place.says.get(LANGUAGE) or line.language


def _turn_to_language(turn: Turn, call: Call, place: Place) -> None:
    """The dial plan's own messages must be in the chosen language, too."""
    line, _ = _line(turn, call)
    before = hearing.language(turn, call)
    now = _language(place, line) if line else before
    if now != before:
        turn.order(SpeakLanguage(lane=call.id, caller=call.leg, language=now))
