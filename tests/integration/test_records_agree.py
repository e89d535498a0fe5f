"""Rows and metrics are folds of the same facts: over any history they tell the same counts."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.engine import Engine
from callcenter.core.facts import Fact
from callcenter.runtime.clock import Clock
from callcenter.runtime.journal import Journal
from callcenter.storage.recorder import Recorder, plain_dsn
from callcenter.telemetry.metrics import Metrics
from tests.integration.line_summary import line_summaries
from tests.moody_world import MoodyWorld
from tests.unit.telemetry.test_metrics import numbers

NOON = 1_800_000_000.0
OUTCOMES = ("answered", "abandoned_short", "abandoned", "overflow", "callback", "failed")


class Books:
    """A journal and metrics, kept side by side."""

    def __init__(self, directory: Path) -> None:
        self.journal = Journal.open(directory, clock=Clock(wall=lambda: NOON))

    def watch(self, engine: Engine) -> None:
        """Begin."""
        self.engine = engine
        self.metrics = Metrics(engine.state.site, engine.state, lambda: 0.0)
        self.journal.start(engine.snapshot)

    def tell(self, facts: Sequence[Fact]) -> None:
        """Write down, and count."""
        self.journal.append(facts)
        self.metrics.fold(facts)


@pytest.mark.parametrize("seed", range(3))
async def test_rows_and_metrics_tell_the_same(
    engine: AsyncEngine, tmp_path: Path, seed: int
) -> None:
    books = Books(tmp_path / "journal")
    world = MoodyWorld(seed, watch=books.watch, tell=books.tell)
    world.live(1_500)
    url = engine.url.render_as_string(hide_password=False)
    recorder = Recorder(books.journal, url)
    tasks = [asyncio.create_task(books.journal.run()), asyncio.create_task(recorder.run())]
    async with asyncio.timeout(90):
        await recorder.caught_up()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    page = numbers(await books.metrics.render())

    def counted(name: str, **wanted: str) -> float:
        return sum(
            value
            for (series, labels), value in page.items()
            if series == name and wanted.items() <= dict(labels).items()
        )

    ever = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    lines = await line_summaries(engine, *ever)
    assert len(lines) == 5
    for told in lines:
        line = told.line
        assert told.received == counted("hotline_calls_received_total", line=line)
        assert told.rejected == counted("hotline_calls_rejected_total", line=line)
        assert told.ivr_ended == counted("hotline_calls_ivr_ended_total", line=line)
        assert told.looked_up == counted("hotline_calls_looked_up_total", line=line)
        assert told.voicemail == counted("hotline_calls_voicemail_total", line=line)
        assert told.offered == counted("hotline_calls_offered_total", line=line)
        for outcome in OUTCOMES:
            ended = counted("hotline_calls_ended_total", line=line, outcome=outcome)
            assert getattr(told, outcome) == ended, (line, outcome)
        never_offered = told.rejected + told.ivr_ended + told.looked_up + told.voicemail
        assert told.received == never_offered + told.offered + told.in_greeting
        assert told.offered == told.eligible + told.abandoned_short + told.waiting

    connection = await asyncpg.connect(plain_dsn(url))
    rung = await connection.fetchval("select count(*) from offers where result is not null")
    present = await connection.fetch(
        "select operator, state from operator_states where ended_at is null"
    )
    dead = await connection.fetchval("select count(*) from dead_letters")
    await connection.close()
    await books.journal.close()
    assert rung == counted("hotline_operator_offers_total")
    assert dead == 0
    states = {operator.id: operator.state for operator in books.engine.state.operators.values()}
    assert {row["operator"]: row["state"] for row in present} == states
