"""What is wrong with a value, as a sentence for the person who sent it, without regular
expressions.

The sentence is the description of the value's type (texts.py), which is in the OpenAPI document,
too.
"""

import re
from collections.abc import Iterator
from functools import cache

import msgspec

SHOWN_LONGEST = 300  # characters
_PATTERN = re.compile(r"Expected `str` matching regex (.+?)(?: - at `(.+)`)?$", re.DOTALL)
_PLACE = re.compile(r"(.*?) - at `\$\.?(.+)`$", re.DOTALL)


def sentence(error: msgspec.ValidationError, kind: type) -> str:
    """The field, and what it accepts. `kind` is the type that was read."""
    text = str(error)
    if found := _PATTERN.match(text):
        accepted = _descriptions(kind).get(found[1], "another form, see /api/openapi.json")
        text = f"Accepted: {accepted}" + (f" - at `{found[2]}`" if found[2] else "")
    if found := _PLACE.match(text):
        text = f"{found[2]}: {found[1][:1].lower()}{found[1][1:]}"
    return shown(text)


def shown(text: str) -> str:
    """A stranger's text on one line, cut to SHOWN_LONGEST."""
    return "".join(c if c.isprintable() else "?" for c in text)[:SHOWN_LONGEST]


@cache
def _descriptions(kind: type) -> dict[str, str]:
    """Descriptions by the regular expression as msgspec writes it."""
    return {repr(pattern): told for pattern, told in _told(msgspec.json.schema(kind), "")}


def _told(part: object, around: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        about = part.get("description", around)
        if isinstance(about, str) and isinstance(pattern := part.get("pattern"), str):
            yield pattern, about
        for inner in part.values():
            yield from _told(inner, about)
    elif isinstance(part, list):
        for inner in part:
            yield from _told(inner, around)
