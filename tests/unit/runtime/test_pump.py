"""The pump: events in order, facts kept before anything is done, time that runs by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

import pytest

from callcenter.core.commands import Command, RingOperator
from callcenter.core.engine import Engine
from callcenter.core.events import (
    AsteriskLost,
    CallArrived,
    LegSeen,
    OperatorAnswered,
    OperatorLoggedIn,
    SnapshotTaken,
)
from callcenter.core.facts import CallQueued, Fact, OfferAnswered, OfferEnded
from callcenter.core.ids import CallId, OperatorId, offer_id
from callcenter.core.outcome import OfferResult
from callcenter.ports.engine import InboxFull
from callcenter.runtime.clock import Clock
from callcenter.runtime.pump import STALL_SECONDS, STUCK_SECONDS, Pump
from tests.legs import leg_named
from tests.people import until
from tests.site import DAMRONG, rules, site

SOMCHAI = OperatorLoggedIn(
    operator=OperatorId("somchai"), endpoint="PJSIP/op-somchai", queues=(DAMRONG,)
)
A_CALL = CallArrived(call=CallId("c1"), did="1567", caller="", age_seconds=0.0)
A_CALLER = LegSeen(
    leg=leg_named("c1"), is_up=True, in_app=True, did="1567", caller="", age_seconds=3600.0
)
ASTERISK = SnapshotTaken(boot="1", legs=(), bridges=())


class Diary:
    """What the pump did, in order: "kept" facts, "told" facts, "done" commands."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, object]] = []

    def append(self, facts: Sequence[Fact], wall: float | None = None) -> int:
        self.lines += [("kept", fact) for fact in facts]
        return len(self.lines)

    def tell(self, facts: Sequence[Fact]) -> None:
        self.lines += [("told", fact) for fact in facts]

    def perform(self, commands: Sequence[Command]) -> None:
        self.lines += [("done", command) for command in commands]


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
async def pump(diary: Diary) -> AsyncIterator[Pump]:
    engine = Engine(site(rules(DAMRONG, ring_seconds=0.05)))
    pump = Pump(engine, Clock(), diary, inbox_limit=100, perform=diary.perform)
    pump.subscribe(diary.tell)
    running = asyncio.create_task(pump.run())
    yield pump
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_who_asks_gets_the_facts_of_the_step(pump: Pump) -> None:
    await pump.put_and_wait(ASTERISK)
    facts = await pump.put_and_wait(A_CALL)
    assert [type(fact) for fact in facts if isinstance(fact, CallQueued)] == [CallQueued]


async def test_facts_are_kept_before_asterisk_is_asked_and_anyone_is_told(
    pump: Pump, diary: Diary
) -> None:
    await pump.put_and_wait(ASTERISK)
    await pump.put_and_wait(SOMCHAI)
    diary.lines.clear()
    await pump.put_and_wait(A_CALL)
    order = [what for what, _ in diary.lines]
    assert order == sorted(order, key=["kept", "done", "told"].index)
    assert any(isinstance(command, RingOperator) for _, command in diary.lines)


async def test_a_ring_time_runs_out_by_itself(pump: Pump, diary: Diary) -> None:
    await pump.put_and_wait(ASTERISK)
    await pump.put_and_wait(SOMCHAI)
    await pump.put_and_wait(A_CALL)
    await until(lambda: any(isinstance(fact, OfferEnded) for _, fact in diary.lines), within=5)
    ended = next(fact for _, fact in diary.lines if isinstance(fact, OfferEnded))
    assert ended.result is OfferResult.NO_ANSWER
    assert ended.ring_seconds >= 0.05


async def test_events_are_worked_on_in_order(pump: Pump, diary: Diary) -> None:
    await pump.put_and_wait(ASTERISK)
    for number in range(50):
        pump.put(CallArrived(call=CallId(f"n{number}"), did="1567", caller="", age_seconds=0))
    await pump.put_and_wait(A_CALL)
    queued = [f.call for what, f in diary.lines if what == "kept" and isinstance(f, CallQueued)]
    assert queued == [f"n{number}" for number in range(50)] + ["c1"]


async def test_it_lives_while_nothing_is_left_undone(diary: Diary) -> None:
    now = 0.0
    engine = Engine(site(rules(DAMRONG)))
    clock = Clock(monotonic=lambda: now)
    pump = Pump(engine, clock, diary, inbox_limit=9, perform=diary.perform)
    pump.subscribe(diary.tell)
    assert not pump.is_alive()
    running = asyncio.create_task(pump.run())
    await pump.put_and_wait(ASTERISK)
    now += 3600
    assert pump.is_alive()

    pump.put(A_CALL)
    assert pump.is_alive()
    now += STUCK_SECONDS  # in which the event loop does not turn
    assert not pump.is_alive()
    await asyncio.sleep(0)
    assert pump.is_alive()

    await pump.put_and_wait(AsteriskLost())
    now += 3600  # longer than anybody's longest wait
    await pump.put_and_wait(SnapshotTaken(boot="1", legs=(A_CALLER,), bridges=()))
    assert pump.is_alive()

    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert not pump.is_alive()


async def test_a_full_inbox_says_so(pump: Pump) -> None:
    accepted = [pump.put(A_CALL) for _ in range(101)]
    assert accepted == [True] * 100 + [False]
    with pytest.raises(InboxFull):
        await pump.put_and_wait(A_CALL)
    assert pump.inbox.overflows == 2


async def several_turns(then: Callable[[], object]) -> None:
    """As what waits in a socket is read: it takes the loop a few turns."""
    for _ in range(5):
        await asyncio.sleep(0)
    then()


async def test_a_phone_picked_up_while_the_process_stood_still_was_picked_up(
    pump: Pump, diary: Diary
) -> None:
    for event in (ASTERISK, SOMCHAI, A_CALL):
        await pump.put_and_wait(event)
    time.sleep(STALL_SECONDS + 0.1)  # noqa: ASYNC251 - the ring time is long over
    picked_up = OperatorAnswered(offer=offer_id(A_CALL.call, 1))
    await several_turns(lambda: pump.put(picked_up))
    await until(lambda: any(isinstance(x, OfferAnswered) for _, x in diary.lines), within=5)
    assert not [fact for _, fact in diary.lines if isinstance(fact, OfferEnded)]


async def test_after_standing_still_time_runs_out_all_the_same(pump: Pump, diary: Diary) -> None:
    for event in (ASTERISK, SOMCHAI, A_CALL):
        await pump.put_and_wait(event)
    time.sleep(STALL_SECONDS + 0.1)  # noqa: ASYNC251
    await until(lambda: any(isinstance(fact, OfferEnded) for _, fact in diary.lines), within=5)


async def test_nothing_runs_out_when_the_connection_was_lost_meanwhile(
    pump: Pump, diary: Diary
) -> None:
    for event in (ASTERISK, SOMCHAI, A_CALL):
        await pump.put_and_wait(event)
    time.sleep(0.1)  # noqa: ASYNC251
    await pump.put_and_wait(AsteriskLost())
    await asyncio.sleep(0.1)
    assert not [fact for _, fact in diary.lines if isinstance(fact, OfferEnded)]


async def test_who_waits_until_the_inbox_is_worked_off_waits_no_longer(pump: Pump) -> None:
    await pump.put_and_wait(ASTERISK)
    for number in range(5):
        pump.put(CallArrived(call=CallId(f"n{number}"), did="1567", caller="", age_seconds=0))
    await pump.worked_off()
    assert len(pump.state.calls) == 5
