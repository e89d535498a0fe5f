"""Very many cases at once, for tests of plans and times: a country's year or more."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thailand import units_of_thailand

_ID = "('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid"
_FILL = (
    """
    create temporary table made as
    with p as (select area, row_number() over (order by id) - 1 as k from units
               where level = 'province'),
         d as (select distinct on (left(area, 2)) left(area, 2) as province, id as district, area
               from units where level = 'district' order by left(area, 2), id)
    select n, p.area as province, d.district, d.area, n % 10 < 3 as is_open, n % 100 = 0 as urgent,
           now() - make_interval(mins => n) as created_at
    from generate_series(1, :many) n join p on p.k = n % 77 join d on d.province = p.area
    """,
    f"""
    insert into documents (id, kind, number, unit, holder, area, state, urgency, rank, due_at,
        version, channel, created_at, created_by, closed_at)
    select {_ID}, 'case', lpad(n::text, 11, '0'), 'p' || province,
        case when n % 2 = 0 then district else 'p' || province end, area || '01',
        case when is_open then 'in_progress' else 'closed' end,
        case when urgent then 'urgent' else 'normal' end,
        case when not is_open then 2 when urgent then 0 else 1 end,
        case when is_open then created_at + interval '30 days' else '9999-12-31Z' end,
        3, '1567', created_at, 'malee', case when is_open then null else created_at end
    from made
    """,
    f"""
    insert into cases (id, type, topic, facts, wish, place_note, people_concerned,
        source_informed_how, citizen_informed_how, citizen_why_not, answer, benefit, reopened,
        source_itself)
    select {_ID}, 'complaint', 'water', 'x', '', '', n % 10, '', '', '', '', '', 0, false
    from made
    """,
    f"insert into involvements select 'p' || province, {_ID}, 0 from made",
    f"insert into involvements select district, {_ID}, 0 from made where n % 2 = 0",
    f"""
    insert into case_persons ("case", role, name, phone, e164, address, anonymous)
    select {_ID}, 'complainant', 'x', '', '+668' || lpad((n % 60000)::text, 8, '0'), '', false
    from made
    """,
    "drop table made",
)


async def fill(engine: AsyncEngine, many: int) -> None:
    """So many cases, three in ten of them open, shared out over the country."""
    await UnitsInPostgres(engine).add_units(list(units_of_thailand(date(2017, 1, 1))))
    async with engine.begin() as connection:
        for statement in _FILL:
            values = {"many": many} if ":many" in statement else {}
            await connection.execute(text(statement), values)
    async with engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("analyze"))
