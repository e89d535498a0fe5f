"""The tool that breaks the core's rules in turn: it finds them, and it tells who survives."""

from collections.abc import Callable

import pytest

from tests.mutants import broken, judge
from tests.mutants.broken import Mutant, all_mutants
from tests.mutants.judge import KILLED, SURVIVED

FEWEST = 60
QUICK = (("tests/unit/core/test_ledger.py",),)


def test_every_table_and_every_deciding_module_has_mutants() -> None:
    names = [mutant.name for mutant in all_mutants()]
    assert len(names) == len(set(names)) >= FEWEST
    for beginning in ("call table", "operator table", "fold", *(f"{n}." for n in broken.TREES)):
        assert any(name.startswith(beginning) for name in names), beginning


@pytest.mark.parametrize(
    ("breaks", "result"),
    [("fold: CallReceived changes nothing", KILLED), ("", SURVIVED)],
)
def test_a_mutant_is_judged_by_the_tests(breaks: str, result: str) -> None:
    [do] = [mutant.do for mutant in all_mutants() if mutant.name == breaks] or [_nothing()]
    [verdict] = judge.judge([Mutant(breaks, do)], QUICK)
    assert verdict.result == result


def _nothing() -> Callable[[], None]:
    return lambda: None
