"""Wait until something is true, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
LOOK_SECONDS = 0.02
SLOW_MACHINE_TIMES, SLOW_MACHINE_SECONDS = 4, 60.0
"""What a limit becomes, and at most: on a machine that others slow down the same takes longer.

How fast things are is measured by the benchmark; a story tells that they come about."""


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
    the case instead. Up to `SLOW_MACHINE_TIMES` as long is given before that.
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
