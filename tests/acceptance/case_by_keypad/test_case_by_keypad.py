"""How far is my case? Malee types its number on the keypad and hears that, and no operator is kept
from anybody. A wrong number can be typed again; without the database she goes on to an operator."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from functools import partial
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.desks.shared.numbers import make_number
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thailand import units_of_thailand
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.phone import answers
from tests.unit.prompts.voices import fill

TONES = {
    "own_question": 2900,
    "case_number": 2950,
    "case_wrong": 3000,
    "case_province": 3050,
    "case_today": 3100,
    "case_after": 3150,
    "case_away": 3200,
    "transfer": 3250,
    "goodbye": 3300,
}
MENU = """
[menus.asking.steps.topic]
prompts = ["own_question"]
seconds = 3
keys.8 = { step = "case" }

[menus.asking.steps.case]
asks = "case"
seconds = 3
"""
NUMBER = make_number("33", 2565, 123)
OTHER = f"{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}"
AT_ONCE_SECONDS = 1.0
"""From the last digit to the state of the case, on a machine that does nothing else."""


@pytest.fixture
def recordings(hotline: Hotline) -> Iterator[None]:
    """Each prompt is a tone of its own; those of the two languages are different folders."""
    folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
    kept = {path: path.read_bytes() for name in TONES if (path := folder / f"{name}.wav").exists()}
    fill(folder, {name: float(hertz) for name, hertz in TONES.items()}, 1.0)
    yield
    for name in TONES:
        path = folder / f"{name}.wav"
        if path in kept:
            path.write_bytes(kept[path])
        else:
            path.unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def asking(hotline: Hotline, recordings: None) -> AsyncIterator[Hotline]:
    """1111 has a menu that asks for cases, and Sisaket has one since this moment."""
    await hotline.says("1111", 'greeting = []\nmenu = "asking"', menus=MENU)
    engine = create_async_engine(hotline.database.url.replace("postgresql:", "postgresql+asyncpg:"))
    today = datetime.now(UTC)
    units = [each for each in units_of_thailand(date(2017, 1, 1)) if each.id in ("moi", "p33")]
    kept = UnitsInPostgres(engine)
    if "p33" not in (await kept.units()).by_id:
        await kept.add_units(units)
    async with engine.begin() as connection:
        found = await connection.scalar(
            text("select id from documents where number = :number"), {"number": NUMBER}
        )
        if found is None:
            case = {"id": uuid4(), "number": NUMBER, "now": today}
            await connection.execute(text(_DOCUMENT), case)
            await connection.execute(text(_CASE), case)
    await engine.dispose()
    yield hotline


_DOCUMENT = """
insert into documents (id, kind, number, unit, holder, area, state, urgency, rank, due_at, version,
                       channel, created_at, created_by)
values (:id, 'case', :number, 'p33', 'p33', '330702', 'in_progress', 'normal', 1, '9999-12-31', 1,
        '1111', :now, 'malee')
"""
_CASE = """
insert into cases (id, type, topic, facts, wish, place_note, source_itself, source_informed_how,
                   citizen_informed_how, citizen_why_not, answer, benefit, reopened)
values (:id, 'help', 'water', '', '', '', false, '', '', '', '', '', 0)
"""


async def comes_to_the_question(hotline: Hotline) -> Caller:
    malee = await hotline.calls("1111")
    await malee.comes_to_hear(TONES["own_question"], within=5)
    malee.press("8")
    await malee.comes_to_hear(TONES["case_number"], within=5)
    return malee


async def one_waits(hotline: Hotline) -> bool:
    """Without the database no numbers are shown, because that could not be kept in the audit."""
    return len(await hotline.api.waiting("gcc")) == 1


async def lookups(hotline: Hotline, result: str) -> float:
    return await hotline.api.metric("hotline_case_lookups_total", line="1111", result=result)


async def test_the_state_of_the_case_is_told_and_the_call_ends_as_looked_up(
    asking: Hotline,
) -> None:
    hotline = asking
    before = await lookups(hotline, "province")
    malee = await comes_to_the_question(hotline)
    malee.press(NUMBER + "#")
    for name in ("case_province", "case_today", "case_after"):
        await malee.comes_to_hear(TONES[name], within=8)
    await malee.comes_to_hear("music", within=5)  # in the time for a key, too: never silence
    await malee.comes_to_hear(TONES["goodbye"], within=8)
    await malee.is_gone(within=5)
    record = await hotline.record(malee)
    told = [record[name] for name in ("outcome", "reason", "queue", "case_lookup", "menu_path")]
    assert told == ["looked_up", "", None, "province", "topic=8 case=#"]
    assert await lookups(hotline, "province") == before + 1
    [row] = await hotline.records.rows(
        "select who, about, details from audit where action = 'case.state_told' "
        "order by id desc limit 1"
    )
    assert (row["who"], row["about"]) == ("caller", NUMBER)


async def test_who_hangs_up_when_the_state_was_told_has_abandoned_nothing(asking: Hotline) -> None:
    hotline = asking
    malee = await comes_to_the_question(hotline)
    typed = now()
    malee.press(NUMBER)
    await malee.comes_to_hear(TONES["case_province"], within=8)
    keys = 0.24 * len(NUMBER)  # each takes so long
    print(f"told {malee.ear.first_heard(TONES['case_province'], typed) - typed - keys:.2f} s after")
    malee.hang_up()
    assert (await hotline.record(malee))["outcome"] == "looked_up"


async def test_a_wrong_number_is_said_and_after_the_third_an_operator_answers(
    asking: Hotline,
) -> None:
    hotline = asking
    malee = await comes_to_the_question(hotline)
    for _ in range(2):
        malee.press(OTHER + "#")
        await malee.comes_to_hear(TONES["case_wrong"], within=8)
        await malee.comes_to_hear(TONES["case_number"], within=5)
    malee.press(OTHER + "#")
    await malee.comes_to_hear(TONES["transfer"], within=10)
    await hotline.in_line("gcc", malee, within=10)
    somchai = await hotline.operator("somchai", queues=["gcc"], habit=answers(0.1))
    await malee.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(malee.voice, within=3)
    malee.hang_up()
    record = await hotline.record(malee)
    assert (record["outcome"], record["case_lookup"]) == ("answered", "wrong")


async def test_with_the_database_away_it_is_said_so_and_the_caller_goes_on(
    asking: Hotline,
) -> None:
    """It hangs, which is worse than if it were gone: nobody says no."""
    hotline = asking
    before = await lookups(hotline, "away")
    malee = await comes_to_the_question(hotline)
    hotline.database.freezes()
    try:
        malee.press(NUMBER)
        await malee.comes_to_hear("music", within=5)
        await malee.comes_to_hear(TONES["case_away"], within=10)
        await malee.comes_to_hear(TONES["transfer"], within=5)
        await until(partial(one_waits, hotline), within=10)
        heard = malee.heard(malee.ear.first_heard(TONES["case_away"], 0.0) - 3.0)
        assert heard.share("silence") * heard.seconds < 1.0, "nobody is in silence meanwhile"
    finally:
        hotline.database.thaws()
    malee.hang_up()
    assert (await hotline.record(malee, within=30))["case_lookup"] == "away"
    assert await lookups(hotline, "away") == before + 1


async def test_a_service_that_is_killed_while_the_state_is_told_tells_it_again(
    asking: Hotline,
) -> None:
    hotline = asking
    malee = await comes_to_the_question(hotline)
    malee.press(NUMBER)
    await malee.comes_to_hear(TONES["case_province"], within=10)
    await hotline.service.kills()
    await malee.comes_to_hear("music", within=5)  # from Asterisk, after what plays
    killed = now()
    await hotline.service.starts()
    await until(lambda: malee.heard(killed).share(TONES["case_province"]) > 0, within=10)
    malee.hang_up()
    assert (await hotline.record(malee))["outcome"] == "looked_up"
