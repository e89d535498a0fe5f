"""A demo that is killed leaves a note of its calls; the next one marks them.

`demo-calls.json` in the data folder: when it began, and the callers' numbers, which are made up.
Written before anybody calls, gone when all those calls are over and marked: the calls of one that
was killed go on until Asterisk has found out that nobody is there.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.demo.told import ours
from tests.hotline.api import Api

NAME = "demo-calls.json"


class Left:
    """The note in a data folder. `numbers` are those of the demo that runs, and of those before it
    whose calls are not all marked."""

    def __init__(self, data: Path, numbers: Sequence[str]) -> None:
        self._note = data / NAME
        self.began = self.since = datetime.now(UTC)
        self.numbers = [*numbers]
        try:
            told = json.loads(self._note.read_text())
            since, former = datetime.fromisoformat(told["since"]), [*map(str, told["numbers"])]
        except (OSError, ValueError, TypeError, KeyError):
            return  # there is none, or it was being written: nobody had called yet
        self.since = since
        self.numbers += former

    def write(self) -> None:
        """Before the first call."""
        told = {"since": self.since.isoformat(), "numbers": self.numbers}
        self._note.write_text(json.dumps(told))

    async def mark(self, api: Api) -> int:
        """Mark what is over; how many are marked now. The audit has each time."""
        found = await records(api, self.since)
        marked = ours(self.numbers, [record for record in found if record["demo"]])
        mine = ours(self.numbers, [r for r in found if r["ended_at"] and not r["demo"]])
        if not mine:
            return len(marked)
        more: int = (await api.ask("POST", "/demo-calls", {"calls": mine}))["marked"]
        return len(marked) + more

    async def end(self, api: Api) -> int:
        """Mark all; the note is gone unless some go on. How many are marked now."""
        marked = await self.mark(api)
        found = await records(api, self.since)
        if not ours(self.numbers, [record for record in found if not record["ended_at"]]):
            self._note.unlink(missing_ok=True)
        return marked


async def records(api: Api, since: datetime) -> list[dict[str, Any]]:
    """The service's records from then on."""
    told = since.isoformat().replace("+00:00", "Z")
    answer = await api.ask("GET", f"/calls?numbers=full&limit=1000&arrived_from={told}")
    calls: list[dict[str, Any]] = answer["calls"]
    return calls
