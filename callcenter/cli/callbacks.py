"""callcenter callback …: citizens who will be called back."""

from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(help="Who is to be called back.", no_args_is_help=True)


@app.command("list")
def list_callbacks() -> None:
    """List the callbacks that are not completed, the longest wait first."""
    found = api().get(at("callbacks"))
    if answered_as_json(found):
        return
    rows = [
        (
            back["place"] or "",
            back["caller"],
            back["queue"],
            round(back["waits_seconds"]),
            back["state"],
            back["tries"],
            back["call"],
        )
        for back in found["callbacks"]
    ]
    console().print(
        table(("place#", "caller", "queue", "waits s#", "state", "tries#", "call"), rows)
    )
    if found["held"]:
        typer.echo(f"nobody is called at present: {found['held']}")


@app.command("cancel")
def cancel(call: Annotated[str, typer.Argument(help="the call, as the list shows it")]) -> None:
    """Cancel a callback: nobody is called back for this call."""
    api().ask("DELETE", at("callbacks", call))


@app.command("now")
def now(call: Annotated[str, typer.Argument(help="the call, as the list shows it")]) -> None:
    """Call a citizen back as soon as an operator is free, without waiting for the planned time."""
    api().ask("POST", at("callbacks", call, "attempt"))


@app.command("ask")
def ask_for(
    call: Annotated[str, typer.Argument(help="the call whose caller is to be called back")],
    when: Annotated[
        str, typer.Option("--at", help="not before: 2026-12-01T14:00:00+07:00; else at once")
    ] = "",
) -> None:
    """Call a caller back, at the number that the call came from."""
    made = api().ask("POST", at("callbacks"), {"call": call, "at": when or None})
    typer.echo(made["call"])
