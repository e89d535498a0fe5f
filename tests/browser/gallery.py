"""Every page as people see it: `make console`, then `python -m tests.browser.gallery FOLDER`.

A service with a made-up floor is opened, without Asterisk. Each page is kept as PNG at the sizes of
a laptop, a tablet and a phone (the wallboard at 1920×1080), in both languages, light and dark, and
all of a page on one sheet. What a machine can see is printed: a page wider than its window, words
cut off, English on a Thai page, what axe complains about. What is ugly only a person sees.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.core.events import LegEnteredBridge, OperatorAnswered
from callcenter.core.ids import CallId, offer_id
from callcenter.desks.shared.thai import BANGKOK
from callcenter.oversight.recordings.keys import add_key
from callcenter.ports.people import Role
from callcenter.storage.migrate import upgrade
from tests.browser.browser import LAPTOP, TABLET, WALL, Browser, Screen
from tests.integration.desks.office import COMPLAINT, Office
from tests.integration.desks.test_bulletins import TEXTS
from tests.integration.desks.test_reports_api import ROUND, country_of, handed_in
from tests.integration.house import PASSWORD, House, opened
from tests.integration.oversight.test_quality_api import answered, drawn
from tests.integration.oversight.test_recordings import NOW, Floor, Spool
from tests.integration.oversight.test_voicemails import left
from tests.legs import desk_bridge, leg_named, leg_of_offer
from tests.parts import PrivatePostgres
from tests.site import DAMRONG, GCC
from tests.unit.config.test_site_file import GOOD

PHONE = {"width": 360, "height": 740}
SIZES = (LAPTOP, TABLET, PHONE)
LANGUAGES, COLOURS = ("en", "th"), ("light", "dark")
OPERATORS = {
    "somchai": "สมชาย ใจดี",
    "suree": "สุรีย์ ศรีสุข",
    "anan": "อนันต์ พงษ์พิพัฒน์วรากุล",
    "pim": "พิมพ์ใจ อินทร์จันทร์",
    "prasert": "ประเสริฐ ทองคำ",
    "wanida": "วนิดา แสงดาว",
    "kanya": "กัญญา เรืองศรี",
}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter((each) =>
  each.childElementCount === 0 && each.textContent.trim() !== "" && each.clientWidth > 1 &&
  each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible" &&
  !["INPUT", "TEXTAREA", "SELECT"].includes(each.tagName)).map((each) => each.textContent.trim())"""
IN_ENGLISH = """() => [...new Set([...document.querySelectorAll("main *, header *")]
  .filter((each) => each.childElementCount === 0).map((each) => each.textContent.trim())
  .filter((each) => /[A-Za-z]{3,} [a-z]{2,}/.test(each)))]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One of them: who looks at it, where it is, and what says that it is there."""

    name: str
    who: str
    path: str
    presses: tuple[str, ...] = ()
    clicks: tuple[str, ...] = ()
    sizes: tuple[dict[str, int], ...] = SIZES


PAGES = (
    Page(name="login", who="", path="/"),
    Page(name="desk-begin", who="kanya", path="/#/desk"),
    Page(name="desk-free", who="prasert", path="/#/desk"),
    Page(name="desk-talks", who="somchai", path="/#/desk"),
    Page(name="keys", who="prasert", path="/#/desk", presses=("?",)),
    Page(name="own", who="prasert", path="/#/desk", clicks=("prasert",)),
    Page(name="floor", who="suda", path="/#/floor"),
    Page(name="wall", who="suda", path="/#/wall", sizes=(WALL,)),
    Page(name="people", who="root", path="/#/admin/people"),
    Page(name="audit", who="root", path="/#/admin/audit"),
    Page(name="site", who="root", path="/#/admin/site"),
    Page(name="prompts", who="root", path="/#/admin/prompts"),
    Page(name="webhooks", who="root", path="/#/admin/webhooks"),
    Page(name="cases", who="wichai", path="/desks.html#/cases"),
    Page(name="case", who="wichai", path="/desks.html#/cases/{case}"),
    Page(name="answers", who="wichai", path="/desks.html#/answers"),
    Page(name="reports", who="central", path="/desks.html#/reports"),
    Page(name="round", who="central", path="/desks.html#/reports/1"),
    Page(name="report", who="wichai", path="/desks.html#/reports/1/p33"),
    Page(name="bulletins", who="wichai", path="/desks.html#/bulletins"),
    Page(name="quality", who="suda", path="/desks.html#/quality"),
    Page(name="sample", who="suda", path="/desks.html#/quality/1"),
    Page(name="recordings", who="suda", path="/desks.html#/recordings"),
    Page(name="voicemails", who="somchai", path="/desks.html#/voicemails"),
    Page(name="duty", who="suda", path="/desks.html#/duty"),
)


async def talks(house: House, operator: str, call: str, number: int = 1) -> None:
    """The caller is offered to this operator already; now they talk."""
    offer = offer_id(CallId(call), number)
    await house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named(call), leg_of_offer(offer)):
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=desk_bridge(operator)))


@asynccontextmanager
async def floor(directory: Path) -> AsyncIterator[tuple[House, str]]:
    """The service with its floor, and the number of a case."""
    with PrivatePostgres(directory / "s") as postgres:
        engine = create_async_engine(postgres.url)
        await upgrade(engine)
        (directory / "site.toml").write_text(GOOD)
        add_key(directory / "keys", NOW)
        more = {"login_attempts_address": 100_000, "recording_key_file": directory / "keys"}
        async with opened(engine, directory, sounds=(spool := Spool()), **more) as house:
            case = await people(house)
            await past(Floor(house, spool, engine), engine)
            yield house, case
        await engine.dispose()


async def people(house: House) -> str:
    """Who is there and what they do; the number of a case."""
    for name, shown in OPERATORS.items():
        queues = [DAMRONG, GCC] if name != "pim" else [GCC]
        body = {"operator": name, "name": shown, "account": False, "queues": queues}
        answer = await house.ask("POST", "/api/v1/operators", body, by="command-line")
        assert answer.status == 201, answer.body
        await house.account(name, Role.OPERATOR)
    await house.person("suda", Role.SUPERVISOR)
    await house.person("root", Role.ADMINISTRATOR)
    by, desk = "command-line", "/api/v1/operators"
    for number, name in enumerate(("somchai", "suree")):
        await house.ask("POST", f"{desk}/{name}/log-in", {}, by=by)
        await house.caller(f"c{number}", number=f"08123456{number}8")
        await talks(house, name, f"c{number}")
    await house.ask("PUT", f"{desk}/suree/help", by=by)
    for number in range(2, 7):
        await house.caller(f"c{number}", "1111" if number % 3 else "1567", f"08987654{number}1")
    for name in ("anan", "wanida", "prasert"):
        await house.ask("POST", f"{desk}/{name}/log-in", {}, by=by)
        await house.ask("POST", f"{desk}/{name}/pause", {"reason": "meal"}, by=by)
    await house.ask("POST", "/api/v1/floor-messages", {"text": "ประชุม 16.00 น."}, by="suda")
    office = Office(house)
    await office.open()
    made = await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    assert made.status == 201, made.body
    return str(made.body["case"]["case"])


async def past(floor: Floor, engine: AsyncEngine) -> None:
    """What was recorded, left as a message, judged, reported and told before."""
    for number in (1, 2):
        began = NOW - timedelta(minutes=5 * number)
        await floor.kept("talk-1", number, began_at=began, paused_seconds=2.0)
    await floor.ended("talk-2", state="failed", why="disk_full", began_at=NOW - timedelta(days=1))
    await floor.kept("talk-3", line="1669", began_at=NOW - timedelta(days=80), seconds=60.0)
    await left(floor, "message-1")
    await left(floor, "message-2", caller="")
    await answered(engine, 4)
    await drawn(floor.house)
    office = await country_of(Office(floor.house))
    today = datetime.now(BANGKOK)
    days = [today + timedelta(days=n) for n in (-1, 0, 1)]
    since, before, due = (f"{d:%d/%m/}{d.year + 543} 12:00" for d in days)
    period = {"period_from": since, "period_before": before, "due": due}
    made = await office.post("central", "report-rounds", {**ROUND, **period})
    assert made.status == 201, made.body
    await handed_in(office, int(made.body["round"]), "p33")
    week = {"first": f"{days[0]:%Y-%m-%d}", "last": f"{days[1]:%Y-%m-%d}", "issue": 1}
    told = await office.post("wichai", "bulletins", {**TEXTS, **week})
    assert told.status == 201, told.body


async def sees(browser: Browser, page: Page, case: str, *, dark: bool, folder: Path) -> list[str]:
    """All pictures of a page in one colour; what a machine finds wrong with them."""
    found: list[str] = []
    for language in LANGUAGES:
        screen = await browser.screen(language=language, dark=dark)
        await comes_in(screen, page, case)
        for size in page.sizes:
            await screen.page.set_viewport_size(size)  # type: ignore[arg-type]
            await screen.page.wait_for_timeout(200)
            colour = COLOURS[dark]
            name = f"{page.name}-{size['width']}-{language}-{colour}"
            await screen.page.screenshot(path=folder / f"{name}.png")
            if wider := await screen.page.evaluate(WIDER):
                found.append(f"{name}: {wider} pixels wider than the window")
            found += [f"{name}: cut off: {each}" for each in await screen.page.evaluate(CUT_OFF)]
        if language == "th":
            other = await screen.page.evaluate(IN_ENGLISH)
            found += [f"{page.name}: in English on a Thai page: {each}" for each in other]
        found += [f"{page.name}-{language}-{COLOURS[dark]}: {b}" for b in await screen.barriers()]
        found += [f"{page.name}: {each}" for each in screen.complaints]
        await screen.page.context.close()
    return found


async def comes_in(screen: Screen, page: Page, case: str) -> None:
    """The person is logged in and at the page."""
    if page.who:
        sent = {"name": page.who, "password": PASSWORD}
        answer = await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
        assert answer.status == 201, await answer.text()
    await screen.opens(page.path.format(case=case))
    await screen.page.wait_for_load_state("load")
    await screen.page.wait_for_timeout(800)
    for key in page.presses:
        await screen.page.keyboard.press(key)
    for name in page.clicks:
        await screen.clicks(name)


def written(page: Page, folder: Path) -> Path:
    """A document with all pictures of a page."""
    names = sorted(path.name for path in folder.glob(f"{page.name}-[0-9]*.png"))
    images = "".join(f'<img src="file://{folder}/{name}" width="960">' for name in names)
    path = folder / f"sheet-{page.name}.html"
    path.write_text(f"<body style='margin:0;display:grid;grid-template-columns:1fr 1fr'>{images}")
    return path


async def sheet(browser: Browser, page: Page, folder: Path) -> None:
    """All pictures of a page on one."""
    path = await asyncio.to_thread(written, page, folder)
    screen = await browser.screen(size={"width": 1920, "height": 1080})
    await screen.page.goto(f"file://{path}")
    await screen.page.screenshot(path=path.with_suffix(".png"), full_page=True)
    await screen.page.context.close()


async def show(folder: Path, directory: Path, names: list[str]) -> None:
    """All pages, or those that are named."""
    async with floor(directory) as (house, case), Browser(house.url) as browser:
        for page in PAGES:
            if names and page.name not in names:
                continue
            for dark in (False, True):
                for each in await sees(browser, page, case, dark=dark, folder=folder):
                    print(each, flush=True)
            await sheet(browser, page, folder)
            print(f"{page.name}: {folder}/sheet-{page.name}.png", flush=True)


def main(folder: Path, names: list[str]) -> None:
    """Make the folder, and an empty one for the service."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        asyncio.run(show(folder, directory, names))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
