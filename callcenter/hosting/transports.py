"""The sockets on which Asterisk receives SIP: UDP for the trunk and phones, TCP and TLS only for
phones.

A certificate that phones would refuse is refused here, with a sentence. Asterisk would start
without the transport and say so only in its log.
"""

import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.hosting.errors import HostingError

CERTIFICATE_FILE, KEY_FILE = "tls-certificate.pem", "tls-key.pem"
"""Beside pjsip.conf: Asterisk sees no other folder of the host."""

_CERTIFICATE, _KEY = "CALLCENTER_SIP_TLS_CERTIFICATE", "CALLCENTER_SIP_TLS_KEY"

_SECTION = """\
[transport-{name}]
type = transport
protocol = {protocol}
bind = {bind}
domain = {domain}
allow_reload = no
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A socket of Asterisk: `udp`, `tcp` or `tls`, and the setting for its port."""

    protocol: str
    address: str
    port: int
    setting: str

    @property
    def bind(self) -> str:
        """The address in the form of pjsip.conf."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    def is_taken(self) -> str:
        """Why Asterisk cannot listen there; empty if it can."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        kind = socket.SOCK_DGRAM if self.protocol == "udp" else socket.SOCK_STREAM
        try:
            with socket.socket(family, kind) as probe:
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                if kind == socket.SOCK_STREAM:  # remains of closed connections do not count
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.address, self.port))
                if kind == socket.SOCK_STREAM:
                    probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
        return ""


def places(address: str, udp: int, tcp: int, tls: int) -> list[Place]:
    """All sockets; port 0: none. `::` is every address, with IPv4 on a socket of its own."""
    ports = [("udp", udp, "SIP_PORT"), ("tcp", tcp, "SIP_TCP_PORT"), ("tls", tls, "SIP_TLS_PORT")]
    return [
        Place(protocol, at, port, f"CALLCENTER_{setting}")
        for protocol, port, setting in ports
        if port
        for at in (("0.0.0.0", "::") if address == "::" else (address,))
    ]


def sections(found: Iterable[Place], *, domain: str, base: str) -> str:
    """The sections for pjsip.conf. The trunk's UDP comes first."""
    return "\n".join(_section(place, domain, base) for place in found)


def _section(place: Place, domain: str, base: str) -> str:
    name = place.protocol + ("6" if place.address == "::" else "")
    text = _SECTION.format(name=name, protocol=place.protocol, bind=place.bind, domain=domain)
    if place.protocol == "tls":
        text += (
            "method = sslv23\n"  # everything that OpenSSL still allows: TLS 1.2 and 1.3
            f"cert_file = {base}/etc/{CERTIFICATE_FILE}\npriv_key_file = {base}/etc/{KEY_FILE}\n"
        )
    return text


def require_certificate(certificate: str, key: str) -> tuple[str, str]:
    """The text of both files. Raises HostingError if no phone could trust the certificate."""
    for setting, path in ((_CERTIFICATE, certificate), (_KEY, key)):
        if not path:
            raise HostingError(
                f"CALLCENTER_SIP_TLS_PORT needs {setting}: a file in PEM form (the certificate "
                "with those above it, and its key without a passphrase)"
            )
    texts = tuple(
        _text(setting, path) for setting, path in ((_CERTIFICATE, certificate), (_KEY, key))
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        server.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError) as error:
        raise HostingError(
            f"{_CERTIFICATE} and {_KEY}: {certificate} and {key} are no certificate with its key, "
            f"both in PEM form, the key without a passphrase ({_reason(error)})"
        ) from error
    _require_valid_now(server, certificate)
    return texts[0], texts[1]


def _text(setting: str, path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise HostingError(f"{setting}: {path} cannot be read ({_reason(error)})") from error


def _require_valid_now(server: ssl.SSLContext, certificate: str) -> None:
    """A client that trusts exactly this certificate connects, so that the library checks its
    dates."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False  # phones know their server by many names
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(certificate)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(back, there),
        server.wrap_bio(there, back, server_side=True),
    ]
    try:
        _shake_hands(ends)
    except ssl.SSLError as error:
        raise HostingError(
            f"{_CERTIFICATE}: phones would refuse {certificate} ({_reason(error)})"
        ) from error


def _shake_hands(ends: Sequence[ssl.SSLObject]) -> None:
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


def _reason(error: Exception) -> str:
    return getattr(error, "verify_message", None) or getattr(error, "reason", None) or str(error)
