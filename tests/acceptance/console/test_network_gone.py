"""The network between Somchai's browser and the service is gone for a while in a talk: SIP, sound,
live feed and API, both ways, and neither side is told. Chromium runs behind a router for that."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.acceptance.console.test_phone import answers, at_work
from tests.browser import Browser, FarNetwork, Screen
from tests.browser.network import NEEDS_ROOT
from tests.hotline import Hotline, Shared
from tests.hotline.hotline import now
from tests.people import Caller
from tests.people.talk import talk_for

KNOWN_WITHIN = 12.0  # that the phone is gone; measured: 7 to 9
BACK_WITHIN = 12.0  # that the talk goes on, once packets come through
SETTLED_SECONDS = 3.0

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason=NEEDS_ROOT)


@pytest.fixture(scope="module")
def network() -> Iterator[FarNetwork]:
    with FarNetwork(0) as network:
        yield network


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_here(network: FarNetwork) -> AsyncIterator[Shared]:
    """Reached from that network."""
    settings = {"CALLCENTER_WEB_ADDRESS": "0.0.0.0"}
    shared = Shared(lambda: Hotline(settings=settings, edge=False, rtp_address=network.near))
    yield shared
    await shared.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(shared_here: Shared) -> AsyncIterator[Hotline]:
    async with shared_here.lent() as hotline:
        yield hotline


@pytest_asyncio.fixture(loop_scope="session")
async def browser(hotline: Hotline, network: FarNetwork) -> AsyncIterator[Browser]:
    url = f"http://{network.near}:{hotline.slot.web}"
    async with Browser(url, network) as browser:
        yield browser


async def in_talk(hotline: Hotline, somchai: Screen) -> tuple[Caller, Caller]:
    """Who talks, and who waits behind."""
    somsri = await hotline.calls("1567")
    if not (await hotline.api.operator("somchai"))["open_line"]:
        await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(somsri.voice, within=5)
    chai = await hotline.calls("1567")
    await hotline.in_line("damrong", chai)
    return somsri, chai


async def they_go_on(hotline: Hotline, somchai: Screen, somsri: Caller) -> None:
    """For some seconds nothing ends, and nothing else is heard."""
    await somchai.comes_to_hear(somsri.voice, within=5)
    began = now()
    await talk_for(SETTLED_SECONDS)
    heard = somsri.heard(began)
    assert heard.share(somchai.voice) > 0.5 and heard.share("music") == 0, heard
    await somchai.comes_to_hear(somsri.voice, within=2)
    await hotline.api.is_in("somchai", "on_call")


async def results(hotline: Hotline, somsri: Caller) -> list[str]:
    """What became of each offer of a caller who ends the talk now."""
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"]) == ("answered", "caller")
    return [row["result"] for row in await hotline.records.offers(record["call_id"])]


@pytest.mark.parametrize("seconds", [6, 20, pytest.param(60, marks=pytest.mark.rare)])
async def test_the_network_is_gone_in_a_talk(
    hotline: Hotline, browser: Browser, network: FarNetwork, seconds: float
) -> None:
    """Six seconds are waited for, and the talk goes on. After twenty the caller has heard music,
    and comes back to the page by itself; after a minute its person has to say that somebody is
    there."""
    somchai = await at_work(hotline, browser)
    somsri, chai = await in_talk(hotline, somchai)
    with network.gone():
        cut = now()
        if seconds > 6:
            await somsri.comes_to_hear("music", within=KNOWN_WITHIN)
            print(f"music {now() - cut:.1f} s after the cut")
            await hotline.in_line("damrong", somsri, chai)
            await hotline.api.is_in("somchai", "paused/phone_lost")
            await somchai.sees("No connection to the service.")
        await talk_for(max(0.0, cut + seconds - now()))
    healed = now()
    if seconds > 30:
        await somchai.sees("The connection broke in your call.")
        await somchai.sees("This browser · ready")
        assert await somchai.barriers() == []
        await hotline.in_line("damrong", somsri, chai)
        await hotline.api.is_in("somchai", "paused/phone_lost")
        await somchai.page.keyboard.press("a")
        await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=BACK_WITHIN)
    print(f"back {now() - healed:.1f} s after the network")
    await they_go_on(hotline, somchai, somsri)
    await hotline.in_line("damrong", chai)
    if seconds == 6:
        assert somsri.heard(cut).share("music") == 0
    assert await results(hotline, somsri) == ["answered"] * (1 if seconds == 6 else 2)


async def test_the_network_is_gone_under_an_open_line_that_is_muted(
    hotline: Hotline, browser: Browser, network: FarNetwork
) -> None:
    """The line comes back by itself, as muted as it was."""
    somchai = await at_work(hotline, browser, open_line=True)
    somsri, chai = await in_talk(hotline, somchai)
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear("silence", within=3)
    with network.gone():
        cut = now()
        await somsri.comes_to_hear("music", within=KNOWN_WITHIN)
        await talk_for(max(0.0, cut + 20 - now()))
    healed = now()
    await somchai.comes_to_hear(somsri.voice, within=BACK_WITHIN)
    print(f"back {now() - healed:.1f} s after the network")
    await somsri.comes_to_hear("silence", within=3)
    await talk_for(SETTLED_SECONDS)
    assert somsri.heard(cut + 1).share(somchai.voice) == 0
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear(somchai.voice, within=3)
    await they_go_on(hotline, somchai, somsri)
    await hotline.in_line("damrong", chai)
    assert await results(hotline, somsri) == ["answered"] * 2
