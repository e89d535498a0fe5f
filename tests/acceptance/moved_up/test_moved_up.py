"""A supervisor moves a waiting caller up: life in danger on an ordinary line."""

from tests.hotline import Hotline
from tests.people.crowd import all_hear_music
from tests.people.phone import answers


async def test_who_is_moved_up_is_answered_first(hotline: Hotline) -> None:
    anong, boonmee = await hotline.calls("1567"), await hotline.calls("1567")
    await all_hear_music([anong, boonmee], within=3)
    line = await hotline.in_line("damrong", anong, boonmee)
    moved = await hotline.api.ask("PUT", f"/calls/{line[1]['call']}/priority", {"priority": 9})
    assert moved["place"] == 1
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await boonmee.comes_to_hear(somchai.voice, within=3)
    await anong.comes_to_hear("music", within=3)
