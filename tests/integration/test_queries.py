"""The record's answers: filters, pages, identities; and the plans they run by."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, or_, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.outcome import Outcome
from callcenter.ports.records import CallFilter
from callcenter.storage.queries import CallRecordsInPostgres, calls_query
from callcenter.storage.tables import calls, offers, operator_states
from tests.integration.line_summary import line_summaries

START = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def call_row(number: int, **changes: object) -> dict[str, object]:
    """A call that arrived `number` minutes after START and was answered after 10 s."""
    arrived_at = START + timedelta(minutes=number)
    row: dict[str, object] = {
        "call_id": f"call-{number:06}",
        "line": ("1567", "1111", "045-614545")[number % 3],
        "did": "1567",
        "caller": f"08{number:08}",
        "caller_class": "national",
        "caller_e164": f"+668{number:08}",
        "queue": ("damrong", "gcc")[number % 2],
        "priority": 0,
        "arrived_at": arrived_at,
        "queued_at": arrived_at + timedelta(seconds=2),
        "answered_at": arrived_at + timedelta(seconds=10),
        "ended_at": arrived_at + timedelta(seconds=70),
        "outcome": Outcome.ANSWERED,
        "wait_seconds": 10.0,
        "queue_wait_seconds": 8.0,
        "talk_seconds": 60.0,
        "place": 0,
        "offers": 1,
        "operator": f"op{number % 5}",
        "ended_by": "caller",
    }
    if changes.get("outcome", Outcome.ANSWERED) != Outcome.ANSWERED:
        row |= {"answered_at": None, "talk_seconds": None}
    if changes.get("arrived_at", arrived_at) != arrived_at:
        moved = changes["arrived_at"] - arrived_at  # type: ignore[operator]
        stamps = ("queued_at", "answered_at", "ended_at")
        row |= {name: row[name] + moved for name in stamps if row[name]}
    return {**row, **changes}


class Record:
    """A database to fill and to ask."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.answers = CallRecordsInPostgres(engine)

    async def has(self, table: Any, *rows: dict[str, object]) -> None:
        """Put rows in a table."""
        async with self.engine.begin() as connection:
            await connection.execute(insert(table), list(rows))

    async def run(self, *statements: str) -> None:
        """Any statements, not in a transaction."""
        async with self.engine.execution_options(
            isolation_level="AUTOCOMMIT"
        ).connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def plan(self, query: Any) -> str:
        """How PostgreSQL goes about a query."""
        sql = query.compile(
            dialect=postgresql.asyncpg.dialect(),  # type: ignore[no-untyped-call]
            compile_kwargs={"literal_binds": True},
        )
        async with self.engine.connect() as connection:
            rows = await connection.execute(text("explain " + str(sql).replace(":", r"\:")))
            return "\n".join(row[0] for row in rows)

    async def ids(self, **wanted: Any) -> list[str]:
        """The calls a filter lets through."""
        return [record.call for record in await self.answers.calls(CallFilter(**wanted))]


@pytest.fixture
async def record(engine: AsyncEngine) -> AsyncIterator[Record]:
    """An empty record."""
    yield Record(engine)


async def test_calls_come_latest_first_and_page_by_page(record: Record) -> None:
    await record.has(calls, *(call_row(n) for n in range(25)))
    seen, after = [], None
    while page := await record.answers.calls(CallFilter(limit=10, after=after)):
        seen += [found.call for found in page]
        after = page[-1].arrived_at, page[-1].call

    assert seen == [f"call-{n:06}" for n in reversed(range(25))]


async def test_calls_that_arrived_in_the_same_instant_are_on_one_page_each(record: Record) -> None:
    await record.has(calls, *(call_row(n, arrived_at=START) for n in range(7)))
    first = await record.answers.calls(CallFilter(limit=4))
    second = await record.ids(limit=4, after=(first[-1].arrived_at, first[-1].call))

    assert [found.call for found in first] + second == [f"call-{n:06}" for n in reversed(range(7))]


async def test_every_filter_lets_through_what_it_says(record: Record) -> None:
    await record.has(
        calls, *(call_row(n) for n in range(6)), call_row(6, outcome="abandoned", operator=None)
    )

    assert await record.ids(line="1567") == ["call-000006", "call-000003", "call-000000"]
    assert await record.ids(queue="gcc") == ["call-000005", "call-000003", "call-000001"]
    assert await record.ids(operator="op4") == ["call-000004"]
    assert await record.ids(outcome="abandoned") == ["call-000006"]
    assert await record.ids(caller_e164="+66800000002") == ["call-000002"]
    later = START + timedelta(minutes=5)
    assert await record.ids(arrived_from=later) == ["call-000006", "call-000005"]
    assert await record.ids(arrived_before=START + timedelta(minutes=1)) == ["call-000000"]
    assert await record.ids(line="1567", outcome="answered", queue="gcc") == ["call-000003"]
    assert await record.ids(line="'; drop table calls; --") == []


async def test_one_call_with_its_offers(record: Record) -> None:
    await record.has(calls, call_row(1), call_row(2))
    made = {"call_id": "call-000001", "operator": "op1", "queue": "gcc", "made_at": START}
    await record.has(
        offers,
        {**made, "offer_id": "b", "number": 2, "result": "answered", "ring_seconds": 3.0},
        {**made, "offer_id": "a", "number": 1, "result": "no_answer", "ring_seconds": 15.0},
    )

    found = await record.answers.call("call-000001")
    assert found is not None
    assert (found.line, found.wait_seconds, found.via) == ("1111", 10.0, "service")
    rung = await record.answers.offers("call-000001")
    assert [(o.offer, o.result) for o in rung] == [("a", "no_answer"), ("b", "answered")]
    assert await record.answers.call("call-000009") is None
    assert await record.answers.offers("call-000002") == []


async def test_the_figures_of_a_line_add_up(record: Record) -> None:
    never = {"queue": None, "queued_at": None, "answered_at": None, "operator": None}
    unanswered = {"answered_at": None, "operator": None, "talk_seconds": None}
    base = {"line": "1567"}
    rows = [
        *(call_row(n, **base) for n in range(5)),
        call_row(5, **base, wait_seconds=45.0),
        call_row(6, **base, **unanswered, outcome="abandoned", wait_seconds=100.0),
        call_row(7, **base, **unanswered, outcome="abandoned_short", wait_seconds=2.0),
        call_row(8, **base, **unanswered, outcome="overflow"),
        call_row(9, **base, **unanswered, outcome="failed"),
        call_row(10, **base, **never, outcome="rejected", reason="closed"),
        call_row(11, **base, **never, outcome="ivr_ended"),
        call_row(12, **base, **unanswered, outcome=None),
        call_row(13, **base, **never, outcome=None),
        call_row(14, line="1111"),
        call_row(2_000, **base),  # another day
    ]
    await record.has(calls, *rows)

    other, line = await line_summaries(record.engine, START, START + DAY)

    assert (other.line, other.received, other.answered) == ("1111", 1, 1)
    assert line.received == 14
    assert (
        line.received
        == line.rejected
        + line.ivr_ended
        + line.looked_up
        + line.voicemail
        + line.offered
        + line.in_greeting
    )
    came_out = line.eligible + line.abandoned_short
    assert line.offered == came_out + line.waiting == 11
    assert (line.answered, line.answered_in_20_seconds, line.answered_in_60_seconds) == (6, 5, 6)
    assert (line.waiting, line.in_greeting, line.eligible) == (1, 1, 9)
    assert line.longest_wait_seconds == 100.0
    assert line.mean_wait_seconds == pytest.approx((5 * 10 + 45) / 6)
    assert line.mean_talk_seconds == 60.0


async def test_nothing_to_tell_is_an_empty_answer(record: Record) -> None:
    assert await record.answers.calls(CallFilter()) == []
    assert await line_summaries(record.engine, START, START + DAY) == []


# --- plans -----------------------------------------------------------------------------------

MANY_CALLS = """
insert into calls
    (call_id, line, did, caller, caller_class, arrived_at, queue, operator, outcome, answered_at)
select 'call-' || n, (array['1567', '1111', '045-614545'])[1 + n % 3], '', '', 'withheld',
    timestamptz '2026-11-01' + n * interval '10 seconds',
    (array['damrong', 'gcc'])[1 + n % 2], 'op' || n % 50,
    case when n % 500 = 0 then 'rejected' else 'answered' end,
    case when n % 500 <> 0 then timestamptz '2026-11-01' + n * interval '10 seconds' end
from generate_series(1, 60000) n
"""
MANY_INTERVALS = """
insert into operator_states
    (operator, state, reason, began_at, ended_at, journal, began_engine_seconds, seconds)
select 'op' || n % 50, 'available', '', timestamptz '2026-11-01' + n * interval '10 seconds',
    timestamptz '2026-11-01' + (n + 50) * interval '10 seconds', '', 0, 500
from generate_series(1, 60000) n
"""


async def test_the_lists_people_look_at_all_day_are_read_from_an_index(record: Record) -> None:
    await record.run(MANY_CALLS, "analyze calls")
    middle = datetime(2026, 11, 4, tzinfo=UTC)
    hot = [
        CallFilter(),
        CallFilter(line="1567"),
        CallFilter(operator="op7"),
        CallFilter(after=(middle, "call-30000")),
        CallFilter(line="1111", after=(middle, "call-30000")),
        CallFilter(line="1111", arrived_from=middle, arrived_before=middle + DAY),
        CallFilter(queue="gcc", arrived_from=middle, arrived_before=middle + DAY),
        CallFilter(caller_e164="+66812345678"),
    ]
    for wanted in hot:
        plan = await record.plan(calls_query(wanted))
        assert "Index Scan" in plan, f"{wanted}\n{plan}"
        assert "Seq Scan" not in plan, f"{wanted}\n{plan}"
        if wanted.caller_e164 is None:
            assert "Sort" not in plan.replace("Incremental Sort", ""), f"{wanted}\n{plan}"


async def test_a_rare_outcome_is_read_from_an_index_of_its_own(record: Record) -> None:
    await record.run(MANY_CALLS, "analyze calls")
    middle = datetime(2026, 11, 4, tzinfo=UTC)

    for after in (None, (middle, "call-30000")):
        plan = await record.plan(calls_query(CallFilter(outcome="rejected", after=after)))
        assert "outcome_arrived_at_call_id" in plan, plan
        assert "Sort" not in plan, plan


async def test_an_operators_day_is_read_from_an_index(record: Record) -> None:
    await record.run(MANY_INTERVALS, "analyze operator_states")
    begin = datetime(2026, 11, 7, 12, tzinfo=UTC)

    held = operator_states.c
    in_the_day = held.began_at < begin + DAY, or_(held.ended_at.is_(None), held.ended_at > begin)
    of_one = select(held.state).where(held.operator == "op7", *in_the_day)

    plan = await record.plan(of_one.order_by(held.began_at, held.id))

    assert "Seq Scan" not in plan, plan
