"""A fiftieth of the national day, audited; and the books that audit it notice what is wrong."""

from collections import Counter
from functools import cache

import pytest

from callcenter.core import facts as f
from callcenter.core.engine import Step
from callcenter.core.events import TimePassed
from callcenter.core.facts import Fact, OperatorState
from callcenter.core.outcome import Outcome
from tests.bench.national.__main__ import play
from tests.bench.national.books import Books, Wrong
from tests.bench.national.country import (
    CABINET,
    HOUR,
    NATIONAL,
    Plan,
    callers,
    province_queue,
)
from tests.bench.national.course import Course
from tests.bench.national.findings import load, periods, provinces, row, worst_minute
from tests.bench.national.picture import picture
from tests.bench.national.roster import duties
from tests.bench.national.told import Scrape
from tests.facts import offer_of, operator_changed, queued, received, scored

FIFTIETH = Plan(provinces=4, operators=40, calls=1_400)


@cache
def small_day() -> tuple[Course, Scrape, int]:
    """Played once: the books, the invariants and the identities are asked while it is."""
    return play(FIFTIETH, say=False)


# --- the day -------------------------------------------------------------------------------------


def test_every_call_of_the_small_day_has_come_out() -> None:
    course, scrape, looked = small_day()
    # 88 of 1000 calls are of the busiest hour, which has nine times as many again.
    assert len(course.stories) == 1_400 + round(9 * 1_400 * 88 / 1_000)
    outcomes = Counter(story.outcome for story in course.stories.values())
    assert set(outcomes) <= {
        Outcome.ANSWERED,
        Outcome.ABANDONED,
        Outcome.ABANDONED_SHORT,
        Outcome.OVERFLOW,
    }
    assert outcomes[Outcome.ANSWERED] == sum(course.seconds.answered) > 0
    assert sum(course.seconds.arrivals) == len(course.stories)
    assert scrape.mismatch == 0
    assert looked >= 24 * 12


def test_at_the_end_nobody_waits_talks_or_is_on_duty() -> None:
    by = small_day()[0].seconds
    assert (by.waiting[-1], by.talking[-1], by.callers[-1], by.on_duty[-1]) == (0, 0, 0, 0)


def test_the_same_seed_plays_the_same_day_and_another_one_another() -> None:
    course, _, _ = small_day()
    again, _, _ = play(FIFTIETH, say=False)
    assert again.stories == course.stories
    assert again.seconds == course.seconds
    other = callers(Plan(provinces=4, operators=40, calls=1_400, seed=2))
    assert [caller.at for caller in other] != [story.at for story in course.stories.values()]


def test_the_rush_is_its_hour_and_the_recovery_ends_when_its_line_is_gone() -> None:
    course, _, _ = small_day()
    parts = periods(FIFTIETH, course)
    assert (parts.rush.begin, parts.rush.end) == (3 * HOUR, 4 * HOUR)  # 10:00, from 07:00 on
    usual = max(course.seconds.waiting[parts.rush.begin - 3600 : parts.rush.begin])
    assert course.seconds.waiting[parts.recovery.end] <= usual
    assert course.seconds.waiting[parts.recovery.end - 1] > usual
    rush = row([s for s in course.stories.values() if parts.rush.holds(s.at)])
    usual_hours = row([s for s in course.stories.values() if parts.is_ordinary(s.at)])
    assert rush.service_level is not None and usual_hours.service_level is not None
    assert rush.service_level < usual_hours.service_level
    assert rush.calls == rush.answered + rush.abandoned + rush.overflowed


def test_the_load_of_the_rush_is_that_of_the_worst_minute() -> None:
    course, _, _ = small_day()
    parts = periods(FIFTIETH, course)
    asked = load(FIFTIETH, course.seconds, lambda at: not parts.is_ordinary(at))
    arrivals = course.seconds.arrivals
    minutes = range(parts.rush.begin, parts.recovery.end, 60)
    assert asked.calls_a_second == max(sum(arrivals[m : m + 60]) for m in minutes) / 60
    assert worst_minute(arrivals, lambda at: True) == asked.calls_a_second
    assert asked.callers >= asked.waiting
    assert asked.trunk_erlangs > 0


def test_provinces_are_told_by_their_median_and_their_worst() -> None:
    course, _, _ = small_day()
    found = provinces(FIFTIETH, course.stories.values())
    assert 0 <= found.worst_level <= found.median_level <= 1
    assert 0 < found.worst_answered <= found.median_answered <= 1
    assert 0 < found.moved < 1


def test_the_picture_shows_seven_courses_one_of_them_with_a_gap() -> None:
    course, _, _ = small_day()
    drawn = picture(course, periods(FIFTIETH, course).rush, "a day")
    assert drawn.startswith("<svg") and drawn.count("<polyline") == 7 + 1


# --- who there is --------------------------------------------------------------------------------


def test_a_thousand_operators_and_somebody_in_each_province_day_and_night() -> None:
    roster = duties(Plan())
    assert len(roster) == len({duty.operator for duty in roster}) == 1_000
    manned = Counter((duty.queues[0], int(duty.begins // (8 * HOUR))) for duty in roster)
    for number in range(77):
        assert all(manned[province_queue(number), shift] >= 1 for shift in range(3))
    assert manned[NATIONAL, 0] == manned[CABINET, 0] == 135  # 45 % of 300
    assert all(b > a and duty.begins < a < duty.ends for duty in roster for a, b in duty.breaks)


def test_too_few_operators_for_the_provinces_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot man 77 provinces"):
        duties(Plan(operators=500))


def test_the_callers_of_the_full_day() -> None:
    everybody = callers(Plan())
    assert len(everybody) == 70_000 + 9 * 6_160  # 8.8 % of 70,000
    in_rush = sum(3 * HOUR <= caller.at < 4 * HOUR for caller in everybody)
    assert in_rush == pytest.approx(61_600, rel=0.01)
    mean = sum(caller.talk_seconds for caller in everybody) / len(everybody)
    assert mean == pytest.approx(180, rel=0.02)
    national = sum(caller.did in ("1567", "1111") for caller in everybody)
    assert national / len(everybody) == pytest.approx(0.6, abs=0.01)


# --- the books have teeth ------------------------------------------------------------------------


def books_after(*told: Fact) -> Books:
    """Two callers, a then b, and an operator; then these facts, each a step."""
    books = Books()
    for call, at in (("a", 8.0), ("b", 9.0)):
        books.arrived(call, "1567", at)
    start = (received("a"), queued("a"), received("b", 11.0), queued("b", 11.0))
    for fact in (*start, *told):
        books.step(TimePassed(), Step([], [fact]), fact.at)
    return books


def test_who_is_served_before_an_earlier_caller_is_noticed() -> None:
    offer = offer_made("b", 12.0)
    free = operator_changed("op", 12.0, OperatorState.AVAILABLE)
    with pytest.raises(Wrong, match="b is served before a"):
        together(free, offer)
    assert together(free, offer_made("a", 12.0)).offers == 1


def together(*facts: Fact) -> Books:
    """Facts of one step, after which the operator's phone rings."""
    books = books_after()
    rings = operator_changed("op", 12.0, OperatorState.RINGING)
    books.step(TimePassed(), Step([], [*facts, rings]), 12.0)
    return books


def offer_made(call: str, at: float) -> f.OfferMade:
    """The first, to `op`."""
    return f.OfferMade(
        at=at,
        offer=offer_of(call),
        call=received(call).call,
        operator=operator_changed("op", at, OperatorState.AVAILABLE).operator,
        queue=queued(call).queue,
        number=1,
        until=at + 15,
    )


def test_waiting_while_somebody_is_free_is_noticed() -> None:
    with pytest.raises(Wrong, match="while somebody is free"):
        books_after(operator_changed("op", 12.0, OperatorState.AVAILABLE))


def test_an_answer_that_nobody_heard_is_noticed() -> None:
    with pytest.raises(Wrong, match="is not what happened"):
        books_after(scored("a", 12.0, Outcome.ANSWERED, wait=4.0))


def test_a_second_outcome_is_noticed() -> None:
    books = books_after()
    books.hung_up("a")
    gave_up = scored("a", 12.0, Outcome.ABANDONED, wait=4.0)
    books.step(TimePassed(), Step([], [gave_up]), 12.0)
    with pytest.raises(Wrong, match="two outcomes"):
        books.step(TimePassed(), Step([], [gave_up]), 12.0)


def test_a_wait_that_is_not_the_caller_s_is_noticed() -> None:
    books = books_after()
    books.hung_up("a")
    with pytest.raises(Wrong, match="waited"):
        books.step(TimePassed(), Step([], [scored("a", 12.0, Outcome.ABANDONED, wait=3.0)]), 12.0)


def test_a_call_without_an_outcome_at_the_end_is_noticed() -> None:
    with pytest.raises(Wrong, match="has not ended"):
        books_after().close(2)


def test_counts_that_differ_from_the_engine_s_are_noticed() -> None:
    books = books_after()
    books.agree(2)
    with pytest.raises(Wrong, match="the engine says 1"):
        books.agree(1)
