"""A caller leaves a message, which Asterisk records alone: with the fake and with the real one."""

import asyncio

from callcenter.ari.rest import Request
from callcenter.ari.spool import AsteriskSounds
from callcenter.core.commands import AskMessage, RecordMessage
from callcenter.core.ids import CallId
from callcenter.core.legs import RecorderLeg, Side, channel_of
from tests.contract.bench import CALLER_TONE, OPERATOR_TONE, Bench, Caller, FakeBench
from tests.contract.observer import Observer, carry_out
from tests.contract.test_calls import arrives
from tests.contract.test_recording import pieces, sound_of
from tests.legs import caller_leg, recorder_leg

LONG, SHORT = 60.0, 2.0


def leg_of_message(call: str) -> RecorderLeg:
    return recorder_leg(call, 1, Side.CALLER)


def name_of_message(call: str) -> str:
    return channel_of(leg_of_message(call))


def record(call: str, longest: float = LONG, silence: float = LONG) -> tuple[Request, ...]:
    return carry_out(
        RecordMessage(
            lane=CallId(call),
            caller=caller_leg(call),
            leg=leg_of_message(call),
            longest_seconds=longest,
            silence_seconds=silence,
        )
    )


async def asked(ari: Observer, call: str) -> int:
    """Whether the message is being recorded: 200, or 404."""
    [request] = carry_out(AskMessage(lane=CallId(call), leg=leg_of_message(call)))
    return await ari.status(request)


async def is_recorded(
    bench: Bench, ari: Observer, longest: float = LONG, silence: float = LONG
) -> tuple[Caller, str]:
    """A caller has heard the tone. The three requests are answered at once, and not when the
    message is over."""
    caller, call = await arrives(bench, ari)
    assert await asked(ari, call) == 404
    began = asyncio.get_running_loop().time()
    for request, status in zip(record(call, longest, silence), (204, 201, 204), strict=True):
        assert await ari.status(request) == status, request
    assert asyncio.get_running_loop().time() - began < SHORT
    await ari.wait_for(("RecordingStarted", name_of_message(call)))
    return caller, call


async def is_over(ari: Observer, call: str) -> None:
    await ari.wait_for(("RecordingFinished", name_of_message(call)))
    assert await asked(ari, call) == 404


async def test_a_message_ends_at_the_key_and_music_follows_by_itself(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await is_recorded(bench, ari)
    caller.speak()
    assert await asked(ari, call) == 200
    await asyncio.sleep(2.5)
    assert await asked(ari, call) == 200
    caller.press("#", "info")
    await is_over(ari, call)
    await caller.hears_music()
    await ari.has_only(call)
    if isinstance(bench, FakeBench):
        kept = bench.fake.model.kept[name_of_message(call)]
        assert kept.is_message and kept.ended is not None
        return
    sounds = AsteriskSounds(bench.access)
    assert leg_of_message(call) in await sounds.kept()
    told = pieces(await sound_of(bench, leg_of_message(call)), CALLER_TONE, OPERATOR_TONE)
    print(told)
    assert "V" * 10 in told and "x" not in told
    await sounds.forget(leg_of_message(call))


async def test_a_message_ends_when_nothing_more_is_heard(bench: Bench, ari: Observer) -> None:
    caller, call = await is_recorded(bench, ari, silence=SHORT)
    caller.be_quiet()
    await is_over(ari, call)
    await caller.hears_music()


async def test_a_message_has_a_longest_time(bench: Bench, ari: Observer) -> None:
    caller, call = await is_recorded(bench, ari, longest=SHORT)
    caller.speak()
    await is_over(ari, call)
    await ari.has_only(call)


async def test_who_hangs_up_has_left_a_message(bench: Bench, ari: Observer) -> None:
    caller, call = await is_recorded(bench, ari)
    caller.speak()
    caller.hang_up()
    await ari.wait_for(("StasisEnd", call))
    await is_over(ari, call)


async def test_it_goes_on_while_nobody_watches(bench: Bench, ari: Observer) -> None:
    caller, call = await is_recorded(bench, ari)
    caller.speak()
    await ari.loses_the_connection()
    await ari.connect()
    assert await asked(ari, call) == 200
    await ari.loses_the_connection()
    caller.press("#", "info")
    await asyncio.sleep(1.0)
    await ari.connect()
    assert await asked(ari, call) == 404
    await caller.hears_music()


async def test_a_message_has_a_name_once_and_a_caller(bench: Bench, ari: Observer) -> None:
    caller, call = await is_recorded(bench, ari)
    _, again, _ = record(call)
    assert await ari.status(again) == 409
    caller.hang_up()
    await ari.has_only()
    assert await ari.status(again) == 404
