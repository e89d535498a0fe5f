"""A small site for tests: two queues, three lines, round numbers."""

from dataclasses import replace

from callcenter.core.ids import LineName, QueueName
from callcenter.core.site import Line, QueueRules, Site, Trunk

DAMRONG = QueueName("damrong")
GCC = QueueName("gcc")
NIGHT = QueueName("night")


def rules(name: QueueName, **changes: object) -> QueueRules:
    """Rules with round numbers, changed where a test says so."""
    settings: dict[str, object] = {
        "name": name,
        "title": name,
        "waiting_limit": 100,
        "max_wait_seconds": 600.0,
        "overflow_queue": None,
        "ring_seconds": 15.0,
        "wrapup_seconds": 10.0,
        "short_abandon_seconds": 5.0,
    }
    return QueueRules(**{**settings, **changes})  # type: ignore[arg-type]


def site(*queues: QueueRules) -> Site:
    """1567 and 045-614545 ring in queue `damrong`, 1111 in `gcc`, 1669 there with priority 5."""
    held = {q.name: q for q in (rules(DAMRONG), rules(GCC), *queues)}
    lines = [
        Line(name=LineName("1567"), title="1567", dids=("1567",), queue=DAMRONG, priority=0),
        Line(
            name=LineName("045-614545"),
            title="045-614545",
            dids=("045614545",),
            queue=DAMRONG,
            priority=0,
        ),
        Line(name=LineName("1111"), title="1111", dids=("1111",), queue=GCC, priority=0),
        Line(name=LineName("1669"), title="1669", dids=("1669",), queue=GCC, priority=5),
    ]
    return Site(
        lines={line.name: line for line in lines},
        queues=held,
        line_of_did={did: line for line in lines for did in line.dids},
        trunks={name: Trunk(name=name, channels=n) for name, n in (("tot", 30), ("nt", 0))},
    )


def renamed() -> Site:
    """The site, in which 1567 and 045-614545 ring in `night` instead of `damrong`."""
    now = site()
    lines = [
        replace(line, queue=NIGHT if line.queue == DAMRONG else line.queue)
        for line in now.lines.values()
    ]
    return replace(
        now,
        queues={NIGHT: rules(NIGHT), GCC: now.queues[GCC]},
        lines={line.name: line for line in lines},
        line_of_did={did: line for line in lines for did in line.dids},
    )
