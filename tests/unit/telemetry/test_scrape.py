"""A scrape of a national-size registry never holds the event loop for more than a millisecond."""

import gc
import time
from collections.abc import Iterator

import pytest

from callcenter.ari.rest import Operation, Verdict
from callcenter.core.engine import Engine
from callcenter.core.ids import LineName, QueueName
from callcenter.core.site import Line, Site
from callcenter.telemetry.metrics import Metrics
from tests.integration.oversight.watched import name_quiet_parts
from tests.site import rules

SERIES = 5_000
TURN_SECONDS = 0.001
PAGES = 12


def national() -> Metrics:
    """17 lines with overflow between 20 queues, and all other parts."""
    names = [QueueName(f"queue-{n}") for n in range(20)]
    queues = {
        q: rules(q, overflow_queue=names[n - 1] if n % 3 else None) for n, q in enumerate(names)
    }
    lines = [
        Line(name=LineName(f"line-{n}"), title="", dids=(f"{n}",), queue=names[n], priority=0)
        for n in range(17)
    ]
    engine = Engine(Site(lines={line.name: line for line in lines}, queues=queues))
    metrics = Metrics(engine.state.site, engine.state, lambda: 0.0)
    name_quiet_parts(metrics)
    metrics.parts.requests = [(o.value, v.value) for o in Operation for v in Verdict]
    return metrics


def turns(metrics: Metrics) -> Iterator[float]:
    """Seconds of processor time from one point where others may run to the next."""
    page = metrics.render()
    while True:
        began = time.thread_time()
        try:
            page.send(None)
        except StopIteration as done:
            yield time.thread_time() - began
            assert sum(not line.startswith(b"#") for line in done.value.splitlines()) > SERIES
            return
        yield time.thread_time() - began


@pytest.fixture
def collected() -> Iterator[None]:
    """The garbage collector pauses for everybody, whoever made the garbage: it is kept out."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_no_turn_of_a_scrape_takes_more_than_a_millisecond(collected: None) -> None:
    """The work of each turn is the same in every page: the quickest of a few is what it takes,
    whatever else the machine does."""
    metrics = national()
    pages = [list(turns(metrics)) for _ in range(PAGES)]

    assert len({len(page) for page in pages}) == 1
    each = [min(turn) for turn in zip(*pages, strict=True)]
    assert len(each) > SERIES / 60
    assert max(each) < TURN_SECONDS
