"""Ends the browser phones of log-ins that have ended, however they ended."""

import asyncio
from contextlib import suppress

import structlog

from callcenter.ports.people import DatabaseAwayError
from callcenter.ports.phones import PhonesError
from callcenter.web.operators.roster import Roster
from callcenter.web.operators.windows import Windows

log = structlog.get_logger(__name__)


class EndedPhones:
    """`look` is called when log-ins have ended. `close` ends the task that it starts."""

    def __init__(self, roster: Roster, windows: Windows) -> None:
        self._roster = roster
        self._windows = windows
        self._looking: asyncio.Task[None] | None = None
        self._is_closed = False

    def look(self) -> None:
        """Log-ins have ended, or may have. Check whether a phone must end, too."""
        if not self._is_closed and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        """Stop, because the service stops. At the next start Asterisk is told all phones."""
        self._is_closed = True
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self) -> None:
        try:
            before = await self._roster.cards()
            if not any(card.browser_secret for card in before.values()):
                return
            await self._roster.read_again()
            cards = await self._roster.cards()
            for operator in self._windows.all():
                if operator not in cards or cards[operator].browser_secret is None:
                    self._windows.free(operator)
            await self._roster.publish()
        except (DatabaseAwayError, PhonesError) as error:
            # The back office tells Asterisk again, and the next end of a log-in checks again.
            log.warning("a browser's phone is not ended yet", reason=type(error).__name__)
