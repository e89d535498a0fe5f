"""Who asked for a callback calls again and hears how it is, by the number that calls."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tests.acceptance import tones
from tests.hotline import Hotline, Shared
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.phone import answers

CARRIER_PORT = 17_110
SOUNDS = {"callback_offer": 2850, "own_question": 2900, "callback_is_waiting": 2950}
SOUNDS |= {"callback_after": 3000, "callback_person": 3050, "callback_is_cancelled": 3100}
SOUNDS |= {"callback_is_none": 3150, "transfer": 3250, "goodbye": 3300}
SECONDS = 1.0
MENU = """
[menus.asking.steps.topic]
prompts = ["own_question"]
seconds = 4
keys.7 = { step = "callback" }

[menus.asking.steps.callback]
asks = "callback"
seconds = 3
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    """One that may call back. No phone is where its callbacks go."""
    own = Shared(lambda: Hotline(callback_contact=f"sip:127.0.0.1:{CARRIER_PORT}"))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    """Callbacks are asked for at 1567; the menu of 1111 tells of them."""
    async with own.lent() as hotline:
        hotline.site.callbacks = 'prefixes = ["08"]\n'
        await hotline.rules("damrong", callback_after_seconds=1)
        with tones.installed(hotline, {key: (tone, SECONDS) for key, tone in SOUNDS.items()}):
            await hotline.says("1111", 'greeting = []\nmenu = "asking"', menus=MENU)
            yield hotline


async def asks_for_one(hotline: Hotline, number: str) -> str:
    """Waits, presses 2, and is let go: the name of the callback."""
    caller = await hotline.calls("1567", number)
    await caller.comes_to_hear(SOUNDS["callback_offer"], within=20)
    caller.press("2")
    await caller.is_gone(within=30)
    [kept] = await callbacks(hotline)
    return str(kept["call"])


async def callbacks(hotline: Hotline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
    return found


async def asks_about_it(hotline: Hotline, number: str) -> Caller:
    caller = await hotline.calls("1111", number)
    await caller.comes_to_hear(SOUNDS["own_question"], within=15)
    caller.press("7")
    return caller


async def record(hotline: Hotline, number: str, calls: int) -> dict[str, Any]:
    """The last of so many calls of this number to 1111, when it has an outcome."""

    async def is_scored() -> dict[str, Any] | None:
        rows = [dict(row) for row in await hotline.records.calls(number) if row["line"] == "1111"]
        rows.sort(key=lambda row: row["arrived_at"])
        return rows[-1] if len(rows) == calls and rows[-1]["outcome"] else None

    return await until(is_scored, within=20)


async def lookups(hotline: Hotline, result: str) -> float:
    return await hotline.api.metric("hotline_callback_lookups_total", line="1111", result=result)


async def test_it_is_told_then_cancelled_by_key_and_that_is_told_later(hotline: Hotline) -> None:
    number = "0811115601"
    before = await lookups(hotline, "waiting")
    await asks_for_one(hotline, number)
    first = await asks_about_it(hotline, number)
    for name in ("callback_is_waiting", "callback_after", "callback_person", "goodbye"):
        await first.comes_to_hear(SOUNDS[name], within=20)
    await first.is_gone(within=20)
    row = await record(hotline, number, 1)
    told = [row[name] for name in ("outcome", "queue", "callback_lookup", "menu_path")]
    assert told == ["looked_up", None, "waiting", "topic=7"]
    assert await lookups(hotline, "waiting") == before + 1
    assert len(await callbacks(hotline)) == 1, "asking costs nothing"

    second = await asks_about_it(hotline, number)
    await second.comes_to_hear(SOUNDS["callback_is_waiting"], within=20)
    second.press("9")
    await second.comes_to_hear(SOUNDS["callback_is_cancelled"], within=20)
    assert await callbacks(hotline) == []
    second.hang_up()
    row = await record(hotline, number, 2)
    assert (row["outcome"], row["callback_lookup"]) == ("looked_up", "cancelled")

    third = await asks_about_it(hotline, number)
    await third.comes_to_hear(SOUNDS["callback_is_cancelled"], within=20)
    third.hang_up()
    assert (await record(hotline, number, 3))["callback_lookup"] == "cancelled"


async def test_another_number_hears_of_no_callback_and_reaches_an_operator(
    hotline: Hotline,
) -> None:
    kept = await asks_for_one(hotline, "0811115602")
    other = await asks_about_it(hotline, "0811115603")
    for name in ("callback_is_none", "transfer"):
        await other.comes_to_hear(SOUNDS[name], within=20)
    await hotline.in_line("gcc", other, within=20)
    somchai = await hotline.operator("somchai", queues=["gcc"], habit=answers(0.1))
    await other.comes_to_hear(somchai.voice, within=20)
    other.hang_up()
    row = await record(hotline, "0811115603", 1)
    assert (row["outcome"], row["callback_lookup"]) == ("answered", "none")
    await hotline.api.ask("DELETE", f"/callbacks/{kept}")


async def test_a_service_that_is_killed_meanwhile_tells_it_again(hotline: Hotline) -> None:
    number = "0811115604"
    kept = await asks_for_one(hotline, number)
    caller = await asks_about_it(hotline, number)
    await caller.comes_to_hear(SOUNDS["callback_is_waiting"], within=20)
    await hotline.service.kills()
    await caller.comes_to_hear("music", within=10)  # from Asterisk, after what plays
    killed = now()
    await hotline.service.starts()
    again = SOUNDS["callback_is_waiting"]
    await until(lambda: caller.heard(killed).share(again) > 0, within=30)
    caller.press("9")
    await caller.comes_to_hear(SOUNDS["callback_is_cancelled"], within=20)
    caller.hang_up()
    assert (await record(hotline, number, 1))["callback_lookup"] == "cancelled"
    assert kept not in [x["call"] for x in await callbacks(hotline)]
