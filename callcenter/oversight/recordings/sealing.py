"""A stored recording: pieces of AES-256-GCM, so that any second can be read without the others.

    head | piece 0 and its tag | piece 1 and its tag | … | last piece and its tag

The head names the master key and has a random salt. From both, and from the recording's name, a key
for this file alone is derived (HKDF-SHA256, RFC 5869). The nonce of a piece is random | number |
whether it is the last (STREAM, Hoang and others 2015). The head goes into each piece as associated
data. So a file that was cut, reordered, renamed, or put in another's place cannot be read. The
contents are plain A-law, caller and operator in turn: 16,000 bytes a second.
"""

import os
import secrets
import struct
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callcenter.oversight.recordings.keys import Keys, MasterKey

PIECE_BYTES, TAG_BYTES = 65_536, 16
_MAGIC = b"CCSEAL1\n"
_HEAD = struct.Struct(">8s16s32s7sI")
"""Magic, id of the master key, salt, random part of the nonces, bytes in a piece."""
_PIECES_MOST = 2**32 - 1


class SealError(Exception):
    """The file cannot be read as this recording. `why` is the reason in one word; the text is a
    sentence."""

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


def derived(master: MasterKey, salt: bytes, name: str) -> bytes:
    """The key of one file."""
    about = f"callcenter recording 1\0{master.id}\0{name}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=about).derive(master.secret)


class Sealer:
    """Writes one file, piece by piece. It is a valid recording only after `close`."""

    def __init__(self, file: BinaryIO, keys: Keys, name: str) -> None:
        self._file = file
        salt, self._nonce = secrets.token_bytes(32), secrets.token_bytes(7)
        key_id = keys.first.id.encode()
        self._head = _HEAD.pack(_MAGIC, key_id, salt, self._nonce, PIECE_BYTES)
        self._cipher = AESGCM(derived(keys.first, salt, name))
        self._waiting = bytearray()
        self._number = 0
        file.write(self._head)

    def write(self, plain: bytes) -> None:
        """Add bytes."""
        self._waiting += plain
        while len(self._waiting) > PIECE_BYTES:  # the last piece is kept for `close`
            self._seal(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]

    def close(self) -> None:
        """Write the last piece, and make everything durable on the disk."""
        self._seal(bytes(self._waiting), last=True)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _seal(self, plain: bytes, *, last: bool) -> None:
        if self._number > _PIECES_MOST:
            raise SealError("too_long", "a recording has at most 2**32 pieces")
        nonce = _nonce(self._nonce, self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, plain, self._head))
        self._number += 1


@dataclass(slots=True)
class Sealed:
    """One sealed file, open for reading at any position. `length`: bytes of its contents."""

    file: BinaryIO
    head: bytes
    key: bytes
    nonce: bytes
    pieces: int
    length: int

    @classmethod
    def open(cls, path: Path, keys: Keys, name: str) -> Self:
        """Open a file. Raises SealError if it is missing, incomplete, or unreadable with these
        keys. The last piece shows whether it is complete."""
        try:
            file = path.open("rb")
        except OSError as error:
            raise SealError("gone", "the file is not there") from error
        with ExitStack() as stack:
            stack.callback(file.close)
            opened = cls._opened(file, keys, name)
            stack.pop_all()
        return opened

    @classmethod
    def _opened(cls, file: BinaryIO, keys: Keys, name: str) -> Self:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(_MAGIC):
            raise SealError("no_recording", "the file is no sealed recording")
        _, key_id, salt, nonce, piece = _HEAD.unpack(head)
        body = file.seek(0, os.SEEK_END) - _HEAD.size
        whole = PIECE_BYTES + TAG_BYTES
        pieces = -(-body // whole)
        if piece != PIECE_BYTES or body - (pieces - 1) * whole < TAG_BYTES:
            raise SealError("damaged", "the file is cut or damaged")
        named = key_id.decode("ascii", "replace")
        if named not in keys.all:
            raise SealError("no_key", f"it is sealed with key {named}, which is not there")
        key = derived(keys.all[named], salt, name)
        made = cls(file, head, key, nonce, pieces, body - pieces * TAG_BYTES)
        made._piece(pieces - 1)
        return made

    @property
    def key_id(self) -> str:
        """The id of the master key."""
        return str(_HEAD.unpack(self.head)[1].decode("ascii"))

    def read(self, start: int, length: int) -> bytes:
        """These bytes of the contents; fewer at the end. Raises SealError if a piece is damaged."""
        end = min(start + length, self.length)
        found = bytearray()
        while start < end:
            number, skip = divmod(start, PIECE_BYTES)
            piece = self._piece(number)[skip : skip + end - start]
            found += piece
            start += len(piece)
        return bytes(found)

    def close(self) -> None:
        self.file.close()

    def _piece(self, number: int) -> bytes:
        whole = PIECE_BYTES + TAG_BYTES
        self.file.seek(_HEAD.size + number * whole)
        sealed = self.file.read(whole)
        nonce = _nonce(self.nonce, number, last=number == self.pieces - 1)
        try:
            return AESGCM(self.key).decrypt(nonce, sealed, self.head)
        except InvalidTag as error:
            sentence = f"piece {number} is damaged, cut or of another recording"
            raise SealError("damaged", sentence) from error


def _nonce(random: bytes, number: int, *, last: bool) -> bytes:
    return random + number.to_bytes(4, "big") + bytes([last])
