"""The master keys of recordings: a file with one key in each line, made by `callcenter recording
new-key`.

The first line seals new recordings. The others only open what was sealed with them. If a line is
removed, everything that was sealed with its key is unreadable for ever, with all copies. There is
no other copy of a key than in this file.
"""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

KEY_BYTES = 32
_MARK = "callcenter-recording-key-1"
_OTHERS = 0o077


class KeysError(Exception):
    """The file of keys cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """`id` is derived from the key, and reveals nothing of it."""

    id: str
    secret: bytes = field(repr=False)
    made: str = ""  # the day


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys. `first` seals."""

    first: MasterKey
    all: Mapping[str, MasterKey]

    def named(self, key_id: str) -> MasterKey:
        """The key with this id. Raises KeysError if there is none (any more)."""
        found = self.all.get(key_id)
        if found is None:
            raise KeysError(f"key {key_id} is not in the file of keys")
        return found


def key_id(secret: bytes) -> str:
    """The id of a key: sixteen hexadecimal digits."""
    return hashlib.sha256(b"callcenter recording key id\0" + secret).hexdigest()[:16]


def read_keys(path: Path | None) -> Keys:
    """The keys in the file. Raises KeysError, which says what to do."""
    if path is None:
        raise KeysError("no file of keys: set CALLCENTER_RECORDING_KEY_FILE")
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not a file of keys"
        raise KeysError(f"{path}: {why}; `callcenter recording new-key` makes one") from error
    if mode & _OTHERS:
        raise KeysError(f"{path}: others can read it; chmod 600 {path}")
    found = [
        _read(line, f"{path}, line {number}")
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    if not found:
        raise KeysError(f"{path}: there is no key in it; `callcenter recording new-key` makes one")
    return Keys(found[0], {key.id: key for key in found})


def _read(line: str, where: str) -> MasterKey:
    parts = line.split()
    if len(parts) != 4 or parts[0] != _MARK:
        raise KeysError(f"{where}: is no key of `callcenter recording new-key`")
    try:
        secret = base64.b64decode(parts[3], validate=True)
    except binascii.Error as error:
        raise KeysError(f"{where}: the key is damaged") from error
    if len(secret) != KEY_BYTES or key_id(secret) != parts[1]:
        raise KeysError(f"{where}: the key is damaged")
    return MasterKey(parts[1], secret, parts[2])


def add_key(path: Path, now: datetime) -> MasterKey:
    """Add a new key in the first line; the others stay. Raises KeysError or OSError."""
    before = path.read_text(encoding="ascii") if path.exists() else ""
    if before:
        read_keys(path)
    secret = secrets.token_bytes(KEY_BYTES)
    made = MasterKey(key_id(secret), secret, now.strftime("%Y-%m-%d"))
    line = f"{_MARK} {made.id} {made.made} {base64.b64encode(secret).decode()}\n"
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(line + before)
        file.flush()
        os.fsync(file.fileno())
    if before:  # it keeps its owner
        owner = path.stat()
        if os.geteuid() == 0:
            os.chown(beside, owner.st_uid, owner.st_gid)
    beside.replace(path)
    return made
