"""The line of callers does what a sorted list does, whatever is done to it in whatever order."""

from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from callcenter.core.ids import CallId
from callcenter.core.line import Key, Line, Needs, Rank

_ARRIVALS = st.integers(0, 30).map(float)  # few values: many callers of the same instant
_NEEDS = st.sampled_from([(), (), (("en", 1),), (("en", 2), ("tax", 3))])
AGING = 10.0
Plain = tuple[Key, Rank, int, Needs, CallId]


class LineOfPeople(RuleBasedStateMachine):
    """A Line, and beside it a plain list that it must agree with."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line(AGING)
        self.plain: list[Plain] = []
        self.away: list[Plain] = []  # offered: may come back to their place
        self.seen = 0

    def stands(self, call: CallId, priority: int, rank: Rank, needs: Needs) -> None:
        self.line.add(call, priority, rank, needs)
        key = rank[0] - AGING * priority, rank[1]
        self.plain.append((key, rank, priority, needs, call))

    @rule(arrived=_ARRIVALS, priority=st.integers(0, 3), needs=_NEEDS)
    def somebody_comes(self, arrived: float, priority: int, needs: Needs) -> None:
        self.seen += 1
        self.stands(CallId(f"call-{self.seen}"), priority, (arrived, self.seen), needs)

    @rule(count=st.integers(1, 1500))
    def a_crowd_comes_in_order(self, count: int) -> None:
        for _ in range(count):
            self.somebody_comes(arrived=1000.0 + self.seen, priority=0, needs=())

    @precondition(lambda self: self.plain)
    @rule(data=st.data(), forever=st.booleans())
    def somebody_leaves(self, data: st.DataObject, forever: bool) -> None:
        one = data.draw(st.sampled_from(self.plain))
        self.plain.remove(one)
        self.line.remove(one[-1])
        if not forever:
            self.away.append(one)

    @precondition(lambda self: self.plain)
    @rule(share=st.integers(1, 4))
    def the_first_are_served(self, share: int) -> None:
        for expected in sorted(self.plain)[: max(1, len(self.plain) * share // 4)]:
            assert self.line.first() == (expected[0], expected[-1])
            self.line.remove(expected[-1])
            self.plain.remove(expected)

    @precondition(lambda self: self.away)
    @rule(data=st.data())
    def somebody_comes_back(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.away))
        self.away.remove(one)
        _, rank, priority, needs, call = one
        self.stands(call, priority, rank, needs)

    @precondition(lambda self: self.plain)
    @rule(data=st.data(), priority=st.integers(0, 3), needs=_NEEDS)
    def somebody_is_moved(self, data: st.DataObject, priority: int, needs: Needs) -> None:
        one = data.draw(st.sampled_from(self.plain))
        self.plain.remove(one)
        self.line.remove(one[-1])
        self.stands(one[-1], priority, one[1], needs)

    @invariant()
    def both_say_the_same(self) -> None:
        expected = sorted(self.plain)
        order = [each[-1] for each in expected]
        assert list(self.line) == order
        assert len(self.line) == len(order)
        first = (expected[0][0], order[0]) if expected else None
        assert self.line.first() == first
        since = {call: rank[0] + (rank[1] % 3) * 2.0 for _, rank, _, _, call in expected}
        assert self.line.oldest(since.__getitem__) == min(since.values(), default=None)
        for place in {1, 2, len(order) // 2, len(order) - 1, len(order)} & {*range(1, len(order))}:
            assert self.line.place_of(order[place - 1]) == place
        kinds = {(each[2], each[3]) for each in self.plain}
        assert {(group.priority, group.needs) for group in self.line.groups} == kinds
        assert all(each[-1] not in self.line for each in self.away)
        assert all(call in self.line for call in order[:5])

    @invariant()
    def nobody_starves(self) -> None:
        """Whoever stands behind has not waited `AGING` seconds more for each step of priority."""
        order = sorted(self.plain)
        for (_, rank, priority, _, _), (_, later, its, _, _) in pairwise(order):
            more = rank[0] - later[0]
            assert more <= AGING * max(0, priority - its) + 1e-9


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


def test_who_has_waited_long_enough_comes_before_the_urgent() -> None:
    line = Line(60.0)
    line.add(CallId("early"), 0, (0.0, 1))
    line.add(CallId("soon after"), 1, (59.0, 2))
    line.add(CallId("too late"), 1, (61.0, 3))
    line.add(CallId("in danger"), 9, (300.0, 4))
    assert list(line) == ["in danger", "soon after", "early", "too late"]


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
