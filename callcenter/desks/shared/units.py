"""Offices, and the rights of accounts there.

A unit has a level, an area and a parent. A grant is an account's role at a unit from one day to
another; it is valid for the unit and all units below. `Standing` is all that one account may do on
one day. A unit is closed, never deleted. The roles of the phone floor give no rights here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from callcenter.desks.shared.areas import inside


class UnitLevel(StrEnum):
    """The levels, from the ministry down."""

    NATIONAL = "national"
    PROVINCE = "province"
    DISTRICT = "district"
    LOCAL = "local"
    RECEIVING = "receiving"


class Function(StrEnum):
    """What an office does."""

    GCC1111 = "gcc1111"  # the government's contact centre
    DAMRONGDHAM = "damrongdham"
    CALL_CENTRE = "call_centre"
    ADMIN_OFFICE = "admin_office"  # ที่ทำการปกครองจังหวัด
    COVID_CENTRE = "covid_centre"
    AGENCY = "agency"
    TAMBON = "tambon"
    LOCAL_GOVERNMENT = "local_government"  # อปท.


class DeskRole(StrEnum):
    """What a grant lets an account do."""

    OPERATOR = "operator"  # creates and finds cases, answers questions at once
    SUPERVISOR = "supervisor"  # everything in the unit: refers, closes, sees complainants (audited)
    PROVINCE_ADMIN = "province_admin"  # reads the facts
    # district, local, agency: checks, answers, returns; does not see complainants
    OFFICER = "officer"
    REFERRER = "referrer"  # passes matters down, and sees their results
    CENTRAL = "central"  # the ministry: all facts, holidays, time limits; does not see complainants
    VIEWER = "viewer"  # sees only counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An office. `area` is a code (the country's is empty). `parent` is None at the top. It works
    from `active_from` until the day before `active_to`."""

    id: str
    level: UnitLevel
    functions: tuple[Function, ...]
    name_th: str
    name_en: str
    area: str
    parent: str | None
    email: str | None
    active_from: date
    active_to: date | None

    def works_on(self, day: date) -> bool:
        return self.active_from <= day and (self.active_to is None or day < self.active_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """`account` has `role` at `unit` from `since` until the day before `until`."""

    id: int
    account: str
    role: DeskRole
    unit: str
    since: date
    until: date | None

    def counts_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


class UnitFault(ValueError):
    """An impossible unit. The sentence says why."""


@dataclass(frozen=True)
class Units:
    """All units, and their hierarchy."""

    by_id: Mapping[str, Unit]

    @classmethod
    def of(cls, units: Iterable[Unit]) -> "Units":
        return cls({unit.id: unit for unit in units})

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for unit in self.by_id.values():
            if unit.parent is not None:
                children.setdefault(unit.parent, []).append(unit.id)
        return children

    def below(self, top: str) -> frozenset[str]:
        """The unit and all below it."""
        found: set[str] = set()
        waiting = [top]
        while waiting:
            unit = waiting.pop()
            if unit not in found:
                found.add(unit)
                waiting += self._children.get(unit, ())
        return frozenset(found)

    def check(self, unit: Unit) -> None:
        """Raises UnitFault if a new or changed unit does not fit under its parent."""
        if unit.active_to is not None and unit.active_to <= unit.active_from:
            raise UnitFault("it would end before it begins")
        for child in self._children.get(unit.id, ()):
            if not inside(self.by_id[child].area, unit.area):
                raise UnitFault("the area of an office below it would not lie in its area")
        if unit.parent is None:
            return
        parent = self.by_id.get(unit.parent)
        if parent is None:
            raise UnitFault("there is no such parent unit")
        if parent.id in self.below(unit.id):
            raise UnitFault("a unit cannot lie below itself")
        if not inside(unit.area, parent.area):
            raise UnitFault("its area does not lie in its parent's area")


@dataclass(frozen=True)
class Standing:
    """What one account may do on one day."""

    account: str
    grants: Sequence[Grant]
    units: Units

    @property
    def is_anybody(self) -> bool:
        return bool(self.grants)

    def roles(self) -> frozenset[DeskRole]:
        return frozenset(grant.role for grant in self.grants)

    def units_as(self, *roles: DeskRole) -> frozenset[str]:
        """The units at which the account has one of the roles, with all units below."""
        found: set[str] = set()
        for grant in self.grants:
            if grant.role in roles:
                found |= self.units.below(grant.unit)
        return frozenset(found)

    def own_units(self, *roles: DeskRole) -> list[str]:
        """The units of the grants themselves, in order."""
        return list(dict.fromkeys(g.unit for g in self.grants if g.role in roles))
