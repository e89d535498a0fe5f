"""The panels' queries as Grafana sends them, and a Prometheus quick enough for a test.

Used by the tests that ask a real Prometheus what the pages would show.
"""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter.hosting.prometheus import METRICS
from callcenter.oversight.dashboards.files import printed
from tests.integration.oversight.prometheus_client_side import Asking
from tests.integration.oversight.promql_names import filled_in
from tests.pictures.lint import NUMBERS_NOW

PAGES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(text) for path, text in printed().items() if path.suffix == ".json"
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel with one of its queries, filled in as Grafana does."""

    page: str
    title: str
    now: bool
    query: str
    legend: str


def panels() -> list[Panel]:
    return [
        Panel(
            page=name,
            title=panel["title"].partition(" / ")[2],
            now=panel["type"] in NUMBERS_NOW,
            query=filled_in(target["expr"]),
            legend=target["legendFormat"],
        )
        for name, page in PAGES.items()
        for panel in page["panels"]
        for target in panel.get("targets", [])
    ]


def shown(panel: Panel) -> str:
    """The panel's name in the list of tests."""
    return f"{panel.page}: {panel.title} {panel.legend}"


def quick(folder: Path) -> Path:
    """The rules and configuration of metrics/, but every second."""
    (folder / "rules").mkdir(parents=True)
    for file in (METRICS / "rules").glob("*.yml"):
        text = re.sub(r"interval: \d+m", "interval: 1s", file.read_text())
        (folder / "rules" / file.name).write_text(text)
    text = (METRICS / "prometheus.yml").read_text()
    text = re.sub(r"(scrape_interval|scrape_timeout|evaluation_interval): \d+s", r"\1: 1s", text)
    (folder / "prometheus.yml").write_text(text)
    return folder


def scrapes(asking: Asking) -> float:
    """How many succeeded; none as long as the last did not, which empties every gauge."""
    query = 'sum_over_time(up{job="callcenter"}[10m]) and up{job="callcenter"} == 1'
    return sum(asking.now(query, time.time()).values())


def last_scrape(asking: Asking) -> float:
    (at,) = asking.now('timestamp(up{job="callcenter"})', time.time()).values()
    return at
