"""Checks and hashes passwords with argon2id in threads, a few at a time.

A check takes 64 MiB and about 0.2 s of a core (RFC 9106, second recommended option). On the event
loop it would hold up calls, and many at once would use all memory. A password that a person chose
is never kept, logged or returned.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from callcenter.web.errors import Problem

T = TypeVar("T")

SHORTEST = 12  # characters; NIST SP 800-63B asks for at least 8, and 15 without a second factor
LONGEST = 200  # characters; a longer text only makes hashing slow
WAITING_MOST = 64  # checks that may wait; about ten seconds of work
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look alike
_GROUPS = (5, 5, 5, 5)  # 20 letters of 31: 99 bits


def one_time_password() -> str:
    """A random password that can be read out on the telephone: kxmw7-2fqpa-… ."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(n)) for n in _GROUPS)


def require_good(password: str, *, account: str, old: str) -> None:
    """Raises a Problem if the new password is too short, too long, the account's name or the old
    one."""
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise Problem("weak_password", f"Choose a password of {SHORTEST} to {LONGEST} characters.")
    if account and account in plain.lower():
        raise Problem("weak_password", "Choose a password that does not contain your user name.")
    if len(set(plain)) < 5:
        raise Problem("weak_password", "Choose a password of at least 5 different characters.")
    if plain == _normal(old):
        raise Problem("weak_password", "Choose a password other than the present one.")


class Passwords:
    """Hashes and checks passwords. `at_once` is the number of threads; each needs 64 MiB."""

    def __init__(self, *, at_once: int, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._waiting = 0
        self._nobody = ""  # a hash that no password matches; made when first needed

    async def hash(self, password: str) -> str:
        """The hash to keep. It includes its own salt and costs."""
        return await self._beside(self._hasher.hash, _normal(password))

    async def check(self, password_hash: str | None, password: str) -> bool:
        """Whether this is the password. Without a hash (no such account) it is False, and takes as
        long."""
        self._nobody = self._nobody or await self.hash(secrets.token_urlsafe(16))
        right = await self._beside(self._verify, password_hash or self._nobody, _normal(password))
        return right and password_hash is not None

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            raise ValueError("a kept password hash is damaged: reset that password") from error

    async def _beside(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= WAITING_MOST:
            raise Problem("busy", "Too many people log in at once; try again.", retry_seconds=5)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


def _normal(password: str) -> str:
    """The password in Unicode normal form: phones and keyboards compose Thai and accents
    differently."""
    return unicodedata.normalize("NFC", password)
