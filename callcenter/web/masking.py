"""Callers' numbers in a form that anyone may see: 08x-xxx-5678.

With the last four digits two people can speak of the same call. The rest is personal data (Thai
PDPA, s.22: no more than is needed). A caller ID is text that a stranger chose, so anything but a
number is hidden.
"""

import re

from callcenter.core.dialled import plain_digits

WITHHELD = "withheld"
HIDDEN = "hidden"
_NUMBER = re.compile(r"\+?[0-9]{1,20}")


def masked(caller: str) -> str:
    """`0812345678` -> `08x-xxx-5678`. `withheld` if there is no number, `hidden` if it is not a
    number."""
    plain = plain_digits(caller)
    if plain.lower() in ("", "anonymous", "unknown", "restricted", "private", "unavailable"):
        return WITHHELD
    if not _NUMBER.fullmatch(plain):
        return HIDDEN
    digits = _as_dialled(plain)
    if len(digits) < 9:  # a short number or an extension: four digits would be all of it
        return "x" * len(digits)
    middle = "x" * (len(digits) - 7)
    return f"{digits[:2]}x-{middle}-{digits[-4:]}"


def _as_dialled(plain: str) -> str:
    """+66812345678 and 66812345678 as a person in Thailand dials them: 0812345678."""
    digits = plain.removeprefix("+")
    return f"0{digits[2:]}" if digits.startswith("66") and len(digits) in (10, 11) else digits
