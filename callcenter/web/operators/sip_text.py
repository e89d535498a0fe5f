"""Whether a SIP message that a browser sends is its own operator's.

Used by sip_carrier.py. Of a response no name is looked at: there From is the other side. It is the
second wall; the first is the password, which Asterisk checks.

Asterisk reads on where a message ends (seen on 22.10.1), so that a second one could follow in the
same text, of somebody else. It takes a single CR or LF for the end of a line, too.
"""

import re

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_USER = re.compile(r"sips?:([^@;>?]+)@", re.IGNORECASE)
_USERNAME = re.compile(r'\busername\s*=\s*"([^"]*)"', re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]{1,9})\s*", re.ASCII)
_HALF_LINE_END = re.compile(r"\r(?!\n)|(?<!\r)\n")
_FROM = ("from", "f")
_CONTENT_LENGTH = ("content-length", "l")
_PROOFS = ("authorization", "proxy-authorization")


def is_of(message: str, user: str) -> bool:
    """Whether it is one message alone, and every name in it `user` if it is a request."""
    head, _, body = message.partition("\r\n\r\n")
    lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    headers = [(name.strip().lower(), value) for name, _, value in map(_parted, lines[1:])]
    if _HALF_LINE_END.search(head) or not _is_whole(headers, body):
        return False
    if lines[0].startswith("SIP/2.0 "):
        return True
    senders = [_user_of(value) for name, value in headers if name in _FROM]
    proofs = [_USERNAME.findall(value) for name, value in headers if name in _PROOFS]
    return senders == [user] and all(names == [user] for names in proofs)


def _is_whole(headers: list[tuple[str, str]], body: str) -> bool:
    """Whether the body is as long as its header says: nothing else follows."""
    said = [_LENGTH.fullmatch(value) for name, value in headers if name in _CONTENT_LENGTH]
    if len(said) > 1 or None in said:
        return False
    return len(body.encode()) == sum(int(length[1]) for length in said if length)


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _user_of(value: str) -> str:
    """The user of a From header; a name before the address may hold anything."""
    found = _USER.findall(_QUOTED.sub("", value))
    return found[0] if len(found) == 1 else ""
