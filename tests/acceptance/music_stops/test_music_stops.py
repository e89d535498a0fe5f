"""Somsri waits with music; the moment Malee answers, the music is gone from both ears."""

import re

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import ROOM_AFTER_SECONDS, now
from tests.people import until
from tests.people.phone import answers
from tests.people.talk import talk_for


@pytest.mark.parametrize("waits_seconds", [2, ROOM_AFTER_SECONDS + 3])
async def test_somsri_waits_with_music_and_it_stops_at_the_answer(
    hotline: Hotline, waits_seconds: float
) -> None:
    somsri = await hotline.calls("1111")
    await somsri.comes_to_hear("music", within=5)
    since = somsri.ear.times[0]
    await talk_for(waits_seconds)
    if waits_seconds > ROOM_AFTER_SECONDS:
        await until(lambda: somebody_in_a_room(hotline), within=5)
    waiting = somsri.heard(since)
    assert waiting.share("music") > 0.85, waiting
    assert waiting.longest_gap_seconds < 1, waiting

    malee = await hotline.operator("malee", queues=["gcc"], habit=answers(0.3))
    talk = await malee.is_talking(within=3)
    await somsri.comes_to_hear(malee.voice, within=3)
    await malee.comes_to_hear(somsri.voice, within=3)
    since = now()
    await talk_for(2)
    after = somsri.heard(since)
    assert after.share("music") == 0, after
    assert after.share(malee.voice) > 0.9, after
    assert talk.heard(since).only(somsri.voice), talk.heard(since)


def somebody_in_a_room(hotline: Hotline) -> bool:
    """Which room depends on how many came before."""
    bridges = hotline.asterisk.console("bridge show all")
    return re.search(r"^room-\d+ .* [1-9]\d* +stasis", bridges, re.MULTILINE) is not None
