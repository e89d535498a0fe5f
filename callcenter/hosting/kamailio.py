"""One running Kamailio: the SIP edge in front of one or more Asterisk nodes (dialplans/edge).

Its settings are written from the template and checked by `kamailio -c` before each start. Its
control port (JSON-RPC) shows whether it lives. This module knows nothing of calls. Phones' names
are in two tables that the service writes; here they are only made if they do not exist.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from callcenter.core.ids import OperatorId
from callcenter.hosting.asterisk import ASTERISK_UID, taken
from callcenter.hosting.children import (
    Say,
    end_leftover,
    last_lines,
    quiet,
    start_child,
    stop_child,
    wait_until,
)
from callcenter.hosting.direct import DIRECT
from callcenter.hosting.errors import HostingError
from callcenter.hosting.kamailio_programs import KamailioPrograms, modules_folder
from callcenter.hosting.namespace import Namespace
from callcenter.hosting.ownership import give
from callcenter.hosting.ports import refuse_all, refuse_taken_port
from callcenter.hosting.transports import Place
from callcenter.ports.phones import OPERATOR_ID, sip_user
from callcenter.runtime.edge import (
    AUTH_TABLE,
    BANS_TABLE,
    FIXED_TABLE,
    PROBING_SET,
    REALM,
    SERVING_SET,
    table,
)

TEMPLATE = Path(__file__).resolve().parents[2] / "dialplans" / "edge" / "kamailio.cfg"
PLACE = re.compile(r"@\{([a-z_]+)\}")
WORD = re.compile(r"[A-Za-z0-9_-]{16,64}")
SHARED_MEGABYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSettings:
    """The addresses of trunk and phones (out) and of the nodes (in), and their names."""

    out_address: str = "127.0.0.1"
    out_port: int = 5060
    in_address: str = "127.0.1.1"
    in_port: int = 5060
    ws_port: int = 8091  # on the loopback address: browsers' SIP, which the service carries there
    rpc_port: int = 8092  # on the loopback address: only for the service
    key: str  # the key that the service gives there
    nodes: tuple[tuple[str, int], ...]
    trunks: tuple[str, ...] = ("127.0.0.1",)
    calls_per_second: int = 200
    calls_per_address: int = 0  # of a trunk; 0: no limit
    children: int = 4

    def __post_init__(self) -> None:
        if WORD.fullmatch(self.key) is None:
            raise HostingError("key: 16 to 64 letters, digits, `-` and `_` are accepted")
        for address in (self.out_address, self.in_address, *(at for at, _ in self.nodes)):
            _require_one_address(address)
        for trunk in self.trunks:
            _network(trunk)

    @property
    def places(self) -> list[Place]:
        """The sockets on which SIP is received."""
        return [
            Place("udp", self.out_address, self.out_port, "CALLCENTER_SIP_PORT"),
            Place("tcp", self.out_address, self.out_port, "CALLCENTER_SIP_PORT"),
            Place("udp", self.in_address, self.in_port, "CALLCENTER_EDGE_PORT"),
        ]


@dataclass(slots=True, kw_only=True)
class Kamailio:
    """An edge. After `start()` SIP is answered. `stop()` or `kill()` ends it."""

    programs: KamailioPrograms
    directory: Path
    settings: EdgeSettings
    name: str = "the SIP edge"
    say: Say = quiet
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def rpc_url(self) -> str:
        """The address for JSON-RPC, with the header X-Edge-Key."""
        return f"http://127.0.0.1:{self.settings.rpc_port}/rpc"

    @property
    def tables(self) -> Path:
        """The folder of the phones' tables, which it reads at its start."""
        return self.directory / "own" / "db"

    def start(self, *, limit_seconds: float = 30) -> None:
        """Start, and return when it answers. Raises HostingError, which says why it does not."""
        started = time.monotonic()
        self.launch()
        if not wait_until(lambda: self.ended() or self.answers(), limit_seconds=limit_seconds):
            self.kill()
            raise HostingError(
                f"the SIP edge gave no answer in {limit_seconds:.0f} s:\n{last_lines(self._log)}"
            )
        if self.ended():
            raise HostingError(f"the SIP edge ended while starting:\n{last_lines(self._log)}")
        place = f"{self.settings.out_address}:{self.settings.out_port}"
        self.say(f"the SIP edge answers at {place} ({time.monotonic() - started:.1f} s)")

    def launch(self) -> None:
        """Write and check the settings and start the process, without waiting."""
        self.clear_the_way()
        self.write()
        self.check()
        self.process = start_child(
            self._command("-DD", "-E"), pid_file=self._pid_file, output=self._log
        )

    def write(self) -> None:
        """Write everything that it reads. Existing tables of phones are not changed."""
        self.tables.mkdir(parents=True, exist_ok=True)
        own, settings = self.directory / "own", self.settings
        nodes = "".join(
            f"{group} sip:{at}:{port} 0 0\n"
            for group in (SERVING_SET, PROBING_SET)
            for at, port in settings.nodes
        )
        _write(own / "nodes.list", nodes)
        trunks = (_network(trunk) for trunk in settings.trunks)
        _write(
            own / "trunks.list",
            "".join(f"1 {net.network_address} {net.prefixlen}\n" for net in trunks),
        )
        _write(own / "kamailio.cfg", self._configuration())
        shipped = self.programs.top / "share" / "kamailio" / "dbtext" / "kamailio"
        if not (self.tables / "location").exists():
            shutil.copyfile(shipped / "location", self.tables / "location")
        # Kamailio's version numbers for its tables. Ours have the version of an htable.
        versions = (shipped / "version").read_text()
        names = "".join(f"{number}:{name}:2\n" for number, name in enumerate(_OURS, 9001))
        _write(self.tables / "version", versions.rstrip("\n") + "\n" + names)
        for name in _OURS:
            if not (self.tables / name).exists():
                _write(self.tables / name, table({}))
        if os.geteuid() == 0:
            give(own, ASTERISK_UID)

    def check(self) -> None:
        """Run `kamailio -c`. Raises HostingError with its complaints."""
        outcome = subprocess.run(
            self._command("-c", "-E"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
        )
        if outcome.returncode != 0:
            last = "\n".join(outcome.stdout.splitlines()[-15:])
            raise HostingError(f"Kamailio refuses the settings of the SIP edge:\n{last}")

    def clear_the_way(self) -> None:
        """End what an earlier start left. Raises HostingError, which names every taken port."""
        session = self._last_session()
        end_leftover(self._pid_file, first=signal.SIGTERM, patience_seconds=5, say=self.say)
        self._end_orphans(session)
        refuse_all(self._taken_ports())

    def ended(self) -> bool:
        """Whether there is no process, or none any more."""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """End it properly: it writes the registrations down. Calls go on without it, except
        requests within them in the meantime. Killed after 10 s."""
        if self.process is not None:
            stop_child(self.process, first=signal.SIGTERM, patience_seconds=10)
            self._end_orphans()

    def kill(self) -> None:
        """`kill -9` of all its processes."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self._end_orphans()

    def answers(self) -> bool:
        """Whether it takes orders."""
        try:
            return "result" in self.rpc("core.version")
        except (OSError, ValueError):
            return False

    def rpc(self, method: str, *parameters: str | int) -> dict[str, object]:
        """One command or question. Raises OSError if it does not answer."""
        said = {"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": 1}
        request = urllib.request.Request(
            self.rpc_url,
            data=json.dumps(said).encode(),
            headers={"X-Edge-Key": self.settings.key, "Content-Type": "application/json"},
        )
        with DIRECT.open(request, timeout=5) as response:
            answer: dict[str, object] = json.load(response)
        return answer

    def _configuration(self) -> str:
        seen = self._seen
        values: dict[str, object] = {
            name: getattr(self.settings, name) for name in self.settings.__slots__
        }
        values |= {
            "realm": REALM,
            "phone_name": f"^{sip_user(OperatorId(''))}{OPERATOR_ID.pattern}$",
            "modules": f"{modules_folder(seen.programs_inside if seen else self.programs.top)}/",
            "directory": str(seen.data_inside if seen else (self.directory / "own").resolve()),
        }
        return PLACE.sub(lambda place: str(values[place[1]]), TEMPLATE.read_text())

    def _command(self, *options: str) -> list[str]:
        seen, own = self._seen, (self.directory / "own").resolve()
        top = self.programs.top
        if seen:
            top, own = seen.programs_inside, seen.data_inside
        libraries = modules_folder(top).parent
        call = [
            "env",
            f"LD_LIBRARY_PATH={libraries}",
            f"{top}/sbin/kamailio",
            *options,
            *("-f", f"{own}/kamailio.cfg", "-Y", str(own), "-m", str(SHARED_MEGABYTES)),
        ]
        drop = ["setpriv", "--pdeathsig=TERM", "--no-new-privs"]
        if not seen:
            return [*drop, "--", *call]
        drop += [f"--reuid={ASTERISK_UID}", f"--regid={ASTERISK_UID}", "--clear-groups"]
        return [*seen.enter(), *drop, "--", *call]

    @property
    def _seen(self) -> Namespace | None:
        """Root starts it as another user, who could not read a cache in root's home."""
        if os.geteuid() != 0:
            return None
        return Namespace(programs=self.programs.top, data=self.directory / "own")

    @property
    def _pid_file(self) -> Path:
        return self.directory / "kamailio.pid"

    @property
    def _log(self) -> Path:
        return self.directory / "kamailio.log"

    def _taken_ports(self) -> Iterator[str]:
        yield from (said for place in self.settings.places if (said := taken(place)))
        for port, setting in (
            (self.settings.ws_port, "CALLCENTER_EDGE_WS_PORT"),
            (self.settings.rpc_port, "CALLCENTER_EDGE_RPC_PORT"),
        ):
            try:
                refuse_taken_port(f"http://127.0.0.1:{port}", setting)
            except HostingError as error:
                yield str(error)

    def _end_orphans(self, session: int | None = None) -> None:
        """End the other processes. Kamailio has a dozen; if the first is killed, the others keep
        the sockets. They are in the session that the first one began."""
        if session is None:
            session = self.process.pid if self.process else 0
        for number in _of_session(session):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        wait_until(lambda: not list(_of_session(session)), limit_seconds=5)

    def _last_session(self) -> int:
        try:
            return int(self._pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0


def _of_session(session: int) -> Iterator[int]:
    """Kamailio's processes in this session; none for session 0."""
    for entry in Path("/proc").iterdir() if session else ():
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
            mine = words[0] != "Z" and int(words[3]) == session
            if mine and b"kamailio.cfg" in (entry / "cmdline").read_bytes():
                yield int(entry.name)
        except (OSError, ValueError, IndexError):
            continue  # it has ended in the meantime, or is no process


_OURS: Sequence[str] = (AUTH_TABLE, FIXED_TABLE, BANS_TABLE)


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner can read: it has the key of the control port."""
    unfinished = path.with_name(path.name + ".new")
    with open(unfinished, "w", opener=_private) as file:
        file.write(text)
    unfinished.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _require_one_address(text: str) -> None:
    try:
        address = ip_address(text)
    except ValueError as error:
        raise HostingError(f"{text!r} is no IP address; the SIP edge needs one") from error
    if address.is_unspecified or address.version != 4:
        raise HostingError(
            f"CALLCENTER_SIP_ADDRESS: the SIP edge writes its address into each message, so that "
            f"{text} does not do: give one IPv4 address of this host"
        )


def _network(trunk: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(trunk, strict=False)
    except ValueError as error:
        raise HostingError(
            f"CALLCENTER_TRUNKS: {trunk!r} is no IP address or network (192.0.2.7, 192.0.2.0/24)"
        ) from error
