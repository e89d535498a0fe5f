"""How far a case is, for a caller who typed its number: what is answered has no person in it.

Whoever knows the number is answered, so the answer is a word and a number of days. Each is in the
audit, as a look of `caller`, before it is told.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.core.case_states import CaseAnswer, CaseWord
from callcenter.core.ids import CallId
from callcenter.desks.cases.model import KIND, CaseState
from callcenter.desks.cases.tables import cases
from callcenter.desks.shared.document_tables import documents, hops
from callcenter.desks.shared.hops import OPEN, Purpose
from callcenter.desks.shared.numbers import NumberFault, read_number
from callcenter.desks.shared.tables import units
from callcenter.desks.shared.units import UnitLevel
from callcenter.ports.people import Audit, AuditEntry
from callcenter.storage.transactions import transaction

WRONG = CaseAnswer(word=CaseWord.WRONG)
SAME_MOST = 5
"""A case that is another one again leads on to that; so often at most."""
CALLER = "caller"  # who looks, in the audit

_WORD = {
    CaseState.RECEIVED: CaseWord.RECEIVED,
    CaseState.WAITING: CaseWord.WAITING,
    CaseState.ANSWERED: CaseWord.ANSWERED,
    CaseState.CLOSED: CaseWord.CLOSED,
    CaseState.DUPLICATE: CaseWord.CLOSED,
    CaseState.WITHDRAWN: CaseWord.WITHDRAWN,
}
"""Of the others it depends on who has the case."""

_FOUND = (
    select(
        documents.c.id,
        documents.c.state,
        documents.c.created_at,
        units.c.level,
        units.c.area,
        cases.c.duplicate_of,
    )
    .join(cases, cases.c.id == documents.c.id)
    .join(units, units.c.id == documents.c.holder)
)


class CasesByKeypad:
    """Implements ports.case_states.CaseStates."""

    def __init__(self, engine: AsyncEngine, audit: Audit, wall: Callable[[], datetime]) -> None:
        self._engine = engine
        self._audit = audit
        self._wall = wall

    async def state_of(self, number: str, call: CallId) -> CaseAnswer:
        try:
            digits = read_number(number)
        except NumberFault:
            return WRONG
        answer = await self._answer(digits)
        if answer.is_state:
            await self._audit.write(
                AuditEntry(
                    at=self._wall(),
                    who=CALLER,
                    action="case.state_told",
                    about=digits,
                    address="",
                    details={"call": call, "state": answer.word.value},
                )
            )
        return answer

    async def _answer(self, number: str) -> CaseAnswer:
        async with transaction(self._engine) as connection:
            found = await _found(connection, number)
            for _ in range(SAME_MOST):
                if found is None or not found["duplicate_of"]:
                    break
                found = await _found(connection, found["duplicate_of"])
            if found is None:
                return WRONG
            sent = await connection.execute(
                select(hops.c.sent_at, units.c.level, units.c.area)
                .join(units, units.c.id == hops.c.to_unit)
                .where(
                    hops.c.document == found["id"],
                    hops.c.state.in_(OPEN),
                    hops.c.purpose == Purpose.ACT,
                )
            )
            return told(found, sent.mappings().all(), self._wall())


def told(found: RowMapping, sent: Sequence[RowMapping], now: datetime) -> CaseAnswer:
    """What is said. It has been with a province since the first office there got it."""
    state = CaseState(found["state"])
    if state in _WORD:
        return CaseAnswer(word=_WORD[state])
    there = [hop["sent_at"] for hop in sent if _province(hop) == _province(found)]
    since = min(there, default=found["created_at"])
    word = CaseWord.PROVINCE if _province(found) else CaseWord.AGENCY
    return CaseAnswer(word=word, days=max(0, (now - since).days))


def _province(unit: RowMapping) -> str:
    """Empty: an office of the whole country."""
    return "" if unit["level"] == UnitLevel.NATIONAL else unit["area"][:2]


async def _found(connection: AsyncConnection, number: str) -> RowMapping | None:
    rows = await connection.execute(
        _FOUND.where(documents.c.number == number, documents.c.kind == KIND)
    )
    return rows.mappings().one_or_none()
