"""Numbers of documents that a citizen can write down and read aloud: 33-64-000123-3.

Province (00: central), Buddhist year, running number, check digit. H. M. Damm's check digit finds
every single wrong digit and every swap of two neighbours ("Total anti-symmetrische Quasigruppen",
Marburg 2004). A number never changes, and is never given twice.
"""

import re

from callcenter.desks.shared.thai import arabic

LENGTH = 11
CENTRAL = "00"
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class NumberFault(ValueError):
    """The text cannot be a number of ours: wrong length, or wrong check digit."""


def check_digit(digits: str) -> int:
    """The check digit of a number without one. 0 for a number with the right one."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def make_number(province: str, buddhist_year: int, running: int) -> str:
    """Eleven digits. `province` has two."""
    if not 0 < running < 1_000_000:
        raise ValueError("a year has at most 999,999 numbers for a province")
    digits = f"{province}{buddhist_year % 100:02d}{running:06d}"
    return f"{digits}{check_digit(digits)}"


def read_number(text: str) -> str:
    """The eleven digits, however they were typed: with hyphens, spaces or Thai digits. Raises
    NumberFault if no such number can exist."""
    digits = re.sub(r"[\s\u2010-\u2015-]", "", arabic(text))
    if not re.fullmatch(rf"[0-9]{{{LENGTH}}}", digits) or check_digit(digits):
        raise NumberFault("that is not a case number: read all eleven digits once more")
    return digits


def written_number(number: str) -> str:
    """The number with hyphens, as people see it."""
    return f"{number[:2]}-{number[2:4]}-{number[4:10]}-{number[10:]}"
