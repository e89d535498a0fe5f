"""The operators as a feature."""

from callcenter.ports.phones import OPERATOR_ID
from callcenter.web.errors import ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.operators import (
    browser_phone,
    cards,
    consult,
    floor_messages,
    help,
    listening,
    note,
    park,
    present_call,
    quality,
    recording,
    sip_carrier,
    transfer,
    work,
)
from callcenter.web.operators.parts import Parts, close, endpoints, run
from callcenter.web.operators.verdicts import TALKS
from callcenter.web.queues import UNKNOWN_QUEUE

__all__ = [
    "FEATURE",
    "PHONES_NOT_TOLD",
    "browser_phone",
    "cards",
    "consult",
    "floor_messages",
    "help",
    "listening",
    "note",
    "park",
    "present_call",
    "quality",
    "recording",
    "sip_carrier",
    "transfer",
    "work",
]

PHONES_NOT_TOLD = ProblemKind(503, "Asterisk was not told about the phones")

FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_operator": ProblemKind(404, "There is no such operator"),
        "unknown_queue": UNKNOWN_QUEUE,
        "operator_exists": ProblemKind(409, "The operator is there already"),
        "no_call": ProblemKind(409, "The operator has no call"),
        "talk_not_recorded": ProblemKind(409, "The talk is not recorded"),
        "no_consult": ProblemKind(409, "No colleague is asked"),
        "no_place": ProblemKind(409, "No parking place is free"),
        "not_parked": ProblemKind(409, "The call is not parked"),
        "nobody_there": ProblemKind(409, "Nobody would answer the caller there"),
        "not_at_work": ProblemKind(409, "The operator is not logged in"),
        "used_elsewhere": ProblemKind(409, "Another window is the phone"),
        "phone_in_use": ProblemKind(409, "The operator's phone is in a call"),
        "no_phone": ProblemKind(409, "You have no phone that can be rung"),
        "listened_to": ProblemKind(409, "Somebody listens to this talk already"),
        "unknown_message": ProblemKind(404, "There is no such message"),
        "phones_not_told": PHONES_NOT_TOLD,
    },
    path_patterns={"operator": OPERATOR_ID.pattern, "message": r"[0-9]{1,15}"},
    metrics={TALKS: lambda parts: parts.verdicts.samples()},
    run=run,
    close=close,
)
