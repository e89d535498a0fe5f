"""The province of a call: what the caller chose in the menu, or else what the number tells.

The number tells it only by the site file's own table of area codes ([areas.NAME]): most Thai area
codes are of several provinces, and none is guessed.
"""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.area_code import queue_of
from callcenter.core.site import Line
from callcenter.desks.shared.areas import Area, province_named


class AreaFrom(StrEnum):
    """Where a province is known from."""

    MENU = "menu"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Found:
    """A province, and where it is known from."""

    area: Area
    known_from: AreaFrom


def province_of(chosen: str, line: Line | None, caller: str) -> Found | None:
    """The province of a call. None: not known."""
    if area := province_named(chosen):
        return Found(area, AreaFrom.MENU)
    queue = queue_of(line.areas, caller) if line else None
    area = province_named(queue) if queue else None
    return Found(area, AreaFrom.NUMBER) if area else None
