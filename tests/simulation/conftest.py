"""A play is full of faults, and each is a warning: here they are kept, not printed."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No log lines on the screen."""
    with capture_logs():
        yield
