"""A caller asks to be called back, hangs up, and is called over the trunk when it is their turn.

The carrier is a telephone with the citizen's number; every INVITE that leaves Asterisk comes there.
"""

import itertools
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.hotline import Hotline, Shared
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers, answers_without_sdp, ignores, redirects, refuses
from tests.people.phone_call import PhoneCall

CARRIER_PORT = 16_100
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    """One whose callbacks go to this carrier."""
    own = Shared(lambda: Hotline(callback_contact=f"sip:127.0.0.1:{CARRIER_PORT}"))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    """It may call back mobile numbers."""
    async with own.lent() as hotline:
        hotline.site.callbacks = 'prefixes = ["08"]\ntries = 2\npause_seconds = 30\n'
        await hotline.rules("damrong", callback_after_seconds=1)
        yield hotline


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(hotline: Hotline) -> AsyncIterator[OperatorPhone]:
    """The citizen's phone, behind the carrier; its user is a number of this story alone."""
    number = f"08111122{next(_numbers):02d}"
    phone = OperatorPhone("citizen", user=number, habit=answers(1), port=CARRIER_PORT)
    yield await phone.plugged_in(at=hotline.sip)
    phone.close()


async def asks(hotline: Hotline, citizen: OperatorPhone) -> Caller:
    """Calls, waits, hears that a callback can be had, presses 2, and is let go."""
    return await asks_from(hotline, citizen.user)


async def asks_from(hotline: Hotline, number: str) -> Caller:
    """The same for a number whose phone is not one of ours."""
    caller = await hotline.calls("1567", number)
    await hotline.in_line("damrong", caller)
    await until(lambda: not caller.hears("music"), within=10)

    async def is_taken() -> bool:
        caller.press("2")
        found = await hotline.api.ask("GET", "/callbacks")
        return len(found["callbacks"]) == 1

    await until(is_taken, within=10, every=1)
    await caller.is_gone(within=20)
    assert caller.ended_by == "far end"
    return caller


async def presses_until_joined(call: PhoneCall, operator: OperatorPhone) -> None:
    """The key is pressed again, as people do, until somebody is there."""

    async def is_there() -> bool:
        if not operator.calls:
            call.press("1")
        return bool(operator.calls)

    await until(is_there, within=15, every=1)


async def test_called_back_when_it_is_their_turn(hotline: Hotline, citizen: OperatorPhone) -> None:
    ada = await asks(hotline, citizen)
    await hotline.rules("damrong", max_wait_seconds=5)

    async def is_overdue() -> bool:
        return await hotline.api.metric("hotline_callbacks_overdue", queue="damrong") == 1

    await until(is_overdue, within=15)
    oldest = await hotline.api.metric("hotline_callback_oldest_wait_seconds", queue="damrong")
    assert 5 <= oldest < 60
    await hotline.rules("damrong", max_wait_seconds=600)
    ben = await hotline.calls("1567")

    async def stands_behind() -> bool:
        line = await hotline.api.waiting("damrong")
        return [(x["place"], x["state"]) for x in line] == [(1, "callback"), (2, "waiting")]

    await until(stands_behind, within=5)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_rung(within=10)
    assert call.everything_said.startswith(f"INVITE sip:{citizen.user}@127.0.0.1:{CARRIER_PORT} ")
    assert "<sip:1567@" in call.shown
    assert not somchai.calls, "the operator is kept free, and not rung yet"
    await citizen.is_talking(within=10)
    await presses_until_joined(call, somchai)
    await citizen.comes_to_hear(somchai.voice, within=10)
    await somchai.comes_to_hear(citizen.voice, within=10)
    await ben.comes_to_hear("music", within=20)  # after the offer
    citizen.hang_up()
    await ben.comes_to_hear(somchai.voice, within=10)

    record = await hotline.record(ada)
    assert (record["outcome"], record["callback_result"]) == ("answered", "answered")
    assert record["callback_tries"] == 1
    assert record["wait_seconds"] > (call.rang_at - ada.answered_at), "from the first arrival"
    looked = await hotline.records.rows("select about from audit where action = 'callback.rung'")
    assert [row["about"] for row in looked].count(record["call_id"]) == 1
    ended = "hotline_callbacks_ended_total"
    assert await hotline.api.metric(ended, queue="damrong", result="answered") >= 1
    assert await hotline.api.metric("hotline_callbacks_overdue", queue="damrong") == 0


async def test_a_machine_that_answers_is_not_an_answer(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    ada = await asks(hotline, citizen)
    hotline.site.callbacks = 'prefixes = ["08"]\ntries = 1\nkey_seconds = 10\n'
    await hotline.rules("damrong", callback_after_seconds=1, max_wait_seconds=601)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_talking(within=10)
    await call.is_done(within=20)
    assert not somchai.calls
    record = await hotline.record(ada, within=10)
    assert (record["outcome"], record["reason"]) == ("callback", "not_reached")
    await hotline.api.is_in("somchai", "available")


async def test_kept_over_kill_9_and_rung_once(hotline: Hotline, citizen: OperatorPhone) -> None:
    citizen.habit = ignores()
    await hotline.rules("damrong", ring_seconds=120)  # it rings until the service is back
    ada = await asks(hotline, citizen)
    await hotline.service_is_gone()
    await hotline.service.starts()
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_rung(within=15)
    await hotline.service_is_gone()
    await hotline.service.starts()
    citizen.answer()
    await citizen.is_talking(within=10)
    await presses_until_joined(call, somchai)
    await citizen.comes_to_hear(somchai.voice, within=10)
    assert len(citizen.calls) == 1
    citizen.hang_up()
    record = await hotline.record(ada, within=10)
    assert (record["outcome"], record["callback_tries"]) == ("answered", 1)


async def test_the_citizens_own_call_has_the_place(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    await asks(hotline, citizen)
    ben = await hotline.calls("1567")
    again = await hotline.calls("1567", citizen.user)
    await hotline.in_line("damrong", again, ben)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await again.comes_to_hear(somchai.voice, within=10)
    assert not citizen.calls
    found = await hotline.api.ask("GET", "/callbacks")
    assert found["callbacks"] == []


async def test_nothing_leaves_but_what_is_listed(hotline: Hotline, citizen: OperatorPhone) -> None:
    """Premium, short, foreign and forged numbers are offered nothing."""
    for number in (
        "1900123456",
        "021234567",
        "+442079460000",
        "191",
        "0811112222%3Bx=y",
        "08111%40x",
    ):
        caller = await hotline.calls("1567", number)
        await caller.comes_to_hear("music", within=5)
        caller.press("2")
        caller.hang_up()
        await caller.is_gone(within=5)
    found = await hotline.api.ask("GET", "/callbacks")
    assert found["callbacks"] == []
    await hotline.operator("somchai", habit=answers(0.1))
    assert not citizen.calls


async def test_a_redirect_is_not_followed(hotline: Hotline, citizen: OperatorPhone) -> None:
    """Whoever answers the call back with 302 to a premium number, or to another host, is called no
    more: nothing else leaves."""
    elsewhere = await OperatorPhone("elsewhere", port=CARRIER_PORT + 1).plugged_in(at=hotline.sip)
    citizen.habit = redirects(302, f"<sip:1900123456@127.0.0.1:{CARRIER_PORT + 1}>")
    await asks(hotline, citizen)
    await hotline.operator("somchai", habit=answers(0.1))
    await until(lambda: bool(citizen.calls), within=10)

    async def is_resting() -> bool:
        found = await hotline.api.ask("GET", "/callbacks")
        return [back["state"] for back in found["callbacks"]] == ["resting"]

    await until(is_resting, within=10)
    assert len(citizen.calls) == 1
    assert not elsewhere.calls
    assert all("1900123456" not in call.everything_said for call in citizen.calls)
    elsewhere.close()
    (back,) = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
    await hotline.api.ask("DELETE", f"/callbacks/{back['call']}")


async def test_asked_at_the_console_for_a_chosen_time(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    """The caller talks with an operator, who asks for a callback; it comes then, and not before."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ada = await hotline.calls("1567", citizen.user)
    await ada.comes_to_hear(somchai.voice, within=15)
    card = await hotline.api.ask("GET", "/operators/somchai/call")
    due, moment = time.monotonic() + 45, datetime.now(UTC) + timedelta(seconds=45)
    wanted = {"call": card["call"], "at": moment.isoformat()}
    made = await hotline.api.ask("POST", "/callbacks", wanted)
    ada.hang_up()
    (back,) = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
    assert (back["call"], back["state"], back["place"]) == (made["call"], "resting", None)
    await hotline.api.is_in("somchai", "available", within=15)

    call = await citizen.is_rung(within=90)
    assert call.rang_at > due - 1, "not before the time that was chosen"
    await citizen.is_talking(within=10)

    async def is_joined() -> bool:
        if len(somchai.calls) == 1:
            call.press("1")
        return len(somchai.calls) == 2

    await until(is_joined, within=15, every=1)
    await citizen.comes_to_hear(somchai.voice, within=10)
    card = await hotline.api.ask("GET", "/operators/somchai/call")
    assert card["callback"] is True
    citizen.hang_up()

    async def is_over() -> bool:
        told = f"select * from calls where call_id = '{made['call']}' and ended_at is not null"
        rows[:] = await hotline.records.rows(told)
        return bool(rows)

    rows: list[dict[str, object]] = []
    await until(is_over, within=15)
    assert (rows[0]["outcome"], rows[0]["callback_tries"]) == ("answered", 1)
    assert float(str(rows[0]["wait_seconds"])) < 40, "the time that was chosen is no wait"


@pytest.mark.rare
async def test_a_sick_carrier_costs_none_of_the_tries(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    """It has one try. The carrier refuses three calls, and does not answer a fourth."""
    hotline.site.callbacks = 'prefixes = ["08"]\ntries = 1\nring_seconds = 10\n'
    await hotline.rules("damrong", callback_after_seconds=1, max_wait_seconds=602)
    citizen.says, citizen.habit = (100,), refuses(503, "Service Unavailable")
    ada = await asks(hotline, citizen)
    refused = "hotline_callback_tries_total"
    before = await hotline.api.metric(refused, queue="damrong", result="carrier")
    somchai = await hotline.operator("somchai", habit=answers(0.1))

    async def rests_after(refusals: int) -> dict[str, object]:
        async def so() -> bool:
            found[:] = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
            return [(x["state"], x["refusals"]) for x in found] == [("resting", refusals)]

        found: list[dict[str, object]] = []
        await until(so, within=20)
        await hotline.api.is_in("somchai", "available")
        return found[0]

    back = await rests_after(1)
    citizen.habit = refuses(480, "Temporarily Unavailable")
    again = datetime.fromisoformat(str(back["next_try_at"])) - datetime.now(UTC)
    assert timedelta(seconds=15) < again < timedelta(seconds=31)
    await rests_after(2)  # called by itself
    assert citizen.calls[1].rang_at - citizen.calls[0].rang_at > 29

    hurry = f"/callbacks/{back['call']}/attempt"
    citizen.habit = refuses(408, "Request Timeout")
    await hotline.api.ask("POST", hurry)
    await rests_after(3)
    citizen.says, citizen.habit = (), ignores()
    await hotline.api.ask("POST", hurry)
    await rests_after(4)
    assert await hotline.api.metric(refused, queue="damrong", result="carrier") == before + 4
    assert await hotline.api.metric("hotline_callback_refusals") == 4

    citizen.calls[-1].is_lost()  # nobody cancels what was not answered by anything

    citizen.says, citizen.habit = (100, 180), answers(1)
    rung = len(citizen.calls)
    await hotline.api.ask("POST", hurry)
    await until(lambda: len(citizen.calls) > rung, within=10)
    await citizen.is_talking(within=10)
    await presses_until_joined(citizen.calls[-1], somchai)
    await citizen.comes_to_hear(somchai.voice, within=10)
    citizen.hang_up()
    record = await hotline.record(ada, within=10)
    assert (record["outcome"], record["callback_result"]) == ("answered", "answered")
    assert await hotline.api.metric("hotline_callback_refusals") == 0


@pytest.mark.parametrize("says", [(100,), (100, 180)])
async def test_an_answer_without_sdp_is_the_carriers_trouble_and_costs_no_try(
    hotline: Hotline, citizen: OperatorPhone, says: tuple[int, ...]
) -> None:
    """Asterisk itself ends such a call at once. No person was there."""
    hotline.site.callbacks = 'prefixes = ["08"]\ntries = 1\n'
    await hotline.rules("damrong", callback_after_seconds=1, max_wait_seconds=604)
    citizen.says, citizen.habit = says, answers_without_sdp()
    await asks(hotline, citizen)
    await hotline.operator("somchai", habit=answers(0.1))

    async def rests() -> bool:
        found = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
        return [(x["state"], x["refusals"]) for x in found] == [("resting", 1)]

    await until(rests, within=20)
    assert citizen.calls[-1].how_it_ended == "far end"
    [back] = (await hotline.api.ask("GET", "/callbacks"))["callbacks"]
    await hotline.api.ask("DELETE", f"/callbacks/{back['call']}")


@pytest.mark.parametrize(("says", "status"), [((100,), 486), ((100, 180), 480)])
async def test_a_line_that_was_reached_costs_a_try(
    hotline: Hotline, citizen: OperatorPhone, says: tuple[int, ...], status: int
) -> None:
    """Busy, though it rang nobody; a phone that rang, whatever the carrier says at last."""
    hotline.site.callbacks = f'prefixes = ["08"]\ntries = 1\npause_seconds = {status}\n'
    await hotline.rules("damrong", callback_after_seconds=1, max_wait_seconds=status)
    citizen.says, citizen.habit = says, refuses(status, "No", after_seconds=1)
    ada = await asks(hotline, citizen)
    await hotline.operator("somchai", habit=answers(0.1))
    record = await hotline.record(ada, within=15)
    assert (record["outcome"], record["reason"]) == ("callback", "not_reached")


async def test_a_talk_outlives_a_lost_journal_and_the_log_out_of_its_operator(
    hotline: Hotline, citizen: OperatorPhone
) -> None:
    """kill -9 in the talk, and the service that comes knows nothing of anybody."""
    await asks(hotline, citizen)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_talking(within=10)
    await presses_until_joined(call, somchai)
    await citizen.comes_to_hear(somchai.voice, within=10)

    async def all_is_stored() -> bool:
        return await hotline.api.metric("hotline_record_behind_facts") == 0

    await until(all_is_stored, within=10)
    await hotline.service.kills()
    for path in (hotline.directory / "data" / "journal").glob("*.journal"):
        path.unlink()
    hotline.service.launch()
    await hotline.service.is_ready()
    await hotline.log_in("somchai")
    again = time.monotonic()
    await hotline.log_out("somchai")
    await hotline.api.is_in("somchai", "offline")
    await until(lambda: time.monotonic() > again + 3, within=10)
    assert call.heard(again).only(somchai.voice), "the talk was not touched"
    await somchai.comes_to_hear(citizen.voice, within=5)
    assert len(citizen.calls) == len(somchai.calls) == 1
    citizen.hang_up()
    await until(lambda: somchai.now is None, within=10)
    await hotline.log_in("somchai")
    ben = await hotline.calls("1567")
    await ben.comes_to_hear(somchai.voice, within=15)
