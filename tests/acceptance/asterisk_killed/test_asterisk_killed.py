"""kill -9 of Asterisk: physics ends its calls, each with one record; it comes back by itself."""

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.crowd import all_hear_music, all_talk, one_after_another, who_answers
from tests.people.phone import answers

TALKING, WAITING = 3, 5


async def test_every_call_has_its_record_and_operators_go_on(hotline: Hotline) -> None:
    operators = [
        await hotline.operator(f"op{number}", habit=answers(0.05)) for number in range(TALKING)
    ]
    talkers = await one_after_another(TALKING, lambda: hotline.calls("1567"))
    await all_talk(operators, within=5)
    waiting = await one_after_another(WAITING, lambda: hotline.calls("1567"))
    await all_hear_music(waiting, within=5)
    await hotline.phones_are_kept()

    hotline.asterisk.kill()
    for person in (*talkers, *waiting):
        person.vanish()
    for operator in operators:
        operator.hang_up()

    async def noticed() -> bool:
        return await hotline.api.metric("hotline_ari_connected") == 0

    await until(noticed, within=5)
    hotline.asterisk.start()
    booted = now()
    somsri = await hotline.calls("1567")
    await until(lambda: any(operator.talks for operator in operators), within=10)
    assert now() - booted < 30, "served within seconds of the boot, without a new log-in"
    await who_answers(somsri, operators, within=5)

    for person in talkers:
        record = await hotline.record(person)
        assert (record["outcome"], record["ended_by"]) == ("answered", "lost")
    for person in waiting:
        record = await hotline.record(person)
        assert (record["outcome"], record["reason"]) == ("failed", "asterisk_lost")
