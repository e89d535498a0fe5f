"""Who hung up and calls again soon stands at the old place, also when the service was killed
meanwhile; a withheld number has no place."""

from typing import Any

from tests.hotline import Hotline
from tests.people import until
from tests.people.crowd import all_hear_music
from tests.people.phone import answers


async def test_who_calls_again_is_answered_first(hotline: Hotline) -> None:
    anong = await hotline.calls("1567")
    await hotline.in_line("damrong", anong)
    boonmee = await hotline.calls("1567")
    await hotline.in_line("damrong", anong, boonmee)
    anong.hang_up()
    left = await hotline.record(anong)
    await hotline.service_is_gone()
    await hotline.service.starts()

    again = await hotline.calls("1567", anong.number)
    await all_hear_music([again, boonmee], within=10)
    line = await hotline.in_line("damrong", again, boonmee, within=15)
    assert [call["redial"] for call in line] == [True, False]
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await again.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(again.voice, within=5)
    again.hang_up()
    await boonmee.comes_to_hear(somchai.voice, within=5)

    async def both_have_ended() -> bool:
        rows[:] = await hotline.records.calls(anong.number)
        return len(rows) == 2 and all(row["ended_at"] for row in rows)

    rows: list[dict[str, Any]] = []
    await until(both_have_ended, within=15, but=lambda: f"{rows}")
    (new,) = [row for row in rows if row["call_id"] != left["call_id"]]
    assert (left["outcome"], left["redial_of"]) == ("abandoned_short", None)
    assert new["redial_of"] == left["call_id"]
    off = abs(new["first_arrived_at"] - left["arrived_at"]).total_seconds()
    assert off < 0.5, "another life of the service has another zero of time"
    assert new["outcome"] == "answered"
    assert await hotline.api.metric("hotline_redials_total", queue="damrong") == 1  # of this life
