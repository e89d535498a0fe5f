"""For which unit a person may do something with a case. Pure; the routes use it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from callcenter.desks.cases.model import Case
from callcenter.desks.cases.rules import CaseFault, require
from callcenter.desks.cases.states import TABLE, CaseAction
from callcenter.desks.shared.documents import NotNow
from callcenter.desks.shared.hops import HopState, Purpose, open_acts
from callcenter.desks.shared.units import Standing

A = CaseAction
OTHER_STATE = "other_state"


def units_that_may(case: Case, action: CaseAction, standing: Standing) -> list[str]:
    """The units for which the person may do it now, the preferred one first. Raises NotNow."""
    move = TABLE.move(case.state, action)
    allowed = standing.units_as(*move.by)
    found = [unit for unit in dict.fromkeys(_units(case, action)) if unit in allowed]
    own = standing.own_units(*move.by)
    # a stable sort: the unit of the newest hand-over stays first
    return sorted(found, key=lambda unit: unit not in own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An action that the person could take. `why_not` is a code if it is not possible now."""

    action: CaseAction
    why_not: str | None = None


def choices(case: Case, standing: Standing, now: datetime) -> list[Choice]:
    """All actions that the person may ever take on the case, and why not now."""
    found = (_choice(case, action, standing, now) for action in A if action is not A.CREATE)
    return [choice for choice in found if choice is not None]


def _choice(case: Case, action: CaseAction, standing: Standing, now: datetime) -> Choice | None:
    """The choice for one action. None if the person may never take it."""
    try:
        mine = units_that_may(case, action, standing)
    except NotNow:
        sometimes = standing.units_as(*TABLE.doers(action))
        theirs = any(unit in sometimes for unit in _units(case, action))
        return Choice(action=action, why_not=OTHER_STATE) if theirs else None
    if not mine:
        return None
    try:
        require(case, action, mine[0], now)
    except CaseFault as fault:
        return Choice(action=action, why_not=fault.code)
    return Choice(action=action)


def _units(case: Case, action: CaseAction) -> Iterable[str]:
    """The units that may take an action, that of the newest hand-over first."""
    newest_first = list(reversed(case.hops))
    sent = [hop for hop in newest_first if hop.state is HopState.SENT]
    held = [hop.to_unit for hop in reversed(open_acts(case.hops)) if hop not in sent]
    source = [case.source_unit] if case.source_unit else []
    match action:
        case A.RECEIVE:
            return [hop.to_unit for hop in sent]
        case A.RECALL:
            return [hop.from_unit for hop in sent if hop.purpose is Purpose.ACT]
        case A.RETURN:
            return [hop.to_unit for hop in reversed(open_acts(case.hops))]
        case A.INFORM | A.CORRECT | A.LETTER:
            return [*held, case.unit]
        case A.REFER | A.PROGRESS | A.WAIT | A.RESUME | A.ANSWER:
            asked = [hop.to_unit for hop in sent if hop.purpose is Purpose.ACT]
            # a unit that got a hand-over is told to receive it first
            return [*held, case.unit, *asked]
        case A.MESSAGE:
            return [*held, case.unit, *source]
        case A.REOPEN:
            return [case.unit, *source]
        case _:
            return [case.unit]
