"""The real parts as the tests use them: an Asterisk and a PostgreSQL of one's own.

    with PrivateAsterisk(folder, sip_port=15060, http_port=18088, rtp_port_first=20000) as asterisk:
        asterisk.ari_url, asterisk.ari_password, asterisk.write_operators({"somchai": "sip:…"})

    with PrivatePostgres(directory) as postgres:
        create_async_engine(postgres.url)

Used by integration, contract and acceptance tests and by the benchmarks. Give every test module
its own ports. Nothing here is a fake. `python -m tests.parts` fetches what is not there yet, so
that no test has to wait for it.
"""

import re
import secrets
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from callcenter.hosting.asterisk import Asterisk
from callcenter.hosting.asterisk_files import AsteriskSettings
from callcenter.hosting.asterisk_root import obtain_asterisk
from callcenter.hosting.cache import cache_directory
from callcenter.hosting.children import Say, quiet
from callcenter.hosting.debian_package import unpacked
from callcenter.hosting.errors import HostingError
from callcenter.hosting.kamailio import EdgeSettings, Kamailio
from callcenter.hosting.kamailio_programs import obtain_kamailio
from callcenter.hosting.postgres import ROLE, Postgres
from callcenter.hosting.prometheus_programs import obtain_prometheus
from callcenter.ports.phones import hidden_domain, in_domain
from callcenter.runtime.edge import AUTH_TABLE, FIXED_TABLE, proof, table

OPERATOR_SECTIONS = """
[op-{name}@{domain}](operator-phone)
auth = op-{name}
aors = op-{name}
[op-{name}](operator-phone-auth)
username = op-{name}
password = {password}
[op-{name}](operator-phone-aor)
{contact}
"""


class PrivateAsterisk(Asterisk):
    """An Asterisk with silent, instant recordings, no RTP time-out (SIPp sends no sound)."""

    def __init__(
        self,
        directory: Path,
        *,
        sip_port: int,
        http_port: int,
        rtp_port_first: int,
        rtp_port_last: int | None = None,
        **settings: Any,
    ) -> None:
        quick = {
            "name": f"test-{http_port}",
            "greeting": "",
            "privacy_notice": "",
            "lifeboat_message": "",
            "rtp_timeout_seconds": 0,
            "ari_password": secrets.token_urlsafe(24),
        }
        super().__init__(
            root=obtain_asterisk(quiet),
            directory=directory,
            settings=AsteriskSettings(
                sip_port=sip_port,
                http_port=http_port,
                rtp_port_first=rtp_port_first,
                rtp_port_last=rtp_port_last or rtp_port_first + 199,
                **{**quick, **settings},
            ),
        )

    @property
    def ari_password(self) -> str:
        """The random password of the ARI user `callcenter`."""
        return self.settings.ari_password

    @property
    def domain(self) -> str:
        """What the names of phones end in."""
        return hidden_domain(self.ari_password)

    def endpoint(self, operator: str) -> str:
        """`PJSIP/op-somchai@…`, what is rung."""
        return in_domain(f"PJSIP/op-{operator}", self.domain)

    @property
    def sip_target(self) -> str:
        """`127.0.0.1:15060`, as SIPp wants it."""
        return f"{self.settings.sip_address}:{self.settings.sip_port}"

    def channels(self) -> int:
        """How many it has. It may say other things before."""
        said = self.console("core show channels count")
        found = re.search(r"^(\d+) active channels?$", said, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"Asterisk does not say how many channels it has: {said}")
        return int(found[1])

    def write_operators(self, contacts: Mapping[str, str]) -> None:
        """Phones `op-<name>`; a contact is `sip:name@127.0.0.1:7000`, or "" when it registers.

        Every phone's password is `secret-<name>`. Written before `start()` they are there from the
        start; afterwards reload res_pjsip.so and app_queue.so as the service does.
        """
        folder = self.config_directory
        folder.mkdir(parents=True, exist_ok=True)
        phones, members = "", ""
        for name, contact in contacts.items():
            fixed = f"contact = {contact}\nqualify_frequency = 0" if contact else ""
            phones += OPERATOR_SECTIONS.format(
                name=name, domain=self.domain, password=f"secret-{name}", contact=fixed
            )
            members += f"member => {self.endpoint(name)}\n"
        for file, text in (
            ("operators.pjsip.conf", phones),
            ("lifeboat.queues.conf", members),
        ):
            (folder / file).write_text(text)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class PrivateEdge(Kamailio):
    """A SIP edge of one's own; phones are known before it starts."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        super().__init__(
            programs=obtain_kamailio(quiet),
            directory=directory,
            settings=EdgeSettings(**{"key": secrets.token_hex(16), **settings}),
        )

    @property
    def sip(self) -> tuple[str, int]:
        """Where trunk and phones find it."""
        return self.settings.out_address, self.settings.out_port

    def write_operators(self, contacts: Mapping[str, str]) -> None:
        """Phones `op-<name>` with the password `secret-<name>`; a contact where one is fixed."""
        self.tables.mkdir(parents=True, exist_ok=True)
        may = {f"op-{name}": proof(f"op-{name}", f"secret-{name}") for name in contacts}
        fixed = {f"op-{name}": contact for name, contact in contacts.items() if contact}
        (self.tables / AUTH_TABLE).write_text(table(may))
        (self.tables / FIXED_TABLE).write_text(table(fixed))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class PrivatePostgres(Postgres):
    """An empty PostgreSQL in `directory`; its path must be short (a socket lies in it)."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)

    @property
    def socket_directory(self) -> Path:
        """Where its socket lies."""
        return self.directory / "data"

    def admits(self, user: str) -> None:
        """Let another user of the system in."""
        assert self.process is not None
        with (self.socket_directory / "pg_ident.conf").open("a") as names:
            names.write(f"ours {user} {ROLE}\n")
        self.process.send_signal(signal.SIGHUP)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def obtain_alertmanager(say: Say) -> Path:
    """The folder of Debian's `prometheus-alertmanager` and `amtool`, unpacked in the cache."""
    packages = ("prometheus-alertmanager",)
    return unpacked(packages, cache_directory() / packages[0], say) / "usr" / "bin"


def obtain_faketime(threads: bool = True) -> Path:
    """Debian's libfaketime, for LD_PRELOAD: installed here, or unpacked in the cache."""
    name = "libfaketimeMT.so.1" if threads else "libfaketime.so.1"
    if installed := sorted(Path("/usr/lib").glob(f"*/faketime/{name}")):
        return installed[0]
    place = unpacked(("libfaketime",), cache_directory() / "libfaketime", print)
    return next(place.glob(f"usr/lib/*/faketime/{name}"))


def fetch() -> None:
    """Have all of them ready."""
    obtain_asterisk(print)
    obtain_prometheus(print)
    obtain_alertmanager(print)
    obtain_faketime()
    obtain_kamailio(print)


if __name__ == "__main__":
    try:
        fetch()
    except HostingError as error:
        sys.exit(str(error))
