"""callcenter round …: what provinces report to the ministry, and by when."""

from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(
    help="Report rounds. Log in with --user: what one sees hangs on one's grants.",
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(help="the round's number, as `list` shows it")]


@app.command("list")
def list_rounds() -> None:
    """List rounds, the latest due first."""
    found = api().get("/api/v1/report-rounds")
    if answered_as_json(found):
        return
    rows = [
        (r["round"], r["name"], r["state"], r["due_th"], _of(r["completeness"]), len(r["missing"]))
        for r in found["rounds"]
    ]
    names = ("round#", "name", "state", "due", "submitted", "not yet#")
    console().print(table(names, rows))


@app.command("show")
def show(round_number: Number) -> None:
    """Show a round's units, and the state of their reports."""
    found = api().get(at("report-rounds", str(round_number)))
    if answered_as_json(found):
        return
    typer.echo(f"{found['name']}, due {found['due_th']}, {found['state']}")
    typer.echo(f"submitted {_of(found['completeness'])}, on time {_of(found['timeliness'])}")
    rows = [(t["unit"], t["name_th"], t["state"], t["report"]) for t in found["units"]]
    console().print(table(("unit", "name", "state", "report"), rows))


@app.command("missing")
def missing(round_number: Number) -> None:
    """List the units that have not submitted, one a line."""
    found = api().get(at("report-rounds", str(round_number)))
    if answered_as_json(found["missing"]):
        return
    for unit in found["missing"]:
        typer.echo(unit)


@app.command("mails")
def mails(round_number: Number) -> None:
    """List the reminders and reports that were mailed, or wait to be (role central)."""
    found = api().get(at("report-rounds", str(round_number), "mails"))
    if answered_as_json(found):
        return
    rows = [
        (m["mail"], m["unit"], m["recipient"], m["state"], m["tries"], m["error"])
        for m in found["mails"]
    ]
    console().print(table(("mail#", "unit", "to", "state", "tries#", "error"), rows))


def _of(rate: dict[str, int]) -> str:
    return f"{rate['counted']} of {rate['of']}"
