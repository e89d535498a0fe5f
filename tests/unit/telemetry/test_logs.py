"""What is written when something goes wrong: where it was, never what a stranger sent."""

import json
import logging
import subprocess
import sys

from callcenter.config import SettingsError
from callcenter.telemetry.logs import told

CALLER = "0812345678"


def _fails(error: Exception, cause: Exception | None = None) -> dict[str, object]:
    try:
        raise error from cause
    except (ValueError, OSError) as caught:
        return told(caught, caught.__traceback__)


def test_a_library_s_text_is_not_repeated() -> None:
    said = _fails(ValueError(f"invalid input syntax: {CALLER}"), KeyError(CALLER))
    assert said["kind"] == "ValueError"
    assert CALLER not in json.dumps(said)
    assert "test_logs.py" in json.dumps(said)


def test_our_own_text_and_the_system_s_are() -> None:
    assert _fails(SettingsError("CALLCENTER_X: what to do"))["text"] == "CALLCENTER_X: what to do"
    assert _fails(OSError(28, "No space left on device"))["text"] == "No space left on device"


PROGRAM = """
import logging, structlog
from callcenter.config import LogFormat, LogLevel
from callcenter.telemetry.logs import configure
configure(LogFormat.{form}, LogLevel.INFO)
log = structlog.get_logger("callcenter.x")
log.debug("not this")
log.info("connected", legs=3)
try:
    {{}}["{caller}"]
except KeyError:
    log.exception("request failed", number="ab12")
    logging.getLogger("some.library").exception("it broke: %s", "see above")
logging.getLogger("aiohttp.server").error("a stranger's request")
"""


def lines_of(form: str) -> list[str]:
    program = PROGRAM.format(form=form, caller=CALLER)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_machines_get_one_object_a_line_on_stderr() -> None:
    first, second, third = (json.loads(line) for line in lines_of("JSON"))
    assert (first["event"], first["legs"], first["level"]) == ("connected", 3, "info")
    assert first["logger"] == "callcenter.x"
    assert first["timestamp"].endswith("Z")
    assert second["exception"]["kind"] == third["exception"]["kind"] == "KeyError"
    assert third["event"] == "it broke: see above"
    assert CALLER not in json.dumps([first, second, third])


def test_people_get_text_without_the_stranger_s_words() -> None:
    said = "\n".join(lines_of("TEXT"))
    assert "connected" in said
    assert said.count("KeyError") == 2
    assert "Traceback" not in said
    assert CALLER not in said


def test_this_test_s_own_process_is_left_alone() -> None:
    assert not any("structlog" in type(h).__module__ for h in logging.getLogger().handlers)


CARELESS = """
import logging, structlog
from callcenter.config import LogFormat, LogLevel
from callcenter.telemetry.logs import configure
configure(LogFormat.JSON, LogLevel.INFO)
log = structlog.get_logger("callcenter.x")
log.info("careless", caller="{caller}", Name="Somchai", call="1700000000.1",
         row={{"caller": "{caller}", "line": "1567"}}, password="hunter2")
logging.getLogger("some.library").info("also", extra={{"caller": "{caller}"}})
"""


def test_a_field_about_a_person_loses_its_value_whoever_writes_it() -> None:
    program = CARELESS.format(caller=CALLER)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    line = json.loads(done.stderr.splitlines()[0])

    assert CALLER not in done.stderr
    assert "Somchai" not in done.stderr
    assert "hunter2" not in done.stderr
    assert line["caller"] == line["Name"] == line["row"]["caller"] == "(withheld)"
    assert (line["call"], line["row"]["line"]) == ("1700000000.1", "1567")
