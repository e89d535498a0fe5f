"""Hops: whatever units do with a document, it has one holder and no open hop twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desks.shared.hops import (
    Hop,
    HopFault,
    HopState,
    Purpose,
    end,
    holder,
    newest_open,
    open_acts,
    open_to,
    receive,
    send,
)

T0 = datetime(2021, 8, 17, 2, tzinfo=UTC)
UNITS = ("gcc", "moi", "p33", "d3307", "d3306")
ENDS = (HopState.ANSWERED, HopState.RETURNED, HopState.RECALLED)
steps = st.one_of(
    st.tuples(
        st.just("send"), st.sampled_from(UNITS), st.sampled_from(UNITS), st.sampled_from(Purpose)
    ),
    st.tuples(st.just("receive"), st.integers(1, 12)),
    st.tuples(st.just("end"), st.integers(1, 12), st.sampled_from(ENDS)),
)


@given(st.lists(steps, max_size=40))
def test_one_holder_and_at_most_one_open_hop_to_a_unit(play: list[tuple[object, ...]]) -> None:
    hops: list[Hop] = []
    for number, step in enumerate(play):
        now = T0 + timedelta(hours=number)
        before = list(hops)
        try:
            match step:
                case ("send", str(a), str(b), Purpose() as purpose):
                    hops = send(hops, a, b, now, purpose=purpose)
                case ("receive", int(n)) if n <= len(hops):
                    hops = receive(hops, n, now)
                case ("end", int(n), HopState() as state) if n <= len(hops):
                    hops = end(hops, n, state, now)
        except HopFault:
            assert hops == before
        receivers = [hop.to_unit for hop in open_acts(hops)]
        assert len(receivers) == len(set(receivers))
        assert [hop.n for hop in hops] == list(range(1, len(hops) + 1))
        assert holder(hops, "moi") == (receivers[-1] if receivers else "moi")
        for old, new in zip(before, hops, strict=False):
            assert old == new or old.is_open  # what has ended is not changed


def test_inform_hops_make_nobody_the_holder() -> None:
    hops = send([], "moi", "p33", T0, purpose=Purpose.INFORM)
    assert newest_open(hops) is None
    assert open_to(hops, "p33") is None


def test_a_hop_that_was_received_cannot_be_recalled() -> None:
    hops = receive(send([], "moi", "p33", T0, purpose=Purpose.ACT), 1, T0)
    with pytest.raises(HopFault):
        end(hops, 1, HopState.RECALLED, T0)
    with pytest.raises(HopFault, match="another unit"):
        send(hops, "p33", "p33", T0, purpose=Purpose.ACT)
    with pytest.raises(HopFault, match="has it already"):
        send(hops, "moi", "p33", T0, purpose=Purpose.ACT)
