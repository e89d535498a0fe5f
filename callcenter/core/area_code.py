"""The area of a caller, if the number tells it: the area code of a Thai fixed line.

Pure. The site file has tables of beginnings of numbers, such as 0456 for Si Sa Ket within 045. The
longest match counts. A mobile, withheld or foreign number has no area.
"""

import re
from collections.abc import Mapping

from callcenter.core.dialled import normal_form
from callcenter.core.ids import QueueName

Areas = Mapping[str, QueueName]

BEGINNING = r"0(?:2|[3-57][0-9])[0-9]{0,6}"
"""The beginning of a Thai fixed-line number (NBTC numbering plan): 02 is Bangkok; 03x to 05x and
07x are provinces; 06, 08 and 09 are mobile."""

_FIXED = re.compile(r"0[2-57][0-9]{7}", re.ASCII)
_LENGTH = 9  # digits of every fixed-line number, with its 0


def queue_of(areas: Areas, caller: str) -> QueueName | None:
    """The queue of the area of a caller's number, or None."""
    if not areas:
        return None
    number = normal_form(caller)
    if len(number) != _LENGTH or not _FIXED.fullmatch(number):
        return None
    for digits in range(_LENGTH, 1, -1):
        if found := areas.get(number[:digits]):
            return found
    return None
