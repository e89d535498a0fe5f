"""The days that the ministry confirmed count for opening hours, also after a restart."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

from callcenter.core.events import Event, HoursSeen
from callcenter.core.hours import Hours
from callcenter.core.state import State
from callcenter.runtime.holidays import KnownHolidays
from callcenter.runtime.hours import OpeningHours
from callcenter.thai_holidays import Holidays, holidays_of
from tests.site import DAMRONG, rules, site

BRIDGE_DAY = date(2026, 11, 30)  # a Monday that the package knows nothing of
FATHERS_DAY = date(2026, 12, 5)
CONFIRMED = Holidays({2026: {BRIDGE_DAY: "วันหยุดพิเศษ"}})
MORNING = Hours(week=(((8 * 60, 12 * 60),),) * 7)


def test_a_confirmed_day_closes_and_a_day_that_was_not_confirmed_opens(tmp_path: Path) -> None:
    assert BRIDGE_DAY not in holidays_of(2026) and FATHERS_DAY in holidays_of(2026)
    known, told = KnownHolidays(tmp_path / "holidays.json"), list[frozenset[str]]()
    state = State(site(rules(DAMRONG, hours=MORNING)))
    now = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)  # nine in the morning

    def put(event: Event) -> bool:
        seen = cast(HoursSeen, event)
        if seen.closed != state.closed:
            told.append(frozenset(seen.closed))
        state.closed = seen.closed
        return True

    hours = OpeningHours(state, put, wall=lambda: now, holidays=known.of)
    hours.look()
    assert told == [], "open, as the package has it"
    known.take(CONFIRMED)
    now = now.replace(minute=1)
    hours.look()
    assert told == [frozenset({DAMRONG})]
    now = datetime(2026, 12, 5, 2, 0, tzinfo=UTC)
    hours.look()
    assert told[-1] == frozenset()


def test_a_restart_knows_what_was_confirmed_before_the_database_is_there(tmp_path: Path) -> None:
    path = tmp_path / "holidays.json"
    assert KnownHolidays(path).take(CONFIRMED)
    again = KnownHolidays(path)
    assert again.of(2026) == CONFIRMED.of(2026)
    assert again.of(2027) == holidays_of(2027)
    assert not again.take(CONFIRMED)
    assert again.take(Holidays()), "it was taken back"
    assert KnownHolidays(path).of(2026) == holidays_of(2026)


def test_a_file_that_cannot_be_read_is_as_none(tmp_path: Path) -> None:
    path = tmp_path / "holidays.json"
    for text in ("", "[]", "{", '{"2026": {"x": "y"}}', '{"x": 1}'):
        path.write_text(text)
        assert KnownHolidays(path).of(2026) == holidays_of(2026), text


def test_what_could_not_be_written_counts_all_the_same_and_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "away" / "holidays.json"
    known = KnownHolidays(path)
    for _ in range(2):
        try:
            known.take(CONFIRMED)
        except OSError:
            pass
        else:
            raise AssertionError("there is no such folder")
    assert known.of(2026) == CONFIRMED.of(2026)
    path.parent.mkdir()
    assert known.take(CONFIRMED)
