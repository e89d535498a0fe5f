"""Addresses that guess SIP passwords and must be banned.

Pure: time is an argument. A guess is a request that answers a challenge. A right answer sets the
count back to 0. A request from an address where a phone registered within the last hour is not
counted: a whole office may be behind that address, and the sender of a datagram can be forged. So
nobody can lock the owner of an account out by guessing at it.

Guesses at one account from many addresses are counted too. While an account is under such an
attack, each address may make GUESSES_AT_ATTACKED guesses at it. (A phone at a new address needs
two, because its first answer may be to an old challenge.)
"""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TypeVar

from callcenter.ports.bans import Network

GUESSES = 20  # from one address
ACCOUNT_GUESSES = 40  # at one account, from all addresses
WITHIN_SECONDS = 60.0  # a phone with a wrong password tries only twice in this time
GUESSES_AT_ATTACKED = 3
ATTACKED_SECONDS = 600.0  # an account counts as attacked for this long after ACCOUNT_GUESSES
KNOWN_SECONDS = 3600.0  # longer than any registration, which lasts ten minutes at most
KEPT = 5_000

Value = TypeVar("Value")
Counts = OrderedDict[bytes, tuple[float, int]]  # start of the count, and the count


class Guesses:
    """Counts guesses by address and by account."""

    def __init__(self) -> None:
        self.count = 0  # guesses since the process began
        self._of_address: Counts = OrderedDict()
        self._at_account: Counts = OrderedDict()
        # account, and until when it counts as attacked
        self._attacked: OrderedDict[bytes, float] = OrderedDict()
        # address, and when a phone registered from it
        self._known: OrderedDict[bytes, float] = OrderedDict()

    def guessed(self, address: IPv4Address | IPv6Address, account: bytes, now: float) -> bool:
        """Count a request with a password proof, right or wrong. Gives True if its address must be
        banned."""
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
        """Asterisk accepted a registration from this address."""
        place = _place(address)
        self._of_address.pop(place, None)
        self._known.pop(place, None)
        _put(self._known, place, now)

    def registered_within(self, network: Network, now: float) -> bool:
        """Whether a phone registered from this network within the last hour."""
        first, last = _place(network[0]), _place(network[-1])
        return any(
            len(place) == len(first) and first <= place <= last and now - at < KNOWN_SECONDS
            for place, at in self._known.items()
        )

    def attacked(self, now: float) -> int:
        """The number of accounts that are under attack from many addresses."""
        return sum(until > now for until in self._attacked.values())


def network_of(address: IPv4Address | IPv6Address) -> Network:
    """An IPv4 address itself, or the /64 network of an IPv6 address, which belongs to one
    customer."""
    return (
        ip_network((int(address), 64), strict=False)
        if address.version == 6
        else ip_network(address)
    )


def _place(address: IPv4Address | IPv6Address) -> bytes:
    return address.packed[:8]


def _counted(table: Counts, key: bytes, now: float) -> int:
    """Count one more; gives the number within WITHIN_SECONDS."""
    since, count = table.pop(key, (now, 0))
    if now - since > WITHIN_SECONDS:
        since, count = now, 0
    _put(table, key, (since, count + 1))
    return count + 1


def _put(table: OrderedDict[bytes, Value], key: bytes, value: Value) -> None:
    table[key] = value
    if len(table) > KEPT:
        table.popitem(last=False)
