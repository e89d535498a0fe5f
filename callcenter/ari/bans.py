"""Tells Asterisk which addresses are banned: bans.pjsip.conf, which pjsip.conf includes.

Run by app.py. Asterisk answers 403 to whoever is banned, before it looks at anything else. The bans
are in memory: a service that starts anew has none, and takes back what Asterisk had.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from callcenter.ari import rest
from callcenter.ari.guesses import Guesses
from callcenter.ari.phone_files import replace_file
from callcenter.runtime.pulse import pulse

BANS_FILE = "bans.pjsip.conf"
REST_SECONDS = 5.0  # between two changes: Asterisk reads all of pjsip.conf for each

log = structlog.get_logger(__name__)


class Bans:
    """The file, and whether Asterisk has read it."""

    def __init__(
        self,
        guesses: Guesses,
        directory: Path,
        ask: Callable[[rest.Request], Awaitable[rest.Response]],
        connected: Callable[[], bool],
    ) -> None:
        self._guesses = guesses
        self._file = directory / BANS_FILE
        self._ask = ask
        self._connected = connected
        self._read: tuple[str, ...] | None = None

    async def run(self) -> None:
        """Until cancelled."""
        trouble = ""
        while True:
            wanted = self._guesses.banned(asyncio.get_running_loop().time())
            if not self._connected() or wanted == self._read:
                await pulse()
                continue
            try:
                await self._tell(wanted)
                trouble = ""
            except OSError as error:
                reason = error.strerror or type(error).__name__
                if reason != trouble:
                    log.warning("who guesses passwords is not banned", file=BANS_FILE, why=reason)
                trouble = reason
            await pulse(REST_SECONDS)

    async def _tell(self, wanted: tuple[str, ...]) -> None:
        """Asterisk has read it when it says 204; anything else is tried again."""
        if self._read is None and not wanted and not self._file.exists():
            self._read = wanted
            return
        text = "".join(f"deny = {place}\n" for place in wanted)
        await asyncio.to_thread(replace_file, self._file, text)
        answer = await self._ask(rest.reload_module("res_pjsip.so"))
        if answer.status == 204:
            before, self._read = self._read or (), wanted
            if set(wanted) != set(before):
                log.warning("addresses that guess sip passwords are banned", banned=len(wanted))
