"""What may be done with a case in which state, and by whom. README.md shows it as a diagram."""

from enum import StrEnum

from callcenter.desks.cases.model import CaseState
from callcenter.desks.shared.documents import Move, StateTable
from callcenter.desks.shared.units import DeskRole


class CaseAction(StrEnum):
    """What people do with a case."""

    CREATE = "create"
    ANSWER_AT_ONCE = "answer_at_once"
    TAKE = "take"
    REFER = "refer"
    INFORM = "inform"
    RECALL = "recall"
    RECEIVE = "receive"
    RETURN = "return"
    PROGRESS = "progress"
    WAIT = "wait"
    RESUME = "resume"
    ANSWER = "answer"
    SEND_BACK = "send_back"
    REPORT_TO_SOURCE = "report_to_source"
    INFORM_CITIZEN = "inform_citizen"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    MESSAGE = "message"
    LETTER = "letter"


S, A, R = CaseState, CaseAction, DeskRole
# of a unit that has a hand-over of the case, or is responsible for it
HOLDERS = (R.OFFICER, R.SUPERVISOR)
OPEN = (S.RECEIVED, S.REFERRED, S.IN_PROGRESS, S.WAITING, S.ANSWERED)


def _move(*to: CaseState, by: tuple[DeskRole, ...]) -> Move[CaseState, DeskRole]:
    return Move(to=to, by=by)


_BY_HOPS = (S.REFERRED, S.IN_PROGRESS)
TABLE: StateTable[CaseState, CaseAction, DeskRole] = StateTable(
    {
        (S.RECEIVED, A.ANSWER_AT_ONCE): _move(S.ANSWERED, by=(R.OPERATOR, R.SUPERVISOR)),
        (S.RECEIVED, A.TAKE): _move(S.IN_PROGRESS, by=HOLDERS),
        (S.RECEIVED, A.REFER): _move(S.REFERRED, by=(*HOLDERS, R.REFERRER)),
        (S.IN_PROGRESS, A.REFER): _move(*_BY_HOPS, by=HOLDERS),
        (S.REFERRED, A.REFER): _move(*_BY_HOPS, by=HOLDERS),
        **{(s, A.RECALL): _move(*_BY_HOPS, by=(*HOLDERS, R.REFERRER)) for s in _BY_HOPS},
        **{(s, A.RECEIVE): _move(*_BY_HOPS, by=HOLDERS) for s in _BY_HOPS},
        **{(s, A.RETURN): _move(*_BY_HOPS, S.RECEIVED, by=HOLDERS) for s in _BY_HOPS},
        **{(s, A.PROGRESS): _move(s, by=HOLDERS) for s in (*_BY_HOPS, S.WAITING)},
        (S.IN_PROGRESS, A.WAIT): _move(S.WAITING, by=HOLDERS),
        (S.WAITING, A.RESUME): _move(*_BY_HOPS, by=HOLDERS),
        **{(s, A.ANSWER): _move(*_BY_HOPS, S.ANSWERED, by=HOLDERS) for s in _BY_HOPS},
        (S.ANSWERED, A.SEND_BACK): _move(S.IN_PROGRESS, by=(R.SUPERVISOR,)),
        (S.ANSWERED, A.REPORT_TO_SOURCE): _move(S.ANSWERED, by=(R.SUPERVISOR, R.OPERATOR)),
        (S.ANSWERED, A.INFORM_CITIZEN): _move(S.ANSWERED, by=(R.SUPERVISOR, R.OPERATOR)),
        (S.ANSWERED, A.CLOSE): _move(S.CLOSED, by=(R.SUPERVISOR,)),
        (S.CLOSED, A.REOPEN): _move(S.IN_PROGRESS, by=(R.OPERATOR, R.SUPERVISOR, R.REFERRER)),
        **{(s, A.MERGE): _move(S.DUPLICATE, by=(R.SUPERVISOR,)) for s in OPEN},
        **{(s, A.WITHDRAW): _move(S.WITHDRAWN, by=(R.SUPERVISOR,)) for s in OPEN},
        **{(s, A.INFORM): _move(s, by=HOLDERS) for s in OPEN},
        **{(s, A.CORRECT): _move(s, by=(*HOLDERS, R.OPERATOR)) for s in OPEN},
        **{
            (s, A.MESSAGE): _move(s, by=(R.OPERATOR, R.SUPERVISOR, R.REFERRER))
            for s in (*OPEN, S.CLOSED)
        },
        **{(s, A.LETTER): _move(s, by=HOLDERS) for s in (*OPEN, S.CLOSED)},
    }
)
CREATORS = (R.OPERATOR, R.SUPERVISOR, R.REFERRER)
