"""A Call-ID with bytes that are no UTF-8: Asterisk can tell the service nothing of the caller's
channel, and the caller comes again by another one."""

import asyncio
from typing import Any

import pytest

from tests.hotline import Hotline
from tests.people import OperatorPhone, until
from tests.people.caller import Caller
from tests.people.phone import answers
from tests.people.phone_call import PhoneCall
from tests.people.sip_message import token
from tests.people.talk import talk_for


def untold(hotline: Hotline, **how: Any) -> Caller:
    return hotline.caller(call_id=f"a\udcff\udcfe{token()}", **how)


async def test_such_a_caller_is_served_as_any_other(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await untold(hotline).dials("1567", at=hotline.sip)
    call = await somchai.is_rung(within=6)
    await somsri.comes_to_hear(somchai.voice, within=6)
    await somchai.comes_to_hear(somsri.voice, within=3)
    waited = call.up_at - somsri.answered_at
    await talk_for(2)
    heard = somsri.heard(somsri.answered_at)
    assert heard.longest_gap_seconds < 1, f"dead air: {heard}"
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=5)
    record = await hotline.record(somsri)
    assert (record["line"], record["outcome"]) == ("1567", "answered")
    assert (record["via"], record["operator"]) == ("service", "somchai")
    assert record["wait_seconds"] == pytest.approx(waited, abs=1.5), "from the arrival on"
    assert record["ended_by"] == "caller"


async def test_nobody_is_rung_twice_for_such_callers(hotline: Hotline) -> None:
    """The lifeboat's queue would ring a phone that the service rings, too."""

    def talks(phone: OperatorPhone, call: PhoneCall) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.3, call.answer)
        loop.call_later(1.0, call.hang_up)

    phones = [await hotline.operator(name, habit=talks) for name in ("somchai", "preeda")]
    people = [await untold(hotline).dials("1567", at=hotline.sip) for _ in range(5)]
    people += [await hotline.calls("1567") for _ in range(10)]
    await until(lambda: all(caller.is_over for caller in people), within=40)
    assert [phone.rang_while_busy for phone in phones] == [0, 0]
    assert sum(len(phone.calls) for phone in phones) == len(people)


async def test_such_a_caller_waits_in_line(hotline: Hotline) -> None:
    """In the place of the arrival, and gone from it with the receiver down."""
    await hotline.operator("somchai")
    await hotline.pause("somchai")
    somsri = await untold(hotline).dials("1567", at=hotline.sip)
    await somsri.is_answered()
    malee = await hotline.calls("1567")
    await hotline.in_line("damrong", somsri, malee, within=10)
    assert await hotline.api.metric("hotline_ari_events_unusable_total", kind="untold") >= 1
    somsri.hang_up()
    await hotline.in_line("damrong", malee)
    record = await hotline.record(somsri)
    assert record["outcome"].startswith("abandoned"), record


async def test_no_phone_is_rung_for_one_who_does_not_acknowledge(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ghost = untold(hotline, acknowledges_after=None)
    await ghost.dials("1567", at=hotline.sip)
    await ghost.is_answered()
    await ghost.is_gone(within=33)
    assert not somchai.calls, "rung for nobody"
    record = await hotline.record(ghost, within=10)
    assert (record["line"], record["outcome"]) == ("1567", "failed")


async def test_such_a_caller_keeps_the_place_when_the_service_is_killed(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await hotline.pause("somchai")
    somsri = await untold(hotline).dials("1567", at=hotline.sip)
    await somsri.is_answered()
    malee = await hotline.calls("1567")
    await hotline.in_line("damrong", somsri, malee, within=10)
    await hotline.service.kills()
    await hotline.service.starts()
    await hotline.in_line("damrong", somsri, malee, within=10)
    await hotline.resume("somchai")
    await somsri.comes_to_hear(somchai.voice, within=10)


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
