"""A device with passkeys, as a browser would use it (WebAuthn, ES256), made of plain cryptography.

It does what it is told: it also answers for a page of another origin, and counts as asked.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, HAS_CREDENTIAL = 0x01, 0x40


def as_text(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(slots=True)
class Authenticator:
    """One passkey. `count` is what its next answer counts."""

    host: str
    origin: str
    count: int = 1
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def made(self, challenge: str, *, name: str = "my key") -> dict[str, Any]:
        """What is sent to add it."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(USER_PRESENT | HAS_CREDENTIAL, 0) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            "name": name,
            "id": as_text(self.id),
            "client_data": as_text(self._client_data("webauthn.create", challenge)),
            "attestation": as_text(attestation),
        }

    def answer(self, challenge: str) -> dict[str, Any]:
        """What is sent to log in with it."""
        client_data = self._client_data("webauthn.get", challenge)
        data = self._data(USER_PRESENT, self.count)
        self.count += 1
        signed = data + hashlib.sha256(client_data).digest()
        return {
            "id": as_text(self.id),
            "client_data": as_text(client_data),
            "authenticator_data": as_text(data),
            "signature": as_text(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }

    def _data(self, flags: int, count: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()
