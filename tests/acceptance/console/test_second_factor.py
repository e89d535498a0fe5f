"""Malee adds an authenticator app at the page, or a passkey; from then on her password alone lets
nobody in."""

import time
from pathlib import Path

from callcenter.web import one_time_codes
from tests.acceptance.console.test_console import CHOSEN, browser, logs_in
from tests.browser import Browser, Screen
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


async def test_a_passkey_is_added_asked_for_and_taken_off(hotline: Hotline, tmp_path: Path) -> None:
    account = {"name": f"malee-{token()}", "role": "supervisor"}
    made = await hotline.api.ask("POST", "/accounts", account)
    name = account["name"]
    async with Browser(hotline.api.url.replace("127.0.0.1", "localhost")) as browser:
        screen = await browser.screen(language="en")
        page = screen.page
        devices = await page.context.new_cdp_session(page)
        await devices.send("WebAuthn.enable")
        kind = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
        kind |= {"hasUserVerification": True, "isUserVerified": True}
        device = await devices.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
        await logs_in(screen, name, made["one_time_password"])
        await screen.clicks(name)
        await screen.clicks("Add a passkey")
        await screen.types("Password", CHOSEN)
        assert await screen.barriers() == []
        await screen.clicks("Begin")
        await screen.sees("It is good at localhost only.")
        await page.get_by_label("Name of the passkey").fill("key at work")
        assert await screen.barriers() == []
        await screen.pictures(tmp_path, "passkey-new")
        await screen.clicks("Make the passkey")
        await screen.sees("each of these codes is good for one log-in")
        codes = await page.get_by_role("dialog").locator("code").all_inner_texts()
        assert len(codes) == 10
        await screen.clicks("I have them")
        await screen.sees("not used yet")
        assert await screen.barriers() == []
        await screen.clicks("Add a passkey")  # the same device again
        await screen.types("Password", CHOSEN)
        await screen.clicks("Begin: with a passkey")
        await page.get_by_label("Name of the passkey").fill("the same")
        await screen.clicks("Make the passkey")
        await screen.sees("This device has a passkey for you already.")
        await page.keyboard.press("Escape")
        await screen.clicks("Log out")

        await enters(screen, name)
        await screen.clicks("Log in: with a passkey")
        await screen.sees("Live")
        await screen.clicks("Log out")
        aid = {"authenticatorId": device["authenticatorId"]}
        kept = (await devices.send("WebAuthn.getCredentials", aid))["credentials"]
        await devices.send("WebAuthn.clearCredentials", aid)
        await enters(screen, name)
        assert await screen.barriers() == []
        await screen.pictures(tmp_path, "passkey-asked")
        await screen.clicks("Log in: with a passkey")
        await screen.sees("No passkey answered. Try again, or use a code.")
        copy = {**kept[0], "signCount": 0}  # as of a copy made before it was used
        await devices.send("WebAuthn.addCredential", {**aid, "credential": copy})
        await screen.clicks("Log in: with a passkey")
        await screen.sees("The passkey was not accepted.")
        await page.get_by_label("Code of your app").fill(codes[3])
        await screen.clicks("Log in")
        await screen.sees("Live")

        await screen.clicks(name)
        await screen.sees("last used")
        await screen.pictures(tmp_path, "passkeys")
        await screen.clicks("Remove: key at work")
        await screen.sees("“key at work” lets nobody in any more.")
        await screen.types("Password", CHOSEN)
        await page.get_by_label("Code of the present app, or a recovery code").fill(codes[4])
        assert await screen.barriers() == []
        await page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
        await screen.sees("Your password alone lets you in.")
        assert screen.complaints == []
    shown = await hotline.api.ask("GET", f"/audit?about={name}&action=second_factor")
    assert [each["action"] for each in reversed(shown["entries"])] == [
        "second_factor.passkey_added",
        "second_factor.passkey_removed",
    ]


async def test_an_address_that_is_a_number_has_no_passkeys(
    hotline: Hotline, browser: Browser
) -> None:
    account = {"name": f"malee-{token()}", "role": "supervisor"}
    made = await hotline.api.ask("POST", "/accounts", account)
    screen = await browser.screen(language="en")
    await logs_in(screen, account["name"], made["one_time_password"])
    await screen.clicks(account["name"])
    await screen.sees("Passkeys need a newer browser, or the console's name in the address")
    assert await screen.page.get_by_role("button", name="Add a passkey").count() == 0


async def enters(screen: Screen, name: str) -> None:
    """The password alone, until a second factor is asked for."""
    await screen.types("User name", name)
    await screen.types("Password", CHOSEN)
    await screen.clicks("Log in")
    await screen.sees("Six digits; or one of your recovery codes.")
