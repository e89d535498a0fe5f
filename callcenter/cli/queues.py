"""callcenter queue …: the queues now, once or as a live table."""

import time
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from callcenter.cli.api import Api, at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(help="Queues, now.", no_args_is_help=True)


@app.command("list")
def list_queues() -> None:
    """List all queues once."""
    found = api().get("/api/v1/queues")
    if answered_as_json(found):
        return
    console().print(_table(found))
    _warn(found)


@app.command("calls")
def calls(queue: Annotated[str, typer.Argument(help="the queue's name")]) -> None:
    """List the callers who wait, in the order in which they will be answered."""
    found = api().get(at("queues", queue, "calls"), limit=1000)
    if answered_as_json(found):
        return
    rows = [
        (
            c["place"],
            c["caller"],
            c["line"],
            c["wait_seconds"],
            c["priority"],
            c["state"],
            c["call"],
        )
        for c in found["calls"]
    ]
    columns = ("place#", "caller", "line", "waits s#", "priority#", "state", "call")
    console().print(table(columns, rows))


@app.command("watch")
def watch(
    every: Annotated[float, typer.Option(min=0.2, help="seconds between two looks")] = 1.0,
    times: Annotated[int, typer.Option(min=0, help="looks; 0: until Ctrl-C")] = 0,
) -> None:
    """Show queues and operators as a live table."""
    service, looks = api(), 0
    with Live(_picture(service), console=console(), auto_refresh=False) as live:
        while times == 0 or looks < times:
            live.update(_picture(service), refresh=True)
            looks += 1
            time.sleep(every)


def _picture(service: Api) -> Group:
    queues, operators = service.get("/api/v1/queues"), service.get("/api/v1/operators")
    at_work = [o for o in operators["operators"] if o["state"] != "offline"]
    rows = [(o["operator"], o["state"], o["state_seconds"], o["reason"]) for o in at_work]
    notice = Text("" if queues["connected"] else "Asterisk is not connected", style="bold red")
    people = table(("operator", "state", "for s#", "reason"), rows)
    return Group(_table(queues), people, notice)


def _table(found: Any) -> Table:
    columns = ("queue", "title", "waiting#", "oldest s#", "available#", "ringing#", "on call#")
    rows = [
        (
            q["queue"],
            q["title"],
            q["waiting"],
            q["oldest_wait_seconds"],
            q["operators"]["available"],
            q["operators"]["ringing"],
            q["operators"]["on_call"],
            q["operators"]["wrapup"],
            q["operators"]["paused"],
            q["operators"]["phone_away"],
        )
        for q in found["queues"]
    ]
    return table((*columns, "wrap-up#", "paused#", "phone away#"), rows)


def _warn(found: Any) -> None:
    if not found["connected"]:
        typer.echo("Asterisk is not connected: `callcenter doctor` says why", err=True)
