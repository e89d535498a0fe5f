"""No list and no look-up reads all cases: the plans of the queries, on many rows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.cases.bulletin_store import count_statement
from callcenter.desks.cases.model import Case, CaseState, CaseType, Urgency
from callcenter.desks.cases.store import (
    CaseFilter,
    by_number_statement,
    is_similar,
    latest_statement,
    list_statement,
    phone_statement,
    reference_statement,
)
from callcenter.desks.shared.document_tables import documents
from callcenter.desks.shared.scope import Scope
from tests.integration.desks.many_cases import fill

MANY = 20_000
PROVINCE = Scope(everything=False, units=frozenset({"p33", "d3301", "d3307"}), sources=frozenset())
MINISTRY = Scope(everything=True, units=frozenset(), sources=frozenset())
F = CaseFilter
NOW = datetime.now(UTC)
WEEK = (NOW.date() - timedelta(days=7), NOW.date())
NEW = Case(
    id=UUID(int=0),
    number="33690000019",
    type=CaseType.COMPLAINT,
    topic="water",
    urgency=Urgency.NORMAL,
    channel="1567",
    unit="p33",
    area="330702",
    state=CaseState.RECEIVED,
    version=1,
    created_at=NOW,
    created_by="malee",
    facts="x",
)


async def plan(engine: AsyncEngine, statement: Select[Any]) -> str:
    """How PostgreSQL would answer it."""
    compiled = statement.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    sql = str(compiled).replace(":", r"\:")
    async with engine.connect() as connection:
        return "\n".join(row[0] for row in await connection.execute(text(f"explain {sql}")))


@pytest.mark.timeout(600)
async def test_dd_10_no_list_and_no_look_up_reads_all_cases(engine: AsyncEngine) -> None:
    await fill(engine, MANY)
    asked = {
        "all, by the ministry": list_statement(F(), MINISTRY),
        "all, by a province": list_statement(F(is_open=True), PROVINCE),
        "of one holder": list_statement(F(holders=["d3301"]), PROVINCE),
        "the next page": list_statement(F(after="00000000077"), MINISTRY),
        "of a phone": phone_statement("+66800000042", PROVINCE, 20),
        "of a phone, anywhere": phone_statement("+66800000042", MINISTRY, 20),
        "of a number": latest_statement(documents.c.number == "00000000077", PROVINCE, 2),
        "of a call": latest_statement(documents.c.call_id == "c1", PROVINCE, 20),
        "that may be the same": latest_statement(is_similar(NEW), PROVINCE, 10),
        "of a reference": reference_statement("gcc1111", "1", PROVINCE, itself=False),
        "of a reference, posted": reference_statement("gcc1111", "1", MINISTRY, itself=True),
        "as a file, by the ministry": by_number_statement(F(), MINISTRY, "", 2_000),
        "as a file, by a province": by_number_statement(F(is_open=True), PROVINCE, "", 2_000),
        "as a file, its last page": by_number_statement(F(), MINISTRY, "00000019000", 2_000),
        "as a file, of one holder": by_number_statement(F(holder="d3301"), PROVINCE, "", 2_000),
        "of a bulletin's week": count_statement(PROVINCE.units, *WEEK),
    }
    for name, statement in asked.items():
        told = await plan(engine, statement)
        for table in ("documents", "case_persons", "involvements"):  # `cases` is joined by its key
            assert f"Seq Scan on {table}" not in told, f"{name}:\n{told}"
