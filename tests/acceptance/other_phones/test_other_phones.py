"""Phones and callers of somebody else's making: what works with ours works with theirs."""

import aiohttp

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers
from tests.people.sip_message import Message, credentials, response, token
from tests.people.softphone import Softphones

SOMSRI = "0899999999"


async def test_softphones_in_the_places_of_caller_and_operator(hotline: Hotline) -> None:
    card = await hotline.operator("somchai", logged_in=False)
    card.register(expires_seconds=0)
    await until(lambda: card.register_status == 200, within=3)
    hotline.words.add(SOMSRI)
    async with Softphones() as softphones:
        somchai = await softphones.new("op-somchai", card.secret, at=hotline.sip)
        somsri = await softphones.new(SOMSRI, "", at=hotline.sip)
        await somsri.dials("1567")
        await until(lambda: somsri.hears("music"), within=10)
        await hotline.log_in("somchai")
        await until(lambda: somsri.hears(somchai.voice), within=5)
        await until(lambda: somchai.hears(somsri.voice), within=5)
        await somsri.hang_up()
        await until(lambda: somchai.is_over, within=3)

        malee = await hotline.operator("malee", queues=["gcc"], habit=answers(0.2))
        await somsri.dials("1111")
        await until(lambda: somsri.hears(malee.voice), within=10)
        await until(lambda: malee.hears(somsri.voice), within=5)
        malee.hang_up()
        await until(lambda: somsri.is_over, within=3)

    async def recorded() -> bool:
        rows = await hotline.records.calls(SOMSRI)
        told = [(row["outcome"], row["operator"], row["ended_by"]) for row in rows]
        return told == [("answered", "somchai", "caller"), ("answered", "malee", "operator")]

    await until(recorded, within=5)


async def test_a_phone_in_a_browser_is_rung(hotline: Hotline) -> None:
    """SIP over a websocket (RFC 7118): as far as the INVITE, there is no page for it yet."""
    card = await hotline.operator("somchai", logged_in=False)
    card.register(expires_seconds=0)
    await until(lambda: card.register_status == 200, within=3)
    where = hotline.asterisk.ari_url.replace("http", "ws", 1).removesuffix("/ari") + "/ws"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(where, protocols=("sip",)) as socket,
    ):
        await socket.send_bytes(_register(card.user).encoded())
        challenge = await _heard(socket)
        assert challenge.status == 401
        proof = credentials(
            challenge.get("www-authenticate"),
            user=card.user,
            secret=card.secret,
            method="REGISTER",
            uri="sip:127.0.0.1",
        )
        await socket.send_bytes(_register(card.user, ("Authorization", proof)).encoded())
        assert (await _heard(socket)).status == 200
        await hotline.log_in("somchai")
        somsri = await hotline.calls("1567")
        rung = await _heard(socket)
        await socket.send_bytes(response(rung, 603, "Decline", token()).encoded())
        somsri.hang_up()
        await hotline.record(somsri)


async def test_the_longest_name_is_found_in_all_of_asterisks_buffers(hotline: Hotline) -> None:
    longest = await hotline.operator(32 * "m", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(longest.voice, within=5)
    somsri.hang_up()
    assert (await hotline.record(somsri))["operator"] == 32 * "m"


async def _heard(socket: aiohttp.ClientWebSocketResponse) -> Message:
    """What comes next but OPTIONS, which are answered: who does not is away, and not rung."""
    while True:
        heard = Message.parse((await socket.receive_str(timeout=20)).encode())
        if not heard.start.startswith("OPTIONS "):
            return heard
        await socket.send_bytes(response(heard, 200, "OK", token()).encoded())


def _register(user: str, *more: tuple[str, str]) -> Message:
    own = f"<sip:{user}@nowhere.invalid;transport=ws>"
    return Message(
        "REGISTER sip:127.0.0.1 SIP/2.0",
        [
            ("Via", f"SIP/2.0/WS nowhere.invalid;branch=z9hG4bK{token()}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{user}@127.0.0.1>;tag={token()}"),
            ("To", f"<sip:{user}@127.0.0.1>"),
            ("Call-ID", token()),
            ("CSeq", "1 REGISTER"),
            ("Contact", own),
            *more,
        ],
    )
