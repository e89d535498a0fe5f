"""A flood: hundreds call and ask the same. A supervisor switches a message on: Malee, who waits
already, hears it; Somsri, who calls now, hears it where the greeting was, and more of it with key
1. It is still on after a kill, an operator cuts it short, and who heard it and left is counted."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.acceptance import tones
from tests.hotline import Hotline
from tests.hotline.api import Refused
from tests.hotline.hotline import now
from tests.people.phone import answers
from tests.people.talk import talk_for
from tests.people.until import SLOW_MACHINE_TIMES

FLOOD, MORE, PRESS, GREETING = 3300, 3250, 3150, 3100
TONES = {
    "own_flood": (FLOOD, 4.0),
    "own_flood_more": (MORE, 15.0),
    "own_welcome": (GREETING, 2.0),
    "news_more": (PRESS, 1.0),
}
ON = {"prompts": ["own_flood"], "more": ["own_flood_more"]}
SECONDS = 3.0 * SLOW_MACHINE_TIMES  # from the switch until who waits hears it: "in seconds"
STOPS_SECONDS = 0.5 * SLOW_MACHINE_TIMES  # of the 15 that it lasts, from the operator's answer


@pytest.fixture
def recordings(hotline: Hotline) -> Iterator[None]:
    """Each prompt is a tone of its own, installed as an agency does it."""
    with tones.installed(hotline, TONES):
        yield


@pytest_asyncio.fixture(loop_scope="session")
async def rush(hotline: Hotline, recordings: None) -> AsyncIterator[Hotline]:
    """Line 1567 greets its callers; nothing is on."""
    await hotline.says("1567", 'greeting = ["own_welcome"]')
    yield hotline
    for each in (await hotline.api.ask("GET", "/news"))["news"]:
        await hotline.api.ask("DELETE", f"/news/{each['scope']}/{each['name']}")


async def test_who_waits_and_who_calls_hear_it_and_more_with_key_1(rush: Hotline) -> None:
    hotline = rush
    malee = await hotline.calls("1567")
    await malee.comes_to_hear("music", within=8)
    await hotline.in_line("damrong", malee)

    switched = now()
    await hotline.api.ask("PUT", "/news/line/1567", ON)
    await malee.comes_to_hear(FLOOD, within=5)
    assert malee.ear.first_heard(FLOOD, switched) - switched < SECONDS
    somsri = await hotline.calls("1567")
    called = now()
    await somsri.comes_to_hear(FLOOD, within=5)
    await somsri.comes_to_hear(PRESS, within=8)
    assert somsri.heard(called - 0.5).share(GREETING) == 0
    somsri.press("1")
    await somsri.comes_to_hear(MORE, within=5)
    await malee.comes_to_hear("music", within=8)
    await hotline.in_line("damrong", malee, somsri)

    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["news"], record["news_more"]) == ("own_flood", True)
    [shown] = (await hotline.api.ask("GET", "/news"))["news"]
    assert (shown["heard"], shown["asked"], shown["left"]) == (2, 1, 1)
    for what in ("heard", "more", "left"):
        assert await hotline.api.metric("hotline_news_callers_total", line="1567", result=what) >= 1
    malee.hang_up()
    assert (await hotline.record(malee))["news_more"] is False
    audit = (await hotline.api.ask("GET", "/audit"))["entries"]
    assert {"news.on"} <= {entry["action"] for entry in audit}


async def test_it_is_still_on_after_a_kill_and_an_operator_cuts_it_short(rush: Hotline) -> None:
    hotline = rush
    await hotline.api.ask("PUT", "/news/queue/damrong", {**ON, "minutes": 30})
    await hotline.service_is_gone()
    await hotline.service.starts()
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(FLOOD, within=8)
    malee.press("1")
    await malee.comes_to_hear(MORE, within=5)
    somchai = await hotline.operator("somchai", habit=answers(0.3))
    talk = await somchai.is_talking(within=5)
    await malee.comes_to_hear(somchai.voice, within=5)
    first = malee.ear.first_heard(somchai.voice, talk.answered_at)
    print(f"together {first - talk.answered_at:.2f} s after the answer")
    assert first - talk.answered_at < STOPS_SECONDS
    await talk_for(0.5)
    assert malee.heard(first + 0.2).share(MORE) == 0


async def test_a_prompt_that_is_not_recorded_is_refused_and_off_is_off(rush: Hotline) -> None:
    hotline = rush
    with pytest.raises(Refused, match="not recorded"):
        await hotline.api.ask("PUT", "/news/line/1567", {"prompts": ["own_fire"]})
    await hotline.api.ask("PUT", "/news/line/1567", ON)
    await hotline.api.ask("DELETE", "/news/line/1567")
    malee = await hotline.calls("1567")
    called = now()
    await malee.comes_to_hear("music", within=8)
    assert malee.heard(called).share(FLOOD) == 0 < malee.heard(called - 0.5).share(GREETING)
