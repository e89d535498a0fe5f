"""Recorded talks: whether they can be sealed, and there is room for them."""

from collections.abc import Iterator

from callcenter.cli.doctor.finding import Finding, fail, ok, warn
from callcenter.config import Settings, SiteFileError, load_site
from callcenter.oversight.recordings.keys import KeysError, read_keys
from callcenter.oversight.recordings.vault import Vault

PART = "recordings"
LITTLE_BYTES = 5_000_000_000
"""In addition to the space that must stay free: 86 hours of talk, at 16 kB a second."""


def look(settings: Settings) -> Iterator[Finding]:
    """The findings. None if no talk is recorded."""
    try:
        site = load_site(settings.site_file)
    except SiteFileError:
        return  # another finding tells this
    asked = [str(name) for name, line in site.lines.items() if line.record]
    asked += [str(name) for name, queue in site.queues.items() if queue.record]
    if not asked:
        return
    try:
        keys = read_keys(settings.recording_key_file)
    except KeysError as error:
        yield fail(PART, f"talks are not kept: {error}", "make a key, and keep a copy elsewhere")
    else:
        yield ok(PART, f"recorded: {', '.join(asked)}; sealed with key {keys.first.id}")
    yield from _room(settings)


def _room(settings: Settings) -> Iterator[Finding]:
    vault = Vault(settings.recordings_path, settings.recordings_spare_bytes)
    try:
        free = vault.free()
    except OSError as error:
        advice = "give the folder to the user that runs the service"
        yield fail(PART, f"{vault.folder}: {error.strerror}", advice)
        return
    room = f"{free / 1e9:.1f} GB free at {vault.folder.absolute()}"
    if free < vault.spare_bytes:
        advice = "make room, or lower CALLCENTER_RECORDINGS_SPARE_BYTES"
        yield fail(PART, f"{room}: less than must stay free, so that no talk is kept", advice)
    elif free < vault.spare_bytes + LITTLE_BYTES:
        yield warn(PART, room, "make room, or keep recordings for fewer days ([recordings])")
    else:
        yield ok(PART, room)
