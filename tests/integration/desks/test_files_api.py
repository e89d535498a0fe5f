"""Files of a case by the API: sent, listed, handed out, taken away; and whatever else is sent."""

import asyncio
import hashlib
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from callcenter.desks.cases.files import MOST_BYTES, MOST_FILES
from tests.integration.desks.office import API, CLI, COMPLAINT, Office
from tests.integration.desks.test_scope import NEVER_GIVEN, with_the_district
from tests.integration.house import Answer

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" + b"x" * 300_000 + b"\ntrailer\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200)
RAW = {"Content-Type": "application/octet-stream"}


async def announced(office: Office, by: str, case: str, name: str, **more: Any) -> Answer:
    return await office.post(
        by, f"cases/{case}/files", {"name": name, "shows_person": False} | more
    )


async def sent(office: Office, by: str, case: str, file: int, data: bytes) -> Answer:
    path = f"{API}/cases/{case}/files/{file}/content"
    return await office.house.ask("PUT", path, raw=data, by=by, headers=RAW)


async def added(office: Office, by: str, case: str, data: bytes, name: str, **more: Any) -> int:
    place = await announced(office, by, case, name, **more)
    assert place.status == 201, place.body
    answer = await sent(office, by, case, place.body["file"], data)
    assert answer.status == 201, answer.body
    return int(place.body["file"])


async def fetched(office: Office, by: str, case: str, file: int) -> tuple[int, Any, bytes]:
    await office.get(by, "me")
    headers = {"Authorization": f"Bearer {office.house.tokens[by]}"}
    url = f"{office.house.url}{API}/cases/{case}/files/{file}/content"
    async with office.house.http.get(url, headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


async def listed(office: Office, by: str, case: str) -> Any:
    answer = await office.get(by, f"cases/{case}/files")
    assert answer.status == 200, answer.body
    return answer.body


def on_disk(office: Office) -> list[Path]:
    return [p for p in office.house.shared.settings.files_path.rglob("*") if p.is_file()]


async def audit(office: Office, action: str) -> list[dict[str, Any]]:
    found = await office.house.ask("GET", f"{API}/audit?action={action}", by=CLI)
    entries: list[dict[str, Any]] = found.body["entries"]
    return entries


async def test_a_file_is_sent_listed_and_handed_out_and_every_look_is_kept(office: Office) -> None:
    case = await with_the_district(office, "1")
    await office.must("nok", case, "receive")
    assert (await office.get("nok", f"cases/{case}")).body["may_add_files"] is True
    assert await added(office, "nok", case, PDF, "  แผนที่บ้านกู่.pdf ") == 1
    [line] = (await listed(office, "wichai", case))["files"]
    assert (line["name"], line["kind"], line["size"]) == ("แผนที่บ้านกู่.pdf", "pdf", len(PDF))
    assert line["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (line["unit"], line["added_by"], line["shows_person"]) == ("d3307", "nok", False)
    status, headers, body = await fetched(office, "wichai", case, 1)
    assert (status, body) == (200, PDF)
    saved = f'attachment; filename="case-{case}-file-1.pdf"'
    assert headers["Content-Disposition"] == saved, "its own name may be a person's"
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert (await office.get("wichai", f"cases/{case}")).body["files"] == 1
    [made] = await audit(office, "case.file.added")
    assert (made["who"], made["about"], made["details"]["size"]) == ("nok", case, len(PDF))
    [look] = [e for e in await audit(office, "case.file") if e["action"] == "case.file"]
    assert (look["who"], look["details"]) == ("wichai", {"file": 1, "shown": True})
    [looked] = await audit(office, "case.files")
    assert (looked["who"], looked["details"]["shown"]) == ("wichai", 1)
    assert "แผนที่" not in str(await audit(office, "case"))


async def test_files_lie_closed_to_others_under_names_that_tell_nothing(office: Office) -> None:
    case = await with_the_district(office, "1")
    await added(office, "wichai", case, PNG, "passwd.png")
    [path] = on_disk(office)
    assert path.read_bytes() == PNG
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "passwd" not in path.name
    path.write_bytes(PNG + b"changed")
    status, _, body = await fetched(office, "wichai", case, 1)
    assert (status, b"file_damaged" in body) == (503, True)


async def test_what_shows_who_complains_is_for_those_who_may_see_that(office: Office) -> None:
    """DD-09: no identity for a district's officer, by a file either."""
    case = await with_the_district(office, "1")
    await office.must("nok", case, "receive")
    await added(office, "wichai", case, PNG, "บัตรประชาชน.png", shows_person=True)
    await added(office, "nok", case, PNG, "ถนน.png")
    for who, seen, hidden in (("wichai", 2, 0), ("gcc", 2, 0), ("nok", 1, 1), ("central", 1, 1)):
        found = await listed(office, who, case)
        assert (len(found["files"]), found["hidden"]) == (seen, hidden), who
        assert ("บัตร" in str(found)) is (seen == 2), who
        status, _, body = await fetched(office, who, case, 1)
        assert status == (200 if seen == 2 else 404), who
        never = (await fetched(office, who, case, 9))[2]
        assert seen == 2 or body == never, who
    refused = [e for e in await audit(office, "case.file") if e["details"].get("shown") is False]
    assert {e["who"] for e in refused if e["details"]["file"] == 1} == {"nok", "central"}


async def test_an_operator_without_the_call_does_not_see_it(office: Office) -> None:
    case = await with_the_district(office, "1")
    await added(office, "wichai", case, PNG, "x.png", shows_person=True)
    assert (await listed(office, "malee", case))["hidden"] == 1
    assert (await fetched(office, "malee", case, 1))[0] == 404


async def test_outside_the_scope_there_are_no_files_and_none_is_read(office: Office) -> None:
    case = await with_the_district(office, "1")
    await added(office, "wichai", case, PDF, "x.pdf")
    for who in ("dao", "ubon", "viewer", "nobody"):
        for path in (f"cases/{case}/files", f"cases/{case}/files/1/content"):
            answer = await office.get(who, path)
            assert (answer.status, answer.code) == (404, "unknown_case"), (who, path)
        assert (await announced(office, who, case, "x.pdf")).code == "unknown_case"
        head = f"Authorization: Bearer {office.house.tokens[who]}\r\n"
        assert b"404" in await first_line(office, case, head), "though the file never comes"
    assert b"401" in await first_line(office, case, "")
    assert len(on_disk(office)) == 1


async def first_line(office: Office, case: str, more: str, size: int = 9_000_000) -> bytes:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", office.house.shared.settings.web_port
    )
    writer.write(
        f"PUT {API}/cases/{case}/files/1/content HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {size}\r\n{more}\r\n".encode()
    )
    try:
        return await asyncio.wait_for(reader.readline(), 30)
    finally:
        writer.close()


async def test_who_may_only_read_adds_nothing_and_takes_nothing_away(office: Office) -> None:
    case = await with_the_district(office, "1")
    await added(office, "wichai", case, PNG, "x.png")
    for who in ("central", "admin33", "nok"):  # nok's district has not received it
        assert (await announced(office, who, case, "x.png")).code == "not_allowed", who
        gone = await office.post(who, f"cases/{case}/files/1/remove", {"why": "x"})
        assert gone.code == "not_allowed", who
    assert len(on_disk(office)) == 1


async def test_a_file_is_taken_away_with_its_name_and_the_reason_is_kept(office: Office) -> None:
    case = await with_the_district(office, "1")
    await added(office, "wichai", case, PNG, "สมหญิง.png", shows_person=True)
    away = await office.post("wichai", f"cases/{case}/files/1/remove", {"why": "คนละเรื่อง"})
    assert away.status == 204
    assert on_disk(office) == []
    [line] = (await listed(office, "wichai", case))["files"]
    assert (line["name"], line["removed_by"], line["removed_why"]) == ("", "wichai", "คนละเรื่อง")
    assert (await fetched(office, "wichai", case, 1))[0] == 404
    again = await office.post("wichai", f"cases/{case}/files/1/remove", {"why": "x"})
    assert again.code == "unknown_file"
    [kept] = await audit(office, "case.file.removed")
    assert kept["details"] == {"file": 1, "why": "คนละเรื่อง"}


async def test_what_is_none_of_them_is_refused_in_a_sentence_and_kept_nowhere(
    office: Office,
) -> None:
    """The variants of contents and names are in tests/unit/desks/test_case_files.py."""
    case = await with_the_district(office, "1")
    place = (await announced(office, "wichai", case, "รายงาน.pdf")).body["file"]
    for data in (b"", b"MZ\x90\x00" + bytes(500), b"<html><script>x</script></html>"):
        answer = await sent(office, "wichai", case, place, data)
        assert (answer.status, answer.code) == (422, "file_refused"), answer.body
        assert answer.body["detail"].endswith(".")
        assert on_disk(office) == []
    assert (await sent(office, "wichai", case, place, PNG)).status == 201, "and may be sent anew"
    for name, code in (("../x.pdf", "file_name"), ("a\u202egpj.exe", "file_name"), ("", "invalid")):
        assert (await announced(office, "wichai", case, name)).code == code, name


async def test_too_long_too_many_too_late_and_twice(office: Office) -> None:
    case = await with_the_district(office, "1")
    place = (await announced(office, "wichai", case, "x.png")).body["file"]
    token = f"Authorization: Bearer {office.house.tokens['wichai']}\r\n"
    assert b"413" in await first_line(office, case, token, MOST_BYTES + 1)
    await office.get("malee", "me")
    assert (await sent(office, "malee", case, place, PNG)).code == "unknown_file", "not hers"
    answers = await asyncio.gather(
        *(sent(office, "wichai", case, place, PNG + bytes([n])) for n in range(3))
    )
    assert sorted(each.status for each in answers) == [201, 409, 409]
    [made] = [each.body for each in answers if each.status == 201]
    [path] = on_disk(office)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == made["sha256"]
    late = (await announced(office, "wichai", case, "x.png")).body["file"]
    office.house.hands.moved_seconds += 3601
    await office.get("wichai", "me")  # the log-in is over, too
    assert (await sent(office, "wichai", case, late, PNG)).code == "unknown_file"
    for _ in range(MOST_FILES - 1):
        assert (await announced(office, "wichai", case, "x.png")).status == 201
    assert (await announced(office, "wichai", case, "x.png")).code == "too_many_files"


async def test_no_file_comes_in_when_the_disk_is_nearly_full(office: Office) -> None:
    case = await with_the_district(office, "1")
    place = (await announced(office, "wichai", case, "x.png")).body["file"]
    office.house.shared.settings.files_path.mkdir(parents=True)
    office.house.shared.settings.files_path.joinpath("incoming").write_text("in the way")
    answer = await sent(office, "wichai", case, place, PNG)
    assert (answer.status, answer.code) == (503, "no_room")


async def test_a_file_that_is_cut_off_leaves_nothing(office: Office) -> None:
    case = await with_the_district(office, "1")
    await announced(office, "wichai", case, "x.png")
    _, writer = await asyncio.open_connection("127.0.0.1", office.house.shared.settings.web_port)
    writer.write(
        f"PUT {API}/cases/{case}/files/1/content HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {office.house.tokens['wichai']}\r\n"
        f"Content-Length: 900000\r\n\r\n".encode()
        + PNG
    )
    await soon(lambda: on_disk(office) != [])
    writer.close()
    await soon(lambda: on_disk(office) == [])
    assert (await listed(office, "wichai", case))["files"] == []


async def soon(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - a folder tells nobody
            await asyncio.sleep(0.02)


async def test_a_number_that_was_never_given_has_no_files(office: Office) -> None:
    body = {**COMPLAINT, "channel": "walk_in"}
    case = (await office.post("malee", "cases", body)).body["case"]["case"]
    assert (await listed(office, "malee", case)) == {"files": [], "hidden": 0}
    assert (await office.get("malee", f"cases/{NEVER_GIVEN}/files")).code == "unknown_case"
