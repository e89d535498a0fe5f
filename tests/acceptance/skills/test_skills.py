"""Who presses English in the menu gets the operator who speaks it, though another was idle longer;
and does not wait for her for ever while the other looks on."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.hotline import Hotline
from tests.people.phone import answers
from tests.people.until import SLOW_MACHINE_TIMES
from tests.unit.prompts.voices import fill

QUESTION = 3250
RELAX_SECONDS = 8.0
MENU = """
[menus.main.steps.language]
prompts = ["own_question"]
seconds = 2
keys.1 = { language = "th" }
keys.2 = { language = "en", needs = { english = 1 } }
"""


@pytest.fixture
def recordings(hotline: Hotline) -> Iterator[None]:
    """The question is a tone."""
    folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
    fill(folder, {"own_question": QUESTION}, 1.5)
    yield
    (folder / "own_question.wav").unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def asking(hotline: Hotline, recordings: None) -> AsyncIterator[Hotline]:
    """1111 asks for the language."""
    await hotline.relaxes(RELAX_SECONDS)
    await hotline.says("1111", 'greeting = []\nmenu = "main"', menus=MENU)
    yield hotline


async def test_english_is_served_by_who_speaks_it_and_after_some_time_by_anybody(
    asking: Hotline,
) -> None:
    hotline = asking
    somchai = await hotline.operator("somchai", queues=["gcc"], habit=answers(0.1))
    malee = await hotline.operator(
        "malee", queues=["gcc"], habit=answers(0.1), skills={"english": 3}
    )
    john = await hotline.calls("1111")
    await john.comes_to_hear(QUESTION, within=10)
    john.press("2")
    await john.comes_to_hear(malee.voice, within=10)
    await malee.comes_to_hear(john.voice, within=5)
    assert not somchai.calls, "idle longer, and speaks no English"

    mary = await hotline.calls("1111")
    await mary.comes_to_hear(QUESTION, within=10)
    mary.press("2")
    await hotline.in_line("gcc", mary)
    await mary.comes_to_hear(somchai.voice, within=20)

    malee.hang_up()
    assert (await hotline.record(john))["operator"] == "malee"
    mary.hang_up()
    record = await hotline.record(mary)
    assert record["operator"] == "somchai"
    waited = record["queue_wait_seconds"]
    print(f"anybody after {waited:.1f} s of {RELAX_SECONDS:g}")
    assert RELAX_SECONDS <= waited < RELAX_SECONDS * SLOW_MACHINE_TIMES
