"""The audit: who saw callers' numbers, and who changed what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.config import ACCEPTED, PATTERN
from callcenter.ports.people import Audit, AuditFilter, Role
from callcenter.web.calls import Moment, moment
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.feature import Feature

endpoints = Endpoints("audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoint of the audit works with."""

    audit: Audit


Details = dict[str, str | int | float | bool | list[str] | None]


class AuditView(msgspec.Struct):
    """One look or change. `about` names its subject by an id, never by a number or a person's
    name."""

    id: int
    at: datetime
    who: str
    action: str
    about: str
    address: str
    details: Details


class AuditList(msgspec.Struct):
    """Audit entries, latest first."""

    entries: list[AuditView]


Word = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=PATTERN,
        description=ACCEPTED,
        examples=["somchai"],
    ),
]


class AuditQuery(msgspec.Struct):
    """Which entries, how many, and only those before this id.

    `action`: the whole word or its beginning (`operator` also finds `operator.added`). `since` is
    included, `until` is not.
    """

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    before: Annotated[int, Meta(ge=1, le=2**63 - 1)] | UnsetType = UNSET
    who: Word | UnsetType = UNSET
    action: Word | UnsetType = UNSET
    about: Word | UnsetType = UNSET
    since: Moment | UnsetType = UNSET
    until: Moment | UnsetType = UNSET


@endpoints.get("/audit", needs=Role.ADMINISTRATOR)
async def list_audit(request: Request[Parts], query: AuditQuery) -> AuditList:
    """List who saw or changed what, latest first."""
    only = AuditFilter(
        who=query.who or None,
        action=query.action or None,
        about=query.about or None,
        since=moment("since", query.since),
        until=moment("until", query.until),
    )
    found = await request.parts.audit.latest(
        limit=query.limit, before=query.before or None, only=only
    )
    return AuditList(
        entries=[
            AuditView(
                id=entry.id,
                at=entry.at,
                who=entry.who,
                action=entry.action,
                about=entry.about,
                address=entry.address,
                details=msgspec.convert(entry.details, Details),
            )
            for entry in found
        ]
    )


FEATURE = Feature(parts=Parts, endpoints=endpoints)
