"""Processes are killed, frozen and restarted."""

import asyncio
import contextlib
import subprocess
import time
from random import Random

from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab

RELOADS = (
    "module reload res_pjsip.so",
    "module reload app_queue.so",
    "dialplan reload",
    "pjsip reload",
    "moh reload",
    "logger reload",
    "core reload",
)


async def kill_service(lab: Lab, _chance: Random) -> None:
    await lab.hotline.service.kills()


async def start_service(lab: Lab, _chance: Random) -> None:
    lab.hotline.service.launch()


async def kill_ten_times(lab: Lab, chance: Random) -> None:
    """Some of them die while they start."""
    for _ in range(10):
        await lab.hotline.service.kills()
        lab.hotline.service.launch()
        await asyncio.sleep(chance.uniform(0.3, 4))


async def kill_asterisk(lab: Lab, _chance: Random) -> None:
    await lab.hotline.phones_are_kept()
    await asyncio.to_thread(lab.hotline.asterisk.kill)
    lab.crowd.everybody_is_cut()


async def start_asterisk(lab: Lab, _chance: Random) -> None:
    await asyncio.to_thread(lab.hotline.asterisk.start)


async def freeze_service(lab: Lab, chance: Random) -> None:
    """For a second, or long enough that the lifeboat rings the phones."""
    lab.hotline.service.freezes()
    await asyncio.sleep(chance.choice((1, 5, 12)))


async def thaw_service(lab: Lab, _chance: Random) -> None:
    lab.hotline.service.thaws()


async def reload_asterisk(lab: Lab, chance: Random) -> None:
    for what in chance.sample(RELOADS, 3):
        await asyncio.to_thread(lab.hotline.asterisk.console, what)


async def restart_gracefully(lab: Lab, _chance: Random) -> None:
    """The console says nothing until it is aborted."""

    def command() -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            lab.hotline.asterisk.console("core restart gracefully")

    said = asyncio.get_running_loop().create_task(asyncio.to_thread(command))
    lab.undo.push_async_callback(asyncio.wait, [said])


async def abort_restart(lab: Lab, _chance: Random) -> None:
    await asyncio.to_thread(lab.hotline.asterisk.console, "core abort shutdown")


async def leave_it_to_the_lifeboat(lab: Lab, _chance: Random) -> None:
    """Until its queue has operators in talks; what their phones are told is looked at."""
    lab.mark = time.monotonic()
    await lab.hotline.service.kills()


async def back_from_the_lifeboat(lab: Lab, _chance: Random) -> None:
    lab.hotline.service.launch()
    await lab.hotline.service.is_ready()
    numbers = [caller.number for caller in lab.crowd.callers]
    for phone in lab.crowd.phones:
        for call in phone.calls:
            told = call.rang_at >= lab.mark and any(n in call.everything_said for n in numbers)
            if told:
                lab.broken.append(f"{phone.name}'s phone was told a caller's number")
                return


async def everyone_leaves_at_once(lab: Lab, chance: Random) -> None:
    """Who waits puts the receiver down, all within the same moment; many more have come for it."""
    await lab.crowd.burst(40)
    await asyncio.sleep(chance.uniform(0, 0.5))
    for caller in lab.crowd.waiting:
        caller.hang_up()


FAULTS = (
    Fault(
        name="F1",
        says="`kill -9` of the service, started again",
        strikes=kill_service,
        lasts_seconds=(0.1, 1.0),
        heals=start_service,
    ),
    Fault(
        name="F2",
        says="`kill -9` of the service ten times in 20 s, some while it starts",
        strikes=kill_ten_times,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="F4",
        says="`kill -9` of Asterisk, started again",
        strikes=kill_asterisk,
        lasts_seconds=(0.1, 0.5),
        heals=start_asterisk,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="F8",
        says="the service stands still (SIGSTOP) for 1, 5 or 12 s",
        strikes=freeze_service,
        heals=thaw_service,
    ),
    Fault(
        name="F22",
        says="all who wait hang up in the same instant, 40 more than usual",
        strikes=everyone_leaves_at_once,
    ),
    Fault(
        name="F31",
        says="Asterisk reloads three of: PJSIP, app_queue, dial plan, music, logger, everything",
        strikes=reload_asterisk,
    ),
    Fault(
        name="restart-gracefully",
        says="`core restart gracefully`, aborted after 3 to 6 s: new calls are refused by Asterisk",
        strikes=restart_gracefully,
        lasts_seconds=(3, 6),
        heals=abort_restart,
        bounds=Bounds(lost=None),
    ),
    Fault(
        name="lifeboat",
        says="the service is killed for 6 to 10 s, so that operators talk in the lifeboat; is back",
        strikes=leave_it_to_the_lifeboat,
        lasts_seconds=(6, 10),
        heals=back_from_the_lifeboat,
        bounds=Bounds(recovery_seconds=10),
    ),
)
