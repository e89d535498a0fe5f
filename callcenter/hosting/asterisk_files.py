"""The files of one Asterisk instance: `dialplans/*.conf` with this instance's values.

The two files that the service writes at run time (operators.pjsip.conf, lifeboat.queues.conf), the
music and the ledger are not changed.
"""

import os
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from callcenter.hosting.errors import HostingError
from callcenter.hosting.music import write_music
from callcenter.hosting.ownership import give
from callcenter.hosting.transports import (
    CERTIFICATE_FILE,
    KEY_FILE,
    Place,
    places,
    require_certificate,
    sections,
)
from callcenter.ports.phones import hidden_domain
from callcenter.prompts.stand_in import gather, publish
from callcenter.runtime.hep import hep_key

SOUNDS = Path("/usr/share/asterisk/sounds")
"""The folder of Debian's recordings, as Asterisk sees it."""

TEMPLATES = Path(__file__).resolve().parents[2] / "dialplans"
EMPTY_FILES = (
    "acl.conf",
    "ccss.conf",
    "cel.conf",
    "features.conf",
    "manager.conf",
    "queuerules.conf",
    "udptl.conf",
    "websocket_client.conf",
)
"""Asterisk complains at every start if these files are missing. Empty files mean defaults."""

FOLDERS = (
    "etc",
    "lib",
    "lib/keys",
    "lib/moh",
    "log",
    "run",
    "spool",
    "spool/tmp",
)
SPOOLED = "spool/recording"
"""The folder in which Asterisk keeps recordings until they are sealed; often on a disk of its
own."""

RECORDING = re.compile(r"[A-Za-z0-9_/.-]+(&[A-Za-z0-9_/.-]+)*|")
CONTACT = re.compile(r"sip:[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?")
SHORTEST_PASSWORD = 16
"""The least number of characters of ARI's password. The names of the phones' endpoints are derived
from it, so that a forwarded call cannot guess one (ports/phones.py)."""

_LINE_TEST = """\
; A phone that dials the line test, which the edge has asked for its password.
[line-test@{domain}](edge-phone)
identify_by = header
[line-test]
type = identify
endpoint = line-test@{domain}
match_header = X-Line-Test: yes
[line-test-browser@{domain}](edge-browser-phone)
identify_by = header
[line-test-browser]
type = identify
endpoint = line-test-browser@{domain}
match_header = X-Line-Test: browser
"""

EDGE_ASK_SECONDS = 2
"""How often the nodes ask the SIP edge for each phone, in seconds. The edge asks the phones
themselves every five seconds."""

WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")
PLACE = re.compile(r"@\{([a-z_]+)\}")
"""`@{name}` in a template, because Asterisk's own files are full of `${name}`."""

LONGEST_DIALLED_NUMBER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """The values that differ between instances. Recordings are names joined by "&"; "" = none;
    `callcenter/KEY` is one of our prompts (callcenter/prompts)."""

    name: str = "callcenter"
    sip_address: str = "127.0.0.1"
    sip_port: int = 5060
    sip_tcp_port: int = 0  # phones over TCP; 0: none
    sip_tls_port: int = 0  # phones over TLS; 0: none
    sip_tls_certificate: str = ""  # files of the host, in PEM form
    sip_tls_key: str = ""
    rtp_address: str = ""  # "": the same as for SIP
    http_address: str = "127.0.0.1"
    http_port: int = 8088
    hep_port: int = 8080  # the service's web port: see hep.conf
    rtp_port_first: int = 10000
    rtp_port_last: int = 19999
    ari_user: str = "callcenter"
    ari_password: str
    edge: str = ""  # address:port of the SIP edge as its nodes reach it; "": there is none
    trunks: tuple[str, ...] = ("127.0.0.1",)
    calls_per_address: int = 0  # calls from one address of a trunk; 0: see _calls_per_address
    trunk_contacts: tuple[str, ...] = ()  # asked with OPTIONS whether the carrier is there
    trunk_ask_seconds: int = 10
    callback_contact: str = ""  # where citizens are called back; "": nobody is
    greeting: str = "callcenter/greeting"
    privacy_notice: str = "callcenter/recording_notice"
    lifeboat_message: str = "callcenter/please_wait"
    lifeboat_retries: int = 3
    lifeboat_retry_seconds: int = 4
    lifeboat_turn_seconds: int = 30
    lifeboat_ring_seconds: int = 20
    # After this wait without an operator the caller hears a message and is hung up. 0: only the
    # longest call limits it.
    lifeboat_max_wait_seconds: int = 1800
    rtp_timeout_seconds: int = 0  # 0: silence alone ends no call
    hold_limit_seconds: int = 1800  # a hold that the phone announced, without a packet; 0: no limit
    phone_ask_seconds: int = 5
    leash_seconds: int = 4 * 3600
    open_files: int = 20_000

    @property
    def callers(self) -> tuple[str, ...]:
        """The addresses from which calls come: the trunk's, or that of the edge in front."""
        return (self.edge.partition(":")[0],) if self.edge else self.trunks

    @property
    def sip_places(self) -> list[Place]:
        """The sockets on which SIP is received."""
        return places(self.sip_address, self.sip_port, self.sip_tcp_port, self.sip_tls_port)

    def __post_init__(self) -> None:
        for name in ("greeting", "privacy_notice", "lifeboat_message"):
            if RECORDING.fullmatch(getattr(self, name)) is None:
                raise HostingError(f"{name}: recordings are named like `hello&beep`")
        for name in ("name", "ari_user", "ari_password"):
            if WORD.fullmatch(getattr(self, name)) is None:
                raise HostingError(f"{name}: 1 to 64 letters, digits, `-` and `_` are accepted")
        if len(self.ari_password) < SHORTEST_PASSWORD:
            raise HostingError(f"ari_password: {SHORTEST_PASSWORD} letters or more, at random")
        if self.sip_port in (self.sip_tcp_port, self.sip_tls_port):
            raise HostingError(
                "CALLCENTER_SIP_TCP_PORT and CALLCENTER_SIP_TLS_PORT: choose others than "
                "CALLCENTER_SIP_PORT, for that is how the trunk is known"
            )
        for trunk in self.trunks:
            _require_address(trunk)
        for contact in self.trunk_contacts:
            _require_contact(contact)
        if self.callback_contact:
            _require_contact(self.callback_contact, "CALLCENTER_CALLBACK_CONTACT")


def write_instance(
    directory: Path,
    settings: AsteriskSettings,
    *,
    base: str,
    owner: int | None,
    sounds: Path = SOUNDS,
) -> None:
    """Make the folders and write all settings. `base` is the directory's name inside the chroot;
    `sounds` is the folder of Asterisk's own recordings."""
    for folder in FOLDERS:
        (directory / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):  # without this folder talks are not recorded, which is reported then
        (directory / SPOOLED).mkdir(mode=0o700, exist_ok=True)
    values = _values(settings, base)
    for template in sorted(TEMPLATES.glob("*.conf")):
        _write(directory / "etc" / template.name, _filled(template.read_text(), values))
    _write_certificate(directory / "etc", settings)
    for name in EMPTY_FILES:
        _write(directory / "etc" / name, "")
    _write(directory / "etc" / "hosts", _hosts())
    music = directory / "lib" / "moh" / "placeholder.wav"
    if not any(music.parent.iterdir()):
        write_music(music)
    write_stand_ins(directory / "lib" / "prompts", sounds)
    if owner is not None:
        _give(directory, owner)


def write_stand_ins(prompts: Path, sounds: Path) -> None:
    """Write the recordings for missing prompts. `sounds` has folders en, en_US…"""
    # `en` itself may be a link that is valid only in the chroot
    for folder in sorted(sounds.glob("en*")):
        if any(folder.glob("beep.*")):
            gather(prompts, folder)
            break
    publish(prompts)


def _write_certificate(folder: Path, settings: AsteriskSettings) -> None:
    if settings.sip_tls_port:
        wanted = require_certificate(settings.sip_tls_certificate, settings.sip_tls_key)
        for name, text in zip((CERTIFICATE_FILE, KEY_FILE), wanted, strict=True):
            _write(folder / name, text)


def _filled(template: str, values: Mapping[str, object]) -> str:
    return PLACE.sub(lambda place: str(values[place[1]]), template)


def _values(settings: AsteriskSettings, base: str) -> dict[str, object]:
    plain = {name: getattr(settings, name) for name in settings.__slots__}
    return {
        **plain,
        "base": base,
        "prompts": f"{base}/lib/prompts",
        "greeting": _recordings(settings.greeting, base),
        "privacy_notice": _recordings(settings.privacy_notice, base),
        "lifeboat_message": _recordings(settings.lifeboat_message, base),
        "transports": sections(
            settings.sip_places, domain=hidden_domain(settings.ari_password), base=base
        ),
        "sip_port_length": len(f":{settings.sip_port}"),
        "ari_permit": _ari_permit(settings.http_address),
        "modules": _module_directory(),
        "media": _media(settings.rtp_address or settings.sip_address),
        "trunk_matches": "\n".join(f"match = {trunk}" for trunk in settings.callers),
        "line_test": _LINE_TEST.format(domain=hidden_domain(settings.ari_password))
        if settings.edge
        else "",
        "edge_ask_seconds": min(settings.phone_ask_seconds, EDGE_ASK_SECONDS),
        "trunk_nat": "no" if settings.edge else "yes",
        "most_callers": _most_callers(settings),
        "most_legs": _pairs(settings),
        "calls_per_address": _bound_of_address(settings),
        "trunk_permits": "\n".join(f"permit = {trunk}" for trunk in settings.callers),
        "trunk_contacts": "\n".join(f"contact = {contact}" for contact in settings.trunk_contacts),
        "callback_contact_line": _contact_line(settings.callback_contact),
        "hidden_domain": hidden_domain(settings.ari_password),
        "hep_key": hep_key(settings.ari_password),
        "dialled_patterns": "\n".join(_dialled_patterns()),
    }


def _contact_line(contact: str) -> str:
    return f"contact = {contact}" if contact else "; no contact: nobody is called"


def _recordings(names: str, base: str) -> str:
    """Our prompts by their path, others by the name that Asterisk knows."""
    return re.sub(r"(?<![^&])callcenter/", f"{base}/lib/prompts/", names)


def _media(address: str) -> str:
    """The address for sound. If SIP listens at every address, Asterisk chooses one."""
    if address in ("0.0.0.0", "::"):
        return "bind_rtp_to_media_address = no"
    return f"media_address = {address}\nbind_rtp_to_media_address = yes"


def _pairs(settings: AsteriskSettings) -> int:
    """The number of pairs of RTP ports. Each leg uses one."""
    return (settings.rtp_port_last - settings.rtp_port_first + 1) // 2


def _most_callers(settings: AsteriskSettings) -> int:
    """Three quarters of the pairs of RTP ports. The others are for operators' phones."""
    return max(1, _pairs(settings) * 3 // 4)


def _calls_per_address(settings: AsteriskSettings) -> int:
    """As set. Otherwise three of four callers if others may call, too, and all if nobody else
    may."""
    most = _most_callers(settings)
    if settings.calls_per_address and not settings.edge:  # the edge counts them itself
        return min(most, settings.calls_per_address)
    addresses = sum(ip_network(trunk, strict=False).num_addresses for trunk in settings.callers)
    return most if addresses == 1 else max(1, most * 3 // 4)


def _bound_of_address(settings: AsteriskSettings) -> str:
    """Lines of the dial plan; none if one address may have all calls. The last part of remote_addr
    is the port."""
    bound = _calls_per_address(settings)
    if bound >= _most_callers(settings):
        return ""
    return "".join(
        f" same => n,Exec({step})\n"
        for step in (
            "Set(FROM=$${}{CHANNEL(pjsip,remote_addr)})",
            "Set(FROM_PORT=$${}{POP(FROM,:)})",
            "Set(GROUP(address)=$${}{FROM})",
            f"Goto(above-$${{}}{{MATH($${{}}{{GROUP_COUNT($${{}}{{FROM}}@address)}}>{bound},int)}},1)",
        )
    )


def _ari_permit(http_address: str) -> str:
    """Only this host: it connects from 127.0.0.1, or from the address on which the server
    listens."""
    everywhere = ("0.0.0.0", "::", "127.0.0.1")
    return "127.0.0.1,::1" if http_address in everywhere else f"127.0.0.1,{http_address}"


def _dialled_patterns() -> list[str]:
    """One pattern for each length, so that only digits (and a leading +) match."""
    longer = range(1, LONGEST_DIALLED_NUMBER)
    patterns = ["_X", *(f"_[+0-9]{'X' * digits}" for digits in longer)]
    return [
        f"exten => {pattern},1,Set(__DID=${{CHANNEL(exten)}})\n same => n,Goto(arrival,s,1)"
        for pattern in patterns
    ]


def _module_directory() -> str:
    """Debian's folder of the modules, e.g. /usr/lib/x86_64-linux-gnu/asterisk/modules."""
    return f"/usr/lib/{os.uname().machine}-linux-gnu/asterisk/modules"


def _hosts() -> str:
    """This host's name must resolve; otherwise every call logs a failed look-up."""
    return f"127.0.0.1 localhost {socket.gethostname()}\n::1 localhost\n"


def _write(path: Path, text: str) -> None:
    """Replace a file in one step, readable only by its owner (some have passwords)."""
    unfinished = path.with_name(path.name + ".new")
    with open(unfinished, "w", opener=_private) as file:
        file.write(text)
    unfinished.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _give(directory: Path, owner: int) -> None:
    """Give everything to the user of Asterisk, and only to that user."""
    spooled = directory / SPOOLED
    give(directory, owner, but=spooled)
    with suppress(OSError):  # read-only, or on another host: calls do not need it
        give(spooled, owner)
    (directory / "etc").chmod(0o2750)  # files that the service writes later get Asterisk's group


def _require_address(trunk: str) -> None:
    try:
        ip_network(trunk, strict=False)
    except ValueError as error:
        raise HostingError(
            f"CALLCENTER_TRUNKS: {trunk!r} is no IP address or network (192.0.2.7, 192.0.2.0/24)"
        ) from error


def _require_contact(contact: str, setting: str = "CALLCENTER_TRUNK_CONTACTS") -> None:
    if CONTACT.fullmatch(contact) is None:
        raise HostingError(f"{setting}: {contact!r} is no carrier's address (sip:192.0.2.7:5060)")
