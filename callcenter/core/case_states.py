"""What a caller who asks by keypad is told of a case: its state, and nothing else. Pure.

Whoever has the number of a case hears how far it is. No name, no place and no text of the case is
said: the number may be known to others.
"""

from dataclasses import dataclass
from enum import StrEnum

from callcenter.core import speech

NUMBER_DIGITS = 11
"""Of the number of a case, with its check digit (desks/shared/numbers.py)."""

QUESTION = ("case_number",)
AFTER = ("case_after",)
GOODBYE = ("goodbye",)
DAYS_MOST = 9_999


class CaseWord(StrEnum):
    """What can be answered. The last three are no state of a case."""

    RECEIVED = "received"  # nobody works on it yet
    AGENCY = "agency"  # with the ministry or an agency of the country
    PROVINCE = "province"  # with a province, or an office in it
    WAITING = "waiting"  # for something that the citizen was asked for
    ANSWERED = "answered"  # the offices have answered
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    WRONG = "wrong"  # there is no case with this number
    AWAY = "away"  # it cannot be found out now
    TOO_OFTEN = "too_often"  # the number that calls has asked too often


NO_STATE = (CaseWord.WRONG, CaseWord.AWAY, CaseWord.TOO_OFTEN)
_WITH_DAYS = (CaseWord.AGENCY, CaseWord.PROVINCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswer:
    """`days`: so many whole days since it has been there; 0: since today."""

    word: CaseWord
    days: int = 0

    @property
    def is_state(self) -> bool:
        """Whether a case was found."""
        return self.word not in NO_STATE


def words(language: speech.Language, answer: CaseAnswer) -> speech.Keys:
    """What is played to tell it."""
    keys: speech.Keys = (f"case_{answer.word}",)
    if answer.word not in _WITH_DAYS:
        return keys
    if answer.days < 1:
        return (*keys, "case_today")
    return (*keys, "case_for", *speech.days(language, min(answer.days, DAYS_MOST)))
