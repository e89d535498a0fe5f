"""Shifts of people: what may be planned, how a shift was kept, where nobody is planned."""

from datetime import UTC, date, datetime, timedelta

import pytest

from callcenter.core.hours import Hours
from callcenter.oversight.duty import rules
from callcenter.oversight.duty.model import NewShift, Shift, Spell, Standing

NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)  # Monday 09:00 in Thailand
SERVES = {"somchai": ("damrong",), "suda": ("damrong", "gcc")}
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    """A moment of the week, Thai time: `2026-11-30 08:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=rules.THAILAND).astimezone(UTC)


def new(begins: str, ends: str, operator: str = "somchai", queue: str = "damrong") -> NewShift:
    return NewShift(queue=queue, operator=operator, begins_at=local(begins), ends_at=local(ends))


def shift(begins: str, ends: str, operator: str = "somchai") -> Shift:
    made = new(begins, ends, operator)
    return Shift(
        id=1,
        uid="u",
        queue=made.queue,
        operator=made.operator,
        begins_at=made.begins_at,
        ends_at=made.ends_at,
        note="",
        version=1,
        planned_by="suda",
        planned_at=NOW,
    )


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (new("2026-11-30 20:00", "2026-12-01 08:00"), ""),
        (new("2026-11-30 20:00", "2026-12-01 20:00"), ""),
        (new("2026-11-30 20:00", "2026-12-01 20:01"), "24 hours"),
        (new("2026-11-30 20:00", "2026-11-30 20:10"), "15 minutes"),
        (new("2026-11-30 20:00", "2026-11-30 20:00"), "15 minutes"),
        (new("2026-11-30 20:00", "2026-11-30 08:00"), "15 minutes"),
        (new("2026-11-30 01:00", "2026-11-30 09:00"), "over already"),
        (new("2028-11-30 01:00", "2028-11-30 09:00"), "days ahead"),
        (new("2026-11-30 20:00", "2026-12-01 08:00", "nobody"), "no such operator"),
        (new("2026-11-30 20:00", "2026-12-01 08:00", queue="1669"), "no such queue"),
        (new("2026-11-30 20:00", "2026-12-01 08:00", queue="gcc"), "does not serve"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_a_sentence(wanted: NewShift, fault: str) -> None:
    said = rules.fault_of(wanted, SERVES, {"damrong", "gcc"}, NOW)
    assert fault in said and bool(fault) is bool(said)


def test_two_shifts_of_one_person_for_one_queue_do_not_meet() -> None:
    night = new("2026-11-30 20:00", "2026-12-01 08:00")
    morning = new("2026-12-01 08:00", "2026-12-01 16:00")
    early = new("2026-12-01 07:59", "2026-12-01 16:00")
    other = new("2026-12-01 07:00", "2026-12-01 16:00", "suda")
    assert rules.twice([morning, other, night]) is None
    assert rules.twice([early, other, night]) == (2, 0)


NIGHT = shift("2026-11-30 20:00", "2026-12-01 08:00")


@pytest.mark.parametrize(
    ("there", "now", "standing", "late", "present"),
    [
        ([], "2026-11-30 19:59", Standing.PLANNED, None, 0),
        ([], "2026-11-30 20:04", Standing.EXPECTED, 240, 0),
        ([], "2026-11-30 20:05", Standing.LATE, 300, 0),
        ([("19:50", "20:05")], "2026-11-30 20:05", Standing.PRESENT, 0, 300),
        ([("20:02", "20:30")], "2026-11-30 21:00", Standing.LEFT, 120, 1680),
        ([("12:00", "13:00")], "2026-11-30 21:00", Standing.LATE, 3600, 0),
        ([("20:30", "23:30")], "2026-12-01 09:00", Standing.KEPT, 1800, 10_800),
        ([], "2026-12-01 09:00", Standing.MISSED, 43_200, 0),
        ([("20:00", "21:00"), ("20:30", "22:00")], "2026-12-01 09:00", Standing.KEPT, 0, 7200),
    ],
)
def test_how_a_night_across_midnight_was_kept(
    there: list[tuple[str, str]], now: str, standing: Standing, late: int | None, present: int
) -> None:
    spells = [Spell(local(f"2026-11-30 {a}"), local(f"2026-11-30 {b}")) for a, b in there]
    found = rules.attendance(NIGHT, spells, local(now))
    assert (found.standing, found.late_seconds) == (standing, late)
    assert found.present_seconds == present


def test_where_nobody_is_planned_across_midnight() -> None:
    planned = [NIGHT, shift("2026-12-01 08:00", "2026-12-01 12:00", "suda")]
    found = rules.unplanned(None, planned, date(2026, 11, 30), 2, ())
    assert found == [
        Spell(local("2026-11-30 00:00"), local("2026-11-30 20:00")),
        Spell(local("2026-12-01 12:00"), local("2026-12-02 00:00")),
    ]


def test_a_closed_time_needs_nobody_and_a_holiday_is_closed() -> None:
    evening = Hours(week=(((20 * 60, 32 * 60),),) * 7)  # 20:00 to 08:00
    found = rules.unplanned(evening, [NIGHT], date(2026, 11, 30), 2, ())
    assert found == [
        Spell(local("2026-11-30 00:00"), local("2026-11-30 08:00")),  # from Sunday's night
        Spell(local("2026-12-01 20:00"), local("2026-12-02 00:00")),
    ]
    holiday = rules.unplanned(evening, [NIGHT], date(2026, 11, 30), 2, {date(2026, 12, 1)})
    assert holiday == found[:1]


def test_day_and_night_that_follow_each_other_are_one_open_time() -> None:
    always = Hours(week=(((0, 24 * 60),),) * 7)
    found = rules.unplanned(always, [], date(2026, 11, 30), 3, ())
    assert found == [Spell(local("2026-11-30 00:00"), local("2026-12-03 00:00"))]
