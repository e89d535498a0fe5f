"""The hotlines of the stories.

`hotline` is one for all stories, also for those that break it: each leaves it whole, and its books
are checked after each. Stories that need other settings share one for their file, in the same way
(tests/hotline/shared.py). `fragile` is always a new one, for a story that counts from nothing. All
run in one event loop.
"""

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from callcenter.hosting.children import last_lines
from tests.hotline import Hotline, Shared

STORIES = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sockets and tasks of the shared hotline live in the session's loop: so must the stories."""
    for item in items:
        if item.path.is_relative_to(STORIES):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the service and Asterisk said belongs to the report of a story that failed."""
    report = yield
    used = item.funcargs.values() if isinstance(item, pytest.Function) else ()
    for hotline in used:
        if report.failed and isinstance(hotline, Hotline):
            messages = hotline.asterisk.directory / "log" / "messages"
            report.sections.append(("the service's log", hotline.service.last_words()))
            report.sections.append(("Asterisk's messages", last_lines(messages, 40)))
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared() -> AsyncIterator[Shared]:
    """Closed at the end."""
    shared = Shared()
    yield shared
    await shared.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(shared: Shared) -> AsyncIterator[Hotline]:
    """The one for all stories."""
    async with shared.lent() as hotline:
        yield hotline


@pytest_asyncio.fixture(loop_scope="session")
async def fragile() -> AsyncIterator[Hotline]:
    """One that nobody has used."""
    async with Hotline() as hotline:
        yield hotline
        await hotline.everyone_leaves()
