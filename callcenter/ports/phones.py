"""The operators' SIP phones, as they are told to Asterisk.

`web/operators/roster.py` says which there are; `ari/phone_files.py` writes them where Asterisk
reads them. The names of users and endpoints are made here and nowhere else.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callcenter.core.ids import OperatorId

OPERATOR_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
"""Safe in a file of Asterisk, in a SIP address, in a URL and as the name of an account."""

CONTACT = re.compile(r"sip:(?:[A-Za-z0-9._-]{1,32}@)?[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")
"""A phone that does not register. No parameters: a semicolon begins a comment in Asterisk's files,
and no transport or route may be smuggled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One operator's phone.

    `secret` is the SIP password (Asterisk must know it to check a digest, RFC 8760). `contact` is
    where a phone without registration listens (sip:somchai@192.0.2.7:5060), None when it registers.
    `logged_in`: the operator is at work, so that the lifeboat may ring this phone. `browser`: it is
    the page of the console (WebRTC), and its secret that of a log-in.
    """

    operator: OperatorId
    sip_user: str
    secret: str = field(repr=False)
    contact: str | None
    logged_in: bool
    browser: bool = False


class Phones(Protocol):
    """Where phones are made known."""

    async def publish(self, phones: Sequence[Phone], *, anew: bool = False) -> None:
        """Make exactly these phones known to Asterisk. Raises PhonesError. `anew`: tell it all
        again, whatever it knows."""
        ...


class PhonesError(Exception):
    """Asterisk was not told about the phones; its log or `callcenter doctor` says why.

    The list is kept and told again until it was heard (back_office.py), and by `callcenter reload`.
    """


_USER_MARK = "op-"
_ASKED_MARK = "asked-"


def sip_user(operator: OperatorId) -> str:
    """The user a phone registers as."""
    return f"{_USER_MARK}{operator}"


def is_sip_user(name: str) -> bool:
    """Whether an endpoint, without its domain, is an operator's phone."""
    return name.startswith(_USER_MARK)


def asked_name(user: str) -> str:
    """The endpoint beside a phone that does not register, or the trunk: it is asked (OPTIONS)."""
    return f"{_ASKED_MARK}{user}"


def user_of_asked(name: str) -> str | None:
    """The phone that such an endpoint stands beside, or None when it is no such endpoint."""
    return name.removeprefix(_ASKED_MARK) if name.startswith(_ASKED_MARK) else None


def endpoint(operator: OperatorId) -> str:
    """The phone as the engine knows it; Asterisk knows it in a domain."""
    return f"PJSIP/{sip_user(operator)}"


def hidden_domain(ari_password: str) -> str:
    """Eight letters and digits that names in Asterisk end in: PJSIP/op-somchai@k3f7w2xa.

    No secret: it stands in the From of every OPTIONS, and forwarded calls (302) are followed by
    nobody here. It is made from the password of ARI, here and in pjsip.conf.
    """
    digest = hashlib.blake2b(b"endpoints", key=ari_password.encode()[:64], digest_size=5).digest()
    name = base64.b32encode(digest).decode().lower()
    # The last label of a host's name begins with a letter (RFC 3261, 25.1): phones that read
    # strictly, JsSIP is one, throw away a message with another.
    return name if name[0].isalpha() else f"x{name[1:]}"


def in_domain(name: str, domain: str) -> str:
    """The name of a phone, or of the trunk, as Asterisk knows it."""
    return f"{name}@{domain}"


def without_domain(name: str) -> str:
    """The name as everybody else knows it."""
    return name.partition("@")[0]
