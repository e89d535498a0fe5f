"""callcenter serve: the service in this process, with sentences for what can go wrong at its start.

Callers wait while it starts. So it reads from disk only what calls need, and loads Asterisk's
client (which takes long over the host's certificates) in parallel with the rest.
"""

import gc
import sys
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from callcenter.timeline import Timeline

if TYPE_CHECKING:
    from callcenter.config import Settings


def main() -> None:
    """The whole program if only `serve` was given. It does what cli/main.py does."""
    timeline = Timeline()
    gc.disable()  # what is read now stays in memory; app.py enables collection again
    client = Thread(target=import_module, args=("aiohttp",))
    client.start()
    _structlog_without_rich()
    from callcenter.cli.errors import CommandError
    from callcenter.config import SettingsError, SiteFileError

    client.join()
    try:
        serve_until_stopped(timeline)
    except (CommandError, SettingsError, SiteFileError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _structlog_without_rich() -> None:
    """Hide rich from structlog. It would draw tracebacks with rich, which is an eighth of all code
    read; our log has its own form for them (telemetry/logs.py)."""
    sys.modules["rich"] = None  # type: ignore[assignment] # not found, says the import system
    import_module("structlog")
    del sys.modules["rich"]


def serve_until_stopped(timeline: Timeline | None = None) -> None:
    """Run until SIGTERM or Ctrl-C. Raises CommandError if it cannot start."""
    import uvloop

    from callcenter.app import serve
    from callcenter.cli.errors import CommandError
    from callcenter.config import load_settings
    from callcenter.runtime.journal import JournalInUse
    from callcenter.telemetry.logs import configure

    timeline = timeline or Timeline()
    timeline.over("modules")
    settings = load_settings()
    configure(settings.log_format, settings.log_level)
    timeline.over("settings")
    try:
        uvloop.run(serve(settings, lambda text: print(text, flush=True), timeline))
    except JournalInUse as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(_why(error, settings)) from error


def _why(error: OSError, settings: "Settings") -> str:
    import errno

    at = f"{settings.web_address}:{settings.web_port}"
    if error.errno == errno.EADDRINUSE:
        return f"{at} is taken: stop what listens there, or set CALLCENTER_WEB_PORT"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{at}: this host has no such address; set CALLCENTER_WEB_ADDRESS"
    if error.filename == str(settings.ari_password_path):
        return f"{error.filename}: {error.strerror}. Set CALLCENTER_ARI_PASSWORD_FILE"
    return f"{error.filename or 'the service'}: {error.strerror or error}"
