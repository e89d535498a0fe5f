"""A pack: the folder with the recordings of one language, `KEY.wav`, and `manifest.json`.

The folder is where Asterisk plays from: PROMPTS/th/KEY.wav and PROMPTS/en/KEY.wav. A file gets its
name only when it is complete, and the manifest is written after it. A writer holds a lock, because
the service and the command line may both write. This module never converts anything (`intake.py`
does).
"""

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from callcenter.prompts.catalogue import (
    BY_KEY,
    OWN,
    Language,
    is_key,
    longest_seconds,
    wanted,
)
from callcenter.prompts.errors import PackError, PromptError
from callcenter.prompts.intake import Recording
from callcenter.prompts.sound import LOUDEST_LUFS, QUIETEST_LUFS, RATE, measure, read_wav

MANIFEST = "manifest.json"
MANIFEST_MOST_BYTES = 1_000_000
RECORDING_MOST_BYTES = 4_000_000
OWN_MOST = 500
TEXT_MOST = 1000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A recording in the manifest. `source`: upload, engine, or pack. `loudness` in LUFS."""

    text: str
    seconds: float
    loudness: float
    sha256: str
    source: str
    installed: datetime


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A pack's description. `voice`: who spoke, and under which terms; for people."""

    language: Language
    voice: str = ""
    prompts: Mapping[str, Entry] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of one prompt: `missing`, or another word, with a sentence."""

    key: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Pack:
    """The pack of a language. `folder` need not exist yet."""

    folder: Path
    language: Language

    def manifest(self) -> Manifest:
        """The present manifest; an empty one if there is no pack. Raises PromptError if it is
        invalid."""
        path = self.folder / MANIFEST
        try:
            raw = read_file(path, MANIFEST_MOST_BYTES + 1)
        except FileNotFoundError:
            return Manifest(language=self.language)
        except OSError as error:
            raise PackError(f"{path} cannot be read: {error.strerror}") from error
        if len(raw) > MANIFEST_MOST_BYTES:
            raise PackError(f"{path} is longer than {MANIFEST_MOST_BYTES} bytes")
        try:
            found = msgspec.json.decode(raw, type=Manifest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PackError(f"{path} is no manifest: {error}") from error
        if found.language is not self.language:
            raise PackError(f"{path} is of the language {found.language}, not {self.language}")
        bad = [key for key in found.prompts if not is_key(key)]
        if bad:
            raise PackError(f"{path}: no prompt has the key {bad[0][:60]!r}")
        return found

    def path(self, key: str) -> Path:
        return self.folder / f"{_known(key)}.wav"

    def install(
        self, key: str, made: Recording, *, text: str | None, source: str, now: datetime
    ) -> Entry:
        """Store a recording. It replaces the one there was. Raises PromptError."""
        path = self.path(key)
        with self._locked():
            manifest = self.manifest()
            entry = Entry(
                text=self._text(key, text, manifest),
                seconds=made.measure.seconds,
                loudness=made.measure.loudness,
                sha256=hashlib.sha256(made.wav).hexdigest(),
                source=source,
                installed=now,
            )
            own = sum(other.startswith(OWN) for other in {*manifest.prompts, key})
            if own > OWN_MOST:
                raise PromptError(f"there are {OWN_MOST} prompts of your own already")
            self._write(path, made.wav)
            self._put(manifest, {**manifest.prompts, key: entry})
        return entry

    def remove(self, key: str) -> bool:
        """Remove a recording. Gives whether there was one."""
        path = self.path(key)
        with self._locked():
            manifest = self.manifest()
            known = key in manifest.prompts
            if known:
                self._put(manifest, {k: e for k, e in manifest.prompts.items() if k != key})
            with suppress(FileNotFoundError):
                path.unlink()
                known = True
        return known

    def describe(self, voice: str) -> None:
        """Set who spoke, and under which terms the recordings may be used."""
        with self._locked():
            manifest = self.manifest()
            self._write(
                self.folder / MANIFEST,
                _encoded(msgspec.structs.replace(manifest, voice=voice[:TEXT_MOST])),
            )

    def recording(self, key: str) -> bytes | None:
        """The WAV file, or None."""
        try:
            return read_file(self.path(key), RECORDING_MOST_BYTES)
        except OSError:
            return None

    def missing(self) -> list[str]:
        """Keys of the list without a file. Quick: for the start and the list."""
        return [
            prompt.key for prompt in wanted(self.language) if not self.path(prompt.key).exists()
        ]

    def is_empty(self) -> bool:
        return not any(self.folder.glob("*.wav"))

    def check(self) -> Iterator[Fault]:
        """All faults. Reads and measures each file, which takes seconds: never in the event
        loop."""
        manifest = self.manifest()
        for key in self.missing():
            yield Fault(key=key, kind="missing", what="is not recorded")
        there = {path.stem for path in self.folder.glob("*.wav")}
        for key in sorted(there | {*manifest.prompts}):
            if not is_key(key):
                yield Fault(key=key, kind="unknown", what="is in the folder, but no prompt")
            elif key in there:
                yield from self._faults(key, manifest.prompts.get(key))
            elif key not in {*self.missing()}:
                yield Fault(key=key, kind="missing", what="is in the manifest, but has no file")

    def _faults(self, key: str, entry: Entry | None) -> Iterator[Fault]:
        data = self.recording(key)
        if data is None:
            yield Fault(key=key, kind="unreadable", what="the file cannot be read")
            return
        try:
            samples, rate = read_wav(data)
        except PromptError as error:
            yield Fault(key=key, kind="format", what=str(error))
            return
        if rate != RATE or int.from_bytes(data[22:24], "little") != 1 or data[34:36] != b"\x10\0":
            yield Fault(key=key, kind="format", what=f"is not {RATE} Hz, mono, 16 bits")
            return
        found = measure(samples)
        if found.clipped:
            yield Fault(key=key, kind="clipped", what="is clipped: it was recorded too loud")
        if found.loudness < QUIETEST_LUFS:
            yield Fault(key=key, kind="quiet", what=f"is too quiet: {found.loudness:g} LUFS")
        if found.loudness > LOUDEST_LUFS:
            yield Fault(key=key, kind="loud", what=f"is too loud: {found.loudness:g} LUFS")
        if found.seconds > longest_seconds(key):
            what = f"is {found.seconds:g} s long; at most {longest_seconds(key):g} s are wanted"
            yield Fault(key=key, kind="long", what=what)
        if entry is None:
            yield Fault(key=key, kind="unlisted", what="is not in the manifest: install it")
        elif entry.sha256 != hashlib.sha256(data).hexdigest():
            yield Fault(key=key, kind="changed", what="is another file than was installed")
        elif key in BY_KEY and entry.text != BY_KEY[key].text(self.language):
            yield Fault(key=key, kind="text", what="was recorded with another text than now")

    def _text(self, key: str, text: str | None, manifest: Manifest) -> str:
        if key in BY_KEY:
            listed = BY_KEY[key].text(self.language)
            if not listed:
                raise PromptError(f"{key} is not used in {self.language}")
            return (text or listed)[:TEXT_MOST]
        known = manifest.prompts.get(key)
        given = (text or (known.text if known else "")).strip()
        if not given:
            raise PromptError(f"{key} is a prompt of your own: say its text")
        if len(given) > TEXT_MOST or not given.isprintable():
            raise PromptError(f"the text is one line of at most {TEXT_MOST} letters")
        return given

    def _put(self, manifest: Manifest, prompts: Mapping[str, Entry]) -> None:
        changed = msgspec.structs.replace(manifest, prompts=dict(sorted(prompts.items())))
        self._write(self.folder / MANIFEST, _encoded(changed))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            make_folder(self.folder)
            lock = os.open(self.folder / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            raise PackError(f"{self.folder} cannot be written to: {error.strerror}") from error
        try:
            _as_parent(self.folder / ".lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data)
        except OSError as error:
            raise PackError(f"{path} cannot be written: {error.strerror}") from error


def read_file(path: Path, most_bytes: int) -> bytes:
    """The first bytes of a file. Raises OSError, also if it is not a file: reading a pipe would
    never end, and the service does not start without its prompts."""
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        return file.read(most_bytes)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace a file in one step, readable for everybody who may read the folder. Raises OSError.

    `durable`: it survives a power cut. Not needed for files that are written again at each start.
    """
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    with ExitStack() as undo:
        undo.callback(Path(name).unlink)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(name).chmod(0o644)
        _as_parent(Path(name))
        Path(name).replace(path)
        undo.pop_all()


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, each for the owner of the one above. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o755, exist_ok=True)
    _as_parent(folder)


def _as_parent(path: Path) -> None:
    """A file that root makes gets the owner of its folder, so that Asterisk can read it."""
    if os.geteuid() == 0:
        parent = path.parent.stat()
        os.chown(path, parent.st_uid, parent.st_gid, follow_symlinks=False)


def _known(key: str) -> str:
    if not is_key(key):
        raise PromptError(f"no prompt has the key {key[:60]!r}")
    return key


def _encoded(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
