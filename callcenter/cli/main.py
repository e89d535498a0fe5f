"""All commands, and the only place where an error becomes a sentence and an exit status.

Modules that only one command needs are imported by that command.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from callcenter import __version__
from callcenter.cli import (
    accounts,
    answers,
    asterisk,
    bans,
    callbacks,
    calls,
    cases,
    database,
    duty,
    news,
    nodes,
    operators,
    privacy,
    prompts,
    queues,
    recordings,
    rounds,
    site,
    units,
)
from callcenter.cli.common import api, chosen, console, settings, table
from callcenter.cli.errors import CommandError
from callcenter.config import Settings, SettingsError, SiteFileError
from callcenter.hosting.errors import HostingError

app = typer.Typer(
    help="A public hotline's call centre.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(operators.app, name="operator")
app.add_typer(queues.app, name="queue")
app.add_typer(news.app, name="news")
app.add_typer(calls.app, name="call")
app.add_typer(accounts.app, name="account")
app.add_typer(site.app, name="site")
app.add_typer(bans.app, name="ban")
app.add_typer(callbacks.app, name="callback")
app.add_typer(units.app, name="unit")
app.add_typer(units.grants, name="grant")
app.add_typer(cases.app, name="case")
app.add_typer(answers.app, name="answer")
app.add_typer(rounds.app, name="round")
app.add_typer(duty.app, name="duty")
app.add_typer(privacy.person, name="person")
app.add_typer(privacy.retention, name="retention")
app.add_typer(asterisk.app, name="asterisk")
app.add_typer(nodes.app, name="node")
app.add_typer(prompts.app, name="prompts")
app.add_typer(recordings.app, name="recording")
app.add_typer(database.app, name="database")


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"callcenter {__version__}")
        raise typer.Exit


@app.callback()
def before(
    url: Annotated[
        str | None, typer.Option(help="where the service is; by default from CALLCENTER_WEB_PORT")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="log in as this account instead of as this host")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="what the service answers, for programs")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="and end")
    ] = False,
) -> None:
    """The options before the command."""
    chosen.json = as_json
    chosen.url = url.rstrip("/") if url else None
    chosen.user = user


@app.command("run")
def run() -> None:
    """Start PostgreSQL, Asterisk and the service on this host, until Ctrl-C."""
    from callcenter.hosting.stack import run as run_stack

    settings()  # reports faults in the service's settings before anything is started
    raise typer.Exit(run_stack(os.environ, _tell))


def _tell(line: str) -> None:
    """Print a line for the person who started it. A full disk, or a closed terminal, ends no
    call."""
    with suppress(OSError):
        print(line, flush=True)


@app.command("serve")
def serve() -> None:
    """Run only the service. PostgreSQL and Asterisk must be running already."""
    from callcenter.cli.serve import serve_until_stopped

    serve_until_stopped()


@app.command("reload")
def reload() -> None:
    """Put the site file in force, and tell Asterisk about the phones. No call is affected."""
    in_force = api().ask("POST", "/api/v1/site/reload")
    lines, many = len(in_force["lines"]), len(in_force["queues"])
    typer.echo(f"in force: {lines} lines, {many} queues")


@app.command("doctor")
def doctor() -> None:
    """Show what is wrong with this installation and what to do. Works without the service."""
    from callcenter.cli.doctor.examine import examine

    raise typer.Exit(examine())


@app.command("settings")
def show_settings() -> None:
    """Show every setting with its value and its purpose."""
    from callcenter.hosting.stack_settings import HOSTING_ONLY, read_settings

    now, stack = settings(), read_settings(os.environ)
    rows = [
        (f"CALLCENTER_{name.upper()}", getattr(now, name), field.description)
        for name, field in Settings.model_fields.items()
    ]
    for name, what in HOSTING_ONLY.items():  # two of them do not belong to the stack
        value = getattr(stack, name.lower(), os.environ.get(f"CALLCENTER_{name}"))
        rows.append((f"CALLCENTER_{name}", _listed(value), what))
    console().print(table(("setting", "value", "what it is"), rows))


def _listed(value: object) -> object:
    return ",".join(value) if isinstance(value, tuple) else value


@app.command("openapi")
def openapi() -> None:
    """Print the API's OpenAPI document."""
    from callcenter.features import FEATURES
    from callcenter.web.feature import catalogue
    from callcenter.web.openapi import document_bytes

    typer.echo(document_bytes(catalogue(FEATURES)).decode())


@app.command("asterisk-files")
def asterisk_files(
    folder: Annotated[Path, typer.Argument(help="made when it is not there")],
) -> None:
    """Write the settings for an Asterisk that you run yourself, as `run` does for its own."""
    from callcenter.hosting.asterisk_files import write_instance
    from callcenter.hosting.secrets_file import secret_file
    from callcenter.hosting.stack_settings import asterisk_settings, read_settings

    where, found = folder.resolve(), settings()
    path = found.ari_password_file or secret_file(found.secrets_dir, "ari-password")
    try:
        password = path.read_text().strip()
    except OSError as error:
        raise CommandError(f"CALLCENTER_ARI_PASSWORD_FILE: {path}: {error.strerror}") from error
    wanted = asterisk_settings(read_settings(os.environ), password)
    write_instance(where, wanted, base=str(where), owner=None)
    typer.echo(
        f"asterisk -C {where}/etc/asterisk.conf   (as a user who owns {where})\n"
        f"CALLCENTER_ARI_URL=http://{wanted.http_address}:{wanted.http_port}/ari\n"
        f"CALLCENTER_ARI_PASSWORD_FILE={path.resolve()}\n"
        f"CALLCENTER_ASTERISK_CONFIG_DIR={where}/etc\n"
        f"CALLCENTER_ASTERISK_LEDGER={where}/log/ledger.csv"
    )


@app.command("states-doc")
def states_doc() -> None:
    """Print the life of a call and of an operator as Mermaid diagrams."""
    from callcenter.core.diagram import call_diagram, operator_diagram

    for diagram in (call_diagram(), operator_diagram()):
        typer.echo(f"```mermaid\n{diagram}\n```\n")


@app.command("metrics-doc")
def metrics_doc() -> None:
    """Print every metric with its labels and meaning, as Markdown."""
    from callcenter.cli.metrics_doc import document

    typer.echo(document())


def main() -> None:
    """Run the program. A person's mistake is one sentence on stderr and status 1."""
    try:
        app(prog_name="callcenter")
    except (CommandError, SettingsError, SiteFileError, HostingError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(_of_this_host(error), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _of_this_host(error: OSError) -> str:
    """The file, and what is wrong with it."""
    what = f"{error.filename or 'this host'}: {error.strerror or error}"
    if isinstance(error, PermissionError):
        what += ". Be the user it belongs to (root, after `sudo make run`), or give it to this one"
    return what
