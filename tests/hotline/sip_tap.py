"""Every SIP message of one Asterisk, from Asterisk's own packet log.

For stories about calls that must not be made. It has incoming and outgoing messages.
"""

import re

from tests.parts import PrivateAsterisk


class SipTap:
    """`SipTap(asterisk)` begins to listen. `invites()` gives the targets of all its calls."""

    def __init__(self, asterisk: PrivateAsterisk) -> None:
        self._file = asterisk.directory / "log" / "sip.pcap"
        self._sent_by = f"{asterisk.settings.sip_address}:{asterisk.settings.sip_port}"
        inside = asterisk.console("core show settings")
        logs = re.search(r"Log directory: +(\S+)", inside)
        assert logs is not None, inside
        self._file.unlink(missing_ok=True)
        asterisk.console("pjsip set logger verbose off")
        asterisk.console(f"pjsip set logger pcap {logs[1]}/{self._file.name}")
        asterisk.console("pjsip set logger on")

    def invites(self) -> set[str]:
        """Request URIs of the INVITEs that this Asterisk sent; repeated ones once."""
        sent = rb"INVITE (\S+) SIP/2\.0\r\nVia: SIP/2\.0/\w+ " + re.escape(self._sent_by.encode())
        return {uri.decode(errors="replace") for uri in re.findall(sent, self._file.read_bytes())}
