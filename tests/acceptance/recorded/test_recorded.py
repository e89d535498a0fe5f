"""Somsri hears the notice and talks with Somchai: it is recorded, her voice left and his right,
silent while he has it paused and while she is on hold; the talk is heard as without it. A service
that is killed goes on with it."""

import io
import itertools
import wave
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from callcenter.oversight.recordings.keys import add_key
from tests.hotline import Hotline, Shared
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers
from tests.people.tones import loudness, share_of
from tests.unit.prompts.voices import fill

NOTICE = 3150
SECONDS = 20.0  # on a busy machine, until what is asked for is so
PIECE = 800  # samples: 0.1 s
QUIET = 60.0  # root mean square; a voice has some 5,000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shared]:
    """A hotline with a key of its own."""
    keys = tmp_path_factory.mktemp("recorded") / "keys"
    add_key(keys, datetime.now(UTC))
    settings = {
        "CALLCENTER_RECORDING_KEY_FILE": str(keys),
        "CALLCENTER_RECORDINGS_SPARE_BYTES": "0",
    }
    own = Shared(lambda: Hotline(settings=settings))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def recorded(own: Shared) -> AsyncIterator[Hotline]:
    """Its line 1669 records."""
    async with own.lent() as hotline:
        folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
        fill(folder, {"own_notice": NOTICE}, 1.5)
        await hotline.says("1669", 'notice = ["own_notice"]\nrecord = true')
        await until(
            lambda: "NOTIFIES_1669=1" in hotline.asterisk.console("dialplan show globals"),
            within=15,
        )
        yield hotline


async def shows(hotline: Hotline, name: str, recording: str | None) -> None:
    """The console of an operator says how the recording is."""

    async def so() -> bool:
        return bool((await hotline.api.operator(name))["recording"] == recording)

    await until(so, within=SECONDS, every=0.05)


async def kept(hotline: Hotline, call: str, many: int = 1) -> list[dict[str, Any]]:
    """The recordings of a call when all are sealed, the oldest first."""
    found: list[dict[str, Any]] = []

    async def so() -> bool:
        nonlocal found
        answer = await hotline.api.ask("GET", f"/recordings?call={call}")
        found = answer["recordings"][::-1]
        return len(found) >= many and all(one["state"] not in ("running", "ended") for one in found)

    await until(so, within=40, every=0.2, but=lambda: str(found))
    return found


async def sound(hotline: Hotline, one: dict[str, Any]) -> tuple[list[int], list[int]]:
    """What the caller said, and what the caller heard."""
    begun = await hotline.api.ask("POST", f"/recordings/{one['call']}/{one['number']}/playbacks")
    token = (hotline.directory / "data" / "secrets" / "cli-token").read_text().strip()
    where = hotline.service.url + begun["sound"]
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as http, http.get(where, headers=headers) as answer:
        assert answer.status == 200
        body = await answer.read()
    with wave.open(io.BytesIO(body)) as wav:
        samples = memoryview(wav.readframes(wav.getnframes())).cast("h")
    return list(samples[0::2]), list(samples[1::2])


def pieces(samples: Sequence[int], hertz: int) -> str:
    """Each tenth of a second: V this voice, - silence, ? something else."""
    told = ""
    for start in range(0, len(samples) - PIECE, PIECE):
        piece = samples[start : start + PIECE]
        silent = loudness(piece) < QUIET
        told += "-" if silent else "V" if share_of(hertz, piece) > 0.8 else "?"
    return told


def silences(told: str) -> list[float]:
    """How long each silence inside lasted, in seconds; less than half a second is none."""
    runs = [(what, len(list(run))) for what, run in itertools.groupby(told.strip("-"))]
    return [many / 10 for what, many in runs if what == "-" and many >= 5]


async def in_talk(caller: Caller, operator: OperatorPhone) -> None:
    """They hear each other."""
    await caller.comes_to_hear(operator.voice, within=SECONDS)
    await until(
        lambda: operator.now is not None and operator.now.ear.hears(caller.voice), within=SECONDS
    )


async def talks_for(caller: Caller, operator: OperatorPhone, seconds: float) -> None:
    """They hear each other, and nobody else, all the time."""
    assert operator.now is not None
    began = now()
    await until(lambda: now() - began > seconds, within=seconds + SECONDS)
    for ear, voice in ((caller.ear, operator.voice), (operator.now.ear, caller.voice)):
        heard = ear.heard(began + 0.1, began + seconds)  # a busy machine loses some packets
        assert heard.sounds <= {str(voice), "nothing"} and heard.share(voice) > 0.6, heard


@pytest.mark.parametrize("open_line", [False, True], ids=["a phone that rings", "an open line"])
async def test_each_voice_is_on_its_side_and_nothing_of_the_pause_is_kept(
    recorded: Hotline, open_line: bool
) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=open_line)
    if open_line:  # the talk that is recorded is not the line's first
        first = await hotline.calls("1567")
        await first.comes_to_hear(somchai.voice, within=10)
        first.hang_up()
        await hotline.api.is_in("somchai", "available")
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    await shows(hotline, "somchai", "on")
    call = (await hotline.api.operator("somchai"))["call"]
    await talks_for(somsri, somchai, 2.0)

    async def paused(on: bool) -> float:
        body = {"call": call, "paused": on}
        shown = await hotline.api.ask("PUT", "/operators/somchai/call/recording", body)
        assert shown["recording"] == ("paused" if on else "on")
        return now()

    began = await paused(True)
    await talks_for(somsri, somchai, 2.0)
    over = await paused(False)
    await talks_for(somsri, somchai, 2.0)
    somsri.hang_up()
    [one] = await kept(hotline, call)
    assert (one["state"], one["ending"], one["operator"], one["line"]) == (
        *("kept", "done"),
        "somchai",
        "1669",
    )
    assert one["paused_seconds"] == pytest.approx(over - began, abs=1.0)
    said, heard = await sound(hotline, one)
    left, right = pieces(said, somsri.voice), pieces(heard, somchai.voice)
    print(f"{one['seconds']:.2f} s, {one['sound_seconds']:.2f} s of sound\n{left}\n{right}")
    for told in (left, right):
        assert told.count("?") <= 2 + 0.2 * len(told), told
        assert silences(told) == [pytest.approx(over - began, abs=0.5)], told
        assert told.count("V") > 30, told
    assert one["sound_seconds"] == pytest.approx(one["seconds"], abs=0.5)
    assert [entry["action"] for entry in await audit(hotline, call)] == [
        *("recording.played", "recording.resumed", "recording.paused")
    ]
    left_over = hotline.asterisk.directory / "spool" / "recording"
    await until(lambda: not list(left_over.iterdir()), within=SECONDS)


async def audit(hotline: Hotline, call: str) -> list[dict[str, Any]]:
    found = await hotline.api.ask("GET", f"/audit?about={call}")
    return [one for one in found["entries"] if one["action"].startswith("recording.")]


async def test_on_hold_nothing_is_kept_and_the_talk_of_the_two_operators_neither(
    recorded: Hotline,
) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    nok = await hotline.operator("nok", queues=("gcc",), habit=answers(0.1))
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    await shows(hotline, "somchai", "on")
    call = (await hotline.api.operator("somchai"))["call"]
    await talks_for(somsri, somchai, 1.0)
    began = now()
    body = {"call": call, "operator": "nok"}
    await hotline.api.ask("POST", "/operators/somchai/call/consult", body)
    await until(lambda: nok.now is not None and nok.now.ear.hears(somchai.voice), within=SECONDS)
    await until(lambda: now() - began > 3.0, within=SECONDS)
    await hotline.api.ask("POST", "/operators/somchai/call/consult/completion", {"call": call})
    await in_talk(somsri, nok)
    await shows(hotline, "nok", "on")
    await talks_for(somsri, nok, 2.0)
    somsri.hang_up()
    first, second = await kept(hotline, call, 2)
    assert [(x["number"], x["operator"], x["state"]) for x in (first, second)] == [
        (1, "somchai", "kept"),
        (2, "nok", "kept"),
    ]
    _, heard = await sound(hotline, first)
    told = pieces(heard, somchai.voice)
    print(told)
    assert len(told) - len(told.rstrip("-")) < 5 and told.count("?") <= 2 + 0.2 * len(told), told
    said, heard = await sound(hotline, second)
    left, right = pieces(said, somsri.voice), pieces(heard, nok.voice)
    print(f"{left}\n{right}")
    assert min(left.count("V"), right.count("V")) > 15 and right.count("?") <= 2 + 0.2 * len(right)


async def test_the_service_is_killed_and_the_recording_goes_on(recorded: Hotline) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    await shows(hotline, "somchai", "on")
    call = (await hotline.api.operator("somchai"))["call"]
    began = now()
    await hotline.service.kills()
    await hotline.service.starts()
    await hotline.service.is_whole()
    await shows(hotline, "somchai", "on")
    await talks_for(somsri, somchai, 1.0)
    lasted = now() - began
    somsri.hang_up()
    found = await kept(hotline, call)
    print([(x["number"], x["ending"], x["seconds"], x["sound_seconds"]) for x in found])
    assert [(x["number"], x["state"], x["ending"]) for x in found] == [(1, "kept", "done")]
    said, _ = await sound(hotline, found[0])
    told = pieces(said, somsri.voice)
    assert told.count("V") > 10 * lasted - 10 and silences(told) == [], told


async def test_who_did_not_hear_the_notice_is_not_recorded(recorded: Hotline) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await in_talk(somsri, somchai)
    await talks_for(somsri, somchai, 1.0)
    assert (await hotline.api.operator("somchai"))["recording"] is None
    call = (await hotline.api.operator("somchai"))["call"]
    somsri.hang_up()
    await hotline.record(somsri)
    assert (await hotline.api.ask("GET", f"/recordings?call={call}"))["recordings"] == []
