"""A fake Asterisk with a client connected to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from callcenter.ari.asterisk import Access, Asterisk
from callcenter.core.events import CallArrived, Event
from tests.fake_asterisk.server import FakeServer

E = TypeVar("E", bound=Event)


class Listener:
    """A client with what it handed over, in order."""

    def __init__(self, access: Access, pump_is_alive: Callable[[], bool] = lambda: True) -> None:
        self.events: list[Event] = []
        self.room = True  # whether the inbox takes events
        self.broken = False  # whether a CallArrived makes it raise
        self.asterisk = Asterisk(access, self._put, pump_is_alive=pump_is_alive)
        self._changed = asyncio.Event()
        self._from = 0

    def _put(self, event: Event) -> bool:
        if self.broken and isinstance(event, CallArrived):
            raise LookupError("a bug")
        if self.room:
            self.events.append(event)
            self._changed.set()
        return self.room

    async def gets(self, kind: type[E]) -> E:
        """Wait for the next event of a kind, after the last one that was got."""
        while True:
            for at in range(self._from, len(self.events)):
                event = self.events[at]
                if isinstance(event, kind):
                    self._from = at + 1
                    return event
            self._changed.clear()
            async with asyncio.timeout(30):
                await self._changed.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Listener"]:
        """Connected and kept so."""
        task = asyncio.create_task(self.asterisk.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def fake() -> AsyncIterator[FakeServer]:
    async with FakeServer() as server:
        yield server


@pytest.fixture
def access(fake: FakeServer) -> Access:
    return Access(url=fake.url, user=fake.user, password=fake.password)
