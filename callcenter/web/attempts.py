"""Limits wrong passwords by account and address, so that nobody can lock another person out.

Attempts are counted for an account *from one address*, so that a stranger's attempts do not count
against the owner. Guesses from many addresses are also counted for the account as a whole. That
count is not used for an address from which the account's password was right before. This module
never sees a password.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from callcenter.config import Settings
from callcenter.web.errors import Problem
from callcenter.web.limits import TokenBuckets

EVERYWHERE = 10
"""All new addresses together may send this many times as many wrong passwords for one account as a
single address."""
KNOWN_MOST = 50_000  # pairs of account and address with a right password; about 10 MB


class Attempts:
    """Counts attempts, and refuses with the problem `too_many_attempts`."""

    def __init__(self, settings: Settings, monotonic: Callable[[], float]) -> None:
        self._per_pair = TokenBuckets(
            capacity=settings.login_attempts_account,
            refill_seconds=settings.login_refill_account_seconds,
            monotonic=monotonic,
        )
        self._per_account = TokenBuckets(
            capacity=settings.login_attempts_account * EVERYWHERE,
            refill_seconds=settings.login_refill_account_seconds,
            monotonic=monotonic,
        )
        self._per_address = TokenBuckets(
            capacity=settings.login_attempts_address,
            refill_seconds=settings.login_refill_address_seconds,
            monotonic=monotonic,
        )
        self._known: OrderedDict[str, None] = OrderedDict()

    def count(self, name: str, address: str) -> None:
        """Count one attempt. Called before it is known whether the password is right."""
        taken: list[tuple[TokenBuckets, str]] = []
        for buckets, key in self._counted(name, address):
            if wait := buckets.take(key):
                for counted, given in taken:
                    counted.give_back(given)
                detail = "Wait, then try again. An administrator can reset a forgotten password."
                raise Problem("too_many_attempts", detail, retry_seconds=wait)
            taken.append((buckets, key))

    def forgive(self, name: str, address: str) -> None:
        """Take an attempt back, because no password was compared."""
        for buckets, key in self._counted(name, address):
            buckets.give_back(key)

    def succeeded(self, name: str, address: str) -> None:
        """The password was right."""
        self.forgive(name, address)
        pair = _pair(name, address)
        self._known[pair] = None
        self._known.move_to_end(pair)
        if len(self._known) > KNOWN_MOST:
            self._known.popitem(last=False)

    def _counted(self, name: str, address: str) -> list[tuple[TokenBuckets, str]]:
        pair = _pair(name, address)
        counted = [(self._per_address, _network(address)), (self._per_pair, pair)]
        return counted if pair in self._known else [*counted, (self._per_account, name)]


def _pair(name: str, address: str) -> str:
    return f"{name} {_network(address)}"


def _network(address: str) -> str:
    """The network for which attempts are counted: an IPv4 address, or the /64 of one IPv6
    customer."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(parsed) if parsed.version == 4 else str(ip_network(f"{address}/64", strict=False))
