"""Our own parts are asked directly: in an office the environment often names a proxy."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from callcenter.hosting.asterisk import Asterisk
from callcenter.hosting.asterisk_files import AsteriskSettings
from callcenter.hosting.asterisk_root import AsteriskRoot
from callcenter.hosting.prometheus import Prometheus
from callcenter.hosting.prometheus_programs import PrometheusPrograms
from callcenter.hosting.service import Service


class Well(BaseHTTPRequestHandler):
    """Whatever is asked, it is well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": {}}')

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server = HTTPServer(("127.0.0.1", 0), Well)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_every_part_is_seen_past_a_proxy(port: int, tmp_path: Path) -> None:
    asterisk = Asterisk(
        root=AsteriskRoot(directory=None, version=(22, 10, 1)),
        directory=tmp_path,
        settings=AsteriskSettings(ari_password=16 * "s", http_port=port),
    )
    assert asterisk.answers()
    programs = PrometheusPrograms(folder=tmp_path, version=(2, 53, 0))
    prometheus = Prometheus(programs=programs, directory=tmp_path, targets=[], port=port)
    assert prometheus.ready()
    assert Service(url=f"http://127.0.0.1:{port}", directory=tmp_path, environment={}).ready()
