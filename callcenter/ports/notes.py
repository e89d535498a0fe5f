"""An operator's note about a call: what it was about, and its result.

Personal data: the words of citizens in trouble. Never in a log or a metric. Each look at a note is
in the audit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from callcenter.core.ids import CallId, OperatorId


class Kind(StrEnum):
    """The kind of a call."""

    UNDISPOSED = "undisposed"  # nobody has chosen it yet
    COMPLAINT = "complaint"
    HELP = "help"
    QUESTION = "question"
    TIP_OFF = "tip_off"
    SUGGESTION = "suggestion"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNote:
    """The note of one call. `operator` wrote it last."""

    call: CallId
    operator: OperatorId
    changed_at: datetime
    kind: Kind = Kind.UNDISPOSED
    topic: str = field(default="", repr=False)
    result: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


class Notes(Protocol):
    """Where the notes are kept. Every method raises DatabaseAwayError."""

    async def save(self, note: CallNote) -> None:
        """Store the note. It replaces the call's earlier one."""
        ...

    async def of(self, calls: Sequence[CallId]) -> Mapping[CallId, CallNote]:
        """The notes of these calls. Calls without one are left out."""
        ...
