"""Reads Asterisk's own list of ended calls (CDR) to find calls that the service never saw.

Follows the CSV file that dialplans/cdr_custom.conf describes, and puts one `LedgerRead` into the
inbox for each caller's row. The engine knows most of those calls already. It records the others:
callers who hung up in the greeting, or were served by the lifeboat. If the engine does not remember
a call, the database is asked first, because a new or restored data folder remembers nothing. While
the database is away the row waits. A small file keeps how far the ledger was read. Reading a row
twice does no harm. This module never changes a row. When the file is read to its end, and is long
or a month old, it is renamed; the file that was renamed before is removed.
"""

import asyncio
import csv
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from callcenter.ari.ledger_place import (
    CHUNK_BYTES,
    Place,
    fits,
    moved_on,
    read_on,
    remember,
    remembered,
)
from callcenter.ari.translate import clean
from callcenter.core.dialled import normal_form
from callcenter.core.events import LedgerRead, Stage
from callcenter.core.ids import CallId, OperatorId
from callcenter.ports.people import DatabaseAwayError
from callcenter.ports.phones import without_domain
from callcenter.runtime.pulse import pulse

LONGEST_ROW_BYTES = CHUNK_BYTES
"""About 1,000 rows. After a kill the engine still remembers the rows that are read again
(RECENT_CALLS in core/state.py), so the database need not be asked."""

KEEP_BYTES = 16 * 1024 * 1024
"""About 60,000 rows. They have callers' full numbers, and all their figures are in the database."""

KEEP_SECONDS = 30 * 24 * 3600.0
"""A month, so that its figures can be compared with the database. In a small centre the file never
gets long, so age alone decides. A row is removed after at most twice this time."""

ROWS_AT_ONCE = 50  # rows handled before other tasks run: about 1 ms

FIELDS = (
    "linkedid",
    "uniqueid",
    "start",
    "answer",
    "end",
    "disposition",
    "duration",
    "billsec",
    "lastapp",
    "accountcode",
    "lifeboat_since",
    "lifeboat_wait",
    "lifeboat_operator",
    "channel",
)
"""The columns, in the order of cdr_custom.conf. A test compares the two."""

log = structlog.get_logger(__name__)


class Ledger:
    """Follows the file. `put` is the inbox; it gives False when it is full. `worked_off` waits
    until everything in the inbox is handled, so that the kept place is never ahead of the engine.
    `remembers` asks the engine. `outcomes` asks the database about finished calls and may raise
    DatabaseAwayError. `may_read` is true for the instance that serves Asterisk's calls.
    `from_the_start` means that facts were lost, perhaps of rows that were read already."""

    def __init__(
        self,
        path: Path,
        place_file: Path,
        put: Callable[[LedgerRead], bool],
        worked_off: Callable[[], Awaitable[None]],
        remembers: Callable[[CallId], bool],
        outcomes: Callable[[Sequence[CallId]], Awaitable[Mapping[CallId, str]]],
        may_read: Callable[[], bool] = lambda: True,
        from_the_start: bool = False,
        keep_bytes: int = KEEP_BYTES,
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        self.malformed = 0  # rows that made no sense
        self.read = 0  # callers' rows given to the engine
        self.trouble = ""  # why reading has stopped; empty when all is well
        self._path = path
        self._aside = put_aside(path)
        self._keep_bytes = keep_bytes
        self._keep_seconds = keep_seconds
        self._stays = False  # the file cannot be renamed
        self._place_file = place_file
        self._put = put
        self._worked_off = worked_off
        self._remembers = remembers
        self._outcomes = outcomes
        self._may_read = may_read
        self._place = Place() if from_the_start else remembered(place_file)
        self._aside_seen = (0, 0)  # inode and size of the renamed file when it was last checked

    async def run(self) -> None:
        """Runs until cancelled."""
        if not self._path.exists():
            log.warning("there is no ledger yet", effect="lifeboat calls are not recorded without")
        while True:
            more, trouble = False, ""
            try:
                more = self._may_read() and await self._look()
            except OSError as error:
                trouble = f"the ledger cannot be read ({error.strerror or type(error).__name__})"
            except DatabaseAwayError:
                trouble = "rows of the ledger wait until the database can be asked"
            if trouble and trouble != self.trouble:
                log.warning("the ledger is not read on", reason=trouble)
            self.trouble = trouble
            if not more:
                await pulse()

    async def _look(self) -> bool:
        """Read new rows. Gives whether there are more to read at once."""
        path = self._aside if await self._more_aside() else self._path
        if not self._has_grown(path):
            await self._put_aside()
            return False
        chunk, self._place = await asyncio.to_thread(read_on, path, self._place)
        whole = chunk.rfind(b"\n") + 1
        if not whole and len(chunk) < LONGEST_ROW_BYTES:
            return False  # nothing new, or Asterisk is writing a row
        whole = whole or len(chunk)
        await self._take(chunk[:whole].decode("utf-8", "replace").splitlines())
        await self._worked_off()
        end = self._place.offset + whole
        self._place = await asyncio.to_thread(moved_on, path, self._place, end)
        await asyncio.to_thread(remember, self._place_file, self._place)
        return len(chunk) == CHUNK_BYTES

    async def _take(self, lines: Sequence[str]) -> None:
        """Give the callers' rows to the engine: all of them, or none if it raises
        DatabaseAwayError."""
        events, malformed = await _understood(lines)
        unknown = [event.call for event in events if not self._remembers(event.call)]
        recorded = await self._outcomes(unknown) if unknown else {}
        self.malformed += malformed
        for count, event in enumerate(events, 1):
            await self._hand_over(replace(event, recorded=recorded.get(event.call, "")))
            if count % ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _has_grown(self, path: Path) -> bool:
        """Checked without a thread, which would cost more than all other work of an idle second."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return False  # no call has ended yet
        return (status.st_ino, status.st_size) != (self._place.inode, self._place.offset)

    async def _put_aside(self) -> None:
        """Rename the file when it is read to its end. Asterisk opens it by name for every row
        (cdr_custom.c), so its next row begins a new file. That file may exist by now, and is not
        read yet."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return
        read = (status.st_ino, status.st_size) == (self._place.inode, self._place.offset)
        if self._stays or not read or not status.st_size:
            return
        try:
            if status.st_size < self._keep_bytes and not self._is_old():
                return
            await asyncio.to_thread(self._path.rename, self._aside)
        except OSError as error:
            self._stays = True  # logged only once
            log.warning("the ledger grows for ever", reason=error.strerror)
        else:
            log.info("the ledger was put aside", bytes=self._place.offset)

    def _is_old(self) -> bool:
        """Whether the last renamed row is too old. Before the first renaming, an empty file keeps
        the time since when rows are kept."""
        try:
            last = self._aside.stat().st_mtime
        except FileNotFoundError:
            self._aside.touch()
            return False
        return time.time() - last > self._keep_seconds

    async def _more_aside(self) -> bool:
        """Read rows that Asterisk was writing while its file was renamed."""
        try:
            status = self._aside.stat()
        except FileNotFoundError:
            return False
        now = status.st_ino, status.st_size
        if now == self._aside_seen:
            return False
        is_ours = await asyncio.to_thread(fits, self._aside, self._place)
        if is_ours and status.st_size > self._place.offset:
            return True
        self._aside_seen = now
        return False

    async def _hand_over(self, event: LedgerRead) -> None:
        while not self._put(event):  # noqa: ASYNC110 - an inbox tells nobody when it has room
            await asyncio.sleep(0.05)
        self.read += 1


async def _understood(lines: Sequence[str]) -> tuple[list[LedgerRead], int]:
    """The callers' rows among the lines, and the number of malformed lines."""
    events, malformed = [], 0
    for count, line in enumerate(lines, 1):
        try:
            event = row_event(line, now=time.time())
        except ValueError:
            malformed += 1
        else:
            events += [] if event is None else [event]
        if count % ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
    return events, malformed


def put_aside(path: Path) -> Path:
    """The name for a ledger that was read and is long or old."""
    return path.with_suffix(".old.csv")


def row_event(line: str, *, now: float) -> LedgerRead | None:
    """The event of one row; None if the row is not a caller's. `now` is the wall clock. Raises
    ValueError if it is not a row."""
    cells = next(csv.reader([line]), [])
    if len(cells) != len(FIELDS):
        raise ValueError("not a row of the ledger")
    row = dict(zip(FIELDS, cells, strict=True))
    if not row["accountcode"] or not _is_callers(row["channel"]):
        return None
    stage, name, did, caller = who(row["accountcode"])
    start, end = float(row["start"]), float(row["end"])
    call_seconds = max(0.0, end - start)
    answered = row["lifeboat_wait"] != ""
    return LedgerRead(
        call=CallId(name or row["uniqueid"]),
        did=normal_form(did),
        caller=clean(caller),
        stage=_stage(stage),
        answered=answered,
        age_seconds=min(max(0.0, now - start), _LONGEST_AGE_SECONDS),
        wait_seconds=_wait_seconds(row, start, call_seconds) if answered else call_seconds,
        call_seconds=call_seconds,
        operator=OperatorId(without_domain(row["lifeboat_operator"]).removeprefix("op-")),
    )


def who(account: str) -> tuple[str, str, str, str]:
    """Stage, name, dialled number and caller's number of `greeting/1567/0812345678`. A name is
    there if the service knows the call by another channel ([again]). Raises ValueError if it cannot
    be read."""
    stage, *name, did, caller = account.split("/")
    if len(name) > 1:
        raise ValueError("not an account code")
    return stage, "".join(name), did, caller


def _stage(stage: str) -> Stage:
    """The stage. `out:<why>` means that the service itself sent the caller out, and knows it."""
    if stage in (Stage.GREETING, Stage.LIFEBOAT):
        return Stage(stage)
    return Stage.STASIS


def _wait_seconds(row: dict[str, str], start: float, call_seconds: float) -> float:
    """From arrival to the lifeboat operator's answer. The dial plan knows only whole seconds."""
    waited = float(row["lifeboat_since"] or start) - start + float(row["lifeboat_wait"])
    return min(max(0.0, waited), call_seconds)


def _is_callers(channel: str) -> bool:
    """False for an operator's channel, which inherits the account code of its caller, and for a
    channel that Asterisk made because a phone forwards its calls (Local/…)."""
    return channel.startswith("PJSIP/") and not channel.startswith("PJSIP/op-")


_LONGEST_AGE_SECONDS = 7 * 24 * 3600.0  # a service that was away for a week still has its records
