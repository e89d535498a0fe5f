"""The menu as a state of a call: callers of a line with a menu go through it before the queue.

They hear the recording notice (to its end), then the greeting and the first question together, and
press keys. menu.py says what follows. They do not stand in line yet. So a caller who hangs up here
counts as `ivr_ended`, not as an abandoned call. Each moment has a limit: a caller who does nothing
gets into the queue of the line, at the place of the arrival.
"""

from callcenter.core import entry, hearing
from callcenter.core.commands import Exit, SendOut, SpeakLanguage
from callcenter.core.facts import (
    CallEnded,
    CallQueued,
    CallScored,
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
    Menu,
    Moved,
    OnMenu,
    Place,
    Play,
    Stage,
    enter,
    lost_seconds,
    move,
)
from callcenter.core.outcome import Outcome, Rejection
from callcenter.core.site import Line
from callcenter.core.state import Call
from callcenter.core.turn import Detail, Turn


def begin(turn: Turn, leg: CallerLeg, line: Line, menu: Menu) -> None:
    """A new caller of a line with a menu begins the menu."""
    turn.tell(MenuEntered(at=turn.now, call=leg.call))
    if line.notice:
        hearing.begin(turn, leg, 1, PromptKind.NOTICE, line.notice, line.language)
    else:
        _take(turn, leg, enter(menu), 1, line.language, line.greeting)


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


def ask_again(turn: Turn, call: Call, detail: Detail) -> None:
    """It is unknown what plays. Play the notice or the question again."""
    line, menu = _line(turn, call)
    if line is None or menu is None or (call.place and call.place.step not in menu.steps):
        _leave(turn, call, call.place, MenuEnding.NOTHING)
    elif call.place is None and line.notice:
        hearing.repeat(turn, call)
    elif call.place is None:
        hearing.stop(turn, call)
        _begin_asking(turn, call, line, menu)
    elif call.place.stage is Stage.PLAYING:
        hearing.stop(turn, call)
        again = Play(prompts=menu.steps[call.place.step].prompts)
        moved = Moved(place=call.place, orders=(again,))
        _take(turn, call.leg, moved, call.prompts + 1, hearing.language(turn, call))


def hang_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller hung up, and was never offered to a queue."""
    ending = MenuEnding.CUT if detail.loss else MenuEnding.LEFT
    _tell_left(turn, call, call.place, ending)
    why = detail.loss or ""
    entry.never_offered(turn, call.leg, call.line, call.arrived_at, Outcome.IVR_ENDED, why)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted. The caller is told so."""
    hearing.cut(turn, call)
    _tell_left(turn, call, call.place, MenuEnding.CUT)
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


def _happens(turn: Turn, call: Call, what: OnMenu, key: str = "") -> None:
    line, menu = _line(turn, call)
    if line is None or menu is None or (call.place and call.place.step not in menu.steps):
        _leave(turn, call, call.place, MenuEnding.NOTHING)  # the site has no such menu any more
        return
    if what is not OnMenu.KEY:
        hearing.over(turn, call)
    if call.place is None:
        _begin_asking(turn, call, line, menu)
        return
    moved = move(menu, call.place, what, key)
    if moved.place.stage is Stage.ENDED:
        _leave(turn, call, moved.place, _ending(menu, call.place, what, key))
    elif moved.place != call.place or moved.orders:
        if what is OnMenu.KEY:
            hearing.stop(turn, call)
        _turn_to_language(turn, call, moved.place)
        _take(turn, call.leg, moved, call.prompts + 1, _language(moved.place, line))


def _begin_asking(turn: Turn, call: Call, line: Line, menu: Menu) -> None:
    _take(turn, call.leg, enter(menu), call.prompts + 1, line.language, line.greeting)


def _take(
    turn: Turn,
    leg: CitizenLeg,
    moved: Moved,
    number: int,
    language: str,
    greeting: tuple[str, ...] = (),
) -> None:
    """The caller enters the menu, and hears what is to be played."""
    seconds = moved.place.seconds or 0.0
    for order in moved.orders:
        if isinstance(order, Play):
            keys = (*greeting, *order.prompts)
            hearing.begin(turn, leg, number, PromptKind.QUESTION, keys, language)
            seconds = lost_seconds(keys)
    turn.tell(MenuMoved(at=turn.now, call=leg.call, place=moved.place, until=turn.now + seconds))


def _ending(menu: Menu, place: Place, what: OnMenu, key: str) -> MenuEnding:
    if what is OnMenu.KEY and key == PERSON:
        return MenuEnding.PERSON
    chosen = what is OnMenu.KEY and key in menu.steps[place.step].choices
    return MenuEnding.CHOSEN if chosen else MenuEnding.NOTHING


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
    entry.let_in(turn, call.leg, line, chosen, call.arrived_at, priority, call.caller, needs)


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
