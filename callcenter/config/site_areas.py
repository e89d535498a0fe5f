"""Reads the tables [areas.NAME] of a site file: beginnings of fixed-line numbers, and their
queues."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

from callcenter.config.site_faults import Faults
from callcenter.config.toml_lines import Path
from callcenter.core.area_code import BEGINNING, Areas
from callcenter.core.dialled import plain_digits
from callcenter.core.ids import QueueName

AREAS_MOST = 500  # 77 provinces with several exchanges each
ACCEPTED = "the beginning of a Thai fixed-line number, such as 02, 045 or 0456"


def read_areas(
    faults: Faults, path: Path, table: Mapping[str, object], queues: frozenset[QueueName]
) -> Areas:
    """The table. Wrong values become faults."""
    if not 1 <= len(table) <= AREAS_MOST:
        faults.say(path, str(len(table)), f"accepted: 1 to {AREAS_MOST} beginnings of numbers")
        return {}
    found: dict[str, QueueName] = {}
    for written, queue in table.items():
        digits, place = plain_digits(written), (*path, written)
        if not re.fullmatch(BEGINNING, digits, re.ASCII):
            faults.add(place, written, ACCEPTED)
        elif digits in found:
            faults.say(place, written, f"{digits} has a queue already, above")
        elif queue not in queues:
            near = get_close_matches(str(queue), queues, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            names = ", ".join(sorted(queues)) or "none"
            said = f"there is no such queue; {hint}Queues of this file: {names}"
            faults.say(place, str(queue), said)
        else:
            found[digits] = QueueName(str(queue))
    return found
