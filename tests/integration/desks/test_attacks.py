"""What attackers and tired officers do to the desks, family by family."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.units import DeskRole, Grant
from callcenter.features import FEATURES
from callcenter.web.feature import catalogue
from tests.integration.desks.office import CLI, COMPLAINT, FINDINGS, Office
from tests.integration.desks.test_papers import printed
from tests.integration.desks.test_scope import with_the_district

HOSTILE = {
    "RTL": "\u202eข้อความกลับด้าน\u202c\u2066ซ่อน\u2069",
    "marks upon marks": "ก" + "\u0e49\u0e31" * 1500,
    "no space at all": "ฮ" * 4000,
    "no space, Latin": "W" * 4000,
    "typst": '#import "x.typ" #read("/etc/passwd") $ x^2 $ <label> @label [[[ ]]] \\ // /*',
    "typst, unclosed": '#[ #( #{ $ ` ``` " *',
    "formula": '=HYPERLINK("http://evil.example","x")',
    "lines": "\n" * 3000 + "x",
    "emoji": "👩‍👩‍👧‍👦" * 300,
}


def structs(of: type) -> set[type]:
    """A type and all structs that stand in its fields."""
    found, waiting = set[type](), [of]
    while waiting:
        each = waiting.pop()
        info = msgspec.inspect.type_info(each)
        for one in walk(info):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found


def walk(info: Any) -> set[type]:
    if isinstance(info, msgspec.inspect.StructType):
        inner = {t for each in info.fields for t in walk_shallow(each.type)}
        return {info.cls} | inner
    return walk_shallow(info)


def walk_shallow(info: Any) -> set[type]:
    if isinstance(info, msgspec.inspect.StructType):
        return {info.cls}
    parts = [
        getattr(info, name)
        for name in ("item_type", "key_type", "value_type")
        if hasattr(info, name)
    ]
    parts += list(getattr(info, "types", ())) + list(getattr(info, "item_types", ()))
    return {t for part in parts for t in walk_shallow(part)}


def test_nobody_smuggles_a_field_into_a_body() -> None:
    """Mass assignment: a body with one field more is refused, wherever in it that stands."""
    bodies = {each.body for each in catalogue(FEATURES).endpoints if each.body is not None}
    assert len(bodies) > 60
    inner = {struct for body in bodies for struct in structs(body)}
    lax = {s.__name__ for s in inner if not s.__struct_config__.forbid_unknown_fields}  # type: ignore[attr-defined]
    assert lax == set()


async def made(office: Office, by: str = "malee", **more: Any) -> str:
    answer = await office.post(by, "cases", {**COMPLAINT, "channel": "walk_in", **more})
    assert answer.status == 201, answer.body
    return str(answer.body["case"]["case"])


async def test_strange_texts_are_kept_shown_and_printed_or_refused(office: Office) -> None:
    """Whatever stands in a case, its papers are made, and have all of it."""
    refused = await office.post(
        "malee", "cases", {**COMPLAINT, "channel": "walk_in", "facts": "ก\x00ข"}
    )
    assert (refused.status, refused.code) == (422, "invalid")
    for name, said in HOSTILE.items():
        case = await made(office, facts=said[:4000], wish=said[:1000], place_note=said[:200])
        shown = (await office.get("wichai", f"cases/{case}")).body
        assert shown["facts"] == said[:4000].strip(), name
        await office.must("wichai", case, "refer", to_unit="d3307", note=said[:1000])
        sheet = await printed(office, "wichai", f"cases/{case}/papers/cover-sheet")
        assert "root:" not in sheet, name
        if name not in ("RTL", "marks upon marks", "emoji"):  # these are drawn in another order
            assert "".join(said[:4000].split()) in sheet, (name, sheet)
    listed = (await office.get("wichai", "case-list/csv")).body
    cells = [cell for line in listed.splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell.strip('"')[:1] in ("=", "+", "@")]


@pytest.mark.parametrize("length", [4001, 10_000])
async def test_a_text_over_its_limit_is_refused_whole(office: Office, length: int) -> None:
    answer = await office.post(
        "malee", "cases", {**COMPLAINT, "channel": "walk_in", "facts": "ก" * length}
    )
    assert (answer.status, answer.code) == (422, "invalid")
    assert (await office.get("wichai", "cases")).body["cases"] == []


async def test_a_grant_that_is_ended_counts_no_more_in_the_same_second(office: Office) -> None:
    """The session goes on, and the next request has nothing."""
    office.at("2026-12-01T09:00", still=True)
    case = await with_the_district(office, "1")
    assert (await office.get("nok", f"cases/{case}")).status == 200
    [grant] = (await office.get(CLI, "grants?account=nok")).body["grants"]
    ended = await office.ask("PUT", CLI, f"grants/{grant['grant']}/until", {})
    assert ended.status == 200, ended.body
    assert (await office.get("nok", f"cases/{case}")).status == 404
    assert (await office.do("nok", case, "receive", version=3)).status == 404
    assert (await office.get("nok", "me/grants")).body["grants"] == []


async def test_a_grant_ends_at_midnight_in_bangkok(office: Office) -> None:
    """That is 17:00 UTC of the day before: neither seven hours early nor seven hours late."""
    office.at("2026-12-01T09:00")
    case = await with_the_district(office, "1")
    [grant] = (await office.get(CLI, "grants?account=nok")).body["grants"]
    path = f"grants/{grant['grant']}/until"
    assert (await office.ask("PUT", CLI, path, {"until": "2026-12-02"})).status == 200
    office.at("2026-12-01T23:59:59", still=True)
    assert (await office.get("nok", f"cases/{case}")).status == 200
    office.at("2026-12-02T00:00:00", still=True)
    assert (await office.get("nok", f"cases/{case}")).status == 404
    later = {"account": "dao", "role": "officer", "unit": "d3307", "since": "2026-12-03"}
    assert (await office.post(CLI, "grants", later)).status == 201
    office.at("2026-12-02T23:59:59", still=True)
    assert (await office.get("dao", f"cases/{case}")).status == 404
    office.at("2026-12-03T00:00:00", still=True)
    assert (await office.get("dao", f"cases/{case}")).status == 200


async def test_a_unit_that_another_service_has_just_added_is_known(
    office: Office, engine: AsyncEngine
) -> None:
    """Its people had 500 for five seconds, until the units were read again."""
    await office.get("nobody", "cases")
    units = (await office.house.shared.units.units()).by_id
    other = UnitsInPostgres(engine)
    new = replace(units["d3307"], id="t330702", name_th="ตำบลกู่", area="330702", parent="d3307")
    await other.add_units([new])
    began = date(2017, 1, 1)
    grant = Grant(
        id=0, account="nobody", role=DeskRole.OFFICER, unit="t330702", since=began, until=None
    )
    assert await other.give(grant, CLI, datetime.now(UTC)) is not None
    own = await office.get("nobody", "me/grants")
    assert own.status == 200, own.body
    assert [each["unit"] for each in own.body["grants"]] == ["t330702"]
    assert (await office.get("nobody", "cases")).status == 200


async def test_no_case_is_made_for_a_unit_that_has_closed(office: Office) -> None:
    """By mistake, with an old link: nobody would ever look at it."""
    office.at("2026-12-01T09:00")
    units = (await office.house.shared.units.units()).by_id
    await office.house.shared.units.change_unit(
        replace(units["d3306"], active_to=date(2026, 12, 1))
    )
    body = {**COMPLAINT, "channel": "walk_in", "unit": "d3306"}
    answer = await office.post("wichai", "cases", body)
    assert (answer.status, answer.code) == (422, "unit_closed"), answer.body
    text = {"subject": "x", "first": "2026-11-01", "last": "2026-11-30", "unit": "d3306"}
    assert (await office.post("wichai", "bulletins", text)).status == 201, "of what it did before"


async def test_a_unit_that_closes_with_open_cases_leaves_them_to_who_is_above(
    office: Office,
) -> None:
    """And a new name is shown at once, on what is open, too."""
    office.at("2026-12-01T09:00")
    received, sent = await with_the_district(office, "1"), await with_the_district(office, "2")
    await office.must("nok", received, "receive")
    units = (await office.house.shared.units.units()).by_id
    closed = replace(units["d3307"], name_th="อำเภอใหม่", active_to=date(2026, 12, 1))
    await office.house.shared.units.change_unit(closed)
    assert (await office.get("nok", f"cases/{received}")).status == 404
    case = (await office.get("wichai", f"cases/{received}")).body
    assert case["holder_name"] == "อำเภอใหม่"
    assert (await office.do("wichai", received, "refer", to_unit="d3307")).code in (
        "unit_closed",
        "case_fault",
    )
    away = {"reason": "wrong_agency", "text": "อำเภอปิดแล้ว", "unit": "d3307"}
    await office.must("wichai", received, "return", **away)
    back = await office.must("wichai", sent, "recall", hop=2, text="อำเภอปิดแล้ว")
    assert back["holder"] == "p33"
    for case in (received, sent):
        await office.must("wichai", case, "refer", to_unit="d3306")


async def test_an_answer_that_was_sent_back_is_told_anew_before_the_case_is_closed(
    office: Office,
) -> None:
    """The citizen knew only the answer that was not good enough, and nobody owed a result."""
    office.at("2026-12-01T09:00", still=True)
    body = {**COMPLAINT, "to_unit": "p33", "reference": "1"}
    case = str((await office.post("gcc", "referrals", body)).body["case"]["case"])
    await office.must("wichai", case, "receive")
    await office.must("wichai", case, "answer", text="คำตอบแรก", findings=FINDINGS)
    await office.must("wichai", case, "report-to-source", text="แจ้งแล้ว")
    await office.must("wichai", case, "inform-citizen", how="โทรแจ้ง")
    again = await office.must("wichai", case, "send-back", text="ยังไม่ครบ")
    assert again["source_informed_at"] is None and again["citizen_informed_at"] is None
    running = [each for each in again["clocks"] if each["name"] == "result" and not each["met_at"]]
    assert len(running) == 1, "somebody owes a result again"
    await office.must("wichai", case, "answer", text="คำตอบที่ครบ", findings=FINDINGS)
    early = await office.do("wichai", case, "close")
    assert (early.code, early.body["faults"]) == ("case_fault", ["source_not_informed"])
    await office.must("wichai", case, "report-to-source", text="แจ้งแล้ว")
    early = await office.do("wichai", case, "close")
    assert (early.code, early.body["faults"]) == ("case_fault", ["citizen_not_informed"])
    await office.must("wichai", case, "inform-citizen", how="โทรแจ้ง")
    await office.must("wichai", case, "close")


async def test_the_number_of_a_case_that_was_joined_twice_leads_on(office: Office) -> None:
    """A into B, B into C; and C cannot go back into A."""
    a, b, c = [await made(office) for _ in range(3)]
    await office.must("wichai", a, "merge", into=b)
    await office.must("wichai", b, "merge", into=c)
    shown = [(await office.get("wichai", f"cases/{n}")).body["duplicate_of"] for n in (a, b, c)]
    assert shown == [b, c, None]
    for target in (a, b, c):
        refused = await office.do("wichai", c, "merge", into=target)
        assert (refused.code, refused.body["faults"]) == ("case_fault", ["wrong_target"])
    for action, more in (("reopen", {"text": "x"}), ("merge", {"into": c}), ("close", {})):
        assert (await office.do("wichai", a, action, **more)).code == "not_now", action


async def test_nothing_is_handed_to_oneself_or_round_in_a_circle(office: Office) -> None:
    case = await made(office)
    answer = await office.do("wichai", case, "refer", to_unit="p33")
    assert (answer.code, answer.body["faults"]) == ("case_fault", ["refer_to_self"])
    body = {**COMPLAINT, "to_unit": "gcc1111", "reference": "1"}
    assert (await office.post("gcc", "referrals", body)).code == "unit_closed"
    await office.must("wichai", case, "refer", to_unit="d3307")
    again = await office.do("wichai", case, "refer", to_unit="d3307")
    assert (again.code, again.body["faults"]) == ("case_fault", ["already_there"])
    nowhere = await office.do("wichai", case, "refer", to_unit="nowhere")
    assert nowhere.status == 404


async def test_a_chain_of_sixty_hand_overs_is_still_quick(office: Office) -> None:
    """To the district and back again, by two who do not agree."""
    case = await made(office)
    for turn in range(30):
        unit, who = (("d3307", "nok"), ("d3306", "dao"))[turn % 2]
        sent = await office.must("wichai", case, "refer", to_unit=unit)
        back = {"reason": "wrong_area", "text": "ไม่ใช่ของเรา", "version": sent["version"]}
        assert (await office.post(who, f"cases/{case}/return", back)).status == 200
    began = time.monotonic()
    shown = (await office.get("wichai", f"cases/{case}")).body
    assert len(shown["hops"]) == 30 and shown["version"] == 61
    assert time.monotonic() - began < 20
    await office.must("wichai", case, "refer", to_unit="d3307")


async def test_of_two_officers_at_once_one_is_told_to_look_again(office: Office) -> None:
    """Every action of a case, sent by two people from the same page in the same moment."""
    case = await with_the_district(office, "1")
    await office.get("nok", "me")
    for action, body in (
        ("receive", {}),
        ("progress", {"text": "x"}),
        ("wait", {"text": "x"}),
        ("resume", {}),
        ("answer", {"text": "x", "findings": FINDINGS}),
    ):
        version = (await office.get("nok", f"cases/{case}")).body["version"]
        answers = await asyncio.gather(
            *(
                office.post("nok", f"cases/{case}/{action}", {**body, "version": version})
                for _ in range(3)
            )
        )
        codes = sorted(str(a.status) if a.status == 200 else a.code for a in answers)
        assert codes.count("200") == 1, (action, codes)
        # who reads the case after the first has written it may be told so by its new state
        known = {"200", "changed_meanwhile", "not_allowed", "not_now", "case_fault"}
        assert set(codes) <= known, (action, codes)
        stale = await office.post("nok", f"cases/{case}/{action}", {**body, "version": version})
        assert stale.code in known - {"200"}, action
