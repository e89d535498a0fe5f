"""What is held on a number is told to an administrator; what is kept too long is forgotten."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.cases.personal import CasePeople
from callcenter.oversight.privacy import routes
from callcenter.oversight.webhooks.model import DEAD_KEPT
from callcenter.oversight.webhooks.tables import webhook_deliveries, webhooks
from callcenter.ports.metrics import Samples
from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.storage.notes import call_notes
from callcenter.storage.recordings import recordings
from callcenter.storage.schema import metadata
from callcenter.storage.tables import calls, dead_letters
from callcenter.storage.withheld import withheld_numbers
from tests.integration.desks.office import API, CLI, COMPLAINT, FINDINGS, Office
from tests.integration.desks.test_files_api import PNG, added, audit, on_disk
from tests.integration.house import TOKEN, Answer
from tests.integration.test_cli import callcenter, of

MINE, OTHERS = "0812345678", "0899999999"
KINDS = {"caller_numbers", "call_notes", "dead_letters", "cases", "case_files", "case_messages"}
KINDS |= {"recordings", "webhook_messages"}
REASON = "asked by letter no. 12"


async def called(office: Office, engine: AsyncEngine, call: str, number: str, days: int) -> None:
    """A call of so many days ago, with a note."""
    at = office.house.hands.wall() - timedelta(days=days)
    row = {
        "call_id": call,
        "line": "1567",
        "did": "1567",
        "caller": number,
        "caller_class": "national",
        "caller_e164": f"+66{number[1:]}",
        "arrived_at": at,
        "ended_at": at,
        "outcome": "abandoned",
    }
    note = {
        "call": call,
        "operator": "malee",
        "changed_at": at,
        "kind": "help",
        "topic": "water",
        "result": "เล่าให้ฟัง",
        "note": f"ของ {call}",
    }
    async with engine.begin() as connection:
        await connection.execute(insert(calls).values(**row))
        await connection.execute(insert(call_notes).values(**note))


async def told(engine: AsyncEngine, *messages: tuple[str, str, datetime]) -> None:
    """Another program is told: (call, number as it is sent, when)."""
    hook = {"name": "crm", "url": "https://crm.example/", "secret": "x", "events": []}
    async with engine.begin() as connection:
        at = messages[0][2]
        made = {**hook, "numbers": True, "enabled": True, "made_by": "boss", "made_at": at}
        asked = insert(webhooks).values(**made).returning(webhooks.c.id)
        number = (await connection.execute(asked)).scalar_one()
        for call, caller, at in messages:
            row = {"webhook": number, "call": call, "event": "call.ended", "state": "dead"}
            row |= {"body": json.dumps({"number": caller}, separators=(",", ":")), "tries": 12}
            row |= {"made_at": at, "next_at": at, "error": "500"}
            await connection.execute(insert(webhook_deliveries).values(**row))


async def export(office: Office, number: str, reason: str = REASON, by: str = CLI) -> Answer:
    body = {"number": number, "reason": reason}
    return await office.house.ask("POST", f"{API}/person-exports", body, by=by)


async def test_all_that_is_held_on_a_number_and_nothing_of_others(
    office: Office, engine: AsyncEngine
) -> None:
    await called(office, engine, "mine", MINE, 3)
    await called(office, engine, "theirs", OTHERS, 3)
    late = office.house.hands.wall() + timedelta(hours=1)
    async with engine.begin() as connection:
        for call, number in (("w1", "+66812345678"), ("w2", OTHERS)):
            row = {"call_id": call, "number": number, "kept_until": late}
            await connection.execute(insert(withheld_numbers).values(**row))
    lately = office.house.hands.wall() - timedelta(days=3)
    messages = [("mine", "08x-xxx-5678"), ("not stored yet", MINE), ("theirs", OTHERS)]
    await told(engine, *[(call, number, lately) for call, number in messages])
    neighbour = {"role": "named", "name": "เพื่อนบ้าน", "phone": OTHERS}
    persons = [*COMPLAINT["persons"], neighbour]
    body = {**COMPLAINT, "channel": "walk_in", "persons": persons}
    case = (await office.post("malee", "cases", body)).body["case"]["case"]
    await office.must("malee", case, "message", text="โทรมาถามอีกครั้ง")
    await added(office, "wichai", case, PNG, "บัตร.png", shows_person=True)
    other = {**body, "persons": [neighbour], "facts": "เรื่องของคนอื่น"}
    await office.post("malee", "cases", other)

    answer = await export(office, "๐๘๑-234 5678")
    assert answer.status == 200, answer.body
    held = answer.body["held"]
    assert answer.body["e164"] == "+66812345678"
    assert [each["call_id"] for each in held["calls"]] == ["mine"]
    assert [each["note"] for each in held["call_notes"]] == ["ของ mine"]
    assert [each["call_id"] for each in held["withheld_numbers"]] == ["w1"]
    assert [(each["case_number"], each["facts"]) for each in held["cases"]] == [
        (case, COMPLAINT["facts"])
    ]
    assert [each["name"] for each in held["case_persons"]] == ["สมหญิง ใจดี"]
    assert [each["text"] for each in held["case_messages"]] == ["โทรมาถามอีกครั้ง"]
    assert [each["name"] for each in held["case_files"]] == ["บัตร.png"]
    assert [each["call_id"] for each in held["webhook_messages"]] == ["mine", "not stored yet"]
    assert held["recordings"] == []
    assert "เพื่อนบ้าน" not in json.dumps(held, ensure_ascii=False)
    assert OTHERS not in json.dumps(held)
    [kept] = await audit(office, "person.exported")
    assert (kept["who"], kept["details"]["reason"]) == ("command-line", REASON)
    assert (kept["details"]["calls"], kept["details"]["cases"]) == (1, 1)
    assert "81234567" not in json.dumps(kept)


async def test_it_is_told_to_administrators_for_a_reason_without_a_number(office: Office) -> None:
    await office.house.person("boss", Role.SUPERVISOR)
    assert (await export(office, MINE, by="boss")).code == "not_allowed"
    assert (await export(office, MINE, "of 081 234 5678 himself")).code == "number_in_reason"
    assert (await export(office, MINE, "why")).code == "invalid"
    assert (await export(office, "anonymous")).code == "phone_wrong"
    assert await audit(office, "person.exported") == []
    nothing = await export(office, MINE)
    assert set(map(len, nothing.body["held"].values())) == {0}


def parts_of(office: Office) -> routes.Parts:
    for mounted in office.house.serving.features:
        if isinstance(mounted.parts, routes.Parts):
            return mounted.parts
    raise AssertionError


async def run(office: Office, *, dry_run: bool) -> dict[str, int]:
    body = {"dry_run": dry_run}
    answer = await office.house.ask("POST", f"{API}/retention-runs", body, by=CLI)
    assert (answer.status, answer.body["finished"]) == (200, True), answer.body
    return {each["kind"]: each["many"] for each in answer.body["kinds"] if each["many"]}


async def closed(office: Office, moment: str) -> str:
    """A case with a file, closed at some time."""
    office.at(moment)
    body = {**COMPLAINT, "type": "question", "channel": "walk_in", "place_note": "บ้านเลขที่ ๗"}
    case = str((await office.post("malee", "cases", body)).body["case"]["case"])
    await added(office, "wichai", case, PNG, "บัตร.png", shows_person=True)
    await office.must("malee", case, "message", text="แม่ของเขาโทรมา")
    await office.must("malee", case, "answer_at_once".replace("_", "-"), text="ตอบแล้ว")
    await office.must("wichai", case, "inform-citizen", how="โทรแจ้งแล้ว")
    await office.must("wichai", case, "close")
    return case


async def recorded(office: Office, engine: AsyncEngine, call: str, began: datetime) -> Path:
    """A kept recording of a talk; where its sound lies."""
    row = {
        "call_id": call,
        "number": 1,
        "line": "1567",
        "queue": "damrong",
        "operator": "malee",
        "began_at": began,
        "ended_at": began + timedelta(seconds=60),
        "ending": "done",
        "seconds": 60.0,
        "state": "kept",
        "file": f"aa-{call}",
    }
    async with engine.begin() as connection:
        await connection.execute(insert(recordings).values(**row))
    file = office.house.shared.keeper.vault.place(f"aa-{call}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"sound")
    return file


async def with_the_number(engine: AsyncEngine) -> Counter[str]:
    """How many rows of which table have it, in whatever column."""
    found: Counter[str] = Counter()
    async with engine.connect() as connection:
        for table in metadata.tables:
            asked = f'select count(*) from "{table}" where "{table}"::text ~ :number'
            found[table] = await connection.scalar(text(asked), {"number": MINE[1:]}) or 0
    return +found


async def test_what_is_kept_too_long_is_forgotten_and_every_count_stays(
    office: Office, engine: AsyncEngine
) -> None:
    old, young = await closed(office, "2031-01-10T09:00"), await closed(office, "2032-06-01T09:00")
    body = {**COMPLAINT, "channel": "walk_in"}
    office.at("2031-01-11T09:00")
    still_open = (await office.post("malee", "cases", body)).body["case"]["case"]
    office.at("2033-01-31T09:00")
    await office.must("malee", old, "message", text="โทรมาถามผล")
    office.at("2033-02-01T09:00")  # 752 days later
    await called(office, engine, "old", MINE, 731)
    await called(office, engine, "young", MINE, 729)
    async with engine.begin() as connection:
        written = office.house.hands.wall() - timedelta(days=731)
        letter: dict[str, Any] = {"journal": "j", "seq": 1, "kind": "x", "payload": b"0812345678"}
        letter |= {"error": "x", "written_at": written}
        await connection.execute(insert(dead_letters).values(**letter))
        # The old one stood at an old place, was told the news, and wanted to be called back.
        more = {"redial_of": "older", "news": "news.flood", "news_more": True, "told_minutes": 5}
        more |= {"first_arrived_at": written, "callback_asked_at": written, "callback_tries": 2}
        more["callback_result"] = "not_reached"
        await connection.execute(update(calls).where(calls.c.call_id == "old").values(**more))
    sounds = [
        await recorded(office, engine, call, office.house.hands.wall() - timedelta(days=days))
        for call, days in (("old", 91), ("young", 89))
    ]
    told_at = [office.house.hands.wall() - days for days in (DEAD_KEPT * 1.1, DEAD_KEPT * 0.9)]
    await told(engine, *[("young", MINE, at) for at in told_at])
    expected = {"caller_numbers": 1, "call_notes": 1, "dead_letters": 1, "cases": 1}
    expected |= {"case_files": 1, "case_messages": 1, "recordings": 1, "webhook_messages": 1}
    has = {"calls": 2, "case_persons": 3, "webhook_deliveries": 2}
    assert await with_the_number(engine) == has
    assert await run(office, dry_run=True) == expected
    assert await run(office, dry_run=True) == expected, "counting changes nothing"
    assert await audit(office, "retention") == []
    assert len(on_disk(office)) == 2
    before = await office.post("wichai", "case-search", {"number": old})

    assert await run(office, dry_run=False) == expected
    [entry] = await audit(office, "retention.run")
    assert entry["details"] == {**expected, "files_left_over": 0, "finished": True}
    assert await run(office, dry_run=False) == {}
    assert len(on_disk(office)) == 1
    assert [sound.exists() for sound in sounds] == [False, True]
    has = {"calls": 1, "case_persons": 2, "webhook_deliveries": 1}
    assert await with_the_number(engine) == has
    persons = {c: (await office.get("wichai", f"cases/{c}/persons")).body["persons"]
               for c in (old, young, still_open)}  # fmt: skip
    assert [len(persons[case]) for case in (old, young, still_open)] == [0, 1, 1]
    shown = (await office.get("wichai", f"cases/{old}")).body
    assert (shown["facts"], shown["place_note"], shown["files"]) == (COMPLAINT["facts"], "", 0)
    assert (shown["state"], shown["citizen_informed_how"]) == ("closed", "")
    said = [note["text"] for note in shown["notes"] if note["kind"] == "message"]
    assert said == ["", "โทรมาถามผล"], "the young message stays for its own time"
    [file] = (await office.get("wichai", f"cases/{old}/files")).body["files"]
    assert (file["name"], file["removed_by"]) == ("", "retention")
    assert (await office.post("wichai", "case-search", {"number": old})).body == before.body
    by_phone = (await office.post("wichai", "case-search", {"phone": MINE})).body["cases"]
    assert {line["case"] for line in by_phone} == {young, still_open}
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(
                "select call_id, caller, caller_e164, caller_class, note, call_notes.kind"
                " from calls join call_notes on call = call_id order by call_id"
            )
        )
        assert [tuple(row) for row in rows] == [
            ("old", "", None, "national", "", "help"),
            ("young", MINE, "+66812345678", "national", "ของ young", "help"),
        ]
        columns = [calls.c[name] for name in more]
        stays = await connection.execute(select(*columns).where(calls.c.call_id == "old"))
        assert dict(stays.mappings().one()) == more
        rows = await connection.execute(
            text("select call_id, state, seconds from recordings order by call_id")
        )
        assert [tuple(row) for row in rows] == [("old", "purged", 60), ("young", "kept", 60)]
    held = (await export(office, MINE)).body["held"]
    assert {each["case_number"] for each in held["cases"]} == {young, still_open}


async def test_it_is_done_every_day_and_kept_in_the_audit(
    office: Office, engine: AsyncEngine
) -> None:
    await called(office, engine, "old", MINE, 800)
    await parts_of(office)._daily()
    await parts_of(office)._daily()  # nothing is left: nothing to tell
    [entry] = await audit(office, "retention.run")
    assert (entry["who"], entry["about"]) == ("retention", "daily")
    assert entry["details"]["caller_numbers"] == 1


def figures_of(office: Office) -> dict[str, Samples]:
    for mounted in office.house.serving.features:
        if isinstance(mounted.parts, routes.Parts):
            return {series.name: read() for series, read in mounted.metrics.items()}
    raise AssertionError


async def late(office: Office) -> dict[str, float]:
    """What is told as kept too long, counted now."""
    await parts_of(office).counted.count()
    found = figures_of(office)["hotline_retention_overdue"]
    assert {kind for (kind,) in found} == KINDS
    return {kind: many for (kind,), many in found.items() if many}


async def test_what_was_forgotten_when_and_what_is_late_is_told_in_figures(
    office: Office, engine: AsyncEngine
) -> None:
    await closed(office, "2031-01-10T09:00")
    office.at("2033-02-01T09:00")
    await called(office, engine, "late", MINE, 732)
    await called(office, engine, "today", OTHERS, 731)  # its run is still to come
    await called(office, engine, "young", OTHERS, 729)
    of_cases = {"cases": 1, "case_files": 1, "case_messages": 1}
    assert await late(office) == {"caller_numbers": 1, "call_notes": 1, **of_cases}
    nothing = {(kind,): 0 for kind in KINDS}
    before = figures_of(office)
    assert before["hotline_retention_removed"] == nothing
    assert before["hotline_retention_last_run_timestamp_seconds"] == {(): 0}
    await run(office, dry_run=True)
    assert figures_of(office) == before, "counting is no run"

    await parts_of(office)._daily()
    after = figures_of(office)
    removed = {"caller_numbers": 2, "call_notes": 2, **of_cases}
    expected = nothing | {(kind,): many for kind, many in removed.items()}
    assert after["hotline_retention_removed"] == {**expected, ("files_left_over",): 0}
    now = pytest.approx(office.house.hands.wall().timestamp(), abs=120)
    assert after["hotline_retention_last_run_timestamp_seconds"] == {(): now}
    assert await late(office) == {}


async def test_a_run_that_was_cut_off_counts_what_it_did_and_is_no_run(
    office: Office, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await called(office, engine, "old", MINE, 800)
    removed, finished = await parts_of(office).forget(-1)
    assert (removed, finished) == ({}, False)

    async def away(self: CasePeople, now: datetime) -> Mapping[str, int]:
        raise DatabaseAwayError

    monkeypatch.setattr(CasePeople, "forget", away)
    with pytest.raises(DatabaseAwayError):
        await parts_of(office)._daily()
    found = figures_of(office)
    assert found["hotline_retention_removed"]["caller_numbers",] == 1
    assert found["hotline_retention_last_run_timestamp_seconds"] == {(): 0}


async def test_many_calls_are_forgotten_piece_by_piece(office: Office, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "insert into calls (call_id, line, did, caller, caller_class, arrived_at)"
                " select 'c' || n, '1567', '1567', '0812345678', 'national',"
                " now() - interval '900 days' from generate_series(1, 5001) n"
            )
        )
    assert await run(office, dry_run=False) == {"caller_numbers": 5001}


async def test_both_on_the_command_line(office: Office, engine: AsyncEngine) -> None:
    secrets = office.house.directory / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    (secrets / "cli-token").write_text(TOKEN)
    await called(office, engine, "old", MINE, 800)
    where = of(office.house)
    told = await callcenter("person", "export", "-", "--reason", REASON, typed=f"{MINE}\n", **where)
    assert told.status == 0, told.err
    assert [each["call_id"] for each in json.loads(told.out)["held"]["calls"]] == ["old"]
    dry = await callcenter("retention", "run", "--dry-run", **where)
    assert [line.split() for line in dry.out.splitlines() if "caller_numbers" in line] == [
        ["caller_numbers", "730", "1"]
    ]
    done = await callcenter("--json", "retention", "run", **where)
    assert {"kind": "caller_numbers", "days": 730, "many": 1} in json.loads(done.out)
    again = await callcenter("person", "export", MINE, "--reason", REASON, **where)
    assert json.loads(again.out)["held"]["calls"] == []


SECRETS = ("ซอยลับสุดท้าย", "ซอยลับแรก", "โทรหาคุณยาย", "ไม่มีใครรับสาย")


async def where_it_stands(engine: AsyncEngine, word: str) -> list[str]:
    """The tables that have the word, in whatever column."""
    found = []
    async with engine.connect() as connection:
        for table in metadata.tables:
            asked = f'select exists (select from "{table}" where "{table}"::text ~ :word)'
            if await connection.scalar(text(asked), {"word": word}):
                found.append(table)
    return sorted(found)


async def test_what_is_forgotten_stands_nowhere_in_the_history_either(
    office: Office, engine: AsyncEngine
) -> None:
    """The history is only added to: it must never have had the words."""
    last, first, how, why_not = SECRETS
    office.at("2031-01-10T09:00")
    body = {**COMPLAINT, "type": "question", "channel": "walk_in", "place_note": first}
    case = str((await office.post("malee", "cases", body)).body["case"]["case"])
    corrected = await office.must("malee", case, "correct", place_note=last)
    assert corrected["events"][-1]["changes"] == {"place_note": []}, "that it changed"
    await office.must("malee", case, "answer-at-once", text="ตอบแล้ว")
    await office.must("wichai", case, "inform-citizen", why_not=why_not)
    await office.must("wichai", case, "send-back", text="ลองใหม่")
    await office.must("wichai", case, "answer", text="ตอบแล้ว", findings=FINDINGS)
    await office.must("wichai", case, "inform-citizen", how=how)
    await office.must("wichai", case, "close")
    assert [await where_it_stands(engine, each) for each in (last, how)] == [["cases"]] * 2
    office.at("2033-02-01T09:00")
    await run(office, dry_run=False)
    for each in (*SECRETS, "สมหญิง", "812345678"):
        assert await where_it_stands(engine, each) == [], each


async def test_an_export_has_each_row_that_a_scan_of_all_tables_finds(
    office: Office, engine: AsyncEngine
) -> None:
    """The number is planted wherever the service keeps numbers of callers and citizens."""
    await called(office, engine, "mine", MINE, 3)
    late = office.house.hands.wall() + timedelta(hours=1)
    hidden = {"call_id": "w1", "number": MINE, "kept_until": late}
    async with engine.begin() as connection:
        await connection.execute(insert(withheld_numbers).values(**hidden))
    await told(engine, ("mine", MINE, office.house.hands.wall() - timedelta(days=3)))
    body = {**COMPLAINT, "channel": "walk_in"}
    for written in ("081-234-5678", "๐๘๑ ๒๓๔ ๕๖๗๘", "+66 81 234 5678"):
        person = {**COMPLAINT["persons"][0], "phone": written}
        await office.post("malee", "cases", {**body, "persons": [person]})
    held = (await export(office, MINE)).body["held"]
    kinds = {"calls": "calls", "withheld_numbers": "withheld_numbers"}
    kinds |= {"case_persons": "case_persons", "webhook_deliveries": "webhook_messages"}
    for table, many in (await with_the_number(engine)).items():
        assert len(held[kinds[table]]) == many, f"{table} has the number {many} times"
    assert len(held["cases"]) == 3
