"""Log in, log out, show who is logged in, and change one's own password."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from callcenter.config import Settings
from callcenter.ports.people import Accounts, Role
from callcenter.web.accounts import UNKNOWN_ACCOUNT
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.identity import session_cookie
from callcenter.web.logins import NOBODY, Factor, Logins, Person
from callcenter.web.passkeys import PasskeyAnswer
from callcenter.web.passwords import require_good
from callcenter.web.second_factor import WRONG_CODE, WRONG_PASSKEY
from callcenter.web.texts import AccountName, OneTimeCode, PasswordText

endpoints = Endpoints("sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of sessions work with."""

    accounts: Accounts
    logins: Logins
    settings: Settings


class LogIn(msgspec.Struct, forbid_unknown_fields=True):
    """User name and password. If the account has a second factor, also a code or a passkey: its
    challenge is that of POST /sessions/challenge."""

    name: AccountName
    password: PasswordText
    code: OneTimeCode | None = None
    passkey: PasskeyAnswer | None = None


class Me(msgspec.Struct):
    """Who is logged in. `must_change`: nothing is allowed yet but choosing a password.
    `must_add_factor`: nothing but adding a second factor."""

    name: str
    role: Role
    must_change: bool
    must_add_factor: bool


class LoggedIn(msgspec.Struct):
    """A session. Browsers also get it as a cookie; programs send `Authorization: Bearer TOKEN`."""

    token: str
    me: Me
    expires_at: datetime
    idle_seconds: float


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """The present password and the new one (12 to 200 characters)."""

    present: PasswordText
    new: PasswordText


@endpoints.post(
    "/sessions",
    needs=None,
    status=201,
    problems=(
        "wrong_credentials",
        "second_factor_needed",
        "wrong_code",
        "wrong_passkey",
        "too_many_attempts",
        "busy",
    ),
)
async def log_in(request: Request[Parts], body: LogIn) -> LoggedIn:
    """Log in.

    Wrong attempts are limited per account and per address: 429 says when to try again.
    """
    parts = request.parts
    try:
        token, session = await parts.logins.log_in(
            body.name,
            body.password,
            request.address,
            Factor(code=body.code, passkey=body.passkey, origin=request.origin),
        )
    except Problem as problem:
        if problem.code in ("wrong_credentials", "wrong_code", "wrong_passkey"):
            await _note_refusal(request, body.name)
        raise
    account = session.account
    request.who = person = parts.logins.person(account, session.token_hash)
    await request.note("session.opened", account.name)
    request.headers["Set-Cookie"] = session_cookie(
        token,
        seconds=int(parts.settings.session_absolute_seconds),
        secure=parts.settings.web_https,
    )
    return LoggedIn(
        token=token,
        me=_me(person),
        expires_at=session.opened_at + parts.logins.absolute,
        idle_seconds=parts.settings.session_idle_seconds,
    )


async def _note_refusal(request: Request[Parts], name: str) -> None:
    """Write the account that was tried to the audit. A name that does not exist is left out: it may
    be a password typed in the wrong field."""
    known = await request.parts.accounts.account(name) is not None
    request.who = Person(name=NOBODY, role=Role.OFFICER, must_change=False, token_hash=None)
    await request.note("session.refused", name if known else "no such account")


@endpoints.delete("/sessions/current", needs=Role.OFFICER, status=204, before_password_change=True)
async def log_out(request: Request[Parts]) -> None:
    """Log out. The phone stays logged in: ending work is another request."""
    if request.person.token_hash is not None:
        await request.parts.logins.close(request.person.token_hash)
    secure = request.parts.settings.web_https
    request.headers["Set-Cookie"] = session_cookie("", seconds=0, secure=secure)


@endpoints.get("/me", needs=Role.OFFICER, before_password_change=True)
async def me(request: Request[Parts]) -> Me:
    """Show who is logged in."""
    return _me(request.person)


def _me(person: Person) -> Me:
    return Me(
        name=person.name,
        role=person.role,
        must_change=person.must_change,
        must_add_factor=person.must_add_factor,
    )


@endpoints.put(
    "/me/password",
    needs=Role.OFFICER,
    status=204,
    problems=("wrong_password", "weak_password", "too_many_attempts", "busy", "unknown_account"),
    before_password_change=True,
)
async def change_own_password(request: Request[Parts], body: NewPassword) -> None:
    """Choose one's own password. All sessions end, this one too: log in again."""
    if request.person.token_hash is None:
        raise Problem("unknown_account", "The command line has no password.")
    logins, name = request.parts.logins, request.person.name
    try:
        await logins.check(name, body.present, request.address)
    except Problem as problem:
        if problem.code != "wrong_credentials":
            raise
        raise Problem("wrong_password", "Type the present password again.") from problem
    require_good(body.new, account=name, old=body.present)
    new_hash = await logins.passwords.hash(body.new)
    await request.parts.accounts.set_password(name, new_hash, must_change=False, at=request.wall())
    logins.forget(name)
    await request.note("password.chosen", name)


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "wrong_credentials": ProblemKind(401, "User name or password is wrong"),
        "second_factor_needed": ProblemKind(401, "A second factor is asked for"),
        "wrong_code": WRONG_CODE,
        "wrong_passkey": WRONG_PASSKEY,
        "too_many_attempts": ProblemKind(429, "Too many attempts"),
        "unknown_account": UNKNOWN_ACCOUNT,
        "weak_password": ProblemKind(422, "The password is too easy to guess"),
        "wrong_password": ProblemKind(422, "The present password is wrong"),
    },
)
