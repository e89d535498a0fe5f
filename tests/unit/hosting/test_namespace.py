"""Where a server that root starts as somebody else finds its folders."""

import os
from pathlib import Path

import pytest

from callcenter.hosting import postgres_command, prometheus
from callcenter.hosting.namespace import Namespace
from callcenter.hosting.postgres_command import data_inside, server_command
from callcenter.hosting.prometheus import Prometheus
from callcenter.hosting.prometheus_programs import PrometheusPrograms


@pytest.mark.parametrize(
    ("programs", "data", "place"),
    [
        ("/opt/programs", "/var/data", "/mnt"),
        ("/mnt/programs", "/var/data", "/media"),
        ("/opt/programs", "/mnt", "/media"),
        ("/media/programs", "/mnt/disk/data", "/srv"),
        ("/opt/programs", "/mntx/data", "/mnt"),
    ],
)
def test_no_folder_is_hidden_by_the_place_of_both(programs: str, data: str, place: str) -> None:
    seen = Namespace(programs=Path(programs), data=Path(data))
    assert seen.place == Path(place)
    assert seen.enter()[-3:] == [place, programs, data]


def test_a_folder_is_where_its_link_leads(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/mnt/disk")
    seen = Namespace(programs=Path("/opt/programs"), data=link / "data")
    assert seen.enter()[-3:] == ["/media", "/opt/programs", "/mnt/disk/data"]


def test_postgresql_is_told_the_same_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_command, "is_root", lambda: True)
    monkeypatch.setenv("CALLCENTER_PG_BIN", "/mnt/pg/18/bin")
    data = Path("/var/data")
    command = server_command("postgres", data=data, user="root")
    assert data_inside(data) == "/media/data"
    assert command[-3:] == ["/media/programs/18/bin/postgres", "-D", "/media/data"]


def test_prometheus_is_told_the_same_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(prometheus, "_is_root", lambda: True)
    monkeypatch.setattr(os, "chown", lambda *_: None)
    monkeypatch.setattr(prometheus, "start_child", lambda command, **_: commands.append(command))
    programs = PrometheusPrograms(folder=Path("/mnt/programs"), version=(2, 53, 0))
    Prometheus(programs=programs, directory=tmp_path, targets=[], port=9, user="root").launch()
    assert "/media/programs/prometheus" in commands[0]
    assert "--storage.tsdb.path=/media/data/data" in commands[0]
