"""One caller is one call: an INVITE that came by two ways, an answer that nobody acknowledges."""

import asyncio
import csv
import time
from collections.abc import Iterator

import pytest

from tests.integration.plain_ari import PlainAri
from tests.parts import PrivateAsterisk
from tests.people import until
from tests.people.dialog import Dialog
from tests.people.sip_message import Message, address_of, speech_offer, token
from tests.people.sip_wire import SipWire

SIP_PORT, HTTP_PORT, RTP_PORT = 15074, 18101, 21600
GONE_SECONDS = 33  # RFC 3261 gives an answer without ACK 32 s


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    folder = tmp_path_factory.mktemp("asterisk")
    with PrivateAsterisk(
        folder, sip_port=SIP_PORT, http_port=HTTP_PORT, rtp_port_first=RTP_PORT
    ) as own:
        yield own


class Ways:
    """The ways (branches) on which one and the same INVITE comes, and what each was answered."""

    def __init__(self, wire: SipWire, *, acknowledges: bool = True) -> None:
        self._wire = wire
        self._acknowledges = acknowledges
        target = f"sip:1567@127.0.0.1:{SIP_PORT}"
        ours = f"<sip:0812345678@127.0.0.1>;tag={token()}"
        self._dialog = Dialog(wire, token(), ours, f"<{target}>", target, number=0)
        self.statuses: list[int] = []

    def send(self) -> None:
        """One more copy."""
        invite = self._dialog.request("INVITE", 1)
        invite.headers.append(("Content-Type", "application/sdp"))
        invite.body = speech_offer("127.0.0.1", 26998)
        self._wire.ask(invite, self._on_answer)

    def _on_answer(self, answer: Message) -> None:
        if answer.status < 200:
            return
        self.statuses.append(answer.status)
        if answer.status < 300 and self._acknowledges:
            self._dialog.theirs, self._dialog.target = (
                answer.get("to"),
                address_of(answer.get("contact")),
            )
            self._wire.tell(self._dialog.request("ACK", 1))

    def is_answered(self) -> bool:
        return self.statuses == [200]

    def hang_up(self) -> None:
        self._dialog.number = 1
        self._wire.ask(self._dialog.request("BYE"), lambda _answer: None)


async def opened() -> SipWire:
    return await SipWire.open(("127.0.0.1", SIP_PORT), lambda _request: None, address="127.0.0.1")


@pytest.mark.parametrize("apart", [0.0, 0.001, 0.01, 0.3])
@pytest.mark.parametrize("copies", [2, 4])
async def test_copies_of_an_invite_are_one_call(
    asterisk: PrivateAsterisk, copies: int, apart: float
) -> None:
    async with PlainAri(asterisk) as ari:
        await ari.serve()
        wire = await opened()
        before = len(callers(asterisk))
        ways = Ways(wire)
        for _ in range(copies):
            ways.send()
            await asyncio.sleep(apart)
        await until(lambda: len(ways.statuses) >= copies, within=10)
        assert ways.statuses.count(200) == 1
        assert not [status for status in ways.statuses if status >= 600], "would end them all"
        await ari.event("StasisStart")
        assert asterisk.channels() == 1
        ways.hang_up()
        await until(lambda: asterisk.channels() == 0, within=10)
        await until(lambda: len(callers(asterisk)) > before, within=10)
        assert len(callers(asterisk)) == before + 1
        wire.close()


async def test_the_same_call_id_of_another_caller_is_another_call(
    asterisk: PrivateAsterisk,
) -> None:
    async with PlainAri(asterisk) as ari:
        await ari.serve()
        wire = await opened()
        one, other = Ways(wire), Ways(wire)
        other._dialog.call_id = one._dialog.call_id
        for ways in (one, other):
            ways.send()
            await until(ways.is_answered, within=10)
        assert asterisk.channels() == 2
        for ways in (one, other):
            ways.hang_up()
        await until(lambda: asterisk.channels() == 0, within=10)
        wire.close()


async def test_a_call_whose_answer_nobody_acknowledges_is_gone_in_time(
    asterisk: PrivateAsterisk,
) -> None:
    wire = await opened()
    ways = Ways(wire, acknowledges=False)
    ways.send()
    await until(lambda: 200 in ways.statuses, within=10)
    answered_at = time.monotonic()
    wire.close()  # nothing is answered any more, BYE neither
    await until(lambda: asterisk.channels() == 0, within=GONE_SECONDS + 20)
    assert time.monotonic() - answered_at < GONE_SECONDS


def callers(asterisk: PrivateAsterisk) -> list[str]:
    """The account codes of callers' rows in the ledger."""
    if not asterisk.ledger.exists():
        return []
    with asterisk.ledger.open(newline="") as file:
        return [row[9] for row in csv.reader(file) if row[9]]
