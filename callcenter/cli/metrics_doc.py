"""callcenter metrics-doc: the list of metrics, printed from their declaration."""

from callcenter.features import FEATURES
from callcenter.telemetry.metrics import describe


def document() -> str:
    """A Markdown table: name, type, labels, meaning."""
    more = [series for feature in FEATURES for series in feature.metrics]
    rows = ["| metric | type | labels | meaning |", "|---|---|---|---|"]
    for name, kind, labels, meaning in describe(more):
        rows.append(f"| `{name}` | {kind} | {', '.join(labels)} | {meaning} |")
    return "\n".join(rows)
