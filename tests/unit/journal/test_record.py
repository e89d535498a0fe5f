"""Records: every fact comes back as it went in; damage is seen; no text breaks it."""

from dataclasses import fields, is_dataclass
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from callcenter.core import facts
from callcenter.core.facts import CallEnded, Fact, StepFailed
from callcenter.core.ids import CallId
from callcenter.runtime.clock import TimeMark
from callcenter.runtime.record import (
    LONGEST_RECORD_BYTES,
    Header,
    Unreadable,
    decode_header,
    encode_fact,
    encode_header,
    envelopes_of,
    framed,
    unframed,
)
from tests.facts import received

any_fact = st.one_of([st.from_type(kind) for kind in get_args(facts.Fact)])


def entry_of(record: bytes) -> facts.Fact | Unreadable:
    ((envelope, _),) = envelopes_of(record)
    return envelope.fact()


def _sensible(value: object) -> bool:
    """Its numbers can be compared (no NaN), its counts are below 2**62."""
    if is_dataclass(value):
        return all(_sensible(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, tuple | frozenset):
        return all(map(_sensible, value))
    if isinstance(value, float):
        return value == value
    return not isinstance(value, int) or abs(value) < 2**62


@given(fact=any_fact.filter(_sensible), seq=st.integers(1, 2**60), wall=st.floats(0, 4e9))
def test_every_kind_of_fact_comes_back(fact: Fact, seq: int, wall: float) -> None:
    ((envelope, _),) = envelopes_of(encode_fact(seq, wall, fact))

    assert (envelope.seq, envelope.wall, envelope.fact()) == (seq, wall, fact)
    assert not envelope.remembered


def test_a_header_comes_back() -> None:
    header = Header(
        journal="j",
        first_seq=7,
        remembered=-1,
        mark=TimeMark(boot="b", shift_seconds=1.5, at=2.5, wall=3.5),
    )

    assert decode_header(unframed(encode_header(header), 0) or b"") == header


def test_an_entry_is_no_header() -> None:
    contents = unframed(encode_fact(1, 0.0, received("a")), 0)

    assert decode_header(contents or b"") is None


def test_text_that_is_not_unicode_is_marked_and_not_refused() -> None:
    fact = entry_of(encode_fact(1, 0.0, received("a", caller="08\ud800\udfff12")))

    assert isinstance(fact, facts.CallReceived)
    assert fact.caller == "08??12"


def test_zero_bytes_in_a_text_are_kept() -> None:
    fact = entry_of(encode_fact(1, 0.0, received("a", caller="08\x0012")))

    assert isinstance(fact, facts.CallReceived)
    assert fact.caller == "08\x0012"


def test_a_fact_too_long_for_a_record_is_cut_and_stays_readable() -> None:
    monster = StepFailed(at=1.0, event="E", error="ก" * LONGEST_RECORD_BYTES, call="")
    fact = entry_of(encode_fact(1, 0.0, monster))

    assert isinstance(fact, StepFailed)
    assert fact.error == "ก" * 4096


def test_a_kind_of_a_later_version_is_unreadable_and_not_an_error() -> None:
    record = encode_fact(9, 2.0, CallEnded(at=1.0, call=CallId("a")))
    contents = (unframed(record, 0) or b"").replace(b"CallEnded", b"CallBlest")
    ((envelope, _),) = envelopes_of(framed(contents))
    fact = envelope.fact()

    assert envelope.seq == 9
    assert isinstance(fact, Unreadable)
    assert fact.error == "unknown kind CallBlest"


def test_a_fact_with_other_fields_is_unreadable() -> None:
    record = encode_fact(9, 2.0, CallEnded(at=1.0, call=CallId("a")))
    contents = (unframed(record, 0) or b"").replace(b"\xa4call", b"\xa4cell")
    fact = entry_of(framed(contents))

    assert isinstance(fact, Unreadable)
    assert fact.kind == "CallEnded"


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_any_flipped_bit_is_seen(place: int, bit: int) -> None:
    record = bytearray(encode_fact(1, 2.0, received("a")))
    record[place % len(record)] ^= 1 << bit

    assert unframed(bytes(record), 0) is None
    assert list(envelopes_of(bytes(record))) == []


def test_zeros_are_no_records() -> None:
    assert list(envelopes_of(bytes(64))) == []


def test_a_sound_record_of_something_else_is_passed_over() -> None:
    strange = framed(b"\x93\x01\x02\x03")
    blob = encode_fact(1, 0.0, received("a")) + strange + encode_fact(2, 0.0, received("b"))

    assert [envelope.seq for envelope, _ in envelopes_of(blob)] == [1, 2]
