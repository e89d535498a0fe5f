"""callcenter operator …: add, change, remove, list, log in and out, pause, resume, hang up."""

from typing import Annotated

import typer

from callcenter.cli.api import at
from callcenter.cli.common import answered_as_json, api, chosen, console, settings, table
from callcenter.cli.errors import CommandError
from callcenter.cli.sip_place import SipPlace, sip_place

app = typer.Typer(help="Operators and their phones.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="the operator's id, such as somchai")]
Queues = Annotated[
    list[str] | None, typer.Option("--queue", help="a queue to serve; give it several times")
]

Skills = Annotated[
    list[str] | None,
    typer.Option("--skill", help="a skill and its level, 1 to 5: english=3; several times"),
]


@app.command("add")
def add(
    operator: Name,
    name: Annotated[str, typer.Option(help="the person's name; the id when left out")] = "",
    queue: Queues = None,
    contact: Annotated[
        str | None, typer.Option(help="sip:user@host:port of a phone that does not register")
    ] = None,
    account: Annotated[bool, typer.Option(help="also make an account to log in with")] = True,
    open_line: Annotated[
        bool, typer.Option(help="the phone is rung once after a log-in and stays up")
    ] = False,
    skill: Skills = None,
) -> None:
    """Add an operator with a SIP phone. Prints once what to type into the phone."""
    body = {
        "operator": operator,
        "name": name or operator,
        "queues": queue or None,
        "contact": contact,
        "account": account,
        "open_line": open_line,
        "skills": _levels(skill or []),
    }
    added = api().ask("POST", "/api/v1/operators", body)
    if answered_as_json(added):
        return
    if chosen.url is None:  # on another host nothing is known of its Asterisk
        _say_where(sip_place(settings()))
    typer.echo(f"SIP user:          {added['sip_user']}")
    typer.echo(f"SIP password:      {added['sip_secret']}")
    if added["one_time_password"]:
        typer.echo(f"one-time password: {added['one_time_password']}   (account {operator})")
    typer.echo("These are shown once.")
    chosen_by = "" if queue else "   (all of this site: none was chosen with --queue)"
    typer.echo(f"queues:            {' '.join(added['queues'])}{chosen_by}")
    if not added["phone_known"]:
        note = "Asterisk does not listen at present: the phone can register when it does again."
        typer.echo(note, err=True)


def _levels(given: list[str]) -> dict[str, int]:
    levels = {}
    for each in given:
        name, _, level = each.partition("=")
        if not name or not level.isdecimal():
            raise CommandError(f'"{each}": write a skill and its level, such as --skill english=3')
        levels[name] = int(level)
    return levels


def _say_where(place: SipPlace) -> None:
    typer.echo(f"SIP server:        {place.told}")
    if place.is_this_host_only:
        note = "Only a phone on this host gets there: set CALLCENTER_SIP_ADDRESS and start anew."
        typer.echo(note, err=True)


@app.command("change")
def change(
    operator: Name,
    name: Annotated[str | None, typer.Option(help="the person's name")] = None,
    queue: Queues = None,
    contact: Annotated[
        str | None, typer.Option(help='sip:user@host:port; "": the phone registers')
    ] = None,
    open_line: Annotated[
        bool | None, typer.Option(help="the phone is rung once after a log-in and stays up")
    ] = None,
    skill: Skills = None,
    no_skills: Annotated[bool, typer.Option("--no-skills", help="take all skills away")] = False,
) -> None:
    """Change an operator's card. The phone's user and password stay.

    Queues, skills and open line are valid from the next log-in on. Given skills replace all old
    skills.
    """
    given = {"name": name, "queues": queue or None, "open_line": open_line}
    body: dict[str, object] = {what: value for what, value in given.items() if value is not None}
    if contact is not None:
        body["contact"] = contact or None
    if skill or no_skills:
        body["skills"] = _levels(skill or [])
    if not body:
        what = "--name, --queue, --contact, --open-line, --skill"
        raise CommandError(f"say what is to be different: {what}")
    changed = api().ask("PATCH", at("operators", operator), body)
    if not changed["phone_known"]:
        note = "Asterisk does not listen at present: it is told the new contact when it does again."
        typer.echo(note, err=True)


@app.command("remove")
def remove(operator: Name) -> None:
    """Remove an operator with the phone and the account. A call in progress is finished."""
    api().ask("DELETE", at("operators", operator))


@app.command("list")
def list_operators() -> None:
    """List all operators and what they do now."""
    answer = api().get("/api/v1/operators")
    if answered_as_json(answer):
        return
    found = answer["operators"]
    rows = [
        (
            o["operator"],
            o["name"],
            o["state"] + (f" ({o['reason']})" if o["reason"] else ""),
            o["state_seconds"],
            o["wish"] if o["wish"] != o["state"] else None,
            " ".join(o["queues"]),
            " ".join(f"{name}={level}" for name, level in o["skills"].items()) or None,
            "open" if o["open_line"] else None,
            o["phone"],
            o["call"],
        )
        for o in found
    ]
    columns = (
        *("operator", "name", "state", "for s#", "then"),
        *("queues", "skills", "line", "phone", "call"),
    )
    console().print(table(columns, rows))


@app.command("login")
def log_in(
    operator: Name,
    queue: Queues = None,
    open_line: Annotated[
        bool | None, typer.Option(help="ring the phone once and keep it up; else as on the card")
    ] = None,
) -> None:
    """Begin work at the phone: calls come from now on."""
    body: dict[str, object] = {"queues": queue} if queue else {}
    _act(operator, "log-in", body if open_line is None else {**body, "open_line": open_line})


@app.command("logout")
def log_out(operator: Name) -> None:
    """End work. A call in progress is finished first."""
    _act(operator, "log-out")


@app.command("pause")
def pause(
    operator: Name, reason: Annotated[str, typer.Option(help="one word: lunch, training")] = "break"
) -> None:
    """Get no calls for a while."""
    _act(operator, "pause", {"reason": reason})


@app.command("resume")
def resume(operator: Name) -> None:
    """Get calls again (the operator is available)."""
    _act(operator, "resume")


@app.command("hangup")
def hang_up(operator: Name) -> None:
    """End the operator's conversation."""
    _act(operator, "hang-up")


def _act(operator: str, what: str, body: dict[str, object] | None = None) -> None:
    now = api().ask("POST", at("operators", operator, what), body)
    if answered_as_json(now):
        return
    later = f", then {now['wish']}" if now["wish"] != now["state"] else ""
    typer.echo(f"{operator} is {now['state']}{later}")
