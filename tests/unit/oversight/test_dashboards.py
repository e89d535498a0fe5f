"""The Grafana pages keep their rules, are printed afresh, and the linter sees what is wrong."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.oversight.dashboards.files import METRICS, printed, stale, write
from callcenter.oversight.dashboards.targets import GREEN, GREY
from tests.pictures.drawing import color_of, fitted_title
from tests.pictures.formats import said
from tests.pictures.lint import faults

PAGES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(text) for path, text in printed().items() if path.suffix == ".json"
}


def test_there_are_the_seven_pages() -> None:
    names = {"cabinet", "floor", "queue", "operators", "trunks", "health", "desks"}
    assert set(PAGES) == names


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_every_page_is_clean(page: dict[str, Any]) -> None:
    assert faults(page) == []


def test_no_printed_file_is_stale() -> None:
    assert stale() == [], "run `python -m callcenter.oversight.dashboards`"


def test_a_changed_a_missing_and_a_foreign_file_are_stale(tmp_path: Path) -> None:
    write(tmp_path)
    assert stale(tmp_path) == []
    folder = tmp_path / "grafana/provisioning/dashboards/hotline"
    (folder / "floor.json").unlink()
    (folder / "queue.json").write_text("{}")
    (folder / "old.json").write_text("{}")
    assert [path.name for path in stale(tmp_path)] == ["floor.json", "old.json", "queue.json"]
    write(tmp_path)
    assert stale(tmp_path) == []
    assert not (folder / "old.json").exists()


def test_the_cabinet_page_has_its_four_concerns_with_value_target_state_and_trend() -> None:
    rows: list[tuple[str, list[str]]] = []
    for panel in PAGES["cabinet"]["panels"]:
        if panel["type"] == "row":
            rows.append((panel["title"], []))
        else:
            rows[-1][1].append(panel["title"].partition(" / ")[2])
    assert [title.partition(" / ")[2] for title, _ in rows[:4]] == [
        "1 Too few staff, and wrong answers",
        "2 The number cannot be reached",
        "3 Long waits",
        "4 Nobody answers",
    ]
    for _, panels in rows[:4]:
        value, target, _, state, trend, *_ = panels
        assert (target, state, trend) == ("target", "state", "trend")
        assert value not in {target, state, trend}
    assert {"wrong answers", "judged"} <= {*rows[0][1]}, "a share stands beside its sample"
    assert PAGES["cabinet"]["time"]["from"] == "now-7d", "a small line has a few calls a day"


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_no_title_is_too_long_for_its_panel(page: dict[str, Any]) -> None:
    for panel in page["panels"]:
        if panel["type"] != "row":
            assert fitted_title(panel)[0] == panel["title"]


def test_few_calls_and_what_is_not_known_are_grey_words() -> None:
    (panel,) = [p for p in PAGES["cabinet"]["panels"] if p["title"].endswith("/ calls answered")]
    assert said(panel, -1) == ("สายน้อย / few calls", GREY)
    assert said(panel, -2) == ("ไม่ทราบ / not known", GREY)
    assert said(panel, 0.96) == ("96 %", GREEN)


def test_answered_is_green_wherever_it_is_drawn() -> None:
    for page in PAGES.values():
        for panel in page["panels"]:
            if any(t["legendFormat"] == "{{outcome}}" for t in panel.get("targets", [])):
                assert color_of(panel, "answered", 2) == "#73bf69"


def test_provisioning_says_the_scrape_interval_that_prometheus_has() -> None:
    scraped = yaml.safe_load((METRICS / "prometheus.yml").read_text())["global"]["scrape_interval"]
    (source,) = yaml.safe_load(
        (METRICS / "grafana/provisioning/datasources/prometheus.yaml").read_text()
    )["datasources"]
    assert source["jsonData"]["timeInterval"] == scraped
    (provider,) = yaml.safe_load(
        (METRICS / "grafana/provisioning/dashboards/hotline.yaml").read_text()
    )["providers"]
    assert provider["options"]["path"].endswith("provisioning/dashboards/hotline")


Spoil = Callable[[dict[str, Any]], object]


def _panel(page: dict[str, Any]) -> Any:
    return next(panel for panel in page["panels"] if panel["type"] == "stat")


def _course(page: dict[str, Any]) -> Any:
    return next(panel for panel in page["panels"] if panel["type"] == "timeseries")


def _defaults(page: dict[str, Any]) -> Any:
    return _panel(page)["fieldConfig"]["defaults"]


def _target(page: dict[str, Any]) -> Any:
    return _panel(page)["targets"][0]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda page: page.update(title="Live floor"), "page's title"),
        (lambda page: page.update(description="ไทย"), "page's description"),
        (lambda page: page.update(uid="floor"), "uid"),
        (lambda page: page.update(timezone="browser"), "Bangkok"),
        (lambda page: page["panels"][2].update(id=page["panels"][1]["id"]), "same id"),
        (lambda page: page["templating"]["list"].pop(0), "data source"),
        (lambda page: page["templating"]["list"].pop(1), "not declared"),
        (lambda page: page["templating"]["list"][1].update(name="x"), "declared and not used"),
        (lambda page: page["templating"]["list"][1].update(label="line"), "label"),
        (lambda page: page["templating"]["list"][1].update(datasource={}), "does not ask"),
        (lambda page: _panel(page)["gridPos"].update(w=30), "grid of 24"),
        (lambda page: page["panels"][2]["gridPos"].update(x=1), "overlap"),
        (lambda page: _panel(page).update(title="รอ"), "title is not"),
        (lambda page: _panel(page).update(description=""), "description is not"),
        (lambda page: _defaults(page).update(unit="seconds"), "unit"),
        (lambda page: _defaults(page).update(noValue="0"), "there is nothing"),
        (lambda page: _defaults(page).update(mappings=[]), "0/0"),
        (lambda page: _panel(page).update(datasource={"uid": "abc"}), "does not ask"),
        (lambda page: _panel(page).update(targets=[]), "no query"),
        (lambda page: _target(page).update(datasource={"uid": "abc"}), "a query does not ask"),
        (lambda page: _target(page).update(legendFormat=""), "legend"),
        (lambda page: _target(page).update(instant=False), "over time"),
        (lambda page: _target(page).update(expr="rate(x[5m])"), "[5m]"),
        (lambda page: _target(page).update(expr="x or vector(0)"), "`or`"),
        (lambda page: _defaults(page).pop("decimals"), "decimals"),
        (lambda page: _course(page)["fieldConfig"].update(overrides=[]), "available has no colour"),
    ],
)
def test_the_linter_sees(spoil: Spoil, said: str) -> None:
    page = copy.deepcopy(PAGES["floor"])
    spoil(page)
    assert any(said in fault for fault in faults(page))
