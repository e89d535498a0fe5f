"""Checks that a SIP message from a browser belongs to its own operator.

Used by sip_carrier.py. In a response no name is checked, because there From is the other side. This
is the second protection; the first is the password, which Asterisk checks.

Asterisk reads on after the end of a message (seen on 22.10.1), so a second message of another user
could follow in the same text. Asterisk also accepts a single CR or LF as the end of a line.
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
    """Whether it is exactly one message. If it is a request, every name in it must be `user`."""
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
    """Whether the body is as long as its header says, so that nothing else follows."""
    said = [_LENGTH.fullmatch(value) for name, value in headers if name in _CONTENT_LENGTH]
    if len(said) > 1 or None in said:
        return False
    return len(body.encode()) == sum(int(length[1]) for length in said if length)


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _user_of(value: str) -> str:
    """The user of a From header. A name before the address may have any text."""
    found = _USER.findall(_QUOTED.sub("", value))
    return found[0] if len(found) == 1 else ""
