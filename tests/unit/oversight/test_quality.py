"""What a sample of judged calls says of all calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.oversight.quality.model import Aspect, Judgement
from callcenter.oversight.quality.rules import counted, figures, range_of

YES, NO, CANNOT = Judgement.YES, Judgement.NO, Judgement.CANNOT_SAY


def test_a_call_that_cannot_be_judged_is_in_no_figure() -> None:
    sheets = [dict.fromkeys(Aspect, verdict) for verdict in (YES, YES, NO, CANNOT)]
    for figure in figures(counted(sheets)):
        assert (figure.good, figure.judged) == (2, 3)
        assert figure.share == 2 / 3


def test_without_a_judged_call_there_is_no_share() -> None:
    for figure in figures({}):
        assert (figure.share, figure.low, figure.high, figure.judged) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("good", "judged", "low", "high"),
    [(27, 30, 0.744, 0.965), (30, 30, 0.886, 1.0), (0, 10, 0.0, 0.278), (81, 263, 0.255, 0.366)],
)
def test_the_range_is_the_one_of_wilson(good: int, judged: int, low: float, high: float) -> None:
    """The last pair is the worked example of Newcombe, Statistics in Medicine 17 (1998), 857."""
    found = range_of(good, judged)
    assert found is not None
    assert found == pytest.approx((low, high), abs=0.0006)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_share_lies_in_its_range_and_the_range_within_zero_and_one(good: int, of: int) -> None:
    share = min(good, of) / of
    found = range_of(min(good, of), of)
    assert found is not None
    assert 0 <= found[0] <= share + 1e-9 and share - 1e-9 <= found[1] <= 1
