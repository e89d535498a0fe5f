"""Compares two rounds. Pure.

A number is compared over the units that gave it in both rounds. A unit that is missing in one of
them would look like a rise or a fall. A share is a sum over a sum of the same units.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from callcenter.desks.reports.consolidation import SHARES
from callcenter.desks.reports.form import NAMES, NOT_ADDED
from callcenter.desks.reports.model import Field

Numbers = Mapping[str, Mapping[Field, float]]
"""Numbers by unit."""


class Side(msgspec.Struct, frozen=True):
    """One of the two rounds. `units`: how many units have numbers."""

    round: int
    name: str
    period_from: datetime
    period_before: datetime
    units: int


class Pair(msgspec.Struct, frozen=True):
    """A number in both rounds, for the same `units`. null: no unit has it in both, or there is
    nothing to divide by."""

    before: float | None
    after: float | None
    units: int


class UnitPairs(msgspec.Struct, frozen=True):
    """One unit in both rounds. A field that is in neither round is left out; null: blank."""

    unit: str
    name_th: str
    numbers: dict[Field, tuple[float | None, float | None]]


class Comparison(msgspec.Struct, frozen=True):
    """`before` is the earlier round. `same_length`: whether the periods have the same length; if
    not, sums cannot be compared well."""

    before: Side
    after: Side
    same_length: bool
    totals: dict[Field, Pair]
    shares: dict[str, Pair]
    units: tuple[UnitPairs, ...]


def compare(
    before: Side, after: Side, was: Numbers, now: Numbers, names: Mapping[str, str]
) -> Comparison:
    """Compare the two rounds. `names`: the names of the units, in the order of the list."""
    length = before.period_before - before.period_from
    return Comparison(
        before=before,
        after=after,
        same_length=length == after.period_before - after.period_from,
        totals={field: _sums(field, was, now) for field in NAMES},
        shares={name: _shares(name, was, now) for name in SHARES},
        units=tuple(
            UnitPairs(
                unit=unit,
                name_th=name,
                numbers={
                    field: (was.get(unit, {}).get(field), now.get(unit, {}).get(field))
                    for field in NAMES
                    if field in was.get(unit, {}) or field in now.get(unit, {})
                },
            )
            for unit, name in names.items()
        ),
    )


def _both(fields: Sequence[Field], was: Numbers, now: Numbers) -> list[str]:
    """The units that gave all these numbers in both rounds."""
    wanted = set(fields)
    return [unit for unit in was if wanted <= set(was[unit]) and wanted <= set(now.get(unit, ()))]


def _sums(field: Field, was: Numbers, now: Numbers) -> Pair:
    units = _both([field], was, now)
    if not units or field in NOT_ADDED:
        return Pair(before=None, after=None, units=len(units))
    return Pair(
        before=sum(was[unit][field] for unit in units),
        after=sum(now[unit][field] for unit in units),
        units=len(units),
    )


def _shares(name: str, was: Numbers, now: Numbers) -> Pair:
    above, below = SHARES[name]
    units = _both([above, below], was, now)

    def of(numbers: Numbers) -> float | None:
        under = sum(numbers[unit][below] for unit in units)
        return sum(numbers[unit][above] for unit in units) / under if under else None

    return Pair(before=of(was), after=of(now), units=len(units))
