"""Who left the line and calls again soon stands at the old place."""

import pytest

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.ids import CallId
from callcenter.core.outcome import Loss
from callcenter.core.places import PLACES_LIMIT, number_of
from tests.site import DAMRONG, GCC, rules
from tests.unit.core.story import Story


def story(**changes: object) -> Story:
    """A queue that keeps places for five minutes, and nobody there to answer."""
    return Story(rules(DAMRONG, **{"redial_seconds": 300.0, **changes}))


def calls(told: Story, name: str, number: str, did: str = "1567") -> f.CallQueued:
    """A caller with this number; how they stand in line."""
    arrived = e.CallArrived(call=CallId(name), did=did, caller=number, age_seconds=0.0)
    (fact,) = [x for x in told.happens(arrived).facts if isinstance(x, f.CallQueued)]
    return fact


def test_who_calls_again_in_time_is_where_they_were() -> None:
    told = story()
    calls(told, "ada", "0811111111")
    told.after(10)
    calls(told, "ben", "0822222222")
    told.leaves("ada")
    told.after(299)
    again = calls(told, "ada again", "+66 81 111 1111")
    assert (again.redial_of, again.first_arrived_at) == ("ada", 1000.0)
    assert told.in_line() == ["ada again", "ben"]
    assert told.call("ada again").redial_of == "ada"
    assert told.call("ada again").arrived_at == told.now  # its own wait begins now
    assert told.outcomes()["ada"] == "abandoned"


def test_a_place_is_good_once() -> None:
    told = story()
    calls(told, "ada", "0811111111")
    told.after(10)
    told.leaves("ada")
    calls(told, "ben", "0822222222")
    assert calls(told, "ada again", "0811111111").redial_of == "ada"
    assert calls(told, "another", "0811111111").redial_of == ""
    assert told.in_line() == ["ada again", "ben", "another"]


def test_of_two_calls_of_one_number_the_earlier_place_is_kept() -> None:
    told = story()
    calls(told, "ada", "0811111111")
    told.after(10)
    calls(told, "ben", "0822222222")
    told.after(10)
    calls(told, "ada's other phone", "0811111111")
    told.leaves("ada")
    told.after(10)
    told.leaves("ada's other phone")
    assert calls(told, "ada again", "0811111111").redial_of == "ada"
    assert told.in_line() == ["ada again", "ben"]


def test_later_it_is_gone() -> None:
    told = story()
    calls(told, "ada", "0811111111")
    told.leaves("ada")
    told.after(300)
    assert calls(told, "ada again", "0811111111").redial_of == ""


@pytest.mark.parametrize(
    "number", ["", "anonymous", "1567", "asterisk", "201", "08111111111111111"]
)
def test_withheld_and_short_numbers_keep_nothing(number: str) -> None:
    assert number_of(number) == ""
    told = story()
    calls(told, "ada", number)
    told.leaves("ada")
    assert not told.engine.state.kept_places
    assert calls(told, "somebody", number).redial_of == ""


def test_a_place_belongs_to_one_queue() -> None:
    told = Story(rules(DAMRONG, redial_seconds=300.0), rules(GCC, redial_seconds=300.0))
    calls(told, "ada", "0811111111")
    told.leaves("ada")
    assert calls(told, "at gcc", "0811111111", did="1111").redial_of == ""
    assert calls(told, "again", "0811111111").redial_of == "ada"


def test_a_queue_need_not_keep_places() -> None:
    told = story(redial_seconds=0.0)
    calls(told, "ada", "0811111111")
    told.leaves("ada")
    assert calls(told, "again", "0811111111").redial_of == ""


def test_who_was_cut_off_has_the_place() -> None:
    told = story()
    calls(told, "ada", "0811111111")
    told.after(60)
    told.happens(e.CallerLeft(call=CallId("ada"), loss=Loss.RTP_TIMEOUT))
    assert calls(told, "again", "0811111111").redial_of == "ada"


def test_who_left_while_a_phone_rang_has_the_place() -> None:
    told = story()
    told.logs_in("som")
    calls(told, "ada", "0811111111")
    told.after(3)
    told.leaves("ada")
    assert calls(told, "again", "0811111111").redial_of == "ada"


def test_who_was_answered_has_no_place() -> None:
    told = story()
    told.logs_in("som")
    calls(told, "ada", "0811111111")
    told.answers("som")
    told.leaves("ada")
    told.pauses("som")
    assert calls(told, "again", "0811111111").redial_of == ""


def test_nobody_holds_a_place_for_ever() -> None:
    """The longest wait is ten minutes, and a place is kept for five."""
    told = story()
    last = calls(told, "call 0", "0811111111")
    for number in range(1, 6):
        told.leaves(f"call {number - 1}")
        told.after(299)
        last = calls(told, f"call {number}", "0811111111")
    assert last.redial_of == ""
    queued = [fact for fact in told.told if isinstance(fact, f.CallQueued)]
    assert [fact.first_arrived_at for fact in queued] == [None, *[1000.0] * 4, None]


def test_a_place_is_kept_over_a_restart() -> None:
    for from_all_facts in (False, True):
        told = story()
        calls(told, "ada", "0811111111")
        told.after(10)
        calls(told, "ben", "0822222222")
        told.leaves("ada")
        told.service_restarts(from_all_facts=from_all_facts)
        told.after(5)
        assert calls(told, "again", "0811111111").redial_of == "ada"
        assert told.in_line() == ["again", "ben"]


def test_places_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.core.fold.PLACES_LIMIT", 3)
    assert PLACES_LIMIT == 20_000
    told = story()
    for number in range(5):
        calls(told, f"call {number}", f"081111111{number}")
        told.leaves(f"call {number}")
    assert [place.call for place in told.engine.state.kept_places.values()] == [
        "call 2",
        "call 3",
        "call 4",
    ]


def test_places_whose_time_is_over_are_forgotten() -> None:
    told = story()
    calls(told, "ada", "0811111111")
    told.leaves("ada")
    told.after(301)
    calls(told, "ben", "0822222222")
    told.leaves("ben")
    assert [place.call for place in told.engine.state.kept_places.values()] == ["ben"]


def test_a_call_that_never_began_takes_no_place() -> None:
    told = story()
    calls(told, "ada", "0811111111")
    told.leaves("ada")
    told.happens(
        e.CallNeverBegan(call=CallId("never"), did="1567", caller="0811111111", age_seconds=32.0)
    )
    assert calls(told, "again", "0811111111").redial_of == "ada"


def test_who_finds_the_queue_full_keeps_the_place() -> None:
    told = story(waiting_limit=1)
    calls(told, "ada", "0811111111")
    told.leaves("ada")
    calls(told, "ben", "0822222222")
    told.happens(
        e.CallArrived(call=CallId("full"), did="1567", caller="0811111111", age_seconds=0.0)
    )
    told.leaves("ben")
    assert calls(told, "again", "0811111111").redial_of == "ada"
