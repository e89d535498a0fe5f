"""A page: its rows of panels on Grafana's grid of 24 columns, its variables, its links.

Panels get their ids and positions here in reading order, so that a page printed twice is identical.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from callcenter.oversight.dashboards.panels import DATASOURCE, Placed
from callcenter.oversight.dashboards.words import Words

GRID_WIDTH = 24
TAG = "hotline"

LINE = (
    "line",
    Words("สาย", "line"),
    'label_values(hotline_calls_received_total{line!="unknown"}, line)',
)
QUEUE = ("queue", Words("คิว", "queue"), "label_values(hotline_queue_waiting, queue)")
TRUNK = ("trunk", Words("วงจร", "trunk"), "label_values(hotline_trunk_channels, trunk)")
Variable = tuple[str, Words, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under one heading, filled from the left."""

    title: Words
    panels: Sequence[Placed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One dashboard. `uid` is in its address and never changes."""

    uid: str
    title: Words
    about: Words
    rows: Sequence[Row]
    variables: Sequence[Variable] = (LINE, QUEUE)
    since: str = "now-24h"
    refresh: str = "30s"

    def build(self) -> model.Dashboard:
        """The page in the form of Grafana's SDK."""
        built = (
            dashboard.Dashboard(str(self.title))
            .uid(self.uid)
            .description(str(self.about))
            .tags([TAG])
            .timezone("Asia/Bangkok")
            .time(self.since, "now")
            .refresh(self.refresh)
            .editable()
            .link(_links())
            .with_variable(_datasource())
        )
        for name, label, query in self.variables:
            built = built.with_variable(_chosen(name, label, query))
        result = built.build()
        result.panels = list(_laid_out(self.rows))
        return result


def _laid_out(rows: Sequence[Row]) -> Sequence[model.Panel | model.RowPanel]:
    placed: list[model.Panel | model.RowPanel] = []
    top = 0
    for row in rows:
        heading = dashboard.Row(str(row.title)).id(len(placed) + 1).build()
        heading.grid_pos = model.GridPos(x=0, y=top, w=GRID_WIDTH, h=1)
        placed.append(heading)
        top = _fill(row.panels, top + 1, placed)
    return placed


def _fill(panels: Sequence[Placed], top: int, placed: list[model.Panel | model.RowPanel]) -> int:
    """Lay panels from the left, and start a new row of panels when one is full. Gives the first
    free row below them."""
    left = tallest = 0
    for entry in panels:
        if left + entry.width > GRID_WIDTH:
            left, top, tallest = 0, top + tallest, 0
        panel = entry.panel.build()
        panel.id_val = len(placed) + 1
        panel.grid_pos = model.GridPos(x=left, y=top, w=entry.width, h=entry.height)
        placed.append(panel)
        left, tallest = left + entry.width, max(tallest, entry.height)
    return top + tallest


def _datasource() -> dashboard.DatasourceVariable:
    label = str(Words("แหล่งข้อมูล", "data source"))
    return dashboard.DatasourceVariable("datasource").label(label).type("prometheus")


def _chosen(name: str, label: Words, query: str) -> dashboard.QueryVariable:
    everything = model.VariableOption(selected=True, text=["All"], value=["$__all"])
    return (
        dashboard.QueryVariable(name)
        .label(str(label))
        .datasource(DATASOURCE)
        .query(query)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .current(everything)
    )


def _links() -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink(str(Words("หน้าอื่น", "other pages")))
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
