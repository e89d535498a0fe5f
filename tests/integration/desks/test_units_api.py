"""Offices, grants, areas and holidays through the API."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.shared import routes, tables
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import BANGKOK
from callcenter.desks.shared.thailand import units_of_thailand
from callcenter.ports.people import Role
from callcenter.storage.transactions import ANSWER_SECONDS
from tests.integration.house import House, opened

API = "/api/v1"
CLI = "command-line"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        added = await house.ask("POST", f"{API}/units-of-thailand", by=CLI)
        assert added.body == {"added": 1007, "known": 0}
        await house.person("nok", Role.OFFICER)
        yield house


async def test_the_offices_of_the_country_are_added_once(house: House) -> None:
    again = await house.ask("POST", f"{API}/units-of-thailand", by=CLI)
    assert again.body == {"added": 0, "known": 1007}
    sisaket = await house.ask("GET", f"{API}/units?area=33&level=province", by="nok")
    [unit] = sisaket.body["units"]
    assert (unit["unit"], unit["name_th"]) == ("p33", "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ")
    pages, after = [], ""
    while True:
        query = f"limit=400{f'&after={after}' if after else ''}"
        page = (await house.ask("GET", f"{API}/units?{query}", by="nok")).body
        pages += [each["unit"] for each in page["units"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert len(pages) == len(set(pages)) == 1007


async def test_many_offices_are_added_although_the_database_is_slow(engine: AsyncEngine) -> None:
    units, kept = list(units_of_thailand(date(2017, 1, 1))), UnitsInPostgres(engine)
    async with engine.connect() as other:
        # One that adds the same office makes the others wait until it is done.
        await UnitsInPostgres(engine).add_units(units[:1])
        await other.execute(delete(tables.units).where(tables.units.c.id == units[0].id))
        adding = asyncio.create_task(kept.add_units(units))
        await asyncio.sleep(ANSWER_SECONDS + 1.0)
        assert not adding.done()
        await other.commit()
        assert await adding == len(units)


async def test_an_office_is_added_changed_and_closed_never_deleted(house: House) -> None:
    hospital = {
        "unit": "hospital-pk",
        "level": "local",
        "functions": ["agency"],
        "name_th": "โรงพยาบาลปรางค์กู่",
        "name_en": "Prang Ku Hospital",
        "area": "3307",
        "parent": "d3307",
    }
    assert (await house.ask("POST", f"{API}/units", hospital, by=CLI)).status == 201
    assert (await house.ask("POST", f"{API}/units", hospital, by=CLI)).code == "unit_exists"
    fields = {name: value for name, value in hospital.items() if name != "unit"}
    elsewhere = {**fields, "parent": "p34"}
    answer = await house.ask("PUT", f"{API}/units/hospital-pk", elsewhere, by=CLI)
    assert answer.code == "unit_fault"
    tomorrow = (house.hands.wall() + timedelta(days=2)).date().isoformat()
    closed = {**fields, "active_to": tomorrow}
    assert (await house.ask("PUT", f"{API}/units/hospital-pk", closed, by=CLI)).status == 200
    listed = f"{API}/units?parent=d3307"
    assert len((await house.ask("GET", listed, by="nok")).body["units"]) == 1
    house.hands.moved_seconds += 3 * 86_400
    await house.log_in("nok")
    assert (await house.ask("GET", listed, by=CLI)).body["units"] == []
    [kept] = (await house.ask("GET", f"{listed}&closed=true", by=CLI)).body["units"]
    assert kept["active_to"] == tomorrow
    assert (await house.ask("PUT", f"{API}/units/nobody", fields, by=CLI)).code == "unknown_unit"


async def test_grants_count_from_day_to_day_and_are_kept(house: House) -> None:
    wanted = {"account": "nok", "role": "officer", "unit": "d3307"}
    given = await house.ask("POST", f"{API}/grants", wanted, by=CLI)
    assert given.status == 201
    [mine] = (await house.ask("GET", f"{API}/me/grants", by="nok")).body["grants"]
    assert (mine["role"], mine["unit"]) == ("officer", "d3307")
    ended = await house.ask("PUT", f"{API}/grants/{mine['grant']}/until", {}, by=CLI)
    assert ended.status == 200
    assert (await house.ask("GET", f"{API}/me/grants", by="nok")).body["grants"] == []
    [kept] = (await house.ask("GET", f"{API}/grants?account=nok", by=CLI)).body["grants"]
    assert kept["until"] is not None
    for fault, code in (
        ({"unit": "nobody"}, "unknown_unit"),
        ({"account": "nobody"}, "unknown_account"),
        ({"role": "central"}, "grant_fault"),
        ({"until": "2020-01-01"}, "grant_fault"),
        ({"until": "2565-01-01"}, "grant_fault"),  # it would have no end
    ):
        assert (await house.ask("POST", f"{API}/grants", {**wanted, **fault}, by=CLI)).code == code
    refused = await house.ask("POST", f"{API}/grants", wanted, by="nok")
    assert (refused.status, refused.code) == (403, "not_allowed")


async def test_an_officer_has_nothing_of_the_phone_floor(house: House) -> None:
    for path in ("queues", "calls", "operators", "site", "accounts", "audit"):
        answer = await house.ask("GET", f"{API}/{path}", by="nok")
        assert (answer.status, answer.code) == (403, "not_allowed"), path


@pytest.mark.parametrize(
    ("text", "exact", "codes"),
    [
        ("ตำบลกู่  อำเภอปรางค์กู่", True, ["330702"]),
        ("ปรางค์", False, ["3307"]),
        ("100205", False, None),  # abolished: what took its place
        ("zzz", False, []),
    ],
)
async def test_areas(house: House, text: str, exact: bool, codes: list[str] | None) -> None:
    answer = await house.ask("GET", f"{API}/areas?text={text}", by="nok")
    assert answer.body["exact"] is exact
    found = [area["code"] for area in answer.body["areas"]]
    assert found == codes if codes is not None else found


async def test_provinces_are_listed_without_a_text(house: House) -> None:
    answer = await house.ask("GET", f"{API}/areas", by="nok")
    assert len(answer.body["areas"]) == 77


async def test_the_ministry_confirms_the_holidays_of_a_year(house: House) -> None:
    known = (await house.ask("GET", f"{API}/holidays/2022", by="nok")).body
    assert not known["confirmed"]
    songkran = [day for day in known["days"] if day["day"].startswith("2022-04-1")]
    assert [day["day"] for day in songkran] == ["2022-04-13", "2022-04-14", "2022-04-15"]
    body = {"days": [*known["days"], {"day": "2022-04-18", "name_th": "วันหยุดพิเศษ"}]}
    assert (await house.ask("PUT", f"{API}/holidays/2022", body, by="nok")).code == "not_allowed"
    await house.ask(
        "POST", f"{API}/grants", {"account": "nok", "role": "central", "unit": "moi"}, by=CLI
    )
    confirmed = await house.ask("PUT", f"{API}/holidays/2022", body, by="nok")
    assert confirmed.status == 200, confirmed.body
    assert confirmed.body["confirmed"]
    assert len(confirmed.body["days"]) == len(known["days"]) + 1
    again = await house.ask("PUT", f"{API}/holidays/2022", {"days": known["days"]}, by="nok")
    assert len(again.body["days"]) == len(known["days"])
    assert (await house.ask("PUT", f"{API}/holidays/2021", body, by="nok")).code == "day_fault"


async def test_the_next_year_is_missing_from_the_first_of_december_until_it_is_confirmed(
    house: House,
) -> None:
    async def unconfirmed() -> float:
        await counted.count()
        return counted.samples(lambda years: {(): float(len(years))})[()]

    [parts] = [m.parts for m in house.serving.features if isinstance(m.parts, routes.Parts)]
    counted = parts.unconfirmed
    body = {"days": [{"day": "2026-01-01", "name_th": "วันขึ้นปีใหม่"}]}
    for year in (2026, 2027):
        for moment, missing in (("2026-11-30T23:59", False), ("2026-12-01T00:00", True)):
            now = datetime.fromisoformat(moment).replace(tzinfo=BANGKOK)
            house.hands.still = now
            house.hands.moved_seconds = 0.0
            told = (await house.ask("GET", f"{API}/holidays/{year}", by=CLI)).body
            expected = year == 2026 or missing
            assert (told["confirmed"], told["missing"]) == (False, expected), (year, moment)
            assert await unconfirmed() == (year == 2026) + missing
        day = {"day": f"{year}-01-01", "name_th": "วันขึ้นปีใหม่"}
        answer = await house.ask("PUT", f"{API}/holidays/{year}", {**body, "days": [day]}, by=CLI)
        assert (answer.body["confirmed"], answer.body["missing"]) == (True, False)
    assert await unconfirmed() == 0


async def test_a_year_that_is_confirmed_twice_at_once_is_confirmed(house: House) -> None:
    body = {"days": [{"day": "2022-01-01", "name_th": "วันขึ้นปีใหม่"}]}
    path = f"{API}/holidays/2022"
    answers = await asyncio.gather(*(house.ask("PUT", path, body, by=CLI) for _ in range(3)))
    assert [answer.status for answer in answers] == [200] * 3
    assert (await house.ask("GET", path, by="nok")).body["days"] == body["days"]


async def test_a_grant_that_is_given_twice_is_one(house: House) -> None:
    """Otherwise who ends it would leave the other one, and the right with it."""
    body = {"account": "nok", "role": "officer", "unit": "d3307"}
    path = f"{API}/grants"
    answers = await asyncio.gather(*(house.ask("POST", path, body, by=CLI) for _ in range(3)))
    [grant] = {answer.body["grant"] for answer in answers}
    assert [answer.status for answer in answers] == [201] * 3
    await house.ask("PUT", f"{path}/{grant}/until", {}, by=CLI)
    anew = await house.ask("POST", path, body, by=CLI)
    assert anew.body["grant"] != grant
