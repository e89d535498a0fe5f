"""What the commands share: the options before the command, errors, and tables.

This module never prints an error itself; `main` does that once.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from callcenter.cli.api import Api, api_of, own_api
from callcenter.cli.errors import CommandError
from callcenter.config import Settings, load_settings
from callcenter.hosting.stack_settings import HOSTING_ONLY


@dataclass(slots=True)
class Chosen:
    """The options before the command."""

    url: str | None = None
    user: str | None = None
    json: bool = False


chosen = Chosen()


@cache
def settings() -> Settings:
    """The settings of this shell's environment. Raises SettingsError."""
    return load_settings(also_known=HOSTING_ONLY)


def api() -> Api:
    """The API, with the rights of this host's administrator or of --user."""
    if chosen.user is None:
        return own_api(settings(), chosen.url)
    return api_of(settings(), chosen.url, chosen.user, ask_secret("password"), ask_code)


def answered_as_json(answer: object) -> bool:
    """Whether --json was given. Then the answer is printed as JSON, and nothing else."""
    if chosen.json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    return chosen.json


def ask_code() -> str:
    """The code of the person's authenticator app, or a recovery code."""
    return ask_secret("code of your app")


def ask_secret(what: str) -> str:
    """A secret, typed invisibly at a terminal, or a line of standard input. Raises CommandError if
    there is none."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise CommandError(f"{what}: give it on standard input, or type it at a terminal")
    return line


def console() -> Console:
    """The output for tables. Without a terminal it is as wide as needed, so that nothing is cut."""
    return Console(width=None if sys.stdout.isatty() else 200, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table. A column whose name ends in `#` is aligned like numbers."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        right = column.endswith("#")
        made.add_column(column.rstrip("#"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else _plain(cell) for cell in row))
    return made


def _plain(cell: object) -> str:
    """The text without rich's markup, and without control characters for a terminal."""
    text = f"{cell:.0f}" if isinstance(cell, float) else str(cell)
    return "".join(c if c.isprintable() else "?" for c in text).replace("[", r"\[")
