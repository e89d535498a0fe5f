"""RP-01, RP-05, RP-06, RP-08: due times as people write them, on time, reminders, shares. Pure."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.desks.shared.rounds import (
    Expected,
    Reminder,
    RoundState,
    Submission,
    completeness,
    counts_from,
    expected_state,
    reminder_at,
    round_state,
    timeliness,
)
from callcenter.desks.shared.thai import BANGKOK, DateFault, read_moment, written_moment

DUE = datetime(2022, 3, 14, 5, 0, tzinfo=UTC)  # 14 March 2565 12:00 in Bangkok
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "typed",
    [
        "๑๔ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น.",
        "วันที่ ๑๔ มี.ค. ๒๕๖๕ เวลา ๑๒.๐๐ น.",
        "14/3/2565 12:00",
        "14 มีนาคม 2565 12.00 น.",
        "2022-03-14T12:00:00+07:00",
        "2022-03-14T05:00:00Z",
        "2022-03-14T12:00",
    ],
)
def test_rp_01_the_due_time_of_the_letter_however_it_is_typed(typed: str) -> None:
    assert read_moment(typed) == DUE
    assert written_moment(read_moment(typed)) == "๑๔ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น."


@pytest.mark.parametrize(
    "typed", ["", "เที่ยง", "14/3/2565", "29 กุมภาพันธ์ 2564 เวลา 12.00 น.", "14/3/2565 25:00", "T"]
)
def test_rp_01_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(DateFault):
        read_moment(typed)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ((11, 59, 59), Expected.ON_TIME),
        ((12, 0, 0), Expected.ON_TIME),
        ((12, 0, 1), Expected.LATE),
    ],
)
def test_rp_05_on_time_to_the_second(received: tuple[int, int, int], expected: Expected) -> None:
    hour, minute, second = received
    at = datetime(2022, 3, 14, hour, minute, second, tzinfo=BANGKOK)
    submission = Submission(is_begun=True, submitted_at=at)
    assert expected_state(DUE, submission, at) is expected


def test_rp_05_what_is_not_submitted_is_missing_a_second_after_due() -> None:
    draft = Submission(is_begun=True)
    assert expected_state(DUE, Submission(), DUE) is Expected.WAITING
    assert expected_state(DUE, draft, DUE) is Expected.DRAFT
    assert expected_state(DUE, draft, DUE + SECOND) is Expected.MISSING
    assert expected_state(DUE, Submission(is_excused=True), DUE + SECOND) is Expected.EXCUSED


def test_rp_05_submitted_again_within_a_day_of_the_return_keeps_its_time() -> None:
    first, returned = DUE - SECOND, DUE + timedelta(hours=3)
    day = timedelta(hours=24)
    assert counts_from(None, None, DUE) == DUE
    assert counts_from(first, None, DUE + day) == first  # a correction
    assert counts_from(first, returned, returned + day) == first
    assert counts_from(first, returned, returned + day + SECOND) == returned + day + SECOND
    draft = Submission(is_begun=True, returned_at=returned)
    assert expected_state(DUE, draft, returned + day) is Expected.DRAFT
    assert expected_state(DUE, draft, returned + day + SECOND) is Expected.MISSING


@pytest.mark.parametrize(
    ("at", "reminder"),
    [
        ("2022-03-13T11:59:59", None),
        ("2022-03-13T12:00:00", Reminder.DAY_BEFORE),
        ("2022-03-14T09:59:59", Reminder.DAY_BEFORE),
        ("2022-03-14T10:00:00", Reminder.HOURS_BEFORE),
        ("2022-03-14T12:00:00", Reminder.HOURS_BEFORE),
        ("2022-03-14T12:00:01", Reminder.OVERDUE),
        ("2022-03-15T12:00:01", None),
    ],
)
def test_rp_06_reminders_a_day_and_two_hours_before_and_once_after(
    at: str, reminder: Reminder | None
) -> None:
    assert reminder_at(DUE, datetime.fromisoformat(at).replace(tzinfo=BANGKOK)) is reminder


def test_rp_08_shares_are_of_those_who_were_expected() -> None:
    states = [Expected.ON_TIME] * 75 + [Expected.LATE, Expected.MISSING]
    assert (timeliness(states).counted, timeliness(states).of) == (75, 77)
    assert f"{timeliness(states).share:.1%}" == "97.4%"
    assert f"{completeness(states).share:.1%}" == "98.7%"
    assert completeness([*states, Expected.EXCUSED]).of == 77
    assert completeness([Expected.EXCUSED]).share is None


def test_a_round_is_open_until_due_and_goes_on_until_it_is_published() -> None:
    opens = DUE - timedelta(days=7)
    assert round_state(opens, DUE, None, opens - SECOND) is RoundState.PLANNED
    assert round_state(opens, DUE, None, DUE) is RoundState.OPEN
    assert round_state(opens, DUE, None, DUE + SECOND) is RoundState.PAST_DUE
    assert round_state(opens, DUE, DUE, DUE + SECOND) is RoundState.PUBLISHED
