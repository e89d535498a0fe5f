"""Scored calls as rows of the table `calls`, for tests that ask SQL."""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.outcome import Outcome
from callcenter.oversight.service_level.model import ScoredCall
from callcenter.storage.caller_number import CallerClass
from callcenter.storage.tables import calls

_numbers = itertools.count(1)


async def insert_calls(
    engine: AsyncEngine, line: str, scored: Iterable[ScoredCall], *, arrived_at: datetime
) -> None:
    """One row a call, all arrived at the same moment."""
    rows = [
        {
            "call_id": f"test-{next(_numbers)}",
            "line": line,
            "did": line,
            "caller": "",
            "caller_class": next(iter(CallerClass)).value,
            "arrived_at": arrived_at,
            "answered_at": arrived_at + timedelta(seconds=call.wait_seconds)
            if call.outcome is Outcome.ANSWERED
            else None,
            "ended_at": arrived_at + timedelta(seconds=call.wait_seconds),
            "outcome": call.outcome.value,
            "reason": call.reason,
            "wait_seconds": call.wait_seconds,
            "queue_wait_seconds": call.queue_wait_seconds,
        }
        for call in scored
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(calls), rows)
