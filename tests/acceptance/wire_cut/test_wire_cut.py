"""The wire between the service and Asterisk is cut, or swallows everything without a sign."""

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import OperatorPhone, until
from tests.people.crowd import who_answers
from tests.people.phone import answers
from tests.people.talk import talk_for

BLACK_SECONDS = 8


async def is_noticed(hotline: Hotline) -> bool:
    return await hotline.api.metric("hotline_ari_connected") == 0


async def test_cut(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    talker = await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=5)
    first, second = await hotline.calls("1567"), await hotline.calls("1567")
    await first.comes_to_hear("music", within=5)

    cut = now()
    hotline.wire.cut()
    first.hang_up()  # while nobody listens
    third = await hotline.calls("1567")
    await third.comes_to_hear("music", within=5)
    await hotline.in_line("damrong", second, third)
    heard = talker.heard(cut)
    assert heard.only(somchai.voice), heard
    assert (await hotline.record(first))["outcome"] in ("abandoned", "abandoned_short")
    talker.hang_up()
    for person in (second, third):
        await person.comes_to_hear(somchai.voice, within=3)
        person.hang_up()


async def test_black_hole(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.operator("malee", habit=answers(0.1))
    talker, leaver = await hotline.calls("1567"), await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=5)
    await leaver.comes_to_hear(malee.voice, within=5)
    waiter = await hotline.calls("1567")
    await waiter.comes_to_hear("music", within=5)

    black = now()
    hotline.wire.black_hole()
    await until(lambda: is_noticed(hotline), within=5)
    leaver.hang_up()
    newcomer = await hotline.calls("1567")
    await newcomer.comes_to_hear("music", within=6)
    await talk_for(BLACK_SECONDS - (now() - black))
    assert waiter.heard(black).share("music") > 0.85
    assert talker.heard(black).only(somchai.voice)

    hotline.wire.heal()
    record = await hotline.record(leaver, within=8)
    assert (record["outcome"], record["operator"]) == ("answered", "malee")
    talker.hang_up()
    for person in (waiter, newcomer):
        await who_answers(person, [somchai, malee], within=15)


async def test_an_attempt_that_was_given_up_comes_through_late(hotline: Hotline) -> None:
    """It takes the service's place in Asterisk as a second service would; it is none."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    talker = await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=3)
    said = hotline.service.says()
    hotline.wire.black_hole()
    await until(lambda: said('"TimeoutError"'), within=15)
    hotline.wire.heal(ghosts_after_seconds=8)
    waiter = await hotline.calls("1567")
    await until(lambda: said("an earlier attempt of our own"), within=15)
    await talker.comes_to_hear(somchai.voice, within=3)
    talker.hang_up()
    await waiter.comes_to_hear(somchai.voice, within=15)
    await hotline.service.is_whole()


async def test_flapping_for_a_while(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    talker, waiter = await hotline.calls("1567"), await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=5)
    await waiter.comes_to_hear("music", within=5)
    began, connections = now(), hotline.wire.connections
    for _ in range(6):
        hotline.wire.cut()
        await talk_for(1)
    assert hotline.wire.connections - connections < 40, "no storm of connections"
    assert talker.heard(began).only(somchai.voice)
    assert waiter.heard(began).share("music") > 0.85
    talker.hang_up()
    await waiter.comes_to_hear(somchai.voice, within=5)


async def test_a_phone_that_is_added_meanwhile_registers_when_the_wire_is_back(
    hotline: Hotline,
) -> None:
    somchai = OperatorPhone("somchai", habit=answers(0.1))
    hotline.phones["somchai"] = await somchai.plugged_in(at=hotline.sip)
    card = {"operator": "somchai", "name": "Somchai Jaidee", "account": False}
    hotline.wire.black_hole()
    await until(lambda: is_noticed(hotline), within=5)
    added = await hotline.api.ask("POST", "/operators", card)
    assert not added["phone_known"]
    hotline.wire.heal()
    somchai.secret = added["sip_secret"]

    async def registers() -> bool:
        somchai.register()
        await until(lambda: somchai.register_status, within=5)
        return somchai.register_status == 200

    await until(registers, within=15)
