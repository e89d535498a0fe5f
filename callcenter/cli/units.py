"""callcenter unit …, callcenter grant …: offices of the desks, and who may do what there."""

from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(help="Offices that work on citizens' matters.", no_args_is_help=True)
grants = typer.Typer(help="What accounts may do at which office.", no_args_is_help=True)

AreaText = Annotated[str, typer.Argument(help='as people write it: "ตำบลกู่ อำเภอปรางค์กู่"')]


@app.command("thailand")
def thailand() -> None:
    """Add the offices of the whole country: 1111, the ministry, 77 provinces, 928 districts."""
    added = api().ask("POST", "/api/v1/units-of-thailand")
    if answered_as_json(added):
        return
    typer.echo(f"added {added['added']}, there already {added['known']}")


@app.command("list")
def list_units(
    level: Annotated[str | None, typer.Option(help="national, province, district, local")] = None,
    area: Annotated[str | None, typer.Option(help="DOPA's code of an area, as in 33")] = None,
) -> None:
    """List the offices that work today."""
    found = api().get("/api/v1/units", level=level, area=area, limit=2000)
    if answered_as_json(found):
        return
    rows = [
        (u["unit"], u["level"], u["name_th"], u["area"], u["parent"], u["email"])
        for u in found["units"]
    ]
    console().print(table(("unit", "level", "name", "area", "below", "e-mail"), rows))


@app.command("area")
def area(text: AreaText) -> None:
    """Find the area that a text names, with its code."""
    found = api().get("/api/v1/areas", text=text)
    if answered_as_json(found):
        return
    console().print(table(("code", "area"), [(a["code"], a["written"]) for a in found["areas"]]))


@grants.command("add")
def add_grant(
    account: str,
    role: Annotated[
        str,
        typer.Argument(
            help="operator, supervisor, province_admin, officer, referrer, central, viewer"
        ),
    ],
    unit: Annotated[str, typer.Argument(help="as `callcenter unit list` has it: p33, d3307, moi")],
) -> None:
    """Give an account a role at an office and all below it, from today."""
    body = {"account": account, "role": role, "unit": unit}
    given = api().ask("POST", "/api/v1/grants", body)
    if not answered_as_json(given):
        typer.echo(f"grant {given['grant']}: {account} is {role} at {unit}")


@grants.command("list")
def list_grants(
    account: Annotated[str | None, typer.Option(help="of one account")] = None,
    unit: Annotated[str | None, typer.Option(help="at one office")] = None,
) -> None:
    """List grants, also past ones."""
    found = api().get("/api/v1/grants", account=account, unit=unit)
    if answered_as_json(found):
        return
    rows = [
        (g["grant"], g["account"], g["role"], g["unit"], g["since"], g["until"])
        for g in found["grants"]
    ]
    console().print(table(("grant#", "account", "role", "unit", "from", "until"), rows))


@grants.command("end")
def end_grant(grant: int) -> None:
    """End a grant today."""
    api().ask("PUT", at("grants", str(grant), "until"), {})
