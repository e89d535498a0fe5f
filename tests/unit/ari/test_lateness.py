"""Who came first is first in line, also when the service heard of both in the same moment."""

from callcenter.ari.lateness import Lateness

USUAL_SECONDS = 0.002


def at(second: float) -> str:
    """Asterisk's stamp; its wall clock is 0 at noon, when ours (the loop's) is 100."""
    return f"2026-01-01T12:00:{second:06.3f}+0000"


def heard(second: float) -> float:
    return 100.0 + USUAL_SECONDS + second


def test_nothing_is_late_as_a_rule() -> None:
    lateness = Lateness()
    assert [lateness.of(at(second), heard(second)) for second in (1, 2, 3)] == [0.0, 0.0, 0.0]


def test_two_who_waited_for_us_keep_the_time_between_them() -> None:
    lateness = Lateness()
    lateness.of(at(1), heard(1))
    first, second = lateness.of(at(2.0), heard(2.5)), lateness.of(at(2.3), heard(2.5))
    assert (round(first, 3), round(second, 3)) == (0.5, 0.2)


def test_a_clock_that_was_set_makes_nobody_older() -> None:
    lateness = Lateness()
    lateness.of(at(1), heard(1))
    assert lateness.of(at(2), heard(2) + 3600) == 0.0
    assert lateness.of(at(3), heard(3) + 3600) < 0.001
    assert lateness.of(at(4), heard(4)) == 0.0


def test_a_stamp_that_is_none_is_not_late() -> None:
    assert Lateness().of("yesterday", 5.0) == 0.0
