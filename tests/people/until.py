"""Wait until something is true, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
LOOK_SECONDS = 0.02


class NeverTrue(AssertionError):
    """What was waited for did not come about in time."""


@overload
async def until(
    condition: Callable[[], Awaitable[T | None]],
    *,
    within: float,
    every: float = LOOK_SECONDS,
    but: Callable[[], object] | None = None,
) -> T: ...


@overload
async def until(
    condition: Callable[[], T | None],
    *,
    within: float,
    every: float = LOOK_SECONDS,
    but: Callable[[], object] | None = None,
) -> T: ...


async def until(
    condition: Callable[[], Any],
    *,
    within: float,
    every: float = LOOK_SECONDS,
    but: Callable[[], object] | None = None,
) -> Any:
    """Ask `condition` until its answer is true, and return that answer.

    `within` and `every` (look to look) are in seconds; `but()` tells, when time is up, what was
    the case instead.
    """
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() >= deadline:
            seen = "" if but is None else f"; instead: {but()}"
            raise NeverTrue(f"not true within {within:g} s: {_wording(condition)}{seen}")
        await asyncio.sleep(every)


def _wording(condition: Callable[[], object]) -> str:
    try:
        return " ".join(inspect.getsource(condition).split())
    except OSError:
        return repr(condition)
