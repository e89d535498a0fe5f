"""A callback whose operator is rung first, hears what it is, and then the ringing, until the
citizen has pressed the key. Measured at both ears."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from callcenter.prompts.catalogue import RINGING
from callcenter.prompts.sound import tone, wav
from tests.acceptance import tones
from tests.acceptance.callback.test_callback import asks
from tests.acceptance.console.test_console import browser, logs_in
from tests.browser import TABLET, Browser
from tests.hotline import Hotline, Shared
from tests.people import OperatorPhone, until
from tests.people.phone import answers, ignores
from tests.people.phone_call import PhoneCall

__all__ = ["browser"]

CARRIER_PORT = 17_210
_numbers = itertools.count(1)
SAID, RINGS, QUESTION = 3300, 3250, 3200
"""What the operator hears: that it is a callback, then the ringing. The citizen: the question."""

ONE_TRY = 'prefixes = ["08"]\nfirst = "operator"\ntries = 1\nkey_seconds = 10\n'
PATIENT = 'prefixes = ["08"]\nfirst = "operator"\nring_seconds = 120\nkey_seconds = 60\n'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    """One whose callbacks go to this carrier."""
    own = Shared(lambda: Hotline(callback_contact=f"sip:127.0.0.1:{CARRIER_PORT}"))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    """Its operators are rung before the citizens. Each prompt is a tone of its own."""
    async with own.lent() as hotline:
        hotline.site.callbacks = 'prefixes = ["08"]\nfirst = "operator"\ntries = 2\n'
        await hotline.rules("damrong", callback_after_seconds=1)
        with tones.installed(
            hotline, {"callback_operator": (SAID, 1.5), "callback_here": (QUESTION, 3.0)}
        ):
            for _ in _rings_in_one_tone(hotline):
                yield hotline


def _rings_in_one_tone(hotline: Hotline) -> Iterator[None]:
    """The ringing as one long tone, which an ear of these tests knows."""
    file = hotline.asterisk.directory / "lib" / "prompts" / "th" / f"{RINGING}.wav"
    file.write_bytes(wav(tone(RINGS, 10.0)))
    file.chmod(0o644)
    yield
    file.unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(hotline: Hotline) -> AsyncIterator[OperatorPhone]:
    """The citizen's phone, behind the carrier; its user is a number of this story alone."""
    number = f"08111133{next(_numbers):02d}"
    phone = OperatorPhone("citizen", user=number, habit=ignores(), port=CARRIER_PORT)
    yield await phone.plugged_in(at=hotline.sip)
    phone.close()


async def presses_until(call: PhoneCall, operator: OperatorPhone, citizen: OperatorPhone) -> None:
    """The key is pressed again, as people do, until both hear each other."""

    async def is_joined() -> bool:
        if not citizen.hears(operator.voice):
            call.press("1")
        return citizen.hears(operator.voice)

    await until(is_joined, within=20, every=1)
    await operator.comes_to_hear(citizen.voice, within=10)


async def back(hotline: Hotline) -> dict[str, Any]:
    """The one open callback."""
    (found,) = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
    return dict(found)


async def rests(hotline: Hotline) -> None:
    """The callback waits for its next attempt."""

    async def so() -> bool:
        return str((await back(hotline))["state"]) == "resting"

    await until(so, within=20)


@pytest.mark.parametrize("open_line", [False, True])
async def test_the_operator_hears_the_ringing_until_the_citizen_is_there(
    hotline: Hotline, citizen: OperatorPhone, open_line: bool
) -> None:
    ada = await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=ignores(), open_line=open_line)
    line = await somchai.is_rung(within=10)
    if not open_line:
        assert not citizen.calls, "the operator is not there yet"
        card = await hotline.api.ask("GET", "/operators/somchai/call")
        assert card["callback"] is True
    somchai.answer()
    call = await citizen.is_rung(within=10)
    assert "<sip:1567@" in call.shown
    assert citizen.user not in line.everything_said
    await somchai.comes_to_hear(SAID, within=5)
    await somchai.comes_to_hear(RINGS, within=10)
    await hotline.api.is_in("somchai", "ringing")
    citizen.answer()
    await citizen.comes_to_hear(QUESTION, within=10)
    await somchai.comes_to_hear(RINGS, within=5)  # no person has pressed a key yet
    assert not citizen.hears(somchai.voice)
    await presses_until(call, somchai, citizen)
    await hotline.api.is_in("somchai", "on_call")
    citizen.hang_up()
    await hotline.api.is_in("somchai", "available", within=10)
    if open_line:
        assert line.is_up
    else:
        await until(lambda: not line.is_up, within=5)
    record = await hotline.record(ada, within=10)
    assert (record["outcome"], record["callback_result"]) == ("answered", "answered")
    assert (record["callback_tries"], record["operator"]) == (1, "somchai")
    if open_line:
        ben = await hotline.calls("1567")
        await ben.comes_to_hear(somchai.voice, within=10)
        await somchai.comes_to_hear(ben.voice, within=10)


async def test_a_machine_that_answers_is_no_answer_and_frees_the_operator(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    hotline.site.callbacks = ONE_TRY
    await hotline.rules("damrong", callback_after_seconds=1, max_wait_seconds=603)
    citizen.habit = answers(0.5)
    ada = await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_talking(within=15)
    await call.is_done(within=20)
    assert str(somchai.voice) not in call.heard(call.answered_at).sounds
    await hotline.api.is_in("somchai", "available", within=5)
    assert not somchai.talks, "the operator does not listen any longer"
    record = await hotline.record(ada, within=10)
    assert (record["outcome"], record["reason"]) == ("callback", "not_reached")


async def test_a_busy_line_frees_the_open_line_at_once(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=True)
    call = await citizen.is_rung(within=15)
    await somchai.comes_to_hear(RINGS, within=15)
    call.refuse(486, "Busy Here")
    await rests(hotline)
    await until(lambda: not somchai.hears(RINGS), within=5)
    ben = await hotline.calls("1567")
    await ben.comes_to_hear(somchai.voice, within=10)
    await somchai.comes_to_hear(ben.voice, within=10)
    await hotline.api.ask("DELETE", f"/callbacks/{(await back(hotline))['call']}")


async def test_the_operator_gives_up_and_the_citizen_is_not_to_blame(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    """At the phone, and then by the button of the page. With one try it is still called again."""
    hotline.site.callbacks = ONE_TRY
    await hotline.rules("damrong", callback_after_seconds=1, max_wait_seconds=604)
    await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_rung(within=15)
    await somchai.comes_to_hear(RINGS, within=10)
    somchai.hang_up()
    await call.is_done(within=5)
    await rests(hotline)
    waits = await back(hotline)
    assert waits["tries"] == 1

    await hotline.api.ask("POST", f"/callbacks/{waits['call']}/attempt")
    await until(lambda: len(citizen.calls) == 2, within=20)
    await somchai.comes_to_hear(RINGS, within=10)
    await hotline.api.ask("POST", "/operators/somchai/hang-up")
    await citizen.calls[1].is_done(within=5)
    await rests(hotline)
    await until(lambda: not somchai.talks, within=5)
    await hotline.api.ask("DELETE", f"/callbacks/{waits['call']}")


async def test_the_citizens_own_call_claims_it_while_the_operator_hears_ringing(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_rung(within=15)
    await somchai.comes_to_hear(RINGS, within=10)
    again = await hotline.calls("1567", citizen.user)
    await call.is_done(within=5)
    await again.comes_to_hear(somchai.voice, within=15)
    await somchai.comes_to_hear(again.voice, within=10)
    assert (await hotline.api.ask("GET", "/callbacks"))["callbacks"] == []


@pytest.mark.parametrize("moment", ["operator_rings", "calling", "checking", "talking"])
async def test_kill_9_of_the_service(hotline: Hotline, citizen: OperatorPhone, moment: str) -> None:
    """At any moment the service goes on where it was: nobody is rung twice."""
    hotline.site.callbacks = PATIENT
    await hotline.rules("damrong", callback_after_seconds=1, ring_seconds=120)
    ada = await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=ignores())
    line = await somchai.is_rung(within=15)

    async def dies() -> None:
        await hotline.service_is_gone()
        await hotline.service.starts()

    if moment == "operator_rings":
        await dies()
    somchai.answer()
    call = await citizen.is_rung(within=15)
    if moment == "calling":
        await dies()
        await somchai.comes_to_hear(RINGS, within=15)
    citizen.answer()
    await citizen.is_talking(within=10)
    if moment == "checking":
        await dies()
    await presses_until(call, somchai, citizen)
    if moment == "talking":
        await dies()
        await citizen.comes_to_hear(somchai.voice, within=10)
    assert (len(citizen.calls), somchai.calls) == (1, [line])
    citizen.hang_up()
    record = await hotline.record(ada, within=15)
    assert (record["outcome"], record["callback_tries"]) == ("answered", 1)


async def test_kill_9_of_asterisk_costs_no_try(hotline: Hotline, citizen: OperatorPhone) -> None:
    hotline.site.callbacks = ONE_TRY
    await hotline.rules("damrong", callback_after_seconds=1, max_wait_seconds=605)
    await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await citizen.is_rung(within=15)
    await somchai.comes_to_hear(RINGS, within=10)
    await hotline.phones_are_kept()
    hotline.asterisk.kill()
    for call in (*citizen.calls, *somchai.calls):
        call.is_lost()
    somchai.hang_up()

    async def noticed() -> bool:
        return await hotline.api.metric("hotline_ari_connected") == 0

    await until(noticed, within=10)
    hotline.asterisk.start()
    await rests(hotline)
    waits = await back(hotline)
    assert waits["tries"] == 1
    await hotline.api.is_in("somchai", "available", within=20)
    await hotline.api.ask("POST", f"/callbacks/{waits['call']}/attempt")
    await until(lambda: len(citizen.calls) == 2, within=20)
    citizen.answer()
    await presses_until(citizen.calls[1], somchai, citizen)


async def test_the_page_says_how_far_it_is_and_can_give_up(
    hotline: Hotline, citizen: OperatorPhone, browser: Browser, tmp_path: Path
) -> None:
    hotline.site.callbacks = PATIENT
    await hotline.rules("damrong", callback_after_seconds=1, ring_seconds=119)
    await asks(hotline, citizen)
    phone = await hotline.operator("somchai", habit=ignores(), account=True)
    screen = await browser.screen(language="en")
    await logs_in(screen, "somchai", phone.password)
    await screen.sees("A callback: the citizen is called when you answer")
    phone.answer()
    await screen.sees("Calling the citizen…")
    call = await citizen.is_rung(within=15)
    citizen.answer()
    await screen.sees("Somebody answered, and is asked to press 1…")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "calling_back", [TABLET])
    await screen.clicks("Give up")
    await call.is_done(within=10)
    await rests(hotline)
    await screen.sees_no_more("Somebody answered")
    await until(lambda: not phone.talks, within=10)
    await hotline.api.ask("DELETE", f"/callbacks/{(await back(hotline))['call']}")


async def test_the_citizens_own_call_is_joined_while_the_open_line_plays_ringing(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    """Asterisk answers no request while a leg that plays something is to join a bridge: the ringing
    is stopped first."""
    await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=True)
    call, away = await citizen.is_rung(within=10), hotline.service.says()
    again = await hotline.calls("1567", citizen.user)
    await again.comes_to_hear(somchai.voice, within=10)
    await somchai.comes_to_hear(again.voice, within=5)
    await until(lambda: call.is_over, within=5)
    assert not away("no connection to asterisk")
    again.hang_up()
    await hotline.api.is_in("somchai", "available", within=10)
