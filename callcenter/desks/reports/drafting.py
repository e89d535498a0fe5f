"""How a unit's report in a round begins: as a draft, filled with what the system counted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from callcenter.desks.reports.model import Counts, Report, Round
from callcenter.desks.reports.prefill import Prefill
from callcenter.desks.reports.store import ReportsInPostgres
from callcenter.desks.shared.thai import buddhist, local
from callcenter.desks.shared.units import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """Begins reports, and counts for them."""

    reports: ReportsInPostgres
    prefill: Prefill
    wall: Callable[[], datetime]

    async def begin(self, of: Round, unit: str, units: Units, by: str) -> Report:
        """The unit's report: the one there is, or a new one. TimeoutError: counting takes too
        long."""
        known = await self.reports.report_of(of.id, unit)
        if known is not None:
            return known
        counts = await self.counts(of, unit, units)
        area, year = units.by_id[unit].area, buddhist(local(self.wall()).year)
        await self.reports.start(of, unit, area, year, counts, by)
        report = await self.reports.report_of(of.id, unit)
        assert report is not None
        return report

    async def counts(self, of: Round, unit: str, units: Units) -> Counts:
        """What the system counts for the unit and those below it. TimeoutError."""
        below = units.below(unit)
        lines = await self.reports.lines_of(below)
        return await self.prefill.counts(
            below, lines, of.period_from, of.period_before, self.wall()
        )
