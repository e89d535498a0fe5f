"""The example of the letter: a matter of Tambon Ku, from 1111 to the district and back, 2564.

The dates of the hand-overs and the ministry's part are made up; the letter has the rest.
"""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.desks.office import COMPLAINT, FINDINGS, Office

HOURS = 3600.0


async def test_prang_ku_with_the_ministry(office: Office, engine: AsyncEngine) -> None:
    office.at("2021-08-17T09:00")
    async with engine.begin() as connection:
        earlier = "insert into number_sequences (area, year, last) values ('33', 2564, 122)"
        await connection.execute(text(earlier))
    referral = {**COMPLAINT, "to_unit": "moi", "reference": "1111-640817-01"}
    made = await office.post("gcc", "referrals", referral)
    assert made.status == 201, made.body
    case = made.body["case"]
    number = case["case"]
    assert case["written"] == "33-64-000123-3"
    assert (case["area"], case["people_concerned"]) == ("330702", 7)
    assert case["source_reference"] == "1111-640817-01"
    assert (case["state"], case["unit"]) == ("referred", "moi")
    again = await office.post("gcc", "referrals", referral)
    assert (again.status, again.body["case"]["case"]) == (201, number)

    office.at("2021-08-17T09:40")
    case = await office.must("somsri", number, "receive")
    assert case["state"] == "in_progress"

    office.at("2021-08-17T10:00")
    case = await office.must("somsri", number, "refer", to_unit="p33", note="โปรดดำเนินการ")
    assert case["case"] == number
    first, second = case["hops"]
    assert (first["state"], second["state"]) == ("received", "sent")
    assert {c["started_at"] for c in second["clocks"]} == {second["sent_at"]}
    assert [c["name"] for c in second["clocks"]] == ["receive", "progress", "answer"]

    office.at("2021-08-17T10:30")
    await office.must("wichai", number, "receive")
    office.at("2021-08-17T11:00")
    await office.must("wichai", number, "refer", to_unit="d3307")
    office.at("2021-08-17T13:00")
    await office.must("nok", number, "receive")

    seen = await office.get("nok", f"cases/{number}")
    assert seen.body["facts"] == COMPLAINT["facts"]
    assert "สมหญิง" not in str(seen.body)
    hidden = await office.get("nok", f"cases/{number}/persons")
    assert (hidden.status, hidden.code) == (404, "unknown_case")
    audit = (await office.get("command-line", "audit?limit=5")).body["entries"]
    [look] = [entry for entry in audit if entry["action"] == "case.persons"]
    assert (look["who"], look["about"], look["details"]) == ("nok", number, {"shown": False})

    office.at("2021-08-18T15:00")
    early = await office.do("nok", number, "answer", text="ตรวจสอบแล้ว", findings=FINDINGS[:1])
    assert (early.code, early.body["faults"]) == ("case_fault", ["conclusion_missing"])
    case = await office.must(
        "nok",
        number,
        "answer",
        text="เดินทางมาจากพื้นที่เสี่ยงจริง กักตัวครบทุกคนแล้ว",
        findings=FINDINGS,
        taken=["สั่งกักตัว ๑๔ วัน", "ชี้แจงมาตรการ"],
    )
    assert case["outcome"] == "partly"
    assert case["hops"][2]["state"] == "answered"
    assert (case["state"], case["holder"]) == ("in_progress", "p33")
    assert [note["text"] for note in case["notes"]] == ["สั่งกักตัว ๑๔ วัน", "ชี้แจงมาตรการ"]

    office.at("2021-08-18T16:00")
    case = await office.must("wichai", number, "answer", text="ตามที่อำเภอรายงาน")
    assert (case["state"], case["holder"]) == ("answered", "moi")
    refused = await office.do("somsri", number, "close")
    assert (refused.status, refused.body["faults"]) == (409, ["source_not_informed"])

    office.at("2021-08-19T09:00")
    case = await office.must("somsri", number, "report-to-source", text="หนังสือถึง GCC 1111")
    assert case["hops"][0]["state"] == "answered"
    await office.must("somsri", number, "inform-citizen", how="โทรศัพท์")
    office.at("2021-08-19T09:10")
    case = await office.must("somsri", number, "close")
    assert case["state"] == "closed"
    assert case["seconds"] == pytest.approx(48 * HOURS + 600, abs=30)
    assert {event["unit"] for event in case["events"]} == {"gcc1111", "moi", "p33", "d3307"}
    spent = [hop["seconds"] / HOURS for hop in case["hops"]]
    assert spent == pytest.approx([48, 30, 28], abs=0.01)
    assert all(clock["on_time"] for hop in case["hops"] for clock in hop["clocks"])
    assert all(clock["on_time"] for clock in case["clocks"])

    result = await office.get("gcc", f"cases/{number}")
    assert (result.body["state"], result.body["outcome"]) == ("closed", "partly")


async def test_prang_ku_straight_to_the_province_has_one_hop_fewer(office: Office) -> None:
    office.at("2021-08-17T09:00")
    referral = {**COMPLAINT, "to_unit": "p33", "reference": "1111-640817-02"}
    number = (await office.post("gcc", "referrals", referral)).body["case"]["case"]
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "refer", to_unit="d3307")
    await office.must("nok", number, "receive")
    both = [{**finding, "conclusion": "substantiated"} for finding in FINDINGS[:1]]
    case = await office.must("nok", number, "answer", text="x", findings=[*both, FINDINGS[1]])
    assert (case["state"], case["outcome"], case["holder"]) == ("answered", "partly", "p33")
    assert len(case["hops"]) == 2
    await office.must("wichai", number, "report-to-source", text="x")
    await office.must("wichai", number, "inform-citizen", why_not="ไม่ประสงค์ออกนาม")
    case = await office.must("wichai", number, "close")
    assert len({event["unit"] for event in case["events"]}) == 3


async def test_prang_ku_by_way_of_a_wrong_district(office: Office) -> None:
    office.at("2021-08-17T09:00")
    referral = {**COMPLAINT, "to_unit": "p33", "reference": "1111-640817-03"}
    number = (await office.post("gcc", "referrals", referral)).body["case"]["case"]
    await office.must("wichai", number, "receive")
    office.at("2021-08-17T11:00")
    await office.must("wichai", number, "refer", to_unit="d3306")
    assert (await office.get("nok", f"cases/{number}")).status == 404
    office.at("2021-08-17T13:00")
    case = await office.must("dao", number, "return", reason="wrong_area", text="อยู่ในอำเภอปรางค์กู่")
    assert (case["holder"], case["hops"][1]["reason"]) == ("p33", "wrong_area")
    assert case["hops"][1]["seconds"] == pytest.approx(2 * HOURS, abs=30)
    case = await office.must("wichai", number, "refer", to_unit="d3307")
    assert case["case"] == number
    third = case["hops"][2]
    full = {c["name"]: c["days_left"] for c in third["clocks"]}
    assert full["answer"] > 25
    assert all(
        clock["started_at"] == case["hops"][2]["sent_at"] for clock in case["hops"][2]["clocks"]
    )
