"""Calls and offers by month: the same answers as before, each call once, whole months removed."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic import command
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.cli.doctor import database
from callcenter.core.facts import Fact
from callcenter.core.outcome import Outcome
from callcenter.desks.reports.prefill import _CALLS_SQL
from callcenter.oversight.months.feature import Parts
from callcenter.oversight.service_level.store import Asked, question
from callcenter.oversight.surveys import store as surveys
from callcenter.ports.records import CallFilter
from callcenter.runtime.journal import Journal
from callcenter.storage.audit import AuditInPostgres
from callcenter.storage.migrate import settings, upgrade
from callcenter.storage.migrations.versions import m0064_months
from callcenter.storage.months import AHEAD, BusyError, Month, Months, _make
from callcenter.storage.queries import CallRecordsInPostgres, calls_query
from callcenter.storage.recorder import Recorder
from callcenter.storage.statements import RECORDING_LOCK
from callcenter.web.counted import Counted
from tests.facts import answered_call, received
from tests.integration.conftest import drop_database, name_of, new_database
from tests.integration.line_summary import line_summaries
from tests.integration.test_queries import Record
from tests.integration.test_recorder import NOON, from_the_ledger
from tests.parts import PrivatePostgres

BEFORE = str(m0064_months.down_revision)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)

YEAR = """
insert into calls (call_id, line, did, caller, caller_class, caller_e164, queue, priority,
    arrived_at, queued_at, answered_at, talk_ended_at, ended_at, outcome, wait_seconds,
    queue_wait_seconds, talk_seconds, operator, offers, survey, survey_score, demo)
select 'asterisk-' || n, (array['1567', '1111', '045-614545'])[1 + n % 3], '', '08' || n % 4000,
    'national', '+668' || n % 4000, (array['damrong', 'gcc'])[1 + n % 2], n % 3, a,
    a + interval '5 s',
    case when o = 'answered' then a + wait end, case when o = 'answered' then a + wait * 4 end,
    a + wait * 4, o, extract(epoch from wait),
    greatest(0, extract(epoch from wait) - 5),
    case when o = 'answered' then 3 * extract(epoch from wait) end,
    case when o = 'answered' then 'op' || n % 20 end, n % 4,
    case when n % 5 = 0 and o = 'answered' then 'scored' end,
    case when n % 5 = 0 and o = 'answered' then 1 + n % 5 end, n % 11 = 0
from (
    select n, timestamptz '2025-11-20 03:00Z' + n * interval '1 year' / {many} as a,
        interval '6 s' + abs(hashint4(n)) % 97 * interval '0.05 s' as wait,
        (array['answered', 'answered', 'answered', 'abandoned', 'rejected'])
            [1 + abs(hashint4(n)) % 5] as o
    from generate_series(1, {many}) n
) as told
"""
RINGS = """
insert into offers (offer_id, call_id, operator, queue, number, made_at, answered_at, ended_at,
    result, ring_seconds)
select call_id || '-1', call_id, coalesce(operator, 'op1'), queue, 1, arrived_at + interval '5 s',
    answered_at, ended_at, case when operator is null then 'no_answer' else 'answered' end, 3
from calls
"""
CONTENT = """
select (select md5(string_agg(c::text, '' order by call_id)) from (
    select {calls} from calls) as c),
  (select md5(string_agg(o::text, '' order by offer_id)) from (
    select offer_id, call_id, operator, queue, number, made_at, answered_at, ended_at, result,
        ring_seconds from offers) as o)
"""


def migrated(connection: Connection, revision: str) -> None:
    """The tables as they were then."""
    command.downgrade(settings(connection), revision)


async def as_of_before(engine: AsyncEngine, many: int = 12_000) -> None:
    """The tables of before with the calls of a year."""
    async with engine.begin() as connection:
        await connection.run_sync(migrated, BEFORE)
        await connection.exec_driver_sql(YEAR.format(many=many))
        await connection.exec_driver_sql(RINGS)


async def answers(engine: AsyncEngine) -> dict[str, object]:
    """What reports, lists and pages say of the year, and what is in the tables."""
    told: dict[str, object] = {}
    records = CallRecordsInPostgres(engine)
    months = [Month(2025, 11).after(n) for n in range(13)]
    async with engine.connect() as connection:
        for month in months:
            since, before = month.begins, month.after().begins
            for name, (statement, values) in {
                "levels": question(Asked(since=since, before=before)),
                "surveys": surveys.question(surveys.Asked(since=since, before=before)),
                "prefill": (
                    _CALLS_SQL,
                    {"lines": ["1567"], "since": since, "before": before},
                ),
            }.items():
                rows = await connection.execute(text(statement), values)
                told[f"{name} {month}"] = [rounded(dict(row)) for row in rows.mappings()]
        columns = list((await connection.execute(text(COLUMNS))).scalars())
        content = CONTENT.format(calls=", ".join(sorted(columns)))
        told["content"] = tuple((await connection.execute(text(content))).one())
    for month in months[::4]:
        lines = await line_summaries(engine, month.begins, month.after().begins)
        told[f"lines {month}"] = [rounded(msgspec.to_builtins(line)) for line in lines]
    middle = datetime(2026, 5, 1, tzinfo=UTC)
    for wanted in (
        CallFilter(),
        CallFilter(line="1567", limit=200),
        CallFilter(operator="op7"),
        CallFilter(outcome="rejected"),
        CallFilter(after=(middle, "asterisk-5000")),
        CallFilter(arrived_from=middle, arrived_before=middle + timedelta(days=40), queue="gcc"),
    ):
        told[str(wanted)] = await records.calls(wanted)
    told["one"] = await records.call("asterisk-7777")
    told["its offers"] = await records.offers("asterisk-7777")
    told["earlier"] = await records.earlier("+66877", middle, 5)
    return told


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """A sum of many numbers depends a little on their order."""
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()}


COLUMNS = """
select attname from pg_attribute where attrelid = 'calls'::regclass and attnum > 0
    and not attisdropped
"""


async def test_a_year_of_calls_gives_the_same_answers_before_and_after(engine: AsyncEngine) -> None:
    await as_of_before(engine)
    before = await answers(engine)

    await upgrade(engine)
    assert await answers(engine) == before, "all rows are in the default partition"

    months, moved = Months(engine), list[Any]()
    while (step := await months.move_one()) is not None:
        moved.append(step)
        if len(moved) == 5:
            assert await answers(engine) == before, "half of the months are moved"
    assert [step.month for step in moved if step.table == "calls"] == [
        Month(2026, 11).after(-n) for n in range(13)
    ], "the latest first"
    assert sum(step.rows for step in moved) == 2 * 12_000
    assert [each.without_month for each in await months.standing(NOW)] == [0, 0]
    assert await answers(engine) == before

    async with engine.begin() as connection:
        await connection.run_sync(migrated, BEFORE)
    assert await answers(engine) == before, "and back"
    await upgrade(engine)
    assert await answers(engine) == before


async def test_rights_on_the_tables_stay(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(migrated, BEFORE)
        await connection.exec_driver_sql("grant select on calls to pg_monitor")
    await upgrade(engine)
    async with engine.connect() as connection:
        granted = "select has_table_privilege('pg_monitor', 'calls', 'select')"
        assert await connection.scalar(text(granted))


# --- plans -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def a_year(postgres: PrivatePostgres, template: str) -> str:
    """The name of a database with a year of calls, each month in its table."""

    async def fill(url: str) -> None:
        engine = create_async_engine(url)
        await as_of_before(engine)
        await upgrade(engine)
        months = Months(engine)
        await months.make_ahead(NOW)
        while await months.move_one() is not None:
            pass
        await months.analyse()
        await engine.dispose()

    url = asyncio.run(new_database(postgres.url, template))
    asyncio.run(fill(url))
    return name_of(url)


@pytest.fixture
async def by_month(postgres: PrivatePostgres, a_year: str) -> AsyncIterator[Record]:
    """A copy of it."""
    url = await new_database(postgres.url, a_year)
    engine = create_async_engine(url)
    yield Record(engine)
    await engine.dispose()
    await drop_database(postgres.url, url)


async def test_questions_about_a_time_read_only_its_months(by_month: Record) -> None:
    since, before = Month(2026, 3).begins, Month(2026, 4).begins
    values = {"since": since, "before": before, "lines": ["1567"]}
    statements = [
        question(Asked(since=since, before=before))[0],
        surveys.question(surveys.Asked(since=since, before=before))[0],
        _CALLS_SQL,
    ]
    async with by_month.engine.connect() as connection:
        for statement in statements:
            values |= question(Asked(since=since, before=before))[1]
            rows = await connection.execute(text(f"explain {statement}"), values)
            assert read_by(rows.scalars()) == {"calls_2026_03"}
    listed = CallFilter(line="1567", arrived_from=since, arrived_before=before)
    plan = (await by_month.plan(calls_query(listed))).splitlines()
    assert read_by(plan) == {"calls_2026_03"}


async def test_the_latest_calls_are_read_from_indexes_of_all_months_without_a_sort(
    by_month: Record,
) -> None:
    for wanted in (CallFilter(), CallFilter(line="1567"), CallFilter(operator="op7")):
        plan = await by_month.plan(calls_query(wanted))
        assert "Seq Scan" not in plan.replace("Seq Scan on calls_default", ""), plan
        assert "Sort" not in plan.replace("Incremental Sort", "").replace("Sort Key", ""), plan


def read_by(plan: Any) -> set[str]:
    """The tables that a plan reads."""
    words = [line.split() for line in plan]
    return {
        line[line.index("on") + 1]
        for line in words
        if "on" in line and line[line.index("on") + 1].startswith("calls")
    }


# --- what the recorder writes ----------------------------------------------------------------

NOVEMBER = datetime(2023, 10, 31, 17, tzinfo=UTC).timestamp() - NOON
"""Engine time at which November 2023 begins in Thailand."""


@pytest.fixture
async def two_months(engine: AsyncEngine) -> AsyncEngine:
    """October and November 2023 have their tables."""
    months = Months(engine)
    await months.make_ahead(Month(2023, 10).begins)
    return engine


class Keeping:
    """A journal with its recorder."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self.journal = Journal.open(folder)
        self.journal.start(tuple)
        url = engine.url.render_as_string(hide_password=False)
        self.recorder = Recorder(self.journal, url)
        self.tasks = [
            asyncio.create_task(self.journal.run()),
            asyncio.create_task(self.recorder.run()),
        ]

    async def keep(self, *steps: Sequence[Fact]) -> None:
        """Append the facts of each step, and wait until they are stored."""
        for facts in steps:
            self.journal.append(list(facts), wall=NOON + facts[0].at)
            async with asyncio.timeout(60):
                await self.recorder.caught_up()

    async def close(self) -> None:
        """End both."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.journal.close()


@pytest.fixture
async def keeping(two_months: AsyncEngine, tmp_path: Path) -> AsyncIterator[Keeping]:
    """A journal with its recorder, on tables by month."""
    made = Keeping(two_months, tmp_path / "journal")
    yield made
    await made.close()


async def rows(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


WHERE = "select call_id, tableoid::regclass::text, outcome from calls order by call_id"


async def test_a_call_over_midnight_of_the_first_stays_in_the_month_of_its_arrival(
    keeping: Keeping, two_months: AsyncEngine
) -> None:
    facts = list(answered_call("c", "somchai", NOVEMBER - 10.0))
    await keeping.keep(*([fact] for fact in facts))
    assert await rows(two_months, WHERE) == [("c", "calls_2023_10", "answered")]
    [(offers,)] = await rows(two_months, "select count(*) from offers")
    assert offers == 1
    assert keeping.recorder.dead_letters == 0


async def test_a_call_whose_two_witnesses_disagree_about_its_month_is_stored_once(
    keeping: Keeping, two_months: AsyncEngine
) -> None:
    """The ledger tells of an arrival in November, the service of one in October."""
    made_up = from_the_ledger("c", NOVEMBER + 400.0, outcome=Outcome.ABANDONED)
    assert made_up[0].arrived_at > NOVEMBER  # type: ignore[union-attr]
    await keeping.keep(made_up)
    assert await rows(two_months, WHERE) == [("c", "calls_2023_11", "abandoned")]

    facts = list(answered_call("c", "somchai", NOVEMBER - 10.0))
    await keeping.keep(facts)

    [(call, where, outcome)] = await rows(two_months, WHERE)
    assert (call, where, outcome) == ("c", "calls_2023_10", "answered"), "it moved to its month"
    assert await rows(two_months, "select about from audit") == [("c",)]


async def test_two_journals_that_tell_of_one_call_at_the_same_moment_store_it_once(
    two_months: AsyncEngine, tmp_path: Path
) -> None:
    """Without the lock both would look before either has inserted, each in another month."""
    one = Keeping(two_months, tmp_path / "one")
    other = Keeping(two_months, tmp_path / "other")
    try:
        calls = [f"c{number:03}" for number in range(300)]
        before = [received(call, NOVEMBER - 10.0) for call in calls]
        after = [received(call, NOVEMBER + 10.0) for call in calls]
        await asyncio.gather(one.keep(before), other.keep(after))
        stored = await rows(two_months, WHERE)
        assert [call for call, _, _ in stored] == calls
    finally:
        await one.close()
        await other.close()


async def test_a_call_that_is_told_while_its_month_is_moved_loses_nothing(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    keeping = Keeping(engine, tmp_path / "journal")
    other = create_async_engine(engine.url)
    try:
        facts = list(answered_call("c", "somchai", NOVEMBER + 100.0))
        await keeping.keep(facts[:5])
        assert await rows(engine, WHERE) == [("c", "calls_default", None)]
        moved = asyncio.Event()

        async def move() -> None:
            async with other.begin() as connection:  # as Months does it, but slowly
                await connection.execute(text(f"select pg_advisory_xact_lock({RECORDING_LOCK})"))
                await _make(connection, "calls", Month(2023, 11))

        @event.listens_for(other.sync_engine, "after_cursor_execute")
        def copied(connection: Connection, _: object, statement: str, *__: object) -> None:
            if statement.startswith("delete from calls_default"):
                moved.set()
                connection.exec_driver_sql("select pg_sleep(2)")

        moving = asyncio.create_task(move())
        await moved.wait()
        await keeping.keep(facts[5:])
        await moving
        assert await rows(engine, WHERE) == [("c", "calls_2023_11", "answered")]
        [(talk,)] = await rows(engine, "select talk_seconds from calls")
        assert talk == 30.0
        assert keeping.recorder.dead_letters == 0
    finally:
        await keeping.close()
        await other.dispose()


async def test_a_month_without_a_table_refuses_nobody_and_gets_one(
    keeping: Keeping, two_months: AsyncEngine
) -> None:
    far = NOVEMBER + 400 * 86_400.0
    await keeping.keep([received("c", far)])
    assert await rows(two_months, WHERE) == [("c", "calls_default", None)]

    months = Months(two_months)
    moved = await months.move_one()

    assert moved is not None
    assert (str(moved.month), moved.rows) == ("2024-12", 1)
    assert await rows(two_months, WHERE) == [("c", "calls_2024_12", None)]
    assert await months.move_one() is None


# --- months ahead, and months that are over --------------------------------------------------


async def test_months_are_made_ahead_once(engine: AsyncEngine) -> None:
    months = Months(engine)
    await asyncio.gather(months.make_ahead(NOW), Months(engine).make_ahead(NOW))
    for each in await months.standing(NOW):
        assert [str(month) for month in each.months] == ["2026-11", "2026-12", "2027-01", "2027-02"]
        assert len(each.months) == AHEAD + 1
        assert 90 < each.days_ahead < 95
    assert await months.make_ahead(NOW) == []


async def test_what_is_kept_for_a_reason_outlives_its_month(by_month: Record) -> None:
    """Six calls of January are kept: of three the sound, of one it is held, two belong to a case;
    only one of the cases is open."""
    await by_month.run(KEPT)
    months = Months(by_month.engine)
    [kept] = await by_month_counts(by_month, "select count(*) from calls_2026_01")
    assert kept > 900

    dropped = await months.drop_older(datetime(2027, 3, 1, tzinfo=UTC), 13)

    told = {f"{each.table} {each.month}": (each.rows, each.kept) for each in dropped}
    assert sorted(told) == [
        *(f"calls {m}" for m in ("2025-11", "2025-12", "2026-01")),
        *(f"offers {m}" for m in ("2025-11", "2025-12", "2026-01")),
    ]
    assert told["calls 2026-01"] == (kept - 5, 5)
    assert told["offers 2026-01"][1] == 5
    left = await rows(by_month.engine, "select call_id from calls where arrived_at < '2026-01-31'")
    assert len(left) == 5
    assert await by_month_counts(
        by_month, "select count(*) from pg_class where relname = 'calls_2025_12'"
    ) == [0]
    [notes] = await by_month_counts(by_month, "select count(*) from call_notes")
    assert notes == 2, "one of a call that is kept, one of a later month"
    assert await months.drop_older(datetime(2027, 3, 1, tzinfo=UTC), 13) == []

    await by_month.run("update recordings set state = 'purged', held_at = null")
    again = await months.drop_older(datetime(2027, 3, 1, tzinfo=UTC), 13)
    assert [(each.table, each.rows, each.kept) for each in again] == [
        ("calls", 4, 1),
        ("offers", 4, 1),
    ]


async def test_all_months_are_kept_if_nothing_else_is_said(by_month: Record) -> None:
    assert await Months(by_month.engine).drop_older(datetime(2060, 1, 1, tzinfo=UTC), 0) == []


async def by_month_counts(record: Record, query: str) -> list[int]:
    """Numbers."""
    return [row[0] for row in await rows(record.engine, query)]


KEPT = """
do $$
declare january text[]; later text;
begin
    select array_agg(call_id order by call_id) into january from (
        select call_id from calls_2026_01 where arrived_at < '2026-01-30' limit 6) as first_ones;
    select min(call_id) into later from calls_2026_06;
    insert into recordings (call_id, number, line, queue, operator, began_at, state, held_at)
    select january[n], 1, '1567', 'gcc', 'op1', now(),
        case when n = 4 then 'ended' else 'kept' end, case when n = 4 then now() end
    from generate_series(1, 4) n;
    insert into units (id, level, functions, name_th, name_en, area, active_from)
        values ('it', 'ministry', '{}', '', '', '', '2020-01-01');
    insert into documents (id, kind, number, unit, holder, area, state, urgency, rank, due_at,
        version, channel, call_id, created_at, created_by, closed_at)
    select gen_random_uuid(), 'case', n::text, 'it', 'it', '', '', '', 0, now(), 1, '',
        january[n], now(), '', case when n = 6 then now() end
    from generate_series(5, 6) n;
    insert into call_notes (call, operator, changed_at, kind, topic, result, note)
    select unnest(array[january[1], january[6], later]), 'op1', now(), 'question', '', '', '';
end $$
"""


async def test_somebody_who_reads_for_long_is_not_disturbed(by_month: Record) -> None:
    """A month cannot be attached while a report reads; the report goes on, and it is tried
    again."""
    await by_month.run("delete from calls where call_id = 'asterisk-1'")
    async with by_month.engine.connect() as connection:
        await connection.execute(text("select count(*) from calls"))
        with pytest.raises(BusyError):
            await Months(by_month.engine).make_ahead(NOW + timedelta(days=200))
        assert await connection.scalar(text("select count(*) from calls")) == 11_999
    assert await Months(by_month.engine).make_ahead(NOW + timedelta(days=200))


async def test_the_hourly_work_does_all_of_it_and_tells_the_audit(engine: AsyncEngine) -> None:
    await as_of_before(engine, 3_000)
    await upgrade(engine)
    months, audit = Months(engine), AuditInPostgres(engine)

    def wall() -> datetime:
        return datetime(2027, 2, 3, tzinfo=UTC)

    parts = Parts(
        months=months,
        kept_months=13,
        audit=audit,
        wall=wall,
        counted=Counted("months", months.standing, wall),
    )
    await parts.counted.count()
    assert await parts.look_after()
    assert not await parts.look_after(), "nothing is left to do"
    standing = await months.standing(wall())
    for each in standing:
        assert each.without_month == 0
        assert each.days_ahead > 80
        assert min(each.months) == Month(2026, 1)
    removed = await rows(engine, "select about, details from audit order by id")
    assert [about for about, _ in removed] == [
        f"{table} {month}" for table in ("calls", "offers") for month in ("2025-11", "2025-12")
    ]
    details = [json.loads(d) if isinstance(d, str) else d for _, d in removed]
    assert all(each["rows"] > 50 and each["kept"] == 0 for each in details)


async def test_the_doctor_tells_of_a_missing_month_and_of_rows_without_one(
    engine: AsyncEngine,
) -> None:
    url = engine.url.render_as_string(hide_password=False)

    async def told() -> list[str]:
        return [
            f.what
            for f in await database.examine(url)
            if f.what.startswith(("calls", "offers")) and f.part == "database"
        ]

    missing = await told()
    assert missing[0].startswith("calls: the next month has no table")
    assert len(missing) == 2
    months = Months(engine)
    await months.make_ahead(datetime.now(UTC))
    [well] = await told()
    assert well.startswith("calls and offers have tables for the next ")
    async with engine.begin() as connection:
        await connection.exec_driver_sql(YEAR.format(many=7))
    [loose] = [line for line in await told() if "no month" in line]
    assert loose.startswith("calls: ")
    while await months.move_one() is not None:
        pass
    assert len(await told()) == 1
