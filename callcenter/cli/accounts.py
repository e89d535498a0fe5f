"""callcenter account …: who may log in, and as what."""

from enum import StrEnum
from typing import Annotated

import typer

from callcenter.cli.api import api_of, at
from callcenter.cli.common import (
    answered_as_json,
    api,
    ask_code,
    ask_secret,
    chosen,
    console,
    settings,
    table,
)
from callcenter.cli.errors import CommandError

app = typer.Typer(help="Accounts: who may log in.", no_args_is_help=True)


class RoleName(StrEnum):
    """The same as ports.people.Role."""

    OFFICER = "officer"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@app.command("add")
def add(name: str, role: Annotated[RoleName, typer.Option(help="what the account may do")]) -> None:
    """Add an account; prints its one-time password, once."""
    added = api().ask("POST", "/api/v1/accounts", {"name": name, "role": role.value})
    _print_password(added)


@app.command("list")
def list_accounts() -> None:
    """List all accounts."""
    found = api().get("/api/v1/accounts")
    if answered_as_json(found):
        return
    rows = [
        (a["name"], a["role"], _state(a["disabled"], a["must_change"]), a["password_at"][:10])
        for a in found["accounts"]
    ]
    console().print(table(("account", "role", "state", "password of"), rows))


@app.command("reset")
def reset(name: str) -> None:
    """Give an account a new one-time password. Its sessions end."""
    _print_password(api().ask("POST", at("accounts", name, "password")))


@app.command("password")
def password(name: str) -> None:
    """Choose your own password. Asks for the present one, which may be a one-time password."""
    present = ask_secret("present password")
    mine = api_of(settings(), chosen.url, name, present, ask_code)
    new = ask_secret("new password (12 or more characters)")
    if ask_secret("the new password again") != new:
        raise CommandError("the two were not the same; nothing was changed")
    mine.ask("PUT", at("me", "password"), {"present": present, "new": new})
    typer.echo("changed; every session has ended")


@app.command("role")
def role(name: str, role: RoleName) -> None:
    """Give an account another role."""
    api().ask("PUT", at("accounts", name, "role"), {"role": role.value})


@app.command("disable")
def disable(name: str) -> None:
    """Lock an account out. Its sessions end at once."""
    api().ask("PUT", at("accounts", name, "disabled"), {"disabled": True})


@app.command("enable")
def enable(name: str) -> None:
    """Let an account in again."""
    api().ask("PUT", at("accounts", name, "disabled"), {"disabled": False})


@app.command("second-factor-off")
def second_factor_off(name: str) -> None:
    """Remove an account's app and passkeys, for somebody who lost them. Sessions end."""
    api().ask("DELETE", at("accounts", name, "second-factor"))


def _print_password(answer: dict[str, str]) -> None:
    if answered_as_json(answer):
        return
    typer.echo(f"account:           {answer['name']}")
    typer.echo(f"one-time password: {answer['one_time_password']}")
    typer.echo("Shown once; good for seven days, and only for choosing one's own password.")


def _state(disabled: bool, must_change: bool) -> str:
    if disabled:
        return "locked out"
    return "one-time password unused" if must_change else ""
