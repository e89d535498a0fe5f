"""PostgreSQL stands behind pgbouncer in transaction mode: calls, API and records are as without."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers
from tests.pooler import PrivatePooler

CALLS = 6


async def test_calls_are_served_and_recorded(hotline: Hotline) -> None:
    direct = hotline.service.settings["CALLCENTER_DATABASE_URL"]
    await hotline.service.stops()
    with PrivatePooler(hotline.directory / "pooler", hotline.database) as pooler:
        hotline.service.settings["CALLCENTER_DATABASE_URL"] = pooler.url
        said = hotline.service.says()
        await hotline.service.starts()
        assert said("a pooler is between us and PostgreSQL")
        somchai = await hotline.operator("somchai", habit=answers(0.1), account=True)
        for _ in range(CALLS):
            caller = await hotline.calls("1567")
            await caller.comes_to_hear(somchai.voice, within=5)
            caller.hang_up()
            record = await hotline.record(caller)
            assert (record["outcome"], record["operator"]) == ("answered", "somchai")
            await until(lambda: somchai.now is None, within=5)
            await hotline.resume("somchai")
        assert not said("records wait in the journal")
        await hotline.service.kills()
        await hotline.service.starts()
        await hotline.service.stops()
    hotline.service.settings["CALLCENTER_DATABASE_URL"] = direct
    await hotline.service.starts()
