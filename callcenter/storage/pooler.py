"""Detects a pooler (pgbouncer and the like) between us and PostgreSQL, and adapts to it.

In transaction mode a pooler gives each transaction to any session of the server. A statement
prepared in one session does not exist in the next, or another program left one of the same name
there. `callcenter doctor` reports a pooler.
"""

from collections.abc import Mapping
from typing import Any, Final

UNNAMED: Final[Mapping[str, Any]] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": str,
}
"""For SQLAlchemy's `connect_args`: no prepared statement outlives its transaction."""


async def is_pooled(connection: Any) -> bool:
    """Whether another session answers than the one that asyncpg was told (PostgreSQL documentation,
    "BackendKeyData"). A pooler gives a number of its own."""
    async with connection.transaction():
        asked = await connection.prepare("select pg_backend_pid()", name="")
        return bool(await asked.fetchval() != connection.get_server_pid())
