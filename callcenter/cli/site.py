"""callcenter site …: check a site file without any service, and show the one in force."""

from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli.common import api, console, settings, table
from callcenter.config import load_site
from callcenter.config.site_drawing import site_drawing
from callcenter.core.ids import LineName

app = typer.Typer(help="Lines, queues and limits.", no_args_is_help=True)


@app.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(help="default: CALLCENTER_SITE_FILE")] = None,
) -> None:
    """Check a site file: every fault with its line. The service is not needed."""
    path = file or settings().site_file
    site = load_site(path)
    typer.echo(f"{path} is right: {len(site.lines)} lines, {len(site.queues)} queues")


@app.command("draw")
def draw(
    file: Annotated[Path | None, typer.Argument(help="default: CALLCENTER_SITE_FILE")] = None,
    line: Annotated[str | None, typer.Option(help="only what callers of this line meet")] = None,
) -> None:
    """Draw the way of a call through lines, queues and overflow, as a Mermaid diagram."""
    site = load_site(file or settings().site_file)
    if line is not None and line not in site.lines:
        raise typer.BadParameter(f"there is no line {line}: {', '.join(site.lines)}")
    typer.echo(site_drawing(site, LineName(line) if line else None), nl=False)


@app.command("show")
def show() -> None:
    """Show the site in force."""
    site = api().get("/api/v1/site")
    lines = [
        (o["line"], o["title"], " ".join(o["dids"]), o["queue"], o["language"])
        for o in site["lines"]
    ]
    console().print(table(("line", "title", "dialled numbers", "queue", "language"), lines))
    names = [name for name in site["queues"][0] if name != "title"]
    console().print(table(names, [[queue[name] for name in names] for queue in site["queues"]]))
    trunks = [(o["trunk"], o["channels"] or "not known") for o in site["trunks"]]
    console().print(table(("trunk", "channels"), trunks))
