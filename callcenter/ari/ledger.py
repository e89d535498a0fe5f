"""Asterisk's own list of ended calls, read row by row: what the service never saw is found here.

Run by app.py. Follows the CSV file that dialplans/cdr_custom.conf describes and puts one
`LedgerRead` into the inbox for each caller's row: the engine knows most of those calls already, and
records the others (hung up in the greeting, served by the lifeboat). How far it has read is kept in
a small file; reading a row twice does no harm. It never changes a row; a file that is read to its
end and is long, or has grown for a month, is put aside, and the one put aside before it is gone.
"""

import asyncio
import csv
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from callcenter.ari.translate import clean
from callcenter.core.dialled import normal_form
from callcenter.core.events import LedgerRead, Stage
from callcenter.core.ids import CallId, OperatorId
from callcenter.runtime.phones import without_domain
from callcenter.runtime.pulse import pulse

LONGEST_ROW_BYTES = 1 << 17
CHUNK_BYTES = LONGEST_ROW_BYTES
"""About 1,000 rows: those read once more after a kill, the engine still remembers
(RECENT_CALLS in core/state.py), so that none is recorded twice."""

KEEP_BYTES = 16 * 1024 * 1024
"""About 60,000 rows. Callers' full numbers stand in them, and all that counts is in the record."""

KEEP_SECONDS = 30 * 24 * 3600.0
"""A month, so that its figures can be held against the rows: a small centre's file is never long.
A row is gone after twice that, when the file it is in was put aside and the next one is, too."""

ROWS_AT_ONCE = 50  # worked on between two looks at the event loop: about 1 ms

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
"""The columns, in the order of cdr_custom.conf; a test holds the two against each other."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read: `inode` tells a rotated file from the old one."""

    inode: int
    offset: int


class Ledger:
    """Follows the file. `put` is the inbox (False when it is full), `worked_off` waits until what
    is in there has been worked on: the place is never ahead of what the engine has."""

    def __init__(
        self,
        path: Path,
        place_file: Path,
        put: Callable[[LedgerRead], bool],
        worked_off: Callable[[], Awaitable[None]],
        keep_bytes: int = KEEP_BYTES,
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        self.malformed = 0  # rows that made no sense
        self.read = 0  # callers' rows handed over
        self._path = path
        self._aside = put_aside(path)
        self._keep_bytes = keep_bytes
        self._keep_seconds = keep_seconds
        self._stays = False  # it cannot be put aside
        self._place_file = place_file
        self._put = put
        self._worked_off = worked_off
        self._place = _remembered(place_file)

    async def run(self) -> None:
        """Until cancelled."""
        if not self._path.exists():
            log.warning("there is no ledger yet", effect="lifeboat calls are not recorded without")
        while True:
            try:
                more = await self._look()
            except OSError as error:
                log.warning("the ledger cannot be read", reason=type(error).__name__)
                more = False
            if not more:
                await pulse()

    async def _look(self) -> bool:
        """Read what is new; whether there is more at once."""
        path = self._aside if self._more_aside() else self._path
        if not self._has_grown(path):
            await self._put_aside()
            return False
        found = await asyncio.to_thread(_read_on, path, self._place)
        if found is None:
            return False
        chunk, place = found
        whole = chunk.rfind(b"\n") + 1
        if not whole and len(chunk) < LONGEST_ROW_BYTES:
            return False  # a row is being written
        whole = whole or len(chunk)
        for count, line in enumerate(chunk[:whole].decode("utf-8", "replace").splitlines(), 1):
            await self._hand_over(line)
            if count % ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
        await self._worked_off()
        self._place = Place(place.inode, place.offset + whole)
        await asyncio.to_thread(_remember, self._place_file, self._place)
        return len(chunk) == CHUNK_BYTES

    def _has_grown(self, path: Path) -> bool:
        """Asked without a thread, which would cost more than all else of an idle second."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return False  # no call has ended yet
        return (status.st_ino, status.st_size) != (self._place.inode, self._place.offset)

    async def _put_aside(self) -> None:
        """When it is read to its end. Asterisk opens it by its name for every row (cdr_custom.c),
        so that the next one begins a new file; which may be there by now, and is not read yet."""
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
            self._stays = True  # said once
            log.warning("the ledger grows for ever", reason=error.strerror)
        else:
            log.info("the ledger was put aside", bytes=self._place.offset)

    def _is_old(self) -> bool:
        """Whether the last row put aside is; before the first time, an empty file tells since when
        rows are kept."""
        try:
            last = self._aside.stat().st_mtime
        except FileNotFoundError:
            self._aside.touch()
            return False
        return time.time() - last > self._keep_seconds

    def _more_aside(self) -> bool:
        """A row that Asterisk was just writing when its file was put aside."""
        try:
            status = self._aside.stat()
        except FileNotFoundError:
            return False
        return status.st_ino == self._place.inode and status.st_size > self._place.offset

    async def _hand_over(self, line: str) -> None:
        try:
            event = row_event(line, now=time.time())
        except ValueError:
            self.malformed += 1
            return
        if event is None:
            return
        while not self._put(event):  # noqa: ASYNC110 - an inbox tells nobody when it has room
            await asyncio.sleep(0.05)
        self.read += 1


def put_aside(path: Path) -> Path:
    """Where a ledger goes that was read and is long, or old."""
    return path.with_suffix(".old.csv")


def row_event(line: str, *, now: float) -> LedgerRead | None:
    """One row; None when it is not a caller's. `now` is the wall clock. ValueError: no row."""
    cells = next(csv.reader([line]), [])
    if len(cells) != len(FIELDS):
        raise ValueError("not a row of the ledger")
    row = dict(zip(FIELDS, cells, strict=True))
    if not row["accountcode"] or not _is_callers(row["channel"]):
        return None
    stage, did, caller = who(row["accountcode"])
    start, end = float(row["start"]), float(row["end"])
    call_seconds = max(0.0, end - start)
    answered = row["lifeboat_wait"] != ""
    return LedgerRead(
        call=CallId(row["uniqueid"]),
        did=normal_form(did),
        caller=clean(caller),
        stage=_stage(stage),
        answered=answered,
        age_seconds=min(max(0.0, now - start), _LONGEST_AGE_SECONDS),
        wait_seconds=_wait_seconds(row, start, call_seconds) if answered else call_seconds,
        call_seconds=call_seconds,
        operator=OperatorId(without_domain(row["lifeboat_operator"]).removeprefix("op-")),
    )


def who(account: str) -> tuple[str, str, str]:
    """`greeting/1567/0812345678`: stage, dialled number, caller's number. ValueError: none."""
    stage, did, caller = account.split("/")
    return stage, did, caller


def _stage(stage: str) -> Stage:
    """`out:<why>` was sent out by the service, which knows it."""
    if stage in (Stage.GREETING, Stage.LIFEBOAT):
        return Stage(stage)
    return Stage.STASIS


def _wait_seconds(row: dict[str, str], start: float, call_seconds: float) -> float:
    """Arrival to the lifeboat operator's answer; whole seconds are all that the dialplan knows."""
    waited = float(row["lifeboat_since"] or start) - start + float(row["lifeboat_wait"])
    return min(max(0.0, waited), call_seconds)


def _read_on(path: Path, place: Place) -> tuple[bytes, Place] | None:
    """The next chunk and where it begins; None when there is nothing new."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        same = status.st_ino == place.inode and status.st_size >= place.offset
        start = Place(status.st_ino, place.offset if same else 0)
        file.seek(start.offset)
        chunk = file.read(CHUNK_BYTES)
    return (chunk, start) if chunk else None


def _remembered(place_file: Path) -> Place:
    try:
        inode, offset = place_file.read_text().split()
        return Place(int(inode), int(offset))
    except (OSError, ValueError):
        return Place(0, 0)


def _remember(place_file: Path, place: Place) -> None:
    aside = place_file.with_suffix(".new")
    aside.write_text(f"{place.inode} {place.offset}")
    aside.rename(place_file)


def _is_callers(channel: str) -> bool:
    """Not an operator's, which inherits the account code of its caller, and not one that Asterisk
    made because a phone forwards its calls (Local/…)."""
    return channel.startswith("PJSIP/") and not channel.startswith("PJSIP/op-")


_LONGEST_AGE_SECONDS = 7 * 24 * 3600.0  # a service that was away for a week still has its records
