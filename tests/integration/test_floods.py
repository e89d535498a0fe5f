"""Calls without end from one address, whose answers nobody acknowledges: the others are served."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts import PrivateAsterisk
from tests.people import Caller, until
from tests.people.sip_message import Message
from tests.people.stranger import Stranger

SIP_PORT, HTTP_PORT, RTP_PORT = 15078, 18105, 21400
PAIRS = 40  # of RTP ports, so that 30 callers are let in, and 22 of one address


@pytest.fixture
def asterisk(tmp_path: Path) -> Iterator[PrivateAsterisk]:
    own = PrivateAsterisk(
        tmp_path / "asterisk",
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_port_first=RTP_PORT,
        rtp_port_last=RTP_PORT + 2 * PAIRS - 1,
        trunks=("127.0.0.1", "127.0.0.9"),
        lifeboat_retries=1,
        lifeboat_turn_seconds=60,
    )
    own.write_operators({})
    with own:
        yield own


def rtp_sockets() -> int:
    sockets = [line.split()[1] for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    ports = [int(place.split(":")[1], 16) for place in sockets]
    return sum(RTP_PORT <= port < RTP_PORT + 2 * PAIRS for port in ports)


def answered(flood: Stranger) -> dict[str, int]:
    """The first final answer to each call."""
    first: dict[str, int] = {}
    for answer in flood.answers:
        if answer.status >= 200 and "INVITE" in answer.get("CSeq"):
            first.setdefault(answer.get("Call-ID"), answer.status)
    return first


async def pours(flood: Stranger, calls: int) -> list[Message]:
    invites = [flood.request("INVITE", "1567", as_user=f"08999{n:05}") for n in range(calls)]
    for invite in invites:
        flood.send(invite.encoded())
        await asyncio.sleep(0.02)
    await until(lambda: len(answered(flood)) >= calls, within=20)
    return invites


async def test_a_flood_from_one_address_leaves_room_for_callers_and_operators(
    asterisk: PrivateAsterisk,
) -> None:
    flood = await Stranger.at("127.0.0.9", to=("127.0.0.1", SIP_PORT))
    invites = await pours(flood, 60)
    let_in = [status for status in answered(flood).values() if status == 200]
    assert len(let_in) <= 22 and set(answered(flood).values()) == {200, 503}
    good = [
        await Caller(number=f"081234567{n}").dials("1567", at=("127.0.0.1", SIP_PORT))
        for n in range(5)
    ]
    for caller in good:
        await caller.is_answered()
    assert rtp_sockets() <= 2 * (PAIRS - 10), "ten pairs are kept for operators"
    assert {invite.get("Call-ID") for invite in invites} == answered(flood).keys()
    await until(lambda: asterisk.channels() == len(good), within=60)
    # What nobody acknowledges is gone, with its ports.
    await until(lambda: rtp_sockets() == 2 * len(good), within=10)
    for caller in good:
        caller.hang_up()
    await until(lambda: asterisk.channels() == 0, within=10)
    for caller in good:
        caller.close()
    flood.close()

    def listed() -> list[str]:
        rows = asterisk.ledger.read_text().splitlines()
        return [row for row in rows if "/1567/" in row]

    await until(lambda: len(listed()) >= len(let_in) + len(good), within=10)
    assert len(listed()) == len(let_in) + len(good), "who is refused is nobody's call there"
