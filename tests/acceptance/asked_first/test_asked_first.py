"""What callers hear first costs them no turn: Malee is greeted while she stands in line; Somsri is
asked what it is about, presses 2, and waits where that leads; who presses nothing is served too."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.phone import answers
from tests.people.until import SLOW_MACHINE_TIMES
from tests.unit.prompts.voices import fill

WELCOME, QUESTION, NOTICE = 3300, 3250, 3150
TOGETHER_SECONDS = (
    0.5 * SLOW_MACHINE_TIMES
)  # of the greeting's 20, from the operator's answer until both hear each other
MENU = """
[menus.main.steps.topic]
prompts = ["own_question"]
seconds = 1
keys.2 = { queue = "sisaket", language = "en", topic = "flood" }
"""


@pytest.fixture
def recordings(hotline: Hotline) -> Iterator[None]:
    """Each prompt is a tone of its own."""
    folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
    fill(folder, {"own_welcome": WELCOME}, 20.0)
    fill(folder, {"own_question": QUESTION}, 1.5)
    fill(folder, {"own_notice": NOTICE}, 3.0)
    yield
    for name in ("own_welcome", "own_question", "own_notice"):
        (folder / f"{name}.wav").unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def speaking(hotline: Hotline, recordings: None) -> AsyncIterator[Hotline]:
    """Lines with prompts of their own; Asterisk knows that the service plays them."""
    await hotline.says("1567", 'greeting = ["own_welcome"]')
    await hotline.says("1669", 'notice = ["own_notice"]\ngreeting = ["own_welcome"]')
    await hotline.says("1111", 'greeting = []\nmenu = "main"', menus=MENU)
    wanted = ("GREETS_1567=1", "GREETS_1669=1", "NOTIFIES_1669=1")
    await until(
        lambda: all(each in hotline.asterisk.console("dialplan show globals") for each in wanted),
        within=15,
    )
    yield hotline


async def test_the_greeting_stops_when_an_operator_answers_and_both_hear_each_other(
    speaking: Hotline,
) -> None:
    hotline = speaking
    somchai = await hotline.operator("somchai", habit=answers(0.3))
    await hotline.pause("somchai")
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(WELCOME, within=5)
    await hotline.in_line("damrong", malee)

    await hotline.resume("somchai")
    talk = await somchai.is_talking()
    await malee.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(malee.voice, within=5)
    greeted = malee.heard(talk.answered_at - 0.6, talk.answered_at - 0.1)
    assert greeted.only(WELCOME, 0.5), "she is greeted until he answers"
    first = malee.ear.first_heard(somchai.voice, talk.answered_at)
    print(f"together {first - talk.answered_at:.2f} s after the answer")
    assert first - talk.answered_at < TOGETHER_SECONDS
    assert malee.heard(first + 0.2).share(WELCOME) == 0, "the greeting goes on"


async def test_the_recording_notice_is_heard_to_its_end_and_then_they_talk(
    speaking: Hotline,
) -> None:
    hotline = speaking
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.calls("1669")
    called = now()
    await malee.comes_to_hear(NOTICE, within=5)
    talk = await somchai.is_talking()
    await malee.comes_to_hear(somchai.voice, within=10)
    first = malee.ear.first_heard(somchai.voice, talk.answered_at)
    heard = malee.heard(called - 0.5, first)
    print(f"the notice for {heard.share(NOTICE) * heard.seconds:.1f} s, then the operator")
    assert heard.share(NOTICE) * heard.seconds > 2.5
    assert heard.share(WELCOME) * heard.seconds < 0.3, "no greeting between the notice and him"


async def keys(hotline: Hotline) -> float:
    return await hotline.api.metric("hotline_menu_keys_total", line="1111", step="topic", key="2")


async def test_a_key_leads_to_its_queue_and_nothing_pressed_to_that_of_the_line(
    speaking: Hotline,
) -> None:
    hotline = speaking
    before = await keys(hotline)
    somsri = await hotline.calls("1111")
    chai = await hotline.calls("1111")
    nok = await hotline.calls("1111")
    await somsri.comes_to_hear(QUESTION, within=5)
    somsri.press("2")
    await hotline.in_line("sisaket", somsri)
    await somsri.comes_to_hear("music", within=5)
    nok.hang_up()
    await chai.comes_to_hear("music", within=5)  # between two questions, too: nobody is in silence
    await hotline.in_line("gcc", chai, within=15)

    malee = await hotline.operator("malee", queues=["sisaket"], habit=answers(0.1))
    await somsri.comes_to_hear(malee.voice, within=5)
    await malee.comes_to_hear(somsri.voice, within=3)
    somsri.hang_up()
    record = await hotline.record(somsri)
    told = [record[name] for name in ("outcome", "queue", "language", "topic", "menu_path")]
    assert told == ["answered", "sisaket", "en", "flood", "topic=2"]
    assert await keys(hotline) == before + 1
    left = await hotline.record(nok)
    assert (left["outcome"], left["queue"]) == ("ivr_ended", None)
