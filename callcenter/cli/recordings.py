"""callcenter recording …: the keys that seal recorded talks. `new-key` and `keys` work without the
service."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli.common import answered_as_json, api, console, settings, table
from callcenter.cli.errors import CommandError
from callcenter.oversight.recordings.keys import KeysError, add_key, read_keys

app = typer.Typer(help="Recorded talks and their keys.", no_args_is_help=True)

KeyFile = Annotated[
    Path | None, typer.Argument(help="the file; by default CALLCENTER_RECORDING_KEY_FILE")
]


def _file(named: Path | None) -> Path:
    found = named or settings().recording_key_file
    if found is None:
        raise CommandError("name the file, or set CALLCENTER_RECORDING_KEY_FILE")
    return found


@app.command("new-key")
def new_key(file: KeyFile = None) -> None:
    """Make a key that seals talks from now on. Existing keys still open older talks."""
    path = _file(file)
    try:
        made = add_key(path, datetime.now(UTC))
    except (KeysError, OSError) as error:
        raise CommandError(str(error)) from error
    typer.echo(f"key {made.id} is the first of {path}: it seals what is recorded from now on")
    typer.echo("Keep a copy of the file elsewhere: without it no recording can be heard again.")


@app.command("keys")
def keys(file: KeyFile = None) -> None:
    """List the keys by their ids. A recording names the key with which it is sealed."""
    try:
        found = read_keys(_file(file))
    except KeysError as error:
        raise CommandError(str(error)) from error
    rows = [
        (key.id, key.made, "seals and opens" if key is found.first else "opens")
        for key in found.all.values()
    ]
    told = [dict(zip(("key", "made", "does"), row, strict=True)) for row in rows]
    if not answered_as_json(told):
        console().print(table(("key", "made", "does"), rows))


@app.command("reseal")
def reseal() -> None:
    """Seal all recordings again with the first key, so that the lines of the others may be
    removed."""
    many, unread, after, left, key = 0, [], None, 0, ""
    while True:
        said = api().ask("POST", "/api/v1/recording-resealings", {"after": after})
        many += said["resealed"]
        unread += said["unreadable"]
        after, left, key = said["next"], said["left"], said["key"]
        if after is None:
            break
        typer.echo(f"{many} are sealed anew, {left} are left", err=True)
    if answered_as_json({"key": key, "resealed": many, "left": left, "unreadable": unread}):
        return
    typer.echo(f"{many} recordings are sealed anew, with key {key}")
    for one in unread:
        typer.echo(f"call {one['call']}, recording {one['number']}: {one['why']}")
    if left:
        raise CommandError(f"{left} recordings still need another key: leave its line in the file")
    typer.echo("No recording needs another key: their lines may be taken out.")
