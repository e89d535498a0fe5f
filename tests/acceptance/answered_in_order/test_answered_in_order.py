"""Three citizens call while one operator works: they are answered in that order."""

from functools import partial

from tests.hotline import Hotline
from tests.people import until
from tests.people.crowd import all_hear_music
from tests.people.phone import answers
from tests.queue_log_reader import Entry, read


async def test_three_callers_and_one_operator(hotline: Hotline) -> None:
    anong = await hotline.calls("1567")
    boonmee = await hotline.calls("1567")
    chai = await hotline.calls("1567")
    everyone = [anong, boonmee, chai]
    await until(lambda: all(person.hears("music") for person in everyone), within=3)
    line = await hotline.in_line("damrong", *everyone)
    assert [call["place"] for call in line] == [1, 2, 3]

    somchai = await hotline.operator("somchai", habit=answers(0.1))
    for served, person in enumerate(everyone, start=1):
        await person.comes_to_hear(somchai.voice, within=3)
        assert len(somchai.calls) == served
        await all_hear_music(everyone[served:], within=3)
        somchai.hang_up()

    records = [await hotline.record(person) for person in everyone]
    assert [row["outcome"] for row in records] == ["answered"] * 3
    answered = [row["answered_at"] for row in records]
    assert answered == sorted(answered)
    assert somchai.rang_while_busy == 0
    for row in records:
        call = str(row["call_id"])
        await until(partial(is_told_to_the_end, hotline, call), within=3)
        enters, connects, completes = told_to_tools(hotline, call)
        assert (enters.event, connects.event) == ("ENTERQUEUE", "CONNECT")
        assert completes.event in ("COMPLETEAGENT", "COMPLETECALLER")
        assert connects.agent == completes.agent == row["operator"]


def is_told_to_the_end(hotline: Hotline, call: str) -> bool:
    """The file is written a moment later."""
    return len(told_to_tools(hotline, call)) == 3


def told_to_tools(hotline: Hotline, call: str) -> list[Entry]:
    """What the file in the format of Asterisk's queue_log has of a call."""
    lines = hotline.queue_log.read_text().splitlines(keepends=True)
    return [entry for entry in map(read, lines) if entry.call == call]
