"""Two queues and two operators who serve both: who has been idle longest is rung."""

from tests.hotline import Hotline
from tests.people import Caller, OperatorPhone, until
from tests.people.crowd import who_answers
from tests.people.phone import answers


async def served_by(caller: Caller, operators: list[OperatorPhone]) -> str:
    """Who answered; the conversation is ended."""
    answered = await who_answers(caller, operators, within=3)
    caller.hang_up()
    await until(lambda: answered.now is None, within=5)
    return answered.name


async def test_calls_go_round(hotline: Hotline) -> None:
    both = ["damrong", "gcc"]
    somchai = await hotline.operator("somchai", queues=both, habit=answers(0.1))
    malee = await hotline.operator("malee", queues=both, habit=answers(0.1))
    ning = await hotline.operator("ning", queues=["gcc"], habit=answers(0.1))
    everyone = [somchai, malee, ning]
    order = []
    for did in ("1567", "1111", "1111", "1567", "1567", "1111"):
        order.append(await served_by(await hotline.calls(did), everyone))
    assert order == ["somchai", "malee", "ning", "somchai", "malee", "ning"]


async def test_an_operator_of_another_queue_is_not_rung(hotline: Hotline) -> None:
    ning = await hotline.operator("ning", queues=["gcc"], habit=answers(0.1))
    somsri = await hotline.calls("1567")
    somchai_calls = await hotline.calls("1111")
    await somchai_calls.comes_to_hear(ning.voice, within=5)
    await somsri.comes_to_hear("music", within=5)
    assert len(ning.calls) == 1
