"""Plays the day, loads it into a Prometheus of its own, draws metrics/pictures/."""

import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.samples import Sample

from callcenter.hosting.prometheus import METRICS, Prometheus
from callcenter.hosting.prometheus_programs import PrometheusPrograms, obtain_prometheus
from callcenter.telemetry.metrics import Metrics
from tests.integration.oversight.watched import QuietTrunks, name_quiet_parts
from tests.pictures.busy_day import DAY_SECONDS, BusyDay
from tests.pictures.pages import write_pictures
from tests.site import site

PORT = 15620
UNTIL = datetime(2026, 11, 20, 7, 0, tzinfo=UTC).timestamp()  # 14:00 in Bangkok
SINCE = UNTIL - DAY_SECONDS
SCRAPE = {"job": "callcenter", "instance": "127.0.0.1:8080"}

Points = dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[float, float]]]


def play() -> tuple[dict[str, str], Points]:
    """The type of each family, and every sample of the day."""
    metrics: list[Metrics] = []
    day = BusyDay(site(), lambda facts: metrics[0].fold(facts), seed=7)
    metrics.append(Metrics(site(), day.engine.state, lambda: day.now))
    counters = name_quiet_parts(metrics[0])
    carriers = metrics[0].parts.trunks = QuietTrunks()
    types: dict[str, str] = {"up": "gauge", "scrape_duration_seconds": "gauge"}
    points: Points = defaultdict(list)
    for seconds in day.minutes():
        at = SINCE + seconds
        counters.events["ChannelStateChange"] += 12
        counters.call_seconds.add(0.004)
        carriers.channels_in_use["tot"] = len(day.engine.state.calls)
        counters.event_at = 1.0  # of the machine that plays; _value puts the day's in its place
        for family in metrics[0].registry.collect():
            types[family.name] = family.type
            for sample in family.samples:
                if not sample.name.endswith("_created"):
                    points[_key(sample)].append((at, _value(sample, at)))
        points["up", tuple(sorted(SCRAPE.items()))].append((at, 1.0))
        points["scrape_duration_seconds", tuple(sorted(SCRAPE.items()))].append((at, 0.012))
    return types, points


def _key(sample: Sample) -> tuple[str, tuple[tuple[str, str], ...]]:
    return sample.name, tuple(sorted({**sample.labels, **SCRAPE}.items()))


def _value(sample: Sample, at: float) -> float:
    """Moments are those of the day that is played, not of the machine that plays it."""
    return at - 1 if sample.name.endswith("_last_event_timestamp_seconds") else sample.value


def openmetrics(types: dict[str, str], points: Points) -> str:
    """As promtool loads it: family by family, each series in the order of time."""
    lines = []
    for family, kind in types.items():
        lines.append(f"# TYPE {family} {kind}")
        suffixes = {"", "_total", "_bucket", "_count", "_sum"}
        for (name, labels), values in points.items():
            if name.startswith(family) and name.removeprefix(family) in suffixes:
                shown = ",".join(f'{label}="{value}"' for label, value in labels)
                lines += [f"{name}{{{shown}}} {value} {at:.0f}" for at, value in values]
    return "\n".join([*lines, "# EOF", ""])


def tool(programs: PrometheusPrograms, *arguments: str | Path) -> None:
    """promtool, or an end with what it said."""
    command = [str(programs.promtool), *(str(argument) for argument in arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def recording_rules(folder: Path) -> Sequence[Path]:
    """Two files: rules that need only series, then those that need the first ones' records."""
    first: list[dict[str, Any]] = []
    second: list[dict[str, Any]] = []
    for file in sorted((METRICS / "rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                if "record" in rule:
                    needs = bool(re.search(r"\b(line|queue):", rule["expr"]))
                    (second if needs else first).append(rule)
    paths = []
    for name, rules in (("first", first), ("second", second)):
        path = folder / f"{name}.yml"
        path.write_text(yaml.safe_dump({"groups": [{"name": name, "rules": rules}]}))
        paths.append(path)
    return paths


def main() -> None:
    """About a minute."""
    programs = obtain_prometheus(print)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        (folder / "day.txt").write_text(openmetrics(*play()))
        server = Prometheus(
            programs=programs, directory=folder / "run", targets=(), port=PORT, say=print
        )
        blocks = folder / "run" / "own" / "data"
        blocks.mkdir(parents=True)
        tool(programs, "tsdb", "create-blocks-from", "openmetrics", folder / "day.txt", blocks)
        for rules in recording_rules(folder):
            server.start()
            span = (f"--start={SINCE:.0f}", f"--end={UNTIL:.0f}", "--eval-interval=60s")
            records = folder / rules.stem
            tool(
                programs, "tsdb", "create-blocks-from", "rules", *span, f"--url={server.url}",
                f"--output-dir={records}", rules,
            )  # fmt: skip
            server.stop()
            for block in records.iterdir():
                block.rename(blocks / block.name)
        server.start()
        try:
            for path in write_pictures(
                server.url, METRICS / "pictures", until=UNTIL, scrape_seconds=60
            ):
                print(path)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
