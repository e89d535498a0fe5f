"""Prompts that are played and stopped, and keys that callers press: the fake and the real one."""

import asyncio
from dataclasses import replace

import pytest

from callcenter.ari.playback import folder_of, read_folder
from callcenter.ari.rest import Operation, Request, Verdict, requests_of, verdict
from callcenter.core.commands import PlayPrompts, SpeakLanguage, StopPrompts, ToAsterisk
from callcenter.core.ids import CallId, prompt_name
from tests.contract.bench import Bench
from tests.contract.observer import Observer
from tests.contract.test_calls import DESK_NAME, answers, arrives, join, leg_of, open_desk
from tests.fake_asterisk.parts import NAMES
from tests.legs import caller_leg

LONG = ("greeting",) * 10


async def requests(ari: Observer, command: ToAsterisk) -> tuple[Request, ...]:
    """As the executor makes them: it asks for the folder when it connects."""
    folder = folder_of(await ari.send(read_folder()))
    return requests_of(command, replace(NAMES, prompts=folder or NAMES.prompts))


async def plays(ari: Observer, call: str, *keys: str, number: int = 1) -> str:
    command = PlayPrompts(
        lane=CallId(call), caller=caller_leg(call), number=number, keys=keys, language="th"
    )
    asked = await requests(ari, command)
    assert [await ari.status(request) for request in asked] == [201, 204]
    return prompt_name(CallId(call), number)


async def stops(ari: Observer, call: str, number: int = 1) -> int:
    command = StopPrompts(lane=CallId(call), caller=caller_leg(call), number=number)
    [stop] = await requests(ari, command)
    return await ari.status(stop)


async def test_a_prompt_is_told_when_it_is_over_and_music_follows_by_itself(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    name = await plays(ari, call, "greeting")
    await ari.wait_for(("PlaybackFinished", name))
    await caller.hears_music()
    assert await stops(ari, call) == 404, "it is over already"


async def test_a_prompt_that_is_stopped_lets_the_operator_in_at_once(
    bench: Bench, ari: Observer
) -> None:
    assert await ari.status(open_desk()) in (200, 409)
    caller, call = await arrives(bench, ari)
    name = await plays(ari, call, *LONG)
    phone = await answers(bench, ari, call)
    began = asyncio.get_running_loop().time()
    assert await stops(ari, call) == 204
    for request in join(call):
        assert await ari.status(request) == 204
    await ari.wait_for(("PlaybackFinished", name))
    await ari.wait_for(("ChannelEnteredBridge", call, DESK_NAME))
    assert asyncio.get_running_loop().time() - began < 2.0
    await caller.hears_operator()
    phone.hang_up()
    await ari.wait_for(("StasisEnd", leg_of(call)))


async def test_one_prompt_after_the_other_each_with_its_own_end(
    bench: Bench, ari: Observer
) -> None:
    _, call = await arrives(bench, ari)
    first = await plays(ari, call, *LONG)
    assert await stops(ari, call) == 204
    second = await plays(ari, call, "greeting", number=2)
    await ari.wait_for(("PlaybackFinished", first))
    await ari.wait_for(("PlaybackFinished", second))


async def test_a_recording_that_is_missing_is_over_at_once_and_nobody_is_in_silence(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    name = await plays(ari, call, "own_nobody_recorded_this")
    await ari.wait_for(("PlaybackFinished", name))
    await caller.hears_music()


@pytest.mark.parametrize("way", ["rfc4733", "info", "tones"])
async def test_a_key_is_told_in_whichever_way_it_comes(
    bench: Bench, ari: Observer, way: str
) -> None:
    caller = await bench.dial("1567", has_keys=way == "rfc4733")
    call = await ari.arrival("1567")
    caller.press("2", way)
    await ari.wait_for(("ChannelDtmfReceived", call, "2"))
    await plays(ari, call, *LONG)
    caller.press("9", way)
    await ari.wait_for(("ChannelDtmfReceived", call, "9"))
    assert ari.told["PlaybackFinished", prompt_name(CallId(call), 1)] == 0


async def test_the_language_of_a_caller_is_set(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    command = SpeakLanguage(lane=CallId(call), caller=caller_leg(call), language="en")
    [request] = await requests(ari, command)
    assert await ari.status(request) == 204


async def test_nothing_is_played_to_who_is_gone(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    caller.hang_up()
    await ari.wait_for(("StasisEnd", call))
    command = PlayPrompts(
        lane=CallId(call), caller=caller_leg(call), number=1, keys=("greeting",), language="th"
    )
    play = (await requests(ari, command))[0]
    assert verdict(Operation.PLAY, await ari.send(play)) is Verdict.GONE
