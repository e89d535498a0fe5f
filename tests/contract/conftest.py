"""Every contract test runs twice: with the fake, and with a real Asterisk."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.contract.bench import PHONES, Bench, FakeBench, real_bench
from tests.contract.observer import Observer
from tests.fake_asterisk.model import Model
from tests.fake_asterisk.parts import PASSWORD, Timing
from tests.fake_asterisk.server import FakeServer
from tests.parts import PrivateAsterisk

SIP_PORT, HTTP_PORT, RTP_PORT = 15170, 18190, 21200
TURN_SECONDS = 3


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    asterisk = PrivateAsterisk(
        tmp_path_factory.mktemp("asterisk"),
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_port_first=RTP_PORT,
        ari_password=PASSWORD,  # the names of phones are made from it, also in the fake
        lifeboat_retry_seconds=8,  # enough time to see who waits there
        lifeboat_turn_seconds=TURN_SECONDS,
        lifeboat_ring_seconds=TURN_SECONDS,
    )
    asterisk.write_operators(PHONES)
    with asterisk:
        yield asterisk


@pytest.fixture(params=["fake", "real"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    if request.param == "fake":
        timing = Timing(lifeboat_turn=TURN_SECONDS)
        async with FakeServer(Model(timing=timing)) as fake:
            yield FakeBench(fake)
    else:
        asterisk: PrivateAsterisk = request.getfixturevalue("real")
        if asterisk.ended():  # it crashed in an earlier test, which has failed for that
            asterisk.start()
        async with real_bench(asterisk) as bench:
            yield bench


@pytest.fixture
async def ari(bench: Bench) -> AsyncIterator[Observer]:
    """Connected, and alive for the dial plan. Nothing may be left over at the end."""
    async with Observer(bench.access) as observer:
        await observer.beat()
        yield observer
        await observer.clear_away()
