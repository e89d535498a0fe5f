"""Operators whose phone says no: declined, busy, switched off, dead in mid-ring. Nobody is lost."""

import pytest

from callcenter.runtime.phones import in_domain
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import OperatorPhone, until
from tests.people.phone import answers, forwards, refuses
from tests.people.phone_call import PhoneCall
from tests.people.talk import talk_for

FORWARDS = (
    "0812345678",
    "1567",
    "op-malee",
    "Local/1567@from-trunk",
    "Local/s@lifeboat",
    "Local/PJSIP@arrival",
    "Local/s@hand-over",
    "Local/too-old-FALSE@hand-over",
    "PJSIP/trunk",
    "PJSIP/trunk/sip:0044@{carrier}",
    "PJSIP/op-somchai/sip:0044@{carrier}",
    "PJSIP/op-somchai@{sip}/sip:0044@{carrier}",
    "PJSIP/op-somchai@/sip:0044@{carrier}",
    "PJSIP/op-wirat",
)
"""Where a phone may try to send its calls: a number, and what Asterisk takes for a channel."""


@pytest.mark.parametrize(
    ("status", "result"), [(603, "declined"), (486, "busy"), (503, "unreachable")]
)
async def test_the_next_operator_gets_the_caller_at_once(
    hotline: Hotline, status: int, result: str
) -> None:
    somchai = await hotline.operator("somchai", habit=refuses(status, "No"))
    malee = await hotline.operator("malee", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(malee.voice, within=3)
    assert len(somchai.calls) == 1
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [(row["operator"], row["result"]) for row in offers] == [
        ("somchai", result),
        ("malee", "answered"),
    ]
    await hotline.api.is_in("somchai", "available", within=3)  # a short pause, by itself


async def test_one_operator_who_declines_is_asked_again_after_a_pause(hotline: Hotline) -> None:
    def declines_once(phone: OperatorPhone, call: PhoneCall) -> None:
        habit = refuses(603, "Decline") if len(phone.calls) == 1 else answers(0.1)
        habit(phone, call)

    somchai = await hotline.operator("somchai", habit=declines_once)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=4)
    first, second = somchai.calls
    assert second.rang_at - first.ended_at > 0.8, "declined_seconds is 1 here"


async def test_a_phone_that_was_switched_off(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai")
    somchai.register(expires_seconds=0)
    await until(lambda: somchai.register_status == 200, within=5)
    malee = await hotline.operator("malee", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(malee.voice, within=3)
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [row["result"] for row in offers] == ["unreachable", "answered"]


async def test_a_phone_that_dies_while_it_rings(hotline: Hotline) -> None:
    await hotline.rules("damrong", ring_seconds=5)
    somchai = await hotline.operator("somchai")
    somsri = await hotline.calls("1567")
    await somchai.is_rung()
    somchai.die()
    malee = await hotline.operator("malee", habit=answers(0.1))
    await somsri.comes_to_hear(malee.voice, within=12)


async def test_only_the_phone_that_registered_last_rings(hotline: Hotline) -> None:
    desk_phone = await hotline.operator("somchai", habit=answers(0.1))
    mobile = OperatorPhone("somchai", desk_phone.secret, habit=answers(0.1))
    await mobile.registers(at=hotline.sip)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(mobile.voice, within=3)
    assert not desk_phone.calls
    mobile.hang_up()
    await somsri.is_gone(within=5)
    mobile.close()


async def test_a_phone_at_a_fixed_address_is_rung_there(hotline: Hotline) -> None:
    ploy = await hotline.operator("ploy", habit=answers(0.1), registers=False)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(ploy.voice, within=4)
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [row["result"] for row in offers] == ["answered"]


@pytest.mark.parametrize("to", FORWARDS)
async def test_a_phone_that_forwards_its_calls_has_declined(hotline: Hotline, to: str) -> None:
    """And nobody is called there: not even an INVITE is sent."""
    wirat = await hotline.operator("wirat", habit=answers(0.1), logged_in=False)
    where = to.format(carrier=wirat.contact.partition("@")[2], sip=hotline.sip[0])
    somchai = await hotline.operator("somchai", habit=forwards(where))
    malee = await hotline.operator("malee", habit=answers(0.1))
    await _malee_answers_instead(hotline, somchai, malee)
    assert len(malee.calls) == 1
    assert not wirat.calls


async def test_a_phone_that_knew_its_name_in_asterisk_could_call_anywhere(
    hotline: Hotline,
) -> None:
    """That is why no phone is told it, and what the tests above would see."""
    wirat = await hotline.operator("wirat", habit=answers(0.1), logged_in=False)
    name = in_domain("op-somchai", hotline.asterisk.domain)
    where = f"PJSIP/{name}/sip:0044@{wirat.contact.partition('@')[2]}"
    somchai = await hotline.operator("somchai", habit=forwards(where))
    malee = await hotline.operator("malee", habit=answers(0.1))
    await _malee_answers_instead(hotline, somchai, malee)
    [called] = wirat.calls
    assert called.how_it_ended == "far end", "hung up at the answer, joined with nobody"
    for phone in (somchai, malee, wirat):
        assert hotline.asterisk.domain not in phone.calls[0].everything_said


async def _malee_answers_instead(
    hotline: Hotline, somchai: OperatorPhone, malee: OperatorPhone
) -> None:
    received = await hotline.api.metric("hotline_calls_received_total")
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(malee.voice, within=3)
    since = now()
    await talk_for(1)
    assert somsri.heard(since).only(malee.voice), "somebody was joined to them"
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [row["operator"] for row in offers] == ["somchai", "malee"]
    assert offers[0]["result"] in ("declined", "unreachable"), "Asterisk may forget the cause"
    assert len(somchai.calls) == 1
    await hotline.quiet()
    assert await hotline.api.metric("hotline_calls_received_total") == received + 1
