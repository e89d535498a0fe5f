"""XC-03: every role at every endpoint of cases. What is outside is told as what is not there."""

import re
from typing import Any

import pytest

from callcenter.desks.cases import routes
from callcenter.desks.cases.views import Doing
from callcenter.desks.shared import routes as shared_routes
from callcenter.ports.people import Role
from callcenter.web.endpoint import Endpoint
from tests.integration.desks.office import COMPLAINT, FINDINGS, PEOPLE, Office
from tests.integration.desks.test_papers import printed

OF_ONE_CASE = [each for each in routes.endpoints.all if "{case}" in each.path]
OUTSIDE = ("dao", "ubon", "viewer", "nobody", "boss")
NEVER_GIVEN = "33640000019"  # the check digit is right
BODIES: dict[str, dict[str, Any]] = {
    "answer-at-once": {"text": "x"},
    "take": {},
    "refer": {"to_unit": "d3306"},
    "inform": {"to_unit": "d3306"},
    "recall": {"hop": 1, "text": "x"},
    "receive": {},
    "return": {"reason": "wrong_area", "text": "x"},
    "progress": {"text": "x"},
    "wait": {"text": "x"},
    "resume": {},
    "answer": {"text": "x", "findings": FINDINGS},
    "send-back": {"text": "x"},
    "report-to-source": {"text": "x"},
    "inform-citizen": {"how": "x"},
    "close": {},
    "reopen": {"text": "x"},
    "merge": {},
    "withdraw": {"text": "x"},
    "correct": {"people_concerned": 1},
    "message": {"text": "x"},
    "files": {"name": "x.pdf", "shows_person": False},
    "remove": {"why": "x"},
    "letter": {
        "letter": {
            "number": "1",
            "date": "1/1/2564",
            "subject": "x",
            "sender": "a",
            "recipient": "b",
        }
    },
}


def body_of(endpoint: Endpoint, other: str) -> dict[str, Any] | None:
    if endpoint.body is None:
        return None
    action = endpoint.path.rsplit("/", 1)[1]
    more: dict[str, Any] = {"into": other} if action == "merge" else {}
    if issubclass(endpoint.body, Doing):
        more["version"] = 3
    return {**BODIES[action], **more}


async def asked(office: Office, endpoint: Endpoint, who: str, case: str, other: str) -> Any:
    path = endpoint.path.removeprefix("/api/v1/").format(case=case, paper="cover-sheet", file=1)
    return await office.ask(endpoint.method, who, path, body_of(endpoint, other))


async def with_the_district(office: Office, reference: str) -> str:
    """A case that 1111 passed to Sisaket, and Sisaket to Prang Ku."""
    body = {**COMPLAINT, "to_unit": "p33", "reference": reference}
    number = str((await office.post("gcc", "referrals", body)).body["case"]["case"])
    await office.must("wichai", number, "receive")
    await office.must("wichai", number, "refer", to_unit="d3307")
    return number


@pytest.mark.timeout(600)
async def test_xc_03_outside_the_scope_a_case_is_not_there_at_any_endpoint(office: Office) -> None:
    await office.house.person("boss", Role.ADMINISTRATOR)
    case, other = await with_the_district(office, "1"), await with_the_district(office, "2")
    assert {each.path.rsplit("/", 1)[1] for each in OF_ONE_CASE if each.body} == set(BODIES)
    for endpoint in OF_ONE_CASE:
        for who in OUTSIDE:
            there = await asked(office, endpoint, who, case, other)
            never = await asked(office, endpoint, who, NEVER_GIVEN, other)
            assert (there.status, there.code) == (404, "unknown_case"), (endpoint.path, who)
            assert there.body == never.body, (endpoint.path, who)
    unchanged = (await office.get("wichai", f"cases/{case}")).body
    assert unchanged["version"] == 3


@pytest.mark.timeout(600)
async def test_xc_03_who_may_only_read_changes_nothing(office: Office) -> None:
    case, other = await with_the_district(office, "1"), await with_the_district(office, "2")
    for who in ("central", "admin33"):
        assert (await office.get(who, f"cases/{case}")).body["actions"] == []
        for endpoint in OF_ONE_CASE:
            if endpoint.body is not None:
                answer = await asked(office, endpoint, who, case, other)
                assert (answer.status, answer.code) in (
                    (403, "not_allowed"),
                    (409, "not_now"),
                ), (endpoint.path, who)
    assert (await office.get("wichai", f"cases/{case}")).body["version"] == 3


@pytest.mark.timeout(600)
async def test_dd_09_no_endpoint_tells_the_district_who_complains(office: Office) -> None:
    """Every reading of a case, and every list, look-up and file; who may see it is told there."""
    case = await with_the_district(office, "1")
    await office.must("nok", case, "receive")
    await office.must("nok", case, "answer", text="x", findings=FINDINGS)
    reading = [each for each in OF_ONE_CASE if each.method == "GET"]
    paths = {each.path.removeprefix("/api/v1/") for each in reading}
    assert {"cases/{case}", "cases/{case}/persons", "cases/{case}/papers/{paper}"} <= paths
    told = {}
    for who in ("nok", "wichai"):
        said = list[str]()
        for paper in ("cover-sheet", "answer-letter"):
            said.append(await printed(office, who, f"cases/{case}/papers/{paper}"))
        for path in sorted(paths - {"cases/{case}/papers/{paper}"}):
            answer = await office.get(who, path.format(case=case, file=1))
            said.append(str(answer.body))
        for listed in ("cases", "case-ageing"):
            said.append(str((await office.get(who, listed)).body))
        for body in ({"number": case}, {"phone": "0812345678"}):
            said.append(str((await office.post(who, "case-search", body)).body))
        told[who] = "\n".join(said)
    for secret in ("สมหญิง", "345678", "345-678", "x-5678"):
        assert secret not in told["nok"], secret
    assert "สมหญิง" in told["wichai"], "the look would have found it"


async def test_xc_03_every_list_holds_just_what_one_may_see(office: Office) -> None:
    district = await with_the_district(office, "1")
    body = {**COMPLAINT, "to_unit": "p34", "reference": "2", "area": "อุบลราชธานี"}
    ubon = (await office.post("gcc", "referrals", body)).body["case"]["case"]
    own = {**COMPLAINT, "channel": "walk_in"}
    province = (await office.post("malee", "cases", own)).body["case"]["case"]
    seen = {
        "gcc": {district, ubon},
        "somsri": {district, ubon, province},
        "central": {district, ubon, province},
        "wichai": {district, province},
        "malee": {district, province},
        "admin33": {district, province},
        "nok": {district},
        "ubon": {ubon},
        "dao": set[str](),
        "viewer": set[str](),
        "nobody": set[str](),
    }
    assert set(seen) == set(PEOPLE)
    for who, expected in seen.items():
        found = {c["case"] for c in (await office.get(who, "cases")).body["cases"]}
        assert found == expected, who
        rows = (await office.get(who, "case-ageing")).body["holders"]
        assert sum(row["cases"] for row in rows) == len(expected), who
        for number in (district, ubon, province):
            hits = (await office.post(who, "case-search", {"number": number})).body["cases"]
            assert {c["case"] for c in hits} == {number} & expected, who
        by_phone = (await office.post(who, "case-search", {"phone": "0812345678"})).body["cases"]
        may_look = who in ("gcc", "somsri", "wichai", "malee", "ubon")
        assert {c["case"] for c in by_phone} == (expected if may_look else set()), who


async def test_xc_03_nobody_gets_in_without_a_log_in(office: Office) -> None:
    for endpoint in (*routes.endpoints.all, *shared_routes.endpoints.all):
        for headers in ({}, {"Authorization": "Bearer " + "x" * 43}):
            path = re.sub(r"{\w+}", "1", endpoint.path).replace("/1", f"/{NEVER_GIVEN}")
            answer = await office.house.ask(endpoint.method, path, {}, headers=headers)
            assert answer.status == 401, (endpoint.path, answer.body)


async def test_xc_03_a_list_does_not_go_on_behind_a_case_that_is_not_there(office: Office) -> None:
    """Where one's own cases stand to it would tell that it exists, and how urgent it is."""
    mine = await with_the_district(office, "1")
    body = {**COMPLAINT, "to_unit": "p34", "reference": "2", "area": "อุบลราชธานี"}
    first = {**body, "urgency": "urgent"}  # stands before all others
    other = (await office.post("gcc", "referrals", first)).body["case"]["case"]
    seen = [c["case"] for c in (await office.get("gcc", f"cases?after={other}")).body["cases"]]
    assert seen == [mine]
    for number in (other, NEVER_GIVEN):
        assert (await office.get("wichai", f"cases?after={number}")).body["cases"] == []
