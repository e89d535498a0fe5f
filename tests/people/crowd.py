"""Many people at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from tests.people.caller import Caller
from tests.people.phone import OperatorPhone
from tests.people.until import until

T = TypeVar("T")
A_MOMENT_SECONDS = 0.05  # pause between two people of a crowd, so that their order is clear


async def one_after_another(
    how_many: int, come: Callable[[], Awaitable[T]], pause_seconds: float = A_MOMENT_SECONDS
) -> list[T]:
    """This many people come, each a moment after the previous one."""
    there: list[T] = []
    for _ in range(how_many):
        there.append(await come())
        await asyncio.sleep(pause_seconds)
    return there


async def all_hear_music(callers: Iterable[Caller], *, within: float) -> None:
    """Wait until each of them hears only music."""
    for caller in callers:
        await caller.comes_to_hear("music", within=within)


async def all_talk(phones: Sequence[OperatorPhone], *, within: float) -> None:
    """Wait until each of these operators has a conversation."""
    await until(
        lambda: all(phone.talks for phone in phones),
        within=within,
        but=lambda: f"only {sum(phone.talks for phone in phones)} of {len(phones)} talk",
    )


def hang_up_after(seconds: float, phone: OperatorPhone) -> None:
    """Short conversations: from now on this operator answers at once and soon hangs up."""
    loop = asyncio.get_running_loop()

    def habit(_phone: OperatorPhone, call: object) -> None:
        loop.call_later(0.05, phone.answer)
        loop.call_later(0.05 + seconds, phone.hang_up)

    phone.habit = habit


async def who_answers(
    caller: Caller, phones: Sequence[OperatorPhone], *, within: float
) -> OperatorPhone:
    """Wait until the caller hears one of these operators; gives that one."""

    def heard() -> OperatorPhone | None:
        return next((phone for phone in phones if caller.hears(phone.voice)), None)

    return await until(heard, within=within, but=lambda: f"status {caller.status}")
