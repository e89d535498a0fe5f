"""Packets from one loopback address to another are lost, in one direction only, and nobody is told.

Such packets are routed to a device that leads nowhere. Needs root. Everything is put back by
`heal()`. What is not named here goes on as before.
"""

import subprocess
from pathlib import Path

DEVICE, FAR_END, TABLE = "lost", "lost-end", "1515"


class OneWay:
    """`cut()` as often as needed, then `heal()`."""

    def __init__(self) -> None:
        self._rules: list[list[str]] = []

    def cut(
        self,
        *,
        protocol: str,
        from_address: str = "",
        to_address: str = "",
        from_port: int = 0,
        to_port: int = 0,
    ) -> None:
        """Lose what is sent from this place to that one. What is not given may be anything."""
        if not self._rules:
            self._open()
        rule = ["ipproto", protocol]
        for word, value in (
            ("from", from_address),
            ("to", to_address),
            ("sport", from_port),
            ("dport", to_port),
        ):
            rule += [word, str(value)] if value else []
        _ip("rule", "add", "pref", "10", *rule, "lookup", TABLE)
        self._rules.append(rule)

    def heal(self) -> None:
        """Everything arrives again."""
        for rule in self._rules:
            _ip("rule", "del", "pref", "10", *rule, "lookup", TABLE)
        if self._rules:
            _ip("rule", "add", "pref", "0", "lookup", "local")
            _ip("rule", "del", "pref", "100", "lookup", "local")
            _ip("link", "del", DEVICE)
        self._rules.clear()

    def _open(self) -> None:
        """The device, and the kernel's own rule for local addresses behind ours."""
        _ip("link", "add", DEVICE, "type", "veth", "peer", "name", FAR_END)
        for device in (DEVICE, FAR_END):
            _ip("link", "set", device, "arp", "off", "up")
        Path(f"/proc/sys/net/ipv4/conf/{DEVICE}/route_localnet").write_text("1")
        _ip("route", "add", "default", "dev", DEVICE, "table", TABLE)
        _ip("rule", "add", "pref", "100", "lookup", "local")
        _ip("rule", "del", "pref", "0", "lookup", "local")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
