"""callcenter duty …: who is on duty, by name, and import and export of calendars."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table
from callcenter.cli.errors import CommandError

app = typer.Typer(help="The duty roster of named people.", no_args_is_help=True)
First = Annotated[str | None, typer.Option("--first", help="the first day: 2026-11-30")]
Many = Annotated[int, typer.Option("--days", help="how many days")]
Queue = Annotated[str | None, typer.Option("--queue", help="of one queue")]
_THAILAND = timezone(timedelta(hours=7))


@app.command("show")
def show(first: First = None, days: Many = 7, queue: Queue = None) -> None:
    """Show the shifts, who came, and when nobody is planned; by default for this week."""
    found = api().get(at("duty"), first=first, days=days, queue=queue)
    if answered_as_json(found):
        return
    rows = [
        (
            *(s["shift"], _local(s["begins_at"]), _local(s["ends_at"]), s["queue"], s["name"]),
            *(s["standing"], _minutes(s["late_seconds"])),
        )
        for s in found["shifts"]
    ]
    columns = ("shift#", "from", "to", "queue", "who", "standing", "late min#")
    console().print(table(columns, rows))
    queues = [
        (q["queue"], q["planned"], q["present"], q["unplanned_minutes"], q["uncovered_minutes"])
        for q in found["queues"]
    ]
    totals = ("queue", "planned now#", "present now#", "unplanned min#", "uncovered min#")
    console().print(table(totals, queues))


@app.command("add")
def add(
    operator: Annotated[str, typer.Argument(help="who")],
    queue: Annotated[str, typer.Argument(help="for which queue")],
    begins: Annotated[str, typer.Argument(help="Thai time: 2026-11-30T20:00")],
    ends: Annotated[str, typer.Argument(help="Thai time: 2026-12-01T08:00")],
    weeks: Annotated[int, typer.Option(help="so many weeks running")] = 1,
    note: Annotated[str, typer.Option(help="for people to read")] = "",
) -> None:
    """Plan a person for a queue."""
    body = {"operator": operator, "queue": queue, "weeks": weeks, "note": note}
    body |= {"begins_at": _moment(begins), "ends_at": _moment(ends)}
    made = api().ask("POST", at("duty", "shifts"), body)
    if not answered_as_json(made):
        for shift in made["shifts"]:
            typer.echo(f"{shift['shift']}  {_local(shift['begins_at'])}  {shift['name']}")


@app.command("remove")
def remove(
    shift: Annotated[int, typer.Argument(help="its number, as `show` prints it")],
    version: Annotated[int, typer.Option(help="the version that was seen")] = 1,
) -> None:
    """Remove a shift from the plan."""
    api().ask("DELETE", f"{at('duty', 'shifts', str(shift))}?version={version}")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="the iCalendar file to write, or -")],
    first: First = None,
    days: Many = 31,
    queue: Queue = None,
) -> None:
    """Write shifts as iCalendar."""
    _write(file, api().fetch(at("duty", "calendar"), first=first, days=days, queue=queue))


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(help="an iCalendar file")],
    queue: Annotated[str | None, typer.Option(help="of events that name none")] = None,
) -> None:
    """Import the shifts of an iCalendar file into the plan, all or none."""
    done = api().send("POST", at("duty", "imports"), _read(file), queue=queue)
    if not answered_as_json(done):
        typer.echo(", ".join(f"{name} {many}" for name, many in done.items()))


@app.command("holidays")
def holidays(
    year: Annotated[int, typer.Argument(help="of the common era")],
    file: Annotated[Path, typer.Argument(help="the iCalendar file to write, or -")],
) -> None:
    """Write the holidays of a year as iCalendar."""
    _write(file, api().fetch(at("duty", "holidays", "calendar"), year=year))


@app.command("confirm-holidays")
def confirm_holidays(
    year: Annotated[int, typer.Argument(help="of the common era")],
    file: Annotated[Path | None, typer.Argument(help="an iCalendar file with whole days")] = None,
    as_computed: Annotated[
        bool, typer.Option("--as-computed", help="those that the program computes are right")
    ] = False,
) -> None:
    """Confirm the holidays of a year as the Cabinet announced them (role central at the desks)."""
    service = api()
    if (file is None) != as_computed:
        raise CommandError("name an iCalendar file, or say --as-computed")
    if file is None:
        read = service.ask("GET", at("holidays", str(year)))
    else:
        read = service.send("POST", at("duty", "holidays", "readings"), _read(file), year=year)
    if not read["days"]:
        raise CommandError(f"{file}: has no whole day of {year}")
    service.ask("PUT", at("holidays", str(year)), {"days": read["days"]})
    if not answered_as_json(read):
        typer.echo(f"{len(read['days'])} days of {year} are confirmed")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror})") from error


def _write(file: Path, data: bytes) -> None:
    if str(file) == "-":
        typer.echo(data.decode(), nl=False)
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{file} cannot be written ({error.strerror})") from error


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text}: give day and time as 2026-11-30T20:00") from error
    return (found if found.tzinfo else found.replace(tzinfo=_THAILAND)).isoformat(
        timespec="seconds"
    )


def _local(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(_THAILAND):%Y-%m-%d %H:%M}"


def _minutes(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds / 60)
