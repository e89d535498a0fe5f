"""Whose voices are in the sealed sound of a real call: given on, held, three together, a supervisor
who listens, whispers and barges in; and a supervisor finds the talk in the page, and hears it."""

import base64
import io
import wave
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.colleague_asked.test_colleague_asked import hear_each_other
from tests.acceptance.console.test_console import logs_in
from tests.acceptance.listened_to.test_listened_to import hears, page_of
from tests.acceptance.recorded.test_recorded import (
    NOTICE,
    PIECE,
    SECONDS,
    audit,
    in_talk,
    kept,
    own,
    pieces,
    recorded,
    shows,
    silences,
    sound,
)
from tests.browser import Browser
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.phone import answers
from tests.people.sip_message import token
from tests.people.talk import talk_for
from tests.people.tones import named

__all__ = ["own", "recorded"]

AUDIBLE = 0.05  # of a recording's time: less is the tail of what was before


def voices_in(samples: Sequence[int]) -> dict[str, float]:
    """What is heard in it, each with its share of the time; who speaks with another is each."""
    starts = range(0, len(samples) - PIECE, PIECE)
    told = Counter(name for at in starts for name in named(samples[at : at + PIECE]).split("+"))
    return {name: many / len(starts) for name, many in told.items()}


def people_in(samples: Sequence[int]) -> set[str]:
    """The voices and the music in it; pieces in which one begins or ends are "other"."""
    told = voices_in(samples)
    return {name for name, share in told.items() if share > AUDIBLE} - {"silence", "other"}


async def call_of(hotline: Hotline, name: str = "somchai") -> str:
    """The call that this operator is in, when it is being recorded."""
    await shows(hotline, name, "on")
    return str((await hotline.api.operator(name))["call"])


async def sides(
    hotline: Hotline, found: list[dict[str, Any]]
) -> list[tuple[str, set[str], set[str]]]:
    """Of each recording that has sound: the operator, who is heard left, and who right."""
    told = []
    for one in found:
        if one["state"] == "kept":
            said, heard = await sound(hotline, one)
            print(one["number"], one["operator"], one["ending"], one["sound_seconds"])
            print(voices_in(said), voices_in(heard), sep="\n")
            told.append((one["operator"], people_in(said), people_in(heard)))
    return told


async def test_the_notice_is_heard_to_its_end_before_anything_is_kept(recorded: Hotline) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    call = await call_of(hotline)
    before = somsri.heard(somsri.answered_at, now())
    assert before.share(NOTICE) * before.seconds > 1.0, before
    await talk_for(2)
    somsri.hang_up()
    [one] = await kept(hotline, call)
    [(_, left, right)] = await sides(hotline, [one])
    assert (left, right) == ({str(somsri.voice)}, {str(somchai.voice)})
    said, heard = await sound(hotline, one)
    assert "V" not in pieces(said, NOTICE) + pieces(heard, NOTICE), "nothing of the notice"


async def test_who_is_given_on_has_a_recording_with_each_operator(recorded: Hotline) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    nok = await hotline.operator("nok", queues=("gcc",), habit=answers(0.1))
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    call = await call_of(hotline)
    await talk_for(2)
    body = {"call": call, "operator": "nok"}
    await hotline.api.ask("POST", "/operators/somchai/call/transfer", body)
    await in_talk(somsri, nok)
    assert await call_of(hotline, "nok") == call
    await talk_for(2)
    somsri.hang_up()
    told = await sides(hotline, await kept(hotline, call, 2))
    hers = {str(somsri.voice)}
    assert told == [
        ("somchai", hers, {str(somchai.voice)}),
        ("nok", hers, {str(nok.voice)}),
    ]


@pytest.mark.parametrize("whose", ["operator", "caller"])
async def test_held_by_the_phones_key_nothing_is_kept_and_taken_back_both_sides_go_on(
    recorded: Hotline, whose: str
) -> None:
    """She hears music, and speaks as if nobody listened."""
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    call = await call_of(hotline)
    await talk_for(2)
    talk = await somchai.is_talking()
    held_at = now()
    if whose == "operator":
        talk.hold()
        await somsri.comes_to_hear("music", within=SECONDS)
    else:
        somsri.hold()
        await somchai.comes_to_hear("music", within=SECONDS)
    await talk_for(4)
    (talk if whose == "operator" else somsri).take_back()
    held_seconds = now() - held_at
    await in_talk(somsri, somchai)
    await shows(hotline, "somchai", "on")
    await talk_for(3)
    somsri.hang_up()
    found = await kept(hotline, call, 2)
    hers = {str(somsri.voice)}
    assert await sides(hotline, found) == [("somchai", hers, {str(somchai.voice)})] * 2
    record = await hotline.record(somsri)
    kept_seconds = sum(one["sound_seconds"] for one in found)
    assert kept_seconds < record["talk_seconds"] - held_seconds + 0.5
    said, heard = await sound(hotline, found[-1])
    left, right = pieces(said, somsri.voice), pieces(heard, somchai.voice)
    print(f"{left}\n{right}")
    for told in (left, right):
        assert told[-20:].count("V") > 15, told


async def test_three_together_are_all_in_it(recorded: Hotline) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    nok = await hotline.operator("nok", queues=("gcc",), habit=answers(0.1))
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    call = await call_of(hotline)
    await talk_for(2)
    path = "/operators/somchai/call/consult"
    await hotline.api.ask("POST", path, {"call": call, "operator": "nok"})
    await hear_each_other(somchai, nok)
    await talk_for(2)
    await hotline.api.ask("POST", f"{path}/conference", {"call": call})
    await hear_each_other(somsri, somchai, nok)
    await shows(hotline, "somchai", "on")
    await talk_for(3)
    somsri.hang_up()
    told = await sides(hotline, await kept(hotline, call, 2))
    hers = {str(somsri.voice)}
    assert told == [
        ("somchai", hers, {str(somchai.voice)}),
        ("somchai", hers, {str(somchai.voice), str(nok.voice)}),
    ]


async def test_a_supervisor_is_in_it_only_where_the_caller_hears_her(
    recorded: Hotline, tmp_path: Path
) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    suda = await hotline.operator("suda", habit=answers(0.1), logged_in=False, account=True)
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    call = await call_of(hotline)
    async with page_of(hotline, "suda", tmp_path) as page:

        async def press(mode: str) -> None:
            path = "/operators/somchai/call/listening"
            await page.ask("POST", path, {"call": call, "mode": mode})

        await press("listen")
        await hears(suda, somsri, somchai)
        await talk_for(1)
        await press("whisper")
        await hears(somchai, somsri, suda)
        await talk_for(3)
        await press("barge")
        await hears(somsri, somchai, suda)
        await shows(hotline, "somchai", "on")
        await talk_for(3)
    somsri.hang_up()
    told = await sides(hotline, await kept(hotline, call, 2))
    hers = {str(somsri.voice)}
    assert told == [
        ("somchai", hers, {str(somchai.voice)}),
        ("somchai", hers, {str(somchai.voice), str(suda.voice)}),
    ]


async def test_a_supervisor_finds_a_real_talk_in_the_page_and_hears_it(
    recorded: Hotline, tmp_path: Path
) -> None:
    hotline = recorded
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    call = await call_of(hotline)
    await talk_for(3)
    body = {"call": call, "paused": True}
    await hotline.api.ask("PUT", "/operators/somchai/call/recording", body)
    await talk_for(2)
    await hotline.api.ask("PUT", "/operators/somchai/call/recording", {**body, "paused": False})
    await talk_for(4)
    somsri.hang_up()
    [one] = await kept(hotline, call)

    account = {"name": f"malee-{token()}", "role": "supervisor"}
    made = await hotline.api.ask("POST", "/accounts", account)
    async with Browser(hotline.api.url) as browser:
        malee = await browser.screen(language="en")
        await logs_in(malee, account["name"], made["one_time_password"])
        page = malee.page
        await malee.opens("/desks.html#/recordings")
        await malee.sees("Recorded talks")
        await malee.types("Operator", "somchai")
        await page.locator("form select").first.select_option("1669")
        await malee.types("Call", call)
        await malee.clicks("Search")
        rows = page.get_by_role("table").get_by_role("row")
        await until(lambda: _are(rows, 2), within=SECONDS)  # one, and the head
        assert await malee.barriers() == []
        await malee.clicks("Hear the talk of")
        place = page.get_by_role("slider", name="Place in the recording")

        async def at() -> float:
            return float(await page.evaluate("document.querySelector('audio').currentTime"))

        async def is_at(least: float) -> bool:
            return await at() > least

        await until(lambda: is_at(0.5), within=SECONDS)  # it plays
        await malee.sees("were not recorded: the operator had paused it.")
        assert await malee.barriers() == []
        await malee.pictures(tmp_path, "heard", whole=True)
        length = float(await place.get_attribute("max") or 0)
        assert abs(length - one["sound_seconds"]) < 0.2 and length > 8
        await place.fill(str(round(length - 3, 1)))
        await until(lambda: is_at(length - 3.2), within=SECONDS)
        await until(lambda: is_at(length - 0.3), within=SECONDS)  # it played on to the end
        await place.focus()
        await page.keyboard.press("ArrowLeft")
        await until(lambda: _is_before(at, length - 2), within=SECONDS)
        body64 = await page.evaluate(
            """async () => {
              const answer = await fetch(document.querySelector("audio").src);
              const bytes = new Uint8Array(await answer.arrayBuffer());
              return btoa(bytes.reduce((text, each) => text + String.fromCharCode(each), ""));
            }"""
        )
        assert malee.complaints == []
    with wave.open(io.BytesIO(base64.b64decode(body64))) as wav:
        assert (wav.getnchannels(), wav.getframerate()) == (2, 8000)
        samples = memoryview(wav.readframes(wav.getnframes())).cast("h")
    said, heard = list(samples[0::2]), list(samples[1::2])
    assert people_in(said) == {str(somsri.voice)}
    assert people_in(heard) == {str(somchai.voice)}
    for told in (pieces(said, somsri.voice), pieces(heard, somchai.voice)):
        [silent] = silences(told)
        assert abs(silent - one["paused_seconds"]) < 0.5, told
    played = [entry for entry in await audit(hotline, call) if "played" in entry["action"]]
    assert [entry["who"] for entry in played] == [account["name"]]
    assert datetime.fromisoformat(one["began_at"]) < datetime.fromisoformat(one["ended_at"])


async def _are(found: Any, many: int) -> bool:
    return bool(await found.count() == many)


async def _is_before(at: Any, most: float) -> bool:
    return bool(await at() < most)
