"""The hourly work on the months of the record, and its figures."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog

from callcenter.ports.metrics import Kind, Samples, Series
from callcenter.ports.people import Audit, AuditEntry, DatabaseAwayError
from callcenter.storage.months import BusyError, Dropped, Months, Standing
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Endpoints
from callcenter.web.feature import Feature

HOUR_SECONDS = 3_600.0
RETRY_SECONDS = 60.0
PAUSE_SECONDS = 2.0  # between two months that are moved: the recorder catches up in it
DAY_SECONDS = 86_400.0

log = structlog.get_logger(__name__)

AHEAD = Series(
    name="hotline_months_ahead_seconds",
    kind=Kind.GAUGE,
    labels=("table",),
    help="For how long from now calls and offers have tables of their month. The service makes"
    " them three months ahead.",
)
WITHOUT_MONTH = Series(
    name="hotline_months_default_rows",
    kind=Kind.GAUGE,
    labels=("table",),
    help="Rows of calls and offers that are in no month's table (at most 100,000 are counted). They"
    " are moved within the hour, one month at a time.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`kept_months`: how many whole months are kept before this one; 0: all."""

    months: Months
    kept_months: int
    audit: Audit
    wall: Callable[[], datetime]
    counted: Counted[Sequence[Standing]]

    async def run(self) -> None:
        """Look after the months every hour, for ever."""
        analysed = -DAY_SECONDS
        while True:
            try:
                changed = await self.look_after()
                if changed or monotonic() - analysed > DAY_SECONDS:
                    await self.months.analyse()
                    analysed = monotonic()
            except (BusyError, DatabaseAwayError) as error:
                log.warning("months of the record wait", reason=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(HOUR_SECONDS)

    async def look_after(self) -> bool:
        """Make the next months, fill those that have rows elsewhere, remove old ones. Gives whether
        rows were moved or removed."""
        changed = any(moved.rows for moved in await self.months.make_ahead(self.wall()))
        while moved := await self.months.move_one():
            log.info(
                "a month was moved", table=moved.table, month=str(moved.month), rows=moved.rows
            )
            changed = True
            await asyncio.sleep(PAUSE_SECONDS)
        for dropped in await self.months.drop_older(self.wall(), self.kept_months):
            await self._note(dropped)
            changed = True
        return changed

    async def _note(self, dropped: Dropped) -> None:
        about, rows, kept = f"{dropped.table} {dropped.month}", dropped.rows, dropped.kept
        log.info("a month was removed", what=about, rows=rows, kept=kept)
        await self.audit.write(
            AuditEntry(
                at=self.wall(),
                who="retention",
                action="month.removed",
                about=about,
                address="",
                details={"rows": rows, "kept": kept},
            )
        )


def _by_table(value: Callable[[Standing], float]) -> Callable[[Sequence[Standing]], Samples]:
    return lambda found: {(each.table,): value(each) for each in found}


FEATURE = Feature(
    parts=Parts,
    endpoints=Endpoints("months"),
    metrics={
        AHEAD: lambda parts: parts.counted.samples(
            _by_table(lambda it: DAY_SECONDS * it.days_ahead)
        ),
        WITHOUT_MONTH: lambda parts: parts.counted.samples(_by_table(lambda it: it.without_month)),
    },
    run=Parts.run,
)
