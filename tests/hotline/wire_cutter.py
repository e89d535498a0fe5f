"""A TCP proxy between the service and Asterisk's ARI that fails as networks fail.

`cut()` resets all connections (a restarted firewall). `black_hole()` silently lets nothing through
(a pulled cable). `heal()` ends either. It listens only on loopback, in a thread of its own, so that
busy tests do not slow the connection.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast


@dataclass(slots=True, eq=False)
class _Half(asyncio.Protocol):
    """One side of a proxied connection. What it reads is written to `other`."""

    wire: "_Wire"
    other: "_Half | None" = None
    transport: asyncio.Transport | None = None
    early: list[bytes] = field(default_factory=list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.wire.halves.add(self)
        if self.wire.is_black:
            self.transport.pause_reading()
            self.wire.knocking.append(self)
        elif self.other is None:
            self.wire.connect(self)

    def data_received(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self.early.append(data)
        else:
            self.other.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.wire.halves.discard(self)
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()

    def joined(self, other: "_Half") -> None:
        """The far side is connected. Early data is sent now."""
        self.other = other
        assert other.transport is not None
        for data in self.early:
            other.transport.write(data)
        self.early.clear()


class _Wire:
    """The proxy itself, in its own event loop."""

    def __init__(self, port: int, to_port: int) -> None:
        self.port, self.to_port = port, to_port
        self.halves: set[_Half] = set()
        self.knocking: list[_Half] = []  # connections that came during a black hole
        self.is_black = False
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, opened: Callable[[], None], closed: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Half(self), "127.0.0.1", self.port)
        opened()
        await closed.wait()
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.sleep(0.05)

    def cut(self) -> None:
        for half in list(self.halves):
            if half.transport is not None:
                half.transport.abort()

    def black_hole(self) -> None:
        self.is_black = True
        for half in self.halves:
            if half.transport is not None:
                half.transport.pause_reading()

    def heal(self, ghosts_after_seconds: float) -> None:
        self.is_black = False
        ghosts, self.knocking = self.knocking, []
        for half in list(self.halves):
            if half.transport is None or half.transport.is_closing():
                continue
            if half not in ghosts:
                half.transport.resume_reading()
            elif not ghosts_after_seconds:
                half.transport.abort()
        if ghosts_after_seconds:
            loop = asyncio.get_running_loop()
            loop.call_later(ghosts_after_seconds, self._let_through, ghosts)

    def _let_through(self, ghosts: list[_Half]) -> None:
        for half in ghosts:
            if half.transport is not None and not half.transport.is_closing():
                half.transport.resume_reading()
                self.connect(half)

    def connect(self, near: _Half) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._connect(near))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, near: _Half) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, far = await loop.create_connection(
                lambda: _Half(self, other=near), "127.0.0.1", self.to_port
            )
        except OSError:
            if near.transport is not None:
                near.transport.abort()
            return
        near.joined(far)


class WireCutter:
    """Listens on `port`, forwards to `to_port`, both on 127.0.0.1."""

    def __init__(self, port: int, to_port: int) -> None:
        self.port = port
        self._wire = _Wire(port, to_port)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed: asyncio.Event | None = None
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)

    def start(self) -> None:
        """Begin to listen. An OSError would end the thread silently, so this raises it."""
        self._thread.start()
        if not self._opened.wait(10):
            raise OSError(f"nobody can listen on 127.0.0.1:{self.port}")

    def stop(self) -> None:
        """Close everything."""
        if self._loop is not None and self._closed is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closed.set)
            self._thread.join(10)

    @property
    def connections(self) -> int:
        """The number of connections so far."""
        return self._wire.connections

    def cut(self) -> None:
        """Reset every connection. New ones are let through."""
        self._do(self._wire.cut)

    def black_hole(self) -> None:
        """From now on nothing passes in either direction, and nobody is told."""
        self._do(self._wire.black_hole)

    def heal(self, *, ghosts_after_seconds: float = 0.0) -> None:
        """Everything held back passes now, as TCP's own retransmissions would.

        A client that connected in the meantime was never connected to Asterisk. With
        `ghosts_after_seconds`, as behind a slow Asterisk, it gets through after that time, when its
        client does not wait any more.
        """
        self._do(lambda: self._wire.heal(ghosts_after_seconds))

    def _run(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._loop, self._closed = asyncio.get_running_loop(), asyncio.Event()
        await self._wire.run(self._opened.set, self._closed)

    def _do(self, what: Callable[[], None]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(what)
