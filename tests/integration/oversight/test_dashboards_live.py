"""Every query of every panel, asked of a real Prometheus that scrapes a day's facts and runs the
rules: it parses, uses only series and labels that exist, returns data, and agrees with our own
counts and with SQL.

The queries are evaluated at the instant of the last scrape, where `increase` is exact; at any
other they differ by what falls into one scrape.
"""

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import QueueName
from callcenter.hosting.children import quiet, wait_until
from callcenter.hosting.prometheus import METRICS, Prometheus
from callcenter.hosting.prometheus_programs import obtain_prometheus
from callcenter.oversight.service_level.model import Clock
from callcenter.oversight.service_level.rules import FORMULAS
from callcenter.oversight.service_level.store import Asked, ServiceLevels
from callcenter.storage.reader import ReaderOfPostgres
from tests.integration.oversight.call_rows import insert_calls
from tests.integration.oversight.day import (
    NO_CALLBACK,
    OLDEST_WAIT_SECONDS,
    PARKED_SECONDS,
    PEOPLE_OF_SHIFTS,
    RINGING_SECONDS,
    Day,
)
from tests.integration.oversight.desk_figures import DUE
from tests.integration.oversight.expected import (
    FEW,
    NOT_KNOWN,
    REFUSED_BY_ASTERISK,
    Expected,
    Numbers,
    differences,
    labels,
)
from tests.integration.oversight.pages import (
    Panel,
    last_scrape,
    panels,
    quick,
    scrapes,
    shown,
)
from tests.integration.oversight.prometheus_client_side import Asking, Labels
from tests.integration.oversight.promql_names import unknown
from tests.integration.oversight.watched import Watched, known
from tests.site import site

PROMETHEUS_PORT, METRICS_PORT = 15610, 15611
CALLS = 300
FIRST_SCRAPES, LAST_SCRAPES, STEADY_SCRAPES = 3, 4, 3
PROMETHEUS_OWN = {
    "up": ["job", "instance"],
    "scrape_duration_seconds": ["job", "instance"],
    "ALERTS": ["alertname", "alertstate", "severity", "concern", "line", "queue", "trunk", "round"],
    "alertmanager_config_last_reload_successful": ["job"],
    "alertmanager_notifications_failed_total": ["integration"],
    "prometheus_config_last_reload_successful": ["job"],
    "prometheus_notifications_dropped_total": ["job"],
    "prometheus_notifications_errors_total": ["alertmanager"],
    "prometheus_rule_evaluation_failures_total": ["rule_group"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scraped:
    """A day that has been scraped. `at`: the last scrape; `since`: the first; `alerts`: then."""

    day: Day
    asking: Asking
    since: float
    at: float
    alerts: list[dict[str, Any]]


EVERY = panels()
NUMBERS = [panel for panel in EVERY if panel.now]


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    folder = tmp_path_factory.mktemp("prometheus")
    prometheus = Prometheus(
        programs=obtain_prometheus(quiet),
        directory=folder / "run",
        configuration=quick(folder / "configuration"),
        targets=[f"127.0.0.1:{METRICS_PORT}"],
        port=PROMETHEUS_PORT,
    )
    with Watched(METRICS_PORT) as watched:
        asking = Asking(prometheus.start())
        try:
            watched.do(watched.day.staff)
            wait_for(lambda: scrapes(asking) >= FIRST_SCRAPES)
            since = last_scrape(asking)
            watched.do(lambda: watched.day.play(CALLS))
            watched.hep.refused.update(REFUSED_BY_ASTERISK)
            wait_for_scrapes(asking, LAST_SCRAPES)
            at, alerts = while_no_alert_changes(asking)
            yield Scraped(day=watched.day, asking=asking, since=since, at=at, alerts=alerts)
        finally:
            prometheus.stop()


def wait_for_scrapes(asking: Asking, many: int) -> None:
    seen = scrapes(asking)
    wait_for(lambda: scrapes(asking) >= seen + many)


def while_no_alert_changes(asking: Asking) -> tuple[float, list[dict[str, Any]]]:
    """A scrape, and the alerts then, which were the same for some scrapes before it and after it:
    they are asked for in another moment."""

    def alerts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = asking.get("alerts")["alerts"]
        return found

    for _ in range(10):
        before = alerts()
        wait_for_scrapes(asking, STEADY_SCRAPES)
        at, after = last_scrape(asking), alerts()
        if states_of(before) == states_of(after):
            return at, after
    raise AssertionError("alerts change all the time")


def states_of(alerts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((str(sorted(each["labels"].items())), each["state"]) for each in alerts)


def wait_for(condition: Callable[[], bool]) -> None:
    assert wait_until(condition, limit_seconds=90, step_seconds=0.1)


def there() -> dict[str, list[str]]:
    """Every series of the service, of Prometheus itself and of the recording rules."""
    series = known() | PROMETHEUS_OWN
    for rule in rules():
        if "record" in rule:
            by = re.search(r"by \((\w+)\)", rule["expr"])
            own = by[1] if by else rule["record"].partition(":")[0]
            series[rule["record"]] = [own, *rule.get("labels", {})]
    return series


def rules() -> Iterator[dict[str, Any]]:
    """Every rule of metrics/rules."""
    for file in (METRICS / "rules").glob("*.yml"):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from group["rules"]


THERE = there()


@pytest.mark.parametrize("panel", EVERY, ids=shown)
def test_it_uses_only_series_and_labels_that_exist(panel: Panel) -> None:
    assert unknown(panel.query, THERE) == []


def test_rules_use_only_series_and_labels_that_exist() -> None:
    for rule in rules():
        assert unknown(rule["expr"], THERE) == [], rule


def test_an_unknown_series_or_label_is_seen() -> None:
    assert unknown("sum(hotline_cals_total)", THERE) == ["no series hotline_cals_total"]
    assert unknown('hotline_queue_waiting{line="x"}', THERE) == [
        "hotline_queue_waiting has no label line"
    ]
    assert unknown("sum by (caller) (hotline_queue_waiting)", THERE) == [
        "nothing has the label caller"
    ]


@pytest.mark.parametrize("panel", EVERY, ids=shown)
def test_it_returns_data_with_the_labels_of_its_legend(panel: Panel, scraped: Scraped) -> None:
    if panel.now:
        found = scraped.asking.now(panel.query, scraped.at)
        assert found
        assert any(not math.isnan(value) for value in found.values())
    else:
        course = scraped.asking.course(panel.query, scraped.since, scraped.at, step=1)
        assert any(not math.isnan(value) for values in course for value in values)
        found = scraped.asking.now(panel.query, scraped.at)
    wanted = set(re.findall(r"{{(\w+)}}", panel.legend)) - {"instance"}
    for who in found:
        assert wanted <= {name for name, _ in who}


@pytest.mark.parametrize("panel", NUMBERS, ids=shown)
def test_it_agrees_with_our_own_counts(panel: Panel, scraped: Scraped) -> None:
    found = scraped.asking.now(panel.query, scraped.at)
    by_title = Expected(scraped.day, site()).pages()[panel.page]
    if panel.title in by_title:
        assert differences(found, by_title[panel.title]) == []
    else:
        OTHERWISE[panel.page, panel.title.split(" ")[0]](found, scraped)


def _states(found: dict[Labels, float], scraped: Scraped) -> None:
    """Each is a word or no number; which follows from the value by the target."""
    assert found
    assert all(math.isnan(value) or value in {0, 1, 2, FEW, NOT_KNOWN} for value in found.values())


def _target(found: dict[Labels, float], scraped: Scraped) -> None:
    (value,) = found.values()
    assert 0 < value <= 1


def _oldest(found: dict[Labels, float], scraped: Scraped) -> None:
    ago = time.time() - scraped.at
    oldest = time.monotonic() - ago - (scraped.day.now - OLDEST_WAIT_SECONDS)
    for who, value in found.items():
        waiting = scraped.day.waiting[QueueName(dict(who)["queue"])] > 0
        assert value == pytest.approx(oldest if waiting else 0, abs=1.5)


def _parked_for_longest(found: dict[Labels, float], scraped: Scraped) -> None:
    ago = time.time() - scraped.at
    seconds = time.monotonic() - ago - (scraped.day.now - PARKED_SECONDS)
    for who, value in found.items():
        parked = scraped.day.parked[QueueName(dict(who)["queue"])] > 0
        assert value == pytest.approx(seconds if parked else 0, abs=1.5)


def _occupancy(found: dict[Labels, float], scraped: Scraped) -> None:
    """From the raw samples, without PromQL's averages."""
    busy: dict[str, float] = {}
    duty: dict[str, float] = {}
    for who, values in scraped.asking.samples("hotline_operators[10m]", scraped.at).items():
        queue, state = dict(who)["queue"], dict(who)["state"]
        average = sum(values) / len(values)
        if state in {"on_call", "wrapup"}:
            busy[queue] = busy.get(queue, 0) + average
        if state not in {"offline", "paused"}:
            duty[queue] = duty.get(queue, 0) + average
    expected: Numbers = {labels(queue=queue): busy[queue] / duty[queue] for queue in duty}
    assert differences(found, expected) == []


def _starved(found: dict[Labels, float], scraped: Scraped) -> None:
    """Where the day ends with callers and nobody free, part of the time; elsewhere never."""
    raw = scraped.asking.samples("queue:hotline_starved:bool[10m]", scraped.at)
    expected: Numbers = {who: sum(values) / len(values) for who, values in raw.items()}
    assert differences(found, expected) == []
    assert 0 < found[labels(queue="damrong")] < 1
    assert found[labels(queue="gcc")] == 0


def _covered(found: dict[Labels, float], scraped: Scraped) -> None:
    """Staff came after the first looks and stayed."""
    raw = scraped.asking.samples("queue:hotline_covered:bool[10m]", scraped.at)
    expected: Numbers = {who: sum(values) / len(values) for who, values in raw.items()}
    assert differences(found, expected) == []
    assert all(value > 0 for value in found.values())


def _system(found: dict[Labels, float], scraped: Scraped) -> None:
    """Of all looks at the service, those that found it there and tied to Asterisk."""
    (looks,) = scraped.asking.samples('up{job="callcenter"}[10m]', scraped.at).values()
    (tied,) = scraped.asking.samples("hotline_ari_connected[10m]", scraped.at).values()
    assert differences(found, {labels(): sum(tied) / len(looks)}) == []


def _quantile(found: dict[Labels, float], scraped: Scraped) -> None:
    """Within the bucket that holds the real quantile."""
    edges = [0, 1, 2, 5, 10, 12, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600]
    for who, value in found.items():
        line = dict(who)["line"]
        waits = sorted(
            p.call.wait_seconds for p in scraped.day.played if p.line == line and p.queue
        )
        if not waits:
            assert math.isnan(value)
            continue
        real = waits[math.ceil(0.95 * len(waits)) - 1]
        upper = next(edge for edge in edges if edge >= real)
        assert edges[edges.index(upper) - 1] <= value <= upper


def _there(found: dict[Labels, float], scraped: Scraped) -> None:
    assert set(found.values()) == {1}


def _seconds_ago(found: dict[Labels, float], scraped: Scraped) -> None:
    assert all(value >= 0 for value in found.values())


def _left(found: dict[Labels, float], scraped: Scraped) -> None:
    assert differences(found, {labels(round="1"): DUE - scraped.at}) == []


def _firing(found: dict[Labels, float], scraped: Scraped) -> None:
    """As Prometheus' own list of alerts said (which is of the moment in which it is asked)."""
    counts: dict[Labels, float] = {}
    for alert in scraped.alerts:
        severity = alert["labels"]["severity"]
        if alert["state"] == "firing" and severity != "none":
            counts[labels(severity=severity)] = counts.get(labels(severity=severity), 0) + 1
    assert differences(found, dict(counts)) == []
    assert counts


OTHERWISE: dict[tuple[str, str], Callable[[dict[Labels, float], Scraped], None]] = {
    ("cabinet", "callers"): _starved,
    ("cabinet", "somebody"): _covered,
    ("cabinet", "system"): _system,
    ("cabinet", "target"): _target,
    ("cabinet", "state"): _states,
    ("floor", "longest"): _oldest,
    ("floor", "parked"): _parked_for_longest,
    ("queue", "95"): _quantile,
    ("operators", "occupancy"): _occupancy,
    ("desks", "time"): _left,
    ("health", "service"): _there,
    ("health", "last"): _seconds_ago,
    ("health", "alerts"): _firing,
}


def test_a_line_without_calls_has_no_number_and_its_panel_says_so(scraped: Scraped) -> None:
    panel = next(p for p in panels() if (p.page, p.title) == ("cabinet", "answered within 20 s"))
    found = scraped.asking.now(panel.query, scraped.at)
    assert math.isnan(found[labels(line="1669")])
    silent = [scraped.asking.now(p.query, scraped.at)[labels(line="1669")] for p in states()]
    assert len(silent) == 3
    assert all(math.isnan(value) for value in silent)


def states() -> list[Panel]:
    """The states of the Cabinet page that are told by line."""
    return [p for p in panels() if (p.page, p.title, p.legend) == ("cabinet", "state", "{{line}}")]


def test_the_state_of_a_concern_follows_from_value_and_target(scraped: Scraped) -> None:
    by_title = Expected(scraped.day, site()).pages()["cabinet"]
    targets = (
        ("calls let in", 0.99, 0.90),
        ("answered within 20 s", 0.80, 0.60),
        ("calls answered", 0.95, 0.90),
    )
    for panel, (title, good, poor) in zip(states(), targets, strict=True):
        expected: Numbers = {
            who: share if share in {None, FEW} else (share >= good) + (share >= poor)
            for who, share in by_title[title].items()
        }
        assert FEW in expected.values()
        assert differences(scraped.asking.now(panel.query, scraped.at), expected) == []


def test_what_is_shown_as_a_course_only_agrees_with_our_own_counts_too(scraped: Scraped) -> None:
    """Panels without one number now: what their series grew by in the whole day."""

    def grew(series: str, by: str) -> dict[Labels, float]:
        query = f"sum by ({by}) (increase({series}[10m])) > 0"
        return scraped.asking.now(query, scraped.at)

    day = scraped.day
    news: Numbers = {labels(line=line, result=what): n for (line, what), n in day.news.items()}
    assert {what for _, what in day.news} == {"heard", "more", "left"}
    assert differences(grew("hotline_news_callers_total", "line, result"), news) == []
    backs = Counter((p.queue, p.back) for p in day.played if p.back)
    assert {back for _, back in backs} == {"answered", *NO_CALLBACK}
    ended: Numbers = {labels(queue=queue, result=back): n for (queue, back), n in backs.items()}
    assert differences(grew("hotline_callbacks_ended_total", "queue, result"), ended) == []
    tries: Numbers = {labels(queue=q, result=how): n for (q, how), n in day.tries.items()}
    assert {how for _, how in day.tries} == {"reached", "no_answer"}
    assert differences(grew("hotline_callback_tries_total", "queue, result"), tries) == []
    ringing: Numbers = {labels(queue=q, result=how): n for (q, how), n in day.ringing.items()}
    assert {how for _, how in day.ringing} == {"reached", "missed"}
    heard = "hotline_callback_ringing_seconds"
    assert differences(grew(f"{heard}_count", "queue, result"), ringing) == []
    seconds: Numbers = {
        labels(queue=q, result=how): n * RINGING_SECONDS for (q, how), n in day.ringing.items()
    }
    assert differences(grew(f"{heard}_sum", "queue, result"), seconds) == []
    chosen = Counter(queue for queue, _ in day.tries.elements())
    choices: Numbers = {labels(queue=q, kind="asked"): n for q, n in chosen.items()}
    assert differences(grew("hotline_callback_choices_total", "queue, kind"), choices) == []
    moved: Numbers = {labels(queue=q, reason=why): n for (q, why), n in day.diverted.items()}
    assert differences(grew("hotline_calls_diverted_total", "queue, reason"), moved) == []
    rules: Numbers = {
        labels(queue=q, reason=why, to=to): n for (q, why, to), n in day.by_rule.items()
    }
    assert {to for _, _, to in day.by_rule} == {"message", "callback"}
    assert differences(grew("hotline_overflow_rules_total", "queue, reason, to"), rules) == []
    said: Numbers = {labels(queue=queue): n for queue, n in day.messages.items()}
    assert differences(grew("hotline_overflow_messages_total", "queue"), said) == []
    uncovered = +day.uncovered
    empty: Numbers = {labels(queue=q, planned=yes): n for (q, yes), n in uncovered.items()}
    series = "hotline_queue_uncovered_seconds_total"
    assert differences(grew(series, "queue, planned"), empty) == []
    people: Numbers = {
        labels(queue=queue, standing=standing): n
        for (queue, standing), n in PEOPLE_OF_SHIFTS.items()
    }
    query = "sum by (queue, standing) (hotline_duty_people)"
    assert differences(scraped.asking.now(query, scraped.at), people) == []


async def test_the_pages_agree_with_sql(scraped: Scraped, engine: AsyncEngine) -> None:
    """The same day in the table of calls: every formula on the queue page is what SQL says."""
    moment = datetime(2026, 11, 21, 1, tzinfo=UTC)
    lines = {played.line for played in scraped.day.played}
    for line in lines:
        scored = [played.call for played in scraped.day.played if played.line == line]
        await insert_calls(engine, line, scored, arrived_at=moment)
    asked = Asked(since=moment, before=moment + timedelta(days=1), clock=Clock.ARRIVAL)
    answers = await ServiceLevels(ReaderOfPostgres(engine)).of(asked)
    by_title = {panel.title: panel for panel in panels() if panel.page == "queue"}
    for place, formula in enumerate(FORMULAS):
        panel = by_title[f"{formula.title_en} ≤ {formula.threshold_seconds} s"]
        found = scraped.asking.now(panel.query, scraped.at)
        for answer in answers:
            if answer.line is not None and answer.line != "unknown":
                share = answer.levels[place].ratio
                assert share is not None
                assert found[labels(line=answer.line)] == pytest.approx(share, rel=1e-9)


def test_every_alert_that_needs_no_time_fires_on_such_a_day(scraped: Scraped) -> None:
    firing = {
        alert["labels"]["alertname"] for alert in scraped.alerts if alert["state"] == "firing"
    }
    assert {"Watchdog", "CallsLostByUs", "OperatorPhonesUnreachable"} <= firing
