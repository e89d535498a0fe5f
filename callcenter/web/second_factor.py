"""A person's own second factor: an authenticator app on a phone, passkeys, and recovery codes.

To add or remove one, the present password is needed, and a present factor if there is one.
So neither an unattended console nor a stolen password is enough. A new app replaces the old one
only after its first code was right. Other sessions of the account must log in again. The endpoints
of passkeys are in own_passkeys.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from callcenter.ports.people import Account, Accounts, Role
from callcenter.web import one_time_codes
from callcenter.web.accounts import UNKNOWN_ACCOUNT
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.logins import Factor, Logins
from callcenter.web.passkeys import PasskeyAnswer
from callcenter.web.texts import OneTimeCode, PasswordText

endpoints = Endpoints("sessions")
ISSUER = "Call centre"
WRONG_CODE = ProblemKind(422, "The code is wrong")
WRONG_PASSKEY = ProblemKind(422, "The passkey's answer is wrong")


PRESENT_PROBLEMS = (
    "wrong_password",
    "wrong_code",
    "wrong_passkey",
    "too_many_attempts",
    "busy",
    "unknown_account",
)
"""What may be wrong with a `PresentPassword`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of the second factor work with."""

    accounts: Accounts
    logins: Logins


class SecondFactor(msgspec.Struct):
    """`required`: nothing else is allowed until there is a second factor. `since`: that of the app;
    null: there is none. `passkeys`: how many there are (GET /me/passkeys)."""

    since: datetime | None
    required: bool
    recovery_codes_left: Annotated[int, Meta(ge=0)]
    passkeys: Annotated[int, Meta(ge=0)]


class PresentPassword(msgspec.Struct, forbid_unknown_fields=True):
    """The present password and, if there is a second factor, the app's code, a recovery code or a
    passkey: its challenge is that of POST /me/passkeys/challenge."""

    password: PasswordText
    code: OneTimeCode | None = None
    passkey: PasskeyAnswer | None = None


class NewSecret(msgspec.Struct):
    """The secret for the app, to be typed, or as the text of a QR code. Shown once."""

    secret: str
    address: str


class FirstCode(msgspec.Struct, forbid_unknown_fields=True):
    """The code that the app shows now."""

    code: OneTimeCode


class RecoveryCodes(msgspec.Struct):
    """Each is valid for one log-in without the app. Shown once; not stored in plain text."""

    recovery_codes: list[str]


@endpoints.get("/me/second-factor", needs=Role.OFFICER, problems=("unknown_account",))
async def show_second_factor(request: Request[Parts]) -> SecondFactor:
    """Show whether this person has a second factor."""
    return _view(request, await own_account(request, request.parts.accounts))


@endpoints.post(
    "/me/second-factor",
    needs=Role.OFFICER,
    status=201,
    problems=PRESENT_PROBLEMS,
    before_second_factor=True,
)
async def begin_second_factor(request: Request[Parts], body: PresentPassword) -> NewSecret:
    """Make a secret for an app.

    It is valid after its first code is given: PUT /me/second-factor.
    """
    account = await own_account(request, request.parts.accounts)
    await require_both(request, request.parts.logins, account, body)
    secret = one_time_codes.new_secret()
    await request.parts.accounts.offer_factor(account.name, secret)
    address = one_time_codes.address(secret, account=account.name, issuer=ISSUER)
    return NewSecret(secret=secret, address=address)


@endpoints.put(
    "/me/second-factor",
    needs=Role.OFFICER,
    problems=("wrong_code", "no_second_factor", "too_many_attempts", "unknown_account"),
    before_second_factor=True,
)
async def confirm_second_factor(request: Request[Parts], body: FirstCode) -> RecoveryCodes:
    """Give the app's first code. From now on every log-in asks for a code."""
    logins = request.parts.logins
    account = await own_account(request, request.parts.accounts)
    if account.totp_pending is None:
        raise Problem("no_second_factor", "Begin with POST /api/v1/me/second-factor.")
    logins.count_code(account.name)
    given, now = one_time_codes.plain(body.code), request.wall()
    step = one_time_codes.matching_step(account.totp_pending, given, now.timestamp())
    if step is None:
        raise Problem("wrong_code", "Is the phone's clock right? Give the code it shows now.")
    codes = one_time_codes.recovery_codes()
    hashes = [one_time_codes.recovery_hash(each) for each in codes]
    assert request.person.token_hash is not None  # the command line has no account
    await request.parts.accounts.keep_factor(
        account.name,
        account.totp_pending,
        step=step,
        recovery_hashes=hashes,
        at=now,
        only_session=request.person.token_hash,
    )
    logins.forgive_code(account.name)
    logins.forget(account.name)
    await request.note("second_factor.added", account.name)
    return RecoveryCodes(recovery_codes=codes)


@endpoints.post(
    "/me/second-factor/removal",
    needs=Role.OFFICER,
    status=204,
    problems=PRESENT_PROBLEMS,
)
async def remove_own_second_factor(request: Request[Parts], body: PresentPassword) -> None:
    """Remove one's app. If the role needs a second factor, another must be added at once."""
    account = await own_account(request, request.parts.accounts)
    await require_both(request, request.parts.logins, account, body)
    await request.parts.accounts.drop_app(account.name)
    request.parts.logins.forget(account.name)
    await request.note("second_factor.removed", account.name)


@endpoints.delete(
    "/accounts/{account}/second-factor",
    needs=Role.ADMINISTRATOR,
    status=204,
    problems=("unknown_account",),
)
async def reset_second_factor(request: Request[Parts]) -> None:
    """Remove the app, the passkeys and the recovery codes of a person who lost them.

    The person's sessions end at once.
    """
    name = request.path["account"]
    if await request.parts.accounts.account(name) is None:
        raise Problem("unknown_account", "GET /api/v1/accounts lists those there are.")
    await request.parts.accounts.drop_factors(name)
    request.parts.logins.forget(name)
    await request.note("second_factor.reset", name)


async def own_account(request: Request[Any], accounts: Accounts) -> Account:
    """The account of the person who asks. Problem unknown_account for the command line."""
    person = request.person
    account = None
    if person.token_hash is not None:
        account = await accounts.account(person.name)
    if account is None:
        raise Problem("unknown_account", "The command line needs no second factor.")
    return account


async def require_both(
    request: Request[Any], logins: Logins, account: Account, given: PresentPassword
) -> None:
    """Raises a problem if the password is wrong, or the second factor of an account that has
    one."""
    try:
        await logins.check(account.name, given.password, request.address)
    except Problem as problem:
        if problem.code != "wrong_credentials":
            raise
        raise Problem("wrong_password", "Type the present password again.") from problem
    if not account.has_second_factor:
        return
    if given.code is None and given.passkey is None:
        detail = "Give the code of the present app, a recovery code, or a passkey."
        raise Problem("wrong_code", detail)
    factor = Factor(code=given.code, passkey=given.passkey, origin=request.origin)
    await logins.check_factor(account, factor, request.wall())


def _view(request: Request[Parts], account: Account) -> SecondFactor:
    return SecondFactor(
        since=account.totp_since,
        required=request.parts.logins.needs_factor(account.role),
        recovery_codes_left=account.recovery_codes,
        passkeys=account.passkeys,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_account": UNKNOWN_ACCOUNT,
        "wrong_code": WRONG_CODE,
        "wrong_passkey": WRONG_PASSKEY,
        "no_second_factor": ProblemKind(409, "No app was begun with"),
    },
)
