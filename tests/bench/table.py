"""The lines of the result and how they are printed. A goal that is missed is printed as missed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.figures import Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line. `theirs` and `ours` are figures with their unit, or empty."""

    what: str
    goal: str
    theirs: str = ""
    ours: str
    ratio: str = ""
    reached: bool | None = None  # None: there is no goal, the figure explains another


@dataclass(slots=True, kw_only=True)
class Options:
    """What to run. `raw` collects the figures behind the table, for a JSON file."""

    blocks: int = 10
    seconds: float = 10.0
    seed: int = 1
    soak_seconds: float = 600.0
    erlang_seconds: float = 600.0
    raw: dict[str, object] = field(default_factory=dict)


def at_most(ratio: Ratio, goal: float) -> bool:
    """Reached, by the middle of the ratio."""
    return ratio.middle <= goal


def milliseconds(seconds: float) -> str:
    """`7.2 ms`."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds * 1000:.0f} ms"


def markdown(rows: Sequence[Row]) -> str:
    """The table."""
    lines = [
        "| what | goal | app_queue | callcenter | ratio (95 % interval) | |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        mark = {True: "reached", False: "**missed**", None: ""}[row.reached]
        cells = (row.what, row.goal, row.theirs, row.ours, row.ratio, mark)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
