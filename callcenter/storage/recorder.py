"""Facts of the journal become rows, each exactly once, whatever happens to the database.

    recorder = Recorder(journal, database_url)
    task_group.create_task(recorder.run())

One task, one connection. A batch of facts and the place in the journal they reach are committed in
one transaction, so that a crash on either side repeats or loses nothing. A second recorder on the
same journal finds the place moved and stops. A database that is away, hangs or breaks off in a
commit is tried again for ever, without effect on calls; telemetry shows how far behind it is. A
fact that no table can take goes to `dead_letters`, and the facts behind it are stored.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import ExitStack
from typing import NamedTuple

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlalchemy import make_url

from callcenter.core.ids import OperatorId
from callcenter.runtime.journal import Journal
from callcenter.runtime.journal_reader import SLICE, JournalReader
from callcenter.runtime.record import Envelope
from callcenter.storage.merge import PLANNER, Merged, copy_in, merge
from callcenter.storage.pooler import is_pooled
from callcenter.storage.rows import DeadLetter, Fold, PresentState
from callcenter.storage.statements import INCOMING, ONE_AT_A_TIME
from callcenter.storage.unfit import (
    LOST,
    UNFIT_ERRORS,
    cleaned,
    is_unfit,
    letter,
    lost_letter,
)

CONNECT_SECONDS = 5.0
# for one statement; after that the server hangs, and the connection is closed
ANSWER_SECONDS = 15.0
FIRST_BACKOFF_SECONDS, LAST_BACKOFF_SECONDS = 0.1, 5.0
IDLE_SECONDS = 10.0  # without facts to store; then a test write is made
SLOW_SECONDS = 60.0  # if the oldest fact has waited this long, PostgreSQL does not keep up
# pause after a small batch: more facts in each transaction, far fewer transactions
GROUP_SECONDS = 0.5
SMALL_BATCH = 200
FOLDED_AT_ONCE = 200  # facts decoded and folded before other tasks run: about 1 ms

log = structlog.get_logger(__name__)

_SETTINGS = {
    "client_min_messages": "warning",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "10",  # the server then closes the session of a dead host
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    **PLANNER,
}
_BEGIN = "begin; " + "".join(f"set local {n} = '{v}'; " for n, v in _SETTINGS.items())
_BEGIN += INCOMING + ONE_AT_A_TIME
"""Nothing of ours outlives a transaction, so that a pooler may give each one to another session.
Settings are made for the transaction, and temporary tables are created if they do not exist."""

_POSITION = "select seq from journal_positions where journal = $1"
_BEGIN_JOURNAL = "insert into journal_positions (journal, seq) values ($1, $2)"
_MOVE = """
with moved as (
    update journal_positions set seq = $3, updated_at = now() where journal = $1 and seq = $2
    returning 1
)
select count(*) from moved
"""
_PRESENT = """
select operator, state, reason, call_id,
    case when journal = $1 then began_engine_seconds end as began_engine_seconds
from operator_states where ended_at is null
"""


class PositionMovedError(Exception):
    """Another process stores this journal: two services use one journal's name. End one of them."""


class Recorder:
    """Stores the facts of one journal. The counters are for telemetry."""

    def __init__(
        self, journal: Journal, database_url: str, *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self.stored_seq = _first_seq(journal) - 1  # every fact up to this one is in the tables
        self.stored_facts = 0
        self.dead_letters = 0
        self.contradicted = 0  # calls that came again with another outcome than the stored one
        self.failures = 0
        self.last_error = ""  # the class of the last error; empty when all is well
        self._journal = journal
        self._answer_seconds = answer_seconds
        self._dsn = plain_dsn(database_url)
        self._in_hand: list[Envelope] = []
        self._position = 0  # the last fact that the database has
        self._present: Mapping[OperatorId, PresentState] = {}
        self._progress = asyncio.Event()
        self._copied = asyncio.Event()
        self._away_since: float | None = journal.clock.now()
        self._is_pooled = False
        self._reader: JournalReader | None = None
        self._missed_before = 0  # facts that earlier readers missed, according to the tables
        self._missed_told = 0  # the same for this reader

    @property
    def facts_behind(self) -> int:
        """The number of facts that the journal has and the tables do not."""
        return max(0, self._journal.last_seq - self.stored_seq)

    @property
    def missed_facts(self) -> int:
        """The number of lost facts: they have a number, but neither the journal nor the tables have
        them."""
        return self._missed_before + (self._reader.missed if self._reader else 0)

    @property
    def seconds_behind(self) -> float:
        """How long the oldest fact that is not stored has waited; 0 if none waits."""
        if not self.facts_behind:
            return 0.0
        now = self._journal.clock.now()
        waiting = [at for entry in self._in_hand[:1] if (at := entry.fact().at)]
        since = waiting[0] if waiting else self._away_since
        return 0.0 if since is None else max(0.0, now - since)

    def complaint(self) -> str:
        """A sentence for the person on duty if something is wrong; empty if not. A connection alone
        does not count: facts must get into the tables."""
        if self._away_since is None:
            behind = self.seconds_behind
            if behind < SLOW_SECONDS:
                return ""
            return (
                f"PostgreSQL takes records too slowly: the oldest of {self.facts_behind} waits for "
                f"{behind:.0f} s. None is lost; reports are not complete. Look at PostgreSQL's "
                "load, locks and disk."
            )
        return (
            f"PostgreSQL does not take records ({self.last_error or 'not connected yet'}); "
            f"{self.facts_behind} facts wait in the journal and none is lost. Start PostgreSQL, "
            "or check CALLCENTER_DATABASE_URL."
        )

    async def caught_up(self) -> None:
        """Wait until the tables have every fact of the journal."""
        while self.facts_behind:
            await self._progress.wait()

    async def caught_up_or_failed(self) -> None:
        """The same before a clean stop, but only until the database has failed twice: it may be
        stopping too, and the journal keeps the rest. The first failure may be our own commit, which
        was interrupted but succeeded."""
        enough = self.failures + 2
        while self.facts_behind and self.failures < enough:
            await self._progress.wait()

    async def run(self) -> None:
        """Runs until cancelled."""
        backoff = FIRST_BACKOFF_SECONDS
        while True:
            stored = self.stored_facts
            try:
                await self._store_while_connected()
            except Exception as error:  # noqa: BLE001 - counted, shown, tried again: calls go on
                self._note(error)
            if self.stored_facts > stored:
                backoff = FIRST_BACKOFF_SECONDS
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))
            backoff = min(backoff * 2, LAST_BACKOFF_SECONDS)

    def _note(self, error: Exception) -> None:
        self.failures += 1
        self.last_error = type(error).__name__
        self._tell()
        if self._away_since is None:
            self._away_since = self._journal.clock.now()
            log.warning("records wait in the journal", reason=self.last_error)

    async def _connect(self) -> asyncpg.Connection:
        """Connect. Statements are prepared once for each connection, but not behind a pooler."""
        while True:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=min(CONNECT_SECONDS, self._answer_seconds),
                command_timeout=self._answer_seconds,
                server_settings={"application_name": "callcenter recorder"},
                statement_cache_size=0 if self._is_pooled else 100,
            )
            with ExitStack() as unused:
                unused.callback(connection.terminate)
                if self._is_pooled or not await is_pooled(connection):
                    unused.pop_all()
                    return connection
            self._is_pooled = True
            log.info("a pooler is between us and PostgreSQL", effect="statements are not prepared")

    async def _store_while_connected(self) -> None:
        connection = await self._connect()
        coming: asyncio.Task[_Batch] | None = None
        try:
            reader = await self._take_up(connection)
            self._copied.set()
            coming = asyncio.create_task(self._read_ahead(reader, self._present), name="reading")
            batch = await self._next(connection, coming)
            while True:
                self._copied = asyncio.Event()
                coming = asyncio.create_task(
                    self._read_ahead(reader, batch.after), name="reading ahead"
                )
                self._in_hand = batch.entries
                # a fact was set aside, so the state has changed
                if batch.fold.present is not self._present:
                    batch = await _folded(batch.entries, self._present, batch.missed)
                await self._store(connection, batch)
                small = len(self._in_hand) < SMALL_BATCH
                # more facts wait, about as old as this one
                self._in_hand = [] if small else batch.entries[-1:]
                await _free(batch)
                waits = small and not self._journal.disk.refuses
                await asyncio.sleep(GROUP_SECONDS if waits else 0)
                batch = await self._next(connection, coming)
        finally:
            if coming is not None:
                coming.cancel()
            connection.terminate()

    async def _next(
        self, connection: asyncpg.Connection, coming: "asyncio.Task[_Batch]"
    ) -> "_Batch":
        """The next facts. While there are none, a test write is made now and then."""
        while not (await asyncio.wait({coming}, timeout=IDLE_SECONDS))[0]:
            await connection.execute(_BEGIN)
            await self._move(connection, self._position)
            await connection.execute("commit")
            self._is_well()
        return coming.result()

    # --- going on from what the database has --------------------------------------------------

    async def _take_up(self, connection: asyncpg.Connection) -> JournalReader:
        """Read from the tables how many facts are stored, and go on from there."""
        await connection.execute(_BEGIN)
        self._position = await self._read_position(connection)
        present = await connection.fetch(_PRESENT, self._journal.name)
        # a database that accepts this write accepts facts
        await self._move(connection, self._position)
        await connection.execute("commit")
        self._present = {row["operator"]: PresentState(*row[1:]) for row in present}
        self._in_hand = []
        self._missed_before += self._missed_told
        self._missed_told = 0
        self._know_stored(self._position)
        if self.facts_behind:
            log.info("the database is there", behind=self.facts_behind)
        else:
            self._is_well()
        self._reader = self._journal.reader(self._position)
        return self._reader

    def _is_well(self) -> None:
        """Note that facts were stored, or that none wait and the test write succeeded."""
        self.last_error = ""
        if self._away_since is not None:
            self._away_since = None
            log.info("records are stored", behind=self.facts_behind)

    async def _read_position(self, connection: asyncpg.Connection) -> int:
        name, opened = self._journal.name, self._journal.opened_seq
        position: int | None = await connection.fetchval(_POSITION, name)
        if position is None:  # facts that the journal no longer has are in another database
            first = _first_seq(self._journal)
            await connection.execute(_BEGIN_JOURNAL, name, first - 1)
            return first - 1
        if self._journal.disk.stored_seq is None and position >= opened:
            # The journal lost facts that are stored already (somebody cut its end), and this
            # process uses their numbers again.
            await connection.fetchval(_MOVE, name, position, opened - 1)
            log.error("the journal is older than the database", facts=position - opened + 1)
            return opened - 1
        return position

    async def _read_ahead(
        self, reader: JournalReader, present: Mapping[OperatorId, PresentState]
    ) -> "_Batch":
        """Read and fold the next batch while PostgreSQL merges the one before. (When each waited
        for the other, both processors were idle half of the time.) Not while a batch is loaded:
        then our processor works and PostgreSQL waits."""
        await self._copied.wait()
        return await _folded(await reader.read(), present, reader.missed)

    # --- storing -----------------------------------------------------------------------------

    async def _store(self, connection: asyncpg.Connection, batch: "_Batch") -> None:
        """Commit a batch. A batch with unfit data is halved until the unfit fact is alone."""
        try:
            await self._commit(connection, batch)
        except UNFIT_ERRORS as error:
            if not is_unfit(error):
                raise
            await connection.execute("rollback")
            entries = batch.entries
            if len(entries) == 1:
                await self._set_aside(connection, entries[0], letter(entries[0], error))
                return
            half = len(entries) // 2
            for part in (entries[:half], entries[half:]):
                await self._store(connection, await _folded(part, self._present, batch.missed))

    async def _set_aside(
        self, connection: asyncpg.Connection, entry: Envelope, dead: DeadLetter
    ) -> None:
        """Keep the fact unchanged in `dead_letters`. Its row gets a cleaned one, if that can be
        stored."""
        log.error("a fact was set aside", kind=dead.kind, seq=dead.seq, reason=dead.error)
        try:
            await self._commit(connection, await _folded([cleaned(entry)], self._present), dead)
        except UNFIT_ERRORS as error:
            if not is_unfit(error):
                raise
            await connection.execute("rollback")
            await self._commit(connection, await _folded([], self._present), dead)

    async def _commit(
        self, connection: asyncpg.Connection, batch: "_Batch", dead: DeadLetter | None = None
    ) -> None:
        fold, entries = batch.fold, batch.entries
        reached = entries[-1].seq if entries else self._position
        if dead:
            fold.dead.append(dead)
            reached = dead.seq
        lost = max(0, batch.missed - self._missed_told)
        if lost and entries:
            fold.dead.append(lost_letter(entries[0], lost))
        await connection.execute(_BEGIN)
        await copy_in(connection, fold)
        self._copied.set()
        merged = await merge(connection, self._journal.name, fold)
        await self._move(connection, reached)
        await connection.execute("commit")
        self._present = batch.after
        self._position = reached
        self._is_well()
        self.stored_facts += len(entries)
        self.dead_letters += sum(letter.kind != LOST for letter in fold.dead)
        self._missed_told += lost if entries else 0
        self._count(merged)
        self._know_stored(reached)

    async def _move(self, connection: asyncpg.Connection, reached: int) -> None:
        name = self._journal.name
        if await connection.fetchval(_MOVE, name, self._position, reached) != 1:
            raise PositionMovedError("another service stores this journal: end one of the two")

    def _count(self, merged: Merged) -> None:
        self.contradicted += merged.contradicted
        if merged.contradicted:
            log.warning(
                "calls were told with another outcome",
                calls=merged.contradicted,
                effect="what is stored stays",
            )
        if merged.corrected:
            log.warning(
                "calls were known from the ledger alone",
                calls=merged.corrected,
                effect="what the service saw replaces it; see the audit",
            )

    def _know_stored(self, seq: int) -> None:
        self.stored_seq = seq
        self._journal.forget(seq)
        self._tell()

    def _tell(self) -> None:
        """Wake tasks that wait for the recorder to catch up."""
        self._progress.set()
        self._progress = asyncio.Event()


class _Batch(NamedTuple):
    """A batch of entries as rows. `after` is what operators do when it is stored."""

    entries: list[Envelope]
    fold: Fold
    after: Mapping[OperatorId, PresentState]
    missed: int  # facts that the reader had missed until then


async def _folded(
    entries: list[Envelope], present: Mapping[OperatorId, PresentState], missed: int = 0
) -> _Batch:
    fold = Fold(present)
    for count, entry in enumerate(entries, 1):
        fold.add(entry.seq, entry.wall, entry.fact())
        if count % FOLDED_AT_ONCE == 0:
            await asyncio.sleep(0)
    fold.close()
    return _Batch(entries, fold, fold.present_after(), missed)


async def _free(batch: _Batch) -> None:
    """Free the batch in parts. At once it would hold the event loop for 10 ms."""
    fold = batch.fold
    for rows in (batch.entries, fold.states, fold.closings):
        while rows:
            del rows[-SLICE:]
            await asyncio.sleep(0)
    for changes in (fold.calls, fold.offers):
        while changes:
            for _ in range(min(SLICE, len(changes))):
                changes.popitem()
            await asyncio.sleep(0)


def plain_dsn(database_url: str) -> str:
    """SQLAlchemy's URL in the form of asyncpg."""
    url = make_url(database_url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _first_seq(journal: Journal) -> int:
    """The oldest fact that the journal still has. Earlier ones are stored."""
    return journal.segments[0].header.first_seq if journal.segments else 1
