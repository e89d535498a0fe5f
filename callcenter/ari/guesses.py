"""Who guesses SIP passwords, and for how long Asterisk is to hear nothing of that address.

Fed by hep.py, read by bans.py. Pure: time is an argument. A guess is a request with the answer to
a challenge; who was let in has guessed right, and begins anew. An address at which a phone
registered within the hour is never banned: behind it may be a whole office, and the sender of a
datagram can be made up. (The trunk's is let through by pjsip.conf, whatever is banned.)
"""

from collections import OrderedDict
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TypeVar

GUESSES = 20
WITHIN_SECONDS = 60.0  # a phone with a wrong password tries twice a minute
BAN_SECONDS = 600.0
KNOWN_SECONDS = 3600.0  # registrations last ten minutes at most
KEPT = 5_000
BANS_KEPT = 200  # Asterisk compares each message with each of them


Value = TypeVar("Value")


class Guesses:
    """Counts by address, and bans."""

    def __init__(self) -> None:
        self.bans = 0  # since the process began
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many
        self._known: OrderedDict[str, float] = OrderedDict()  # when a phone registered there
        self._banned: OrderedDict[str, float] = OrderedDict()  # until when

    def guessed(self, address: IPv4Address | IPv6Address, now: float) -> None:
        """A request with a password's proof, right or wrong."""
        place = _place(address)
        if place in self._banned or now - self._known.get(place, -KNOWN_SECONDS) < KNOWN_SECONDS:
            return
        since, count = self._counts.pop(place, (now, 0))
        if now - since > WITHIN_SECONDS:
            since, count = now, 0
        if count + 1 < GUESSES:
            _put(self._counts, place, (since, count + 1), KEPT)
            return
        self.bans += 1
        _put(self._banned, place, now + BAN_SECONDS, BANS_KEPT)

    def registered(self, address: IPv4Address | IPv6Address, now: float) -> None:
        """Asterisk took a registration from there."""
        place = _place(address)
        self._counts.pop(place, None)
        self._known.pop(place, None)
        _put(self._known, place, now, KEPT)

    def banned(self, now: float) -> tuple[str, ...]:
        """The addresses (IPv6: networks of 64 bits) that are banned now."""
        while self._banned and next(iter(self._banned.values())) <= now:
            self._banned.popitem(last=False)
        return tuple(self._banned)


def _place(address: IPv4Address | IPv6Address) -> str:
    """An IPv4 address, or the /64 that one IPv6 customer has."""
    return str(address if address.version == 4 else ip_network((int(address), 64), strict=False))


def _put(table: OrderedDict[str, Value], key: str, value: Value, kept: int) -> None:
    table[key] = value
    if len(table) > kept:
        table.popitem(last=False)
