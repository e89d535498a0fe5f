"""/api/v1/person-exports and /api/v1/retention-runs, for administrators; and the daily run.

No address and no log has a phone number. The number comes in the body. The audit keeps who asked,
why, and how much was found.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Annotated

import msgspec
import structlog
from msgspec import Meta

from callcenter.oversight.privacy.figures import LATE, RAN, REMOVED, Tally
from callcenter.ports.metrics import Samples
from callcenter.ports.people import AuditEntry, DatabaseAwayError, Role
from callcenter.ports.personal_data import PersonalData, Whose
from callcenter.storage.caller_number import CallerClass, caller_number
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Common, Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

RUN_SECONDS = 8.0  # time of one request; the next request goes on
PAUSE_SECONDS = 0.05  # pause between two batches, because others use the database, too
DAY_SECONDS = 86_400.0
RETRY_SECONDS = 600.0

log = structlog.get_logger(__name__)
endpoints = Endpoints("privacy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts that keep personal data. `turn`: one run at a time. `counted`: late data by
    kind."""

    keepers: Sequence[PersonalData]
    common: Common
    counted: Counted[Mapping[str, int]]
    tally: Tally = field(default_factory=Tally)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Run once after the start and then every day, for ever."""
        while True:
            try:
                await self._daily()
            except DatabaseAwayError:
                log.warning("personal data is kept longer", reason="the database is away")
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(DAY_SECONDS)

    async def _daily(self) -> None:
        async with self.turn:
            found, _ = await self.forget(None)
        if any(found.values()):
            log.info("personal data was forgotten", **found)
            await self.common.audit.write(
                AuditEntry(
                    at=self.common.wall(),
                    who="retention",
                    action="retention.run",
                    about="daily",
                    address="",
                    details=found,
                )
            )

    async def forget(self, seconds: float | None) -> tuple[dict[str, int], bool]:
        """Remove overdue data for at most `seconds`. Gives how much of each kind, and whether it
        was all."""
        now, total, began = self.common.wall(), dict[str, int](), monotonic()
        for keeper in self.keepers:
            while True:
                if seconds is not None and monotonic() - began > seconds:
                    return total, False
                some = await keeper.forget(now)
                self.tally.removed.update(some)
                for kind, many in some.items():
                    total[kind] = total.get(kind, 0) + many
                if not any(some.values()):
                    break
                await asyncio.sleep(PAUSE_SECONDS)
        self.tally.ran_at = self.common.wall()
        return total, True

    def removed(self) -> Samples:
        """Removed data by kind. Each kind exists from the beginning, so that the first is seen as
        an increase."""
        kinds = [kind for keeper in self.keepers for kind in keeper.kept_days]
        return {(kind,): self.tally.removed[kind] for kind in (*kinds, *self.tally.removed)}


class NewPersonExport(msgspec.Struct, forbid_unknown_fields=True):
    """The number, and the reason: who asked for it, by which letter. The reason must not have a
    number."""

    number: Annotated[
        str,
        Meta(
            min_length=3,
            max_length=30,
            pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)",
            description="a phone number",
            examples=["081-234-5678"],
        ),
    ]
    reason: Annotated[
        str,
        Meta(
            min_length=8,
            max_length=500,
            pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)",
            description="a text without control characters",
            examples=["asked by letter of 3 March 2565"],
        ),
    ]


class PersonExport(msgspec.Struct):
    """Everything kept about the number, by kind. An empty kind is not kept."""

    made_at: datetime
    number: str
    e164: str | None
    held: dict[str, list[dict[str, str | int | float | bool | None]]]


class NewRetentionRun(msgspec.Struct, forbid_unknown_fields=True):
    """`dry_run`: only count what would be removed."""

    dry_run: bool


class RetentionKind(msgspec.Struct):
    """`days` null: does not depend on days; 0: kept for ever."""

    kind: str
    days: int | None
    many: int


class RetentionRun(msgspec.Struct):
    """What was removed, or would be. `finished` false: ask again for the rest."""

    dry_run: bool
    finished: bool
    kinds: list[RetentionKind]


@endpoints.post(
    "/person-exports",
    needs=Role.ADMINISTRATOR,
    problems=("phone_wrong", "number_in_reason"),
)
async def export_person(request: Request[Parts], body: NewPersonExport) -> PersonExport:
    """Export everything kept about a phone number (PDPA s. 30).

    That is calls, notes, cases and withheld numbers. The audit keeps the request and its reason,
    without the number.
    """
    sorted_as, e164 = caller_number(body.number)
    if sorted_as in (CallerClass.WITHHELD, CallerClass.INVALID):
        raise Problem("phone_wrong", "Write it as 081-234-5678 or +66 81 234 5678.")
    if _has_number(body.reason):
        detail = "The reason is kept in the audit, where no number belongs: name the letter."
        raise Problem("number_in_reason", detail)
    whose = Whose(number=body.number.strip(), e164=e164)
    held = dict[str, list[dict[str, str | int | float | bool | None]]]()
    for keeper in request.parts.keepers:
        found = await keeper.held_on(whose)
        held |= {kind: [dict(each) for each in rows] for kind, rows in found.items()}
    counts: Mapping[str, int] = {kind: len(rows) for kind, rows in held.items()}
    await request.audit("person.exported", "a number", reason=body.reason, **counts)
    return PersonExport(made_at=request.wall(), number=body.number.strip(), e164=e164, held=held)


@endpoints.post("/retention-runs", needs=Role.ADMINISTRATOR, problems=("busy",))
async def run_retention(request: Request[Parts], body: NewRetentionRun) -> RetentionRun:
    """Remove data that was kept too long, as the daily run does. Or only count it."""
    parts, days = request.parts, dict[str, int]()
    for keeper in parts.keepers:
        days |= keeper.kept_days
    found, finished = dict[str, int](), True
    if body.dry_run:
        for keeper in parts.keepers:
            found |= await keeper.overdue(request.wall())
    else:
        if parts.turn.locked():
            raise Problem("busy", "Another run is under way.", retry_seconds=10)
        async with parts.turn:
            found, finished = await parts.forget(RUN_SECONDS)
        await request.note("retention.run", "by hand", finished=finished, **found)
    kinds = list(dict.fromkeys([*days, *found]))
    return RetentionRun(
        dry_run=body.dry_run,
        finished=finished,
        kinds=[
            RetentionKind(kind=kind, days=days.get(kind), many=found.get(kind, 0)) for kind in kinds
        ],
    )


def _has_number(text: str) -> bool:
    """Whether the text has seven digits or more, whatever is between them."""
    return re.search(r"(?:\d[ .()-]*){7}", text) is not None


def _by_kind(found: Mapping[str, int]) -> Samples:
    return {(kind,): many for kind, many in found.items()}


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "phone_wrong": ProblemKind(422, "That is no phone number"),
        "number_in_reason": ProblemKind(422, "The reason holds a number"),
    },
    metrics={
        REMOVED: lambda parts: parts.removed(),
        RAN: lambda parts: parts.tally.ran(),
        LATE: lambda parts: parts.counted.samples(_by_kind),
    },
    run=Parts.run,
)
