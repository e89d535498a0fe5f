"""A test that lets the kernel refuse writes must not refuse them to pytest's own report."""

import resource
from collections.abc import Generator

import pytest

_ALLOWED = resource.getrlimit(resource.RLIMIT_FSIZE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """The limit is lifted when the test's body is over, before anything is reported."""
    try:
        return (yield)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, _ALLOWED)
