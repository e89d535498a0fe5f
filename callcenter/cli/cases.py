"""callcenter case …: citizens' matters, as the account given with --user may see them."""

from typing import Annotated, Any

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(
    help="Citizens' matters. Log in with --user: what one sees hangs on one's grants.",
    no_args_is_help=True,
)


@app.command("list")
def list_cases(
    mine: Annotated[bool, typer.Option(help="at the offices where one works")] = False,
    overdue: Annotated[bool, typer.Option(help="whose deadline has passed")] = False,
    holder: Annotated[str | None, typer.Option(help="whose turn it is: p33, d3307")] = None,
) -> None:
    """List cases: urgent ones first, then those due first."""
    filters: dict[str, object] = {"holder": holder}
    filters |= {name: "true" for name, is_on in (("mine", mine), ("overdue", overdue)) if is_on}
    _print(api().get("/api/v1/cases", **filters))


@app.command("find")
def find(
    number: Annotated[str, typer.Argument(help="as it is read aloud: 33-64-000123-3")],
) -> None:
    """Find a case by its number, with its state in words that can be read aloud."""
    _print(api().ask("POST", "/api/v1/case-search", {"number": number}))


@app.command("show")
def show(number: Annotated[str, typer.Argument(help="eleven digits")]) -> None:
    """Show a case with its hand-overs and their deadlines."""
    case = api().get(at("cases", number))
    if answered_as_json(case):
        return
    typer.echo(f"{case['written']}  {case['type']}, {case['urgency']}, {case['area_written']}")
    typer.echo(f"{case['said_th']} ({case['state']}, version {case['version']})")
    typer.echo(case["facts"])
    rows = [
        (h["n"], h["from_name"], h["to_name"], h["state"], h["sent_at"][:16], h["reason"], _due(h))
        for h in case["hops"]
    ]
    names = ("hop#", "from", "to", "state", "sent", "reason", "days left#")
    console().print(table(names, rows))
    typer.echo(f"possible: {', '.join(case['actions']) or 'nothing'}")


@app.command("ageing")
def ageing() -> None:
    """List the number of open cases by unit, those with the most overdue first."""
    found = api().get("/api/v1/case-ageing")
    if answered_as_json(found):
        return
    rows = [
        (h["holder"], h["holder_name"], h["state"], h["cases"], h["overdue"], h["oldest"][:10])
        for h in found["holders"]
    ]
    names = ("unit", "name", "state", "cases#", "overdue#", "oldest")
    console().print(table(names, rows))


def _print(found: dict[str, Any]) -> None:
    if answered_as_json(found):
        return
    rows = [
        (c["written"], c["type"], c["urgency"], c["said_th"], c["area_written"], _days(c))
        for c in found["cases"]
    ]
    names = ("case", "type", "urgency", "state", "area", "days left#")
    console().print(table(names, rows))


def _due(hop: dict[str, Any]) -> str:
    left = [c["days_left"] for c in hop["clocks"] if c["days_left"] is not None]
    return f"{min(left):.1f}" if left else ""


def _days(case: dict[str, Any]) -> str:
    return "" if case["days_left"] is None else f"{case['days_left']:.1f}"
