"""callcenter asterisk …: restart Asterisk with the least harm to callers."""

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from callcenter.cli.common import answered_as_json, api
from callcenter.cli.errors import CommandError

app = typer.Typer(help="Asterisk itself.", no_args_is_help=True)

PATH = "/api/v1/asterisk/restart"
LOOK_SECONDS = 0.5
UNDER_WAY = ("closing", "leaving", "restarting")


@app.callback()
def _several() -> None:
    """Needed so that the only command keeps its name on the command line."""


@app.command("restart")
def restart(
    within: Annotated[
        float, typer.Option(help="seconds for who waits and who talks", min=0, max=86400)
    ] = 600.0,
    now: Annotated[bool, typer.Option("--now", help="let everybody go at once")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="call it off")] = False,
) -> None:
    """Restart Asterisk. New callers are told to call later; the others are served until the limit.

    Shows how many are left. Ctrl-C ends only this display. `--cancel` cancels the restart, and a
    second command sets another limit.
    """
    if cancel:
        if not answered_as_json(api().ask("DELETE", PATH)):
            typer.echo("called off: callers are let in again")
        return
    asked_at = time.monotonic()
    first = api().ask("POST", PATH, {"seconds": 0.0 if now else within})
    try:
        for line in _lines(first):
            typer.echo(line)
    except KeyboardInterrupt:
        typer.echo("\nthe restart goes on: `callcenter asterisk restart --cancel` calls it off")
        raise
    took = time.monotonic() - asked_at
    typer.echo(f"Asterisk was restarted and takes calls again ({took:.0f} s)")


def _lines(seen: dict[str, Any]) -> Iterator[str]:
    """A line each time something has changed. Raises CommandError if the restart failed."""
    said = ""
    while seen["phase"] in UNDER_WAY:
        if (line := _line(seen)) != said:
            yield line + _time_left(seen)
            said = line
        time.sleep(LOOK_SECONDS)
        seen = api().get(PATH)
    if seen["phase"] != "done":
        raise CommandError(seen["problem"] or f"Asterisk was not restarted ({seen['phase']})")


def _line(seen: dict[str, Any]) -> str:
    if seen["phase"] == "restarting":
        return "nobody is there: Asterisk restarts"
    going = seen["callers"] - seen["waiting"] - seen["talking"]
    left = f"{seen['waiting']} wait, {seen['talking']} talk"
    if going > 0:
        left += f", {going} in the greeting, the lifeboat or on the way out"
    return f"new callers are told to call later; {left}"


def _time_left(seen: dict[str, Any]) -> str:
    return f"; {seen['seconds_left']:.0f} s left" if seen["phase"] == "closing" else ""
