"""The duty roster through the API, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import HoursSeen, OperatorLoggedIn
from callcenter.core.ids import OperatorId
from callcenter.oversight.duty.routes import PEOPLE
from callcenter.ports.people import Role
from callcenter.storage.tables import cover_gaps, operator_states
from tests.integration.house import Answer, House, opened
from tests.site import DAMRONG, GCC

MONDAY = datetime(2026, 11, 30, 2, tzinfo=UTC)  # 09:00 in Thailand
SHIFTS, PICTURE = "/api/v1/duty/shifts", "/api/v1/duty"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        house.hands.still = MONDAY
        await house.person("suda", Role.SUPERVISOR)
        await house.person("somchai", Role.OPERATOR)
        await house.person("nok", Role.OFFICER)
        await house.operator("somchai", queues=[DAMRONG])
        await house.operator("malee", queues=[DAMRONG, GCC])
        yield house


async def later(house: House, at: datetime) -> None:
    """It is then; who was logged in a day ago logs in anew."""
    house.hands.still = at
    house.tokens["suda"] = (await house.log_in("suda")).body["token"]


def night(operator: str = "somchai", queue: str = DAMRONG, **more: object) -> dict[str, object]:
    """Monday 20:00 to Tuesday 08:00."""
    times = {"begins_at": "2026-11-30T20:00:00+07:00", "ends_at": "2026-12-01T08:00:00+07:00"}
    return {"queue": queue, "operator": operator, **times, **more}


async def planned(house: House, **more: Any) -> dict[str, Any]:
    answer = await house.ask("POST", SHIFTS, night(**more), by="suda")
    assert answer.status == 201, answer.body
    first: dict[str, Any] = answer.body["shifts"][0]
    return first


async def picture(house: House, **query: object) -> dict[str, Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await house.ask("GET", f"{PICTURE}?{asked}", by="suda")
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.body
    return told


async def test_only_supervisors_plan_and_everybody_sees_their_own(house: House) -> None:
    assert (await house.ask("POST", SHIFTS, night(), by="somchai")).status == 403
    assert (await house.ask("GET", PICTURE, by="somchai")).status == 403
    assert (await house.ask("GET", f"{PICTURE}/mine", by="nok")).status == 403
    await planned(house, weeks=3)
    await planned(house, operator="malee")
    mine = await house.ask("GET", f"{PICTURE}/mine?days=21", by="somchai")
    assert [each["operator"] for each in mine.body["shifts"]] == ["somchai"] * 3
    assert mine.body["shifts"][2]["begins_at"] == "2026-12-14T13:00:00Z"
    audit = (await house.ask("GET", "/api/v1/audit?limit=50", by="command-line")).body
    noted = [each for each in audit["entries"] if each["action"].startswith("duty.")]
    assert [each["action"] for each in noted] == ["duty.planned", "duty.planned"]


async def test_a_person_is_not_planned_twice_even_by_two_at_the_same_moment(house: House) -> None:
    answers = await asyncio.gather(
        *(house.ask("POST", SHIFTS, night(), by="suda") for _ in range(8))
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.code == "already_planned" and "20:00" in refused.body["detail"]
    assert len((await picture(house))["shifts"]) == 1
    assert (await house.ask("POST", SHIFTS, night(weeks=2), by="suda")).status == 409
    assert len((await picture(house, days=14))["shifts"]) == 1, "all of them or none"
    await planned(house, operator="malee", queue=GCC)
    await planned(house, operator="malee")  # of another queue, at the same time


async def test_who_changes_what_somebody_else_has_changed_is_told(house: House) -> None:
    shift = await planned(house)
    path = f"{SHIFTS}/{shift['shift']}"
    to = night("malee", version=1)
    assert (await house.ask("PUT", path, to, by="suda")).body["name"] == "คุณ malee"
    assert (await house.ask("PUT", path, to, by="suda")).code == "shift_changed"
    assert (await house.ask("DELETE", f"{path}?version=1", by="suda")).code == "shift_changed"
    assert (await house.ask("DELETE", f"{path}?version=2", by="suda")).status == 204
    assert (await house.ask("DELETE", f"{path}?version=2", by="suda")).code == "unknown_shift"
    kept = await planned(house)
    await later(house, MONDAY + timedelta(days=1))
    path = f"{SHIFTS}/{kept['shift']}"
    assert (await house.ask("DELETE", f"{path}?version=1", by="suda")).code == "shift_over"
    assert (await house.ask("PUT", path, night(version=1), by="suda")).code == "shift_over"


@pytest.mark.parametrize(
    "wrong",
    [
        {"operator": "nobody"},
        {"queue": "gcc"},
        {"ends_at": "2026-11-30T20:00:00+07:00"},
        {"ends_at": "2026-12-02T20:00:00+07:00"},
        {"begins_at": "2569-11-30T20:00:00+07:00"},
        {"begins_at": "2026-11-31T20:00:00+07:00"},
        {"weeks": 27},
        {"note": "a\u0000b"},
    ],
)
async def test_a_wrong_shift_is_refused(house: House, wrong: dict[str, object]) -> None:
    assert (await house.ask("POST", SHIFTS, night() | wrong, by="suda")).status == 422
    assert (await picture(house))["shifts"] == []


async def test_the_picture_shows_who_is_late_who_came_and_where_nobody_is(
    house: House, engine: AsyncEngine
) -> None:
    await planned(house)
    await planned(house, operator="malee")
    at_20 = datetime(2026, 11, 30, 13, tzinfo=UTC)
    row = {"operator": "malee", "reason": "", "journal": "j", "began_engine_seconds": 0.0}
    async with engine.begin() as connection:
        began, ended = at_20 + timedelta(minutes=10), at_20 + timedelta(hours=1)
        await connection.execute(
            insert(operator_states),
            [row | {"state": "available", "began_at": began, "ended_at": ended}],
        )
        gap = {"queue": DAMRONG, "planned": True, "began_at": at_20, "ended_at": began}
        await connection.execute(insert(cover_gaps), [gap])
    await later(house, at_20 + timedelta(minutes=90))
    await house.pump.put_and_wait(
        HoursSeen(closed=frozenset(), rostered={DAMRONG: 2}, uncovered=frozenset({DAMRONG}))
    )
    told = await picture(house)
    assert told["days"][6] == {"day": "2026-12-06", "holiday": ""}
    [queue] = told["queues"]
    assert (queue["planned"], queue["present"], queue["unplanned_minutes"]) == (2, 0, 9_360)
    assert queue["uncovered_minutes"] == 10 and queue["uncovered"][0]["planned"]
    assert len(queue["uncovered"]) == 2, "the second one goes on"
    late = {each["operator"]: (each["standing"], each["late_seconds"]) for each in told["shifts"]}
    assert late == {"somchai": ("late", 5_400.0), "malee": ("left", 600.0)}
    await house.pump.put_and_wait(
        OperatorLoggedIn(operator=OperatorId("somchai"), endpoint="PJSIP/s", queues=(DAMRONG,))
    )
    told = await picture(house)
    assert {each["operator"]: each["standing"] for each in told["shifts"]}["somchai"] == "present"


async def test_holidays_stand_in_the_picture_and_go_out_and_come_in_as_calendar(
    house: House,
) -> None:
    told = await picture(house, first="2026-12-07")
    assert [each["day"] for each in told["days"] if each["holiday"]] == ["2026-12-07", "2026-12-10"]
    path = f"{PICTURE}/holidays"
    sent = await house.ask("GET", f"{path}/calendar?year=2026", by="suda")
    assert sent.headers["Content-Type"].startswith("text/calendar")
    read = await house.ask("POST", f"{path}/readings?year=2026", raw=sent.body.encode(), by="suda")
    days = {each["day"]: each["name_th"] for each in read.body["days"]}
    assert days["2026-12-10"] == "วันรัฐธรรมนูญ" and len(days) > 15
    other = await house.ask("POST", f"{path}/readings?year=2025", raw=sent.body.encode(), by="suda")
    assert other.body["days"] == []


async def imported(house: House, text: str, query: str = "") -> Answer:
    return await house.ask("POST", f"{PICTURE}/imports{query}", raw=text.encode(), by="suda")


async def test_what_was_exported_comes_back_as_the_same(house: House) -> None:
    await planned(house, note="เวรดึก; หัวหน้าเวร, ชุด ๑")
    await planned(house, operator="malee", queue=GCC)
    sent = await house.ask("GET", f"{PICTURE}/calendar", by="suda")
    assert "คุณ somchai" in sent.body.replace("\r\n ", "")
    answer = await imported(house, sent.body)
    assert answer.body == {"added": 0, "changed": 0, "removed": 0, "same": 2, "past": 0}
    moved = sent.body.replace("20261130T130000Z", "20261130T120000Z")
    assert (await imported(house, moved)).body["changed"] == 2
    told = (await picture(house))["shifts"]
    assert {each["begins_at"] for each in told} == {"2026-11-30T12:00:00Z"}
    assert {each["version"] for each in told} == {2}
    assert (await house.ask("GET", f"{PICTURE}/calendar", by="somchai")).status == 403
    own = await house.ask("GET", f"{PICTURE}/mine/calendar", by="somchai")
    assert own.body.count("BEGIN:VEVENT") == 1


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
{events}END:VCALENDAR
"""


def event(uid: str, who: str, begins: str = "20261201T080000", *more: str) -> str:
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{who}", f"DTSTART:{begins}", "DURATION:PT8H"]
    return "\n".join([*lines, *more, "END:VEVENT", ""])


async def test_a_calendar_of_another_program_names_people_as_they_are_called(house: House) -> None:
    events = event("a", "คุณ somchai") + event("b", "malee") + event("c", "malee", "20261101T080000")
    text = CALENDAR.format(events=events)
    assert (await imported(house, text)).code == "shift_fault", "no queue is named"
    answer = await imported(house, text, f"?queue={DAMRONG}")
    assert answer.body == {"added": 2, "changed": 0, "removed": 0, "same": 0, "past": 1}
    gone = CALENDAR.format(events=event("a", "คุณ somchai", "20261201T080000", "STATUS:CANCELLED"))
    assert (await imported(house, gone)).body["removed"] == 1
    assert [each["operator"] for each in (await picture(house))["shifts"]] == ["malee"]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (event("x", "ใครก็ไม่รู้"), "no operator, or more than one"),
        (event("x", "somchai") + event("y", "somchai", "20261201T150000"), "line 9"),
        (event("x", "somchai") + event("x", "malee"), "the same UID"),
        (event("", "somchai"), "no UID"),
        (event("x", "somchai", "20261201"), "DURATION"),
        (event("x", "somchai", "20261201T080000", "RRULE:FREQ=DAILY"), "repetition"),
        ("<script>\n", "is no line"),
    ],
)
async def test_a_wrong_calendar_changes_nothing(house: House, events: str, said: str) -> None:
    good = event("good", "malee")
    text = CALENDAR.format(events=good + events)
    answer = await imported(house, text, f"?queue={DAMRONG}")
    assert answer.status == 422 and any(said in each for each in answer.body["faults"]), answer.body
    assert (await picture(house))["shifts"] == []


async def test_two_who_change_places_in_a_calendar_are_taken(house: House) -> None:
    await planned(house)
    await planned(house, operator="malee")
    sent = (await house.ask("GET", f"{PICTURE}/calendar", by="suda")).body
    swapped = sent.replace("OPERATOR:somchai", "OPERATOR:x").replace(
        "OPERATOR:malee", "OPERATOR:somchai"
    )
    answer = await imported(house, swapped.replace("OPERATOR:x", "OPERATOR:malee"))
    assert answer.body["changed"] == 2


async def test_too_large_a_calendar_and_a_cut_one_are_refused(house: House) -> None:
    assert (await imported(house, "A" * 1_000_001)).status == 413
    sent = CALENDAR.format(events=event("a", "malee"))
    assert (await imported(house, sent[:-20], f"?queue={DAMRONG}")).code == "calendar_fault"


async def test_the_people_of_now_are_counted_for_prometheus_and_told_to_the_engine(
    house: House,
) -> None:
    await planned(house)
    house.hands.still = datetime(2026, 11, 30, 13, 4, tzinfo=UTC)
    [mounted] = [each for each in house.serving.features if PEOPLE in each.metrics]
    count = mounted.metrics[PEOPLE]
    assert count() == {
        (DAMRONG, "present"): 0,
        (DAMRONG, "expected"): 1,
        (DAMRONG, "late"): 0,
    }
    house.hands.still += timedelta(minutes=1)
    assert count()[DAMRONG, "late"] == 1
    await house.pump.put_and_wait(
        OperatorLoggedIn(operator=OperatorId("somchai"), endpoint="PJSIP/s", queues=(DAMRONG,))
    )
    assert count()[DAMRONG, "present"] == 1
    assert house.shared.duty.named(house.hands.still) == {DAMRONG: 1}
    assert (house.directory / "duty.json").exists()
