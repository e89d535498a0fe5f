"""What may be done with a report in which state, and by whom. README.md shows it as a diagram."""

from enum import StrEnum

from callcenter.desks.reports.model import ReportState
from callcenter.desks.shared.documents import Move, StateTable
from callcenter.desks.shared.units import DeskRole


class ReportAction(StrEnum):
    """What people do with a report."""

    START = "start"
    SAVE = "save"
    COUNT = "count"
    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"


S, A, R = ReportState, ReportAction, DeskRole
EDITORS = (R.PROVINCE_ADMIN, R.SUPERVISOR)


def _move(to: ReportState, *by: DeskRole) -> Move[ReportState, DeskRole]:
    return Move(to=(to,), by=by)


TABLE: StateTable[ReportState, ReportAction, DeskRole] = StateTable(
    {
        (S.DRAFT, A.SAVE): _move(S.DRAFT, *EDITORS),
        (S.DRAFT, A.COUNT): _move(S.DRAFT, *EDITORS),
        (S.DRAFT, A.SUBMIT): _move(S.SUBMITTED, R.SUPERVISOR),
        (S.SUBMITTED, A.SAVE): _move(S.SUBMITTED, *EDITORS),
        (S.SUBMITTED, A.COUNT): _move(S.SUBMITTED, *EDITORS),
        (S.SUBMITTED, A.SUBMIT): _move(S.SUBMITTED, R.SUPERVISOR),  # a correction: a new revision
        (S.SUBMITTED, A.RETURN): _move(S.DRAFT, R.CENTRAL),
        (S.SUBMITTED, A.ACCEPT): _move(S.ACCEPTED, R.CENTRAL),
        (S.ACCEPTED, A.RETURN): _move(S.DRAFT, R.CENTRAL),
    }
)
