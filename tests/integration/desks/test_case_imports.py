"""The list of 1111 is previewed, imported, and given again, on a real PostgreSQL."""

import asyncio
from typing import Any

from tests.integration.desks.office import API, Office
from tests.integration.desks.test_files_api import audit
from tests.integration.house import Answer
from tests.unit.desks.test_case_rows import HEAD, ROW, csv_of, with_cell, xlsx_of

OCTETS = {"Content-Type": "application/octet-stream"}
UBON = ("64-002", "18/8/2564", "สอบถาม", "น้ำ", "", "", "อุบลราชธานี", "ถามเรื่องน้ำ", "", "")
WRONG = with_cell("จังหวัด", "ไม่มีจังหวัดนี้")
LIST = csv_of(HEAD, ROW, UBON, ("64-003", *WRONG[1:]), encoding="cp874")


async def given(office: Office, by: str, content: bytes, query: str = "") -> Answer:
    await office.get(by, "me/grants")  # logs in
    return await office.house.ask(
        "POST", f"{API}/case-imports{query}", by=by, raw=content, headers=OCTETS
    )


def results(answer: Answer) -> list[tuple[int, str]]:
    assert answer.status == 200, answer.body
    return [(row["row"], row["result"]) for row in answer.body["rows"]]


async def cases_of(office: Office, by: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await office.get(by, "cases")).body["cases"]
    return listed


async def test_a_list_is_previewed_imported_and_given_twice(office: Office) -> None:
    office.at("2021-08-20T09:00")
    preview = await given(office, "gcc", LIST)
    assert results(preview) == [(2, "new"), (3, "new"), (4, "refused")]
    assert preview.body["rows"][2]["faults"] == ["area: area_unknown"]
    assert await cases_of(office, "gcc") == []

    done = await given(office, "gcc", LIST, "?dry_run=false")
    assert results(done) == [(2, "made"), (3, "made"), (4, "refused")]
    assert done.body["counts"] == {"made": 2, "new": 0, "known": 0, "refused": 1}
    first = done.body["rows"][0]["case"]
    case = (await office.get("wichai", f"cases/{first}")).body
    assert (case["source_reference"], case["channel"]) == ("64-001", "referral_1111")
    assert (case["area"], case["unit"], case["people_concerned"]) == ("330702", "p33", 7)
    assert (case["source_itself"], case["state"]) == (True, "referred")
    assert case["source_received_at"] == "2021-08-16T17:00:00Z"
    persons = (await office.get("wichai", f"cases/{first}/persons")).body["persons"]
    assert [each["phone"] for each in persons] == [ROW[9]]
    assert [each["unit"] for each in await cases_of(office, "ubon")] == ["p34"]

    mended = xlsx_of(HEAD, ROW, UBON, ("64-003", *ROW[1:]))
    again = await given(office, "gcc", mended, "?dry_run=false")
    assert results(again) == [(2, "known"), (3, "known"), (4, "made")]
    assert again.body["rows"][0]["case"] == first
    assert len(await cases_of(office, "gcc")) == 3
    kept = await audit(office, "cases.imported")
    assert sorted(each["details"]["made"] for each in kept) == [0, 1, 2]
    assert "ไม่มีน้ำใช้" not in str(kept)


async def test_the_same_list_twice_in_one_moment_makes_each_case_once(office: Office) -> None:
    office.at("2021-08-20T09:00")
    both = await asyncio.gather(*(given(office, "gcc", LIST, "?dry_run=false") for _ in range(2)))
    made = [result for answer in both for _, result in results(answer)]
    assert sorted(made) == ["known", "known", "made", "made", "refused", "refused"]
    assert len(await cases_of(office, "gcc")) == 2


async def test_a_province_takes_a_list_for_itself_and_others_take_none(office: Office) -> None:
    office.at("2021-08-20T09:00")
    query = "?dry_run=false&source=gcc1111"
    done = await given(office, "malee", LIST, query)
    assert results(done)[:2] == [(2, "made"), (3, "made")]
    case = (await office.get("malee", f"cases/{done.body['rows'][1]['case']}")).body
    assert (case["unit"], case["source_unit"], case["source_itself"]) == ("p33", "gcc1111", False)
    assert results(await given(office, "malee", LIST, query))[:2] == [(2, "known"), (3, "known")]
    for who in ("nok", "central", "dao"):
        assert (await given(office, who, LIST, query)).code == "not_allowed", who
    for who in ("malee", "nobody"):
        assert (await given(office, who, LIST)).code == "unit_needed"
    assert (await given(office, "malee", LIST, "?source=p99")).code == "unknown_unit"
    # what malee's province took as 1111's tells 1111 nothing and uses no number of theirs up
    assert results(await given(office, "gcc", LIST))[:2] == [(2, "new"), (3, "new")]


async def test_what_is_no_list_is_refused_and_nothing_is_kept(office: Office) -> None:
    for content, fault in ((b"PK\x03\x04", "no_xlsx"), (b"a,b\r\n1,2", "no_head")):
        refused = await given(office, "gcc", content, "?dry_run=false")
        assert (refused.status, refused.code) == (422, "list_refused")
        assert refused.body["faults"] == [fault]
    assert await cases_of(office, "gcc") == []
    assert await audit(office, "cases.imported") == []
