"""Banned addresses at the SIP edge (dialplans/edge): behind it Asterisk never sees where a message
comes from.

They are one table of the edge's: a row for each single address, and one row with all networks. The
edge reads the file when it starts, and is told each change over its control port.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from callcenter.ari.edge_phones import EdgeAway, EdgeRpc, rows_of
from callcenter.ari.phone_files import replace_file
from callcenter.ports.bans import Ban, shown_network
from callcenter.runtime.edge import BANS_TABLE, table

NETWORKS = "networks"
NETWORKS_MOST = 200
"""The edge compares each message with every network. The latest count."""

log = structlog.get_logger(__name__)


class EdgeBans:
    """Tells the bans to the edge."""

    def __init__(self, rpc: EdgeRpc, tables: Path) -> None:
        self._rpc = rpc
        self._file = tables / BANS_TABLE
        self._told: dict[str, str] | None = None  # None: not known

    async def tell(self, bans: Sequence[Ban]) -> None:
        """Make exactly these bans known. Raises OSError if it could not be done."""
        wanted = rows(bans)
        if self._told == wanted:
            return
        # write the file first: the edge may be starting, and reads it
        await asyncio.to_thread(replace_file, self._file, table(wanted))
        had, self._told = self._told, None
        try:
            if had is None:
                had = rows_of(await self._rpc.order("htable.dump", BANS_TABLE))
            for name in sorted(had.keys() - wanted.keys()):
                await self._rpc.order("htable.delete", BANS_TABLE, name)
            for name, value in wanted.items():
                if had.get(name) != value:
                    await self._rpc.order("htable.sets", BANS_TABLE, name, value)
        except EdgeAway as error:
            raise OSError(f"the SIP edge takes no orders: {error}") from error
        self._told = wanted
        if had != wanted:
            log.warning("addresses are banned at the edge", banned=len(bans))


def rows(bans: Sequence[Ban]) -> dict[str, str]:
    """The rows of the edge's table."""
    found: dict[str, str] = {}
    networks: list[str] = []
    for ban in bans:
        network = ban.network
        if network.version == 4 and network.prefixlen == network.max_prefixlen:
            found[shown_network(network)] = "1"
        else:  # Kamailio writes IPv6 addresses in another way: compared as networks
            networks.append(str(network))
    if networks:
        found[NETWORKS] = ",".join(networks[-NETWORKS_MOST:])
    return found
