"""How soon a change is on every screen: `python -m tests.bench --only consoles`.

300 consoles and 20 floors are open on one service, with PostgreSQL beside it. 50 times a second an
operator's state changes. Each screen is a websocket of the live feed, held by processes of their
own, which note when each change came (the machine has one monotonic clock). The goals: 250 ms at
p99 from the change to the last of all screens, and 15 % of a core for the service.

The other arm is a service that tells of changes every half second, as ours did until 2026-11-30.
By itself, because a browser needs much of the machine: the floor is open in a Chromium, too, which
notes for each change when a frame with it was painted (`make console` first).
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

import aiohttp
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.app import collect_seldom
from callcenter.core.events import OperatorLoggedIn, OperatorPaused
from callcenter.core.ids import OperatorId
from callcenter.ports.people import Role
from callcenter.storage.migrate import upgrade
from callcenter.web import live
from tests.bench.blocks import rounds
from tests.bench.figures import Ratio, ratio
from tests.bench.table import Options, Row, milliseconds
from tests.browser import Browser
from tests.integration.house import PASSWORD, House, opened
from tests.parts import PrivatePostgres
from tests.site import DAMRONG, GCC

GOAL_SECONDS, GOAL_CORE = 0.25, 0.15
CONSOLES, FLOORS, RATE = 300, 20, 50.0
SETTLES_SECONDS = 3.0
LOOKERS = 2  # processes of screens
NOW, BEFORE = "now", "before"
HALF_A_SECOND = 0.5
CHANGE = re.compile(rb'"reason":"b(\d+)"')


# --- the screens -------------------------------------------------------------------------------


async def screen(
    http: aiohttp.ClientSession, url: str, token: str, seen: list[float], opened: asyncio.Event
) -> None:
    """One websocket, until it is cut off: when it was told of each change."""
    async with http.ws_connect(url, headers={"Authorization": f"Bearer {token}"}) as socket:
        async for message in socket:
            at = time.monotonic()
            opened.set()
            for number in CHANGE.findall(message.data.encode()):
                if not seen[int(number)]:
                    seen[int(number)] = at


async def look(url: str, tokens: list[str], changes: int) -> None:
    """A process of screens. Says when all are open; on a line of input, when each change was on
    each of them."""
    seen, opened = [[0.0] * changes for _ in tokens], [asyncio.Event() for _ in tokens]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        tasks = [
            asyncio.create_task(screen(http, url, *each))
            for each in zip(tokens, seen, opened, strict=True)
        ]
        for event in opened:
            await event.wait()
        print("true", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
    print(json.dumps(seen), flush=True)


WATCHING = r"""
window.drawn = {};
const port = (() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {  // a task after the frame: it is painted
    const at = performance.timeOrigin + performance.now();
    for (const number of data) window.drawn[number] ??= at;
  };
  return port2;
})();
let noted = [];
new MutationObserver((records) => {
  const before = noted.length;
  for (const { target, addedNodes } of records)
    for (const node of [target, ...addedNodes]) {
      const found = /\bb(\d+)$/.exec(node.nodeType === 3 ? node.data : "");
      if (found) noted.push(found[1]);
    }
  if (before === 0 && noted.length > 0)
    requestAnimationFrame(() => { port.postMessage(noted); noted = []; });
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


async def draw(url: str) -> None:
    """A floor in a Chromium. Says when it is open; on a line of input, when each change was
    painted."""
    async with Browser(url) as browser:
        floor = await browser.screen(language="en")
        await floor.page.add_init_script(WATCHING)
        sent = {"name": "floor0", "password": PASSWORD}
        answer = await floor.page.request.post(f"{url}/api/v1/sessions", data=sent)
        assert answer.ok, await answer.text()
        await floor.opens("/#/floor")
        await floor.sees("op299")
        print("true", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps(await floor.page.evaluate("window.drawn")), flush=True)


# --- the service -------------------------------------------------------------------------------


async def serve(database: str, directory: Path, seconds: float, arm: str) -> None:
    """The service, with its people. On one line of input the changes begin; what came of it is
    printed."""
    if arm == BEFORE:
        live.PAUSE_SECONDS = HALF_A_SECOND
    engine = create_async_engine(database)
    await upgrade(engine)
    limits = {"login_attempts_account": 100_000, "login_attempts_address": 100_000}
    async with opened(engine, directory, **limits) as house:
        tokens = [await console(house, number) for number in range(CONSOLES)]
        tokens += [await house.person(f"floor{n}", Role.SUPERVISOR) for n in range(FLOORS)]
        collect_seldom()  # as the service, after its start
        print(json.dumps({"url": house.url, "tokens": tokens}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.sleep(SETTLES_SECONDS)
        idle = await spent(seconds / 3)
        used, began, told = time.process_time(), time.monotonic(), []
        for number in range(int(seconds * RATE)):
            await asyncio.sleep(began + number / RATE - time.monotonic())
            name = OperatorId(f"op{number % CONSOLES}")
            told.append(time.monotonic())
            await house.pump.put_and_wait(OperatorPaused(operator=name, reason=f"b{number}"))
        core = (time.process_time() - used) / (time.monotonic() - began)
        await asyncio.sleep(SETTLES_SECONDS)
        wall = time.time() - time.monotonic()
        figures = {"told": told, "core": core, "idle": idle, "wall": wall}
        print(json.dumps(figures), flush=True)
    await engine.dispose()


async def console(house: House, number: int) -> str:
    """An operator at work, whose page is open; the session's token."""
    name, queues = f"op{number}", (DAMRONG, GCC) if number % 3 else (DAMRONG,)
    await house.operator(name, queues=list(queues))
    event = OperatorLoggedIn(operator=OperatorId(name), endpoint=f"PJSIP/{name}", queues=queues)
    await house.pump.put_and_wait(event)
    return await house.person(name)


async def spent(seconds: float) -> float:
    """The share of a core that is used while nothing changes."""
    used, began = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    return (time.process_time() - used) / (time.monotonic() - began)


# --- the measurement ---------------------------------------------------------------------------


def run(*more: str) -> "subprocess.Popen[str]":
    """One of the parts, as a process."""
    command = [sys.executable, "-m", "tests.bench.consoles", *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> Any:
    """The next line of a part."""
    assert process.stdout
    return json.loads(process.stdout.readline())


def press(process: "subprocess.Popen[str]") -> None:
    """What the part waits for."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Seconds from each change to the last of all screens, sorted. Shares of a core that the
    service used: while things changed, and while nothing did. Seconds until a change was painted,
    if a Chromium looked."""

    last: list[float]
    core: float
    idle: float
    drawn: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """A quantile."""
        return self.last[min(len(self.last) - 1, int(len(self.last) * share))]


def block(arm: str, seconds: float, *, browser: bool = False) -> Block:
    """One run of one arm, with fresh processes. `browser`: a Chromium looks, too."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with PrivatePostgres(directory / "s") as postgres:
            service = run("--serve", postgres.url, str(directory), str(seconds), arm)
            found: Any = said(service)
            url, tokens = found["url"].replace("http", "ws", 1) + "/api/v1/live", found["tokens"]
            count = str(int(seconds * RATE))
            screens = [run("--look", url, count, *tokens[n::LOOKERS]) for n in range(LOOKERS)]
            if browser:
                screens.append(run("--draw", found["url"]))
            for each in screens:
                said(each)  # all are open
            press(service)
            figures: Any = said(service)
            for each in screens:
                press(each)
            painted: dict[str, float] = {}
            if browser:
                painter = screens.pop()
                painted = said(painter)
                painter.wait()
            seen: list[list[float]] = [times for each in screens for times in said(each)]
            for each in (service, *screens):
                each.wait()
    began: list[float] = figures["told"]
    assert len(seen) == CONSOLES + FLOORS
    lost = sum(not at for times in seen for at in times)
    assert not lost, f"{lost} changes did not come"
    last = [max(times) - since for times, since in zip(zip(*seen, strict=True), began, strict=True)]
    drawn = sorted(
        at / 1000 - figures["wall"] - began[int(number)] for number, at in painted.items()
    )
    return Block(last=sorted(last), core=figures["core"], idle=figures["idle"], drawn=drawn)


async def changes_on_screens(options: Options) -> list[Row]:
    """E19: a change is on every screen soon, and that costs the service little."""
    blocks: dict[str, list[Block]] = {NOW: [], BEFORE: []}
    for order in rounds(list(blocks), options.blocks, options.seed):
        for arm in order:
            found = await asyncio.to_thread(block, arm, options.seconds)
            blocks[arm].append(found)
            p50, p99 = (milliseconds(found.at(share)) for share in (0.5, 0.99))
            print(f"  {arm:8} p50 {p50}, p99 {p99}, {found.core:.1%} of a core", flush=True)
    options.raw["changes_on_screens"] = {
        arm: [{"last": each.last, "core": each.core, "idle": each.idle} for each in measured]
        for arm, measured in blocks.items()
    }
    what = f"{CONSOLES} consoles, {FLOORS} floors, {RATE:g} changes a second"
    soon = _row(blocks, what + ": a change → on the last screen, p50", "", 0.5)
    late = _row(blocks, "… p99", "≤ 250 ms", 0.99)
    ours, theirs = ([each.core for each in blocks[arm]] for arm in (NOW, BEFORE))
    idle = fmean(each.idle for each in blocks[NOW])
    core = Row(
        what=f"… the service's share of a core ({idle:.1%} while nothing changes)",
        goal="≤ 15 %",
        theirs=f"{fmean(theirs):.1%}",
        ours=f"{fmean(ours):.1%}",
        ratio=str(ratio(ours, theirs)),
        reached=fmean(ours) <= GOAL_CORE,
    )
    return [soon, late, core, *await painted_in_a_browser(options)]


async def painted_in_a_browser(options: Options) -> list[Row]:
    """E19: and painted by a Chromium that shows the floor."""
    found = await asyncio.to_thread(block, NOW, options.seconds, browser=True)
    drawn, changes = found.drawn, int(options.seconds * RATE)
    options.raw["painted_in_a_browser"] = drawn
    assert drawn, "no change was painted"
    p50, p99 = (drawn[min(len(drawn) - 1, int(len(drawn) * share))] for share in (0.5, 0.99))
    print(f"  painted: {len(drawn)} of {changes}; p50 {milliseconds(p50)}, p99 {milliseconds(p99)}")
    what = f"… → painted by a Chromium that shows the floor ({len(drawn)} of {changes} changes)"
    return [
        Row(what=f"{what}, p50", goal="", ours=milliseconds(p50)),
        Row(what="… p99", goal="≤ 250 ms", ours=milliseconds(p99), reached=p99 <= GOAL_SECONDS),
    ]


def _row(blocks: dict[str, list[Block]], what: str, goal: str, share: float) -> Row:
    """A quantile of both arms; that of a block in the middle."""
    ours, theirs = ([each.at(share) for each in blocks[arm]] for arm in (NOW, BEFORE))
    both: Ratio = ratio(ours, theirs)
    return Row(
        what=what,
        goal=goal,
        theirs=f"every half second: {milliseconds(median(theirs))}",
        ours=milliseconds(median(ours)),
        ratio=str(both),
        reached=median(ours) <= GOAL_SECONDS if goal else None,
    )


if __name__ == "__main__":
    part, *words = sys.argv[1:]
    if part == "--serve":
        asyncio.run(serve(words[0], Path(words[1]), float(words[2]), words[3]))
    elif part == "--draw":
        asyncio.run(draw(words[0]))
    else:
        asyncio.run(look(words[0], words[2:], int(words[1])))
