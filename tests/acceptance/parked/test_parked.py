"""Somchai parks Somsri's call: she hears music, he is free, Malee picks her up. What each hears is
measured, also over a kill of the service; nobody is parked for ever, and who hangs up is recorded.
"""

from functools import partial

import pytest

from tests.acceptance.colleague_asked.test_colleague_asked import hear_each_other
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.phone import answers
from tests.people.talk import talk_for

SECONDS = 10.0  # on a busy machine; told is what it was


async def press(hotline: Hotline, name: str, what: str, call: str) -> float:
    """A button of an operator's; when it was pressed."""
    pressed = now()
    await hotline.api.ask("POST", f"/operators/{name}/call/{what}", {"call": call})
    return pressed


async def parked(hotline: Hotline, queue: str = "damrong") -> list[tuple[int, str]]:
    """What every operator of the queue sees: places, and who parked the calls."""
    told = await hotline.api.ask("GET", f"/queues/{queue}")
    return [(call["place"], call["operator"]) for call in told["parked"]]


async def is_parked(hotline: Hotline, *meant: tuple[int, str]) -> None:
    """Wait until just these are parked."""

    async def so() -> bool:
        return await parked(hotline) == list(meant)

    await until(so, within=SECONDS)


async def parks(hotline: Hotline, caller: Caller) -> str:
    """Somchai parks this caller, who then hears music; the name of the call."""
    call = str((await hotline.api.operator("somchai"))["call"])
    pressed = await press(hotline, "somchai", "park", call)
    await caller.comes_to_hear("music", within=SECONDS)
    print(f"music {now() - pressed:.2f} s after the button")
    await is_parked(hotline, (1, "somchai"))
    return call


@pytest.mark.parametrize("open_line", [False, True], ids=["phones that ring", "open lines"])
async def test_a_call_is_parked_and_picked_up(hotline: Hotline, open_line: bool) -> None:
    await hotline.rules("damrong", wrapup_seconds=60, ring_seconds=20)
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=open_line)
    malee = await hotline.operator("malee", habit=answers(0.1), open_line=open_line)
    await hotline.api.is_in("malee", "available", within=15)
    await hotline.pause("malee")
    somsri = await hotline.calls("1567")
    await hear_each_other(somsri, somchai)

    call = await parks(hotline, somsri)
    await hotline.api.is_in("somchai", "wrapup")
    if not open_line:
        await until(lambda: somchai.now is None, within=SECONDS)
    assert await hotline.api.metric("hotline_calls_parked", queue="damrong") == 1

    await hotline.resume("somchai")
    await hotline.api.is_in("somchai", "available", within=SECONDS)
    other = await hotline.calls("1567")
    await hear_each_other(other, somchai)
    since = now()
    await talk_for(1)
    assert somsri.heard(since).only("music", least=0.5), "she hears the next talk"

    pressed = await press(hotline, "malee", "pick-up", call)
    await hear_each_other(somsri, malee)
    print(f"the next operator {now() - pressed:.2f} s after the button")
    await hear_each_other(other, somchai)
    await is_parked(hotline)
    other.hang_up()
    await hotline.api.is_in("somchai", "wrapup")

    # Malee parks her, too, and has her back herself, out of the wrap-up.
    await press(hotline, "malee", "park", call)
    await somsri.comes_to_hear("music", within=SECONDS)
    await is_parked(hotline, (1, "malee"))
    await until(partial(can_pick_up, hotline, "malee", call), within=SECONDS)
    await hear_each_other(somsri, malee)
    somsri.hang_up()
    record = await hotline.record(somsri)
    names = ("outcome", "operator", "talks", "parks", "ended_by", "transfers")
    assert [record[name] for name in names] == ["answered", "malee", 3, 2, "caller", 0]
    assert record["park_seconds"] > 1
    counted = "hotline_park_seconds_count"
    assert await hotline.api.metric(counted, queue="damrong", result="picked_up") >= 2


async def can_pick_up(hotline: Hotline, name: str, call: str) -> bool:
    """Press it; the operator's own leg of the talk before may still be on its way out."""
    try:
        await press(hotline, name, "pick-up", call)
    except AssertionError:
        return False
    return True


async def test_who_is_parked_stays_so_over_a_kill_and_is_not_forgotten(hotline: Hotline) -> None:
    await hotline.rules("damrong", wrapup_seconds=60)
    await hotline.parks_for(12)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await hear_each_other(somsri, somchai)
    await parks(hotline, somsri)
    since = now()
    await hotline.service.kills()
    await hotline.service.starts()
    await hotline.service.is_whole()
    assert await parked(hotline) == [(1, "somchai")]
    await hotline.resume("somchai")
    await hear_each_other(somsri, somchai)  # the time is over, and whoever parked her is free
    lasted = now() - since
    print(f"back with who parked her after {lasted:.1f} s, of 12 in the site file")
    assert lasted > 8
    await is_parked(hotline)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert [record[name] for name in ("outcome", "talks", "parks")] == ["answered", 2, 1]


async def test_a_caller_who_hangs_up_while_parked_has_ended_the_call(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await hear_each_other(somsri, somchai)
    await parks(hotline, somsri)
    await talk_for(1)
    somsri.hang_up()
    record = await hotline.record(somsri)
    names = ("outcome", "operator", "talks", "parks", "ended_by")
    assert [record[name] for name in names] == ["answered", "somchai", 1, 1, "caller"]
    assert record["park_seconds"] >= 1
    await is_parked(hotline)
