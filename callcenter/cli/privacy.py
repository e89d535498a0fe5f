"""callcenter person … and callcenter retention …: personal data, and how long it is kept."""

import json
from typing import Annotated

import typer

from callcenter.cli.common import answered_as_json, api, ask_secret, console, table

person = typer.Typer(help="What is held on a person.", no_args_is_help=True)
retention = typer.Typer(help="Personal data that is kept too long.", no_args_is_help=True)


@person.command("export")
def export(
    number: Annotated[
        str, typer.Argument(help="a phone number; -: it is asked for, so that no shell keeps it")
    ],
    reason: Annotated[
        str, typer.Option(help="who asked for it and how; kept in the audit, without numbers")
    ],
) -> None:
    """Export everything kept about a phone number, as JSON (PDPA section 30)."""
    typed = ask_secret("number") if number == "-" else number
    body = {"number": typed, "reason": reason}
    found = api().ask("POST", "/api/v1/person-exports", body)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


@retention.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count it")] = False,
) -> None:
    """Remove data that was kept too long. The service does this every day by itself."""
    service, kinds = api(), dict[str, dict[str, int | None]]()
    while True:
        found = service.ask("POST", "/api/v1/retention-runs", {"dry_run": dry_run})
        for each in found["kinds"]:
            known = kinds.setdefault(each["kind"], {"days": each["days"], "many": 0})
            known["many"] = (known["many"] or 0) + each["many"]
        if found["finished"]:
            break
    if answered_as_json([{"kind": kind, **known} for kind, known in kinds.items()]):
        return
    rows = [(kind, known["days"], known["many"]) for kind, known in kinds.items()]
    names = ("what", "kept for days#", "to be forgotten#" if dry_run else "forgotten#")
    console().print(table(names, rows))
