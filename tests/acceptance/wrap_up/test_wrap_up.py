"""After a call Somchai takes notes; the next caller waits for that, not longer."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers

WRAPUP_SECONDS = 6


async def test_nobody_is_offered_during_wrap_up(hotline: Hotline) -> None:
    await hotline.rules("damrong", wrapup_seconds=WRAPUP_SECONDS)
    [last] = await hotline.records.rows("select coalesce(max(id), 0) as id from operator_states")
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    first = await hotline.calls("1567")
    await first.comes_to_hear(somchai.voice, within=5)
    second = await hotline.calls("1567")
    first.hang_up()
    await hotline.api.is_in("somchai", "wrapup", within=3)
    await until(lambda: len(somchai.calls) == 2, within=WRAPUP_SECONDS + 5)
    await second.comes_to_hear(somchai.voice, within=5)
    took: list[float] = []

    async def is_recorded() -> bool:
        """By the service's clock: the phone hears of the first call's end a moment later."""
        rows = await hotline.records.rows(
            "select seconds from operator_states where operator = 'somchai' and state = 'wrapup'"
            " and seconds is not null and id > $1",
            last["id"],
        )
        took[:] = [row["seconds"] for row in rows]
        return bool(took)

    await until(is_recorded, within=10)
    assert WRAPUP_SECONDS <= took[0] < WRAPUP_SECONDS + 5


async def test_somchai_is_done_early(hotline: Hotline) -> None:
    await hotline.rules("damrong", wrapup_seconds=60)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    first = await hotline.calls("1567")
    await first.comes_to_hear(somchai.voice, within=5)
    second = await hotline.calls("1567")
    first.hang_up()
    await hotline.api.is_in("somchai", "wrapup", within=3)
    await hotline.resume("somchai")
    await second.comes_to_hear(somchai.voice, within=5)
