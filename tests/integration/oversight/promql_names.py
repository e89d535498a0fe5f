"""Which series and labels a query uses, from its syntax tree. No text is searched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import promql_parser
from promql_parser import AggregateExpr, BinaryExpr, Expr, VectorSelector

GRAFANA = {
    "$__range": "10m",
    "$__rate_interval": "30s",
    "$line": "1567|1111|1669|045-614545",
    "$queue": ".*",
}
GRAFANA["$trunk"] = ".*"


@dataclass(slots=True)
class Names:
    """`series`: each series with the labels it is chosen by; `labels`: what is grouped by."""

    series: dict[str, set[str]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)


def filled_in(query: str) -> str:
    """The query as Grafana sends it, with everything chosen."""
    for name, value in GRAFANA.items():
        query = query.replace(name, value)
    assert "$" not in query, query
    return query


def names(query: str) -> Names:
    """What a query uses. ValueError when it cannot be parsed."""
    found = Names()

    def visit(node: Expr) -> bool:
        match node:
            case VectorSelector():
                assert node.name, f"a selector without a name in {query}"
                chosen = found.series.setdefault(node.name, set())
                chosen.update(matcher.name for matcher in node.matchers.matchers)
            case AggregateExpr() if node.modifier:
                found.labels.update(node.modifier.labels)
            case BinaryExpr() if node.modifier and node.modifier.matching:
                found.labels.update(node.modifier.matching.labels)
            case _:
                pass
        return True

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def unknown(query: str, known: Mapping[str, Iterable[str]]) -> list[str]:
    """What a query uses that is not there: sentences, none for a good query."""
    used = names(query)
    faults = [f"no series {name}" for name in used.series if name not in known]
    for name, labels in used.series.items():
        faults += [f"{name} has no label {label}" for label in labels - set(known.get(name, ()))]
    there = {label for name in used.series for label in known.get(name, ())}
    return faults + [f"nothing has the label {label}" for label in used.labels - there]
