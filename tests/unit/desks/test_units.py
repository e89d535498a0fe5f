"""Offices: who is below whom, and what a grant is good for."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desks.shared.thailand import units_of_thailand
from callcenter.desks.shared.units import DeskRole, Grant, Standing, UnitFault, Units

DAY = date(2021, 8, 17)
UNITS = Units.of(units_of_thailand(DAY))
R = DeskRole
ids = st.sampled_from(sorted(UNITS.by_id))


def grant(role: DeskRole, unit: str) -> Grant:
    return Grant(id=1, account="a", role=role, unit=unit, since=DAY, until=None)


def test_the_offices_of_the_country() -> None:
    assert len(UNITS.by_id) == 2 + 77 + 928
    assert UNITS.below("p33") >= {"p33", "d3307"}
    assert len(UNITS.below("p33")) == 1 + 22
    assert "gcc1111" not in UNITS.below("moi")
    assert len(UNITS.below("moi")) == 1 + 77 + 928


@given(st.lists(st.tuples(st.sampled_from(R), ids), max_size=5), st.sampled_from(R))
def test_a_role_reaches_its_units_and_all_below_and_no_other(
    given_: list[tuple[DeskRole, str]], role: DeskRole
) -> None:
    standing = Standing("a", [grant(r, u) for r, u in given_], UNITS)
    reached = standing.units_as(role)
    for unit in UNITS.by_id:
        above, chain = UNITS.by_id[unit], {unit}
        while above.parent:
            above = UNITS.by_id[above.parent]
            chain.add(above.id)
        assert (unit in reached) == any(r is role and u in chain for r, u in given_)


def test_a_grant_counts_from_its_first_day_to_the_day_before_its_last() -> None:
    week = replace(grant(R.OFFICER, "d3307"), until=DAY + timedelta(days=7))
    days = [DAY + timedelta(days=n) for n in (-1, 0, 6, 7)]
    assert [week.counts_on(day) for day in days] == [False, True, True, False]


def test_a_unit_must_fit_under_its_parent() -> None:
    prang_ku = UNITS.by_id["d3307"]
    UNITS.check(prang_ku)
    wrong = [
        replace(prang_ku, parent="nobody"),
        replace(prang_ku, parent="p34"),
        replace(UNITS.by_id["p33"], parent="d3307"),
        replace(prang_ku, active_to=DAY),
    ]
    for unit in wrong:
        with pytest.raises(UnitFault):
            UNITS.check(unit)


def test_an_area_is_not_drawn_away_from_under_the_offices_below() -> None:
    province = UNITS.by_id["p33"]
    UNITS.check(replace(province, name_th="ใหม่"))
    with pytest.raises(UnitFault, match="below it"):
        UNITS.check(replace(province, area="34"))
