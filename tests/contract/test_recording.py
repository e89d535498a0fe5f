"""A talk is recorded, each side by itself: with the fake and with the real one."""

import asyncio
import re

from callcenter.ari.spool import AsteriskSounds
from callcenter.core.commands import Record, Silence, Tap, ToAsterisk
from callcenter.core.legs import RecorderLeg, Side, channel_of
from tests.contract.bench import CALLER_TONE, OPERATOR_TONE, Bench, FakeBench
from tests.contract.observer import Observer, carry_out, hang_up
from tests.contract.test_calls import arrives, talks
from tests.contract.test_listening import done
from tests.legs import caller_leg, recorder_leg
from tests.people.tones import level
from tests.people.until import until

SIDES = (Side.CALLER, Side.OPERATOR)
SECOND = 8000


def legs(call: str) -> list[RecorderLeg]:
    return [recorder_leg(call, 1, side) for side in SIDES]


async def each(ari: Observer, commands: list[ToAsterisk], *told: str) -> None:
    for command in commands:
        await done(ari, command)
    for kind in told:
        for command in commands:
            assert isinstance(command, Tap | Record | Silence)
            await ari.wait_for((kind, channel_of(command.leg)))


async def is_recorded(ari: Observer, call: str) -> None:
    """Record the call, with the requests in the engine's order."""
    taps: list[ToAsterisk] = [Tap(lane=leg, leg=leg, of=caller_leg(call)) for leg in legs(call)]
    await each(ari, taps, "StasisStart")
    await each(ari, [Record(lane=leg, leg=leg) for leg in legs(call)], "RecordingStarted")


async def silent(ari: Observer, call: str, *, on: bool) -> None:
    await each(ari, [Silence(lane=leg, leg=leg, on=on) for leg in legs(call)])


async def sound_of(bench: Bench, leg: RecorderLeg) -> bytes:
    """The recorded sound, from the real one."""
    pieces = AsteriskSounds(bench.access).pieces(leg)
    return b"".join([piece async for piece in pieces])


def pieces(sound: bytes, mine: float, other: float) -> str:
    """Each tenth of a second: V this voice, - silence, x the other's voice, ? something else."""
    told = ""
    for start in range(0, len(sound) - SECOND // 10, SECOND // 10):
        piece = sound[start : start + SECOND // 10]
        loud = level(piece, mine)
        if level(piece, other) > 0.05:
            told += "x"
        else:
            told += "V" if loud > 0.1 else "-" if loud < 0.001 else "?"
    return told


async def test_both_sides_are_kept_until_the_caller_goes(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    await talks(bench, ari, call)
    caller.speak()
    await caller.hears("operator")
    await is_recorded(ari, call)
    await asyncio.sleep(1.5)
    await silent(ari, call, on=True)
    await asyncio.sleep(1.5)
    await silent(ari, call, on=False)
    await asyncio.sleep(1.5)
    await caller.hears("operator")
    caller.hang_up()
    for leg in legs(call):
        await ari.wait_for(("RecordingFinished", channel_of(leg)))
        await ari.wait_for(("StasisEnd", channel_of(leg)))
    if isinstance(bench, FakeBench):
        for leg in legs(call):
            kept = bench.fake.model.kept[channel_of(leg)]
            assert kept.ended is not None and len(kept.silences) == 1
        return
    sounds = AsteriskSounds(bench.access)
    assert set(legs(call)) <= set(await sounds.kept())
    said, heard = [await sound_of(bench, leg) for leg in legs(call)]
    print(f"{len(said) / SECOND:.2f} s and {len(heard) / SECOND:.2f} s are kept")
    assert 4.3 < len(said) / SECOND < 12 and abs(len(said) - len(heard)) < 0.3 * SECOND
    for sound, mine, other in (
        (said, CALLER_TONE, OPERATOR_TONE),
        (heard, OPERATOR_TONE, CALLER_TONE),
    ):
        told = pieces(sound, mine, other)
        print(told)
        assert re.search("V{5}.*-{8}.*V{5}", told), "a voice, a silence, and the voice again"
        assert "x" not in told and told.count("?") < 0.2 * len(told), told
    for leg in legs(call):
        await sounds.forget(leg)
        await sounds.forget(leg)
    assert not set(legs(call)) & set(await sounds.kept())
    assert await sound_of(bench, legs(call)[0]) == b""


async def test_hung_up_it_ends_and_the_talk_goes_on(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    operator = await talks(bench, ari, call)
    caller.speak()
    await is_recorded(ari, call)
    assert await ari.status(hang_up(channel_of(legs(call)[0]))) == 204
    for kind in ("RecordingFinished", "StasisEnd"):
        await ari.wait_for((kind, channel_of(legs(call)[0])))
    await caller.hears("operator")
    await operator.hears("caller")
    [refused] = carry_out(Silence(lane=legs(call)[0], leg=legs(call)[0], on=True))
    assert await ari.status(refused) == 404

    async def is_over() -> bool:
        return await ari.status(hang_up(channel_of(legs(call)[1]))) == 404

    await until(is_over, within=10)


async def test_a_name_is_used_once(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    await is_recorded(ari, call)
    [again] = carry_out(Record(lane=legs(call)[0], leg=legs(call)[0]))
    assert await ari.status(again) == 409
