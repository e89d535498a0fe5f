"""Callbacks through a carrier whose switch is a second Asterisk, Debian's."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.callback.test_callback import asks_from
from tests.hotline import Hotline, Shared
from tests.hotline.carrier import CITIZEN_VOICE, CarrierAsterisk
from tests.people import until
from tests.people.phone import answers
from tests.people.talk import talk_for

CARRIER_PORT = 17_700


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    """One whose callbacks go to this carrier."""
    own = Shared(lambda: Hotline(callback_contact=f"sip:127.0.0.1:{CARRIER_PORT}"))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    """It may call back mobile numbers."""
    async with own.lent() as hotline:
        hotline.site.callbacks = 'prefixes = ["08"]\n'
        await hotline.rules("damrong", callback_after_seconds=1)
        yield hotline


@pytest.mark.parametrize(
    ("codec", "number"),
    [
        ("ulaw", "0811114401"),
        ("g722", "0811114402"),
        ("opus", "0811114403"),
        ("gsm", "0811114404"),
    ],
)
async def test_a_carrier_that_knows_one_codec_alone(
    hotline: Hotline, codec: str, number: str
) -> None:
    """The key at the check is known, and both hear each other."""
    with CarrierAsterisk(
        hotline.directory / f"carrier-{codec}",
        sip_port=CARRIER_PORT,
        rtp_port_first=hotline.slot.carrier_rtp,
        hotline=hotline.sip,
        codec=codec,
    ) as carrier:
        ada = await asks_from(hotline, number)
        somchai = await hotline.operator("somchai", habit=answers(0.1))
        await somchai.is_rung(within=30)
        await somchai.comes_to_hear(CITIZEN_VOICE, within=10)
        await talk_for(2.0)
        somchai.hang_up()
        record = await hotline.record(ada, within=10)
        await until(lambda: carrier.recorded_seconds(somchai.voice) > 1, within=10)
    assert (record["outcome"], record["callback_result"]) == ("answered", "answered")
    assert record["callback_tries"] == 1
