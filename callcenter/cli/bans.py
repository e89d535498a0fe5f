"""callcenter ban …: addresses that Asterisk ignores."""

from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(help="Addresses banned from SIP.", no_args_is_help=True)
ADDRESS = "an IP address or a network: 192.0.2.66, 198.51.100.0/24"


@app.command("list")
def list_bans() -> None:
    """List the bans in force, with their ends (UTC) and reasons."""
    found = api().get(at("bans"))
    if answered_as_json(found):
        return
    rows = [
        (ban["address"], _time(ban["until"]), "by hand" if ban["by_hand"] else "guessed passwords")
        for ban in found["bans"]
    ]
    console().print(table(("address", "until", "why"), rows))


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(help=ADDRESS)],
    hours: Annotated[float, typer.Option(min=1 / 60, max=366 * 24, help="for how long")] = 24,
    also_phones: Annotated[
        bool, typer.Option(help="also when a phone registered from there within the hour")
    ] = False,
) -> None:
    """Ban an address: within 10 s Asterisk answers 403 to all it sends."""
    body = {
        "address": address,
        "seconds": round(hours * 3600),
        "also_phones": also_phones,
    }
    added = api().ask("POST", at("bans"), body)
    if not answered_as_json(added):
        typer.echo(f"{added['address']} is banned until {_time(added['until'])}")


@app.command("remove")
def remove(address: Annotated[str, typer.Argument(help=ADDRESS)]) -> None:
    """Lift a ban, within 10 s. An address that guesses passwords again is banned again."""
    api().ask("DELETE", at("bans", address))


def _time(stamp: str) -> str:
    return stamp[:16].replace("T", " ")
