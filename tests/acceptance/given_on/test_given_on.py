"""Somsri needs somebody else: Somchai gives her on to a queue, Malee to a colleague, without a word
to who answers next. She hears music in between, and nobody whom she should not hear."""

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.phone import answers, ignores

MUSIC_SECONDS = 3.0  # on a busy machine; told is what it was


async def give_on(hotline: Hotline, name: str, caller: Caller, **to: str) -> float:
    """The console's button; when it was pressed."""
    shown = await hotline.api.ask("GET", f"/operators/{name}")
    pressed = now()
    body = {"call": shown["call"], **to}
    await hotline.api.ask("POST", f"/operators/{name}/call/transfer", body)
    return pressed


@pytest.mark.parametrize("open_line", [False, True], ids=["a phone that rings", "an open line"])
async def test_somsri_is_given_on_to_a_queue_and_to_an_operator(
    hotline: Hotline, open_line: bool
) -> None:
    await hotline.rules("damrong", wrapup_seconds=2, ring_seconds=4)
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=open_line)
    malee = await hotline.operator("malee", queues=["gcc"], habit=answers(0.1))
    await hotline.pause("malee", "lunch")
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(somsri.voice, within=3)

    pressed = await give_on(hotline, "somchai", somsri, queue="gcc")
    await somsri.comes_to_hear("music", within=MUSIC_SECONDS)
    print(f"music {now() - pressed:.2f} s after the button")
    await hotline.in_line("gcc", somsri)
    await hotline.api.is_in("somchai", "wrapup")
    alone = now()
    await hotline.api.is_in("somchai", "available", within=10)
    assert somsri.heard(alone).share(somchai.voice) == 0, "she hears who has given her on"

    await hotline.resume("malee")
    await somsri.comes_to_hear(malee.voice, within=5)
    await malee.comes_to_hear(somsri.voice, within=3)
    pressed = await give_on(hotline, "malee", somsri, operator="somchai")
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(somsri.voice, within=3)
    print(f"the colleague's voice {now() - pressed:.2f} s after the button")

    somsri.hang_up()
    record = await hotline.record(somsri)
    told = [record[name] for name in ("outcome", "queue", "talks", "transfers", "ended_by")]
    assert told == ["answered", "damrong", 3, 2, "caller"]
    offers = await hotline.records.offers(record["call_id"])
    assert [(row["operator"], row["queue"], row["result"]) for row in offers] == [
        ("somchai", "damrong", "answered"),
        ("malee", "gcc", "answered"),
        ("somchai", "gcc", "answered"),
    ]
    for queue, to in (("damrong", "queue"), ("gcc", "operator")):
        assert await hotline.api.metric("hotline_call_transfers_total", queue=queue, to=to) >= 1


async def test_nobody_answers_and_somsri_is_at_the_front_of_the_queue_she_came_from(
    hotline: Hotline,
) -> None:
    await hotline.rules("damrong", wrapup_seconds=60, ring_seconds=3)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.operator("malee", queues=["gcc"], habit=ignores())
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    chai = await hotline.calls("1567")
    await hotline.in_line("damrong", chai)

    await give_on(hotline, "somchai", somsri, operator="malee")
    await until(lambda: malee.rings, within=5)
    await somsri.comes_to_hear("music", within=MUSIC_SECONDS)
    await hotline.api.is_in("malee", "paused/rona", within=10)
    await hotline.in_line("damrong", somsri, chai)
    nok = await hotline.operator("nok", habit=answers(0.1))
    await somsri.comes_to_hear(nok.voice, within=5)
