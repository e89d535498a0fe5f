"""iCalendar, read strictly and written so that it reads back."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.oversight.duty import ical
from callcenter.oversight.duty.model import Shift

NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)


def calendar(*lines: str) -> bytes:
    event = ["BEGIN:VEVENT", "UID:1", "DTSTART:20261130T130000Z", "DTEND:20261201T010000Z"]
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", *(lines or (*event, "END:VEVENT")), "END:VCALENDAR"]
    return "\r\n".join(whole).encode() + b"\r\n"


def event(*lines: str) -> bytes:
    return calendar("BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT")


BEGINS = datetime(2026, 11, 30, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "begins",
    [
        "DTSTART:20261130T130000Z",
        "DTSTART:20261130T200000",
        "DTSTART;TZID=Asia/Bangkok:20261130T200000",
        'DTSTART;TZID="SE Asia Standard Time":20261130T200000',
        "DTSTART;TZID=UTC:20261130T130000",
        "DTSTART;X-A=1,2;VALUE=DATE-TIME:20261130T130000Z",
    ],
)
def test_a_time_without_a_zone_is_thailands(begins: str) -> None:
    [found] = ical.read(event(begins, "DURATION:PT12H"))
    assert found.begins == BEGINS
    assert found.ends == datetime(2026, 12, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "begins with BEGIN:VCALENDAR"),
        (b"\xff\xfe", "not UTF-8"),
        (b"<html>", "begins with BEGIN:VCALENDAR"),
        (event("DTSTART:20261130T130000Z", "DTEND:20261130T120000Z"), "ends before it begins"),
        (event("DTSTART:20261130T130000Z"), "no DTEND"),
        (event("DTEND:20261130T130000Z"), "no DTSTART"),
        (event("DTSTART:25691130T130000Z", "DURATION:P"), "DURATION must be"),
        (event("DTSTART:20261330T130000Z", "DTEND:20261130T120000Z"), "must be as"),
        (event("DTSTART:20261130T256000Z", "DTEND:20261130T120000Z"), "must be as"),
        (event("DTSTART;TZID=Europe/Paris:20261130T130000", "DURATION:PT1H"), "time zone"),
        (event("DTSTART:20261130T130000Z", "DURATION:PT8H", "RRULE:FREQ=DAILY"), "repetition"),
        (event("DTSTART:20261130T130000Z", "DTSTART:20261130T130000Z"), "stands twice"),
        (event("DTSTART;VALUE=DATE:20261130", "DTEND:20261201T000000Z"), "ends before"),
        (event("no line"), "line 5: is no line"),
        (calendar("BEGIN:VEVENT", "UID:1"), "ends what did not begin"),
        (calendar()[: -len("END:VCALENDAR\r\n")], "the file ends before"),
        (calendar(*["BEGIN:VEVENT", "BEGIN:VEVENT", "END:VEVENT"]), "ends what did not begin"),
    ],
)
def test_what_is_no_shift_is_refused_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(ical.CalendarError) as caught:
        ical.read(data)
    assert said in str(caught.value)


def test_at_most_ten_faults_are_told_and_two_thousand_events_read() -> None:
    many = [line for _ in range(12) for line in ("BEGIN:VEVENT", "UID:1", "END:VEVENT")]
    with pytest.raises(ical.CalendarError) as caught:
        ical.read(calendar(*many))
    assert len(caught.value.faults) == 10
    one = ["BEGIN:VEVENT", "UID:1", "DTSTART:20261130T130000Z", "DURATION:PT1H", "END:VEVENT"]
    assert len(ical.read(calendar(*one * 2_000))) == 2_000
    with pytest.raises(ical.CalendarError, match="at most 2000"):
        ical.read(calendar(*one * 2_001))


def test_alarms_and_zones_are_passed_over_and_lines_unfolded() -> None:
    data = calendar(
        *("BEGIN:VTIMEZONE", "TZID:Asia/Bangkok", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
        *("END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT", "UID:a"),
        *("DTSTART:20261130T130000Z", "DTEND:20261201T010000Z"),
        *("SUMMARY:สม", " ชาย\\, ใจดี\\; เวร\\nดึก", "STATUS:CANCELLED", "BEGIN:VALARM"),
        *("TRIGGER:-PT15M", "DTSTART:1", "END:VALARM", "X-HOTLINE-QUEUE:gcc", "END:VEVENT"),
    )
    [found] = ical.read(data)
    assert (found.summary, found.queue, found.cancelled) == ("สมชาย, ใจดี; เวร ดึก", "gcc", True)
    assert found.line == 9


plain = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60).map(str.strip)


@given(note=plain, name=plain, title=plain)
def test_what_is_written_reads_back(note: str, name: str, title: str) -> None:
    shift = Shift(
        id=7,
        uid="7@duty.hotline",
        queue="gcc",
        operator="somchai",
        begins_at=BEGINS,
        ends_at=datetime(2026, 12, 1, 1, tzinfo=UTC),
        note=note,
        version=3,
        planned_by="suda",
        planned_at=NOW,
    )
    written = ical.shifts_as_calendar([shift], {"somchai": name}, {"gcc": title}, NOW)
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    [found] = ical.read(written)
    assert (found.uid, found.operator, found.queue) == ("7@duty.hotline", "somchai", "gcc")
    assert (found.begins, found.ends) == (shift.begins_at, shift.ends_at)
    assert (found.note, found.summary) == (note, f"{name} · {title}".strip())


def test_days_off_are_whole_days() -> None:
    days = {date(2026, 12, 10): "วันรัฐธรรมนูญ", date(2026, 12, 31): "วันสิ้นปี"}
    found = ical.read(ical.days_as_calendar(days, NOW))
    assert {each.begins: each.summary for each in found} == days
    assert found[1].ends == date(2027, 1, 1)


@given(st.binary(max_size=300))
def test_no_file_brings_it_down(data: bytes) -> None:
    for sent in (data, b"BEGIN:VCALENDAR\n" + data, calendar()[:-15] + data):
        try:
            ical.read(sent)
        except ical.CalendarError as error:
            assert 1 <= len(error.faults) <= 10
