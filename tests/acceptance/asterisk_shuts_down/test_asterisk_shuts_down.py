"""Somebody told Asterisk to restart gracefully: it takes no call and rings no phone any more."""

import asyncio
import contextlib
import subprocess
import urllib.error
import urllib.request

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers


async def test_it_is_told_with_the_way_back(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await hotline.pause("somchai")
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear("music", within=5)
    restarting = asyncio.create_task(asyncio.to_thread(_tell, hotline, "core restart gracefully"))
    try:
        await until(lambda: _advises(hotline, "core abort shutdown"), within=20)
        await somsri.comes_to_hear("music", within=3)
    finally:
        await asyncio.to_thread(_tell, hotline, "core abort shutdown")
        await restarting
    await hotline.service.is_whole()
    await hotline.resume("somchai")
    await somsri.comes_to_hear(somchai.voice, within=5)
    somsri.hang_up()
    await hotline.record(somsri)


async def _advises(hotline: Hotline, what: str) -> bool:
    return what in await asyncio.to_thread(_readyz, f"{hotline.service.url}/readyz")


def _readyz(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return str(answer.read())
    except urllib.error.HTTPError as error:
        return str(error.read())


def _tell(hotline: Hotline, command: str) -> None:
    """The console says nothing until a restart is aborted."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        hotline.asterisk.console(command)
