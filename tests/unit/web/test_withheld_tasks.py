"""What the feature of withheld numbers does in the background ends with the service."""

import asyncio
from datetime import UTC, datetime
from typing import cast

from callcenter.core.engine import Engine
from callcenter.ports.withheld_numbers import Callers, WithheldNumbers
from callcenter.runtime.clock import Clock
from callcenter.runtime.pump import Pump
from callcenter.web import withheld
from tests.integration.house import Drawer
from tests.site import site


class SlowNumbers:
    """A database that takes for ever."""

    async def forget(self, now: datetime) -> int:
        await asyncio.Event().wait()
        return 0


async def test_nothing_is_under_way_after_the_close() -> None:
    drawer = Drawer()
    pump = Pump(Engine(site()), Clock(), drawer, inbox_limit=9, perform=drawer.perform)
    parts = withheld.Parts(
        numbers=cast(WithheldNumbers, SlowNumbers()),
        callers=cast(Callers, None),
        engine=pump,
        wall=lambda: datetime.now(UTC),
        forgot_at=-1e9,
    )
    parts.listen(())
    (task,) = parts.tasks
    await asyncio.sleep(0)  # it has begun
    await withheld.FEATURE.mounted(parts).close()
    assert task.cancelled() and not parts.tasks
