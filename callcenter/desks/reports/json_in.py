"""A submitted report that comes back as our own JSON, from another system of the ministry. Pure.

It has the checksum of what was submitted. If that is right, the file is whole, and its numbers and
texts go into the unit's draft; nothing of it is submitted. Anything else is refused with its
reason.
"""

import msgspec

from callcenter.desks.reports.form import checksum
from callcenter.desks.reports.model import Body, Submitted, Typed
from callcenter.desks.reports.sheet import Mark
from callcenter.desks.shared.sheet_rows import SheetFault

TYPED = "typed"


class _File(msgspec.Struct):
    """What is read of a ReportFile (exports.py)."""

    round: int
    round_name: str
    unit: str
    name_th: str
    sha256: str
    body: Submitted


def read(content: bytes, before: Body, mark: Mark) -> Body:
    """What was submitted, over what is in the report: typed numbers, texts and signatures. Numbers
    that the system had counted stay the system's own. Raises SheetFault."""
    try:
        file = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SheetFault("sheet_fault", ["no_json"]) from error
    if checksum(file.body) != file.sha256:
        raise SheetFault("hash_wrong", [])
    if file.round != mark.round:
        raise SheetFault("another_round", [file.round_name[:200]])
    if file.unit != mark.unit:
        raise SheetFault("another_unit", [file.name_th[:200]])
    typed = {
        field: Typed(value=each.value, why=each.why)
        for field, each in file.body.numbers.items()
        if each.origin == TYPED
    }
    return Body(
        numbers={**before.numbers, **typed},
        texts={**before.texts, **file.body.texts},
        signed=file.body.signed,
        nil=file.body.nil,
    )
