"""Official letters: what is taken, and what a letter does to the deadline of a case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from callcenter.desks.cases import rules
from callcenter.desks.cases.invariants import faults
from callcenter.desks.cases.model import Case, CaseState
from callcenter.desks.cases.rules import CaseFault
from callcenter.desks.shared.clocks import Clock
from callcenter.desks.shared.letters import (
    LETTERS_MOST,
    LetterFault,
    LetterUrgency,
    OfficialLetter,
    checked,
)
from tests.unit.desks.test_case_rules import T0, act, begun

DUE = datetime(2021, 8, 30, 5, tzinfo=UTC)


def letter(**other: Any) -> OfficialLetter:
    usual: dict[str, Any] = {
        "n": 0,
        "number": "มท 0230/ว 1664",
        "day": date(2021, 8, 16),
        "urgency": LetterUrgency.MOST_URGENT,
        "subject": "ให้รายงานผล",
        "sender": "กระทรวงมหาดไทย",
        "to_unit": "moi",
        "recorded_by": "a",
        "recorded_for": "moi",
        "recorded_at": T0,
    }
    return OfficialLetter(**{**usual, **other})


def code_of(fault: pytest.ExceptionInfo[Any]) -> str:
    return str(fault.value.code)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"day": date(2021, 8, 18)}, "date_in_future"),
        ({"sender": ""}, "letter_offices"),
        ({"to_unit": None}, "letter_offices"),
        ({"due_at": datetime(2021, 8, 15, 5, tzinfo=UTC)}, "due_before_letter"),
        ({"due_at": T0 + timedelta(days=4000)}, "due_too_far"),
    ],
)
def test_what_is_wrong_with_a_letter(other: dict[str, Any], code: str) -> None:
    with pytest.raises(LetterFault) as fault:
        checked(letter(**other), [])
    assert code_of(fault) == code


def test_the_same_letter_is_kept_once_and_another_office_counts_for_itself() -> None:
    known = [letter(n=1)]
    with pytest.raises(LetterFault) as fault:
        checked(letter(number="มท 0230 / ว 1664"), known)
    assert code_of(fault) == "letter_known"
    checked(letter(sender="สำนักนายกรัฐมนตรี"), known)
    checked(letter(day=date(2021, 8, 15)), known)
    with pytest.raises(LetterFault) as fault:
        checked(letter(number="x"), [letter(number=str(n)) for n in range(LETTERS_MOST)])
    assert code_of(fault) == "too_many_letters"


def test_a_letter_is_written_as_offices_write_it() -> None:
    assert letter().written == "มท ๐๒๓๐/ว ๑๖๖๔ ลงวันที่ ๑๖ สิงหาคม ๒๕๖๔"


def result_clocks(case: Case) -> list[Clock]:
    return [clock for clock in case.clocks if clock.hop is None and clock.name == "result"]


def received() -> tuple[Case, list[Any]]:
    first = begun()
    second = rules.receive(first.case, act("moi"))
    return second.case, [first.event, second.event]


def test_xc_04_a_letter_sets_the_deadline_of_a_case_and_the_history_says_which() -> None:
    case, events = received()
    [before] = result_clocks(case)
    change = rules.letter(case, act("moi"), letter(due_at=DUE))
    old, new = result_clocks(change.case)
    assert (old.ended_at, old.due_at, old.runs) == (T0, before.due_at, False)
    assert (new.due_at, new.letter, new.runs) == (DUE, 1, True)
    assert new.rule == change.event.reason == "มท ๐๒๓๐/ว ๑๖๖๔ ลงวันที่ ๑๖ สิงหาคม ๒๕๖๔"
    assert change.event.changes == {
        "letter": [None, "มท 0230/ว 1664"],
        "due": [before.due_at.isoformat(), DUE.isoformat()],
    }
    assert change.case.state == case.state
    assert faults(change.case, [*events, change.event]) == []
    later = letter(number="มท 0230/ว 1700", due_at=DUE + timedelta(days=3))
    again = rules.letter(change.case, act("moi"), later)
    assert [clock.letter for clock in result_clocks(again.case) if clock.runs] == [2]


def test_a_letter_without_a_deadline_changes_none() -> None:
    case, _ = received()
    change = rules.letter(case, act("moi"), letter())
    assert change.case.clocks == case.clocks
    assert [each.n for each in change.case.letters] == [1]
    assert "due" not in change.event.changes


def test_only_the_responsible_unit_sets_the_deadline_while_a_result_is_awaited() -> None:
    case, _ = received()
    referred = rules.refer(case, act("moi"), "p33", "").case
    there = rules.receive(referred, act("p33")).case
    rules.letter(there, act("p33"), letter())
    with pytest.raises(CaseFault) as fault:
        rules.letter(there, act("p33"), letter(due_at=DUE))
    assert code_of(fault) == "not_responsible"
    told = replace(case, clocks=())
    with pytest.raises(CaseFault) as fault:
        rules.letter(told, act("moi"), letter(due_at=DUE))
    assert code_of(fault) == "nothing_due"


def test_the_deadline_of_a_letter_does_not_move_while_a_case_waits_and_is_not_missed() -> None:
    case, _ = received()
    dated = rules.letter(case, act("moi"), letter(due_at=DUE)).case
    waiting = rules.wait(dated, act("moi"), "what").case
    assert not any(clock.is_overdue(DUE + timedelta(days=9)) for clock in waiting.clocks)
    resumed = rules.resume(waiting, act("moi", T0 + timedelta(days=2))).case
    assert result_clocks(resumed)[-1].due_at == DUE
    assert resumed.state is CaseState.IN_PROGRESS
    asked = rules.wait(case, act("moi"), "what").case
    while_waiting = rules.letter(asked, act("moi"), letter(due_at=DUE))
    assert result_clocks(while_waiting.case)[-1].paused_at == T0
    assert faults(while_waiting.case, []) == ["the history does not lead to the state"]
