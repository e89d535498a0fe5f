"""Two Asterisks behind one SIP edge, one service: callers of both wait in one line, every operator
serves callers of either, and a node that is lost takes its own calls with it and nobody else's."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from callcenter.ari.bans import BANS_FILE
from tests.acceptance.several_nodes.two_nodes import (
    NODES,
    calls_on,
    drained,
    hears_no_more,
    is_back,
    node_of,
    one_on_each,
    partner,
    talk_on_each,
)
from tests.hotline import Hotline, Shared
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.phone import answers
from tests.people.stranger import Stranger
from tests.people.talk import talk_for
from tests.people.until import SLOW_MACHINE_TIMES


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    own = Shared(lambda: Hotline(nodes=2))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    async with own.lent() as hotline:
        yield hotline


async def test_one_line_over_two_nodes(hotline: Hotline) -> None:
    """Whoever came first is served first, on whichever node; one operator serves both."""
    callers = await one_on_each(hotline)
    first, second = callers.values()
    await hotline.in_line("damrong", first, second)
    somchai = await hotline.operator("somchai", habit=answers(0.2))
    for caller in (first, second):
        await caller.comes_to_hear(somchai.voice, within=10)
        await somchai.comes_to_hear(caller.voice, within=5)
        since = now()
        await talk_for(1.0)
        assert caller.heard(since).only(somchai.voice, least=0.7)
        assert caller is second or not second.heard(since).share(somchai.voice)
        caller.hang_up()
        assert (await hotline.record(caller))["outcome"] == "answered"
    assert {await node_of(hotline, caller) for caller in callers.values()} == {"n1", "n2"}


async def test_two_talks_at_once_one_a_node(hotline: Hotline) -> None:
    talks = await talk_on_each(hotline)
    since = now()
    await talk_for(2.0)
    for caller, phone in talks.values():
        assert caller.heard(since).only(phone.voice, least=0.8)
    assert len({phone.name for _, phone in talks.values()}) == 2


async def test_a_node_is_killed(hotline: Hotline) -> None:
    """Its talk ends, with one record; its operator serves the next within a second of the verdict;
    the other node's talk goes on; new calls are served by the other node."""
    talks = await talk_on_each(hotline)
    cut, freed = talks["n2"]
    stays, busy = talks["n1"]
    waiting = [await hotline.calls("1567") for _ in range(4)]
    at = [await node_of(hotline, caller) for caller in waiting]
    since, given_up = now(), hotline.service.says()
    hotline.nodes[1].kill()
    killed_at = now()
    came = [asyncio.create_task(hotline.calls("1567")) for _ in range(4)]
    await until(lambda: given_up("a node is given up"), within=5)
    verdict_at = now()
    await until(lambda: len(freed.calls) > 1, within=5)
    freed_at = now()
    later = await asyncio.gather(*came)
    print(f"verdict {verdict_at - killed_at:.2f} s, next ring {freed_at - verdict_at:.2f} s")
    assert freed_at - verdict_at < 1.0 * SLOW_MACHINE_TIMES
    assert not stays.is_over and stays.heard(since).only(busy.voice, least=0.8)
    assert [await node_of(hotline, caller) for caller in later] == ["n1"] * 4
    record = await hotline.record(cut)
    assert record["outcome"] == "answered"
    for caller, node in zip(waiting, at, strict=True):
        if node == "n2":
            record = await hotline.record(caller)
            assert record["outcome"] == "failed", record
    assert await hotline.records.open_calls() == 1 + at.count("n1") + 4
    for caller in (stays, *waiting, *later):
        caller.hang_up()
    await is_back(hotline)
    await hotline.service.is_whole()
    await one_on_each(hotline)


async def test_a_phone_that_rings_for_a_killed_node_rings_for_another(hotline: Hotline) -> None:
    """Without the edge's help it would ring on, and be busy for everybody else."""
    callers = await one_on_each(hotline, first="n2")
    somchai = await hotline.operator("somchai")
    await until(lambda: somchai.now is not None, within=10)
    first = somchai.now
    hotline.nodes[1].kill()
    killed_at = now()
    await until(lambda: len(somchai.calls) > 1, within=10)
    print(f"rung for the other {now() - killed_at:.2f} s after the kill")
    assert first is not None and first.is_over
    somchai.answer()
    await callers["n1"].comes_to_hear(somchai.voice, within=10)
    callers["n1"].hang_up()
    await is_back(hotline)


async def test_a_frozen_node(hotline: Hotline) -> None:
    """For some seconds: its talk goes on. For longer: it is given up, as one that is dead; when it
    is back it has none of its calls any more."""
    talks = await talk_on_each(hotline)
    stands, phone = talks["n2"]
    stays, busy = talks["n1"]
    process = hotline.nodes[1].process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    await talk_for(5.0)
    os.kill(process.pid, signal.SIGCONT)
    await stands.comes_to_hear(phone.voice, within=10)
    await phone.comes_to_hear(stands.voice, within=5)
    since, given_up = now(), hotline.service.says()
    os.kill(process.pid, signal.SIGSTOP)
    stopped_at = now()
    await until(lambda: given_up("a node is given up"), within=20)
    print(f"given up {now() - stopped_at:.2f} s after it was frozen")
    await stands.is_gone(within=10)
    assert stays.heard(since).only(busy.voice, least=0.8)
    assert (await hotline.record(stands))["outcome"] == "answered"
    later = await hotline.calls("1567")
    assert await node_of(hotline, later) == "n1"
    await later.comes_to_hear(phone.voice, within=20)
    os.kill(process.pid, signal.SIGCONT)
    await talk_for(5.0)
    assert not later.is_over and not stays.is_over
    for caller in (stays, later):
        caller.hang_up()
    await hotline.service.is_whole()


@pytest.mark.rare
async def test_a_node_is_frozen_for_a_minute(hotline: Hotline) -> None:
    """Its calls end, with one record each, and its operators serve the other node's callers within
    a second of the verdict. Nobody is rung twice, the other talk is heard without a break, and
    whoever calls in that minute is served elsewhere. Nothing of the past is left when it wakes."""
    talks = await talk_on_each(hotline)
    cut, freed = talks["n2"]
    stays, busy = talks["n1"]
    waits = [await calls_on(hotline, node) for node in ("n2", "n1")]
    process = hotline.nodes[1].process
    assert process is not None
    since, given_up = now(), hotline.service.says()
    os.kill(process.pid, signal.SIGSTOP)
    hears_no_more(hotline.nodes[1])
    took: list[float] = []
    came: list[Caller] = []

    async def one_more() -> None:
        caller = await hotline.caller().dials("1567", at=hotline.sip)
        came.append(await caller.is_answered(within=3 * SLOW_MACHINE_TIMES))
        took.append(caller.answered_at - caller.dialled_at)

    while not given_up("a node is given up"):
        assert now() - since < 30, "it is not given up"
        await one_more()
        await talk_for(1.0)
    verdict_at = now()
    await until(lambda: len(freed.calls) > 1, within=5, every=0.02)
    freed_after = now() - verdict_at
    await waits[1].comes_to_hear(freed.voice, within=10)
    await until(lambda: cut.is_over and waits[0].is_over, within=10)
    for caller, outcome in ((cut, "answered"), (waits[0], "failed")):
        assert (await hotline.record(caller))["outcome"] == outcome
    while now() - since < 60:
        await one_more()
        await talk_for(4.0)
    print(
        f"verdict {verdict_at - since:.2f} s, next ring {freed_after:.2f} s after it,"
        f" {len(took)} calls answered within {max(took):.2f} s"
    )
    assert freed_after < 1.0 * SLOW_MACHINE_TIMES
    rung = {name: len(phone.calls) for name, phone in hotline.phones.items()}
    os.kill(process.pid, signal.SIGCONT)

    async def empty() -> bool:
        return await asyncio.to_thread(hotline.nodes[1].channels) == 0

    await until(empty, within=10, every=0.2, but=hotline.shown)
    await talk_for(5.0)
    assert await empty()
    assert {name: len(phone.calls) for name, phone in hotline.phones.items()} == rung
    assert [phone.rang_while_busy for phone in hotline.phones.values()] == [0, 0]
    assert not any(caller.is_over for caller in (stays, waits[1], *came))
    assert {await node_of(hotline, caller) for caller in came} == {"n1"}
    assert stays.heard(since).only(busy.voice, least=0.8)
    await hotline.service.is_whole()


async def test_a_node_that_was_given_up_and_has_not_heard_the_goodbyes(hotline: Hotline) -> None:
    """When it runs again its calls are still there, without anybody in them. They are hung up, and
    ring no phone."""
    talks = await talk_on_each(hotline)
    ghost, phone = talks["n2"]
    stays, busy = talks["n1"]
    n2 = hotline.nodes[1]
    assert n2.process is not None
    given_up = hotline.service.says()
    os.kill(n2.process.pid, signal.SIGSTOP)
    hears_no_more(n2)
    await until(lambda: given_up("a node is given up"), within=20)
    await ghost.is_gone(within=10)
    await until(lambda: phone.now is None, within=10)
    before = len(phone.calls)
    await talk_for(3.0)  # a BYE is not sent again any more
    os.kill(n2.process.pid, signal.SIGCONT)

    async def empty() -> bool:
        return await asyncio.to_thread(n2.channels) == 0

    await until(empty, within=10, every=0.2, but=hotline.shown)
    await talk_for(3.0)
    assert await empty() and len(phone.calls) == before
    assert not stays.is_over and stays.heard(now() - 1).only(busy.voice, least=0.8)


async def test_a_node_is_drained(hotline: Hotline) -> None:
    """By the command: new calls go elsewhere at once, the talk and who waits are served in peace,
    then it is empty, is restarted, and has calls again."""
    talks = await talk_on_each(hotline)
    caller, phone = talks["n2"]
    waits = await calls_on(hotline, "n2")
    since = now()
    draining = await hotline.service.command("node", "drain", "n2", "--wait")
    assert draining.stdout is not None
    assert (await draining.stdout.readline()).decode().strip() == "1 wait, 1 talk"
    await until(lambda: drained(hotline), within=3)
    later = [await hotline.calls("1567") for _ in range(6)]
    assert {await node_of(hotline, each) for each in later} == {"n1"}
    assert not caller.is_over and caller.heard(since).only(phone.voice, least=0.8)
    caller.hang_up()
    await waits.comes_to_hear(phone.voice, within=10)
    since = now()
    await talk_for(1.0)
    assert waits.heard(since).only(phone.voice, least=0.7)
    waits.hang_up()
    said, _ = await asyncio.wait_for(draining.communicate(), 60)
    assert said.decode().splitlines()[-1].startswith("n2 is empty")
    shown, _ = await (await hotline.service.command("node", "list")).communicate()
    assert "empty, drained" in shown.decode(), shown

    await asyncio.to_thread(hotline.nodes[1].stop)
    await is_back(hotline)
    more = await hotline.calls("1567")
    assert await node_of(hotline, more) == "n1", "it is still drained"
    for each in (*later, more, talks["n1"][0]):
        each.hang_up()
    undrained, _ = await (await hotline.service.command("node", "undrain", "n2")).communicate()
    assert undrained.decode().strip() == "n2 has new calls again"
    await until(lambda: not drained(hotline), within=3)
    await one_on_each(hotline)
    assert await hotline.api.metric("hotline_node_draining", node="n2") == 0


@pytest.mark.rare
async def test_every_node_is_restarted_one_after_the_other_under_load(hotline: Hotline) -> None:
    """An upgrade of Asterisk by day: drain a node, restart it, give it calls again, then the next.
    No talk is cut, no caller is lost, and both nodes have had calls before and after."""
    await hotline.rules("damrong", wrapup_seconds=0)
    phones = [await hotline.operator(name, habit=answers(0.2)) for name in ("somchai", "malee")]
    callers: list[Caller] = []
    done = asyncio.Event()

    async def calls_and_talks() -> None:
        """One after the other."""
        while not done.is_set():
            caller = await hotline.calls("1567")
            await partner(caller, *phones, within=30)
            await talk_for(2.0)
            assert not caller.is_over, "the talk was cut"
            caller.hang_up()
            callers.append(caller)

    async def three_more() -> None:
        had = len(callers)
        await until(lambda: len(callers) >= had + 3 or loading.done(), within=60)

    async def load() -> None:
        async with asyncio.TaskGroup() as people:
            for _ in phones:
                people.create_task(calls_and_talks())

    async def said(*words: str) -> str:
        command = await hotline.service.command("node", *words)
        text, _ = await asyncio.wait_for(command.communicate(), 120)
        return text.decode().strip()

    loading = asyncio.create_task(load())
    try:
        for number, name in enumerate(NODES):
            await three_more()
            assert (await said("drain", name, "--wait")).splitlines()[-1].startswith(name)
            await asyncio.to_thread(hotline.nodes[number].stop)
            await is_back(hotline, number)
            assert await said("undrain", name) == f"{name} has new calls again"
        await three_more()
        await three_more()
    finally:
        done.set()
        await loading
    records = [await hotline.record(caller) for caller in callers]
    assert {record["outcome"] for record in records} == {"answered"}
    assert len(records) > 8
    first, last = records[: len(records) // 3], records[-4:]
    print(f"{len(records)} calls", [record["node"] for record in records])
    assert {record["node"] for record in (*first, *last)} == set(NODES)


async def test_a_banned_address_is_refused_by_the_edge_and_known_to_every_node(
    hotline: Hotline,
) -> None:
    stranger = await Stranger.at("127.0.0.9", to=hotline.sip)
    try:
        assert await stranger.asks("OPTIONS", "1567") == 200
        command = await hotline.service.command("ban", "add", "127.0.0.9", "--hours", "1")
        await command.communicate()

        async def answered(status: int) -> bool:
            return await stranger.asks("OPTIONS", "1567") == status

        await until(partial(answered, 403), within=10, every=0.3)
        files = [node.config_directory / BANS_FILE for node in hotline.nodes]
        await until(
            lambda: all(f.exists() and "deny = 127.0.0.9\n" in f.read_text() for f in files),
            within=10,
            every=0.2,
        )
        command = await hotline.service.command("ban", "remove", "127.0.0.9")
        await command.communicate()
        await until(partial(answered, 200), within=10, every=0.3)
    finally:
        stranger.close()
