"""Somsri is answered, Anong gives up, Wichai misdials; the supervisor's pages show just that.

The real service on the real Asterisk, scraped by a real Prometheus with the real rules: every query
of every panel is asked, and what it says is compared with the records in PostgreSQL.
"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callcenter.hosting.children import quiet
from callcenter.hosting.prometheus import Prometheus
from callcenter.hosting.prometheus_programs import obtain_prometheus
from callcenter.oversight.service_level.rules import FORMULAS
from tests.hotline import Hotline
from tests.integration.oversight.expected import FEW, NOT_KNOWN, labels
from tests.integration.oversight.pages import Panel, last_scrape, panels, quick, scrapes
from tests.integration.oversight.prometheus_client_side import Asking, Labels
from tests.people import until
from tests.people.phone import answers
from tests.people.talk import talk_for

PORT = 15650
NOTHING_TO_SHOW = {
    *("not let in, by reason", "refused by Asterisk itself, by kind", "cut off, by cause"),
    *(
        "alerts firing",
        "trend",
        "expected minus real wait",
        "wrong answers",
        "rostered and present",
    ),
    *("not submitted", "time left", "reports by state"),
    *("until a case was taken up", "how long hand-overs took"),
    *("the wait that callers were told", "left after it", "called back"),
    *("what callers chose", "how they left it", "time in the menu", "asked how far a case is"),
    "asked about a callback",
    *("people of the shift", "minutes with nobody on duty"),
    *("on to other queues", "by rules of the queue"),
    *("when they want it", "tries to reach them", "operators heard ringing", "given up"),
    *("asked for a message", "messages that are not done", "new messages now"),
    "oldest message that is not done",
    *("asked after the talk", "answered the survey", "mean score", "what they pressed"),
}
"""Nobody was refused or cut off, nothing is wrong, three calls make no trend and foretell no wait,
nobody has judged a call, was told a wait or the news, chose in a menu, went on to another queue,
asked to be called back, left a message or was asked how the talk was,
and there is neither a roster, nor a report round, nor a case; the panels say so."""


@pytest_asyncio.fixture(loop_scope="session")
async def asking(fragile: Hotline, tmp_path: Path) -> AsyncIterator[Asking]:
    prometheus = Prometheus(
        programs=obtain_prometheus(quiet),
        directory=tmp_path / "prometheus",
        configuration=quick(tmp_path / "configuration"),
        targets=[fragile.api.url.removeprefix("http://")],
        port=PORT,
    )
    asking = Asking(prometheus.start())
    try:
        await scraped_again(asking, 2)
        yield asking
    finally:
        prometheus.stop()


async def scraped_again(asking: Asking, times: int) -> float:
    """After so many more scrapes: when the last was."""
    before = await asyncio.to_thread(scrapes, asking)

    async def seen() -> bool:
        return await asyncio.to_thread(scrapes, asking) >= before + times

    await until(seen, within=30)
    return await asyncio.to_thread(last_scrape, asking)


async def a_short_morning(hotline: Hotline, asking: Asking) -> float:
    """One is answered, one gives up meanwhile, one misdials; a scrape while Anong waits."""
    await hotline.rules("damrong", wrapup_seconds=1, short_abandon_seconds=2)
    somchai = await hotline.operator("somchai", habit=answers(0.3))
    somsri = await hotline.calls("1567")
    await somchai.is_talking()
    anong = await hotline.calls("1567")
    wichai = await hotline.calls("1111")
    await talk_for(2)
    wichai.hang_up()
    await talk_for(5)
    while_anong_waits = await asyncio.to_thread(last_scrape, asking)
    anong.hang_up()
    somsri.hang_up()
    for caller in (somsri, anong, wichai):
        await hotline.record(caller)
    await hotline.api.is_in("somchai", "available", within=5)
    await hotline.quiet()
    return while_anong_waits


async def test_every_query_of_every_page_says_what_happened(
    fragile: Hotline, asking: Asking
) -> None:
    since = await asyncio.to_thread(last_scrape, asking)
    while_anong_waits = await a_short_morning(fragile, asking)
    at = await scraped_again(asking, 4)

    for panel in panels():
        await is_answered(panel, asking, since, at)
    await agrees_with_the_records(fragile, asking, at)
    await agrees_with_the_recorded_times(fragile, asking, at)
    await showed_how_long_anong_had_waited(fragile, asking, while_anong_waits)
    await agrees_with_every_formula(fragile, asking, at)


async def is_answered(panel: Panel, asking: Asking, since: float, at: float) -> None:
    """There is a number, but for what did not happen and what nobody knows."""
    if panel.now:
        values = list((await asyncio.to_thread(asking.now, panel.query, at)).values())
    else:
        found = await asyncio.to_thread(asking.course, panel.query, since, at, 1)
        values = [value for series in found for value in series]
    if "hotline_trunk_up" in panel.query:
        assert set(values) <= {NOT_KNOWN}, "this hotline asks no carrier"
    else:
        found_one = any(not math.isnan(value) for value in values)
        assert found_one or panel.title in NOTHING_TO_SHOW, panel


async def shown(page: str, title: str, asking: Asking, at: float) -> dict[Labels, float]:
    """What a panel shows."""
    (panel,) = [p for p in panels() if (p.page, p.title) == (page, title)]
    return await asyncio.to_thread(asking.now, panel.query, at)


async def agrees_with_the_records(hotline: Hotline, asking: Asking, at: float) -> None:
    rows = await hotline.records.rows("select line, outcome from calls")
    outcomes = Counter((row["line"], row["outcome"]) for row in rows)
    assert outcomes == {
        ("1567", "answered"): 1,
        ("1567", "abandoned"): 1,
        ("1111", "abandoned_short"): 1,
    }
    received = await shown("queue", "received", asking, at)
    assert received[labels(line="1567")] == pytest.approx(2)
    assert received[labels(line="1111")] == pytest.approx(1)
    rate = await shown("cabinet", "calls answered", asking, at)
    assert rate[labels(line="1567")] == FEW, "two calls are no percentage"
    assert math.isnan(rate[labels(line="1111")]), "a misdial is no call: no percentage"
    counted = await shown("cabinet", "answered", asking, at)
    assert counted[labels(line="1567", of="2")] == 1
    for title in ("answer rate", "abandonment"):
        rate = await shown("queue", title, asking, at)
        assert rate[labels(line="1567")] == pytest.approx(0.5)
    admitted = await shown("trunks", "calls let in", asking, at)
    assert admitted[labels(line="1567")] == admitted[labels(line="1111")] == 1
    free = await shown("floor", "operators free", asking, at)
    assert free[labels(queue="damrong")] == 1
    offers = await shown("operators", "what came of offers", asking, at)
    rows = await hotline.records.rows("select queue, result from offers")
    recorded = Counter(labels(queue=row["queue"], result=row["result"]) for row in rows)
    assert offers == pytest.approx(dict(recorded))


async def agrees_with_the_recorded_times(hotline: Hotline, asking: Asking, at: float) -> None:
    """Means and shares that somebody could have measured with a watch."""
    (answered,) = await hotline.records.rows(
        "select avg(wait_seconds) as wait, avg(talk_seconds) as talk,"
        " avg((wait_seconds <= 60)::int) as in_time from calls where outcome = 'answered'"
    )
    (abandoned,) = await hotline.records.rows(
        "select count(*) as many from calls where outcome = 'abandoned' and line = '1567'"
    )
    (wrapup,) = await hotline.records.rows(
        "select avg(seconds) as mean from operator_states where state = 'wrapup'"
    )
    in_time = float(answered["in_time"]) / (1 + abandoned["many"])
    line, queue = labels(line="1567"), labels(queue="damrong")
    for page, title, who, value in (
        ("queue", "mean wait (ASA)", line, answered["wait"]),
        ("queue", "mean talk", line, answered["talk"]),
        ("queue", "mean wrap-up", queue, wrapup["mean"]),
        ("operators", "mean talk", queue, answered["talk"]),
        ("operators", "mean wrap-up", queue, wrapup["mean"]),
        ("queue", "answered within 60 s", line, in_time),
    ):
        found = await shown(page, title, asking, at)
        assert found[who] == pytest.approx(value, rel=1e-3), (page, title)


async def showed_how_long_anong_had_waited(hotline: Hotline, asking: Asking, at: float) -> None:
    (anong,) = await hotline.records.rows(
        "select extract(epoch from arrived_at)::float8 as arrived from calls"
        " where outcome = 'abandoned'"
    )
    longest = await shown("floor", "longest wait now", asking, at)
    assert longest[labels(queue="damrong")] == pytest.approx(at - anong["arrived"], abs=0.5)
    assert longest[labels(queue="damrong")] > 3


async def agrees_with_every_formula(hotline: Hotline, asking: Asking, at: float) -> None:
    answer = await hotline.api.ask("GET", "/service-levels?clock=arrival&line=1567")
    (_, line) = answer["lines"]
    for formula, level in zip(FORMULAS, line["levels"], strict=True):
        title = f"{formula.title_en} ≤ {formula.threshold_seconds} s"
        value = (await shown("queue", title, asking, at))[labels(line="1567")]
        assert level["formula"] == formula.name
        assert value == pytest.approx(level["share"]), title
