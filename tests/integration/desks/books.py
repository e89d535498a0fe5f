"""The invariants of the desks, asked of PostgreSQL: after every change, and after every test.

Each is asked in SQL of its own, so that a fault of the stores is no fault of the check. `Books`
also remembers the histories it has seen: not a letter of them may change later.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.desks.cases.states import TABLE as CASE_TABLE
from callcenter.desks.cases.store import CaseFilter, CasesInPostgres
from callcenter.desks.reports.asking import report_scope
from callcenter.desks.reports.consolidation import Consolidation
from callcenter.desks.reports.states import TABLE as REPORT_TABLE
from callcenter.desks.reports.store import ReportsInPostgres
from callcenter.desks.shared.documents import StateTable
from callcenter.desks.shared.numbers import check_digit
from callcenter.desks.shared.rounds import Expected, expected_state
from callcenter.desks.shared.scope import scope_of
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import local

TABLES: Mapping[str, StateTable] = {"case": CASE_TABLE, "report": REPORT_TABLE}  # type: ignore[type-arg]
FIRST_ACTIONS = {"case": ("create",), "report": ("start",)}
RULES = {
    "1: an event is missing, or doubled": """
        select d.number from documents d
        left join document_events e on e.document = d.id
        group by d.id having count(e.seq) <> d.version or max(e.seq) is distinct from d.version
            or min(e.seq) <> 1
    """,
    "1: an event begins where the one before did not end": """
        select d.number from documents d join document_events e on e.document = d.id
        left join document_events b on b.document = e.document and b.seq = e.seq - 1
        where e.from_state is distinct from b.to_state
    """,
    "1: the last event does not lead to the state": """
        select d.number from documents d join document_events e
            on e.document = d.id and e.seq = d.version
        where e.to_state <> d.state
    """,
    "2: a unit has a document twice": """
        select d.number from documents d join hops h on h.document = d.id
        where h.purpose = 'act' and h.state in ('sent', 'received')
        group by d.id, h.to_unit having count(*) > 1
    """,
    "2: a hand-over is open and has an end, or the other way round": """
        select d.number from documents d join hops h on h.document = d.id
        where h.purpose = 'act' and (h.state in ('sent', 'received')) <> (h.ended_at is null)
    """,
    "3: a document has ended and is still with somebody": """
        select d.number from documents d join hops h on h.document = d.id
        where d.state in ('closed', 'duplicate', 'withdrawn')
            and h.purpose = 'act' and h.state in ('sent', 'received')
    """,
    "3: a document has ended and a clock runs": """
        select d.number from documents d join clocks c on c.document = d.id
        where d.state in ('closed', 'duplicate', 'withdrawn')
            and c.met_at is null and c.ended_at is null
    """,
    "3: the order of lists does not know that a document has ended": """
        select number from documents
        where kind = 'case' and (state in ('closed', 'duplicate', 'withdrawn')) <> (rank = 2)
    """,
    "3: the next deadline is not that of a running clock": """
        select d.number from documents d
        left join clocks c on c.document = d.id and c.met_at is null and c.ended_at is null
            and c.paused_at is null
        where d.kind = 'case' group by d.id
        having d.due_at <> coalesce(min(c.due_at), '9999-12-31Z')
            and d.due_at <> '9999-12-31Z'
    """,
    "4: a report of a unit that is not expected": """
        select r.unit from reports r
        left join expectations e on e.round = r.round and e.unit = r.unit where e.unit is null
    """,
    "4: a round that nobody is expected in": """
        select rounds.id::text from rounds
        left join expectations e on e.round = rounds.id where e.unit is null
    """,
    "4: a report says another number of submissions than there are": """
        select d.number from reports r join documents d on d.id = r.id
        left join revisions v on v.document = r.id
        group by d.id, r.id having count(v.number) <> r.revision
            or coalesce(max(v.number), 0) <> r.revision
    """,
    "4: a report is submitted, and has no time that counts": """
        select d.number from reports r join documents d on d.id = r.id
        where d.state in ('submitted', 'accepted')
            and (r.first_at is null or r.submitted_at is null or r.revision = 0)
    """,
    "5: a number is there twice": """
        select number from documents group by number having count(*) > 1
    """,
    "5: a number was not given out, or will be given again": """
        select d.number from documents d
        left join number_sequences s on s.area = left(d.number, 2)
            and s.year % 100 = substr(d.number, 3, 2)::int
        where s.last is null or substr(d.number, 5, 6)::int not between 1 and s.last
    """,
    "6: a unit that takes part does not see it, or one sees it that does not": """
        with taking as (
            select id as document, unit, 0 as as_source from documents
            union select document, to_unit, 0 from hops
            union select id, source_unit, 1 from cases where source_unit is not null)
        select coalesce(t.unit, i.unit) from taking t full join involvements i
            on i.document = t.document and i.unit = t.unit and i.as_source = t.as_source
        where t.unit is null or i.unit is null
    """,
}
NO_CHANGE = (
    "update {} set {} = {}",
    "delete from {}",
    "truncate {} cascade",
)
KEPT = {
    "document_events": "actor",
    "revisions": "by",
    "editions": "by",
    "answer_versions": "written_by",
}
"""Tables that are only added to, with a column that somebody could want to change."""
SEEN = """
    with recursive below(account, role, unit) as (
        select g.account, g.role, g.unit from grants g join units u on u.id = g.unit
        where g.since <= :day and (g.until is null or g.until > :day)
            and u.active_from <= :day and (u.active_to is null or u.active_to > :day)
        union select b.account, b.role, u.id from below b join units u on u.parent = b.unit)
    select distinct b.account, d.number from below b, documents d
    where d.kind = :kind and (b.role = 'central' or exists (
        select from involvements i where i.document = d.id and i.unit = b.unit
        and case when i.as_source = 1 then b.role = 'referrer'
            else b.role = any(:roles) end))
"""
SEEN_BY = {
    "case": ["operator", "supervisor", "province_admin", "officer"],
    "report": ["supervisor", "province_admin"],
}


@dataclass(slots=True)
class Books:
    """What was seen so far. `faults` gives what is wrong now."""

    engine: AsyncEngine
    seen: dict[tuple[str, int], str] = field(default_factory=dict)
    looks: int = 0
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def faults(self, now: datetime, *, all_of_them: bool = False) -> list[str]:
        """The broken invariants in words. `all_of_them`: also those that many requests are needed
        for, such as what each account sees."""
        async with self._one:
            self.looks += 1
            async with self.engine.connect() as connection:
                alike = await connection.execution_options(isolation_level="REPEATABLE READ")
                found = await self._of_rows(alike)
                found += await self._history(alike)
            if all_of_them:
                found += await _rounds(self.engine, now)
                found += await _scopes(self.engine, now)
                found += await _is_only_added_to(self.engine)
            return found

    async def _of_rows(self, connection: AsyncConnection) -> list[str]:
        found = []
        for rule, broken in RULES.items():
            rows = [str(row[0]) for row in await connection.execute(text(broken))]
            if rows:
                found.append(f"{rule}: {', '.join(rows[:5])}")
        numbers = await connection.scalars(text("select number from documents"))
        found += [f"5: a wrong check digit: {each}" for each in numbers if check_digit(each)]
        return found

    async def _history(self, connection: AsyncConnection) -> list[str]:
        """Of one's own table only moves that it has; and nothing that was seen is different now."""
        found = []
        wanted = "select d.kind, d.number, e.* from document_events e join documents d on d.id = "
        rows = await connection.execute(text(wanted + "e.document order by d.number, e.seq"))
        now: dict[tuple[str, int], str] = {}
        for row in rows.mappings():
            now[row["number"], row["seq"]] = str(dict(row))
            if fault := _move_fault(row["kind"], row["action"], row["from_state"], row["to_state"]):
                found.append(f"1: {row['number']}: {fault}")
        changed = [key for key, was in self.seen.items() if now.get(key) != was]
        found += [f"7: the history of {number} at {seq} changed" for number, seq in changed[:5]]
        self.seen = now
        return found


def _move_fault(kind: str, action: str, before: str | None, after: str) -> str | None:
    table = TABLES.get(kind)
    if table is None:
        return f"no table of states for {kind}"
    if before is None:
        return None if action in FIRST_ACTIONS[kind] else f"{action} made it"
    moves = {
        (state.value, what.value): [each.value for each in move.to]
        for (state, what), move in table.moves.items()
    }
    if after not in moves.get((before, action), ()):
        return f"{action} led from {before} to {after}"
    return None


async def _rounds(engine: AsyncEngine, now: datetime) -> list[str]:
    """4: the units of a round are shared out over the states, each in one of them."""
    found, store = list[str](), ReportsInPostgres(engine)
    async with engine.connect() as connection:
        asked = "select round, count(*) from expectations group by round"
        expected = {row[0]: row[1] for row in await connection.execute(text(asked))}
    for of in await store.rounds():
        each = [expected_state(of.due_at, e.submission, now) for e in await store.expected(of.id)]
        by_state = {state: each.count(state) for state in Expected}
        if sum(by_state.values()) != expected[of.id]:
            found.append(f"4: round {of.id} expects {expected[of.id]}, and has {by_state}")
        edition = await store.edition(of.id)
        if edition is not None:
            found += _edition_faults(of.id, edition.body)
    return found


def _edition_faults(number: int, body: Consolidation) -> Sequence[str]:
    """Who reported, who is missing and who is excused are all who are expected."""
    states = [row.state for row in body.units]
    excused = states.count(Expected.EXCUSED.value)
    if len(states) != body.expected or body.submitted + len(body.missing) + excused < body.expected:
        return [f"4: the published table of round {number} does not add up"]
    return []


async def _scopes(engine: AsyncEngine, now: datetime) -> list[str]:
    """6: what each account finds is what SQL says that it may see."""
    found, day = list[str](), local(now).date()
    cases, reports = CasesInPostgres(engine), ReportsInPostgres(engine)
    async with engine.connect() as connection:
        accounts = list(await connection.scalars(text("select name from accounts order by name")))
        told = {
            kind: {tuple(row) for row in await connection.execute(text(SEEN), asked)}
            for kind in TABLES
            for asked in ({"day": day, "kind": kind, "roles": SEEN_BY[kind]},)
        }
        numbers = list(
            await connection.scalars(text("select number from documents where kind = 'report'"))
        )
    for account in accounts:
        standing = await UnitsInPostgres(engine).standing(account, day)
        scope = scope_of(standing)
        mine = {number for name, number in told["case"] if name == account}
        listed = {line.number for line in await cases.lines(CaseFilter(limit=5_000), scope)}
        if listed != mine:
            found.append(f"6: {account} finds cases {sorted(listed ^ mine)[:5]} wrongly, or not")
        for number in numbers:
            one = await reports.report(number, report_scope(standing))
            if (one is not None) != ((account, number) in told["report"]):
                found.append(f"6: {account} finds report {number} wrongly, or not")
    return found


async def _is_only_added_to(engine: AsyncEngine) -> list[str]:
    """7: the database itself refuses every change of what was said and done."""
    found = []
    for table, column in KEPT.items():
        async with engine.connect() as connection:
            if not await connection.scalar(text(f"select exists (select from {table})")):
                continue
        for statement in NO_CHANGE:
            order = statement.format(table, f'"{column}"', f'"{column}"')
            async with engine.connect() as connection:
                change = await connection.begin()
                try:
                    await connection.execute(text(order))
                    found.append(f"7: the database lets one {order}")
                except DBAPIError as error:
                    if "only added to" not in str(error):
                        raise
                finally:
                    await change.rollback()
    return found
