"""PostgreSQL is stopped, and later hangs: no call notices, and no record is lost."""

import asyncio
from collections.abc import Callable

import pytest

from tests.hotline import Hotline
from tests.people import Caller, until
from tests.people.phone import answers
from tests.people.talk import talk_for

AWAY_SECONDS = 12


def stopped(hotline: Hotline) -> Callable[[], None]:
    """`pg_ctl stop`, and the way back."""
    hotline.database.stop()
    return lambda: print(hotline.database.start())


def hanging(hotline: Hotline) -> Callable[[], None]:
    """SIGSTOP for all of it, and the way back."""
    hotline.database.freezes()
    return hotline.database.thaws


@pytest.mark.parametrize("away", [stopped, hanging])
async def test_calls_go_on_and_are_recorded_afterwards(
    hotline: Hotline, away: Callable[[Hotline], Callable[[], None]]
) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    received = await hotline.api.metric("hotline_calls_received_total", line="1567")
    before = await hotline.calls("1567")
    await before.comes_to_hear(somchai.voice, within=5)
    back = away(hotline)
    during: list[Caller] = []
    for number in range(4):
        person = await hotline.calls("1567")
        during.append(person)
        await person.comes_to_hear("music", within=5)
        if number == 1:
            person.hang_up()  # left the line
    before.hang_up()
    for person in (during[0], during[2]):
        await person.comes_to_hear(somchai.voice, within=5)
        await hotline.api.is_in("somchai", "on_call")
        person.hang_up()
    await during[3].comes_to_hear(somchai.voice, within=5)
    await hotline.pause("somchai")
    await talk_for(AWAY_SECONDS)
    await during[3].comes_to_hear(somchai.voice, within=5)
    assert await hotline.api.metric("hotline_calls_received_total", line="1567") == received + 5

    back()
    during[3].hang_up()
    await hotline.api.is_in("somchai", "paused/lunch")
    outcomes = [(await hotline.record(person, within=30))["outcome"] for person in during]
    assert outcomes == ["answered", "abandoned_short", "answered", "answered"]
    assert (await hotline.record(before))["outcome"] == "answered"

    async def states() -> bool:
        rows = await hotline.records.rows(
            "select state from operator_states where operator = 'somchai' order by id"
        )
        return [row["state"] for row in rows][-2:] == ["on_call", "paused"]

    await until(states, within=5)


async def test_a_stop_does_not_wait_for_a_database_that_is_away(hotline: Hotline) -> None:
    """As when a whole host goes down: what was not taken is stored after the next start."""
    await hotline.service.stops()
    hotline.service.settings["CALLCENTER_STOP_SECONDS"] = "300"
    await hotline.service.starts()
    back = stopped(hotline)
    somchai = await hotline.calls("1567")
    await somchai.comes_to_hear("music", within=5)
    await hotline.service.stops()
    del hotline.service.settings["CALLCENTER_STOP_SECONDS"]
    back()
    await hotline.service.starts()
    somchai.hang_up()
    assert (await hotline.record(somchai))["outcome"] in ("abandoned_short", "abandoned")


async def test_tables_of_a_newer_program_stop_no_call(hotline: Hotline) -> None:
    """Somebody went back to the version before: the records wait, and /readyz says for what."""
    [row] = await hotline.records.rows("select version_num from alembic_version")
    await hotline.records.rows("update alembic_version set version_num = '9999'")
    await hotline.service.kills()
    said = hotline.service.says()
    hotline.service.launch()
    await hotline.service.is_ready()
    somchai = await hotline.calls("1567")
    await somchai.comes_to_hear("music", within=5)
    await until(lambda: said("the database is newer"), within=30, but=hotline.service.last_words)
    assert "upgrade the program" in str(await asyncio.to_thread(hotline.service.readiness))
    await hotline.records.rows("update alembic_version set version_num = $1", row["version_num"])
    await hotline.service.is_whole()
    somchai.hang_up()
    assert (await hotline.record(somchai))["outcome"] in ("abandoned_short", "abandoned")
