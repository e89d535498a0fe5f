"""A second service on the same Asterisk, a lost data folder, a ledger that was copied and moved."""

import asyncio
import itertools
import os
import shutil
from random import Random

from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab
from tests.hotline.service import ServiceProcess

OLD_CALLS = 100
READS_THE_LEDGER_SECONDS = 4.0
OLD_CALL = """
insert into calls
    (call_id, line, did, caller, caller_class, queue, arrived_at, queued_at, answered_at,
     talk_ended_at, ended_at, outcome, wait_seconds, queue_wait_seconds, talk_seconds, operator,
     ended_by)
values ($1, '1567', '1567', $2, 'national', 'damrong', to_timestamp(1764000000),
    to_timestamp(1764000000), to_timestamp(1764000005), to_timestamp(1764000060),
    to_timestamp(1764000060), 'answered', 5, 5, 55, 'op00', 'caller')
"""
OLD_ROW = (
    '"{call}","{call}","1764000000.000000","1764000000.000000","1764000060.000000","ANSWERED",'
    '"60","60","Stasis","stasis/1567/0811111111","","","","PJSIP/trunk@old-00000001"\n'
)

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
    """As by a restore: the rows, and those of a year ago that only the database remembers, are in a
    file that is another one for the file system."""
    ledger, history = lab.hotline.asterisk.ledger, _a_year_ago()
    for call in history:
        await lab.hotline.records.rows(OLD_CALL, call, "0811111111")
    copy = ledger.with_suffix(".copy")
    content = ledger.read_bytes() if ledger.exists() else b""
    old = "".join(OLD_ROW.format(call=call) for call in history)
    copy.write_bytes(old.encode() + content)
    if ledger.exists():
        os.chown(copy, ledger.stat().st_uid, ledger.stat().st_gid)
        with ledger.open("rb") as before, copy.open("ab") as new:
            copy.rename(ledger)
            before.seek(len(content))  # what was written while it was copied
            new.write(before.read())
    lab.undo.push_async_callback(_history_is_as_it_was, lab, history)


def _a_year_ago() -> list[str]:
    batch = next(_numbers)
    return [f"old-1764000000.{batch:03d}{number:03d}" for number in range(OLD_CALLS)]


async def _history_is_as_it_was(lab: Lab, history: list[str]) -> None:
    """Asked when the service has had time to read the file."""
    await asyncio.sleep(READS_THE_LEDGER_SECONDS)
    changed = await lab.hotline.records.rows(
        "select outcome from calls where call_id = any($1) and outcome <> 'answered'", history
    )
    if changed:
        told = f"{len(changed)} of {len(history)}"
        lab.broken.append(f"{told} finished records became {changed[0]['outcome']}")


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
