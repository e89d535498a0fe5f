"""The menu before the queue: language, kind of matter, topic, province, chosen by keys. Pure.

A *step* plays its prompt and takes one key. A key leads to another step or into the queue. A caller
who presses nothing, presses only keys without a meaning, or has no keys at all (a rotary phone)
ends in the queue. So a menu ends for everybody, after at most `longest_seconds`. Key 0 leads to the
queue from every step.

`move(menu, place, what)` is the whole machine: a place in the menu and what happened give the next
place and what is to be played. The state `menu` of a call (core/call.py) uses it (core/asking.py).
The table `RULES` has a cell for everything that can happen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import NewType

from callcenter.core.cell import Cell
from callcenter.core.ids import QueueName
from callcenter.core.line import Needs
from callcenter.core.skills import together

StepName = NewType("StepName", str)
PERSON = "0"
KEYS = frozenset("123456789*#")
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
    operator needs."""

    step: StepName | None = None
    queue: QueueName | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    needs: Needs = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """All steps by name, and the first step."""

    first: StepName
    steps: Mapping[StepName, MenuStep]


class Stage(StrEnum):
    """What a caller in the menu hears."""

    PLAYING = "playing"  # the prompt of the step
    LISTENING = "listening"  # nothing: we wait for a key
    ENDED = "ended"  # the caller is in the queue


class OnMenu(StrEnum):
    """What can happen to a caller in the menu."""

    KEY = "key pressed"
    PLAYED = "prompt played"
    TIME = "time spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a caller is in the menu. `played`: how often this step's prompt was begun. `seconds`:
    the time limit here; None: there is none. `says`, `queue`, `priority`, `needs`: chosen until
    now. `path`: the keys pressed, as `step=key`."""

    step: StepName
    stage: Stage
    played: int = 1
    seconds: float | None = None
    says: dict[str, str] = field(default_factory=dict)
    queue: QueueName | None = None
    path: tuple[str, ...] = ()
    priority: int = 0
    needs: Needs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Begin these prompts."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the prompt that plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where the caller is now, and what must be done, in this order."""

    place: Place
    orders: tuple[Play | Stop, ...] = ()


def enter(menu: Menu) -> Moved:
    """A caller enters the menu."""
    return _ask(menu, Place(step=menu.first, stage=Stage.PLAYING))


def move(menu: Menu, place: Place, what: OnMenu, key: str = "") -> Moved:
    """Something happens to a caller in the menu."""
    return RULES[place.stage][what].rule(menu, place, key)


# --- rules -----------------------------------------------------------------------------------


def ignore(menu: Menu, place: Place, key: str) -> Moved:
    """Do nothing. The cell says why."""
    return Moved(place=place)


def listen(menu: Menu, place: Place, key: str) -> Moved:
    """The prompt is over. Wait for a key."""
    return Moved(place=_at(place, Stage.LISTENING, menu.steps[place.step].seconds))


def key_meanwhile(menu: Menu, place: Place, key: str) -> Moved:
    """A key during the prompt stops it, unless the prompt must be heard to its end."""
    if not menu.steps[place.step].barge_in:
        return Moved(place=place)
    moved = take_key(menu, place, key)
    return replace(moved, orders=(Stop(), *moved.orders))


def take_key(menu: Menu, place: Place, key: str) -> Moved:
    """Go where the key leads. After a key without a meaning the question is asked again."""
    if key == PERSON:
        return _end(replace(place, path=(*place.path, f"{place.step}={key}")))
    choice = menu.steps[place.step].choices.get(key)
    if choice is None:
        return ask_again(menu, place, key)
    chosen = replace(
        place,
        says={**place.says, **choice.says},
        queue=choice.queue or place.queue,
        priority=max(place.priority, choice.priority),
        needs=together((place.needs, choice.needs)),
        path=(*place.path, f"{place.step}={key}"),
    )
    if choice.step is None:
        return _end(chosen)
    return _ask(menu, replace(chosen, step=choice.step, played=1))


def ask_again(menu: Menu, place: Place, key: str) -> Moved:
    """Ask the same question again, as often as the step allows. After that the caller goes to the
    queue."""
    if place.played >= menu.steps[place.step].plays:
        return _end(place)
    return _ask(menu, replace(place, played=place.played + 1))


def _ask(menu: Menu, place: Place) -> Moved:
    prompts = menu.steps[place.step].prompts
    limit = lost_seconds(prompts)
    return Moved(place=_at(place, Stage.PLAYING, limit), orders=(Play(prompts=prompts),))


def _end(place: Place) -> Moved:
    return Moved(place=_at(place, Stage.ENDED, None))


def _at(place: Place, stage: Stage, seconds: float | None) -> Place:
    return replace(place, stage=stage, seconds=seconds)


Rule = Callable[[Menu, Place, str], Moved]
_P, _L, _E = Stage
MenuCell = Cell[Rule, Stage]
_LATE: MenuCell = Cell(ignore, (), "was told late: the prompt is over, or was stopped")
_OVER: MenuCell = Cell(ignore, (), "the caller stands in the queue")

RULES: Mapping[Stage, Mapping[OnMenu, MenuCell]] = {
    _P: {
        OnMenu.KEY: Cell(key_meanwhile, (_P, _E)),
        OnMenu.PLAYED: Cell(listen, (_L,)),
        OnMenu.TIME: Cell(listen, (_L,)),
    },
    _L: {
        OnMenu.KEY: Cell(take_key, (_P, _E)),
        OnMenu.PLAYED: _LATE,
        OnMenu.TIME: Cell(ask_again, (_P, _E)),
    },
    _E: dict.fromkeys(OnMenu, _OVER),
}


# --- faults in a menu, its longest duration, and its diagram --------------------------------------


def wrong_with(menu: Menu, queues: frozenset[QueueName]) -> Iterator[str]:
    """A sentence for every fault because of which the menu cannot be used."""
    if menu.first not in menu.steps:
        yield f"there is no step {menu.first}"
    for name, step in menu.steps.items():
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
    choices = [choice for step in menu.steps.values() for choice in step.choices.values()]
    return list(dict.fromkeys(c.queue for c in choices if c.queue is not None))


def _next(menu: Menu, name: StepName) -> list[StepName]:
    found = [c.step for c in menu.steps[name].choices.values() if c.step in menu.steps]
    return [step for step in dict.fromkeys(found) if step is not None]


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
        heard = sum(min(prompt_seconds(key), LOST_SECONDS) for key in step.prompts)
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
        yield f'    {here}{{"{name}: {" ".join(step.prompts)}"}}'
        for key, choice in step.choices.items():
            urgent = [("priority", choice.priority)] if choice.priority else []
            words = ", ".join(f"{k}={v}" for k, v in (*choice.says.items(), *urgent))
            label = f"{key}: {words}" if words else key
            to = f"queue-{choice.queue}" if choice.queue else own
            yield f'    {here} -- "{label}" --> {f"{prefix}{choice.step}" if choice.step else to}'
        silent = f"0, or nothing pressed after {step.plays} plays"
        yield f'    {here} -. "{silent}" .-> {own}'
