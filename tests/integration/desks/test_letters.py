"""Official letters of cases and rounds, through the API on a real PostgreSQL."""

import json
from datetime import timedelta
from typing import Any

from tests.integration.desks.office import COMPLAINT, Office
from tests.integration.desks.test_files_api import PNG, added, audit
from tests.integration.desks.test_privacy import MINE, export, parts_of, run
from tests.integration.desks.test_reports_api import country, made

__all__ = ["country"]
LETTER: dict[str, Any] = {
    "number": "มท ๐๒๓๐/ว ๑๖๖๔",
    "date": "๑๖ สิงหาคม ๒๕๖๔",
    "urgency": "most_urgent",
    "from_unit": "moi",
    "to_unit": "p33",
    "subject": "ขอให้รายงานผลการตรวจสอบ",
}
DUE = "๓๐ สิงหาคม ๒๕๖๔ เวลา ๑๒.๐๐ น."


async def taken(office: Office, **other: Any) -> str:
    office.at("2021-08-17T09:00")
    body = {**COMPLAINT, "channel": "walk_in", **other}
    case = str((await office.post("malee", "cases", body)).body["case"]["case"])
    await office.must("wichai", case, "take")
    return case


async def test_xc_04_a_letter_sets_the_deadline_of_a_case_and_the_history_says_which(
    office: Office,
) -> None:
    case = await taken(office)
    told = await office.must("wichai", case, "letter", letter={**LETTER, "due": DUE})
    [kept] = told["letters"]
    assert (kept["letter"], kept["number"], kept["date"]) == (1, LETTER["number"], "2021-08-16")
    assert kept["date_th"] == LETTER["date"]
    assert (kept["from_unit"], kept["to_unit"], kept["urgency"]) == ("moi", "p33", "most_urgent")
    assert kept["sender"] and kept["sender_en"] and kept["recipient"]
    assert kept["due_at"] == told["due_at"] == "2021-08-30T05:00:00Z"
    before, now = [each for each in told["clocks"] if each["name"] == "result"]
    assert (before["letter"], before["ended_at"] is not None) == (None, True)
    assert (now["letter"], now["due_at"]) == (1, kept["due_at"])
    event = told["events"][-1]
    assert (event["action"], event["reason"]) == (
        "letter",
        f"{LETTER['number']} ลงวันที่ {LETTER['date']}",
    )
    assert event["changes"]["letter"] == [None, LETTER["number"]]
    assert event["changes"]["due"][1] == "2021-08-30T05:00:00+00:00"
    [noted] = await audit(office, "case.letter.added")
    assert (noted["who"], noted["about"], noted["details"]["letter"]) == ("wichai", case, 1)
    listed = (await office.get("admin33", f"cases/{case}/letters")).body["letters"]
    assert listed == told["letters"]
    assert [each["details"]["shown"] for each in await audit(office, "case.letters")] == [1]
    office.at("2021-08-30T12:00", still=True)
    assert not (await office.get("wichai", f"cases/{case}")).body["clocks"][-1]["overdue"]
    office.at("2021-08-30T12:01", still=True)
    assert (await office.get("wichai", f"cases/{case}")).body["clocks"][-1]["overdue"]
    overdue = (await office.get("wichai", "cases?overdue=true")).body["cases"]
    assert [each["case"] for each in overdue] == [case]


async def test_letters_that_are_not_taken(office: Office) -> None:
    case = await taken(office)
    for other, status, code in (
        ({"date": "29 กุมภาพันธ์ 2564"}, 422, "date_fault"),
        ({"due": "พรุ่งนี้"}, 422, "date_fault"),
        ({"date": "18/8/2564"}, 409, "date_in_future"),
        ({"due": "15/8/2564 12:00"}, 409, "due_before_letter"),
        ({"from_unit": "p99"}, 422, "unknown_unit"),
        ({"from_unit": None}, 409, "letter_offices"),
        ({"subject": "โทร 081-234-5678"}, 422, "phone_in_text"),
        ({"file": 7}, 404, "unknown_file"),
    ):
        file = {"file": other.pop("file")} if "file" in other else {}
        answer = await office.do("wichai", case, "letter", letter={**LETTER, **other}, **file)
        told = answer.body["faults"][0] if answer.code == "case_fault" else answer.code
        if code != "unknown_unit":
            assert (answer.status, told) == (status, code), other
        else:
            assert answer.code == code
    await office.must("wichai", case, "letter", letter=LETTER)
    again = await office.do(
        "wichai", case, "letter", letter={**LETTER, "number": "มท ๐๒๓๐ /ว ๑๖๖๔"}
    )
    assert (again.status, again.body["faults"]) == (409, ["letter_known"])
    stale = await office.do("wichai", case, "letter", letter={**LETTER, "number": "๒"}, version=1)
    assert (stale.status, stale.code) == (409, "changed_meanwhile")
    assert (await office.do("malee", case, "letter", letter=LETTER)).code == "not_allowed"
    assert len((await office.get("wichai", f"cases/{case}")).body["letters"]) == 1


async def test_what_a_letter_tells_of_who_complains_is_seen_by_few_and_forgotten(
    office: Office,
) -> None:
    case = await taken(office)
    await added(office, "wichai", case, PNG, "หนังสือ.png", shows_person=True)
    personal = {
        **LETTER,
        "from_unit": None,
        "sender": "นางสมหญิง ใจดี",
        "subject": "ร้องเรียนของนางสมหญิง",
    }
    await office.must("wichai", case, "letter", letter=personal, names_person=True, file=1)
    await office.must("wichai", case, "refer", to_unit="d3307")
    for who in ("nok", "wichai", "central"):
        shown = (await office.get(who, f"cases/{case}")).body
        assert "สมหญิง" not in json.dumps(shown, ensure_ascii=False), who
        assert (shown["letters"][0]["hidden"], shown["letters"][0]["file"]) == (True, 1)
    for who, sees in (("nok", False), ("central", False), ("wichai", True)):
        [seen] = (await office.get(who, f"cases/{case}/letters")).body["letters"]
        assert (seen["subject"] == personal["subject"], seen["hidden"]) == (sees, not sees), who
        assert (seen["sender"] == personal["sender"]) == sees, who
    looks = await audit(office, "case.letters")
    assert sorted((each["who"], each["details"]["person"]) for each in looks) == [
        ("central", False),
        ("nok", False),
        ("wichai", True),
    ]
    held = (await export(office, MINE)).body["held"]["case_letters"]
    assert [each["subject"] for each in held] == [personal["subject"]]
    await office.must("wichai", case, "withdraw", text="x")
    office.house.hands.moved_seconds += timedelta(days=731).total_seconds()
    assert (await run(office, dry_run=False))["cases"] == 1
    [left] = (await office.get("wichai", f"cases/{case}/letters")).body["letters"]
    assert (left["subject"], left["sender"], left["number"]) == ("", "", LETTER["number"])
    assert left["forgotten_at"] is not None
    assert parts_of(office) is not None


async def test_xc_04_a_letter_moves_the_due_time_of_a_round(country: Office) -> None:
    told = await made(country)
    number = told["round"]
    path = f"report-rounds/{number}/letters"
    letter = {
        "number": "ที่ มท ๐๒๓๐/ว ๑๖๘๐",
        "date": "11/3/2565",
        "subject": "ขยายเวลารายงาน",
        "sender": "ศบค.มท.",
        "recipient": "ผู้ว่าราชการจังหวัดทุกจังหวัด",
    }
    first = await country.post("central", path, {**letter, "version": told["version"]})
    assert (first.status, first.body["due_at"]) == (200, told["due_at"])
    later = {**letter, "number": "๒", "due": "๑๕ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น."}
    moved = await country.post("central", path, {**later, "version": told["version"]})
    assert moved.body["due_at"] == "2022-03-15T05:00:00Z", moved.body
    stale = await country.post(
        "central", path, {**later, "number": "๓", "version": told["version"]}
    )
    assert (stale.status, stale.code) == (409, "round_changed")
    fresh = {"version": moved.body["version"]}
    again = await country.post("central", path, {**later, **fresh})
    assert (again.status, again.body["faults"]) == (422, ["letter_known"])
    early = await country.post("central", path, {**later, **fresh, "due": "11/3/2565 12:00"})
    assert (early.status, early.code) == (422, "round_fault")
    assert (await country.post("wichai", path, {**later, **fresh})).code == "not_allowed"
    assert (await country.get("nobody", path)).code == "unknown_round"
    seen = (await country.get("wichai", path)).body["letters"]
    assert [each["number"] for each in seen] == [letter["number"], "๒"]
    noted = await audit(country, "round.letter")
    assert [each["details"].get("due") for each in reversed(noted)] in (
        [None, later["due"]],
        [later["due"], None],
    )
    assert "ลงวันที่ ๑๑ มีนาคม ๒๕๖๕" in noted[0]["details"]["letter"]
