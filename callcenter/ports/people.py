"""The people who use the service: accounts, sessions, operators' cards, and the audit of reads.

The web adapter uses the protocols `Accounts`, `Cards` and `Audit`. storage/accounts.py,
operators.py and audit.py implement them with PostgreSQL. Neither side knows the other. Times here
are the wall clock (aware, UTC): for people, never for a call.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypedDict

from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.skills import Skills


class DatabaseAwayError(Exception):
    """PostgreSQL does not answer. Calls are not affected. `callcenter doctor` says what to do."""


class Role(StrEnum):
    """What an account may do. Each role includes the ones before it."""

    OFFICER = "officer"  # works only at desks: what grants allow, nothing of the phone floor
    OPERATOR = "operator"  # answers calls: own work, queues, masked numbers
    SUPERVISOR = "supervisor"  # everyone's work, priorities, full numbers (audited)
    ADMINISTRATOR = "administrator"  # accounts, phones, the site file

    @property
    def rank(self) -> int:
        """0 for an officer; higher for roles that may do more."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person or program that may log in. An operator's account has the operator's id as its name.

    `must_change`: we or an administrator chose the password, and it is valid only for choosing
    one's own. `totp_secret`: that of the person's authenticator app, since `totp_since`.
    `totp_pending`: that of an app whose first code was not given yet. `passkeys`: how many the
    person has. `recovery_codes`: how many are left.
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
    passkeys: int = 0

    @property
    def has_second_factor(self) -> bool:
        """Whether a log-in needs more than the password."""
        return self.totp_secret is not None or self.passkeys > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of an account, for the pages of one host name (WebAuthn).

    `credential`: the id that the device gave it. `sign_count`: how often it was used, as the device
    counts; 0 for ever if the device does not count. `name`: chosen by the person.
    """

    id: int = 0  # given by the database
    account: str
    credential: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    host: str
    name: str
    added_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A valid log-in. `token_hash` is the SHA-256 of the token, which only the person has."""

    token_hash: bytes
    account: Account
    opened_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorCard:
    """An operator's card: who the operator is, not what they do (the engine knows that).

    `open_line`: works with a headset on a line that stays up (core/open_line.py), unless the log-in
    asks for another way. `skills`: with their levels, in order. `browser_secret`: the SIP password
    of the phone in the browser, which replaces the other phone as long as the log-in of
    `browser_session` lasts.
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
    # SHA-256 of the session's token
    browser_session: bytes | None = field(default=None, repr=False)


class CardChange(TypedDict, total=False):
    """The values to change on a card. Values that are left out stay as they are in the database."""

    name: str
    queues: Sequence[str]
    contact: str | None
    open_line: bool
    skills: Mapping[str, int]


Detail = str | int | float | bool | Sequence[str] | None
"""The allowed types of a detail in the audit: other types cannot be read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Somebody saw or changed something. `about` is its id, never a number or a name."""

    id: int = 0  # given by the database; later ones are higher
    at: datetime
    who: str
    action: str
    about: str
    address: str
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """A filter for entries of the audit. None: any.

    `action`: the whole word or its beginning (`operator` also finds `operator.added`). `since` is
    included, `until` is not.
    """

    who: str | None = None
    action: str | None = None
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERY_ENTRY = AuditFilter()


class Change(StrEnum):
    """The result of a change of an account."""

    DONE = "done"
    UNKNOWN = "unknown"  # there is no such account
    LAST_ADMINISTRATOR = "last_administrator"  # then nobody could let anyone in again


class Accounts(Protocol):
    """The accounts and their sessions. Every method raises DatabaseAwayError."""

    async def accounts(self) -> Sequence[Account]:
        """All accounts, by name."""
        ...

    async def account(self, name: str) -> Account | None:
        """One account."""
        ...

    async def add_account(self, account: Account) -> bool:
        """Add an account. Gives False if the name is taken."""
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
        """Keep the secret of an app whose first code is awaited."""
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
        """The app belongs to the account from now on, in place of an earlier one. Codes up to
        `step` are used up. All sessions but this one end, because they were opened without the
        app."""
        ...

    async def drop_app(self, name: str) -> None:
        """The account has no app any more. The recovery codes go too, if there is no passkey."""
        ...

    async def drop_factors(self, name: str) -> None:
        """The account has no second factor any more: no app, no passkey, no recovery code. Its
        sessions end."""
        ...

    async def use_step(self, name: str, step: int) -> bool:
        """The code of a step was given. Gives False if that one, or a later one, was used
        before."""
        ...

    async def use_recovery_code(self, name: str, hashed: bytes) -> bool:
        """A recovery code was given. Gives False if it is not valid, or was used before."""
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
        """Give a session the phone in the browser with this SIP password; other sessions of the
        account lose it. None: no session has it."""
        ...

    async def forget_sessions(
        self, *, opened_before: datetime, seen_before: datetime, but: Collection[str] = ()
    ) -> int:
        """Remove expired sessions, but not of these accounts; gives how many."""
        ...


class Passkeys(Protocol):
    """The passkeys of the accounts. Every method raises DatabaseAwayError."""

    async def of(self, account: str) -> Sequence[Passkey]:
        """Those of an account, the oldest first."""
        ...

    async def find(self, account: str, credential: bytes) -> Passkey | None:
        """The passkey of an account with this id."""
        ...

    async def add(
        self, passkey: Passkey, *, recovery_hashes: Sequence[bytes], only_session: bytes
    ) -> bool:
        """Add a passkey; all sessions but this one end. `recovery_hashes` replace those there are,
        if any are given. Gives False if that passkey is there already."""
        ...

    async def use(self, passkey: Passkey, sign_count: int, at: datetime) -> bool:
        """A passkey was used, and its device counts so far. Gives False if it was used in the same
        moment, or is not there any more."""
        ...

    async def remove(self, account: str, passkey: int) -> bool:
        """Remove a passkey. With the last factor the recovery codes go too. Gives False if there is
        none."""
        ...


class Cards(Protocol):
    """The operators and their phones. Every method raises DatabaseAwayError."""

    async def operators(self) -> Sequence[OperatorCard]:
        """All operators who have a phone, by id."""
        ...

    async def add_operator(self, card: OperatorCard, account: Account | None) -> bool:
        """Add an operator. Gives False, and adds nothing, if the operator or an account of that
        name exists.

        An operator who was removed earlier gets the id back, with the new card.
        """
        ...

    async def change_operator(
        self, operator: OperatorId, change: CardChange
    ) -> OperatorCard | None:
        """The changed card, including changes by others. None if there is no such operator."""
        ...

    async def remove_operator(self, operator: OperatorId, at: datetime) -> bool:
        """Remove the phone and disable the account of that name. Gives False if there is none."""
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
