"""Opening hours against a clock: told when something changes, anew when it was not heard."""

from dataclasses import replace
from datetime import UTC, date, datetime

from callcenter.core.events import CallbackHoursSeen, Event, HoursSeen
from callcenter.core.hours import Hours, Roster, Shift
from callcenter.core.ids import QueueName
from callcenter.core.site import CallbackRules
from callcenter.core.state import State, Uncovered
from callcenter.runtime.hours import OpeningHours
from tests.site import DAMRONG, rules, site

MORNING = Hours(week=(((8 * 60, 12 * 60),),) * 7)


class Clock:
    """A state, an inbox and a clock on the wall."""

    def __init__(self) -> None:
        self.state = State(site(rules(DAMRONG, hours=MORNING)))
        self.told: list[Event] = []
        self.hears = True
        self.now = datetime(2026, 11, 30, 0, 59, 59, tzinfo=UTC)  # 07:59:59 in Thailand
        self.hours = OpeningHours(
            self.state, self._put, wall=lambda: self.now, holidays=lambda year: HOLIDAYS
        )

    def _put(self, event: Event) -> bool:
        if self.hears:
            self.told.append(event)
            if not isinstance(event, HoursSeen):
                return True
            seen = event
            self.state.closed, self.state.rostered = seen.closed, dict(seen.rostered)
            gaps = {name: Uncovered(since=0.0, planned=False) for name in seen.uncovered}
            self.state.uncovered = gaps
        return self.hears

    def at(self, text: str) -> list[Event]:
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)
        self.told.clear()
        self.hours.look()
        return self.told


HOLIDAYS = {date(2026, 12, 10): "วันรัฐธรรมนูญ"}
CLOSED, OPEN = (
    HoursSeen(closed=frozenset({DAMRONG}), rostered={}),
    HoursSeen(closed=frozenset(), rostered={}, uncovered=frozenset({DAMRONG})),
)


def test_told_at_the_minute_in_thai_time() -> None:
    clock = Clock()
    assert clock.at("2026-11-30T00:59:59") == [CLOSED]
    assert clock.at("2026-11-30T01:00:00") == [OPEN]
    assert clock.at("2026-11-30T01:00:01") == []
    assert clock.at("2026-11-30T05:00:00") == [CLOSED]


def test_a_holiday_is_a_thai_day() -> None:
    clock = Clock()
    assert clock.at("2026-12-09T16:59:00") == [CLOSED]
    assert clock.at("2026-12-10T02:00:00") == [], "09:00 on the holiday"
    assert clock.at("2026-12-11T02:00:00") == [OPEN]


def test_what_a_full_inbox_refused_is_told_again() -> None:
    clock = Clock()
    clock.hears = False
    assert clock.at("2026-11-30T00:59:00") == []
    clock.hears = True
    assert clock.at("2026-11-30T00:59:01") == [CLOSED]


def test_another_site_is_looked_at_at_once() -> None:
    clock = Clock()
    clock.at("2026-11-30T00:59:00")
    clock.state.site = site()
    assert clock.at("2026-11-30T00:59:01") == [HoursSeen(closed=frozenset(), rostered={})]


def test_who_is_rostered_is_told_with_each_shift_and_none_when_the_roster_is_gone() -> None:
    shift = Shift(spans=((8 * 60, 16 * 60),), people=2)
    clock = Clock()
    clock.state.site = site(rules(DAMRONG, roster=Roster(week=((shift,),) * 7)))

    def seen(planned: int, *uncovered: QueueName) -> list[Event]:
        return [
            HoursSeen(
                closed=frozenset(), rostered={DAMRONG: planned}, uncovered=frozenset(uncovered)
            )
        ]

    assert clock.at("2026-11-30T00:59:00") == seen(0, DAMRONG)
    assert clock.at("2026-11-30T01:00:00") == seen(2, DAMRONG)
    assert clock.at("2026-11-30T01:01:00") == []
    clock.state.site = site()
    assert clock.at("2026-11-30T01:01:01") == seen(0, DAMRONG), "it was planned a moment ago"


def test_the_hours_that_can_be_chosen_for_a_callback_are_told_every_hour() -> None:
    clock = Clock()
    allowed = CallbackRules(prefixes=("08",), choose_hour=True, hours=MORNING)
    clock.state.configure(replace(clock.state.site, callbacks=allowed))

    def told(at: str) -> list[tuple[int, float, bool]]:
        seen = [x for x in clock.at(at) if isinstance(x, CallbackHoursSeen)]
        return [hour for each in seen for hour in each.hours[DAMRONG]]

    assert told("2026-11-30T02:30:00") == [
        *((10, 1800.0, False), (11, 5400.0, False)),
        (8, 22.5 * 3600.0, True),
    ], "9:30 in Thailand: the hour of now is over, and 9 o'clock tomorrow is in 23.5 hours"
    assert told("2026-11-30T02:59:59") == []
    assert [hour for hour, *_ in told("2026-11-30T03:00:00")] == [11, 8, 9]


def test_no_hours_are_told_where_nobody_may_choose() -> None:
    clock = Clock()
    allowed = CallbackRules(prefixes=("08",), hours=MORNING)
    clock.state.configure(replace(clock.state.site, callbacks=allowed))
    assert not [x for x in clock.at("2026-11-30T02:30:00") if isinstance(x, CallbackHoursSeen)]
