"""The journal's disk is full, or what stands on it is damaged."""

import asyncio
import subprocess
from pathlib import Path
from random import Random

from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab

SMALL_DISK_MIB = 16
FILL = "full"
HEADER_BYTES = 24  # the first of a segment


def folder(lab: Lab) -> Path:
    return lab.hotline.directory / "data" / "journal"


def newest(lab: Lab) -> Path:
    return max(folder(lab).glob("*.journal"))


def on_a_small_disk(lab: Lab) -> None:
    place = folder(lab)
    place.mkdir(parents=True)
    size = f"size={SMALL_DISK_MIB}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], check=True)
    lab.finally_undo.append(lambda: subprocess.run(["umount", "-l", str(place)], check=False))


async def fill_disk(lab: Lab, _chance: Random) -> None:
    """To the last byte."""
    with (folder(lab) / FILL).open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65_536)
        except OSError:
            pass


async def make_room(lab: Lab, _chance: Random) -> None:
    (folder(lab) / FILL).unlink()


async def fill_disk_and_kill(lab: Lab, chance: Random) -> None:
    """Started again on the full disk."""
    await fill_disk(lab, chance)
    await asyncio.sleep(chance.uniform(1, 4))
    await lab.hotline.service.kills()
    lab.hotline.service.launch()


async def tear_tail(lab: Lab, chance: Random) -> None:
    """As after a power cut: the last bytes are missing, or not what was written."""
    await lab.hotline.service.kills()
    path = newest(lab)
    content = bytearray(path.read_bytes())
    if chance.random() < 0.5:
        del content[-chance.randint(1, 40) :]
    else:
        content[-chance.randint(1, 64)] ^= 0xFF
    path.write_bytes(content)


async def flip_header_byte(lab: Lab, chance: Random) -> None:
    """Of the newest segment: nothing in it can be trusted by its beginning."""
    await lab.hotline.service.kills()
    path = newest(lab)
    content = bytearray(path.read_bytes())
    content[chance.randrange(HEADER_BYTES)] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


async def empty_segment(lab: Lab, _chance: Random) -> None:
    """The newest file has nothing in it, as after a power cut on some file systems."""
    await lab.hotline.service.kills()
    newest(lab).write_bytes(b"")


async def start(lab: Lab, _chance: Random) -> None:
    lab.hotline.service.launch()


FAULTS = (
    Fault(
        name="F18",
        says=f"the journal's disk ({SMALL_DISK_MIB} MiB) is full for 4 to 8 s",
        prepares=on_a_small_disk,
        strikes=fill_disk,
        lasts_seconds=(4, 8),
        heals=make_room,
        needs_root=True,
    ),
    Fault(
        name="F18-killed",
        says="the journal's disk is full, and the service is killed and started meanwhile",
        prepares=on_a_small_disk,
        strikes=fill_disk_and_kill,
        lasts_seconds=(4, 8),
        heals=make_room,
        needs_root=True,
    ),
    Fault(
        name="F19",
        says="killed, and the journal's last bytes are missing or flipped",
        strikes=tear_tail,
        heals=start,
    ),
    Fault(
        name="F19-header",
        says="killed, and a bit in the header of the newest segment is flipped",
        strikes=flip_header_byte,
        heals=start,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="F19-empty",
        says="killed, and the newest segment is empty",
        strikes=empty_segment,
        heals=start,
        bounds=Bounds(recovery_seconds=10),
    ),
)
