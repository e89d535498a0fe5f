"""Random secrets, made at the first start and kept in files that only their owner can read.

A secret is never printed; people are told the file's path.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

SECRET_BYTES = 32


def secret_file(directory: Path, name: str) -> Path:
    """The file (0600, in a directory 0700) with this secret. It is made if it does not exist."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    path = directory / name
    if not path.exists():
        _create(path, secrets.token_urlsafe(SECRET_BYTES))
    return path


def _create(path: Path, secret: str) -> None:
    """Written completely or not at all: to another name, then linked, unless another start was
    faster."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(aside, "x", opener=_private) as file:
        file.write(secret)
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
