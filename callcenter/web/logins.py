"""Log-in, sessions that expire, and the command line's own token.

A session is a random token that only the person has. Its SHA-256 is kept. What was checked a moment
ago is remembered here, so that an operator can still pause while PostgreSQL is away. An answer
never says whether the name or the password was wrong, and takes equally long for a name that does
not exist.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callcenter.config import Settings
from callcenter.ports.people import (
    Account,
    Accounts,
    DatabaseAwayError,
    Role,
    Session,
)
from callcenter.web import one_time_codes
from callcenter.web.attempts import Attempts
from callcenter.web.errors import Problem
from callcenter.web.limits import TokenBuckets
from callcenter.web.passkeys import PasskeyAnswer, PasskeyChecks
from callcenter.web.passwords import Passwords

FRESH_SECONDS = 5.0  # a session is not looked up again within this time
REMEMBERED_MOST = 20_000  # sessions kept in memory; about 10 MB
ONE_TIME_DAYS = 7  # an unused one-time password is void after this
CODES_AT_ONCE = 5  # wrong codes in a row for one account, from all addresses together
# until one more code is allowed: 288 a day, against three valid codes of a million
CODE_SECONDS = 300.0
COMMAND_LINE = "command-line"
NOBODY = "nobody"  # a person whose log-in was refused
_WRONG = "Check both. An administrator can reset the password."
_NOBODY = "Log in: POST /api/v1/sessions."


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person who asks. `token_hash` is that of the session; None for the command line on this
    host.

    `must_add_factor`: the role needs a second factor, and there is none yet.
    """

    name: str
    role: Role
    must_change: bool
    must_add_factor: bool = False
    token_hash: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """The second factor that a person gives: a code (of the app, or a recovery code), or a
    passkey's answer. `origin`: that of our pages, by the name at which the request came."""

    code: str | None = None
    passkey: PasskeyAnswer | None = None
    origin: str = ""


@dataclass(slots=True)
class _Remembered:
    session: Session
    asked_at: datetime  # when the database last confirmed the session
    touched_at: datetime  # the `seen_at` in the database


class Logins:
    """Lets people log in and recognises them. `wall` and `monotonic` are the clocks."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        passwords: Passwords,
        settings: Settings,
        wall: Callable[[], datetime],
        monotonic: Callable[[], float],
        command_line_token: str,
        passkeys: PasskeyChecks,
        in_a_call: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`in_a_call`: the accounts of operators who are in a call now. Their log-ins do not expire
        before it is over."""
        # called when sessions ended, or may have ended
        self.listeners: list[Callable[[], None]] = []
        self._accounts = accounts
        self.passwords = passwords
        self.passkeys = passkeys
        self._wall = wall
        self._idle = timedelta(seconds=settings.session_idle_seconds)
        self.absolute = timedelta(seconds=settings.session_absolute_seconds)
        self._command_line = token_hash(command_line_token)
        self._in_a_call = in_a_call
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._attempts = Attempts(settings, monotonic)
        self._need_factor = settings.roles_with_second_factor
        self._codes = TokenBuckets(
            capacity=CODES_AT_ONCE, refill_seconds=CODE_SECONDS, monotonic=monotonic
        )

    async def log_in(
        self, name: str, password: str, address: str, factor: Factor
    ) -> tuple[str, Session]:
        """A new session and its token. Problems: wrong_credentials, too_many_attempts, busy. If the
        account has a second factor, also second_factor_needed, wrong_code and wrong_passkey."""
        account = await self.check(name, password, address)
        now = self._wall()
        if account.has_second_factor:
            await self.check_factor(account, factor, now)
        if account.must_change and now - account.password_at > timedelta(days=ONE_TIME_DAYS):
            detail = "The one-time password is too old. Ask an administrator for a new one."
            raise Problem("wrong_credentials", detail)
        token = secrets.token_urlsafe(32)
        session = Session(token_hash=token_hash(token), account=account, opened_at=now, seen_at=now)
        await self._accounts.open_session(session)
        self._remember(session, now)
        return token, session

    def person(self, account: Account, given: bytes) -> Person:
        """The person of this session."""
        return Person(
            name=account.name,
            role=account.role,
            must_change=account.must_change,
            must_add_factor=not account.has_second_factor and self.needs_factor(account.role),
            token_hash=given,
        )

    def needs_factor(self, role: Role) -> bool:
        """Whether people with that role must have a second factor."""
        return role in self._need_factor

    def count_code(self, name: str) -> None:
        """Count one more code for an account, from any address. A person who knows the password may
        try a few codes, but not all million. Problem too_many_attempts."""
        if wait := self._codes.take(name):
            detail = "Wait, then give the code the app shows by then."
            raise Problem("too_many_attempts", detail, retry_seconds=wait)

    def forgive_code(self, name: str) -> None:
        """Take the count back, because the code was right."""
        self._codes.give_back(name)

    async def check_factor(self, account: Account, factor: Factor, now: datetime) -> None:
        """Check the second factor of an account that has one: a passkey, the app's code or a
        recovery code. Each is accepted once, even if two people give it at the same time. Problems:
        second_factor_needed, wrong_code, wrong_passkey, too_many_attempts."""
        if factor.code is None and factor.passkey is None:
            detail = "Give the code of your app, a recovery code, or a passkey."
            raise Problem("second_factor_needed", detail)
        self.count_code(account.name)
        if factor.passkey is not None:
            await self.passkeys.check(account.name, factor.passkey, factor.origin, now)
        elif factor.code is not None:
            await self._check_code(account, factor.code, now)
        self.forgive_code(account.name)

    async def _check_code(self, account: Account, code: str, now: datetime) -> None:
        given, step = one_time_codes.plain(code), None
        if account.totp_secret is not None:
            step = one_time_codes.matching_step(account.totp_secret, given, now.timestamp())
        if step is not None:
            right = await self._accounts.use_step(account.name, step)
        else:
            hashed = one_time_codes.recovery_hash(given)
            right = await self._accounts.use_recovery_code(account.name, hashed)
        if not right:
            raise Problem("wrong_code", "Give the code the app shows now; each is good once.")

    async def check(self, name: str, password: str, address: str) -> Account:
        """The account with this password. Wrong passwords are counted, and above a limit the next
        attempt must wait."""
        self._attempts.count(name, address)
        try:
            account = await self._accounts.account(name)
            known_hash = None if account is None else account.password_hash
            right = await self.passwords.check(known_hash, password)
        except (DatabaseAwayError, Problem):
            self._attempts.forgive(name, address)
            raise
        if account is None or not right or account.disabled:
            raise Problem("wrong_credentials", _WRONG)
        self._attempts.succeeded(name, address)
        return account

    async def who(self, token: str) -> Person:
        """The person with this token. Problem not_logged_in if there is none, or not any more."""
        given = token_hash(token)
        if hmac.compare_digest(given, self._command_line):
            return Person(
                name=COMMAND_LINE, role=Role.ADMINISTRATOR, must_change=False, token_hash=None
            )
        remembered = await self._session(given)
        if remembered is None or self._is_over(remembered.session):
            await self.close(given)
            raise Problem("not_logged_in", _NOBODY)
        await self._note_use(remembered)
        return self.person(remembered.session.account, given)

    async def close(self, given: bytes) -> None:
        """Log out."""
        self._remembered.pop(given, None)
        await self._accounts.close_session(given)
        self._tell()

    def forget(self, account: str) -> None:
        """Check every session of a changed account in the database again."""
        kept = self._remembered.items()
        gone = [token for token, held in kept if held.session.account.name == account]
        for token in gone:
            del self._remembered[token]
        self._tell()

    async def forget_expired(self) -> int:
        """Remove expired sessions for good; gives how many. Called from time to time."""
        now = self._wall()
        over = [token for token, held in self._remembered.items() if self._is_over(held.session)]
        for token in over:
            del self._remembered[token]
        forgotten = await self._accounts.forget_sessions(
            opened_before=now - self.absolute,
            seen_before=now - self._idle,
            but=self._in_a_call(),
        )
        if forgotten:
            self._tell()
        return forgotten

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()

    async def _session(self, given: bytes) -> _Remembered | None:
        now = self._wall()
        held = self._remembered.get(given)
        if held is not None and (now - held.asked_at).total_seconds() < FRESH_SECONDS:
            return held
        try:
            session = await self._accounts.session(given)
        except DatabaseAwayError:
            if held is None:
                raise
            return held
        if session is None or session.account.disabled:
            return None
        if held is not None:  # our time is later: the database gets it only now and then
            session = replace(session, seen_at=max(session.seen_at, held.session.seen_at))
        return self._remember(session, now)

    def _remember(self, session: Session, now: datetime) -> _Remembered:
        held = _Remembered(session, asked_at=now, touched_at=session.seen_at)
        self._remembered[session.token_hash] = held
        self._remembered.move_to_end(session.token_hash)
        if len(self._remembered) > REMEMBERED_MOST:
            self._remembered.popitem(last=False)
        return held

    def _is_over(self, session: Session) -> bool:
        now = self._wall()
        if now - session.seen_at <= self._idle and now - session.opened_at <= self.absolute:
            return False
        return session.account.name not in self._in_a_call()

    async def _note_use(self, held: _Remembered) -> None:
        now = self._wall()
        held.session = replace(held.session, seen_at=now)
        if now - held.touched_at < min(timedelta(seconds=60), self._idle / 4):
            return
        held.touched_at = now
        try:
            await self._accounts.touch_session(held.session.token_hash, now)
        except DatabaseAwayError:
            held.touched_at = held.session.opened_at  # try again with the next request


def token_hash(token: str) -> bytes:
    """The hash of a token, which is kept. SHA-256 is enough for 256 random bits (no dictionary
    helps)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
