"""The only owner of the engine: events in, facts and commands out, in order.

Everyone else only puts events into the inbox. For each event the pump steps the engine, writes the
facts to the journal, tells them to the listeners, and gives the commands to Asterisk. The facts are
written at once, so that a killed service has lost no decision. The pump never waits for a disk, a
database or Asterisk. Its only timer is the engine's next deadline, or a moment later after a stall.

It is a callback of the event loop, not a task that sleeps. An event is handled in the next turn of
the loop, without waking a task or setting a timer for each one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from time import monotonic
from typing import Protocol

from callcenter.core.commands import Command
from callcenter.core.engine import Engine, Step
from callcenter.core.events import Event, TimePassed
from callcenter.core.facts import Fact
from callcenter.core.state import State
from callcenter.ports.engine import InboxFull, Listener
from callcenter.runtime.clock import Clock

AT_ONCE = 200  # events handled before other tasks run: less than 5 ms
STUCK_SECONDS = 2.5  # if work waits for this long, Asterisk's lifeboat takes the callers
# a deadline noticed this late shows that the process or the machine was stopped
STALL_SECONDS = 0.25
LOOK_SECONDS = 0.01  # pause between two checks of `worked_off`
CATCH_UP_SECONDS = 0.1
"""After a stall, events that happened in time are still in the sockets. They are read before any
timeout runs. Otherwise a phone that was answered would be hung up, or a joined call ended."""


class Log(Protocol):
    """What the pump needs of a journal."""

    def append(self, facts: Sequence[Fact], wall: float | None = None) -> int:
        """Keep these facts."""
        ...


class Inbox:
    """A bounded inbox for one reader. `put` never blocks. Events of Asterisk beyond the limit are
    counted in `overflows`, and the adapter that sent them takes a new snapshot."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.overflows = 0
        self.taken = 0
        self._waiting: deque[tuple[Event, asyncio.Future[Sequence[Fact]] | None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: Event, asked: asyncio.Future[Sequence[Fact]] | None = None) -> bool:
        """Add an event. Gives False if the inbox is full and the event was not taken."""
        if len(self._waiting) >= self.limit:
            self.overflows += 1
            return False
        self._waiting.append((event, asked))
        return True

    def take(self) -> tuple[Event, asyncio.Future[Sequence[Fact]] | None] | None:
        """The next event, or None."""
        if not self._waiting:
            return None
        self.taken += 1
        return self._waiting.popleft()


class Pump:
    """Owns the engine. Implements `ports.engine.RunningEngine`."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        journal: Log,
        *,
        inbox_limit: int,
        perform: Callable[[Sequence[Command]], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._journal = journal
        self._perform = perform
        self._listeners: list[Listener] = []
        self.inbox = Inbox(inbox_limit)
        self._wanted_at = inf  # engine time by which there is work to do
        self._time_waits_until = 0.0  # after a stall: no timer runs before this moment
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_called = False  # whether `_turn` is scheduled
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        self._failed: asyncio.Future[None] | None = None
        self.steps = 0

    def subscribe(self, listener: Listener) -> None:
        """Call the listener after every step from now on. An exception in it ends the pump."""
        self._listeners.append(listener)

    @property
    def state(self) -> State:
        """The engine's state. Read only."""
        return self._engine.state

    def now(self) -> float:
        """The engine's time in seconds."""
        return self._clock.now()

    def is_alive(self) -> bool:
        """Whether waiting work gets done. True if no work waits. Asterisk gets a heartbeat only
        while this is true."""
        return self._loop is not None and self._clock.now() - self._wanted_at < STUCK_SECONDS

    def put(self, event: Event) -> bool:
        """Put an event in the inbox without waiting. Gives False if the inbox was full."""
        if not self.inbox.put(event):
            return False
        self._call()
        return True

    async def put_and_wait(self, event: Event) -> Sequence[Fact]:
        """Put an event in the inbox and wait; gives the facts of its step. Raises InboxFull."""
        asked: asyncio.Future[Sequence[Fact]] = asyncio.get_running_loop().create_future()
        if not self.inbox.put(event, asked):
            raise InboxFull("too many events are waiting; try again in a second")
        self._call()
        return await asked

    async def worked_off(self) -> None:
        """Wait until everything in the inbox now has been handled and its facts are in the
        journal."""
        until = self.inbox.taken + len(self.inbox)
        while self.inbox.taken < until:  # noqa: ASYNC110 - an event for each step costs more
            await asyncio.sleep(LOOK_SECONDS)

    async def run(self) -> None:
        """Runs until cancelled. Raises what the journal or a listener raised."""
        self._loop = asyncio.get_running_loop()
        self._failed = self._loop.create_future()
        self._call()
        try:
            await self._failed
        finally:
            self._loop = None
            if self._alarm is not None:
                self._alarm.cancel()

    def _call(self) -> None:
        if self._loop is not None and not self._is_called:
            self._is_called = True
            self._wanted_at = min(self._wanted_at, self._clock.now())
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._is_called = False
        if self._loop is None or self._failed is None or self._failed.done():
            return
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - raised by `run`
            self._failed.set_exception(error)
            return
        self._set_alarm(self._loop)
        if len(self.inbox):
            self._call()

    def _set_alarm(self, loop: asyncio.AbstractEventLoop) -> None:
        """Set a timer for the engine's next deadline. Waking too early does no harm."""
        due = self._engine.next_deadline()
        if due is not None and self._time_waits_until:
            due = max(due, self._clock.now() + self._time_waits_until - monotonic())
        if due is not None and (self._alarm is None or due < self._alarm_at):
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm_at = due
            self._alarm = loop.call_later(max(0.0, due - self._clock.now()), self._on_alarm)
        # Not before now: a timer that ran out while Asterisk was away was not due at that time.
        self._wanted_at = inf if self._alarm is None else max(self._alarm_at, self._clock.now())

    def _on_alarm(self) -> None:
        self._alarm = None
        self._turn()

    def _work(self) -> None:
        """Handle events first, then the timers that have run out."""
        for _ in range(AT_ONCE):
            item = self.inbox.take()
            if item is None:
                break
            event, asked = item
            facts = self._step(event).facts
            if asked and not asked.done():
                asked.set_result(facts)
        if self._time_is_up():
            self._step(TimePassed())

    def _time_is_up(self) -> bool:
        due, now = self._engine.next_deadline(), self._clock.now()
        if due is None or due > now:
            self._time_waits_until = 0.0
            return False
        if not self._time_waits_until and now - due > STALL_SECONDS:
            self._time_waits_until = monotonic() + CATCH_UP_SECONDS
        if monotonic() < self._time_waits_until:
            return False
        self._time_waits_until = 0.0
        return True

    def _step(self, event: Event) -> Step:
        self.steps += 1
        done = self._engine.step(event, self._clock.now())
        if done.facts:
            self._journal.append(done.facts)
        if done.commands:
            self._perform(done.commands)
        for listener in self._listeners:
            listener(done.facts)
        return done
