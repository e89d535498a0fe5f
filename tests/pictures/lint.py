"""What every page must keep, checked on the printed JSON as Grafana would load it.

Pure: JSON in, sentences out; an empty
list is a clean page. The rules follow those of grafana/dashboard-linter, with our own of two
languages and of "no calls".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from callcenter.core.facts import OperatorState
from callcenter.core.outcome import OfferResult
from callcenter.oversight.service_level.rules import OFFERED

Json = Mapping[str, Any]

GRID_WIDTH = 24
THAI = re.compile(r"[\u0e00-\u0e7f]")
LATIN = re.compile(r"[A-Za-z]{2}")
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {"percentunit", "s", "none", "cpm", "decbytes"}
NUMBERS_NOW = {"stat", "bargauge"}
WITHOUT_QUERIES = {"row", "text"}
NAMES = {"Asterisk"}
"""Titles that are the same in every language."""
CLOSED_SETS: Mapping[str, set[str]] = {
    "{{outcome}}": {outcome.value for outcome in OFFERED},
    "{{state}}": {state.value for state in OperatorState},
    "{{result}}": {result.value for result in OfferResult},
}
"""Legends whose colours must not follow from which of them there happen to be."""
NOT_KNOWN = r"on \(\w+\) 0 \* sum by \(\w+\) \(\w+\{[^}]*\}\) - 2"
"""What may stand after `or`: a number that no share can be."""


def faults(page: Json) -> list[str]:
    """Every rule that the page breaks, as a sentence with the panel's title."""
    found = [*_of_page(page), *_of_variables(page), *_of_layout(page["panels"])]
    for panel in page["panels"]:
        found += [f"{panel['title']!r}: {fault}" for fault in _of_panel(panel)]
    return found


def expressions(page: Json) -> Iterator[tuple[str, str, bool]]:
    """(panel's title, query, instant) of every query of a page."""
    for panel in page["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"], bool(target.get("instant"))


def is_bilingual(text: str) -> bool:
    """Thai, a slash, then something that is not Thai."""
    thai, slash, english = text.partition(" / ")
    return bool(slash and THAI.search(thai) and LATIN.search(english) and not THAI.search(english))


def _of_page(page: Json) -> Iterator[str]:
    for name in ("title", "description"):
        if not is_bilingual(page.get(name, "")):
            yield f"the page's {name} is not in Thai and English"
    if not re.fullmatch(r"hotline-[a-z]+", page.get("uid") or ""):
        yield "the page's uid is not hotline-…"
    if page.get("timezone") != "Asia/Bangkok":
        yield "the page does not show Bangkok's time"
    ids = [panel["id"] for panel in page["panels"]]
    if len(set(ids)) != len(ids):
        yield "two panels have the same id"


def _of_variables(page: Json) -> Iterator[str]:
    variables = {entry["name"]: entry for entry in page["templating"]["list"]}
    if variables.get("datasource", {}).get("type") != "datasource":
        yield "there is no variable for the data source"
    queries = [query for _, query, _ in expressions(page)]
    used = {name for query in queries for name in re.findall(r"\$(?!__)(\w+)", query)}
    declared = set(variables) - {"datasource"}
    for name in sorted(used - declared):
        yield f"${name} is used and not declared"
    for name in sorted(declared - used):
        yield f"${name} is declared and not used"
    for name in sorted(declared):
        if variables[name].get("datasource") != DATASOURCE:
            yield f"${name} does not ask ${{datasource}}"
        if not is_bilingual(variables[name].get("label", "")):
            yield f"${name}'s label is not in Thai and English"


def _of_layout(panels: Sequence[Json]) -> Iterator[str]:
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] < 0 or place["x"] + place["w"] > GRID_WIDTH or place["h"] < 1:
            yield f"{panel['title']!r} does not lie on the grid of {GRID_WIDTH}"
    for one, other in combinations(panels, 2):
        if _overlap(one["gridPos"], other["gridPos"]):
            yield f"{one['title']!r} and {other['title']!r} overlap"


def _overlap(one: Json, other: Json) -> bool:
    return bool(
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def _of_panel(panel: Json) -> Iterator[str]:
    if not (is_bilingual(panel["title"]) or panel["title"].split(" / ")[0] in NAMES):
        yield "the title is not in Thai and English"
    if panel["type"] == "row":
        return
    if not is_bilingual(panel.get("description", "")):
        yield "the description is not in Thai and English"
    if panel["type"] not in WITHOUT_QUERIES:
        yield from _of_numbers(panel)
        yield from _of_colors(panel)
        for target in panel["targets"]:
            yield from _of_query(panel, target)


def _of_numbers(panel: Json) -> Iterator[str]:
    shown = panel["fieldConfig"]["defaults"]
    if shown.get("unit") not in UNITS:
        yield f"the unit {shown.get('unit')!r} is none of {sorted(UNITS)}"
    if shown.get("unit") == "none" and shown.get("decimals") != 0:
        yield "a count is shown with decimals"
    if not is_bilingual(shown.get("noValue", "")):
        yield "it does not say in Thai and English that there is nothing"
    if not any(
        mapping["type"] == "special"
        and mapping["options"]["match"] == "null+nan"
        and mapping["options"]["result"]["text"] == shown.get("noValue")
        for mapping in shown.get("mappings", [])
    ):
        yield "0/0 is not shown as nothing"
    if panel.get("datasource") != DATASOURCE:
        yield "it does not ask ${datasource}"
    letters = [target["refId"] for target in panel["targets"]]
    if not letters or len(set(letters)) != len(letters):
        yield "it has no query, or two under one letter"


def _of_colors(panel: Json) -> Iterator[str]:
    fixed = {
        entry["matcher"]["options"]: value["value"]["fixedColor"]
        for entry in panel["fieldConfig"]["overrides"]
        for value in entry["properties"]
        if entry["matcher"]["id"] == "byName" and value["id"] == "color"
    }
    for target in panel["targets"]:
        for name in sorted(CLOSED_SETS.get(target["legendFormat"], set()) - set(fixed)):
            yield f"{name} has no colour of its own"


def _of_query(panel: Json, target: Json) -> Iterator[str]:
    query = target["expr"]
    instant = bool(target.get("instant"))
    if target.get("datasource") != DATASOURCE:
        yield "a query does not ask ${datasource}"
    if not target.get("legendFormat"):
        yield "a query has no legend"
    if instant != (panel["type"] in NUMBERS_NOW):
        yield "numbers are asked for now, courses over time"
    window = "$__range" if instant else "$__rate_interval"
    for found in re.findall(r"\[([^\]]*)\]", query):
        if found != window:
            yield f"the window [{found}] is not [{window}]"
    if re.search(rf"\bor\b(?! {NOT_KNOWN})", query):
        yield "`or` would put a number where there is none"
