"""A pooler (pgbouncer and the like) between us and PostgreSQL: how it is found, and what it
changes.

In transaction mode it gives each transaction to any session of the server. A statement prepared in
one session does not exist in the next, or another program left one of the same name there.
`callcenter doctor` says that there is one.
"""

from collections.abc import Mapping
from typing import Any, Final

UNNAMED: Final[Mapping[str, Any]] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": str,
}
"""For SQLAlchemy's `connect_args`: no statement outlives its transaction."""


async def is_pooled(connection: Any) -> bool:
    """Whether another session answers than the one asyncpg was told of (PostgreSQL documentation,
    "BackendKeyData"): a pooler gives a number of its own."""
    async with connection.transaction():
        asked = await connection.prepare("select pg_backend_pid()", name="")
        return bool(await asked.fetchval() != connection.get_server_pid())
