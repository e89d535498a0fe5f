"""A page as an SVG picture: the panels of the printed JSON, drawn with their queries' answers.

It is no Grafana: it shows the same numbers in the same places with the same
words and colours, for a README and for a check by eye. Pure: answers in, text out.
"""

import itertools
import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

from callcenter.oversight.dashboards.targets import AMBER, BLUE, GREEN, GREY, RED
from tests.pictures.formats import on_axis, said

COLUMN, TIER, GAP = 52, 30, 8
BANGKOK = timezone(timedelta(hours=7))
COLORS = {GREEN: "#3f8f46", AMBER: "#c9751a", RED: "#c4314b", BLUE: "#3465c0", GREY: "#3a3f4a"}
LINES = ("#73bf69", "#5794f2", "#ff9830", "#b877d9", "#f2495c", "#fade2a", "#8ab8ff", "#ffa6b0")
FONT = "Sarabun, 'Noto Sans Thai', 'Leelawadee UI', Thonburi, Garuda, sans-serif"
CELL, LEGEND_TIER, LEGEND_SIZE = 84, 16, 10
CHARACTER = 0.56
"""About how wide a letter is, as a share of its size; Thai marks above and below have no width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One series: its legend and its points (Unix seconds, value)."""

    legend: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where something is drawn, in pixels."""

    x: float
    y: float
    width: float
    height: float


Answers = Mapping[int, Sequence[Course]]
"""By panel id; a panel of numbers has one point in each series."""


def drawn(page: Mapping[str, Any], answers: Answers, since: float, until: float) -> str:
    """The whole page, `since` to `until` in Unix seconds."""
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in page["panels"])
    width, height = 24 * COLUMN + GAP, bottom * TIER + 56
    span = f"{_clock(since, '%d/%m/%Y %H:%M')} – {_clock(until, '%d/%m/%Y %H:%M')}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FONT}" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#111217"/>',
        _text(GAP, 30, page["title"], size=20, fill="#ffffff"),
        _text(width - GAP, 30, span, fill="#9fa3ad", anchor="end"),
    ]
    for panel in page["panels"]:
        parts += _panel(panel, answers.get(panel["id"], ()), (since, until))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(
    panel: Mapping[str, Any], courses: Sequence[Course], span: tuple[float, float]
) -> Iterator[str]:
    place = panel["gridPos"]
    box = Box(
        x=place["x"] * COLUMN + GAP,
        y=place["y"] * TIER + 48,
        width=place["w"] * COLUMN - GAP,
        height=place["h"] * TIER - GAP,
    )
    if panel["type"] == "row":
        yield _text(box.x, box.y + 18, panel["title"], size=15, fill="#d8d9da")
        return
    yield _rectangle(box, "#181b1f")
    title, size = fitted_title(panel)
    yield _text(box.x + 8, box.y + 17, title, size=size, fill="#ccccdc")
    inside = Box(x=box.x + 8, y=box.y + 26, width=box.width - 16, height=box.height - 32)
    yield from _KINDS[panel["type"]](panel, inside, courses, span)


def fitted_title(panel: Mapping[str, Any]) -> tuple[str, float]:
    """A panel's title and the size in which it fits; its end is cut when even the smallest is too
    large."""
    title, width = panel["title"], panel["gridPos"]["w"] * COLUMN - GAP - 16
    size = max(10.0, min(13.0, width / (_letters(title) * CHARACTER)))
    return _cut(title, width, size), size


def _numbers(
    panel: Mapping[str, Any], box: Box, courses: Sequence[Course], span: tuple[float, float]
) -> Iterator[str]:
    shown_courses = courses or [Course(legend="", points=[(span[1], float("nan"))])]
    longest = max(_letters(course.legend) for course in shown_courses) * CHARACTER * LEGEND_SIZE
    fit = max(1, box.width // max(CELL, longest + 4))
    tiers = math.ceil(len(shown_courses) / fit)
    columns = math.ceil(len(shown_courses) / tiers)
    width, height = box.width / columns, box.height / tiers
    for place, course in enumerate(shown_courses):
        x, y = box.x + place % columns * width, box.y + place // columns * height
        text, color = said(panel, course.points[-1][1])
        cell = Box(x=x + 1, y=y + 1, width=width - 2, height=height - 2)
        yield _rectangle(cell, COLORS.get(color, COLORS[GREY]))
        size = max(8, min(26, height * 0.4, (width - 8) / max(_letters(text) * CHARACTER, 1)))
        middle = y + height / 2 + size / 3 - (7 if course.legend else 0)
        yield _text(x + width / 2, middle, text, size=size, fill="#ffffff", anchor="middle")
        if course.legend:
            legend, at = _cut(course.legend, width, LEGEND_SIZE), y + height - 7
            yield _text(
                x + width / 2, at, legend, size=LEGEND_SIZE, fill="#e6e6e6", anchor="middle"
            )


def _bars(
    panel: Mapping[str, Any], box: Box, courses: Sequence[Course], span: tuple[float, float]
) -> Iterator[str]:
    values = [(course.legend, course.points[-1][1]) for course in courses]
    most = max([value for _, value in values if value == value], default=0.0) or 1.0
    height = min(22.0, box.height / max(len(values), 1))
    for place, (legend, value) in enumerate(values):
        y = box.y + place * height
        text, color = said(panel, value)
        length = 0.0 if value != value else (box.width - 240) * value / most
        yield _text(
            box.x, y + height * 0.7, _cut(legend, 150), size=min(12, height), fill="#ccccdc"
        )
        bar = Box(x=box.x + 155, y=y + 2, width=max(length, 1), height=max(height - 4, 2))
        yield _rectangle(bar, COLORS.get(color, COLORS[BLUE]))
        yield _text(box.x + 162 + length, y + height * 0.7, text, size=min(12, height))
    if not values:
        yield _nothing(panel, box)


def _trend(
    panel: Mapping[str, Any], box: Box, courses: Sequence[Course], span: tuple[float, float]
) -> Iterator[str]:
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    is_stacked = custom.get("stacking", {}).get("mode") == "normal"
    legends = list(_legend_tiers(courses, box.width))
    below = 26 + LEGEND_TIER * len(legends)
    plot = Box(x=box.x + 50, y=box.y + 4, width=box.width - 54, height=box.height - below)
    drawn_courses = list(_stacked(courses)) if is_stacked else list(courses)
    values = [v for course in drawn_courses for _, v in course.points if v == v]
    if not values:
        yield _nothing(panel, box)
        return
    most = _top(_unit(panel), max(values))
    yield from _axes(panel, plot, most, span)
    order = list(enumerate(drawn_courses))
    for place, course in reversed(order) if is_stacked else order:
        color = color_of(panel, course.legend, place)
        yield from _line(course, plot, most, span, color, is_stacked)
    for tier, entries in enumerate(legends):
        y = box.y + box.height - LEGEND_TIER * (len(legends) - tier)
        for x, place in entries:
            legend = courses[place].legend
            mark = Box(x=box.x + x, y=y + 5, width=10, height=4)
            yield _rectangle(mark, color_of(panel, legend, place))
            yield _text(box.x + x + 14, y + 12, legend, size=11, fill="#ccccdc")


def _top(unit: str, most: float) -> float:
    """The top of the axis: a whole for a share, an even number for counts, else a little above."""
    if unit == "percentunit":
        return 1.0
    return max(2.0, 2.0 * math.ceil(most * 1.08 / 2)) if unit == "none" else most * 1.08 or 1.0


def color_of(panel: Mapping[str, Any], legend: str, place: int) -> str:
    """A course's own colour, or the next one."""
    for entry in panel["fieldConfig"].get("overrides", ()):
        if entry["matcher"]["options"] == legend:
            for value in entry["properties"]:
                if value["id"] == "color":
                    return str(value["value"]["fixedColor"])
    return LINES[place % len(LINES)]


def _axes(
    panel: Mapping[str, Any], plot: Box, most: float, span: tuple[float, float]
) -> Iterator[str]:
    for step in range(3):
        value = most * step / 2
        y = plot.y + plot.height * (1 - step / 2)
        yield (
            f'<line x1="{plot.x:.0f}" x2="{plot.x + plot.width:.0f}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="#2c3235"/>'
        )
        label = on_axis(_unit(panel), value)
        yield _text(plot.x - 6, y + 4, label, size=10, fill="#9fa3ad", anchor="end")
    for step in range(5):
        x = plot.x + plot.width * step / 4
        moment = span[0] + (span[1] - span[0]) * step / 4
        anchor = "start" if step == 0 else "end" if step == 4 else "middle"
        clock = _clock(moment, "%H:%M")
        yield _text(x, plot.y + plot.height + 14, clock, size=10, fill="#9fa3ad", anchor=anchor)


def _line(
    course: Course, plot: Box, most: float, span: tuple[float, float], color: str, area: bool
) -> Iterator[str]:
    """Pieces between gaps: where there was nothing, nothing is drawn."""
    for piece in _pieces(course.points):
        points = [
            (
                plot.x + plot.width * (at - span[0]) / (span[1] - span[0]),
                plot.y + plot.height * (1 - min(value / most, 1.0)),
            )
            for at, value in piece
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        if area:
            floor = plot.y + plot.height
            path = f"{points[0][0]:.1f},{floor:.1f} {path} {points[-1][0]:.1f},{floor:.1f}"
            yield f'<polygon points="{path}" fill="{color}" />'
        elif len(points) == 1:
            yield f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="2" fill="{color}"/>'
        else:
            yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def _pieces(points: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    steps = [later - at for (at, _), (later, _) in itertools.pairwise(points)]
    longest = 1.5 * min(steps, default=0.0)
    piece: list[tuple[float, float]] = []
    for at, value in points:
        if piece and (value != value or at - piece[-1][0] > longest):
            yield piece
            piece = []
        if value == value:
            piece.append((at, value))
    if piece:
        yield piece


def _stacked(courses: Sequence[Course]) -> Iterator[Course]:
    below: dict[float, float] = {}
    for course in courses:
        for at, value in course.points:
            below[at] = below.get(at, 0.0) + (0.0 if value != value else value)
        yield Course(legend=course.legend, points=[(at, below[at]) for at, _ in course.points])


def _bands(
    panel: Mapping[str, Any], box: Box, courses: Sequence[Course], span: tuple[float, float]
) -> Iterator[str]:
    height = min(30.0, (box.height - 16) / max(len(courses), 1))
    width = box.width - 90
    for place, course in enumerate(courses):
        y = box.y + place * height
        yield _text(box.x, y + height * 0.65, _cut(course.legend, 84), size=12)
        for (at, value), (later, _) in zip(course.points, course.points[1:], strict=False):
            x = box.x + 90 + width * (at - span[0]) / (span[1] - span[0])
            length = width * (later - at) / (span[1] - span[0]) + 0.5
            _word, color = said(panel, value)
            band = Box(x=x, y=y + 2, width=length, height=height - 4)
            yield _rectangle(band, COLORS.get(color, COLORS[GREY]), round_=False)
    if not courses:
        yield _nothing(panel, box)


def _words(
    panel: Mapping[str, Any], box: Box, courses: Sequence[Course], span: tuple[float, float]
) -> Iterator[str]:
    content = panel["options"]["content"].replace("\n\n", " · ")
    fits = int(box.width / (CHARACTER * 13))
    line, row = "", 0
    for word in content.split(" "):
        if _letters(line) + _letters(word) > fits:
            yield _text(box.x, box.y + 12 + row * 18, line, fill="#ccccdc")
            line, row = "", row + 1
        line = f"{line} {word}".strip()
    yield _text(box.x, box.y + 12 + row * 18, line, fill="#ccccdc")


def _legend_tiers(courses: Sequence[Course], width: float) -> Iterator[list[tuple[float, int]]]:
    """Where each course's legend stands: tier by tier, (x, which course)."""
    tier: list[tuple[float, int]] = []
    x = 0.0
    for place, course in enumerate(courses):
        needed = 24 + _letters(course.legend) * CHARACTER * 11
        if tier and x + needed > width:
            yield tier
            tier, x = [], 0.0
        tier.append((x, place))
        x += needed
    if tier:
        yield tier


def _nothing(panel: Mapping[str, Any], box: Box) -> str:
    text = panel["fieldConfig"]["defaults"]["noValue"]
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return _text(x, y, text, size=15, fill="#9fa3ad", anchor="middle")


def _unit(panel: Mapping[str, Any]) -> str:
    return str(panel["fieldConfig"]["defaults"]["unit"])


def _rectangle(box: Box, fill: str, *, round_: bool = True) -> str:
    corner = ' rx="2"' if round_ else ""
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{max(box.width, 0):.1f}" '
        f'height="{max(box.height, 0):.1f}" fill="{fill}"{corner}/>'
    )


def _text(
    x: float, y: float, text: str, *, size: float = 13, fill: str = "#ccccdc", anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.0f}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _cut(text: str, width: float, size: float = 13) -> str:
    """Without its end when it is too long: an ellipsis says so."""
    fits = width / (CHARACTER * size)
    if _letters(text) <= fits:
        return text
    while text and _letters(text) > fits - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _letters(text: str) -> int:
    """How many letters stand beside each other."""
    return sum(unicodedata.category(letter) != "Mn" for letter in text)


def _clock(moment: float, pattern: str) -> str:
    return datetime.fromtimestamp(moment, BANGKOK).strftime(pattern)


_Kind = Callable[[Mapping[str, Any], Box, Sequence[Course], tuple[float, float]], Iterator[str]]
_KINDS: Mapping[str, _Kind] = {
    "stat": _numbers,
    "bargauge": _bars,
    "timeseries": _trend,
    "state-timeline": _bands,
    "text": _words,
}
