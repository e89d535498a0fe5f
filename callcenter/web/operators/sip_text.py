"""Whether a SIP message that a browser sends is its own operator's.

Used by sip_carrier.py. Only requests are looked at: in a response, From is the other side. It is
the second wall; the first is the password, which Asterisk checks.
"""

import re

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_USER = re.compile(r"sips?:([^@;>?]+)@", re.IGNORECASE)
_USERNAME = re.compile(r'\busername\s*=\s*"([^"]*)"', re.IGNORECASE)
_FROM = ("from", "f")
_PROOFS = ("authorization", "proxy-authorization")


def is_of(message: str, user: str) -> bool:
    """Whether every name in the request is `user`; a response is always fine."""
    head = message.partition("\r\n\r\n")[0]
    lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    if lines[0].startswith("SIP/2.0 "):
        return True
    headers = [(name.strip().lower(), value) for name, _, value in map(_parted, lines[1:])]
    senders = [_user_of(value) for name, value in headers if name in _FROM]
    proofs = [_USERNAME.findall(value) for name, value in headers if name in _PROOFS]
    return senders == [user] and all(names == [user] for names in proofs)


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _user_of(value: str) -> str:
    """The user of a From header; a name before the address may hold anything."""
    found = _USER.findall(_QUOTED.sub("", value))
    return found[0] if len(found) == 1 else ""
