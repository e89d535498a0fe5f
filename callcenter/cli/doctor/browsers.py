"""Phones in browsers: whether their sound can reach them, and whether they may use a microphone."""

from collections.abc import Iterator
from ipaddress import ip_address

from callcenter.cli.doctor.finding import Finding, fail, ok, warn
from callcenter.config import Settings
from callcenter.hosting.stack_settings import StackSettings


def look(settings: Settings, stack: StackSettings) -> Iterator[Finding]:
    """What a call in a browser would lack. Asterisk offers its addresses over any SIP transport. A
    browser that can reach none of them answers, and hears nothing."""
    sound = stack.rtp_address or stack.sip_address
    elsewhere = settings.web_https or settings.web_proxy or not _is_loopback(settings.web_address)
    if not elsewhere:
        yield ok("browsers", "only those on this host reach the console, and calls' sound")
        return
    if stack.ari_url is None and _is_loopback(sound):
        advice = "set CALLCENTER_RTP_ADDRESS to the address of this host that browsers reach"
        yield fail("browsers", f"the sound of calls is at {sound}: silent elsewhere", advice)
    else:
        yield ok("browsers", f"calls' sound is at {sound}, UDP {_ports(stack)}: let it through")
    if not settings.web_https:
        advice = "put an https proxy before it (CALLCENTER_WEB_HTTPS, CALLCENTER_WEB_PROXY)"
        yield warn("browsers", "they give a page of another host no microphone over http", advice)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _ports(stack: StackSettings) -> str:
    return f"{stack.rtp_port_first} to {stack.rtp_port_last}"
