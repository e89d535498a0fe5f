"""The files of the journal: what is in them, what of it is sound, where a replay starts.

A segment starts with a header and a memory of everything open at that moment, and goes on with new
facts; so the newest segment alone rebuilds the engine. Every process writes segments of its own
and never appends to those it found. A damaged tail (power cut, bad disk) is copied to a file ending
in `.torn` and cut off, so that what comes before it is kept; so is a step of which only the first
facts are there, or an operator would ring for ever for a call that has gone. Used by `journal.py`
at start; blocks, and is never called while calls are served.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callcenter.core.facts import Fact
from callcenter.runtime.clock import TimeMark
from callcenter.runtime.record import (
    Envelope,
    Header,
    Unreadable,
    decode_header,
    envelopes_of,
    first_offset,
    unframed,
)

SUFFIX = ".journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file of the journal; a higher `number` is newer."""

    path: Path
    number: int
    header: Header

    @property
    def is_whole(self) -> bool:
        """Meant to be enough for a replay; False for one begun while the disk was full."""
        return self.header.remembered >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """A damaged tail that was found at start: `size` bytes of `segment`, from `offset` on."""

    segment: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What an earlier process left behind. `segments` are in order, oldest first."""

    segments: tuple[Segment, ...] = ()
    start: int = 0  # index of the segment a replay starts in
    last_seq: int = 0
    mark: TimeMark | None = None
    torn: tuple[Torn, ...] = ()


def segment_path(directory: Path, number: int) -> Path:
    """Where a segment lies."""
    return directory / f"{number:010d}{SUFFIX}"


def survey(directory: Path) -> Survey:
    """Look at all segments, newest first, until one is found that is enough for a replay."""
    segments: list[Segment] = []
    torn: list[Torn] = []
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        segment = _segment(path)
        if segment is None:
            torn.append(_set_aside(path, 0, path.read_bytes()))
            path.unlink()
        else:
            segments.append(segment)
    last_seq, mark, start = 0, None, 0
    for index in reversed(range(len(segments))):
        sound = _examine(segments[index], torn)
        last_seq = max(last_seq, sound.last_seq)
        mark = mark or sound.mark
        if sound.is_replayable:
            start = index
            break
    return Survey(
        segments=tuple(segments), start=start, last_seq=last_seq, mark=mark, torn=tuple(torn)
    )


def replayed(segments: Sequence[Segment]) -> Iterator[Fact]:
    """The facts that rebuild the engine: the memory of the first segment, then what is new.

    A fact this program cannot read is left out (the recorder reports it).
    """
    for index, segment in enumerate(segments):
        blob = segment.path.read_bytes()
        step: list[Fact] = []
        for envelope, _ in envelopes_of(blob, first_offset(blob)):
            fact = envelope.fact() if index == 0 or not envelope.remembered else None
            if fact is not None and not isinstance(fact, Unreadable):
                step.append(fact)
            if not envelope.unfinished:
                yield from step
                step.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """What the sound part of one segment says."""

    last_seq: int
    mark: TimeMark
    is_replayable: bool


def _segment(path: Path) -> Segment | None:
    with path.open("rb") as file:
        contents = unframed(file.read(4096), 0)
    header = decode_header(contents) if contents else None
    if header is None or not path.stem.isdigit():
        return None
    return Segment(path=path, number=int(path.stem), header=header)


def _examine(segment: Segment, torn: list[Torn]) -> _Sound:
    blob = segment.path.read_bytes()
    offset, remembered, last = first_offset(blob), 0, None
    for envelope, behind in envelopes_of(blob, offset):
        remembered += envelope.remembered
        if not envelope.unfinished:
            offset = behind
            last = last if envelope.remembered else envelope
    if offset < len(blob):
        torn.append(_set_aside(segment.path, offset, blob[offset:]))
    return _Sound(
        last_seq=segment.header.first_seq - 1 if last is None else last.seq,
        mark=_latest_mark(segment.header.mark, last),
        is_replayable=remembered == segment.header.remembered,
    )


def _latest_mark(mark: TimeMark, last: Envelope | None) -> TimeMark:
    at = 0.0 if last is None else last.fact().at
    return mark if last is None or at < mark.at else replace(mark, at=at, wall=last.wall)


def _set_aside(path: Path, offset: int, tail: bytes) -> Torn:
    """Keep the damaged bytes for people to look at, and cut them off. A full disk keeps neither
    from starting. What is cut off must not stay: its numbers are given to new facts."""
    with contextlib.suppress(OSError):
        path.with_name(f"{path.stem}-{offset}.torn").write_bytes(tail)
    with contextlib.suppress(OSError):
        os.truncate(path, offset)
    return Torn(segment=path.name, offset=offset, size=len(tail))
