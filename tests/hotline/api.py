"""The service's API as an administrator's program uses it, and its metrics as Prometheus reads
them."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.people import until

SECONDS = aiohttp.ClientTimeout(total=30)


class Refused(AssertionError):
    """The answer is no success. `status` and `code` say why."""

    def __init__(self, what: str, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{what}: {status} {problem}")
        self.status, self.code = status, str(problem.get("code", ""))


class Api:
    """Requests with the token of the command line, which has an administrator's rights."""

    def __init__(self, url: str, token_file: Path) -> None:
        self.url, self._token_file = url, token_file
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=SECONDS)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request below /api/v1. Raises Refused if it fails."""
        assert self._session is not None
        token = self._token_file.read_text().strip()
        async with self._session.request(
            method,
            f"{self.url}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
        ) as answer:
            found = await answer.json() if "json" in answer.content_type else None
            if answer.status >= 400:
                raise Refused(f"{method} {path}", answer.status, found or {})
            return found

    async def operator(self, name: str) -> dict[str, Any]:
        """What an operator does now."""
        found: dict[str, Any] = await self.ask("GET", f"/operators/{name}")
        return found

    async def state(self, name: str) -> str:
        """`available`, or with its reason: `paused/rona`."""
        found = await self.operator(name)
        return "/".join(part for part in (found["state"], found["reason"]) if part)

    async def is_in(self, name: str, state: str, *, within: float = 3) -> None:
        """Wait until the operator is in this state (`wrapup`, `paused/rona`)."""
        seen: list[str] = []

        async def look() -> bool:
            seen[:] = [await self.state(name)]
            return seen == [state]

        await until(look, within=within, but=lambda: f"{name} is {seen}, not {state}")

    async def queue(self, name: str) -> dict[str, Any]:
        """The present state of one queue."""
        found: dict[str, Any] = await self.ask("GET", f"/queues/{name}")
        return found

    async def waiting(self, queue: str) -> list[dict[str, Any]]:
        """The waiting callers in the order in which they will be answered, with full numbers."""
        found = await self.ask("GET", f"/queues/{queue}/calls?numbers=full")
        calls: list[dict[str, Any]] = found["calls"]
        return calls

    async def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Every sample of /metrics, by name and labels."""
        assert self._session is not None
        async with self._session.get(f"{self.url}/metrics") as answer:
            text = await answer.text()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples with this name and these labels."""
        wanted = set(labels.items())
        found = [
            value
            for (sample, held), value in (await self.metrics()).items()
            if sample == name and wanted <= held
        ]
        assert found, f"/metrics has no {name} with {labels}"
        return sum(found)
