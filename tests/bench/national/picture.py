"""The day as a picture: calls by the quarter of an hour, the line, the operators.

Called by __main__.py; drawn with the same pen as the pages of the dashboards.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tests.bench.national import course
from tests.bench.national.country import DAY_SECONDS, FIRST_HOUR
from tests.bench.national.findings import QUARTER, Span
from tests.pictures.drawing import BANGKOK, Course, drawn

SINCE = datetime(2026, 11, 21, FIRST_HOUR, tzinfo=BANGKOK).timestamp()  # any day: it is a model
FINE = 120  # seconds a point of the line and the operators
HEIGHT = 6


def picture(day: course.Course, rush: Span, title: str) -> str:
    """An SVG of four panels, one above the other."""
    by = day.seconds
    arrivals = list(by.arrivals)
    arrivals[rush.begin : rush.end] = [-1] * (rush.end - rush.begin)  # not drawn
    panels: list[tuple[str, dict[str, tuple[Sequence[int], int, Callable[..., float]]]]] = [
        (
            "สายเข้าและสายที่รับ ทุก 15 นาที · Calls that came and calls answered, a quarter hour",
            {
                "สายเข้า · came": (by.arrivals, QUARTER, sum),
                "รับสาย · answered": (by.answered, QUARTER, sum),
            },
        ),
        (
            "ไม่รวมสายเข้าในชั่วโมงเร่งด่วน · The same, without the rush",
            {
                "สายเข้า · came": (arrivals, QUARTER, _sum_if_any),
                "รับสาย · answered": (by.answered, QUARTER, sum),
            },
        ),
        (
            "ผู้รอสาย (มากที่สุด) · Callers nobody has answered yet, most",
            {"รอสาย · waiting": (by.waiting, FINE, max)},
        ),
        (
            "เจ้าหน้าที่ · Operators",
            {
                "ปฏิบัติงาน · on duty": (by.on_duty, FINE, _mean),
                "ไม่ว่าง · busy": (by.busy, FINE, _mean),
            },
        ),
    ]
    page = {
        "title": title,
        "panels": [_panel(place, name) for place, (name, _) in enumerate(panels)],
    }
    answers = {
        place: [
            Course(legend=legend, points=_points(values, step, fold))
            for legend, (values, step, fold) in held.items()
        ]
        for place, (_, held) in enumerate(panels)
    }
    return drawn(page, answers, SINCE, SINCE + DAY_SECONDS)


def _panel(place: int, title: str) -> dict[str, Any]:
    return {
        "id": place,
        "type": "timeseries",
        "title": title,
        "gridPos": {"x": 0, "y": place * HEIGHT, "w": 24, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": "short", "noValue": "–"}},
    }


def _points(
    values: Sequence[int], step: int, fold: Callable[..., float]
) -> list[tuple[float, float]]:
    return [
        (SINCE + begin + step / 2, float(fold(values[begin : begin + step])))
        for begin in range(0, int(DAY_SECONDS), step)
    ]


def _sum_if_any(values: Sequence[int]) -> float:
    return math.nan if min(values) < 0 else sum(values)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)
