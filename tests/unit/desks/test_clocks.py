"""DD-07: limits counted in hours, days and working days, over holidays and pauses."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desks.shared.clocks import (
    ClockRule,
    Counted,
    due_at,
    is_working_day,
    meet,
    pause,
    resume,
    start,
    stop,
)
from callcenter.desks.shared.thai import BANGKOK
from callcenter.thai_holidays import Holidays

CALENDAR = Holidays()
ANSWER = ClockRule(name="answer", urgent=False, counted=Counted.CALENDAR_DAYS, amount=25)
moments = st.integers(0, 25 * 366 * 86_400).map(
    lambda seconds: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def rule(counted: Counted, amount: int) -> ClockRule:
    return ClockRule(name="x", urgent=False, counted=counted, amount=amount)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BANGKOK)


@pytest.mark.parametrize(
    ("counted", "amount", "started", "due"),
    [
        # 12 April 2565, 15:00: Songkran is 13-15, then a weekend
        (Counted.WORKING_DAYS, 1, "2022-04-12T15:00", "2022-04-18T16:30"),
        (Counted.WORKING_DAYS, 3, "2022-04-12T15:00", "2022-04-20T16:30"),
        (Counted.CALENDAR_DAYS, 15, "2022-04-12T15:00", "2022-04-27T23:59:59"),
        (Counted.HOURS, 2, "2022-04-12T23:00", "2022-04-13T01:00"),
        (Counted.DUTY_HOURS, 3, "2022-04-12T08:30", "2022-04-12T11:30"),
        (Counted.DUTY_HOURS, 3, "2022-04-12T16:30", "2022-04-18T16:30"),
        (Counted.DUTY_HOURS, 3, "2022-04-16T10:00", "2022-04-18T16:30"),  # a Saturday
    ],
)
def test_dd_07_songkran(counted: Counted, amount: int, started: str, due: str) -> None:
    assert due_at(rule(counted, amount), at(started), CALENDAR.is_off) == at(due)


def test_a_year_that_the_ministry_confirmed_is_as_it_was_confirmed() -> None:
    moved = Holidays({2022: {date(2022, 4, 18): "วันหยุดพิเศษ"}})
    assert due_at(rule(Counted.WORKING_DAYS, 1), at("2022-04-12T15:00"), moved.is_off) == at(
        "2022-04-13T16:30"
    )
    assert moved.of(2023) == CALENDAR.of(2023)


@given(moments, st.integers(1, 60))
def test_working_days_end_on_a_working_day_and_there_are_so_many(
    started: datetime, amount: int
) -> None:
    due = due_at(rule(Counted.WORKING_DAYS, amount), started, CALENDAR.is_off)
    first = started.astimezone(BANGKOK).date()
    days = [first + timedelta(days=n) for n in range(1, (due.date() - first).days + 1)]
    assert is_working_day(due.date(), CALENDAR.is_off)
    assert sum(is_working_day(day, CALENDAR.is_off) for day in days) == amount


@given(moments, st.lists(st.integers(1, 10**7), max_size=6))
def test_dd_07_a_paused_clock_is_not_overdue_and_loses_no_time(
    started: datetime, seconds: list[int]
) -> None:
    clock = first = start(ANSWER, 1, started, CALENDAR.is_off)
    now, paused = started, 0
    for length in seconds:
        now += timedelta(hours=1)
        left = clock.days_left(now)
        clock = pause(clock, now)
        now += timedelta(seconds=length)
        assert not clock.is_overdue(now)
        clock = resume(clock, now)
        paused += length
        assert clock.days_left(now) == left
    assert clock.due_at == first.due_at + timedelta(seconds=paused)
    assert clock.rule == first.rule


def test_what_was_met_or_ended_stays_so() -> None:
    clock = start(ANSWER, 1, at("2022-04-12T15:00"), CALENDAR.is_off)
    met = meet(clock, clock.due_at)
    late = meet(clock, clock.due_at + timedelta(seconds=1))
    assert (met.was_on_time, late.was_on_time, clock.was_on_time) == (True, False, None)
    assert stop(met, at("2030-01-01T00:00")) == meet(met, at("2030-01-01T00:00")) == met
    assert not met.is_overdue(at("2030-01-01T00:00"))
    assert clock.is_overdue(clock.due_at + timedelta(seconds=1))
    assert not clock.is_overdue(clock.due_at)
    assert replace(met, met_at=None) == clock
