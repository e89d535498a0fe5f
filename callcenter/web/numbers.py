"""Shows callers' numbers in full if that is asked for and allowed, and writes it to the audit
first.

Without an entry in the audit no number is shown. While the database is away, everyone sees masked
numbers.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem

AUDITED_MOST = 1000  # call ids in one entry; no list of calls is longer


class Numbers(StrEnum):
    """How callers' numbers are shown."""

    MASKED = "masked"
    FULL = "full"


async def numbers_shown(
    request: Request[Any], wanted: Numbers, action: str, about: str, calls: Sequence[str]
) -> Numbers:
    """How numbers may be shown in this answer. Problem not_allowed for roles below supervisor."""
    if wanted is Numbers.MASKED:
        return Numbers.MASKED
    if not request.person.role.includes(Role.SUPERVISOR):
        raise Problem("not_allowed", "Full numbers are for supervisors; ask for numbers=masked.")
    try:
        await request.audit(action, about, calls=list(calls[:AUDITED_MOST]))
    except DatabaseAwayError:
        return Numbers.MASKED
    return Numbers.FULL
