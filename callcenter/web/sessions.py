"""Log in, log out, who am I, and one's own password."""

from datetime import datetime

import msgspec

from callcenter.runtime.people import Role
from callcenter.web.endpoint import Ask, Endpoints
from callcenter.web.errors import Problem
from callcenter.web.identity import session_cookie
from callcenter.web.logins import NOBODY, Person
from callcenter.web.passwords import require_good
from callcenter.web.texts import AccountName, PasswordText

endpoints = Endpoints("sessions")


class LogIn(msgspec.Struct, forbid_unknown_fields=True):
    """User name and password."""

    name: AccountName
    password: PasswordText


class Me(msgspec.Struct):
    """Who is logged in. `must_change`: nothing but choosing a password is allowed yet."""

    name: str
    role: Role
    must_change: bool


class LoggedIn(msgspec.Struct):
    """A session. Browsers have it as a cookie too; programs send `Authorization: Bearer TOKEN`."""

    token: str
    me: Me
    expires_at: datetime
    idle_seconds: float


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """The present password and the one to have from now on (12 to 200 characters)."""

    present: PasswordText
    new: PasswordText


@endpoints.post(
    "/sessions",
    needs=None,
    status=201,
    problems=("wrong_credentials", "too_many_attempts", "busy"),
)
async def log_in(ask: Ask, body: LogIn) -> LoggedIn:
    """Log in.

    Wrong attempts are limited per account and per address: 429 says when to try again.
    """
    service = ask.service
    try:
        token, session = await service.logins.log_in(body.name, body.password, ask.address)
    except Problem as problem:
        if problem.code == "wrong_credentials":
            await _note_refusal(ask, body.name)
        raise
    account = session.account
    ask.who = Person.of(account, session.token_hash)
    await ask.note("session.opened", account.name)
    ask.headers["Set-Cookie"] = session_cookie(
        token,
        seconds=int(service.settings.session_absolute_seconds),
        secure=service.settings.web_https,
    )
    return LoggedIn(
        token=token,
        me=Me(name=account.name, role=account.role, must_change=account.must_change),
        expires_at=session.opened_at + service.logins.absolute,
        idle_seconds=service.settings.session_idle_seconds,
    )


async def _note_refusal(ask: Ask, name: str) -> None:
    """Which account was tried; a name nobody has may be a password typed in the wrong place."""
    known = await ask.service.accounts.account(name) is not None
    ask.who = Person(name=NOBODY, role=Role.OPERATOR, must_change=False, token_hash=None)
    await ask.note("session.refused", name if known else "no such account")


@endpoints.delete("/sessions/current", needs=Role.OPERATOR, status=204, before_password_change=True)
async def log_out(ask: Ask) -> None:
    """Log out. The phone stays logged in: that is the operator's own log-out."""
    if ask.person.token_hash is not None:
        await ask.service.logins.close(ask.person.token_hash)
    secure = ask.service.settings.web_https
    ask.headers["Set-Cookie"] = session_cookie("", seconds=0, secure=secure)


@endpoints.get("/me", needs=Role.OPERATOR, before_password_change=True)
async def me(ask: Ask) -> Me:
    """Who is logged in."""
    person = ask.person
    return Me(name=person.name, role=person.role, must_change=person.must_change)


@endpoints.put(
    "/me/password",
    needs=Role.OPERATOR,
    status=204,
    problems=("wrong_password", "weak_password", "too_many_attempts", "busy", "unknown_account"),
    before_password_change=True,
)
async def change_own_password(ask: Ask, body: NewPassword) -> None:
    """Choose a password of one's own. Every session ends, also this one: log in anew."""
    if ask.person.token_hash is None:
        raise Problem("unknown_account", "The command line has no password.")
    logins, name = ask.service.logins, ask.person.name
    try:
        await logins.check(name, body.present, ask.address)
    except Problem as problem:
        if problem.code != "wrong_credentials":
            raise
        raise Problem("wrong_password", "Type the present password again.") from problem
    require_good(body.new, account=name, old=body.present)
    new_hash = await logins.passwords.hash(body.new)
    await ask.service.accounts.set_password(
        name, new_hash, must_change=False, at=ask.service.wall()
    )
    logins.forget(name)
    await ask.note("password.chosen", name)
