"""The audit in PostgreSQL: implements `ports.people.Audit`.

Rows are added and read, never changed. They say who looked at which call, and when. They have no
phone number and no name of a caller.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import EVERY_ENTRY, AuditEntry, AuditFilter
from callcenter.storage.people_tables import audit
from callcenter.storage.transactions import transaction


class AuditInPostgres:
    """See `ports.people.Audit` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def write(self, entry: AuditEntry) -> None:
        values = {
            "at": entry.at,
            "who": entry.who,
            "action": entry.action,
            "about": entry.about,
            "address": entry.address,
            "details": dict(entry.details),
        }
        async with transaction(self._engine) as connection:
            await connection.execute(insert(audit).values(**values))

    async def latest(
        self, *, limit: int, before: int | None, only: AuditFilter = EVERY_ENTRY
    ) -> Sequence[AuditEntry]:
        wanted = select(audit).where(*_conditions(only)).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(audit.c.id < before)
        async with transaction(self._engine) as connection:
            return [AuditEntry(**row) for row in (await connection.execute(wanted)).mappings()]


def _conditions(only: AuditFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.who is not None:
        found.append(audit.c.who == only.who)
    if only.action is not None:
        found.append(audit.c.action.startswith(only.action, autoescape=True))
    if only.about is not None:
        found.append(audit.c.about == only.about)
    if only.since is not None:
        found.append(audit.c.at >= only.since)
    if only.until is not None:
        found.append(audit.c.at < only.until)
    return found
