"""Every queue closes in the middle of the play: who has talked once is never told so."""

from dataclasses import replace

import pytest

from callcenter.core import call as calls
from callcenter.core import leaving, overflow, voicemail
from callcenter.core.call import OnCall
from callcenter.core.cell import Cell
from callcenter.core.commands import Exit
from callcenter.core.outcome import Diversion, Outcome
from callcenter.core.state import Call, CallState
from callcenter.core.turn import Detail, Turn
from tests.simulation.play import Failed, Play
from tests.simulation.script import write_script

HOURS = 0.03
SEEDS = range(700, 730)


def _play(seed: int) -> None:
    """Two are at work, and often do not answer."""
    script = write_script(seed, HOURS)
    late = replace(
        script,
        operators=dict(list(script.operators.items())[:2]),
        habits=replace(script.habits, ignores=0.5),
        gives_on=True,
        closes_at=script.seconds * 0.4,
    )
    Play(late).run()


def test_who_has_talked_is_never_told_of_hours() -> None:
    for seed in SEEDS:
        _play(seed)


def test_the_auditor_notices_who_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(turn: Turn, call: Call, detail: Detail) -> None:
        own = overflow.own_queue(turn.state, call)
        if staffed := overflow.neighbour(turn.state, own, call.queue):
            calls._move(turn, call, staffed, Diversion.NO_STAFF)
        elif call.outcome is None and voicemail.is_taken(turn.state, call.queue):
            voicemail.from_line(turn, call, detail, 1)
        elif call.queue in turn.state.closed:
            leaving.send_out(turn, call, Exit.CLOSED, Outcome.OVERFLOW, 1)

    waiting = CallState.WAITING
    table = {**calls.RULES[waiting], OnCall.NOBODY: Cell(told, tuple(CallState))}
    monkeypatch.setattr(calls, "RULES", {**calls.RULES, waiting: table})
    with pytest.raises(Failed, match="was answered, and is told of hours"):
        for seed in SEEDS:
            _play(seed)
