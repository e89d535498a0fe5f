"""callcenter answer …: what operators tell callers."""

from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, console, table

app = typer.Typer(help="What operators tell callers.", no_args_is_help=True)


@app.command("find")
def find(
    words: Annotated[list[str], typer.Argument(help="parts of words; all of them must be there")],
) -> None:
    """Find answers with these words, the best first. A miss is counted."""
    found = api().ask("POST", "/api/v1/answer-search", {"text": " ".join(words)})
    if answered_as_json(found):
        return
    rows = [
        (a["answer"], a["title"], a["excerpt"], "out of date" if a["out_of_date"] else "")
        for a in found["answers"]
    ]
    console().print(table(("answer#", "title", "text", ""), rows))


@app.command("list")
def list_answers(
    due: Annotated[bool, typer.Option(help="those whose review is due")] = False,
) -> None:
    """List answers by number."""
    found = api().get("/api/v1/answers", state="review_due" if due else None)
    if answered_as_json(found):
        return
    rows = [
        (a["answer"], a["title"], a["unit"], a["state"], a["review_by"], a["uses"])
        for a in found["answers"]
    ]
    names = ("answer#", "title", "unit", "state", "review by", "uses#")
    console().print(table(names, rows))


@app.command("show")
def show(
    answer: Annotated[int, typer.Argument(help="its number")],
    on: Annotated[str | None, typer.Option(help="as it was on a day: 2022-03-14")] = None,
) -> None:
    """Show an answer, as it is now or as it was."""
    found = api().get(at("answers", str(answer)), on=on)
    if answered_as_json(found):
        return
    typer.echo(f"{found['title']}\n{found['text']}")
    typer.echo(
        f"{found['unit_name']}, version {found['version']} of {found['latest']} since "
        f"{found['since'][:10]}, {found['state']}, review by {found['review_by']}"
    )
    if found["source"]:
        typer.echo(f"source: {found['source']}")


@app.command("misses")
def misses() -> None:
    """List the searches that found nothing, the most frequent first."""
    found = api().get("/api/v1/answer-misses")
    if answered_as_json(found):
        return
    rows = [(m["miss"], m["times"], m["text"], m["last_at"][:10]) for m in found["misses"]]
    console().print(table(("miss#", "times#", "what", "last"), rows))
