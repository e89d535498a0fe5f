"""What the desks, the quality sheet and the run of retention tell of themselves on a made-up day:
plain numbers, in the series that they declare."""

from collections.abc import Mapping

from callcenter.desks.answers import routes as answers
from callcenter.desks.cases import figures as cases
from callcenter.desks.reports import figures as reports
from callcenter.oversight.months import feature as months
from callcenter.oversight.privacy import figures as retention
from callcenter.oversight.quality import routes as quality
from callcenter.oversight.webhooks import routes as webhooks
from callcenter.ports.metrics import ALL, SUM, Samples, Series, bound

DUE = 1_647_234_000.0  # 14 March 2565 12:00 in Bangkok
CASES = {"received": 3.0, "referred": 2.0, "in_progress": 5.0, "waiting": 1.0, "answered": 4.0}
OVERDUE = {"acknowledge": 1.0, "receive": 0.0, "progress": 2.0, "answer": 0.0, "result": 1.0}
ANSWERS = {"in_force": 12.0, "review_due": 3.0, "withdrawn": 1.0}
UNITS = {"waiting": 0.0, "draft": 1.0, "on_time": 74.0, "late": 0.0, "missing": 2.0, "excused": 0.0}
MAILS = {"queued": 1.0, "sent": 154.0, "failed": 0.0}
JUDGED = {"yes": 27.0, "no": 3.0, "cannot_say": 2.0}
MISSES = 2.0
MONTHS_AHEAD = {"calls": 9_000_000.0, "offers": 9_000_000.0}
LATE = {"caller_numbers": 0.0, "cases": 2.0}


def histogram(key: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """Four of them: two within an hour, one within three, one within a day."""
    within = [0, 0, 2, 3, 3, *(4 for _ in cases.LASTED[5:])]
    counted = {(*key, bound(edge)): float(n) for edge, n in zip(cases.LASTED, within, strict=True)}
    return {**counted, (*key, ALL): 4.0, (*key, SUM): 90_000.0}


HOOKS = {"queued": 2.0, "sent": 120.0, "dead": 1.0}
BEHIND_SECONDS = 35.0
TRIED = {"sent": 120.0, "failed": 9.0, "given_up": 1.0}

DESKS: Mapping[Series, Samples] = {
    webhooks.DELIVERIES: {(state,): many for state, many in HOOKS.items()},
    webhooks.BEHIND: {(): BEHIND_SECONDS},
    webhooks.TRIES: {(how,): many for how, many in TRIED.items()},
    webhooks.DROPPED: {(): 0.0},
    cases.CASES_OPEN: {(stage,): many for stage, many in CASES.items()},
    cases.CASES_OVERDUE: {(stage,): many for stage, many in OVERDUE.items()},
    cases.CASES_CLOSED: {("complaint", "partly"): 7.0, ("help", "none"): 2.0},
    cases.CASES_REOPENED: {(): 2.0},
    cases.CASE_ASSIGN: histogram(("1567",)),
    cases.CASE_HOP: histogram(("district", "receive")) | histogram(("district", "answer")),
    answers.ANSWERS: {(state,): many for state, many in ANSWERS.items()},
    answers.SEARCHES: {("yes",): 9.0, ("no",): 2.0},
    answers.USES: {(): 5.0},
    answers.MISSES: {(): MISSES},
    reports.UNITS: {("1", state): many for state, many in UNITS.items()},
    reports.DUE: {("1",): DUE},
    reports.MAILS: {(state,): many for state, many in MAILS.items()},
    quality.JUDGED: {("correct", verdict): many for verdict, many in JUDGED.items()},
    retention.REMOVED: {(kind,): 5.0 for kind in LATE},
    retention.RAN: {(): DUE},
    retention.LATE: {(kind,): many for kind, many in LATE.items()},
    months.AHEAD: {(table,): seconds for table, seconds in MONTHS_AHEAD.items()},
    months.WITHOUT_MONTH: {(table,): 0.0 for table in MONTHS_AHEAD},
}
