"""Days on which Thai offices are closed.

A year that the ministry has confirmed has exactly the confirmed days. For any other year the
package `holidays` (PyPI, MIT) gives the days, with substitution days and the Cabinet's special
ones.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

FIRST_YEAR, LAST_YEAR = 2000, 2099
CONFIRMED_BY = (12, 1)
"""Month and day of the year before by which the holidays of a year should be confirmed: then the
Cabinet has announced them, and deadlines already reach into the new year."""
_NO_DAY_OFF = ("วันเด็กแห่งชาติ",)  # celebrated, but always a Saturday


@cache
def holidays_of(year: int) -> Mapping[date, str]:
    """The days that the package gives for a year of the common era."""
    from holidays import country_holidays  # a third of a megabyte, and only deadlines need it

    days = country_holidays("TH", years=year, language="th")
    return {
        day: name
        for day, name in sorted(days.items())
        if day.year == year and name not in _NO_DAY_OFF
    }


def unconfirmed(today: date, confirmed: Collection[int]) -> list[int]:
    """The years whose holidays should be confirmed by now, and are only computed: the present
    year, and from 1 December on the next one."""
    reached = [today.year]
    if (today.month, today.day) >= CONFIRMED_BY:
        reached.append(today.year + 1)
    return [year for year in reached if year not in confirmed]


@dataclass(frozen=True)
class Holidays:
    """The calendar for deadlines. `confirmed`: years that the ministry has confirmed."""

    confirmed: Mapping[int, Mapping[date, str]] = field(default_factory=dict)

    def of(self, year: int) -> Mapping[date, str]:
        return self.confirmed[year] if year in self.confirmed else holidays_of(year)

    def is_off(self, day: date) -> bool:
        return day in self.of(day.year)
