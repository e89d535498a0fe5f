"""Suda, a supervisor, listens to Somchai's talk with Somsri, whispers, barges in and takes over.
Each hears whom they should in each mode, and nobody else; the talk goes on when she hangs up, and
when the service is killed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.hotline import Hotline
from tests.hotline.api import Api
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.ear import Ear, Heard
from tests.people.phone import answers

SECONDS = 10.0  # on a busy machine; told is what it was
LISTENED = (0.8, 0.2)
"""From when until when (seconds ago) what they hear is looked at."""


async def hears(person: Caller | OperatorPhone, *others: Caller | OperatorPhone) -> None:
    """This one hears all the others, and nothing else."""
    meant = {str(other.voice) for other in others}

    def heard() -> Heard:
        call = person if isinstance(person, Caller) else person.now
        since, until_when = (now() - ago for ago in LISTENED)
        return (call.ear if call else Ear()).heard(since, until_when)

    def so() -> bool:
        now_heard = heard()
        only = now_heard.sounds <= {*meant, "nothing"}
        return only and min(now_heard.share(voice) for voice in meant) > 0.5

    await until(so, within=SECONDS, every=0.1, but=lambda: f"{meant}: {heard()}")


@asynccontextmanager
async def page_of(hotline: Hotline, name: str, folder: Path) -> AsyncIterator[Api]:
    """A supervisor's own log-in."""
    one_time, own = hotline.phones[name].password, "a password of her own"
    await hotline.api.ask("PUT", f"/accounts/{name}/role", {"role": "supervisor"})
    token = folder / "token"
    token.write_text("")
    async with Api(hotline.api.url, token) as page:
        entered = await page.ask("POST", "/sessions", {"name": name, "password": one_time})
        token.write_text(entered["token"])
        entered = await page.ask("PUT", "/me/password", {"present": one_time, "new": own})
        entered = await page.ask("POST", "/sessions", {"name": name, "password": own})
        token.write_text(entered["token"])
        yield page


@pytest.mark.parametrize("open_line", [False, True], ids=["a phone that rings", "an open line"])
async def test_a_supervisor_listens_whispers_barges_in_and_takes_over(
    hotline: Hotline, tmp_path: Path, open_line: bool
) -> None:
    await hotline.rules("damrong", wrapup_seconds=60, ring_seconds=20)
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=open_line)
    name = "suda" if open_line else "somsak"  # an account stays when its operator is removed
    suda = await hotline.operator(name, habit=answers(0.1), logged_in=False, account=True)
    if open_line:  # the talk that is listened to is not the line's first
        first = await hotline.calls("1567")
        await first.comes_to_hear(somchai.voice, within=10)
        first.hang_up()
        await hotline.api.is_in("somchai", "wrapup")
        await hotline.resume("somchai")
    somsri = await hotline.calls("1567")
    await hears(somsri, somchai)
    async with page_of(hotline, name, tmp_path) as page:
        call = (await hotline.api.operator("somchai"))["call"]

        async def press(mode: str) -> float:
            path = "/operators/somchai/call/listening"
            pressed = now()
            await page.ask("POST", path, {"call": call, "mode": mode})
            return pressed

        pressed = await press("listen")
        await hears(suda, somsri, somchai)
        print(f"she hears both {now() - pressed:.2f} s after the button")
        await hears(somsri, somchai)
        await hears(somchai, somsri)

        async def is_shown() -> bool:
            return bool((await hotline.api.operator("somchai"))["listened"] == "listen")

        await until(is_shown, within=SECONDS)

        pressed = await press("whisper")
        await hears(somchai, somsri, suda)
        print(f"the operator hears her {now() - pressed:.2f} s after the button")
        await hears(somsri, somchai)
        await hears(suda, somsri, somchai)

        pressed = await press("barge")
        await hears(somsri, somchai, suda)
        print(f"the caller hears her {now() - pressed:.2f} s after the button")
        await hears(somchai, somsri, suda)
        await hears(suda, somsri, somchai)

        await press("listen")
        await hears(somsri, somchai)
        await hears(somchai, somsri)
        assert suda.now is not None
        if open_line:
            suda.now.hang_up()
        else:  # nobody is left in a talk by a service that was killed
            await hotline.service.kills()
            await hotline.service.starts()
            await hotline.service.is_whole()
        await until(lambda: suda.now is None, within=SECONDS)
        await hears(somsri, somchai)
        await hears(somchai, somsri)

        async def nobody_listens() -> bool:
            return (await page.ask("GET", "/listening"))["listening"] is None

        await until(nobody_listens, within=SECONDS)
        await press("whisper")
        await hears(somchai, somsri, suda)
        pressed = await press("take_over")
        await hears(somsri, suda)
        print(f"the caller hears her alone {now() - pressed:.2f} s after the button")
        await hears(suda, somsri)
        await hotline.api.is_in("somchai", "wrapup")
        await hotline.api.is_in(name, "on_call")

    somsri.hang_up()
    record = await hotline.record(somsri)
    assert [record[n] for n in ("operator", "talks", "transfers", "ended_by")] == [
        *(name, 2, 1, "caller")
    ]
    await until(lambda: suda.now is None, within=SECONDS)

    async def is_in_the_audit() -> bool:
        found = await hotline.api.ask("GET", "/audit?action=call.listened")
        modes = [x["details"]["mode"] for x in found["entries"] if x["about"] == call]
        return modes == ["take_over", "whisper", "listen", "barge", "whisper", "listen"]

    await until(is_in_the_audit, within=SECONDS)
