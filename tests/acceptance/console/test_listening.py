"""Malee, a supervisor, listens to Somchai by the buttons of her page; both phones are Chromium.

At all three ears tones are measured: by analysers in the pages, and in the RTP of the caller.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.acceptance.console.test_console import browser, logs_in
from tests.acceptance.console.test_phone import answers, at_work
from tests.browser import Browser, Screen
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.sip_message import token

__all__ = ["browser"]

SECONDS = 10.0  # on a busy machine


@pytest_asyncio.fixture(loop_scope="session")
async def other_browser(hotline: Hotline) -> AsyncIterator[Browser]:
    """One with another voice at its microphone."""
    async with Browser(hotline.api.url) as browser:
        yield browser


class Talk:
    """Somchai talks with Somsri, and Malee has her floor open; her phone is the page."""

    def __init__(
        self, hotline: Hotline, somsri: Caller, somchai: Screen, malee: Screen, *, supervisor: str
    ) -> None:
        """`supervisor`: the name of Malee's account."""
        self.hotline, self.somsri, self.somchai, self.malee = hotline, somsri, somchai, malee
        self.supervisor = supervisor
        self.voices = [somsri.voice, somchai.voice, malee.voice]
        self.row = malee.page.get_by_role("row").filter(has_text="Somchai Jaidee")

    async def press(self, name: str) -> float:
        """One button of Malee's row; told is when."""
        await self.row.get_by_role("button", name=name, exact=True).click()
        return now()

    async def heard(self, *, caller: list[Screen], operator: bool, supervisor: bool) -> None:
        """Whom the caller hears; whether the operator and the supervisor hear one another."""
        somsri, somchai, malee = self.somsri, self.somchai, self.malee
        theirs = [somsri.voice, malee.voice] if operator else [somsri.voice]
        both = [somsri.voice, somchai.voice] if supervisor else []
        await somchai.hears_just(*theirs, of=self.voices, within=SECONDS)
        await malee.hears_just(*both, of=self.voices, within=SECONDS)
        await hears_just(somsri, *[each.voice for each in caller])


async def hears_just(caller: Caller, *voices: int) -> None:
    """The caller hears all of these, and nothing else, for half a second."""

    def so() -> bool:
        return caller.heard(now() - 0.7, now() - 0.2).sounds == {str(voice) for voice in voices}

    await until(so, within=SECONDS, but=lambda: f"not {voices}: {caller.heard(now() - 0.7)}")


async def supervisor_at(hotline: Hotline, browser: Browser, name: str = "malee") -> Screen:
    """She logs in, and this browser is her phone; she takes no calls."""
    phone = await hotline.operator(name, logged_in=False, account=True)
    phone.close()
    await hotline.api.ask("PUT", f"/accounts/{name}/role", {"role": "supervisor"})
    screen = await browser.screen(language="en", microphone=True)
    await logs_in(screen, name, phone.password)
    await screen.page.keyboard.press("1")
    await screen.page.get_by_role("radio", name="This browser").click()
    await screen.sees("Test the line")

    await phone_is_there(hotline, name)
    await screen.page.keyboard.press("2")
    return screen


async def phone_is_there(hotline: Hotline, name: str) -> None:
    """For two seconds: the phone of before, which is gone, was registered, too."""
    looks: list[bool] = []

    async def is_known() -> bool:
        shown = await hotline.api.operator(name)
        looks.append(bool(shown["browser"] and shown["phone"] == "registered"))
        return looks[-10:] == [True] * 10

    await until(is_known, within=30, every=0.2)


@pytest_asyncio.fixture(loop_scope="session")
async def talk(hotline: Hotline, browser: Browser, other_browser: Browser) -> Talk:
    """It is under way."""
    somchai = await at_work(hotline, browser)
    name = f"malee-{token()}"
    malee = await supervisor_at(hotline, other_browser, name)
    somsri = await hotline.calls("1567")
    await answers(somchai)
    talk = Talk(hotline, somsri, somchai, malee, supervisor=name)
    await somsri.comes_to_hear(somchai.voice, within=SECONDS)
    await talk.row.get_by_role("button", name="Listen", exact=True).wait_for()
    return talk


async def test_a_supervisor_presses_the_buttons_of_listening(talk: Talk, tmp_path: Path) -> None:
    somchai, malee = talk.somchai, talk.malee
    pressed = await talk.press("Listen")
    await malee.sees("you hear the talk, and nobody hears you.")
    print(f"told to listen {now() - pressed:.2f} s after the press")
    await talk.heard(caller=[somchai], operator=False, supervisor=True)
    await somchai.sees("A supervisor listens to this call.")
    await malee.sees("● good line")  # of Somchai's phone, on the floor
    assert await malee.barriers() == [] == await somchai.barriers()
    await malee.pictures(tmp_path, "listening")

    pressed = await talk.press("Whisper")
    await somchai.sees("A supervisor listens, and you alone hear them.")
    print(f"the operator was shown the whisper {now() - pressed:.2f} s after the press")
    await talk.heard(caller=[somchai], operator=True, supervisor=True)

    await talk.press("Barge in")
    await somchai.sees("A supervisor takes part in this call.")
    await talk.heard(caller=[somchai, malee], operator=True, supervisor=True)

    await talk.press("Listen")
    await talk.heard(caller=[somchai], operator=False, supervisor=True)
    await malee.clicks("Stop listening")
    await malee.sees_no_more("nobody hears you.")
    await somchai.sees_no_more("A supervisor listens to this call.")
    await talk.heard(caller=[somchai], operator=False, supervisor=False)

    await talk.press("Whisper")
    await talk.heard(caller=[somchai], operator=True, supervisor=True)
    await talk.press("Take over")
    await malee.page.keyboard.press("1")
    await malee.sees("In a call")
    await hears_just(talk.somsri, malee.voice)
    await malee.hears_just(talk.somsri.voice, of=talk.voices, within=SECONDS)
    await talk.hotline.api.is_in("somchai", "available")
    await malee.page.keyboard.press("h")
    record = await talk.hotline.record(talk.somsri)
    assert (record["talks"], record["transfers"], record["ended_by"]) == (2, 1, "operator")
    assert malee.complaints == [] == somchai.complaints


async def test_a_page_that_is_reloaded_listens_again(talk: Talk) -> None:
    await talk.press("Barge in")
    await talk.heard(caller=[talk.somchai, talk.malee], operator=True, supervisor=True)
    await talk.malee.page.reload()
    await talk.malee.sees("you hear the talk, and nobody hears you.")
    await talk.heard(caller=[talk.somchai], operator=False, supervisor=True)
    await talk.malee.clicks("Stop listening")
    await talk.malee.sees_no_more("nobody hears you.")
    await talk.malee.page.reload()
    await talk.row.get_by_role("button", name="Listen", exact=True).wait_for()
    await talk.heard(caller=[talk.somchai], operator=False, supervisor=False)


async def test_the_operator_page_is_reloaded_while_somebody_listens(talk: Talk) -> None:
    await talk.press("Listen")
    await talk.heard(caller=[talk.somchai], operator=False, supervisor=True)
    await talk.somchai.page.reload()
    await talk.somsri.comes_to_hear(talk.somchai.voice, within=SECONDS)
    await talk.malee.sees_no_more("nobody hears you.")
    await talk.heard(caller=[talk.somchai], operator=False, supervisor=False)
    await talk.press("Whisper")
    await talk.heard(caller=[talk.somchai], operator=True, supervisor=True)


async def test_a_second_supervisor_is_told_why_not(
    talk: Talk, hotline: Hotline, other_browser: Browser
) -> None:
    await talk.press("Listen")
    await talk.malee.sees("nobody hears you.")
    suda = await supervisor_at(hotline, other_browser, f"suda-{token()}")
    row = suda.page.get_by_role("row").filter(has_text="Somchai Jaidee")
    await row.get_by_role("button", name="Barge in").click()
    await suda.sees("Another supervisor listens to this talk.")
    await talk.heard(caller=[talk.somchai], operator=False, supervisor=True)
    await talk.malee.clicks("Stop listening")
    await talk.malee.sees_no_more("nobody hears you.")
    hears = suda.page.get_by_text("you hear the talk, and nobody hears you.")

    async def listens() -> bool:
        """Pressed again until Malee's phone has been let go."""
        await row.get_by_role("button", name="Listen", exact=True).click()
        return await hears.count() > 0

    await until(listens, within=30, every=1.0)
    await suda.hears_just(talk.somsri.voice, talk.somchai.voice, of=talk.voices[:2], within=SECONDS)


async def test_the_talk_ends_while_somebody_listens(talk: Talk) -> None:
    somchai, malee = talk.somchai, talk.malee
    await talk.press("Whisper")
    await talk.heard(caller=[somchai], operator=True, supervisor=True)
    talk.somsri.hang_up()
    await malee.sees_no_more("the operator hears you")
    await malee.sees_no_more("Stop listening")
    await until(lambda: talk.hotline.asterisk.channels() == 0, within=SECONDS)

    again = await talk.hotline.calls("1567")
    talk.somsri, talk.voices[0] = again, again.voice
    await answers(somchai)
    await again.comes_to_hear(somchai.voice, within=SECONDS)
    await talk.press("Barge in")
    await talk.heard(caller=[somchai, malee], operator=True, supervisor=True)
    await somchai.page.keyboard.press("h")
    await malee.sees_no_more("the caller hear you")
    await until(lambda: again.ended_by == "far end", within=SECONDS)
    await until(lambda: talk.hotline.asterisk.channels() == 0, within=SECONDS)


async def test_a_colleague_is_asked_while_somebody_listens(talk: Talk, hotline: Hotline) -> None:
    somchai, malee = talk.somchai, talk.malee
    anan = await hotline.operator("anan")
    await talk.press("Listen")
    await talk.heard(caller=[somchai], operator=False, supervisor=True)
    await somchai.page.keyboard.press("c")
    await somchai.page.get_by_role("dialog").get_by_role("button", name="Anan").click()
    await somchai.sees("rings. The caller hears music.")
    await malee.sees_no_more("nobody hears you.")
    (await anan.is_rung()).answer()
    await anan.comes_to_hear(somchai.voice, within=SECONDS)
    await malee.hears_just(of=[*talk.voices, anan.voice], within=SECONDS)
    await talk.press("Listen")
    await malee.sees("That talk is over.")
