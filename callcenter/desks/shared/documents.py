"""A document: a matter with one number, one state and a history that is only added to.

A desk declares one table: (state, action) -> the next state, and who may do it. Any other pair is
`NotNow`, with the actions that are possible. The state follows from the events: `replay` gives it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)
Doer = TypeVar("Doer", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Generic[State, Doer]):
    """The states that may follow an action, and who may do it. If there are several states, the
    hand-overs decide."""

    to: tuple[State, ...]
    by: tuple[Doer, ...]


class NotNow(Exception):
    """The action is not possible in this state."""

    def __init__(self, state: StrEnum, action: StrEnum, possible: Iterable[StrEnum]) -> None:
        self.state, self.action, self.possible = state, action, sorted(possible)
        super().__init__(f"{action} is not possible while {state}")


@dataclass(frozen=True, slots=True)
class StateTable(Generic[State, Action, Doer]):
    """All actions on one kind of document."""

    moves: Mapping[tuple[State, Action], Move[State, Doer]]

    def move(self, state: State, action: Action) -> Move[State, Doer]:
        """The move. Raises NotNow if the table has none."""
        found = self.moves.get((state, action))
        if found is None:
            raise NotNow(state, action, self.possible(state))
        return found

    def possible(self, state: State) -> list[Action]:
        """The actions that somebody may take in the state."""
        return [action for before, action in self.moves if before == state]

    def doers(self, action: Action) -> frozenset[Doer]:
        """Who may take the action in any state."""
        moves = (move for (_, what), move in self.moves.items() if what == action)
        return frozenset(doer for move in moves for doer in move.by)

    def diagram(self, first: Mapping[Action, State]) -> str:
        """The table as a Mermaid state diagram. `first` gives the actions that make a document,
        with the state they make."""
        arrows: dict[tuple[str, str], list[str]] = {}
        for (before, action), move in self.moves.items():
            for after in move.to:
                arrows.setdefault((before.value, after.value), []).append(action.value)
        lines = [f"    [*] --> {state.value}: {action.value}" for action, state in first.items()]
        lines += [f"    {b} --> {a}: {', '.join(what)}" for (b, a), what in arrows.items()]
        ends = {a for _, a in arrows} - {b for b, _ in arrows}
        lines += [f"    {state} --> [*]" for state in sorted(ends)]
        return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent:
    """One entry of the history. `changes`: field -> [old, new], only for facts. For personal fields
    it only says that they changed."""

    seq: int
    at: datetime
    actor: str
    unit: str
    action: str
    from_state: str | None
    to_state: str
    reason: str = ""
    changes: Mapping[str, object] = field(default_factory=dict)


def replay(events: Iterable[DocumentEvent]) -> str | None:
    """The state to which the history leads. Raises ValueError if it has a gap or contradicts
    itself."""
    state: str | None = None
    for expected, event in enumerate(events, start=1):
        if event.seq != expected or event.from_state != state:
            raise ValueError(f"the history is broken at entry {expected}")
        state = event.to_state
    return state
