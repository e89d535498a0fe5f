"""Someone starts a second service on the same Asterisk: one of the two acts, and says which."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

from tests.hotline import Hotline
from tests.hotline.api import Api
from tests.hotline.service import ServiceProcess
from tests.people import Caller, until
from tests.people.phone import answers


async def test_the_first_one_stops_acting_and_takes_over_when_the_second_is_gone(
    fragile: Hotline,
) -> None:
    somchai = await fragile.operator("somchai", habit=answers(0.1))
    malee = await fragile.calls("1567")
    await malee.comes_to_hear(somchai.voice, within=5)
    second = another(fragile)
    try:
        second.launch()
        await until(lambda: taken_over(fragile.service.url), within=20)
        await until(lambda: complete(second.url), within=20)
        assert fragile.service.process is not None and fragile.service.process.poll() is None
        await malee.comes_to_hear(somchai.voice, within=3)  # a conversation cut never comes back
        assert await taken_over(fragile.service.url), "it took the application back"
        await second.kills()
        await fragile.service.is_ready(within=15)  # it waited, and takes the place by itself
    finally:
        second.put_away()
    await malee.comes_to_hear(somchai.voice, within=3)  # it finds the conversation as it was
    waits = await fragile.calls("1567")
    await fragile.in_line("damrong", waits)
    assert somchai.rang_while_busy == 0
    malee.hang_up()
    await waits.comes_to_hear(somchai.voice, within=20)


async def test_a_second_one_with_an_empty_data_folder_leaves_the_record_as_it_is(
    fragile: Hotline,
) -> None:
    """It remembers no call, and finds them all in Asterisk's ledger."""
    somchai = await fragile.operator("somchai", habit=answers(0.1))
    callers: list[Caller] = []
    for _ in range(4):
        callers.append(await fragile.calls("1567"))
        await callers[-1].comes_to_hear(somchai.voice, within=5)
        callers[-1].hang_up()
        await fragile.record(callers[-1])
    await fragile.pause("somchai")
    callers.append(await fragile.calls("1567"))
    await callers[-1].comes_to_hear("music", within=5)
    callers[-1].hang_up()
    await fragile.quiet()
    before = await fragile.records.rows("select * from calls order by call_id")
    assert sorted(row["outcome"] for row in before) == ["abandoned_short", *4 * ["answered"]]

    second = another(fragile)
    place = Path(second.settings["CALLCENTER_DATA_DIR"]) / "ledger-place"
    try:
        second.launch()
        await until(lambda: taken_over(fragile.service.url), within=20)
        await until(lambda: complete(second.url), within=20)
        size = fragile.asterisk.ledger.stat().st_size
        await until(lambda: has_read(place, size), within=30, but=second.last_words)
        counted = Api(second.url, place.parent / "secrets" / "cli-token")
        async with counted:
            assert await counted.metric("hotline_ledger_calls_total", known="true") == len(before)
            assert await counted.metric("hotline_ledger_calls_total", known="false") == 0

            async def stored() -> bool:
                return await counted.metric("hotline_record_behind_facts") == 0

            await until(stored, within=30, but=second.last_words)
    finally:
        second.put_away()
    assert await fragile.records.rows("select * from calls order by call_id") == before
    await fragile.service.stops()
    await fragile.service.starts()


def has_read(place: Path, size: int) -> bool:
    """Whether a service has read so much of the ledger."""
    return place.exists() and place.read_text().split()[1] == str(size)


def another(hotline: Hotline) -> ServiceProcess:
    """Same Asterisk, same site, a data directory and a port of its own."""
    port = int(hotline.service.url.rpartition(":")[2]) + 50
    directory = hotline.directory / "second"
    directory.mkdir()
    told = {
        "CALLCENTER_DATA_DIR": str(directory / "data"),
        "CALLCENTER_WEB_PORT": str(port),
    }
    return ServiceProcess(
        directory, f"http://127.0.0.1:{port}", {**hotline.service.settings, **told}
    )


async def taken_over(url: str) -> bool:
    """Whether this service says that another one acts."""
    return "application" in await asyncio.to_thread(missing, url)


async def complete(url: str) -> bool:
    """Whether nothing is missing. Asked in a thread: the people here go on talking meanwhile."""
    return await asyncio.to_thread(missing, url) == {}


def missing(url: str) -> dict[str, str]:
    """What /readyz of a service says is missing."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    except OSError:
        return {"service": "does not answer yet"}
    told: dict[str, str] = found["missing"]
    return told
