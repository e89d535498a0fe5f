"""After the talk the caller is asked how it was: Somchai hangs up, Malee hears the question,
presses a key, is thanked and let go, while Somchai serves the next caller. Who presses nothing, or
hangs up, ends as any caller does; the talk is as long as the talk was."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio

from tests.acceptance import tones
from tests.hotline import Hotline
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers
from tests.people.talk import talk_for

QUESTION, THANKS = 3300, 3150
TONES = {"survey_question": (QUESTION, 3.0), "survey_thanks": (THANKS, 1.5)}
TALK_SECONDS = 2.0


def by_event(caller: Caller, key: str) -> None:
    caller.press(key)


def by_info(caller: Caller, key: str) -> None:
    kind = ("Content-Type", "application/dtmf-relay")
    caller.ask("INFO", kind, body=f"Signal={key}\r\nDuration=160\r\n")


@pytest.fixture
def recordings(hotline: Hotline) -> Iterator[None]:
    """Each prompt is a tone of its own, installed as an agency does it."""
    with tones.installed(hotline, TONES):
        yield


@pytest_asyncio.fixture(loop_scope="session")
async def asked(hotline: Hotline, recordings: None) -> AsyncIterator[Hotline]:
    """Callers of 1567 are asked how it was."""
    await hotline.says("1567", "survey = true")
    yield hotline


async def served(hotline: Hotline, *, open_line: bool = False) -> tuple[Caller, OperatorPhone]:
    """Malee and Somchai talk for a while."""
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=open_line)
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(somchai.voice, within=10)
    await talk_for(TALK_SECONDS)
    return malee, somchai


@pytest.mark.parametrize("press", [by_event, by_info])
async def test_the_operator_hangs_up_and_the_caller_presses_a_key(
    asked: Hotline, press: Callable[[Caller, str], None]
) -> None:
    hotline = asked
    malee, somchai = await served(hotline)
    somchai.hang_up()
    await malee.comes_to_hear(QUESTION, within=5)
    boat = await hotline.calls("1567")
    await boat.comes_to_hear(somchai.voice, within=10)
    assert malee.is_up and not malee.hears(somchai.voice)
    press(malee, "4")
    await malee.comes_to_hear(THANKS, within=5)
    await malee.is_gone(within=10)
    assert malee.ended_by == "far end"
    record = await hotline.record(malee)
    assert (record["survey"], record["survey_score"]) == ("answered", 4)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")
    assert TALK_SECONDS - 0.5 <= record["talk_seconds"] <= TALK_SECONDS + 2.5
    labels = {"line": "1567", "queue": "damrong"}
    assert await hotline.api.metric("hotline_surveys_total", **labels, result="4") >= 1
    [_, found] = (await hotline.api.ask("GET", "/surveys?line=1567"))["surveys"]
    assert (found["queue"], found["scores"]["4"] > 0, found["asked"] > 0) == ("damrong", True, True)


async def test_an_open_line_hands_the_caller_to_the_survey_from_the_desk(asked: Hotline) -> None:
    hotline = asked
    malee, somchai = await served(hotline, open_line=True)
    await hotline.api.ask("POST", "/operators/somchai/hang-up")
    await malee.comes_to_hear(QUESTION, within=5)
    boat = await hotline.calls("1567")
    await boat.comes_to_hear(somchai.voice, within=10)
    malee.press("1")
    await malee.is_gone(within=15)
    record = await hotline.record(malee)
    assert (record["survey"], record["survey_score"]) == ("answered", 1)
    assert record["ended_by"] == "operator"


async def test_who_presses_nothing_is_asked_twice_and_let_go(asked: Hotline) -> None:
    hotline = asked
    malee, somchai = await served(hotline)
    somchai.hang_up()
    await malee.comes_to_hear(QUESTION, within=5)
    await malee.comes_to_hear("music", within=10)
    await malee.comes_to_hear(QUESTION, within=10)
    await malee.is_gone(within=25)
    record = await hotline.record(malee)
    assert (record["survey"], record["survey_score"]) == ("silent", None)
    assert record["talk_seconds"] <= TALK_SECONDS + 2.5


async def test_who_hangs_up_meanwhile_has_not_answered_and_the_operator_ended_the_talk(
    asked: Hotline,
) -> None:
    hotline = asked
    malee, somchai = await served(hotline)
    somchai.hang_up()
    await malee.comes_to_hear(QUESTION, within=5)
    malee.hang_up()
    record = await hotline.record(malee)
    assert (record["survey"], record["survey_score"]) == ("left", None)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")


async def test_the_service_is_killed_meanwhile_and_asks_again(asked: Hotline) -> None:
    hotline = asked
    malee, somchai = await served(hotline)
    somchai.hang_up()
    await malee.comes_to_hear(QUESTION, within=5)
    await hotline.service_is_gone()
    await hotline.service.starts()

    def is_thanked() -> bool:
        """The question plays anew: a key before it means nothing, so it is pressed each second."""
        if malee.hears(THANKS) or malee.is_over:
            return True
        malee.press("5")
        return False

    await until(is_thanked, within=20, every=1)
    await malee.is_gone(within=15)
    record = await hotline.record(malee)
    assert (record["survey"], record["survey_score"]) == ("answered", 5)
