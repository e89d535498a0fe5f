"""A sealed recording: read from any place, and not at all when anything of it is another."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.oversight.recordings.aes import TAG_BYTES, TamperedError, seal, unseal
from callcenter.oversight.recordings.keys import Keys, KeysError, add_key, read_keys
from callcenter.oversight.recordings.sealing import (
    PIECE_BYTES,
    Sealed,
    Sealer,
    SealError,
    hkdf,
)
from callcenter.oversight.recordings.vault import NoRoomError, Vault

NOW = datetime(2026, 11, 30, tzinfo=UTC)
NAME = "fake-1.1/1"
LENGTHS = (0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 200_000)


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


# --- the cipher, against published vectors ------------------------------------------------------


def test_aes_256_gcm_is_what_nist_says_it_is() -> None:
    """Test cases 13, 14 and 16 of McGrew and Viega, which NIST SP 800-38D took over."""
    nothing = seal(bytes(32), bytes(12), b"", b"")
    assert nothing.hex() == "530f8afbc74536b9a963b4f1c4cb738b"
    one = seal(bytes(32), bytes(12), bytes(16), b"")
    assert one.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    about = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    made = seal(key, nonce, plain, about)
    assert made[-TAG_BYTES:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b"
    assert unseal(key, nonce, made, about) == plain
    for place in (0, 30, len(made) - 1):
        wrong = bytearray(made)
        wrong[place] ^= 1
        with pytest.raises(TamperedError):
            unseal(key, nonce, bytes(wrong), about)
    with pytest.raises(TamperedError):
        unseal(key, nonce, made, about + b"x")
    with pytest.raises(ValueError, match="32 bytes"):
        seal(key[:16], nonce, plain, about)


def test_keys_are_derived_as_rfc_5869_says() -> None:
    """Its test case 1: the first 32 bytes."""
    found = hkdf(bytes([0x0B] * 22), bytes(range(13)), bytes(range(0xF0, 0xFA)))
    assert found.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"


# --- the file ----------------------------------------------------------------------------------


@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_sealed_is_read_whole_and_in_parts(tmp_path: Path, keys: Keys, length: int) -> None:
    plain = os.urandom(length)
    path = sealed(tmp_path / "r", keys, plain)
    assert read(path, keys) == plain
    opened = Sealed.open(path, keys, NAME)
    for start in (0, 1, length // 2, max(0, length - 3), PIECE_BYTES - 1, length + 5):
        for many in (0, 1, 100, PIECE_BYTES + 2):
            assert opened.read(start, many) == plain[start : start + many]
    assert (opened.length, opened.key_id) == (length, keys.first.id)
    opened.close()
    assert plain[:1000] not in path.read_bytes() or length < 20


def test_each_file_has_a_key_of_its_own(tmp_path: Path, keys: Keys) -> None:
    one, other = (sealed(tmp_path / x, keys, bytes(1000)).read_bytes() for x in "ab")
    assert one[67:] != other[67:]


@pytest.mark.parametrize(
    "cut", [1, TAG_BYTES, 1000, PIECE_BYTES + TAG_BYTES, 3 * PIECE_BYTES + 3 * TAG_BYTES + 40]
)
def test_a_file_that_was_cut_is_refused_at_once(tmp_path: Path, keys: Keys, cut: int) -> None:
    """Also where the cut is between two pieces."""
    path = sealed(tmp_path / "r", keys, os.urandom(3 * PIECE_BYTES))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(SealError) as refused:
        Sealed.open(path, keys, NAME)
    assert refused.value.why in ("damaged", "no_recording")


def test_pieces_that_were_swapped_or_come_from_another_file_are_refused(
    tmp_path: Path, keys: Keys
) -> None:
    whole, head = PIECE_BYTES + TAG_BYTES, 67
    path = sealed(tmp_path / "r", keys, os.urandom(3 * PIECE_BYTES))
    raw = path.read_bytes()
    one, two, rest = (
        raw[head : head + whole],
        raw[head + whole : head + 2 * whole],
        raw[head + 2 * whole :],
    )
    path.write_bytes(raw[:head] + two + one + rest)
    with pytest.raises(SealError, match="piece 0 is damaged"):
        read(path, keys)
    other = sealed(tmp_path / "o", keys, os.urandom(3 * PIECE_BYTES)).read_bytes()
    path.write_bytes(raw[:head] + other[head : head + whole] + two + rest)
    with pytest.raises(SealError, match="piece 0 is damaged"):
        read(path, keys)
    path.write_bytes(raw + b"x")
    with pytest.raises(SealError):
        read(path, keys)


@pytest.mark.parametrize("place", [0, 8, 24, 30, 60, 66, 70, 5000])
def test_one_bit_of_head_or_sound_is_enough(tmp_path: Path, keys: Keys, place: int) -> None:
    path = sealed(tmp_path / "r", keys, os.urandom(10_000))
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)
    with pytest.raises(SealError):
        read(path, keys)


def test_under_another_name_it_is_refused(tmp_path: Path, keys: Keys) -> None:
    path = sealed(tmp_path / "r", keys, b"sound")
    with pytest.raises(SealError, match="of another recording"):
        read(path, keys, "fake-1.1/2")


def test_with_another_key_it_is_refused_and_the_key_is_named(tmp_path: Path, keys: Keys) -> None:
    path = sealed(tmp_path / "r", keys, b"sound")
    add_key(tmp_path / "others", NOW)
    others = read_keys(tmp_path / "others")
    with pytest.raises(SealError, match=keys.first.id) as refused:
        read(path, others)
    assert refused.value.why == "no_key"
    with pytest.raises(SealError, match="not there"):
        read(tmp_path / "nowhere", keys)
    (tmp_path / "wav").write_bytes(b"RIFF" + bytes(100))
    with pytest.raises(SealError, match="no sealed recording"):
        read(tmp_path / "wav", keys)


# --- keys --------------------------------------------------------------------------------------


def test_a_new_key_seals_from_now_on_and_the_old_one_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    first = add_key(path, NOW)
    old = sealed(tmp_path / "old", read_keys(path), b"before")
    second = add_key(path, NOW)
    keys = read_keys(path)
    assert (keys.first.id, set(keys.all)) == (second.id, {first.id, second.id})
    new = sealed(tmp_path / "new", keys, b"after")
    assert (read(old, keys), read(new, keys)) == (b"before", b"after")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if first.id not in line))
    gone = read_keys(path)
    assert read(new, gone) == b"after"
    with pytest.raises(SealError, match=first.id):
        read(old, gone)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no key in it"),
        ("password\n", "line 1: is no key"),
        (
            "callcenter-recording-key-1 0011223344556677 2026-11-30 AAAA\n",
            "line 1: the key is damaged",
        ),
        (
            "callcenter-recording-key-1 0011223344556677 2026-11-30 ?\n",
            "line 1: the key is damaged",
        ),
    ],
)
def test_a_file_that_is_none_of_keys_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeysError, match=why):
        read_keys(path)


def test_keys_that_others_can_read_or_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="CALLCENTER_RECORDING_KEY_FILE"):
        read_keys(None)
    with pytest.raises(KeysError, match="new-key"):
        read_keys(tmp_path / "keys")
    add_key(tmp_path / "keys", NOW)
    (tmp_path / "keys").chmod(0o640)
    with pytest.raises(KeysError, match="others can read it"):
        read_keys(tmp_path / "keys")


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    made = add_key(tmp_path / "keys", NOW)
    assert made.secret.hex() not in repr(made) and repr(made.secret) not in repr(made)


# --- the folder --------------------------------------------------------------------------------


def test_a_file_has_its_place_when_all_of_it_is_there(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "recordings", 0)
    with vault.incoming() as (name, file):
        file.write(b"all")
        assert not vault.place(name).exists()
    assert vault.place(name).read_bytes() == b"all"
    with pytest.raises(RuntimeError), vault.incoming() as (other, file):
        raise RuntimeError
    assert not vault.place(other).exists()
    assert not list((tmp_path / "recordings" / "incoming").iterdir())
    vault.remove(name)
    vault.remove(name)


def test_room_that_others_need_is_left(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "recordings", 10**18)
    with pytest.raises(NoRoomError, match="nearly full"), vault.incoming():
        pass


def test_what_nobody_knows_of_is_swept_when_it_is_old(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "recordings", 0)
    names = []
    for _ in range(3):
        with vault.incoming() as (name, _file):
            names.append(name)
    for name in names[:2]:
        os.utime(vault.place(name), (0, 0))
    assert vault.sweep({names[0]}) == 1
    assert [vault.place(name).exists() for name in names] == [True, False, True]
