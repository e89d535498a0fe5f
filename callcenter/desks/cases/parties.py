"""For which unit somebody may do something with a case. Pure; asked by the routes."""

from collections.abc import Iterable

from callcenter.desks.cases.model import Case
from callcenter.desks.cases.states import TABLE, CaseAction
from callcenter.desks.shared.hops import HopState, Purpose, open_acts
from callcenter.desks.shared.units import Standing

A = CaseAction


def units_that_may(case: Case, action: CaseAction, standing: Standing) -> list[str]:
    """The units for which the person may do it now, the one to choose first. NotNow."""
    move = TABLE.move(case.state, action)
    allowed = standing.units_as(*move.by)
    found = [unit for unit in dict.fromkeys(_units(case, action)) if unit in allowed]
    own = standing.own_units(*move.by)
    return sorted(found, key=lambda unit: unit not in own)  # stable: the newest hop's first


def actions_now(case: Case, standing: Standing) -> list[CaseAction]:
    """What the person may do with the case now."""
    return [
        action for action in TABLE.possible(case.state) if units_that_may(case, action, standing)
    ]


def _units(case: Case, action: CaseAction) -> Iterable[str]:
    """Whose action it is, the newest hop's unit first."""
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
        case A.REFER | A.INFORM | A.PROGRESS | A.WAIT | A.RESUME | A.ANSWER | A.CORRECT:
            return [*held, case.unit]
        case A.MESSAGE:
            return [*held, case.unit, *source]
        case A.REOPEN:
            return [case.unit, *source]
        case _:
            return [case.unit]
