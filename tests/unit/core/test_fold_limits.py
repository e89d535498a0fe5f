"""What the state remembers, for how long, and how much of it at most."""

import pytest

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core import fold
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.core.outcome import BackResult, Diversion
from callcenter.core.state import Callback, Rung, State
from tests.site import DAMRONG, GCC, rules, site
from tests.unit.core.story import Story

DAY = 86_400.0
NUMBER = "0811111111"


def rung(*times: float, number: str = NUMBER) -> State:
    """A number was called back at these times."""
    state = State(site())
    for at in times:
        fold._count_ring(state, number, at)
    return state


def test_a_number_is_counted_for_a_day_from_its_first_ring() -> None:
    state = rung(0.0, 10.0, DAY - 1.0)
    assert state.rung_numbers == {NUMBER: Rung(0.0, 3)}
    assert rung(0.0, 10.0, DAY).rung_numbers == {NUMBER: Rung(DAY, 1)}, "another day"


def test_numbers_of_an_earlier_day_are_forgotten_when_another_is_rung() -> None:
    state = rung(0.0)
    fold._count_ring(state, "0822222222", DAY - 1.0)
    assert set(state.rung_numbers) == {NUMBER, "0822222222"}
    fold._count_ring(state, "0833333333", DAY)
    assert set(state.rung_numbers) == {"0822222222", "0833333333"}


def test_twenty_thousand_numbers_are_counted_and_the_oldest_goes_first() -> None:
    state = State(site())
    for number in range(20_000):
        fold._count_ring(state, str(number), 0.0)
    assert (len(state.rung_numbers), "0" in state.rung_numbers) == (20_000, True)
    fold._count_ring(state, "one more", 0.0)
    assert (len(state.rung_numbers), "0" in state.rung_numbers) == (20_000, False)


def test_a_ring_that_reached_no_phone_is_not_counted() -> None:
    state = rung(0.0, 10.0)
    fold._uncount_ring(state, NUMBER)
    assert state.rung_numbers == {NUMBER: Rung(0.0, 1)}
    fold._uncount_ring(state, NUMBER)
    fold._uncount_ring(state, NUMBER)
    assert state.rung_numbers == {}


def refused(state: State, call: str, at: float) -> None:
    missed = f.CallbackMissed(
        at=at,
        call=CallId(call),
        operator=OperatorId("som"),
        queue=DAMRONG,
        number=1,
        result=BackResult.CARRIER,
        rests_until=0.0,
    )
    fold._carrier_refused(state, missed, Callback(NUMBER, 0.0))


def test_of_a_carrier_that_refuses_the_first_three_calls_are_known_each_once() -> None:
    state = State(site())
    for at, call in enumerate(("ada", "ada", "ben", "cem", "dao")):
        refused(state, call, float(at))
    assert state.carrier.calls == ("ada", "ben", "cem")
    assert (state.carrier.refusals, state.carrier.refused_at) == (5, 4.0)


def keeps(story: Story, name: str, until: float) -> None:
    fact = f.PlaceKept(at=story.now, call=CallId(name), queue=DAMRONG, until=until)
    fold._place_kept(story.engine.state, fact)


def test_a_kept_place_counts_until_its_second_and_the_earlier_arrival_stays() -> None:
    story = Story()
    story.calls("first")
    story.after(10.0)
    story.calls("second")  # the same number
    kept = story.engine.state.kept_places
    keeps(story, "first", story.now + 100.0)
    keeps(story, "second", story.now + 200.0)
    assert [x.call for x in kept.values()] == ["first"]
    keeps(story, "first", story.now + 300.0)
    assert [x.until for x in kept.values()] == [story.now + 100.0], "not later than it was"
    story.now += 100.0
    keeps(story, "second", story.now + 200.0)
    assert [x.call for x in kept.values()] == ["second"], "the first is over"
    story.now += 200.0
    other = e.CallArrived(call=CallId("other"), did="1567", caller="0898765432", age_seconds=0.0)
    story.happens(other)
    keeps(story, "other", story.now + 100.0)
    assert [x.call for x in kept.values()] == ["other"], "over in this very second"


def test_who_talked_with_somebody_is_remembered_until_its_second() -> None:
    story = Story()
    story.calls("malee")
    other = e.CallArrived(call=CallId("other"), did="1567", caller="0898765432", age_seconds=0.0)
    story.happens(other)
    for call, later, known in (("malee", 0.0, 1), ("other", 99.0, 2), ("other", 100.0, 1)):
        fact = f.TalkRemembered(
            at=story.now + later,
            call=CallId(call),
            operator=OperatorId("som"),
            until=story.now + later + 100.0,
        )
        fold._talk_remembered(story.engine.state, fact)
        assert len(story.engine.state.last_talks) == known


def test_an_answer_that_is_read_twice_counts_once() -> None:
    """After a restart the end of the journal is read over what the snapshot holds."""
    story = Story()
    story.logs_in("som")
    story.calls("malee")
    story.answers("som")
    (fact,) = [x for x in story.told if isinstance(x, f.OfferEnded)]
    before = story.operator("som").calls
    fold.APPLY[f.OfferEnded](story.engine.state, fact)
    assert story.operator("som").calls == before == 1


@pytest.mark.parametrize("why", list(Diversion))
def test_only_the_longest_wait_closes_a_queue_to_a_caller(why: Diversion) -> None:
    """Who went on for another reason may come back there."""
    story = Story(rules(DAMRONG), rules(GCC))
    story.calls("malee")
    for left, there in ((DAMRONG, GCC), (GCC, DAMRONG), (DAMRONG, GCC)):
        moved = f.CallMoved(
            at=story.now, call=CallId("malee"), queue=there, left=left, why=why.value
        )
        fold.APPLY[f.CallMoved](story.engine.state, moved)
    spent = (DAMRONG, GCC) if why is Diversion.MAX_WAIT else ()
    assert story.call("malee").spent == spent, "each once"


def test_of_what_was_told_in_a_queue_the_first_time_and_the_last_place_stay() -> None:
    story = Story(rules(DAMRONG), rules(GCC))
    story.calls("malee")
    begun = story.now

    def tells(queue: QueueName, place: int, minutes: int) -> None:
        story.now += 30.0
        said = f.WaitTold(
            at=story.now, call=CallId("malee"), queue=queue, place=place, minutes=minutes
        )
        fold.APPLY[f.WaitTold](story.engine.state, said)

    tells(DAMRONG, 3, 5)
    tells(DAMRONG, 0, 0)
    told = story.call("malee").told
    assert told is not None
    assert (told.at, told.place, told.minutes, told.minutes_at) == (begun + 60, 3, 5, begun + 30)
    tells(GCC, 0, 0)
    told = story.call("malee").told
    assert told is not None
    assert (told.queue, told.place, told.minutes) == (GCC, 0, 0), "another queue, other words"


def test_news_that_another_replaced_is_not_counted_for_it() -> None:
    story = Story()
    story.calls("malee")
    state = story.engine.state
    begun = f.NewsBegun(
        at=story.now, place="", number=2, prompts=("news",), more=(), until=story.now + 60.0
    )
    fold.APPLY[f.NewsBegun](state, begun)
    for number in (1, 2):
        heard = f.NewsHeard(
            at=story.now, call=CallId("malee"), place="", number=number, more=False, news="flood"
        )
        fold.APPLY[f.NewsHeard](state, heard)
        assert state.news[""].heard == number - 1
        fold._left_after_news(state, story.call("malee"))
        assert state.news[""].left == number - 1


def test_a_queue_without_cover_and_how_long_it_was_so() -> None:
    state = State(site())
    fold.APPLY[f.CoverLost](state, f.CoverLost(at=5.0, queue=DAMRONG, planned=False))
    assert state.uncovered[DAMRONG].since == 5.0
    for planned, seconds in ((False, 10.0), (True, 20.0), (True, 5.0)):
        fact = f.CoverBack(at=15.0, queue=DAMRONG, planned=planned, seconds=seconds)
        fold.APPLY[f.CoverBack](state, fact)
    assert state.uncovered == {}
    assert state.unplanned_seconds == {DAMRONG: 10.0}
    assert state.absent_seconds == {DAMRONG: 25.0}
