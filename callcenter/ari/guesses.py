"""Addresses that guess SIP passwords, and are to be banned for it.

Pure: time is an argument. A guess is a request that answers a challenge; a right one sets the count
back to 0. A request from an address where a phone registered within the hour is no guess: a whole
office may be behind it, and the sender of a datagram can be forged. So those who guess at an
account never lock its owner out.

Guesses at one account from many addresses are counted too. While an account is attacked like that,
each address has GUESSES_AT_ATTACKED for it. (A phone at a new address needs two: its first answer
may be to an old challenge.)
"""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TypeVar

from callcenter.ports.bans import Network

GUESSES = 20  # of an address
ACCOUNT_GUESSES = 40  # at an account, of all addresses
WITHIN_SECONDS = 60.0  # a phone with a wrong password tries twice a minute
GUESSES_AT_ATTACKED = 3
ATTACKED_SECONDS = 600.0  # since it was guessed at so often
KNOWN_SECONDS = 3600.0  # registrations last ten minutes at most
KEPT = 5_000

Value = TypeVar("Value")
Counts = OrderedDict[bytes, tuple[float, int]]  # since when, how many


class Guesses:
    """Counts by address and by account."""

    def __init__(self) -> None:
        self.count = 0  # since the process began
        self._of_address: Counts = OrderedDict()
        self._at_account: Counts = OrderedDict()
        self._attacked: OrderedDict[bytes, float] = OrderedDict()  # until when
        self._known: OrderedDict[bytes, float] = OrderedDict()  # when a phone registered there

    def guessed(self, address: IPv4Address | IPv6Address, account: bytes, now: float) -> bool:
        """A request with a password's proof, right or wrong; True: this address is to be banned."""
        place = _place(address)
        if now - self._known.get(place, -KNOWN_SECONDS) < KNOWN_SECONDS:
            return False
        self.count += 1
        if _counted(self._at_account, account, now) >= ACCOUNT_GUESSES:
            self._attacked.pop(account, None)
            _put(self._attacked, account, now + ATTACKED_SECONDS)
        allowed = GUESSES_AT_ATTACKED if self._attacked.get(account, 0.0) > now else GUESSES
        if _counted(self._of_address, place, now) < allowed:
            return False
        del self._of_address[place]
        return True

    def registered(self, address: IPv4Address | IPv6Address, now: float) -> None:
        """Asterisk took a registration from there."""
        place = _place(address)
        self._of_address.pop(place, None)
        self._known.pop(place, None)
        _put(self._known, place, now)

    def registered_within(self, network: Network, now: float) -> bool:
        """Whether a phone registered there within the hour."""
        first, last = _place(network[0]), _place(network[-1])
        return any(
            len(place) == len(first) and first <= place <= last and now - at < KNOWN_SECONDS
            for place, at in self._known.items()
        )

    def attacked(self, now: float) -> int:
        """Accounts at which many addresses guess."""
        return sum(until > now for until in self._attacked.values())


def network_of(address: IPv4Address | IPv6Address) -> Network:
    """An IPv4 address, or the /64 that one IPv6 customer has."""
    return (
        ip_network((int(address), 64), strict=False)
        if address.version == 6
        else ip_network(address)
    )


def _place(address: IPv4Address | IPv6Address) -> bytes:
    return address.packed[:8]


def _counted(table: Counts, key: bytes, now: float) -> int:
    """One more within the time."""
    since, count = table.pop(key, (now, 0))
    if now - since > WITHIN_SECONDS:
        since, count = now, 0
    _put(table, key, (since, count + 1))
    return count + 1


def _put(table: OrderedDict[bytes, Value], key: bytes, value: Value) -> None:
    table[key] = value
    if len(table) > KEPT:
        table.popitem(last=False)
