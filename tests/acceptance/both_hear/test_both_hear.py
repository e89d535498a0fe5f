"""Somsri and Somchai hear each other, whatever the carrier's switch does with the sound.

The switch is Debian's Asterisk, which drops sound for minutes when the numbers of the packets jump
by more than 32,768 (tests/hotline/carrier.py). A jump that is told here is larger than that, so a
bridge that passes it on is found out by one call.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hotline import Hotline
from tests.hotline.carrier import SUBSCRIBERS, CarrierAsterisk
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.ear import Ear
from tests.people.phone import answers
from tests.people.sound import ULAW, Jump

BACK = Jump(numbers=40_000)  # modulo 65,536: 25,536 steps back
JUMPS = {
    "numbers": BACK,
    "time goes on": Jump(samples=1_000_000_000),
    "time goes back": Jump(samples=-1_000_000_000),
    "another source": Jump(new_source=True),
    "another port": Jump(new_port=True),
    "another gateway": Jump(numbers=40_000, samples=-123_456_789, new_source=True, new_port=True),
}
SPOKEN_SECONDS = 0.3


@pytest_asyncio.fixture(loop_scope="session")
async def carrier(hotline: Hotline) -> AsyncIterator[CarrierAsterisk]:
    """The switch between the callers and this hotline."""
    carrier = CarrierAsterisk(
        hotline.directory / "carrier",
        sip_port=hotline.slot.carrier_sip,
        rtp_port_first=hotline.slot.carrier_rtp,
        hotline=hotline.sip,
    )
    with carrier:
        yield carrier


async def calls_through(carrier: CarrierAsterisk, hotline: Hotline, did: str = "1567") -> Caller:
    """Somebody whose sound the switch transcodes."""
    caller = hotline.caller(address=SUBSCRIBERS, codec=ULAW)
    await caller.dials(did, at=carrier.sip)
    return await caller.is_answered()


async def hear_each_other(caller: Caller, phone: OperatorPhone, since: float) -> None:
    """What was said after `since` comes to both ears."""
    talk = await phone.is_talking()
    await until(lambda: _heard(caller.ear, phone.voice, since), within=2)
    await until(lambda: _heard(talk.ear, caller.voice, since), within=2)


def _heard(ear: Ear, voice: int, since: float) -> bool:
    heard = ear.heard(since, max(since, ear.listened_until))
    return heard.share(voice) * heard.seconds >= SPOKEN_SECONDS


async def change_and_hear(caller: Caller, phone: OperatorPhone, jump: Jump = BACK) -> None:
    """The operator's sound goes on as another stream, and is heard."""
    (await phone.is_talking()).jump(jump)
    await hear_each_other(caller, phone, now())


async def test_a_carrier_that_transcodes_and_records(
    hotline: Hotline, carrier: CarrierAsterisk
) -> None:
    somsri = await calls_through(carrier, hotline, "91567")
    await somsri.comes_to_hear("music", within=5)
    somchai = await hotline.operator("somchai", habit=answers(0.2))
    talk = await somchai.is_talking()
    await hear_each_other(somsri, somchai, talk.answered_at)
    await change_and_hear(somsri, somchai)

    talk.hold()
    await somsri.comes_to_hear("music", within=3)
    talk.take_back()
    await somsri.comes_to_hear(somchai.voice, within=3)
    await hear_each_other(somsri, somchai, now())
    await change_and_hear(somsri, somchai)
    somsri.hang_up()
    await until(lambda: carrier.recorded_seconds(somchai.voice) > 1, within=5)


async def test_one_caller_after_the_other_on_an_open_line(
    hotline: Hotline, carrier: CarrierAsterisk
) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=True)
    await hotline.api.is_in("somchai", "available", within=5)
    for _ in range(2):
        caller = await calls_through(carrier, hotline)
        await hear_each_other(caller, somchai, caller.answered_at)
        await change_and_hear(caller, somchai)
        caller.hang_up()
        await hotline.api.is_in("somchai", "available", within=5)


async def test_each_caller_on_an_open_line_is_a_new_source(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=True)
    await hotline.api.is_in("somchai", "available", within=5)
    for _ in range(3):  # their time stamps begin anywhere, as a carrier's do
        caller = await hotline.calls("1567")
        await hear_each_other(caller, somchai, caller.answered_at)
        caller.hang_up()
        await hotline.api.is_in("somchai", "available", within=5)
    ear = (await somchai.is_talking()).ear
    assert len({head.source for head in ear.heads}) >= 3
    assert ear.leaps() == []


async def test_a_caller_nobody_here_wrote(hotline: Hotline) -> None:
    """SIPp sends back what it hears: the operator's own voice has gone both ways."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    here = ["-i", "127.0.0.1", "-p", str(hotline.slot.carrier_sip)]
    sound = ["-mp", str(hotline.slot.carrier_rtp), "-rtp_echo"]
    who = ["-sn", "uac", "-s", "1567", "-m", "3", "-l", "1", "-d", "3000", "-nostdin"]
    sipp = await asyncio.create_subprocess_exec(
        *("sipp", *who, *here, *sound, "{}:{}".format(*hotline.sip), "-timeout", "60"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=hotline.directory,
    )
    for number in (1, 2, 3):
        await until(lambda: len(somchai.calls) == number, within=10)  # noqa: B023
        talk = await somchai.is_talking()
        await until(lambda: _heard(talk.ear, somchai.voice, talk.up_at), within=2)  # noqa: B023
        await talk.is_done(within=10)
    assert await asyncio.wait_for(sipp.wait(), 60) == 0


async def test_in_the_lifeboat(hotline: Hotline, carrier: CarrierAsterisk) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.2))
    await hotline.service_is_gone()
    somsri = await calls_through(carrier, hotline)
    await until(lambda: somchai.talks, within=15)
    await hear_each_other(somsri, somchai, now())
    await change_and_hear(somsri, somchai)
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=3)
    await hotline.service.starts()


@pytest.mark.parametrize("open_line", [False, True], ids=["ringing", "open line"])
async def test_either_stream_changes_in_mid_talk(hotline: Hotline, open_line: bool) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=open_line)
    if open_line:
        await hotline.api.is_in("somchai", "available", within=5)
    somsri = await hotline.calls("1567")
    await hear_each_other(somsri, somchai, now())
    talk = await somchai.is_talking()
    for what, jump in JUMPS.items():
        for who, person in (("caller", somsri), ("operator", talk)):
            person.jump(jump)
            try:
                await hear_each_other(somsri, somchai, now())
            except AssertionError as error:
                raise AssertionError(f"{what} of the {who}'s stream") from error
