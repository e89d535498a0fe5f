"""Addresses of which Asterisk is to hear nothing: who guesses passwords, and whom a person named.

The web adapter knows the port, `ari/bans.py` fills it in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

Network = IPv4Network | IPv6Network

SHORTEST_PREFIX = {4: 16, 6: 48}
"""A wider network than that is no stranger's: banned by a slip, it would be everybody's phone. In
IPv6 a /48 is what one organisation has."""


AS_IPV6 = IPv6Network("::ffff:0:0/96")
"""All of IPv4, as IPv6 writes it. Asterisk compares such an address with IPv4 lines alone."""


class NoBanError(Exception):
    """This cannot be banned; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """`until` in seconds since 1970; `by_hand`: a person said so, else for guessing."""

    network: Network
    until: int
    by_hand: bool


class Bans(Protocol):
    """The bans in force, in this moment or a few seconds later."""

    def all(self) -> Sequence[Ban]:
        """Those in force, in the order in which they were made."""
        ...

    def ban(self, network: Network, seconds: int, *, also_phones: bool = False) -> Ban:
        """By hand; takes the place of another one of that network. NoBanError, also when an
        operator's phone is there and `also_phones` is not said."""
        ...

    def lift(self, network: Network) -> bool:
        """False when there was none."""
        ...


def plain_network(network: Network) -> Network:
    """An IPv4 network that was written as IPv6 does (::ffff:192.0.2.66) becomes IPv4 again."""
    if isinstance(network, IPv4Network) or not network.subnet_of(AS_IPV6):
        return network
    return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))


def shown_network(network: Network) -> str:
    """An address where it is a single one."""
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address if single else network)
