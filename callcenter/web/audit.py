"""The audit: who saw callers' numbers, and who changed what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.ports.people import Audit, Role
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.feature import Feature

endpoints = Endpoints("audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoint of the audit works with."""

    audit: Audit


Details = dict[str, str | int | bool | list[str] | None]


class AuditView(msgspec.Struct):
    """One look or change. `about` names it by an id, never by a number or a person's name."""

    id: int
    at: datetime
    who: str
    action: str
    about: str
    address: str
    details: Details


class AuditList(msgspec.Struct):
    """The latest entries first."""

    entries: list[AuditView]


class AuditQuery(msgspec.Struct):
    """How many, and before which one's id."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    before: Annotated[int, Meta(ge=1, le=2**63 - 1)] | UnsetType = UNSET


@endpoints.get("/audit", needs=Role.ADMINISTRATOR)
async def list_audit(request: Request[Parts], query: AuditQuery) -> AuditList:
    """Who saw or changed what, latest first."""
    found = await request.parts.audit.latest(limit=query.limit, before=query.before or None)
    return AuditList(
        entries=[
            AuditView(
                id=entry.id,
                at=entry.at,
                who=entry.who,
                action=entry.action,
                about=entry.about,
                address=entry.address,
                details=msgspec.convert(
                    entry.details, dict[str, str | int | bool | list[str] | None]
                ),
            )
            for entry in found
        ]
    )


FEATURE = Feature(parts=Parts, endpoints=endpoints)
