"""The calls of a demo that was killed are marked by the next one."""

from pathlib import Path
from typing import Any, cast

import pytest

from tests.demo.left import NAME, Left
from tests.hotline.api import Api


def record(call: str, caller: str, operator: str | None, **more: Any) -> dict[str, Any]:
    told = {"call": call, "caller": caller, "operator": operator, "demo": False}
    return {**told, "ended_at": "2026-11-30T09:00:00Z", **more}


RECORDS = [
    record("1.1", "0811111111", None),
    record("1.2", "0822222222", "somchai"),  # a person's
    record("1.3", "+698", None),
    record("1.4", "", "demo-malee"),  # withheld
    record("1.5", "0811111111", None, ended_at=None),  # goes on
    record("1.6", "0811111111", None, demo=True),  # marked a moment ago
]


class Service:
    """Answers as the API does; `marked` are the calls that it was told of."""

    def __init__(self) -> None:
        self.records = RECORDS
        self.marked: list[str] = []
        self.asked: list[str] = []

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        self.asked.append(path)
        if method == "GET":
            return {"calls": self.records}
        self.marked += body["calls"]
        return {"marked": len(body["calls"])}


async def test_the_calls_of_one_that_was_killed_are_marked_by_the_next(tmp_path: Path) -> None:
    service = Service()
    api = cast(Api, service)
    killed = Left(tmp_path, ["0811111111"])
    killed.write()
    after = Left(tmp_path, ["0833333333"])
    after.write()
    assert await after.mark(api) == 3
    assert service.marked == ["1.1", "1.4"]
    began = killed.began.isoformat().replace("+00:00", "Z")
    assert service.asked[0].endswith(f"arrived_from={began}"), "from its begin on"
    assert after.began > killed.began


async def test_the_note_stays_as_long_as_a_call_goes_on(tmp_path: Path) -> None:
    service = Service()
    api = cast(Api, service)
    Left(tmp_path, ["0811111111"]).write()
    assert await Left(tmp_path, []).end(api) == 3
    assert "0811111111" in Left(tmp_path, []).numbers
    service.records = [record("1.5", "0811111111", None, demo=True)]
    assert await Left(tmp_path, []).end(api) == 1
    assert Left(tmp_path, []).numbers == []


@pytest.mark.parametrize("note", ["", "{", "[]", '{"since": "soon", "numbers": []}'])
async def test_a_note_that_is_none_stops_nobody(tmp_path: Path, note: str) -> None:
    (tmp_path / NAME).write_text(note)
    demo = Left(tmp_path, ["0833333333"])
    assert demo.numbers == ["0833333333"] and demo.since == demo.began
