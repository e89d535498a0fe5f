"""Calls that Asterisk refuses before the dial plan are counted, and nothing else is."""

from collections.abc import Awaitable, Callable

import pytest

from tests.acceptance.strange_callers.test_offers import REFUSED
from tests.hotline import Hotline
from tests.people import until
from tests.people.dialog import Dialog
from tests.people.phone import refuses
from tests.people.sip_message import Message, address_of, speech_offer, token
from tests.people.sip_wire import SipWire
from tests.people.stranger import Stranger

KINDS = {488: "media", 422: "session_timer", 420: "extension", 404: "number"}
SERIES = "hotline_trunk_refused_total"
G729 = REFUSED["G.729 alone"][0]


async def refused(hotline: Hotline, **labels: str) -> float:
    return await hotline.api.metric(SERIES, **labels)


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
async def test_a_refused_call_is_counted_by_what_was_wrong(
    hotline: Hotline, case: tuple[str, tuple[tuple[str, str], ...], int]
) -> None:
    offer, headers, status = case
    all_before = await refused(hotline)
    before = await refused(hotline, status="4xx", kind=KINDS[status])
    somsri = await hotline.caller().dials("1567", at=hotline.sip, headers=headers, offer=offer)
    await somsri.is_gone(within=5)

    async def counted() -> bool:
        return await refused(hotline, status="4xx", kind=KINDS[status]) == before + 1

    await until(counted, within=15)
    assert await refused(hotline) == all_before + 1


class RawCaller:
    """INVITEs of one Call-ID from the trunk's address, in whatever order."""

    def __init__(self, wire: SipWire, hotline: Hotline) -> None:
        self._wire = wire
        self._target = f"sip:1567@127.0.0.1:{hotline.sip[1]}"
        ours = f"<sip:0812345678@127.0.0.1>;tag={token()}"
        self._dialog = Dialog(wire, token(), ours, f"<{self._target}>", self._target, number=0)
        self.statuses: list[int] = []

    async def asks(
        self, number: int, *headers: tuple[str, str], offer: str = "", waits: bool = True
    ) -> int:
        invite = self._dialog.request("INVITE", number)
        invite.headers += [*headers, ("Content-Type", "application/sdp")]
        invite.body = offer or speech_offer("127.0.0.1", 26998)
        seen = len(self.statuses)
        self._wire.ask(invite, self._on_answer)
        if not waits:
            return 0
        await until(lambda: len(self.statuses) > seen, within=10)
        return self.statuses[-1]

    def _on_answer(self, answer: Message) -> None:
        if answer.status < 200:
            return
        self.statuses.append(answer.status)
        if answer.status < 300:
            number = int(answer.get("cseq").split()[0])
            self._dialog.theirs = answer.get("to")
            self._dialog.target = address_of(answer.get("contact"))
            self._wire.tell(self._dialog.request("ACK", number))

    def hang_up(self, number: int) -> None:
        self._wire.ask(self._dialog.request("BYE", number), lambda _answer: None)


async def raw(hotline: Hotline) -> tuple[SipWire, RawCaller]:
    wire = await SipWire.open(hotline.sip, lambda _request: None, address="127.0.0.1")
    return wire, RawCaller(wire, hotline)


async def a_copy_that_came_by_another_way(hotline: Hotline) -> None:
    wire, caller = await raw(hotline)
    await caller.asks(1, waits=False)
    await caller.asks(1, waits=False)
    await until(lambda: sorted(caller.statuses) == [200, 480], within=10)
    caller.hang_up(2)
    await hotline.quiet()
    wire.close()


async def another_codec_in_the_middle_of_a_call(hotline: Hotline) -> None:
    wire, caller = await raw(hotline)
    assert await caller.asks(1) == 200
    assert await caller.asks(2, offer=G729.replace("{port}", "26998")) == 488
    caller.hang_up(3)
    await hotline.quiet()
    wire.close()


async def a_session_timer_that_is_corrected(hotline: Hotline) -> None:
    wire, caller = await raw(hotline)
    assert await caller.asks(1, ("Supported", "timer"), ("Session-Expires", "60")) == 422
    assert await caller.asks(2, ("Supported", "timer"), ("Session-Expires", "1800")) == 200
    caller.hang_up(3)
    await hotline.quiet()
    wire.close()


async def an_operator_who_declines(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=refuses(486, "Busy Here"))
    somsri = await hotline.calls("1567")
    await until(lambda: somchai.calls, within=5)
    somsri.hang_up()
    await hotline.quiet()


async def a_stranger(hotline: Hotline) -> None:
    stranger = await Stranger.at("127.0.0.9", to=hotline.sip)
    assert await stranger.asks("INVITE", "1567", as_user="stranger") == 401
    stranger.close()


async def who_hangs_up_before_the_answer(hotline: Hotline) -> None:
    somsri = await hotline.caller().dials("1567", at=hotline.sip)
    await until(lambda: somsri.status >= 100, within=5)
    somsri.hang_up()
    await somsri.is_gone(within=5)
    await hotline.quiet()


@pytest.mark.parametrize(
    "happens",
    [
        a_copy_that_came_by_another_way,
        another_codec_in_the_middle_of_a_call,
        a_session_timer_that_is_corrected,
        an_operator_who_declines,
        a_stranger,
        who_hangs_up_before_the_answer,
    ],
)
async def test_what_is_no_refused_call_is_not_counted(
    hotline: Hotline, happens: Callable[[Hotline], Awaitable[None]]
) -> None:
    """A call that is refused afterwards is counted after whatever was before it."""
    before = await refused(hotline)
    await happens(hotline)
    somsri = await hotline.caller().dials("1567", at=hotline.sip, offer=G729)
    await somsri.is_gone(within=5)

    async def counted() -> bool:
        return await refused(hotline) > before

    await until(counted, within=15)
    assert await refused(hotline) == before + 1
