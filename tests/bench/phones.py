"""Silent talks with phones of others: Debian's baresip, and Chromium with alaw and with opus.

Of each talk it is asked, at both ears, how long after the music one hears the other; after a hold,
how long after the key. The operator answers by itself, a second after the last talk.
"""

import asyncio
import math
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from tests.acceptance.console.test_phone import at_work
from tests.bench.table import Options, Row
from tests.browser import Browser, Screen
from tests.browser.browser import TONE_HERTZ
from tests.hotline import Hotline
from tests.people import Caller, until
from tests.people.debian_phone import DebianPhone
from tests.people.ear import Ear
from tests.people.talk import talk_for

TALKS, QUICK_TALKS = 50, 5
LATE_SECONDS = 0.5
LATE_BACK_SECONDS = 1.0  # after a hold: from the key on
LISTEN_SECONDS = 1.2
PATIENCE_SECONDS = 8.0  # who still hears nothing then has a silent talk
PIECE_SECONDS = 0.2
LOOK_SECONDS = 0.02
PORT = 17310
NAME = "somchai"
FIGURES = """async () => {
  const told = [];
  for (const each of (await connections.at(-1).getStats()).values())
    if (each.type === "inbound-rtp")
      told.push([each.packetsReceived, each.packetsDiscarded, each.totalSamplesReceived,
        each.concealedSamples, each.audioLevel, each.totalAudioEnergy]);
  return JSON.stringify([connections.length, told]);
}"""
Wait = float  # seconds; inf: nothing was heard


async def real_phones(options: Options) -> list[Row]:
    """A row for each phone and way: how many were silent, how many late."""
    talks = TALKS if options.blocks > 2 else QUICK_TALKS
    seen: dict[str, list[Wait]] = {}
    async with Hotline() as hotline:
        await _baresip(hotline, talks, seen)
    for codec in ("alaw", "opus"):
        for open_line in (False, True):
            async with Hotline() as hotline:
                await _chromium(hotline, talks, seen, codec=codec, open_line=open_line)
    options.raw["real_phones"] = seen
    return [_row(what, waits) for what, waits in seen.items()]


def _row(what: str, waits: list[Wait]) -> Row:
    late = LATE_BACK_SECONDS if "hold" in what else LATE_SECONDS
    silent = sum(math.isinf(wait) for wait in waits)
    slow = sum(late < wait < math.inf for wait in waits)
    heard = sorted(wait for wait in waits if wait < math.inf)
    middle = f"{heard[len(heard) // 2]:.2f} s, longest {heard[-1]:.2f} s" if heard else ""
    return Row(
        what=f"silent talks of {len(waits)}: {what}",
        goal="0",
        theirs="",
        ours=f"{silent} silent, {slow} later than {late:g} s; middle {middle}",
        reached=silent + slow == 0,
    )


# --- baresip -----------------------------------------------------------------------------------


async def _baresip(hotline: Hotline, talks: int, seen: dict[str, list[Wait]]) -> None:
    phone = await hotline.operator(NAME, logged_in=False)
    phone.close()
    for what, way in (("rung", _rung), ("hold and back", _held)):
        folder = hotline.directory / what.replace(" ", "-")
        plugged = DebianPhone(folder, f"op-{NAME}", phone.secret, at=hotline.sip, port=PORT)
        async with plugged as baresip:
            await hotline.log_in(NAME)
            arm = f"Debian's baresip, {what}"
            seen[arm] = await _talks(hotline, talks, arm, partial(way, hotline, baresip))
            await hotline.log_out(NAME)
        shutil.rmtree(folder)


async def _held(_: Hotline, phone: DebianPhone, caller: Caller) -> Wait:
    await caller.comes_to_hear(phone.voice, within=10)
    await phone.press("hold")
    await caller.comes_to_hear("music", within=10)
    await talk_for(0.5)
    before = await phone.decoded_seconds()
    back_at = time.monotonic()
    await phone.press("resume")
    wait = await _heard(
        back_at,
        caller=lambda: _wait(caller.ear, phone.voice, back_at),
        operator=lambda: _wait(phone.wire, caller.voice, back_at),
        sent=lambda: _wait(phone.sent, phone.voice, back_at),
    )
    decoded = await phone.decoded_seconds() - before
    is_deaf = decoded < LISTEN_SECONDS - LATE_BACK_SECONDS
    if is_deaf or phone.wire.leaps():
        print(f"    decoded {decoded:.2f} s; leaps {phone.wire.leaps()[:2]}", flush=True)
    return math.inf if is_deaf else wait


async def _rung(hotline: Hotline, phone: DebianPhone, caller: Caller) -> Wait:
    since = await _joined(hotline, caller)
    return await _heard(
        since,
        caller=lambda: _wait(caller.ear, phone.voice, since),
        operator=lambda: _wait(phone.ear, caller.voice, since),
    )


# --- Chromium ----------------------------------------------------------------------------------


async def _chromium(
    hotline: Hotline, talks: int, seen: dict[str, list[Wait]], *, codec: str, open_line: bool
) -> None:
    _speaks(hotline, codec)
    what = f"Chromium with {codec}, {'open line' if open_line else 'rung'}"
    async with Browser(hotline.api.url) as browser:
        screen = await at_work(hotline, browser, NAME, open_line=open_line)
        if not open_line:
            await screen.clicks("Sound")
            await screen.page.get_by_role("checkbox", name="Answer calls by itself").check()
            await screen.page.keyboard.press("Escape")

        async def talk(caller: Caller) -> Wait:
            async with _listening(screen) as heard:
                since = await _joined(hotline, caller)

                def page() -> Wait:
                    times = (at for at, hertz in heard if abs(hertz - caller.voice) <= TONE_HERTZ)
                    return next((at for at in times if at >= since), math.inf) - since

                wait = await _heard(
                    since, caller=lambda: _wait(caller.ear, screen.voice, since), operator=page
                )
            if wait > LATE_SECONDS:
                print(f"    the page's own figures: {await _figures(screen)}", flush=True)
            return wait

        seen[what] = await _talks(hotline, talks, what, talk)


async def _figures(screen: Screen) -> list[str]:
    """What Chromium made of the packets in a second: whether it, or the ear, heard nothing."""
    before = await screen.page.evaluate(FIGURES)
    await asyncio.sleep(1.0)
    return [str(before), str(await screen.page.evaluate(FIGURES))]


def _speaks(hotline: Hotline, codec: str) -> None:
    """Browsers are offered this codec alone."""
    file = hotline.asterisk.config_directory / "pjsip.conf"
    head = "[operator-browser-phone](!,operator-phone)\n"
    text = file.read_text()
    assert text.count(head) == 1
    file.write_text(text.replace(head, f"{head}disallow = all\nallow = {codec}\n"))
    hotline.asterisk.console("module reload res_pjsip.so")


@asynccontextmanager
async def _listening(screen: Screen) -> AsyncIterator[list[tuple[float, int]]]:
    """What the page hears, with the instant of each look."""
    heard: list[tuple[float, int]] = []

    async def listen() -> None:
        while True:
            heard.append((time.monotonic(), await screen.hears()))
            await asyncio.sleep(LOOK_SECONDS)

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# --- talks -------------------------------------------------------------------------------------


async def _talks(
    hotline: Hotline, many: int, what: str, talk: Callable[[Caller], Awaitable[Wait]]
) -> list[Wait]:
    waits: list[Wait] = []
    for _ in range(many):
        await hotline.api.is_in(NAME, "available", within=20)
        caller = await hotline.calls("1567")
        waits.append(await talk(caller))
        await _goes(caller)
    print(f"  {what}: {re.sub(r'^.*: ', '', _row(what, waits).ours)}", flush=True)
    return waits


async def _goes(caller: Caller) -> None:
    caller.hang_up()
    await until(lambda: caller.is_over, within=10)
    caller.close()


async def _joined(hotline: Hotline, caller: Caller) -> float:
    """When the music was over; who hears nothing then is to be counted, not waited for."""
    await hotline.api.is_in(NAME, "on_call", within=20)
    await until(
        lambda: caller.heard(time.monotonic() - 3 * PIECE_SECONDS).share("music") == 0, within=20
    )
    return _music_ended(caller)


async def _heard(since: float, **ears: Callable[[], Wait]) -> Wait:
    """The longer of the two waits; a silent one is listened to for some seconds more."""
    await talk_for(max(0.0, since + LISTEN_SECONDS - time.monotonic()))
    waits = {who: ear() for who, ear in ears.items()}
    if math.inf in waits.values():
        await talk_for(PATIENCE_SECONDS)
        waits = {who: ear() for who, ear in ears.items()}
        print(f"    late: {waits}", flush=True)
    return max(waits.values())


def _music_ended(caller: Caller) -> float:
    """When the caller heard music last, or the hotline's answer."""
    at = time.monotonic()
    while at > caller.answered_at and not caller.ear.heard(at - PIECE_SECONDS, at).share("music"):
        at -= PIECE_SECONDS / 4
    return max(at, caller.answered_at)


def _wait(ear: Ear, voice: int, since: float) -> Wait:
    """How long until a voice was there; inf: never."""
    waited = 0.0
    while waited < LISTEN_SECONDS + PATIENCE_SECONDS and since + waited < time.monotonic():
        if ear.heard(since + waited, since + waited + PIECE_SECONDS).share(voice):
            return waited
        waited += PIECE_SECONDS / 4
    return math.inf
