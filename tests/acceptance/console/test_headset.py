"""Somchai answers, mutes and hangs up with the buttons of a headset, which is made up (there is
none here). The page, its phone and the call are real."""

from pathlib import Path

from tests.acceptance.console.test_console import browser, logs_in
from tests.acceptance.console.test_listening import SECONDS, hears_just
from tests.acceptance.console.test_phone import at_work, rings
from tests.browser import Browser
from tests.hotline import Hotline
from tests.people import until

__all__ = ["browser"]

PLUGGED_IN = """() => {
  const bit = (usage) => ({ usages: [usage], isAbsolute: true, reportSize: 1, reportCount: 1 });
  const press = (usage) => ({ ...bit(usage), isAbsolute: false });
  const device = Object.assign(new EventTarget(), {
    productName: "Made up 1", opened: true, lights: {},
    collections: [{
      usagePage: 0x0b,
      inputReports: [{ reportId: 8, items: [press(0x0b002f), bit(0x0b0020)] }],
      outputReports: [0x080009, 0x080017, 0x080018].map(
        (usage) => ({ reportId: usage & 0xff, items: [bit(usage)] })),
    }],
    open: async () => {}, close: async () => {}, forget: async () => {},
    sendReport: async (report, data) => { device.lights[report] = data[0]; },
  });
  window.says = (byte) => device.dispatchEvent(Object.assign(
    new Event("inputreport"), { reportId: 8, data: new DataView(new Uint8Array([byte]).buffer) }));
  window.unlit = () => { device.lights = {}; };
  window.lit = (report) => device.lights[report] === 1;
  const hid = Object.assign(new EventTarget(), {
    getDevices: async () => (device.there ? [device] : []),
    requestDevice: async () => [device],
  });
  window.plug = (there) => {
    device.there = there;
    device.lights = {};
    hid.dispatchEvent(Object.assign(new Event(there ? "connect" : "disconnect"), { device }));
  };
  Object.defineProperty(navigator, "hid", { configurable: true, value: hid });
}"""
MUTE, OFF_HOOK, RING = 0x09, 0x17, 0x18


async def test_the_buttons_of_a_headset(hotline: Hotline, browser: Browser, tmp_path: Path) -> None:
    somchai = await at_work(hotline, browser)
    page = somchai.page
    assert await page.evaluate("'hid' in navigator"), "this Chromium has it"
    await page.add_init_script(f"({PLUGGED_IN})()")
    await page.reload()
    await somchai.clicks("Sound")
    await somchai.clicks("Use a headset's buttons")
    await somchai.sees("The buttons of Made up 1 answer, mute and hang up.")
    assert await somchai.barriers() == []
    await somchai.pictures(tmp_path, "headset")

    async def lit(report: int) -> bool:
        return bool(await page.evaluate(f"lit({report})"))

    somsri = await hotline.calls("1567")
    await rings(somchai)
    await until(lambda: lit(RING), within=SECONDS)
    await page.evaluate("says(0b10)")
    await hears_just(somsri, somchai.voice)
    await until(lambda: lit(OFF_HOOK), within=SECONDS)
    assert not await lit(RING)
    await page.evaluate("says(0b11)")
    await page.evaluate("says(0b10)")  # let go
    await until(lambda: lit(MUTE), within=SECONDS)
    await somsri.comes_to_hear("silence", within=SECONDS)
    await page.evaluate("says(0b11)")
    await page.evaluate("says(0b10)")
    await hears_just(somsri, somchai.voice)
    await page.evaluate("plug(false)")
    await somchai.sees("Use a headset's buttons")
    await page.evaluate("plug(true)")
    await somchai.sees("The buttons of Made up 1 answer, mute and hang up.")
    await until(lambda: lit(OFF_HOOK), within=SECONDS)
    await hears_just(somsri, somchai.voice)

    await page.evaluate("says(0b10)")  # it says back that it is off hook
    await page.evaluate("says(0b00)")
    await until(lambda: somsri.ended_by == "far end", within=SECONDS)

    async def dark() -> bool:
        return not (await lit(OFF_HOOK) or await lit(MUTE))

    await until(dark, within=SECONDS)


async def test_on_hook_ends_the_talk_and_an_open_line_stays(
    hotline: Hotline, browser: Browser
) -> None:
    phone = await hotline.operator("somchai", logged_in=False, account=True, open_line=True)
    phone.close()
    somchai = await browser.screen(language="en", microphone=True)
    page = somchai.page
    await page.add_init_script(f"({PLUGGED_IN})()")
    await logs_in(somchai, "somchai", phone.password)
    await page.get_by_role("radio", name="This browser").click()
    await somchai.clicks("Start work")
    await hotline.api.is_in("somchai", "available", within=SECONDS)
    await somchai.clicks("Sound")
    await somchai.clicks("Use a headset's buttons")

    async def off_hook() -> bool:
        return bool(await page.evaluate(f"lit({OFF_HOOK})"))

    await until(off_hook, within=SECONDS)  # the line is up
    for _ in range(2):
        caller = await hotline.calls("1567")
        await hears_just(caller, somchai.voice)
        await somchai.comes_to_hear(caller.voice, within=SECONDS)
        await page.evaluate("says(0b10)")  # it says back that it is off hook
        await page.evaluate("unlit()")
        await page.evaluate("says(0b00)")
        await until(lambda: caller.ended_by == "far end", within=SECONDS)  # noqa: B023 - awaited
        await until(off_hook, within=SECONDS)


async def test_a_browser_that_has_no_headset_buttons(hotline: Hotline, browser: Browser) -> None:
    somchai = await at_work(hotline, browser)
    hide = "Object.defineProperty(navigator, 'hid', { configurable: true, value: undefined })"
    await somchai.page.evaluate(hide)
    await somchai.clicks("Sound")
    await somchai.sees("This browser cannot use a headset's buttons. Use the keys r, m and h.")
