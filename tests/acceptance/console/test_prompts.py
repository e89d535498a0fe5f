"""Prasert looks after what callers hear, and after the programs that are told of calls."""

import wave
from pathlib import Path

from tests.acceptance.console.test_console import browser, logs_in
from tests.browser import Browser, Screen
from tests.browser.microphone import tone_file
from tests.hotline import Hotline
from tests.people.sip_message import token
from tests.people.until import SLOW_MACHINE_TIMES

__all__ = ["browser"]


async def administrator(hotline: Hotline, browser: Browser, page: str) -> Screen:
    """Logged in, at a page of the administration, with a microphone."""
    account = {"name": f"prasert-{token()}", "role": "administrator"}
    made = await hotline.api.ask("POST", "/accounts", account)
    screen = await browser.screen(language="en", microphone=True)
    await logs_in(screen, account["name"], made["one_time_password"])
    await screen.page.goto(f"{screen.url}/#/admin/{page}")
    return screen


async def test_a_prompt_is_recorded_heard_uploaded_and_removed(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    screen = await administrator(hotline, browser, "prompts")
    page, dialog = screen.page, screen.page.get_by_role("dialog")
    await screen.sees("prompts are not recorded.")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "prompts")
    await page.get_by_label("Which").select_option("missing")
    await page.get_by_label("Search text or key").fill("thanks")
    await page.get_by_role("button", name="Open:").first.click()
    await screen.sees("seconds at most")
    assert await screen.barriers() == []
    await dialog.get_by_role("button", name="Record with the microphone").click()
    await screen.sees("Recording: read the text aloud.")
    await page.wait_for_timeout(1_500)
    await dialog.get_by_role("button", name="Stop").click()
    await screen.sees("Listen to it before you save it:")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "prompt")
    await dialog.get_by_role("button", name="Save: callers hear it").click()
    await screen.sees("Callers hear this (uploaded):")
    heard = await page.evaluate(
        """async () => {
          const audio = document.querySelector("dialog audio");
          audio.muted = true;
          await audio.play();
          return audio.duration;
        }"""
    )
    assert 0.5 < heard < 1.5 * SLOW_MACHINE_TIMES
    file = tone_file(tmp_path / "empty.wav", 440)
    with wave.open(str(file), "wb") as silent:
        silent.setnchannels(1)
        silent.setsampwidth(2)
        silent.setframerate(8000)
        silent.writeframes(bytes(16_000))
    await dialog.locator("input[type=file]").set_input_files(file)
    await dialog.get_by_role("button", name="Save: callers hear it").click()
    await screen.sees("This recording cannot be used.")
    assert await screen.barriers() == []
    await dialog.get_by_role("button", name="Remove the recording").click()
    await dialog.get_by_text("Not recorded").wait_for()
    await page.keyboard.press("Escape")
    await screen.clicks("English prompts")
    await screen.sees("prompts are not recorded.")
    assert screen.complaints == []


async def test_another_program_is_told_of_calls(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    screen = await administrator(hotline, browser, "webhooks")
    page, dialog = screen.page, screen.page.get_by_role("dialog")
    await screen.sees("No other program is told.")
    await screen.clicks("Add a webhook")
    await page.get_by_label("Name").fill("CRM")
    await page.get_by_label("Address").fill("https://127.0.0.1:16540/hook")
    await dialog.get_by_role("button", name="Add a webhook").click()
    await screen.sees("only if CALLCENTER_WEBHOOK_HOSTS lists it")
    assert await screen.barriers() == []
    await page.get_by_label("Address").fill("https://crm.invalid/hook")
    await dialog.get_by_role("button", name="Add a webhook").click()
    await screen.sees("Secret (HMAC-SHA256)")
    assert await screen.barriers() == []
    await screen.clicks("Noted")
    await screen.clicks("Try out")
    await screen.clicks("Messages")
    await screen.sees("waits")
    await screen.sees("crm.invalid")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "webhooks")
    await page.keyboard.press("Escape")
    await screen.clicks("Remove")
    await screen.sees("No other program is told.")
    assert screen.complaints == []
