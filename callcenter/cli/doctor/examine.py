"""The whole examination, in the order in which one part needs another, printed line by line.

A part that cannot be checked is a finding like any other.
"""

import os
from collections.abc import Iterable, Iterator

import typer

from callcenter.cli.common import settings
from callcenter.cli.doctor import asterisk, browsers, database, host, mail, recordings, service
from callcenter.cli.doctor.finding import Finding, Health, fail, ok, warn
from callcenter.config import Settings, SettingsError, SiteFileError, load_site
from callcenter.hosting.errors import HostingError
from callcenter.hosting.stack_settings import read_settings

COLOURS = {Health.OK: "green", Health.WARN: "yellow", Health.FAIL: "red"}


def examine() -> int:
    """Check everything. Gives 1 if something is broken, otherwise 0."""
    worst = [_print(finding) for finding in _findings()]
    broken, doubtful = worst.count(Health.FAIL), worst.count(Health.WARN)
    typer.echo(f"{len(worst)} looked at, {broken} broken, {doubtful} doubtful")
    return 1 if broken else 0


def _findings() -> Iterator[Finding]:
    yield from host.python()
    try:
        found = settings()
        read_settings(os.environ)
    except (SettingsError, HostingError) as error:
        for fault in str(error).split("\n"):
            yield fail("settings", fault, "correct the environment variable")
        return
    yield ok("settings", "every CALLCENTER_ variable is known and can be used")
    yield from _parts(found)


def _parts(found: Settings) -> Iterable[Finding]:
    yield from _site(found)
    yield from host.disk(found)
    yield from recordings.look(found)
    yield from host.clock()
    yield from database.look(found)
    yield from asterisk.look(found)
    yield from mail.look(found)
    yield from browsers.look(found, read_settings(os.environ))
    yield from service.look(found)


def _site(found: Settings) -> Iterator[Finding]:
    try:
        site = load_site(found.site_file)
    except SiteFileError as error:
        for fault in str(error).split("\n"):
            yield fail("site file", fault, "correct that line; the service keeps the old site")
        return
    yield ok("site file", f"{found.site_file}: {len(site.lines)} lines, {len(site.queues)} queues")
    used = {line.queue for line in site.lines.values()}
    used |= {rules.overflow_queue for rules in site.queues.values() if rules.overflow_queue}
    used |= {name for rules in site.queues.values() for name in rules.neighbours}
    for name in site.queues:
        if name not in used:
            yield warn("site file", f"no line leads to queue {name}", "give it a line or remove it")


def _print(finding: Finding) -> Health:
    mark = typer.style(f"{finding.health.value:<4}", fg=COLOURS[finding.health])
    typer.echo(f"{mark}  {finding.part:<10}  {finding.what}")
    if finding.advice:
        typer.echo(f"                  -> {finding.advice}")
    return finding.health
