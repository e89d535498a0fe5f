"""The desks on the command line, as the README has it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from tests.integration.desks.office import COMPLAINT
from tests.integration.house import PASSWORD, TOKEN, House, opened
from tests.integration.test_cli import callcenter, of


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        secrets = tmp_path / "secrets"
        secrets.mkdir(mode=0o700)
        (secrets / "cli-token").write_text(TOKEN)
        (secrets / "cli-token").chmod(0o600)
        yield house


async def test_offices_grants_and_a_case(house: House) -> None:
    where = of(house)
    added = await callcenter("unit", "thailand", **where)
    assert added.out == "added 1007, there already 0\n", added.err
    listed = await callcenter("unit", "list", "--area", "3307", **where)
    assert re.search(r"d3307 +district +ที่ว่าการอำเภอปรางค์กู่ +3307 +p33", listed.out)
    area = await callcenter("unit", "area", "ตำบลกู่  อำเภอปรางค์กู่", **where)
    assert re.search(r"330702 +ตำบลกู่ อำเภอปรางค์กู่ จังหวัดศรีสะเกษ", area.out)
    for name in ("wichai", "gcc"):
        await house.person(name, Role.OFFICER)
    given = await callcenter("grant", "add", "wichai", "supervisor", "p33", **where)
    assert re.fullmatch(r"grant \d+: wichai is supervisor at p33\n", given.out), given.err
    await callcenter("grant", "add", "gcc", "referrer", "gcc1111", **where)
    grants = await callcenter("grant", "list", "--unit", "p33", **where)
    assert re.search(r"wichai +supervisor +p33", grants.out)

    body = {**COMPLAINT, "to_unit": "p33", "reference": "1111-1"}
    made = await house.ask("POST", "/api/v1/referrals", body, by="gcc")
    number, written = made.body["case"]["case"], made.body["case"]["written"]

    async def as_wichai(*words: str) -> str:
        said = await callcenter("--user", "wichai", "case", *words, typed=f"{PASSWORD}\n", **where)
        assert said.status == 0, said.err
        return said.out

    assert written in await as_wichai("list", "--mine")
    assert written not in await as_wichai("list", "--overdue")
    assert "ส่งต่อไปที่ศูนย์ดำรงธรรมจังหวัดศรีสะเกษแล้ว" in await as_wichai("find", written)
    shown = await as_wichai("show", number)
    assert "receive" in shown.splitlines()[-1]
    assert "สมหญิง" not in shown
    assert re.search(r"p33 .*referred +1 +0", await as_wichai("ageing"))
    hidden = await callcenter("case", "list", **where)
    assert written not in hidden.out
    ended = await callcenter("grant", "end", given.out.split()[1].rstrip(":"), **where)
    assert ended.status == 0, ended.err
    assert written not in await as_wichai("list")


async def test_hl_12_answers_on_the_command_line(house: House) -> None:
    where = of(house)
    await callcenter("unit", "thailand", **where)
    await house.person("wichai", Role.OFFICER)
    await callcenter("grant", "add", "wichai", "supervisor", "p33", **where)
    body = {
        "title": "จุดฉีดวัคซีน",
        "text": "โรงพยาบาลปรางค์กู่",
        "review_by": str((house.hands.wall() + timedelta(days=30)).date()),
    }
    made = await house.ask("POST", "/api/v1/answers", body, by="wichai")
    assert made.status == 201, made.body
    number = str(made.body["answer"])
    assert re.search(
        rf"{number} +จุดฉีดวัคซีน", (await callcenter("answer", "find", "วัคซีน", **where)).out
    )
    await callcenter("answer", "find", "ใบขับขี่", **where)
    listed = await callcenter("answer", "list", **where)
    assert re.search(r"p33 +in_force +[0-9-]+ +0", listed.out), listed.err
    shown = await callcenter("answer", "show", number, **where)
    assert "version 1 of 1" in shown.out
    typed = f"{PASSWORD}\n"
    misses = await callcenter("--user", "wichai", "answer", "misses", typed=typed, **where)
    assert re.search(r"1 +ใบขับขี่", misses.out), misses.err


async def test_rp_02_rounds_on_the_command_line(house: House) -> None:
    where = of(house)
    await callcenter("unit", "thailand", **where)
    await house.person("central", Role.OFFICER)
    await callcenter("grant", "add", "central", "central", "moi", **where)
    now = house.hands.wall()
    body = {
        "name": "รายงานรอบ ๑",
        "period_from": (now - timedelta(days=1)).isoformat(timespec="seconds"),
        "period_before": now.isoformat(timespec="seconds"),
        "due": (now + timedelta(days=1)).isoformat(timespec="seconds"),
    }
    made = await house.ask("POST", "/api/v1/report-rounds", body, by="central")
    assert made.status == 201, made.body
    number = str(made.body["round"])

    async def as_central(*words: str) -> str:
        said = await callcenter(
            "--user", "central", "round", *words, typed=f"{PASSWORD}\n", **where
        )
        assert said.status == 0, said.err
        return said.out

    assert re.search(rf"{number} +รายงานรอบ ๑ +open .* 0 of 77 +77", await as_central("list"))
    assert re.search(r"p33 +ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ +waiting", await as_central("show", number))
    assert len((await as_central("missing", number)).split()) == 77
    assert "mail" in await as_central("mails", number)
