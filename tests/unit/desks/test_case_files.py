"""What may be a file of a case, by its content; and what it may be called."""

import asyncio
import io
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from callcenter.desks.cases.files import FileFault, file_name, kind_of
from callcenter.desks.cases.vault import NoRoomError, Vault


def spreadsheet(**more: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}.items():
            archive.writestr(name, body)
        for name, body in more.items():
            archive.writestr(name, body)
    return made.getvalue()


KINDS = [
    (b"%PDF-1.7\n" + b"x" * 300_000 + b"\ntrailer\n%%EOF\n", "pdf"),
    (b"\xff\xd8\xff\xe0" + bytes(100), "jpg"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), "png"),
    (spreadsheet(), "xlsx"),
    ("ชื่อ,จำนวน\nกู่,7\n".encode(), "csv"),
    ("ชื่อ,จำนวน\r\nกู่,7\r\n".encode("cp874"), "csv"),
    (b"\xef\xbb\xbfa,b\n" + b"1,2\n" * 50_000, "csv"),
]


@pytest.mark.parametrize(("data", "kind"), KINDS, ids=range(len(KINDS)))
def test_what_it_is_its_content_says(data: bytes, kind: str) -> None:
    assert kind_of(io.BytesIO(data)) == kind


def bomb() -> bytes:
    """A third of a megabyte that says it is 300 MB."""
    return spreadsheet(**{f"xl/{n}.xml": bytes(30_000_000) for n in range(10)})


def many_parts() -> bytes:
    return spreadsheet(**{f"xl/{n}": b"" for n in range(2_500)})


HOSTILE = [
    b"",
    b"MZ\x90\x00" + bytes(500),
    b"\x7fELF" + bytes(500),
    b"<html><script>alert(1)</script></html>",
    b"\xef\xbb\xbf \n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"#!/bin/sh\nrm -rf /\n",
    b"%PDF-1.7\ncut off",
    b"PK\x03\x04" + bytes(2000),
    b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + b"\xff" * 18,
    b"PK\x03\x04" + bytes(100) + b"PK\x05\x06\0\0",
    spreadsheet()[:-30],
    spreadsheet(**{"xl/vbaProject.bin": b"x"}),
    bomb(),
    many_parts(),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
    b"a,b\n\x00\x01\x02",
    bytes(range(128, 256)) * 10,
    b"Rar!\x1a\x07\x00" + bytes(100),
    b"\x1f\x8b\x08" + bytes(100),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_none_of_them_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(FileFault) as refused:
        kind_of(io.BytesIO(data))
    assert refused.value.code == "file_refused"
    assert str(refused.value).endswith(".")


def test_a_list_of_parts_that_lies_about_its_length_is_not_read() -> None:
    """65,535 parts in a list of a few bytes: the end of the ZIP says so, nothing is unpacked."""
    data = bytearray(spreadsheet())
    at = data.rfind(b"PK\x05\x06")
    data[at + 10 : at + 12] = b"\xff\xff"
    with pytest.raises(FileFault):
        kind_of(io.BytesIO(bytes(data)))


NAMES = [
    "",
    "   ",
    "..",
    "../../etc/passwd",
    "a\\b.pdf",
    "a\x00.pdf",
    "a\u202egpj.exe",
    "\u200b.pdf",
    "a\nb.pdf",
    "ก" * 121,
    "\ufeffx.pdf",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_with_paths_or_with_what_nobody_sees_are_refused(name: str) -> None:
    with pytest.raises(FileFault) as refused:
        file_name(name)
    assert refused.value.code == "file_name"


def test_thai_names_stay_as_they_are() -> None:
    assert file_name(" ที่ดินบ้านกู่ (แผนที่).pdf ") == "ที่ดินบ้านกู่ (แผนที่).pdf"


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for each in data:
        yield each


def test_no_file_is_taken_when_the_disk_is_nearly_full(tmp_path: Path) -> None:
    with pytest.raises(NoRoomError):
        asyncio.run(Vault(tmp_path, 10**18).take(pieces(b"%PDF-1.7 %%EOF")))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_failures_left_behind_is_swept_a_day_later(tmp_path: Path) -> None:
    vault = Vault(tmp_path, 0)
    kept = asyncio.run(vault.take(pieces(b"%PDF-", b"1.7 %%EOF")))
    asyncio.run(vault.keep(kept))
    for name in (kept.id.hex, f"ab/{uuid4().hex}", f"incoming/{uuid4().hex}"):
        path = tmp_path / (f"{name[:2]}/{name}" if "/" not in name else name)
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (1, 1))
    young = tmp_path / "incoming" / uuid4().hex
    young.touch()
    assert asyncio.run(vault.sweep({kept.id.hex})) == 2
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {kept.id.hex, young.name}
