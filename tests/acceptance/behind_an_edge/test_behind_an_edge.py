"""Asterisk stands behind a SIP edge: trunk and phones speak with Kamailio, and all is as ever.

The other stories can be told so, too: HOTLINE_EDGE=yes.
"""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hotline import Hotline, Shared
from tests.hotline.hotline import now
from tests.people import until
from tests.people.dialog import Asked
from tests.people.phone import answers
from tests.people.talk import talk_for
from tests.people.until import SLOW_MACHINE_TIMES


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    own = Shared(lambda: Hotline(edge=True))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    async with own.lent() as hotline:
        yield hotline


async def answered(asked: Asked) -> int:
    """The final answer, which came at once."""
    await until(lambda: asked.status, within=5)
    assert asked.answered_at - asked.at < 1 * SLOW_MACHINE_TIMES
    return asked.status


async def test_a_day_behind_an_edge(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.2))
    fixed = await hotline.operator("malee", registers=False, logged_in=False)
    somsri = await hotline.calls("1567")
    talk = await somchai.is_talking(within=5)
    await somsri.comes_to_hear(somchai.voice, within=3)
    await somchai.comes_to_hear(somsri.voice, within=3)
    assert somsri.number not in talk.everything_said, "the phone is never told who calls"

    # Keys of a phone that Asterisk would never answer.
    for method in ("MESSAGE", "NOTIFY", "PUBLISH", "SUBSCRIBE", "REFER", "FOO"):
        assert await answered(talk.ask(method)) not in (0, 408, 481)
    since = now()
    await talk_for(1.5)
    assert somsri.heard(since).only(somchai.voice, least=0.8)

    # Hold by the phone's own key: the caller hears music, and comes back.
    talk.hold()
    await somsri.comes_to_hear("music", within=5)
    talk.take_back()
    await somsri.comes_to_hear(somchai.voice, within=5)

    somsri.hang_up()
    await until(lambda: talk.is_over, within=3)
    record = await hotline.record(somsri)
    assert (record["outcome"], record["operator"]) == ("answered", "somchai")

    # A phone that declines gives the caller to the next one, here one that never registered.
    somchai.habit = lambda phone, call: call.refuse(302, "Moved", "<sip:0812345678@127.0.0.9>")
    fixed.habit = answers(0.2)
    malai = await hotline.calls("1567")
    await until(lambda: len(somchai.calls) > 1 and somchai.calls[-1].is_over, within=10)
    await hotline.log_in("malee")
    await malai.comes_to_hear(fixed.voice, within=20)
    fixed.hang_up()
    await malai.is_gone(within=10)
    record = await hotline.record(malai)
    results = [row["result"] for row in await hotline.records.offers(record["call_id"])]
    assert results[0] == "declined" and results[-1] == "answered"

    # A phone that dies is away, and nobody is rung there.
    somchai.die()
    await hotline.api.is_in("somchai", "phone_away", within=15)


async def test_who_was_removed_may_not_register_any_more(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai")
    await hotline.api.ask("DELETE", "/operators/somchai")
    del hotline.phones["somchai"]
    somchai.register()
    await until(lambda: somchai.register_status == 401, within=5)
    somchai.close()


@pytest.mark.rare
async def test_the_edge_is_killed_in_a_talk(hotline: Hotline) -> None:
    """Health says so; the talk goes on; the edge is started again, and serves."""
    assert hotline.edge is not None
    somchai = await hotline.operator("somchai", habit=answers(0.2))
    somsri = await hotline.calls("1567")
    talk = await somchai.is_talking(within=5)
    await talk_for(6)  # registrations are written every five seconds
    hotline.edge.kill()
    since = now()
    await until(lambda: "edge" in str(hotline.service.readiness()), within=20, every=0.5)
    hotline.edge.start()
    await hotline.service.is_whole()
    assert somsri.heard(since).only(somchai.voice, least=0.7)
    talk.fall_silent()  # says nothing (silence suppression), while the edge is away once more
    hotline.edge.kill()
    await talk_for(10)
    hotline.edge.start()
    await hotline.service.is_whole()
    await talk_for(8)
    assert not talk.is_over and not somsri.is_over
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=10)
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(somchai.voice, within=20)
    malee.hang_up()


async def test_asterisk_is_killed_in_a_talk(hotline: Hotline) -> None:
    """The edge ends what the dead Asterisk had: phone and carrier hear of it, and nobody is taken
    for busy."""
    somchai = await hotline.operator("somchai", habit=answers(0.2))
    somsri = await hotline.calls("1567")
    talk = await somchai.is_talking(within=5)
    hotline.asterisk.kill()
    await asyncio.to_thread(hotline.asterisk.start)
    await until(lambda: talk.is_over, within=20, but=hotline.service.last_words)
    await until(lambda: somsri.is_over, within=20, but=hotline.service.last_words)
    assert (talk.how_it_ended, somsri.ended_by) == ("far end", "far end")
    await hotline.service.is_whole()  # the edge has reached the new Asterisk, too
    await hotline.api.is_in("somchai", "available", within=20)
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(somchai.voice, within=20)
    malee.hang_up()


async def test_the_lifeboat_rings_through_the_edge(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.2))
    assert hotline.service.process is not None
    hotline.service.process.send_signal(signal.SIGKILL)
    await hotline.service_is_gone()
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=20)
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=10)
    await hotline.service.starts()
