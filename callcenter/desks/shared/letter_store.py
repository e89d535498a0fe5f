"""Official letters as rows."""

from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from callcenter.desks.shared.letters import LetterUrgency, OfficialLetter

_FIELDS = [field.name for field in fields(OfficialLetter)]


def letter_row(
    letter: OfficialLetter, *, document: UUID | None = None, round_number: int | None = None
) -> dict[str, Any]:
    """The row of a letter of a document or of a round."""
    owner = {"document": document, "round": round_number}
    return {**asdict(letter), "urgency": letter.urgency.value, **owner}


def letter_of(row: RowMapping) -> OfficialLetter:
    """The letter in a row."""
    values = {name: row[name] for name in _FIELDS}
    return OfficialLetter(**{**values, "urgency": LetterUrgency(row["urgency"])})
