"""Finds out how far a case is, for callers who type its number, and tells the engine.

Nobody waits for the database: who is not answered in time hears that it cannot be found out now. A
number that calls may ask so often in an hour, right or wrong, so that nobody tries all numbers of
cases; that is forgotten when the service starts anew.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic

import structlog

from callcenter.core.case_states import CaseAnswer, CaseWord
from callcenter.core.commands import AskCaseState
from callcenter.core.events import CaseStateTold, Event
from callcenter.ports.case_states import CaseStates
from callcenter.ports.people import DatabaseAwayError

ANSWER_SECONDS = 3.0
"""The engine waits a second longer."""
AT_ONCE = 50  # numbers that are being looked up
HOUR_SECONDS = 3600.0
ASKS_OF_A_NUMBER = 10  # in an hour
ASKS_OF_WITHHELD = 100  # in an hour, of all who withhold their number together
NUMBERS_MOST = 20_000  # that are remembered

AWAY, TOO_OFTEN = CaseAnswer(word=CaseWord.AWAY), CaseAnswer(word=CaseWord.TOO_OFTEN)

log = structlog.get_logger(__name__)


class CaseDesk:
    """Takes the engine's questions. `source`: who knows, None as long as nobody does; `put`: to the
    engine; `clock`: seconds."""

    def __init__(
        self,
        put: Callable[[Event], object],
        source: Callable[[], CaseStates | None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._put = put
        self._source = source
        self._clock = clock
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()  # by who asks: when
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, question: AskCaseState) -> None:
        """Find out; returns at once. The answer comes as an event."""
        source = self._source()
        if not self._may_ask(question.caller):
            self._tell(question, TOO_OFTEN)
        elif source is None or len(self._tasks) >= AT_ONCE:
            self._tell(question, AWAY)
        else:
            task = asyncio.get_running_loop().create_task(self._answer(source, question))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    async def _answer(self, source: CaseStates, question: AskCaseState) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await source.state_of(question.number, question.call)
        except (DatabaseAwayError, TimeoutError) as error:
            log.warning("the state of a case could not be found out", reason=type(error).__name__)
            answer = AWAY
        self._tell(question, answer)

    def _done(self, task: asyncio.Task[None]) -> None:
        """After a fault of ours the engine's own time runs out."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("looking a case up failed", fault=type(error).__name__)

    def _tell(self, question: AskCaseState, answer: CaseAnswer) -> None:
        self._put(CaseStateTold(call=question.call, asked=question.asked, answer=answer))

    def _may_ask(self, caller: str) -> bool:
        now, most = self._clock(), ASKS_OF_A_NUMBER if caller else ASKS_OF_WITHHELD
        times = self._asked.setdefault(caller, deque())
        self._asked.move_to_end(caller)
        while times and times[0] <= now - HOUR_SECONDS:
            times.popleft()
        if len(self._asked) > NUMBERS_MOST:
            self._asked.popitem(last=False)
        if len(times) >= most:
            return False
        times.append(now)
        return True

    async def close(self) -> None:
        """Nobody is answered any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
