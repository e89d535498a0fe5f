"""callcenter prompts …: the recordings that callers hear. Works without the service.

It writes where Asterisk plays from, so the next caller hears what was installed.
"""

import asyncio
import csv
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli.common import answered_as_json, console, settings, table
from callcenter.cli.errors import CommandError
from callcenter.prompts.catalogue import BY_KEY, Language, is_key, longest_seconds, wanted
from callcenter.prompts.engine import command_of, spoken
from callcenter.prompts.errors import PromptError
from callcenter.prompts.intake import FILE_MOST_BYTES, Recording, taken_in
from callcenter.prompts.pack import MANIFEST, Entry, Fault, Manifest, Pack, read_file
from callcenter.prompts.stand_in import publish

app = typer.Typer(help="The recordings that callers hear.", no_args_is_help=True)

Chosen = Annotated[Language, typer.Option("--language", help="th or en")]
Folder = Annotated[
    Path | None, typer.Option(help="another folder than the one Asterisk plays from")
]


def _pack(folder: Path | None, language: Language) -> Pack:
    return Pack(_root(folder) / language, language)


def _root(folder: Path | None) -> Path:
    return folder or settings().prompts_path


def _manifest(pack: Pack) -> Manifest:
    try:
        return pack.manifest()
    except PromptError as error:
        raise CommandError(str(error)) from error


@app.command("list")
def list_prompts(language: Chosen = Language.THAI, folder: Folder = None) -> None:
    """List every prompt with its text, and whether it is recorded."""
    pack = _pack(folder, language)
    there = _manifest(pack).prompts
    keys = [prompt.key for prompt in wanted(language)]
    keys += [key for key in there if key not in BY_KEY]
    rows = [(key, *_told(there.get(key)), _text(key, language, there.get(key))) for key in keys]
    told = [dict(zip(("key", "seconds", "lufs", "text"), row, strict=True)) for row in rows]
    if not answered_as_json(told):
        console().print(table(("key", "seconds#", "LUFS#", "text"), rows))


def _told(entry: Entry | None) -> tuple[str, str]:
    return ("", "") if entry is None else (f"{entry.seconds:.1f}", f"{entry.loudness:.1f}")


def _text(key: str, language: Language, entry: Entry | None) -> str:
    return BY_KEY[key].text(language) if key in BY_KEY else (entry.text if entry else "")


@app.command("check")
def check(
    language: Annotated[
        Language | None, typer.Option("--language", help="th or en; by default both")
    ] = None,
    folder: Folder = None,
) -> None:
    """Check the recordings: missing, clipped, too quiet, too loud, too long, or in the wrong
    format."""
    found: list[tuple[Language, Fault]] = []
    for each in [language] if language else list(Language):
        pack = _pack(folder, each)
        if pack.is_empty():
            typer.echo(f"no {_NAMES[each]} recordings installed: {pack.folder}", err=True)
        try:
            found += [(each, fault) for fault in pack.check()]
        except PromptError as error:
            raise CommandError(str(error)) from error
    told = [
        {"language": each, "key": fault.key, "kind": fault.kind, "what": fault.what}
        for each, fault in found
    ]
    if not answered_as_json(told):
        for line in told:
            typer.echo(f"{line['language']}/{line['key']} {line['what']}")
        if not found:
            typer.echo("all prompts are recorded, and nothing is wrong with them")
    raise typer.Exit(1 if found else 0)


_NAMES = {Language.THAI: "Thai", Language.ENGLISH: "English"}


@app.command("install")
def install(
    source: Annotated[Path, typer.Argument(help="a sound file, or a folder of files KEY.wav")],
    language: Chosen = Language.THAI,
    key: Annotated[str | None, typer.Option(help="by default the file's name")] = None,
    text: Annotated[str | None, typer.Option(help="what is said; for own_… prompts")] = None,
    voice: Annotated[
        str | None, typer.Option(help="who spoke, and under which terms; kept in the manifest")
    ] = None,
    folder: Folder = None,
) -> None:
    """Convert recordings, make them equally loud, and install them for callers to hear."""
    files = {key or source.stem: source} if source.is_file() else _files(source, key)
    texts = _texts(source, language) if source.is_dir() else {}
    pack = _pack(folder, language)

    async def made(key: str) -> tuple[Recording, str | None]:
        data = await asyncio.to_thread(_read, files[key])
        return await taken_in(data, longest_seconds(key)), text or texts.get(key)

    _install_all(pack, list(files), made, "upload" if source.is_file() else "pack")
    if voice is not None:
        pack.describe(voice)


def _files(source: Path, key: str | None) -> dict[str, Path]:
    if key is not None:
        raise CommandError("--key belongs to one file")
    if not source.is_dir():
        raise CommandError(f"{source} is not there")
    found = {path.stem: path for path in sorted(source.iterdir()) if path.name != MANIFEST}
    named = {stem: path for stem, path in found.items() if is_key(stem) and path.is_file()}
    if not named:
        raise CommandError(f"{source} has no file named like a prompt: greeting.wav")
    for stem in found.keys() - named.keys():
        typer.echo(f"{found[stem].name}: no prompt has this name, left out", err=True)
    return named


def _texts(source: Path, language: Language) -> dict[str, str]:
    """The texts of a pack that was installed elsewhere."""
    return {key: entry.text for key, entry in _manifest(Pack(source, language)).prompts.items()}


def _read(path: Path) -> bytes:
    try:
        return read_file(path, FILE_MOST_BYTES + 1)
    except OSError as error:
        raise PromptError(f"cannot be read: {error.strerror}") from error


@app.command("make")
def make(
    engine: Annotated[str, typer.Option(help="a command: 'espeak-ng -v en -w {out} {text}'")],
    language: Chosen = Language.THAI,
    again: Annotated[bool, typer.Option(help="also those that are recorded already")] = False,
    folder: Folder = None,
) -> None:
    """Let a text-to-speech program speak the prompts that are not recorded."""
    pack = _pack(folder, language)
    there = _manifest(pack).prompts
    texts = {prompt.key: prompt.text(language) for prompt in wanted(language)}
    texts |= {key: entry.text for key, entry in there.items() if key not in BY_KEY}
    by_engine = {key for key, entry in there.items() if entry.source == "engine"}
    missing = {*pack.missing(), *(by_engine if again else ())}
    try:
        command = command_of(engine)
    except PromptError as error:
        raise CommandError(str(error)) from error

    async def made(key: str) -> tuple[Recording, str | None]:
        return await spoken(command, texts[key], longest_seconds(key)), texts[key]

    _install_all(pack, [key for key in texts if key in missing], made, "engine")


@app.command("remove")
def remove(key: str, language: Chosen = Language.THAI, folder: Folder = None) -> None:
    """Remove a recording. Callers then hear a tone and the English recording."""
    try:
        known = _pack(folder, language).remove(key)
        publish(_root(folder), [key])
    except (PromptError, OSError) as error:
        raise CommandError(str(error)) from error
    if not known:
        raise CommandError(f"{key} is not recorded in {language}")


@app.command("export-script")
def export_script(
    language: Chosen = Language.THAI,
    missing: Annotated[bool, typer.Option(help="only what is not recorded yet")] = False,
    folder: Folder = None,
) -> None:
    """Print the script for the speaker, as CSV for a spreadsheet: file name, longest time, text."""
    wanted_only = {*_pack(folder, language).missing()} if missing else {*BY_KEY}
    writer = csv.writer(sys.stdout)
    writer.writerow(("file", "part", "longest seconds", "text"))
    for prompt in wanted(language):
        if prompt.key in wanted_only:
            row = (f"{prompt.key}.wav", prompt.group, prompt.longest_seconds, prompt.text(language))
            writer.writerow(row)


Made = Callable[[str], Awaitable[tuple[Recording, str | None]]]
"""Gives a recording, and its text if the list has none."""


def _install_all(pack: Pack, keys: list[str], made: Made, source: str) -> None:
    """Install all that can be installed. Prints a line for each; status 1 if one was refused."""
    refused = 0
    for key in keys:
        try:
            recording, text = asyncio.run(_awaited(made, key))
            pack.install(key, recording, text=text, source=source, now=datetime.now(UTC))
            publish(pack.folder.parent, [key])
        except PromptError as error:
            refused += 1
            typer.echo(f"{key}: {error}", err=True)
        except OSError as error:
            raise CommandError(f"{pack.folder.parent}: {error.strerror}") from error
        else:
            typer.echo(f"{key}: {recording.measure.seconds:g} s")
    done, missing = len(keys) - refused, len(pack.missing())
    typer.echo(f"installed {done}, refused {refused}, still missing {missing}")
    if refused:
        raise typer.Exit(1)


async def _awaited(made: Made, key: str) -> tuple[Recording, str | None]:
    return await made(key)
