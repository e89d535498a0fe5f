"""HL-12: the answer base through the API, on a real PostgreSQL."""

import asyncio
import re
import time
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import OperatorAnswered
from callcenter.core.ids import CallId, offer_id
from callcenter.core.outcome import Outcome
from callcenter.desks.answers import routes
from callcenter.desks.answers.model import Wording
from callcenter.desks.answers.rules import folded, searched
from callcenter.oversight.service_level.model import ScoredCall
from callcenter.ports.people import Role
from callcenter.storage.tables import calls, offers
from tests.integration.desks.office import PEOPLE, Office
from tests.integration.desks.test_files_api import audit
from tests.integration.oversight.call_rows import insert_calls

VACCINE: dict[str, Any] = {
    "title": "จุดฉีดวัคซีนอำเภอปรางค์กู่",
    "text": "ฉีดวัคซีนได้ที่โรงพยาบาลปรางค์กู่ ทุกวัน ๐๘.๓๐–๑๖.๓๐ น.",
    "keywords": ["เข็ม ๓"],
    "source": "หนังสือ สธ. ๑๒/๒๕๖๕",
    "topic": "covid",
    "review_by": "2022-03-31",
}
WRITERS = {"wichai", "admin33", "somsri", "central"}  # at p33 or above it
WRITE_ELSEWHERE = {"nok", "dao", "ubon"}


async def written(office: Office, by: str = "wichai", **other: Any) -> dict[str, Any]:
    answer = await office.post(by, "answers", {**VACCINE, **other})
    assert answer.status == 201, answer.body
    told: dict[str, Any] = answer.body
    return told


async def found(office: Office, by: str, looked_for: str, **more: Any) -> dict[str, Any]:
    answer = await office.post(by, "answer-search", {"text": looked_for, **more})
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.body
    return told


async def test_hl_12_found_by_a_part_of_a_thai_word_and_flagged_when_out_of_date(
    office: Office,
) -> None:
    office.at("2022-03-14T09:00")
    made = await written(office)
    assert made["state"] == "in_force" and made["review_by_th"] == "๓๑ มีนาคม ๒๕๖๕"
    for typed in ("วัคซีน", "ปรางคกู", "เข็ม 3", "๐๘.๓๐ โรงพยาบาล"):
        [hit] = (await found(office, "malee", typed))["answers"]
        assert hit["answer"] == made["answer"] and not hit["out_of_date"], typed
    office.at("2022-04-01T00:00")
    [hit] = (await found(office, "malee", "วัคซีน"))["answers"]
    assert hit["out_of_date"]
    due = (await office.get("malee", "answers?state=review_due")).body["answers"]
    assert [each["answer"] for each in due] == [made["answer"]]
    body = {"version": 1, "review_by": "2022-04-30"}
    again = await office.post("wichai", f"answers/{made['answer']}/review", body)
    assert (again.status, again.body["state"], again.body["version"]) == (200, "in_force", 2)
    assert again.body["text"] == VACCINE["text"]


async def test_hl_12_the_title_comes_first_then_what_is_up_to_date_then_what_is_used(
    office: Office,
) -> None:
    office.at("2022-03-14T09:00")
    in_text = await written(office, title="โรงพยาบาล")
    old = await written(office, title="วัคซีนเด็ก", review_by="2022-03-14")
    rare = await written(office, title="วัคซีนผู้สูงอายุ")
    often = await written(office, title="วัคซีนเข็มสาม")
    for _ in range(2):
        await office.post("malee", f"answers/{often['answer']}/uses", {})
    office.at("2022-03-15T09:00")
    hits = (await found(office, "malee", "วัคซีน"))["answers"]
    expected = [often["answer"], rare["answer"], old["answer"], in_text["answer"]]
    assert [hit["answer"] for hit in hits] == expected
    two = (await found(office, "malee", "วัคซีน", limit=2))["answers"]
    assert [hit["answer"] for hit in two] == expected[:2]


async def test_hl_12_misses_are_counted_and_listed_for_who_writes(office: Office) -> None:
    office.at("2022-03-14T09:00")
    await written(office)
    for typed, typing in (
        ("ใบขับ", True),
        ("ใบขับขี่", False),
        ("ใบ ขับขี", False),
        ("สมัครงาน", False),
        ("0812345678", False),
        ("วัคซีน", False),
        ("...", False),
    ):
        await found(office, "malee", typed, typing=typing)
    listed = (await office.get("wichai", "answer-misses")).body["misses"]
    assert [(miss["text"], miss["times"]) for miss in listed] == [
        ("ใบ ขับขี", 2),
        ("สมัครงาน", 1),
    ]
    parts = next(f.parts for f in office.house.serving.features if f.feature is routes.FEATURE)
    assert isinstance(parts, routes.Parts)
    assert (parts.searches.found, parts.searches.missed) == (1, 4)
    gone = await office.ask("DELETE", "wichai", f"answer-misses/{listed[0]['miss']}")
    assert gone.status == 204
    assert len((await office.get("wichai", "answer-misses")).body["misses"]) == 1
    assert (await office.get("malee", "answer-misses")).status == 403
    await parts.figures.count()
    figures = {
        series.name: read()
        for f in office.house.serving.features
        for series, read in f.metrics.items()
    }
    assert figures["hotline_answers"] == {
        ("in_force",): 1,
        ("review_due",): 0,
        ("withdrawn",): 0,
    }
    assert figures["hotline_answer_misses"] == {(): 1}
    assert figures["hotline_answer_searches"] == {("yes",): 1, ("no",): 4}


async def test_hl_12_one_click_puts_text_and_link_into_the_note_and_is_counted(
    office: Office,
) -> None:
    office.at("2022-03-14T09:00")
    made = await written(office)
    await takes_a_call(office, "malee", "c1")
    used = await office.post("malee", f"answers/{made['answer']}/uses", {"call": "c1"})
    link = f"/desks.html#/answers/{made['answer']}/1"
    assert used.status == 201 and used.body["link"] == link
    assert used.body["note"] == f"{VACCINE['title']}\n{VACCINE['text']}\n({link})"
    behind = await office.get("malee", f"answers/{made['answer']}?version=1")
    assert behind.body["text"] == VACCINE["text"] and behind.body["uses"] == 1
    may = {by: (await office.get(by, "answers/1")).body["may_write"] for by in PEOPLE}
    assert {by for by, writes in may.items() if writes} == WRITERS
    await office.house.person("suda", Role.SUPERVISOR)
    uses = (await office.get("suda", "calls/c1/answers")).body["uses"]
    assert [(use["answer"], use["version"], use["account"]) for use in uses] == [
        (made["answer"], 1, "malee")
    ]


async def test_hl_12_only_who_was_in_a_call_says_what_its_caller_was_told(
    office: Office, engine: AsyncEngine
) -> None:
    office.at("2022-03-14T09:00")
    path = f"answers/{(await written(office))['answer']}/uses"
    await takes_a_call(office, "malee", "c1")
    await office.house.person("suda", Role.SUPERVISOR)
    for who in ("wichai", "ubon", "nobody", "suda"):
        for call in ("c1", "no-such-call"):
            refused = await office.post(who, path, {"call": call})
            assert (refused.status, refused.code) == (409, "not_your_call"), (who, call)
    assert (await office.get("suda", "calls/c1/answers")).body["uses"] == []
    assert (await office.get("malee", path.removesuffix("/uses"))).body["uses"] == 0
    # A call that was given on: who had it first, and who has it last; not whose phone only rang.
    now = office.house.hands.wall()
    await insert_calls(
        engine,
        "1567",
        [ScoredCall(outcome=Outcome.ANSWERED, reason="", wait_seconds=1, queue_wait_seconds=1)],
        arrived_at=now,
    )
    async with engine.begin() as connection:
        past = await connection.scalar(
            update(calls).values(operator="wichai").returning(calls.c.call_id)
        )
        for number, (who, answered) in enumerate([("dao", now), ("nok", None), ("wichai", now)]):
            row = {"offer_id": f"o{number}", "call_id": past, "operator": who, "queue": "1567"}
            row |= {"number": number + 1, "made_at": now, "answered_at": answered}
            await connection.execute(insert(offers).values(**row))
    for who, status in (("dao", 201), ("wichai", 201), ("nok", 409), ("malee", 409)):
        assert (await office.post(who, path, {"call": past})).status == status, who


async def takes_a_call(office: Office, operator: str, call: str) -> None:
    """The operator's phone rings for the call, and is lifted."""
    await office.house.operator(operator)
    log_in = f"/api/v1/operators/{operator}/log-in"
    assert (await office.house.ask("POST", log_in, {}, by="command-line")).status == 200
    await office.house.caller(call)
    await office.house.pump.put_and_wait(OperatorAnswered(offer=offer_id(CallId(call), 1)))


async def test_hl_12_what_was_said_on_a_day_can_be_shown(office: Office) -> None:
    office.at("2022-03-01T09:00")
    made = await written(office)
    path = f"answers/{made['answer']}"
    office.at("2022-03-10T15:00")
    other = {**VACCINE, "text": "ฉีดได้ที่ รพ.สต. ทุกแห่ง", "version": 1}
    assert (await office.ask("PUT", "wichai", path, other)).body["version"] == 2
    office.at("2022-03-20T15:00")
    body = {"version": 2, "why": "วัคซีนหมด"}
    assert (await office.post("wichai", f"{path}/withdraw", body)).body["state"] == "withdrawn"
    for day, version, state in (
        ("2022-03-01", 1, "in_force"),
        ("2022-03-09", 1, "in_force"),
        ("2022-03-10", 2, "in_force"),
        ("2022-03-19", 2, "in_force"),
        ("2022-03-20", 2, "withdrawn"),
    ):
        then = (await office.get("malee", f"{path}?on={day}")).body
        assert (then["version"], then["state"]) == (version, state), day
    assert (await office.get("malee", f"{path}?on=2022-02-28")).status == 404
    assert (await found(office, "malee", "วัคซีน"))["answers"] == []
    assert (await office.post("malee", f"{path}/uses", {})).code == "answer_withdrawn"
    versions = (await office.get("malee", f"{path}/versions")).body["versions"]
    assert [each["version"] for each in versions] == [2, 1]
    back = await office.ask("PUT", "wichai", path, {**VACCINE, "version": 2})
    assert (back.body["version"], back.body["state"]) == (3, "in_force")


async def test_hl_12_of_two_who_write_at_once_one_is_told_so(office: Office) -> None:
    office.at("2022-03-14T09:00")
    made = await written(office)
    bodies = [{**VACCINE, "text": f"ข้อความที่ {n}", "version": 1} for n in range(4)]
    path = f"answers/{made['answer']}"
    answers = await asyncio.gather(*(office.ask("PUT", "wichai", path, b) for b in bodies))
    assert sorted(each.status for each in answers) == [200, 409, 409, 409]
    assert {each.code for each in answers if each.status == 409} == {"answer_changed"}


async def test_hl_12_a_version_is_never_changed(office: Office, engine: AsyncEngine) -> None:
    office.at("2022-03-14T09:00")
    await written(office)
    for statement in ("update answer_versions set text = ''", "delete from answer_versions"):
        with pytest.raises(DBAPIError, match="only added to"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))


async def test_xc_03_everybody_reads_answers_and_the_owning_unit_writes_them(
    office: Office,
) -> None:
    office.at("2022-03-14T09:00")
    made = await written(office)
    number = made["answer"]
    for who in PEOPLE:
        assert (await office.get(who, f"answers/{number}")).status == 200
        assert (await found(office, who, "วัคซีน"))["answers"]
        version = (await office.get(who, f"answers/{number}")).body["latest"]
        changes = {
            ("PUT", f"answers/{number}"): {**VACCINE, "version": version},
            ("POST", f"answers/{number}/review"): {"version": 99, "review_by": "2022-04-30"},
            ("POST", f"answers/{number}/withdraw"): {"version": 99, "why": "x"},
        }
        for (method, path), body in changes.items():
            answer = await office.ask(method, who, path, body)
            if who in WRITERS:
                assert answer.status in (200, 409), (who, path, answer.body)
            else:
                assert (answer.status, answer.code) == (403, "not_allowed"), (who, path)
        theirs = await office.post(who, "answers", {**VACCINE, "unit": "p33"})
        assert theirs.status == (201 if who in WRITERS else 403), (who, theirs.body)
        own = await office.post(who, "answers", VACCINE)
        writes = who in WRITERS | WRITE_ELSEWHERE
        assert own.status == (201 if writes else 403), (who, own.body)


async def test_xc_03_nobody_reads_answers_without_a_log_in(office: Office) -> None:
    for endpoint in routes.endpoints.all:
        path = re.sub(r"{\w+}", "1", endpoint.path)
        assert (await office.house.ask(endpoint.method, path, {})).status == 401, path


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"review_by": "2022-03-13"}, "review_fault"),
        ({"review_by": "2022-02-30"}, "invalid"),
        ({"title": " "}, "invalid"),
        ({"text": "x" * 10_001}, "invalid"),
        ({"unit": "nowhere"}, "unknown_unit"),
        ({"keywords": ["a\u0000"]}, "invalid"),
    ],
)
async def test_what_cannot_be_kept_is_refused(
    office: Office, change: dict[str, Any], code: str
) -> None:
    office.at("2022-03-14T09:00")
    answer = await office.post("wichai", "answers", {**VACCINE, **change})
    assert (answer.status in (404, 422)) and answer.code == code, answer.body
    assert (await office.get("wichai", "answers")).body["answers"] == []
    assert (await office.get("wichai", "answers/7")).code == "unknown_answer"


async def test_hl_12_ten_thousand_answers_are_searched_while_somebody_types(
    office: Office, engine: AsyncEngine
) -> None:
    """Each has two thousand letters. The limit is ten times what it takes on a busy machine."""
    office.at("2022-03-14T09:00")
    await written(office)
    filler = "โครงการของรัฐเปิดให้ประชาชนลงทะเบียนผ่านเว็บไซต์หรือที่ว่าการอำเภอ " * 30
    wording = Wording(
        title="เรื่องทั่วไป",
        text=filler,
        keywords=(),
        source="",
        topic="",
        review_by=date(2022, 12, 31),
    )
    values = {"t": folded(wording.title), "s": searched(wording), "text": filler}
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "insert into answers (unit, version, withdrawn_why, searched_title, searched) "
                "select 'p33', 1, '', :t, :s || n::text from generate_series(1, 10000) n"
            ),
            {"t": values["t"], "s": values["s"]},
        )
        await connection.execute(
            text(
                "insert into answer_versions (answer, version, since, written_by, title, text, "
                "keywords, source, topic, review_by) select id, 1, now(), 'x', 'x', :text, '{}', "
                "'', '', '2022-12-31' from answers where id > 1"
            ),
            {"text": filler},
        )
    took = []
    for typed in ("วัคซีน", "โรงพยาบาล ปรางค์กู่", "ไม่มีเลย", "ลงทะเบียน อำเภอ"):
        began = time.monotonic()
        await found(office, "malee", typed)
        took.append(time.monotonic() - began)
    print(f"10,000 answers: {', '.join(f'{seconds:.3f}' for seconds in took)} s")
    assert max(took) < 3


async def test_an_answer_that_is_sent_again_after_a_cut_connection_is_one_answer(
    office: Office,
) -> None:
    office.at("2022-03-14T09:00")
    sent = await asyncio.gather(*(written(office) for _ in range(5)))
    assert len({each["answer"] for each in sent}) == 1
    office.at("2022-03-14T09:09")
    again = await written(office)
    assert again["answer"] == sent[0]["answer"]
    assert len(await audit(office, "answer.written")) == 1, "what was not done is not audited"
    others = [
        await written(office, title="อีกเรื่องหนึ่ง"),
        await written(office, by="admin33"),
        await written(office, keywords=["เข็ม ๔"]),
    ]
    office.at("2022-03-14T09:20")
    others.append(await written(office))
    numbers = {each["answer"] for each in (again, *others)}
    assert len(numbers) == 5, "another text, another person, another time"


@pytest.mark.parametrize(
    "typed",
    ["081.234.5678", "(081) 234 5678", "๐๘๑–๒๓๔–๕๖๗๘", "081/234/5678", "+66(0)81 234 5678"],
)
async def test_a_phone_number_is_kept_in_no_list_of_misses_however_it_is_written(
    office: Office, typed: str
) -> None:
    office.at("2022-03-14T09:00")
    assert (await found(office, "malee", f"เบอร์ {typed}"))["missed"]
    assert (await office.get("somsri", "answer-misses")).body["misses"] == []
