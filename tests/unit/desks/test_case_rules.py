"""Cases: whatever people do, in whatever order, what must be true of a case is true of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.desks.cases import rules
from callcenter.desks.cases.invariants import faults
from callcenter.desks.cases.limits import limits_of
from callcenter.desks.cases.model import (
    Case,
    CaseOutcome,
    CaseState,
    CaseType,
    Change,
    Conclusion,
    Urgency,
    outcome_of,
)
from callcenter.desks.cases.rules import Act, CaseFault, Finding, Intake
from callcenter.desks.cases.states import TABLE, CaseAction
from callcenter.desks.shared.documents import DocumentEvent, NotNow
from callcenter.desks.shared.hops import ReturnReason
from callcenter.thai_holidays import Holidays

T0 = datetime(2021, 8, 17, 2, tzinfo=UTC)
OFF = Holidays().is_off
UNITS = ("gcc", "moi", "p33", "d3307", "d3306")
C = Conclusion


def act(unit: str, at: datetime = T0) -> Act:
    return Act(account="a", unit=unit, at=at, limits=limits_of(), off=OFF)


def intake(**fields: Any) -> Intake:
    usual: dict[str, Any] = {
        "id": UUID(int=1),
        "number": "33640001233",
        "type": CaseType.COMPLAINT,
        "topic": "covid",
        "urgency": Urgency.NORMAL,
        "channel": "referral_1111",
        "area": "330702",
        "facts": "x",
        "source_unit": "gcc",
        "allegations": ("one", "two"),
    }
    return Intake(**{**usual, **fields})


def begun(**fields: Any) -> Change:
    return rules.create(intake(**fields), "moi", act("gcc"), referred=True)


FOUND = (Finding(n=1, text="", conclusion=C.REMEDIED), Finding(n=2, text="", conclusion=C.REMEDIED))
DO: dict[str, Callable[[Case, Act, str], Change]] = {
    "take": lambda case, a, to: rules.take(case, a),
    "refer": lambda case, a, to: rules.refer(case, a, to, ""),
    "inform": lambda case, a, to: rules.inform(case, a, to, ""),
    "recall": lambda case, a, to: rules.recall(case, a, len(case.hops), "wrong"),
    "receive": lambda case, a, to: rules.receive(case, a),
    "return": lambda case, a, to: rules.give_back(case, a, ReturnReason.WRONG_AREA, "x"),
    "progress": lambda case, a, to: rules.progress(case, a, "x"),
    "wait": lambda case, a, to: rules.wait(case, a, "x"),
    "resume": lambda case, a, to: rules.resume(case, a),
    "answer": lambda case, a, to: rules.answer(case, a, "x", FOUND),
    "send_back": lambda case, a, to: rules.send_back(case, a, "x"),
    "report": lambda case, a, to: rules.report_to_source(case, a, "x"),
    "citizen": lambda case, a, to: rules.inform_citizen(case, a, "x", ""),
    "close": lambda case, a, to: rules.close(case, a),
    "reopen": lambda case, a, to: rules.reopen(case, a, "x"),
    "withdraw": lambda case, a, to: rules.withdraw(case, a, "x"),
    "correct": lambda case, a, to: rules.correct(case, a, {"people_concerned": 7}, ["more"]),
    "message": lambda case, a, to: rules.message(case, a, "x"),
}
# Steps that lead somewhere are tried more often than those that end it all.
names = st.sampled_from([*DO, *["refer", "receive", "answer"] * 3, "report", "citizen", "close"])
steps = st.tuples(names, st.sampled_from(UNITS), st.sampled_from(UNITS), st.integers(1, 400_000))


@settings(max_examples=300, deadline=None)
@given(st.booleans(), st.lists(steps, min_size=5, max_size=60))
def test_the_invariants_hold_whatever_is_done(referred: bool, play: list[tuple[Any, ...]]) -> None:
    change = rules.create(intake(), "moi", act("gcc"), referred=referred)
    events: list[DocumentEvent] = [change.event]
    case, now = change.case, T0
    assert faults(case, events) == []
    for name, unit, to, seconds in play:
        now += timedelta(seconds=seconds)
        before = case
        try:
            change = DO[name](case, act(unit, now), to)
        except (NotNow, CaseFault):
            continue
        case = change.case
        events.append(change.event)
        assert faults(case, events) == [], name
        move = TABLE.move(before.state, CaseAction(change.event.action))
        assert case.state in move.to, name
        for old, new in zip(before.clocks, case.clocks, strict=False):
            kept = (old.name, old.hop, old.rule, old.started_at)
            assert kept == (new.name, new.hop, new.rule, new.started_at)
            assert new.due_at == old.due_at or old.paused_at is not None


@pytest.mark.parametrize(
    ("conclusions", "outcome"),
    [
        ((C.SUBSTANTIATED, C.SUBSTANTIATED), CaseOutcome.SUBSTANTIATED),
        ((C.SUBSTANTIATED, C.NOT_SUBSTANTIATED), CaseOutcome.PARTLY),
        ((C.SUBSTANTIATED, C.REMEDIED), CaseOutcome.PARTLY),
        ((C.NOT_SUBSTANTIATED, C.NOT_SUBSTANTIATED), CaseOutcome.NOT_SUBSTANTIATED),
        ((C.REMEDIED,), CaseOutcome.REMEDIED),
        ((C.SUBSTANTIATED, None), None),
        ((), None),
    ],
)
def test_dd_05_outcome(
    conclusions: tuple[Conclusion | None, ...], outcome: CaseOutcome | None
) -> None:
    assert outcome_of(conclusions) is outcome


def test_dd_05_a_complaint_is_not_answered_while_a_conclusion_is_missing() -> None:
    case = rules.receive(begun().case, act("moi")).case
    for findings in ((), FOUND[:1]):
        with pytest.raises(CaseFault) as told:
            rules.answer(case, act("moi"), "x", findings)
        assert told.value.code == "conclusion_missing"
    assert rules.answer(case, act("moi"), "x", FOUND).case.state is CaseState.ANSWERED


def test_dd_04_parallel_hand_overs_must_both_end() -> None:
    case = rules.receive(begun().case, act("moi")).case
    for unit in ("d3307", "d3306"):
        case = rules.refer(case, act("moi"), unit, "").case
    with pytest.raises(CaseFault, match="have not answered"):
        rules.answer(case, act("moi"), "x", FOUND)
    for unit in ("d3306", "d3307"):
        case = rules.receive(case, act(unit)).case
    case = rules.answer(case, act("d3307"), "x", FOUND[:1]).case  # the other half is d3306's
    assert (case.state, case.holder) == (CaseState.IN_PROGRESS, "d3306")
    case = rules.answer(case, act("d3306"), "x", FOUND[1:]).case
    assert (case.state, case.holder) == (CaseState.ANSWERED, "moi")


def test_dd_04_a_new_receiver_has_a_full_clock_and_earlier_ones_are_not_touched() -> None:
    case = rules.receive(begun().case, act("moi")).case
    case = rules.refer(case, act("moi"), "p33", "").case
    before = {(c.name, c.hop): c.due_at for c in case.clocks}
    later = T0 + timedelta(days=3)
    case = rules.give_back(case, act("p33", later), ReturnReason.WRONG_AREA, "x").case
    case = rules.refer(case, act("moi", later), "d3307", "").case
    after = {(c.name, c.hop): c for c in case.clocks}
    assert after["answer", 3].started_at == later
    assert after["answer", 3].due_at - after["answer", 2].due_at == timedelta(days=3)
    assert {key: after[key].due_at for key in before} == before


def test_a_case_that_goes_back_to_its_source_can_be_passed_to_another() -> None:
    case = rules.give_back(begun().case, act("moi"), ReturnReason.WRONG_AGENCY, "กรมอื่น").case
    assert (case.state, case.holder, case.unit) == (CaseState.RECEIVED, "gcc", "gcc")
    case = rules.refer(case, act("gcc"), "p33", "").case
    assert (case.state, case.holder, case.unit) == (CaseState.REFERRED, "p33", "p33")
    assert case.number == "33640001233"


def test_a_question_is_answered_at_once_and_a_complaint_is_not() -> None:
    own = intake(type=CaseType.QUESTION, source_unit=None, allegations=())
    case = rules.create(own, "p33", act("p33"), referred=False).case
    answered = rules.answer_at_once(case, act("p33"), "โทร 1330").case
    with pytest.raises(CaseFault, match="Inform the citizen"):
        rules.close(answered, act("p33"))
    done = rules.inform_citizen(answered, act("p33"), "by phone", "").case
    assert rules.close(done, act("p33")).case.state is CaseState.CLOSED
    complaint = replace(case, type=CaseType.COMPLAINT)
    with pytest.raises(CaseFault) as told:
        rules.answer_at_once(complaint, act("p33"), "x")
    assert told.value.code == "must_be_checked"


def test_a_case_is_reopened_within_ninety_days_and_everybody_is_informed_anew() -> None:
    case = rules.receive(begun().case, act("moi")).case
    case = rules.answer(case, act("moi"), "x", FOUND).case
    case = rules.report_to_source(case, act("moi"), "x").case
    case = rules.inform_citizen(case, act("moi"), "", "no address").case
    case = rules.close(case, act("moi")).case
    with pytest.raises(CaseFault) as told:
        rules.reopen(case, act("gcc", T0 + timedelta(days=91)), "x")
    assert told.value.code == "too_late"
    case = rules.reopen(case, act("gcc", T0 + timedelta(days=90)), "x").case
    assert (case.state, case.reopened, case.holder) == (CaseState.IN_PROGRESS, 1, "moi")
    case = rules.answer(case, act("moi", T0 + timedelta(days=91)), "x", FOUND).case
    with pytest.raises(CaseFault) as told:
        rules.close(case, act("moi", T0 + timedelta(days=91)))
    assert told.value.code == "source_not_informed"


def test_what_is_not_in_the_table_is_told_with_what_is_possible() -> None:
    with pytest.raises(NotNow) as told:
        rules.close(begun().case, act("moi"))
    assert "receive" in told.value.possible
