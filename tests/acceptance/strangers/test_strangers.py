"""Who is neither a trunk nor a phone reaches nothing; and an operator's phone dials nowhere."""

import asyncio

import aiohttp
import pytest

from tests.acceptance.refused_calls.test_refused_calls import raw
from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers
from tests.people.sip_message import Message, credentials
from tests.people.stranger import Stranger

PREFIXES = ("1567", "00441632960000", "90661234567", "lifeboat", "s", "op-somchai", "")


@pytest.mark.parametrize(
    "method", ["INVITE", "REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "REFER"]
)
async def test_a_stranger_is_asked_for_a_password_whatever_he_sends(
    hotline: Hotline, method: str
) -> None:
    await hotline.operator("somchai")
    stranger = await Stranger.at("127.0.0.9", to=hotline.sip)
    before = len(hotline.records.ledger())
    for user in PREFIXES:
        for as_user in ("stranger", "trunk", "op-somchai"):
            status = await stranger.asks(method, user, as_user=as_user)
            assert status in (401, 403, 404, 405, 489, 501), f"{method} {user} as {as_user}"
            assert not (method == "INVITE" and status == 404), "the dialplan was reached"
    stranger.close()
    await until(lambda: _no_channels(hotline), within=6)
    assert not _calls_since(hotline, before)
    assert not hotline.phones["somchai"].calls


async def test_a_wrong_password_registers_nobody(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    right, somchai.secret = somchai.secret, "guessed"
    somchai.register()
    await until(lambda: somchai.register_status, within=3)
    assert somchai.register_status in (401, 403)
    somchai.secret = right
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)


async def test_a_phone_at_the_trunks_address_may_say_that_it_is_anywhere(hotline: Hotline) -> None:
    """It is not taken for the trunk, to which nobody registers (404)."""
    somchai = await hotline.operator("somchai")
    phone = await Stranger.at("127.0.0.1", to=hotline.sip)
    register = phone.request("REGISTER", "", as_user=somchai.user)
    elsewhere = f"<sip:{somchai.user}@hotline.example>;tag=1"
    register.headers = [(n, elsewhere if n == "From" else v) for n, v in register.headers]
    phone.send(register.encoded())
    await until(lambda: phone.answers, within=3)
    assert phone.answers[0].status == 401
    phone.close()


async def test_operators_cannot_dial_out(hotline: Hotline) -> None:
    """With the right password: whatever is dialled is refused."""
    somchai = await hotline.operator("somchai")
    malee = await hotline.operator("malee")
    before = len(hotline.records.ledger())
    for number in ("1567", "0812345678", "00441632960000", "op-malee", "lifeboat"):
        found = await _dials_as(hotline, somchai.user, somchai.secret, number)
        assert found in (200, 403, 404, 480, 503), found
    assert not malee.calls and not somchai.calls
    await until(lambda: _no_channels(hotline), within=6)
    rows = _calls_since(hotline, before)
    assert rows
    assert all(row["channel"].startswith("PJSIP/op-somchai@") for row in rows), "who else?"
    assert all(row["linkedid"] == row["uniqueid"] for row in rows), "a second channel was made"


async def _dials_as(hotline: Hotline, user: str, secret: str, number: str) -> int:
    """An INVITE with a phone's right credentials; hung up again. The final status."""
    phone = await Stranger.at("127.0.0.1", to=hotline.sip)
    try:
        invite = phone.request("INVITE", number, as_user=user)
        phone.send(invite.encoded())
        challenge = await until(
            lambda: next((a for a in phone.answers if a.status == 401), None), within=2
        )
        uri = invite.start.split()[1]
        proof = credentials(
            challenge.get("www-authenticate"), user=user, secret=secret, method="INVITE", uri=uri
        )
        before = len(phone.answers)
        again = phone.request("INVITE", number, as_user=user, headers=(("Authorization", proof),))
        phone.send(again.encoded())
        final = await until(
            lambda: next((a for a in phone.answers[before:] if a.status >= 200), None), within=5
        )
        if final.status == 200:
            _end(phone, again, final)
        return final.status
    finally:
        phone.close()


def _end(phone: Stranger, invite: Message, ok: Message) -> None:
    for method, number in (("ACK", 1), ("BYE", 2)):
        request = phone.request(method, "")
        keep = ("From", "Call-ID")
        request.headers = [(n, v) for n, v in request.headers if n not in (*keep, "To", "CSeq")]
        request.headers += [(name, invite.get(name)) for name in keep]
        request.headers += [("To", ok.get("to")), ("CSeq", f"{number} {method}")]
        phone.send(request.encoded())


def _calls_since(hotline: Hotline, before: int) -> list[dict[str, str]]:
    """The ledger's new rows."""
    return hotline.records.ledger()[before:]


def _no_channels(hotline: Hotline) -> bool:
    """To be waited for: for milliseconds the service's own probe of Asterisk is a channel, too."""
    return not hotline.asterisk.channels()


async def test_a_trunk_caller_cannot_reach_a_phone_directly(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai")
    callers = [
        await hotline.caller().dials(number, at=hotline.sip)
        for number in ("op-somchai", "somchai", "lifeboat", "h", "i", "t")
    ]
    for caller in callers:
        await caller.is_gone(within=20)
    assert not somchai.calls


@pytest.mark.parametrize("via", ["WS", "UDP"])
async def test_a_websocket_at_the_trunks_address_is_not_the_trunk(
    hotline: Hotline, via: str
) -> None:
    """Any page in a browser on that host can open one; what it writes of itself may be untrue."""
    where = hotline.asterisk.ari_url.replace("http", "ws", 1).removesuffix("/ari") + "/ws"
    before = len(hotline.records.ledger())
    stranger = await Stranger.at("127.0.0.1", to=hotline.sip)
    invite = stranger.request("INVITE", "1567")
    stranger.close()
    invite.headers = [
        (name, value.replace("SIP/2.0/UDP", f"SIP/2.0/{via}") if name == "Via" else value)
        for name, value in invite.headers
    ]
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(where, protocols=("sip",), origin="http://evil.example") as socket,
    ):
        await socket.send_bytes(invite.encoded())
        status = 100
        while status < 200:
            status = Message.parse((await socket.receive_str(timeout=10)).encode()).status
    assert status in (401, 403, 603)
    await until(lambda: _no_channels(hotline), within=6)
    rows = _calls_since(hotline, before)
    assert rows
    assert all(row["accountcode"] == "greeting//" for row in rows), "somebody was served"


async def test_nobody_takes_over_a_talk_from_within_another_call(hotline: Hotline) -> None:
    """An INVITE with Replaces that is not identified anew ends the call that it is sent in."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    wire, thief = await raw(hotline)
    assert await thief.asks(1) == 200
    await until(lambda: hotline.asterisk.channels() == 3, within=10)
    await thief.asks(2, ("Replaces", somsri.replaces))
    await until(lambda: hotline.asterisk.channels() == 2, within=10)
    await somsri.comes_to_hear(somchai.voice, within=5)
    assert not somsri.is_over
    wire.close()


async def test_callers_who_never_speak_leave_ports_for_operators(hotline: Hotline) -> None:
    """100 pairs of RTP ports, and 120 calls whose answers nobody acknowledges."""
    first = await hotline.calls("1567")
    trunk = await Stranger.at("127.0.0.1", to=hotline.sip)
    calls = [trunk.request("INVITE", "1567", as_user=f"08999{n:05}") for n in range(120)]
    for call in calls:
        trunk.send(call.encoded())
        await asyncio.sleep(0.01)

    def answered() -> dict[str, int]:
        return {a.get("Call-ID"): a.status for a in trunk.answers if a.status >= 200}

    await until(lambda: len(answered()) == len(calls), within=20)
    refused = [status for status in answered().values() if status != 200]
    assert len(refused) >= 45 and set(refused) <= {503}

    async def told() -> bool:
        return await hotline.api.metric("hotline_asterisk_legs", kind="callers") >= 70

    await until(told, within=15)
    assert await hotline.api.metric("hotline_asterisk_legs", kind="callers_limit") == 75
    assert await hotline.api.metric("hotline_asterisk_legs", kind="all_limit") == 100
    somchai = await hotline.operator("somchai", queues=["damrong"], habit=answers(0.1))
    await first.comes_to_hear(somchai.voice, within=10)
    await until(lambda: hotline.asterisk.channels() <= 2, within=60)
    trunk.close()


async def guesses(hotline: Hotline, address: str, user: str, times: int) -> Stranger:
    """REGISTERs with wrong passwords, without waiting for answers."""
    stranger = await Stranger.at(address, to=hotline.sip)
    for number in range(times):
        proof = credentials(
            'Digest realm="asterisk", nonce="1/a", algorithm=MD5, qop="auth"',
            user=user,
            secret=str(number),
            method="REGISTER",
            uri=f"sip:127.0.0.1:{hotline.sip[1]}",
        )
        guess = stranger.request("REGISTER", "", as_user=user, headers=(("Authorization", proof),))
        stranger.send(guess.encoded())
    return stranger


async def answers_with(stranger: Stranger, status: int) -> None:
    async def answered() -> bool:
        return await stranger.asks("OPTIONS", "x", within=5) == status

    await until(answered, within=15)


async def test_who_guesses_passwords_is_banned_and_nobody_else(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    before = await hotline.api.metric("hotline_sip_bans_total")
    stranger = await guesses(hotline, "127.0.0.19", somchai.user, 300)
    await answers_with(stranger, 403)
    assert await hotline.api.metric("hotline_sip_bans_total") == before + 1
    assert await hotline.api.metric("hotline_sip_guesses_total") >= 20
    doctor = await hotline.service.doctor()
    assert "banned for guessing passwords" in doctor
    assert "callers of 75" in doctor
    assert "nobody is banned" not in doctor and "takes over another's call" not in doctor
    await somchai.registers_now()
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    stranger.close()


async def test_a_ban_outlives_the_service_and_is_lifted_by_a_person(hotline: Hotline) -> None:
    stranger = await guesses(hotline, "127.0.0.29", "op-somchai", 20)
    await answers_with(stranger, 403)
    await hotline.service.kills()
    await hotline.service.starts()
    found = (await hotline.api.ask("GET", "/bans"))["bans"]
    assert "127.0.0.29" in [ban["address"] for ban in found]
    assert await stranger.asks("OPTIONS", "x", within=5) == 403
    await hotline.api.ask("DELETE", "/bans/127.0.0.29")
    await answers_with(stranger, 401)
    await hotline.api.ask("POST", "/bans", {"address": "127.0.0.28/30"})
    await answers_with(stranger, 403)
    await hotline.api.ask("DELETE", "/bans/127.0.0.28%2F30")
    await answers_with(stranger, 401)
    stranger.close()


async def test_many_who_guess_at_one_phone_do_not_lock_out_its_owner(hotline: Hotline) -> None:
    """45 addresses, one guess each; who comes after them has three. The owner's phone stays, and a
    phone that the owner starts at another address is let in with the right password."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    many = [await guesses(hotline, f"127.0.1.{n}", somchai.user, 1) for n in range(1, 46)]

    async def attacked() -> bool:
        return await hotline.api.metric("hotline_sip_attacked_accounts") == 1

    await until(attacked, within=10)
    late = await guesses(hotline, "127.0.0.39", somchai.user, 3)
    await answers_with(late, 403)
    await somchai.registers_now()
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    elsewhere = await Stranger.at("127.0.0.49", to=hotline.sip)
    assert await elsewhere.asks("REGISTER", "", as_user=somchai.user) == 401
    proof = credentials(
        elsewhere.answers[-1].get("www-authenticate"),
        user=somchai.user,
        secret=somchai.secret,
        method="REGISTER",
        uri=f"sip:127.0.0.1:{hotline.sip[1]}",
    )
    headers = (("Authorization", proof),)
    assert await elsewhere.asks("REGISTER", "", as_user=somchai.user, headers=headers) == 200
    await somchai.registers_now()
    for stranger in (*many, late, elsewhere):
        stranger.close()
