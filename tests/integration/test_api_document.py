"""The OpenAPI document is valid, and a fuzzer finds the running service to be as it says."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.features import FEATURES
from callcenter.ports.people import Role
from callcenter.web.feature import catalogue
from tests.integration.house import TOKEN, House, opened

EXAMPLES = 4  # requests for each operation, role and kind of test: a thousand in five seconds
BETWEEN = sorted(set(Role) - {Role.OPERATOR, Role.ADMINISTRATOR})
"""Whose requests are fuzzed by `make faults`: what each may do is in tests of the roles."""
SINGLE = "--phases=examples,coverage,fuzzing"  # each request by itself
DESK = {
    "cases": r"cases|case-|referrals|calls/.call./cases",
    "answers": r"answers|answer-|calls/.call./answers",
    "bulletins": r"bulletins",
    "reports": r"reports|report-|unit-lines",
    "offices": r"units|grants|holidays|areas|me/grants",
}
DESKS = rf"^/api/v1/({'|'.join(DESK.values())})"
PROMPTS = r"^/api/v1/prompt"
NO_SCHEMA_SAYS = """
[[operations]]
include-path = "/api/v1/live"
enabled = false
[[operations]]
include-path = [
    "/api/v1/me/password", "/api/v1/me/second-factor", "/api/v1/me/second-factor/removal",
    "/api/v1/me/passkeys", "/api/v1/me/passkeys/offer", "/api/v1/me/passkeys/{passkey}/removal",
    "/api/v1/sessions/challenge",
    "/api/v1/service-levels", "/api/v1/surveys", "/api/v1/surveys/csv", "/api/v1/bans",
    "/api/v1/units", "/api/v1/units/{unit}", "/api/v1/grants", "/api/v1/holidays/{year}",
    "/api/v1/quality",
    "/api/v1/quality-samples", "/api/v1/operators/{operator}/call/transfer",
    "/api/v1/operators/{operator}/call/consult", "/api/v1/person-exports",
    "/api/v1/operators/{operator}/call/listening", "/api/v1/floor-messages",
    "/api/v1/webhooks", "/api/v1/webhooks/{webhook}",
]
[operations.checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
[[operations]]
include-path-regex = "^/api/v1/(cases|case-|referrals|bulletins|duty)"
[operations.checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
[[operations]]
include-path-regex = "^/api/v1/prompts/"
[operations.checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "422", "503"]
"""
"""That a websocket is no ordinary GET, which password or code is right, that one moment must lie
before the other, that a caller is given on to a queue or to an operator, that a colleague is
another operator, what is an IP address that may be banned, what a phone number, that a message goes
to an operator or to a queue, that a unit lies in its parent's area, and a holiday in its year; what
may be done with which case; and which bytes are a recording or a calendar."""


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    many = {"login_attempts_account": 100_000, "login_attempts_address": 100_000}
    async with opened(engine, tmp_path, **many) as house:
        yield house


async def test_the_document_is_valid_and_complete(house: House) -> None:
    answer = await house.ask("GET", "/api/openapi.json")
    validate(answer.body)
    told = {
        (method.upper(), path)
        for path, operations in answer.body["paths"].items()
        for method in operations
    }
    served = catalogue(FEATURES)
    assert told == {
        *((endpoint.method, endpoint.path) for endpoint in served.endpoints),
        *(("GET", websocket.path) for websocket in served.websockets),
    }
    names = [
        operation["operationId"]
        for operations in answer.body["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))


async def test_no_two_schemas_have_one_name(house: House) -> None:
    """Generators of clients leave out what comes before the last dot."""
    answer = await house.ask("GET", "/api/openapi.json")
    assert all(name.isidentifier() for name in answer.body["components"]["schemas"])


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "role",
    [
        Role.OPERATOR,
        Role.ADMINISTRATOR,
        *(pytest.param(role, marks=pytest.mark.rare) for role in BETWEEN),
    ],
)
async def test_a_fuzzer_finds_no_answer_that_the_document_does_not_tell(
    house: House, role: Role
) -> None:
    """Each role's requests; the administrator's token is the command line's, which has no session
    that a fuzzer could end. Who may do all is asked for each value of each parameter, and in chains
    of requests, too."""
    apart = f"--exclude-path-regex={DESKS}|{PROMPTS}"
    if role is Role.ADMINISTRATOR:
        await fuzz(house, role, f"--max-examples={EXAMPLES}", apart)
    else:
        await fuzz(house, role, "--max-examples=1", "--phases=examples,fuzzing", apart)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("desk", DESK)
async def test_a_fuzzer_finds_the_desks_as_the_document_tells(house: House, desk: str) -> None:
    """Each endpoint by itself: chains of requests would be very many, and what may follow on what
    is in the tables of the desks. What a grant opens is asked by tests/integration/desks."""
    theirs = f"--include-path-regex=^/api/v1/({DESK[desk]})"
    await fuzz(house, Role.OFFICER, "--max-examples=1", SINGLE, theirs)


@pytest.mark.timeout(900)
async def test_a_fuzzer_finds_the_recordings_as_the_document_tells(house: House) -> None:
    """One by itself, too: each file that is sent is looked at by a process."""
    options = ("--max-examples=2", SINGLE, f"--include-path-regex={PROMPTS}")
    await fuzz(house, Role.ADMINISTRATOR, *options)


async def fuzz(house: House, role: Role, *options: str) -> None:
    """The fuzzer's run as somebody of the role. Whatever it finds fails the test."""
    token = TOKEN if role is Role.ADMINISTRATOR else await house.person("somchai", role)
    (house.directory / "schemathesis.toml").write_text(NO_SCHEMA_SAYS)
    (house.directory / "site.toml").write_text("broken")
    await house.operator("somchai")
    await house.caller("c1")
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        str(program),
        "run",
        f"{house.url}/api/openapi.json",
        f"--header=Authorization: Bearer {token}",
        "--checks=all",
        "--exclude-checks=ignored_auth",  # sends a wrong cookie beside our right token
        *options,
        "--seed=1567",
        "--generation-deterministic",
        "--request-timeout=10",
        "--suppress-health-check=too_slow",  # of a busy machine, not of the service
        "--no-color",
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=house.directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert (await house.ask("GET", "/healthz")).status == 200
    assert "operators" in json.dumps((await house.ask("GET", "/api/openapi.json")).body)
