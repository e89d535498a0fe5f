"""What the dial plan does to a caller, on the real Asterisk, and what the ledger says of it."""

import asyncio
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from callcenter.ports.phones import without_domain
from tests.contract.sip_phone import Call, Phone
from tests.integration.plain_ari import PlainAri
from tests.parts import PrivateAsterisk

SIP_PORT, HTTP_PORT, RTP_PORT = 15061, 18089, 20200
PHONES_PORT, CALLERS_PORT = 15071, 15072

COLUMNS = (
    "linkedid",
    "uniqueid",
    "start",
    "answer",
    "end",
    "disposition",
    "duration",
    "billsec",
    "lastapp",
    "accountcode",
    "lifeboat_since",
    "lifeboat_wait",
    "lifeboat_operator",
    "channel",
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows that come after this one was opened."""

    path: Path
    seen: int

    def rows(self) -> list[dict[str, str]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            rows = [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(file)]
        return [row | self._who(row["accountcode"]) for row in rows[self.seen :]]

    @staticmethod
    def _who(account: str) -> dict[str, str]:
        """The account code's parts, all empty for an operator's leg. The name is there when a
        caller came again by another channel."""
        stage, *name, did, caller = account.split("/") if account else ["", "", ""]
        return {"stage": stage, "name": "".join(name), "did": did, "caller": caller}

    async def callers(self, count: int) -> list[dict[str, str]]:
        """The callers' rows (those with a stage), when there are `count` of them."""
        await until(lambda: len(self._with_stage()) >= count)
        return self._with_stage()

    def _with_stage(self) -> list[dict[str, str]]:
        rows = [row for row in self.rows() if row["channel"].startswith("PJSIP/")]
        return [row for row in rows if row["stage"]]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is true; the test's own time limit ends a wait in vain."""
    while not condition():  # noqa: ASYNC110 - what is waited for happens in another process
        await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    own = PrivateAsterisk(
        tmp_path_factory.mktemp("asterisk"),
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_port_first=RTP_PORT,
        lifeboat_retries=1,
        lifeboat_retry_seconds=1,
        lifeboat_turn_seconds=8,
        lifeboat_ring_seconds=5,
        lifeboat_max_wait_seconds=120,
    )
    own.write_operators({name: f"sip:{name}@127.0.0.1:{PHONES_PORT}" for name in ("som-o", "dee")})
    with own:
        yield own


@pytest.fixture
def ledger(asterisk: PrivateAsterisk) -> Ledger:
    return Ledger(asterisk.ledger, len(Ledger(asterisk.ledger, 0).rows()))


def way_out(why: str) -> dict[str, str]:
    """Where the service sends callers, as a request says it."""
    return {"context": "callcenter-out", "extension": why, "priority": "1"}


def callers() -> Phone:
    return Phone(CALLERS_PORT, SIP_PORT)


def operators() -> Phone:
    return Phone(PHONES_PORT, SIP_PORT)


async def test_a_caller_is_handed_over_with_the_dialled_number(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with PlainAri(asterisk) as ari, callers() as phone:
        await ari.serve()
        call = await phone.call("+6645614545")
        arrived = await ari.event("StasisStart")
        assert arrived["args"] == ["+6645614545"]
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["did"], row["caller"]) == ("stasis", "+6645614545", "0812345678")
        assert row["uniqueid"] == row["linkedid"] == arrived["channel"]["id"]
        assert float(row["start"]) <= float(row["answer"]) <= float(row["end"])


@pytest.mark.parametrize(
    "dialled", ["15a67", "1" * 21, "+", "%3Cb%3E", "1567%0d%0a", "*55", "h", "o'--", "%E0%B8%81"]
)
async def test_a_number_that_is_none_is_served_as_unknown(
    asterisk: PrivateAsterisk, ledger: Ledger, dialled: str
) -> None:
    async with PlainAri(asterisk) as ari, callers() as phone:
        await ari.serve()
        call = await phone.call(dialled)
        assert (await ari.event("StasisStart"))["args"] == ["unknown"]
        await hang_up(call)
        assert len(await ledger.callers(1)) == 1


@pytest.mark.parametrize(
    "caller",
    [
        '"Robert\\"); DROP TABLE calls;--" <sip:0812345678@127.0.0.1>',
        '"<script>alert(1)</script>" <sip:%3Cscript%3E@127.0.0.1>',
        '"${SHELL(id)} $[1/0] ,)(" <sip:$%7BSHELL(id)%7D@127.0.0.1>',
        '"\u202eกขค\u0000\u0007" <sip:%00%0a%07@127.0.0.1>',
        '"' + "x" * 3500 + '" <sip:' + "9" * 1500 + "@127.0.0.1>",
        '"" <sip:127.0.0.1>',
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        '"+697" <sip:+69712345678@127.0.0.1>',
        '"trunk" <sip:trunk@127.0.0.1>',
    ],
)
async def test_a_hostile_caller_id_neither_runs_nor_stops_anything(
    asterisk: PrivateAsterisk, ledger: Ledger, caller: str
) -> None:
    async with PlainAri(asterisk) as ari, callers() as phone:
        await ari.serve()
        call = await phone.call("1567", caller)
        assert (await ari.event("StasisStart"))["args"] == ["1567"]
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert row["stage"] == "stasis"
        assert set(row["caller"]) <= set("+0123456789")


@pytest.mark.parametrize(
    "reason", ["queue_full", "no_operators", "closed", "unknown_number", "max_wait"]
)
async def test_a_caller_who_cannot_be_served_hears_why_and_is_hung_up(
    asterisk: PrivateAsterisk, ledger: Ledger, reason: str
) -> None:
    async with PlainAri(asterisk) as ari, callers() as phone:
        await ari.serve()
        call = await phone.call("1567")
        channel = (await ari.event("StasisStart"))["channel"]["id"]
        await ari.request(
            "POST",
            f"/channels/{channel}/continue",
            context="callcenter-out",
            extension=reason,
            priority="1",
        )
        await asyncio.wait_for(call.ended.wait(), 20)
        assert any(call.audio.heard), "the caller heard nothing"
        [row] = await ledger.callers(1)
        assert (row["stage"], row["lastapp"]) == (f"out:{reason}", "Hangup")


async def test_whom_the_service_gave_up_is_answered_in_the_lifeboat(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with callers() as phone, operators() as phones, PlainAri(asterisk) as ari:
        await ari.serve()
        call = await phone.call("1567")
        channel = (await ari.event("StasisStart"))["channel"]["id"]
        await ari.request("POST", f"/channels/{channel}/continue", **way_out("error"))
        rings = await asyncio.wait_for(either(phones, "som-o", "dee"), 60)
        rings.answer()
        await until_bridged(ari)
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["did"]) == ("lifeboat", "1567")
        assert without_domain(row["lifeboat_operator"]) in ("op-som-o", "op-dee")


async def test_whom_the_service_cannot_be_told_of_comes_again(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    """By another channel, and the row of the ledger has that one's name."""
    async with callers() as phone, PlainAri(asterisk) as ari:
        await ari.serve()
        call = await phone.call("1567")
        first = (await ari.event("StasisStart"))["channel"]["id"]
        await ari.request("POST", f"/channels/{first}/continue", **way_out("untold"))
        again = await ari.event("StasisStart")
        name, [did, call_id, since] = again["channel"]["id"], again["args"]
        assert name != first and did == "1567" and len(call_id) == 32
        assert again["channel"]["caller"]["number"] == "0812345678"
        call.audio.heard.clear()
        await until(lambda: len(call.audio.heard) > 4000 and any(call.audio.heard))  # music
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["did"], row["caller"]) == ("stasis", "1567", "0812345678")
        assert (row["name"], row["uniqueid"]) == (name, first)
        assert float(since) == pytest.approx(float(row["start"]), abs=0.001)


async def test_who_came_again_and_is_given_up_is_answered_in_the_lifeboat(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with callers() as phone, operators() as phones, PlainAri(asterisk) as ari:
        await ari.serve()
        call = await phone.call("1567")
        first = (await ari.event("StasisStart"))["channel"]["id"]
        await ari.request("POST", f"/channels/{first}/continue", **way_out("untold"))
        name = (await ari.event("StasisStart"))["channel"]["id"]
        await ari.request("POST", f"/channels/{name}/continue", **way_out("error"))
        rings = await asyncio.wait_for(either(phones, "som-o", "dee"), 60)
        rings.answer()
        await until_bridged(ari, pairs=2)  # one is of the caller's two channels
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["name"], row["did"]) == ("lifeboat", name, "1567")
        assert without_domain(row["lifeboat_operator"]) in ("op-som-o", "op-dee")
        assert 0 <= int(row["lifeboat_wait"]) <= 60


async def test_without_a_service_a_phone_rings_and_the_ledger_tells_how_long_he_waited(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with (
        callers() as phone,
        Phone(PHONES_PORT, SIP_PORT) as phones,
        PlainAri(asterisk) as ari,
    ):
        await ari.serve()
        await ari.stop_beating()
        call = await phone.call("1111")
        rings = await asyncio.wait_for(either(phones, "som-o", "dee"), 60)
        rings.answer()
        await asyncio.wait_for(rings.answered.wait(), 30)
        await until_bridged(ari)
        await hang_up(call)
        await asyncio.wait_for(rings.ended.wait(), 30)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["did"], row["disposition"]) == ("lifeboat", "1111", "ANSWERED")
        assert without_domain(row["lifeboat_operator"]) in ("op-som-o", "op-dee")
        assert 1 <= int(row["lifeboat_wait"]) <= 60
        assert -1 <= int(row["lifeboat_since"]) - float(row["start"]) <= 30


@pytest.mark.parametrize("beat", ["soon", "*", "", "-5", "1)"])
async def test_a_beat_that_is_no_time_counts_as_none(
    asterisk: PrivateAsterisk, ledger: Ledger, beat: str
) -> None:
    async with PlainAri(asterisk) as ari, callers() as phone:
        await ari.serve()
        await ari.stop_beating()
        await ari.request("POST", "/asterisk/variable", variable="CALLCENTER_BEAT", value=beat)
        call = await phone.call("1567")
        await channel_in(ari, "lifeboat")
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert row["stage"] == "lifeboat"


async def test_when_the_lifeboats_operator_hangs_up_the_call_has_ended(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with callers() as phone, operators() as phones, PlainAri(asterisk) as ari:
        call = await phone.call("1111")
        rings = await asyncio.wait_for(either(phones, "som-o", "dee"), 60)
        rings.answer()
        await until_bridged(ari)
        await ari.serve()  # the service is back: the call must not go to it now
        rings.hang_up()
        await asyncio.wait_for(call.ended.wait(), 30)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["disposition"]) == ("lifeboat", "ANSWERED")


async def test_an_abandoned_call_in_the_lifeboat_is_one_row_without_an_operator(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with callers() as phone, operators() as phones:
        call = await phone.call("1111")
        await asyncio.wait_for(either(phones, "som-o", "dee"), 60)
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["lifeboat_operator"], row["lifeboat_wait"]) == (
            "lifeboat",
            "",
            "",
        )
        assert float(row["end"]) - int(row["lifeboat_since"]) >= 1


async def test_a_killed_service_sends_the_caller_to_the_lifeboat_at_once(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with PlainAri(asterisk) as ari, callers() as phone:
        await ari.serve()
        await ari.disconnect()
        call = await phone.call("1567")
        await asyncio.wait_for(call.answered.wait(), 30)
        await channel_in(ari, "lifeboat")
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert row["stage"] == "lifeboat"


async def test_when_the_service_is_back_a_caller_of_the_lifeboat_comes_to_it(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with (
        PlainAri(asterisk) as ari,
        callers() as phone,
        Phone(PHONES_PORT, SIP_PORT) as phones,
    ):
        call = await phone.call("1567")
        await asyncio.wait_for(either(phones, "som-o", "dee"), 60)  # he is in the queue by now
        await ari.serve()
        assert (await ari.event("StasisStart"))["args"] == ["1567"]
        call.audio.heard.clear()
        await until(lambda: len(call.audio.heard) > 4000 and any(call.audio.heard))  # music
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert (row["stage"], row["lifeboat_operator"]) == ("stasis", "")
        assert row["lifeboat_since"] != ""


async def test_when_the_service_is_back_the_lifeboat_rings_nobody(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    """It rings the same phones: a caller whom the lifeboat would ring for goes to it at once."""
    async with (
        PlainAri(asterisk) as ari,
        callers() as phone,
        Phone(PHONES_PORT, SIP_PORT) as phones,
    ):
        call = await phone.call("1567")
        rings = await asyncio.wait_for(either(phones, "som-o", "dee"), 60)
        await ari.serve()
        again = asyncio.create_task(either(phones, "som-o", "dee"))
        rings.refuse(486)
        assert (await ari.event("StasisStart"))["args"] == ["1567"]
        call.audio.heard.clear()
        await until(lambda: len(call.audio.heard) > 4000 and any(call.audio.heard))  # music
        assert not again.done()
        again.cancel()
        await hang_up(call)
        [row] = await ledger.callers(1)
        assert row["stage"] == "stasis"


async def test_the_last_beat_of_a_dead_service_does_not_keep_the_phones_from_ringing(
    asterisk: PrivateAsterisk, ledger: Ledger
) -> None:
    async with (
        PlainAri(asterisk) as ari,
        callers() as phone,
        Phone(PHONES_PORT, SIP_PORT) as phones,
    ):
        await ari.serve()
        await ari.disconnect()
        call = await phone.call("1567")
        rings = await asyncio.wait_for(either(phones, "som-o", "dee"), 60)
        rings.answer()
        await until_bridged(ari)
        await hang_up(call)
        assert [row["stage"] for row in await ledger.callers(1)] == ["lifeboat"]


@pytest.mark.parametrize(("longest", "leash", "ended_by"), [(1, 60, "Hangup"), (0, 5, "Queue")])
async def test_the_lifeboat_keeps_a_caller_as_long_as_is_set_or_until_the_leash(
    tmp_path: Path, longest: int, leash: int, ended_by: str
) -> None:
    with PrivateAsterisk(
        tmp_path,
        sip_port=15062,
        http_port=18090,
        rtp_port_first=20400,
        lifeboat_retries=0,
        lifeboat_turn_seconds=2,
        lifeboat_max_wait_seconds=longest,
        leash_seconds=leash,
    ) as own:
        async with Phone(CALLERS_PORT, 15062) as phone:
            call = await phone.call("1567")
            await asyncio.wait_for(call.ended.wait(), 30)
            [row] = await Ledger(own.ledger, 0).callers(1)
            assert (row["stage"], row["lastapp"]) == ("lifeboat", ended_by)


async def test_a_call_that_the_service_forgot_ends_with_the_leash(tmp_path: Path) -> None:
    with PrivateAsterisk(
        tmp_path, sip_port=15062, http_port=18090, rtp_port_first=20400, leash_seconds=2
    ) as own:
        async with PlainAri(own) as ari, Phone(CALLERS_PORT, 15062) as phone:
            await ari.serve()
            call = await phone.call("1567")
            await ari.event("StasisStart")
            await asyncio.wait_for(call.ended.wait(), 20)
            [row] = await Ledger(own.ledger, 0).callers(1)
            assert (row["stage"], row["lastapp"]) == ("stasis", "Stasis")


async def test_no_dangerous_function_is_to_be_had_over_ari(asterisk: PrivateAsterisk) -> None:
    module = "/asterisk/modules/func_shell.so"
    async with PlainAri(asterisk) as ari, callers() as phone:
        await ari.serve()
        call = await phone.call("1567")
        channel = f"/channels/{(await ari.event('StasisStart'))['channel']['id']}/variable"
        assert (await ari.request("POST", module))[0] == 204
        answer = await ari.request("GET", channel, variable="SHELL(echo dangerous)")
        assert "dangerous" not in str(answer)
        harmless = await ari.request("GET", channel, variable="MATH(6*7,int)")
        assert harmless == (200, {"value": "42"})
        assert (await ari.request("DELETE", module))[0] == 204
        await hang_up(call)


async def test_who_hangs_up_in_the_greeting_is_in_the_ledger(tmp_path: Path) -> None:
    with PrivateAsterisk(
        tmp_path,
        sip_port=15062,
        http_port=18090,
        rtp_port_first=20400,
        greeting="demo-congrats",
    ) as own:
        async with PlainAri(own) as ari, Phone(CALLERS_PORT, 15062) as phone:
            await ari.serve()
            call = await phone.call("1567")
            await asyncio.wait_for(call.answered.wait(), 30)
            await until(lambda: any(call.audio.heard))
            await hang_up(call)
            [row] = await Ledger(own.ledger, 0).callers(1)
            assert (row["stage"], row["did"], row["lastapp"]) == ("greeting", "1567", "Playback")


@pytest.mark.parametrize(("end", "rows"), [("kill", 0), ("stop", 1)])
async def test_a_stop_writes_the_rows_of_calls_in_progress_and_a_kill_loses_them(
    tmp_path: Path, end: str, rows: int
) -> None:
    with PrivateAsterisk(tmp_path, sip_port=15062, http_port=18090, rtp_port_first=20400) as own:
        async with Phone(CALLERS_PORT, 15062) as phone, PlainAri(own) as ari:
            call = await phone.call("1567")
            await asyncio.wait_for(call.answered.wait(), 30)
            await channel_in(ari, "lifeboat")
            {"kill": own.kill, "stop": own.stop}[end]()
        assert len(Ledger(own.ledger, 0).rows()) == rows


async def test_operators_written_while_running_are_there_after_a_reload(
    asterisk: PrivateAsterisk,
) -> None:
    async with PlainAri(asterisk) as ari:
        assert (await ari.request("GET", f"/endpoints/PJSIP/op-new@{asterisk.domain}"))[0] == 404
        phones = {name: f"sip:{name}@127.0.0.1:{PHONES_PORT}" for name in ("som-o", "dee", "new")}
        asterisk.write_operators(phones)
        for module in ("res_pjsip.so", "app_queue.so"):
            assert (await ari.request("PUT", f"/asterisk/modules/{module}"))[0] == 204
        await until(lambda: "op-new" in asterisk.console("pjsip show endpoints"))
        await until(lambda: "op-new" in asterisk.console("queue show lifeboat"))


async def test_asterisk_logged_no_error_in_all_of_this(asterisk: PrivateAsterisk) -> None:
    lines = (asterisk.directory / "log" / "messages").read_text().splitlines()
    expected = (
        "Dangerous function SHELL read blocked",
        "Stasis app 'callcenter' not active",  # the killed service
        "Session already DISCONNECTED",  # both sides hung up at the same time
    )
    errors = [line for line in lines if " ERROR[" in line]
    assert [line for line in errors if not any(known in line for known in expected)] == []


async def hang_up(call: Call) -> None:
    """Once the answer has arrived: before that it would be a CANCEL, which may cross it."""
    await asyncio.wait_for(call.answered.wait(), 30)
    call.hang_up()


async def either(phones: Phone, *users: str) -> Call:
    """The call at whichever phone rings first."""
    waiting = [asyncio.ensure_future(phones.rings(user)) for user in users]
    done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return done.pop().result()


async def until_bridged(ari: PlainAri, pairs: int = 1) -> None:
    while True:
        _, bridges = await ari.request("GET", "/bridges")
        if sum(len(bridge["channels"]) == 2 for bridge in bridges) >= pairs:
            return
        await asyncio.sleep(0.02)


async def channel_in(ari: PlainAri, context: str) -> None:
    while True:
        _, channels = await ari.request("GET", "/channels")
        if any(channel["dialplan"]["context"] == context for channel in channels):
            return
        await asyncio.sleep(0.02)
