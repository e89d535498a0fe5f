"""The waits of the real engine agree with queueing theory."""

import pytest

from tests.simulation.agreement import Case, impatience, quick
from tests.simulation.steady import measure


@pytest.mark.parametrize("case", list(quick()), ids=lambda case: case[0])
def test_the_engine_waits_as_theory_says(case: Case) -> None:
    _, law, exact = case
    found = measure(law, exact, seed=7, calls_limit=150_000)
    for what, (_, value) in exact.items():
        assert found[what].agrees(value), f"{what}: {found[what]}, exact {value}"


def test_theory_for_another_number_of_agents_does_not_agree() -> None:
    """The comparison can tell: callers of two agents do not wait like those of three."""
    _, law, _ = impatience(2, 2 / 180, 180.0, 60.0)
    _, _, other = impatience(3, 2 / 180, 180.0, 60.0)
    found = measure(law, other, seed=7, calls_limit=10_000)
    assert not any(found[what].agrees(value) for what, (_, value) in other.items())
