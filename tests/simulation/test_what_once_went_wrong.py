"""Plays that once went wrong: as it was then they still do, as it is now they go well."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from callcenter.ari import executor
from callcenter.core import engine as door
from callcenter.core.ids import QueueName
from callcenter.core.state import Call, Operator, State
from tests.simulation.play import Failed, Play
from tests.simulation.script import Script, write_script
from tests.simulation.service import Service

HOURS = 0.05


def script_of(seed: int) -> Script:
    """As it was then: nobody had an open line."""
    return replace(write_script(seed, HOURS), open_lines=frozenset())


def test_a_black_hole_swallows_the_confirmation_of_a_hand_off() -> None:
    """The hand-off was undone before the connection was known to be dead."""
    script = script_of(73)
    hasty = replace(script, site=replace(script.site, bridge_seconds=2.0))
    with pytest.raises(Failed, match="was taken out of a talk"):
        Play(hasty).run()
    Play(script).run()


def test_several_operators_and_callers_meet_after_a_reconnect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The operator was chosen before the call, by the alphabet of the queues."""

    def operator_first(state: State, queues: Iterable[QueueName]) -> tuple[Operator, Call] | None:
        for queue in map(state.queues.__getitem__, queues):
            if queue.free and len(queue.line):
                operator = state.operators[next(iter(queue.free))]
                firsts = [first for x in operator.queues if (first := state.queue(x).line.first())]
                heads = [(-priority, rank, call) for priority, rank, call in firsts]
                return operator, state.calls[min(heads)[2]]
        return None

    with monkeypatch.context() as patch:
        patch.setattr(door, "next_pair", operator_first)
        with pytest.raises(Failed, match="has been idle longer"):
            Play(script_of(45)).run()
    Play(script_of(45)).run()


def test_the_service_is_frozen_in_the_middle_of_a_hand_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Timers that had run out came before what waited in the socket."""
    whole = Service.thaw

    def timers_first(service: Service) -> None:
        since, service.frozen_since = service.frozen_since, None
        service._wake()
        service.frozen_since = since
        whole(service)

    with monkeypatch.context() as patch:
        patch.setattr(Service, "thaw", timers_first)
        with pytest.raises(Failed, match="was taken out of a talk"):
            Play(script_of(96)).run()
    Play(script_of(96)).run()


def test_the_answer_to_a_ring_is_lost_and_the_phone_is_picked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The join waited behind it until unwanted, and put a caller into the talk of the next."""
    script = write_script(13562, 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(executor, "_undoes", lambda command, join: False)
        with pytest.raises(Failed, match="was taken out of a talk"):
            Play(script).run()
    Play(script).run()


def test_asterisk_refuses_for_half_a_minute_to_end_an_open_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The leg was never asked to end again, and its phone stayed busy."""
    script = write_script(28779, 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(executor.Executor, "_again", lambda self, command, life: None)
        with pytest.raises(Failed, match="is stuck"):
            Play(script).run()
    Play(script).run()
