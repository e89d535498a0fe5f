"""The series that are read from the other parts at each scrape.

A part that does not exist (in tests, or before it is built) gives no samples. Its series are
declared all the same.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from callcenter.ports.metrics import SUM, Kind, Samples, Series
from callcenter.runtime.journal import Journal
from callcenter.telemetry import combinations as sets
from callcenter.telemetry import series as s
from callcenter.telemetry.identities import Identities
from callcenter.telemetry.sources import (
    ApiCounts,
    AsteriskCounts,
    BanCounts,
    HepCounts,
    LegCounts,
    LiveState,
    Now,
    PumpCounts,
    RecorderCounts,
    TrunkStates,
)

Readings = dict[Series, Samples]


@dataclass(slots=True)
class Parts:
    """The parts to read from. They are set when they are built.

    `requests` are all possible (operation, result) pairs of ARI requests. `bounds_seconds` are the
    bounds of the adapter's own count of durations.
    """

    journal: Journal | None = None
    recorder: RecorderCounts | None = None
    pump: PumpCounts | None = None
    asterisk: AsteriskCounts | None = None
    trunks: TrunkStates | None = None
    capacity: LegCounts | None = None
    hep: HepCounts | None = None
    bans: BanCounts | None = None
    api: ApiCounts | None = None
    features: dict[Series, Callable[[], Samples]] = field(default_factory=dict)
    requests: Iterable[tuple[str, str]] = ()
    bounds_seconds: tuple[float, ...] = ()


class Reader:
    """A collector for the registry; it reads all parts at each scrape."""

    def __init__(self, live: LiveState, now: Now, identities: Identities, parts: Parts) -> None:
        self._live = live
        self._now = now
        self._identities = identities
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        """All readings now, in the form that the library needs."""
        readings = self.read()
        for series, samples in readings.items():
            if series.kind is Kind.HISTOGRAM:
                yield _histogram(series, samples)
            else:
                yield _filled(_family(series), samples)
        yield self.distribution()

    def distribution(self) -> Metric:
        """How long Asterisk took to answer requests."""
        return _distribution(self._parts.asterisk, self._parts.bounds_seconds)

    def read(self) -> Readings:
        """All readings of one moment, so that they belong together. Has every series that is
        read."""
        parts = self._parts
        readings = _of_state(self._live, self._now(), self._identities)
        if parts.asterisk is not None:
            readings |= _of_asterisk(parts.asterisk, parts.requests)
        if parts.trunks is not None:
            readings |= _of_trunks(parts.trunks, self._live)
        if parts.capacity is not None:
            readings[s.LEGS] = {(kind,): many for kind, many in parts.capacity.legs.items()}
        if parts.hep is not None:
            readings |= _of_hep(parts.hep)
        if parts.bans is not None:
            readings |= _of_bans(parts.bans)
        if parts.pump is not None:
            readings |= _of_pump(parts.pump)
        if parts.journal is not None:
            missed = parts.recorder.missed_facts if parts.recorder else 0
            readings |= _of_journal(parts.journal, missed)
        if parts.recorder is not None:
            readings |= _of_recorder(parts.recorder)
        readings[s.API_FAILURES] = {(): parts.api.count if parts.api else 0}
        readings[s.WRITE_ERRORS] = {
            ("journal",): parts.journal.disk.write_errors if parts.journal else 0,
            ("database",): parts.recorder.failures if parts.recorder else 0,
        }
        asked: Readings = {series: readings.get(series, {}) for series in s.ASKED}
        return asked | {series: read() for series, read in parts.features.items()}


_NOBODY = (0.0, 0)  # nobody waits to be called back


def _of_state(live: LiveState, now: float, identities: Identities) -> Readings:
    staff = live.operators_by_queue()
    names = [q for q in live.queues if q in live.site.queues or live.queue_waiting(q)]
    waited = live.callbacks_waited(now)
    parked = live.parked_for(now)
    return {
        s.WAITING: {(q,): live.queue_waiting(q) for q in names},
        s.RETURNED: {(q,): live.queue_returned(q) for q in names},
        s.CALLBACKS_OPEN: {(q,): live.queue_parked(q) for q in names},
        s.CALLBACKS_OVERDUE: {(q,): waited.get(q, _NOBODY)[1] for q in names},
        s.CALLBACK_OLDEST: {(q,): waited.get(q, _NOBODY)[0] for q in names},
        s.CALLBACKS_HELD: {(why,): why == live.callbacks_held for why in sets.HELD},
        s.CALLBACK_REFUSALS: {(): live.carrier.refusals},
        s.OLDEST_WAIT: {(q,): live.oldest_wait_seconds(q, now) for q in names},
        s.OPEN: {(q,): q not in live.closed for q in names},
        s.ROSTERED: {(q,): n for q, n in live.rostered.items() if q in names},
        s.UNCOVERED: {
            (q, "yes" if planned else "no"): seconds
            for (q, planned), seconds in live.uncovered_seconds(now).items()
            if q in names
        },
        s.OPERATORS: {(q, state): n for q in names for state, n in staff[q].items()},
        s.PARKED_NOW: {(q,): n for q, n in live.parked_by_queue().items() if q in names},
        s.PARKED_OLDEST: {(q,): parked.get(q, 0.0) for q in names},
        s.HELPS_OPEN: {(): len(live.helps)},
        s.IN_PROGRESS: {(): live.calls_in_progress()},
        s.MISMATCH: {(): identities.mismatch(live)},
        s.ARI_CONNECTED: {(): live.connected},
        s.NODE_CONNECTED: {(name,): node.connected for name, node in live.nodes.items()},
        s.NODE_DRAINING: {(name,): node.draining for name, node in live.nodes.items()},
        s.NODE_CALLS: {(name,): len(calls) for name, calls in live.calls_by_node().items()},
    }


def _of_asterisk(counts: AsteriskCounts, requests: Iterable[tuple[str, str]]) -> Readings:
    return {
        s.ARI_LAST_EVENT: {(): _wall_of(counts.event_at)},
        s.ARI_CONNECTS: {(): counts.connects},
        s.ARI_LOSSES: {(): counts.losses},
        s.ARI_OVERFLOWS: {(): counts.overflows},
        s.ARI_EVENTS: {(kind,): n for kind, n in counts.events.items()},
        s.ARI_UNUSABLE: {
            ("unknown",): sum(counts.unknown_types.values()),
            ("malformed",): counts.malformed,
            ("untold",): counts.untold,
        },
        s.ARI_REQUESTS: {**dict.fromkeys(requests, 0), **counts.calls},
        s.ARI_DROPPED: {(): counts.commands_dropped},
    }


def _of_trunks(trunks: TrunkStates, live: LiveState) -> Readings:
    in_use: Samples = {(name, "in_use"): n for name, n in trunks.channels_in_use.items()}
    limits: Samples = {(trunk.name, "limit"): trunk.channels for trunk in live.site.trunks.values()}
    return {
        s.TRUNK_UP: {(n,): up for n, up in trunks.up.items()},
        s.TRUNK_CHANNELS: {**in_use, **limits},
    }


def _of_hep(hep: HepCounts) -> Readings:
    return {
        s.TRUNK_REFUSED: {(status, kind): n for (status, kind), n in hep.counted().items()},
        s.HEP_DATAGRAMS: {(result,): n for result, n in hep.datagrams.items()},
        s.SIP_GUESSES: {(): hep.guesses.count},
        s.SIP_ATTACKED: {(): hep.attacked()},
    }


def _of_bans(bans: BanCounts) -> Readings:
    count = bans.count()
    return {
        s.SIP_BANS: {(): bans.made},
        s.SIP_BANNED: {("guessing",): count[False], ("by_hand",): count[True]},
    }


def _of_pump(pump: PumpCounts) -> Readings:
    return {
        s.INBOX: {(): len(pump.inbox)},
        s.INBOX_OVERFLOWS: {(): pump.inbox.overflows},
        s.STEPS: {(): pump.steps},
    }


def _of_journal(journal: Journal, missed: int) -> Readings:
    """`missed` is what the recorder found missing, also of an earlier process."""
    return {
        s.JOURNAL_FACTS: {(): journal.last_seq - journal.opened_seq + 1},
        s.JOURNAL_LOST: {(): max(journal.disk.lost_facts, missed)},
        s.JOURNAL_HELD: {(): journal.disk.held_bytes},
        s.JOURNAL_AWAY: {(): journal.disk.away_bytes},
        s.CLOCK_STEPS: {(): journal.clock_steps},
        s.JOURNAL_TORN: {(): sum(torn.size or 1 for torn in journal.torn)},
    }


def _of_recorder(recorder: RecorderCounts) -> Readings:
    return {
        s.RECORD_FACTS: {(): recorder.stored_facts},
        s.DEAD_LETTERS: {(): recorder.dead_letters},
        s.CONTRADICTED: {(): recorder.contradicted},
        s.RECORD_BEHIND: {(): recorder.facts_behind},
        s.RECORD_SECONDS: {(): recorder.seconds_behind},
    }


AskedFamily = GaugeMetricFamily | CounterMetricFamily


def _family(series: Series) -> AskedFamily:
    kind = GaugeMetricFamily if series.kind is Kind.GAUGE else CounterMetricFamily
    return kind(series.name, series.help, labels=series.labels)


def _filled(family: AskedFamily, samples: Samples) -> Metric:
    for labels, value in samples.items():
        family.add_metric([str(label) for label in labels], float(value))
    return family


def _histogram(series: Series, samples: Samples) -> Metric:
    family = HistogramMetricFamily(series.name, series.help, labels=series.labels)
    for own in dict.fromkeys(labels[:-1] for labels in samples):
        edges = [labels[-1] for labels in samples if labels[:-1] == own and labels[-1] != SUM]
        buckets = [(edge, samples[(*own, edge)]) for edge in edges]
        family.add_metric(list(own), buckets, sum_value=samples[(*own, SUM)])
    return family


def _distribution(counts: AsteriskCounts | None, bounds: tuple[float, ...]) -> Metric:
    family = HistogramMetricFamily(s.ARI_SECONDS.name, s.ARI_SECONDS.help)
    if counts is not None:
        buckets, so_far = [], 0.0
        edges = (*map(str, bounds), "+Inf")
        for edge, count in zip(edges, counts.call_seconds.counts, strict=True):
            so_far += count
            buckets.append((edge, so_far))
        family.add_metric([], buckets, sum_value=counts.call_seconds.total_seconds)
    return family


def _wall_of(loop_time: float) -> float:
    """The wall clock at an instant of the event loop's (monotonic) time. 0 stays 0."""
    return time.time() - (time.monotonic() - loop_time) if loop_time else 0.0
