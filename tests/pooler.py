"""A pgbouncer of one's own in transaction mode, in front of a PrivatePostgres.

    with PrivatePooler(directory, server) as pooler:
        create_async_engine(pooler.url)

Used by integration and acceptance tests. It has fewer sessions than it is asked for, so that each
transaction may get another one; it is reached by a socket in `directory`, whose name must be short.
"""

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from callcenter.hosting.children import last_lines, system_environment, wait_until
from callcenter.hosting.postgres import DATABASE, ROLE
from callcenter.hosting.postgres_command import account, is_root
from tests.parts import PrivatePostgres

PORT = 6432  # of the socket's name alone
SESSIONS = 3

SETTINGS = """
[databases]
* = host={server} user={role}
[pgbouncer]
pool_mode = transaction
default_pool_size = {sessions}
server_round_robin = 1
max_client_conn = 100
auth_type = any
listen_addr =
listen_port = {port}
unix_socket_dir = {directory}
unix_socket_mode = 0777
logfile = {log}
"""


class PrivatePooler:
    """An open door: its socket lies in a folder of the tests."""

    def __init__(
        self, directory: Path, server: PrivatePostgres, *, database: str = DATABASE
    ) -> None:
        self.directory, self.server, self.database = directory, server, database
        self.log = directory / "pgbouncer.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For SQLAlchemy."""
        return f"postgresql+asyncpg://{ROLE}@/{self.database}?host={self.directory}&port={PORT}"

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        drop: list[str] = []
        if is_root():  # it refuses to run as root, as PostgreSQL does
            user = account(self.server.user)
            drop = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            self.server.admits(self.server.user)
        settings = self.directory / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(
                server=self.server.socket_directory,
                role=ROLE,
                sessions=SESSIONS,
                port=PORT,
                directory=self.directory,
                log=self.log,
            )
        )
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *drop, "--", "pgbouncer", "-q", str(settings)],
            env=system_environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        socket = self.directory / f".s.PGSQL.{PORT}"
        if not wait_until(socket.exists, limit_seconds=20):
            raise RuntimeError(f"pgbouncer does not start: {last_lines(self.log)}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
