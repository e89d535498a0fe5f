"""Who looks whether a phone in the browser ends: one at a time, and nobody after the end."""

import asyncio
from typing import Any, cast

from callcenter.web.operators.ended_phones import EndedPhones
from callcenter.web.operators.windows import Windows
from tests.people import until


class SlowRoster:
    """A database that does not answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.broken_off = 0

    async def cards(self) -> object:
        """Never."""
        self.asked += 1
        try:
            return await asyncio.Future[object]()
        finally:
            self.broken_off += 1


async def test_a_look_that_goes_on_ends_with_the_service() -> None:
    roster = SlowRoster()
    ended = EndedPhones(cast(Any, roster), Windows(lambda: 0.0))
    ended.look()
    ended.look()
    await until(lambda: roster.asked == 1, within=30)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert len(others) == 1

    await ended.close()

    assert roster.broken_off == 1
    assert all(task.done() for task in others)
    ended.look()
    await asyncio.sleep(0)
    assert roster.asked == 1
    await ended.close()
