"""Who came first is first in line, also when the service heard of both in the same moment."""

import pytest

from callcenter.ari.lateness import LATEST_SECONDS, WINDOW_SECONDS, Lateness

USUAL_SECONDS = 0.002


def at(second: float) -> str:
    """Asterisk's stamp; its wall clock is 0 at noon, when ours (the loop's) is 100."""
    minutes, seconds = divmod(second, 60)
    return f"2026-01-01T12:{minutes:02.0f}:{seconds:06.3f}+0000"


def heard(second: float) -> float:
    return 100.0 + USUAL_SECONDS + second


def test_nothing_is_late_as_a_rule() -> None:
    lateness = Lateness()
    assert max(lateness.of(at(second), heard(second)) for second in range(1, 1000)) < 0.001


def test_two_who_waited_for_us_keep_the_time_between_them() -> None:
    lateness = Lateness()
    lateness.of(at(1), heard(1))
    first, second = lateness.of(at(2.0), heard(2.5)), lateness.of(at(2.3), heard(2.5))
    assert (round(first, 3), round(second, 3)) == (0.5, 0.2)


@pytest.mark.parametrize("by_seconds", [-5.0, 5.0, -0.1, LATEST_SECONDS + 1, -3000.0])
def test_a_clock_that_was_set_makes_nobody_older_for_long(by_seconds: float) -> None:
    lateness = Lateness()
    lateness.of(at(1), heard(1))
    late = {second: lateness.of(at(second), heard(second) + by_seconds) for second in range(2, 500)}
    assert all(-0.001 < seconds <= max(0.0, by_seconds) + 0.001 for seconds in late.values())
    assert all(seconds < 0.001 for second, seconds in late.items() if second > 2 * WINDOW_SECONDS)


def test_a_stamp_that_is_none_is_not_late() -> None:
    assert Lateness().of("yesterday", 5.0) == 0.0
