"""PostgreSQL is stopped, hangs, or loses a connection in the middle of a commit."""

import asyncio
from random import Random

import asyncpg  # type: ignore[import-untyped]

from tests.faults.fault import Fault
from tests.faults.lab import Lab

BACKENDS = """
select pg_terminate_backend(pid) from pg_stat_activity
 where pid <> pg_backend_pid() and backend_type = 'client backend'
"""


async def stop(lab: Lab, _chance: Random) -> None:
    await asyncio.to_thread(lab.hotline.database.stop)


async def start(lab: Lab, _chance: Random) -> None:
    await asyncio.to_thread(lab.hotline.database.start)


async def freeze(lab: Lab, _chance: Random) -> None:
    lab.hotline.database.freezes()


async def thaw(lab: Lab, _chance: Random) -> None:
    lab.hotline.database.thaws()


async def terminate_backends(lab: Lab, chance: Random) -> None:
    """For a second, at every moment of a transaction."""
    url = lab.hotline.database.url.replace("+asyncpg", "")
    connection = await asyncpg.connect(url, timeout=30)
    try:
        for _ in range(20):
            await connection.execute(BACKENDS)
            await asyncio.sleep(chance.uniform(0.01, 0.09))
    finally:
        await connection.close()


FAULTS = (
    Fault(
        name="F15",
        says="PostgreSQL is stopped for 6 to 12 s",
        strikes=stop,
        lasts_seconds=(6, 12),
        heals=start,
    ),
    Fault(
        name="F16",
        says="PostgreSQL hangs (SIGSTOP of all its processes) for 5 to 12 s",
        strikes=freeze,
        lasts_seconds=(5, 12),
        heals=thaw,
    ),
    Fault(
        name="F17",
        says="PostgreSQL's backends are ended 20 times in a second, also in a commit",
        strikes=terminate_backends,
    ),
)
