"""Calls that only Asterisk saw: hung up in the greeting, or served by the lifeboat.

Asterisk's own ledger (its call detail records) is compared with what the engine remembers and what
the record has. A call that either of them knows is only counted as checked, and its record stays as
it is. A call that neither knows gets its record now, with the outcome of its stage. If a snapshot
showed two people talking, and no fact tells of them, it was an answered call.
"""

from dataclasses import replace

from callcenter.core.events import LedgerRead, Stage
from callcenter.core.facts import (
    CallEnded,
    CallQueued,
    CallReceived,
    CallScored,
    LedgerChecked,
    TalkEnded,
)
from callcenter.core.ids import QueueName
from callcenter.core.outcome import EndedBy, Outcome, Rejection, outcome_of_leaving
from callcenter.core.site import Line
from callcenter.core.state import UNKNOWN_LINE, StrangeTalk
from callcenter.core.turn import Turn


def compare(turn: Turn, row: LedgerRead) -> None:
    """Check one row of the ledger, and make the missing record."""
    known = turn.state.remembers(row.call) or row.recorded != ""
    talk = turn.state.strange_talks.get(row.call)
    if talk is not None and not row.answered:
        row = _seen_talking(turn, row, talk)
    if not known:
        line = turn.state.site.line_of_did.get(row.did)
        _record(turn, row, line, called_back=talk is not None and talk.back > 0)
    turn.tell(LedgerChecked(at=turn.now, call=row.call, known=known, contradicts=_contradicts(row)))


def _seen_talking(turn: Turn, row: LedgerRead, talk: StrangeTalk) -> LedgerRead:
    """The row of a talk that an earlier service had joined, and that is known only from a
    snapshot."""
    waited = talk.began_at - (turn.now - row.age_seconds)
    row = replace(row, answered=True, operator=talk.operator)
    if talk.back:  # the row is of the citizen's first call; they have talked until now
        return replace(row, wait_seconds=max(0.0, waited), call_seconds=row.age_seconds)
    return replace(row, wait_seconds=min(max(0.0, waited), row.call_seconds))


def _contradicts(row: LedgerRead) -> bool:
    """Whether the record differs. The ledger knows of an answer only if Asterisk's own queue, the
    lifeboat, served the caller."""
    answered = row.recorded == Outcome.ANSWERED
    return row.recorded != "" and row.answered and not answered


def _record(turn: Turn, row: LedgerRead, line: Line | None, *, called_back: bool) -> None:
    name = line.name if line else UNKNOWN_LINE
    queued = line is not None and row.stage is not Stage.GREETING
    queue = line.queue if line and queued else QueueName("")
    turn.tell(
        CallReceived(
            at=turn.now,
            call=row.call,
            line=name,
            did=row.did,
            caller=row.caller,
            arrived_at=turn.now - row.age_seconds,
            from_ledger=True,
        )
    )
    if line and queued:
        priority = line.priority
        turn.tell(CallQueued(at=turn.now, call=row.call, queue=queue, priority=priority, waiting=0))
    turn.tell(
        CallScored(
            at=turn.now,
            call=row.call,
            line=name,
            queue=queue,
            outcome=_outcome(turn, row, queue),
            reason=_reason(row, queue),
            wait_seconds=row.wait_seconds,
            queue_wait_seconds=row.wait_seconds,
            place=0,
            called_back=called_back and row.answered,
        )
    )
    if row.answered and queue:
        turn.tell(
            TalkEnded(
                at=turn.now,
                call=row.call,
                line=name,
                queue=queue,
                operator=row.operator,
                talk_seconds=max(0.0, row.call_seconds - row.wait_seconds),
                ended_by=EndedBy.CALLER,
            )
        )
    turn.tell(CallEnded(at=turn.now, call=row.call))


def _outcome(turn: Turn, row: LedgerRead, queue: QueueName) -> Outcome:
    if row.stage is Stage.GREETING:
        return Outcome.IVR_ENDED
    # a number that is not published: a call that was never offered cannot count as answered
    if not queue:
        return Outcome.REJECTED
    if row.answered:
        return Outcome.ANSWERED
    short = turn.state.queue(queue).rules.short_abandon_seconds
    return outcome_of_leaving(row.wait_seconds, short)


def _reason(row: LedgerRead, queue: QueueName) -> str:
    if row.stage is Stage.GREETING:
        return ""
    return _REASONS[row.stage] if queue else Rejection.UNKNOWN_NUMBER


_REASONS = {Stage.STASIS: "service_away", Stage.LIFEBOAT: "lifeboat"}
