"""Debian's Chromium, driven by Playwright; one browser, and a page of its own for each person."""

import os
import shlex
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser as Chromium
from playwright.async_api import ConsoleMessage, Page, Playwright, async_playwright

from tests.browser.microphone import EAR, tone_file
from tests.browser.network import FarNetwork
from tests.people import until
from tests.people.caller import next_voice

AXE = Path(__file__).parents[2] / "callcenter/web/console/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LAPTOP = {"width": 1280, "height": 720}
TABLET = {"width": 1024, "height": 768}
WALL = {"width": 1920, "height": 1080}
KEPT_PICTURES = os.environ.get("CALLCENTER_TEST_PICTURES", "")  # a folder where they are kept
SLOW_MACHINE_MS = 60_000
"""How long a page may take: others slow this machine down, and speed is not what a story tells."""
QUIET_DB = -60
STEADY_LOOKS = 5
TONE_HERTZ = 12  # a bin of the ear's spectrum


class Screen:
    """One person's page. What the browser complains about is kept: a page has no errors.

    `voice` is the tone that the browser's microphone hears."""

    def __init__(self, page: Page, url: str, voice: int = 0) -> None:
        self.page, self.url, self.voice = page, url, voice
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

    async def clicks_link(self, name: str) -> None:
        """Follow the link of that name."""
        await self.page.get_by_role("link", name=name).first.click()

    async def pictures(
        self,
        folder: Path,
        name: str,
        sizes: Sequence[dict[str, int]] = (LAPTOP, TABLET),
        *,
        whole: bool = False,
    ) -> None:
        """The page as it is, as PNG: in English at the first size, in Thai at the last; then as
        before. `whole`: also what must be scrolled to. With CALLCENTER_TEST_PICTURES=FOLDER, all
        of both are kept there."""
        before = self.page.viewport_size
        spoken = await self.page.evaluate("document.documentElement.lang")
        assert before is not None
        ways = [(sizes[0], "en"), (sizes[-1], "th")]
        if KEPT_PICTURES:
            folder = Path(KEPT_PICTURES)
            ways = [(size, language) for language in ("en", "th") for size in sizes]
        for size, language in ways:
            await self._speaks(language)
            await self.page.set_viewport_size(size)  # type: ignore[arg-type]
            picture = folder / f"{name}-{size['width']}-{language}.png"
            await self.page.screenshot(path=picture, full_page=whole)
        await self._speaks(spoken)
        await self.page.set_viewport_size(before)

    async def _speaks(self, language: str) -> None:
        """The other language, by the button; it also works behind a dialog."""
        await self.page.evaluate(
            """language => {
              if (document.documentElement.lang === language) return;
              const names = ["ไทย", "English"];
              for (const button of document.querySelectorAll("button"))
                if (names.includes(button.textContent.trim())) button.click();
            }""",
            language,
        )
        await self.page.wait_for_function(
            "language => document.documentElement.lang === language", arg=language
        )

    async def hears(self) -> int:
        """The tone (Hz) that the far end of a call sends to this page; 0: silence."""
        return int(await self.page.evaluate("hearing()"))

    async def comes_to_hear(self, voice: int, *, within: float) -> None:
        """Wait until that is what the far end sends; 0: silence."""
        heard: list[int] = []

        async def look() -> bool:
            heard[:] = [await self.hears()]
            return abs(heard[0] - voice) <= TONE_HERTZ

        await until(look, within=within, but=lambda: f"{heard} Hz is heard, not {voice}")

    async def hears_just(self, *voices: int, of: Sequence[int], within: float) -> None:
        """Wait until, for half a second, of the tones in `of` these and no others are heard."""
        heard: list[dict[int, float]] = []
        last: list[dict[int, float]] = []

        async def look() -> bool:
            loud = await self.page.evaluate("of => of.map(loudness)", list(of))
            db = dict(zip(of, loud, strict=True))
            last[:] = [db]
            right = all((db[hertz] > QUIET_DB) == (hertz in voices) for hertz in of)
            heard[:] = [*heard, db][-STEADY_LOOKS:] if right else []
            return len(heard) == STEADY_LOOKS

        await until(look, within=within, every=0.1, but=lambda: f"not just {voices}: {last}")

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

    def __init__(self, url: str, network: FarNetwork | None = None) -> None:
        """`network`: where it runs, when that is not here."""
        self._url = url
        self._network = network
        self.voice = next_voice()
        self._folder = TemporaryDirectory(prefix="browser-")
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None

    async def __aenter__(self) -> Self:
        program = shutil.which("chromium")
        assert program, "make test installs chromium"
        microphone = tone_file(Path(self._folder.name) / "voice.wav", self.voice)
        self._playwright = await async_playwright().start()
        self._chromium = await self._playwright.chromium.launch(
            executable_path=self._there(program),
            args=[
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                f"--unsafely-treat-insecure-origin-as-secure={self._url}",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
            ],
            timeout=SLOW_MACHINE_MS,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._chromium is not None and self._chromium.is_connected():
            await self._chromium.close()
        if self._playwright is not None:
            await self._playwright.stop()
        self._folder.cleanup()

    def _there(self, program: str) -> str:
        """What is to be started instead of it, so that it runs in its network."""
        if self._network is None:
            return program
        script = Path(self._folder.name) / "chromium"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(self._network.enter(program))} "$@"\n')
        script.chmod(0o755)
        return str(script)

    def is_killed(self) -> None:
        """All its processes that name this browser's microphone; the others follow."""
        ours = f"--use-file-for-fake-audio-capture={self._folder.name}/".encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with suppress(OSError):
                    if ours in (folder / "cmdline").read_bytes():
                        os.kill(int(folder.name), signal.SIGKILL)

    async def screen(
        self,
        *,
        size: dict[str, int] | None = None,
        language: str = "th",
        microphone: bool = False,
        dark: bool = False,
    ) -> Screen:
        """A new person's page: no cookies, no memory of others. `microphone`: the person allows it,
        and the page is to be the phone."""
        assert self._chromium is not None
        context = await self._chromium.new_context(
            viewport=size or LAPTOP,  # type: ignore[arg-type]
            reduced_motion="reduce",
            color_scheme="dark" if dark else "light",
            permissions=["microphone", "notifications"] if microphone else [],
        )
        await context.add_init_script(f"localStorage.setItem('language', '{language}')")
        await context.add_init_script(EAR)
        return Screen(await context.new_page(), self._url, self.voice)
