"""How answers are found, and when they are out of date. Pure; time is an argument.

Thai is written without spaces between words, and tone marks are easily forgotten. So texts are
folded before they are compared: no spaces, no punctuation, no tone marks, lower case, Arabic
digits. A word is found anywhere in a text, also inside another word.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime

from callcenter.desks.answers.model import Answer, AnswerState, Wording
from callcenter.desks.shared.thai import arabic, local

TERMS_MOST = 8
EXCERPT_LETTERS = 160
BREAK = "|"
"""Separates title, keywords and text, so that nothing is found across them."""
_TONES = {*"\u0e48\u0e49\u0e4a\u0e4b\u0e4c"}  # tone marks, and the mark of a silent letter
_PHONE = re.compile(r"\d{9,}", re.ASCII)


def state_of(answer: Answer, at: datetime) -> AnswerState:
    """The state of the answer at that moment."""
    if answer.withdrawn_at is not None and answer.withdrawn_at <= at:
        return AnswerState.WITHDRAWN
    if answer.version.wording.review_by < local(at).date():
        return AnswerState.REVIEW_DUE
    return AnswerState.IN_FORCE


def folded(text: str) -> str:
    """The letters that a search compares. "ปรางค์ กู่" and "ปรางคกู" give the same."""
    return "".join(letter for _, letter in _letters(text))


def terms(text: str) -> list[str]:
    """The search terms. Each must be somewhere in the answer. Empty if there is nothing to search
    for."""
    parts = (folded(part) for part in text.split())
    return list(dict.fromkeys(part for part in parts if part))[:TERMS_MOST]


def searched(wording: Wording) -> str:
    """The text in which a search looks."""
    return BREAK.join(folded(part) for part in (wording.title, *wording.keywords, wording.text))


def excerpt(text: str, term: str) -> str:
    """The part of the text around the term. If the term is not in the text, its beginning."""
    places, letters = [], []
    for place, letter in _letters(text):
        places.append(place)
        letters.append(letter)
    found = "".join(letters).find(term)
    start = max(0, places[found] - EXCERPT_LETTERS // 4) if found > 0 else 0
    part = text[start : start + EXCERPT_LETTERS]
    return ("…" if start else "") + part + ("…" if start + EXCERPT_LETTERS < len(text) else "")


def is_kept(text: str) -> bool:
    """Whether a miss may be listed. A phone or card number belongs to somebody, and is only
    counted."""
    return not _PHONE.search(re.sub(r"[\W_]", "", arabic(text)))


def note_of(answer: Answer, link: str) -> str:
    """The text for the note of a call."""
    said = answer.version.wording
    return f"{said.title}\n{said.text}\n({link})"


def review_fault(review_by: date, today: date) -> str | None:
    """Why this date cannot be the next review date; None if it can."""
    if review_by < today:
        return "The date of the next review lies in the past."
    if review_by.toordinal() - today.toordinal() > 3 * 366:
        return "Facts change: choose a review within three years."
    return None


def _letters(text: str) -> Iterator[tuple[int, str]]:
    """The letters that are compared, each with its position in the text."""
    for place, sign in enumerate(text):
        if sign in _TONES:
            continue
        if sign == "\u0e40" and text[place + 1 : place + 2] == "\u0e40":
            continue  # two เ look like one แ, so the second of them becomes แ
        if sign == "\u0e40" and place and text[place - 1] == "\u0e40":
            sign = "\u0e41"
        for letter in arabic(unicodedata.normalize("NFKD", sign).casefold()):
            if letter.isalnum() or "\u0e30" <= letter <= "\u0e4e":
                yield place, letter
