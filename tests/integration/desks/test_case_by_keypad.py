"""DD-10 by keypad: what a caller is told of a case is its state, and nothing else."""

from typing import Any

import pytest
from sqlalchemy import text

from callcenter.core.case_states import CaseAnswer, CaseWord
from callcenter.core.ids import CallId
from callcenter.desks.cases.keypad import CasesByKeypad
from callcenter.desks.shared.thai import thai
from tests.integration.desks.office import CLI, COMPLAINT, FINDINGS, Office

WRONG = CaseAnswer(word=CaseWord.WRONG)
PROVINCE, AGENCY = CaseWord.PROVINCE, CaseWord.AGENCY


async def told(office: Office, number: str) -> tuple[CaseWord, int]:
    house = office.house
    keypad = CasesByKeypad(house.shared.database, house.shared.audit, house.hands.wall)
    answer = await keypad.state_of(number, CallId("1234.5"))
    return answer.word, answer.days


async def made(office: Office, **fields: Any) -> str:
    body = {**COMPLAINT, "channel": "walk_in", **fields}
    return str((await office.post("malee", "cases", body)).body["case"]["case"])


async def test_dd_10_by_keypad_the_state_follows_the_case_from_1111_to_the_answer(
    office: Office,
) -> None:
    office.at("2022-03-10T09:00", still=True)
    body = {**COMPLAINT, "to_unit": "moi", "reference": "1111-7"}
    number = str((await office.post("gcc", "referrals", body)).body["case"]["case"])
    assert await told(office, number) == (AGENCY, 0)
    await office.must("somsri", number, "receive")
    await office.must("somsri", number, "refer", to_unit="p33")
    assert await told(office, number) == (PROVINCE, 0)
    office.at("2022-03-13T09:30", still=True)
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "refer", to_unit="d3307")
    office.at("2022-03-15T08:00", still=True)
    assert await told(office, number) == (PROVINCE, 4), (
        "since the province had it, not the district"
    )
    await office.must("nok", number, "receive")
    await office.must("nok", number, "answer", text="ให้กักตัวแล้ว", findings=FINDINGS)
    await office.must("wichai", number, "answer", text="ให้กักตัวแล้ว", findings=FINDINGS)
    assert await told(office, number) == (CaseWord.ANSWERED, 0), "the last office has answered"
    await office.must("somsri", number, "report-to-source", text="หนังสือถึง GCC 1111")
    await office.must("somsri", number, "inform-citizen", how="โทรศัพท์")
    await office.must("somsri", number, "close")
    assert await told(office, number) == (CaseWord.CLOSED, 0)


async def test_a_case_that_nobody_took_up_or_that_was_withdrawn_is_said_so(office: Office) -> None:
    number = await made(office)
    assert await told(office, number) == (CaseWord.RECEIVED, 0)
    await office.must("wichai", number, "withdraw", text="ผู้ร้องขอถอน")
    assert await told(office, number) == (CaseWord.WITHDRAWN, 0)


async def test_who_has_the_number_of_a_case_that_is_another_one_hears_of_that(
    office: Office,
) -> None:
    one, two = await made(office), await made(office)
    await office.must("wichai", two, "merge", into=one)
    assert await told(office, two) == (CaseWord.RECEIVED, 0)


@pytest.mark.parametrize(
    "typed", ["", "1", "33640001234", "99999999999", "336400012333", "33-64-00012-3"]
)
async def test_a_number_that_was_never_given_is_wrong_and_in_no_audit(
    office: Office, typed: str
) -> None:
    assert await told(office, typed) == (CaseWord.WRONG, 0)
    assert await looks(office) == []


async def looks(office: Office) -> list[dict[str, Any]]:
    answer = await office.house.ask("GET", "/api/v1/audit?action=case.state_told", by=CLI)
    return list(answer.body["entries"])


async def test_each_look_is_in_the_audit_and_says_nothing_of_people(office: Office) -> None:
    number = await made(office)
    assert await told(office, thai(number)) == (CaseWord.RECEIVED, 0)
    [look] = await looks(office)
    assert (look["who"], look["about"], look["address"]) == ("caller", number, "")
    assert look["details"] == {"call": "1234.5", "state": "received"}


async def test_a_report_of_a_province_is_no_case(office: Office) -> None:
    """Only cases are looked for, whatever other documents have a number."""
    number = await made(office)
    office.books = None  # what follows is no step of anybody
    async with office.house.shared.database.begin() as connection:
        change = text("update documents set kind = 'bulletin' where number = :number")
        await connection.execute(change, {"number": number})
    assert await told(office, number) == (CaseWord.WRONG, 0)
