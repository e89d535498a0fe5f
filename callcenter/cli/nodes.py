"""callcenter node …: the Asterisks, and draining one for an upgrade."""

import time
from typing import Annotated, Any

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(help="The Asterisk nodes.", no_args_is_help=True)
NODE = "its name, as `callcenter node list` shows it"
LOOK_SECONDS = 1.0


@app.command("list")
def list_nodes() -> None:
    """List the nodes, their states, and their numbers of calls."""
    found = api().get(at("nodes"))
    if answered_as_json(found):
        return
    rows = [
        (node["node"], _state(node), str(node["waiting"]), str(node["talking"]))
        for node in found["nodes"]
    ]
    console().print(table(("node", "state", "wait", "talk"), rows))


@app.command("drain")
def drain(
    node: Annotated[str, typer.Argument(help=NODE)],
    wait: Annotated[bool, typer.Option("--wait", help="until it is empty")] = False,
) -> None:
    """Give a node no new calls. Its waiting callers and talks are still served; then it is
    empty."""
    seen = api().ask("POST", at("nodes", node, "drain"))
    if not wait:
        if not answered_as_json(seen):
            typer.echo(f"{node} has no new calls; {_left(seen)}")
        return
    said = ""
    while not seen["empty"]:
        if (line := _left(seen)) != said:
            typer.echo(line)
            said = line
        time.sleep(LOOK_SECONDS)
        seen = next(each for each in api().get(at("nodes"))["nodes"] if each["node"] == node)
    typer.echo(f"{node} is empty: restart or upgrade it, then `callcenter node undrain {node}`")


@app.command("undrain")
def undrain(node: Annotated[str, typer.Argument(help=NODE)]) -> None:
    """Give a node new calls again."""
    seen = api().ask("DELETE", at("nodes", node, "drain"))
    if not answered_as_json(seen):
        typer.echo(f"{node} has new calls again")


def _state(node: dict[str, Any]) -> str:
    if not node["connected"]:
        return "lost"
    if node["draining"]:
        return "empty, drained" if node["empty"] else "draining"
    return "serves"


def _left(seen: dict[str, Any]) -> str:
    return f"{seen['waiting']} wait, {seen['talking']} talk"
