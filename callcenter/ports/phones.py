"""The operators' SIP phones, as Asterisk is told of them.

`web/operators/roster.py` has the list; `ari/phone_files.py` writes them where Asterisk reads them.
Only this module makes the names of users and endpoints.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callcenter.core.ids import OperatorId

OPERATOR_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
"""Safe in a file of Asterisk, in a SIP address, in a URL, and as the name of an account."""

CONTACT = re.compile(r"sip:(?:[A-Za-z0-9._-]{1,32}@)?[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")
"""The address of a phone that does not register. No parameters: a semicolon begins a comment in
Asterisk's files, and no transport or route may be slipped in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One operator's phone.

    `secret` is the SIP password (Asterisk must know it to check a digest, RFC 8760). `contact` is
    the address of a phone without registration (sip:somchai@192.0.2.7:5060), None if it registers.
    `logged_in`: the operator is at work, so the lifeboat may ring this phone. `browser`: it is the
    console's page (WebRTC), and its secret belongs to a log-in.
    """

    operator: OperatorId
    sip_user: str
    secret: str = field(repr=False)
    contact: str | None
    logged_in: bool
    browser: bool = False


class Phones(Protocol):
    """Makes phones known."""

    async def publish(self, phones: Sequence[Phone], *, anew: bool = False) -> None:
        """Make exactly these phones known to Asterisk. `anew`: tell everything again. Raises
        PhonesError."""
        ...


class PhonesError(Exception):
    """Asterisk was not told about the phones. Its log or `callcenter doctor` says why.

    The list is kept and told again until it succeeds (back_office.py), and by `callcenter reload`.
    """


_USER_MARK = "op-"
_ASKED_MARK = "asked-"


def sip_user(operator: OperatorId) -> str:
    """The user with which a phone registers."""
    return f"{_USER_MARK}{operator}"


def is_sip_user(name: str) -> bool:
    """Whether an endpoint, without its domain, is an operator's phone."""
    return name.startswith(_USER_MARK)


def asked_name(user: str) -> str:
    """The second endpoint of a phone that does not register, or of the trunk. It is asked with
    OPTIONS."""
    return f"{_ASKED_MARK}{user}"


def user_of_asked(name: str) -> str | None:
    """The phone of such an endpoint, or None if it is not one."""
    return name.removeprefix(_ASKED_MARK) if name.startswith(_ASKED_MARK) else None


def endpoint(operator: OperatorId) -> str:
    """The phone's name for the engine. Asterisk knows it in a domain."""
    return f"PJSIP/{sip_user(operator)}"


def hidden_domain(ari_password: str) -> str:
    """Eight letters and digits: the domain of names in Asterisk, as in PJSIP/op-somchai@k3f7w2xa.

    It is no secret: it is in the From of every OPTIONS, and nobody here follows forwarded calls
    (302). It is made from the password of ARI, here and in pjsip.conf.
    """
    digest = hashlib.blake2b(b"endpoints", key=ari_password.encode()[:64], digest_size=5).digest()
    name = base64.b32encode(digest).decode().lower()
    # The last label of a host name must begin with a letter (RFC 3261, 25.1). Strict phones, such
    # as JsSIP, throw away messages with another one.
    return name if name[0].isalpha() else f"x{name[1:]}"


def in_domain(name: str, domain: str) -> str:
    """The name of a phone, or of the trunk, in Asterisk."""
    return f"{name}@{domain}"


def without_domain(name: str) -> str:
    """The name outside Asterisk."""
    return name.partition("@")[0]
