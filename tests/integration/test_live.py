"""The live feed with many listeners, and with what changes seldom."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from unittest.mock import Mock

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import PhonesSeen
from callcenter.core.ids import OperatorId
from callcenter.ports.people import DatabaseAwayError
from callcenter.ports.phones import endpoint
from callcenter.web import live, pictures
from callcenter.web.pictures import Camera, LiveMessage, Picture
from tests.integration.house import House, opened
from tests.people.until import until
from tests.unit.config.test_site_file import GOOD

LISTENERS = 40
Socket = aiohttp.ClientWebSocketResponse


@pytest.fixture(autouse=True)
def without_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told is a change: these tests may be slow."""
    monkeypatch.setattr(live, "BEAT_SECONDS", 3_600.0)


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        await house.operator("somchai")
        yield house


@asynccontextmanager
async def listening(house: House) -> AsyncIterator[Socket]:
    """A listener that has seen everything as it is now."""
    headers = {"Authorization": f"Bearer {house.tokens['command-line']}"}
    async with house.http.ws_connect(house.url + "/api/v1/live", headers=headers) as socket:
        assert (await socket.receive_json())["type"] == "snapshot"
        yield socket


async def log_in(house: House, operator: str = "somchai") -> None:
    path = f"/api/v1/operators/{operator}/log-in"
    assert (await house.ask("POST", path, {}, by="command-line")).status == 200


async def test_something_is_told_while_nothing_happens(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who hears nothing knows that the network is gone."""
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.1)
    async with listening(house) as socket:
        for _ in range(3):
            told = await socket.receive_json(timeout=20)
            assert (told["type"], told["operators"], told["queues"]) == ("changes", [], [])


async def test_what_changes_is_found_once_for_all_listeners(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, compared = list[int](), list[int]()
    take, changes = Camera._take, pictures.changes

    async def taking(camera: Camera) -> None:
        await take(camera)
        taken.append(camera.picture.number)

    def comparing(before: Picture, after: Picture) -> LiveMessage | None:
        compared.append(after.number)
        return changes(before, after)

    monkeypatch.setattr(Camera, "_take", taking)
    monkeypatch.setattr(pictures, "changes", comparing)
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        sockets = [await stack.enter_async_context(listening(house)) for _ in range(LISTENERS)]
        await log_in(house)
        told = [await socket.receive_str() for socket in sockets]

    assert len(set(told)) == 1
    assert json.loads(told[0])["operators"][0]["state"] == "available"
    assert 1 <= len(compared) <= len(taken) + 3


async def test_who_missed_pictures_is_told_all_that_changed_since(house: House) -> None:
    await house.operator("malee")
    camera = Camera(house.pump, house.shared.roster, house.shared.windows, house.shared.unread)
    house.pump.subscribe(camera.changed)
    await camera.up_to_date()
    first = camera.picture
    await log_in(house, "somchai")
    await camera.next_picture()
    second = camera.picture
    await log_in(house, "malee")
    await camera.next_picture()

    assert [operators_in(camera.news(shown)) for shown in (None, first, second)] == [
        ["malee", "somchai"],
        ["malee", "somchai"],
        ["malee"],
    ]
    assert camera.news(camera.picture) is None


def operators_in(text: bytes | None) -> list[str]:
    """Of whom a message tells."""
    assert text is not None
    return sorted(view["operator"] for view in json.loads(text)["operators"])


async def test_a_changed_card_of_one_who_is_not_at_work_is_told(house: House) -> None:
    contact = "sip:somchai@192.0.2.7"
    async with listening(house) as socket:
        for change in ({"open_line": True}, {"contact": contact}):
            path = "/api/v1/operators/somchai"
            assert (await house.ask("PATCH", path, change, by="command-line")).status == 200
            (told,) = (await socket.receive_json(timeout=20))["operators"]
    assert (told["state"], told["open_line"], told["has_contact"]) == ("offline", True, True)


async def test_a_queue_that_is_taken_from_the_site_file_is_told(house: House) -> None:
    (house.directory / "site.toml").write_text(GOOD)
    async with listening(house) as socket:
        await house.ask("POST", "/api/v1/site/reload", by="command-line")
        told = await socket.receive_json(timeout=20)
    assert {view["queue"]: view["in_site"] for view in told["queues"]} == {
        "damrong": False,
        "gcc": False,
        "centre": True,
    }


async def test_no_picture_is_taken_while_nothing_happens(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, take = list[int](), Camera._take

    async def taking(camera: Camera) -> None:
        await take(camera)
        taken.append(camera.picture.number)

    async with listening(house) as socket:
        await log_in(house)
        assert (await socket.receive_json(timeout=20))["type"] == "changes"
        monkeypatch.setattr(Camera, "_take", taking)
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=4 * live.PAUSE_SECONDS)
    assert not taken


async def test_a_database_that_is_away_ends_no_feed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the phone in the browser: nobody can say that the log-in has ended."""
    asked = list[bytes]()

    async def away(_: object, given: bytes) -> None:
        asked.append(given)
        raise DatabaseAwayError("PostgreSQL does not answer")

    monkeypatch.setattr(live, "RECHECK_SECONDS", 0.05)
    await house.person("malee")
    headers = {"Authorization": f"Bearer {house.tokens['malee']}"}
    async with house.http.ws_connect(house.url + "/api/v1/live", headers=headers) as socket:
        assert (await socket.receive_json())["type"] == "snapshot"
        monkeypatch.setattr(type(house.shared.accounts), "session", away)
        house.shared.logins.forget("malee")
        await until(lambda: len(asked) > 2, within=10)
        await log_in(house)
        assert (await socket.receive_json(timeout=10))["type"] == "changes"


async def test_a_phone_that_is_seen_away_is_told(house: House) -> None:
    away = frozenset({endpoint(OperatorId("somchai"))})
    async with listening(house) as socket:
        await house.pump.put_and_wait(PhonesSeen(elsewhere=frozenset(), away=away))
        (told,) = (await socket.receive_json(timeout=20))["operators"]
    assert (told["operator"], told["phone"]) == ("somchai", "away")


async def test_a_caller_who_goes_on_waiting_is_told_once(house: House) -> None:
    async with listening(house) as socket:
        await house.caller("c1")
        (told,) = (await socket.receive_json(timeout=20))["queues"]
        assert (told["queue"], told["waiting"]) == ("damrong", 1)
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=4 * live.PAUSE_SECONDS)


async def test_a_screen_that_takes_nothing_holds_up_nobody_and_is_cut_off(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its side of the connection is full, as that of a computer that sleeps."""
    gone, remove = list[live.Screen](), live.Screens.remove

    def removing(screens: live.Screens, screen: live.Screen) -> None:
        gone.append(screen)
        remove(screens, screen)

    monkeypatch.setattr(live.Screens, "remove", removing)
    monkeypatch.setattr(live, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(live, "nothing", lambda _: b'{"operators":[],"much":"%b"}' % (b"x" * 2**21))
    async with listening(house), listening(house) as quick, asyncio.timeout(60):
        await log_in(house)
        while not (await quick.receive_json())["operators"]:
            pass
        while not gone:
            await quick.receive_json()
        assert len(gone) == 1
        assert gone[0].cut.done()


async def test_a_fault_while_telling_ends_the_feeds_and_they_can_begin_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A screen that stood still would be believed."""
    async with listening(house) as socket:
        with monkeypatch.context() as patched:
            patched.setattr(pictures, "changes", Mock(side_effect=RuntimeError("a fault")))
            await log_in(house)
            assert (await socket.receive(timeout=20)).type is not aiohttp.WSMsgType.TEXT
    async with listening(house) as again:
        await house.caller("c1")
        assert (await again.receive_json(timeout=20))["queues"]


async def test_a_listener_who_goes_before_the_feed_begins_is_no_fault(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is closed while it opens."""
    began, gone = asyncio.Event(), asyncio.Event()

    async def slow(camera: Camera) -> None:
        began.set()
        await gone.wait()

    monkeypatch.setattr(Camera, "up_to_date", slow)
    address = house.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(address[0], int(address[1]))
    head = (
        f"GET /api/v1/live HTTP/1.1\r\nHost: {':'.join(address)}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n"
        f"Authorization: Bearer {house.tokens['command-line']}\r\n\r\n"
    )
    writer.write(head.encode())
    await asyncio.wait_for(began.wait(), timeout=20)
    writer.transport.abort()
    await asyncio.sleep(0.5)  # nothing tells the test that the service knows it
    gone.set()
    monkeypatch.undo()
    monkeypatch.setattr(live, "BEAT_SECONDS", 3_600.0)
    async with listening(house):
        assert house.serving.failures.count == 0
