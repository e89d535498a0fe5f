"""The kinds of panel for the pages, each with its words, unit, colours and queries.

This module uses Grafana's SDK, so that the pages need not. It has no queries of its own. A query
goes to the data source that the reader chose (`$datasource`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    text,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from callcenter.oversight.dashboards.targets import ALWAYS, AMBER, GREEN, GREY, RED, Target
from callcenter.oversight.dashboards.words import (
    BAD,
    FEW_CALLS,
    GOOD,
    MIDDLING,
    NO_CALLS,
    NOT_KNOWN,
    Words,
)

DATASOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")

SHARE, SECONDS, COUNT, BYTES = "percentunit", "s", "none", "decbytes"
CLOSED_SETS = {"{{outcome}}", "{{state}}", "{{result}}"}
"""Legends whose lines have colours of their own."""
PER_MINUTE = "cpm"  # counts per minute
"""Grafana's names of units (packages/grafana-data/src/valueFormats/categories.ts)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query. `instant`: the value at the end of the chosen time, otherwise its course."""

    expression: str
    legend: str = "{{line}}"
    instant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A panel with its width (of 24) and height, without a position."""

    panel: "Buildable"
    width: int
    height: int


def now(expression: str, legend: str = "{{line}}") -> Query:
    """The value now, or over the whole chosen time."""
    return Query(expression=expression, legend=legend, instant=True)


def course(expression: str, legend: str = "{{line}}") -> Query:
    """The course of the value."""
    return Query(expression=expression, legend=legend)


class Buildable(Protocol):
    """Any of the SDK's builders of panels."""

    def build(self) -> model.Panel: ...


class _Panel(Buildable, Protocol):
    """What the SDK's builders of panels with queries have in common."""

    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: model.DataSourceRef) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def mappings(self, mappings: list[model.ValueMapping]) -> Self: ...
    def thresholds(self, thresholds: Builder[model.ThresholdsConfig]) -> Self: ...
    def decimals(self, decimals: float) -> Self: ...
    def override_by_name(self, name: str, properties: list[model.DynamicConfigValue]) -> Self: ...
    def with_target(self, target: prometheus.Dataquery) -> Self: ...


NO_SHARE = {"-1": (FEW_CALLS, GREY), "-2": (NOT_KNOWN, GREY)}
"""What queries.of_enough and or_not_known give if there is no share to be coloured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the numbers of a panel are shown."""

    unit: str = COUNT
    steps: Sequence[tuple[float | None, str]] = ((None, GREY),)
    empty: Words = NO_CALLS
    states: dict[str, tuple[Words, str]] = field(default_factory=dict)


def share(target: Target, empty: Words = NO_CALLS) -> Look:
    """A share of calls in the colour of its target."""
    return Look(unit=SHARE, steps=target.steps(), empty=empty, states=NO_SHARE)


def number(
    unit: str = COUNT,
    *,
    target: Target | None = None,
    color: str = GREY,
    empty: Words = NO_CALLS,
) -> Look:
    """A plain number, in the colour of its target if it has one."""
    steps = target.steps() if target else [(None, color)]
    return Look(unit=unit, steps=steps, empty=empty)


STATE = Look(
    steps=((None, RED), (1, AMBER), (2, GREEN)),
    states={"0": (BAD, RED), "1": (MIDDLING, AMBER), "2": (GOOD, GREEN), **NO_SHARE},
)


def figure(
    title: Words, about: Words, *queries: Query, look: Look, width: int = 6, height: int = 5
) -> Placed:
    """Large numbers, one for each line or queue."""
    panel = (
        stat.Panel()
        .color_mode(common_model.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .orientation(common_model.VizOrientation.AUTO)
        .text_mode(common_model.BigValueTextMode.VALUE_AND_NAME)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    return _placed(panel, title, about, queries, look, width, height)


def bars(
    title: Words, about: Words, *queries: Query, look: Look, width: int = 12, height: int = 9
) -> Placed:
    """Numbers side by side as bars."""
    panel = (
        bargauge.Panel()
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .min(0)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    return _placed(panel, title, about, queries, look, width, height)


def trend(
    title: Words,
    about: Words,
    *queries: Query,
    look: Look,
    width: int = 12,
    height: int = 8,
    stacked: bool = False,
) -> Placed:
    """The course over the chosen time. A gap stays a gap."""
    panel = (
        timeseries.Panel()
        .min(0)
        .fill_opacity(30 if stacked else 8)
        .span_nulls(False)
        .show_points(common_model.VisibilityMode.AUTO)
        .legend(
            common.VizLegendOptions()
            .display_mode(common_model.LegendDisplayMode.LIST)
            .placement(common_model.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    if stacked:
        panel = panel.stacking(
            common.StackingConfig().mode(common_model.StackingMode.NORMAL).group("A")
        )
    if look.unit == SHARE:
        panel = panel.max(1)
    return _placed(panel, title, about, queries, look, width, height)


def timeline(
    title: Words, about: Words, *queries: Query, look: Look, width: int = 12, height: int = 7
) -> Placed:
    """The state of something over time."""
    panel = statetimeline.Panel().merge_values(True).show_value(common_model.VisibilityMode.AUTO)
    return _placed(panel, title, about, queries, look, width, height)


def note(title: Words, about: Words, markdown: str, *, width: int = 24, height: int = 4) -> Placed:
    """Text on the page."""
    panel = text.Panel().content(markdown).title(str(title)).description(str(about))
    return Placed(panel=panel, width=width, height=height)


def _placed(
    panel: _Panel,
    title: Words,
    about: Words,
    queries: Sequence[Query],
    look: Look,
    width: int,
    height: int,
) -> Placed:
    panel = (
        panel.title(str(title))
        .description(str(about))
        .datasource(DATASOURCE)
        .unit(look.unit)
        .no_value(str(look.empty))
        .mappings(_mappings(look))
        .thresholds(_thresholds(look.steps))
    )
    if look.unit == COUNT:
        panel = panel.decimals(0)
    if any(query.legend in CLOSED_SETS for query in queries):
        for name, color in ALWAYS.items():
            fixed = {"mode": "fixed", "fixedColor": color}
            panel.override_by_name(name, [model.DynamicConfigValue(id_val="color", value=fixed)])
    for letter, query in zip("ABCDEFGHIJ", queries, strict=False):
        panel = panel.with_target(_target(letter, query))
    return Placed(panel=panel, width=width, height=height)


def _target(letter: str, query: Query) -> prometheus.Dataquery:
    asked = prometheus.Dataquery().expr(query.expression).ref_id(letter).datasource(DATASOURCE)
    asked = asked.legend_format(query.legend).format(PromQueryFormat.TIME_SERIES)
    return asked.instant() if query.instant else asked.range()


def _thresholds(steps: Sequence[tuple[float | None, str]]) -> dashboard.ThresholdsConfig:
    return (
        dashboard.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=value, color=color) for value, color in steps])
    )


def _mappings(look: Look) -> list[model.ValueMapping]:
    """0/0 is shown as "no calls", and a state as a word."""
    nothing = model.ValueMappingResult(text=str(look.empty), color=GREY, index=0)
    options = model.DashboardSpecialValueMapOptions(
        match=model.SpecialValueMatch.NULL_AND_NAN, result=nothing
    )
    mappings: list[model.ValueMapping] = [model.SpecialValueMap(options=options)]
    if look.states:
        words = {
            value: model.ValueMappingResult(text=str(said), color=color, index=place)
            for place, (value, (said, color)) in enumerate(look.states.items(), start=1)
        }
        mappings.append(model.ValueMap(options=words))
    return mappings
