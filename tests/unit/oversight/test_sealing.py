"""A sealed recording: read from any place, and not at all when anything of it is another."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.oversight.recordings.keys import (
    Keys,
    MasterKey,
    add_key,
    key_id,
    read_keys,
)
from callcenter.oversight.recordings.sealing import (
    PIECE_BYTES,
    Sealed,
    Sealer,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
NAME = "fake-1.1/1"
LENGTHS = (0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 200_000)

OF_BEFORE = (
    "Q0NTRUFMMQpjYjcyMGE4OTk5YzM5ODc2NHrcv/ddiTrx1XuVdKabG5ArNOB/rZEcjNnyudAdijNa36Mbged8AAEA"
    "AFfPOmy5a7ZVJX3dQtS4mUO7jejPd05KOLnXqwrzREZc"
)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    add_key(tmp_path / "keys", NOW)
    return read_keys(tmp_path / "keys")


def sealed(path: Path, keys: Keys, plain: bytes, name: str = NAME) -> Path:
    with path.open("wb") as file:
        sealer = Sealer(file, keys, name)
        for start in range(0, len(plain), 5_000):
            sealer.write(plain[start : start + 5_000])
        sealer.close()
    return path


def read(path: Path, keys: Keys, name: str = NAME) -> bytes:
    opened = Sealed.open(path, keys, name)
    try:
        return opened.read(0, opened.length)
    finally:
        opened.close()


# --- the form of a file --------------------------------------------------------------------------


def test_a_file_that_was_sealed_by_an_earlier_version_is_read(tmp_path: Path) -> None:
    """Sealed by the first version that had recordings, by other code for cipher and HKDF."""
    secret = bytes(range(32))
    key = MasterKey(key_id(secret), secret)
    path = tmp_path / "of before"
    path.write_bytes(base64.b64decode(OF_BEFORE))
    assert read(path, Keys(key, {key.id: key})) == b"a talk of before"
