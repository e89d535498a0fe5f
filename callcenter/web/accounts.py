"""Accounts: who may log in and as what. For administrators."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from callcenter.ports.people import Account, Accounts, Change, Detail, Role
from callcenter.ports.phones import OPERATOR_ID
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.logins import COMMAND_LINE, NOBODY, Logins
from callcenter.web.passwords import Passwords, one_time_password
from callcenter.web.texts import AccountName

endpoints = Endpoints("accounts")
ADMIN = Role.ADMINISTRATOR
UNKNOWN_ACCOUNT = ProblemKind(404, "There is no such account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of accounts work with."""

    accounts: Accounts
    logins: Logins


class AccountView(msgspec.Struct):
    """An account. `must_change`: the one-time password was not used yet. `second_factor`: the
    log-in asks for an app's code or a passkey."""

    name: str
    role: Role
    disabled: bool
    must_change: bool
    second_factor: bool
    added_at: datetime
    password_at: datetime


class AccountList(msgspec.Struct):
    """All accounts, by name."""

    accounts: list[AccountView]


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    """An account to be added. An operator's account has the operator's id as its name."""

    name: AccountName
    role: Role


class OneTimePassword(msgspec.Struct):
    """Shown once. Valid for seven days, and only for choosing one's own password."""

    name: str
    one_time_password: str


class AccountRole(msgspec.Struct, forbid_unknown_fields=True):
    """The new role of an account."""

    role: Role


class AccountDisabled(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the account is locked out."""

    disabled: bool


@endpoints.get("/accounts", needs=ADMIN)
async def list_accounts(request: Request[Parts]) -> AccountList:
    """List all accounts."""
    return AccountList(accounts=[view(a) for a in await request.parts.accounts.accounts()])


@endpoints.post("/accounts", needs=ADMIN, status=201, problems=("account_exists", "busy"))
async def add_account(request: Request[Parts], body: NewAccount) -> OneTimePassword:
    """Add an account.

    The answer has the one-time password, which is not stored in plain text anywhere.
    """
    require_own_name(body.name, "account_exists")
    account, password = await new_account(
        request.parts.logins.passwords, body.name, body.role, request.wall()
    )
    if not await request.parts.accounts.add_account(account):
        raise Problem("account_exists", "Choose another name, or reset that account's password.")
    await request.note("account.added", body.name, role=body.role.value)
    return OneTimePassword(name=body.name, one_time_password=password)


@endpoints.put(
    "/accounts/{account}/role", needs=ADMIN, problems=("unknown_account", "last_administrator")
)
async def set_account_role(request: Request[Parts], body: AccountRole) -> AccountView:
    """Give an account another role. It is valid from the next request on."""
    name = request.path["account"]
    _require_done(await request.parts.accounts.set_role(name, body.role))
    return await _changed(request, name, "account.role", role=body.role.value)


@endpoints.put(
    "/accounts/{account}/disabled", needs=ADMIN, problems=("unknown_account", "last_administrator")
)
async def set_account_disabled(request: Request[Parts], body: AccountDisabled) -> AccountView:
    """Lock an account out, or let it in again. Its sessions end at once."""
    name = request.path["account"]
    _require_done(await request.parts.accounts.set_disabled(name, body.disabled))
    return await _changed(request, name, "account.disabled", disabled=body.disabled)


@endpoints.post("/accounts/{account}/password", needs=ADMIN, problems=("unknown_account", "busy"))
async def reset_account_password(request: Request[Parts]) -> OneTimePassword:
    """Give an account a new one-time password. Its sessions end at once."""
    name, parts = request.path["account"], request.parts
    password = one_time_password()
    password_hash = await parts.logins.passwords.hash(password)
    _require_done(
        await parts.accounts.set_password(name, password_hash, must_change=True, at=request.wall())
    )
    await _changed(request, name, "account.password_reset")
    return OneTimePassword(name=name, one_time_password=password)


def require_own_name(name: str, problem: str) -> None:
    """Raises the problem if the audit uses this name for the service itself."""
    if name in (COMMAND_LINE, NOBODY):
        raise Problem(problem, "The service itself has that name. Choose another.")


async def first_administrator(
    accounts: Accounts, passwords: Passwords, now: datetime
) -> str | None:
    """Add the account `admin` if there is no account at all. Gives its one-time password, or None.

    The back office prints it once, at the start. Raises DatabaseAwayError.
    """
    if await accounts.accounts():
        return None
    account, password = await new_account(passwords, "admin", ADMIN, now)
    return password if await accounts.add_account(account) else None


async def new_account(
    passwords: Passwords, name: str, role: Role, now: datetime
) -> tuple[Account, str]:
    """Make an account with a one-time password; gives both. The account is not stored yet."""
    password = one_time_password()
    account = Account(
        name=name,
        role=role,
        disabled=False,
        must_change=True,
        password_hash=await passwords.hash(password),
        added_at=now,
        password_at=now,
    )
    return account, password


def view(account: Account) -> AccountView:
    """An account as it is shown."""
    return AccountView(
        name=account.name,
        role=account.role,
        disabled=account.disabled,
        must_change=account.must_change,
        second_factor=account.has_second_factor,
        added_at=account.added_at,
        password_at=account.password_at,
    )


async def _changed(
    request: Request[Parts], name: str, action: str, **details: Detail
) -> AccountView:
    request.parts.logins.forget(name)
    await request.note(action, name, **details)
    account = await request.parts.accounts.account(name)
    if account is None:
        raise Problem("unknown_account", "It was removed in this moment.")
    return view(account)


def _require_done(change: Change) -> None:
    if change is Change.UNKNOWN:
        raise Problem("unknown_account", "GET /api/v1/accounts lists those there are.")
    if change is Change.LAST_ADMINISTRATOR:
        raise Problem("last_administrator", "Make another account an administrator first.")


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_account": UNKNOWN_ACCOUNT,
        "account_exists": ProblemKind(409, "The account is there already"),
        "last_administrator": ProblemKind(409, "Nobody could let anyone in any more"),
    },
    path_patterns={"account": OPERATOR_ID.pattern},
)
