"""What a stranger sends before the log-in is neither worked on nor waited for.

Strangers speak plain sockets from threads of their own, and so does the one who asks /healthz all
the time. How long the event loop is held up is counted in its own processor time, which other work
on the machine does not lengthen.
"""

import asyncio
import gc
import gzip
import json
import socket
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, thread_time

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.web import connections
from tests.integration.house import House, opened

HELD_UP_SECONDS = 0.1
"""Of processor time, by all that is done at once for a dozen strangers."""
LATE_SECONDS = 10.0
"""For one answer of /healthz; a few milliseconds on a machine that does nothing else."""
MEGABYTE = 2**20
AT_ONCE = 12


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        yield house


def request(
    path: str = "/api/v1/sessions",
    *headers: str,
    method: str = "POST",
    body: bytes = b"",
    length: int | None = None,
) -> bytes:
    """A request as it goes over the wire."""
    sized = [] if length is not None and length < 0 else [f"Content-Length: {length or len(body)}"]
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *sized,
        *([] if any("Content-Type" in h for h in headers) else ["Content-Type: application/json"]),
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def deflated(megabytes: int) -> bytes:
    """Zeros, a thousandth as long."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


def chunked(chunk: bytes, times: int) -> bytes:
    """A chunked body that does not end."""
    piece = f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"
    return request("/api/v1/sessions", "Transfer-Encoding: chunked", length=-1) + piece * times


LOGIN = json.dumps({"name": "somchai", "password": "x" * 20}).encode()
BOMB = deflated(200)
PARTS = b"".join(
    b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n\r\n' % n for n in range(1000)
)

UNWANTED: dict[str, Callable[[], bytes]] = {
    "deflate": lambda: request("/api/v1/sessions", "Content-Encoding: deflate", body=BOMB),
    "gzip": lambda: request(
        "/api/v1/sessions", "Content-Encoding: gzip", body=gzip.compress(bytes(60 * MEGABYTE))
    ),
    "gzip in chunks": lambda: (
        request(
            "/api/v1/sessions", "Content-Encoding: gzip", "Transfer-Encoding: chunked", length=-1
        )
        + b"%x\r\n" % len(BOMB)
        + BOMB
    ),
    "deflate where no body is wanted": lambda: request(
        "/healthz", "Content-Encoding: deflate", method="GET", body=BOMB
    ),
    "deflate where nothing is": lambda: request("/none", "Content-Encoding: deflate", body=BOMB),
    "too long by its own word": lambda: request(body=b"x" * 20 * MEGABYTE, length=10**12),
    "too long": lambda: request(body=b'{"name":"' + b"x" * 20 * MEGABYTE),
    "a chunk without end": lambda: chunked(b"x" * MEGABYTE, 20),
    "tiny chunks without end": lambda: chunked(b" ", 400_000),
    "a chunk's extension without end": lambda: (
        request("/api/v1/sessions", "Transfer-Encoding: chunked", length=-1)
        + b"1;"
        + b"x" * 8 * MEGABYTE
    ),
    "trailers without end": lambda: (
        request("/api/v1/sessions", "Transfer-Encoding: chunked", length=-1)
        + b"0\r\n"
        + b"X-A: b\r\n" * 500_000
    ),
    "a form of a thousand parts": lambda: request(
        "/api/v1/sessions", "Content-Type: multipart/form-data; boundary=x", body=PARTS
    ),
    "deep JSON": lambda: request(body=b"[" * 60_000),
    "deep JSON where it fits": lambda: request(body=b'{"name":' * 8_000),
    "a number of 60,000 digits": lambda: request(body=b'{"name":' + b"9" * 60_000 + b"}"),
    "huge headers": lambda: request("/healthz", *[f"X-{n}: {'x' * 8000}" for n in range(1000)]),
    "a header without end": lambda: request("/healthz", f"X: {'x' * 8 * MEGABYTE}"),
    "an address without end": lambda: request("/" + "x" * 8 * MEGABYTE),
    "many cookies": lambda: request(
        "/api/v1/me", *[f"Cookie: {'a=b;' * 2000}" for _ in range(100)], method="GET"
    ),
    "strange cookies": lambda: request(
        "/api/v1/me", f"Cookie: {chr(34) * 4000}{chr(92) * 4000}", method="GET"
    ),
    "many parameters": lambda: request(f"/api/v1/calls?{'a&b&' * 2000}", method="GET"),
    "a thousand at once": lambda: request("/api/openapi.json", method="GET") * 1000,
    "log-ins": lambda: request(body=LOGIN) * 100,
    "garbage": lambda: b"\x16\x03\x01" + bytes(range(256)) * 4000,
}


@dataclass(slots=True)
class Asker:
    """Asks /healthz again and again, each time on a connection of its own."""

    port: int
    seconds: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.is_set():
            begun = monotonic()
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as asking:
                asking.sendall(request("/healthz", "Connection: close", method="GET"))
                while asking.recv(4096):
                    pass
            self.seconds.append(monotonic() - begun)
            self.stop.wait(0.005)


@asynccontextmanager
async def asked_meanwhile(port: int) -> AsyncIterator[list[float]]:
    """Seconds of each answer of /healthz inside."""
    asker = Asker(port)
    thread = threading.Thread(target=asker.run)
    thread.start()
    try:
        yield asker.seconds
    finally:
        asker.stop.set()
        await asyncio.to_thread(thread.join)


def sent(port: int, raw: bytes, answer_seconds: float = 1.0) -> bytes:
    """Send it all, as far as it is taken; what came back."""
    with socket.create_connection(("127.0.0.1", port), timeout=answer_seconds) as stranger:
        with suppress(OSError):  # let go in the middle, or not read any further
            stranger.sendall(raw)
        came = b""
        with suppress(OSError):
            while piece := stranger.recv(65_536):
                came = (came + piece)[:4096]
        return came


@asynccontextmanager
async def loop_watched() -> AsyncIterator[list[float]]:
    """Seconds of processor time that this event loop took between two turns of a task inside; less
    Python's collector, which the service spares (app.py)."""
    turns: list[float] = []

    async def take_turns() -> None:
        before = thread_time()
        while True:
            await asyncio.sleep(0.002)
            turns.append(thread_time() - before)
            before = thread_time()

    task = asyncio.create_task(take_turns())
    gc.disable()
    try:
        yield turns
    finally:
        gc.enable()
        task.cancel()


async def together(acts: Sequence[Callable[[], bytes]]) -> list[bytes]:
    """What came of each, all at the same time."""
    with ThreadPoolExecutor(len(acts)) as threads:
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(loop.run_in_executor(threads, act) for act in acts))


@pytest.mark.parametrize("name", UNWANTED)
async def test_health_is_told_at_once_whatever_a_stranger_sends(house: House, name: str) -> None:
    raw, port = UNWANTED[name](), house.shared.settings.web_port
    async with asked_meanwhile(port) as seconds, loop_watched() as turns:
        await together([lambda: sent(port, raw)] * AT_ONCE)
    print(f"{name}: answer {max(seconds) * 1000:.0f} ms, held up {max(turns) * 1000:.1f} ms")
    assert max(turns) < HELD_UP_SECONDS
    assert max(seconds) < LATE_SECONDS
    assert house.serving.failures.count == 0


REFUSED = [
    ("deflate", 415, "encoded"),
    ("gzip in chunks", 415, "encoded"),
    ("deflate where no body is wanted", 415, "encoded"),
    ("deflate where nothing is", 415, "encoded"),
    ("too long by its own word", 413, "too_large"),
    ("too long", 413, "too_large"),
    ("tiny chunks without end", 411, "length_required"),
    ("a form of a thousand parts", 415, "not_json"),
    ("huge headers", 400, "malformed"),
    ("a header without end", 400, "malformed"),
    ("an address without end", 400, "malformed"),
    ("garbage", 400, "malformed"),
]


async def test_a_stranger_is_told_why_and_the_connection_ends(house: House) -> None:
    port = house.shared.settings.web_port
    answers = await together(
        [lambda name=name: sent(port, UNWANTED[name](), 10) for name, _, _ in REFUSED]  # type: ignore[misc]
    )
    for (name, status, code), answer in zip(REFUSED, answers, strict=True):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split()[1] == str(status).encode(), (name, answer)
        assert b"aiohttp" not in head
        assert json.loads(body)["code"] == code, name


async def test_who_sends_the_body_after_the_head_hears_the_answer(house: House) -> None:
    """As urllib does; the connection can be used again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.shared.settings.web_port)
    body = b'{"operator": "a", "name": "b"}'
    for _ in range(2):
        writer.write(request("/api/v1/operators", length=len(body)))
        await asyncio.sleep(0.2)  # so that the head is answered alone, if it is
        writer.write(body)
        assert await reader.readline() == b"HTTP/1.1 401 Unauthorized\r\n"
        while not (await reader.readline()).startswith(b'{"type"'):
            break
        await reader.readuntil(b"}")
    writer.close()


SLOW = [
    b"",
    b"G",
    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    request("/healthz", method="GET") + b"GET /heal",
]


async def test_who_sends_a_head_slowly_is_let_go_within_15_seconds(house: House) -> None:
    port, begun = house.shared.settings.web_port, monotonic()

    async def slow(first: bytes, drip: bytes) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        ended = asyncio.create_task(_until_end(reader))
        while drip and not ended.done():
            await asyncio.wait([ended], timeout=0.5)
            writer.write(drip)
        await ended
        writer.close()
        return monotonic() - begun

    seconds = await asyncio.gather(slow(SLOW[0], b""), *(slow(first, b"x") for first in SLOW[1:]))
    assert max(seconds) < 15


async def _until_end(reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        while await reader.read(65_536):
            pass


async def test_500_idle_connections_disturb_nobody(house: House) -> None:
    port = house.shared.settings.web_port
    async with AsyncExitStack() as stack:
        for number in range(500):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            if number % 2:
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: ")
        await house.person("somchai")
        async with asked_meanwhile(port) as seconds, loop_watched() as turns:
            for _ in range(20):
                assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 200
    print(f"500 idle: answer {max(seconds) * 1000:.0f} ms, held up {max(turns) * 1000:.1f} ms")
    assert max(turns) < HELD_UP_SECONDS
    assert max(seconds) < LATE_SECONDS


async def test_when_there_are_too_many_the_longest_idle_gives_way(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "OPEN_MOST", 50)
    monkeypatch.setattr(connections, "HEAD_SECONDS", 600.0)  # a silent one ends by itself then
    async with opened(engine, tmp_path) as house:
        port = house.shared.settings.web_port
        first = await asyncio.open_connection("127.0.0.1", port)
        others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
        async with asyncio.timeout(60):
            await _until_end(first[0])
            assert (await house.ask("GET", "/healthz")).status == 200
        others[-1][1].write(request("/healthz", method="GET"))
        assert (await others[-1][0].readline()).startswith(b"HTTP/1.1 200")
        for _, writer in (first, *others):
            writer.close()


async def test_who_takes_no_answer_is_let_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TAKE_SECONDS", 1.0)
    port = house.shared.settings.web_port
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    with suppress(ConnectionError):
        writer.write(request("/api/openapi.json", method="GET") * 1000)
        async with asyncio.timeout(20):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.1)
    writer.close()
