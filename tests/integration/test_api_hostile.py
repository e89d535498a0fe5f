"""Malformed and hostile requests get a clear refusal, nothing gets out, and the service goes on."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.features import FEATURES
from callcenter.ports.people import Role
from tests.integration.house import House, opened

OPERATORS = "/api/v1/operators"
HOSTILE = [
    "'; drop table operators; --",
    "<script>alert(1)</script>",
    "..%2f..%2fetc%2fpasswd",
    "a\u0000b",
    "a\nb",
    "a\r\n[evil](operator-phone)",
    "\u202eevil",
    "somchai\n",
    "สมชาย",
    "ก" * 10_000,
    "",
    " ",
    "=cmd()",
    "${jndi:ldap://x}",
    "SOMCHAI",
]


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        yield house


MALFORMED = [
    (b"", "application/json", 400, "malformed"),
    (b"{", "application/json", 400, "malformed"),
    (b'{"operator": "\xff"}', "application/json", 400, "malformed"),
    (b'{"operator": "\\ud800", "name": "x"}', "application/json", 400, "malformed"),
    (b"[" * 50_000, "application/json", 400, "malformed"),
    (b'{"x":' * 9_000, "application/json", 400, "malformed"),
    (b"null", "application/json", 422, "invalid"),
    (b'"text"', "application/json", 422, "invalid"),
    (b"{}", "application/json", 422, "invalid"),
    (b'{"operator":"a","name":"b","role":"administrator"}', "application/json", 422, "invalid"),
    (b'{"operator":1,"name":"b"}', "application/json", 422, "invalid"),
    (b'{"operator":"a","name":"b"}', "text/plain", 415, "not_json"),
    (b"operator=a&name=b", "application/x-www-form-urlencoded", 415, "not_json"),
    (b'{"name":"' + b"x" * 70_000 + b'"}', "application/json", 413, "too_large"),
]


async def test_malformed_bodies(house: House) -> None:
    for raw, content_type, status, code in MALFORMED:
        headers = {"Content-Type": content_type}
        answer = await house.ask("POST", OPERATORS, raw=raw, headers=headers, by="command-line")
        assert (answer.status, answer.code) == (status, code), (raw[:60], answer.body)
        assert answer.body["detail"]
        assert answer.body["type"] == f"urn:callcenter:problem:{code}"


async def test_nobody_takes_a_name_that_the_audit_has_for_the_service_itself(house: House) -> None:
    for name in ("command-line", "nobody"):
        account = {"name": name, "role": "supervisor"}
        answer = await house.ask("POST", "/api/v1/accounts", account, by="command-line")
        assert (answer.status, answer.code) == (409, "account_exists")
        for has_account in (True, False):
            card = {"operator": name, "name": "x", "account": has_account}
            answer = await house.ask("POST", OPERATORS, card, by="command-line")
            assert (answer.status, answer.code) == (409, "operator_exists")
    assert house.phones.told == []


async def test_no_hostile_text_becomes_an_operator_s_id(house: House) -> None:
    for text in HOSTILE:
        body = {"operator": text, "name": "x"}
        answer = await house.ask("POST", OPERATORS, body, by="command-line")
        assert (answer.status, answer.code) == (422, "invalid"), text[:60]
    assert house.phones.told == []


CONTACTS = [
    "sip:a@h;transport=ws",
    "sip:a@h\nallow=all",
    "tel:1900",
    "sip:a@h,sip:b@h",
    "sip:a@h?Replaces=x",
    "PJSIP/trunk",
    "sip:a@h:99999999",
    "sip:@h",
    "sip:",
]


async def test_a_contact_smuggles_nothing_into_asterisk_s_files(house: House) -> None:
    for contact in CONTACTS:
        body = {"operator": "a", "name": "b", "contact": contact}
        answer = await house.ask("POST", OPERATORS, body, by="command-line")
        assert (answer.status, answer.code) == (422, "invalid"), contact
    assert house.phones.told == []


UNSEEN = {
    "blank": " ",
    "no-break space": "\u00a0",
    "line break": "a\nb",
    "last line break": "x\n",
    "line separator": "a\u2028b",
    "control": "a\u0000",
    "zero width": "\u200b\u200d",
    "hidden inside": "สม\u200bชาย",
    "reversed": "evil\u202egnp",
    "isolated": "a\u2066b\u2069",
    "filler": "\u3164",
    "braille blank": "\u2800",
    "tag": "a\U000e0041",
    "mark alone": "\u0e31",
    "heap of marks": "a" + "\u0301" * 20,
    "private use": "\ue000",
    "too long": "ก" * 101,
    "nothing": "",
    "space before": " a",
}


async def test_a_name_may_be_in_any_script_but_can_be_seen(house: House) -> None:
    names = ["สมชาย ใจดี", "O'Brien <x>", "น้ำ ก๊ก", "Nguyễn", "李", "ก" * 100, "=1+1"]
    for number, name in enumerate(names):
        body = {"operator": f"b{number}", "name": name, "account": False}
        answer = await house.ask("POST", OPERATORS, body, by="command-line")
        assert answer.status == 201, (name, answer.body)
        shown = await house.ask("GET", f"{OPERATORS}/b{number}", by="command-line")
        assert shown.body["name"] == name
    for kind, name in UNSEEN.items():
        tried: list[tuple[str, str, Mapping[str, str]]] = [
            ("POST", OPERATORS, {"operator": "c", "name": name}),
            ("PATCH", f"{OPERATORS}/b0", {"name": name}),
            ("POST", f"{OPERATORS}/b0/pause", {"reason": name}),
        ]
        for method, path, sent in tried:
            answer = await house.ask(method, path, sent, by="command-line")
            assert (answer.status, answer.code) == (422, "invalid"), (kind, path)
            (fault,) = answer.body["faults"]
            assert fault.startswith(("name: ", "reason: ")), fault
            assert "\\" not in fault and "^" not in fault, fault


async def test_what_is_accepted_is_said_in_words(house: House) -> None:
    wrong = {
        ("POST", OPERATORS): {"operator": "Som Chai", "name": "x"},
        ("PATCH", f"{OPERATORS}/a"): {"contact": "tel:1"},
        ("POST", f"{OPERATORS}/a/log-in"): {"queues": ["!"]},
        ("POST", "/api/v1/sessions"): {"name": "!", "password": "x"},
    }
    for (method, path), body in wrong.items():
        answer = await house.ask(method, path, body, by="command-line")
        (fault,) = answer.body["faults"]
        assert ": accepted: " in fault, fault
        assert not set(fault) & set("^$\\{}"), fault
    answer = await house.ask("GET", "/api/v1/calls?arrived_from=yesterday", by="command-line")
    assert answer.body["faults"][0].startswith("arrived_from: accepted: RFC 3339"), answer.body


async def test_a_mistyped_parameter_is_named_with_those_there_are(house: House) -> None:
    answer = await house.ask("GET", "/api/v1/calls?outcom=answered&limit=1", by="command-line")
    assert (answer.status, answer.code) == (400, "unknown_parameter")
    assert answer.body["faults"] == ["outcom"]
    assert "outcome" in answer.body["detail"] and "arrived_from" in answer.body["detail"]
    answer = await house.ask("GET", "/api/v1/queues?queue=x", by="command-line")
    assert (answer.status, answer.code) == (400, "unknown_parameter")


async def test_head_is_answered_wherever_get_is(house: House) -> None:
    gets = {endpoint.path for feature in FEATURES for endpoint in feature.endpoints.all}
    for path in (*gets, "/healthz", "/readyz", "/metrics", "/api/openapi.json", "/"):
        path = re.sub(r"{\w+}", "a", path)
        head, get = [await house.ask(m, path, by="command-line") for m in ("HEAD", "GET")]
        assert head.status == get.status, path
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
        assert head.body == ""


ADDRESSES = [
    "/api/v1/operators/..%2f..%2fetc",
    "/api/v1/operators/a%00b",
    "/api/v1/operators/%F0%9F%98%80",
    "/api/v1/operators/" + "a" * 4000,
    "/api/v1/queues/'or'1'='1",
    "/api/v1/calls/%0d%0aSet-Cookie:x",
    "/api/v2/operators",
    "/etc/passwd",
    "//evil.example/",
    "/%ff%fe",
]


async def test_strange_addresses_are_not_found(house: House) -> None:
    for path in ADDRESSES:
        answer = await house.ask("GET", path, by="command-line")
        assert (answer.status, answer.code) == (404, "not_found"), (path[:60], answer.body)
        assert "Set-Cookie" not in answer.headers


FILTERS = [
    "limit=0",
    "limit=1001",
    "limit=x",
    "limit=1&limit=2",
    "outcome=lost",
    "arrived_from=yesterday",
    "arrived_from=2026-01-01T00:00:00",
    "arrived_from=0001-01-01T00:00:00%2B14:00",
    "arrived_from=2569-01-01T00:00:00Z",
    "after=x",
    "after=%00",
    "line=%27%20or%201=1",
    "operator=%E0%B8%81",
    "numbers=all",
]


async def test_strange_filters_are_refused(house: House) -> None:
    for query in FILTERS:
        answer = await house.ask("GET", f"/api/v1/calls?{query}", by="command-line")
        assert (answer.status, answer.code) == (422, "invalid"), (query, answer.body)


async def test_other_methods_are_told_which_there_are(house: House) -> None:
    answer = await house.ask("PATCH", OPERATORS, by="command-line")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


async def test_every_answer_has_the_security_headers(house: House) -> None:
    for path in ("/api/v1/me", "/healthz", "/none", "/api/openapi.json", "/metrics"):
        answer = await house.ask("GET", path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "callcenter"


async def test_a_bug_of_ours_shows_nothing_of_its_inside(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    await house.person("somchai")
    object.__setattr__(house.shared.common, "engine", None)  # as broken as can be
    answer = await house.ask("GET", "/api/v1/queues", by="somchai")
    assert (answer.status, answer.code) == (500, "internal")
    assert house.serving.failures.count == 1
    told = json.dumps(answer.body)
    assert "Traceback" not in told
    assert "NoneType" not in told
    assert answer.body["detail"].split()[-1].rstrip(".") in capfd.readouterr().out


async def test_only_a_name_of_its_own_is_answered(house: House) -> None:
    """A hostile page may lead a name of its own to this address (DNS rebinding)."""
    own = socket.gethostname()
    for host in ("127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "localhost", "LOCALHOST:1", own, ""):
        assert (await house.ask("GET", "/healthz", headers={"Host": host})).status == 200, host
    for host in ("evil.example", "127.0.0.1.evil.example:8080", "localhost.evil.example", "x@::1"):
        for path in ("/healthz", "/metrics", "/api/v1/me", "/none"):
            answer = await house.ask("GET", path, headers={"Host": host}, by="command-line")
            assert (answer.status, answer.code) == (421, "wrong_host"), host
            assert "CALLCENTER_WEB_HOSTS" in answer.body["detail"]


async def test_names_are_added_by_a_setting(engine: AsyncEngine, tmp_path: Path) -> None:
    async with opened(engine, tmp_path, web_hosts="Hotline.go.th, *.moi.go.th") as house:
        for host, status in {
            "hotline.go.th": 200,
            "hotline.go.th.:443": 200,
            "a.moi.go.th": 200,
            "moi.go.th": 421,
            "a.b.moi.go.th": 421,
            "evilmoi.go.th": 421,
        }.items():
            answer = await house.ask("GET", "/healthz", headers={"Host": host})
            assert answer.status == status, host


async def test_garbage_instead_of_http_does_no_harm(house: House) -> None:
    port = house.shared.settings.web_port
    for garbage in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"A" * 20_000 + b"\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(garbage)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(1000), 30)
        assert b"Traceback" not in answer
        writer.close()
    assert (await house.ask("GET", "/healthz")).status == 200


async def test_a_body_that_never_comes_holds_nobody_up(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    port = house.shared.settings.web_port
    sleepers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    for _, writer in sleepers:
        writer.write(
            b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
    await house.person("somchai", Role.OPERATOR)
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 200
    for reader, writer in sleepers:
        writer.close()
        await reader.read()
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 200
    assert "request failed" not in capfd.readouterr().out
