"""Service level by every formula, against answers worked out by hand and published ones."""

import pytest

from callcenter.core.outcome import Outcome
from callcenter.oversight.service_level.model import Clock, Formula
from callcenter.oversight.service_level.rules import (
    FORMULA_BY_NAME,
    FORMULAS,
    service_level,
    service_levels,
)
from tests.unit.oversight.worked_day import ANSWERS, WORKED_DAY, never_queued, queued


def test_every_formula_has_an_answer_worked_out_by_hand() -> None:
    assert [formula.name for formula in FORMULAS] == list(ANSWERS)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_the_worked_day_comes_out_as_on_paper(formula: Formula) -> None:
    level = service_level(formula, WORKED_DAY)
    assert (level.met, level.counted) == ANSWERS[formula.name]


@pytest.mark.parametrize(
    ("formula", "percent"),
    [("icmi", 83.0), ("app_queue_sl", 86.0), ("copc", 81.1), ("cisco_icm_ignore", 82.7)],
)
def test_one_day_is_four_different_percentages(formula: str, percent: float) -> None:
    """callcentrehelper.com 206890: 1000 answered, 860 in 20 s; 60 abandoned, 20 in 20 s."""
    day = [
        *queued(Outcome.ANSWERED, *[20.0] * 860, *[21.0] * 140),
        *queued(Outcome.ABANDONED, *[20.0] * 20, *[21.0] * 40),
    ]
    level = service_level(FORMULA_BY_NAME[formula], day, threshold_seconds=20)
    assert level.ratio is not None
    assert round(100 * level.ratio, 1) == percent


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_a_day_without_calls_has_no_percentage(formula: Formula) -> None:
    silent = [never_queued(Outcome.REJECTED, "closed"), never_queued(Outcome.IVR_ENDED)]
    assert service_level(formula, []).ratio is None
    assert service_level(formula, silent).ratio is None


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_what_is_met_is_also_counted_and_nothing_is_counted_twice(formula: Formula) -> None:
    for call in WORKED_DAY:
        level = service_level(formula, [call])
        assert 0 <= level.met <= level.counted <= 1


def test_the_clock_and_the_threshold_can_be_another_than_published() -> None:
    copc = FORMULA_BY_NAME["copc"]
    level = service_level(copc, WORKED_DAY, threshold_seconds=12, clock=Clock.ARRIVAL)
    assert (level.met, level.threshold_seconds, level.clock) == (2, 12, Clock.ARRIVAL)


def test_a_quick_hang_up_raises_amazons_figure_and_lowers_copcs() -> None:
    gone = [*WORKED_DAY, *queued(Outcome.ABANDONED, 6.0)]
    before, after = (
        {level.formula.name: level.ratio for level in service_levels(day)}
        for day in (WORKED_DAY, gone)
    )
    assert (after["amazon_connect"] or 0) > (before["amazon_connect"] or 0)
    assert (after["copc"] or 0) < (before["copc"] or 0)


def test_names_are_unique_and_fit_a_metric_label() -> None:
    assert len(FORMULA_BY_NAME) == len(FORMULAS)
    assert all(formula.name.replace("_", "").isalnum() for formula in FORMULAS)
    assert all(formula.title_th and formula.title_en and formula.source for formula in FORMULAS)
