"""Debian's Chromium, driven by Playwright; one browser, and a page of its own for each person."""

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser as Chromium
from playwright.async_api import ConsoleMessage, Page, Playwright, async_playwright

AXE = Path(__file__).parents[2] / "callcenter/web/console/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LAPTOP = {"width": 1280, "height": 720}
SLOW_MACHINE_MS = 60_000
"""How long a page may take: others slow this machine down, and speed is not what a story tells."""


class Screen:
    """One person's page. What the browser complains about is kept: a page has no errors."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.set_default_timeout(SLOW_MACHINE_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        expected = "the server responded with a status of 4"  # a refused log-in is told by the page
        if message.type == "error" and expected not in message.text:
            self.complaints.append(message.text)

    async def opens(self, path: str = "/") -> Self:
        """Open the console."""
        await self.page.goto(f"{self.url}{path}")
        return self

    async def types(self, label: str, text: str) -> None:
        """Fill in the field with that label."""
        await self.page.get_by_label(label, exact=True).fill(text)

    async def clicks(self, name: str) -> None:
        """Press the button of that name."""
        await self.page.get_by_role("button", name=name).first.click()

    async def sees(self, text: str) -> None:
        """Wait until that text is on the page."""
        await self.page.get_by_text(text).first.wait_for(state="visible")

    async def sees_no_more(self, text: str) -> None:
        """Wait until that text is gone."""
        await self.page.get_by_text(text).first.wait_for(state="hidden")

    async def barriers(self) -> list[str]:
        """What axe finds wrong with the page as it is (WCAG 2.2 AA and good practice)."""
        await self.page.evaluate(AXE.read_text())
        found: dict[str, Any] = await self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules})", RULES
        )
        return [
            f"{each['id']}: {node['target']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


class Browser:
    """An async context: the browser runs inside."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None

    async def __aenter__(self) -> Self:
        program = shutil.which("chromium")
        assert program, "make test installs chromium"
        self._playwright = await async_playwright().start()
        self._chromium = await self._playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
            timeout=SLOW_MACHINE_MS,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._chromium is not None:
            await self._chromium.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def screen(self, *, size: dict[str, int] | None = None, language: str = "th") -> Screen:
        """A new person's page: no cookies, no memory of others."""
        assert self._chromium is not None
        context = await self._chromium.new_context(
            viewport=size or LAPTOP,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        await context.add_init_script(f"localStorage.setItem('language', '{language}')")
        return Screen(await context.new_page(), self._url)
