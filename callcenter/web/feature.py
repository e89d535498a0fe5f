"""A feature: what one subject adds to the service, as one value that the back office mounts.

    FEATURE = Feature(parts=Parts, endpoints=endpoints, problems={"unknown_case": …},
                      path_patterns={"case": r"[0-9]{1,12}"},
                      listeners=lambda parts: [parts.cases.fold],
                      metrics={CASES_OPEN: lambda parts: {(): parts.cases.open}})

`Parts` is a small dataclass with what the feature's endpoints use: its own store, the engine, the
accounts. callcenter/features.py lists the features and builds their parts. callcenter/README.md
says step by step how one is added.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from callcenter.ports.engine import Listener
from callcenter.ports.metrics import Samples, Series
from callcenter.web.endpoint import Endpoint, Endpoints, Websocket
from callcenter.web.errors import USUAL, ProblemKind

P = TypeVar("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(Generic[P]):
    """What a feature declares. It is complete before any part is built.

    `problems`: its own codes. `path_patterns`: a regular expression for each name in its paths.
    `listeners`: made once from its parts. `metrics`: read at each scrape. `webhooks`: what it sends
    to other programs, by event. `run`: its background work, which runs for ever once the tables
    exist. `close`: ends its other background tasks before the database is closed.
    """

    parts: type[P]
    endpoints: Endpoints
    problems: Mapping[str, ProblemKind] = field(default_factory=dict)
    path_patterns: Mapping[str, str] = field(default_factory=dict)
    listeners: Callable[[P], Sequence[Listener]] = lambda parts: ()
    metrics: Mapping[Series, Callable[[P], Samples]] = field(default_factory=dict)
    webhooks: Mapping[str, type] = field(default_factory=dict)
    run: Callable[[P], Awaitable[None]] | None = None
    close: Callable[[P], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        declared: list[Endpoint | Websocket] = [*self.endpoints.all, *self.endpoints.websockets]
        for each in declared:
            takes = get_type_hints(each.handler)["request"]
            if get_args(takes) != (self.parts,):
                raise TypeError(f"{each.path}: takes requests of another feature's parts")

    def mounted(self, parts: P) -> "Mounted":
        """The feature with its parts, ready for the server."""
        metrics = {series: _with(read, parts) for series, read in self.metrics.items()}
        return Mounted(
            feature=self, parts=parts, listeners=tuple(self.listeners(parts)), metrics=metrics
        )


def _with(read: Callable[[P], Samples], parts: P) -> Callable[[], Samples]:
    return lambda: read(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A feature that is in use."""

    feature: Feature[Any]
    parts: object
    listeners: Sequence[Listener]
    metrics: Mapping[Series, Callable[[], Samples]]

    async def run(self) -> None:
        """Run the feature's background work until cancelled."""
        if self.feature.run is not None:
            await self.feature.run(self.parts)

    async def close(self) -> None:
        """End the feature's background tasks."""
        if self.feature.close is not None:
            await self.feature.close(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All requests and answers of the API: the sum of the features."""

    endpoints: Sequence[Endpoint]
    websockets: Sequence[Websocket]
    problems: Mapping[str, ProblemKind]
    path_patterns: Mapping[str, str]
    webhooks: Mapping[str, type] = field(default_factory=dict)


def catalogue(features: Sequence[Feature[Any]]) -> Catalogue:
    """The features together. Raises ValueError if they contradict each other."""
    problems, patterns, told = dict(USUAL), dict[str, str](), dict[str, type]()
    for feature in features:
        _add_all(problems, feature.problems)
        _add_all(patterns, feature.path_patterns)
        _add_all(told, feature.webhooks)
    found = Catalogue(
        endpoints=[endpoint for feature in features for endpoint in feature.endpoints.all],
        websockets=[socket for feature in features for socket in feature.endpoints.websockets],
        problems=problems,
        path_patterns=patterns,
        webhooks=told,
    )
    _require_declared(found)
    return found


V = TypeVar("V")


def _add_all(known: dict[str, V], more: Mapping[str, V]) -> None:
    for name, value in more.items():
        if known.setdefault(name, value) != value:
            raise ValueError(f"{name}: two features declare it differently")


def _require_declared(found: Catalogue) -> None:
    for endpoint in found.endpoints:
        undeclared = {*endpoint.problems} - {*found.problems}
        undeclared |= {*endpoint.path_names()} - {*found.path_patterns}
        if undeclared:
            raise ValueError(f"{endpoint.path}: not declared: {', '.join(sorted(undeclared))}")
