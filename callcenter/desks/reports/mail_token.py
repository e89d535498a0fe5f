"""The code by which an incoming mail says what it answers: the round, the unit, and letters that
only this installation can make. Pure.

Who is reminded has it in the subject already, and a reply keeps it. The sender's address alone says
nothing: anybody can write any.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

CODE_LETTERS = 10  # fifty bits
_TOKEN = re.compile(r"R([1-9][0-9]{0,8})-([0-9a-z][0-9a-z_-]{0,31})-([A-Z2-7]{10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Meant:
    """Which round, and as which unit."""

    round: int
    unit: str


class Tokens:
    """Makes and finds them. `secret`: of this installation, asked for when it is needed."""

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    def of(self, meant: Meant) -> str:
        """As it stands in a subject, without brackets."""
        return f"R{meant.round}-{meant.unit}-{self._code(meant)}"

    def find(self, *texts: str) -> Meant | None:
        """The first right one in the subject, or in an address."""
        for text in texts:
            for found in _TOKEN.finditer(text[:1000]):
                meant = Meant(int(found[1]), found[2].lower())
                if hmac.compare_digest(self._code(meant), found[3].upper()):
                    return meant
        return None

    def _code(self, meant: Meant) -> str:
        told = f"{meant.round}/{meant.unit}".encode()
        made = hmac.new(self._secret().encode(), told, hashlib.sha256).digest()
        return base64.b32encode(made).decode()[:CODE_LETTERS]
