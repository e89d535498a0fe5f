"""Quantiles, ratios with their intervals, slopes; an order of blocks that favours nobody."""

import random

import pytest

from tests.bench.blocks import rounds
from tests.bench.erlang import batch_error
from tests.bench.figures import chained, quantile, ratio, slope
from tests.bench.table import Row, markdown


def test_quantiles_are_values_that_were_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [quantile(values, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 3.0, 5.0, 5.0]


def test_a_ratio_is_of_neighbours_so_that_a_slow_hour_hits_both() -> None:
    theirs = [1.0, 10.0, 100.0, 1000.0]
    assert ratio([value / 2 for value in theirs], theirs).middle == pytest.approx(0.5)


def test_an_interval_that_holds_one_says_no_difference() -> None:
    same = ratio([0.9, 1.1, 1.0, 1.05], [1.0] * 4)
    half = ratio([0.5, 0.51, 0.49, 0.5], [1.0] * 4)
    assert str(same).endswith("no difference")
    assert (half.low, half.high) == (0.49, 0.51)
    assert "no difference" not in str(half)


def test_arms_that_have_not_as_many_blocks_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0], [1.0, 2.0])


def test_a_slope_is_per_unit_of_place() -> None:
    assert slope([0, 1, 2, 3], [10, 12, 14, 16]) == pytest.approx(2)
    assert slope([5], [7]) == 0.0


def test_chained_forgets_the_blocks() -> None:
    assert chained([[1.0, 2.0], [], [3.0]]) == [1.0, 2.0, 3.0]


def test_every_round_has_every_arm_and_the_seed_draws_the_order() -> None:
    orders = list(rounds(["a", "b"], 20, seed=7))
    assert all(sorted(order) == ["a", "b"] for order in orders)
    assert {tuple(order) for order in orders} == {("a", "b"), ("b", "a")}
    assert orders == list(rounds(["a", "b"], 20, seed=7))


def test_the_error_of_a_mean_knows_that_neighbours_hang_together() -> None:
    draw = random.Random(3)
    alone = [draw.gauss(0, 1) for _ in range(3000)]
    together = [value for value in alone[:300] for _ in range(10)]
    assert batch_error(alone) == pytest.approx(1 / 3000**0.5, rel=0.4)
    assert batch_error(together) == pytest.approx(1 / 300**0.5, rel=0.4)


def test_a_missed_goal_is_printed_as_missed() -> None:
    table = markdown([Row(what="x", goal="≤ 1", ours="2", reached=False)])
    assert table.splitlines()[-1] == "| x | ≤ 1 |  | 2 |  | **missed** |"
