"""The settings that `callcenter run` reads from the environment: the folders and addresses of the
parts.

The service itself reads the same variables through `callcenter.config`. This copy uses only the
standard library, because it runs before anything is installed. A variable that only hosting knows
(HOSTING_ONLY) is not passed to the service, which refuses unknown names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path

from callcenter.hosting.asterisk_files import AsteriskSettings
from callcenter.hosting.errors import HostingError
from callcenter.hosting.kamailio import EdgeSettings
from callcenter.runtime.edge import edge_key
from callcenter.runtime.nodes import MOST_NODES

PREFIX = "CALLCENTER_"
FIRST_NODE = ip_address("127.0.1.11")
"""The nodes have addresses of this host only, because trunk and phones speak with the edge."""

HOSTING_ONLY = {
    "CACHE": "Where programs that were built or fetched are kept; by default ~/.cache/callcenter.",
    "PG_BIN": "The folder with PostgreSQL's programs; by default those of the Python package.",
    "POSTGRES_USER": "Whom PostgreSQL runs as when root starts it.",
    "SERVICE_USER": "Whom the service runs as when root starts it: callcenter, or root as well.",
    "SIP_ADDRESS": "Where trunks and phones reach Asterisk; 0.0.0.0: every address of the host.",
    "SIP_PORT": "The UDP port at which trunks and phones reach Asterisk.",
    "NODES": "How many Asterisk nodes stand behind a SIP edge; 0: one Asterisk without an edge.",
    "EDGE_ADDRESS": "Where the edge is for its nodes, which are at 127.0.1.11 and above.",
    "EDGE_PORT": "The UDP port for that, of the edge and of each node.",
    "EDGE_WS_PORT": "The port of this host at which the edge takes browsers' SIP.",
    "EDGE_RPC_PORT": "The port of this host at which the edge takes orders.",
    "CALLS_PER_SECOND": "The trunk's calls a second that the edge lets in.",
    "SIP_TCP_PORT": "Where phones reach Asterisk over TCP; 0: they do not.",
    "SIP_TLS_PORT": "Where phones reach Asterisk over TLS; 0: they do not.",
    "SIP_TLS_CERTIFICATE": "The certificate for that, a PEM file with those above it.",
    "SIP_TLS_KEY": "Its key, a PEM file without a passphrase.",
    "RTP_ADDRESS": "The address of the calls' sound, if it is not SIP's; 0.0.0.0: every one.",
    "ASTERISK_HTTP_ADDRESS": "The address of ARI and of browser phones.",
    "ASTERISK_HTTP_PORT": "The port of ARI and of browser phones.",
    "PROMETHEUS_PORT": "Where Prometheus answers on this host; 0: none is started.",
    "RTP_PORT_FIRST": "The first UDP port of the calls' sound.",
    "RTP_PORT_LAST": "The last one; a call takes four.",
    "RTP_TIMEOUT_SECONDS": "Seconds without sound after which a call is ended unasked; 0: never.",
    "HOLD_LIMIT_SECONDS": "Seconds of announced hold after which a call is ended; 0: no limit.",
    "TRUNKS": "Addresses or networks of the carrier, with commas.",
    "CALLS_PER_ADDRESS": "Calls at once from one address of a trunk; 0: all there is room for, or "
    "three quarters of it where a trunk has several addresses.",
    "TRUNK_CONTACTS": "Carriers that answer OPTIONS (sip:192.0.2.7:5060), with commas.",
    "CALLBACK_CONTACT": "The carrier by which citizens are called back (sip:192.0.2.7:5060).",
    "GREETING": "Recordings, joined by &, that greet a caller; callcenter/KEY: a prompt.",
    "PRIVACY_NOTICE": "The recording after the greeting.",
    "LIFEBOAT_MESSAGE": "The recording for callers whom the lifeboat takes.",
    "LIFEBOAT_RETRIES": "How often the lifeboat gives the service time to come back, first.",
    "LIFEBOAT_RETRY_SECONDS": "How long each time, in seconds.",
    "LIFEBOAT_MAX_WAIT_SECONDS": "How long the lifeboat keeps a caller; 0: as long as calls last.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    """Every address and port can be set, so that two installations can run side by side."""

    data_dir: Path
    database_url: str | None
    postgres_user: str
    service_user: str
    ari_url: str | None
    ari_user: str
    web_address: str
    web_port: int
    sip_address: str
    sip_port: int
    nodes: int  # behind a SIP edge; 0: there is none
    edge_address: str
    edge_port: int
    edge_ws_port: int
    edge_rpc_port: int
    calls_per_second: int
    sip_tcp_port: int  # 0: none
    sip_tls_port: int  # 0: none
    sip_tls_certificate: str
    sip_tls_key: str
    rtp_address: str  # "": the same as for SIP
    asterisk_http_address: str
    asterisk_http_port: int
    prometheus_port: int  # 0: none is started
    rtp_port_first: int
    rtp_port_last: int
    rtp_timeout_seconds: int  # 0: never
    hold_limit_seconds: int  # 0: never
    trunks: tuple[str, ...]
    calls_per_address: int  # 0: by the number of addresses
    trunk_contacts: tuple[str, ...]
    callback_contact: str
    greeting: str
    privacy_notice: str
    lifeboat_message: str
    lifeboat_retries: int
    lifeboat_retry_seconds: int
    lifeboat_max_wait_seconds: int  # 0: until the longest call's limit

    def __post_init__(self) -> None:
        if self.rtp_port_last - self.rtp_port_first < 3:
            raise HostingError("CALLCENTER_RTP_PORT_LAST: a call takes four ports, give it more")
        self._require_different_ports()
        if self.nodes > MOST_NODES:
            raise HostingError(f"CALLCENTER_NODES: {MOST_NODES} at most")
        if self.nodes and (self.rtp_port_last - self.rtp_port_first + 1) // self.nodes < 4:
            raise HostingError("CALLCENTER_RTP_PORT_LAST: each node takes four ports, give it more")
        if self.nodes and self.ari_url is not None:
            raise HostingError(
                "CALLCENTER_NODES and CALLCENTER_ARI_URL: an Asterisk of your own is no node of "
                "the edge that is started here; unset one of them"
            )
        if self.nodes and (self.sip_tcp_port or self.sip_tls_port):
            raise HostingError(
                "CALLCENTER_NODES: the edge speaks UDP and TCP at CALLCENTER_SIP_PORT, and no TLS "
                "as yet; unset CALLCENTER_SIP_TCP_PORT and CALLCENTER_SIP_TLS_PORT"
            )

    def _require_different_ports(self) -> None:
        """The service receives copies of SIP over UDP at the number of its web port, too."""
        names = (
            "web_port",
            "asterisk_http_port",
            "prometheus_port",
            *(("edge_ws_port", "edge_rpc_port") if self.nodes else ()),
            "sip_tcp_port",
            "sip_tls_port",
        )
        by_port: dict[int, list[str]] = {}
        for name in names:
            by_port.setdefault(getattr(self, name), []).append(PREFIX + name.upper())
        same = [
            f"{' and '.join(who)} are both {port}"
            for port, who in by_port.items()
            if len(who) > 1 and port
        ]
        if self.sip_port == self.web_port:
            same.append(f"{PREFIX}WEB_PORT and {PREFIX}SIP_PORT are both {self.sip_port}")
        if same:
            raise HostingError("; ".join(same) + ": give each its own port")


def read_settings(environment: Mapping[str, str]) -> StackSettings:
    """The settings in an environment. Raises HostingError, which names the unusable variable."""
    reader = _Reader(environment)
    return StackSettings(
        data_dir=Path(reader.text("DATA_DIR", "var")).resolve(),
        database_url=reader.text("DATABASE_URL", "") or None,
        service_user=reader.one_of("SERVICE_USER", ("callcenter", "root")),
        postgres_user=reader.text("POSTGRES_USER", "nobody"),
        ari_url=reader.text("ARI_URL", "") or None,
        ari_user=reader.text("ARI_USER", "callcenter"),
        web_address=reader.text("WEB_ADDRESS", "127.0.0.1"),
        web_port=reader.port("WEB_PORT", 8080),
        sip_address=reader.text("SIP_ADDRESS", "127.0.0.1"),
        sip_port=reader.port("SIP_PORT", 5060),
        nodes=reader.number("NODES", 0, 0, 64),
        edge_address=reader.text("EDGE_ADDRESS", "127.0.1.1"),
        edge_port=reader.port("EDGE_PORT", 5060),
        edge_ws_port=reader.port("EDGE_WS_PORT", 8091),
        edge_rpc_port=reader.port("EDGE_RPC_PORT", 8092),
        calls_per_second=reader.number("CALLS_PER_SECOND", 200, 1, 100_000),
        sip_tcp_port=reader.number("SIP_TCP_PORT", 0, 0, 65_535),
        sip_tls_port=reader.number("SIP_TLS_PORT", 0, 0, 65_535),
        sip_tls_certificate=reader.text("SIP_TLS_CERTIFICATE", ""),
        sip_tls_key=reader.text("SIP_TLS_KEY", ""),
        rtp_address=reader.text("RTP_ADDRESS", ""),
        asterisk_http_address=reader.text("ASTERISK_HTTP_ADDRESS", "127.0.0.1"),
        asterisk_http_port=reader.port("ASTERISK_HTTP_PORT", 8088),
        prometheus_port=reader.number("PROMETHEUS_PORT", 9090, 0, 65_535),
        rtp_port_first=reader.port("RTP_PORT_FIRST", 10_000),
        rtp_port_last=reader.port("RTP_PORT_LAST", 19_999),
        rtp_timeout_seconds=reader.number("RTP_TIMEOUT_SECONDS", 0, 0, 86_400),
        hold_limit_seconds=reader.number("HOLD_LIMIT_SECONDS", 1800, 0, 86_400),
        trunks=reader.listed("TRUNKS", "127.0.0.1"),
        calls_per_address=reader.number("CALLS_PER_ADDRESS", 0, 0, 100_000),
        trunk_contacts=reader.listed("TRUNK_CONTACTS", ""),
        callback_contact=reader.text("CALLBACK_CONTACT", ""),
        greeting=reader.text("GREETING", "callcenter/greeting", empty_counts=True),
        privacy_notice=reader.text(
            "PRIVACY_NOTICE", "callcenter/recording_notice", empty_counts=True
        ),
        lifeboat_message=reader.text(
            "LIFEBOAT_MESSAGE", "callcenter/please_wait", empty_counts=True
        ),
        lifeboat_retries=reader.number("LIFEBOAT_RETRIES", 3, 0, 1000),
        lifeboat_retry_seconds=reader.number("LIFEBOAT_RETRY_SECONDS", 4, 1, 3600),
        lifeboat_max_wait_seconds=reader.number("LIFEBOAT_MAX_WAIT_SECONDS", 1800, 0, 86_400),
    )


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str, *, empty_counts: bool = False) -> str:
        found = self._environment.get(PREFIX + name)
        if found is None or (found == "" and not empty_counts):
            return default
        return found

    def one_of(self, name: str, accepted: tuple[str, ...]) -> str:
        """One of these values; the first if it is not set."""
        found = self.text(name, accepted[0])
        if found not in accepted:
            words = " or ".join(accepted)
            raise HostingError(f"{PREFIX}{name}: found {found[:40]!r}; {words} is accepted")
        return found

    def listed(self, name: str, default: str) -> tuple[str, ...]:
        parts = (part.strip() for part in self.text(name, default).split(","))
        return tuple(part for part in parts if part)

    def port(self, name: str, default: int) -> int:
        return self.number(name, default, 1, 65_535)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise HostingError(
                f"{PREFIX}{name}: found {text[:40]!r}; a whole number from {least} to {most} is "
                "accepted. Correct it or unset it"
            )
        return int(text)


def asterisk_settings(
    settings: StackSettings, ari_password: str, number: int = 1
) -> AsteriskSettings:
    """The settings of the stack that have the same name for Asterisk. Behind an edge, Asterisk does
    not receive SIP where trunk and phones send it, but it receives their sound. `number`: which of
    several nodes; each has an address of this host only, and a share of the ports for sound."""
    known = {field.name for field in fields(AsteriskSettings)}
    alike = {
        field.name: getattr(settings, field.name)
        for field in fields(settings)
        if field.name in known
    }
    if settings.nodes:
        alike |= {
            "sip_address": node_address(number),
            "sip_port": settings.edge_port,
            "rtp_address": settings.rtp_address or settings.sip_address,
            "edge": edge_place(settings),
            "trunk_contacts": (),  # the carrier knows only the edge, and would not answer others
        }
    if settings.nodes > 1:
        share = (settings.rtp_port_last - settings.rtp_port_first + 1) // settings.nodes // 2 * 2
        first = settings.rtp_port_first + (number - 1) * share
        alike |= {"rtp_port_first": first, "rtp_port_last": first + share - 1}
    several = settings.nodes > 1
    return AsteriskSettings(
        name=node_name(number) if several else f"callcenter-{settings.asterisk_http_port}",
        http_address=settings.asterisk_http_address if number == 1 else node_address(number),
        http_port=settings.asterisk_http_port,
        hep_port=settings.web_port,
        ari_password=ari_password,
        **alike,
    )


def node_name(number: int) -> str:
    """The name of the first, second, ... of several nodes."""
    return f"n{number}"


def node_address(number: int) -> str:
    """The SIP address of the first, second, ... node."""
    return str(FIRST_NODE + (number - 1))


def edge_place(settings: StackSettings) -> str:
    """The address of the edge for its nodes."""
    return f"{settings.edge_address}:{settings.edge_port}"


def edge_settings(settings: StackSettings, ari_password: str) -> EdgeSettings:
    """The settings of the edge in front of all nodes."""
    return EdgeSettings(
        out_address=settings.sip_address,
        out_port=settings.sip_port,
        in_address=settings.edge_address,
        in_port=settings.edge_port,
        ws_port=settings.edge_ws_port,
        rpc_port=settings.edge_rpc_port,
        key=edge_key(ari_password),
        nodes=tuple(
            (node_address(number), settings.edge_port) for number in range(1, settings.nodes + 1)
        ),
        trunks=settings.trunks,
        calls_per_second=settings.calls_per_second,
        calls_per_address=settings.calls_per_address,
    )
