"""The period that a report counts, from a query. If left out, the last 24 hours."""

from datetime import UTC, datetime, timedelta

from msgspec import UNSET, UnsetType

from callcenter.web.errors import Problem

LONGEST_DAYS = 400
"""A year and a month. A period that the database cannot count within REPORT_SECONDS
(storage/reader.py) is too long as well."""


def period(
    arrived_from: str | UnsetType, arrived_before: str | UnsetType, now: datetime
) -> tuple[datetime, datetime]:
    """Start (included) and end (excluded), in UTC. Problem `invalid` if a value is no time, or the
    period is too long."""
    before = _moment(arrived_before, now)
    since = _moment(arrived_from, before - timedelta(days=1))
    if not timedelta() < before - since <= timedelta(days=LONGEST_DAYS):
        fault = f"arrived_from must lie before arrived_before, at most {LONGEST_DAYS} days"
        raise Problem("invalid", "Correct it and send the request again.", faults=[fault])
    return since, before


def _moment(given: str | UnsetType, default: datetime) -> datetime:
    if given is UNSET:
        return default
    try:
        return datetime.fromisoformat(given).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Problem("invalid", "There is no such day.", faults=[given]) from error
