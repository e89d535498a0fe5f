"""The carrier's line is cut and mended; the supervisor is told. Nothing is told that nobody knows.

A real Asterisk asks a carrier's switch (OPTIONS) that goes away; the service, /metrics and a real
Prometheus with the rule TrunkDown say so. Beside it a hotline whose carrier nobody asks.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from callcenter.hosting.children import quiet
from callcenter.hosting.prometheus import Prometheus
from callcenter.hosting.prometheus_programs import obtain_prometheus
from callcenter.ports.phones import in_domain
from tests.hotline import Hotline, Shared
from tests.integration.oversight.pages import quick
from tests.integration.oversight.prometheus_client_side import Asking
from tests.people import until
from tests.people.carrier import Carrier
from tests.people.stranger import Stranger

CARRIER_PORT, PROMETHEUS_PORT = 15660, 15661
NOTICED_SECONDS = 20  # asked every 1 s, given up after 3 s, looked at every 10 s, on a busy machine
TRUNK = frozenset({("trunk", "trunk")})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def carrier() -> AsyncIterator[Carrier]:
    carrier = await Carrier(CARRIER_PORT).comes_back()
    yield carrier
    carrier.goes_away()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(carrier: Carrier) -> AsyncIterator[Shared]:
    """A hotline that asks its carrier every second."""
    own = Shared(lambda: Hotline(trunk_contacts=(carrier.contact,), trunk_ask_seconds=1))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def asked(own: Shared) -> AsyncIterator[Hotline]:
    async with own.lent() as hotline:
        yield hotline


@pytest.fixture
def asking(asked: Hotline, tmp_path: Path) -> Iterator[Asking]:
    """A Prometheus that looks every second, whose TrunkDown waits two seconds, not a minute."""
    configuration = quick(tmp_path / "configuration")
    rules = configuration / "rules" / "concern_2_reachability.yml"
    text = rules.read_text()
    before, down, after = text.partition("expr: hotline_trunk_up == 0\n        for: 1m\n")
    assert down, "TrunkDown is another rule now"
    rules.write_text(before + down.replace("1m", "2s") + after)
    prometheus = Prometheus(
        programs=obtain_prometheus(quiet),
        directory=tmp_path / "prometheus",
        configuration=configuration,
        targets=[asked.api.url.removeprefix("http://")],
        port=PROMETHEUS_PORT,
    )
    try:
        yield Asking(prometheus.start())
    finally:
        prometheus.stop()


async def says(hotline: Hotline, up: float | None) -> None:
    """Wait until /metrics says this of the trunk; None: nothing."""

    async def so() -> bool:
        return (await hotline.api.metrics()).get(("hotline_trunk_up", TRUNK)) == up

    await until(so, within=NOTICED_SECONDS)


async def firing(asking: Asking) -> set[str]:
    """Names of the alerts that fire for this trunk."""
    alerts = (await asyncio.to_thread(asking.get, "alerts"))["alerts"]
    return {
        alert["labels"]["alertname"]
        for alert in alerts
        if alert["state"] == "firing" and alert["labels"].get("trunk") == "trunk"
    }


async def test_the_line_is_cut_and_mended(asked: Hotline, carrier: Carrier, asking: Asking) -> None:
    async def calm() -> bool:
        return await firing(asking) == set()

    async def down() -> bool:
        return await firing(asking) == {"TrunkDown"}

    await says(asked, 1)
    await until(calm, within=NOTICED_SECONDS)

    carrier.goes_away()
    await says(asked, 0)
    await until(down, within=NOTICED_SECONDS)

    await carrier.comes_back()
    await says(asked, 1)
    await until(calm, within=NOTICED_SECONDS)


async def test_without_asterisk_nothing_is_known_of_the_trunk(asked: Hotline) -> None:
    await says(asked, 1)
    asked.asterisk.kill()
    await says(asked, None)
    asked.asterisk.start()
    await says(asked, 1)


async def test_calls_on_the_trunk_are_counted_and_the_rest_is_not_made_up(hotline: Hotline) -> None:
    somsri = await hotline.calls("1567")
    wichai = await hotline.calls("1111")

    async def in_use() -> float | None:
        page = await hotline.api.metrics()
        return page.get(("hotline_trunk_channels", TRUNK | {("kind", "in_use")}))

    async def two() -> bool:
        return await in_use() == 2

    async def none() -> bool:
        return await in_use() == 0

    await until(two, within=NOTICED_SECONDS)
    assert await hotline.api.metric("hotline_trunk_channels", trunk="trunk", kind="limit") == 30
    somsri.hang_up()
    wichai.hang_up()
    await until(none, within=NOTICED_SECONDS)
    # Asterisk calls this endpoint "offline", although calls come in: nobody asks the carrier.
    endpoint = hotline.asterisk.get(f"/endpoints/PJSIP/trunk@{hotline.asterisk.domain}")
    assert f"{endpoint['state']}" == "offline"
    assert ("hotline_trunk_up", TRUNK) not in await hotline.api.metrics()


async def test_a_carrier_that_is_asked_cannot_be_called(asked: Hotline, carrier: Carrier) -> None:
    """Neither by the trunk nor by the endpoint that is asked, whatever in Asterisk may try."""
    settings = asked.asterisk.settings
    allowed = aiohttp.encode_basic_auth(settings.ari_user, settings.ari_password)
    places = [
        in_domain(f"PJSIP/{name}", asked.asterisk.domain) for name in ("trunk", "asked-trunk")
    ]
    at_carrier = f"sip:0044@127.0.0.1:{carrier.port}"
    async with aiohttp.ClientSession(headers={"Authorization": allowed}) as ari:
        for target in (*places, *(f"{place}/{at_carrier}" for place in places)):
            body = {"endpoint": target, "extension": "s", "context": "polite-end", "timeout": 2}
            for formats in ({}, {"formats": "alaw"}, {"formats": "h264"}):
                await ari.post(f"{asked.asterisk.ari_url}/channels", json=body | formats)
    # It is asked after that: what was sent before would have arrived.
    asked_before = carrier.asked
    await until(lambda: carrier.asked >= asked_before + 2, within=NOTICED_SECONDS)
    assert carrier.called == 0
    await asked.quiet()


async def test_nobody_registers_as_the_trunk(asked: Hotline) -> None:
    neighbour = await Stranger.at("127.0.0.1", to=asked.sip)
    for as_user in ("trunk", "asked-trunk", "somebody"):
        for to in ("trunk", "asked-trunk"):
            assert await neighbour.asks("REGISTER", to, as_user=as_user) in (401, 403, 404)
    neighbour.close()
