"""The formulas in SQL, on a real PostgreSQL, against the pure module and the day done by hand."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import LineName
from callcenter.core.outcome import Outcome
from callcenter.oversight.service_level.model import Clock, ScoredCall
from callcenter.oversight.service_level.rules import service_levels
from callcenter.oversight.service_level.store import Asked, LineLevels, ServiceLevels
from callcenter.ports.people import DatabaseAwayError
from callcenter.storage.reader import ReaderOfPostgres
from tests.integration.oversight.call_rows import insert_calls
from tests.unit.oversight.worked_day import ANSWERS, WORKED_DAY

MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
DAY = Asked(since=MORNING, before=MORNING + timedelta(days=1))


async def asked(engine: AsyncEngine, question: Asked = DAY) -> list[LineLevels]:
    return await ServiceLevels(ReaderOfPostgres(engine)).of(question)


async def test_the_worked_day_comes_out_as_on_paper(engine: AsyncEngine) -> None:
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=MORNING)

    every, line = await asked(engine)

    assert (every.line, line.line) == (None, "1567")
    assert every.levels == line.levels
    found = {level.formula.name: (level.met, level.counted) for level in line.levels}
    assert found == ANSWERS


async def test_a_day_without_calls_has_no_share(engine: AsyncEngine) -> None:
    (every,) = await asked(engine)

    assert every.line is None
    assert {level.ratio for level in every.levels} == {None}


@pytest.mark.parametrize("clock", [None, *Clock])
@pytest.mark.parametrize("threshold_seconds", [None, 12, 30])
async def test_sql_and_the_pure_module_agree_on_any_calls(
    engine: AsyncEngine, clock: Clock | None, threshold_seconds: int | None
) -> None:
    days = {"1111": random_calls(700, seed=1), "1567": random_calls(300, seed=2)}
    for line, calls in days.items():
        await insert_calls(engine, line, calls, arrived_at=MORNING)
    question = Asked(
        since=DAY.since, before=DAY.before, threshold_seconds=threshold_seconds, clock=clock
    )

    every, *lines = await asked(engine, question)

    together = [call for calls in days.values() for call in calls]
    expected = service_levels(together, threshold_seconds=threshold_seconds, clock=clock)
    assert every.levels == expected
    assert {line.line: line.levels for line in lines} == {
        line: service_levels(calls, threshold_seconds=threshold_seconds, clock=clock)
        for line, calls in days.items()
    }


async def test_only_the_chosen_line_and_time_are_counted(engine: AsyncEngine) -> None:
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=MORNING)
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=DAY.before)
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=MORNING - timedelta(microseconds=1))
    await insert_calls(engine, "1111", WORKED_DAY, arrived_at=MORNING)

    chosen = Asked(since=DAY.since, before=DAY.before, line=LineName("1567"))
    every, line = await asked(engine, chosen)

    assert every.levels == line.levels == service_levels(WORKED_DAY)


async def test_a_call_whose_outcome_is_not_known_yet_is_not_counted(engine: AsyncEngine) -> None:
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=MORNING)
    async with engine.begin() as connection:
        await connection.execute(text("update calls set outcome = null, answered_at = null"))

    (every,) = await asked(engine)

    assert {level.counted for level in every.levels} == {0}


async def test_the_lent_database_refuses_to_be_changed(engine: AsyncEngine) -> None:
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=MORNING)
    with pytest.raises(DatabaseAwayError) as refused:
        await ReaderOfPostgres(engine).read("delete from calls returning call_id", {})
    assert "read-only" in str(refused.value.__cause__)
    assert (await asked(engine))[0].levels == service_levels(WORKED_DAY)


def random_calls(count: int, *, seed: int) -> Sequence[ScoredCall]:
    chance = random.Random(seed)
    return [
        ScoredCall(
            outcome=chance.choice(list(Outcome)),
            reason="",
            wait_seconds=(
                queue_wait := chance.choice([0.0, 12.0, 20.0, chance.expovariate(1 / 30)])
            )
            + chance.uniform(0, 8),
            queue_wait_seconds=queue_wait,
        )
        for _ in range(count)
    ]
