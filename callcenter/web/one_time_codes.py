"""One-time codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost phone.

Six digits, SHA-1, 30 seconds: every app can do this. This module keeps nothing and reads no clock.
"""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1  # a phone's clock may be this many steps early or late
SECRET_BYTES = 20  # RFC 4226 asks for 16 or more; apps show 20 as 32 letters
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look alike
_GROUPS = (4, 4, 4, 4)  # 16 letters of 31: 79 bits, too many to try even with the hash


def new_secret() -> str:
    """A random secret in the form that apps take (base32)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_of(seconds: float) -> int:
    """The step at this time, in seconds since 1970."""
    return int(seconds // STEP_SECONDS)


def code(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a step (RFC 4226, 5.3)."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def matching_step(secret: str, given: str, seconds: float) -> int | None:
    """The step with this code, or None. The caller must accept each step only once."""
    found = None
    for step in range(step_of(seconds) - DRIFT_STEPS, step_of(seconds) + DRIFT_STEPS + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            found = step
    return found


def address(secret: str, *, account: str, issuer: str) -> str:
    """The text of the QR code that an app reads (otpauth:)."""
    label = quote(f"{issuer}:{account}")
    more = {"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(more, quote_via=quote)}"


def recovery_codes() -> list[str]:
    """New recovery codes. Each is valid for one log-in."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(n)) for n in _GROUPS)
        for _ in range(RECOVERY_CODES)
    ]


def plain(given: str) -> str:
    """A typed code without spaces and hyphens, in lower case."""
    return "".join(given.split()).replace("-", "").lower()


def recovery_hash(given: str) -> bytes:
    """The hash of a recovery code, which is kept. SHA-256 is enough for 79 random bits."""
    return hashlib.sha256(plain(given).encode("utf-8", "surrogatepass")).digest()
