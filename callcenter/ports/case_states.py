"""Who can say how far a case is, to a caller who typed its number."""

from typing import Protocol

from callcenter.core.case_states import CaseAnswer
from callcenter.core.ids import CallId


class CaseStates(Protocol):
    """Implemented by desks/cases/keypad.py."""

    async def state_of(self, number: str, call: CallId) -> CaseAnswer:
        """How far the case with this number is, as it was typed. That it was told is in the audit
        before it is. DatabaseAwayError."""
        ...
