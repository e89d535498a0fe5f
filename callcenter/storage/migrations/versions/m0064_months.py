"""Calls and offers are partitioned by month.

No row is copied here: the table of before becomes the default partition, which takes every row
that has no month yet. Only one index of it is built anew. `storage/months.py` then moves its rows
out, one month at a time.
"""

from alembic import op
from sqlalchemy import Connection, text

revision = "0064"
down_revision = "0059"
branch_labels = None
depends_on = None

# the key, and the column that says the month
TABLES = {"calls": ("call_id", "arrived_at"), "offers": ("offer_id", "made_at")}

INDEXES = """
select c.relname, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = cast(cast(:table as text) as regclass) and not i.indisprimary order by 1
"""
CHECKS = """
select conname, pg_get_constraintdef(oid) from pg_constraint
where conrelid = cast(cast(:table as text) as regclass) and contype = 'c' order by 1
"""
GRANTS = """
select format('grant %s on {table} to %s', g.privilege_type,
    case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end)
from pg_class c, aclexplode(c.relacl) g
where c.oid = cast(cast(:table as text) as regclass) and g.grantee <> c.relowner
"""


def upgrade() -> None:
    connection = op.get_bind()
    for table, (key, at) in TABLES.items():
        default = f"{table}_default"
        indexes, checks, grants = _described(connection, table)
        run = connection.exec_driver_sql
        run(f"alter table {table} drop constraint pk_{table}")
        run(f"alter table {table} rename to {default}")
        for name, _ in indexes:
            run(f"alter index {name} rename to {name.replace(f'_{table}_', f'_{default}_', 1)}")
        run(
            f"create table {table} (like {default} including defaults including generated) "
            f"partition by range ({at})"
        )
        _describe(connection, table, indexes, checks, grants)
        for name in (default, table):
            run(f"alter table {name} add constraint pk_{name} primary key ({key}, {at})")
        run(f"alter table {table} attach partition {default} default")


def downgrade() -> None:
    """Every row is copied: about 20 s for a million calls."""
    connection = op.get_bind()
    for table, (key, _) in TABLES.items():
        indexes, checks, grants = _described(connection, table)
        run = connection.exec_driver_sql
        run(f"alter table {table} rename to {table}_by_month")
        run(f"create table {table} (like {table}_by_month including defaults including generated)")
        run(f"insert into {table} select * from {table}_by_month")
        run(f"drop table {table}_by_month")
        run(f"alter table {table} add constraint pk_{table} primary key ({key})")
        _describe(connection, table, indexes, checks, grants)


def _described(connection: Connection, table: str) -> tuple[list, list, list]:  # type: ignore[type-arg]
    named = {"table": table}
    indexes = [(str(name), str(how)) for name, how in connection.execute(text(INDEXES), named)]
    checks = [(str(name), str(how)) for name, how in connection.execute(text(CHECKS), named)]
    grants = [str(one) for one in connection.scalars(text(GRANTS.format(table=table)), named)]
    return indexes, checks, grants


def _describe(
    connection: Connection,
    table: str,
    indexes: list[tuple[str, str]],
    checks: list[tuple[str, str]],
    grants: list[str],
) -> None:
    """Give the new table what the other one had. A check that was never validated stays so."""
    run = connection.exec_driver_sql
    for name, how in checks:
        run(f"alter table {table} add constraint {name} {how}")
    for _, how in indexes:
        run(how.replace(" ON ONLY ", " ON ", 1))
    for grant in grants:
        run(grant)
