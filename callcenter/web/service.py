"""Everything the web adapter needs from the rest, in one value. Built by app.py (and by tests).

It holds no rules. The protocols are the whole of what the web adapter knows of its neighbours.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from argon2 import PasswordHasher

from callcenter.config import Settings
from callcenter.runtime.answers import CallRecords
from callcenter.runtime.people import Accounts, Audit, Cards
from callcenter.runtime.phones import Phones
from callcenter.runtime.port import Desk
from callcenter.web.errors import Failures
from callcenter.web.logins import Logins
from callcenter.web.passwords import Passwords
from callcenter.web.roster import Roster

Metrics = Callable[[], Awaitable[bytes]]
"""All metrics as Prometheus reads them."""

Complaint = Callable[[], str]
"""A part's health: an empty text when it is well, else a sentence for the person on duty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The neighbours, and the web adapter's own two parts, made by `make_service`."""

    settings: Settings
    desk: Desk
    accounts: Accounts
    cards: Cards
    audit: Audit
    records: CallRecords
    phones: Phones
    metrics: Metrics
    wall: Callable[[], datetime]
    logins: Logins
    roster: Roster
    failures: Failures = field(default_factory=Failures)
    needed: Mapping[str, Complaint] = field(default_factory=dict)  # without it: not ready
    wanted: Mapping[str, Complaint] = field(default_factory=dict)  # without it: degraded


def make_service(
    *,
    settings: Settings,
    desk: Desk,
    accounts: Accounts,
    cards: Cards,
    audit: Audit,
    records: CallRecords,
    phones: Phones,
    metrics: Metrics,
    command_line_token: str,
    needed: Mapping[str, Complaint] | None = None,
    wanted: Mapping[str, Complaint] | None = None,
    hasher: PasswordHasher | None = None,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.monotonic,
) -> Service:
    """The web adapter's parts, ready for server.runner(). Tests bring their own clocks, hasher."""
    return Service(
        settings=settings,
        desk=desk,
        accounts=accounts,
        cards=cards,
        audit=audit,
        records=records,
        phones=phones,
        metrics=metrics,
        wall=wall,
        logins=Logins(
            accounts=accounts,
            passwords=Passwords(at_once=settings.password_checks_at_once, hasher=hasher),
            settings=settings,
            wall=wall,
            monotonic=monotonic,
            command_line_token=command_line_token,
        ),
        roster=Roster(cards=cards, phones=phones, desk=desk),
        needed=needed or {},
        wanted=wanted or {},
    )
