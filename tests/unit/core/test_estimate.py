"""How long a caller will wait: what is said, when nothing is, and what makes it change."""

import pytest

from callcenter.core import estimate
from callcenter.core import facts as f
from callcenter.core.ids import CallId, QueueName
from callcenter.core.line import Line
from callcenter.core.pace import ENOUGH_TALKS, Pace
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.picture import as_restarted, picture
from tests.unit.core.story import Story

TALK_SECONDS, RING_SECONDS, WRAPUP_SECONDS = 80.0, 4.0, 16.0
A_CALL_SECONDS = RING_SECONDS + TALK_SECONDS + WRAPUP_SECONDS


def centre(
    *operators: str, talks: int = ENOUGH_TALKS, queue: QueueName = DAMRONG, did: str = "1567"
) -> Story:
    """Somchai took so many calls, one after the other; now these operators talk."""
    story = Story(
        rules(DAMRONG, wrapup_seconds=WRAPUP_SECONDS, max_wait_seconds=3600.0),
        rules(GCC, wrapup_seconds=WRAPUP_SECONDS, max_wait_seconds=3600.0),
    )
    serves(story, talks, queue, did)
    story.logs_in(*operators, queues=(queue,))
    for operator in operators:
        story.calls(f"with {operator}", did=did)
        story.answers(operator)
    return story


def serves(story: Story, talks: int, queue: QueueName, did: str) -> None:
    """An operator takes so many calls of a queue, and goes home."""
    story.logs_in("somchai", queues=(queue,))
    for number in range(talks):
        story.calls(f"{queue}-{number}", did=did)
        story.after(RING_SECONDS)
        story.answers("somchai")
        story.after(TALK_SECONDS)
        story.leaves(f"{queue}-{number}")
        story.after(WRAPUP_SECONDS)
    story.logs_out("somchai")


def told(story: Story, call: str) -> f.CallQueued:
    """What was said when this call stood in line."""
    (fact,) = [one for one in story.told if isinstance(one, f.CallQueued) and one.call == call]
    return fact


def near(seconds: float) -> object:
    """The sums fade while a call is added up, and those who talk were answered at once."""
    return pytest.approx(seconds, rel=0.02)


def still(story: Story, call: str) -> float:
    """How much longer, as a supervisor sees it."""
    found = estimate.of_caller(story.engine.state, story.call(call), story.now)
    assert found is not None
    return found.expected_seconds


def test_a_caller_is_told_the_calls_ahead_over_those_who_serve_them() -> None:
    story = centre("dao", "wirat")
    story.calls("malee", "wipa", "chai")
    for call, ahead in (("malee", 0), ("wipa", 1), ("chai", 2)):
        expected = (ahead + 1) * A_CALL_SECONDS / 2 + RING_SECONDS
        assert told(story, call).expected_seconds == near(expected)
        assert (told(story, call).at_most_seconds or 0.0) > 1.5 * expected


def test_nothing_is_said_before_enough_calls_were_served() -> None:
    story = centre("dao", talks=ENOUGH_TALKS - 1)
    story.calls("malee")
    assert told(story, "malee").expected_seconds is None
    assert estimate.of_caller(story.engine.state, story.call("malee"), story.now) is None


def test_nothing_is_said_where_talks_took_no_time() -> None:
    story = Story(rules(DAMRONG, wrapup_seconds=0.0))
    story.logs_in("somchai")
    for number in range(2 * ENOUGH_TALKS):
        story.calls(f"{number}")
        story.answers("somchai")
        story.leaves(f"{number}")
    story.calls("with somchai", "malee")
    assert told(story, "malee").expected_seconds is None


def test_nothing_is_said_to_who_is_offered_at_once() -> None:
    story = centre()
    story.logs_in("dao")
    story.calls("malee")
    assert told(story, "malee").expected_seconds is None
    assert estimate.of_caller(story.engine.state, story.call("malee"), story.now) is None


def test_nothing_is_said_where_nobody_works() -> None:
    story = centre()
    story.calls("malee")
    assert told(story, "malee").expected_seconds is None


def test_those_who_give_up_shorten_it() -> None:
    patient, impatient = centre("dao"), centre("dao")
    for number in range(20):
        impatient.calls(f"gone-{number}")
        impatient.after(50.0)
        impatient.leaves(f"gone-{number}")
    for story in (patient, impatient):
        story.calls(*(f"c{number}" for number in range(10)))
    assert (told(impatient, "c9").expected_seconds or 0.0) < 500.0
    assert (told(patient, "c9").expected_seconds or 0.0) == near(1004.0)


def test_it_does_not_rise_because_time_goes_by_or_because_others_come() -> None:
    story = centre("dao", "wirat")
    story.calls("malee", "wipa")
    before = still(story, "wipa")
    for number in range(5):
        story.after(60.0)
        story.calls(f"late-{number}")
        assert still(story, "wipa") == before


def test_it_falls_when_somebody_ahead_leaves_and_when_an_operator_comes() -> None:
    story = centre("dao")
    story.calls("malee", "wipa", "chai")
    first = still(story, "chai")
    story.leaves("malee")
    second = still(story, "chai")
    story.logs_in("wirat")
    story.answers("wirat")
    third = still(story, "chai")
    assert first > second > third


def test_it_rises_for_who_is_overtaken_by_somebody_urgent() -> None:
    story = centre("dao", queue=GCC, did="1111")
    story.calls("malee", did="1111")
    before = still(story, "malee")
    story.calls("boat", did="1669")
    assert told(story, "boat").expected_seconds == pytest.approx(before)
    assert still(story, "malee") > before


def test_operators_of_two_queues_are_shared_with_who_stands_ahead_in_the_other() -> None:
    story = centre()
    story.logs_in("dao", queues=(DAMRONG, GCC))
    story.calls("with dao")
    story.answers("dao")
    story.calls("a", "b", did="1111")
    story.calls("malee")
    assert told(story, "malee").expected_seconds == near(3 * A_CALL_SECONDS + RING_SECONDS)


def test_who_will_not_be_served_here_in_time_waits_until_then_and_on() -> None:
    story = Story(
        rules(DAMRONG, wrapup_seconds=WRAPUP_SECONDS, max_wait_seconds=30.0, overflow_queue=GCC),
        rules(GCC, wrapup_seconds=WRAPUP_SECONDS, max_wait_seconds=3600.0),
    )
    serves(story, ENOUGH_TALKS, DAMRONG, "1567")
    serves(story, ENOUGH_TALKS, GCC, "1111")
    story.logs_in("dao")
    story.calls("with dao")
    story.answers("dao")
    story.logs_in("wirat", "nok", queues=(GCC,))
    story.calls("with wirat", did="1111")
    story.answers("wirat")
    story.calls("malee")
    soon = told(story, "malee").expected_seconds
    assert soon == near(A_CALL_SECONDS / 2 + RING_SECONDS)  # one of two, in the next queue
    story.logs_in(*(f"more-{n}" for n in range(8)), queues=(GCC,))
    story.calls("wipa")
    assert told(story, "wipa").expected_seconds == near(30.0 + RING_SECONDS)


def test_what_is_known_of_a_queue_is_kept_over_a_restart() -> None:
    story = centre("dao", "wirat")
    story.calls("malee", "wipa")
    before, told_before = as_restarted(story.engine.state), still(story, "wipa")
    story.service_restarts()
    assert picture(story.engine.state) == before
    assert still(story, "wipa") == told_before
    story.service_restarts(from_all_facts=True)
    assert still(story, "wipa") == told_before


@pytest.mark.parametrize("leaving_rate", [0.0, 0.001, 0.02])
@pytest.mark.parametrize("number", [1, 2, 3, 17, 40, 3000])
def test_the_integral_is_the_sum(number: int, leaving_rate: float) -> None:
    rates = [0.05 + i * leaving_rate for i in range(number)]
    mean, variance = estimate.until_event(number, 0.05, leaving_rate)
    assert mean == pytest.approx(sum(1 / rate for rate in rates), rel=0.01)
    assert variance == pytest.approx(sum(1 / rate**2 for rate in rates), rel=0.02)


def test_what_was_long_ago_counts_little() -> None:
    pace = Pace()
    for seconds in (*[100.0] * 500, *[200.0] * 200):
        pace.talked()
        pace.worked(seconds)
    assert pace.seconds_a_call == pytest.approx(200.0, rel=0.02)


@pytest.mark.parametrize("many", [0, 1, 5, 4_500])
def test_how_many_stand_before_a_place_that_nobody_has(many: int) -> None:
    line = Line()
    for number in range(many):
        line.add(CallId(f"{number}"), number % 3, (float(number), number))
    for rank in ((-1.0, 0), (many / 2 + 0.5, 0), (many + 1.0, 0)):
        for priority in (0, 1, 9):
            mine = line.key(priority, rank)
            ahead = [n for n in range(many) if line.key(n % 3, (float(n), n)) < mine]
            assert line.ahead_of(priority, rank) == len(ahead)


def test_the_upper_number_allows_for_rates_that_are_a_fifth_off() -> None:
    story = centre("dao")
    story.calls(*(f"c{number}" for number in range(90)))
    said = told(story, "c89")
    assert said.expected_seconds is not None and said.at_most_seconds is not None
    # With many ahead chance evens out: 1.28 deviations of a fifth are most of what is left.
    assert 1.22 < said.at_most_seconds / said.expected_seconds < 1.34


def test_half_of_those_who_wait_where_callers_go_on_to_this_queue_are_counted() -> None:
    story = Story(
        rules(DAMRONG, wrapup_seconds=WRAPUP_SECONDS, max_wait_seconds=3600.0, overflow_queue=GCC),
        rules(GCC, wrapup_seconds=WRAPUP_SECONDS, max_wait_seconds=3600.0),
    )
    serves(story, ENOUGH_TALKS, GCC, "1111")
    story.logs_in("dao", queues=(GCC,))
    story.logs_in("nok", queues=(DAMRONG,))
    for operator, did in (("dao", "1111"), ("nok", "1567")):
        story.calls(f"with {operator}", did=did)
        story.answers(operator)
    story.calls("a", "b", "c", "d")
    story.calls("malee", did="1111")
    assert told(story, "malee").expected_seconds == near(3 * A_CALL_SECONDS + RING_SECONDS)


def test_nine_talks_are_too_few_to_go_by_and_ten_are_enough() -> None:
    pace = Pace()
    for number in range(1, 11):
        pace.talked()
        pace.worked(100.0)
        assert pace.is_known is (number == 10)


def test_fifty_talks_later_what_was_before_counts_little_more_than_a_third() -> None:
    pace = Pace()
    for seconds in (*[100.0] * 500, *[200.0] * 50):
        pace.talked()
        pace.worked(seconds)
    assert pace.seconds_a_call == pytest.approx(200.0 - 100.0 / 2.72, rel=0.02)


def test_who_needs_skills_is_told_nothing_and_who_does_not_is_not_told_theirs() -> None:
    story = centre("malee")
    story.needs(("english", 1))
    story.calls("a")
    assert told(story, "a").expected_seconds is None
    assert estimate.of_caller(story.engine.state, story.call("a"), story.now) is None
    story.logs_in("wipa")
    assert story.in_line() == ["a"]
    story.calls("b", did="045614545")
    assert (story.has("wipa"), told(story, "b").expected_seconds) == ("b", None)
