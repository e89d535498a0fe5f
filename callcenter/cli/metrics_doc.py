"""callcenter metrics-doc: the list of metrics, printed from their declaration."""

from callcenter.telemetry.metrics import describe


def document() -> str:
    """A Markdown table: name, type, labels, meaning."""
    rows = ["| metric | type | labels | meaning |", "|---|---|---|---|"]
    for name, kind, labels, meaning in describe():
        rows.append(f"| `{name}` | {kind} | {', '.join(labels)} | {meaning} |")
    return "\n".join(rows)
