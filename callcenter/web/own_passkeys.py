"""A person's own passkeys: listed, added and removed; and the challenge for a log-in with one.

The first factor of an account comes with recovery codes, whether it is an app or a passkey.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.config import ACCEPTED, PATTERN
from callcenter.ports.people import Accounts, Passkey, Passkeys, Role
from callcenter.web import one_time_codes
from callcenter.web.accounts import UNKNOWN_ACCOUNT
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.logins import Logins
from callcenter.web.passkeys import (
    PASSKEYS_MOST,
    Base64Url,
    NewCredential,
    Purpose,
    host_of,
    shown_id,
    user_handle,
)
from callcenter.web.second_factor import (
    PRESENT_PROBLEMS,
    WRONG_CODE,
    WRONG_PASSKEY,
    PresentPassword,
    own_account,
    require_both,
)
from callcenter.web.texts import AccountName, PasswordText

endpoints = Endpoints("sessions")
PasskeyName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=PATTERN,
        description=ACCEPTED,
        examples=["กุญแจสีน้ำเงิน"],
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of passkeys work with."""

    accounts: Accounts
    passkeys: Passkeys
    logins: Logins


class PasskeyView(msgspec.Struct):
    """A passkey. `host`: the name of the pages it is for. `used_at` null: not yet."""

    id: int
    name: str
    host: str
    added_at: datetime
    used_at: datetime | None


class PasskeyList(msgspec.Struct):
    """One's own passkeys, the oldest first."""

    passkeys: list[PasskeyView]


class PasskeyChallenge(msgspec.Struct):
    """For `navigator.credentials.get`: one of these passkeys must answer. `passkeys` is empty if
    there is none for this host name. `app`: a code of an app is another way."""

    challenge: Base64Url
    host: str
    passkeys: list[Base64Url]
    app: bool


class NameAndPassword(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants to log in with a passkey."""

    name: AccountName
    password: PasswordText


class PasskeyOffer(msgspec.Struct):
    """For `navigator.credentials.create`. `present`: the passkeys that are there already."""

    challenge: Base64Url
    host: str
    user: Base64Url
    account: str
    present: list[Base64Url]


class NewPasskey(msgspec.Struct, forbid_unknown_fields=True):
    """What `navigator.credentials.create` gave, and a name for it."""

    name: PasskeyName
    id: Base64Url
    client_data: Base64Url
    attestation: Base64Url


class PasskeyAdded(msgspec.Struct):
    """The recovery codes, if this is the first second factor. Shown once; else the list is
    empty."""

    recovery_codes: list[str]


@endpoints.post(
    "/sessions/challenge", needs=None, problems=("wrong_credentials", "too_many_attempts", "busy")
)
async def ask_for_log_in(request: Request[Parts], body: NameAndPassword) -> PasskeyChallenge:
    """Ask for a passkey's challenge, to log in with POST /sessions. The password must be right."""
    account = await request.parts.logins.check(body.name, body.password, request.address)
    return await _challenge(request, account.name, app=account.totp_secret is not None)


@endpoints.get("/me/passkeys", needs=Role.OFFICER, problems=("unknown_account",))
async def list_passkeys(request: Request[Parts]) -> PasskeyList:
    """List one's own passkeys."""
    account = await own_account(request, request.parts.accounts)
    return PasskeyList(passkeys=[_view(e) for e in await request.parts.passkeys.of(account.name)])


@endpoints.post("/me/passkeys/challenge", needs=Role.OFFICER, problems=("unknown_account",))
async def ask_for_passkey(request: Request[Parts]) -> PasskeyChallenge:
    """Ask for a challenge, to add or remove a factor with a passkey one has."""
    account = await own_account(request, request.parts.accounts)
    return await _challenge(request, account.name, app=account.totp_secret is not None)


@endpoints.post(
    "/me/passkeys/offer",
    needs=Role.OFFICER,
    problems=(*PRESENT_PROBLEMS, "too_many_passkeys"),
    before_second_factor=True,
)
async def begin_passkey(request: Request[Parts], body: PresentPassword) -> PasskeyOffer:
    """Begin to add a passkey.

    The browser makes it; it is valid after POST /me/passkeys.
    """
    parts = request.parts
    account = await own_account(request, parts.accounts)
    present = await parts.passkeys.of(account.name)
    if len(present) >= PASSKEYS_MOST:
        raise Problem("too_many_passkeys", f"Remove one first: {PASSKEYS_MOST} are the most.")
    await require_both(request, parts.logins, account, body)
    return PasskeyOffer(
        challenge=parts.logins.passkeys.challenge(account.name, Purpose.ADD),
        host=host_of(request.origin),
        user=user_handle(account.name),
        account=account.name,
        present=[shown_id(each.credential) for each in present],
    )


@endpoints.post(
    "/me/passkeys",
    needs=Role.OFFICER,
    status=201,
    problems=("wrong_passkey", "passkey_exists", "unknown_account"),
    before_second_factor=True,
)
async def add_passkey(request: Request[Parts], body: NewPasskey) -> PasskeyAdded:
    """Add a passkey. From now on every log-in asks for it, or for another factor one has."""
    parts, now = request.parts, request.wall()
    account = await own_account(request, parts.accounts)
    new = NewCredential(id=body.id, client_data=body.client_data, attestation=body.attestation)
    made = parts.logins.passkeys.registered(account.name, new, request.origin)
    codes = [] if account.has_second_factor else one_time_codes.recovery_codes()
    assert request.person.token_hash is not None  # the command line has no account
    passkey = Passkey(
        account=account.name,
        credential=made.credential,
        public_key=made.public_key,
        sign_count=made.sign_count,
        host=host_of(request.origin),
        name=body.name,
        added_at=now,
    )
    hashes = [one_time_codes.recovery_hash(each) for each in codes]
    if not await parts.passkeys.add(
        passkey, recovery_hashes=hashes, only_session=request.person.token_hash
    ):
        raise Problem("passkey_exists", "Take another device, or use the one that is there.")
    parts.logins.forget(account.name)
    await request.note("second_factor.passkey_added", account.name)
    return PasskeyAdded(recovery_codes=codes)


@endpoints.post(
    "/me/passkeys/{passkey}/removal",
    needs=Role.OFFICER,
    status=204,
    problems=(*PRESENT_PROBLEMS, "unknown_passkey"),
)
async def remove_passkey(request: Request[Parts], body: PresentPassword) -> None:
    """Remove one of one's passkeys. If the role needs a second factor and this was the last one,
    another must be added at once."""
    parts = request.parts
    account = await own_account(request, parts.accounts)
    await require_both(request, parts.logins, account, body)
    if not await parts.passkeys.remove(account.name, int(request.path["passkey"])):
        raise Problem("unknown_passkey", "GET /api/v1/me/passkeys lists those there are.")
    parts.logins.forget(account.name)
    await request.note("second_factor.passkey_removed", account.name)


async def _challenge(request: Request[Parts], account: str, *, app: bool) -> PasskeyChallenge:
    host, kept = host_of(request.origin), await request.parts.passkeys.of(account)
    return PasskeyChallenge(
        challenge=request.parts.logins.passkeys.challenge(account, Purpose.USE),
        host=host,
        passkeys=[shown_id(each.credential) for each in kept if each.host == host],
        app=app,
    )


def _view(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        id=passkey.id,
        name=passkey.name,
        host=passkey.host,
        added_at=passkey.added_at,
        used_at=passkey.used_at,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_account": UNKNOWN_ACCOUNT,
        "wrong_code": WRONG_CODE,
        "wrong_passkey": WRONG_PASSKEY,
        "passkey_exists": ProblemKind(409, "That passkey is there already"),
        "too_many_passkeys": ProblemKind(409, "There are too many passkeys"),
        "unknown_passkey": ProblemKind(404, "There is no such passkey"),
    },
    path_patterns={"passkey": r"[1-9][0-9]{0,17}"},
)
