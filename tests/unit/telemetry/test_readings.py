"""What the other parts tell of themselves, and the loop's own pulse."""

import asyncio
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from prometheus_client import generate_latest
from structlog.testing import capture_logs

from callcenter.ari.counters import BOUNDS_SECONDS, Counters
from callcenter.ari.rest import Operation, Verdict
from callcenter.core.engine import Engine
from callcenter.core.site import Trunk
from callcenter.ports.metrics import ALL, SUM, Kind, Series, bound
from callcenter.runtime.clock import Clock
from callcenter.runtime.journal import Journal
from callcenter.runtime.pulse import seconds_to_pulse
from callcenter.runtime.pump import Pump
from callcenter.storage.recorder import Recorder
from callcenter.telemetry.loop_watch import ALARM_SECONDS, stack_of
from callcenter.telemetry.metrics import Metrics
from tests.facts import answered_calls
from tests.site import site
from tests.unit.telemetry.test_metrics import numbers, value


def of_a_site() -> Metrics:
    """Metrics of an engine that has done nothing."""
    engine = Engine(site())
    return Metrics(engine.state.site, engine.state, lambda: 0.0)


async def test_asterisk_counts_are_told_with_every_operation_and_result() -> None:
    metrics, counters = of_a_site(), Counters()
    metrics.parts.asterisk = counters
    metrics.parts.requests = [(operation, result) for operation in Operation for result in Verdict]
    metrics.parts.bounds_seconds = BOUNDS_SECONDS
    counters.calls[Operation.RING, Verdict.DONE] = 7
    counters.events = Counter({"StasisStart": 3})
    counters.event_at = time.monotonic() - 2
    for seconds in (0.002, 0.02, 9.0):
        counters.call_seconds.add(seconds)

    asked = {"operation": "ring", "result": "done"}
    assert await value(metrics, "hotline_ari_requests_total", **asked) == 7
    never = {"operation": "join", "result": "refused"}
    assert await value(metrics, "hotline_ari_requests_total", **never) == 0
    assert await value(metrics, "hotline_ari_events_total", type="StasisStart") == 3
    assert await value(metrics, "hotline_ari_request_seconds_bucket", le="0.0025") == 1
    assert await value(metrics, "hotline_ari_request_seconds_bucket", le="2.5") == 2
    assert await value(metrics, "hotline_ari_request_seconds_count") == 3
    last = await value(metrics, "hotline_ari_last_event_timestamp_seconds")
    assert 1 < time.time() - last < 10


async def test_a_feature_s_own_series_are_read_at_a_scrape() -> None:
    metrics = of_a_site()
    cases: dict[tuple[str, ...], float] = {("open",): 3.0}
    series = Series(name="hotline_cases", kind=Kind.GAUGE, labels=("state",), help="Cases.")
    metrics.parts.features[series] = lambda: cases
    assert await value(metrics, "hotline_cases", state="open") == 3
    cases["open",] = 4.0
    assert await value(metrics, "hotline_cases", state="open") == 4


async def test_a_histogram_that_a_feature_counted_elsewhere_is_printed_as_one() -> None:
    metrics = of_a_site()
    series = Series(
        name="hotline_took_seconds",
        kind=Kind.HISTOGRAM,
        labels=("step",),
        help="x",
        buckets=(60.0,),
    )
    samples: dict[tuple[str, ...], float] = {
        ("a", bound(60.0)): 2.0,
        ("a", ALL): 3.0,
        ("a", SUM): 500.0,
    }
    metrics.parts.features[series] = lambda: samples
    assert await value(metrics, "hotline_took_seconds_bucket", step="a", le="60") == 2
    assert await value(metrics, "hotline_took_seconds_bucket", step="a", le="+Inf") == 3
    assert await value(metrics, "hotline_took_seconds_count", step="a") == 3
    assert await value(metrics, "hotline_took_seconds_sum", step="a") == 500
    text = (await metrics.render()).decode()
    assert "# TYPE hotline_took_seconds histogram" in text
    ours = [line for line in text.splitlines() if line.startswith("hotline_took")]
    theirs = generate_latest(metrics.registry).decode().splitlines()
    assert {*map(in_order, ours)} <= {*map(in_order, theirs)}


def in_order(line: str) -> str:
    """A sample's line with its labels by name."""
    head, brace, rest = line.partition("{")
    inside, _, number = rest.partition("}")
    return f"{head}{brace}{','.join(sorted(inside.split(',')))}{number}"


async def test_an_asterisk_that_never_spoke_has_no_last_event() -> None:
    metrics = of_a_site()
    metrics.parts.asterisk = Counters()
    metrics.parts.bounds_seconds = BOUNDS_SECONDS

    assert await value(metrics, "hotline_ari_last_event_timestamp_seconds") == 0


async def test_journal_recorder_and_pump_tell_where_they_are(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.start(tuple)
    metrics = of_a_site()
    metrics.parts.journal = journal
    metrics.parts.recorder = Recorder(journal, "postgresql+asyncpg://nobody@localhost/nothing")
    engine = Engine(site())
    metrics.parts.pump = Pump(
        engine, Clock(), journal, inbox_limit=10, perform=lambda commands: None
    )
    journal.append(answered_calls(2))

    assert await value(metrics, "hotline_journal_facts_total") == 24
    assert await value(metrics, "hotline_record_behind_facts") == 24
    assert await value(metrics, "hotline_log_write_errors_total", place="journal") == 0
    assert await value(metrics, "hotline_log_write_errors_total", place="database") == 0
    assert await value(metrics, "hotline_journal_lost_facts_total") == 0
    assert await value(metrics, "hotline_inbox_events") == 0
    await journal.close()


@dataclass
class Carriers:
    """What was found out about the trunks."""

    up: dict[str, bool]
    channels_in_use: dict[str, int]


async def test_a_trunk_of_which_nothing_is_known_is_not_said_to_be_up_or_down() -> None:
    named = {n: Trunk(name=n, channels=c) for n, c in (("tot", 30), ("nt", 0), ("gone", 10))}
    engine = Engine(replace(site(), trunks=named))
    metrics = Metrics(engine.state.site, engine.state, lambda: 0.0)
    metrics.parts.trunks = Carriers({"tot": False}, {"tot": 27, "nt": 4})

    page = numbers(await metrics.render())
    assert {key[1]: n for key, n in page.items() if key[0] == "hotline_trunk_up"} == {
        frozenset({("trunk", "tot")}): 0
    }
    channels = {
        (dict(labels)["trunk"], dict(labels)["kind"]): number
        for (name, labels), number in page.items()
        if name == "hotline_trunk_channels"
    }
    assert channels == {
        ("tot", "in_use"): 27,
        ("tot", "limit"): 30,
        ("nt", "in_use"): 4,
        ("nt", "limit"): 0,
        ("gone", "limit"): 10,
    }


async def test_a_blocked_event_loop_shows_in_the_lag() -> None:
    metrics = of_a_site()
    watching = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0)
    time.sleep(seconds_to_pulse(asyncio.get_running_loop().time()) + 0.3)  # noqa: ASYNC251 - this is the fault
    async with asyncio.timeout(30):
        while not await value(metrics, "hotline_event_loop_lag_seconds_count"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    watching.cancel()

    page = numbers(await metrics.render())
    assert page["hotline_event_loop_lag_seconds_bucket", frozenset({("le", "0.1")})] == 0
    assert page["hotline_event_loop_lag_seconds_count", frozenset()] >= 1


async def test_who_blocks_the_event_loop_is_named_while_he_does() -> None:
    watching = asyncio.create_task(of_a_site().watch_loop())
    await asyncio.sleep(0)
    with capture_logs() as logs:
        gives_up_at = time.monotonic() + 30
        while not logs and time.monotonic() < gives_up_at:
            time.sleep(ALARM_SECONDS)  # noqa: ASYNC251 - this is the fault
        told = list(logs)
    watching.cancel()

    [line] = told  # once, and before it was over
    assert any("test_who_blocks_the_event_loop" in place for place in line["stack"])


def test_a_stack_names_where_a_thread_is() -> None:
    told = stack_of(threading.get_ident())

    assert any("test_a_stack_names_where_a_thread_is" in place for place in told)
    assert stack_of(-1) == []
