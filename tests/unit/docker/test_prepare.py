"""What `prepare` writes and to whom it gives it, also beside servers that are at work."""

import importlib.util
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from callcenter.hosting.errors import HostingError
from callcenter.hosting.ownership import give
from callcenter.hosting.stack_settings import read_settings

PREPARE = Path(__file__).resolve().parents[3] / "docker" / "prepare.py"
OWNER = os.getuid()
GIVEN_TIMES = 1000


@pytest.fixture(scope="module")
def prepare() -> ModuleType:
    """docker/prepare.py, which lies in no package."""
    spec = importlib.util.spec_from_file_location("prepare_of_docker", PREPARE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_what_a_server_deletes_meanwhile_is_no_fault(tmp_path: Path) -> None:
    with files_come_and_go(tmp_path / "live"):
        for _ in range(GIVEN_TIMES):
            give(tmp_path, OWNER)


def test_what_has_its_owner_already_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "file"
    file.parent.mkdir()
    file.write_text("kept")
    give(tmp_path, OWNER)
    before = [path.lstat().st_ctime_ns for path in (tmp_path, file.parent, file)]
    give(tmp_path, OWNER)
    assert [path.lstat().st_ctime_ns for path in (tmp_path, file.parent, file)] == before


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        (tmp_path / "file").write_text("")
        give(tmp_path / "file", OWNER)


def test_the_folder_has_the_mode_that_is_asked_for(tmp_path: Path) -> None:
    for mode in (0o755, 0o700):
        give(tmp_path, OWNER, mode=mode)
        assert tmp_path.stat().st_mode & 0o7777 == mode


def test_whom_prometheus_asks_is_where_the_service_listens(
    prepare: ModuleType, tmp_path: Path
) -> None:
    ports = prepare.read_ports({"PROMETHEUS_PORT": "19590", "ALERTMANAGER_PORT": ""})
    addresses = {"0.0.0.0": "127.0.0.1", "192.0.2.10": "192.0.2.10", "2001:db8::1": "[2001:db8::1]"}
    for listens, asked in addresses.items():
        settings = read_settings({"CALLCENTER_WEB_ADDRESS": listens, "CALLCENTER_WEB_PORT": "81"})
        prepare.write_targets(tmp_path / "targets", settings, ports, owner=OWNER)
        assert targets(tmp_path / "targets") == {
            "callcenter": f"{asked}:81",
            "prometheus": "127.0.0.1:19590",
            "alertmanager": "127.0.0.1:9093",
        }


def test_a_written_file_is_readable_by_its_owner_alone(prepare: ModuleType, tmp_path: Path) -> None:
    for text in ("first", "second"):
        prepare.write_private(tmp_path / "file", text, owner=OWNER)
        assert (tmp_path / "file").read_text() == text
        assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("port", ["0", "65536", "๙๐๙๐", "-1", "x"])
def test_a_port_that_is_none_is_named(prepare: ModuleType, port: str) -> None:
    with pytest.raises(HostingError, match="ALERTMANAGER_PORT"):
        prepare.read_ports({"ALERTMANAGER_PORT": port})


def test_a_mistake_is_one_sentence_and_a_status(
    prepare: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare.main(["everywhere", str(tmp_path)], {}) == 2
    assert prepare.main(["containers", str(tmp_path)], {"CALLCENTER_SIP_PORT": "x"}) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage: prepare.py" in told.err and "CALLCENTER_SIP_PORT" in told.err


def targets(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in folder.glob("*.json"):
        ((found[file.stem],),) = (group["targets"] for group in json.loads(file.read_text()))
    return found


@contextmanager
def files_come_and_go(folder: Path) -> Iterator[None]:
    """A server at work: files and folders appear and vanish."""
    enough = threading.Event()

    def work() -> None:
        while not enough.is_set():
            for number in range(20):
                (folder / f"{number}").mkdir(parents=True)
                (folder / f"{number}" / "file").write_text("")
            for number in range(20):
                (folder / f"{number}" / "file").unlink()
                (folder / f"{number}").rmdir()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        enough.set()
        worker.join()
