"""One cell of a table: the rule for something that happens in a state, and the states that follow.

The diagrams are printed from the cells. Every test that runs an engine checks each step against
them (tests/cells.py): a cell that lists too few states fails.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

Does = TypeVar("Does")
Where = TypeVar("Where")


@dataclass(frozen=True, slots=True)
class Cell(Generic[Does, Where]):
    """`targets`: the states that may follow, with the present one if it may stay; none: it always
    stays. `why`: for a cell that does nothing, how the event can come all the same, or why it
    cannot."""

    rule: Does
    targets: tuple[Where, ...] = ()
    why: str = ""
