"""Passkeys as a second factor (WebAuthn): the challenges, and the checks of a browser's answers.

A passkey belongs to one host name, as the browser sees it, so a page of another name cannot use it.
A challenge belongs to one account and one purpose, and is good for one answer. Challenges are kept
in memory: after a restart of the service the person presses the button once more. The library
`webauthn` reads the answers and checks the signatures. What kind of device made a passkey is not
asked for (no attestation).
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException

from callcenter.ports.people import Passkeys
from callcenter.web.errors import Problem

CHALLENGE_BYTES = 32  # WebAuthn asks for 16 or more
CHALLENGE_SECONDS = 180.0  # from the question to the answer: to find the key and touch it
CHALLENGES_MOST = 2000  # open ones, of all people together; the oldest goes first
PASSKEYS_MOST = 10  # of one account
_WRONG = "The passkey was not accepted. Try again, or use a recovery code."
_UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError)
"""What the library raises when an answer is wrong, or is no such answer at all."""

Base64Url = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,8000}$(?!\n)",
        description="bytes in base64url without padding (RFC 4648, 5)",
        examples=["AAECAwQFBgc"],
    ),
]


class Purpose(Enum):
    """What a challenge is for. An answer for one purpose is wrong for the other."""

    ADD = "add"
    USE = "use"


class PasskeyAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """What `navigator.credentials.get` gave: that the person has the passkey `id`."""

    id: Base64Url
    client_data: Base64Url
    authenticator_data: Base64Url
    signature: Base64Url


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What `navigator.credentials.create` gave."""

    id: str
    client_data: str
    attestation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCredential:
    """A new passkey: its id, its public key and its counter."""

    credential: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class _Asked:
    account: str
    purpose: Purpose
    until: float


class PasskeyChecks:
    """Asks for passkeys, and checks what comes back. `monotonic` is the clock."""

    def __init__(self, passkeys: Passkeys, monotonic: Callable[[], float]) -> None:
        self.kept = passkeys
        self._monotonic = monotonic
        self._asked: OrderedDict[bytes, _Asked] = OrderedDict()

    def challenge(self, account: str, purpose: Purpose) -> str:
        """A new challenge, as base64url."""
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        until = self._monotonic() + CHALLENGE_SECONDS
        self._asked[challenge] = _Asked(account, purpose, until)
        if len(self._asked) > CHALLENGES_MOST:
            self._asked.popitem(last=False)
        return bytes_to_base64url(challenge)

    def registered(self, account: str, new: NewCredential, origin: str) -> MadeCredential:
        """The new passkey, if the browser's answer is right. Problem wrong_passkey."""
        challenge = self._answered(account, Purpose.ADD, new.client_data)
        response = {"clientDataJSON": new.client_data, "attestationObject": new.attestation}
        given = {"id": new.id, "rawId": new.id, "type": "public-key", "response": response}
        try:
            verified = verify_registration_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=host_of(origin),
                expected_origin=origin,
            )
        except _UNREADABLE as error:
            raise Problem("wrong_passkey", "The browser's answer is not right.") from error
        return MadeCredential(
            credential=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
        )

    async def check(self, account: str, answer: PasskeyAnswer, origin: str, at: datetime) -> None:
        """Check that the person has a passkey of the account. Its counter is moved on, so a copy of
        the key is noticed. Problem wrong_passkey."""
        challenge = self._answered(account, Purpose.USE, answer.client_data)
        found = await self.kept.find(account, _bytes(answer.id))
        if found is None or found.host != host_of(origin):
            raise Problem("wrong_passkey", _WRONG)
        response = {
            "clientDataJSON": answer.client_data,
            "authenticatorData": answer.authenticator_data,
            "signature": answer.signature,
        }
        given = {"id": answer.id, "rawId": answer.id, "type": "public-key", "response": response}
        try:
            verified = verify_authentication_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=found.host,
                expected_origin=origin,
                credential_public_key=found.public_key,
                credential_current_sign_count=found.sign_count,
            )
        except _UNREADABLE as error:
            raise Problem("wrong_passkey", _WRONG) from error
        if not await self.kept.use(found, verified.new_sign_count, at):
            raise Problem("wrong_passkey", _WRONG)

    def _answered(self, account: str, purpose: Purpose, client_data: str) -> bytes:
        """The challenge that was answered. It is used up by this. Problem wrong_passkey."""
        try:
            challenge = parse_client_data_json(_bytes(client_data)).challenge
        except _UNREADABLE as error:
            raise Problem("wrong_passkey", "The browser's answer cannot be read.") from error
        asked = self._asked.pop(challenge, None)
        if asked is None or self._monotonic() > asked.until:
            raise Problem("wrong_passkey", "That question is too old, or was answered already.")
        if (asked.account, asked.purpose) != (account, purpose):
            raise Problem("wrong_passkey", _WRONG)
        return challenge


def host_of(origin: str) -> str:
    """The host name to which a passkey belongs: of the page's address, without the port."""
    return urlsplit(origin).hostname or ""


def user_handle(account: str) -> str:
    """What the device keeps as the user's id: it must not be the name itself."""
    return bytes_to_base64url(hashlib.sha256(f"callcenter account {account}".encode()).digest())


def shown_id(credential: bytes) -> str:
    """The id of a passkey as the browser wants it."""
    return bytes_to_base64url(credential)


def _bytes(text: str) -> bytes:
    return base64url_to_bytes(text)
