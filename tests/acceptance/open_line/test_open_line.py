"""Somchai has a headset on: his phone is rung once, and caller after caller is there."""

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers, refuses
from tests.people.phone_call import PhoneCall
from tests.people.talk import talk_for


async def headset(hotline: Hotline, name: str = "somchai") -> OperatorPhone:
    """Logged in with an open line, answered, ready."""
    phone = await hotline.operator(name, habit=answers(0.1), open_line=True)
    await hotline.api.is_in(name, "available", within=3)
    return phone


def line_of(phone: OperatorPhone) -> PhoneCall:
    """The one call that the phone has."""
    assert len(phone.calls) == 1 and phone.rang_while_busy == 0
    return phone.calls[0]


async def they_talk(caller: Caller, phone: OperatorPhone) -> None:
    """Each hears the other, and nobody else."""
    await caller.comes_to_hear(phone.voice, within=5)
    await phone.comes_to_hear(caller.voice, within=5)


async def test_three_callers_and_one_ring(hotline: Hotline) -> None:
    somchai = await headset(hotline)
    line = line_of(somchai)
    invites = line.everything_said.count("INVITE sip:")
    people = [await hotline.calls("1567") for _ in range(3)]
    for caller in people:
        await they_talk(caller, somchai)
        waiting = [other for other in people if not other.is_over and other is not caller]
        for other in waiting:
            await other.comes_to_hear("music", within=3)
        caller.hang_up()
    await hotline.api.is_in("somchai", "available", within=5)
    assert line.is_up, "the line stays"
    assert line_of(somchai) is line
    assert line.everything_said.count("INVITE sip:") == invites == 1, "not even a re-INVITE"
    for caller in people:
        assert caller.number not in line.everything_said
        record = await hotline.record(caller)
        assert (record["outcome"], record["ended_by"]) == ("answered", "caller")


async def test_two_requests_a_call_and_three_when_the_operator_ends_it(hotline: Hotline) -> None:
    somchai = await headset(hotline)

    async def sent() -> float:
        counts = await hotline.api.metrics()
        aside = ("read", "beat", "filter", "reload", "open_room", "enter_room", "probe")
        return sum(
            value
            for (name, labels), value in counts.items()
            if name == "hotline_ari_requests_total" and dict(labels)["operation"] not in aside
        )

    async def costs(requests: int) -> None:
        """The answers are counted, and the last one may come after the operator is free."""

        async def so() -> bool:
            return await sent() - before >= requests

        await until(so, within=5)
        assert await sent() - before == requests

    before = await sent()
    for _ in range(3):
        caller = await hotline.calls("1567")
        await they_talk(caller, somchai)
        caller.hang_up()
        await hotline.api.is_in("somchai", "available", within=5)
    await costs(3 * 2)
    caller = await hotline.calls("1567")
    await they_talk(caller, somchai)
    await hotline.api.ask("POST", "/operators/somchai/hang-up")
    await until(lambda: caller.is_over, within=5)
    await hotline.api.is_in("somchai", "available", within=5)
    await costs(3 * 2 + 3)


async def test_who_is_ended_from_the_console_has_left_when_the_next_comes(
    hotline: Hotline,
) -> None:
    somchai = await headset(hotline)
    somsri, malee = await hotline.calls("1567"), await hotline.calls("1567")
    await they_talk(somsri, somchai)
    await hotline.api.ask("POST", "/operators/somchai/hang-up")
    await they_talk(malee, somchai)
    assert (somsri.is_over, somsri.ended_by) == (True, "far end")
    together = somsri.heard(somsri.answered_at)
    assert str(malee.voice) not in together.sounds
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")


async def test_the_receiver_is_put_down_in_a_talk(hotline: Hotline) -> None:
    somchai = await headset(hotline)
    somsri, malee = await hotline.calls("1567"), await hotline.calls("1567")
    await they_talk(somsri, somchai)
    somchai.hang_up()
    await until(lambda: somsri.is_over, within=5)
    await hotline.api.is_in("somchai", "paused/line", within=5)
    await malee.comes_to_hear("music", within=5)
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")
    await hotline.resume("somchai")  # his phone rings anew
    await they_talk(malee, somchai)
    assert len(somchai.calls) == 2


async def test_a_phone_that_is_not_picked_up_is_no_line(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=refuses(), open_line=True)
    await hotline.api.is_in("somchai", "paused/line", within=5)
    await until(lambda: len(somchai.calls) == 1 and somchai.calls[0].is_over, within=5)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear("music", within=5)
    somchai.habit = answers(0.1)
    await hotline.resume("somchai")
    await they_talk(somsri, somchai)


async def test_home_time_hangs_the_line_up(hotline: Hotline) -> None:
    somchai = await headset(hotline)
    line = line_of(somchai)
    await hotline.log_out("somchai")
    await line.is_done(within=5)
    assert line.how_it_ended == "far end"
    await hotline.api.is_in("somchai", "offline")


async def test_an_ordinary_log_in_takes_the_line_away(hotline: Hotline) -> None:
    somchai = await headset(hotline)
    await hotline.api.ask("POST", "/operators/somchai/log-in", {"open_line": False})
    await somchai.calls[0].is_done(within=5)
    somsri = await hotline.calls("1567")
    await they_talk(somsri, somchai)
    assert len(somchai.calls) == 2


async def test_the_service_is_killed_in_a_talk(hotline: Hotline) -> None:
    somchai = await headset(hotline)
    line = line_of(somchai)
    somsri, malee = await hotline.calls("1567"), await hotline.calls("1567")
    await they_talk(somsri, somchai)
    killed = now()
    await hotline.service.kills()
    await talk_for(1)
    await hotline.service.starts()
    await talk_for(1)
    await hotline.api.is_in("somchai", "on_call")
    assert somsri.heard(killed).only(somchai.voice) and line.heard(killed).only(somsri.voice)
    somsri.hang_up()
    await they_talk(malee, somchai)
    assert line_of(somchai) is line
    malee.hang_up()
    assert (await hotline.record(somsri))["ended_by"] == "caller"


async def test_asterisk_is_killed_and_the_phone_rings_by_itself(hotline: Hotline) -> None:
    somchai = await headset(hotline)
    somsri = await hotline.calls("1567")
    await they_talk(somsri, somchai)
    hotline.asterisk.kill()
    hotline.asterisk.start()
    somsri.close()
    somchai.calls[0].close()
    somchai.calls.clear()  # that line is dead, and nobody will say so
    await somchai.registers_now(within=10)
    await until(lambda: somchai.talks, within=15)
    await hotline.api.is_in("somchai", "available", within=5)
    malee = await hotline.calls("1567")
    await they_talk(malee, somchai)


async def test_no_caller_is_joined_with_a_line_that_the_phone_has_on_hold(
    hotline: Hotline,
) -> None:
    """Somchai holds, goes away, and his caller leaves: the next one would hear nothing."""
    await hotline.rules("damrong", wrapup_seconds=0)
    somchai = await headset(hotline)
    somsri = await hotline.calls("1567")
    await they_talk(somsri, somchai)
    line_of(somchai).hold()
    await somsri.comes_to_hear("music", within=5)
    somsri.hang_up()
    await hotline.api.is_in("somchai", "paused/line_held", within=5)
    malee = await hotline.calls("1567")
    await hotline.in_line("damrong", malee)
    await malee.comes_to_hear("music", within=5)
    line_of(somchai).take_back()
    await they_talk(malee, somchai)
    malee.hang_up()
    record = await hotline.record(malee)
    assert (record["outcome"], record["offers"]) == ("answered", 1)
    line_of(somchai).hold()
    await hotline.api.is_in("somchai", "paused/line_held", within=5)
    await hotline.resume("somchai")  # "I am back", whatever the phone says
    await hotline.api.is_in("somchai", "available", within=5)
