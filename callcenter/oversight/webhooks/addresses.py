"""Where a webhook may be sent: never to this host or to a cloud's metadata, unless it is listed.

The address is checked when the connection is made, not only when the webhook is made. So a name
that later means another address is refused as well. Redirects are not followed (sender.py).
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

LONGEST_URL = 500
_OF_ONE_SITE = (
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "fec0::/10",
    "fd00:ec2::/32",
    "100.100.100.200/32",
)
"""Networks that Python does not know as local: NAT64, and the metadata of clouds."""
_REFUSED = tuple(ipaddress.ip_network(each) for each in _OF_ONE_SITE)


class NotAllowedError(OSError):
    """Nothing may be sent to this address."""


def why_not(url: str, listed: Collection[str]) -> str:
    """What is wrong with an address, as a sentence. Empty if no fault can be seen."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "That is no address."
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"Up to {LONGEST_URL} plain characters."
    if not host or parts.username is not None or parts.fragment:
        return "Accepted: https://host/path, without a user, a password or a #."
    if not is_literal(host) and host.replace(".", "").isdigit():
        return "Write an address as four numbers: 192.0.2.7."  # 127.1 and 2130706433 are this host
    if parts.scheme != "https" and not (parts.scheme == "http" and host in listed):
        return "Accepted: https, and http for hosts in CALLCENTER_WEBHOOK_HOSTS."
    if host not in listed and (is_literal(host) and not is_allowed(host)):
        return "This host and its neighbours are reached only if CALLCENTER_WEBHOOK_HOSTS lists it."
    return ""


def is_literal(host: str) -> bool:
    """Whether it is an address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_allowed(address: str) -> bool:
    """Whether the address is allowed. Private networks are; this host and metadata are not."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    if any(found.version == net.version and found in net for net in _REFUSED):
        return False
    return not (
        found.is_loopback
        or found.is_link_local
        or found.is_multicast
        or found.is_unspecified
        or found.is_reserved
    )


class Guard(AbstractResolver):
    """Resolves names for aiohttp, and leaves out addresses that are not allowed."""

    def __init__(self, listed: Collection[str]) -> None:
        self._listed = listed
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if host in self._listed:
            return found
        right = [each for each in found if is_allowed(each["host"])]
        if not right:
            raise NotAllowedError("its address is not allowed")
        return right

    async def close(self) -> None:
        await self._inner.close()
