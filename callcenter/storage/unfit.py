"""Facts that PostgreSQL refuses: how they are recognised, cleaned and set aside. Pure.

A text with a zero byte, a number out of range, or a stamp in the year 300,000 fails at every
attempt. It must not be tried for ever.
"""

import dataclasses
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import msgspec

from callcenter.runtime.record import Envelope, Unreadable
from callcenter.storage.rows import DeadLetter

UNFIT_ERRORS = (asyncpg.PostgresError, ValueError, TypeError, OverflowError)
"""Errors that unfit data raises. `is_unfit` tells them from a server in trouble."""

LOST = "lost"  # the kind of a dead letter that stands for lost facts

_UNFIT = ("22", "23")  # SQLSTATE: data exception, integrity violation (PostgreSQL, appendix A)


def is_unfit(error: BaseException) -> bool:
    """Whether the data was bad, so that another attempt would fail in the same way."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(_UNFIT)
    return True  # the driver could not turn a value into bytes


def letter(entry: Envelope, reason: BaseException) -> DeadLetter:
    """The unchanged fact as a dead letter."""
    return DeadLetter(entry.seq, entry.kind, bytes(entry.raw), type(reason).__name__, entry.wall)


def lost_letter(behind: Envelope, count: int) -> DeadLetter:
    """A dead letter that says how many facts before this one are lost."""
    text = f"{count} facts before this one are neither in the journal nor in the tables"
    return DeadLetter(behind.seq - 1, LOST, msgspec.msgpack.encode(count), text, behind.wall)


def cleaned(entry: Envelope) -> Envelope:
    """The fact without zero bytes, which PostgreSQL accepts in no text."""
    fact = entry.fact()
    if isinstance(fact, Unreadable):
        return entry
    texts: dict[str, Any] = {
        field.name: value.replace("\x00", "\ufffd")
        for field in dataclasses.fields(fact)
        if type(value := getattr(fact, field.name)) is str
    }
    raw = msgspec.Raw(msgspec.msgpack.encode(dataclasses.replace(fact, **texts)))
    return msgspec.structs.replace(entry, raw=raw)
