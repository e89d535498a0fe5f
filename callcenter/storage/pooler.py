"""A pooler (pgbouncer and the like) between us and PostgreSQL: how it is known, and lived with.

In transaction mode it gives each transaction to any session of the server. What was prepared in one
session is not there in the next, or another program left there another statement of that name.
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
    """Whether a session answers that is not the one this connection of asyncpg was told of
    (PostgreSQL documentation, "BackendKeyData"): a pooler tells a number of its own."""
    async with connection.transaction():
        asked = await connection.prepare("select pg_backend_pid()", name="")
        return bool(await asked.fetchval() != connection.get_server_pid())
