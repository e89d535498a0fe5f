"""A Call-ID with bytes that are no UTF-8: Asterisk can tell the service nothing of the caller."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.caller import Caller
from tests.people.phone import answers
from tests.people.sip_message import token


def untold(hotline: Hotline) -> Caller:
    return hotline.caller(call_id=f"a\udcff\udcfe{token()}")


async def test_the_phones_of_the_lifeboat_ring_for_the_caller(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await untold(hotline).dials("1567", at=hotline.sip)
    await somsri.comes_to_hear(somchai.voice, within=6)
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=5)
    record = await hotline.record(somsri)
    assert (record["line"], record["outcome"]) == ("1567", "answered")


async def test_the_service_is_not_asked_again_after_each_turn_of_the_phones(
    hotline: Hotline,
) -> None:
    await hotline.operator("somchai")  # the phone rings, and nobody answers
    somsri = await untold(hotline).dials("1567", at=hotline.sip)
    await until(lambda: len(hotline.phones["somchai"].calls) > 1, within=60)
    assert await hotline.api.metric("hotline_ari_events_unusable_total", kind="untold") >= 1
    somsri.hang_up()


async def test_the_service_connects_again_while_such_a_caller_is_there(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    strange = await untold(hotline).dials("1567", at=hotline.sip)
    await strange.comes_to_hear(somchai.voice, within=6)
    malee = await hotline.calls("1567")
    await malee.comes_to_hear("music", within=3)
    connects = await hotline.api.metric("hotline_ari_connects_total")
    hotline.wire.cut()

    async def is_connected_again() -> bool:
        return await hotline.api.metric("hotline_ari_connects_total") > connects

    await until(is_connected_again, within=8)
    strange.hang_up()
    await malee.comes_to_hear(somchai.voice, within=20)


LOW = "".join(map(chr, {*range(1, 0x80)} - {ord(c) for c in '\r\n"\\'}))
HIGH = "".join(chr(0xDC00 + byte) for byte in range(0x80, 0x100))  # raw bytes: no UTF-8
ENCODED = "".join(f"%{byte:02X}" for byte in range(1, 0x100))
QUOTED = f'"{LOW}{HIGH}" <sip:0812345678@127.0.0.1>'
HEADERS = ("User-Agent", "Subject", "P-Asserted-Identity", "Remote-Party-ID", "Diversion")
"""What no URI or header may hold is no SIP any more, and Asterisk drops it: a line end, a quote
inside of quotes, a raw byte in a URI."""


async def test_every_byte_in_every_header_is_served(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    people = {
        "a Call-ID of ASCII": hotline.caller(call_id=LOW.replace(" ", "") + token()),
        "a Call-ID of all bytes": hotline.caller(call_id=LOW.replace(" ", "") + HIGH + token()),
        "a From name": hotline.caller(from_header=QUOTED),
        "a From user": hotline.caller(from_header=f"<sip:{ENCODED}@127.0.0.1>"),
        **{name: hotline.caller() for name in HEADERS},
    }
    for number, (what, somsri) in enumerate(people.items(), start=1):
        headers = ((what, QUOTED),) if what in HEADERS else ()
        await somsri.dials("1567", at=hotline.sip, headers=headers)
        await somsri.comes_to_hear(somchai.voice, within=6)
        somsri.hang_up()
        await until(lambda: somchai.now is None, within=5)
        await hotline.api.is_in("somchai", "available", within=5)
        assert len(somchai.calls) == number, what


async def test_every_byte_in_the_dialled_number_is_answered(hotline: Hotline) -> None:
    somsri = await hotline.caller().dials(ENCODED, at=hotline.sip)
    await somsri.is_gone(within=20)
    assert (await hotline.record(somsri))["reason"] == "unknown_number"
