"""The list of the files of cases, in PostgreSQL. Every method raises DatabaseAwayError."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.cases.files import (
    AWAITED,
    MOST_EVER,
    MOST_FILES,
    CaseFile,
    FileFault,
    FileKind,
)
from callcenter.desks.cases.tables import case_files
from callcenter.desks.cases.vault import Incoming
from callcenter.desks.shared.document_tables import documents
from callcenter.storage.transactions import transaction

_T = case_files.c


class FilesInPostgres:
    """Names, kinds and checksums. The files themselves are in the vault."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def announce(
        self, case: UUID, name: str, *, shows_person: bool, unit: str, by: str, at: datetime
    ) -> CaseFile:
        """Reserve a number for a file that will be sent. Raises FileFault if the case has too
        many."""
        lock = select(documents.c.id).where(documents.c.id == case).with_for_update()
        of_case = _T.case == case
        over = and_(of_case, _T.stored_at.is_(None), _T.added_at <= at - AWAITED)
        there = func.count().filter(_T.removed_at.is_(None))
        counted = select(there, func.count(), func.coalesce(func.max(_T.n), 0)).where(of_case)
        async with transaction(self._engine) as connection:
            await connection.execute(lock)  # others who add a file at the same moment wait
            await connection.execute(delete(case_files).where(over))
            now, ever, last = (await connection.execute(counted)).one()
            if now >= MOST_FILES or ever >= MOST_EVER:
                detail = f"A case has at most {MOST_FILES} files, and {MOST_EVER} in all its time."
                raise FileFault("too_many_files", detail)
            made = CaseFile(
                n=last + 1,
                id=uuid4(),
                name=name,
                shows_person=shows_person,
                unit=unit,
                added_by=by,
                added_at=at,
            )
            row = {"case": case, **{column: getattr(made, column) for column in _COLUMNS}}
            await connection.execute(insert(case_files).values(**row))
        return made

    async def file(self, case: UUID, n: int) -> CaseFile | None:
        """One file of a case, in any state."""
        wanted = select(case_files).where(_T.case == case, _T.n == n)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(wanted)).mappings().first()
            return None if row is None else _file(row)

    async def files(self, case: UUID) -> Sequence[CaseFile]:
        """All files that were ever sent, in order, also removed ones."""
        wanted = select(case_files).where(_T.case == case, _T.stored_at.is_not(None))
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(wanted.order_by(_T.n))).mappings()
            return [_file(row) for row in rows]

    async def stored(self, case: UUID, n: int, what: Incoming, at: datetime) -> bool:
        """Note that the content is in its place. Gives False if another upload was first, or if the
        case's retention time is over."""
        values = {"id": what.id, "kind": what.kind.value, "size": what.size, "sha256": what.sha256}
        one = and_(_T.case == case, _T.n == n, _T.stored_at.is_(None), _T.removed_at.is_(None))
        return await self._change(one, **values, stored_at=at)

    async def remove(self, case: UUID, n: int, by: str, why: str, at: datetime) -> bool:
        """Blank its name, and keep who removed it. Gives False if it was removed already."""
        one = and_(_T.case == case, _T.n == n, _T.stored_at.is_not(None), _T.removed_at.is_(None))
        return await self._change(one, name="", removed_at=at, removed_by=by, removed_why=why)

    async def known(self) -> set[str]:
        """The names on the disk of all files that exist or may still be sent."""
        wanted = select(_T.id).where(_T.removed_at.is_(None))
        async with transaction(self._engine) as connection:
            return {each.hex for each in await connection.scalars(wanted)}

    async def _change(self, one: Any, **values: object) -> bool:
        async with transaction(self._engine) as connection:
            changed = await connection.execute(update(case_files).where(one).values(**values))
            return bool(changed.rowcount)


_COLUMNS = [column.name for column in case_files.c if column.name != "case"]


def _file(row: RowMapping) -> CaseFile:
    values = {name: row[name] for name in _COLUMNS}
    return CaseFile(**{**values, "kind": FileKind(row["kind"]) if row["kind"] else None})
