"""Callers wait while the service starts: what it reads, and who is let in before it is ready."""

import socket
import subprocess
import sys
import time

import pytest

from callcenter.timeline import Timeline, process_age_seconds
from callcenter.web.listening import listen

FOR_PEOPLE_AND_RECORDS = ("sqlalchemy", "alembic", "asyncpg", "argon2", "typer")


def test_calls_wait_for_no_module_of_people_and_records() -> None:
    read = subprocess.run(
        [sys.executable, "-c", "import callcenter.app, sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "callcenter.app" in read
    late = {name for name in FOR_PEOPLE_AND_RECORDS if name in read}
    assert not late


def test_the_timeline_begins_with_the_process() -> None:
    age = process_age_seconds()
    timeline = Timeline()
    assert timeline.milliseconds["interpreter"] >= age * 1000 - 1
    time.sleep(0.01)
    timeline.over("a phase")
    assert timeline.milliseconds["a phase"] >= 10
    assert timeline.total() == pytest.approx(sum(timeline.milliseconds.values()), abs=2)


def test_who_asks_before_the_api_is_built_waits_instead_of_being_refused() -> None:
    (place,) = listen("127.0.0.1", 0)
    with place, socket.create_connection(place.getsockname(), timeout=30) as asking:
        asking.sendall(b"GET /readyz HTTP/1.1\r\n\r\n")
        place.setblocking(True)
        accepted, _ = place.accept()
        with accepted:
            assert accepted.recv(3) == b"GET"


def test_an_address_that_is_taken_is_an_error_at_once() -> None:
    (place,) = listen("127.0.0.1", 0)
    with place, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", place.getsockname()[1])
