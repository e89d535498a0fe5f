"""The table that a run prints, and its place in README.md."""

import platform
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.auditor import Findings
from tests.faults.fault import Bounds, Fault

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- table -->", "<!-- end of table -->"

HEAD = (
    "| fault | injected | strikes | callers | cut | lost | records lost | contradicted "
    "| double rings | silent | recovers in s | orphans | stuck | held | run |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|---|",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one fault."""

    fault: Fault
    findings: Findings
    phases: int
    seed: int

    @property
    def broken(self) -> list[str]:
        """Which bounds did not hold, in words."""
        told = [
            f"{name.replace('_', ' ')}: {figure:g} (at most {bound:g})"
            for name, figure, bound in figures(self.findings, self.fault.bounds)
            if bound is not None and figure > bound
        ]
        return [*told, *self.findings.broken]

    def row(self) -> str:
        """Its line in the table. What exceeds its bound is bold, what has none is in brackets."""
        cells = []
        for name, figure, bound in figures(self.findings, self.fault.bounds):
            text = f"{figure:.1f}" if name == "recovery_seconds" else f"{figure:g}"
            if bound is None:
                text = f"({text})"
            cells.append(f"**{text}**" if bound is not None and figure > bound else text)
        held = "**no**" if self.broken else "yes"
        told = (self.phases, self.findings.callers, *cells, held, _run(self.seed))
        fields = " | ".join([self.fault.name, self.fault.says, *map(str, told)])
        return f"| {fields} |"


def figures(findings: Findings, bounds: Bounds) -> list[tuple[str, float, float | None]]:
    """(what, how many, how many at most)."""
    lists = ("cut", "lost", "records_lost", "contradicted", "double_rings", "silent")
    more = ("orphans", "stuck")
    counted = {name: float(len(getattr(findings, name))) for name in (*lists, *more)}
    counted["recovery_seconds"] = findings.recovery_seconds
    order = (*lists, "recovery_seconds", *more)
    return [(name, counted[name], getattr(bounds, name)) for name in order]


def _run(seed: int) -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}, seed {seed}"


def machine() -> str:
    """What it ran on."""
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    cores = text.count("processor\t")
    return f"{model[1] if model else platform.machine()}, {cores} cores"


def write(verdicts: list[Verdict]) -> None:
    """Put the rows into README.md: those of faults that did not run this time stay."""
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    rows = {
        line.split("|")[1].strip(): line
        for line in old.splitlines()
        if line.startswith("| ") and not line.startswith("| fault ")
    }
    rows.update({verdict.fault.name: verdict.row() for verdict in verdicts})
    lines = ["", "", *HEAD, *(rows[name] for name in sorted(rows, key=_order)), "", ""]
    README.write_text(f"{before}{BEGIN}{chr(10).join(lines[1:])}{END}{after}")


def _order(name: str) -> tuple[int, str]:
    numbered = re.match(r"F(\d+)", name)
    return (int(numbered[1]) if numbered else 1000, name)
