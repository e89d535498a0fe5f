"""The menu before the queue: language, kind of matter, topic, province, chosen by keys. Pure.

A *step* plays its prompt and takes one key. A key leads to another step or into the queue. A caller
who presses nothing, presses only keys without a meaning, or has no keys at all (a rotary phone)
ends in the queue. So a menu ends for everybody, after at most `longest_seconds`. Key 0 leads to the
queue from every step.

A *case step* asks for the number of a case, digit by digit, and tells its state. While digits are
typed, * goes to the queue in the place of 0. Who was told is thanked and hung up on, or goes to the
queue by key 0.

A *callback step* tells the state of the callback to the number that calls (callback_lookup.py). Key
9 cancels it, if it is still to come. Whose number has no callback goes on to the queue.

`move(menu, place, what)` is the whole machine: a place in the menu and what happened give the next
place and what is to be played. The state `menu` of a call (core/call.py) uses it (core/asking.py).
The table `RULES` has a cell for everything that can happen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import NewType

from callcenter.core.callback_states import CANCEL_KEY
from callcenter.core.case_states import AFTER as AFTER_CASE
from callcenter.core.case_states import GOODBYE as LAST_WORDS
from callcenter.core.case_states import NUMBER_DIGITS, QUESTION, CaseAnswer, CaseWord
from callcenter.core.cell import Cell
from callcenter.core.ids import QueueName
from callcenter.core.line import Needs
from callcenter.core.skills import together

StepName = NewType("StepName", str)
PERSON = "0"
KEYS = frozenset("123456789*#")
DIGITS = frozenset("0123456789")
NUMBER_ENDS, NO_NUMBER, ANOTHER_CASE = "#", "*", "1"
ASK_SECONDS = 4.0
"""So long the state of a case may take to be found out; then the caller goes on to the queue."""
CASE_PROMPT_SECONDS = 40.0
"""The longest that the state of a case and what follows it are heard."""
LAST_SECONDS = 20.0
"""The same of what is said before the queue, or before the end."""
LOST_SECONDS = 60.0
"""A prompt counts as over after this, if Asterisk did not tell its end."""


def lost_seconds(prompts: Sequence[str]) -> float:
    """The same for several prompts that are played one after the other."""
    return LOST_SECONDS * max(1, len(prompts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The meaning of a key: what it tells of the caller's matter (`{"language": "en"}`), and where
    it leads. That is another step or, if there is no step, a queue (None: the line's own).
    `priority`: the least priority of the call, whatever the line's is. `needs`: skills that the
    operator needs. `voicemail`: the caller wants to leave a message for that queue."""

    step: StepName | None = None
    queue: QueueName | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    needs: Needs = ()
    voicemail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuStep:
    """One question. `prompts` are played one after the other. `seconds`: the time for a key after
    them. `plays`: how often they are played. Without `barge_in` they are played to their end, and
    earlier keys are ignored."""

    prompts: tuple[str, ...]
    choices: Mapping[str, Choice]
    seconds: float = 5.0
    plays: int = 2
    barge_in: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """Those that lead on, but for 0."""
        return tuple(self.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """Asks for the number of a case. `seconds`: for each digit; `tries`: so many numbers are taken
    in a call, right or wrong."""

    prompts: tuple[str, ...] = QUESTION
    seconds: float = 5.0
    tries: int = 3

    @property
    def keys(self) -> tuple[str, ...]:
        """The one that ends a number."""
        return (NUMBER_ENDS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackStep:
    """Tells the state of the callback to the number that calls. `seconds`: for a key after it."""

    seconds: float = 5.0

    @property
    def prompts(self) -> tuple[str, ...]:
        """Nothing is asked."""
        return ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The one that cancels the callback."""
        return (CANCEL_KEY,)


Step = MenuStep | CaseStep | CallbackStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """All steps by name, and the first step."""

    first: StepName
    steps: Mapping[StepName, Step]


class Stage(StrEnum):
    """What a caller in the menu hears."""

    PLAYING = "playing"  # the prompt of the step
    LISTENING = "listening"  # nothing: we wait for a key
    NUMBER = "number"  # the question for the number of a case
    TYPING = "typing"  # nothing: a digit is waited for
    ASKED = "asked"  # music: the state of the case is being found out
    TELLING = "telling"  # the state of the case, or of the callback
    TOLD = "told"  # nothing: a key is waited for
    SORRY = "sorry"  # why it goes on to an operator
    THANKED = "thanked"  # the last words
    SERVED = "served"  # is hung up on
    ENDED = "ended"  # the caller is in the queue


class OnMenu(StrEnum):
    """What can happen to a caller in the menu."""

    KEY = "key pressed"
    PLAYED = "prompt played"
    TIME = "time spent"
    ANSWER = "state of the case is known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a caller is in the menu. `played`: how often this step's prompt was begun. `seconds`:
    the time limit here; None: there is none. `says`, `queue`, `priority`, `needs`: chosen until
    now. `path`: the keys pressed, as `step=key`. In a case step: `digits` of the
    number until now, `asked`: how many numbers were taken in this call, `answer`: to the last one,
    `found`: how many states were told. `voicemail`: wants to leave a message. In a callback step:
    `cancels`: a callback was told that can be cancelled."""

    step: StepName
    stage: Stage
    played: int = 1
    seconds: float | None = None
    says: dict[str, str] = field(default_factory=dict)
    queue: QueueName | None = None
    path: tuple[str, ...] = ()
    priority: int = 0
    needs: Needs = ()
    digits: str = ""
    asked: int = 0
    answer: CaseAnswer | None = None
    found: int = 0
    voicemail: bool = False
    cancels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Begin these prompts."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the prompt that plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Find out the state of the case whose number is in the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Play the answer that is in the place, then these prompts."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Tell the state of the caller's callback; `looked` gives the place then. `cancel`: cancel the
    callback before."""

    cancel: bool = False


Order = Play | Stop | Ask | Tell | Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where the caller is now, and what must be done, in this order."""

    place: Place
    orders: tuple[Order, ...] = ()


def enter(menu: Menu) -> Moved:
    """A caller enters the menu."""
    return _ask(menu, Place(step=menu.first, stage=Stage.PLAYING))


def move(menu: Menu, place: Place, what: OnMenu, key: str = "") -> Moved:
    """Something happens to a caller in the menu. The answer to a number is in the place already."""
    return RULES[place.stage][what].rule(menu, place, key)


def again(menu: Menu, place: Place) -> Moved:
    """Nobody knows what plays, or whether the question was asked: once more."""
    order = _ORDER_OF.get(place.stage)
    return Moved(place=place, orders=(order(menu, place),) if order else ())


# --- rules -----------------------------------------------------------------------------------


def ignore(menu: Menu, place: Place, key: str) -> Moved:
    """Do nothing. The cell says why."""
    return Moved(place=place)


def listen(menu: Menu, place: Place, key: str) -> Moved:
    """The prompt is over. Wait for a key."""
    return Moved(place=_at(place, Stage.LISTENING, menu.steps[place.step].seconds))


def key_meanwhile(menu: Menu, place: Place, key: str) -> Moved:
    """A key during the prompt stops it, unless the prompt must be heard to its end."""
    if not _question(menu, place).barge_in:
        return Moved(place=place)
    moved = take_key(menu, place, key)
    return replace(moved, orders=(Stop(), *moved.orders))


def take_key(menu: Menu, place: Place, key: str) -> Moved:
    """Go where the key leads. After a key without a meaning the question is asked again."""
    if key == PERSON:
        return _end(replace(place, path=(*place.path, f"{place.step}={key}")))
    choice = _question(menu, place).choices.get(key)
    if choice is None:
        return ask_again(menu, place, key)
    chosen = replace(
        place,
        says={**place.says, **choice.says},
        queue=choice.queue or place.queue,
        priority=max(place.priority, choice.priority),
        needs=together((place.needs, choice.needs)),
        voicemail=choice.voicemail,
        path=(*place.path, f"{place.step}={key}"),
    )
    if choice.step is None:
        return _end(chosen)
    return _ask(menu, replace(chosen, step=choice.step, played=1))


def ask_again(menu: Menu, place: Place, key: str) -> Moved:
    """Ask the same question again, as often as the step allows. After that the caller goes to the
    queue."""
    if place.played >= _question(menu, place).plays:
        return _end(place)
    return _ask(menu, replace(place, played=place.played + 1))


# --- the rules of a case step ----------------------------------------------------------------


def wait_for_digits(menu: Menu, place: Place, key: str) -> Moved:
    """The question is over, or was stopped: now the digits."""
    return Moved(place=_at(place, Stage.TYPING, menu.steps[place.step].seconds))


def first_digit(menu: Menu, place: Place, key: str) -> Moved:
    """A key while the question for the number plays stops it."""
    moved = take_digit(menu, place, key)
    if moved.place == place:
        return moved
    return replace(moved, orders=(Stop(), *moved.orders))


def take_digit(menu: Menu, place: Place, key: str) -> Moved:
    """One digit more. # ends the number, and so does the last digit that one can have: then # means
    nothing, however late it comes."""
    if key == NO_NUMBER:
        return _to_person(place)
    if key == NUMBER_ENDS and not place.digits:
        return Moved(place=place)
    if key not in DIGITS:
        return end_number(menu, place, key)
    typed = replace(place, digits=place.digits + key)
    if len(typed.digits) < NUMBER_DIGITS:
        return wait_for_digits(menu, typed, key)
    return end_number(menu, typed, key)


def end_number(menu: Menu, place: Place, key: str) -> Moved:
    """The number is as it is: find out. No digit at all is a wrong number, too."""
    place = replace(place, asked=place.asked + 1, answer=None)
    if not place.digits:
        return take_answer(menu, replace(place, answer=CaseAnswer(word=CaseWord.WRONG)), key)
    path = (*place.path, f"{place.step}={NUMBER_ENDS}")
    return Moved(place=_at(replace(place, path=path), Stage.ASKED, ASK_SECONDS), orders=(Ask(),))


def take_answer(menu: Menu, place: Place, key: str) -> Moved:
    """The state is told. A wrong number can be typed again, if tries are left; else on to the
    queue."""
    answer = place.answer
    assert answer is not None
    place = replace(place, digits="")
    if answer.is_state:
        return _say(replace(place, found=place.found + 1), Stage.TELLING, Tell(prompts=AFTER_CASE))
    if answer.word is CaseWord.WRONG and place.asked < _case(menu, place).tries:
        return _say(place, Stage.NUMBER, Tell(prompts=menu.steps[place.step].prompts))
    return _say(place, Stage.SORRY, Tell(prompts=("transfer",)))


def give_up(menu: Menu, place: Place, key: str) -> Moved:
    """Nobody answered in time."""
    return take_answer(menu, replace(place, answer=CaseAnswer(word=CaseWord.AWAY)), key)


def leave_question(menu: Menu, place: Place, key: str) -> Moved:
    """Rather an operator, while the state is being found out."""
    return _to_person(place) if key == NO_NUMBER else Moved(place=place)


def key_after(menu: Menu, place: Place, key: str) -> Moved:
    """0 leads to an operator, 1 to the next number; other keys mean nothing: # may come late. In a
    callback step 9 cancels the callback."""
    if key == PERSON:
        return _to_person(place)
    if isinstance(menu.steps[place.step], CallbackStep):
        if key != CANCEL_KEY or not place.cancels:
            return Moved(place=place)
        path = (*place.path, f"{place.step}={key}")
        return _look(replace(place, path=path, cancels=False), cancel=True)
    if key != ANOTHER_CASE:
        return Moved(place=place)
    if place.asked >= _case(menu, place).tries:
        return _say(place, Stage.SORRY, Play(prompts=("transfer",)))
    return _ask(menu, place)


def key_while_told(menu: Menu, place: Place, key: str) -> Moved:
    """The same, and what plays is stopped by a key that means something."""
    moved = key_after(menu, place, key)
    return moved if moved.place == place else replace(moved, orders=(Stop(), *moved.orders))


def looked(place: Place, *, is_state: bool, is_open: bool) -> Place:
    """The place of a caller who is told of their callback now, and whether one was found, and can
    be cancelled. Who has none goes on to the queue."""
    if not is_state:
        return _at(place, Stage.SORRY, LAST_SECONDS)
    return replace(place, found=place.found + 1, cancels=is_open)


def wait_after(menu: Menu, place: Place, key: str) -> Moved:
    """The state was told: now a key."""
    return Moved(place=_at(place, Stage.TOLD, menu.steps[place.step].seconds))


def thank(menu: Menu, place: Place, key: str) -> Moved:
    """No key came: that was all."""
    return _say(place, Stage.THANKED, Play(prompts=LAST_WORDS))


def end(menu: Menu, place: Place, key: str) -> Moved:
    """On to the queue."""
    return _end(place)


def serve(menu: Menu, place: Place, key: str) -> Moved:
    """The last words are over."""
    return Moved(place=_at(place, Stage.SERVED, None))


def person_after(menu: Menu, place: Place, key: str) -> Moved:
    """Rather an operator, during the last words."""
    return _to_person(place) if key == PERSON else Moved(place=place)


def _to_person(place: Place) -> Moved:
    return _end(replace(place, path=(*place.path, f"{place.step}={PERSON}")))


def _say(place: Place, stage: Stage, order: Play | Tell | Look) -> Moved:
    seconds = LAST_SECONDS if stage in (Stage.SORRY, Stage.THANKED) else CASE_PROMPT_SECONDS
    return Moved(place=_at(place, stage, seconds), orders=(order,))


def _look(place: Place, *, cancel: bool = False) -> Moved:
    return _say(place, Stage.TELLING, Look(cancel=cancel))


def _question(menu: Menu, place: Place) -> MenuStep:
    step = menu.steps[place.step]
    assert isinstance(step, MenuStep), "the stages of a question and of a case step are apart"
    return step


def _case(menu: Menu, place: Place) -> CaseStep:
    step = menu.steps[place.step]
    assert isinstance(step, CaseStep), "the stages of a question and of a case step are apart"
    return step


def is_place_of(menu: Menu, place: Place) -> bool:
    """Whether the menu still has it: another site file may be in force."""
    step = menu.steps.get(place.step)
    if step is None:
        return False
    if isinstance(step, CallbackStep):
        return place.stage in _AFTER_LOOK
    if isinstance(step, CaseStep) and place.stage is Stage.TELLING and place.answer is None:
        return False
    return isinstance(step, MenuStep) == (place.stage in (Stage.PLAYING, Stage.LISTENING))


def _ask(menu: Menu, place: Place) -> Moved:
    step = menu.steps[place.step]
    if isinstance(step, CallbackStep):
        return _look(place)
    stage = Stage.PLAYING if isinstance(step, MenuStep) else Stage.NUMBER
    limit = lost_seconds(step.prompts)
    return Moved(place=_at(place, stage, limit), orders=(Play(prompts=step.prompts),))


def _end(place: Place) -> Moved:
    return Moved(place=_at(place, Stage.ENDED, None))


def _at(place: Place, stage: Stage, seconds: float | None) -> Place:
    return replace(place, stage=stage, seconds=seconds)


Rule = Callable[[Menu, Place, str], Moved]
_P, _L, _N, _T, _A, _TG, _TD, _S, _G, _H, _E = Stage
_AFTER_LOOK = (_TG, _TD, _S, _G, _H)
_CASE = (_N, _T, _A, *_AFTER_LOOK)
MenuCell = Cell[Rule, Stage]
_LATE: MenuCell = Cell(ignore, (), "was told late: the prompt is over, or was stopped")
_OVER: MenuCell = Cell(ignore, (), "the caller stands in the queue")
_NOT_ASKED: MenuCell = Cell(ignore, (), "was told late: the caller has gone on")
_NO_KEY: MenuCell = Cell(ignore, (), "the caller is on the way to an operator already")
_HUNG_UP: MenuCell = Cell(ignore, (), "the caller is hung up on")

RULES: Mapping[Stage, Mapping[OnMenu, MenuCell]] = {
    _P: {
        OnMenu.KEY: Cell(key_meanwhile, (_P, _N, _TG, _E)),
        OnMenu.PLAYED: Cell(listen, (_L,)),
        OnMenu.TIME: Cell(listen, (_L,)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _L: {
        OnMenu.KEY: Cell(take_key, (_P, _N, _TG, _E)),
        OnMenu.PLAYED: _LATE,
        OnMenu.TIME: Cell(ask_again, (_P, _E)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _N: {
        OnMenu.KEY: Cell(first_digit, (_T, _E)),
        OnMenu.PLAYED: Cell(wait_for_digits, (_T,)),
        OnMenu.TIME: Cell(wait_for_digits, (_T,)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _T: {
        OnMenu.KEY: Cell(take_digit, (_T, _A, _E)),
        OnMenu.PLAYED: _LATE,
        OnMenu.TIME: Cell(end_number, (_A, _N, _S)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _A: {
        OnMenu.KEY: Cell(leave_question, (_E,)),
        OnMenu.PLAYED: _LATE,
        OnMenu.TIME: Cell(give_up, (_S,)),
        OnMenu.ANSWER: Cell(take_answer, (_TG, _N, _S)),
    },
    _TG: {
        OnMenu.KEY: Cell(key_while_told, (_N, _TG, _S, _E)),
        OnMenu.PLAYED: Cell(wait_after, (_TD,)),
        OnMenu.TIME: Cell(wait_after, (_TD,)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _TD: {
        OnMenu.KEY: Cell(key_after, (_N, _TG, _S, _E)),
        OnMenu.PLAYED: _LATE,
        OnMenu.TIME: Cell(thank, (_G,)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _S: {
        OnMenu.KEY: _NO_KEY,
        OnMenu.PLAYED: Cell(end, (_E,)),
        OnMenu.TIME: Cell(end, (_E,)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _G: {
        OnMenu.KEY: Cell(person_after, (_E,)),
        OnMenu.PLAYED: Cell(serve, (_H,)),
        OnMenu.TIME: Cell(serve, (_H,)),
        OnMenu.ANSWER: _NOT_ASKED,
    },
    _H: dict.fromkeys(OnMenu, _HUNG_UP),
    _E: dict.fromkeys(OnMenu, _OVER),
}


def _told(menu: Menu, place: Place) -> Order:
    is_callback = isinstance(menu.steps[place.step], CallbackStep)
    return Look() if is_callback else Tell(prompts=AFTER_CASE)


_ORDER_OF: Mapping[Stage, Callable[[Menu, Place], Order]] = {
    _P: lambda menu, place: Play(prompts=menu.steps[place.step].prompts),
    _N: lambda menu, place: Play(prompts=menu.steps[place.step].prompts),
    _A: lambda menu, place: Ask(),
    _TG: _told,
    _S: lambda menu, place: Play(prompts=("transfer",)),
    _G: lambda menu, place: Play(prompts=LAST_WORDS),
}


# --- faults in a menu, its longest duration, and its diagram --------------------------------------


def wrong_with(menu: Menu, queues: frozenset[QueueName]) -> Iterator[str]:
    """A sentence for every fault because of which the menu cannot be used."""
    if menu.first not in menu.steps:
        yield f"there is no step {menu.first}"
    if isinstance(menu.steps.get(menu.first), CallbackStep):
        yield f"step {menu.first}: tells of callbacks, and cannot be the first: a key leads to it"
    for name, step in menu.steps.items():
        if not isinstance(step, MenuStep):
            continue
        if not step.choices:
            yield f"step {name} has no keys: nobody could answer it"
        for key, choice in step.choices.items():
            if key not in KEYS:
                yield f"step {name}: {key!r} is no key; 0 always leads to a person"
            if choice.step is not None and choice.step not in menu.steps:
                yield f"step {name}, key {key}: there is no step {choice.step}"
            if choice.step is not None and choice.queue is not None:
                yield f"step {name}, key {key}: leads to a step and to a queue; leave one out"
            if choice.queue is not None and choice.queue not in queues:
                yield f"step {name}, key {key}: there is no queue {choice.queue}"
    yield from (f"callers would go round for ever ({circle})" for circle in _circles(menu))
    reached = _reached(menu)
    yield from (f"no key leads to step {name}" for name in menu.steps if name not in reached)


def queues_of(menu: Menu) -> list[QueueName]:
    """The queues that keys lead to, besides the line's own."""
    questions = [step for step in menu.steps.values() if isinstance(step, MenuStep)]
    choices = [choice for step in questions for choice in step.choices.values()]
    return list(dict.fromkeys(c.queue for c in choices if c.queue is not None))


def _next(menu: Menu, name: StepName) -> list[StepName]:
    step = menu.steps[name]
    if not isinstance(step, MenuStep):
        return []
    found = [c.step for c in step.choices.values() if c.step in menu.steps]
    return [each for each in dict.fromkeys(found) if each is not None]


def _reached(menu: Menu) -> set[StepName]:
    reached: set[StepName] = set()
    to_do = [menu.first] if menu.first in menu.steps else []
    while to_do:
        name = to_do.pop()
        if name not in reached:
            reached.add(name)
            to_do += _next(menu, name)
    return reached


def _circles(menu: Menu) -> Iterator[str]:
    """The first circle found from each step that is not known to be free of circles."""
    free: set[StepName] = set()

    def walk(way: list[StepName]) -> str | None:
        for step in _next(menu, way[-1]):
            if step in way:
                return " -> ".join([*way[way.index(step) :], step])
            if step not in free and (circle := walk([*way, step])):
                return circle
        free.add(way[-1])
        return None

    for name in menu.steps:
        if name not in free and (circle := walk([name])):
            yield circle
            return


def longest_seconds(menu: Menu, prompt_seconds: Callable[[str], float]) -> float:
    """The longest time from entering to the queue, whatever the caller does. `prompt_seconds` gives
    the length of a prompt. The menu must be valid (`wrong_with`)."""

    @cache
    def of(name: StepName) -> float:
        step = menu.steps[name]
        if isinstance(step, CallbackStep):
            return 2 * (CASE_PROMPT_SECONDS + step.seconds) + LAST_SECONDS
        heard = sum(min(prompt_seconds(key), LOST_SECONDS) for key in step.prompts)
        if isinstance(step, CaseStep):
            typed = heard + NUMBER_DIGITS * step.seconds + ASK_SECONDS
            return step.tries * (typed + CASE_PROMPT_SECONDS + step.seconds) + LAST_SECONDS
        here = step.plays * (heard + step.seconds)
        return here + max((of(after) for after in _next(menu, name)), default=0.0)

    return of(menu.first)


def drawing(menu: Menu) -> str:
    """The menu as a Mermaid flowchart."""
    return "\n".join(["flowchart TD", *steps(menu, "step-", "queue-own")]) + "\n"


def steps(menu: Menu, prefix: str, own: str) -> Iterator[str]:
    """The same as lines of a larger flowchart. `prefix`: for the names of steps. `own`: the line's
    queue."""
    for name, step in menu.steps.items():
        here = f"{prefix}{name}"
        if isinstance(step, CallbackStep):
            yield f'    {here}["{name}: the state of the callback"]'
            yield f'    {here} -- "0, or no callback" --> {own}'
            yield f'    {here} -- "the state is told" --> {here}-goodbye((goodbye))'
            continue
        yield f'    {here}{{"{name}: {" ".join(step.prompts)}"}}'
        if isinstance(step, CaseStep):
            yield f'    {here} -- "the state is told: 0" --> {own}'
            yield f'    {here} -. "no case after {step.tries} numbers, *" .-> {own}'
            yield f'    {here} -- "the state is told" --> {here}-goodbye((goodbye))'
            continue
        for key, choice in step.choices.items():
            urgent = [("priority", choice.priority)] if choice.priority else []
            words = ", ".join(f"{k}={v}" for k, v in (*choice.says.items(), *urgent))
            label = f"{key}: {words}" if words else key
            to = f"queue-{choice.queue}" if choice.queue else own
            yield f'    {here} -- "{label}" --> {f"{prefix}{choice.step}" if choice.step else to}'
        silent = f"0, or nothing pressed after {step.plays} plays"
        yield f'    {here} -. "{silent}" .-> {own}'
