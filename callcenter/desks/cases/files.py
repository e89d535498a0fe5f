"""Files of a case: which files are allowed, their names, and who may add one. Pure, except that it
reads files.

The kind of a file is found from its content. Its name, and the type that a browser gives, are
ignored. Nothing is unpacked or drawn here. Of a spreadsheet (a ZIP) only the list of its parts is
read.
"""

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import BinaryIO
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from callcenter.desks.cases.model import Case, CaseState
from callcenter.desks.shared.hops import HopState, open_acts
from callcenter.desks.shared.units import DeskRole, Standing

MOST_BYTES = 10_000_000
MOST_FILES = 20  # of one case
MOST_EVER = 200  # of one case, including removed ones
NAME_MOST = 120
AWAITED = timedelta(hours=1)  # from the announcement to the content

_PARTS_MOST = 2_000  # parts of a spreadsheet; an office program makes a few dozen
_LIST_MOST_BYTES = 400_000  # the list of its parts
_UNPACKED_MOST_BYTES = 200_000_000  # the size of all its parts, as declared
_TAIL = 65_557  # the end of a ZIP's list is in these last bytes (APPNOTE 4.3.16)
_END, _END_BYTES = b"PK\x05\x06", 22


class FileFault(ValueError):
    """A file or a name that is refused. `code` is that of the problem; the text says why."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code


class FileKind(StrEnum):
    """The kinds that are allowed. The value is the extension of the name with which it is sent."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A file of a case, or what is left of a removed one. `n` counts within the case from 1. `id`
    is its name on the disk. `shows_person`: it shows who complains. `stored_at` None: its content
    is still awaited."""

    n: int
    id: UUID
    name: str
    shows_person: bool
    unit: str
    added_by: str
    added_at: datetime
    kind: FileKind | None = None
    size: int | None = None
    sha256: str | None = None
    stored_at: datetime | None = None
    removed_at: datetime | None = None
    removed_by: str | None = None
    removed_why: str = ""

    @property
    def is_there(self) -> bool:
        return self.stored_at is not None and self.removed_at is None

    def awaits(self, now: datetime) -> bool:
        """Whether its content may still be sent."""
        return self.stored_at is None and now - self.added_at < AWAITED


# --- who ------------------------------------------------------------------------------------------


def units_that_may_add(case: Case, standing: Standing) -> list[str]:
    """The units for which the person may add files: those that work on the case or passed it
    down."""
    if case.state in (CaseState.DUPLICATE, CaseState.WITHDRAWN):
        return []
    held = [hop.to_unit for hop in reversed(open_acts(case.hops)) if hop.state is not HopState.SENT]
    works = standing.units_as(DeskRole.OFFICER, DeskRole.OPERATOR, DeskRole.SUPERVISOR)
    passed = standing.units_as(DeskRole.REFERRER)
    found = [unit for unit in (*held, case.unit) if unit in works]
    if case.source_unit in passed:
        found.append(case.source_unit)
    return list(dict.fromkeys(found))


def may_remove(case: Case, added_by: Sequence[str], standing: Standing) -> bool:
    """Whether the person is a supervisor of the responsible unit, or of one that added it."""
    return bool({case.unit, *added_by} & standing.units_as(DeskRole.SUPERVISOR))


# --- the name -------------------------------------------------------------------------------------


def file_name(text: str) -> str:
    """The name as it is kept. Raises FileFault if it has a path or invisible characters in it."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name.strip("."):
        raise FileFault("file_name", "Give the file a name.")
    if len(name) > NAME_MOST:
        raise FileFault("file_name", f"The name may have {NAME_MOST} letters.")
    if re.search(r"[/\\]", name):
        raise FileFault("file_name", "Give the name alone, without folders.")
    hidden = [c for c in name if unicodedata.category(c) in _HIDDEN]
    if hidden:
        detail = f"The name has a character that nobody sees (U+{ord(hidden[0]):04X})."
        raise FileFault("file_name", detail)
    return name


_HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Control and format characters (also those that reverse text), unknown ones, line ends."""


# --- the content ----------------------------------------------------------------------------------


def kind_of(file: BinaryIO) -> FileKind:
    """The kind of a file. Raises FileFault if it is not allowed."""
    head = file.read(2048)
    if not head:
        raise FileFault("file_refused", "The file is empty.")
    if head.startswith(b"%PDF-"):
        return _pdf(file)
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return FileKind.PNG
    if head.startswith(b"PK\x03\x04"):
        return _spreadsheet(file)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileFault("file_refused", f"Save it as XLSX without a password. {TAKEN}")
    return _table(file)


TAKEN = "PDF, JPEG, PNG, XLSX and CSV are kept, whatever the name says."


def _pdf(file: BinaryIO) -> FileKind:
    if b"%%EOF" not in _tail(file, 2048):
        raise FileFault("file_refused", "The PDF has no end: it was cut off.")
    return FileKind.PDF


def _spreadsheet(file: BinaryIO) -> FileKind:
    """The size of the list of parts is checked before it is read. The parts are only counted."""
    tail = _tail(file, _TAIL)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise FileFault("file_refused", "The file is damaged, or was cut off.")
    parts = int.from_bytes(tail[at + 10 : at + 12], "little")
    list_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
    if parts > _PARTS_MOST or list_bytes > _LIST_MOST_BYTES:
        raise FileFault("file_refused", "It has more parts than any spreadsheet.")
    try:
        with ZipFile(file) as archive:
            listed = archive.infolist()
    except (BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise FileFault("file_refused", "The file is damaged, or was cut off.") from error
    names = {part.filename for part in listed}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise FileFault("file_refused", f"Archives are not kept. {TAKEN}")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileFault("file_refused", "The spreadsheet has macros: save it as XLSX without.")
    if sum(part.file_size for part in listed) > _UNPACKED_MOST_BYTES:
        raise FileFault("file_refused", "Unpacked it would fill a computer's memory.")
    return FileKind.XLSX


def _table(file: BinaryIO) -> FileKind:
    """Text in UTF-8 or in Windows' Thai letters that is not a page or a program."""
    refused = FileFault("file_refused", f"This is none of them: {TAKEN}")
    file.seek(0)
    utf8, thai = codecs.getincrementaldecoder("utf-8")(), codecs.getincrementaldecoder("cp874")()
    may_be = {id(utf8): utf8, id(thai): thai}
    first = True
    while piece := file.read(65_536):
        if piece.translate(None, _CONTROLS) != piece:
            raise refused
        if first and piece.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"<", b"{", b"#", b""):
            raise refused
        first = False
        for key, decoder in list(may_be.items()):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                del may_be[key]
        if not may_be:
            raise refused
    return FileKind.CSV


_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])


def _tail(file: BinaryIO, many: int) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - many))
    return file.read(many)
