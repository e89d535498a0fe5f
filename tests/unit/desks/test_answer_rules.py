"""HL-12: how answers are found in Thai, and when they are out of date."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desks.answers.model import Answer, AnswerState, Version, Wording
from callcenter.desks.answers.rules import (
    EXCERPT_LETTERS,
    TERMS_MOST,
    excerpt,
    folded,
    is_kept,
    note_of,
    review_fault,
    searched,
    state_of,
    terms,
)

MORNING = datetime(2022, 3, 14, 2, 0, tzinfo=UTC)  # 9:00 in Bangkok
WORDING = Wording(
    title="จุดฉีดวัคซีนอำเภอปรางค์กู่",
    text="ฉีดวัคซีนได้ที่โรงพยาบาลปรางค์กู่ ทุกวัน ๐๘.๓๐–๑๖.๓๐ น. ไม่ต้องนัด",
    keywords=("walk-in", "เข็ม ๓"),
    source="หนังสือ สธ. ๑๒/๒๕๖๕",
    topic="covid",
    review_by=date(2022, 3, 14),
)
ANSWER = Answer(
    id=12,
    unit="p33",
    version=Version(number=3, since=MORNING, written_by="wichai", wording=WORDING),
    latest=3,
    withdrawn_at=None,
    withdrawn_why="",
    uses=0,
)
THAI = st.text(
    st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B, categories=["L", "M", "N"])
)


@pytest.mark.parametrize(
    "typed",
    [
        "วัคซีน",  # inside ฉีดวัคซีนได้
        "ปรางค์กู่",
        "ปรางคกู",  # tone marks and ์ forgotten
        "ปรางค์ กู่",
        "โรงพยาบาล วัคซีน",  # both, in any order
        "WALK-IN",
        "walk in",
        "08.30",
        "๐๘๓๐",
        "เข็ม 3",
    ],
)
def test_hl_12_a_part_of_a_word_finds_the_answer(typed: str) -> None:
    assert terms(typed)
    assert all(term in searched(WORDING) for term in terms(typed))


@pytest.mark.parametrize("typed", ["ใบขับขี่", "วัคซีน เชียงใหม่", "๑๗.๓๐"])
def test_hl_12_what_is_not_there_is_not_found(typed: str) -> None:
    assert not all(term in searched(WORDING) for term in terms(typed))


def test_hl_12_two_e_are_read_as_ae_and_am_in_both_ways() -> None:
    assert folded("เเม่น้ำ") == folded("แม่น้ำ") == folded("แม่น้\u0e4d\u0e32".replace("้", ""))
    assert folded("\u200bก\u00a0ข ค.") == "กขค"


def test_hl_12_nothing_is_found_across_title_and_text() -> None:
    wording = replace(WORDING, title="กข", text="คง", keywords=())
    assert folded("ขค") not in searched(wording)


def test_hl_12_out_of_date_after_the_last_day_of_bangkok() -> None:
    end = datetime(2022, 3, 14, 16, 59, 59, tzinfo=UTC)  # 23:59:59
    assert state_of(ANSWER, end) is AnswerState.IN_FORCE
    assert state_of(ANSWER, end.replace(hour=17, minute=0, second=0)) is AnswerState.REVIEW_DUE
    gone = replace(ANSWER, withdrawn_at=end)
    assert state_of(gone, end) is AnswerState.WITHDRAWN
    assert state_of(gone, MORNING) is AnswerState.IN_FORCE  # as it was on that morning


def test_hl_12_the_note_has_the_text_and_the_link() -> None:
    note = note_of(ANSWER, "/desks.html#/answers/12/3")
    assert note == f"{WORDING.title}\n{WORDING.text}\n(/desks.html#/answers/12/3)"


def test_hl_12_an_excerpt_shows_what_was_looked_for() -> None:
    text = "ก" * 500 + "วัคซีนเข็มสาม" + "ข" * 500
    part = excerpt(text, folded("วัคซีน"))
    assert "วัคซีนเข็มสาม" in part and part.startswith("…") and part.endswith("…")
    assert excerpt("สั้น", folded("ไม่มี")) == "สั้น"


def test_hl_12_a_phone_number_is_no_miss_that_is_kept() -> None:
    assert not is_kept("เบอร์ ๐๘๑-๒๓๔-๕๖๗๘")
    assert not is_kept("1 2345 67890 12 3")
    assert is_kept("เลิกงาน 16.30 น.")


@pytest.mark.parametrize(
    ("day", "is_refused"),
    [(date(2022, 3, 13), True), (date(2022, 3, 14), False), (date(2025, 6, 1), True)],
)
def test_a_review_lies_within_three_years(day: date, is_refused: bool) -> None:
    assert (review_fault(day, date(2022, 3, 14)) is not None) is is_refused


@given(THAI, THAI, THAI)
def test_hl_12_any_part_of_a_text_finds_it(before: str, part: str, after: str) -> None:
    whole = f"{before} {part} {after}"
    for term in terms(part):
        assert term in folded(whole)


@given(st.text(max_size=400), st.text(max_size=20))
def test_no_text_is_too_strange(text: str, typed: str) -> None:
    assert len(terms(typed)) <= TERMS_MOST
    for term in terms(typed):
        assert len(excerpt(text, term)) <= EXCERPT_LETTERS + 2
    assert folded(folded(text)) == folded(text)
