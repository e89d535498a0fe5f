"""A demo that is killed leaves a note of its calls; the next one marks them.

`demo-calls.json` in the data folder: when it began, and the callers' numbers, which are made up.
Written before anybody calls, gone when the calls are marked.
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
    """The note in a data folder. `numbers` are those of the demo that runs."""

    def __init__(self, data: Path, numbers: Sequence[str]) -> None:
        self._note, self.numbers = data / NAME, numbers
        self.began = datetime.now(UTC)

    def write(self) -> None:
        """Before the first call."""
        text = json.dumps({"began": self.began.isoformat(), "numbers": [*self.numbers]})
        self._note.write_text(text)

    async def mark_former(self, api: Api) -> int:
        """Mark the calls of a demo that was killed; how many."""
        try:
            told = json.loads(self._note.read_text())
            began, numbers = datetime.fromisoformat(told["began"]), told["numbers"]
        except FileNotFoundError:
            return 0
        except (ValueError, TypeError, KeyError):  # killed while it wrote: nobody had called yet
            self._note.unlink()
            return 0
        marked = await mark(api, await records(api, began), numbers)
        self._note.unlink()
        return marked

    async def mark_mine(self, api: Api) -> int:
        """Mark what is over of this one; how many are marked now."""
        return await mark(api, await records(api, self.began), self.numbers)

    def forget(self) -> None:
        """All are marked."""
        self._note.unlink(missing_ok=True)


async def records(api: Api, since: datetime) -> list[dict[str, Any]]:
    """The service's records from then on."""
    told = since.isoformat().replace("+00:00", "Z")
    answer = await api.ask("GET", f"/calls?numbers=full&limit=1000&arrived_from={told}")
    calls: list[dict[str, Any]] = answer["calls"]
    return calls


async def mark(api: Api, found: Sequence[dict[str, Any]], numbers: Sequence[str]) -> int:
    """Tell the service which of the records are of a demo with these numbers; how many are marked
    then. One that is not over cannot be marked yet; the audit has each time."""
    before = ours(numbers, [record for record in found if record["demo"]])
    mine = ours(numbers, [r for r in found if r["ended_at"] and not r["demo"]])
    if not mine:
        return len(before)
    marked: int = (await api.ask("POST", "/demo-calls", {"calls": mine}))["marked"]
    return len(before) + marked
