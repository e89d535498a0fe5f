"""What systemd is told, at a real socket; and what the unit expects to be told."""

import asyncio
import configparser
import secrets
import socket
from pathlib import Path

import pytest

from callcenter.hosting.systemd import keep_telling
from callcenter.runtime.pulse import PULSE_SECONDS
from tests.people import until

UNIT = Path(__file__).resolve().parents[3] / "docker/systemd/callcenter.service"


@pytest.fixture(params=["path", "abstract"])
def listener(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> socket.socket:
    name = str(tmp_path / "notify") if request.param == "path" else f"@{secrets.token_hex(8)}"
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    request.addfinalizer(listener.close)
    listener.bind(name.replace("@", "\0", 1))
    listener.settimeout(30)
    return listener


async def test_it_is_told_that_we_serve_and_live(listener: socket.socket) -> None:
    telling = asyncio.create_task(keep_telling(lambda: True))
    for told in (b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"):
        assert await asyncio.to_thread(listener.recv, 100) == told
    telling.cancel()


async def test_an_engine_that_is_stuck_does_not_live(listener: socket.socket) -> None:
    alive, asked = False, 0

    def is_alive() -> bool:
        nonlocal asked
        asked += 1
        return alive

    telling = asyncio.create_task(keep_telling(is_alive))
    assert await asyncio.to_thread(listener.recv, 100) == b"READY=1"
    await until(lambda: asked >= 2, within=10)
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.recv(100)
    listener.settimeout(30)
    alive = True
    assert await asyncio.to_thread(listener.recv, 100) == b"WATCHDOG=1"
    telling.cancel()


async def test_a_systemd_that_is_gone_stops_nothing(listener: socket.socket) -> None:
    listener.close()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(keep_telling(lambda: True), 0.1)


async def test_without_a_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    await keep_telling(lambda: True)


def test_the_unit_waits_for_much_longer_than_a_pulse() -> None:
    unit = configparser.ConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    assert (service["Type"], service["WatchdogSignal"]) == ("notify", "SIGKILL")
    assert float(service["WatchdogSec"]) > 10 * PULSE_SECONDS
