"""Accounts and sessions in PostgreSQL: implements `ports.people.Accounts`.

It never sees a password or a session's token, only hashes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, Update, any_, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.dml import ReturningInsert

from callcenter.ports.people import Account, Change, Role, Session
from callcenter.storage.people_tables import accounts, passkeys, sessions
from callcenter.storage.transactions import transaction

_NO_APP = {"totp_secret": None, "totp_since": None, "totp_pending": None, "totp_step": None}
_PASSKEYS = (
    select(func.count())
    .select_from(passkeys)
    .where(passkeys.c.account == accounts.c.name)
    .correlate(accounts)
    .scalar_subquery()
)
_WHOLE = select(accounts, _PASSKEYS.label("passkeys"))


class AccountsInPostgres:
    """See `ports.people.Accounts` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def accounts(self) -> Sequence[Account]:
        async with transaction(self._engine) as connection:
            rows = await connection.execute(_WHOLE.order_by(accounts.c.name))
            return [_account(row) for row in rows.mappings()]

    async def account(self, name: str) -> Account | None:
        async with transaction(self._engine) as connection:
            rows = await connection.execute(_WHOLE.where(accounts.c.name == name))
            row = rows.mappings().first()
            return None if row is None else _account(row)

    async def add_account(self, account: Account) -> bool:
        async with transaction(self._engine) as connection:
            added = await connection.execute(insert_account(account))
            return added.first() is not None

    async def set_role(self, name: str, role: Role) -> Change:
        async with transaction(self._engine) as connection:
            if role is not Role.ADMINISTRATOR and await _is_last(connection, name):
                return Change.LAST_ADMINISTRATOR
            return await _change(connection, _of(name).values(role=role.value))

    async def set_disabled(self, name: str, disabled: bool) -> Change:
        async with transaction(self._engine) as connection:
            if disabled and await _is_last(connection, name):
                return Change.LAST_ADMINISTRATOR
            if disabled:
                await connection.execute(delete(sessions).where(sessions.c.account == name))
            return await _change(connection, _of(name).values(disabled=disabled))

    async def set_password(
        self, name: str, password_hash: str, *, must_change: bool, at: datetime
    ) -> Change:
        values = {"password_hash": password_hash, "must_change": must_change, "password_at": at}
        async with transaction(self._engine) as connection:
            await connection.execute(delete(sessions).where(sessions.c.account == name))
            return await _change(connection, _of(name).values(**values))

    async def offer_factor(self, name: str, secret: str) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(_of(name).values(totp_pending=secret))

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
        others = (sessions.c.account == name) & (sessions.c.token_hash != only_session)
        values = {
            "totp_secret": secret,
            "totp_since": at,
            "totp_pending": None,
            "totp_step": step,
            "recovery_hashes": list(recovery_hashes),
        }
        async with transaction(self._engine) as connection:
            await connection.execute(_of(name).values(**values))
            await connection.execute(delete(sessions).where(others))

    async def drop_app(self, name: str) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(_of(name).values(**_NO_APP))
            bare = _of(name).where(_PASSKEYS == 0)
            await connection.execute(bare.values(recovery_hashes=[]))

    async def drop_factors(self, name: str) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(_of(name).values(**_NO_APP, recovery_hashes=[]))
            await connection.execute(delete(passkeys).where(passkeys.c.account == name))
            await connection.execute(delete(sessions).where(sessions.c.account == name))

    async def use_step(self, name: str, step: int) -> bool:
        unused = func.coalesce(accounts.c.totp_step, -1) < step
        async with transaction(self._engine) as connection:
            used = await connection.execute(_of(name).where(unused).values(totp_step=step))
            return used.rowcount > 0

    async def use_recovery_code(self, name: str, hashed: bytes) -> bool:
        kept = accounts.c.recovery_hashes
        has_it = literal(hashed) == any_(kept)
        without = func.array_remove(kept, hashed, type_=kept.type)
        async with transaction(self._engine) as connection:
            change = _of(name).where(has_it).values(recovery_hashes=without)
            return (await connection.execute(change)).rowcount > 0

    async def open_session(self, session: Session) -> None:
        values = {
            "token_hash": session.token_hash,
            "account": session.account.name,
            "opened_at": session.opened_at,
            "seen_at": session.seen_at,
        }
        async with transaction(self._engine) as connection:
            await connection.execute(insert(sessions).values(**values))

    async def session(self, token_hash: bytes) -> Session | None:
        joined = sessions.join(accounts, sessions.c.account == accounts.c.name)
        wanted = select(
            sessions.c.opened_at, sessions.c.seen_at, accounts, _PASSKEYS.label("passkeys")
        ).select_from(joined)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.where(sessions.c.token_hash == token_hash))
            row = rows.mappings().first()
            return None if row is None else _session(token_hash, row)

    async def touch_session(self, token_hash: bytes, seen_at: datetime) -> None:
        change = update(sessions).where(sessions.c.token_hash == token_hash)
        async with transaction(self._engine) as connection:
            await connection.execute(change.values(seen_at=seen_at))

    async def close_session(self, token_hash: bytes) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))

    async def give_phone(self, token_hash: bytes, secret: str | None) -> None:
        its = select(sessions.c.account).where(sessions.c.token_hash == token_hash)
        taken = update(sessions).where(sessions.c.account == its.scalar_subquery())
        given = update(sessions).where(sessions.c.token_hash == token_hash)
        async with transaction(self._engine) as connection:
            await connection.execute(taken.values(phone_secret=None))
            await connection.execute(given.values(phone_secret=secret))

    async def forget_sessions(
        self, *, opened_before: datetime, seen_before: datetime, but: Collection[str] = ()
    ) -> int:
        old = (sessions.c.opened_at < opened_before) | (sessions.c.seen_at < seen_before)
        expired = old & sessions.c.account.not_in(but)
        async with transaction(self._engine) as connection:
            return (await connection.execute(delete(sessions).where(expired))).rowcount


def insert_account(account: Account) -> ReturningInsert[tuple[str]]:
    """The statement that adds an account. It returns no row if the name is taken."""
    values = {
        "name": account.name,
        "role": account.role.value,
        "password_hash": account.password_hash,
        "must_change": account.must_change,
        "disabled": account.disabled,
        "added_at": account.added_at,
        "password_at": account.password_at,
    }
    added = insert_or_not(accounts).values(**values).on_conflict_do_nothing()
    return added.returning(accounts.c.name)


def _of(name: str) -> Update:
    return update(accounts).where(accounts.c.name == name)


async def _change(connection: AsyncConnection, change: Update) -> Change:
    changed = (await connection.execute(change)).rowcount
    return Change.DONE if changed else Change.UNKNOWN


async def _is_last(connection: AsyncConnection, name: str) -> bool:
    """Whether this is the only account that can add accounts. The rows are locked until the change
    is made."""
    able = (accounts.c.role == Role.ADMINISTRATOR.value) & accounts.c.disabled.is_(False)
    rows = await connection.execute(select(accounts.c.name).where(able).with_for_update())
    return [row.name for row in rows] == [name]


def _account(row: RowMapping) -> Account:
    return Account(
        name=row["name"],
        role=Role(row["role"]),
        disabled=row["disabled"],
        must_change=row["must_change"],
        password_hash=row["password_hash"],
        added_at=row["added_at"],
        password_at=row["password_at"],
        totp_secret=row["totp_secret"],
        totp_since=row["totp_since"],
        totp_pending=row["totp_pending"],
        recovery_codes=len(row["recovery_hashes"]),
        passkeys=row["passkeys"],
    )


def _session(token_hash: bytes, row: RowMapping) -> Session:
    return Session(
        token_hash=token_hash,
        account=_account(row),
        opened_at=row["opened_at"],
        seen_at=row["seen_at"],
    )
