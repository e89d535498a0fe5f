"""The national table for health information systems: ADX (IHE QRPH) and data values of DHIS2. Pure.

Who reads them maps by codes: data elements and the data set by ours, org units by OCHA's codes of
areas. A number that nobody gave is left out: never 0.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree

import msgspec

from callcenter.desks.reports.consolidation import Consolidation, UnitRow
from callcenter.desks.reports.exports import area_code
from callcenter.desks.reports.form import plain
from callcenter.desks.reports.model import Field
from callcenter.desks.shared.thai import local

ADX = "application/adx+xml"
ADX_NAMESPACE = "urn:ihe:qrph:adx:2015"
DATA_SET = "CALL_CENTRE_REPORT_V1"
WEEK = timedelta(days=7)


class PeriodFault(ValueError):
    """DHIS2 has no name for this period."""


class NothingFault(ValueError):
    """No unit has given a number: ADX has no way to say that."""


def adx(table: Consolidation) -> bytes:
    """ADX: a group of data values for each unit that reported. Raises NothingFault."""
    period = adx_period(table.period_from, table.period_before)
    root = ElementTree.Element(
        "adx", {"xmlns": ADX_NAMESPACE, "exported": table.made_at.isoformat()}
    )
    for row, org_unit in _org_units(table):
        group = {"orgUnit": org_unit, "period": period, "dataSet": DATA_SET}
        element = ElementTree.SubElement(root, "group", group)
        for name, value in _values(row):
            ElementTree.SubElement(element, "dataValue", {"dataElement": name, "value": value})
    if not len(root):
        raise NothingFault("No unit has given a number yet.")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def dhis2(table: Consolidation) -> bytes:
    """A body of DHIS2's dataValueSets. It says that its identifiers are codes: without that, DHIS2
    takes them for its own. Raises PeriodFault."""
    period = dhis2_period(table.period_from, table.period_before)
    schemes = dict.fromkeys(("idScheme", "dataElementIdScheme", "orgUnitIdScheme"), "CODE")
    values = [
        {"dataElement": name, "orgUnit": org_unit, "period": period, "value": value}
        for row, org_unit in _org_units(table)
        for name, value in _values(row)
    ]
    return msgspec.json.encode({**schemes, "dataSet": DATA_SET, "dataValues": values})


def _values(row: UnitRow) -> list[tuple[str, str]]:
    return [(each.value, plain(row.numbers[each])) for each in Field if each in row.numbers]


def _org_units(table: Consolidation) -> list[tuple[UnitRow, str]]:
    """Who gave numbers, by the code of the area. Where several units of one area are expected, none
    of them stands for it: each has its own code, or one would overwrite the other's numbers."""
    expected = Counter(row.area for row in table.units)
    return [
        (
            row,
            area_code(row.area) if expected[row.area] == 1 else f"{area_code(row.area)}_{row.unit}",
        )
        for row in table.units
        if row.numbers
    ]


def adx_period(since: datetime, before: datetime) -> str:
    """The beginning and a duration of ISO 8601: in months where these are whole ones, for DHIS2
    knows no month of 31 days; else in days; else, with the time of day, in seconds, too."""
    begin, end = local(since), local(before)
    if not _whole_days(begin, end):
        return f"{begin.isoformat(timespec='seconds')}/{_duration(end - begin)}"
    months = _months(begin.date(), end.date())
    if months is None:
        return f"{begin:%Y-%m-%d}/P{(end - begin).days}D"
    return f"{begin:%Y-%m-%d}/" + ("P1Y" if months == 12 else f"P{months}M")


def dhis2_period(since: datetime, before: datetime) -> str:
    """The name that DHIS2 has for it. Raises PeriodFault."""
    begin, end = local(since), local(before)
    first, after = begin.date(), end.date()
    if _whole_days(begin, end):
        if after - first == timedelta(days=1):
            return f"{first:%Y%m%d}"
        if after - first == WEEK and first.isoweekday() == 1:
            year, week, _ = first.isocalendar()
            return f"{year}W{week}"
        if (name := _named_months(first, _months(first, after))) is not None:
            return name
    raise PeriodFault(
        "DHIS2 takes a day, a week from Monday, one, two, three, six or twelve months."
    )


def _named_months(first: date, months: int | None) -> str | None:
    year, month = first.year, first.month
    match months:
        case 1:
            return f"{first:%Y%m}"
        case 2 if month % 2 == 1:
            return f"{year}{month // 2 + 1:02}B"
        case 3 if month % 3 == 1:
            return f"{year}Q{month // 3 + 1}"
        case 6:
            halves = {1: "S1", 7: "S2", 4: "AprilS1", 10: "AprilS2"}
            return f"{year}{halves[month]}" if month in halves else None
        case 12:  # October: Thailand's fiscal year
            years = {1: "", 4: "April", 7: "July", 10: "Oct"}
            return f"{year}{years[month]}" if month in years else None
    return None


def _whole_days(begin: datetime, end: datetime) -> bool:
    return begin.time() == end.time() == time()


def _months(first: date, after: date) -> int | None:
    """How many whole months; None: they are not whole."""
    if first.day != 1 or after.day != 1:
        return None
    return (after.year - first.year) * 12 + after.month - first.month


def _duration(length: timedelta) -> str:
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{length.days}D" if length.days else ""
    return f"P{days}T{hours}H{minutes}M{seconds}S"
