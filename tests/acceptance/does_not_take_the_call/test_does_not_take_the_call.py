"""Operators whose phone says no: declined, busy, switched off, dead in mid-ring. Nobody is lost."""

from urllib.parse import quote

import aiohttp
import pytest

from callcenter.ports.phones import in_domain
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.hotline.sip_tap import SipTap
from tests.people import OperatorPhone, until
from tests.people.phone import Habit, answers, forwards, redirects, refuses
from tests.people.phone_call import PhoneCall
from tests.people.talk import talk_for

FORWARDS = (
    "0812345678",
    "1567",
    "op-malee",
    "Local/1567@from-trunk",
    "Local/s@lifeboat",
    "Local/too-old-FALSE@hand-over",
    "PJSIP/trunk",
    "PJSIP/trunk@{domain}",
    "PJSIP/trunk@{domain}/sip:0044@{carrier}",
    "PJSIP/op-somchai@{domain}/sip:0044@{carrier}",
    "PJSIP/op-wirat@{domain}",
)
"""Where a phone may send its calls: a number, and what Asterisk takes for a channel. It knows
all names that are used within Asterisk."""

REDIRECTS = (
    (300, "<sip:{user}@127.0.0.1>;q=0.5, <sip:0044@{carrier}>;q=1"),
    (301, "<sip:{user}@127.0.0.1>"),
    (302, "<sip:{plain}@127.0.0.1>"),
    (302, "<sip:0044@{carrier};user=phone>"),
    (302, "<sips:0044@{carrier}>"),
    (302, "<tel:+441632960000>"),
    (305, "<sip:{carrier};lr>"),
    (380, "<sip:{user}@{carrier}>"),
)


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


async def test_a_phone_that_was_switched_off_is_not_rung(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai")
    somchai.register(expires_seconds=0)
    await hotline.api.is_in("somchai", "phone_away", within=5)
    malee = await hotline.operator("malee", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(malee.voice, within=3)
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [(row["operator"], row["result"]) for row in offers] == [("malee", "answered")]


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
    where = to.format(carrier=wirat.contact.partition("@")[2], domain=hotline.asterisk.domain)
    await _nobody_is_called_but_malee(hotline, forwards(where), wirat)


@pytest.mark.parametrize(("status", "contact"), REDIRECTS)
async def test_a_redirect_of_any_form_leads_nowhere(
    hotline: Hotline, status: int, contact: str
) -> None:
    """The phone knows the trunk's name within Asterisk."""
    wirat = await hotline.operator("wirat", habit=answers(0.1), logged_in=False)
    carrier = wirat.contact.partition("@")[2]
    target = f"PJSIP/{in_domain('trunk', hotline.asterisk.domain)}/sip:0044@{carrier}"
    where = contact.format(carrier=carrier, user=quote(target, safe="+"), plain=quote(target, "/"))
    await _nobody_is_called_but_malee(hotline, redirects(status, where), wirat)


async def test_the_trunk_cannot_be_called(hotline: Hotline) -> None:
    """Whatever in Asterisk may try: what is sent to it goes to a port where nobody listens."""
    wirat = await hotline.operator("wirat", habit=answers(0.1), logged_in=False)
    somchai = await hotline.operator("somchai", habit=answers(0.1), logged_in=False)
    trunk, phone = (
        in_domain(f"PJSIP/{name}", hotline.asterisk.domain) for name in ("trunk", "op-somchai")
    )
    at_carrier = f"sip:0044@{wirat.contact.partition('@')[2]}"
    settings = hotline.asterisk.settings
    allowed = aiohttp.encode_basic_auth(settings.ari_user, settings.ari_password)
    async with aiohttp.ClientSession(headers={"Authorization": allowed}) as ari:
        for target in (trunk, f"{trunk}/{at_carrier}", phone):
            body = {"endpoint": target, "extension": "s", "context": "polite-end", "timeout": 5}
            await ari.post(f"{hotline.asterisk.ari_url}/channels", json=body)
    # The last of them leads somewhere: the earlier ones would have arrived before it.
    await until(lambda: somchai.calls, within=10)
    assert not wirat.calls
    somchai.hang_up()
    hotline.asterisk.console("channel request hangup all")
    await hotline.quiet()


async def _nobody_is_called_but_malee(
    hotline: Hotline, habit: Habit, carrier: OperatorPhone
) -> None:
    somchai = await hotline.operator("somchai", habit=habit)
    malee = await hotline.operator("malee", habit=answers(0.1))
    tap = SipTap(hotline.asterisk)
    await _malee_answers_instead(hotline, somchai, malee)
    assert len(malee.calls) == 1
    assert not carrier.calls
    called = {uri.partition("@")[0] for uri in tap.invites()}
    assert called == {"sip:op-somchai", "sip:op-malee"}


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
    assert offers[0]["result"] in ("declined", "unreachable")
    assert len(somchai.calls) == 1
    await hotline.quiet()
    assert await hotline.api.metric("hotline_calls_received_total") == received + 1
