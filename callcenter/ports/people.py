"""The people who use the service: accounts, sessions, operators' cards, and the audit of reads.

The web adapter asks through the protocols `Accounts`, `Cards` and `Audit`; storage/accounts.py,
operators.py and audit.py answer from PostgreSQL. Neither side knows the other. Times here are the
wall clock (aware, UTC): people's time, never a call's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypedDict

from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.skills import Skills


class DatabaseAwayError(Exception):
    """PostgreSQL does not answer. Calls are not touched; `callcenter doctor` says what to do."""


class Role(StrEnum):
    """What an account may do; each includes the ones before it."""

    OFFICER = "officer"  # works at desks alone: what grants give, nothing of the phone floor
    OPERATOR = "operator"  # answers calls: own desk, queues, masked numbers
    SUPERVISOR = "supervisor"  # everyone's desk, priorities, full numbers (audited)
    ADMINISTRATOR = "administrator"  # accounts, phones, the site file

    @property
    def rank(self) -> int:
        """0 for an officer, higher for who may do more."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who may log in. An operator's account has the operator's id as its name.

    `must_change`: the password was chosen by us or by an administrator and is good only for
    choosing one's own. `totp_secret`: of the person's authenticator app, since `totp_since`;
    `totp_pending`: of one whose first code was not given yet. `recovery_codes`: how many are left.
    """

    name: str
    role: Role
    disabled: bool
    must_change: bool
    password_hash: str = field(repr=False)
    added_at: datetime
    password_at: datetime
    totp_secret: str | None = field(default=None, repr=False)
    totp_since: datetime | None = None
    totp_pending: str | None = field(default=None, repr=False)
    recovery_codes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A log-in that is still good. `token_hash` is SHA-256 of the token only the person has."""

    token_hash: bytes
    account: Account
    opened_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCard:
    """What is kept of an operator: not what the operator does (the engine knows), but who it is.

    `open_line`: works with a headset on a line that stays up (core/open_line.py), unless another
    way is asked for at log-in. `skills`: with their levels, in order. `browser_secret`: the SIP
    password of the phone in the browser, which takes the other phone's place as long as the log-in
    of `browser_session` lasts.
    """

    operator: OperatorId
    name: str
    queues: tuple[QueueName, ...]
    sip_secret: str = field(repr=False)
    contact: str | None
    added_at: datetime
    open_line: bool = False
    skills: Skills = ()
    browser_secret: str | None = field(default=None, repr=False)
    browser_session: bytes | None = field(default=None, repr=False)  # SHA-256 of its token


class CardChange(TypedDict, total=False):
    """What is to be different on a card; what is left out stays as it is in the database."""

    name: str
    queues: Sequence[str]
    contact: str | None
    open_line: bool
    skills: Mapping[str, int]


Detail = str | int | float | bool | Sequence[str] | None
"""What a detail of the audit may be: whatever else cannot be read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Someone saw or changed something. `about` names it (an id, never a number or a name)."""

    id: int = 0  # given by the database; later ones are higher
    at: datetime
    who: str
    action: str
    about: str
    address: str
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries of the audit. What is None does not matter.

    `action`: the whole word or its beginning (`operator` finds `operator.added`, too). `since` is
    included, `until` is not.
    """

    who: str | None = None
    action: str | None = None
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERY_ENTRY = AuditFilter()


class Change(StrEnum):
    """How a change of an account came out."""

    DONE = "done"
    UNKNOWN = "unknown"  # there is no such account
    LAST_ADMINISTRATOR = "last_administrator"  # nobody would be left to let anyone in again


class Accounts(Protocol):
    """Who may log in, and who is. Every method raises DatabaseAwayError."""

    async def accounts(self) -> Sequence[Account]:
        """All accounts, by name."""
        ...

    async def account(self, name: str) -> Account | None:
        """One account."""
        ...

    async def add_account(self, account: Account) -> bool:
        """False when the name is taken."""
        ...

    async def set_role(self, name: str, role: Role) -> Change:
        """Give an account another role."""
        ...

    async def set_disabled(self, name: str, disabled: bool) -> Change:
        """Lock an account out (its sessions end) or let it in again."""
        ...

    async def set_password(
        self, name: str, password_hash: str, *, must_change: bool, at: datetime
    ) -> Change:
        """Set a password; every session of the account ends."""
        ...

    async def offer_factor(self, name: str, secret: str) -> None:
        """Keep the secret of an app whose first code is waited for."""
        ...

    async def keep_factor(
        self,
        name: str,
        secret: str,
        *,
        step: int,
        recovery_hashes: Sequence[bytes],
        at: datetime,
        only_session: bytes,
    ) -> None:
        """The app is the account's from now on, in the place of an earlier one. Codes up to `step`
        are used. Every session but this one ends: it was opened without the app."""
        ...

    async def drop_factor(self, name: str, *, sessions_end: bool = False) -> None:
        """The account has no second factor any more."""
        ...

    async def use_step(self, name: str, step: int) -> bool:
        """The code of a step was given. False when that one, or a later one, was used before."""
        ...

    async def use_recovery_code(self, name: str, hashed: bytes) -> bool:
        """A recovery code was given. False when it is none, or was used before."""
        ...

    async def open_session(self, session: Session) -> None:
        """Keep a new session."""
        ...

    async def session(self, token_hash: bytes) -> Session | None:
        """A session with its account as it is now."""
        ...

    async def touch_session(self, token_hash: bytes, seen_at: datetime) -> None:
        """Note that a session is in use."""
        ...

    async def close_session(self, token_hash: bytes) -> None:
        """Log out."""
        ...

    async def give_phone(self, token_hash: bytes, secret: str | None) -> None:
        """A session gets the phone in the browser with this SIP password, and no other session of
        the account has it any more. None: no session has."""
        ...

    async def forget_sessions(self, *, opened_before: datetime, seen_before: datetime) -> int:
        """Remove expired sessions; how many."""
        ...


class Cards(Protocol):
    """The operators and their phones. Every method raises DatabaseAwayError."""

    async def operators(self) -> Sequence[OperatorCard]:
        """All operators who have a phone, by id."""
        ...

    async def add_operator(self, card: OperatorCard, account: Account | None) -> bool:
        """False when the operator, or an account of that name, is there already: nothing is added.

        An operator who was removed earlier gets the id back, with the new card.
        """
        ...

    async def change_operator(
        self, operator: OperatorId, change: CardChange
    ) -> OperatorCard | None:
        """The card as it is then, others' changes included. None when there is no operator."""
        ...

    async def remove_operator(self, operator: OperatorId, at: datetime) -> bool:
        """Take the phone away and disable the account of that name. False when there is none."""
        ...


class Audit(Protocol):
    """Who saw or changed what. Every method raises DatabaseAwayError."""

    async def write(self, entry: AuditEntry) -> None:
        """Keep for ever who saw or changed what."""
        ...

    async def latest(
        self, *, limit: int, before: int | None, only: AuditFilter = EVERY_ENTRY
    ) -> Sequence[AuditEntry]:
        """The latest entries first; `before` is the id of the last one already seen."""
        ...
