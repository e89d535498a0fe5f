"""Malee adds an authenticator app at the page; from then on her password alone lets nobody in."""

import time
from pathlib import Path

from callcenter.web import one_time_codes
from tests.acceptance.console.test_console import CHOSEN, browser, logs_in
from tests.browser import Browser
from tests.hotline import Hotline
from tests.people.sip_message import token

__all__ = ["browser"]


async def test_an_app_is_added_and_asked_for(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    account = {"name": f"malee-{token()}", "role": "supervisor"}
    made = await hotline.api.ask("POST", "/accounts", account)
    screen = await browser.screen(language="en")
    await logs_in(screen, account["name"], made["one_time_password"])
    await screen.clicks(account["name"])
    await screen.clicks("Add an app")
    await screen.types("Password", CHOSEN)
    assert await screen.barriers() == []
    await screen.clicks("Begin")
    await screen.page.get_by_role("img", name="QR picture for the app").wait_for()
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "second-factor")
    secret = (await screen.page.get_by_role("dialog").locator("code").inner_text()).replace(" ", "")
    step = one_time_codes.step_of(time.time())
    await screen.types("Six digits of the app", one_time_codes.code(secret, step))
    await screen.clicks("Confirm")
    await screen.sees("each of these codes is good for one log-in")
    assert await screen.barriers() == []
    codes = await screen.page.get_by_role("dialog").locator("code").all_inner_texts()
    await screen.clicks("I have them")
    await screen.sees("Recovery codes left: 10")
    assert await screen.barriers() == []
    await screen.page.keyboard.press("Escape")
    await screen.clicks("Log out")

    await screen.types("User name", account["name"])
    await screen.types("Password", CHOSEN)
    await screen.clicks("Log in")
    await screen.sees("Six digits; or one of your recovery codes.")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "code")
    await screen.page.get_by_label("Code of your app").fill("000000")
    await screen.clicks("Log in")
    await screen.sees("That code is wrong, or was used already.")
    await screen.page.get_by_label("Code of your app").fill(codes[3])
    await screen.clicks("Log in")
    await screen.sees("Live")

    await screen.clicks(account["name"])
    await screen.clicks("Use another app")
    await screen.types("Password", CHOSEN)
    present = screen.page.get_by_label("Code of the present app, or a recovery code")
    await present.fill(codes[3])
    assert await screen.barriers() == []
    await screen.clicks("Begin")
    await screen.sees("each is good once")
    await present.fill(codes[4])
    await screen.clicks("Begin")
    await screen.page.get_by_role("img", name="QR picture for the app").wait_for()
    assert screen.complaints == []
