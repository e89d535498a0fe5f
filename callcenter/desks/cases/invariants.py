"""What must be true of every case at any time. The tests check it after every step."""

from collections.abc import Sequence

from callcenter.desks.cases.model import ENDED, Case, CaseState
from callcenter.desks.shared.documents import DocumentEvent, replay
from callcenter.desks.shared.hops import HopState, newest_open, open_acts


def faults(case: Case, events: Sequence[DocumentEvent]) -> list[str]:
    """The broken invariants, in words. Empty when all is well."""
    found = []
    if replay(events) != case.state or len(events) != case.version:
        found.append("the history does not lead to the state")
    receivers = [hop.to_unit for hop in open_acts(case.hops)]
    if len(receivers) != len(set(receivers)):
        found.append("a unit has it twice")
    if case.state in ENDED and (receivers or any(clock.runs for clock in case.clocks)):
        found.append("it has ended, and somebody still has it or a clock runs")
    newest = newest_open(case.hops)
    is_sent = newest is not None and newest.state is HopState.SENT
    moves = case.state in (CaseState.REFERRED, CaseState.IN_PROGRESS)
    if moves and is_sent != (case.state is CaseState.REFERRED):
        found.append("referred is not what its newest hop says")
    for clock in case.clocks:
        if clock.hop is not None and clock.runs and not case.hops[clock.hop - 1].is_open:
            found.append("a clock runs for a hop that has ended")
        if clock.runs and (clock.paused_at is not None) != (case.state is CaseState.WAITING):
            found.append("a clock is paused and the case does not wait, or the other way round")
    return found
