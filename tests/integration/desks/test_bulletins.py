"""Bulletins: four headings in order, figures from the cases, and no figure where nobody knows."""

from typing import Any

from tests.integration.desks.office import COMPLAINT, FINDINGS, Office
from tests.integration.desks.test_files_api import audit
from tests.integration.desks.test_papers import printed

PERIOD = {"first": "2021-08-16", "last": "2021-08-20"}
TEXTS = {
    "subject": "การแก้ไขปัญหาความเดือดร้อน",
    "background": "ตามนโยบายของกระทรวงมหาดไทย",
    "benefit": "ประชาชนได้รับการแก้ไขปัญหา",
    "contacts": "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ",
}


async def a_week(office: Office) -> None:
    """What came to Sisaket from 16 to 20 August 2564: nine messages, and 1111's matter of seven."""
    message: dict[str, Any] = {**COMPLAINT, "channel": "page_inbox", "people_concerned": None}
    for day in ("16T00:00", *["18T10:00"] * 7, "20T23:59"):
        office.at(f"2021-08-{day}", still=True)
        assert (await office.post("malee", "cases", message)).status == 201
    for outside in ("2021-08-15T23:59", "2021-08-21T00:00"):
        office.at(outside, still=True)
        assert (await office.post("malee", "cases", message)).status == 201
    office.at("2021-08-17T09:00", still=True)
    referral = {**COMPLAINT, "to_unit": "p33", "reference": "1111-640817-01"}
    number = (await office.post("gcc", "referrals", referral)).body["case"]["case"]
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "answer", text="x", findings=FINDINGS)


async def test_dd_08_four_headings_in_order_and_the_counts(office: Office) -> None:
    await a_week(office)
    office.at("2021-08-25T10:00", still=True)
    made = await office.post("wichai", "bulletins", {**TEXTS, **PERIOD, "issue": 32})
    assert made.status == 201, made.body
    bulletin = made.body
    by_channel = {c["channel"]: c for c in bulletin["figures"]["channels"]}
    assert (by_channel["page_inbox"]["cases"], by_channel["referral_1111"]["cases"]) == (9, 1)
    assert by_channel["referral_1111"]["people"] == 7
    assert by_channel["1567"]["cases"] is None  # not recorded here: no figure, not 0
    assert bulletin["figures"]["outcomes"] == {"partly": 1}
    assert (bulletin["cases"], bulletin["people"]) == (10, 7)

    text = await printed(office, "wichai", "bulletins/p33/32/paper")
    headings = ["ความเป็นมา", "ผลการดำเนินงาน", "ประโยชน์ที่ได้รับ", "รายชื่อผู้ติดต่อ"]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places), text
    between = text[places[1] : places[2]]
    for piece in (
        "ฉบับที่๓๒วันที่๒๕สิงหาคม๒๕๖๔",
        "ระหว่างวันที่๑๖สิงหาคม๒๕๖๔ถึงวันที่๒๐สิงหาคม๒๕๖๔รับเรื่อง๑๐เรื่อง",
    ):
        assert piece in text, (piece, text)
    for piece in (
        "กล่องข้อความเพจ๙เรื่อง",
        "ส่งต่อจาก๑๑๑๑๑เรื่องผู้เกี่ยวข้อง๗ราย",
        "โทรศัพท์๑๕๖๗ไม่มีข้อมูล",
        "มีมูลบางส่วน๑เรื่อง",
    ):
        assert piece in between, (piece, between)
    assert "สมหญิง" not in text

    seen = {**PERIOD, **TEXTS, "channels": ["page_inbox", "1567"]}
    told = (await office.post("admin33", "bulletins", seen)).body
    assert told["issue"] == 33
    assert {
        c["channel"]: c["cases"] for c in told["figures"]["channels"] if c["cases"] is not None
    } == {
        "1567": 0,  # recorded here, and nobody came by it
        "page_inbox": 9,
    }


async def test_a_bulletin_is_changed_until_it_is_published(office: Office) -> None:
    made = (await office.post("wichai", "bulletins", {**TEXTS, **PERIOD, "issue": 7})).body
    again = await office.post("wichai", "bulletins", {**TEXTS, **PERIOD, "issue": 7})
    assert (again.status, again.code) == (409, "issue_taken")
    path = "bulletins/p33/7"
    edited = {"version": made["version"], "results": "แก้ไขแล้ว", "votes": 12}
    changed = await office.ask("PUT", "wichai", path, edited)
    assert (changed.status, changed.body["results"], changed.body["votes"]) == (200, "แก้ไขแล้ว", 12)
    assert changed.body["figures"] == made["figures"]
    stale = await office.ask("PUT", "wichai", path, edited)
    assert (stale.status, stale.code) == (409, "changed_meanwhile")
    assert (await office.ask("PUT", "malee", path, {"version": 2})).code == "not_allowed"
    published = await office.ask("PUT", "wichai", path, {"version": 2, "publish": True})
    assert published.body["published"] is True
    kept = [(e["who"], e["action"], e["about"]) for e in await audit(office, "bulletin")]
    assert sorted(kept) == [
        ("wichai", "bulletin.changed", "p33 7"),
        ("wichai", "bulletin.made", "p33 7"),
        ("wichai", "bulletin.published", "p33 7"),
    ], "refused ones are no changes"
    late = await office.ask("PUT", "wichai", path, {"version": 3, "subject": "x"})
    assert (late.status, late.code) == (409, "published")
    backwards = {**TEXTS, "first": "2021-08-20", "last": "2021-08-16"}
    assert (await office.post("wichai", "bulletins", backwards)).code == "invalid"
    far = {**TEXTS, "first": "2021-08-20", "last": "9999-12-31"}
    assert (await office.post("wichai", "bulletins", far)).code == "invalid"


async def test_xc_03_a_bulletin_outside_the_scope_is_not_there(office: Office) -> None:
    await office.post("wichai", "bulletins", {**TEXTS, **PERIOD})
    for who in ("ubon", "dao", "nok", "gcc", "viewer", "nobody"):
        assert (await office.get(who, "bulletins")).body["bulletins"] == [], who
        for path in ("bulletins/p33/1", "bulletins/p33/1/paper"):
            there, never = await office.get(who, path), await office.get(who, "bulletins/p34/9")
            assert (there.status, there.body) == (404, never.body), who
        change = await office.ask("PUT", who, "bulletins/p33/1", {"version": 1})
        assert (change.status, change.code) == (404, "unknown_bulletin"), who
    for who in ("wichai", "admin33", "malee", "somsri", "central"):
        assert len((await office.get(who, "bulletins")).body["bulletins"]) == 1, who
