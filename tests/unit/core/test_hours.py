"""Opening hours: weekdays, nights, holidays, single days; and what a closed queue does."""

from datetime import date, datetime

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.hours import Hours, Roster, Shift
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.story import Story

OFFICE = (((8 * 60 + 30, 12 * 60), (13 * 60, 16 * 60 + 30)),) * 5 + ((),) * 2
NIGHT = (((20 * 60, 32 * 60),),) * 6 + ((),)  # no night begins on Sunday
NEW_YEAR = frozenset({date(2027, 1, 1)})  # a Friday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-30T08:29", False),  # a Monday
        ("2026-11-30T08:30", True),
        ("2026-11-30T12:00", False),
        ("2026-11-30T13:00", True),
        ("2026-11-30T16:30", False),
        ("2026-11-28T10:00", False),
        ("2027-01-01T10:00", False),
        ("2026-12-31T10:00", False),  # a single day
        ("2026-12-05T10:00", True),  # another, a Saturday
    ],
)
def test_office_hours(when: str, is_open: bool) -> None:
    days = {date(2026, 12, 31): (), date(2026, 12, 5): ((540, 720),)}
    assert Hours(week=OFFICE, days=days).is_open(at(when), NEW_YEAR) is is_open


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-30T19:59", False),
        ("2026-11-30T20:00", True),
        ("2026-12-01T07:59", True),
        ("2026-12-01T08:00", False),
        ("2026-11-30T03:00", False),  # Sunday's night
        ("2026-11-29T03:00", True),  # Saturday's night
        ("2027-01-01T03:00", True),  # began before the holiday
        ("2027-01-02T03:00", False),  # would have begun on it
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(when: str, is_open: bool) -> None:
    assert Hours(week=NIGHT).is_open(at(when), NEW_YEAR) is is_open


def test_a_holiday_counts_only_where_it_is_said() -> None:
    hours = Hours(week=OFFICE, closed_on_holidays=False)
    assert hours.is_open(at("2027-01-01T10:00"), NEW_YEAR)


def test_outside_its_hours_a_queue_sends_new_callers_to_its_neighbours() -> None:
    story = Story(rules(DAMRONG, neighbours=(GCC,)))
    story.logs_in("somchai")
    story.logs_in("anan", queues=(GCC,))
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG}), rostered={}))
    story.calls("malee")
    assert story.rang() == [("anan", "malee")]
    story.happens(e.HoursSeen(closed=frozenset(), rostered={}))
    story.calls("wipa")
    assert story.rang()[1:] == [("somchai", "wipa")]


def test_who_waits_at_closing_time_is_served_as_long_as_somebody_is_there() -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=0.0))
    story.logs_in("somchai")
    story.calls("malee", "wipa", "chai")
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG}), rostered={}))
    story.answers("somchai")
    story.leaves("malee")
    assert story.has("somchai") == "wipa"
    story.answers("somchai")
    story.logs_out("somchai")
    assert story.outcomes()["chai"] == "overflow"
    assert [x.exit for x in story.ordered if isinstance(x, c.SendOut)] == [c.Exit.CLOSED]


def test_closed_everywhere_the_caller_is_told_so() -> None:
    story = Story(rules(DAMRONG, neighbours=(GCC,)))
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG, GCC}), rostered={}))
    story.calls("malee")
    assert (story.score("malee").outcome, story.score("malee").reason) == ("rejected", "closed")


def test_a_restart_knows_what_is_closed() -> None:
    story = Story()
    story.happens(e.HoursSeen(closed=frozenset({DAMRONG}), rostered={}))
    story.service_restarts()
    assert story.engine.state.closed == {DAMRONG}
    story.service_restarts(from_all_facts=True)
    assert story.engine.state.closed == {DAMRONG}


def test_shifts_at_the_same_time_add_up_and_a_night_is_of_the_day_it_begins() -> None:
    day, night = Shift(spans=((510, 990),), people=4), Shift(spans=((990, 1950),), people=1)
    roster = Roster(
        week=((day, night),) * 5 + ((night,),) * 2,
        holidays=(Shift(spans=((0, 1440),), people=2),),
        days={date(2026, 12, 30): (Shift(spans=((510, 720),), people=3),)},
    )
    for when, planned in (
        ("2026-11-30T09:00", 4),
        ("2026-11-30T16:30", 1),
        ("2026-12-01T03:00", 1),
        ("2026-12-30T09:00", 3),
        ("2026-12-30T20:00", 0),
        ("2027-01-01T03:00", 3),  # the holiday's two, and the night that began before it
        ("2027-01-01T12:00", 2),
        ("2027-01-02T03:00", 0),
    ):
        assert roster.planned(at(when), NEW_YEAR) == planned, when


def test_who_is_rostered_is_a_fact_that_a_restart_knows() -> None:
    story = Story()
    story.happens(e.HoursSeen(closed=frozenset(), rostered={DAMRONG: 3}))
    story.happens(e.HoursSeen(closed=frozenset(), rostered={DAMRONG: 3, GCC: 1}))
    told = [(x.queue, x.operators) for x in story.told if isinstance(x, f.QueueRostered)]
    assert told == [(DAMRONG, 3), (GCC, 1)], "told when it changes"
    story.service_restarts()
    assert story.engine.state.rostered == {DAMRONG: 3, GCC: 1}
    story.happens(e.HoursSeen(closed=frozenset(), rostered={GCC: 1}))
    assert story.engine.state.rostered[DAMRONG] == 0
