"""A number as a panel says it: its mapping, unit and colour. Pure."""

from collections.abc import Mapping
from typing import Any


def said(panel: Mapping[str, Any], value: float) -> tuple[str, str]:
    """The words and the colour's name for a value; NaN is what the panel says for nothing."""
    defaults = panel["fieldConfig"]["defaults"]
    for mapping in defaults.get("mappings", []):
        if mapping["type"] == "special" and value != value:
            result = mapping["options"]["result"]
            return result["text"], result["color"]
        if mapping["type"] == "value" and value == value:
            found = mapping["options"].get(f"{value:.0f}")
            if found and value == round(value):
                return found["text"], found["color"]
    return shown(defaults["unit"], value), _color(defaults["thresholds"]["steps"], value)


def shown(unit: str, value: float) -> str:
    """`0.83` as percentunit is `83 %`."""
    match unit:
        case "percentunit":
            return f"{100 * value:.1f} %".replace(".0 %", " %")
        case "s":
            return _duration(value)
        case "cpm":
            return f"{value:.1f}/min"
        case _:
            return f"{value:,.0f}"


def on_axis(unit: str, value: float) -> str:
    """As `shown`, short enough to stand beside an axis."""
    return f"{value / 60:.1f} min" if unit == "s" and value >= 60 else shown(unit, value)


def _duration(seconds: float) -> str:
    if seconds == 0:
        return "0 s"
    if seconds < 0.1:
        return f"{1000 * seconds:.1f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {seconds % 60:.0f} s"


def _color(steps: list[dict[str, Any]], value: float) -> str:
    color: str = steps[0]["color"]
    for step in steps[1:]:
        if value >= step["value"]:
            color = step["color"]
    return color
