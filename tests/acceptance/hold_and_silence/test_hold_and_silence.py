"""Nobody is let go for being silent: hold has its own limit and the other side hears music, and who
sends no sound is asked, by SIP, whether they are still there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hotline import Hotline, Shared
from tests.hotline.hotline import now
from tests.people import until
from tests.people.phone import answers, answers_as
from tests.people.phone_call import PhoneCall
from tests.people.talk import talk_for

SILENCE_SECONDS = 2
HOLD_LIMIT_SECONDS = 12


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    """A hotline that soon asks who is silent, and has a short limit of hold."""
    settings = {"CALLCENTER_SILENCE_SECONDS": str(SILENCE_SECONDS)}
    own = Shared(lambda: Hotline(settings=settings, hold_limit_seconds=HOLD_LIMIT_SECONDS))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def attentive(own: Shared) -> AsyncIterator[Hotline]:
    async with own.lent() as hotline:
        yield hotline


@pytest.mark.parametrize("way", ["sendonly", "inactive"])
async def test_whom_the_operator_holds_hears_music_and_the_operator_again(
    attentive: Hotline, way: str
) -> None:
    somchai = await attentive.operator("somchai", habit=answers(0.1))
    somsri = await attentive.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=3)
    talk = await somchai.is_talking()
    talk.hold(way)
    await somsri.comes_to_hear("music", within=2)
    since = now()
    await talk_for(3 * SILENCE_SECONDS)
    assert somsri.heard(since).share("music") > 0.85, somsri.heard(since)
    talk.take_back()
    await somsri.comes_to_hear(somchai.voice, within=2)
    await somchai.comes_to_hear(somsri.voice, within=2)
    somsri.hang_up()
    record = await attentive.record(somsri)
    assert (record["ended_by"], record["talks"]) == ("caller", 1)


async def test_a_caller_who_holds_keeps_the_talk_and_the_place_in_line(attentive: Hotline) -> None:
    somchai = await attentive.operator("somchai", habit=answers(0.1))
    talks, waits = await attentive.calls("1567"), await attentive.calls("1567")
    await talks.comes_to_hear(somchai.voice, within=3)
    await waits.comes_to_hear("music", within=3)
    talks.hold()
    waits.hold()
    await somchai.comes_to_hear("music", within=2)
    await talk_for(3 * SILENCE_SECONDS)
    talks.take_back()
    await talks.comes_to_hear(somchai.voice, within=2)
    await attentive.in_line("damrong", waits)
    waits.take_back()
    talks.hang_up()
    await attentive.api.ask("POST", "/operators/somchai/resume")  # no wrap-up
    await waits.comes_to_hear(somchai.voice, within=5)
    assert "INVITE" not in talks.asked + waits.asked  # hold that was announced is not asked about


async def lost(hotline: Hotline) -> float:
    name = "hotline_calls_lost_total"
    return await hotline.api.metric(name, stage="waiting", reason="rtp_timeout")


async def test_hold_has_a_limit_and_its_end_is_nobodys_hanging_up(attentive: Hotline) -> None:
    before = await lost(attentive)
    somchai = await attentive.operator("somchai", habit=answers(0.1))
    talks, waits = await attentive.calls("1567"), await attentive.calls("1567")
    await talks.comes_to_hear(somchai.voice, within=3)
    await waits.comes_to_hear("music", within=3)
    (await somchai.is_talking()).hold()
    waits.hold()
    await waits.is_gone(within=HOLD_LIMIT_SECONDS + 10)
    record = await attentive.record(waits)
    assert (record["outcome"], record["reason"]) == ("failed", "rtp_timeout")
    await attentive.api.is_in("somchai", "paused/phone_lost", within=10)
    await attentive.in_line("damrong", talks)
    await talks.comes_to_hear("music", within=3)
    assert await lost(attentive) == before + 1


async def test_a_gateway_that_suppresses_silence_loses_nobody(attentive: Hotline) -> None:
    somchai = await attentive.operator("somchai", habit=answers(0.1))
    talks = await attentive.calls("1567")
    waits = await attentive.calls("1567", silent=True)
    await talks.comes_to_hear(somchai.voice, within=3)
    await somchai.comes_to_hear(talks.voice, within=3)
    talks.fall_silent()
    (await somchai.is_talking()).fall_silent()
    await until(lambda: min(x.asked.count("INVITE") for x in (talks, waits)) > 1, within=20)
    assert talks.is_up and waits.is_up and somchai.talks
    await waits.comes_to_hear("music", within=3)
    await attentive.in_line("damrong", waits)
    talks.hang_up()
    assert (await attentive.record(talks))["ended_by"] == "caller"


async def test_a_phone_that_forgot_the_call_is_let_go_and_did_not_abandon(
    attentive: Hotline,
) -> None:
    somsri = await attentive.calls("1567", silent=True)
    await attentive.in_line("damrong", somsri)
    somsri.has_forgotten = True
    record = await attentive.record(somsri, within=20)
    assert (record["outcome"], record["reason"]) == ("failed", "sip_failed")


ELSEWHERE = (
    [("Contact", "<sip:0044@{carrier}>")],
    [("Contact", "<sip:0044@{carrier}>"), ("Record-Route", "<sip:{carrier};lr>")],
    [("Contact", "<sip:somchai@{phone}>"), ("Record-Route", "<sip:0044@{carrier};lr>")],
    [("Contact", "<sip:0044@{carrier};maddr={address}>"), ("Record-Route", "<sip:{phone};lr>")],
)
"""What a phone may say in its 200: requests within the call are to go to the carrier."""


async def test_a_phone_that_says_it_is_at_the_carrier_has_nobody_called_there(
    attentive: Hotline,
) -> None:
    """It falls silent, so that it is asked by a re-INVITE: not even that goes there."""
    carrier = await attentive.operator("wirat", logged_in=False)
    somchai = await attentive.operator("somchai")
    at_carrier, at_phone = (one.contact.partition("@")[2] for one in (carrier, somchai))
    places = {"carrier": at_carrier, "phone": at_phone, "address": at_carrier.partition(":")[0]}
    for number, headers in enumerate(ELSEWHERE, 1):
        somchai.habit = answers_as(*((name, value.format(**places)) for name, value in headers))
        somsri = await attentive.calls("1567")
        await until(lambda: len(somchai.calls) == number, within=5)  # noqa: B023
        talk = somchai.calls[-1]
        talk.fall_silent()
        await until(lambda: _was_asked(talk) or "INVITE" in carrier.received, within=10)  # noqa: B023
        somsri.hang_up()
        somchai.hang_up()
        await attentive.quiet(within=40)
        await attentive.api.ask("POST", "/operators/somchai/resume")
        assert set(carrier.received) <= {"OPTIONS"}, headers


def _was_asked(talk: PhoneCall) -> bool:
    return talk.everything_said.count("INVITE sip:") > 1
