"""The service is not there at all: the lifeboat keeps the callers and rings the phones."""

import asyncio

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.hotline.sip_tap import SipTap
from tests.people import until
from tests.people.phone import answers, forwards, refuses
from tests.people.sip_message import address_of
from tests.people.talk import talk_for

BEAT_IS_OLD_SECONDS = 4.5  # the dialplan takes the service for dead (BEAT_LIMIT_SECONDS)


async def test_the_lifeboat_rings_somchai_and_the_call_is_recorded_afterwards(
    hotline: Hotline,
) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.5))
    await hotline.service_is_gone()
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear("music", within=3)
    await somsri.comes_to_hear(somchai.voice, within=10)
    await somchai.comes_to_hear(somsri.voice, within=3)
    await talk_for(2)
    heard = somsri.heard(somsri.answered_at)
    assert heard.longest_gap_seconds < 1, f"dead air: {heard}"
    somsri.hang_up()
    early = await hotline.calls("1111")
    await early.comes_to_hear("music", within=3)
    early.hang_up()
    await until(lambda: somchai.now is None, within=3)

    await hotline.service.starts()
    record = await hotline.record(somsri, within=10)
    assert (record["line"], record["outcome"], record["via"]) == ("1567", "answered", "lifeboat")
    assert record["known_from_ledger"] and record["operator"] in (None, "somchai")
    assert record["talk_seconds"] > 1.5
    left = await hotline.record(early, within=10)
    assert (left["line"], left["outcome"]) == ("1111", "abandoned_short")
    gaps = await hotline.api.metric("hotline_ledger_calls_total", known="false")
    assert gaps == 2, "calls that only Asterisk saw are told as gaps in the record"


async def test_who_waits_in_the_lifeboat_comes_back_to_the_service(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=refuses(486, "Busy Here"))
    await hotline.pause("somchai")
    await hotline.service_is_gone()
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear("music", within=3)
    await until(lambda: somchai.calls, within=10)  # she is where the phones are rung
    await hotline.service.starts()
    await hotline.in_line("damrong", somsri, within=60)
    back = now()
    await somsri.comes_to_hear("music", within=3)
    await talk_for(1)
    assert somsri.heard(back).share("music") > 0.5, "she waits in silence"
    heard = somsri.heard(somsri.answered_at)
    assert heard.longest_gap_seconds < 1, f"dead air: {heard}"
    somchai.habit = answers(0.1)
    await hotline.resume("somchai")
    await somsri.comes_to_hear(somchai.voice, within=3)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["operator"]) == ("answered", "somchai")


async def test_who_talks_in_the_lifeboat_is_not_rung_when_the_service_is_back(
    hotline: Hotline,
) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await hotline.service_is_gone()
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=10)
    await hotline.service.starts()
    waiter = await hotline.calls("1567")
    await hotline.in_line("damrong", waiter)
    since = now()
    await talk_for(2)
    assert somchai.rang_while_busy == 0
    assert somsri.heard(since).only(somchai.voice)
    await hotline.resume("somchai")
    await hotline.api.is_in("somchai", "paused/other_call")
    somsri.hang_up()
    await waiter.comes_to_hear(somchai.voice, within=5)
    assert (await hotline.record(somsri, within=10))["via"] == "lifeboat"


async def test_a_clean_stop_and_a_start_lose_nothing(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    talker, waiter = await hotline.calls("1567"), await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=5)
    await waiter.comes_to_hear("music", within=5)
    await hotline.service.stops()
    await hotline.service.starts()
    await talker.comes_to_hear(somchai.voice, within=5)
    await waiter.comes_to_hear("music", within=5)
    talker.hang_up()
    await waiter.comes_to_hear(somchai.voice, within=3)


async def test_a_clean_stop_does_not_wait_for_what_was_decided_last(hotline: Hotline) -> None:
    """It is stored, too: what nobody has made durable yet would be waited for in vain."""
    await hotline.service.stops()
    hotline.service.settings["CALLCENTER_STOP_SECONDS"] = "300"
    await hotline.service.starts()
    await hotline.operator("somchai")
    for reason in ("lunch", "training", "meal"):
        await hotline.pause("somchai", reason)
    await hotline.service.stops()
    [present] = await hotline.records.rows(
        "select reason from operator_states where operator = 'somchai' and ended_at is null"
    )
    assert present["reason"] == "meal"
    del hotline.service.settings["CALLCENTER_STOP_SECONDS"]
    await hotline.service.starts()


@pytest.mark.parametrize(
    "to",
    [
        "0812345678",
        "PJSIP/op-wirat@{domain}",
        "PJSIP/trunk@{domain}/sip:0044@{carrier}",
        "PJSIP/op-somchai@{domain}/sip:0044@{carrier}",
        "Local/1567@from-trunk",
    ],
)
async def test_a_phone_that_forwards_its_calls_leads_nowhere_from_the_lifeboat(
    hotline: Hotline, to: str
) -> None:
    """Also when it knows the names that are used within Asterisk."""
    wirat = await hotline.operator("wirat", habit=answers(0.1), logged_in=False)
    carrier = wirat.contact.partition("@")[2]
    where = to.format(domain=hotline.asterisk.domain, carrier=carrier)
    somchai = await hotline.operator("somchai", habit=forwards(where))
    tap = SipTap(hotline.asterisk)
    await hotline.service_is_gone()
    somsri = await hotline.calls("1567")
    await until(lambda: len(somchai.calls) == 2, within=20)
    assert not wirat.calls
    assert {uri.partition("@")[0] for uri in tap.invites()} == {"sip:op-somchai"}
    somchai.habit = answers(0.1)
    await somsri.comes_to_hear(somchai.voice, within=10)
    waited = somsri.heard(somsri.answered_at, somchai.calls[-1].rang_at)
    assert waited.share("music") > 0.9, waited
    somsri.hang_up()
    await hotline.service.starts()
    record = await hotline.record(somsri, within=10)
    assert (record["outcome"], record["via"]) == ("answered", "lifeboat")


async def test_the_lifeboats_phones_show_the_line_and_nothing_of_the_caller(
    hotline: Hotline,
) -> None:
    """As those that the service rings; also when the carrier tells who forwarded the call."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    somsri.hang_up()
    await until(lambda: somchai.calls[0].is_over, within=5)
    await hotline.resume("somchai")
    await hotline.service.kills()
    await asyncio.sleep(BEAT_IS_OLD_SECONDS)
    malai = await hotline.calls("1567")
    await malai.comes_to_hear(somchai.voice, within=20)
    served, rescued = somchai.calls
    shown = [call.shown.partition("<")[0] for call in (served, rescued)]
    assert shown[0] == shown[1] and len(shown[0]) > 2
    assert [address_of(call.shown).partition("@")[0] for call in (served, rescued)] == [
        "sip:1567",
        "sip:1567",
    ]
    assert malai.number not in rescued.everything_said
    malai.hang_up()
    await hotline.service.starts()
