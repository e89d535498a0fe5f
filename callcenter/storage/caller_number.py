"""Sorts the caller's number, as the trunk gives it, into classes, and turns it into E.164 if
possible.

Pure. Thai plan: 0 + 8 digits fixed (02, 03x to 07x), 0 + 9 digits mobile (06, 08, 09) and VoIP
(060, 068), short codes 1xx and 1xxx, toll-free 1800 and premium 1900 (ITU-T E.164, NBTC numbering
plan). The regulator's marks +697 (a call over the internet from abroad) and +698 (a Thai number
roaming abroad) are not country codes, and are read first. A roaming number can be called back as
`0` and what follows the mark. A caller ID is text that anyone can forge: the class never proves who
called.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from callcenter.core.dialled import SIGNIFICANT


class CallerClass(StrEnum):
    """The kind of number that a caller has."""

    NATIONAL = "national"
    INTERNATIONAL = "intl"
    ROAMING = "roaming698"
    VOIP_FROM_ABROAD = "voip697"
    WITHHELD = "withheld"
    INVALID = "invalid"


class CallerNumber(NamedTuple):
    """`e164` is like `+6645614545`, or None if there is none (short codes, withheld, invalid)."""

    caller_class: CallerClass
    e164: str | None


_WITHHELD = re.compile(
    r"|anonymous(?:\.invalid)?|unknown|unavailable|restricted|private|withheld|asterisk", re.I
)
_SEPARATORS = str.maketrans("", "", " -.()\t\u00a0")
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_ROAMING = re.compile(r"(?:\+|00)?698(\d{8,9})")
_VOIP = re.compile(r"(?:\+|00)?697(\d{0,14})")
_NATIONAL = re.compile(rf"(?:0|\+66|0066|66|\+660|660)({SIGNIFICANT})")
_SHORT = re.compile(r"1\d{2,3}|1[89]00\d{6}")
_INTERNATIONAL = re.compile(r"(?:\+|00)([1-9]\d{6,14})")


def caller_number(caller: str) -> CallerNumber:
    """Sort a caller's number as the trunk gave it. Any text is accepted."""
    # most numbers match here, which takes a third of the time
    if national := _NATIONAL.fullmatch(caller):
        return CallerNumber(CallerClass.NATIONAL, f"+66{national[1]}")
    text = caller.strip().translate(_SEPARATORS).translate(_THAI_DIGITS)
    if _WITHHELD.fullmatch(text):
        return CallerNumber(CallerClass.WITHHELD, None)
    if not text.isascii():
        return CallerNumber(CallerClass.INVALID, None)
    return _marked(text) or _plain(text)


def _marked(text: str) -> CallerNumber | None:
    """The result for a number with one of the regulator's marks. None if it has no mark."""
    if roaming := _ROAMING.fullmatch(text):
        home = re.fullmatch(SIGNIFICANT, roaming[1])
        return CallerNumber(CallerClass.ROAMING, f"+66{roaming[1]}" if home else None)
    if _VOIP.fullmatch(text):
        return CallerNumber(CallerClass.VOIP_FROM_ABROAD, None)
    return None


def _plain(text: str) -> CallerNumber:
    if national := _NATIONAL.fullmatch(text):
        return CallerNumber(CallerClass.NATIONAL, f"+66{national[1]}")
    if _SHORT.fullmatch(text):
        return CallerNumber(CallerClass.NATIONAL, None)
    international = _INTERNATIONAL.fullmatch(text)
    if international and not international[1].startswith("66"):
        return CallerNumber(CallerClass.INTERNATIONAL, f"+{international[1]}")
    return CallerNumber(CallerClass.INVALID, None)
