"""Somchai asks Malee while Somsri hears music: the two alone, then all three, and Somsri goes on
with Malee. Each hears whom they should, and nobody else, also over a kill of the service."""

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.ear import Ear, Heard
from tests.people.phone import answers, refuses
from tests.people.talk import talk_for

SECONDS = 10.0  # on a busy machine; told is what it was
LISTENED = (0.8, 0.2)
"""From when until when (seconds ago) what they hear is looked at: packets of the last moment may be
on their way."""


async def press(hotline: Hotline, what: str = "", **more: str) -> float:
    """A button of Somchai's; when it was pressed."""
    shown = await hotline.api.operator("somchai")
    path = "/operators/somchai/call/consult" + (f"/{what}" if what else "")
    pressed = now()
    await hotline.api.ask("POST", path, {"call": shown["call"], **more})
    return pressed


def heard_by(person: Caller | OperatorPhone) -> Heard:
    """What somebody hears just now; without a call, nothing."""
    call = person if isinstance(person, Caller) else person.now
    since, until_when = (now() - ago for ago in LISTENED)
    return (call.ear if call else Ear()).heard(since, until_when)


async def hear_each_other(*people: Caller | OperatorPhone) -> None:
    """Each hears all the others, and nothing else."""
    voices = {person.voice for person in people}

    def so() -> bool:
        for person in people:
            heard = heard_by(person)
            meant = {str(voice) for voice in voices - {person.voice}}
            least = min(heard.share(voice) for voice in meant)
            if not heard.sounds <= {*meant, "nothing"} or least < 0.5:
                return False
        return True

    await until(
        so, within=SECONDS, every=0.1, but=lambda: f"{voices}: {[heard_by(x) for x in people]}"
    )


async def is_at(hotline: Hotline, stage: str, name: str = "somchai") -> None:
    """Wait until that operator's page shows that it is so far: sound may be there before."""
    seen: list[str] = []

    async def so() -> bool:
        shown = (await hotline.api.operator(name))["consult"] or {"stage": "", "result": ""}
        seen[:] = ["/".join(filter(None, (shown["stage"], shown["result"])))]
        return seen == [stage]

    await until(so, within=SECONDS, but=lambda: f"{name} is at {seen}, not at {stage}")


@pytest.mark.parametrize(
    ("open_line", "colleagues"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["phones that ring", "an open line", "a colleague's open line", "open lines"],
)
async def test_a_colleague_is_asked_taken_in_and_given_the_caller(
    hotline: Hotline, open_line: bool, colleagues: bool
) -> None:
    await hotline.rules("damrong", wrapup_seconds=60, ring_seconds=20)
    somchai = await hotline.operator("somchai", habit=answers(0.1), open_line=open_line)
    malee = await hotline.operator(
        "malee", queues=["gcc"], habit=answers(0.5), open_line=colleagues
    )
    await hotline.api.is_in("malee", "available", within=15)
    somsri = await hotline.calls("1567")
    await hear_each_other(somsri, somchai)

    pressed = await press(hotline, operator="malee")
    await somsri.comes_to_hear("music", within=SECONDS)
    print(f"music {now() - pressed:.2f} s after the button")
    await hear_each_other(somchai, malee)
    print(f"the colleague's voice {now() - pressed:.2f} s after the button, of it 0.5 s ringing")
    await is_at(hotline, "talking")
    await is_at(hotline, "talking", "malee")

    pressed = await press(hotline, "cancellation")
    await hear_each_other(somsri, somchai)
    print(f"the caller is back {now() - pressed:.2f} s after the button")
    await is_at(hotline, "over/cancelled")
    await hotline.api.is_in("malee", "available")
    if colleagues:  # the line is up, and silent
        await until(lambda: heard_by(malee).sounds <= {"silence", "nothing"}, within=SECONDS)
    else:
        await until(lambda: malee.now is None, within=SECONDS)

    await press(hotline, queue="gcc")  # who is free there: Malee
    await hear_each_other(somchai, malee)
    killed = now()
    await hotline.service.kills()
    await somsri.comes_to_hear("music", within=SECONDS)
    await hotline.service.starts()
    await hotline.service.is_whole()
    await is_at(hotline, "talking")
    await somsri.comes_to_hear("music", within=SECONDS)
    await talk_for(1)
    assert somsri.heard(killed).only("music", least=0.5), "she hears who talks of her"

    pressed = await press(hotline, "conference")
    await hear_each_other(somsri, somchai, malee)
    print(f"all three {now() - pressed:.2f} s after the button")
    await is_at(hotline, "conference", "malee")
    pressed = await press(hotline, "completion")
    await hear_each_other(somsri, malee)
    print(f"the colleague alone {now() - pressed:.2f} s after the button")
    await hotline.api.is_in("somchai", "wrapup")
    await hotline.api.is_in("malee", "on_call")
    if open_line:
        await hotline.resume("somchai")
        next_one = await hotline.calls("1567")
        await hear_each_other(next_one, somchai)
        await hear_each_other(somsri, malee)
        next_one.hang_up()

    somsri.hang_up()
    record = await hotline.record(somsri)
    names = ("outcome", "operator", "talks", "transfers", "transfer_kind", "consults", "ended_by")
    assert [record[name] for name in names] == [
        *("answered", "malee", 2, 1, "attended", 2, "caller")
    ]
    assert record["consult_seconds"] > 0
    counted = "hotline_call_consults_total"
    assert await hotline.api.metric(counted, queue="damrong", result="given") >= 1
    if not colleagues:
        await until(lambda: malee.now is None, within=SECONDS)
        return
    await hotline.resume("malee")
    last = await hotline.calls("1111")  # the line is at home again, and takes the next caller
    await hear_each_other(last, malee)
    last.hang_up()


async def test_a_colleague_who_declines_leaves_the_caller_with_the_operator(
    hotline: Hotline,
) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.operator("malee", queues=["gcc"], habit=refuses(after_seconds=0.5))
    somsri = await hotline.calls("1567")
    await hear_each_other(somsri, somchai)
    await press(hotline, operator="malee")
    await until(lambda: malee.calls, within=SECONDS)
    await until(lambda: malee.now is None, within=SECONDS)
    await hear_each_other(somsri, somchai)
    await is_at(hotline, "over/declined")

    malee.habit = answers(0.1)
    await hotline.resume("malee")
    await press(hotline, operator="malee")
    await hear_each_other(somchai, malee)
    somsri.hang_up()
    await until(lambda: (somchai.now, malee.now) == (None, None), within=SECONDS)
    record = await hotline.record(somsri)
    assert [record[name] for name in ("operator", "consults", "ended_by")] == [
        *("somchai", 2, "caller")
    ]
