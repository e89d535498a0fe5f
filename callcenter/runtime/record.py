"""One record of the journal as bytes: length, checksum, contents.

A record is `u32 length · u32 crc32(contents) · contents`, little endian. The contents are
MessagePack: a segment's first record is its `Header`, every other one the array
`[seq, wall, kind, fact, remembered, unfinished]`, where `kind` is the name of the fact's class. In
the snapshot behind the header, `kind` is a field of the state and a piece of its value stands in
place of the fact (core/snapshot.py); journals of earlier versions have facts there, too. Facts and
what is in a snapshot are maps with their field names, so that a field with a default can be added
later. Pure.
"""

import dataclasses
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args
from zlib import crc32

import msgspec

from callcenter.core import facts
from callcenter.core.facts import Fact
from callcenter.core.snapshot import KEPT, Piece
from callcenter.runtime.clock import TimeMark

LONGEST_RECORD_BYTES = 1 << 20  # a greater length is damage, not a record
_BEGINNING = b"\x96"  # the first byte of an envelope in MessagePack: an array of six
LONGEST_TEXT = 4096  # characters kept of each text if the fact does not fit into a record
_FRAME = struct.Struct("<II")
_unpack = _FRAME.unpack_from
FRAME_BYTES = _FRAME.size

_encode = msgspec.msgpack.Encoder().encode
_fact_of: dict[str, Callable[[msgspec.Raw], Fact]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind).decode for kind in get_args(facts.Fact)
}
_value_of: dict[str, Callable[[msgspec.Raw], Any]] = {
    field: msgspec.msgpack.Decoder(kind).decode for field, kind in KEPT.items()
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a segment is. `first_seq` is the number of its first fact.

    `remembered` is how many records of the snapshot follow. -1 means that there is none, so that a
    replay must start in an earlier segment.
    """

    journal: str
    first_seq: int
    mark: TimeMark
    remembered: int = -1
    version: int = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A sound record whose contents this version of the program does not know."""

    at: float
    kind: str
    payload: bytes
    error: str


class Envelope(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The envelope of a fact. Most readers skip many envelopes without decoding the fact.

    `wall`: seconds since 1970 when the fact was written, at its `at`. `remembered`: not new, only
    part of the snapshot at the start of a segment. `unfinished`: more facts of the same step
    follow, and none of them is valid without the others.
    """

    seq: int
    wall: float
    kind: str
    raw: msgspec.Raw
    remembered: bool
    unfinished: bool = False

    def fact(self) -> Fact | Unreadable:
        """The fact, or `Unreadable` if this version of the program does not know it."""
        try:
            return _fact_of[self.kind](self.raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as error:
            reason = f"unknown kind {self.kind}" if isinstance(error, KeyError) else str(error)
            return Unreadable(at=0.0, kind=self.kind, payload=bytes(self.raw), error=reason)

    def piece(self) -> Piece | Fact | Unreadable:
        """The piece in a record of the snapshot. In a journal of an earlier version it is a
        fact."""
        decode = _value_of.get(self.kind)
        if decode is None:
            return self.fact()
        try:
            return Piece(field=self.kind, value=decode(self.raw))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return Unreadable(at=0.0, kind=self.kind, payload=bytes(self.raw), error=str(error))

    def mark(self) -> TimeMark | None:
        """The time of a snapshot, used if its header is lost."""
        return _decode_mark(self.raw) if self.kind == TimeMark.__name__ else None


_decode_envelope = msgspec.msgpack.Decoder(Envelope).decode
_decode_header = msgspec.msgpack.Decoder(Header).decode
_decode_mark = msgspec.msgpack.Decoder(TimeMark).decode


def encode_fact(seq: int, wall: float, fact: Fact, *, unfinished: bool = False) -> bytes:
    """A fact as a record, whatever it contains. Text that is not Unicode (lone surrogates) gets
    `?`. If the fact is longer than any record may be, its texts are cut."""
    return _record(seq, wall, type(fact).__name__, fact, False, unfinished)


def encode_snapshot(header: Header, snapshot: Iterable[Piece]) -> list[bytes]:
    """The records of a snapshot, which `header.remembered` counts. The first one repeats the
    header's time."""
    seq, wall = header.first_seq - 1, header.mark.wall
    mark = _record(seq, wall, TimeMark.__name__, header.mark, True, False)
    return [mark, *(_record(seq, wall, p.field, p.value, True, False) for p in snapshot)]


def encode_header(header: Header) -> bytes:
    """A header as a record."""
    return framed(_encode(header))


def _record(
    seq: int, wall: float, kind: str, value: object, remembered: bool, unfinished: bool
) -> bytes:
    try:
        contents = _encode((seq, wall, kind, value, remembered, unfinished))
    except UnicodeEncodeError:
        contents = _encode((seq, wall, kind, _cleaned(value), remembered, unfinished))
    if len(contents) > LONGEST_RECORD_BYTES:
        contents = _encode((seq, wall, kind, _cleaned(value), remembered, unfinished))
    return framed(contents)


def framed(contents: bytes) -> bytes:
    """Length and checksum in front of the contents."""
    return _FRAME.pack(len(contents), crc32(contents)) + contents


def unframed(blob: bytes, offset: int) -> bytes | None:
    """The contents of the record at `offset`; None if there is no complete, sound record."""
    start = offset + FRAME_BYTES
    if start > len(blob):
        return None
    length, checksum = _unpack(blob, offset)
    contents = blob[start : start + length]
    if not 0 < length <= LONGEST_RECORD_BYTES or len(contents) != length:
        return None
    return contents if crc32(contents) == checksum else None


def decode_header(contents: bytes) -> Header | None:
    """The header, or None when the contents are something else."""
    try:
        return _decode_header(contents)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def first_offset(segment: bytes) -> int:
    """The offset of the first record after a segment's header."""
    return FRAME_BYTES + len(unframed(segment, 0) or b"")


def envelopes_of(
    blob: bytes, offset: int = 0, damage: list[tuple[int, int]] | None = None
) -> Iterator[tuple[Envelope, int]]:
    """Every sound record from `offset` on, with the offset after it. After an unsound one the next
    sound one is searched, and the bytes between are added to `damage` (begin, end). An unsound rest
    at the end is no damage: it may be the start of a record that is still being written."""
    size = len(blob)
    # the same as `unframed`, without a function call
    while (start := offset + FRAME_BYTES) <= size:
        length, checksum = _unpack(blob, offset)
        behind = start + length
        contents = blob[start:behind]
        envelope = None
        if behind <= size and length <= LONGEST_RECORD_BYTES and crc32(contents) == checksum:
            envelope = _envelope(contents)
        if envelope is not None:
            yield envelope, behind
            offset = behind
            continue
        sound = _next_sound(blob, offset + 1)
        if sound is None:
            return
        if damage is not None:
            damage.append((offset, sound))
        offset = sound


def _envelope(contents: bytes) -> Envelope | None:
    try:
        return _decode_envelope(contents)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _next_sound(blob: bytes, offset: int) -> int | None:
    """The offset of the next sound fact."""
    at = blob.find(_BEGINNING, offset + FRAME_BYTES)
    while at >= 0:
        contents = unframed(blob, at - FRAME_BYTES)
        if contents is not None and _envelope(contents) is not None:
            return at - FRAME_BYTES
        at = blob.find(_BEGINNING, at + 1)
    return None


def _cleaned(value: Any) -> Any:
    """The same value with every text encodable and short enough (ids and enums are)."""
    if type(value) is str and (len(value) > LONGEST_TEXT or not value.isascii()):
        return value[:LONGEST_TEXT].encode("utf-8", "replace").decode()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{n: _cleaned(getattr(value, n)) for n in fields})
    if type(value) is dict:
        return {key: _cleaned(each) for key, each in value.items()}
    return value
