"""By when the holidays of a year should be confirmed, and what the doctor says about it."""

from datetime import date

import pytest

from callcenter.cli.doctor.database import holidays
from callcenter.cli.doctor.finding import Health
from callcenter.thai_holidays import unconfirmed


@pytest.mark.parametrize(
    ("today", "confirmed", "missing"),
    [
        (date(2026, 11, 30), {2026}, []),
        (date(2026, 12, 1), {2026}, [2027]),
        (date(2026, 12, 31), {2026}, [2027]),
        (date(2027, 1, 1), {2026}, [2027]),
        (date(2026, 12, 1), {2026, 2027}, []),
        (date(2026, 12, 1), {2025}, [2026, 2027]),
        (date(2026, 6, 1), set[int](), [2026]),
    ],
)
def test_the_next_year_is_missed_from_the_first_of_december_on(
    today: date, confirmed: set[int], missing: list[int]
) -> None:
    assert unconfirmed(today, confirmed) == missing


def test_the_doctor_names_the_days_that_are_only_computed() -> None:
    [before] = holidays(date(2026, 11, 30), {2026})
    assert before.health is Health.OK
    [missed] = holidays(date(2026, 12, 1), {2026})
    assert missed.health is Health.WARN
    assert "holidays of 2027 are only computed" in missed.what
    assert "13.04., 14.04., 15.04." in missed.what, "Songkran"
    assert "confirm-holidays 2027" in missed.advice
