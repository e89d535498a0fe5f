"""Addresses that Asterisk must ignore: those that guess passwords, and those that a person banned.

The web adapter uses this port, and `ari/bans.py` implements it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

Network = IPv4Network | IPv6Network

SHORTEST_PREFIX = {4: 16, 6: 48}
"""Wider networks cannot be banned: by mistake that would ban everybody's phone. In IPv6 one
organisation has a /48."""


AS_IPV6 = IPv6Network("::ffff:0:0/96")
"""All of IPv4 in IPv6 form. Asterisk compares such an address only with IPv4 lines."""


class NoBanError(Exception):
    """This cannot be banned. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """`until` in seconds since 1970. `by_hand`: a person made it; otherwise it is for guessing."""

    network: Network
    until: int
    by_hand: bool


class Bans(Protocol):
    """The bans that are in force now, or in a few seconds."""

    def all(self) -> Sequence[Ban]:
        """The bans in force, in the order in which they were made."""
        ...

    def ban(self, network: Network, seconds: int, *, also_phones: bool = False) -> Ban:
        """Make a ban by hand. It replaces another ban of that network. Raises NoBanError, also if
        an operator's phone is there and `also_phones` is not set."""
        ...

    def lift(self, network: Network) -> bool:
        """Lift a ban. Gives False if there was none."""
        ...


def plain_network(network: Network) -> Network:
    """An IPv4 network in IPv6 form (::ffff:192.0.2.66) becomes IPv4 again."""
    if isinstance(network, IPv4Network) or not network.subnet_of(AS_IPV6):
        return network
    return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))


def shown_network(network: Network) -> str:
    """The network as text; a single address without its prefix length."""
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address if single else network)
