"""Dialled numbers in one form, however a person wrote them or a trunk sent them.

Called by the site file, the ARI adapter and the command line. It never guesses: 045614545 and
+6645614545 are two forms, and the site file lists both.
"""

import re

THAI_TO_ASCII = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_SEPARATORS = re.compile(r"[\s\-.()\u2010-\u2015]+")
_DID = re.compile(r"\+?[0-9]{2,20}")


def plain_digits(text: str) -> str:
    """Thai digits made ASCII, separators gone; whatever else is in it stays."""
    return _SEPARATORS.sub("", text.translate(THAI_TO_ASCII))


def as_did(text: str) -> str | None:
    """A dialled number as `Site.line_of_did` knows it, or None when it is not one.

    2 to 20 ASCII digits, a plus before them kept. `[0-9]`, not `\\d`: that takes any script's.
    """
    plain = plain_digits(text)
    return plain if _DID.fullmatch(plain) else None
