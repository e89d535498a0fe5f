"""Brings the database's tables up to this version of the program.

Several processes may do this at the same moment. One does it; the others wait, and find it done.
"""

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x63616C6C  # for pg_advisory_xact_lock: any number that nobody else uses


class NewerDatabaseError(Exception):
    """The tables belong to a newer version of the program. They are not changed back."""


async def upgrade(engine: AsyncEngine) -> None:
    """Run the missing migrations, all in one transaction.

    Raises NewerDatabaseError, and what SQLAlchemy and the driver raise. The database is then as it
    was before.
    """
    async with engine.begin() as connection:
        await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.run_sync(_upgrade)


def settings(connection: Connection) -> Config:
    """Alembic's settings, without a file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "callcenter.storage:migrations")
    return config


def _upgrade(connection: Connection) -> None:
    try:
        command.upgrade(settings(connection), "head")
    except CommandError as error:  # the migrations have no such revision as the database
        raise NewerDatabaseError("upgrade the program: the database is newer") from error
