"""Restarts Asterisk with the least harm to callers. New callers are told to call later. Waiting
callers are served and talks go on until a limit. Then all are let go, and Asterisk restarts.

An administrator asks for it (web/asterisk.py). The engine decides what becomes of each call; this
module only checks whether any caller is left. If the service ends in the meantime, it has forgotten
the restart: callers are let in again, and the restart must be asked for again.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import structlog

from callcenter.core.events import ClosingAsked, ClosingOver
from callcenter.core.ids import NodeId
from callcenter.core.state import Hears, Node
from callcenter.ports.engine import InboxFull, RunningEngine

LOOK_SECONDS = 0.25
LEAVE_SECONDS = 30.0
"""Time after the limit for the message, and for callers in the greeting or the lifeboat."""
BACK_SECONDS = 60.0  # from the command until the service has a snapshot of the restarted Asterisk
TELL_SECONDS = 10.0

log = structlog.get_logger(__name__)

_NOT_YET = (Hears.MUSIC, Hears.PROMPT)
"""What callers hear who are not answered yet."""


class Phase(StrEnum):
    """The phase of a restart."""

    NONE = "none"  # no restart was asked for
    CLOSING = "closing"  # no new caller is let in
    LEAVING = "leaving"  # the limit is over, and all callers were let go
    RESTARTING = "restarting"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


UNDER_WAY = (Phase.CLOSING, Phase.LEAVING, Phase.RESTARTING)


class RestartRefusedError(Exception):
    """Asterisk cannot be told to restart. The message says what to do."""


class AsteriskHost(Protocol):
    """What this module needs of Asterisk itself."""

    async def callers(self) -> int | None:
        """The number of callers' channels, also those in the greeting and the lifeboat. None if
        unknown."""
        ...

    async def restart(self) -> None:
        """Restart at once, even if callers are left. Raises RestartRefusedError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress as it is shown. `callers` is the number of all callers in Asterisk when last
    seen."""

    phase: Phase
    waiting: int = 0
    talking: int = 0
    callers: int = 0
    seconds_left: float = 0.0
    problem: str = ""


class Restart:
    """One restart at a time. Call `begin`, `cancel` and `close` on the event loop."""

    def __init__(self, engine: RunningEngine, asterisk: AsteriskHost, node: NodeId) -> None:
        self._name = node
        self._engine = engine
        self._asterisk = asterisk
        self._phase = Phase.NONE
        self._problem = ""
        self._callers = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def phase(self) -> Phase:
        """The phase of the restart."""
        return self._phase

    def progress(self) -> Progress:
        """The phase, with the callers who are still there."""
        calls = self._engine.state.calls.values()
        closing = self._engine.state.closing
        return Progress(
            phase=self._phase,
            waiting=sum(call.hears in _NOT_YET for call in calls),
            talking=sum(call.offer is not None and call.hears not in _NOT_YET for call in calls),
            callers=max(self._callers, len(calls)),
            seconds_left=max(0.0, closing - self._engine.now()) if closing is not None else 0.0,
            problem=self._problem,
        )

    def complaint(self) -> str:
        """A sentence for the health page while callers are turned away."""
        if self._phase not in UNDER_WAY:
            return ""
        return (
            "Asterisk is about to be restarted: new callers are told to call later. "
            "`callcenter asterisk restart --cancel` ends that."
        )

    async def begin(self, seconds: float) -> None:
        """Close for new callers, with this limit. If a restart is under way, change its limit.
        Raises InboxFull."""
        await self._engine.put_and_wait(ClosingAsked(seconds=seconds))
        if self._phase in UNDER_WAY:
            return
        self._phase, self._problem, self._callers = Phase.CLOSING, "", 0
        log.warning("asterisk is to be restarted", limit_seconds=seconds)
        self._task = asyncio.create_task(self._run())

    async def cancel(self) -> None:
        """Give the restart up. Callers are let in again."""
        if self._phase in (Phase.CLOSING, Phase.LEAVING):
            await self._end(Phase.CANCELLED)
        await self._open_again()

    async def close(self) -> None:
        """Stop, because the service stops."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _end(self, phase: Phase) -> None:
        await self.close()
        self._phase = phase
        log.warning("asterisk is not restarted", phase=phase.value)

    async def _run(self) -> None:
        try:
            await self._until_empty()
            self._phase = Phase.RESTARTING
            boot = self._node().boot
            async with asyncio.timeout(TELL_SECONDS):
                await self._asterisk.restart()
            async with asyncio.timeout(BACK_SECONDS):
                while not self._is_back(boot):  # noqa: ASYNC110 - as _until_empty
                    await asyncio.sleep(LOOK_SECONDS)
        except RestartRefusedError as error:
            self._fail(str(error))
        except TimeoutError:
            self._fail("Asterisk did not come back in time: `callcenter doctor` says what is wrong")
        else:
            self._phase = Phase.DONE
            log.warning("asterisk was restarted")
        await self._open_again()

    async def _open_again(self) -> None:
        """Let callers in again. Repeated while the inbox is full, so that callers are not kept out
        for ever."""
        while True:
            with suppress(InboxFull):
                await self._engine.put_and_wait(ClosingOver())
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _fail(self, problem: str) -> None:
        self._phase, self._problem = Phase.FAILED, problem
        log.error("asterisk was not restarted", reason=problem)

    def _is_back(self, boot: str) -> bool:
        return self._node().connected and self._node().boot != boot

    def _node(self) -> Node:
        return self._engine.state.nodes[self._name]

    async def _until_empty(self) -> None:
        """Wait until no caller is left, or their time is over."""
        while not self._is_over() and not await self._is_empty():
            closing = self._engine.state.closing
            if closing is not None:
                over = self._engine.now() >= closing
                self._phase = Phase.LEAVING if over else Phase.CLOSING
            await asyncio.sleep(LOOK_SECONDS)

    def _is_over(self) -> bool:
        closing = self._engine.state.closing
        return closing is not None and self._engine.now() > closing + LEAVE_SECONDS

    async def _is_empty(self) -> bool:
        callers = await self._asterisk.callers()
        self._callers = callers or 0
        return callers == 0 and not self._engine.state.calls
