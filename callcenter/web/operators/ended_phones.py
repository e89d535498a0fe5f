"""Log-ins end in many ways; a phone in the browser that had its password of one ends with it."""

import asyncio
from contextlib import suppress

import structlog

from callcenter.ports.people import DatabaseAwayError
from callcenter.ports.phones import PhonesError
from callcenter.web.operators.roster import Roster
from callcenter.web.operators.windows import Windows

log = structlog.get_logger(__name__)


class EndedPhones:
    """`look` is called when log-ins ended; what it begins, `close` ends."""

    def __init__(self, roster: Roster, windows: Windows) -> None:
        self._roster = roster
        self._windows = windows
        self._looking: asyncio.Task[None] | None = None
        self._is_closed = False

    def look(self) -> None:
        """Some log-ins ended, or may have: does a phone end, too?"""
        if not self._is_closed and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        """The service stops: nobody looks any more. The next start tells Asterisk all phones."""
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
            # The back office tells Asterisk again; the next end of a log-in looks again.
            log.warning("a browser's phone is not ended yet", reason=type(error).__name__)
