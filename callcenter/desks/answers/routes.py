"""The API of the answer base, put together. Everybody who is logged in can read it: these are the
facts that callers are told. A person with a grant at the unit that owns an answer can write it."""

from callcenter.desks.answers import (
    answer_routes,  # noqa: F401 - declares its endpoints
    search_routes,  # noqa: F401 - declares its endpoints
    use_routes,  # noqa: F401 - declares its endpoints
)
from callcenter.desks.answers.asking import Parts, Searches, endpoints
from callcenter.desks.shared.routes import UNKNOWN_UNIT
from callcenter.ports.metrics import Kind, Series
from callcenter.web.errors import ProblemKind
from callcenter.web.feature import Feature

__all__ = ["ANSWERS", "FEATURE", "MISSES", "SEARCHES", "USES", "Parts", "Searches", "endpoints"]

ANSWERS = Series(
    name="hotline_answers",
    kind=Kind.GAUGE,
    labels=("state",),
    help="Answers of the answer base; review_due: nobody has confirmed them by their date.",
)
SEARCHES = Series(
    name="hotline_answer_searches",
    kind=Kind.COUNTER,
    labels=("found",),
    help="How often somebody looked for an answer, and whether there was one.",
)
USES = Series(
    name="hotline_answer_uses",
    kind=Kind.COUNTER,
    labels=(),
    help="How often an answer was put into the note of a call.",
)
MISSES = Series(
    name="hotline_answer_misses",
    kind=Kind.GAUGE,
    labels=(),
    help="What was looked for, is in no answer and is still on the list.",
)
FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_answer": ProblemKind(404, "There is no such answer"),
        "unknown_miss": ProblemKind(404, "There is no such miss"),
        "unknown_unit": UNKNOWN_UNIT,
        "answer_changed": ProblemKind(409, "The answer was changed in the meantime"),
        "answer_withdrawn": ProblemKind(409, "The answer is withdrawn"),
        "not_your_call": ProblemKind(409, "The call is not one's own"),
        "review_fault": ProblemKind(422, "The date of the review cannot be accepted"),
        "unit_needed": ProblemKind(422, "It is not clear for which unit"),
    },
    path_patterns={
        "answer": r"[1-9][0-9]{0,8}",
        "miss": r"[1-9][0-9]{0,8}",
        "call": r"[A-Za-z0-9._-]{1,150}",
    },
    metrics={
        ANSWERS: lambda parts: parts.figures.samples(
            lambda c: {(state,): many for state, many in c.states.items()}
        ),
        SEARCHES: lambda parts: {
            ("yes",): parts.searches.found,
            ("no",): parts.searches.missed,
        },
        USES: lambda parts: parts.figures.samples(lambda c: {(): c.uses}),
        MISSES: lambda parts: parts.figures.samples(lambda c: {(): c.misses}),
    },
)
