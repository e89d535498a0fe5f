"""One cell of a table: what is done when something happens in a state, and where that leads.

The diagrams are printed from the cells, and every test that runs an engine holds each step against
them (tests/cells.py): a cell that says less than happens fails.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

Does = TypeVar("Does")
Where = TypeVar("Where")


@dataclass(frozen=True, slots=True)
class Cell(Generic[Does, Where]):
    """`targets`: the states it may lead to, the present one too if it may; none: it stays.
    `why`: where nothing is done, how it can come all the same, or why it cannot."""

    rule: Does
    targets: tuple[Where, ...] = ()
    why: str = ""
