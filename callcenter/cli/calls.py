"""callcenter call …: the record with filters, one call, and a waiting call's priority."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table
from callcenter.cli.errors import CommandError

app = typer.Typer(help="Calls: the record, and who waits.", no_args_is_help=True)
PAGE = 1000
Full = Annotated[bool, typer.Option("--full-numbers", help="kept in the audit")]
When = Annotated[str | None, typer.Option(help="2026-11-21 or 2026-11-21T08:30 (local time)")]


@app.command("list")
def list_calls(
    line: Annotated[str | None, typer.Option(help="1567")] = None,
    queue: Annotated[str | None, typer.Option()] = None,
    operator: Annotated[str | None, typer.Option()] = None,
    outcome: Annotated[str | None, typer.Option(help="answered, abandoned, …")] = None,
    since: When = None,
    until: When = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    full_numbers: Full = False,
) -> None:
    """List calls, latest first."""
    wanted = {
        "line": line,
        "queue": queue,
        "operator": operator,
        "outcome": outcome,
        "arrived_from": _moment(since),
        "arrived_before": _moment(until),
        "numbers": "full" if full_numbers else "masked",
    }
    calls = _pages(wanted, limit)
    if answered_as_json({"calls": calls}):
        return
    columns = ("arrived", "line", "caller", "queue", "outcome", "wait s#", "talk s#", "operator")
    console().print(table((*columns, "offers#", "call"), [_row(c) for c in calls]))
    typer.echo(f"{len(calls)} calls")


@app.command("show")
def show(call: str, full_numbers: Full = False) -> None:
    """Show one call with its offers."""
    numbers = "full" if full_numbers else "masked"
    found = api().get(at("calls", call), numbers=numbers)
    if answered_as_json(found):
        return
    rows = [(name, value) for name, value in found["call"].items() if value not in (None, "")]
    console().print(table(("", ""), rows))
    offers = [(o["number"], o["operator"], o["result"], o["ring_seconds"]) for o in found["offers"]]
    console().print(table(("offer#", "operator", "result", "rang s#"), offers))


@app.command("priority")
def priority(call: str, value: Annotated[int, typer.Argument(min=0, max=9)]) -> None:
    """Move a waiting caller up or down."""
    now = api().ask("PUT", at("calls", call, "priority"), {"priority": value})
    typer.echo(f"{call} has priority {now['priority']}, place {now['place'] or 'ringing'}")


@app.command("uncover")
def uncover(
    call: str,
    reason: Annotated[str, typer.Option(help="why it is needed: kept in the audit")],
) -> None:
    """Show the number that a caller withheld, in an emergency, if the site keeps it."""
    found = api().ask("POST", at("calls", call, "withheld-number"), {"reason": reason})
    if answered_as_json(found):
        return
    typer.echo(f"{found['number']}   (deleted at {found['kept_until']})")


@app.command("remove-demo")
def remove_demo(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Remove the calls that `make demo` made from the record. The audit keeps this."""
    service = api()
    found = service.get("/api/v1/demo-calls")
    if found["calls"] and not yes:
        first, last = (_local(found[f"{end}_arrived_at"]) for end in ("first", "last"))
        asked = f"Remove {found['calls']} calls of the demo ({first} to {last}) for good?"
        if not typer.confirm(asked, err=True):
            raise CommandError("nothing is removed")
    removed = service.ask("DELETE", "/api/v1/demo-calls") if found["calls"] else {"removed": 0}
    if answered_as_json(removed):
        return
    typer.echo(
        f"{removed['removed']} calls of the demo are removed. What Prometheus counted in those "
        "minutes stays there."
    )


def _pages(wanted: Mapping[str, object], limit: int) -> list[Any]:
    service, after = api(), None
    calls: list[Any] = []
    while len(calls) < limit:
        size = min(PAGE, limit - len(calls))
        page = service.get("/api/v1/calls", **wanted, limit=size, after=after)
        calls += page["calls"]
        after = page["next"]
        if after is None:
            break
    return calls


def _row(call: Any) -> tuple[object, ...]:
    return (
        _local(call["arrived_at"]),
        call["line"] + (" (demo)" if call["demo"] else ""),
        call["caller"],
        call["queue"],
        (call["outcome"] or "in progress") + (f" ({call['reason']})" if call["reason"] else ""),
        call["wait_seconds"],
        call["talk_seconds"],
        call["operator"],
        call["offers"],
        call["call"],
    )


def _local(stamp: str) -> str:
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _moment(text: str | None) -> str | None:
    """The typed local time in the API's form."""
    if text is None:
        return None
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no time: write 2026-11-21 or 2026-11-21T08:30") from error
    if not 2000 <= stamp.year < 2200:
        raise CommandError(f"{text!r}: years are of the common era (พ.ศ. 2569 is 2026)")
    return stamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
