"""Pictures of the pages from a running Prometheus' answers, for the README and for a look by eye.

    python -m tests.pictures.pages --url http://127.0.0.1:9090 --into pictures

Grafana's own drawing is not used. It only reads.
"""

import argparse
import json
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter.oversight.dashboards.files import printed
from tests.pictures.drawing import Answers, Course, drawn

POINTS = 180
"""Points in a course: about one every three pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The chosen time, and how often there was a scrape."""

    since: float
    until: float
    scrape_seconds: float

    @property
    def step_seconds(self) -> float:
        """Between two points of a course."""
        return max((self.until - self.since) / POINTS, self.scrape_seconds)

    def filled_in(self, query: str) -> str:
        """Grafana's variables as Grafana fills them in, everything chosen."""
        rate = max(self.step_seconds + self.scrape_seconds, 4 * self.scrape_seconds)
        query = query.replace("$__range", f"{self.until - self.since:.0f}s")
        query = query.replace("$__rate_interval", f"{rate:.0f}s")
        query = query.replace("$line", r"[^u].*")  # every line but `unknown`
        return re.sub(r"\$(queue|trunk)", ".*", query)


def write_pictures(
    url: str, folder: Path, *, until: float, scrape_seconds: float = 10
) -> list[Path]:
    """One SVG a page, each looking back from `until` as far as the page says, or a day at most."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path, text in printed().items():
        if path.suffix != ".json":
            continue
        page = json.loads(text)
        since = until - 3600 * min(_hours(page), 24)
        times = Times(since=since, until=until, scrape_seconds=scrape_seconds)
        picture = drawn(page, _answers(url, page, times), since, until)
        target = folder / f"{path.stem}.svg"
        target.write_text(picture)
        written.append(target)
    return written


def _answers(url: str, page: Mapping[str, Any], times: Times) -> Answers:
    return {
        panel["id"]: [course for target in panel["targets"] for course in _ask(url, target, times)]
        for panel in page["panels"]
        if panel.get("targets")
    }


def _ask(url: str, target: Mapping[str, Any], times: Times) -> Sequence[Course]:
    query = times.filled_in(target["expr"])
    if target["instant"]:
        data = _get(url, "query", query=query, time=times.until)
    else:
        span = {"start": times.since, "end": times.until, "step": times.step_seconds}
        data = _get(url, "query_range", query=query, **span)
    return [
        Course(
            legend=_legend(target["legendFormat"], series["metric"]),
            points=[
                (float(at), float(value)) for at, value in series.get("values") or [series["value"]]
            ],
        )
        for series in data["result"]
    ]


def _legend(pattern: str, labels: Mapping[str, str]) -> str:
    return re.sub(r"{{(\w+)}}", lambda found: labels.get(found[1], ""), pattern)


def _get(url: str, path: str, **values: object) -> Any:
    query = urllib.parse.urlencode(values)
    with urllib.request.urlopen(f"{url}/api/v1/{path}?{query}", timeout=60) as answer:
        return json.load(answer)["data"]


def _hours(page: Mapping[str, Any]) -> float:
    since = page["time"]["from"].removeprefix("now-")
    return float(since[:-1]) * {"h": 1, "d": 24}[since[-1]]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Pictures of the pages from a Prometheus")
    parser.add_argument("--url", default="http://127.0.0.1:9090")
    parser.add_argument("--into", type=Path, default=Path("pictures"))
    chosen = parser.parse_args()
    for path in write_pictures(chosen.url, chosen.into, until=time.time()):
        print(path)


if __name__ == "__main__":
    main()
