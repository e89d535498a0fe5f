"""The line of callers does what a sorted list does, whatever is done to it in whatever order."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from callcenter.core.ids import CallId
from callcenter.core.line import Line, Rank

_ARRIVALS = st.integers(0, 30).map(float)  # few values: many callers of the same instant


class LineOfPeople(RuleBasedStateMachine):
    """A Line, and beside it the plain list of (-priority, rank, call) that it must agree with."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()
        self.plain: list[tuple[int, Rank, CallId]] = []
        self.away: list[tuple[int, Rank, CallId]] = []  # offered: may come back to their place
        self.seen = 0

    @rule(arrived=_ARRIVALS, priority=st.integers(0, 3))
    def somebody_comes(self, arrived: float, priority: int) -> None:
        self.seen += 1
        call, rank = CallId(f"call-{self.seen}"), (arrived, self.seen)
        self.line.add(call, priority, rank)
        self.plain.append((-priority, rank, call))

    @rule(count=st.integers(1, 1500))
    def a_crowd_comes_in_order(self, count: int) -> None:
        for _ in range(count):
            self.somebody_comes(arrived=1000.0 + self.seen, priority=0)

    @precondition(lambda self: self.plain)
    @rule(data=st.data(), forever=st.booleans())
    def somebody_leaves(self, data: st.DataObject, forever: bool) -> None:
        one = data.draw(st.sampled_from(self.plain))
        self.plain.remove(one)
        self.line.remove(one[2])
        if not forever:
            self.away.append(one)

    @precondition(lambda self: self.plain)
    @rule(share=st.integers(1, 4))
    def the_first_are_served(self, share: int) -> None:
        for _ in range(max(1, len(self.plain) * share // 4)):
            one = min(self.plain[:1] if len(self.plain) > 500 else self.plain)
            first = self.line.first()
            assert first is not None
            if len(self.plain) <= 500:
                assert first == (-one[0], one[1], one[2])
            self.line.remove(first[2])
            self.plain.remove((-first[0], first[1], first[2]))

    @precondition(lambda self: self.away)
    @rule(data=st.data())
    def somebody_comes_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.away))
        self.away.remove(one)
        self.line.add(one[2], -one[0], one[1])
        self.plain.append(one)

    @precondition(lambda self: self.plain)
    @rule(data=st.data(), priority=st.integers(0, 3))
    def somebody_is_moved_up_or_down(self, data: st.DataObject, priority: int) -> None:
        one = data.draw(st.sampled_from(self.plain))
        self.plain.remove(one)
        self.line.remove(one[2])
        self.line.add(one[2], priority, one[1])
        self.plain.append((-priority, one[1], one[2]))

    @invariant()
    def both_say_the_same(self) -> None:
        expected = sorted(self.plain)
        order = [call for _, _, call in expected]
        assert list(self.line) == order
        assert len(self.line) == len(order)
        first = (-expected[0][0], *expected[0][1:]) if expected else None
        assert self.line.first() == first
        since = {call: rank[0] + (rank[1] % 3) * 2.0 for _, rank, call in expected}
        assert self.line.oldest(since.__getitem__) == min(since.values(), default=None)
        for place in {1, 2, len(order) // 2, len(order) - 1, len(order)} & {*range(1, len(order))}:
            assert self.line.place_of(order[place - 1]) == place
        assert all(call not in self.line for _, _, call in self.away)
        assert all(call in self.line for call in order[:5])


TestLineOfPeople = LineOfPeople.TestCase
TestLineOfPeople.settings = settings(max_examples=40, stateful_step_count=25)


def _line(*arrivals: float) -> Line:
    line = Line()
    for number, arrived in enumerate(arrivals):
        line.add(CallId(f"call-{number}"), 0, (arrived, number))
    return line


def test_nobody_is_first_in_an_empty_line() -> None:
    assert (Line().first(), list(Line()), len(Line())) == (None, [], 0)
    assert Line().oldest(lambda call: 0.0) is None


def test_who_came_at_the_same_instant_is_served_in_the_order_of_being_seen() -> None:
    assert list(_line(7.0, 7.0, 7.0)) == ["call-0", "call-1", "call-2"]


def test_whoever_is_seen_late_is_put_where_the_arrival_belongs() -> None:
    line = _line(10.0, 20.0, 30.0, 15.0, 5.0)
    assert list(line) == ["call-4", "call-0", "call-3", "call-1", "call-2"]
    assert [line.place_of(call) for call in line] == [1, 2, 3, 4, 5]


def test_a_place_is_kept_while_others_come_and_go() -> None:
    line = _line(1.0, 2.0, 3.0)
    line.remove(CallId("call-0"))
    line.remove(CallId("call-1"))
    line.add(CallId("call-9"), 0, (4.0, 9))
    line.add(CallId("call-1"), 0, (2.0, 1))
    line.add(CallId("call-0"), 0, (1.0, 0))
    assert list(line) == ["call-0", "call-1", "call-2", "call-9"]


def test_a_higher_priority_goes_first_whenever_it_arrives() -> None:
    line = _line(1.0, 2.0)
    line.add(CallId("urgent"), 5, (9.0, 9))
    assert list(line) == ["urgent", "call-0", "call-1"]
    assert line.place_of(CallId("call-1")) == 3
    since = {"urgent": 9.0, "call-0": 1.0, "call-1": 2.0}
    assert line.oldest(lambda call: since[call]) == 1.0


def test_of_a_long_line_only_those_are_looked_at_who_may_wait_longest() -> None:
    line, looked = _line(*range(5000)), []

    def since(call: CallId) -> float:
        looked.append(call)
        number = int(call.removeprefix("call-"))
        return 4.5 if number < 3 else float(number)  # three are back after a talk

    assert line.oldest(since) == 3.0
    assert looked == ["call-0", "call-1", "call-2", "call-3"]


def test_whoever_does_not_stand_in_line_has_no_place() -> None:
    with pytest.raises(KeyError):
        _line(1.0).place_of(CallId("nobody"))
    with pytest.raises(KeyError):
        _line(1.0).remove(CallId("nobody"))
