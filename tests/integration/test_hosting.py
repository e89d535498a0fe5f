"""Starting the real parts: Asterisk and PostgreSQL, killed, started again, side by side."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.hosting.asterisk import ASTERISK_UID, taken
from callcenter.hosting.asterisk_root import parse_version, require_new_enough
from callcenter.hosting.children import (
    end_leftover,
    start_child,
    system_environment,
    wait_until,
)
from callcenter.hosting.errors import HostingError
from callcenter.hosting.postgres import Postgres
from callcenter.hosting.transports import Place
from tests.integration.plain_ari import PlainAri
from tests.integration.stranger import Stranger
from tests.parts import PrivateAsterisk, PrivatePostgres
from tests.people.until import until

SIP_PORT, HTTP_PORT = 15063, 18091


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    own = PrivateAsterisk(
        tmp_path_factory.mktemp("asterisk"),
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_port_first=20600,
        sip_address="0.0.0.0",
    )
    own.write_operators({"somchai": ""})
    with own:
        yield own


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """127.0.0.2 is no trunk: only 127.0.0.1 is one."""
    someone = Stranger("127.0.0.2", SIP_PORT)
    yield someone
    someone.close()


def test_asterisk_is_new_enough_and_answers(asterisk: PrivateAsterisk) -> None:
    assert asterisk.version() >= (22, 10, 1)


@pytest.mark.parametrize("old", ["22.10.0", "22.9.1", "20.20.0", "18.1.0"])
def test_an_older_asterisk_is_refused_with_the_reason(old: str) -> None:
    with pytest.raises(HostingError, match="GHSA-wcvv-g26m-wx5c"):
        require_new_enough(parse_version(f"Asterisk {old}~dfsg"), "/usr/sbin/asterisk")


def test_asterisk_is_not_root_and_nobody_else(asterisk: PrivateAsterisk) -> None:
    assert asterisk.process is not None
    status = Path(f"/proc/{asterisk.process.pid}/status").read_text()
    expected = ASTERISK_UID if os.geteuid() == 0 else os.geteuid()
    assert f"Uid:\t{expected}\t{expected}\t{expected}\t{expected}" in status


def test_its_password_can_be_read_by_its_owner_only(asterisk: PrivateAsterisk) -> None:
    file = asterisk.config_directory / "ari.conf"
    assert asterisk.ari_password in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("source", ["0812345678", "trunk", "op-somchai", "anonymous", ""])
@pytest.mark.parametrize("to", ["1567", "0812345678", "op-somchai", "s"])
def test_a_stranger_gets_no_call(
    asterisk: PrivateAsterisk, stranger: Stranger, source: str, to: str
) -> None:
    assert stranger.ask("INVITE", to, source=source or "x") == 401
    assert nobody_is_on(asterisk)


@pytest.mark.parametrize("password", ["secret-other", "", "somchai"])
def test_a_guessed_password_gets_no_call(stranger: Stranger, password: str) -> None:
    assert stranger.ask("INVITE", "1567", source="op-somchai", password=password) == 401


@pytest.mark.parametrize(
    "to", ["1567", "0812345678", "+66812345678", "op-somchai", "s", "lifeboat", "queue_full"]
)
async def test_an_operators_phone_reaches_nobody(
    asterisk: PrivateAsterisk, stranger: Stranger, to: str
) -> None:
    async with PlainAri(asterisk) as ari:
        await ari.serve()
        before = ledger_rows(asterisk)
        status = stranger.ask("INVITE", to, source="op-somchai", password="secret-somchai")
        assert status == 403
        await until(lambda: nobody_is_on(asterisk), within=30)
        [row] = ledger_rows(asterisk)[len(before) :]
        assert "PJSIP/op-somchai@" in row, "a second channel was made"


def ledger_rows(asterisk: PrivateAsterisk) -> list[str]:
    return asterisk.ledger.read_text().splitlines() if asterisk.ledger.exists() else []


def nobody_is_on(asterisk: PrivateAsterisk) -> bool:
    return asterisk.channels() == 0


def test_an_operators_phone_registers_and_takes_its_own_place(
    asterisk: PrivateAsterisk, stranger: Stranger
) -> None:
    other = Stranger("127.0.0.3", SIP_PORT)
    for phone in (stranger, other):
        status = phone.ask("REGISTER", "op-somchai", source="op-somchai", password="secret-somchai")
        assert status == 200
    contacts = asterisk.console("pjsip show contacts")
    assert "127.0.0.3" in contacts
    assert "127.0.0.2" not in contacts
    other.close()


def test_a_phone_on_the_trunks_own_address_registers_too(asterisk: PrivateAsterisk) -> None:
    phone = Stranger("127.0.0.1", SIP_PORT)
    status = phone.ask("REGISTER", "op-somchai", source="op-somchai", password="secret-somchai")
    assert status == 200
    phone.close()


def test_nothing_that_could_dial_is_loaded(asterisk: PrivateAsterisk) -> None:
    """res_pjsip_refer is: it declines transfers (dialplans/pjsip.conf)."""
    loaded = asterisk.console("module show")
    assert "app_queue.so" in loaded
    for module in ("app_dial", "app_originate", "bridge_builtin_features"):
        assert module not in loaded


def test_killed_and_started_again(tmp_path: Path) -> None:
    with PrivateAsterisk(tmp_path, sip_port=15064, http_port=18092, rtp_port_first=20800) as own:
        for _ in range(2):
            own.kill()
            assert not own.answers()
            own.start()
            assert own.answers()


def test_two_run_side_by_side(asterisk: PrivateAsterisk, tmp_path: Path) -> None:
    with PrivateAsterisk(tmp_path, sip_port=15065, http_port=18093, rtp_port_first=20850) as other:
        assert asterisk.answers()
        assert other.answers()
        assert other.process is not None
        assert asterisk.process is not None
        assert other.process.pid != asterisk.process.pid


def test_a_taken_port_is_told(asterisk: PrivateAsterisk, tmp_path: Path) -> None:
    second = PrivateAsterisk(tmp_path, sip_port=15066, http_port=HTTP_PORT, rtp_port_first=20900)
    with pytest.raises(HostingError, match="CALLCENTER_ASTERISK_HTTP_PORT"):
        second.start()


@pytest.mark.parametrize("taken_at", ["0.0.0.0", "127.0.0.1"])
@pytest.mark.parametrize("wanted_at", ["0.0.0.0", "127.0.0.1"])
def test_a_taken_sip_port_is_told(tmp_path: Path, taken_at: str, wanted_at: str) -> None:
    second = PrivateAsterisk(
        tmp_path, sip_port=15066, http_port=18094, rtp_port_first=20900, sip_address=wanted_at
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((taken_at, 15066))
        with pytest.raises(HostingError, match=r"15066/udp.*CALLCENTER_SIP_PORT"):
            second.start()
    assert second.ended()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("greeting", "hello,${SHELL(id)}"),
        ("ari_password", "a\npermit = 0.0.0.0/0"),
        ("trunks", ("everyone",)),
        ("trunks", ("192.0.2.1\ncontext = x",)),
    ],
)
def test_a_setting_that_would_break_the_files_is_refused(
    tmp_path: Path, setting: str, value: Any
) -> None:
    with pytest.raises(HostingError):
        PrivateAsterisk(
            tmp_path, sip_port=15067, http_port=18094, rtp_port_first=20950, **{setting: value}
        )


ORPHAN = """
import sys, time
from pathlib import Path
from typing import Any
from tests.parts import PrivateAsterisk, PrivatePostgres
asterisk = PrivateAsterisk(Path(sys.argv[1]) / "a", sip_port=15068, http_port=18095,
                           rtp_port_first=20960)
postgres = PrivatePostgres(Path(sys.argv[1]) / "p")
asterisk.start(); postgres.start()
print(asterisk.process.pid, postgres.process.pid, flush=True)
time.sleep(60)
"""


def test_a_killed_parent_leaves_no_orphans(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        children = [int(number) for number in parent.stdout.readline().split()]
        assert len(children) == 2
        parent.kill()
    assert wait_until(lambda: not any(map(alive, children)), limit_seconds=30)


def test_what_an_earlier_start_left_is_ended(tmp_path: Path) -> None:
    first = PrivateAsterisk(tmp_path, sip_port=15069, http_port=18096, rtp_port_first=20970)
    first.start()
    assert first.process is not None
    second = PrivateAsterisk(tmp_path, sip_port=15069, http_port=18096, rtp_port_first=20970)
    with second:
        assert first.process.wait(timeout=30) is not None
        assert second.answers()


FIRST_THREAD_ENDS = """
import ctypes, socket, sys, threading, time
port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port.bind(("127.0.0.1", int(sys.argv[1])))
threading.Thread(target=time.sleep, args=(600,)).start()
print("bound", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_whose_first_thread_has_ended_still_has_its_ports(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    output = tmp_path / "output"
    left = start_child(
        [sys.executable, "-c", FIRST_THREAD_ENDS, "15079"],
        pid_file=pid_file,
        output=output,
        environment=system_environment(),
    )
    stat = Path(f"/proc/{left.pid}/stat")
    assert wait_until(lambda: ") Z " in stat.read_text(), limit_seconds=10)
    assert "bound" in output.read_text()
    port = Place("udp", "127.0.0.1", 15079, "CALLCENTER_SIP_PORT")
    assert "15079/udp" in taken(port)
    said: list[str] = []
    assert end_leftover(pid_file, first=signal.SIGTERM, patience_seconds=5, say=said.append)
    assert said == [f"pid of an earlier start still runs (process {left.pid}): ending it"]
    assert not taken(port)
    assert left.wait() == -signal.SIGTERM


def test_a_recycled_process_number_is_left_alone(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "600"])
    (tmp_path / "asterisk.pid").write_text(f"{bystander.pid} 1\n")
    with PrivateAsterisk(tmp_path, sip_port=15070, http_port=18097, rtp_port_first=20980):
        assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


# ---- PostgreSQL ----------------------------------------------------------------------------------


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PrivatePostgres]:
    with PrivatePostgres(tmp_path) as own:
        yield own


async def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            answer = await connection.execute(text(statement))
            return [tuple(row) for row in answer.fetchall()] if answer.returns_rows else []
    finally:
        await engine.dispose()


@pytest.mark.parametrize("end", [Postgres.kill, Postgres.stop])
async def test_what_was_committed_outlives_the_server(
    postgres: PrivatePostgres, end: Callable[[Postgres], None]
) -> None:
    await execute(postgres.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    end(postgres)
    url = postgres.start()
    assert await execute(url, "SELECT count(*) FROM kept") == [(1000,)]


async def test_it_listens_on_no_port_and_checks_its_pages(postgres: PrivatePostgres) -> None:
    asked = "SELECT current_setting('listen_addresses'), current_setting('data_checksums')"
    assert await execute(postgres.url, asked) == [("", "on")]


async def test_it_sorts_by_code_point_and_knows_thai_letters(postgres: PrivatePostgres) -> None:
    asked = "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = 'callcenter'"
    assert await execute(postgres.url, asked) == [("b", "C.UTF-8")]


def test_a_stale_pid_file_does_not_keep_it_from_starting(postgres: PrivatePostgres) -> None:
    postgres.kill()
    pid_file = postgres.directory / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    postgres.start()


def test_data_of_another_version_is_refused_with_advice(postgres: PrivatePostgres) -> None:
    postgres.stop()
    (postgres.directory / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(HostingError, match="pg_dumpall"):
        postgres.start()


def test_a_path_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostingError, match="CALLCENTER_DATA_DIR"):
        PrivatePostgres(tmp_path / ("x" * 90)).start()


def test_the_server_does_not_run_as_root(postgres: PrivatePostgres) -> None:
    assert postgres.process is not None
    status = Path(f"/proc/{postgres.process.pid}/status").read_text()
    assert "Uid:\t0" not in status


def test_it_runs_below_the_place_where_root_has_it_see_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.hosting.namespace.PLACES", (tmp_path, Path("/mnt")))
    with PrivatePostgres(tmp_path) as own:
        assert own.ready()


def test_programs_that_its_user_may_not_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the tests; a file that root cannot close to itself says it for the loader."""
    program = tmp_path / "programs" / "18" / "bin" / "initdb"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho cannot open libpq.so: Permission denied >&2; exit 127\n")
    program.chmod(0o755)
    monkeypatch.setenv("CALLCENTER_PG_BIN", str(program.parent))
    monkeypatch.setattr("callcenter.hosting.postgres.is_root", lambda: True)
    monkeypatch.setattr(os, "chown", lambda *_who: None)
    with pytest.raises(HostingError, match=rf"chmod -R go\+rX {tmp_path}/programs"):
        Postgres(directory=tmp_path / "own").start()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
