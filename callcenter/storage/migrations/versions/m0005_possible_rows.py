"""Checks against impossible rows: answered and abandoned, or ended before it arrived.

Impossible rows are repaired if it is known how they came about, and each repair is in the audit. A
row that cannot be repaired is left alone. The check that it breaks then holds only for new and
changed rows (`not valid`), and `callcenter doctor` names the row.
"""

import structlog
from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHECKS = {
    "calls": {
        "answered_once": "(answered_at is not null) = (outcome is not distinct from 'answered')",
        "talk_of_answered": "talk_ended_at is null or coalesce(outcome, 'answered') = 'answered'",
        "in_order": (
            "queued_at >= arrived_at and answered_at >= arrived_at "
            "and talk_ended_at >= coalesce(answered_at, arrived_at) "
            "and ended_at >= greatest(arrived_at, queued_at, answered_at, talk_ended_at)"
        ),
        "lasted": "wait_seconds >= 0 and queue_wait_seconds >= 0 and talk_seconds >= 0",
    },
    "offers": {
        "in_order": "answered_at >= made_at and ended_at >= greatest(made_at, answered_at)",
        "lasted": "ring_seconds >= 0",
    },
    "operator_states": {
        "in_order": "ended_at >= began_at",
        "lasted": "seconds >= 0",
    },
}

# Rows of answered calls that were overwritten by a row of Asterisk's ledger: they still have their
# answer.
_OVERWRITTEN = """
with wrong as (
    select call_id, outcome, reason from calls
    where known_from_ledger and answered_at is not null and outcome <> 'answered' for update
),
mended as (
    update calls set outcome = 'answered', reason = '', known_from_ledger = false, via = 'service',
        wait_seconds = greatest(0, extract(epoch from answered_at - arrived_at)),
        queue_wait_seconds =
            greatest(0, extract(epoch from answered_at - coalesce(queued_at, arrived_at)))
    from wrong where calls.call_id = wrong.call_id
    returning calls.call_id, wrong.outcome, wrong.reason
)
insert into audit (at, who, action, about, address, details)
select now(), 'migration 0005', 'call.correct', call_id, '', jsonb_build_object(
    'outcome', 'answered', 'outcome_before', outcome, 'reason', '', 'reason_before', reason,
    'why', 'it was answered; Asterisk''s ledger had been written over the row'
) from mended
"""

# Durations are right, because they never were differences of stamps. Only the stamps are moved.
_STAMPS = (
    "update calls set queued_at = greatest(queued_at, arrived_at) where queued_at < arrived_at",
    "update calls set answered_at = arrived_at where answered_at < arrived_at",
    """update calls set talk_ended_at = coalesce(answered_at, arrived_at)
    where talk_ended_at < coalesce(answered_at, arrived_at)""",
    """update calls set ended_at = greatest(arrived_at, queued_at, answered_at, talk_ended_at)
    where ended_at < greatest(arrived_at, queued_at, answered_at, talk_ended_at)""",
    "update offers set answered_at = made_at where answered_at < made_at",
    """update offers set ended_at = greatest(made_at, answered_at)
    where ended_at < greatest(made_at, answered_at)""",
    "update operator_states set ended_at = began_at where ended_at < began_at",
)

log = structlog.get_logger(__name__)


def upgrade() -> None:
    """Repair the rows, then add the checks."""
    connection = op.get_bind()
    repaired = connection.execute(text(_OVERWRITTEN)).rowcount
    moved = sum(connection.execute(text(statement)).rowcount for statement in _STAMPS)
    if repaired or moved:
        log.warning("impossible records were repaired", outcomes=repaired, stamps=moved)
    for table, checks in CHECKS.items():
        for name, rule in checks.items():
            _check(table, name, rule)


def _check(table: str, name: str, rule: str) -> None:
    connection = op.get_bind()
    check = f"ck_{table}_{name}"
    connection.execute(text(f"alter table {table} add constraint {check} check ({rule}) not valid"))
    wrong = connection.scalar(text(f"select count(*) from {table} where not ({rule})"))
    if wrong:
        log.error("impossible records stay as they are", table=table, check=check, rows=wrong)
    else:
        connection.execute(text(f"alter table {table} validate constraint {check}"))


def downgrade() -> None:
    """Drop the checks. Repaired rows stay as they are."""
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
