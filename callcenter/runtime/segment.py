"""The files of the journal: their contents, which parts are sound, and where a replay starts.

A segment starts with a header and a snapshot of the engine's state, and goes on with new facts. So
the newest segment alone rebuilds the engine. Every process writes its own segments and never
appends to those it found. Damage costs only the damaged part: it is copied to a file ending in
`.torn`, and the sound records after it are read. A damaged end (power cut) is also cut off. So is
an incomplete last step, because otherwise an operator would ring for ever for a call that has gone.
A damaged header is made again from the records after it. This module blocks, and is never used
while calls are served.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callcenter.core.facts import Fact
from callcenter.core.snapshot import Piece
from callcenter.runtime.clock import TimeMark
from callcenter.runtime.record import (
    FRAME_BYTES,
    Envelope,
    Header,
    Unreadable,
    decode_header,
    envelopes_of,
    first_offset,
    unframed,
)
from callcenter.runtime.spare import SUFFIX, Spare, both, numbered

NAME_FILE = "name"
HOME_FILE = "home"  # where the journal of this name was when it was opened last


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file of the journal. A higher `number` is newer."""

    path: Path
    number: int
    header: Header

    @property
    def is_whole(self) -> bool:
        """Whether it was meant to be enough for a replay. False if it was begun while the disk was
        full."""
        return self.header.remembered >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """Damage found at start: `size` bytes of `segment`, from `offset` on."""

    segment: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The segments of earlier processes, oldest first."""

    segments: tuple[Segment, ...] = ()
    start: int = 0  # index of the segment in which a replay starts
    last_seq: int = 0
    mark: TimeMark | None = None
    torn: tuple[Torn, ...] = ()


def segment_path(directory: Path, number: int) -> Path:
    """The path of a segment."""
    return directory / f"{number:010d}{SUFFIX}"


def survey(directory: Path, name: str = "", spare: Spare | None = None) -> Survey:
    """Look at all segments, newest first, until one is enough for a replay. Those in the second
    place are included. `name` is for a header that is made again."""
    paths = numbered(directory)
    sound_ones = _headers(paths)
    if spare is not None and (away := spare.left()):
        sound_ones |= _headers(away)
        paths = both(paths, away)
    segments: list[Segment] = []
    torn: list[Torn] = []
    for path in paths:
        header = sound_ones.get(path) or _header_anew(path, name, torn)
        if header is not None:
            segments.append(Segment(path=path, number=int(path.stem), header=header))
            continue
        if blob := path.read_bytes():
            torn.append(_set_aside(path, 0, blob))
        else:
            torn.append(Torn(segment=path.name, offset=0, size=0))
        path.unlink()
    last_seq, mark, start = 0, None, 0
    for index in reversed(range(len(segments))):
        sound = _examine(segments[index], torn)
        last_seq = max(last_seq, sound.last_seq)
        mark = mark or sound.mark
        if sound.is_replayable:
            start = index
            break
    return Survey(
        segments=tuple(segments),
        start=start,
        last_seq=last_seq,
        mark=mark,
        torn=tuple(torn),
    )


def left_away(spare_root: Path, directory: Path) -> list[Path]:
    """The segments of the journal in `directory` that are in its second place. Needs no lock."""
    folder = Spare(spare_root, directory, _told(directory / NAME_FILE)).folder
    return numbered(folder) if folder is not None else []


def name_in(directory: Path) -> str:
    """The name of the journal in this folder; empty for a new one. The newest header has it,
    too."""
    if name := _told(directory / NAME_FILE):
        return name
    headers = list(_headers(numbered(directory)).values())
    return headers[-1].journal if headers else ""


def is_copy(directory: Path, name: str) -> bool:
    """Whether this folder is a copy: the journal `name` is still in the folder where it was opened
    last. A folder that was moved or restored is no copy."""
    home = _told(directory / HOME_FILE)
    try:
        return bool(home) and not directory.samefile(home) and name_in(Path(home)) == name
    except OSError:  # the other folder is gone
        return False


def remember(directory: Path, name: str) -> None:
    """Write down the name of this journal and its place."""
    for file, text in ((NAME_FILE, name), (HOME_FILE, str(directory.resolve()))):
        with contextlib.suppress(OSError):  # the service must start even if the disk is full
            if _told(directory / file) != text:
                write_over(directory / file, text)


def write_over(path: Path, text: str) -> None:
    """Write a short text into a file without emptying it first. A full disk has room for it in
    place of the old text."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.write(file, text.encode())
        os.ftruncate(file, size)
    finally:
        os.close(file)


def _told(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def replayed(segments: Sequence[Segment]) -> Iterator[Piece | Fact]:
    """What the engine is rebuilt from: the snapshot of the first segment, then the facts of all.

    What this program cannot read is left out. (The recorder reports facts that were left out.)
    """
    for index, segment in enumerate(segments):
        blob = segment.path.read_bytes()
        step: list[Piece | Fact] = []
        for envelope, _ in envelopes_of(blob, first_offset(blob)):
            if envelope.remembered:
                told = envelope.piece() if index == 0 else None
            else:
                told = envelope.fact()
            if told is not None and not isinstance(told, Unreadable):
                step.append(told)
            if not envelope.unfinished:
                yield from step
                step.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """The result of examining one segment."""

    last_seq: int
    mark: TimeMark
    is_replayable: bool


def _headers(paths: Sequence[Path]) -> dict[Path, Header]:
    return {path: header for path in paths if (header := _header(path)) is not None}


def _header(path: Path) -> Header | None:
    with path.open("rb") as file:
        contents = unframed(file.read(4096), 0)
    return decode_header(contents) if contents else None


def _header_anew(path: Path, name: str, torn: list[Torn]) -> Header | None:
    """A header made from the records of a segment, if the header itself cannot be read. None if
    there are no records."""
    blob, damage = path.read_bytes(), list[tuple[int, int]]()
    found = [envelope for envelope, _ in envelopes_of(blob, 0, damage)]
    if not found:
        return None
    torn.append(_copied(path, 0, blob[: damage[0][1]]))
    remembered = sum(envelope.remembered for envelope in found)
    last = found[-1]
    found_mark = next((mark for envelope in found if (mark := envelope.mark())), None)
    return Header(
        journal=name,
        first_seq=found[0].seq + bool(remembered),
        remembered=remembered or -1,
        mark=found_mark
        or TimeMark(
            boot="",
            shift_seconds=0.0,
            at=max(envelope.fact().at for envelope in found),
            wall=last.wall,
        ),
    )


def _examine(segment: Segment, torn: list[Torn]) -> _Sound:
    blob = segment.path.read_bytes()
    offset, remembered, last = first_offset(blob), 0, None
    if offset == FRAME_BYTES:  # the header was damaged
        offset = 0
    damage: list[tuple[int, int]] = []
    for envelope, behind in envelopes_of(blob, offset, damage):
        remembered += envelope.remembered
        if not envelope.unfinished:
            offset = behind
            last = last if envelope.remembered else envelope
    for begin, end in damage:
        if begin > 0 and end <= offset:  # a damaged header was reported already
            torn.append(_copied(segment.path, begin, blob[begin:end]))
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
    """Copy the damaged bytes for people to look at, and cut them off. A full disk does not prevent
    the start. The bytes must not stay, because new facts get the same numbers."""
    torn = _copied(path, offset, tail)
    with contextlib.suppress(OSError):
        os.truncate(path, offset)
    return torn


def _copied(path: Path, offset: int, damaged: bytes) -> Torn:
    with contextlib.suppress(OSError):
        path.with_name(f"{path.stem}-{offset}.torn").write_bytes(damaged)
    return Torn(segment=path.name, offset=offset, size=len(damaged))
