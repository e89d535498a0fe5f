"""The files printed into metrics/: seven pages, their provisioning, the service level rules."""

from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from callcenter.oversight.dashboards import cabinet, desks, floor, health, operators, queue, trunks
from callcenter.oversight.service_level.promql import rule_file
from callcenter.oversight.service_level.rules import FORMULAS

METRICS = Path(__file__).resolve().parents[3] / "metrics"
PAGES = (cabinet.PAGE, floor.PAGE, queue.PAGE, operators.PAGE, trunks.PAGE, health.PAGE, desks.PAGE)

_PRINTED = "# Printed by `python -m callcenter.oversight.dashboards`; change it there.\n"
_PROVISIONING = Path("grafana/provisioning")
_FOLDER = _PROVISIONING / "dashboards" / "hotline"

DATASOURCES = f"""{_PRINTED}apiVersion: 1
datasources:
  - name: Prometheus
    uid: hotline-prometheus
    type: prometheus
    access: proxy
    url: $PROMETHEUS_URL # http://127.0.0.1:9090
    isDefault: true
    editable: false
    jsonData:
      timeInterval: 10s # scrape_interval of prometheus.yml; $__rate_interval rests on it
      httpMethod: POST
      prometheusType: Prometheus
"""

DASHBOARDS = f"""{_PRINTED}apiVersion: 1
providers:
  - name: hotline
    folder: สายด่วน / Hotline
    type: file
    disableDeletion: true
    allowUiUpdates: false
    updateIntervalSeconds: 60
    options:
      path: /etc/grafana/provisioning/dashboards/hotline
"""


FORMULAS_BEGIN = "<!-- formulas: printed by python -m callcenter.oversight.dashboards -->\n"
FORMULAS_END = "<!-- end of formulas -->"


def printed() -> Mapping[Path, str]:
    """Every printed file: its path under metrics/ and its text."""
    texts = {
        Path("rules/service_level.yml"): rule_file(),
        _PROVISIONING / "datasources" / "prometheus.yaml": DATASOURCES,
        _PROVISIONING / "dashboards" / "hotline.yaml": DASHBOARDS,
    }
    texts[Path("README.md")] = _readme((METRICS / "README.md").read_text())
    for page in PAGES:
        name = page.uid.removeprefix("hotline-")
        texts[_FOLDER / f"{name}.json"] = _json(page.build())
    return texts


def stale(metrics: Path = METRICS) -> list[Path]:
    """Printed files that are missing, differ, or are not printed any more."""
    texts = printed()
    left = {path.relative_to(metrics) for path in (metrics / _FOLDER).glob("*")} - set(texts)
    changed = {path for path, text in texts.items() if _read(metrics / path) != text}
    return sorted(left | changed)


def write(metrics: Path = METRICS) -> list[Path]:
    """Write the files that are out of date; gives their paths."""
    texts = printed()
    changed = stale(metrics)
    for path in changed:
        if path not in texts:
            (metrics / path).unlink()
            continue
        (metrics / path).parent.mkdir(parents=True, exist_ok=True)
        (metrics / path).write_text(texts[path])
    return changed


def _readme(text: str) -> str:
    """The README with its table of formulas as in the code."""
    before, _, rest = text.partition(FORMULAS_BEGIN)
    _, _, after = rest.partition(FORMULAS_END)
    rows = ["| formula | version | within | clock | where it is from |", "|---|---|---|---|---|"]
    rows += [
        f"| `{f.name}`<br>{f.title_en} · {f.title_th} | {f.version} | {f.threshold_seconds} s | "
        f"{f.clock} | {f.source} |"
        for f in FORMULAS
    ]
    return f"{before}{FORMULAS_BEGIN}{chr(10).join(rows)}\n{FORMULAS_END}{after}"


def _json(built: object) -> str:
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(built) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
