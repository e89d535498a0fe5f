"""An operator asks for help: until it is answered, withdrawn, or the operator goes home."""

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import HelpAnswer as A
from callcenter.core.facts import ListenMode as M
from callcenter.core.ids import OperatorId
from tests.unit.core.test_listening import Floor

MALEE = OperatorId("malee")


def asked(floor: Floor) -> None:
    floor.happens(e.HelpWanted(operator=MALEE))


def ended(floor: Floor) -> list[tuple[A, str]]:
    """How each request ended, and by whom."""
    return [(fact.how, fact.by) for fact in floor.told if isinstance(fact, f.HelpEnded)]


def test_a_request_stands_until_a_supervisor_hears_the_talk() -> None:
    floor = Floor()
    asked(floor)
    assert list(floor.engine.state.helps) == [MALEE]
    floor.asks(M.WHISPER)
    floor.happens(e.SpyAnswered(leg=floor.spy))
    assert list(floor.engine.state.helps) == [MALEE]  # rung, and not there yet
    floor.happens(e.SnoopStarted(leg=floor.ears))
    assert ended(floor) == []
    floor.is_gone()
    floor.hears(M.LISTEN)
    assert ended(floor) == [(A.ANSWERED, "suda")]
    assert not floor.engine.state.helps


def test_asking_twice_is_one_request_and_it_can_be_withdrawn() -> None:
    floor = Floor()
    asked(floor)
    asked(floor)
    assert sum(isinstance(fact, f.HelpAsked) for fact in floor.told) == 1
    over = e.HelpOver(operator=MALEE, by=MALEE, how=A.WITHDRAWN)
    floor.happens(over)
    floor.happens(over)
    assert ended(floor) == [(A.WITHDRAWN, "malee")]


def test_who_goes_home_asks_no_more_and_who_is_not_there_cannot_ask() -> None:
    floor = Floor()
    floor.happens(e.HelpWanted(operator=OperatorId("nobody")))
    floor.logs_in("anan")
    floor.happens(e.HelpWanted(operator=OperatorId("anan")))
    floor.happens(e.OperatorLoggedOut(operator=OperatorId("anan")))
    assert ended(floor) == [(A.LEFT, "anan")]
    asked(floor)
    floor.happens(e.OperatorLoggedOut(operator=MALEE))  # in a talk: at work until it is over
    assert list(floor.engine.state.helps) == [MALEE]


def test_a_restart_keeps_the_request() -> None:
    floor = Floor()
    asked(floor)
    since = floor.engine.state.helps[MALEE]
    floor.service_restarts()
    assert floor.engine.state.helps == {MALEE: since}
