"""The banned addresses, and the file from which Asterisk reads them: bans.pjsip.conf, which
pjsip.conf includes.

Asterisk answers 403 to a banned address before it looks at anything else. The file also says when
each ban ends. The service reads it when it starts.

This host and the trunks are never banned, even if somebody forges their addresses: pjsip.conf lets
them through, and Asterisk is asked for the trunks' addresses.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import structlog

from callcenter.ari import rest
from callcenter.ari.phone_files import replace_file
from callcenter.ari.trunks import settings_of
from callcenter.ports.bans import SHORTEST_PREFIX, Ban, Network, NoBanError, shown_network
from callcenter.runtime.pulse import pulse

BANS_FILE = "bans.pjsip.conf"
REST_SECONDS = 5.0  # between two changes, because Asterisk reads all of pjsip.conf for each
BAN_SECONDS = 600  # the length of a ban for guessing passwords
BANS_KEPT = 1_000  # Asterisk compares each message with every ban, which takes microseconds
THIS_HOST = (ip_network("127.0.0.1"), ip_network("::1"))  # pjsip.conf always accepts it

_HEAD = "; Written by the service; changes made here are lost.\n"
_BAN = re.compile(r"^; (by hand|for guessing) until (\S+)\ndeny = (\S+)$", re.MULTILINE)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Reader:
    """One Asterisk: the folder of its settings, how it is asked, and whether it is connected.
    `read`: what it has read."""

    directory: Path
    ask: Callable[[rest.Request], Awaitable[rest.Response]]
    connected: Callable[[], bool]
    read: str | None = None
    trouble: str = ""

    @property
    def file(self) -> Path:
        """Where it reads the bans."""
        return self.directory / BANS_FILE


class Bans:
    """Implements ports.bans.Bans. `wall` gives seconds since 1970. `has_phones` says whether a
    phone registered from a network within the last hour. `others` are further Asterisks; the first
    one's file is kept. `edge` tells the bans to the SIP edge; it raises OSError if it cannot."""

    def __init__(
        self,
        directory: Path,
        ask: Callable[[rest.Request], Awaitable[rest.Response]],
        connected: Callable[[], bool],
        trunk_names: Callable[[], Collection[str]] = tuple,
        wall: Callable[[], float] = time.time,
        has_phones: Callable[[Network], bool] = lambda network: False,
        others: Sequence[Reader] = (),
        edge: Callable[[Sequence[Ban]], Awaitable[None]] | None = None,
    ) -> None:
        self.made = 0  # bans for guessing since the process began
        self._first = Reader(directory, ask, connected)
        self._readers = (self._first, *others)
        self._edge = edge
        self._trunk_names = trunk_names
        self._wall = wall
        self._has_phones = has_phones
        self._spared: tuple[Network, ...] = THIS_HOST
        self._bans = {ban.network: ban for ban in kept(self._first.file)}

    def all(self) -> Sequence[Ban]:
        """The bans in force."""
        now = self._wall()
        self._bans = {place: ban for place, ban in self._bans.items() if ban.until > now}
        return tuple(self._bans.values())

    def ban(self, network: Network, seconds: int, *, also_phones: bool = False) -> Ban:
        """Ban a network on a person's order. Raises NoBanError if that is not allowed."""
        if network.prefixlen < SHORTEST_PREFIX[network.version]:
            shortest = SHORTEST_PREFIX[network.version]
            raise NoBanError(f"That are too many addresses at once: /{shortest} at the most.")
        if self._is_spared(network):
            raise NoBanError("It is this host or a trunk, which Asterisk always hears.")
        if self._has_phones(network) and not also_phones:
            raise NoBanError(
                "A phone registered from there within the hour: that operator could not be called "
                "any more. Say `also_phones` (`--also-phones`) if that is meant."
            )
        if sum(ban.by_hand for ban in self.all()) >= BANS_KEPT and network not in self._bans:
            raise NoBanError(f"There are {BANS_KEPT} already; a firewall is the place for so many.")
        return self._put(Ban(network=network, until=int(self._wall()) + seconds, by_hand=True))

    def ban_guesser(self, network: Network) -> None:
        """Ban for BAN_SECONDS. Does nothing if the network is banned already or may not be
        banned."""
        if self._is_spared(network) or any(covers(ban.network, network) for ban in self.all()):
            return
        self.made += 1
        self._put(Ban(network=network, until=int(self._wall()) + BAN_SECONDS, by_hand=False))

    def lift(self, network: Network) -> bool:
        """Lift a ban; gives False when there was none."""
        return self._bans.pop(network, None) is not None

    def count(self) -> dict[bool, int]:
        """The number of bans in force: those made by hand under True, those for guessing under
        False."""
        by_hand = sum(ban.by_hand for ban in self.all())
        return {True: by_hand, False: len(self._bans) - by_hand}

    def _put(self, ban: Ban) -> Ban:
        self._bans.pop(ban.network, None)
        self._bans[ban.network] = ban
        if len(self._bans) > BANS_KEPT:
            guessers = (old.network for old in self._bans.values() if not old.by_hand)
            del self._bans[next(guessers)]
        return ban

    def _is_spared(self, network: Network) -> bool:
        return any(covers(spared, network) for spared in self._spared)

    async def run(self) -> None:
        """Have every Asterisk, and the edge, read each change. Runs until cancelled."""
        tasks = [self._keep_told(reader) for reader in self._readers]
        if self._edge is not None:
            tasks.append(self._keep_edge_told(self._edge))
        await asyncio.gather(*tasks)

    async def _keep_told(self, reader: Reader) -> None:
        while True:
            wanted = text_of(self.all())
            if not reader.connected():
                reader.read = None  # a restarted Asterisk may have another file
            if not reader.connected() or wanted == reader.read:
                await pulse()
                continue
            try:
                await self._tell(reader, wanted)
                reader.trouble = ""
            except OSError as error:
                reader.trouble = _said(error, reader.trouble, BANS_FILE)
            await pulse(REST_SECONDS)

    async def _keep_edge_told(self, tell: Callable[[Sequence[Ban]], Awaitable[None]]) -> None:
        trouble = ""
        while True:
            try:
                await tell(self.all())
                trouble = ""
                await pulse()
            except OSError as error:
                trouble = _said(error, trouble, "edge")
                await pulse(REST_SECONDS)

    async def _tell(self, reader: Reader, wanted: str) -> None:
        """Write the file and have Asterisk read it. A 204 means it has; any other answer is tried
        again."""
        if reader.read is None:
            if reader is self._first:
                await self._ask_for_trunks()
            if wanted == _HEAD and not reader.file.exists():
                reader.read = wanted
                return
        await asyncio.to_thread(replace_file, reader.file, wanted)
        answer = await reader.ask(rest.reload_module("res_pjsip.so"))
        if answer.status == 204:
            before, reader.read = reader.read or "", wanted
            if _places(wanted) != _places(before):
                log.warning("addresses are banned from sip", banned=len(_places(wanted)))

    async def _ask_for_trunks(self) -> None:
        """Ask Asterisk for the trunks' addresses that are in force."""
        found = list(THIS_HOST)
        for name in self._trunk_names():
            pairs = await settings_of(self._first.ask, "identify", name)
            for match in pairs.get("match", "").split(","):
                try:
                    found.append(ip_network(match.strip(), strict=False))
                except ValueError:
                    continue  # a host name, or empty
        self._spared = tuple(found)


def covers(wide: Network, narrow: Network) -> bool:
    """Whether all of `narrow` is in `wide`."""
    if wide.version == 4 and narrow.version == 4:
        return narrow.subnet_of(wide)
    return wide.version == 6 and narrow.version == 6 and narrow.subnet_of(wide)


def text_of(bans: Sequence[Ban]) -> str:
    """The contents of the file."""
    return _HEAD + "".join(
        f"; {'by hand' if ban.by_hand else 'for guessing'} until "
        f"{datetime.fromtimestamp(ban.until, UTC):%Y-%m-%dT%H:%M:%SZ}\n"
        f"deny = {shown_network(ban.network)}\n"
        for ban in bans
    )


def kept(file: Path) -> Iterator[Ban]:
    """The bans in the file. Lines that make no sense are skipped."""
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError):
        return
    for why, until, place in _BAN.findall(text):
        try:
            yield Ban(
                network=ip_network(place),
                until=int(datetime.fromisoformat(until).timestamp()),
                by_hand=why == "by hand",
            )
        except ValueError:
            continue


def _said(error: OSError, before: str, where: str) -> str:
    """The reason, logged once."""
    reason = error.strerror or str(error) or type(error).__name__
    if reason != before:
        log.warning("who guesses passwords is not banned", file=where, why=reason)
    return reason


def _places(text: str) -> list[str]:
    return re.findall(r"^deny = (\S+)$", text, re.MULTILINE)
