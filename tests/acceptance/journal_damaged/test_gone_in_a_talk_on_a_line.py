"""kill -9 while Somchai talks on his open line, and the journal is gone before the next start."""

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers


async def they_talk(caller: Caller, phone: OperatorPhone) -> None:
    """Each hears the other, and nobody else."""
    await caller.comes_to_hear(phone.voice, within=5)
    await phone.comes_to_hear(caller.voice, within=5)


async def the_journal_is_gone(hotline: Hotline) -> tuple[OperatorPhone, Caller, Caller]:
    """Somchai, with whom he talks, and who waits."""
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=True)
    await hotline.api.is_in("somchai", "available", within=5)
    malee = await hotline.calls("1567")
    await they_talk(malee, somchai)
    wipa = await hotline.calls("1567")
    await wipa.comes_to_hear("music", within=5)
    await hotline.in_line("damrong", wipa)

    async def all_is_stored() -> bool:
        return await hotline.api.metric("hotline_record_behind_facts") == 0

    await until(all_is_stored, within=10)
    killed = now()
    await hotline.service.kills()
    for path in (hotline.directory / "data" / "journal").glob("*.journal"):
        path.unlink()
    hotline.service.launch()
    await hotline.service.is_ready()
    await hotline.log_in("somchai")
    await hotline.in_line("damrong", wipa, within=10)
    assert await hotline.api.state("somchai") == "paused/line"
    assert malee.heard(killed, one_in=4).only(somchai.voice), "the talk was not touched"
    await they_talk(malee, somchai)
    assert len(somchai.calls) == 1 and somchai.rang_while_busy == 0, "who talks is not rung"
    return somchai, malee, wipa


@pytest.mark.parametrize("who", ["caller", "operator"])
async def test_the_talk_goes_on_and_the_next_caller_comes_after_it(
    hotline: Hotline, who: str
) -> None:
    somchai, malee, wipa = await the_journal_is_gone(hotline)
    if who == "caller":
        malee.hang_up()
    else:
        somchai.calls[0].hang_up()
        await until(lambda: malee.is_over, within=5)
        await hotline.resume("somchai")
    await wipa.comes_to_hear(somchai.voice, within=10)
    assert len(somchai.calls) == 2
    wipa.hang_up()
    for caller in (malee, wipa):
        record = await hotline.record(caller, within=10)
        assert (record["outcome"], record["operator"]) == ("answered", "somchai")
