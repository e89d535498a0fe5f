"""What a journal keeps of an engine, as it is read again."""

from collections.abc import Iterator

from callcenter.core.engine import Engine
from callcenter.core.snapshot import Piece
from callcenter.runtime.clock import TimeMark
from callcenter.runtime.record import (
    Header,
    encode_header,
    encode_snapshot,
    envelopes_of,
    first_offset,
)


def kept(engine: Engine) -> list[Piece]:
    """The engine's snapshot, from the bytes that a segment begins with."""
    return list(read_again(written(engine)))


def written(engine: Engine) -> bytes:
    """What a segment begins with."""
    mark = TimeMark(boot="", shift_seconds=0.0, at=0.0, wall=0.0)
    header = Header(journal="", first_seq=1, mark=mark)
    return b"".join((encode_header(header), *encode_snapshot(header, engine.snapshot())))


def read_again(blob: bytes) -> Iterator[Piece]:
    """The pieces of it."""
    for envelope, _ in envelopes_of(blob, first_offset(blob)):
        piece = envelope.piece()
        if isinstance(piece, Piece):
            yield piece
