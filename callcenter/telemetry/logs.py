"""The log: constant messages with fields, one JSON object (or one readable line) each, to stderr.

`callcenter serve` sets it up once. Every module then uses `structlog.get_logger`. Messages of
libraries go the same way. A library's exception may quote what a stranger sent (a caller ID in a
failed statement, a token in a bad request). So only its kind and place are written, never its text.
The text of our own exceptions and of the operating system's is written.
"""

import logging
import sys
import traceback
from types import TracebackType

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from callcenter.config import LogFormat, LogLevel

WITHHELD = "(withheld)"
ABOUT_PEOPLE = frozenset(
    (
        *("caller", "caller_id", "caller_number", "phone", "did", "name", "address", "text"),
        *("body", "password", "token", "secret", "sip_secret", "contact"),
    )
)
"""Fields with personal data or secrets. Their values are never written, even if a line of code
passes one by mistake. A call is named by `call`, an operator by `operator`."""

FRAMES_MOST = 20  # frames of a stack, the innermost ones
QUIET = {
    "aiohttp.server": logging.CRITICAL,  # strangers may send many malformed requests
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}


def configure(kind: LogFormat, level: LogLevel) -> None:
    """Log everything in this form and from this level on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_strangers_text,
        _without_people,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    last: list[Processor] = [ProcessorFormatter.remove_processors_meta, *_renderers(kind)]
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.value.upper())
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)


def _renderers(kind: LogFormat) -> list[Processor]:
    if kind is LogFormat.JSON:
        return [structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [_readable, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def _readable(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A form for people: each exception and each of its frames on a line of its own."""
    said, lines = event.pop("exception", None), []
    while said is not None:
        lines += [f"{said['kind']}: {said.get('text', '')}", *(f"  {f}" for f in said["frames"])]
        said = said.get("cause")
    if lines:
        event["exception"] = "\n".join(lines)
    return event


def _without_strangers_text(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the exception's kind, its place, and its text if the exception is
    ours."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[1] is not None:
        event["exception"] = told(found[1], found[2])
    return event


def _without_people(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Remove the values of fields about people, also inside other fields."""
    return {key: _withheld(key, value) for key, value in event.items()}


def _withheld(key: str, value: object) -> object:
    if key.lower() in ABOUT_PEOPLE:
        return WITHHELD
    if isinstance(value, dict) and key != "exception":
        return {inner: _withheld(str(inner), held) for inner, held in value.items()}
    return value


def told(error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    """What may be logged of an exception: kind, text if harmless, frames, and its cause."""
    frames = traceback.extract_tb(trace)[-FRAMES_MOST:]
    said: dict[str, object] = {
        "kind": type(error).__name__,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, OSError):
        said["text"] = error.strerror or ""
    elif type(error).__module__.startswith("callcenter."):
        said["text"] = str(error)
    if error.__cause__ is not None:
        said["cause"] = told(error.__cause__, error.__cause__.__traceback__)
    return said
