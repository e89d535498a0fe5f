"""The report round in the API, put together."""

import asyncio

from callcenter.desks.reports import (
    national_routes,  # noqa: F401 - declares its endpoints
    report_files,  # noqa: F401 - declares its endpoints
    report_routes,  # noqa: F401 - declares its endpoints
    round_routes,  # noqa: F401 - declares its endpoints
)
from callcenter.desks.reports.asking import Parts, endpoints
from callcenter.desks.reports.figures import DUE, MAILS, MAILS_IN, UNITS, mails, mails_in
from callcenter.desks.shared.routes import UNKNOWN_UNIT
from callcenter.web.errors import ProblemKind
from callcenter.web.feature import Feature

__all__ = ["FEATURE", "Parts", "endpoints"]


async def _mail(parts: Parts) -> None:
    """Out and in; neither waits for the other."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(parts.post.run())
        tasks.create_task(parts.incoming.run())


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_round": ProblemKind(404, "There is no such round"),
        "unknown_report": ProblemKind(404, "There is no such report"),
        "unknown_edition": ProblemKind(404, "There is no such edition"),
        "unknown_unit": UNKNOWN_UNIT,
        "nothing_reported": ProblemKind(409, "No unit has given a number yet"),
        "not_now": ProblemKind(409, "That is not possible now"),
        "not_open": ProblemKind(409, "The round is not open yet"),
        "not_submitted": ProblemKind(409, "The report was not submitted yet"),
        "report_changed": ProblemKind(409, "The report was changed in the meantime"),
        "round_published": ProblemKind(409, "The round is published"),
        "round_changed": ProblemKind(409, "The round was changed in the meantime"),
        "version_needed": ProblemKind(428, "The request does not say what it was made from"),
        "adds_up": ProblemKind(422, "The numbers contradict each other"),
        "count_too_long": ProblemKind(422, "Counting takes too long"),
        "letter_fault": ProblemKind(422, "The letter cannot be accepted"),
        "date_fault": ProblemKind(422, "The date cannot be accepted"),
        "form_incomplete": ProblemKind(422, "The form is not complete"),
        "number_fault": ProblemKind(422, "The number cannot be accepted"),
        "period_fault": ProblemKind(422, "The period has no name there"),
        "round_fault": ProblemKind(422, "Such a round is not possible"),
        "unit_needed": ProblemKind(422, "It is not clear for which unit"),
        "why_needed": ProblemKind(422, "A reason is needed"),
    },
    path_patterns={
        "round": r"[1-9][0-9]{0,8}",
        "report": r"[0-9]{11}",
        "mail": r"[1-9][0-9]{0,8}",
        "unit": r"[0-9a-z][0-9a-z_-]{0,31}",
    },
    metrics={
        UNITS: lambda parts: parts.figures.samples(lambda f: f.units),
        DUE: lambda parts: parts.figures.samples(lambda f: f.due),
        MAILS: lambda parts: parts.figures.samples(mails),
        MAILS_IN: lambda parts: parts.figures.samples(mails_in),
    },
    run=_mail,
)
