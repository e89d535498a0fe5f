"""The national table: totals of what was submitted. Pure. A missing unit is shown as missing, and
never counts as zero. A share is a sum over a sum, never a mean of percentages."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from callcenter.desks.reports.form import NOT_ADDED
from callcenter.desks.reports.model import Field, Section, Submitted, Tag, UnitResult

F = Field
SHARES = {
    "answered_share": (F.ANSWERED, F.RECEIVED),
    "service_level_20": (F.IN_20_SECONDS, F.ELIGIBLE),
    "service_level_60": (F.IN_60_SECONDS, F.ELIGIBLE),
    "mean_wait_seconds": (F.WAIT_SECONDS, F.ANSWERED),
}


class Total(msgspec.Struct, frozen=True):
    """A sum, and the number of units in it. `value` null: no unit has it."""

    value: float | None
    units: int


class Share(msgspec.Struct, frozen=True):
    """A sum over a sum, for the units that have both. `value` null: there is nothing to divide
    by."""

    value: float | None
    above: float
    below: float
    units: int


class UnitRow(msgspec.Struct, frozen=True):
    """One unit. A field that is missing is blank."""

    unit: str
    area: str
    name_th: str
    state: str
    numbers: dict[Field, float]
    typed: tuple[Field, ...]


class Said(msgspec.Struct, frozen=True):
    """A text that one unit wrote."""

    unit: str
    name_th: str
    text: str
    tags: tuple[Tag, ...]


class Consolidation(msgspec.Struct, frozen=True):
    """A round in one table."""

    round: int
    name: str
    period_from: datetime
    period_before: datetime
    due_at: datetime
    made_at: datetime
    formulas: tuple[str, ...]
    expected: int
    excused: int
    submitted: int
    on_time: int
    missing: tuple[str, ...]
    totals: dict[Field, Total]
    shares: dict[str, Share]
    units: tuple[UnitRow, ...]
    texts: dict[Section, tuple[Said, ...]]


def totals(bodies: Sequence[Submitted]) -> dict[Field, Total]:
    """For each number the sum over the units that have it."""
    found = {}
    for each in Field:
        values = [body.numbers[each].value for body in bodies if each in body.numbers]
        added = None if not values or each in NOT_ADDED else sum(values)
        found[each] = Total(value=added, units=len(values))
    return found


def shares(bodies: Sequence[Submitted]) -> dict[str, Share]:
    """Each share, over the units that gave both of its numbers."""
    found = {}
    for name, (above, below) in SHARES.items():
        both = [body.numbers for body in bodies if {above, below} <= set(body.numbers)]
        over = sum(numbers[above].value for numbers in both)
        under = sum(numbers[below].value for numbers in both)
        found[name] = Share(
            value=over / under if under else None, above=over, below=under, units=len(both)
        )
    return found


def rows(results: Sequence[UnitResult]) -> tuple[UnitRow, ...]:
    """One row for each expected unit, whether it reported or not."""
    return tuple(
        UnitRow(
            unit=each.unit,
            area=each.area,
            name_th=each.name_th,
            state=each.state,
            numbers={k: v.value for k, v in each.body.numbers.items()} if each.body else {},
            typed=tuple(k for k, v in each.body.numbers.items() if v.origin == "typed")
            if each.body
            else (),
        )
        for each in results
    )


def texts(results: Sequence[UnitResult]) -> dict[Section, tuple[Said, ...]]:
    """The texts of the units, by section."""
    found: dict[Section, tuple[Said, ...]] = {}
    for section in Section:
        said = [
            Said(
                unit=each.unit,
                name_th=each.name_th,
                text=each.body.texts[section].text,
                tags=each.body.texts[section].tags,
            )
            for each in results
            if each.body and section in each.body.texts and each.body.texts[section].text.strip()
        ]
        first_tag = [min((list(Tag).index(tag) for tag in s.tags), default=len(Tag)) for s in said]
        order = sorted(range(len(said)), key=lambda place: (first_tag[place], said[place].unit))
        found[section] = tuple(said[place] for place in order)
    return found
