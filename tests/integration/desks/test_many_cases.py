"""With the cases of years, a look-up in a call still takes less than a second."""

import time

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.desks.many_cases import fill
from tests.integration.desks.office import Office

MANY = 200_000
ASKED = 40
LIMIT_SECONDS = 1.0  # p95, as specified; measured 0.03 on two busy cores


@pytest.mark.timeout(900)
async def test_dd_10_a_case_is_found_within_a_second_among_200000(
    office: Office, engine: AsyncEngine
) -> None:
    office.books = None  # the rows have no history
    await fill(engine, MANY)
    made = await office.post(
        "malee",
        "cases",
        {
            "type": "help",
            "topic": "water",
            "area": "ศรีสะเกษ",
            "facts": "x",
            "channel": "walk_in",
            "persons": [{"role": "complainant", "name": "x", "phone": "0899999999"}],
        },
    )
    number = made.body["case"]["case"]
    for asked in ({"number": number}, {"phone": "0899999999"}):
        took = []
        for _ in range(ASKED):
            began = time.monotonic()
            found = (await office.post("malee", "case-search", asked)).body["cases"]
            took.append(time.monotonic() - began)
            assert [each["case"] for each in found] == [number]
            assert found[0]["said_th"]
        p95 = sorted(took)[int(ASKED * 0.95) - 1]
        print(f"{next(iter(asked))}: p95 {p95:.3f} s")
        assert p95 < LIMIT_SECONDS
