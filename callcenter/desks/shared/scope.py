"""Decides which documents a person may see. No other module does.

Every query for documents takes its `where` from here. A document is seen by the units that take
part in it and by all units above them, by the unit that passed it down, and by the ministry (only
facts). Nobody else learns that it exists: what is outside the scope gets the same answer as what
does not exist.
"""

from dataclasses import dataclass

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, cast, false, or_, select, true

from callcenter.desks.shared.document_tables import documents, involvements
from callcenter.desks.shared.units import DeskRole, Standing

_TAKING_PART = (
    DeskRole.OPERATOR,
    DeskRole.SUPERVISOR,
    DeskRole.PROVINCE_ADMIN,
    DeskRole.OFFICER,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """`everything`: all documents. `units`: documents in which these take part. `sources`:
    documents that these passed down."""

    everything: bool
    units: frozenset[str]
    sources: frozenset[str]


def scope_of(standing: Standing) -> Scope:
    """What the account may see."""
    return Scope(
        everything=DeskRole.CENTRAL in standing.roles(),
        units=standing.units_as(*_TAKING_PART),
        sources=standing.units_as(DeskRole.REFERRER),
    )


def identity_scope_of(standing: Standing) -> Scope:
    """The documents of which the account may see who complains."""
    return Scope(
        everything=False,
        units=standing.units_as(DeskRole.SUPERVISOR),
        sources=standing.units_as(DeskRole.REFERRER),
    )


def phone_scope_of(standing: Standing) -> Scope:
    """The documents that the account may find by a citizen's phone. A person who must not see who
    complains must not find out by trying numbers either."""
    return Scope(
        everything=False,
        units=standing.units_as(DeskRole.SUPERVISOR, DeskRole.OPERATOR),
        sources=standing.units_as(DeskRole.REFERRER),
    )


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The condition on `documents`."""
    if scope.everything:
        return true()
    ways = []
    for units, as_source in ((scope.units, 0), (scope.sources, 1)):
        if units:
            listed = any_(cast(sorted(units), ARRAY(Text)))
            ways.append(and_(involvements.c.unit == listed, involvements.c.as_source == as_source))
    if not ways:
        return false()
    takes_part = select(involvements.c.document).where(
        involvements.c.document == documents.c.id, or_(*ways)
    )
    return takes_part.exists()
