"""Wait until something is true, instead of sleeping for a fixed time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
LOOK_SECONDS = 0.02
SLOW_MACHINE_TIMES, SLOW_MACHINE_SECONDS = 4, 60.0
"""How far a limit is extended, and at most, on a machine that others slow down.

The benchmark measures how fast things are; a story only shows that they happen.
"""


class NeverTrue(AssertionError):
    """The condition did not become true in time."""


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
    """Check `condition` until its answer is true, and return that answer.

    `within` and `every` (pause between checks) are in seconds. When time is up, `but()` tells what
    was the case instead. Before that, up to `SLOW_MACHINE_TIMES` as long is allowed.
    """
    patience = max(within, min(within * SLOW_MACHINE_TIMES, SLOW_MACHINE_SECONDS))
    deadline = time.monotonic() + patience
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() >= deadline:
            seen = "" if but is None else f"; instead: {but()}"
            raise NeverTrue(f"not true within {patience:g} s: {_wording(condition)}{seen}")
        await asyncio.sleep(every)


def _wording(condition: Callable[[], object]) -> str:
    try:
        return " ".join(inspect.getsource(condition).split())
    except OSError:
        return repr(condition)
