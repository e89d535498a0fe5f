"""Who asks how far a case is gets an answer in time, whatever the database does."""

import asyncio

import pytest

from callcenter.core.case_states import CaseAnswer, CaseWord
from callcenter.core.commands import AskCaseState
from callcenter.core.events import CaseStateTold, Event
from callcenter.core.ids import CallId
from callcenter.ports.people import DatabaseAwayError
from callcenter.runtime import case_desk
from callcenter.runtime.case_desk import ASKS_OF_A_NUMBER, ASKS_OF_WITHHELD, AT_ONCE, CaseDesk
from tests.people import until

CLOSED = CaseAnswer(word=CaseWord.CLOSED)


class Database:
    """Knows one answer to everything; `silent` as long as nobody sets `woken`."""

    def __init__(self, answer: CaseAnswer | Exception = CLOSED, *, silent: bool = False) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.woken = asyncio.Event()
        if not silent:
            self.woken.set()

    async def state_of(self, number: str, call: CallId) -> CaseAnswer:
        self.asked.append(number)
        await self.woken.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Told:
    def __init__(self) -> None:
        self.events: list[CaseStateTold] = []
        self.now = 0.0

    def put(self, event: Event) -> bool:
        assert isinstance(event, CaseStateTold)
        self.events.append(event)
        return True

    def words(self) -> list[CaseWord]:
        return [event.answer.word for event in self.events]


def asks(caller: str = "0812345678", number: str = "33640001233", asked: int = 1) -> AskCaseState:
    return AskCaseState(call=CallId("malee"), asked=asked, number=number, caller=caller)


def desk_of(database: Database | None) -> tuple[CaseDesk, Told]:
    told = Told()
    return CaseDesk(told.put, lambda: database, lambda: told.now), told


async def test_the_answer_comes_as_an_event_for_this_number() -> None:
    desk, told = desk_of(Database())
    desk.ask(asks(asked=2))
    await until(lambda: bool(told.events), within=10)
    assert told.events == [CaseStateTold(call=CallId("malee"), asked=2, answer=CLOSED)]


async def test_before_the_back_office_is_there_nobody_knows() -> None:
    desk, told = desk_of(None)
    desk.ask(asks())
    assert told.words() == [CaseWord.AWAY]


async def test_a_database_that_is_away_is_said_so_at_once() -> None:
    desk, told = desk_of(Database(DatabaseAwayError("gone")))
    desk.ask(asks())
    await until(lambda: bool(told.events), within=10)
    assert told.words() == [CaseWord.AWAY]


async def test_a_database_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(case_desk, "ANSWER_SECONDS", 0.05)
    desk, told = desk_of(Database(silent=True))
    desk.ask(asks())
    await until(lambda: bool(told.events), within=10)
    assert told.words() == [CaseWord.AWAY]


async def test_only_so_many_are_looked_up_at_once_and_none_is_left_at_the_end() -> None:
    desk, told = desk_of(Database(silent=True))
    for number in range(AT_ONCE + 1):
        desk.ask(asks(caller=str(number)))
    assert told.words() == [CaseWord.AWAY]
    await desk.close()
    assert len(told.events) == 1


async def test_a_fault_of_ours_is_no_answer_and_stops_nothing() -> None:
    broken, works = Database(ZeroDivisionError()), Database()
    told = Told()
    kept = [broken]
    desk = CaseDesk(told.put, lambda: kept[0], lambda: 0.0)
    desk.ask(asks())
    await until(lambda: bool(broken.asked), within=10)
    kept[0] = works
    desk.ask(asks(asked=2))
    await until(lambda: bool(told.events), within=10)
    assert [event.asked for event in told.events] == [2]


@pytest.mark.parametrize(
    ("caller", "most"), [("0812345678", ASKS_OF_A_NUMBER), ("", ASKS_OF_WITHHELD)]
)
async def test_a_number_that_calls_may_ask_so_often_in_an_hour(caller: str, most: int) -> None:
    database = Database(CaseAnswer(word=CaseWord.WRONG))
    desk, told = desk_of(database)
    for number in range(most + 2):
        told.now = float(number)
        desk.ask(asks(caller))
        await until(lambda wanted=number + 1: len(told.events) >= wanted, within=10)  # type: ignore[misc]
    assert told.words() == [CaseWord.WRONG] * most + [CaseWord.TOO_OFTEN] * 2
    assert len(database.asked) == most, "the database is not asked any more"
    desk.ask(asks("0899999999"))
    await until(lambda: len(told.events) == most + 3, within=10)
    assert told.words()[-1] is CaseWord.WRONG, "another number may"
    told.now = 3600.5  # the first is an hour ago
    desk.ask(asks(caller))
    desk.ask(asks(caller))
    await until(lambda: len(told.events) == most + 5, within=10)
    assert told.words().count(CaseWord.TOO_OFTEN) == 3


async def test_what_is_remembered_of_numbers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_desk, "NUMBERS_MOST", 10)
    desk, _ = desk_of(None)
    for number in range(50):
        desk.ask(asks(str(number)))
    assert len(desk._asked) == 10
