"""The menu before the queue: language, kind of matter, topic, province, chosen by keys. Pure.

A *step* plays its prompt and takes one key. A key leads to another step or into the queue. Who
presses nothing, presses only keys that mean nothing, or has no keys at all (a rotary phone) ends in
the queue: a menu ends for everybody, after at most `longest_seconds`. Key 0 goes to the queue from
every step.

`move(menu, place, what)` is the whole machine: a place in the menu and what happened give the next
place and what is to be played. It is not yet a state of a call (core/call.py): callers of a line
with a menu are not asked. The table `RULES` has a cell for everything that can happen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType

from callcenter.core.cell import Cell
from callcenter.core.ids import QueueName

StepName = NewType("StepName", str)
PERSON = "0"
KEYS = frozenset("123456789*#")
LOST_SECONDS = 60.0
"""A prompt is taken to be over although nobody tells: its end was not heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a key means: words about the caller's matter (`{"language": "en"}`), and where it leads
    to: another step, or a queue (None: the line's own) when there is no step."""

    step: StepName | None = None
    queue: QueueName | None = None
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuStep:
    """One question. `seconds`: for a key, after the prompt; `plays`: how often that is played.
    Without `barge_in` the prompt is heard to its end: keys before that are not taken."""

    prompt: str
    choices: Mapping[str, Choice]
    seconds: float = 5.0
    plays: int = 2
    barge_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Steps by name, and the first one."""

    first: StepName
    steps: Mapping[StepName, MenuStep]


class Stage(StrEnum):
    """What a caller in the menu hears."""

    PLAYING = "playing"  # the prompt of the step
    LISTENING = "listening"  # nothing: a key is waited for
    ENDED = "ended"  # stands in the queue


class OnMenu(StrEnum):
    """What can happen to a caller in the menu."""

    KEY = "key pressed"
    PLAYED = "prompt played"
    TIME = "time spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a caller is. `played`: how often this step's prompt was begun. `seconds`: so long until
    time is spent, None: there is no limit. `says` and `queue`: chosen up to now."""

    step: StepName
    stage: Stage
    played: int = 1
    seconds: float | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    queue: QueueName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Begin this prompt."""

    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the prompt that plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where the caller is now, and what is to be done, in this order."""

    place: Place
    orders: tuple[Play | Stop, ...] = ()


def enter(menu: Menu) -> Moved:
    """A caller comes into the menu."""
    return _ask(menu, Place(step=menu.first, stage=Stage.PLAYING))


def move(menu: Menu, place: Place, what: OnMenu, key: str = "") -> Moved:
    """Something happens to a caller in the menu."""
    return RULES[place.stage][what].rule(menu, place, key)


# --- rules -----------------------------------------------------------------------------------


def ignore(menu: Menu, place: Place, key: str) -> Moved:
    """Nothing is done; the cell says why."""
    return Moved(place=place)


def listen(menu: Menu, place: Place, key: str) -> Moved:
    """The prompt is over: now a key."""
    return Moved(place=_at(place, Stage.LISTENING, menu.steps[place.step].seconds))


def key_meanwhile(menu: Menu, place: Place, key: str) -> Moved:
    """A key while the prompt plays stops it, unless the prompt is one to be heard."""
    if not menu.steps[place.step].barge_in:
        return Moved(place=place)
    moved = take_key(menu, place, key)
    return replace(moved, orders=(Stop(), *moved.orders))


def take_key(menu: Menu, place: Place, key: str) -> Moved:
    """On to where the key leads; one that means nothing has the question asked again."""
    if key == PERSON:
        return _end(place)
    choice = menu.steps[place.step].choices.get(key)
    if choice is None:
        return ask_again(menu, place, key)
    chosen = replace(place, says={**place.says, **choice.says}, queue=choice.queue or place.queue)
    if choice.step is None:
        return _end(chosen)
    return _ask(menu, replace(chosen, step=choice.step, played=1))


def ask_again(menu: Menu, place: Place, key: str) -> Moved:
    """The same question once more, as long as the step allows; then the queue."""
    if place.played >= menu.steps[place.step].plays:
        return _end(place)
    return _ask(menu, replace(place, played=place.played + 1))


def _ask(menu: Menu, place: Place) -> Moved:
    prompt = menu.steps[place.step].prompt
    return Moved(place=_at(place, Stage.PLAYING, LOST_SECONDS), orders=(Play(prompt=prompt),))


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


# --- what is wrong with a menu, how long it lasts, and its picture -----------------------------


def wrong_with(menu: Menu, queues: frozenset[QueueName]) -> Iterator[str]:
    """A sentence for everything because of which the menu cannot be used."""
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
    """The first circle that is found from each step that is not known to be free of one."""
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
    """The longest time from entering to the queue, whatever the caller does. `prompt_seconds`: how
    long a prompt is. The menu must be right (`wrong_with`)."""

    def of(name: StepName) -> float:
        step = menu.steps[name]
        here = step.plays * (min(prompt_seconds(step.prompt), LOST_SECONDS) + step.seconds)
        return here + max((of(after) for after in _next(menu, name)), default=0.0)

    return of(menu.first)


def drawing(menu: Menu) -> str:
    """The menu as a Mermaid flowchart."""
    lines = ["flowchart TD"]
    for name, step in menu.steps.items():
        lines.append(f'    step-{name}{{"{name}: {step.prompt}"}}')
        for key, choice in step.choices.items():
            words = ", ".join(f"{k}={v}" for k, v in choice.says.items())
            label = f"{key}: {words}" if words else key
            to = f"step-{choice.step}" if choice.step else f"queue-{choice.queue or 'own'}"
            lines.append(f'    step-{name} -- "{label}" --> {to}')
        silent = f"0, or nothing pressed after {step.plays} plays"
        lines.append(f'    step-{name} -. "{silent}" .-> queue-own')
    return "\n".join(lines) + "\n"
