"""callcenter news …: the message that callers hear about a matter for which many call at once."""

from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(help="The message of the day, for a line or a queue.", no_args_is_help=True)

Place = Annotated[str, typer.Argument(help="the line (1567), or with --queue the queue")]
IsQueue = Annotated[bool, typer.Option("--queue", help="it is the name of a queue")]


@app.command("list")
def list_news() -> None:
    """Show what is on, how many heard it, and the prompts that can be used."""
    found = api().get("/api/v1/news")
    if answered_as_json(found):
        return
    rows = [
        (
            f"{n['scope']} {n['name']}",
            " ".join(n["prompts"]),
            " ".join(n["more"]),
            "until off" if n["minutes_left"] is None else n["minutes_left"],
            n["heard"],
            n["asked"],
            n["left"],
        )
        for n in found["news"]
    ]
    columns = ("where", "prompts", "more (key 1)", "minutes left", "heard#", "asked#", "left#")
    console().print(table(columns, rows))
    typer.echo("recorded prompts of your own: " + (", ".join(found["prompts"]) or "none"))


@app.command("on")
def on(
    place: Place,
    prompts: Annotated[list[str], typer.Argument(help="prompts, such as own_flood")],
    more: Annotated[list[str] | None, typer.Option(help="what key 1 brings; repeatable")] = None,
    minutes: Annotated[float, typer.Option(min=0, help="so long; 0: until switched off")] = 0,
    queue: IsQueue = False,
) -> None:
    """Switch a message on. New callers hear it at once, and waiting callers hear it once."""
    body = {"prompts": prompts, "more": more or [], "minutes": minutes or None}
    found = api().ask("PUT", at("news", "queue" if queue else "line", place), body)
    if not answered_as_json(found):
        typer.echo(f"{place}: callers hear {' '.join(prompts)} from now on")


@app.command("off")
def off(place: Place, queue: IsQueue = False) -> None:
    """Switch the message off."""
    api().ask("DELETE", at("news", "queue" if queue else "line", place))
    typer.echo(f"{place}: off")
