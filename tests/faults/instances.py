"""A second service on the same Asterisk, a lost data folder, a ledger that was copied and moved."""

import asyncio
import itertools
import os
import shutil
from random import Random

from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab
from tests.hotline.service import ServiceProcess

PORT_BEYOND = 50  # the second one's, from the first one's
TAKES_OVER_SECONDS = 12
_numbers = itertools.count(1)


async def second_instance(lab: Lab, _chance: Random) -> None:
    """Same Asterisk, same database, a data folder of its own; gone when it has been in charge."""
    first = lab.hotline.service
    port = int(first.url.rpartition(":")[2]) + PORT_BEYOND
    directory = lab.hotline.directory / f"second-{next(_numbers)}"
    directory.mkdir()
    own = {"CALLCENTER_DATA_DIR": str(directory / "data"), "CALLCENTER_WEB_PORT": str(port)}
    second = ServiceProcess(directory, f"http://127.0.0.1:{port}", {**first.settings, **own})
    second.launch()
    lab.undo.push_async_callback(asyncio.to_thread, second.put_away)
    for _ in range(TAKES_OVER_SECONDS):
        if await asyncio.to_thread(first.readiness) != {}:
            return  # the first one says that the other is in charge; else it was refused
        await asyncio.sleep(1)


async def lose_data_folder(lab: Lab, _chance: Random) -> None:
    """Killed; the journal and the place in the ledger are gone, the secrets are kept."""
    await lab.hotline.service.kills()
    data = lab.hotline.directory / "data"
    for path in data.iterdir():
        if path.is_dir() and path.name != "secrets":
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()


async def start(lab: Lab, _chance: Random) -> None:
    lab.hotline.service.launch()


async def move_ledger_back(lab: Lab, _chance: Random) -> None:
    """As by a restore: the same rows in a file that is another one for the file system."""
    ledger = lab.hotline.asterisk.ledger
    copy = ledger.with_suffix(".copy")
    shutil.copy2(ledger, copy)
    status = ledger.stat()
    os.chown(copy, status.st_uid, status.st_gid)
    with ledger.open("rb") as old, copy.open("ab") as new:
        copy.rename(ledger)
        old.seek(status.st_size)  # what was written while it was copied
        new.write(old.read())


FAULTS = (
    Fault(
        name="F29",
        says="a second service (empty data folder) takes the application for 3 to 6 s, and goes",
        strikes=second_instance,
        lasts_seconds=(3, 6),
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="data-lost",
        says="killed, and started with an empty data folder on the same database",
        strikes=lose_data_folder,
        heals=start,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="ledger-moved",
        says="Asterisk's ledger is copied and moved back: the same rows in another file",
        strikes=move_ledger_back,
    ),
)
