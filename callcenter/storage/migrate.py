"""Bringing the database's tables up to this version of the program.

Several processes may do it at the same moment: one does, the others wait and find it done.
"""

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x63616C6C  # pg_advisory_xact_lock: any number that nobody else uses


class NewerDatabaseError(Exception):
    """The tables are those of a newer version of the program; they are not changed back."""


async def upgrade(engine: AsyncEngine) -> None:
    """Run the migrations that are missing, all in one transaction.

    Raises NewerDatabaseError, and what SQLAlchemy and the driver raise; the database is then as it
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
    except CommandError as error:  # it does not know the revision that is there
        raise NewerDatabaseError("upgrade the program: the database is newer") from error
