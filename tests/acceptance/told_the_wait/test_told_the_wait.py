"""Malee waits, in a room of Asterisk's by now, and is told her place in line: music goes on after
it, and when an operator is free in its middle she is with him at once. Nobody is told a wait
that is not known; when it is, it is said in words, and the record has what came of it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.acceptance.music_stops.test_music_stops import somebody_in_a_room
from tests.hotline import Hotline
from tests.hotline.hotline import ROOM_AFTER_SECONDS, now
from tests.people import until
from tests.people.phone import answers
from tests.people.talk import talk_for
from tests.people.until import SLOW_MACHINE_TIMES
from tests.unit.prompts.voices import fill

PLACE, NUMBER, END, NEXT, SOON = 3300, 3250, 3150, 3100, 3050
SHORT_SECONDS, LONG_SECONDS = 1.0, 15.0
STOPS_SECONDS = 0.2 * SLOW_MACHINE_TIMES  # from "an operator is free" until the prompt is gone
HEARD_SECONDS = 0.15 * SLOW_MACHINE_TIMES  # a piece of listening, and the network's way
ENOUGH_TALKS = 10
FIRST = ROOM_AFTER_SECONDS + 2


@pytest.fixture
def recordings(hotline: Hotline) -> Iterator[None]:
    """Each prompt is a tone of its own."""
    folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
    words = {"place": PLACE, "number_2": NUMBER, "place_end": END}
    fill(folder, {key: float(tone) for key, tone in words.items()}, SHORT_SECONDS)
    fill(folder, {"place_next": NEXT, "estimate_under_a_minute": SOON}, LONG_SECONDS)
    yield
    for name in (*words, "place_next", "estimate_under_a_minute"):
        (folder / f"{name}.wav").unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def telling(hotline: Hotline, recordings: None) -> AsyncIterator[Hotline]:
    """Callers of 1567 are told, when they are in a room already."""
    await hotline.rules("damrong", tell="both", tell_first_seconds=FIRST, tell_every_seconds=15)
    yield hotline


async def test_the_place_is_heard_and_music_goes_on_after_it(telling: Hotline) -> None:
    hotline = telling
    malee = await hotline.calls("1567")
    somsri = await hotline.calls("1567")
    await hotline.in_line("damrong", malee, somsri)
    await until(lambda: somebody_in_a_room(hotline), within=FIRST + 5)
    await somsri.comes_to_hear(PLACE, within=FIRST + 5)
    since = somsri.ear.first_heard(PLACE, 0.0)
    await somsri.comes_to_hear("music", within=8)
    await talk_for(3)
    ends = somsri.ear.first_heard("music", since + 2)
    said = somsri.heard(since, ends)
    for word in (PLACE, NUMBER, END):
        assert said.share(word) * said.seconds == pytest.approx(SHORT_SECONDS, abs=0.6), said
    after = somsri.heard(ends + 0.2)
    assert after.only("music", 0.8) and after.longest_gap_seconds < 1, after
    malee.hang_up()
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["told_place"], record["told_minutes"], record["told_error_seconds"]) == (
        2,
        None,
        None,
    )


@pytest.mark.parametrize("open_line", [False, True])
async def test_an_operator_free_in_its_middle_and_they_talk_at_once(
    telling: Hotline, open_line: bool
) -> None:
    hotline = telling
    somchai = await hotline.operator("somchai", habit=answers(0.0), open_line=open_line)
    if open_line:
        await hotline.api.is_in("somchai", "available", within=10)
    await hotline.pause("somchai")
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(NEXT, within=FIRST + 5)
    await talk_for(1)
    asked = now()
    await hotline.resume("somchai")
    free = now()
    await malee.comes_to_hear(somchai.voice, within=5)
    first = malee.ear.first_heard(somchai.voice, asked)
    heard = malee.heard(asked, first + 2)
    over = heard.share(NEXT) * heard.seconds
    print(f"the prompt played on for {over:.2f} s, together after {first - asked:.2f} s")
    assert over <= free - asked + STOPS_SECONDS + HEARD_SECONDS, "the prompt goes on"
    await talk_for(1)
    await somchai.comes_to_hear(malee.voice, within=3)
    assert malee.heard(first + 0.3).share(NEXT) == 0


async def test_a_wait_that_is_known_is_said_and_kept_beside_what_came(telling: Hotline) -> None:
    hotline = telling
    somchai = await hotline.operator("somchai", habit=answers(0.0))
    for _ in range(ENOUGH_TALKS):
        caller = await hotline.calls("1567")
        await somchai.is_talking(within=5)
        await talk_for(0.2)
        caller.hang_up()
        await until(lambda: somchai.now is None, within=5)
    busy = await hotline.calls("1567")
    await somchai.is_talking(within=5)
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(NEXT, within=FIRST + 5)
    await malee.comes_to_hear(SOON, within=LONG_SECONDS + 5)
    busy.hang_up()
    await malee.comes_to_hear(somchai.voice, within=5)
    malee.hang_up()
    record = await hotline.record(malee)
    waited = record["queue_wait_seconds"] - FIRST
    assert (record["told_place"], record["told_minutes"]) == (1, 1)
    assert record["told_error_seconds"] == pytest.approx(60.0 - waited, abs=3.0)
    assert await hotline.api.metric("hotline_waits_told_total", line="1567", result="kept") >= 1
