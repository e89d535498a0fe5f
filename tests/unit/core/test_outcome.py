"""The closed sets of what can become of a call."""

import re
from pathlib import Path

import pytest

import callcenter.core
from callcenter.core.outcome import Diversion, Rejection

CORE = Path(callcenter.core.__file__).parent
SOURCE = "\n".join(
    path.read_text() for path in sorted(CORE.rglob("*.py")) if path.name != "outcome.py"
)


@pytest.mark.parametrize("reason", [*Rejection, *Diversion], ids=str)
def test_every_reason_that_is_a_series_is_given_somewhere(reason: Rejection | Diversion) -> None:
    assert re.search(rf"\b{type(reason).__name__}\.{reason.name}\b", SOURCE)
