"""What an operator wrote down of a call: what it was about, and what became of it.

Personal data: the words of citizens in trouble. Never in a log or a metric; a look at them is in
the audit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from callcenter.core.ids import CallId, OperatorId


class Kind(StrEnum):
    """What a call was."""

    UNDISPOSED = "undisposed"  # nobody has said it
    COMPLAINT = "complaint"
    HELP = "help"
    QUESTION = "question"
    TIP_OFF = "tip_off"
    SUGGESTION = "suggestion"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNote:
    """One call's. `operator` wrote it last."""

    call: CallId
    operator: OperatorId
    changed_at: datetime
    kind: Kind = Kind.UNDISPOSED
    topic: str = field(default="", repr=False)
    result: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


class Notes(Protocol):
    """Where they are kept. Every method raises DatabaseAwayError."""

    async def save(self, note: CallNote) -> None:
        """Keep it in the place of what the call had."""
        ...

    async def of(self, calls: Sequence[CallId]) -> Mapping[CallId, CallNote]:
        """Those of these calls that have one."""
        ...
