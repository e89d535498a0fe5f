"""Fetches a message that was just recorded, and tells the engine for how long somebody is heard.

The caller waits for that, so that nobody is thanked for a message that nobody can hear: they were
silent, or Asterisk's disk was full. The sound is thrown away here; it is sealed later
(oversight/recordings).
"""

import asyncio
from collections.abc import Callable

import structlog

from callcenter.core.commands import MeasureMessage
from callcenter.core.events import Event, MessageMeasured
from callcenter.ports.sounds import SoundAwayError, Sounds
from callcenter.runtime.loudness import Loudness

ANSWER_SECONDS = 4.0
"""The engine waits a second longer."""
AT_ONCE = 20  # messages that are being fetched; each is 1 MB at most. Others wait for their turn

log = structlog.get_logger(__name__)


class MessageDesk:
    """Takes the engine's questions. `put`: to the engine."""

    def __init__(self, put: Callable[[Event], object], sounds: Sounds) -> None:
        self._put = put
        self._sounds = sounds
        self._tasks: set[asyncio.Task[None]] = set()
        self._fetching = asyncio.Semaphore(AT_ONCE)

    def measure(self, question: MeasureMessage) -> None:
        """Find out; returns at once. The answer comes as an event. If it does not come, the
        engine's own time runs out."""
        task = asyncio.get_running_loop().create_task(self._answer(question))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _answer(self, question: MeasureMessage) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._fetching:
                if await self._sounds.is_live(question.leg):
                    return
                heard, many = Loudness(), 0
                async for piece in self._sounds.pieces(question.leg):
                    heard.hear(piece)
                    many += len(piece)
        except (SoundAwayError, TimeoutError) as error:
            log.warning("a message could not be measured", reason=type(error).__name__)
            return
        self._put(MessageMeasured(leg=question.leg, seconds=heard.seconds if many else None))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("measuring a message failed", fault=type(error).__name__)

    async def close(self) -> None:
        """Nobody is answered any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
