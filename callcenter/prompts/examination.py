"""`Pack.check` in a process of its own: it reads and measures every file, which takes seconds."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from callcenter.prompts.catalogue import Language
from callcenter.prompts.errors import PackError
from callcenter.prompts.pack import Fault, Pack

LIMIT_SECONDS = 120.0


async def examined(pack: Pack) -> Sequence[Fault]:
    """All faults of a pack. Raises PackError."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(pack.folder.absolute()), pack.language),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError as error:
        raise PackError(f"{pack.folder}: the check took too long") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise PackError(f"{pack.folder} cannot be read")
    return msgspec.json.decode(said, type=list[Fault])


if __name__ == "__main__":
    found = list(Pack(Path(sys.argv[1]), Language(sys.argv[2])).check())
    sys.stdout.buffer.write(msgspec.json.encode(found))
