"""The report round through the API, on a real PostgreSQL and a real SMTP server: RP-01 to RP-08."""

import asyncio
import hashlib
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.outcome import Outcome
from callcenter.desks.reports import report_files, routes
from callcenter.desks.reports.post import MailServer, Post
from callcenter.desks.shared.document_tables import documents
from callcenter.desks.shared.thai import BANGKOK, thai
from callcenter.desks.shared.thailand import units_of_thailand
from callcenter.desks.shared.units import UnitLevel
from callcenter.oversight.service_level.model import ScoredCall
from callcenter.ports.people import Role
from callcenter.storage.tables import operator_states
from tests.integration.desks.office import CLI, COMPLAINT, PEOPLE, Office
from tests.integration.desks.test_files_api import audit
from tests.integration.desks.test_papers import printed
from tests.integration.oversight.call_rows import insert_calls
from tests.pdf import text_of

DUE_TH = "๑๔ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น."
ROUND: dict[str, Any] = {
    "name": "รายงานศูนย์รับเรื่องร้องเรียน",
    "period_from": "13/3/2565 00:00",
    "period_before": "14/3/2565 00:00",
    "due": DUE_TH,
    "letter": {"number": "มท ๐๒๑๐.๖/ว ๑", "date": "๑๑ มีนาคม ๒๕๖๕", "subject": "รายงานผล"},
}
TEXT = "สายไม่พอ\n\u00a0\u00a0ช่วงกลางคืน 🌙"
FILLED: dict[str, Any] = {
    "numbers": {
        "admission_received": {"value": 3},
        "admission_ended": {"value": 2},
        "admission_open": {"value": 1},
    },
    "texts": {
        "admission": {"text": "ไม่มีเตียง"},
        "obstacles": {"text": TEXT, "tags": ["lines", "staff"]},
        "suggestions": {"text": "เพิ่มคู่สาย", "tags": ["lines"]},
        "coordination": {"text": "โรงพยาบาลจังหวัด"},
        "publicity": {"text": "วิทยุชุมชน"},
    },
    "signed": {"reporter": "นายวิชัย", "position": "ผู้อำนวยการ", "phone": "045-614545"},
}
MIDNIGHT = datetime.fromisoformat("2022-03-13T00:00+07:00")


@pytest.fixture
async def country(office: Office) -> Office:
    """All provinces have their centres; it is the morning of 12 March 2565."""
    await country_of(office)
    office.at("2022-03-12T09:00")
    return office


async def country_of(office: Office) -> Office:
    """All provinces have their centres."""
    units = [
        unit for unit in units_of_thailand(date(2017, 1, 1)) if unit.level is UnitLevel.PROVINCE
    ]
    await office.house.shared.units.add_units(units)
    return office


def parts_of(office: Office) -> routes.Parts:
    for mounted in office.house.serving.features:
        if isinstance(mounted.parts, routes.Parts):
            return mounted.parts
    raise AssertionError


async def made(office: Office, **other: Any) -> dict[str, Any]:
    answer = await office.post("central", "report-rounds", {**ROUND, **other})
    assert answer.status == 201, answer.body
    told: dict[str, Any] = answer.body
    return told


async def begun(office: Office, by: str, number: int, unit: str | None = None) -> dict[str, Any]:
    answer = await office.post(by, f"report-rounds/{number}/reports", {"unit": unit})
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.body
    return told


async def do(office: Office, by: str, report: str, what: str, **body: Any) -> Any:
    if "version" not in body:
        body["version"] = (await office.get(by, f"reports/{report}")).body["version"]
    if what == "save":
        return await office.ask("PATCH", by, f"reports/{report}", body)
    return await office.post(by, f"reports/{report}/{what}", body)


async def handed_in(office: Office, number: int, unit: str, by: str = "somsri") -> str:
    """A report that is filled in and submitted now."""
    report = await begun(office, by, number, unit)
    version = report["version"]
    saved = await do(office, by, report["report"], "save", version=version, **FILLED)
    assert saved.status == 200, saved.body
    done = await do(office, by, report["report"], "submit", version=version + 1)
    assert (done.status, done.body["state"]) == (200, "submitted"), done.body
    return str(report["report"])


async def test_rp_01_the_due_time_as_the_letter_has_it_and_xc_04_the_letter(
    country: Office,
) -> None:
    told = await made(country)
    assert told["due_at"] == "2022-03-14T05:00:00Z"
    assert told["due_th"] == DUE_TH
    shown = (await country.get("wichai", f"report-rounds/{told['round']}")).body
    assert (shown["due_th"], shown["form_version"]) == (DUE_TH, 1)
    assert shown["letter"] == ROUND["letter"]
    later = {**ROUND, "due": "๑๕ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น.", "version": told["version"]}
    changed = await country.ask("PUT", "central", f"report-rounds/{told['round']}", later)
    assert changed.body["due_at"] == "2022-03-15T05:00:00Z"
    for field, typed in (("due", "29 กุมภาพันธ์ 2564 เวลา 12.00 น."), ("period_from", "เมื่อวาน")):
        refused = await country.post("central", "report-rounds", {**ROUND, field: typed})
        assert (refused.status, refused.code) == (422, "date_fault")


async def test_rp_02_seventy_seven_are_expected_and_each_has_one_report(country: Office) -> None:
    told = await made(country)
    number = told["round"]
    assert told["expected"] == 77 and told["states"]["waiting"] == 77
    assert {"p10", "p33"} <= {tile["unit"] for tile in told["units"]}
    report = (await begun(country, "admin33", number))["report"]
    again = await asyncio.gather(*(begun(country, "wichai", number) for _ in range(3)))
    assert {each["report"] for each in again} == {report}
    assert (await do(country, "admin33", report, "save", **FILLED)).status == 200
    refused = await do(country, "admin33", report, "submit")
    assert (refused.status, refused.code) == (403, "not_allowed"), "the supervisor submits"
    version = (await country.get("wichai", f"reports/{report}")).body["version"]
    both = await asyncio.gather(
        *(do(country, "wichai", report, "submit", version=version) for _ in range(2))
    )
    assert sorted(answer.status for answer in both) == [200, 409]
    more = {"suggestions": {"text": "เพิ่มเจ้าหน้าที่"}}
    assert (await do(country, "wichai", report, "save", texts=more)).body["revision"] == 1
    second = await do(country, "wichai", report, "submit")
    assert (second.body["revision"], second.body["report"]) == (2, report)
    revisions = (await country.get("wichai", f"reports/{report}/revisions")).body["revisions"]
    assert [each["body"]["texts"]["suggestions"]["text"] for each in revisions] == [
        "เพิ่มคู่สาย",
        "เพิ่มเจ้าหน้าที่",
    ]
    board = (await country.get("central", f"report-rounds/{number}")).body
    assert (board["states"]["on_time"], board["states"]["waiting"]) == (1, 76)


CALLS = [
    *(
        ScoredCall(outcome=Outcome.ANSWERED, reason="", wait_seconds=s, queue_wait_seconds=s)
        for s in (5.0, 20.0, 20.5, 60.0, 61.0)
    ),
    *(
        ScoredCall(outcome=outcome, reason="", wait_seconds=30.0, queue_wait_seconds=25.0)
        for outcome in Outcome
        if outcome is not Outcome.ANSWERED
    ),
]
DIRECT = {
    "received": "count(*)",
    "rejected": "count(*) filter (where outcome = 'rejected')",
    "answered": "count(*) filter (where outcome = 'answered')",
    "abandoned": "count(*) filter (where outcome = 'abandoned')",
    "abandoned_short": "count(*) filter (where outcome = 'abandoned_short')",
    "in_20_seconds": "count(*) filter (where outcome = 'answered' and wait_seconds <= 20)",
    "in_60_seconds": "count(*) filter (where outcome = 'answered' and wait_seconds <= 60)",
    "wait_seconds": "sum(wait_seconds) filter (where outcome = 'answered')",
}


async def test_rp_03_prefilled_numbers_are_those_of_sql_over_the_period(
    country: Office, engine: AsyncEngine
) -> None:
    day = timedelta(days=1)
    moments = (
        MIDNIGHT - timedelta(microseconds=1),  # the day before
        MIDNIGHT,
        MIDNIGHT + day - timedelta(microseconds=1),
        MIDNIGHT + day,  # the next day
    )
    for moment in moments:
        await insert_calls(engine, "045614545", CALLS, arrived_at=moment)
        await insert_calls(engine, "1567", CALLS[:3], arrived_at=moment)
        await insert_calls(engine, "1111", CALLS, arrived_at=moment)
    await country.house.person("boss", Role.ADMINISTRATOR)
    lines = {"lines": ["045614545", "1567"]}
    assert (await country.ask("PUT", "boss", "unit-lines/p33", lines)).status == 200
    country.at("2022-03-14T09:00")
    number = (await made(country))["round"]
    report = await begun(country, "wichai", number)
    shown = {each["field"]: each for each in report["numbers"]}
    columns = ", ".join(f"{said} as {name}" for name, said in DIRECT.items())
    statement = (
        f"select {columns} from calls where line in ('045614545', '1567') "
        "and (arrived_at at time zone 'Asia/Bangkok')::date = date '2022-03-13'"
    )
    async with engine.connect() as connection:
        [direct] = (await connection.execute(text(statement))).mappings()
    for name, value in direct.items():
        assert (shown[name]["value"], shown[name]["from"]) == (float(value), "system"), name
    assert shown["received"]["value"] == 2 * (len(CALLS) + 3)
    parts = ("answered", "abandoned", "abandoned_short", "rejected", "other_ended")
    assert sum(shown[part]["value"] for part in parts) == shown["received"]["value"]
    assert report["formula"] == "hotline prefill 1" and report["lines"] == lines["lines"]
    assert shown["admission_received"]["value"] is None
    other = {e["field"]: e for e in (await begun(country, "ubon", number))["numbers"]}
    assert other["received"]["value"] is None, "who has no line has no figures, not zero"


async def test_rp_03_cases_are_those_of_sql_over_the_period(
    country: Office, engine: AsyncEngine
) -> None:
    """Received, ended and open on 13 March, to the second; of the unit and those below it."""
    moments = (
        ("2022-03-12T23:59:59", None),
        ("2022-03-12T10:00", "2022-03-12T23:59:59"),
        ("2022-03-12T11:00", "2022-03-13T00:00"),
        ("2022-03-13T00:00", "2022-03-13T23:59:59"),
        ("2022-03-13T23:59:59", "2022-03-14T00:00"),
        ("2022-03-14T00:00", None),
    )
    body = {**COMPLAINT, "type": "question", "allegations": [], "channel": "walk_in"}
    for created, closed in moments:
        case = (await country.post("malee", "cases", body)).body["case"]["case"]
        times = {
            "created_at": datetime.fromisoformat(created).replace(tzinfo=BANGKOK),
            "closed_at": closed and datetime.fromisoformat(closed).replace(tzinfo=BANGKOK),
        }
        async with engine.begin() as connection:
            theirs = update(documents).where(documents.c.number == case)
            await connection.execute(theirs.values(**times))
    country.at("2022-03-14T09:00")
    number = (await made(country))["round"]
    shown = {e["field"]: e["value"] for e in (await begun(country, "wichai", number))["numbers"]}
    day = "at time zone 'Asia/Bangkok')::date"
    direct = (
        f"select count(*) filter (where (created_at {day} = '2022-03-13') as cases_received,"
        f" count(*) filter (where (closed_at {day} = '2022-03-13') as cases_ended,"
        f" count(*) filter (where (created_at {day} <= '2022-03-13'"
        f" and (closed_at is null or (closed_at {day} > '2022-03-13')) as cases_open"
        " from documents where unit = 'p33'"
    )
    async with engine.connect() as connection:
        [found] = (await connection.execute(text(direct))).mappings()
    assert dict(found) == {"cases_received": 2, "cases_ended": 2, "cases_open": 2}
    assert {name: shown[name] for name in found} == dict(found)
    other = {e["field"]: e for e in (await begun(country, "ubon", number))["numbers"]}
    assert other["cases_received"]["value"] is None, "who has no cases has no figure, not zero"


async def test_rp_03_the_share_in_time_is_that_of_the_hotline_s_formula(
    country: Office, engine: AsyncEngine
) -> None:
    """The report and the supervisors' page count alike."""
    await insert_calls(engine, "1567", CALLS, arrived_at=MIDNIGHT)
    await country.house.person("boss", Role.ADMINISTRATOR)
    await country.ask("PUT", "boss", "unit-lines/p33", {"lines": ["1567"]})
    country.at("2022-03-14T09:00")
    number = (await made(country))["round"]
    shown = {e["field"]: e["value"] for e in (await begun(country, "wichai", number))["numbers"]}
    period = "arrived_from=2022-03-13T00:00:00%2B07:00&arrived_before=2022-03-14T00:00:00%2B07:00"
    levels = (await country.get("boss", f"service-levels?{period}")).body["lines"][0]["levels"]
    [hotline] = [level for level in levels if level["formula"] == "hotline"]
    assert (hotline["met"], hotline["counted"]) == (shown["in_20_seconds"], shown["eligible"])


async def test_rp_03_staff_on_duty_its_mean_its_least_and_the_hours_without(
    country: Office, engine: AsyncEngine
) -> None:
    """malee works 0:00-12:00 and 13:00-24:00, a second one 6:00-18:00; a third is of elsewhere."""
    await country.house.account("pim", Role.OFFICER)
    await country.house.person("boss", Role.ADMINISTRATOR)
    grant = {"account": "pim", "role": "operator", "unit": "p33"}
    assert (await country.post("boss", "grants", grant)).status == 201
    hours = [
        ("malee", "available", -2, 6),
        ("malee", "on_call", 6, 12),
        ("malee", "paused", 12, 13),
        ("malee", "wrapup", 13, 30),
        ("pim", "available", 6, 11),
        ("pim", "available", 13, 18),
        ("gcc", "available", 0, 24),
    ]
    rows = [
        {
            "operator": name,
            "state": state,
            "reason": "",
            "began_at": MIDNIGHT + timedelta(hours=began),
            "ended_at": MIDNIGHT + timedelta(hours=ended),
            "journal": "x",
            "began_engine_seconds": 0.0,
            "seconds": 3600.0 * (ended - began),
        }
        for name, state, began, ended in hours
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(operator_states), rows)
    country.at("2022-03-14T09:00")
    number = (await made(country))["round"]
    shown = {e["field"]: e["value"] for e in (await begun(country, "wichai", number))["numbers"]}
    assert shown["hours_without_staff"] == 1.0
    assert shown["staff_least"] == 0
    assert shown["staff_mean"] == round((12 + 11 + 5 + 5) / 24, 2)


async def test_rp_03_a_typed_number_needs_a_reason_and_keeps_the_system_s(
    country: Office, engine: AsyncEngine
) -> None:
    await insert_calls(engine, "1567", CALLS, arrived_at=MIDNIGHT)
    await country.house.person("boss", Role.ADMINISTRATOR)
    await country.ask("PUT", "boss", "unit-lines/p33", {"lines": ["1567"]})
    country.at("2022-03-14T09:00")
    number = (await made(country))["round"]
    report = (await begun(country, "wichai", number))["report"]
    typed = {"received": {"value": 20}}
    assert (await do(country, "wichai", report, "save", numbers=typed)).code == "why_needed"
    few = {"received": {"value": 4, "why": "x"}}
    refused = await do(country, "wichai", report, "save", numbers=few)
    assert refused.code == "adds_up" and refused.body["faults"] == ["answered = 5", "received = 4"]
    reason = {"received": {"value": 20, "why": "สายสำรองไม่ผ่านระบบ"}}
    saved = (await do(country, "wichai", report, "save", numbers=reason)).body
    [shown] = [each for each in saved["numbers"] if each["field"] == "received"]
    assert (shown["value"], shown["from"], shown["system_value"]) == (20, "typed", len(CALLS))
    back = (await do(country, "wichai", report, "save", numbers={"received": None})).body
    [shown] = [each for each in back["numbers"] if each["field"] == "received"]
    assert (shown["value"], shown["from"]) == (len(CALLS), "system")


async def test_rp_03_the_last_round_s_number_is_beside_it_and_never_filled_in(
    country: Office,
) -> None:
    """The latest earlier period that the unit itself has submitted; drafts and others do not
    count."""
    days = {day: {"period_from": f"{day}/3/2565 00:00"} for day in (9, 10, 11, 12)}
    rounds = {
        day: (await made(country, **{**fields, "period_before": f"{day + 1}/3/2565 00:00"}))[
            "round"
        ]
        for day, fields in days.items()
    }
    await handed_in(country, rounds[9], "p33", by="wichai")
    await handed_in(country, rounds[10], "p33", by="wichai")
    await handed_in(country, rounds[11], "p34", by="ubon")
    draft = (await begun(country, "wichai", rounds[11], "p33"))["report"]
    typed = {"admission_received": {"value": 99}}
    assert (await do(country, "wichai", draft, "save", numbers=typed)).status == 200
    more = {"admission_received": {"value": 8}}
    tenth = (await begun(country, "wichai", rounds[10], "p33"))["report"]
    assert (await do(country, "wichai", tenth, "save", numbers=more)).status == 200
    assert (await do(country, "wichai", tenth, "submit")).body["revision"] == 2
    shown = await begun(country, "wichai", rounds[12], "p33")
    number = {each["field"]: each for each in shown["numbers"]}["admission_received"]
    assert (number["last_value"], number["value"]) == (8, None)
    assert shown["last_round"] == ROUND["name"]
    first = (await begun(country, "wichai", rounds[9], "p33"))["numbers"]
    assert {each["last_value"] for each in first} == {None}
    other = await begun(country, "ubon", rounds[12], "p34")
    assert {each["field"]: each for each in other["numbers"]}["received"]["last_value"] is None


async def test_rp_04_thai_text_comes_back_as_it_was_written(country: Office) -> None:
    number = (await made(country))["round"]
    report = await handed_in(country, number, "p33")
    for told in (
        (await country.get("wichai", f"reports/{report}")).body,
        (await country.get("wichai", f"reports/{report}/revisions")).body["revisions"][0]["body"],
    ):
        for section, written in FILLED["texts"].items():
            assert told["texts"][section]["text"] == written["text"]
    empty = (await begun(country, "ubon", number))["report"]
    refused = await do(country, "ubon", empty, "submit")
    assert (refused.status, refused.code) == (422, "form_incomplete")
    assert "admission_received" in refused.body["faults"]
    nil = {"nil": ["admission"], "signed": {"reporter": "นายอุบล"}}
    await do(country, "ubon", empty, "save", **nil)
    assert (await do(country, "ubon", empty, "submit")).body["state"] == "submitted"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2022-03-14T11:59:58.900", "on_time"),
        ("2022-03-14T12:00:01.001", "late"),
    ],
)
async def test_rp_05_by_the_server_s_clock(country: Office, at: str, state: str) -> None:
    """The boundary itself, to the second, is in tests/unit/desks/test_round_rules.py."""
    number = (await made(country))["round"]
    report = (await begun(country, "wichai", number))["report"]
    version = (await do(country, "wichai", report, "save", **FILLED)).body["version"]
    country.at("2022-03-14T11:00")
    await country.get("wichai", "report-rounds")  # logged in, if the session had ended
    country.at(at)
    done = await do(country, "wichai", report, "submit", version=version)
    assert done.body["expected"] == state
    assert done.body["submitted_at"] == done.body["first_submitted_at"]


async def test_rp_05_returned_and_submitted_within_a_day_keeps_its_time(country: Office) -> None:
    number = (await made(country))["round"]
    report = await handed_in(country, number, "p33", by="wichai")
    country.at("2022-03-14T15:00")
    back = await do(country, "central", report, "return", why="ข้อ ข ไม่ครบ")
    assert (back.body["state"], back.body["expected"]) == ("draft", "draft")
    country.at("2022-03-15T14:59")
    done = (await do(country, "wichai", report, "submit")).body
    assert (done["expected"], done["revision"]) == ("on_time", 2)
    await do(country, "central", report, "return", why="อีกครั้ง")
    country.at("2022-03-16T15:30")
    tile = next(
        each
        for each in (await country.get("central", f"report-rounds/{number}")).body["units"]
        if each["unit"] == "p33"
    )
    assert tile["state"] == "missing"
    assert (await do(country, "wichai", report, "submit")).body["expected"] == "late"
    accepted = await do(country, "central", report, "accept")
    assert accepted.body["state"] == "accepted"
    assert (await do(country, "wichai", report, "save")).code == "not_now"


class Inbox(Message):
    """What a mail server took."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@pytest.fixture
async def inbox() -> AsyncIterator[tuple[Inbox, int]]:
    """A real SMTP server on a port that is free."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=26010)
    controller.start()
    yield inbox, 26010
    controller.stop()


def posting(office: Office, port: int) -> Post:
    """What sends, with this server."""
    parts = parts_of(office)
    server = MailServer(
        host="127.0.0.1",
        port=port,
        security="none",
        user="",
        password=str,
        sender="hotline@moi.example",
    )
    return Post(
        rounds=parts.reports,
        outbox=parts.outbox,
        units=office.house.shared.units.units,
        server=server,
        wall=office.house.hands.wall,
    )


async def with_addresses(office: Office) -> None:
    store = office.house.shared.units
    for unit in (await store.units()).by_id.values():
        changed = {name: getattr(unit, name) for name in type(unit).__slots__}
        await store.change_unit(type(unit)(**{**changed, "email": f"{unit.id}@moi.example"}))


@pytest.mark.timeout(600)
async def test_rp_06_and_rp_08_a_round_of_seventy_seven(
    country: Office, inbox: tuple[Inbox, int]
) -> None:
    """75 in time, one late, one missing: who is reminded, who is listed, what the table says."""
    await with_addresses(country)
    number = (await made(country))["round"]
    post = posting(country, inbox[1])
    every = [
        tile["unit"]
        for tile in (await country.get("central", f"report-rounds/{number}")).body["units"]
    ]
    for unit in every:
        if unit not in ("p33", "p34"):
            await handed_in(country, number, unit)
    await post.turn(country.at("2022-03-13T11:59:59"))
    assert inbox[0].mails == []
    now = country.at("2022-03-13T12:00:00")
    await post.turn(now)
    await post.turn(now + timedelta(minutes=5))
    assert sorted(mail["To"] for mail in inbox[0].mails) == ["p33@moi.example", "p34@moi.example"]
    board = (await country.get("central", f"report-rounds/{number}")).body
    assert board["missing"] == ["p33", "p34"]
    await post.turn(country.at("2022-03-14T10:00:00"))
    assert len(inbox[0].mails) == 4
    country.at("2022-03-14T12:00:01")
    await handed_in(country, number, "p34", by="ubon")
    await post.turn(country.at("2022-03-14T12:01:00"))
    told = sorted(mail["To"] for mail in inbox[0].mails[4:])
    assert told == ["moi@moi.example", "p33@moi.example"], "the unit and the one above it"

    board = (await country.get("central", f"report-rounds/{number}")).body
    assert board["timeliness"] == {"counted": 75, "of": 77, "share": 75 / 77}
    assert board["completeness"] == {"counted": 76, "of": 77, "share": 76 / 77}
    assert sum(board["states"].values()) == board["expected"] == 77
    assert board["states"]["missing"] == 1 and board["missing"] == ["p33"]

    table = (await country.get("central", f"report-rounds/{number}/table")).body["table"]
    assert (table["submitted"], table["expected"], table["on_time"]) == (76, 77, 75)
    assert table["missing"] == ["ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ"]
    assert table["totals"]["admission_received"] == {"value": 3.0 * 76, "units": 76}
    assert table["totals"]["received"] == {"value": None, "units": 0}
    [row] = [each for each in table["units"] if each["unit"] == "p33"]
    assert (row["numbers"], row["state"]) == ({}, "missing")
    said = table["texts"]["obstacles"]
    assert len(said) == 76 and {each["text"] for each in said} == {TEXT}

    published = await country.ask("POST", "central", f"report-rounds/{number}/publish")
    assert (published.status, published.body["edition"]) == (200, 1)
    refused = await country.post("wichai", f"report-rounds/{number}/reports", {"unit": "p33"})
    assert refused.code == "round_published"
    seen = await country.get("viewer", f"report-rounds/{number}/table")
    assert seen.body["sha256"] == published.body["sha256"]
    parts = parts_of(country)
    await parts.figures.count()


async def test_rp_07_files_have_the_same_numbers_and_go_out_by_mail(
    country: Office, inbox: tuple[Inbox, int]
) -> None:
    number = (await made(country, address="round@ministry.example"))["round"]
    dead = posting(country, 26011)
    report = await handed_in(country, number, "p33", by="wichai")
    now = country.house.hands.wall()
    await dead.turn(now)
    [mail] = (await country.get("central", f"report-rounds/{number}/mails")).body["mails"]
    assert (mail["state"], mail["tries"], mail["recipient"]) == (
        "queued",
        1,
        "round@ministry.example",
    )
    shown = (await country.get("wichai", f"reports/{report}")).body
    assert shown["state"] == "submitted", "a dead mail server does not undo a submission"
    await posting(country, inbox[1]).turn(now + timedelta(seconds=30))
    assert inbox[0].mails == [], "it is tried again after a pause"
    await posting(country, inbox[1]).turn(now + timedelta(minutes=3))
    [got] = inbox[0].mails
    [mail] = (await country.get("central", f"report-rounds/{number}/mails")).body["mails"]
    assert mail["state"] == "sent" and mail["message_id"] == got["Message-ID"]
    files = {
        part.get_filename(): part.get_payload(decode=True)
        for part in got.walk()
        if part.get_filename()
    }
    sheet, made_json, paper = (
        files[f"report-{report}-1.{kind}"] for kind in ("xlsx", "json", "pdf")
    )
    body = got.get_payload(0).get_payload(decode=True).decode()
    for content in (sheet, made_json, paper):
        assert hashlib.sha256(content).hexdigest() in body
    read = json.loads(made_json)
    assert read["body"]["numbers"]["admission_received"]["value"] == 3
    assert read["body"]["texts"]["obstacles"]["text"] == TEXT
    rows = {
        r[0].value: r[1].value for r in openpyxl.load_workbook(io.BytesIO(sheet)).active.iter_rows()
    }
    assert rows["ปัญหาและอุปสรรค"] == TEXT
    assert rows["ร้องเรียนการรับผู้ติดเชื้อเข้ารักษา: รับ"] == 3
    for told in (text_of(paper), await printed(country, "wichai", f"reports/{report}/pdf")):
        for words in (
            "รายงานผลการดำเนินงานศูนย์ประสานงานข้อมูล(CallCenter)",
            "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ",
            "ฉบับที่๑ส่งเมื่อวันที่",
            "ร้องเรียนการรับผู้ติดเชื้อเข้ารักษา:รับ๓กรอกเอง",
            "".join(TEXT.split()).replace("🌙", ""),
            "ผู้รายงาน(",
            read["sha256"],
        ):
            assert words in told.replace("🌙", ""), (words, told)
        assert thai(FILLED["signed"]["phone"]) not in told and FILLED["signed"]["phone"] not in told
    loaded = (await country.get("wichai", f"reports/{report}/json")).body
    assert loaded == read
    for kind in ("csv", "json", "adx", "dhis2"):
        answer = await country.get("central", f"report-rounds/{number}/{kind}")
        assert answer.status == 200, (kind, answer.body)
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_rp_07_what_was_submitted_has_its_mail_or_is_not_submitted(
    country: Office, engine: AsyncEngine
) -> None:
    """Whatever stops between the two: there is no report whose mail was forgotten."""
    number = (await made(country, address="round@ministry.example"))["round"]
    begun_one = await begun(country, "wichai", number, "p33")
    report, version = begun_one["report"], begun_one["version"] + 1
    saved = await do(country, "wichai", report, "save", version=version - 1, **FILLED)
    assert saved.status == 200, saved.body
    async with engine.begin() as connection:
        await connection.execute(text("alter table outbox_files rename to outbox_files_away"))
    refused = await do(country, "wichai", report, "submit", version=version)
    assert refused.status == 503
    async with engine.begin() as connection:
        await connection.execute(text("alter table outbox_files_away rename to outbox_files"))
    shown = (await country.get("wichai", f"reports/{report}")).body
    assert (shown["state"], shown["version"]) == ("draft", version)
    assert (await country.get("wichai", f"reports/{report}/revisions")).body["revisions"] == []
    again = await do(country, "wichai", report, "submit", version=version)
    assert again.status == 200, again.body
    [mail] = (await country.get("central", f"report-rounds/{number}/mails")).body["mails"]
    kinds = ("json", "pdf", "xlsx")
    assert sorted(mail["files"]) == [f"report-{report}-1.{kind}" for kind in kinds]


async def test_rp_07_a_paper_that_cannot_be_made_does_not_hold_up_the_submission(
    country: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(form: Path, data: object) -> bytes:
        raise RuntimeError("as Typst says it")

    monkeypatch.setattr(report_files, "pdf", fails)
    number = (await made(country, address="round@ministry.example"))["round"]
    report = await handed_in(country, number, "p33", by="wichai")
    [mail] = (await country.get("central", f"report-rounds/{number}/mails")).body["mails"]
    assert sorted(mail["files"]) == [f"report-{report}-1.{kind}" for kind in ("json", "xlsx")]


async def test_rp_07_a_mail_is_given_up_after_a_day_and_can_be_tried_anew(
    country: Office, inbox: tuple[Inbox, int]
) -> None:
    number = (await made(country, address="round@ministry.example"))["round"]
    await handed_in(country, number, "p33", by="wichai")
    dead = posting(country, 26011)
    now = country.house.hands.wall()
    for minutes in range(0, 27 * 60, 20):
        await dead.turn(now + timedelta(minutes=minutes))
        country.house.hands.moved_seconds += 1200
    [mail] = (await country.get("central", f"report-rounds/{number}/mails")).body["mails"]
    assert mail["state"] == "failed" and mail["tries"] > 20
    again = await country.ask(
        "POST", "central", f"report-rounds/{number}/mails/{mail['mail']}/again"
    )
    assert again.status == 204
    audit = (await country.house.ask("GET", "/api/v1/audit?action=round.mail_again", by=CLI)).body
    [entry] = audit["entries"]
    assert (entry["who"], entry["details"]) == ("central", {"mail": mail["mail"]})
    await posting(country, inbox[1]).turn(country.house.hands.wall())
    assert len(inbox[0].mails) == 1


async def test_xc_03_reports_are_seen_where_they_are_made_and_above(country: Office) -> None:
    number = (await made(country))["round"]
    report = (await begun(country, "wichai", number))["report"]
    mine = {"wichai", "admin33", "somsri", "central"}
    bodies: dict[str, dict[str, Any]] = {
        "return": {"why": "x"},
        "count": {},
        "submit": {},
        "accept": {},
    }
    of_report = [each for each in routes.endpoints.all if "{report}" in each.path]
    of_round = [each for each in routes.endpoints.all if "{round}" in each.path]
    for who in (*PEOPLE, "boss"):
        if who == "boss":
            await country.house.person("boss", Role.ADMINISTRATOR)
        for endpoint in of_report:
            path = endpoint.path.removeprefix("/api/v1/").format(report=report)
            body = (
                None
                if endpoint.body is None
                else {"version": 99, **bodies.get(path.split("/")[-1], {})}
            )
            answer = await country.ask(endpoint.method, who, path, body)
            if who in mine:
                assert answer.status in (200, 403, 409), (who, path, answer.body)
            else:
                assert (answer.status, answer.code) == (404, "unknown_report"), (who, path)
        board = await country.get(who, f"report-rounds/{number}")
        tiles = {"central": 77, "somsri": 77, "wichai": 1, "admin33": 1, "ubon": 1}.get(who, 0)
        assert board.status == (200 if tiles else 404), (who, board.body)
        if tiles:
            assert len(board.body["units"]) == tiles
        for endpoint in of_round:
            if endpoint.method != "GET" or endpoint.path.endswith("{round}"):
                continue
            path = endpoint.path.removeprefix("/api/v1/").format(round=number)
            if path.endswith("/compare"):  # everybody compares what they may see
                answer = await country.get(who, f"{path}?other={number}")
                assert answer.status == (200 if tiles else 404), (who, path, answer.body)
                continue
            if path.endswith("/letters"):  # whoever is asked reads what asks
                answer = await country.get(who, path)
                assert answer.status == (200 if tiles else 404), (who, path, answer.body)
                continue
            answer = await country.get(who, path)
            if path.endswith("/adx") and who == "central":
                assert answer.code == "nothing_reported", answer.body
                continue
            assert answer.status == (
                200 if who == "central" else 403 if tiles or "mails" in path else 404
            ), (
                who,
                path,
                answer.body,
            )
    assert (await country.get("wichai", f"reports/{report}")).body["version"] == 1


async def test_xc_03_only_the_ministry_makes_rounds_and_nobody_without_a_log_in(
    country: Office,
) -> None:
    for who in PEOPLE:
        answer = await country.post(who, "report-rounds", ROUND)
        assert answer.status == (201 if who == "central" else 403), who
    for endpoint in routes.endpoints.all:
        path = re.sub(r"{\w+}", "1", endpoint.path).replace("reports/1", "reports/33640000019")
        assert (await country.house.ask(endpoint.method, path, {})).status == 401, path


async def test_what_was_submitted_and_published_is_never_changed(
    country: Office, engine: AsyncEngine
) -> None:
    number = (await made(country))["round"]
    await handed_in(country, number, "p33", by="wichai")
    await country.ask("POST", "central", f"report-rounds/{number}/publish")
    for statement in ("update revisions set by = 'x'", "delete from editions"):
        with pytest.raises(DBAPIError, match="only added to"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))


async def test_after_publishing_one_unit_can_be_opened_again_and_a_second_edition_made(
    country: Office,
) -> None:
    number = (await made(country))["round"]
    report = await handed_in(country, number, "p33", by="wichai")
    await country.ask("POST", "central", f"report-rounds/{number}/publish")
    assert (await do(country, "wichai", report, "submit")).code == "round_published"
    why = {"why": "ตัวเลขผิด"}
    assert (await do(country, "central", report, "return", **why)).code == "date_fault"
    until = {"until": "2022-03-12T18:00:00+07:00"}
    assert (await do(country, "central", report, "return", **why, **until)).status == 200
    numbers = {"admission_received": {"value": 4}}
    assert (await do(country, "wichai", report, "save", numbers=numbers)).status == 200
    assert (await do(country, "wichai", report, "submit")).status == 200
    second = await country.ask("POST", "central", f"report-rounds/{number}/publish")
    assert second.body["edition"] == 2
    first = (await country.get("central", f"report-rounds/{number}/table?edition=1")).body
    totals = [
        each["table"]["totals"]["admission_received"]["value"] for each in (first, second.body)
    ]
    assert totals == [3, 4]


async def test_a_round_that_is_sent_again_after_a_cut_connection_is_one_round(
    country: Office,
) -> None:
    sent = await asyncio.gather(*(made(country) for _ in range(4)))
    assert len({each["round"] for each in sent}) == 1
    others = [
        await made(country, name="รอบอื่น"),
        await made(country, units=["p33"]),
        await made(country, opens="2022-03-01T00:00+07:00"),
    ]
    assert len({each["round"] for each in (sent[0], *others)}) == 4, "each is another round"
    assert len((await country.get("central", "report-rounds")).body["rounds"]) == 4
    assert len(await audit(country, "round.made")) == 4, "what was not done is not audited"


async def test_two_tabs_that_change_a_round_do_not_undo_each_other(country: Office) -> None:
    shown = await made(country)
    path = f"report-rounds/{shown['round']}"
    body = {name: value for name, value in ROUND.items() if name != "units"}
    seen = {**body, "opens": None, "version": shown["version"]}
    first = await country.ask("PUT", "central", path, {**seen, "name": "ชื่อใหม่"})
    assert first.status == 200 and first.body["version"] != shown["version"]
    second = await country.ask("PUT", "central", path, {**seen, "address": "a@example.go.th"})
    assert (second.status, second.code) == (409, "round_changed")
    told = (await country.get("central", path)).body
    assert (told["name"], told["address"]) == ("ชื่อใหม่", first.body["address"])
    unseen = await country.ask("PUT", "central", path, {**body, "opens": None})
    assert (unseen.status, unseen.code) == (428, "version_needed")
    assert (await country.get("central", path)).body["version"] == told["version"]


async def test_publishing_twice_in_a_moment_makes_one_edition(country: Office) -> None:
    number = (await made(country))["round"]
    await handed_in(country, number, "p33", by="wichai")
    path = f"report-rounds/{number}/publish"
    sent = await asyncio.gather(*(country.ask("POST", "central", path) for _ in range(4)))
    assert {each.body["edition"] for each in sent} == {1}
    assert len({each.body["sha256"] for each in sent}) == 1
    later = await country.ask("POST", "central", path)
    assert later.body["edition"] == 1, "nothing has changed"
    assert len(await audit(country, "round.published")) == 1


async def test_two_rounds_are_compared_over_who_is_in_both(country: Office) -> None:
    first = (await made(country, name="รอบแรก"))["round"]
    later = {"period_from": "14 มี.ค. 2565 00:00", "period_before": "15 มี.ค. 2565 00:00"}
    later["due"] = "๑๖ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น."
    second = (await made(country, name="รอบสอง", **later))["round"]
    await handed_in(country, first, "p33", by="wichai")
    await handed_in(country, first, "p34", by="ubon")
    await handed_in(country, second, "p33", by="wichai")
    path = f"report-rounds/{second}/compare?other={first}"
    told = (await country.get("central", path)).body
    assert (told["before"]["name"], told["after"]["name"]) == ("รอบแรก", "รอบสอง")
    assert (told["before"]["units"], told["after"]["units"], told["same_length"]) == (2, 1, True)
    assert told["totals"]["admission_received"] == {"before": 3, "after": 3, "units": 1}
    other_way = f"report-rounds/{first}/compare?other={second}"
    assert (await country.get("central", other_way)).body["before"] == told["before"]
    units = {each["unit"]: each["numbers"]["admission_received"] for each in told["units"]}
    assert units == {"p33": [3, 3], "p34": [3, None]}

    own = (await country.get("ubon", path)).body
    assert [each["unit"] for each in own["units"]] == ["p34"], "one's own units, and no others"
    assert own["totals"]["admission_received"] == {"before": None, "after": None, "units": 0}
    for who in ("viewer", "nobody", "malee"):
        refused = await country.get(who, path)
        assert (refused.status, refused.code) == (404, "unknown_round"), who
    for number in (first, second):
        await country.ask("POST", "central", f"report-rounds/{number}/publish")
    read = (await country.get("viewer", path)).body
    assert read["totals"] == told["totals"]
    assert (await country.get("viewer", f"report-rounds/{second}/compare?other=99")).status == 404


async def test_rp_08_a_round_is_an_official_paper(country: Office) -> None:
    number = (await made(country))["round"]
    await handed_in(country, number, "p33", by="wichai")
    assert (await country.get("wichai", f"report-rounds/{number}/pdf")).code == "not_allowed"
    await country.ask("POST", "central", f"report-rounds/{number}/publish")
    told = await printed(country, "central", f"report-rounds/{number}/pdf")
    pages = len(re.findall("หน้า[๑-๙]", told))
    assert pages > 2 and told.count("รายงานแล้ว๑จาก๗๗หน่วยยังไม่ได้รายงาน:") == pages, told
    for words in (
        "ฉบับที่๑เผยแพร่ณวันที่๑๒มีนาคม๒๕๖๕",
        "๑๔มีนาคม๒๕๖๕เวลา๑๒.๐๐น.",
        "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษทันกำหนด",
        "และอีก๗๐หน่วย",
        "ทันกำหนด๑จาก๗๗หน่วย(ร้อยละ๑.๓)",
        "สายไม่พอ",
    ):
        assert words in told, words
    [entry] = await audit(country, "round.export")
    assert (entry["who"], entry["details"]["file"]) == ("central", f"round-{number}-edition-1.pdf")
