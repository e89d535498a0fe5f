"""Readers of ADX and of DHIS2's data values that share no code with what writes them.

ADX is read by the rules of its own schema (`adx_loose.xsd` of IHE's profile of 2015, with SDMX's
TimeRangeType), then as DHIS2 imports it: by codes, with the durations that DHIS2 knows. Both say in
the end what DHIS2 would store: for (org unit, period of DHIS2, data element) a number.
"""

import json
import re
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree

Stored = dict[tuple[str, str, str], Decimal]
ADX = "{urn:ihe:qrph:adx:2015}"
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
TOKEN = re.compile(r"\S+( \S+)*")
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
TIME_RANGE = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"
    r"/P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
)
CODE = re.compile(r"[^\s]{1,50}")  # of DHIS2
DHIS2_PERIOD = re.compile(
    r"\d{8}|\d{4}W([1-9]|[1-4]\d|5[0-3])|\d{4}(0[1-9]|1[0-2])|\d{4}0[1-6]B|\d{4}Q[1-4]"
    r"|\d{4}(April)?S[12]|\d{4}(April|July|Oct)?"
)


class RefusedError(ValueError):
    """The reader does not take it."""


def must(holds: object, why: str) -> None:
    if not holds:
        raise RefusedError(why)


def valid_adx(content: bytes) -> ElementTree.Element:
    """By the schema. Raises RefusedError."""
    root = ElementTree.fromstring(content)
    must(root.tag == f"{ADX}adx" and len(root), "an adx with one group at least")
    _has(root, exported=DATE_TIME)
    datetime.fromisoformat(root.attrib["exported"])
    for group in root:
        must(group.tag == f"{ADX}group" and len(group), "a group with one value at least")
        _has(group, orgUnit=TOKEN, period=TIME_RANGE)
        for value in group:
            must(value.tag == f"{ADX}dataValue" and not len(value), "a dataValue")
            _has(value, dataElement=TOKEN, value=DECIMAL)
    return root


def adx_in_dhis2(content: bytes) -> Stored:
    """What DHIS2 stores of it. Raises RefusedError."""
    found: Stored = {}
    for group in valid_adx(content):
        must(CODE.fullmatch(group.attrib.get("dataSet", "")), "the data set has a code")
        must(CODE.fullmatch(group.attrib["orgUnit"]), "the org unit has a code")
        period = _named(group.attrib["period"])
        for value in group:
            key = group.attrib["orgUnit"], period, value.attrib["dataElement"]
            must(CODE.fullmatch(key[2]), "the data element has a code")
            must(key not in found, f"{key} twice: the last would overwrite the others")
            found[key] = Decimal(value.attrib["value"])
    return found


def json_in_dhis2(content: bytes) -> Stored:
    """What DHIS2 stores of a dataValueSets body. Raises RefusedError."""
    body = json.loads(content)
    known = {"idScheme", "dataElementIdScheme", "orgUnitIdScheme", "dataSet", "dataValues"}
    must(set(body) <= known, "DHIS2 knows each name")
    for each in ("dataElementIdScheme", "orgUnitIdScheme", "idScheme"):
        must(body.get(each) == "CODE", "without a scheme DHIS2 looks for its own identifiers")
    found: Stored = {}
    for value in body["dataValues"]:
        must(set(value) == {"dataElement", "orgUnit", "period", "value"}, "all of a value")
        must(all(type(each) is str for each in value.values()), "texts")
        must(DHIS2_PERIOD.fullmatch(value["period"]), "a period of DHIS2")
        must(DECIMAL.fullmatch(value["value"]), "a number")
        key = value["orgUnit"], value["period"], value["dataElement"]
        must(key not in found, f"{key} twice: the last would overwrite the others")
        found[key] = Decimal(value["value"])
    return found


def _has(element: ElementTree.Element, **attributes: re.Pattern[str]) -> None:
    for name, pattern in attributes.items():
        told = element.attrib.get(name, "")
        must(pattern.fullmatch(told), f"{name} of {element.tag}: {told}")


def _named(period: str) -> str:
    """As AdxPeriod.java of DHIS2 does: a date and one of its durations."""
    begin, duration = period.split("/")
    must(re.fullmatch(r"\d{4}-\d\d-\d\d", begin), f"DHIS2 takes no time of day: {begin}")
    first = date.fromisoformat(begin)
    if duration == "P7D":
        must(first.isoweekday() == 1, "a week begins on Monday here")
        return "{}W{}".format(*first.isocalendar())
    month = first.month
    names = {
        "P1D": f"{first:%Y%m%d}",
        "P1M": f"{first:%Y%m}",
        "P2M": f"{first.year}{(month + 1) // 2:02}B",
        "P3M": f"{first.year}Q{(month + 2) // 3}",
    }
    if month in (1, 4, 7, 10):
        half = {1: "S1", 4: "AprilS1", 7: "S2", 10: "AprilS2"}[month]
        year = {1: "", 4: "April", 7: "July", 10: "Oct"}[month]
        names |= {"P6M": f"{first.year}{half}", "P1Y": f"{first.year}{year}"}
    must(duration in names, f"DHIS2 knows no {duration} from {begin}")
    return names[duration]
