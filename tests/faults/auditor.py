"""The judge: what callers and phones lived through, held against what was written down. Pure.

Written apart from the service; it believes nobody's counters. `evidence.py` gathers what it is
given, `test_teeth.py` shows that it tells a made-up loss.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]

SURE_SECONDS = 0.5
"""A talk shorter than this may have ended before the service knew of it."""
SAME_INSTANT_SECONDS = 1.0  # two ends of one call, seen by two sockets on a busy machine
DURATIONS_SECONDS = 2.0  # how far a stored duration may be from the one lived
SILENT_SECONDS = 3.0  # nothing to hear for so long: no music, no voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """One caller's call. Instants of time.monotonic(), 0 when it did not happen.

    `ended_by` is "caller", "far end", or "" for who was still there when nobody was served any
    more. `excused`: their Asterisk was killed, or they were let down as the fault's rule says.
    """

    number: str
    dialled_at: float
    answered_at: float = 0.0
    ended_at: float = 0.0
    ended_by: str = ""
    status: int = 0
    silence_seconds: float = 0.0
    silent_since: float = 0.0
    excused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """One ring of one phone. `partner` is the caller whose voice was heard, "" when nobody's."""

    operator: str
    rang_at: float
    up_at: float = 0.0
    ended_at: float = 0.0
    how: str = ""  # "operator", "far end", "cancelled", "refused"; "" while it goes on
    partner: str = ""
    heard: bool = False  # each heard the other
    excused: bool = False
    lame: bool = False  # picked up while nobody could be connected, as the fault's nature is

    @property
    def seconds(self) -> float:
        """How long they were connected."""
        return max(0.0, self.ended_at - self.up_at) if self.up_at and self.ended_at else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that is known from outside."""

    callers: Sequence[Lived]
    rings: Sequence[Rang]
    rows: Sequence[Row]
    ledger: Sequence[str] = ()  # the call ids of callers' channels, as often as Asterisk lists them
    rang_while_busy: Mapping[str, int] = field(default_factory=dict)
    impossible: Sequence[str] = ()  # what no row and no count may say, told by SQL
    recoveries: Sequence[float] = ()
    orphans: Sequence[str] = ()
    stuck: Sequence[str] = ()
    outages: Sequence[tuple[float, float]] = ()  # from a strike until it was over
    broken: Sequence[str] = ()  # promises of this very fault


@dataclass(slots=True)
class Findings:
    """Each list has a sentence for every single thing that was found."""

    cut: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    records_lost: list[str] = field(default_factory=list)
    contradicted: list[str] = field(default_factory=list)
    double_rings: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    recovery_seconds: float = 0.0
    callers: int = 0
    talks: int = 0


def audit(evidence: Evidence) -> Findings:
    """Judge."""
    found = Findings(
        callers=len(evidence.callers),
        talks=sum(bool(ring.up_at) for ring in evidence.rings),
        recovery_seconds=max(evidence.recoveries, default=0.0),
        orphans=list(evidence.orphans),
        stuck=list(evidence.stuck),
        broken=list(evidence.broken),
    )
    talks: dict[str, list[Rang]] = defaultdict(list)
    for ring in evidence.rings:
        if ring.partner and ring.up_at:
            talks[ring.partner].append(ring)
    found.cut = list(_cut(evidence, talks))
    found.lost = list(_lost(evidence, talks))
    found.silent = list(_silent(evidence))
    found.double_rings = list(_double_rings(evidence))
    _books(evidence, talks, found)
    return found


def _cut(evidence: Evidence, talks: Mapping[str, Sequence[Rang]]) -> Iterator[str]:
    """Talks that ended although neither of the two hung up."""
    by_number = {caller.number: caller for caller in evidence.callers}
    left = [caller.ended_at for caller in evidence.callers if caller.ended_by == "caller"]
    for ring in evidence.rings:
        if not ring.up_at or ring.how != "far end" or ring.excused:
            continue
        caller = by_number.get(ring.partner)
        if caller is None:
            somebody = any(abs(ended - ring.ended_at) < SAME_INSTANT_SECONDS for ended in left)
            if ring.seconds >= SURE_SECONDS and not somebody and not ring.lame:
                yield f"{ring.operator}'s call of {ring.seconds:.1f} s was ended by Asterisk"
        elif caller.ended_by != "caller" and not caller.excused:
            yield f"{ring.operator} and a caller, after {ring.seconds:.1f} s"
    for caller in evidence.callers:
        last = talks.get(caller.number, ())[-1:]
        if caller.ended_by == "far end" and not caller.excused and last:
            [ring] = last
            after = ring.ended_at - caller.ended_at if ring.ended_at else SAME_INSTANT_SECONDS
            if ring.how in ("", "operator") and after >= SAME_INSTANT_SECONDS and not ring.excused:
                yield f"a caller was hung up on while {ring.operator} still talked"


def _lost(evidence: Evidence, talks: Mapping[str, Sequence[Rang]]) -> Iterator[str]:
    """Callers who got no operator and did not hang up themselves."""
    unknown = [ring for ring in evidence.rings if ring.up_at and not ring.partner]
    for caller in evidence.callers:
        if caller.ended_by == "caller" or caller.excused:
            continue
        served = talks.get(caller.number)
        if served and not caller.ended_by:
            yield f"a caller was left alone after the talk with {served[-1].operator}"
        if served:
            continue
        if any(
            abs(ring.ended_at - caller.ended_at) < SAME_INSTANT_SECONDS for ring in unknown
        ):  # a talk too short to be heard by anyone
            continue
        waited = (caller.ended_at or caller.dialled_at) - caller.dialled_at
        if not caller.ended_by:
            yield f"a caller still waits (status {caller.status})"
        elif not caller.answered_at:
            yield f"a caller was refused: {caller.status}"
        else:
            yield f"a caller was hung up on after {waited:.1f} s of waiting"


def _silent(evidence: Evidence) -> Iterator[str]:
    for caller in evidence.callers:
        if caller.silence_seconds >= SILENT_SECONDS and not caller.excused:
            after = caller.silent_since - caller.answered_at
            silence = f"{caller.silence_seconds:.1f} s, {after:.1f} s after the answer"
            yield f"a caller heard nothing for {silence}"
    for ring in evidence.rings:
        if ring.seconds >= SURE_SECONDS * 2 and not (ring.heard or ring.excused or ring.lame):
            yield f"{ring.operator} and the caller did not hear each other for {ring.seconds:.1f} s"


def _double_rings(evidence: Evidence) -> Iterator[str]:
    for operator, times in sorted(evidence.rang_while_busy.items()):
        yield from [f"{operator} was rung while in a call"] * times
    by_operator: dict[str, list[Rang]] = defaultdict(list)
    for ring in sorted(evidence.rings, key=lambda r: r.rang_at):
        before = by_operator[ring.operator][-1:]
        if before and (not before[0].ended_at or before[0].ended_at > ring.rang_at):
            yield f"{ring.operator} had two calls at once"
        by_operator[ring.operator].append(ring)


def _books(evidence: Evidence, talks: Mapping[str, Sequence[Rang]], found: Findings) -> None:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in evidence.rows:
        rows[row["caller"]].append(row)
    known = {row["call_id"] for row in evidence.rows}
    for call in sorted(set(evidence.ledger) - known):
        found.records_lost.append(f"Asterisk's ledger has {call}, the records have not")
    for caller in evidence.callers:
        own = rows.get(caller.number, [])
        if not own and caller.answered_at and not caller.excused:
            found.records_lost.append("a caller who was answered by us has no record")
        if len(own) > 1:
            found.contradicted.append(f"one call, {len(own)} records")
        for row in own[:1]:
            _row(evidence, caller, talks.get(caller.number, ()), row, found)
    found.contradicted += evidence.impossible


def _row(
    evidence: Evidence, caller: Lived, talks: Sequence[Rang], row: Row, found: Findings
) -> None:
    if row["ended_at"] is None or row["outcome"] is None:
        found.records_lost.append(f"the record of {row['call_id']} has no end")
        return
    sure = [talk for talk in talks if talk.heard and talk.seconds >= SURE_SECONDS]
    answered = row["outcome"] == "answered"
    if sure and not answered:
        found.contradicted.append(f"{sure[0].operator} talked with who is {row['outcome']}")
    elif answered and not talks and not _may_have_talked(evidence, caller):
        found.contradicted.append("nobody talked with who is recorded as answered")
    if sure and answered and row["operator"] not in (None, *(talk.operator for talk in talks)):
        found.contradicted.append(f"{row['operator']} is said to have answered for another")
    if row["outcome"] == "failed" and caller.ended_by == "caller" and not caller.excused:
        found.contradicted.append("who hung up is recorded as failed")
    hung_up_on = caller.ended_by == "far end" and not caller.excused and not talks
    if hung_up_on and row["outcome"].startswith("abandoned"):
        found.contradicted.append("who was hung up on is recorded as abandoned")
    if len(sure) == 1 and answered and not caller.excused:
        _durations(evidence, caller, sure[0], row, found)


def _may_have_talked(evidence: Evidence, caller: Lived) -> bool:
    """A phone was answered and nobody knows for whom: too short, or its ear was deaf."""
    return any(
        ring.up_at
        and not ring.partner
        and caller.dialled_at <= ring.up_at
        and (not caller.ended_at or ring.up_at <= caller.ended_at + SAME_INSTANT_SECONDS)
        for ring in evidence.rings
    )


def _durations(evidence: Evidence, caller: Lived, talk: Rang, row: Row, found: Findings) -> None:
    """Not of calls of which something happened while the fault lasted."""
    moments = (caller.answered_at, talk.up_at, talk.ended_at)
    if any(
        begun - DURATIONS_SECONDS <= moment <= over + DURATIONS_SECONDS
        for begun, over in evidence.outages
        for moment in moments
    ):
        return
    over = min(talk.ended_at, caller.ended_at or talk.ended_at)
    lived = {"wait_seconds": talk.up_at - caller.answered_at, "talk_seconds": over - talk.up_at}
    for name, seconds in lived.items():
        if row[name] is None or abs(row[name] - seconds) > DURATIONS_SECONDS:
            found.contradicted.append(f"{name} is {row[name]}, it was {seconds:.1f}")
