"""`callcenter run`: PostgreSQL, Asterisk and the service on one host, until Ctrl-C or SIGTERM.

If CALLCENTER_DATABASE_URL or CALLCENTER_ARI_URL is set, others run that part: it is neither started
nor stopped here. This module decides nothing about calls.
"""

import fcntl
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from callcenter.core.ids import NodeId
from callcenter.hosting.asterisk import Asterisk
from callcenter.hosting.asterisk_root import obtain_asterisk
from callcenter.hosting.children import Say, no_link
from callcenter.hosting.errors import HostingError
from callcenter.hosting.kamailio import Kamailio
from callcenter.hosting.kamailio_programs import obtain_kamailio
from callcenter.hosting.ports import loopback_url, refuse_all
from callcenter.hosting.postgres import Postgres
from callcenter.hosting.prometheus import Prometheus
from callcenter.hosting.prometheus_programs import obtain_prometheus
from callcenter.hosting.secrets_file import secret_file
from callcenter.hosting.service import SERVE, Service, without
from callcenter.hosting.service_user import service_user
from callcenter.hosting.stack_settings import (
    HOSTING_ONLY,
    PREFIX,
    StackSettings,
    asterisk_settings,
    edge_place,
    edge_settings,
    node_name,
    read_settings,
)
from callcenter.hosting.supervisor import Part, Supervisor
from callcenter.hosting.transports import places
from callcenter.prompts.catalogue import Language
from callcenter.prompts.pack import Pack
from callcenter.runtime.nodes import NodePlace, nodes_text


def run(environment: Mapping[str, str], say: Say, *, serve: Sequence[str] = SERVE) -> int:
    """Run the whole stack; returns the exit status. Raises HostingError if a part does not
    start."""
    settings = read_settings(environment)
    started = time.monotonic()
    with _only_one(settings.data_dir), _signals_interrupt():
        parts = _parts(settings, environment, serve, say)
        refuse_all(obstacles(parts))
        supervisor = Supervisor(parts, say)
        try:
            supervisor.start()
            for prometheus in _watcher(settings, say):
                supervisor.start_if_possible(prometheus)
            for warning in unrecorded(settings):
                say(warning)
            say(f"all is running ({time.monotonic() - started:.1f} s)\n{addresses(settings)}")
            supervisor.watch()
        except KeyboardInterrupt:
            say("stopping")
        finally:
            _ignore_signals()
            supervisor.stop()
    say("stopped")
    return 0


def unrecorded(settings: StackSettings) -> Iterator[str]:
    """Tells the person who started it that callers hear no Thai."""
    if settings.ari_url is None:
        thai = Pack(settings.data_dir / "asterisk" / "lib" / "prompts" / "th", Language.THAI)
        if thai.is_empty():
            yield (
                "no Thai recordings installed: callers hear a tone and English "
                "(callcenter prompts export-script, then callcenter prompts install)"
            )


def addresses(settings: StackSettings) -> str:
    """The addresses of all parts, for the person who started it."""
    web = loopback_url(settings.web_address, settings.web_port)
    lines = [f"  console, API  {web}", f"  metrics       {web}/metrics"]
    if settings.ari_url is None:
        http = loopback_url(settings.asterisk_http_address, settings.asterisk_http_port)
        tcp = settings.sip_port if settings.nodes else settings.sip_tcp_port
        sip = places(settings.sip_address, settings.sip_port, tcp, settings.sip_tls_port)
        lines += [
            *(f"  SIP           {place.bind}/{place.protocol}" for place in sip),
            *([] if settings.nodes else [f"  browser phone {http.replace('http', 'ws', 1)}/ws"]),
            *([f"  nodes         {settings.nodes} behind the SIP edge"] if settings.nodes else []),
            f"  trunks        {', '.join(settings.trunks)}",
        ]
    if settings.prometheus_port:
        lines.append(f"  Prometheus    http://127.0.0.1:{settings.prometheus_port}")
    return "\n".join([*lines, "  Ctrl-C stops everything"])


def _parts(
    settings: StackSettings, environment: Mapping[str, str], serve: Sequence[str], say: Say
) -> list[Part]:
    """The parts to start, in order. The service is told about the others."""
    parts: list[Part] = []
    told = {"DATA_DIR": str(settings.data_dir), "ARI_USER": settings.ari_user}
    password = None
    if settings.ari_url is None:
        password = secret_file(settings.data_dir / "secrets", "ari-password")
    user = service_user(settings, environment, say)
    if settings.database_url is None:
        postgres = Postgres(
            directory=settings.data_dir / "postgres",
            user=settings.postgres_user,
            client_uid=user.uid if user else None,
            say=say,
        )
        parts.append(postgres)
        told["DATABASE_URL"] = postgres.url
    if password is not None:
        nodes = _asterisks(settings, password.read_text().strip(), say)
        parts += nodes
        asterisk = nodes[0]
        told |= {
            "ARI_URL": asterisk.ari_url,
            "ARI_PASSWORD_FILE": str(password),
            "ASTERISK_CONFIG_DIR": str(asterisk.config_directory),
            "ASTERISK_LEDGER": str(asterisk.ledger),
        }
        if settings.nodes:
            edge = _edge(settings, password.read_text().strip(), say)
            parts.append(edge)
            told |= {
                "EDGE": edge_place(settings),
                "EDGE_RPC_URL": edge.rpc_url,
                "EDGE_WS_URL": f"http://127.0.0.1:{settings.edge_ws_port}",
                "EDGE_TABLES": str(edge.tables),
            }
        if settings.nodes > 1:
            told["NODES_FILE"] = str(_write_nodes(settings, nodes))
    handed_on = without(environment, [PREFIX + name for name in HOSTING_ONLY])
    service = Service(
        url=loopback_url(settings.web_address, settings.web_port),
        directory=settings.data_dir,
        environment={**handed_on, **{PREFIX + name: value for name, value in told.items()}},
        command=serve,
        user=user,
        say=say,
    )
    return [*parts, service]


def obstacles(parts: Iterable[Part]) -> Iterator[str]:
    """The taken ports of all parts, checked before anything is started."""
    for part in parts:
        if isinstance(part, Asterisk | Kamailio | Service):
            try:
                part.clear_the_way()
            except HostingError as error:
                yield str(error)


def _watcher(settings: StackSettings, say: Say) -> Iterator[Prometheus]:
    """Prometheus with the rules of metrics/. Calls work without it."""
    if not settings.prometheus_port:
        return
    try:
        programs = obtain_prometheus(say)
    except HostingError as error:
        say(f"going on without Prometheus: {error}")
        return
    web = loopback_url(settings.web_address, settings.web_port)
    yield Prometheus(
        programs=programs,
        directory=settings.data_dir / "prometheus",
        targets=[web.removeprefix("http://")],
        port=settings.prometheus_port,
        say=say,
    )


def _asterisks(settings: StackSettings, ari_password: str, say: Say) -> list[Asterisk]:
    """One Asterisk, or all nodes. All use the recordings of the first one."""
    root = obtain_asterisk(say)
    first = settings.data_dir / "asterisk"
    return [
        Asterisk(
            root=root,
            directory=first if number == 1 else first.with_name(f"asterisk-{node_name(number)}"),
            name="Asterisk" if settings.nodes < 2 else f"Asterisk {node_name(number)}",
            say=say,
            settings=asterisk_settings(settings, ari_password, number),
            prompts=None if number == 1 else first / "lib" / "prompts",
        )
        for number in range(1, max(1, settings.nodes) + 1)
    ]


def _write_nodes(settings: StackSettings, nodes: Sequence[Asterisk]) -> Path:
    """Write the file with which the service knows the nodes."""
    places = [
        NodePlace(
            name=NodeId(node.settings.name),
            ari=node.ari_url,
            sip=f"{node.settings.sip_address}:{node.settings.sip_port}",
            config=node.config_directory,
            ledger=node.ledger,
        )
        for node in nodes
    ]
    file = settings.data_dir / "nodes.toml"
    file.write_text(nodes_text(places))
    return file


def _edge(settings: StackSettings, ari_password: str, say: Say) -> Kamailio:
    return Kamailio(
        programs=obtain_kamailio(say),
        directory=settings.data_dir / "edge",
        say=say,
        settings=edge_settings(settings, ari_password),
    )


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Two stacks on one data directory would end each other's processes."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        held = open(data_dir / "run.lock", "w", opener=no_link)  # noqa: SIM115 - closed below
    except OSError as error:
        raise HostingError(
            f"{data_dir} cannot be written ({error.strerror}): set CALLCENTER_DATA_DIR to a folder "
            "that can, or be the user it belongs to (root, after `sudo make run`)"
        ) from error
    with held as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HostingError(
                f"the call centre of {data_dir} is running already; stop it, or give this one its "
                "own CALLCENTER_DATA_DIR and ports"
            ) from error
        yield


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """SIGTERM ends the stack as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    """Ignore a second Ctrl-C, which would leave half of the parts running."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
