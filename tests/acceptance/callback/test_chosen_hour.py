"""Who wants to be called back chooses an hour by keys, hears it back, and is not called before."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest_asyncio

from tests.acceptance import tones
from tests.hotline import Hotline, Shared
from tests.people import OperatorPhone, until
from tests.people.phone import answers
from tests.people.talk import talk_for

CARRIER_PORT = 17_410
THAILAND = timezone(timedelta(hours=7))
SOUNDS = {"callback_offer": 2850, "callback_in_turn": 2950, "callback_hour": 2800}
SOUNDS |= {"callback_at": 3000, "callback_not_then": 3200}
SECONDS = 3.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    """One whose callbacks go to a carrier of its own."""
    own = Shared(lambda: Hotline(callback_contact=f"sip:127.0.0.1:{CARRIER_PORT}"))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    """Callers may choose an hour; each question is a tone of its own."""
    async with own.lent() as hotline:
        hotline.site.callbacks = 'prefixes = ["08"]\nchoose_hour = true\n'
        await hotline.rules("damrong", callback_after_seconds=1)
        with tones.installed(hotline, {key: (tone, SECONDS) for key, tone in SOUNDS.items()}):
            yield hotline


async def callbacks(hotline: Hotline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
    return found


async def choices(hotline: Hotline, kind: str) -> float:
    return await hotline.api.metric("hotline_callback_choices_total", queue="damrong", kind=kind)


async def test_an_hour_is_typed_heard_back_and_kept(hotline: Hotline) -> None:
    before = await choices(hotline, "hour")
    somsri = await hotline.calls("1567", "0811115501")
    await somsri.comes_to_hear(SOUNDS["callback_offer"], within=15)
    somsri.press("2")
    await somsri.comes_to_hear(SOUNDS["callback_in_turn"], within=10)
    await hotline.in_line("damrong", somsri)
    somsri.press("2")
    await somsri.comes_to_hear(SOUNDS["callback_hour"], within=10)
    for key in "77":
        somsri.press(key)
        await talk_for(0.4)
    await somsri.comes_to_hear(SOUNDS["callback_not_then"], within=10)
    await somsri.comes_to_hear(SOUNDS["callback_hour"], within=10)
    wanted = datetime.now(THAILAND) + timedelta(hours=3)
    for key in f"{wanted.hour:02d}":
        somsri.press(key)
        await talk_for(0.4)
    await somsri.comes_to_hear(SOUNDS["callback_at"], within=10)
    somsri.press("1")
    await somsri.is_gone(within=20)
    (kept,) = await callbacks(hotline)
    due = datetime.fromisoformat(kept["due_at"]).astimezone(THAILAND)
    assert abs(due - wanted.replace(minute=0, second=0, microsecond=0)) < timedelta(seconds=10)
    assert kept["state"] == "resting"
    assert await choices(hotline, "hour") == before + 1
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await talk_for(3.0)
    assert not somchai.calls, "not before the hour"
    await hotline.api.ask("DELETE", f"/callbacks/{kept['call']}")


async def test_who_presses_nothing_more_is_called_in_their_turn(hotline: Hotline) -> None:
    citizen = OperatorPhone("citizen", user="0811115502", habit=answers(1), port=CARRIER_PORT)
    await citizen.plugged_in(at=hotline.sip)
    somsri = await hotline.calls("1567", citizen.user)
    await somsri.comes_to_hear(SOUNDS["callback_offer"], within=15)
    somsri.press("2")
    await somsri.comes_to_hear(SOUNDS["callback_in_turn"], within=10)
    await somsri.is_gone(within=40)
    (kept,) = await callbacks(hotline)
    assert (kept["state"], kept["due_at"]) == ("waiting", None)
    assert await choices(hotline, "silent") >= 1
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_talking(within=20)

    async def is_joined() -> bool:
        if not somchai.calls:
            call.press("1")
        return bool(somchai.calls)

    await until(is_joined, within=20, every=1)
    await citizen.comes_to_hear(somchai.voice, within=10)
    citizen.hang_up()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["callback_result"]) == ("answered", "answered")
    citizen.close()


async def test_who_hangs_up_while_asked_is_called_and_not_abandoned(hotline: Hotline) -> None:
    somsri = await hotline.calls("1567", "0811115503")
    await somsri.comes_to_hear(SOUNDS["callback_offer"], within=15)
    somsri.press("2")
    await somsri.comes_to_hear(SOUNDS["callback_in_turn"], within=10)
    somsri.hang_up()

    async def is_kept() -> bool:
        return [c["state"] for c in await callbacks(hotline)] == ["waiting"]

    await until(is_kept, within=10)
    assert await choices(hotline, "left") >= 1
    (kept,) = await callbacks(hotline)
    await hotline.api.ask("DELETE", f"/callbacks/{kept['call']}")
    record = await hotline.record(somsri)
    assert (record["outcome"], record["reason"]) == ("callback", "cancelled")


async def test_a_free_operator_ends_the_questions(hotline: Hotline) -> None:
    somsri = await hotline.calls("1567", "0811115504")
    await somsri.comes_to_hear(SOUNDS["callback_offer"], within=15)
    somsri.press("2")
    await somsri.comes_to_hear(SOUNDS["callback_in_turn"], within=10)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await somsri.comes_to_hear(somchai.voice, within=10)
    await talk_for(0.5)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["callback_asked_at"]) == ("answered", None)
