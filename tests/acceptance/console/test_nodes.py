"""A supervisor sees on the floor's page which Asterisk takes calls, is drained, or is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.acceptance.console.test_console import logs_in
from tests.browser import Browser
from tests.hotline import Hotline
from tests.people.sip_message import token


@pytest_asyncio.fixture(loop_scope="session")
async def hotline() -> AsyncIterator[Hotline]:
    async with Hotline(nodes=2) as hotline:
        yield hotline


async def test_the_floor_shows_each_asterisk(hotline: Hotline, tmp_path: Path) -> None:
    account = {"name": f"malee-{token()}", "role": "supervisor"}
    made = await hotline.api.ask("POST", "/accounts", account)
    async with Browser(hotline.api.url) as browser:
        screen = await browser.screen(language="en")
        await logs_in(screen, account["name"], made["one_time_password"])
        await screen.sees("Asterisk nodes")

        async def shows(node: str, *texts: str) -> None:
            row = screen.page.get_by_role("row").filter(has_text=node)
            for text in texts:
                row = row.filter(has_text=text)
            await row.wait_for(timeout=20_000)

        await shows("n1", "takes calls")
        await shows("n2", "takes calls")
        draining = await hotline.service.command("node", "drain", "n2")
        await draining.communicate()
        await shows("n2", "drained", "empty")
        callers = [await hotline.calls("1567") for _ in range(3)]
        await hotline.in_line("damrong", *callers)
        await shows("n1", "takes calls", "3")
        assert await screen.barriers() == []
        await screen.pictures(tmp_path, "floor-nodes")
        hotline.nodes[1].kill()
        await shows("n2", "lost")
        assert await screen.barriers() == []
        await screen.pictures(tmp_path, "floor-node-lost")
        assert screen.complaints == []
        for caller in callers:
            caller.hang_up()
