"""The address where phones and trunks reach Asterisk, and whether anybody answers there.

Asterisk's own settings are read first, because the shell of this command may have another
environment than the one in which Asterisk was started.
"""

import os
import re
import secrets
import socket
from dataclasses import dataclass

from callcenter.config import Settings
from callcenter.hosting.stack_settings import read_settings

BIND = re.compile(r"^bind = \[?([0-9A-Fa-f.:]+?)\]?:([0-9]{1,5})$", re.MULTILINE)
"""The first match in dialplans/pjsip.conf is the UDP transport."""

ANSWER_SECONDS = 1.0
TRIES = 3  # a datagram may be lost; Asterisk may be busy


@dataclass(frozen=True, slots=True)
class SipPlace:
    """An address (0.0.0.0: every address of the host) and a port, over UDP."""

    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}/udp"

    @property
    def told(self) -> str:
        """What to type into a phone."""
        if self.address in ("0.0.0.0", "::"):
            return f"an address of this host, port {self.port}, UDP"
        return f"{self.address}, port {self.port}, UDP"

    @property
    def is_this_host_only(self) -> bool:
        """Whether only this host can reach it."""
        return self.address.startswith("127.") or self.address in ("::1", "localhost")

    def answers(self) -> bool:
        """Whether an OPTIONS from this host gets any answer (a stranger gets 401)."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        host = everywhere.get(self.address, self.address)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.settimeout(ANSWER_SECONDS)
            return any(_answered(probe, host, self.port) for _ in range(TRIES))


def sip_place(settings: Settings) -> SipPlace:
    """The place in Asterisk's pjsip.conf, otherwise that in this shell's environment. Raises
    HostingError."""
    try:
        bound = BIND.search((settings.asterisk_config_path / "pjsip.conf").read_text())
    except OSError:  # another Asterisk, or we may not read it
        bound = None
    if bound is not None:
        return SipPlace(bound[1], int(bound[2]))
    stack = read_settings(os.environ)
    return SipPlace(stack.sip_address, stack.sip_port)


def _answered(probe: socket.socket, host: str, port: int) -> bool:
    try:
        probe.connect((host, port))
        own_host, own_port = probe.getsockname()[:2]
        probe.send(_options(host, port, f"{own_host}:{own_port}").encode())
        return probe.recv(65_535).startswith(b"SIP/2.0 ")
    except OSError:  # refused, or no answer
        return False


def _options(host: str, port: int, own: str) -> str:
    """An OPTIONS request (RFC 3261, section 11)."""
    call = secrets.token_hex(8)
    return (
        f"OPTIONS sip:{host}:{port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{call}\r\n"
        f"From: <sip:doctor@{own}>;tag={call}\r\nTo: <sip:{host}:{port}>\r\n"
        f"Call-ID: {call}\r\nCSeq: 1 OPTIONS\r\nContact: <sip:doctor@{own}>\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
