"""Passkeys in PostgreSQL: implements `ports.people.Passkeys`. Only public keys are kept."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Passkey
from callcenter.storage.people_tables import accounts, passkeys, sessions
from callcenter.storage.transactions import transaction


class PasskeysInPostgres:
    """See `ports.people.Passkeys` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, account: str) -> Sequence[Passkey]:
        wanted = select(passkeys).where(passkeys.c.account == account).order_by(passkeys.c.id)
        async with transaction(self._engine) as connection:
            return [_passkey(row) for row in (await connection.execute(wanted)).mappings()]

    async def find(self, account: str, credential: bytes) -> Passkey | None:
        its = (passkeys.c.account == account) & (passkeys.c.credential == credential)
        async with transaction(self._engine) as connection:
            row = (await connection.execute(select(passkeys).where(its))).mappings().first()
            return None if row is None else _passkey(row)

    async def add(
        self, passkey: Passkey, *, recovery_hashes: Sequence[bytes], only_session: bytes
    ) -> bool:
        values = asdict(passkey)
        del values["id"]
        others = (sessions.c.account == passkey.account) & (sessions.c.token_hash != only_session)
        its_account = update(accounts).where(accounts.c.name == passkey.account)
        added = insert(passkeys).values(**values).on_conflict_do_nothing()
        async with transaction(self._engine) as connection:
            if (await connection.execute(added.returning(passkeys.c.id))).first() is None:
                return False
            if recovery_hashes:
                kept = its_account.values(recovery_hashes=list(recovery_hashes))
                await connection.execute(kept)
            await connection.execute(delete(sessions).where(others))
            return True

    async def use(self, passkey: Passkey, sign_count: int, at: datetime) -> bool:
        unused = (passkeys.c.id == passkey.id) & (passkeys.c.sign_count == passkey.sign_count)
        change = update(passkeys).where(unused).values(sign_count=sign_count, used_at=at)
        async with transaction(self._engine) as connection:
            return (await connection.execute(change)).rowcount > 0

    async def remove(self, account: str, passkey: int) -> bool:
        its = (passkeys.c.account == account) & (passkeys.c.id == passkey)
        has_more = select(passkeys.c.id).where(passkeys.c.account == account).exists()
        bare = (accounts.c.name == account) & accounts.c.totp_secret.is_(None) & ~has_more
        async with transaction(self._engine) as connection:
            removed = (await connection.execute(delete(passkeys).where(its))).rowcount > 0
            await connection.execute(update(accounts).where(bare).values(recovery_hashes=[]))
            return removed


def _passkey(row: RowMapping) -> Passkey:
    return Passkey(
        id=row["id"],
        account=row["account"],
        credential=row["credential"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        host=row["host"],
        name=row["name"],
        added_at=row["added_at"],
        used_at=row["used_at"],
    )
