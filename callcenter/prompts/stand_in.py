"""What is played in place of a missing recording: a tone and the English text, never silence.

Asterisk looks for PROMPTS/th/KEY first and then for PROMPTS/KEY, which is written here. The English
is the agency's own recording. If there is none, it is Debian's (asterisk-core-sounds-en, CC-BY-SA),
copied from this host's Asterisk at its start and never part of this project. Words of numbers have
no tone before them. An English line plays Debian's without the tone, as PROMPTS/en/KEY.gsm.
"""

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from callcenter.prompts.catalogue import BY_KEY, PROMPTS, RINGING, Group, Language, Prompt
from callcenter.prompts.errors import PromptError
from callcenter.prompts.pack import (
    RECORDING_MOST_BYTES,
    Pack,
    make_folder,
    read_file,
    write_whole,
)
from callcenter.prompts.sound import Samples, joined, read_wav, tone, wav

DEBIAN = "debian"
"""The folder with Debian's recordings by key, and `beep`. Asterisk does not play from it."""

BEEP = "beep"
SUFFIXES = (".gsm", ".wav")
_WORDS = (Group.NUMBERS, Group.TIMES)


@cache
def attention() -> Samples:
    """The tone: two falling notes, so that nobody takes it for ringing or for a recorder."""
    return joined([tone(620, 0.2), tone(480, 0.3)], pause_seconds=0.0)


@cache
def ringing() -> Samples:
    """The ringing tone of Thailand, twice: 400 Hz, one second on and four seconds off."""
    return joined([tone(400, 1.0), tone(400, 4.0, level=0.0)] * 2, pause_seconds=0.0)


def gather(prompts: Path, sounds: Path) -> None:
    """Copy Debian's recordings that stand for our prompts. `sounds` is their folder. Raises
    OSError.

    Several recordings in sequence become one file: GSM is frames without a header.
    """
    place = prompts / DEBIAN
    make_folder(place)
    for name, parts in [(BEEP, (BEEP,)), *((p.key, p.sounds) for p in PROMPTS if p.sounds)]:
        found = _together(sounds, parts)
        if found is not None:
            _keep(place, name, *found)


def publish(prompts: Path, keys: Iterable[str] | None = None) -> None:
    """Write the files that replace these prompts (None: all). Call it after each change of a pack.
    Raises OSError.

    If Debian's recordings are missing, nothing is written for the prompts that it has: the dial
    plan plays them by their own names.
    """
    make_folder(prompts)
    _keep(prompts, RINGING, ".wav", wav(ringing()))
    english = Pack(prompts / Language.ENGLISH, Language.ENGLISH)
    for key in _all_keys(prompts) if keys is None else keys:
        debian = prompts / DEBIAN / f"{key}.gsm"
        recorded = english.recording(key)
        found = _instead(prompts, key, recorded)
        if found is not None:
            _keep(prompts, key, *found)
        without_tone = english.folder / f"{key}.gsm"
        if recorded is None and (spoken := _read(debian)) is not None:
            make_folder(english.folder)
            _replace(without_tone, spoken)
        else:
            without_tone.unlink(missing_ok=True)


def _instead(prompts: Path, key: str, recorded: bytes | None) -> tuple[str, bytes] | None:
    """The suffix and the file: tone and English, or only the tone."""
    plain = (prompt := BY_KEY.get(key)) is not None and prompt.group in _WORDS
    if recorded is not None:
        with suppress(PromptError):
            spoken = read_wav(recorded)[0]
            return ".wav", recorded if plain else wav(joined([attention(), spoken]))
    for suffix in SUFFIXES:
        debian = _read(prompts / DEBIAN / f"{key}{suffix}")
        beep = _read(prompts / DEBIAN / f"{BEEP}{suffix}")
        if debian is None:
            continue
        if plain:
            return suffix, debian
        if suffix == ".gsm":
            if beep is not None:
                return suffix, debian if debian == beep else beep + debian
        else:
            return suffix, wav(joined([attention(), read_wav(debian)[0]]))
    if prompt is not None and prompt.sounds and not (prompts / DEBIAN).is_dir():
        return None
    return ".wav", wav(attention())


def _all_keys(prompts: Path) -> list[str]:
    """The keys in the list, and the agency's own in any pack."""
    keys: dict[str, Prompt | None] = dict(BY_KEY)
    for language in Language:
        with suppress(PromptError):
            found = Pack(prompts / language, language).manifest().prompts
            keys |= {key: BY_KEY.get(key) for key in found}
    return list(keys)


def _together(sounds: Path, parts: tuple[str, ...]) -> tuple[str, bytes] | None:
    for suffix in SUFFIXES:
        files = [_read(sounds / f"{part}{suffix}") for part in parts]
        there = [file for file in files if file is not None]
        if len(there) < len(parts):
            continue
        if suffix == ".gsm":
            return suffix, b"".join(there)
        with suppress(PromptError):
            return suffix, wav(joined([_at_8_khz(file) for file in there]))
    return None


def _at_8_khz(file: bytes) -> Samples:
    samples, rate = read_wav(file)
    if rate != 8000:
        raise PromptError("another rate")
    return samples


def _keep(folder: Path, key: str, suffix: str, data: bytes) -> None:
    """Keep only one file for the key, whatever its format, because Asterisk would choose by
    itself."""
    _replace(folder / f"{key}{suffix}", data)
    for other in SUFFIXES:
        if other != suffix:
            (folder / f"{key}{other}").unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    if _read(path) != data:
        write_whole(path, data, durable=False)


def _read(path: Path) -> bytes | None:
    try:
        return read_file(path, RECORDING_MOST_BYTES)
    except OSError:
        return None
