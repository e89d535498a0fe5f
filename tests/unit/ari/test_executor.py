"""Lanes: in order within, beside each other, bounded; and what failed is told."""

import re
from collections import Counter, deque
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.ari import executor
from callcenter.ari.counters import Counters
from callcenter.ari.executor import ATTEMPTS, UNDER_WAY_LIMIT, Executor
from callcenter.ari.rest import NO_ANSWER, Operation, Request, Response
from callcenter.ari.translate import ours
from callcenter.core.commands import (
    BackToMusic,
    Bridge,
    EnterRoom,
    HangUp,
    OpenDesk,
    PlayPrompts,
    RingLine,
    RingOperator,
    SeatLine,
    ToAsterisk,
)
from callcenter.core.events import (
    BridgeFailed,
    Event,
    LineFailed,
    PromptPlayed,
    RingFailed,
)
from callcenter.core.ids import CallId, OfferId, offer_id
from callcenter.core.legs import channel_of
from tests.fake_asterisk.parts import NAMES
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer, line_leg, room_bridge

DESK, LINE = desk_bridge("som"), line_leg("som", 1)
DONE, BUSY, BROKEN, LOST = (Response(status=status) for status in (204, 503, 403, NO_ANSWER))
GONE = Response(status=404)
NOT_THERE = Response(status=422)  # a channel that is to enter a bridge


class Wire:
    """A transport whose answers the test gives, one by one; `later` calls wait here too."""

    def __init__(self) -> None:
        self.sent: list[Request] = []
        self.open: deque[tuple[Request, Callable[[Response], None]]] = deque()
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.events: list[Event] = []
        self.counters = Counters()
        self.executor = Executor(NAMES, self.events.append, self.counters, self._later)
        self.executor.open(self)

    def send(self, request: Request, answered: Callable[[Response], None]) -> None:
        self.sent.append(request)
        self.open.append((request, answered))

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.timers.append((seconds, call))

    def answer(self, response: Response = DONE) -> None:
        _, answered = self.open.popleft()
        answered(response)

    def time_passes(self) -> None:
        timers, self.timers = self.timers, []
        for _, call in timers:
            call()

    def settle(self, response: Response = DONE) -> None:
        """Give everything the same answer until nothing is left to do."""
        while self.open or self.timers:
            if self.open:
                self.answer(response)
            else:
                self.time_passes()

    @property
    def operations(self) -> list[str]:
        return [request.operation.value for request in self.sent]


def ring(call: str, number: int = 1) -> RingOperator:
    offer = offer_id(CallId(call), number)
    return RingOperator(
        lane=CallId(call),
        offer=offer,
        leg=leg_of_offer(offer),
        endpoint="PJSIP/op-som",
        caller_id="x",
    )


def greeting(call: str) -> PlayPrompts:
    return PlayPrompts(
        lane=CallId(call), caller=caller_leg(call), number=1, keys=("greeting",), language="th"
    )


def join(call: str, number: int = 1) -> Bridge:
    offer = offer_id(CallId(call), number)
    return Bridge(
        lane=CallId(call),
        offer=offer,
        bridge=DESK,
        caller=caller_leg(call),
        operator=leg_of_offer(offer),
    )


def hang_up(call: str, leg: str = "") -> HangUp:
    return HangUp(lane=CallId(call), leg=leg_named(leg or call))


def test_an_idle_lane_is_written_before_submit_returns() -> None:
    wire = Wire()
    wire.executor.submit([ring("a"), ring("b")])
    assert len(wire.sent) == 2


def test_commands_of_one_lane_wait_for_each_other_and_lanes_do_not() -> None:
    wire = Wire()
    wire.executor.submit([hang_up("a", "x"), ring("a", 2), ring("b")])
    assert wire.operations == ["hang_up", "ring"]
    assert own_number(wire.sent[1]) == ("b", 1)
    wire.answer(GONE)  # somebody hung up first: done as well
    assert wire.operations == ["hang_up", "ring", "ring"]
    wire.settle()
    assert wire.executor.idle
    assert wire.events == []


def test_requests_of_one_command_go_out_together() -> None:
    wire = Wire()
    wire.executor.submit([join("a")])
    assert wire.operations == ["music_off", "join"]
    wire.settle()
    assert wire.operations == ["music_off", "join"]


def test_what_the_server_could_not_just_now_is_asked_again_and_only_that() -> None:
    wire = Wire()
    wire.executor.submit([join("a"), hang_up("a", "offer-9-a")])
    wire.answer(BUSY)
    wire.answer(DONE)
    assert wire.operations == ["music_off", "join"]
    wire.time_passes()
    assert wire.operations == ["music_off", "join", "music_off"]
    wire.settle()
    assert wire.operations == ["music_off", "join", "music_off", "hang_up"]
    assert wire.events == []


@pytest.mark.parametrize(
    ("response", "sent"), [(BROKEN, 1), (BUSY, ATTEMPTS), (Response(status=404), 1)]
)
def test_a_phone_that_cannot_be_rung_is_told(response: Response, sent: int) -> None:
    wire = Wire()
    wire.executor.submit([ring("a")])
    wire.settle(response)
    assert wire.operations == ["ring"] * sent
    assert wire.events == [RingFailed(offer=OfferId("offer-1-a"))]


SEAT = SeatLine(lane=DESK, leg=LINE, bridge=DESK)
RING_LINE = RingLine(lane=DESK, leg=LINE, endpoint="PJSIP/op-som", caller_id="x")


@pytest.mark.parametrize("command", [RING_LINE, SEAT])
def test_a_line_that_cannot_be_opened_is_told(command: ToAsterisk) -> None:
    wire = Wire()
    wire.executor.submit([command])
    wire.settle(Response(status=404))
    assert wire.events == [LineFailed(leg=LINE)]


def test_a_bridge_that_is_still_closing_is_opened_anew_for_the_line() -> None:
    wire = Wire()
    wire.executor.submit([SEAT])
    wire.answer(Response(status=409))  # it is there until all have left it
    wire.answer(Response(status=404))
    wire.time_passes()
    wire.settle()
    assert wire.operations == ["open_desk", "join"] * 2
    assert wire.events == []


def test_a_line_that_may_ring_is_hung_up_in_case() -> None:
    wire = Wire()
    wire.executor.submit([RING_LINE])
    for _ in range(ATTEMPTS):
        wire.answer(LOST)
        wire.time_passes()
    assert wire.operations == ["ring"] * ATTEMPTS + ["hang_up"]
    assert wire.sent[-1].path == "/channels/line-1-som"
    assert wire.events == [LineFailed(leg=LINE)]


def test_a_ring_that_was_never_answered_for_is_hung_up_in_case() -> None:
    wire = Wire()
    wire.executor.submit([ring("a"), ring("a", 2)])
    for _ in range(ATTEMPTS):
        wire.answer(LOST)
        wire.time_passes()
    assert wire.operations == ["ring"] * ATTEMPTS + ["hang_up"]
    assert wire.sent[-1].path == "/channels/offer-1-a"
    assert wire.events == [RingFailed(offer=OfferId("offer-1-a"))]
    wire.settle()
    assert own_number(wire.sent[-1]) == ("a", 2)
    assert wire.executor.idle


def test_a_repeated_ring_that_exists_already_is_done() -> None:
    wire = Wire()
    wire.executor.submit([ring("a")])
    wire.answer(LOST)
    wire.time_passes()
    wire.settle(Response(status=409))
    assert wire.events == []


def test_a_leg_is_dialled_once_when_it_has_entered_the_application() -> None:
    wire = Wire()
    wire.executor.submit([ring("a")])
    assert wire.operations == ["ring"]
    wire.executor.entered(leg_of_offer(OfferId("offer-1-a")))
    wire.answer(DONE)
    assert wire.operations == ["ring", "dial"]
    assert (wire.sent[1].path, wire.sent[1].body) == ("/channels/offer-1-a/dial", {})
    wire.settle()
    assert wire.operations == ["ring", "dial"]
    assert wire.events == []


@pytest.mark.parametrize("leg", ["offer-1-b", "line-1-somchai"])
def test_a_leg_that_was_asked_for_over_an_earlier_connection_is_hung_up(leg: str) -> None:
    wire = Wire()
    made = ours(leg)
    assert made is not None
    wire.executor.entered(made)
    assert [(sent.method, sent.path) for sent in wire.sent] == [("DELETE", f"/channels/{leg}")]


def test_a_leg_that_is_taken_back_is_not_dialled() -> None:
    wire = Wire()
    wire.executor.submit([ring("a"), hang_up("a", "offer-1-a")])
    wire.answer(DONE)
    wire.executor.entered(leg_of_offer(OfferId("offer-1-a")))
    wire.settle()
    assert set(wire.operations) == {"ring", "hang_up"}


@pytest.mark.parametrize("command", [ring("a"), RING_LINE])
def test_a_dial_that_was_never_answered_for_is_hung_up_in_case(
    command: RingOperator | RingLine,
) -> None:
    wire = Wire()
    wire.executor.submit([command])
    wire.executor.entered(command.leg)
    wire.answer(DONE)
    for _ in range(ATTEMPTS):
        wire.answer(LOST)
        wire.time_passes()
    assert wire.operations == ["ring", *ATTEMPTS * ["dial"], "hang_up"]
    assert wire.sent[-1].path == f"/channels/{channel_of(command.leg)}"
    [failed] = wire.events
    assert isinstance(failed, RingFailed | LineFailed)


def test_a_leg_that_is_gone_before_it_was_dialled_is_no_failure_of_the_phone() -> None:
    wire = Wire()
    wire.executor.submit([ring("a")])
    wire.executor.entered(leg_of_offer(OfferId("offer-1-a")))
    wire.answer(DONE)
    wire.settle(GONE)
    assert wire.operations == ["ring", "dial"]
    assert wire.events == []


@pytest.mark.parametrize(("music", "joined"), [(DONE, BROKEN), (BROKEN, BROKEN), (LOST, LOST)])
def test_a_join_that_failed_is_told_once(music: Response, joined: Response) -> None:
    wire = Wire()
    wire.executor.submit([join("a")])
    while wire.open or wire.timers:
        if wire.open:
            is_music = wire.open[0][0].operation is Operation.MUSIC_OFF
            wire.answer(music if is_music else joined)
        else:
            wire.time_passes()
    assert wire.events == [BridgeFailed(offer=OfferId("offer-1-a"))]


def test_music_that_would_not_stop_does_not_undo_a_join() -> None:
    wire = Wire()
    wire.executor.submit([join("a")])
    wire.answer(BROKEN)
    wire.answer(DONE)
    assert wire.events == []
    assert wire.executor.idle


def test_the_music_after_a_prompt_that_is_tried_again_comes_after_it() -> None:
    wire = Wire()
    wire.executor.submit([greeting("a")])
    wire.answer(BUSY)
    wire.answer(DONE)
    wire.time_passes()
    sent = [request.operation for request in wire.sent]
    assert sent == [Operation.PLAY, Operation.MUSIC_ON] * 2
    wire.settle()
    assert wire.events == []


def test_a_prompt_whose_request_was_never_answered_for_is_not_played_twice() -> None:
    wire = Wire()
    wire.executor.submit([greeting("a")])
    wire.settle(LOST)
    assert [request.operation for request in wire.sent].count(Operation.PLAY) == 1


@pytest.mark.parametrize("response", [BROKEN, BUSY])
def test_a_prompt_that_cannot_be_played_is_over_and_told_to_have_failed(
    response: Response,
) -> None:
    wire = Wire()
    wire.executor.submit([greeting("a")])
    wire.settle(response)
    assert wire.events == [PromptPlayed(call=CallId("a"), number=1, failed=True)]


def test_a_lost_connection_forgets_all_work_and_tells_nothing() -> None:
    wire = Wire()
    wire.executor.submit([ring("a"), ring("a", 2), join("b")])
    under_way = list(wire.open)
    wire.executor.close()
    for _, answered in under_way:
        answered(LOST)
    wire.executor.submit([ring("c")])
    assert (wire.events, wire.timers) == ([], [])
    assert wire.executor.idle
    assert wire.counters.commands_dropped == 1
    wire.open.clear()
    wire.executor.open(wire)
    wire.executor.submit([ring("a")])
    wire.settle()
    assert wire.executor.idle


def test_a_pause_before_a_repeat_does_not_outlive_the_connection() -> None:
    wire = Wire()
    wire.executor.submit([ring("a")])
    wire.answer(BUSY)
    wire.executor.close()
    wire.executor.open(wire)
    wire.time_passes()
    assert wire.operations == ["ring"]


@pytest.mark.parametrize("command", [ring("a"), join("a")])
def test_a_failure_nobody_has_room_for_costs_the_connection_and_nothing_else(
    command: ToAsterisk,
) -> None:
    wire = Wire()
    wire.executor = Executor(NAMES, lambda event: wire.executor.close(), wire.counters, wire._later)
    wire.executor.open(wire)
    wire.executor.submit([command, hang_up("a"), hang_up("b")])
    wire.settle(BROKEN)
    assert not wire.executor.is_open
    assert wire.executor.idle


def test_more_requests_than_the_limit_wait_their_turn() -> None:
    wire = Wire()
    wire.executor.submit([ring(str(number)) for number in range(UNDER_WAY_LIMIT + 50)])
    assert len(wire.sent) == UNDER_WAY_LIMIT
    wire.answer()
    assert len(wire.sent) == UNDER_WAY_LIMIT + 1
    wire.settle()
    assert len(wire.sent) == UNDER_WAY_LIMIT + 50
    assert wire.executor.idle


def test_too_many_waiting_commands_fail_instead_of_growing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "WAITING_LIMIT", 2)
    wire = Wire()
    wire.executor.submit([hang_up("a"), hang_up("a"), hang_up("a"), ring("a"), hang_up("a")])
    assert wire.events == [RingFailed(offer=OfferId("offer-1-a"))]
    assert wire.counters.commands_dropped == 2
    wire.settle()
    assert len(wire.sent) == 4, "the hang-up for which there was no room comes again"


ANSWERS = [DONE, DONE, DONE, GONE, BUSY, BROKEN, LOST, Response(status=409)]


def any_command(chance: Random, number: int) -> ToAsterisk:
    """Every request of it has `<number>-<lane>` in its path or body."""
    lane = chance.choice("abc")
    kinds: list[Callable[[], ToAsterisk]] = [
        lambda: ring(lane, number),
        lambda: hang_up(lane, f"leg-{number}-{lane}"),
        lambda: OpenDesk(
            lane=CallId(lane),  # type: ignore[arg-type]
            bridge=desk_bridge(f"-{number}-{lane}"),
        ),
        lambda: BackToMusic(
            lane=CallId(lane),
            caller=caller_leg(f"leg-{number}-{lane}"),
            bridge=desk_bridge(f"{number}-{lane}"),
        ),
    ]
    return chance.choice(kinds)()


def own_number(request: Request) -> tuple[str, int]:
    """Lane and number of the command that a request is of."""
    made = (request.body or {}).get("channelId", "")
    found = re.search(r"-(\d+)-([abc])", f"{request.path} {made}")
    assert found is not None
    return found[2], int(found[1])


@given(st.integers(), st.integers(0, 40))
def test_whatever_is_answered_every_lane_keeps_its_order_and_ends(seed: int, count: int) -> None:
    chance, wire = Random(seed), Wire()
    begun: dict[str, list[int]] = {"a": [0], "b": [0], "c": [0]}
    commands = [any_command(chance, number) for number in range(1, count + 1)]

    def check() -> None:
        """In a lane only one command is under way, and none is begun after a later one; only a
        hang-up that failed is begun again."""
        under_way = {own_number(request) for request, _ in wire.open}
        assert len({lane for lane, _ in under_way}) == len(under_way)
        for lane, number in under_way:
            if number not in begun[lane]:
                assert number > max(begun[lane])
                begun[lane].append(number)

    while commands or wire.open or wire.timers:
        if commands and chance.random() < 0.3:
            wire.executor.submit([commands.pop(0)])
        elif (rings := [r for r, _ in wire.open if r.operation is Operation.RING]) and (
            chance.random() < 0.3
        ):
            wire.executor.entered(
                leg_of_offer(OfferId(str((chance.choice(rings).body or {})["channelId"])))
            )
        elif wire.open:
            wire.open.rotate(chance.randrange(len(wire.open)))
            wire.answer(chance.choice(ANSWERS))
        else:
            wire.time_passes()
        check()
    assert wire.executor.idle
    rung = Counter(own_number(r) for r in wire.sent if r.operation is Operation.RING)
    failed = Counter(event.offer for event in wire.events if isinstance(event, RingFailed))
    assert max(failed.values(), default=1) == 1
    assert max(rung.values(), default=1) <= ATTEMPTS
    dialled = Counter(r.path for r in wire.sent if r.operation is Operation.DIAL)
    assert max(dialled.values(), default=1) <= ATTEMPTS


@pytest.mark.parametrize(
    "undoing",
    [
        hang_up("a", "offer-1-a"),
        hang_up("a"),
        BackToMusic(lane=CallId("a"), caller=caller_leg("a"), bridge=DESK),
    ],
)
def test_a_join_that_was_held_up_is_forgotten_when_it_is_undone(undoing: ToAsterisk) -> None:
    wire = Wire()
    wire.executor.submit([ring("a"), join("a"), undoing])
    wire.settle()
    assert "join" not in wire.operations
    assert wire.executor.idle


def test_a_join_that_waits_for_room_is_forgotten_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "UNDER_WAY_LIMIT", 1)
    wire = Wire()
    wire.executor.submit([ring("b"), join("a"), hang_up("a", "offer-1-a")])
    wire.settle()
    assert wire.operations == ["ring", "hang_up"]
    assert wire.executor.idle


def test_a_join_that_is_to_be_tried_again_is_forgotten_too() -> None:
    wire = Wire()
    wire.executor.submit([join("a")])
    wire.answer()
    wire.answer(BUSY)
    wire.executor.submit([hang_up("a", "offer-1-a")])
    wire.settle()
    assert wire.operations == ["music_off", "join", "hang_up"]
    assert wire.events == []


def test_a_join_is_not_undone_by_the_end_of_an_earlier_leg() -> None:
    wire = Wire()
    wire.executor.submit([ring("a", 2), join("a", 2), hang_up("a", "offer-1-a")])
    wire.settle()
    assert wire.operations.count("join") == 1


def test_a_leg_that_asterisk_does_not_end_is_hung_up_again_until_it_does() -> None:
    wire = Wire()
    wire.executor.submit([hang_up("a")])
    for _ in range(ATTEMPTS * 4):
        wire.answer(BUSY)
        wire.time_passes()
    wire.settle(GONE)
    assert wire.operations == ["hang_up"] * (ATTEMPTS * 4 + 1)
    assert wire.executor.idle


@pytest.mark.parametrize("answer", [DONE, GONE, NOT_THERE, BROKEN, BUSY, LOST])
def test_who_is_not_let_into_a_room_waits_on_where_they_are(answer: Response) -> None:
    wire = Wire()
    call, room = CallId("1"), room_bridge(0)
    wire.executor.submit([EnterRoom(lane=call, caller=caller_leg(call), room=room)])
    wire.settle(answer)
    assert wire.operations == ["open_room", "enter_room"]
    assert (wire.executor.idle, wire.events) == (True, [])
