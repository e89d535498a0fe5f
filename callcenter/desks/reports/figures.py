"""Figures of rounds and mail for Prometheus."""

from dataclasses import dataclass
from datetime import datetime

from callcenter.desks.reports.mail_in import BOUNCED, MailsIn
from callcenter.desks.reports.mail_in import Kind as Kinds
from callcenter.desks.reports.post import Outbox
from callcenter.desks.reports.store import ReportsInPostgres
from callcenter.desks.shared.rounds import Expected, expected_state
from callcenter.ports.metrics import Kind, Samples, Series


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of the latest twenty unpublished rounds, and of the mail."""

    units: Samples
    due: Samples
    mails: dict[str, int]
    mails_in: dict[str, int]


async def figures(
    reports: ReportsInPostgres, outbox: Outbox, mails_in: MailsIn, now: datetime
) -> Figures:
    """Read the figures of unpublished rounds and of the outbox."""
    units: dict[tuple[str, ...], float] = {}
    due: dict[tuple[str, ...], float] = {}
    for each in await reports.rounds(is_open=True, limit=20):
        found = [
            expected_state(each.due_at, e.submission, now) for e in await reports.expected(each.id)
        ]
        units |= {(str(each.id), state.value): found.count(state) for state in Expected}
        due[(str(each.id),)] = each.due_at.timestamp()
    return Figures(units, due, await outbox.counts(), await mails_in.counts())


UNITS = Series(
    name="hotline_report_units",
    kind=Kind.GAUGE,
    labels=("round", "state"),
    help="Units of each round that is not published, by how far their report is.",
)
DUE = Series(
    name="hotline_report_due_timestamp_seconds",
    kind=Kind.GAUGE,
    labels=("round",),
    help="When the reports of a round that is not published are due.",
)
MAILS = Series(
    name="hotline_mails",
    kind=Kind.GAUGE,
    labels=("state",),
    help="Mails of report rounds: queued to be sent, sent, failed after 24 hours, or "
    "bounced (sent, and not delivered).",
)


MAILS_IN = Series(
    name="hotline_mails_in",
    kind=Kind.GAUGE,
    labels=("kind",),
    help="Mails that came in for report rounds, by what became of them: draft (the form was read), "
    "failed (a unit's, and could not be taken), bounce, automatic, stranger (not worked on), again "
    "(the same once more).",
)


def mails_in(found: Figures) -> Samples:
    kinds = (kind for kind in Kinds if kind is not Kinds.TAKEN)
    return {(kind.value,): found.mails_in.get(kind.value, 0) for kind in kinds}


def mails(found: Figures) -> Samples:
    return {(state,): found.mails.get(state, 0) for state in ("queued", "sent", "failed", BOUNCED)}
