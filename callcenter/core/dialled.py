"""A dialled number in its one normal form, however a person wrote it or a trunk sent it.

Pure. Used wherever a dialled number comes in: the site file, the event, the snapshot, the ledger.
The form is the one dialled inside Thailand: `045614545`, `0812345678`, `1567`. `+66-45-614-545`,
`6645614545`, `tel:+6645614545;phone-context=th` and `๐๔๕-๖๑๔๕๔๕` all become the first of these. A
number of another country keeps its plus. Text that is not a number only loses its separators.
"""

import re

THAI_TO_ASCII = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
SIGNIFICANT = r"(?:2[0-9]{7}|[3-57][0-9]{7}|[689][0-9]{8})"
"""The digits after the 0 or the +66 of a Thai number (ITU-T E.164, NBTC numbering plan)."""

_SHORT = r"(?:1[0-9]{2,3}|1[89]00[0-9]{6})"
_SEPARATORS = re.compile(r"[\s\-.()/\u2010-\u2015]+")
_URI = re.compile(r"^(?:tel|sips?):|[;@].*$", re.IGNORECASE | re.DOTALL)
_THAI = re.compile(rf"(?:\+|00)?66(?:0?({SIGNIFICANT})|({_SHORT}))")
_ABROAD = re.compile(r"00([1-9][0-9]{6,17})")


def plain_digits(text: str) -> str:
    """Thai digits become ASCII and separators are removed. Everything else stays."""
    return _SEPARATORS.sub("", text.translate(THAI_TO_ASCII))


def spellings(number: str) -> tuple[str, ...]:
    """The spellings in which trunks send a number, from its normal form."""
    thai = number.removeprefix("0") if re.fullmatch(f"0{SIGNIFICANT}|{_SHORT}", number) else ""
    abroad = number.removeprefix("+") if number.startswith("+") else ""
    prefixes = [p + thai for p in ("+66", "66", "0066")] if thai else []
    return (number, *prefixes, *((f"00{abroad}",) if abroad else ()))


def normal_form(text: str) -> str:
    """A dialled number as `Site.line_of_did` has it. Any text is accepted."""
    plain = plain_digits(_URI.sub("", text.strip()))
    if thai := _THAI.fullmatch(plain):
        return f"0{thai[1]}" if thai[1] else thai[2]
    if abroad := _ABROAD.fullmatch(plain):
        return f"+{abroad[1]}"
    return plain
